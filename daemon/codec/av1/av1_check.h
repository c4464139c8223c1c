/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The controls of an AV1 request come from a client. They are checked here once,
 * value by value, before anything is written from them.
 */
#ifndef DAEDALUS_AV1_CHECK_H
#define DAEDALUS_AV1_CHECK_H

#include "av1_frame.h"
#include "daedalus_v4l2_proto.h"

/**
 * av1_sequence_check() - can the stream be decoded, and are its values legal?
 *
 * Return: NULL, or a phrase on what is wrong, with @status set.
 */
const char *av1_sequence_check(const struct v4l2_ctrl_av1_sequence *sequence,
			       enum daedalus_status *status);

/**
 * av1_frame_init() - check the frame's controls and derive the rest
 * @frame:	@sequence, @control, @grain, @tiles and @num_tiles are set, @sequence is
 *		checked; the other fields are filled
 * @size:	bytes of the OUTPUT payload, in which the tiles must lie
 *
 * Return: NULL, or a phrase on what is wrong, with @status set.
 */
const char *av1_frame_init(struct av1_frame *frame, size_t size, enum daedalus_status *status);

#endif /* DAEDALUS_AV1_CHECK_H */
