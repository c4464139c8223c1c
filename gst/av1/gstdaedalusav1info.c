/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/gstdaedalusformat.h"
#include "gstdaedalusav1info.h"

#include <string.h>

/* Bytes after metadata_type: 5.8.3 and 5.8.4 */
#define HDR_CLL_SIZE 4
#define HDR_MDCV_SIZE 24

/* f(n) of @n whole bytes */
static guint32
read_bytes (const guint8 *data, guint n)
{
  guint32 value = 0;

  while (n--)
    value = value << 8 | *data++;
  return value;
}

/* AV1 has 0.16 fixed point chromaticities, GStreamer has units of 0.00002. */
static guint16
read_chromaticity (const guint8 *data)
{
  return (read_bytes (data, 2) * 50000u + (1u << 15)) >> 16;
}

/* AV1 luminances have @fraction fractional bits, GStreamer has units of
 * 0.0001. */
static guint32
read_luminance (const guint8 *data, guint fraction)
{
  guint64 value = read_bytes (data, 4) * G_GUINT64_CONSTANT (10000);

  value = (value + (G_GUINT64_CONSTANT (1) << fraction) / 2) >> fraction;
  return MIN (value, G_MAXUINT32);
}

/**
 * gst_daedalus_av1_hdr_parse:
 * @hdr: (inout): updated if @obu has HDR metadata
 * @obu: OBU_METADATA
 *
 * Metadata of other types and truncated metadata are ignored, because decoding
 * does not depend on them.
 */
void
gst_daedalus_av1_hdr_parse (GstDaedalusHdr *hdr, const GstDaedalusAv1Obu *obu)
{
  GstVideoMasteringDisplayInfo mastering;
  GstVideoContentLightLevel light;
  const guint8 *data = obu->data;
  guint i;

  if (obu->size > HDR_CLL_SIZE && obu->data[0] == GST_AV1_METADATA_TYPE_HDR_CLL) {
    memset (&light, 0, sizeof (light));
    light.max_content_light_level = read_bytes (data + 1, 2);
    light.max_frame_average_light_level = read_bytes (data + 3, 2);
    hdr->light = light;
    hdr->has_light = TRUE;
  } else if (obu->size > HDR_MDCV_SIZE
      && obu->data[0] == GST_AV1_METADATA_TYPE_HDR_MDCV) {
    memset (&mastering, 0, sizeof (mastering));
    for (i = 0; i < G_N_ELEMENTS (mastering.display_primaries); i++) {
      mastering.display_primaries[i].x = read_chromaticity (data + 4 * i + 1);
      mastering.display_primaries[i].y = read_chromaticity (data + 4 * i + 3);
    }
    mastering.white_point.x = read_chromaticity (data + 13);
    mastering.white_point.y = read_chromaticity (data + 15);
    mastering.max_display_mastering_luminance = read_luminance (data + 17, 8);
    mastering.min_display_mastering_luminance = read_luminance (data + 21, 14);
    hdr->mastering = mastering;
    hdr->has_mastering = TRUE;
  }
}

/**
 * gst_daedalus_av1_describe:
 * @description: (inout): has the fields of upstream's caps; gets those of the
 *   stream
 * @seq: the sequence header
 * @hdr: HDR metadata of the stream
 *
 * A field of the caps takes precedence over the stream.
 */
void
gst_daedalus_av1_describe (GstDaedalusDescription *description,
    const GstAV1SequenceHeaderOBU *seq, const GstDaedalusHdr *hdr)
{
  const GstAV1ColorConfig *c = &seq->color_config;
  GstVideoInfo *info = &description->info;

  gst_daedalus_description_add_colors (description, c->color_primaries,
      c->transfer_characteristics, c->matrix_coefficients, c->color_range,
      seq->max_frame_height_minus_1 + 1);
  gst_daedalus_description_add_hdr (description, hdr);

  if (info->chroma_site != GST_VIDEO_CHROMA_SITE_UNKNOWN)
    return;
  if (c->chroma_sample_position == GST_AV1_CSP_VERTICAL)
    info->chroma_site = GST_VIDEO_CHROMA_SITE_MPEG2;
  else if (c->chroma_sample_position == GST_AV1_CSP_COLOCATED)
    info->chroma_site = GST_VIDEO_CHROMA_SITE_COSITED;
}

/**
 * gst_daedalus_av1_check_caps:
 * @s: structure of the caps that a parser made
 * @error: set if the stream is not supported
 *
 * Refuses unsupported streams while another decoder can still be chosen.
 *
 * Returns: %FALSE with %GST_DAEDALUS_ERROR_UNSUPPORTED
 */
gboolean
gst_daedalus_av1_check_caps (const GstStructure *s, GError **error)
{
  static const gchar *const profiles[] = { "main", "high", "professional" };
  const gchar *profile = gst_structure_get_string (s, "profile");
  GstDaedalusChroma chroma;
  guint bit_depth = 8, number = 0, i;

  for (i = 0; i < G_N_ELEMENTS (profiles); i++) {
    if (!g_strcmp0 (profile, profiles[i]))
      number = i;
  }
  chroma = gst_daedalus_chroma_from_caps (s, number == 1 ?
      GST_DAEDALUS_CHROMA_444 : GST_DAEDALUS_CHROMA_420);
  if (!g_strcmp0 (gst_structure_get_string (s, "colorimetry"), "sRGB"))
    chroma = GST_DAEDALUS_CHROMA_444;
  gst_structure_get_uint (s, "bit-depth-luma", &bit_depth);
  return gst_daedalus_av1_supported (number, bit_depth,
      GST_DAEDALUS_CHROMA_SUB_X (chroma), GST_DAEDALUS_CHROMA_SUB_Y (chroma),
      error);
}
