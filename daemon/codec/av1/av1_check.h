/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Checks the controls of an AV1 request, which come from a client. Every value is
 * checked once, before headers are written from it.
 */
#ifndef DAEDALUS_AV1_CHECK_H
#define DAEDALUS_AV1_CHECK_H

#include "av1_frame.h"
#include "daedalus_v4l2_proto.h"

/**
 * av1_sequence_check() - are the values of the sequence legal and supported?
 *
 * Return: NULL, or a phrase on what is wrong (static text), with @status set.
 */
const char *av1_sequence_check(const struct v4l2_ctrl_av1_sequence *sequence,
			       enum daedalus_status *status);

/**
 * av1_frame_init() - check the frame's controls and derive the other fields
 * @frame:	on entry @sequence, @control, @grain, @tiles and @num_tiles are set and
 *		@sequence is checked; the function sets the other fields
 * @size:	bytes of the OUTPUT payload; the tiles must lie within it
 *
 * Return: NULL, or a phrase on what is wrong (static text), with @status set.
 */
const char *av1_frame_init(struct av1_frame *frame, size_t size, enum daedalus_status *status);

#endif /* DAEDALUS_AV1_CHECK_H */
