/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Converts the structs of GstAV1Parser to V4L2 controls. */
#ifndef GST_DAEDALUS_AV1_CONTROLS_H
#define GST_DAEDALUS_AV1_CONTROLS_H

#include "gstdaedalusav1seq.h"

#include <linux/v4l2-controls.h>

G_BEGIN_DECLS

void gst_daedalus_av1_fill_sequence (struct v4l2_ctrl_av1_sequence *to,
    const GstAV1SequenceHeaderOBU * from);
void gst_daedalus_av1_fill_frame (struct v4l2_ctrl_av1_frame *to,
    const GstAV1FrameHeaderOBU * from);
void gst_daedalus_av1_fill_film_grain (struct v4l2_ctrl_av1_film_grain *to,
    const GstAV1FilmGrainParams * from);

G_END_DECLS
#endif
