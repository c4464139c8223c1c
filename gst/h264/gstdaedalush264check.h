/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Checks whether an H.264 stream can be decoded.
 */
#ifndef GST_DAEDALUS_H264_CHECK_H
#define GST_DAEDALUS_H264_CHECK_H

#include "gstdaedalush264frame.h"

#include <gst/gst.h>

G_BEGIN_DECLS

gboolean gst_daedalus_h264_check_caps (const GstStructure * s,
    GError ** error);
gboolean gst_daedalus_h264_check_nal_type (guint type, GError ** error);
gboolean gst_daedalus_h264_check_sps (const GstH264SPS * sps, GError ** error);
gboolean gst_daedalus_h264_check_pps (const GstH264PPS * pps, GError ** error);
gboolean gst_daedalus_h264_check_slice (const GstH264SliceHdr * slice,
    const GstH264SPS * sps, gint64 last_first_mb, GError ** error);

G_END_DECLS
#endif
