/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef GST_DAEDALUS_VP9_DEC_H
#define GST_DAEDALUS_VP9_DEC_H

#include "core/gstdaedalusdec.h"

G_BEGIN_DECLS

#define GST_TYPE_DAEDALUS_VP9_DEC (gst_daedalus_vp9_dec_get_type ())
G_DECLARE_FINAL_TYPE (GstDaedalusVp9Dec, gst_daedalus_vp9_dec, GST,
    DAEDALUS_VP9_DEC, GstDaedalusDec)

G_END_DECLS
#endif
