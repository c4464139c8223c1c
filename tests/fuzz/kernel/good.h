/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A client that does everything right, to see that the device still works.
 */
#ifndef DAEDALUS_FUZZ_GOOD_H
#define DAEDALUS_FUZZ_GOOD_H

#include "corpus.h"
#include "trace.h"

/* Exit status: a job missed its deadline, for example because this machine stood still. */
#define GOOD_LATE	75

/**
 * good_decode() - decode a clip, one frame at a time
 * @actor:	of the caller; trace_wrong() tells what is not as it must be
 * @wait_ms:	the most that a frame may take
 *
 * All pictures must come without an error, and their MD5 must be that of the clip. If one
 * misses its deadline, the process ends with GOOD_LATE.
 */
void good_decode(struct actor *actor, const struct corpus *clip, unsigned int wait_ms);

/**
 * good_stream() - submit frames as good_decode(), to a daemon that does what it likes
 * @count:	frames
 *
 * Each picture must come, with or without an error, before @wait_ms have passed. Returns
 * early if the node goes away.
 */
void good_stream(struct actor *actor, const struct corpus *clip, unsigned int count,
		 unsigned int wait_ms);

#endif /* DAEDALUS_FUZZ_GOOD_H */
