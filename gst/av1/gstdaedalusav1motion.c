/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Global motion: 5.9.24 to 5.9.29, and whether a warp is possible: 7.11.3.6. */
#include "gstdaedalusav1parser.h"

#define WARPEDMODEL_PREC_BITS 16
#define WARP_PARAM_REDUCE_BITS 6
#define DIV_LUT_BITS 8
#define DIV_LUT_PREC_BITS 14

#define GM_ABS_ALPHA_BITS 12
#define GM_ALPHA_PREC_BITS 15
#define GM_ABS_TRANS_ONLY_BITS 9
#define GM_TRANS_ONLY_PREC_BITS 3
#define GM_ABS_TRANS_BITS 12
#define GM_TRANS_PREC_BITS 6

/* decode_subexp() */
static gint
decode_subexp (GstDaedalusAv1Bits *b, gint num_syms)
{
  gint mk = 0;
  guint i;

  /* Ends, as a doubles each time and num_syms is at most 2^13 + 1. */
  for (i = 0;; i++) {
    const guint b2 = i ? 3 + i - 1 : 3;
    const gint a = 1 << b2;

    if (num_syms <= mk + 3 * a)
      return gst_daedalus_av1_bits_ns (b, num_syms - mk) + mk;
    if (!gst_daedalus_av1_bits_f (b, 1))
      return gst_daedalus_av1_bits_f (b, b2) + mk;
    mk += a;
  }
}

/* inverse_recenter() */
static gint
inverse_recenter (gint r, gint v)
{
  if (v > 2 * r)
    return v;
  return v & 1 ? r - ((v + 1) >> 1) : r + (v >> 1);
}

/* decode_signed_subexp_with_ref() */
static gint
decode_subexp_with_ref (GstDaedalusAv1Bits *b, gint low, gint high, gint r)
{
  const gint mx = high - low;
  gint v = decode_subexp (b, mx);

  r -= low;
  if (2 * r <= mx)
    return inverse_recenter (r, v) + low;
  return mx - 1 - inverse_recenter (mx - 1 - r, v) + low;
}

static gint32
default_param (guint idx)
{
  return idx % 3 == 2 ? 1 << WARPEDMODEL_PREC_BITS : 0;
}

/* read_global_param(). PrevGmParams is @prev, or the default. */
static gint32
read_param (GstDaedalusAv1Parser *p, enum v4l2_av1_warp_model type,
    const gint32 *prev, guint idx)
{
  gint abs_bits = GM_ABS_ALPHA_BITS, prec_bits = GM_ALPHA_PREC_BITS;
  gint prec_diff, mx, r, sub;

  if (idx < 2 && type == V4L2_AV1_WARP_MODEL_TRANSLATION) {
    gint low_precision = !gst_daedalus_av1_header_has (p->header,
        V4L2_AV1_FRAME_FLAG_ALLOW_HIGH_PRECISION_MV);

    abs_bits = GM_ABS_TRANS_ONLY_BITS - low_precision;
    prec_bits = GM_TRANS_ONLY_PREC_BITS - low_precision;
  } else if (idx < 2) {
    abs_bits = GM_ABS_TRANS_BITS;
    prec_bits = GM_TRANS_PREC_BITS;
  }
  prec_diff = WARPEDMODEL_PREC_BITS - prec_bits;
  sub = idx % 3 == 2 ? 1 << prec_bits : 0;
  mx = 1 << abs_bits;
  r = ((prev ? prev[idx] : default_param (idx)) >> prec_diff) - sub;
  return decode_subexp_with_ref (&p->bits, -mx, mx + 1, r) * (1 << prec_diff)
      + default_param (idx);
}

static gint64
round_signed (gint64 value, guint n)
{
  gint64 half = (G_GINT64_CONSTANT (1) << n) >> 1;

  return value < 0 ? -((-value + half) >> n) : (value + half) >> n;
}

static gint
reduce (gint64 value)
{
  return round_signed (CLAMP (value, G_MININT16, G_MAXINT16),
      WARP_PARAM_REDUCE_BITS) * (1 << WARP_PARAM_REDUCE_BITS);
}

/* warpValid of section 7.11.3.6 */
static gboolean
warp_is_valid (const gint32 *mat)
{
  const gint one = 1 << WARPEDMODEL_PREC_BITS;
  guint n, f;
  gint64 e, divisor;
  gint alpha, beta, gamma, delta;

  if (mat[2] <= 0)
    return FALSE;
  /* resolve_divisor(): Div_Lut[f] is 2^22 / (256 + f), rounded. */
  n = g_bit_storage (mat[2]) - 1;
  e = mat[2] - (G_GINT64_CONSTANT (1) << n);
  f = n > DIV_LUT_BITS ? round_signed (e, n - DIV_LUT_BITS)
      : e << (DIV_LUT_BITS - n);
  divisor = ((1 << (DIV_LUT_BITS + DIV_LUT_PREC_BITS))
      + (((1 << DIV_LUT_BITS) + f) >> 1)) / ((1 << DIV_LUT_BITS) + f);
  n += DIV_LUT_PREC_BITS;

  alpha = reduce ((gint64) mat[2] - one);
  beta = reduce (mat[3]);
  gamma = reduce (round_signed ((gint64) mat[4] * one * divisor, n));
  delta = reduce (mat[5] - round_signed ((gint64) mat[3] * mat[4] * divisor, n)
      - one);
  return 4 * ABS (alpha) + 7 * ABS (beta) < one
      && 4 * ABS (gamma) + 4 * ABS (delta) < one;
}

static enum v4l2_av1_warp_model
read_type (GstDaedalusAv1Parser *p, guint8 *flags)
{
  if (!gst_daedalus_av1_bits_f (&p->bits, 1))
    return V4L2_AV1_WARP_MODEL_IDENTITY;
  *flags |= V4L2_AV1_GLOBAL_MOTION_FLAG_IS_GLOBAL;
  if (gst_daedalus_av1_bits_f (&p->bits, 1)) {
    *flags |= V4L2_AV1_GLOBAL_MOTION_FLAG_IS_ROT_ZOOM;
    return V4L2_AV1_WARP_MODEL_ROTZOOM;
  }
  if (gst_daedalus_av1_bits_f (&p->bits, 1)) {
    *flags |= V4L2_AV1_GLOBAL_MOTION_FLAG_IS_TRANSLATION;
    return V4L2_AV1_WARP_MODEL_TRANSLATION;
  }
  return V4L2_AV1_WARP_MODEL_AFFINE;
}

/**
 * gst_daedalus_av1_parse_global_motion:
 * @p: the parser
 *
 * global_motion_params() of section 5.9.24.
 */
void
gst_daedalus_av1_parse_global_motion (GstDaedalusAv1Parser *p)
{
  struct v4l2_ctrl_av1_frame *c = &p->header->control;
  struct v4l2_av1_global_motion *gm = &c->global_motion;
  guint ref, i;

  for (ref = 0; ref < V4L2_AV1_TOTAL_REFS_PER_FRAME; ref++) {
    for (i = 0; i < G_N_ELEMENTS (gm->params[ref]); i++)
      gm->params[ref][i] = default_param (i);
  }
  if (gst_daedalus_av1_header_is_intra (p->header))
    return;

  for (ref = V4L2_AV1_REF_LAST_FRAME; ref <= V4L2_AV1_REF_ALTREF_FRAME; ref++) {
    enum v4l2_av1_warp_model type = read_type (p, &gm->flags[ref]);
    gint32 *params = gm->params[ref];
    const gint32 *prev = NULL;

    if (c->primary_ref_frame != GST_DAEDALUS_AV1_PRIMARY_REF_NONE)
      prev = p->state->slots[c->ref_frame_idx[c->primary_ref_frame]]
          .gm_params[ref];
    gm->type[ref] = type;
    if (type >= V4L2_AV1_WARP_MODEL_ROTZOOM) {
      params[2] = read_param (p, type, prev, 2);
      params[3] = read_param (p, type, prev, 3);
      params[4] = type == V4L2_AV1_WARP_MODEL_AFFINE ?
          read_param (p, type, prev, 4) : -params[3];
      params[5] = type == V4L2_AV1_WARP_MODEL_AFFINE ?
          read_param (p, type, prev, 5) : params[2];
    }
    if (type >= V4L2_AV1_WARP_MODEL_TRANSLATION) {
      params[0] = read_param (p, type, prev, 0);
      params[1] = read_param (p, type, prev, 1);
    }
    if (!warp_is_valid (params))
      gm->invalid |= V4L2_AV1_GLOBAL_MOTION_IS_INVALID (ref);
  }
}
