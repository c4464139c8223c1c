/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Headers that GstAV1Parser of codecparsers has read, as V4L2 has them.
 */
#ifndef AV1_EXPECT_H
#define AV1_EXPECT_H

/* The parser's API is not declared stable. */
#define GST_USE_UNSTABLE_API
#include <gst/codecparsers/gstav1parser.h>
#include <linux/v4l2-controls.h>

G_BEGIN_DECLS

/* Fills @to. */
void av1_expect_sequence (struct v4l2_ctrl_av1_sequence *to,
    const GstAV1SequenceHeaderOBU * t);

/* Fills @to but for reference_frame_ts. What the parser gets wrong is taken from
 * @ours. */
void av1_expect_frame (struct v4l2_ctrl_av1_frame *to,
    const GstAV1FrameHeaderOBU * from, const struct v4l2_ctrl_av1_frame *ours);

/* Fills @to. */
void av1_expect_grain (struct v4l2_ctrl_av1_film_grain *to,
    const GstAV1FilmGrainParams * from);

G_END_DECLS
#endif
