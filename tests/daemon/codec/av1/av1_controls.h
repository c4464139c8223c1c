/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Converts the structures of GStreamer's AV1 parser to the V4L2 stateless controls. */
#ifndef DAEDALUS_TESTS_AV1_CONTROLS_H
#define DAEDALUS_TESTS_AV1_CONTROLS_H

#define GST_USE_UNSTABLE_API
#include <gst/codecparsers/gstav1parser.h>
#include <linux/videodev2.h>

/** av1_fill_sequence() - V4L2_CID_STATELESS_AV1_SEQUENCE */
void av1_fill_sequence(struct v4l2_ctrl_av1_sequence *control,
		       const GstAV1SequenceHeaderOBU *header);

/** av1_fill_frame() - V4L2_CID_STATELESS_AV1_FRAME, without reference_frame_ts */
void av1_fill_frame(struct v4l2_ctrl_av1_frame *control, const GstAV1FrameHeaderOBU *header);

/** av1_fill_grain() - V4L2_CID_STATELESS_AV1_FILM_GRAIN */
void av1_fill_grain(struct v4l2_ctrl_av1_film_grain *control,
		    const GstAV1FilmGrainParams *params);

#endif /* DAEDALUS_TESTS_AV1_CONTROLS_H */
