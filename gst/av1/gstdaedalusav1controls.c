/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "gstdaedalusav1controls.h"
#include "gstdaedalusav1motion.h"

#include <string.h>

#define COPY(to, from) \
  G_STMT_START { \
    G_STATIC_ASSERT (sizeof (to) == sizeof (from)); \
    memcpy (to, from, sizeof (to)); \
  } G_STMT_END

/* A flag of a control; @condition is its value in the parser's struct. */
#define F(flag, condition) ((condition) ? V4L2_AV1_##flag : 0)

/**
 * gst_daedalus_av1_fill_sequence:
 * @to: (out): V4L2_CID_STATELESS_AV1_SEQUENCE
 * @from: the sequence header
 */
void
gst_daedalus_av1_fill_sequence (struct v4l2_ctrl_av1_sequence *to,
    const GstAV1SequenceHeaderOBU *from)
{
  const GstAV1ColorConfig *c = &from->color_config;

  memset (to, 0, sizeof (*to));
  to->flags = F (SEQUENCE_FLAG_STILL_PICTURE, from->still_picture)
      | F (SEQUENCE_FLAG_USE_128X128_SUPERBLOCK, from->use_128x128_superblock)
      | F (SEQUENCE_FLAG_ENABLE_FILTER_INTRA, from->enable_filter_intra)
      | F (SEQUENCE_FLAG_ENABLE_INTRA_EDGE_FILTER,
      from->enable_intra_edge_filter)
      | F (SEQUENCE_FLAG_ENABLE_INTERINTRA_COMPOUND,
      from->enable_interintra_compound)
      | F (SEQUENCE_FLAG_ENABLE_MASKED_COMPOUND, from->enable_masked_compound)
      | F (SEQUENCE_FLAG_ENABLE_WARPED_MOTION, from->enable_warped_motion)
      | F (SEQUENCE_FLAG_ENABLE_DUAL_FILTER, from->enable_dual_filter)
      | F (SEQUENCE_FLAG_ENABLE_ORDER_HINT, from->enable_order_hint)
      | F (SEQUENCE_FLAG_ENABLE_JNT_COMP, from->enable_jnt_comp)
      | F (SEQUENCE_FLAG_ENABLE_REF_FRAME_MVS, from->enable_ref_frame_mvs)
      | F (SEQUENCE_FLAG_ENABLE_SUPERRES, from->enable_superres)
      | F (SEQUENCE_FLAG_ENABLE_CDEF, from->enable_cdef)
      | F (SEQUENCE_FLAG_ENABLE_RESTORATION, from->enable_restoration)
      | F (SEQUENCE_FLAG_MONO_CHROME, c->mono_chrome)
      | F (SEQUENCE_FLAG_COLOR_RANGE, c->color_range)
      | F (SEQUENCE_FLAG_SUBSAMPLING_X, c->subsampling_x)
      | F (SEQUENCE_FLAG_SUBSAMPLING_Y, c->subsampling_y)
      | F (SEQUENCE_FLAG_FILM_GRAIN_PARAMS_PRESENT,
      from->film_grain_params_present)
      | F (SEQUENCE_FLAG_SEPARATE_UV_DELTA_Q, c->separate_uv_delta_q);
  to->seq_profile = from->seq_profile;
  to->order_hint_bits = from->order_hint_bits;
  to->bit_depth = from->bit_depth;
  to->max_frame_width_minus_1 = from->max_frame_width_minus_1;
  to->max_frame_height_minus_1 = from->max_frame_height_minus_1;
}

static void
fill_tile_info (struct v4l2_av1_tile_info *to, const GstAV1TileInfo *from)
{
  guint i;

  to->flags = F (TILE_INFO_FLAG_UNIFORM_TILE_SPACING,
      from->uniform_tile_spacing_flag);
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
  /* It is not coded for a single tile; then the parser keeps an old value. */
  if (from->tile_cols_log2 || from->tile_rows_log2)
    to->tile_size_bytes = from->tile_size_bytes;
}

static void
fill_quantization (struct v4l2_av1_quantization *to,
    const GstAV1QuantizationParams *from)
{
  to->flags = F (QUANTIZATION_FLAG_DIFF_UV_DELTA, from->diff_uv_delta)
      | F (QUANTIZATION_FLAG_USING_QMATRIX, from->using_qmatrix)
      | F (QUANTIZATION_FLAG_DELTA_Q_PRESENT, from->delta_q_present);
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
fill_segmentation (struct v4l2_av1_segmentation *to,
    const GstAV1SegmenationParams *from)
{
  guint i, j;

  to->flags = F (SEGMENTATION_FLAG_ENABLED, from->segmentation_enabled)
      | F (SEGMENTATION_FLAG_UPDATE_MAP, from->segmentation_update_map)
      | F (SEGMENTATION_FLAG_TEMPORAL_UPDATE,
      from->segmentation_temporal_update)
      | F (SEGMENTATION_FLAG_UPDATE_DATA, from->segmentation_update_data)
      | F (SEGMENTATION_FLAG_SEG_ID_PRE_SKIP, from->seg_id_pre_skip);
  to->last_active_seg_id = from->last_active_seg_id;
  for (i = 0; i < V4L2_AV1_MAX_SEGMENTS; i++) {
    for (j = 0; j < V4L2_AV1_SEG_LVL_MAX; j++)
      to->feature_enabled[i] |= from->feature_enabled[i][j] << j;
  }
  COPY (to->feature_data, from->feature_data);
}

static void
fill_loop_filter (struct v4l2_av1_loop_filter *to,
    const GstAV1LoopFilterParams *from, gboolean off)
{
  /* The parser sets it to 1 in frames that do not code it. */
  to->flags = F (LOOP_FILTER_FLAG_DELTA_ENABLED, from->loop_filter_delta_enabled
      && !off)
      | F (LOOP_FILTER_FLAG_DELTA_UPDATE, from->loop_filter_delta_update)
      | F (LOOP_FILTER_FLAG_DELTA_LF_PRESENT, from->delta_lf_present)
      | F (LOOP_FILTER_FLAG_DELTA_LF_MULTI, from->delta_lf_multi);
  COPY (to->level, from->loop_filter_level);
  to->sharpness = from->loop_filter_sharpness;
  COPY (to->ref_deltas, from->loop_filter_ref_deltas);
  COPY (to->mode_deltas, from->loop_filter_mode_deltas);
  to->delta_lf_res = from->delta_lf_res;
}

static void
fill_cdef (struct v4l2_av1_cdef *to, const GstAV1CDEFParams *from)
{
  to->damping_minus_3 = from->cdef_damping - 3;
  to->bits = from->cdef_bits;
  COPY (to->y_pri_strength, from->cdef_y_pri_strength);
  COPY (to->y_sec_strength, from->cdef_y_sec_strength);
  COPY (to->uv_pri_strength, from->cdef_uv_pri_strength);
  COPY (to->uv_sec_strength, from->cdef_uv_sec_strength);
}

static void
fill_loop_restoration (struct v4l2_av1_loop_restoration *to,
    const GstAV1LoopRestorationParams *from)
{
  guint i;

  to->flags = F (LOOP_RESTORATION_FLAG_USES_LR, from->uses_lr)
      | F (LOOP_RESTORATION_FLAG_USES_CHROMA_LR,
      from->frame_restoration_type[1] || from->frame_restoration_type[2]);
  to->lr_unit_shift = from->lr_unit_shift;
  to->lr_uv_shift = from->lr_uv_shift;
  for (i = 0; i < V4L2_AV1_NUM_PLANES_MAX; i++)
    to->frame_restoration_type[i] =
        (enum v4l2_av1_frame_restoration_type) from->frame_restoration_type[i];
  COPY (to->loop_restoration_size, from->loop_restoration_size);
}

static void
fill_global_motion (struct v4l2_av1_global_motion *to,
    const GstAV1GlobalMotionParams *from)
{
  guint i;

  COPY (to->params, from->gm_params);
  /* The parser leaves the parameters of the intra reference at 0; V4L2 wants
   * the identity. */
  to->params[V4L2_AV1_REF_INTRA_FRAME][2] = 1 << 16;
  to->params[V4L2_AV1_REF_INTRA_FRAME][5] = 1 << 16;
  for (i = 0; i < V4L2_AV1_TOTAL_REFS_PER_FRAME; i++) {
    to->flags[i] = F (GLOBAL_MOTION_FLAG_IS_GLOBAL, from->is_global[i])
        | F (GLOBAL_MOTION_FLAG_IS_ROT_ZOOM, from->is_rot_zoom[i])
        | F (GLOBAL_MOTION_FLAG_IS_TRANSLATION, from->is_translation[i]);
    to->type[i] = (enum v4l2_av1_warp_model) from->gm_type[i];
    if (!gst_daedalus_av1_warp_is_valid (to->params[i]))
      to->invalid |= V4L2_AV1_GLOBAL_MOTION_IS_INVALID (i);
  }
}

static guint32
frame_flags (const GstAV1FrameHeaderOBU *f)
{
  return F (FRAME_FLAG_SHOW_FRAME, f->show_frame)
      | F (FRAME_FLAG_SHOWABLE_FRAME, f->showable_frame)
      /* The parser does not infer it for reduced_still_picture_header. */
      | F (FRAME_FLAG_ERROR_RESILIENT_MODE, f->error_resilient_mode
      || (f->frame_type == GST_AV1_KEY_FRAME && f->show_frame))
      | F (FRAME_FLAG_DISABLE_CDF_UPDATE, f->disable_cdf_update)
      | F (FRAME_FLAG_ALLOW_SCREEN_CONTENT_TOOLS, f->allow_screen_content_tools)
      | F (FRAME_FLAG_FORCE_INTEGER_MV, f->force_integer_mv)
      | F (FRAME_FLAG_ALLOW_INTRABC, f->allow_intrabc)
      | F (FRAME_FLAG_USE_SUPERRES, f->use_superres)
      | F (FRAME_FLAG_ALLOW_HIGH_PRECISION_MV, f->allow_high_precision_mv)
      | F (FRAME_FLAG_IS_MOTION_MODE_SWITCHABLE, f->is_motion_mode_switchable)
      | F (FRAME_FLAG_USE_REF_FRAME_MVS, f->use_ref_frame_mvs)
      | F (FRAME_FLAG_DISABLE_FRAME_END_UPDATE_CDF,
      f->disable_frame_end_update_cdf)
      | F (FRAME_FLAG_ALLOW_WARPED_MOTION, f->allow_warped_motion)
      | F (FRAME_FLAG_REFERENCE_SELECT, f->reference_select)
      | F (FRAME_FLAG_REDUCED_TX_SET, f->reduced_tx_set)
      | F (FRAME_FLAG_SKIP_MODE_ALLOWED, f->skip_mode_frame[0])
      | F (FRAME_FLAG_SKIP_MODE_PRESENT, f->skip_mode_present)
      | F (FRAME_FLAG_FRAME_SIZE_OVERRIDE, f->frame_size_override_flag)
      | F (FRAME_FLAG_BUFFER_REMOVAL_TIME_PRESENT,
      f->buffer_removal_time_present_flag)
      | F (FRAME_FLAG_FRAME_REFS_SHORT_SIGNALING,
      f->frame_refs_short_signaling);
}

/**
 * gst_daedalus_av1_fill_frame:
 * @to: (out): V4L2_CID_STATELESS_AV1_FRAME without reference_frame_ts
 * @from: header of a frame to be decoded
 */
void
gst_daedalus_av1_fill_frame (struct v4l2_ctrl_av1_frame *to,
    const GstAV1FrameHeaderOBU *from)
{
  guint i;

  memset (to, 0, sizeof (*to));
  fill_tile_info (&to->tile_info, &from->tile_info);
  fill_quantization (&to->quantization, &from->quantization_params);
  fill_segmentation (&to->segmentation, &from->segmentation_params);
  fill_loop_filter (&to->loop_filter, &from->loop_filter_params,
      from->coded_lossless || from->allow_intrabc);
  fill_cdef (&to->cdef, &from->cdef_params);
  fill_loop_restoration (&to->loop_restoration, &from->loop_restoration_params);
  fill_global_motion (&to->global_motion, &from->global_motion_params);
  to->superres_denom = from->superres_denom;
  COPY (to->skip_mode_frame, from->skip_mode_frame);
  to->primary_ref_frame = from->primary_ref_frame;
  to->flags = frame_flags (from);
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
  COPY (to->buffer_removal_time, from->buffer_removal_time);
  COPY (to->order_hints, from->order_hints);
  /* The parser has -1 in frames without references. V4L2 has no such value. */
  for (i = 0; i < V4L2_AV1_REFS_PER_FRAME; i++)
    to->ref_frame_idx[i] = MAX (from->ref_frame_idx[i], 0);
  to->refresh_frame_flags = from->refresh_frame_flags;
}

/**
 * gst_daedalus_av1_fill_film_grain:
 * @to: (out): V4L2_CID_STATELESS_AV1_FILM_GRAIN
 * @from: film_grain_params() of the frame header
 */
void
gst_daedalus_av1_fill_film_grain (struct v4l2_ctrl_av1_film_grain *to,
    const GstAV1FilmGrainParams *from)
{
  memset (to, 0, sizeof (*to));
  to->flags = F (FILM_GRAIN_FLAG_APPLY_GRAIN, from->apply_grain)
      | F (FILM_GRAIN_FLAG_UPDATE_GRAIN, from->update_grain)
      | F (FILM_GRAIN_FLAG_CHROMA_SCALING_FROM_LUMA,
      from->chroma_scaling_from_luma)
      | F (FILM_GRAIN_FLAG_OVERLAP, from->overlap_flag)
      | F (FILM_GRAIN_FLAG_CLIP_TO_RESTRICTED_RANGE,
      from->clip_to_restricted_range);
#define SAME(field) to->field = from->field
#define SAME_ARRAY(field) COPY (to->field, from->field)
  SAME (grain_seed);
  SAME (num_y_points);
  SAME_ARRAY (point_y_value);
  SAME_ARRAY (point_y_scaling);
  SAME (num_cb_points);
  SAME_ARRAY (point_cb_value);
  SAME_ARRAY (point_cb_scaling);
  SAME (num_cr_points);
  SAME_ARRAY (point_cr_value);
  SAME_ARRAY (point_cr_scaling);
  SAME (grain_scaling_minus_8);
  SAME (ar_coeff_lag);
  SAME_ARRAY (ar_coeffs_y_plus_128);
  SAME_ARRAY (ar_coeffs_cb_plus_128);
  SAME_ARRAY (ar_coeffs_cr_plus_128);
  SAME (ar_coeff_shift_minus_6);
  SAME (grain_scale_shift);
  SAME (cb_mult);
  SAME (cb_luma_mult);
  SAME (cb_offset);
  SAME (cr_mult);
  SAME (cr_luma_mult);
  SAME (cr_offset);
#undef SAME
#undef SAME_ARRAY
}
