/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What an H.264 stream says of how its pictures are to be shown: the visible
 * part, the VUI (annex E), HDR and fields.
 */
#ifndef GST_DAEDALUS_H264_INFO_H
#define GST_DAEDALUS_H264_INFO_H

#include "gstdaedalush264dpb.h"

#include <gst/video/video.h>

G_BEGIN_DECLS

GstVideoCodecState *gst_daedalus_h264_describe (GstVideoCodecState *
    input_state, const GstH264SPS * sps,
    const GstH264MasteringDisplayColourVolume * mastering,
    const GstH264ContentLightLevel * light);
void gst_daedalus_h264_size (const GstH264SPS * sps, const GstStructure * s,
    GstVideoRectangle * visible);
guint gst_daedalus_h264_buffer_flags (const GstDaedalusH264Frame * frame,
    const GstH264SPS * sps, gint pic_struct);

G_END_DECLS
#endif
