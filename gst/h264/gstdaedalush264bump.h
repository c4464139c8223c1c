/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Frame buffers and output order of H.264, ITU-T H.264 A.3.1 and C.4. */
#ifndef GST_DAEDALUS_H264_BUMP_H
#define GST_DAEDALUS_H264_BUMP_H

#include "gstdaedalush264dpb-private.h"

G_BEGIN_DECLS

void gst_daedalus_h264_set_capacity (GstDaedalusH264Dpb * dpb,
    const GstH264SPS * sps, gboolean live);
void gst_daedalus_h264_store (GstDaedalusH264Dpb * dpb,
    GstDaedalusH264Entry * entry);
void gst_daedalus_h264_restart_order (GstDaedalusH264Dpb * dpb);
void gst_daedalus_h264_output_all (GstDaedalusH264Dpb * dpb);
void gst_daedalus_h264_output_none (GstDaedalusH264Dpb * dpb);

G_END_DECLS
#endif
