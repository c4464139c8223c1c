/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Display information of an AV1 stream: colorimetry, HDR metadata, caps. */
#ifndef GST_DAEDALUS_AV1_INFO_H
#define GST_DAEDALUS_AV1_INFO_H

#include "core/gstdaedalusdescription.h"
#include "gstdaedalusav1obu.h"
#include "gstdaedalusav1seq.h"

G_BEGIN_DECLS

void gst_daedalus_av1_hdr_parse (GstDaedalusHdr * hdr,
    const GstDaedalusAv1Obu * obu);
void gst_daedalus_av1_describe (GstDaedalusDescription * description,
    const GstAV1SequenceHeaderOBU * seq, const GstDaedalusHdr * hdr);
gboolean gst_daedalus_av1_check_caps (const GstStructure * s, GError ** error);

G_END_DECLS
#endif
