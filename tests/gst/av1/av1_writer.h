/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Writes OBUs of AV1 streams that use only the tools that a test selects.
 */
#ifndef AV1_WRITER_H
#define AV1_WRITER_H

#include <gst/base/gstbitwriter.h>
#include <string.h>

#include "av1/gstdaedalusav1refs.h"
#include "av1/gstdaedalusav1tiles.h"

#define AV1_ORDER_HINT_BITS 5
#define AV1_FRAME_ID_DELTA_BITS 6
#define AV1_FRAME_ID_BITS 8

/* Values of a sequence header. Sizes of 0 mean 64x64; frame_ids is
 * frame_id_numbers_present_flag; idc has operating_point_idc of n_points
 * operating points. */
typedef struct
{
  guint width, height;
  guint profile;
  gboolean high_bitdepth, twelve_bit, mono;
  gboolean frame_ids;
  gboolean superres;
  guint n_points;
  guint idc[4];
  guint operating_parameters;   /* 0: no decoder model, else a delay */
  guint level;                  /* seq_level_idx, 0: 4.0 */
  gboolean film_grain;
} Av1Seq;

/* Values of a frame header. With width, the frame size is coded; all other
 * tools are off. */
typedef struct
{
  gboolean show_existing;
  guint idx;
  guint type;
  gboolean hidden;
  gboolean error_resilient;
  guint order_hint;
  guint id;
  gboolean has_primary;         /* primary_ref_frame is 0 */
  guint refresh;
  const guint8 *hints;          /* ref_order_hint */
  guint8 refs[V4L2_AV1_REFS_PER_FRAME];
  guint8 ids_back[V4L2_AV1_REFS_PER_FRAME];     /* 1.. with frame ids */
  gint found_ref;               /* 1..7: the size is that of this reference */
  guint width, height;          /* frame_size_override_flag */
  guint tile_cols_log2, tile_rows_log2;
  guint explicit_cols;          /* tiles of a superblock each, in one row */
  const gint *affine;           /* of LAST_FRAME: params 2 to 5, halved, from 1.0 */
  guint n_points;               /* film grain for luma */
  const guint8 *points;
  guint grain_ref;              /* 1..8: update_grain is 0, of this slot - 1 */
} Av1Frame;

static inline void
av1_put (GstBitWriter *w, guint32 value, guint bits)
{
  g_assert (bits == 0 || gst_bit_writer_put_bits_uint32 (w, value, bits));
}

/* Appends trailing_bits(). */
static inline GByteArray *
av1_finish (GstBitWriter *w, gboolean trailing)
{
  GByteArray *bytes = g_byte_array_new ();

  if (trailing)
    av1_put (w, 1, 1);
  gst_bit_writer_align_bytes (w, 0);
  g_byte_array_append (bytes, gst_bit_writer_get_data (w),
      gst_bit_writer_get_size (w) / 8);
  gst_bit_writer_reset (w);
  return bytes;
}

static inline void
av1_put_operating_points (GstBitWriter *w, const Av1Seq *s)
{
  guint i;

  av1_put (w, s->operating_parameters > 0, 1);  /* timing_info_present_flag */
  if (s->operating_parameters) {
    av1_put (w, 1, 32);
    av1_put (w, 25, 32);
    av1_put (w, 1, 1);          /* equal_picture_interval */
    av1_put (w, 1, 1);          /* uvlc: 0 */
    av1_put (w, 1, 1);          /* decoder_model_info_present_flag */
    av1_put (w, 9, 5);
    av1_put (w, 1, 32);
    av1_put (w, 9, 5);
    av1_put (w, 9, 5);
  }
  av1_put (w, 0, 1);            /* initial_display_delay_present_flag */
  av1_put (w, MAX (s->n_points, 1) - 1, 5);
  for (i = 0; i < MAX (s->n_points, 1); i++) {
    av1_put (w, s->idc[i], 12);
    av1_put (w, s->level ? s->level : 8, 5);
    if (!s->level || s->level > 7)
      av1_put (w, 0, 1);        /* seq_tier */
    if (s->operating_parameters) {
      av1_put (w, 1, 1);
      av1_put (w, s->operating_parameters, 10);
      av1_put (w, s->operating_parameters, 10);
      av1_put (w, 0, 1);
    }
  }
}

/* Payload of an OBU_SEQUENCE_HEADER */
static inline GByteArray *
av1_sequence (const Av1Seq *s)
{
  GstBitWriter w;

  gst_bit_writer_init (&w);
  av1_put (&w, s->profile, 3);
  av1_put (&w, 0, 2);
  av1_put_operating_points (&w, s);
  av1_put (&w, 15, 4);
  av1_put (&w, 15, 4);
  av1_put (&w, (s->width ? s->width : 64) - 1, 16);
  av1_put (&w, (s->height ? s->height : 64) - 1, 16);
  av1_put (&w, s->frame_ids, 1);
  if (s->frame_ids) {
    av1_put (&w, AV1_FRAME_ID_DELTA_BITS - 2, 4);
    av1_put (&w, AV1_FRAME_ID_BITS - AV1_FRAME_ID_DELTA_BITS - 1, 3);
  }
  av1_put (&w, 0, 3);
  av1_put (&w, 0, 4);
  av1_put (&w, 1, 1);           /* enable_order_hint */
  av1_put (&w, 0, 2);
  av1_put (&w, 0, 1);           /* seq_choose_screen_content_tools */
  av1_put (&w, 0, 1);
  av1_put (&w, AV1_ORDER_HINT_BITS - 1, 3);
  av1_put (&w, s->superres, 1);
  av1_put (&w, 0, 2);           /* cdef, restoration */
  av1_put (&w, s->high_bitdepth, 1);
  if (s->profile == 2 && s->high_bitdepth)
    av1_put (&w, s->twelve_bit, 1);
  if (s->profile != 1)
    av1_put (&w, s->mono, 1);
  av1_put (&w, 0, 1);           /* color_description_present_flag */
  av1_put (&w, 0, 1);           /* color_range */
  if (!s->mono) {
    if (s->profile == 2 && s->twelve_bit)
      av1_put (&w, 3, 2);       /* 4:2:0 */
    if (s->profile == 0 || (s->profile == 2 && s->twelve_bit))
      av1_put (&w, 1, 2);       /* chroma_sample_position */
    av1_put (&w, 0, 1);
  }
  av1_put (&w, s->film_grain, 1);
  return av1_finish (&w, TRUE);
}

static inline void
av1_put_size (GstBitWriter *w, const Av1Seq *s, const Av1Frame *f)
{
  if (f->width) {
    av1_put (w, f->width - 1, 16);
    av1_put (w, f->height - 1, 16);
  }
  if (s->superres)
    av1_put (w, 0, 1);
  av1_put (w, 0, 1);            /* render_and_frame_size_different */
}

static inline void
av1_put_refs (GstBitWriter *w, const Av1Seq *s, const Av1Frame *f)
{
  guint i;

  av1_put (w, 0, 1);            /* frame_refs_short_signaling */
  for (i = 0; i < V4L2_AV1_REFS_PER_FRAME; i++) {
    av1_put (w, f->refs[i], 3);
    if (s->frame_ids)
      av1_put (w, f->ids_back[i] - 1, AV1_FRAME_ID_DELTA_BITS);
  }
  if (f->found_ref) {
    for (i = 1; i < (guint) f->found_ref; i++)
      av1_put (w, 0, 1);
    av1_put (w, 1, 1);
    if (s->superres)
      av1_put (w, 0, 1);
  } else {
    if (f->width && !f->error_resilient && f->type != V4L2_AV1_SWITCH_FRAME)
      av1_put (w, 0, 7);
    av1_put_size (w, s, f);
  }
  av1_put (w, 0, 1);            /* allow_high_precision_mv */
  av1_put (w, 1, 1);            /* is_filter_switchable */
  av1_put (w, 0, 1);            /* is_motion_mode_switchable */
}

/* ns() of a 0 */
static inline void
av1_put_ns_0 (GstBitWriter *w, guint n)
{
  av1_put (w, 0, g_bit_storage (n) - 1);
}

static inline void
av1_put_tile_info (GstBitWriter *w, const Av1Seq *s, const Av1Frame *f)
{
  const guint width = f->width ? f->width : s->width;
  const guint height = f->height ? f->height : s->height;
  guint log2 = f->tile_cols_log2 + f->tile_rows_log2, i;

  av1_put (w, !f->explicit_cols, 1);    /* uniform_tile_spacing_flag */
  if (f->explicit_cols) {
    log2 = g_bit_storage (f->explicit_cols - 1);
    for (i = 0; i < f->explicit_cols; i++)
      av1_put_ns_0 (w, MIN (f->explicit_cols - i, 64));
  } else {
    for (i = 0; i < f->tile_cols_log2; i++)
      av1_put (w, 1, 1);
    if ((width + 63) / 64 > 1u << f->tile_cols_log2)
      av1_put (w, 0, 1);
    for (i = 0; i < f->tile_rows_log2; i++)
      av1_put (w, 1, 1);
    if ((height + 63) / 64 > 1u << f->tile_rows_log2)
      av1_put (w, 0, 1);
  }
  if (log2) {
    av1_put (w, 0, log2);       /* context_update_tile_id */
    av1_put (w, 1, 2);          /* 2 bytes of size */
  }
}

/* A parameter of global motion that was 0 in units of 2^-15, 5.9.25 to
 * 5.9.29 */
static inline void
av1_put_gm_param (GstBitWriter *w, gint value)
{
  const guint n = 2 * (1 << 12) + 1;
  guint v = value > 0 ? 2 * value : -2 * value - (value < 0), mk = 0, b2 = 3;

  for (; n > mk + 3 * (1u << b2) && v >= mk + (1u << b2); b2 += mk > 8) {
    av1_put (w, 1, 1);          /* subexp_more_bits */
    mk += 1 << b2;
  }
  if (n > mk + 3 * (1u << b2)) {
    av1_put (w, 0, 1);
    av1_put (w, v - mk, b2);
  } else {
    /* ns() */
    const guint left = n - mk, bits = g_bit_storage (left);
    const guint m = (1u << bits) - left;

    v -= mk;
    if (v < m)
      av1_put (w, v, bits - 1);
    else
      av1_put (w, v + m, bits);
  }
}

static inline void
av1_put_film_grain (GstBitWriter *w, const Av1Frame *f)
{
  guint i;

  av1_put (w, f->points || f->grain_ref, 1);    /* apply_grain */
  if (!f->points && !f->grain_ref)
    return;
  av1_put (w, 1000 + f->order_hint, 16);        /* grain_seed */
  if (f->type == V4L2_AV1_INTER_FRAME)
    av1_put (w, !f->grain_ref, 1);      /* update_grain */
  if (f->grain_ref) {
    av1_put (w, f->grain_ref - 1, 3);
    return;
  }
  av1_put (w, f->n_points, 4);
  for (i = 0; i < f->n_points; i++) {
    av1_put (w, f->points[i], 8);
    av1_put (w, 40, 8);
  }
  av1_put (w, 0, 1);            /* chroma_scaling_from_luma */
  av1_put (w, 0, 8);            /* num_cb_points, num_cr_points */
  av1_put (w, 0, 2 + 2);        /* grain_scaling_minus_8, ar_coeff_lag */
  av1_put (w, 0, 2 + 2 + 2);
}

static inline void
av1_put_header (GstBitWriter *w, const Av1Seq *s, const Av1Frame *f)
{
  const gboolean intra = f->type == V4L2_AV1_KEY_FRAME
      || f->type == V4L2_AV1_INTRA_ONLY_FRAME;
  const gboolean implied = f->type == V4L2_AV1_SWITCH_FRAME
      || (f->type == V4L2_AV1_KEY_FRAME && !f->hidden);
  guint i;

  av1_put (w, f->show_existing, 1);
  if (f->show_existing) {
    av1_put (w, f->idx, 3);
    if (s->frame_ids)
      av1_put (w, f->id, AV1_FRAME_ID_BITS);
    return;
  }
  av1_put (w, f->type, 2);
  av1_put (w, !f->hidden, 1);
  if (f->hidden)
    av1_put (w, 1, 1);          /* showable_frame */
  if (!implied)
    av1_put (w, f->error_resilient, 1);
  av1_put (w, 0, 1);            /* disable_cdf_update */
  if (s->frame_ids)
    av1_put (w, f->id, AV1_FRAME_ID_BITS);
  if (f->type != V4L2_AV1_SWITCH_FRAME)
    av1_put (w, f->width || f->found_ref, 1);
  av1_put (w, f->order_hint, AV1_ORDER_HINT_BITS);
  if (!intra && !implied && !f->error_resilient)
    av1_put (w, f->has_primary ? 0 : GST_AV1_PRIMARY_REF_NONE, 3);
  if (s->operating_parameters)
    av1_put (w, 0, 1);          /* buffer_removal_time_present_flag */
  if (!implied)
    av1_put (w, f->refresh, 8);
  if ((!intra || (!implied && f->refresh != 0xff))
      && (f->error_resilient || implied)) {
    for (i = 0; i < 8; i++)
      av1_put (w, f->hints ? f->hints[i] : 0, AV1_ORDER_HINT_BITS);
  }
  if (intra)
    av1_put_size (w, s, f);
  else
    av1_put_refs (w, s, f);
  av1_put (w, 0, 1);            /* disable_frame_end_update_cdf */
  av1_put_tile_info (w, s, f);
  av1_put (w, 100, 8);          /* base_q_idx */
  av1_put (w, 0, s->mono ? 1 : 3);      /* deltas */
  av1_put (w, 0, 1);            /* using_qmatrix */
  av1_put (w, 0, 1);            /* segmentation_enabled */
  av1_put (w, 0, 1);            /* delta_q_present */
  av1_put (w, 0, 12);           /* loop_filter_level */
  av1_put (w, 0, 4);            /* sharpness, delta_enabled */
  av1_put (w, 0, 1);            /* tx_mode_select */
  if (!intra)
    av1_put (w, 0, 1);          /* reference_select */
  av1_put (w, 0, 1);            /* reduced_tx_set */
  if (!intra && f->affine) {
    av1_put (w, 4, 3);          /* is_global, is_rot_zoom, is_translation */
    for (i = 0; i < 4; i++)
      av1_put_gm_param (w, f->affine[i]);
    av1_put_gm_param (w, 0);
    av1_put_gm_param (w, 0);
  }
  if (!intra)
    av1_put (w, 0, f->affine ? 6 : 7);  /* is_global */
  if (s->film_grain)
    av1_put_film_grain (w, f);
}

/* Payload of an OBU_FRAME_HEADER */
static inline GByteArray *
av1_frame_header (const Av1Seq *s, const Av1Frame *f)
{
  GstBitWriter w;

  gst_bit_writer_init (&w);
  av1_put_header (&w, s, f);
  return av1_finish (&w, TRUE);
}

/* Payload of an OBU_FRAME with tiles of @tile_size bytes */
static inline GByteArray *
av1_frame (const Av1Seq *s, const Av1Frame *f, guint tile_size)
{
  const guint tiles = 1u << f->tile_cols_log2;
  GByteArray *bytes;
  GstBitWriter w;
  guint8 *tile = g_malloc (tile_size);
  guint i;

  gst_bit_writer_init (&w);
  av1_put_header (&w, s, f);
  gst_bit_writer_align_bytes (&w, 0);
  if (tiles > 1)
    av1_put (&w, 0, 8);         /* tile_start_and_end_present_flag */
  bytes = av1_finish (&w, FALSE);
  memset (tile, 0x5a, tile_size);
  for (i = 0; i < tiles; i++) {
    guint16 size = GUINT16_TO_LE (tile_size - 1);

    if (i + 1 < tiles)
      g_byte_array_append (bytes, (guint8 *) & size, 2);
    g_byte_array_append (bytes, tile, tile_size);
  }
  g_free (tile);
  return bytes;
}

static inline void
av1_put_leb128 (GByteArray *to, gsize value)
{
  guint8 byte;

  do {
    byte = (value & 0x7f) | (value > 0x7f ? 0x80 : 0);
    g_byte_array_append (to, &byte, 1);
    value >>= 7;
  } while (value);
}

/* Appends an OBU with @payload, which is consumed. @layer is temporal_id << 5 |
 * spatial_id << 3, or -1 for none. */
static inline void
av1_append (GByteArray *to, guint type, gint layer, GByteArray *payload)
{
  guint8 header = type << 3 | (layer >= 0) << 2 | 1 << 1, extension = layer;

  g_byte_array_append (to, &header, 1);
  if (layer >= 0)
    g_byte_array_append (to, &extension, 1);
  av1_put_leb128 (to, payload->len);
  g_byte_array_append (to, payload->data, payload->len);
  g_byte_array_unref (payload);
}

#endif
