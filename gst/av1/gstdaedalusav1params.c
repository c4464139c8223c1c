/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Tiles, quantizer, segments and in-loop filters: 5.9.12 to 5.9.20. */
#include "gstdaedalusav1parser.h"

#include <string.h>

#define MAX_TILE_WIDTH 4096
#define MAX_TILE_AREA (4096 * 2304)
#define RESTORATION_SIZE_MIN_LOG2 6

/* tile_log2() of section 5.9.16 */
static guint
tile_log2 (guint block, guint target)
{
  guint k = 0;

  while ((block << k) < target)
    k++;
  return k;
}

/* Superblocks, the unit in which tiles are laid out */
typedef struct
{
  guint shift;                  /* log2 of the size in 4x4 units */
  guint cols;
  guint rows;
  guint max_width;
  guint max_area;
} Superblocks;

static guint
parse_log2 (GstDaedalusAv1Parser *p, guint value, guint max)
{
  while (value < max && gst_daedalus_av1_bits_f (&p->bits, 1))
    value++;
  return value;
}

/* Fills the starts of tiles of @size superblocks each. Returns their number. */
static guint
uniform_starts (guint32 *starts, guint32 *sizes, guint n_sb, guint size,
    guint shift, guint end)
{
  guint i, sb;

  for (i = 0, sb = 0; sb < n_sb; i++, sb += size) {
    starts[i] = sb << shift;
    sizes[i] = MIN (size, n_sb - sb) - 1;
  }
  starts[i] = end;
  return i;
}

/* The same from the bitstream. Returns 0 if there are more than @max_tiles. */
static guint
explicit_starts (GstDaedalusAv1Parser *p, guint32 *starts, guint32 *sizes,
    guint n_sb, guint max_size, guint shift, guint end, guint max_tiles,
    guint *widest)
{
  guint i, sb;

  for (i = 0, sb = 0; sb < n_sb; i++) {
    if (i == max_tiles)
      return 0;
    starts[i] = sb << shift;
    sizes[i] = gst_daedalus_av1_bits_ns (&p->bits, MIN (n_sb - sb, max_size));
    *widest = MAX (*widest, sizes[i] + 1);
    sb += sizes[i] + 1;
  }
  starts[i] = end;
  return i;
}

static gboolean
parse_explicit_tiles (GstDaedalusAv1Parser *p, const Superblocks *sb,
    guint min_log2_tiles, guint mi_cols, guint mi_rows)
{
  struct v4l2_av1_tile_info *t = &p->header->control.tile_info;
  guint widest = 0, highest = 0, area = sb->rows * sb->cols;

  t->tile_cols = explicit_starts (p, t->mi_col_starts, t->width_in_sbs_minus_1,
      sb->cols, sb->max_width, sb->shift, mi_cols, V4L2_AV1_MAX_TILE_COLS,
      &widest);
  if (!t->tile_cols)
    return gst_daedalus_av1_parser_fail (p, "it has more than %u tile columns",
        V4L2_AV1_MAX_TILE_COLS);
  if (min_log2_tiles > 0)
    area >>= min_log2_tiles + 1;
  t->tile_rows = explicit_starts (p, t->mi_row_starts, t->height_in_sbs_minus_1,
      sb->rows, MAX (area / widest, 1), sb->shift, mi_rows,
      V4L2_AV1_MAX_TILE_ROWS, &highest);
  if (!t->tile_rows)
    return gst_daedalus_av1_parser_fail (p, "it has more than %u tile rows",
        V4L2_AV1_MAX_TILE_ROWS);
  p->header->tile_cols_log2 = tile_log2 (1, t->tile_cols);
  p->header->tile_rows_log2 = tile_log2 (1, t->tile_rows);
  return TRUE;
}

static void
parse_uniform_tiles (GstDaedalusAv1Parser *p, const Superblocks *sb,
    guint min_log2_cols, guint min_log2_tiles, guint mi_cols, guint mi_rows)
{
  GstDaedalusAv1Header *h = p->header;
  struct v4l2_av1_tile_info *t = &h->control.tile_info;
  guint size;

  t->flags |= V4L2_AV1_TILE_INFO_FLAG_UNIFORM_TILE_SPACING;
  h->tile_cols_log2 = parse_log2 (p, min_log2_cols,
      tile_log2 (1, MIN (sb->cols, V4L2_AV1_MAX_TILE_COLS)));
  size = (sb->cols + (1u << h->tile_cols_log2) - 1) >> h->tile_cols_log2;
  t->tile_cols = uniform_starts (t->mi_col_starts, t->width_in_sbs_minus_1,
      sb->cols, size, sb->shift, mi_cols);

  h->tile_rows_log2 = parse_log2 (p, min_log2_tiles > h->tile_cols_log2 ?
      min_log2_tiles - h->tile_cols_log2 : 0,
      tile_log2 (1, MIN (sb->rows, V4L2_AV1_MAX_TILE_ROWS)));
  size = (sb->rows + (1u << h->tile_rows_log2) - 1) >> h->tile_rows_log2;
  t->tile_rows = uniform_starts (t->mi_row_starts, t->height_in_sbs_minus_1,
      sb->rows, size, sb->shift, mi_rows);
}

/**
 * gst_daedalus_av1_parse_tile_info:
 * @p: the parser
 *
 * tile_info() of section 5.9.15.
 *
 * Returns: %FALSE if there are more tiles than the specification allows
 */
gboolean
gst_daedalus_av1_parse_tile_info (GstDaedalusAv1Parser *p)
{
  GstDaedalusAv1Header *h = p->header;
  struct v4l2_av1_tile_info *t = &h->control.tile_info;
  const guint mi_cols = 2 * ((h->control.frame_width_minus_1 + 8) >> 3);
  const guint mi_rows = 2 * ((h->control.frame_height_minus_1 + 8) >> 3);
  guint min_log2_cols, min_log2_tiles, log2, id, tiles;
  Superblocks sb;

  sb.shift = gst_daedalus_av1_sequence_has (p->seq,
      V4L2_AV1_SEQUENCE_FLAG_USE_128X128_SUPERBLOCK) ? 5 : 4;
  sb.cols = (mi_cols + (1u << sb.shift) - 1) >> sb.shift;
  sb.rows = (mi_rows + (1u << sb.shift) - 1) >> sb.shift;
  sb.max_width = MAX_TILE_WIDTH >> (sb.shift + 2);
  sb.max_area = MAX_TILE_AREA >> (2 * (sb.shift + 2));
  min_log2_cols = tile_log2 (sb.max_width, sb.cols);
  min_log2_tiles = MAX (min_log2_cols,
      tile_log2 (sb.max_area, sb.rows * sb.cols));

  if (gst_daedalus_av1_bits_f (&p->bits, 1)) {
    parse_uniform_tiles (p, &sb, min_log2_cols, min_log2_tiles, mi_cols,
        mi_rows);
  } else if (!parse_explicit_tiles (p, &sb, min_log2_tiles, mi_cols, mi_rows)) {
    return FALSE;
  }

  tiles = t->tile_cols * t->tile_rows;
  if (tiles > V4L2_AV1_MAX_TILE_COUNT)
    return gst_daedalus_av1_parser_fail (p, "it has %u tiles, more than %u",
        tiles, V4L2_AV1_MAX_TILE_COUNT);
  log2 = h->tile_cols_log2 + h->tile_rows_log2;
  if (log2 == 0)
    return TRUE;
  id = gst_daedalus_av1_bits_f (&p->bits, log2);
  if (id >= tiles)
    return gst_daedalus_av1_parser_fail (p,
        "context_update_tile_id is %u of %u " "tiles", id, tiles);
  t->context_update_tile_id = id;
  t->tile_size_bytes = gst_daedalus_av1_bits_f (&p->bits, 2) + 1;
  return TRUE;
}

/* 5.9.13: read_delta_q() */
static gint8
parse_delta_q (GstDaedalusAv1Parser *p)
{
  return gst_daedalus_av1_bits_f (&p->bits, 1) ?
      gst_daedalus_av1_bits_su (&p->bits, 7) : 0;
}

/**
 * gst_daedalus_av1_parse_quantization:
 * @p: the parser
 *
 * quantization_params() of section 5.9.12.
 */
void
gst_daedalus_av1_parse_quantization (GstDaedalusAv1Parser *p)
{
  struct v4l2_av1_quantization *q = &p->header->control.quantization;
  const gboolean separate = gst_daedalus_av1_sequence_has (p->seq,
      V4L2_AV1_SEQUENCE_FLAG_SEPARATE_UV_DELTA_Q);

  q->base_q_idx = gst_daedalus_av1_bits_f (&p->bits, 8);
  q->delta_q_y_dc = parse_delta_q (p);
  if (!gst_daedalus_av1_sequence_has (p->seq,
          V4L2_AV1_SEQUENCE_FLAG_MONO_CHROME)) {
    if (separate && gst_daedalus_av1_bits_f (&p->bits, 1))
      q->flags |= V4L2_AV1_QUANTIZATION_FLAG_DIFF_UV_DELTA;
    q->delta_q_u_dc = q->delta_q_v_dc = parse_delta_q (p);
    q->delta_q_u_ac = q->delta_q_v_ac = parse_delta_q (p);
    if (q->flags & V4L2_AV1_QUANTIZATION_FLAG_DIFF_UV_DELTA) {
      q->delta_q_v_dc = parse_delta_q (p);
      q->delta_q_v_ac = parse_delta_q (p);
    }
  }
  if (!gst_daedalus_av1_bits_f (&p->bits, 1))
    return;
  q->flags |= V4L2_AV1_QUANTIZATION_FLAG_USING_QMATRIX;
  q->qm_y = gst_daedalus_av1_bits_f (&p->bits, 4);
  q->qm_u = gst_daedalus_av1_bits_f (&p->bits, 4);
  q->qm_v = separate ? gst_daedalus_av1_bits_f (&p->bits, 4) : q->qm_u;
}

static void
parse_features (GstDaedalusAv1Parser *p)
{
  static const struct
  {
    guint8 bits;
    gint16 max;
    gboolean is_signed;
  } features[V4L2_AV1_SEG_LVL_MAX] = {
    {8, 255, TRUE}, {6, 63, TRUE}, {6, 63, TRUE}, {6, 63, TRUE}, {6, 63, TRUE},
    {3, 7, FALSE}, {0, 0, FALSE}, {0, 0, FALSE},
  };
  struct v4l2_av1_segmentation *s = &p->header->control.segmentation;
  guint i, j;

  for (i = 0; i < V4L2_AV1_MAX_SEGMENTS; i++) {
    s->feature_enabled[i] = 0;
    for (j = 0; j < V4L2_AV1_SEG_LVL_MAX; j++) {
      gint value = 0;

      if (gst_daedalus_av1_bits_f (&p->bits, 1)) {
        s->feature_enabled[i] |= V4L2_AV1_SEGMENT_FEATURE_ENABLED (j);
        value = features[j].is_signed ?
            gst_daedalus_av1_bits_su (&p->bits, 1 + features[j].bits) :
            (gint) gst_daedalus_av1_bits_f (&p->bits, features[j].bits);
      }
      s->feature_data[i][j] = CLAMP (value, -features[j].max, features[j].max);
    }
  }
}

/**
 * gst_daedalus_av1_parse_segmentation:
 * @p: the parser, with the features of the primary reference in the control
 *
 * segmentation_params() of section 5.9.14.
 */
void
gst_daedalus_av1_parse_segmentation (GstDaedalusAv1Parser *p)
{
  struct v4l2_ctrl_av1_frame *c = &p->header->control;
  struct v4l2_av1_segmentation *s = &c->segmentation;
  gboolean update_data = TRUE;
  guint i;

  if (!gst_daedalus_av1_bits_f (&p->bits, 1)) {
    memset (s, 0, sizeof (*s));
    return;
  }
  s->flags |= V4L2_AV1_SEGMENTATION_FLAG_ENABLED;
  if (c->primary_ref_frame == GST_DAEDALUS_AV1_PRIMARY_REF_NONE) {
    s->flags |= V4L2_AV1_SEGMENTATION_FLAG_UPDATE_MAP;
  } else {
    if (gst_daedalus_av1_bits_f (&p->bits, 1)) {
      s->flags |= V4L2_AV1_SEGMENTATION_FLAG_UPDATE_MAP;
      if (gst_daedalus_av1_bits_f (&p->bits, 1))
        s->flags |= V4L2_AV1_SEGMENTATION_FLAG_TEMPORAL_UPDATE;
    }
    update_data = gst_daedalus_av1_bits_f (&p->bits, 1);
  }
  if (update_data) {
    s->flags |= V4L2_AV1_SEGMENTATION_FLAG_UPDATE_DATA;
    parse_features (p);
  }
  for (i = 0; i < V4L2_AV1_MAX_SEGMENTS; i++) {
    if (s->feature_enabled[i])
      s->last_active_seg_id = i;
    if (s->feature_enabled[i] >> V4L2_AV1_SEG_LVL_REF_FRAME)
      s->flags |= V4L2_AV1_SEGMENTATION_FLAG_SEG_ID_PRE_SKIP;
  }
}

/**
 * gst_daedalus_av1_parse_delta_q_lf:
 * @p: the parser
 *
 * delta_q_params() and delta_lf_params() of sections 5.9.17 and 5.9.18.
 */
void
gst_daedalus_av1_parse_delta_q_lf (GstDaedalusAv1Parser *p)
{
  struct v4l2_ctrl_av1_frame *c = &p->header->control;

  if (!c->quantization.base_q_idx || !gst_daedalus_av1_bits_f (&p->bits, 1))
    return;
  c->quantization.flags |= V4L2_AV1_QUANTIZATION_FLAG_DELTA_Q_PRESENT;
  c->quantization.delta_q_res = gst_daedalus_av1_bits_f (&p->bits, 2);
  if ((c->flags & V4L2_AV1_FRAME_FLAG_ALLOW_INTRABC)
      || !gst_daedalus_av1_bits_f (&p->bits, 1))
    return;
  c->loop_filter.flags |= V4L2_AV1_LOOP_FILTER_FLAG_DELTA_LF_PRESENT;
  c->loop_filter.delta_lf_res = gst_daedalus_av1_bits_f (&p->bits, 2);
  if (gst_daedalus_av1_bits_f (&p->bits, 1))
    c->loop_filter.flags |= V4L2_AV1_LOOP_FILTER_FLAG_DELTA_LF_MULTI;
}

/**
 * gst_daedalus_av1_coded_lossless:
 * @header: with quantizer and segments
 *
 * Returns: CodedLossless of section 5.9.2
 */
gboolean
gst_daedalus_av1_coded_lossless (const GstDaedalusAv1Header *header)
{
  const struct v4l2_av1_quantization *q = &header->control.quantization;
  const struct v4l2_av1_segmentation *s = &header->control.segmentation;
  guint i;

  if (q->delta_q_y_dc || q->delta_q_u_dc || q->delta_q_u_ac || q->delta_q_v_dc
      || q->delta_q_v_ac)
    return FALSE;
  for (i = 0; i < V4L2_AV1_MAX_SEGMENTS; i++) {
    gint qindex = q->base_q_idx;

    if (s->feature_enabled[i]
        & V4L2_AV1_SEGMENT_FEATURE_ENABLED (V4L2_AV1_SEG_LVL_ALT_Q))
      qindex += s->feature_data[i][V4L2_AV1_SEG_LVL_ALT_Q];
    if (qindex > 0)
      return FALSE;
  }
  return TRUE;
}

/**
 * gst_daedalus_av1_default_deltas:
 * @lf: whose deltas are set
 *
 * The part of setup_past_independence(), section 7.20, that is about them.
 */
void
gst_daedalus_av1_default_deltas (struct v4l2_av1_loop_filter *lf)
{
  static const gint8 ref_deltas[V4L2_AV1_TOTAL_REFS_PER_FRAME] = {
    [V4L2_AV1_REF_INTRA_FRAME] = 1,[V4L2_AV1_REF_GOLDEN_FRAME] = -1,
    [V4L2_AV1_REF_ALTREF2_FRAME] = -1,[V4L2_AV1_REF_ALTREF_FRAME] = -1
  };

  memcpy (lf->ref_deltas, ref_deltas, sizeof (ref_deltas));
  memset (lf->mode_deltas, 0, sizeof (lf->mode_deltas));
}

/**
 * gst_daedalus_av1_parse_loop_filter:
 * @p: the parser, with the deltas of the primary reference in the control
 * @coded_lossless: CodedLossless
 *
 * loop_filter_params() of section 5.9.11.
 */
void
gst_daedalus_av1_parse_loop_filter (GstDaedalusAv1Parser *p,
    gboolean coded_lossless)
{
  struct v4l2_av1_loop_filter *lf = &p->header->control.loop_filter;
  guint i;

  if (coded_lossless || gst_daedalus_av1_header_has (p->header,
          V4L2_AV1_FRAME_FLAG_ALLOW_INTRABC)) {
    gst_daedalus_av1_default_deltas (lf);
    return;
  }
  lf->level[0] = gst_daedalus_av1_bits_f (&p->bits, 6);
  lf->level[1] = gst_daedalus_av1_bits_f (&p->bits, 6);
  if ((lf->level[0] || lf->level[1]) && !gst_daedalus_av1_sequence_has (p->seq,
          V4L2_AV1_SEQUENCE_FLAG_MONO_CHROME)) {
    lf->level[2] = gst_daedalus_av1_bits_f (&p->bits, 6);
    lf->level[3] = gst_daedalus_av1_bits_f (&p->bits, 6);
  }
  lf->sharpness = gst_daedalus_av1_bits_f (&p->bits, 3);
  if (!gst_daedalus_av1_bits_f (&p->bits, 1))
    return;
  lf->flags |= V4L2_AV1_LOOP_FILTER_FLAG_DELTA_ENABLED;
  if (!gst_daedalus_av1_bits_f (&p->bits, 1))
    return;
  lf->flags |= V4L2_AV1_LOOP_FILTER_FLAG_DELTA_UPDATE;
  for (i = 0; i < G_N_ELEMENTS (lf->ref_deltas); i++) {
    if (gst_daedalus_av1_bits_f (&p->bits, 1))
      lf->ref_deltas[i] = gst_daedalus_av1_bits_su (&p->bits, 7);
  }
  for (i = 0; i < G_N_ELEMENTS (lf->mode_deltas); i++) {
    if (gst_daedalus_av1_bits_f (&p->bits, 1))
      lf->mode_deltas[i] = gst_daedalus_av1_bits_su (&p->bits, 7);
  }
}

static void
parse_cdef_strength (GstDaedalusAv1Parser *p, guint8 *primary,
    guint8 *secondary)
{
  *primary = gst_daedalus_av1_bits_f (&p->bits, 4);
  *secondary = gst_daedalus_av1_bits_f (&p->bits, 2);
  if (*secondary == 3)
    *secondary = 4;
}

/**
 * gst_daedalus_av1_parse_cdef:
 * @p: the parser
 * @coded_lossless: CodedLossless
 *
 * cdef_params() of section 5.9.19.
 */
void
gst_daedalus_av1_parse_cdef (GstDaedalusAv1Parser *p, gboolean coded_lossless)
{
  struct v4l2_av1_cdef *cdef = &p->header->control.cdef;
  guint i;

  if (coded_lossless || gst_daedalus_av1_header_has (p->header,
          V4L2_AV1_FRAME_FLAG_ALLOW_INTRABC)
      || !gst_daedalus_av1_sequence_has (p->seq,
          V4L2_AV1_SEQUENCE_FLAG_ENABLE_CDEF))
    return;
  cdef->damping_minus_3 = gst_daedalus_av1_bits_f (&p->bits, 2);
  cdef->bits = gst_daedalus_av1_bits_f (&p->bits, 2);
  for (i = 0; i < 1u << cdef->bits; i++) {
    parse_cdef_strength (p, &cdef->y_pri_strength[i], &cdef->y_sec_strength[i]);
    if (!gst_daedalus_av1_sequence_has (p->seq,
            V4L2_AV1_SEQUENCE_FLAG_MONO_CHROME))
      parse_cdef_strength (p, &cdef->uv_pri_strength[i],
          &cdef->uv_sec_strength[i]);
  }
}

/**
 * gst_daedalus_av1_parse_loop_restoration:
 * @p: the parser
 * @all_lossless: AllLossless
 *
 * lr_params() of section 5.9.20.
 */
void
gst_daedalus_av1_parse_loop_restoration (GstDaedalusAv1Parser *p,
    gboolean all_lossless)
{
  /* Remap_Lr_Type */
  static const enum v4l2_av1_frame_restoration_type types[] = {
    V4L2_AV1_FRAME_RESTORE_NONE, V4L2_AV1_FRAME_RESTORE_SWITCHABLE,
    V4L2_AV1_FRAME_RESTORE_WIENER, V4L2_AV1_FRAME_RESTORE_SGRPROJ
  };
  struct v4l2_av1_loop_restoration *lr = &p->header->control.loop_restoration;
  const guint planes = gst_daedalus_av1_sequence_has (p->seq,
      V4L2_AV1_SEQUENCE_FLAG_MONO_CHROME) ? 1 : V4L2_AV1_NUM_PLANES_MAX;
  guint i;

  if (all_lossless || gst_daedalus_av1_header_has (p->header,
          V4L2_AV1_FRAME_FLAG_ALLOW_INTRABC)
      || !gst_daedalus_av1_sequence_has (p->seq,
          V4L2_AV1_SEQUENCE_FLAG_ENABLE_RESTORATION))
    return;
  for (i = 0; i < planes; i++) {
    lr->frame_restoration_type[i] =
        types[gst_daedalus_av1_bits_f (&p->bits, 2)];
    if (lr->frame_restoration_type[i] == V4L2_AV1_FRAME_RESTORE_NONE)
      continue;
    lr->flags |= V4L2_AV1_LOOP_RESTORATION_FLAG_USES_LR;
    if (i > 0)
      lr->flags |= V4L2_AV1_LOOP_RESTORATION_FLAG_USES_CHROMA_LR;
  }
  if (!lr->flags)
    return;

  lr->lr_unit_shift = gst_daedalus_av1_bits_f (&p->bits, 1);
  if (gst_daedalus_av1_sequence_has (p->seq,
          V4L2_AV1_SEQUENCE_FLAG_USE_128X128_SUPERBLOCK))
    lr->lr_unit_shift++;
  else if (lr->lr_unit_shift)
    lr->lr_unit_shift += gst_daedalus_av1_bits_f (&p->bits, 1);
  if ((lr->flags & V4L2_AV1_LOOP_RESTORATION_FLAG_USES_CHROMA_LR)
      && gst_daedalus_av1_sequence_has (p->seq,
          V4L2_AV1_SEQUENCE_FLAG_SUBSAMPLING_X)
      && gst_daedalus_av1_sequence_has (p->seq,
          V4L2_AV1_SEQUENCE_FLAG_SUBSAMPLING_Y))
    lr->lr_uv_shift = gst_daedalus_av1_bits_f (&p->bits, 1);
  lr->loop_restoration_size[0] =
      1u << (RESTORATION_SIZE_MIN_LOG2 + lr->lr_unit_shift);
  lr->loop_restoration_size[1] = lr->loop_restoration_size[2] =
      lr->loop_restoration_size[0] >> lr->lr_uv_shift;
}
