/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The decoded picture buffer of H.264: marking of references (ITU-T H.264
 * 8.2.5), picture order counts (8.2.1) and output order (C.4.5.3). Bookkeeping
 * only: it needs neither a device nor an element.
 */
#ifndef GST_DAEDALUS_H264_DPB_H
#define GST_DAEDALUS_H264_DPB_H

#include "gstdaedalush264frame.h"

G_BEGIN_DECLS

GstDaedalusH264Dpb *gst_daedalus_h264_dpb_new (GDestroyNotify free_data);
void gst_daedalus_h264_dpb_free (GstDaedalusH264Dpb * dpb);
void gst_daedalus_h264_dpb_clear (GstDaedalusH264Dpb * dpb);
void gst_daedalus_h264_dpb_set_sps (GstDaedalusH264Dpb * dpb,
    const GstH264SPS * sps, gboolean live);
void gst_daedalus_h264_dpb_get_delay (const GstDaedalusH264Dpb * dpb,
    guint * min, guint * max);
guint gst_daedalus_h264_dpb_get_capacity (const GstDaedalusH264Dpb * dpb);
gboolean gst_daedalus_h264_dpb_is_second_field (const GstDaedalusH264Dpb * dpb,
    const GstDaedalusH264PicInfo * info);
GstDaedalusH264Frame *gst_daedalus_h264_dpb_start_picture (GstDaedalusH264Dpb *
    dpb, const GstDaedalusH264PicInfo * info);
void gst_daedalus_h264_dpb_end_picture (GstDaedalusH264Dpb * dpb,
    const GstDaedalusH264PicInfo * info, gboolean show);
void gst_daedalus_h264_dpb_drain (GstDaedalusH264Dpb * dpb);
GstDaedalusH264Frame *gst_daedalus_h264_dpb_pop (GstDaedalusH264Dpb * dpb);
guint gst_daedalus_h264_dpb_get_references (const GstDaedalusH264Dpb * dpb,
    const GstDaedalusH264Frame * refs[GST_DAEDALUS_H264_MAX_DPB_FRAMES]);

G_END_DECLS
#endif
