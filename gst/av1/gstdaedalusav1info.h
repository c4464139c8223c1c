/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What an AV1 stream says of how its pictures are to be shown. */
#ifndef GST_DAEDALUS_AV1_INFO_H
#define GST_DAEDALUS_AV1_INFO_H

#include "gstdaedalusav1obu.h"
#include "gstdaedalusav1seq.h"

#include <gst/video/video.h>

G_BEGIN_DECLS

/**
 * GstDaedalusAv1Hdr:
 * @has_mastering: @mastering is valid
 * @has_light: @light is valid
 * @changed: since whoever reads it cleared this
 * @mastering: metadata_hdr_mdcv(), in GStreamer's units
 * @light: metadata_hdr_cll()
 *
 * Metadata of the coded video sequence.
 */
typedef struct
{
  gboolean has_mastering;
  gboolean has_light;
  gboolean changed;
  GstVideoMasteringDisplayInfo mastering;
  GstVideoContentLightLevel light;
} GstDaedalusAv1Hdr;

void gst_daedalus_av1_hdr_parse (GstDaedalusAv1Hdr * hdr,
    const GstDaedalusAv1Obu * obu);
void gst_daedalus_av1_describe_colors (GstVideoInfo * info,
    const GstDaedalusAv1Sequence * seq);
GstVideoCodecState *gst_daedalus_av1_describe (GstVideoCodecState *
    input_state, const GstDaedalusAv1Sequence * seq,
    const GstDaedalusAv1Hdr * hdr);
gboolean gst_daedalus_av1_check_caps (const GstStructure * s, GError ** error);

G_END_DECLS
#endif
