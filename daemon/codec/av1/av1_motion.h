/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Global motion parameters of a frame header: global_motion_params(), 5.9.24 and 5.9.25. */
#ifndef DAEDALUS_AV1_MOTION_H
#define DAEDALUS_AV1_MOTION_H

#include "av1_frame.h"
#include "av1_refs.h"
#include "codec/bit_writer.h"

/**
 * av1_motion_check() - is control->global_motion legal?
 *
 * Return: NULL, or a phrase on what is wrong (static text).
 */
const char *av1_motion_check(const struct av1_frame *frame);

/** av1_put_global_motion() - global_motion_params(); @frame is not intra */
void av1_put_global_motion(struct bit_writer *writer, const struct av1_frame *frame,
			   const struct av1_refs *refs);

#endif /* DAEDALUS_AV1_MOTION_H */
