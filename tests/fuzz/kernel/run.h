/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The command line of kernel-fuzz, and what its modes have in common.
 */
#ifndef DAEDALUS_FUZZ_RUN_H
#define DAEDALUS_FUZZ_RUN_H

#include <stdbool.h>
#include <stdint.h>

#include "corpus.h"
#include "dice.h"
#include "watch.h"

/**
 * struct options - the command line
 * @seed:	decides everything
 * @seconds:	how long to go on
 * @ops:	operations of a process; 0: by the seed
 * @replay:	do only this round, and print each operation; -1: all rounds
 * @slow:	factor for all times
 * @fault:	the last allocation of an operation that fails
 * @no_imports:	hostile clients import no memory; to narrow a failure down
 * @no_stalls:	and do not stall copies
 * @daemon:	path of daedalusd
 */
struct options {
	uint64_t seed;
	unsigned int seconds;
	unsigned int ops;
	int replay;
	unsigned int slow;
	unsigned int fault;
	bool no_imports;
	bool no_stalls;
	const char *daemon;
};

/** struct hostile - a process of hostile_run() */
struct hostile {
	struct dice dice;
	unsigned int ops;	/* of each thread */
	bool guarded;		/* the real daemon decodes */
	bool imports;
	bool stalls;
};

/** hostile_run() - be a hostile client; @data is a struct hostile */
void hostile_run(void *data);

/** hostile_can_stall() - does this kernel have userfaultfd for hostile clients? */
bool hostile_can_stall(void);

/** evil_run() - be a hostile daemon; @data is a struct hostile */
void evil_run(void *data);

/** run_good() - in a process of its own, decode a clip exactly; see good_decode() */
bool run_good(struct watch *watch, const struct corpus *clip);

/* The modes. Return: true if nothing failed. */
bool client_fuzz(const struct options *options, struct watch *watch);
bool daemon_fuzz(const struct options *options, struct watch *watch);
bool fault_suite(const struct options *options, struct watch *watch);
bool self_test(const struct options *options, struct watch *watch);

/** tap_result() - one line of TAP */
bool tap_result(bool good, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif /* DAEDALUS_FUZZ_RUN_H */
