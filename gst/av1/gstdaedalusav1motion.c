/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Computes warpValid. GstAV1Parser up to 1.28 computes it with 16 bits, which
 * is wrong for the values of test_motion in tests/gst/av1/test_av1_refs.c.
 */
#include "gstdaedalusav1motion.h"

#define WARPEDMODEL_PREC_BITS 16
#define WARP_PARAM_REDUCE_BITS 6
#define DIV_LUT_BITS 8
#define DIV_LUT_PREC_BITS 14

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

/**
 * gst_daedalus_av1_warp_is_valid:
 * @params: (array fixed-size=6): gm_params of a reference
 *
 * Returns: warpValid of section 7.11.3.6
 */
gboolean
gst_daedalus_av1_warp_is_valid (const gint32 *params)
{
  const gint one = 1 << WARPEDMODEL_PREC_BITS;
  guint n, f;
  gint64 e, divisor;
  gint alpha, beta, gamma, delta;

  if (params[2] <= 0)
    return FALSE;
  /* resolve_divisor(): Div_Lut[f] is 2^22 / (256 + f), rounded. */
  n = g_bit_storage (params[2]) - 1;
  e = params[2] - (G_GINT64_CONSTANT (1) << n);
  f = n > DIV_LUT_BITS ? round_signed (e, n - DIV_LUT_BITS)
      : e << (DIV_LUT_BITS - n);
  divisor = ((1 << (DIV_LUT_BITS + DIV_LUT_PREC_BITS))
      + (((1 << DIV_LUT_BITS) + f) >> 1)) / ((1 << DIV_LUT_BITS) + f);
  n += DIV_LUT_PREC_BITS;

  alpha = reduce ((gint64) params[2] - one);
  beta = reduce (params[3]);
  gamma = reduce (round_signed ((gint64) params[4] * one * divisor, n));
  delta = reduce (params[5]
      - round_signed ((gint64) params[3] * params[4] * divisor, n) - one);
  return 4 * ABS (alpha) + 7 * ABS (beta) < one
      && 4 * ABS (gamma) + 4 * ABS (delta) < one;
}
