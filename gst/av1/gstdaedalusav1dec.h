/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef GST_DAEDALUS_AV1_DEC_H
#define GST_DAEDALUS_AV1_DEC_H

#include "core/gstdaedalusdec.h"

G_BEGIN_DECLS

#define GST_TYPE_DAEDALUS_AV1_DEC (gst_daedalus_av1_dec_get_type ())
G_DECLARE_FINAL_TYPE (GstDaedalusAv1Dec, gst_daedalus_av1_dec, GST,
    DAEDALUS_AV1_DEC, GstDaedalusDec)

G_END_DECLS
#endif
