/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/gstdaedalusformat.h"
#include "gstdaedalusav1bits.h"
#include "gstdaedalusav1info.h"

#include <string.h>

/* metadata_type, section 6.7.1 */
#define METADATA_TYPE_HDR_CLL 1
#define METADATA_TYPE_HDR_MDCV 2

/* Chromaticities are 0.16 fixed point; GStreamer counts in 0.00002. */
static guint16
read_chromaticity (GstDaedalusAv1Bits *b)
{
  return (gst_daedalus_av1_bits_f (b, 16) * 50000u + (1u << 15)) >> 16;
}

/* Luminances have @fraction bits behind the point; GStreamer counts in 0.0001. */
static guint32
read_luminance (GstDaedalusAv1Bits *b, guint fraction)
{
  guint64 value = gst_daedalus_av1_bits_f (b, 32) * G_GUINT64_CONSTANT (10000);

  value = (value + (G_GUINT64_CONSTANT (1) << fraction) / 2) >> fraction;
  return MIN (value, G_MAXUINT32);
}

/**
 * gst_daedalus_av1_hdr_parse:
 * @hdr: updated, if @obu has something to say of it
 * @obu: OBU_METADATA
 *
 * Metadata of other types or that is truncated is ignored, as decoding does not
 * depend on it.
 */
void
gst_daedalus_av1_hdr_parse (GstDaedalusHdr *hdr, const GstDaedalusAv1Obu *obu)
{
  GstVideoMasteringDisplayInfo mastering;
  GstVideoContentLightLevel light;
  GstDaedalusAv1Bits bits, *b = &bits;
  guint64 type;
  guint i;

  gst_daedalus_av1_bits_init (b, obu->data, obu->size);
  type = gst_daedalus_av1_bits_leb128 (b);
  if (type == METADATA_TYPE_HDR_CLL) {
    memset (&light, 0, sizeof (light));
    light.max_content_light_level = gst_daedalus_av1_bits_f (b, 16);
    light.max_frame_average_light_level = gst_daedalus_av1_bits_f (b, 16);
    if (b->overrun)
      return;
    hdr->light = light;
    hdr->has_light = TRUE;
  } else if (type == METADATA_TYPE_HDR_MDCV) {
    memset (&mastering, 0, sizeof (mastering));
    for (i = 0; i < G_N_ELEMENTS (mastering.display_primaries); i++) {
      mastering.display_primaries[i].x = read_chromaticity (b);
      mastering.display_primaries[i].y = read_chromaticity (b);
    }
    mastering.white_point.x = read_chromaticity (b);
    mastering.white_point.y = read_chromaticity (b);
    mastering.max_display_mastering_luminance = read_luminance (b, 8);
    mastering.min_display_mastering_luminance = read_luminance (b, 14);
    if (b->overrun)
      return;
    hdr->mastering = mastering;
    hdr->has_mastering = TRUE;
  }
}

/**
 * gst_daedalus_av1_describe:
 * @description: what upstream's caps say of the pictures; gets what the stream says
 * @seq: the sequence header
 * @hdr: metadata of the stream
 *
 * Where the caps have a field they win.
 */
void
gst_daedalus_av1_describe (GstDaedalusDescription *description,
    const GstDaedalusAv1Sequence *seq, const GstDaedalusHdr *hdr)
{
  GstVideoInfo *info = &description->info;

  gst_daedalus_description_add_colors (description, seq->color_primaries,
      seq->transfer_characteristics, seq->matrix_coefficients,
      gst_daedalus_av1_sequence_has (seq, V4L2_AV1_SEQUENCE_FLAG_COLOR_RANGE),
      seq->control.max_frame_height_minus_1 + 1);
  gst_daedalus_description_add_hdr (description, hdr);

  if (info->chroma_site != GST_VIDEO_CHROMA_SITE_UNKNOWN)
    return;
  if (seq->chroma_sample_position == GST_DAEDALUS_AV1_CSP_VERTICAL)
    info->chroma_site = GST_VIDEO_CHROMA_SITE_MPEG2;
  else if (seq->chroma_sample_position == GST_DAEDALUS_AV1_CSP_COLOCATED)
    info->chroma_site = GST_VIDEO_CHROMA_SITE_COSITED;
}

/**
 * gst_daedalus_av1_check_caps:
 * @s: structure of the caps that a parser made
 * @error: set if it is not supported
 *
 * Refuses what cannot be decoded when another decoder can still be chosen.
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
