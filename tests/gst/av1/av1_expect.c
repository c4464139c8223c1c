/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "av1_expect.h"

#include <string.h>

#define FLAG(condition, flag) ((condition) ? (flag) : 0)

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

/* See av1_expect.h. */
void
av1_expect_frame (struct v4l2_ctrl_av1_frame *to,
    const GstAV1FrameHeaderOBU *from, const struct v4l2_ctrl_av1_frame *ours)
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

/* See av1_expect.h. */
void
av1_expect_grain (struct v4l2_ctrl_av1_film_grain *to,
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

/* See av1_expect.h. */
void
av1_expect_sequence (struct v4l2_ctrl_av1_sequence *to,
    const GstAV1SequenceHeaderOBU *t)
{
  const GstAV1ColorConfig *color = &t->color_config;
  const struct v4l2_ctrl_av1_sequence expected = {
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

  *to = expected;
}
