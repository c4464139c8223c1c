/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Display information of an H.264 stream: visible size, VUI (annex E), HDR
 * metadata, order of fields.
 */
#ifndef GST_DAEDALUS_H264_INFO_H
#define GST_DAEDALUS_H264_INFO_H

#include "core/gstdaedalusdescription.h"
#include "gstdaedalush264frame.h"

G_BEGIN_DECLS

void gst_daedalus_h264_read_hdr (GstDaedalusHdr * hdr,
    const GstH264SEIMessage * sei);
void gst_daedalus_h264_describe (GstDaedalusDescription * description,
    const GstStructure * s, const GstH264SPS * sps, const GstDaedalusHdr * hdr);
void gst_daedalus_h264_size (const GstH264SPS * sps, const GstStructure * s,
    GstVideoRectangle * visible);
guint gst_daedalus_h264_buffer_flags (const GstDaedalusH264Frame * frame,
    const GstH264SPS * sps, gint pic_struct);

G_END_DECLS
#endif
