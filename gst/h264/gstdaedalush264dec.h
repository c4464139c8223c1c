/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef GST_DAEDALUS_H264_DEC_H
#define GST_DAEDALUS_H264_DEC_H

#include "core/gstdaedalusdec.h"

G_BEGIN_DECLS

#define GST_TYPE_DAEDALUS_H264_DEC (gst_daedalus_h264_dec_get_type ())
G_DECLARE_FINAL_TYPE (GstDaedalusH264Dec, gst_daedalus_h264_dec, GST,
    DAEDALUS_H264_DEC, GstDaedalusDec)

G_END_DECLS
#endif
