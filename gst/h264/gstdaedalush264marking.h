/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Decoded reference picture marking of H.264, ITU-T H.264 8.2.5. */
#ifndef GST_DAEDALUS_H264_MARKING_H
#define GST_DAEDALUS_H264_MARKING_H

#include "gstdaedalush264dpb-private.h"

G_BEGIN_DECLS

void gst_daedalus_h264_unmark_all (GstDaedalusH264Dpb * dpb);
void gst_daedalus_h264_slide_window (GstDaedalusH264Dpb * dpb,
    const GstH264SPS * sps, guint frame_num);
void gst_daedalus_h264_mark_current (GstDaedalusH264Dpb * dpb,
    const GstDaedalusH264PicInfo * info);

G_END_DECLS
#endif
