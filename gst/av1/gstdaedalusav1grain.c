/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Film grain: 5.9.30. */
#include "gstdaedalusav1parser.h"

#define MAX_Y_POINTS 14
#define MAX_UV_POINTS 10

/* The points of one scaling function, which have to be in order. */
static gboolean
parse_points (GstDaedalusAv1Parser *p, const gchar *plane, guint max,
    guint8 *num, guint8 *values, guint8 *scaling)
{
  guint i;

  *num = gst_daedalus_av1_bits_f (&p->bits, 4);
  if (*num > max)
    return gst_daedalus_av1_parser_fail (p, "film grain has %u points for %s",
        *num, plane);
  for (i = 0; i < *num; i++) {
    values[i] = gst_daedalus_av1_bits_f (&p->bits, 8);
    scaling[i] = gst_daedalus_av1_bits_f (&p->bits, 8);
    if (i > 0 && values[i] <= values[i - 1])
      return gst_daedalus_av1_parser_fail (p,
          "points of film grain for %s are not in order", plane);
  }
  return TRUE;
}

static void
parse_coefficients (GstDaedalusAv1Parser *p, guint8 *coeffs, guint n)
{
  guint i;

  for (i = 0; i < n; i++)
    coeffs[i] = gst_daedalus_av1_bits_f (&p->bits, 8);
}

/* update_grain is 0: all but the seed is that of a reference. */
static gboolean
load_grain (GstDaedalusAv1Parser *p)
{
  struct v4l2_ctrl_av1_film_grain *fg = &p->header->film_grain;
  const guint16 seed = fg->grain_seed;
  const guint idx = gst_daedalus_av1_bits_f (&p->bits, 3);
  const GstDaedalusAv1Slot *slot;
  guint i;

  for (i = 0; i < V4L2_AV1_REFS_PER_FRAME; i++) {
    if (p->header->control.ref_frame_idx[i] == (gint) idx)
      break;
  }
  if (i == V4L2_AV1_REFS_PER_FRAME)
    return gst_daedalus_av1_parser_fail (p, "film_grain_params_ref_idx is %u, "
        "which is none of its references", idx);
  slot = gst_daedalus_av1_parser_need_slot (p, idx);
  if (!slot)
    return FALSE;
  *fg = slot->film_grain;
  fg->grain_seed = seed;
  return TRUE;
}

static gboolean
parse_all_points (GstDaedalusAv1Parser *p, gboolean *from_luma)
{
  struct v4l2_ctrl_av1_film_grain *fg = &p->header->film_grain;
  const gboolean mono = gst_daedalus_av1_sequence_has (p->seq,
      V4L2_AV1_SEQUENCE_FLAG_MONO_CHROME);
  const gboolean is_420 = gst_daedalus_av1_sequence_has (p->seq,
      V4L2_AV1_SEQUENCE_FLAG_SUBSAMPLING_X)
      && gst_daedalus_av1_sequence_has (p->seq,
      V4L2_AV1_SEQUENCE_FLAG_SUBSAMPLING_Y);

  if (!parse_points (p, "luma", MAX_Y_POINTS, &fg->num_y_points,
          fg->point_y_value, fg->point_y_scaling))
    return FALSE;
  *from_luma = !mono && gst_daedalus_av1_bits_f (&p->bits, 1);
  if (mono || *from_luma || (is_420 && fg->num_y_points == 0))
    return TRUE;
  return parse_points (p, "Cb", MAX_UV_POINTS, &fg->num_cb_points,
      fg->point_cb_value, fg->point_cb_scaling)
      && parse_points (p, "Cr", MAX_UV_POINTS, &fg->num_cr_points,
      fg->point_cr_value, fg->point_cr_scaling);
}

/**
 * gst_daedalus_av1_parse_film_grain:
 * @p: the parser
 *
 * film_grain_params() of section 5.9.30.
 *
 * Returns: %FALSE if they are not legal
 */
gboolean
gst_daedalus_av1_parse_film_grain (GstDaedalusAv1Parser *p)
{
  struct v4l2_ctrl_av1_film_grain *fg = &p->header->film_grain;
  gboolean from_luma;
  guint n_luma, n_chroma;

  if (!gst_daedalus_av1_sequence_has (p->seq,
          V4L2_AV1_SEQUENCE_FLAG_FILM_GRAIN_PARAMS_PRESENT)
      || !gst_daedalus_av1_header_has (p->header,
          V4L2_AV1_FRAME_FLAG_SHOW_FRAME | V4L2_AV1_FRAME_FLAG_SHOWABLE_FRAME)
      || !gst_daedalus_av1_bits_f (&p->bits, 1))
    return TRUE;
  fg->flags = V4L2_AV1_FILM_GRAIN_FLAG_APPLY_GRAIN;
  fg->grain_seed = gst_daedalus_av1_bits_f (&p->bits, 16);
  if (p->header->control.frame_type == V4L2_AV1_INTER_FRAME
      && !gst_daedalus_av1_bits_f (&p->bits, 1))
    return load_grain (p);
  fg->flags |= V4L2_AV1_FILM_GRAIN_FLAG_UPDATE_GRAIN;

  if (!parse_all_points (p, &from_luma))
    return FALSE;
  if (from_luma)
    fg->flags |= V4L2_AV1_FILM_GRAIN_FLAG_CHROMA_SCALING_FROM_LUMA;
  fg->grain_scaling_minus_8 = gst_daedalus_av1_bits_f (&p->bits, 2);
  fg->ar_coeff_lag = gst_daedalus_av1_bits_f (&p->bits, 2);
  n_luma = 2 * fg->ar_coeff_lag * (fg->ar_coeff_lag + 1);
  n_chroma = n_luma + (fg->num_y_points > 0);
  if (fg->num_y_points)
    parse_coefficients (p, fg->ar_coeffs_y_plus_128, n_luma);
  if (from_luma || fg->num_cb_points)
    parse_coefficients (p, fg->ar_coeffs_cb_plus_128, n_chroma);
  if (from_luma || fg->num_cr_points)
    parse_coefficients (p, fg->ar_coeffs_cr_plus_128, n_chroma);
  fg->ar_coeff_shift_minus_6 = gst_daedalus_av1_bits_f (&p->bits, 2);
  fg->grain_scale_shift = gst_daedalus_av1_bits_f (&p->bits, 2);
  if (fg->num_cb_points) {
    fg->cb_mult = gst_daedalus_av1_bits_f (&p->bits, 8);
    fg->cb_luma_mult = gst_daedalus_av1_bits_f (&p->bits, 8);
    fg->cb_offset = gst_daedalus_av1_bits_f (&p->bits, 9);
  }
  if (fg->num_cr_points) {
    fg->cr_mult = gst_daedalus_av1_bits_f (&p->bits, 8);
    fg->cr_luma_mult = gst_daedalus_av1_bits_f (&p->bits, 8);
    fg->cr_offset = gst_daedalus_av1_bits_f (&p->bits, 9);
  }
  if (gst_daedalus_av1_bits_f (&p->bits, 1))
    fg->flags |= V4L2_AV1_FILM_GRAIN_FLAG_OVERLAP;
  if (gst_daedalus_av1_bits_f (&p->bits, 1))
    fg->flags |= V4L2_AV1_FILM_GRAIN_FLAG_CLIP_TO_RESTRICTED_RANGE;
  return TRUE;
}
