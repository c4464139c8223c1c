/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Headers of real streams as the plugin and as GstAV1Parser of codecparsers read
 * them: both must see the same.
 * usage: test_av1_compare [FILE.ivf...]   without files it has ffmpeg make clips
 */
#include <glib/gstdio.h>
#include <gst/gst.h>
#include <string.h>

#define GST_USE_UNSTABLE_API
#include <gst/codecparsers/gstav1parser.h>

#include "gstdaedalusav1refs.h"
#include "gstdaedalusav1tiles.h"

#define EXIT_SKIP 77
#define IVF_HEADER 32
#define IVF_FRAME_HEADER 12

#define FLAG(condition, flag) ((condition) ? (flag) : 0)

/* The public parser's header as V4L2 has it. */
static void
expect_tile_info (struct v4l2_av1_tile_info *to, const GstAV1TileInfo *from)
{
  guint i;

  to->flags = FLAG (from->uniform_tile_spacing_flag,
      V4L2_AV1_TILE_INFO_FLAG_UNIFORM_TILE_SPACING);
  to->context_update_tile_id = from->context_update_tile_id;
  to->tile_cols = from->tile_cols;
  to->tile_rows = from->tile_rows;
  for (i = 0; i < from->tile_cols; i++) {
    to->mi_col_starts[i] = from->mi_col_starts[i];
    to->width_in_sbs_minus_1[i] = from->width_in_sbs_minus_1[i];
  }
  to->mi_col_starts[i] = from->mi_col_starts[i];
  for (i = 0; i < from->tile_rows; i++) {
    to->mi_row_starts[i] = from->mi_row_starts[i];
    to->height_in_sbs_minus_1[i] = from->height_in_sbs_minus_1[i];
  }
  to->mi_row_starts[i] = from->mi_row_starts[i];
  /* It keeps that of an earlier frame if there is one tile. */
  if (from->tile_cols * from->tile_rows > 1)
    to->tile_size_bytes = from->tile_size_bytes;
}

static void
expect_quantization (struct v4l2_av1_quantization *to,
    const GstAV1QuantizationParams *from)
{
  to->flags = FLAG (from->diff_uv_delta,
      V4L2_AV1_QUANTIZATION_FLAG_DIFF_UV_DELTA)
      | FLAG (from->using_qmatrix, V4L2_AV1_QUANTIZATION_FLAG_USING_QMATRIX)
      | FLAG (from->delta_q_present,
      V4L2_AV1_QUANTIZATION_FLAG_DELTA_Q_PRESENT);
  to->base_q_idx = from->base_q_idx;
  to->delta_q_y_dc = from->delta_q_y_dc;
  to->delta_q_u_dc = from->delta_q_u_dc;
  to->delta_q_u_ac = from->delta_q_u_ac;
  to->delta_q_v_dc = from->delta_q_v_dc;
  to->delta_q_v_ac = from->delta_q_v_ac;
  to->qm_y = from->qm_y;
  to->qm_u = from->qm_u;
  to->qm_v = from->qm_v;
  to->delta_q_res = from->delta_q_res;
}

static void
expect_segmentation (struct v4l2_av1_segmentation *to,
    const GstAV1SegmenationParams *from)
{
  guint i, j;

  to->flags = FLAG (from->segmentation_enabled,
      V4L2_AV1_SEGMENTATION_FLAG_ENABLED)
      | FLAG (from->segmentation_update_map,
      V4L2_AV1_SEGMENTATION_FLAG_UPDATE_MAP)
      | FLAG (from->segmentation_temporal_update,
      V4L2_AV1_SEGMENTATION_FLAG_TEMPORAL_UPDATE)
      | FLAG (from->segmentation_update_data,
      V4L2_AV1_SEGMENTATION_FLAG_UPDATE_DATA)
      | FLAG (from->seg_id_pre_skip,
      V4L2_AV1_SEGMENTATION_FLAG_SEG_ID_PRE_SKIP);
  to->last_active_seg_id = from->last_active_seg_id;
  for (i = 0; i < V4L2_AV1_MAX_SEGMENTS; i++) {
    for (j = 0; j < V4L2_AV1_SEG_LVL_MAX; j++) {
      to->feature_enabled[i] |= from->feature_enabled[i][j] << j;
      to->feature_data[i][j] = from->feature_data[i][j];
    }
  }
}

static void
expect_filters (struct v4l2_ctrl_av1_frame *to,
    const GstAV1FrameHeaderOBU *from)
{
  const GstAV1LoopFilterParams *lf = &from->loop_filter_params;
  const GstAV1CDEFParams *cdef = &from->cdef_params;
  const GstAV1LoopRestorationParams *lr = &from->loop_restoration_params;
  guint i;

  to->loop_filter.flags = FLAG (lf->loop_filter_delta_enabled
      && !from->coded_lossless && !from->allow_intrabc,
      V4L2_AV1_LOOP_FILTER_FLAG_DELTA_ENABLED)
      | FLAG (lf->loop_filter_delta_update,
      V4L2_AV1_LOOP_FILTER_FLAG_DELTA_UPDATE)
      | FLAG (lf->delta_lf_present, V4L2_AV1_LOOP_FILTER_FLAG_DELTA_LF_PRESENT)
      | FLAG (lf->delta_lf_multi, V4L2_AV1_LOOP_FILTER_FLAG_DELTA_LF_MULTI);
  memcpy (to->loop_filter.level, lf->loop_filter_level,
      sizeof (to->loop_filter.level));
  to->loop_filter.sharpness = lf->loop_filter_sharpness;
  memcpy (to->loop_filter.ref_deltas, lf->loop_filter_ref_deltas,
      sizeof (to->loop_filter.ref_deltas));
  memcpy (to->loop_filter.mode_deltas, lf->loop_filter_mode_deltas,
      sizeof (to->loop_filter.mode_deltas));
  to->loop_filter.delta_lf_res = lf->delta_lf_res;

  to->cdef.damping_minus_3 = cdef->cdef_damping - 3;
  to->cdef.bits = cdef->cdef_bits;
  for (i = 0; i < V4L2_AV1_CDEF_MAX; i++) {
    to->cdef.y_pri_strength[i] = cdef->cdef_y_pri_strength[i];
    to->cdef.y_sec_strength[i] = cdef->cdef_y_sec_strength[i];
    to->cdef.uv_pri_strength[i] = cdef->cdef_uv_pri_strength[i];
    to->cdef.uv_sec_strength[i] = cdef->cdef_uv_sec_strength[i];
  }

  to->loop_restoration.flags = FLAG (lr->uses_lr,
      V4L2_AV1_LOOP_RESTORATION_FLAG_USES_LR)
      | FLAG (lr->frame_restoration_type[1] || lr->frame_restoration_type[2],
      V4L2_AV1_LOOP_RESTORATION_FLAG_USES_CHROMA_LR);
  to->loop_restoration.lr_unit_shift = lr->lr_unit_shift;
  to->loop_restoration.lr_uv_shift = lr->lr_uv_shift;
  for (i = 0; i < V4L2_AV1_NUM_PLANES_MAX; i++) {
    /* Both have the values of FrameRestorationType in section 6.10.15. */
    to->loop_restoration.frame_restoration_type[i] =
        (enum v4l2_av1_frame_restoration_type) lr->frame_restoration_type[i];
    to->loop_restoration.loop_restoration_size[i] =
        lr->loop_restoration_size[i];
  }
}

static void
expect_motion (struct v4l2_av1_global_motion *to,
    const GstAV1GlobalMotionParams *from, guint8 invalid)
{
  guint i, j;

  for (i = 0; i < V4L2_AV1_TOTAL_REFS_PER_FRAME; i++) {
    to->flags[i] = FLAG (from->is_global[i],
        V4L2_AV1_GLOBAL_MOTION_FLAG_IS_GLOBAL)
        | FLAG (from->is_rot_zoom[i], V4L2_AV1_GLOBAL_MOTION_FLAG_IS_ROT_ZOOM)
        | FLAG (from->is_translation[i],
        V4L2_AV1_GLOBAL_MOTION_FLAG_IS_TRANSLATION);
    to->type[i] = (enum v4l2_av1_warp_model) from->gm_type[i];
    for (j = 0; j < 6; j++)
      to->params[i][j] = from->gm_params[i][j];
  }
  /* It leaves those of the intra reference, which does not move, at 0. */
  for (j = 0; j < 6; j++)
    to->params[0][j] = j % 3 == 2 ? 1 << 16 : 0;
  /* It computes in 16 bits whether a warp is possible, so that is not compared. */
  to->invalid = invalid;
}

static guint32
expect_flags (const GstAV1FrameHeaderOBU *f)
{
  return FLAG (f->show_frame, V4L2_AV1_FRAME_FLAG_SHOW_FRAME)
      | FLAG (f->showable_frame, V4L2_AV1_FRAME_FLAG_SHOWABLE_FRAME)
      /* It forgets that for reduced_still_picture_header. */
      | FLAG (f->error_resilient_mode
      || (f->frame_type == GST_AV1_KEY_FRAME && f->show_frame),
      V4L2_AV1_FRAME_FLAG_ERROR_RESILIENT_MODE)
      | FLAG (f->disable_cdf_update, V4L2_AV1_FRAME_FLAG_DISABLE_CDF_UPDATE)
      | FLAG (f->allow_screen_content_tools,
      V4L2_AV1_FRAME_FLAG_ALLOW_SCREEN_CONTENT_TOOLS)
      | FLAG (f->force_integer_mv, V4L2_AV1_FRAME_FLAG_FORCE_INTEGER_MV)
      | FLAG (f->allow_intrabc, V4L2_AV1_FRAME_FLAG_ALLOW_INTRABC)
      | FLAG (f->use_superres, V4L2_AV1_FRAME_FLAG_USE_SUPERRES)
      | FLAG (f->allow_high_precision_mv,
      V4L2_AV1_FRAME_FLAG_ALLOW_HIGH_PRECISION_MV)
      | FLAG (f->is_motion_mode_switchable,
      V4L2_AV1_FRAME_FLAG_IS_MOTION_MODE_SWITCHABLE)
      | FLAG (f->use_ref_frame_mvs, V4L2_AV1_FRAME_FLAG_USE_REF_FRAME_MVS)
      | FLAG (f->disable_frame_end_update_cdf,
      V4L2_AV1_FRAME_FLAG_DISABLE_FRAME_END_UPDATE_CDF)
      | FLAG (f->allow_warped_motion, V4L2_AV1_FRAME_FLAG_ALLOW_WARPED_MOTION)
      | FLAG (f->reference_select, V4L2_AV1_FRAME_FLAG_REFERENCE_SELECT)
      | FLAG (f->reduced_tx_set, V4L2_AV1_FRAME_FLAG_REDUCED_TX_SET)
      | FLAG (f->skip_mode_frame[0] > 0, V4L2_AV1_FRAME_FLAG_SKIP_MODE_ALLOWED)
      | FLAG (f->skip_mode_present, V4L2_AV1_FRAME_FLAG_SKIP_MODE_PRESENT)
      | FLAG (f->frame_size_override_flag,
      V4L2_AV1_FRAME_FLAG_FRAME_SIZE_OVERRIDE)
      | FLAG (f->buffer_removal_time_present_flag,
      V4L2_AV1_FRAME_FLAG_BUFFER_REMOVAL_TIME_PRESENT)
      | FLAG (f->frame_refs_short_signaling,
      V4L2_AV1_FRAME_FLAG_FRAME_REFS_SHORT_SIGNALING);
}

static void
expect_frame (struct v4l2_ctrl_av1_frame *to, const GstAV1FrameHeaderOBU *from,
    const struct v4l2_ctrl_av1_frame *ours)
{
  guint i;

  memset (to, 0, sizeof (*to));
  expect_tile_info (&to->tile_info, &from->tile_info);
  expect_quantization (&to->quantization, &from->quantization_params);
  to->superres_denom = from->superres_denom;
  expect_segmentation (&to->segmentation, &from->segmentation_params);
  expect_filters (to, from);
  to->skip_mode_frame[0] = from->skip_mode_frame[0];
  to->skip_mode_frame[1] = from->skip_mode_frame[1];
  to->primary_ref_frame = from->primary_ref_frame;
  expect_motion (&to->global_motion, &from->global_motion_params,
      ours->global_motion.invalid);
  to->flags = expect_flags (from);
  to->frame_type = (enum v4l2_av1_frame_type) from->frame_type;
  to->order_hint = from->order_hint;
  to->upscaled_width = from->upscaled_width;
  to->interpolation_filter =
      (enum v4l2_av1_interpolation_filter) from->interpolation_filter;
  to->tx_mode = (enum v4l2_av1_tx_mode) from->tx_mode;
  to->frame_width_minus_1 = from->frame_width - 1;
  to->frame_height_minus_1 = from->frame_height - 1;
  to->render_width_minus_1 = from->render_width - 1;
  to->render_height_minus_1 = from->render_height - 1;
  to->current_frame_id = from->current_frame_id;
  for (i = 0; i < V4L2_AV1_MAX_OPERATING_POINTS; i++)
    to->buffer_removal_time[i] = from->buffer_removal_time[i];
  for (i = 0; i < V4L2_AV1_TOTAL_REFS_PER_FRAME; i++)
    to->order_hints[i] = from->order_hints[i];
  /* Of frames without references it says -1, V4L2 has no word for that. */
  for (i = 0; i < V4L2_AV1_REFS_PER_FRAME; i++)
    to->ref_frame_idx[i] = MAX (from->ref_frame_idx[i], 0);
  to->refresh_frame_flags = from->refresh_frame_flags;
}

static void
expect_grain (struct v4l2_ctrl_av1_film_grain *to,
    const GstAV1FilmGrainParams *from)
{
  memset (to, 0, sizeof (*to));
  to->flags = FLAG (from->apply_grain, V4L2_AV1_FILM_GRAIN_FLAG_APPLY_GRAIN)
      | FLAG (from->update_grain, V4L2_AV1_FILM_GRAIN_FLAG_UPDATE_GRAIN)
      | FLAG (from->chroma_scaling_from_luma,
      V4L2_AV1_FILM_GRAIN_FLAG_CHROMA_SCALING_FROM_LUMA)
      | FLAG (from->overlap_flag, V4L2_AV1_FILM_GRAIN_FLAG_OVERLAP)
      | FLAG (from->clip_to_restricted_range,
      V4L2_AV1_FILM_GRAIN_FLAG_CLIP_TO_RESTRICTED_RANGE);
  to->grain_seed = from->grain_seed;
  to->num_y_points = from->num_y_points;
  memcpy (to->point_y_value, from->point_y_value, sizeof (to->point_y_value));
  memcpy (to->point_y_scaling, from->point_y_scaling,
      sizeof (to->point_y_scaling));
  to->num_cb_points = from->num_cb_points;
  memcpy (to->point_cb_value, from->point_cb_value,
      sizeof (to->point_cb_value));
  memcpy (to->point_cb_scaling, from->point_cb_scaling,
      sizeof (to->point_cb_scaling));
  to->num_cr_points = from->num_cr_points;
  memcpy (to->point_cr_value, from->point_cr_value,
      sizeof (to->point_cr_value));
  memcpy (to->point_cr_scaling, from->point_cr_scaling,
      sizeof (to->point_cr_scaling));
  to->grain_scaling_minus_8 = from->grain_scaling_minus_8;
  to->ar_coeff_lag = from->ar_coeff_lag;
  memcpy (to->ar_coeffs_y_plus_128, from->ar_coeffs_y_plus_128,
      sizeof (to->ar_coeffs_y_plus_128));
  memcpy (to->ar_coeffs_cb_plus_128, from->ar_coeffs_cb_plus_128,
      sizeof (to->ar_coeffs_cb_plus_128));
  memcpy (to->ar_coeffs_cr_plus_128, from->ar_coeffs_cr_plus_128,
      sizeof (to->ar_coeffs_cr_plus_128));
  to->ar_coeff_shift_minus_6 = from->ar_coeff_shift_minus_6;
  to->grain_scale_shift = from->grain_scale_shift;
  to->cb_mult = from->cb_mult;
  to->cb_luma_mult = from->cb_luma_mult;
  to->cb_offset = from->cb_offset;
  to->cr_mult = from->cr_mult;
  to->cr_luma_mult = from->cr_luma_mult;
  to->cr_offset = from->cr_offset;
}

/* Both parsers at the same place of a stream */
typedef struct
{
  GstAV1Parser *parser;
  GstAV1SequenceHeaderOBU their_seq;
  GstAV1FrameHeaderOBU their_header;

  GstDaedalusAv1Sequence seq;
  GstDaedalusAv1Refs refs;
  GstDaedalusAv1Header header;
  GstDaedalusAv1Tiles tiles;
  gboolean has_header;
  guint64 timestamp;
  guint n_headers;
} Pair;

static gboolean
differ (const gchar *what, gconstpointer ours, gconstpointer theirs, gsize size)
{
  const guint8 *a = ours, *b = theirs;
  gsize i;

  for (i = 0; i < size && a[i] == b[i]; i++);
  if (i == size)
    return FALSE;
  g_printerr ("%s differs at byte %" G_GSIZE_FORMAT ": %u, expected %u\n", what,
      i, a[i], b[i]);
  return TRUE;
}

static gboolean
same_sequence (Pair *p)
{
  const GstAV1SequenceHeaderOBU *t = &p->their_seq;
  const GstAV1ColorConfig *color = &t->color_config;
  struct v4l2_ctrl_av1_sequence expected = {
    .flags = FLAG (t->still_picture, V4L2_AV1_SEQUENCE_FLAG_STILL_PICTURE)
        | FLAG (t->use_128x128_superblock,
        V4L2_AV1_SEQUENCE_FLAG_USE_128X128_SUPERBLOCK)
        | FLAG (t->enable_filter_intra,
        V4L2_AV1_SEQUENCE_FLAG_ENABLE_FILTER_INTRA)
        | FLAG (t->enable_intra_edge_filter,
        V4L2_AV1_SEQUENCE_FLAG_ENABLE_INTRA_EDGE_FILTER)
        | FLAG (t->enable_interintra_compound,
        V4L2_AV1_SEQUENCE_FLAG_ENABLE_INTERINTRA_COMPOUND)
        | FLAG (t->enable_masked_compound,
        V4L2_AV1_SEQUENCE_FLAG_ENABLE_MASKED_COMPOUND)
        | FLAG (t->enable_warped_motion,
        V4L2_AV1_SEQUENCE_FLAG_ENABLE_WARPED_MOTION)
        | FLAG (t->enable_dual_filter,
        V4L2_AV1_SEQUENCE_FLAG_ENABLE_DUAL_FILTER)
        | FLAG (t->enable_order_hint, V4L2_AV1_SEQUENCE_FLAG_ENABLE_ORDER_HINT)
        | FLAG (t->enable_jnt_comp, V4L2_AV1_SEQUENCE_FLAG_ENABLE_JNT_COMP)
        | FLAG (t->enable_ref_frame_mvs,
        V4L2_AV1_SEQUENCE_FLAG_ENABLE_REF_FRAME_MVS)
        | FLAG (t->enable_superres, V4L2_AV1_SEQUENCE_FLAG_ENABLE_SUPERRES)
        | FLAG (t->enable_cdef, V4L2_AV1_SEQUENCE_FLAG_ENABLE_CDEF)
        | FLAG (t->enable_restoration,
        V4L2_AV1_SEQUENCE_FLAG_ENABLE_RESTORATION)
        | FLAG (color->mono_chrome, V4L2_AV1_SEQUENCE_FLAG_MONO_CHROME)
        | FLAG (color->color_range, V4L2_AV1_SEQUENCE_FLAG_COLOR_RANGE)
        | FLAG (color->subsampling_x, V4L2_AV1_SEQUENCE_FLAG_SUBSAMPLING_X)
        | FLAG (color->subsampling_y, V4L2_AV1_SEQUENCE_FLAG_SUBSAMPLING_Y)
        | FLAG (t->film_grain_params_present,
        V4L2_AV1_SEQUENCE_FLAG_FILM_GRAIN_PARAMS_PRESENT)
        | FLAG (color->separate_uv_delta_q,
        V4L2_AV1_SEQUENCE_FLAG_SEPARATE_UV_DELTA_Q),
    .seq_profile = t->seq_profile,
    .order_hint_bits = t->order_hint_bits,
    .bit_depth = t->bit_depth,
    .max_frame_width_minus_1 = t->max_frame_width_minus_1,
    .max_frame_height_minus_1 = t->max_frame_height_minus_1,
  };

  return !differ ("v4l2_ctrl_av1_sequence", &p->seq.control, &expected,
      sizeof (expected))
      && p->seq.color_primaries == color->color_primaries
      && p->seq.transfer_characteristics == color->transfer_characteristics
      && p->seq.matrix_coefficients == color->matrix_coefficients
      && p->seq.operating_points_cnt == t->operating_points_cnt_minus_1 + 1u;
}

/* Field by field, to tell where. */
static gboolean
same_header (Pair *p)
{
  static const struct
  {
    const gchar *name;
    gsize offset, size;
  } parts[] = {
#define PART(field) \
  {#field, G_STRUCT_OFFSET (struct v4l2_ctrl_av1_frame, field), \
      sizeof (((struct v4l2_ctrl_av1_frame *) NULL)->field)}
    PART (tile_info), PART (quantization), PART (superres_denom),
    PART (segmentation), PART (loop_filter), PART (cdef),
    PART (skip_mode_frame), PART (primary_ref_frame),
    PART (loop_restoration), PART (global_motion), PART (flags),
    PART (frame_type), PART (order_hint), PART (upscaled_width),
    PART (interpolation_filter), PART (tx_mode), PART (frame_width_minus_1),
    PART (frame_height_minus_1), PART (render_width_minus_1),
    PART (render_height_minus_1), PART (current_frame_id),
    PART (buffer_removal_time), PART (order_hints), PART (ref_frame_idx),
    PART (refresh_frame_flags),
#undef PART
  };
  struct v4l2_ctrl_av1_film_grain grain;
  struct v4l2_ctrl_av1_frame expected;
  guint i;

  expect_frame (&expected, &p->their_header, &p->header.control);
  for (i = 0; i < G_N_ELEMENTS (parts); i++) {
    if (differ (parts[i].name,
            (const guint8 *) &p->header.control + parts[i].offset,
            (const guint8 *) &expected + parts[i].offset, parts[i].size))
      return FALSE;
  }
  expect_grain (&grain, &p->their_header.film_grain_params);
  return !differ ("v4l2_ctrl_av1_film_grain", &p->header.film_grain, &grain,
      sizeof (grain));
}

static gboolean
add_tiles (Pair *p, const GstDaedalusAv1Obu *obu, gsize start,
    const GstAV1TileGroupOBU *theirs, GError **error)
{
  const gsize base = p->tiles.size;
  guint i, first = p->tiles.n_entries;

  if (!gst_daedalus_av1_tiles_add (&p->tiles, &p->header, obu->data, obu->size,
          start, error))
    return FALSE;
  for (i = first; i < p->tiles.n_entries; i++) {
    const struct v4l2_ctrl_av1_tile_group_entry *e = &p->tiles.entries[i];

    if (e->tile_offset != base + theirs->entry[i].tile_offset
        || e->tile_size != theirs->entry[i].tile_size
        || e->tile_row != theirs->entry[i].tile_row
        || e->tile_col != theirs->entry[i].tile_col) {
      g_printerr ("tile %u is at %u with %u bytes, expected %u with %u\n", i,
          e->tile_offset, e->tile_size, theirs->entry[i].tile_offset,
          theirs->entry[i].tile_size);
      return FALSE;
    }
  }
  return TRUE;
}

static void
update_refs (Pair *p)
{
  GstDaedalusLayout layout = { 0 };
  GstDaedalusPicture *picture =
      gst_daedalus_picture_new (++p->timestamp, &layout, NULL, NULL);

  gst_daedalus_av1_refs_update (&p->refs, &p->header, picture);
  gst_daedalus_picture_unref (picture);
  gst_av1_parser_reference_frame_update (p->parser, &p->their_header);
  gst_daedalus_av1_tiles_clear (&p->tiles);
  p->has_header = FALSE;
}

static gboolean
parse_header (Pair *p, const GstDaedalusAv1Obu *obu, GError **error)
{
  p->n_headers++;
  if (!gst_daedalus_av1_header_parse (&p->header, &p->seq, &p->refs.state, obu,
          error))
    return FALSE;
  if (!p->header.show_existing_frame) {
    p->has_header = TRUE;
    return same_header (p);
  }
  if (p->header.frame_to_show_map_idx != p->their_header.frame_to_show_map_idx
      || p->header.control.refresh_frame_flags !=
      p->their_header.refresh_frame_flags)
    return FALSE;
  if (p->header.control.refresh_frame_flags)
    update_refs (p);
  return TRUE;
}

static gboolean
compare_obu (Pair *p, const GstDaedalusAv1Obu *obu, GstAV1OBU *theirs,
    GError **error)
{
  static GstAV1TileGroupOBU group;
  static GstAV1FrameOBU frame;
  GstAV1ParserResult res = GST_AV1_PARSER_OK;

  if (obu->data != theirs->data || obu->size != theirs->obu_size
      || obu->type != (guint) theirs->obu_type)
    return FALSE;
  switch (obu->type) {
    case GST_DAEDALUS_AV1_OBU_SEQUENCE_HEADER:
      res = gst_av1_parser_parse_sequence_header_obu (p->parser, theirs,
          &p->their_seq);
      return res == GST_AV1_PARSER_OK
          && gst_daedalus_av1_sequence_parse (&p->seq, obu->data, obu->size,
          error) && same_sequence (p);
    case GST_DAEDALUS_AV1_OBU_TEMPORAL_DELIMITER:
      return gst_av1_parser_parse_temporal_delimiter_obu (p->parser, theirs) ==
          GST_AV1_PARSER_OK;
    case GST_DAEDALUS_AV1_OBU_FRAME_HEADER:
    case GST_DAEDALUS_AV1_OBU_REDUNDANT_FRAME_HEADER:
      if (p->has_header)
        return TRUE;
      return gst_av1_parser_parse_frame_header_obu (p->parser, theirs,
          &p->their_header) == GST_AV1_PARSER_OK
          && parse_header (p, obu, error);
    case GST_DAEDALUS_AV1_OBU_FRAME:
      res = gst_av1_parser_parse_frame_obu (p->parser, theirs, &frame);
      p->their_header = frame.frame_header;
      if (res != GST_AV1_PARSER_OK || !parse_header (p, obu, error)
          || !add_tiles (p, obu, p->header.size, &frame.tile_group, error))
        return FALSE;
      break;
    case GST_DAEDALUS_AV1_OBU_TILE_GROUP:
      res = gst_av1_parser_parse_tile_group_obu (p->parser, theirs, &group);
      if (res != GST_AV1_PARSER_OK || !add_tiles (p, obu, 0, &group, error))
        return FALSE;
      break;
    default:
      return TRUE;
  }
  if (gst_daedalus_av1_tiles_complete (&p->tiles, &p->header))
    update_refs (p);
  return TRUE;
}

static gboolean
compare_unit (Pair *p, const guint8 *data, gsize size, GError **error)
{
  GstDaedalusAv1ObuReader reader;
  GstDaedalusAv1Obu obu;
  GstAV1OBU theirs;
  guint32 consumed;
  gsize pos = 0;

  gst_daedalus_av1_obu_reader_init (&reader, data, size, FALSE);
  while (gst_daedalus_av1_obu_next (&reader, &obu, error)) {
    GstAV1ParserResult res = gst_av1_parser_identify_one_obu (p->parser,
        data + pos, size - pos, &theirs, &consumed);
    gboolean dropped = res == GST_AV1_PARSER_DROP;

    pos += consumed;
    if (dropped != !gst_daedalus_av1_obu_in_operating_point (&obu,
            p->seq.operating_point_idc[0]))
      return FALSE;
    if (!dropped && !compare_obu (p, &obu, &theirs, error))
      return FALSE;
  }
  return *error == NULL;
}

static gboolean
compare_file (const gchar *path)
{
  Pair *p = g_new0 (Pair, 1);
  GError *error = NULL;
  gchar *contents;
  gsize length, pos = IVF_HEADER, unit = 0;
  gboolean ok;

  ok = g_file_get_contents (path, &contents, &length, &error);
  p->parser = gst_av1_parser_new ();
  while (ok && pos + IVF_FRAME_HEADER <= length) {
    guint32 le;
    gsize size;

    memcpy (&le, contents + pos, sizeof (le));
    size = GUINT32_FROM_LE (le);
    pos += IVF_FRAME_HEADER;
    size = MIN (size, length - pos);
    ok = compare_unit (p, (guint8 *) contents + pos, size, &error);
    if (!ok)
      g_printerr ("%s: temporal unit %" G_GSIZE_FORMAT ": %s\n", path, unit,
          error ? error->message : "the parsers differ");
    pos += size;
    unit++;
  }
  g_print ("%s: %u frame headers of %" G_GSIZE_FORMAT " units %s\n", path,
      p->n_headers, unit, ok ? "are the same" : "DIFFER");
  ok = ok && p->n_headers > 0;
  g_clear_error (&error);
  g_free (contents);
  gst_daedalus_av1_refs_drop (&p->refs, GST_DAEDALUS_AV1_ALL_FRAMES);
  gst_daedalus_av1_tiles_clear (&p->tiles);
  gst_av1_parser_free (p->parser);
  g_free (p);
  return ok;
}

/* Small clips that use what the encoders can be asked for. */
static int
compare_clips (void)
{
  static const gchar *const clips[] = {
    "testsrc2=s=192x144 -c:v libaom-av1 -cpu-used 6 -lag-in-frames 19",
    "mandelbrot=s=200x104 -c:v libaom-av1 -cpu-used 6 -lag-in-frames 16 "
        "-aom-params film-grain-test=3:enable-global-motion=1",
    "testsrc2=s=320x180 -pix_fmt yuv420p10le -c:v libaom-av1 -cpu-used 6 "
        "-lag-in-frames 5 -aom-params superres-mode=2:sb-size=128",
    "testsrc2=s=512x256 -c:v libaom-av1 -cpu-used 7 -lag-in-frames 0 -tiles 4x2 "
        "-aom-params error-resilient=1:tune-content=screen:num-tile-groups=3",
    "testsrc2=s=192x144 -c:v libaom-av1 -cpu-used 6 -lag-in-frames 5 -crf 0 "
        "-aom-params lossless=1:aq-mode=1",
    "mandelbrot=s=256x144 -c:v libaom-av1 -cpu-used 6 -lag-in-frames 8 "
        "-aom-params resize-mode=3:deltaq-mode=1:enable-qm=1:aq-mode=2",
    "testsrc2=s=256x144 -pix_fmt yuv420p -c:v libsvtav1 -preset 8 "
        "-svtav1-params film-grain=8",
  };
  gchar *ffmpeg = g_find_program_in_path ("ffmpeg");
  gchar *dir = g_dir_make_tmp ("av1-compare-XXXXXX", NULL);
  gchar *path = g_build_filename (dir, "clip.ivf", NULL);
  gboolean ok = TRUE;
  guint i;

  if (!ffmpeg) {
    g_print ("there is no ffmpeg to make clips with\n");
    return EXIT_SKIP;
  }
  for (i = 0; i < G_N_ELEMENTS (clips); i++) {
    gchar *cmd = g_strdup_printf ("%s -nostdin -v error -y -f lavfi -i %s "
        "-frames:v 24 -strict -2 %s", ffmpeg, clips[i], path);
    gint status = -1;

    g_print ("%s\n", clips[i]);
    if (!g_spawn_command_line_sync (cmd, NULL, NULL, &status, NULL)
        || status) {
      g_printerr ("failed: %s\n", cmd);
      ok = FALSE;
    } else {
      ok = compare_file (path) && ok;
    }
    g_free (cmd);
  }
  g_unlink (path);
  g_rmdir (dir);
  g_free (path);
  g_free (dir);
  g_free (ffmpeg);
  return ok ? 0 : 1;
}

int
main (int argc, char **argv)
{
  gboolean ok = TRUE;
  int i;

  gst_init (&argc, &argv);
  if (argc < 2)
    return compare_clips ();
  for (i = 1; i < argc; i++)
    ok = compare_file (argv[i]) && ok;
  return ok ? 0 : 1;
}
