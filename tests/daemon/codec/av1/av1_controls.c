// SPDX-License-Identifier: LGPL-2.1-or-later
#include "av1_controls.h"

#include <stdint.h>
#include <string.h>

/* Both use the values of the specification. */
_Static_assert((int)GST_AV1_SWITCH_FRAME == V4L2_AV1_SWITCH_FRAME, "frame_type");
_Static_assert((int)GST_AV1_INTERPOLATION_FILTER_SWITCHABLE ==
	       V4L2_AV1_INTERPOLATION_FILTER_SWITCHABLE, "interpolation_filter");
_Static_assert((int)GST_AV1_TX_MODE_SELECT == V4L2_AV1_TX_MODE_SELECT, "tx_mode");
_Static_assert((int)GST_AV1_FRAME_RESTORE_WIENER == V4L2_AV1_FRAME_RESTORE_WIENER &&
	       (int)GST_AV1_FRAME_RESTORE_SGRPROJ == V4L2_AV1_FRAME_RESTORE_SGRPROJ &&
	       (int)GST_AV1_FRAME_RESTORE_SWITCHABLE == V4L2_AV1_FRAME_RESTORE_SWITCHABLE,
	       "frame_restoration_type");
_Static_assert((int)GST_AV1_WARP_MODEL_AFFINE == V4L2_AV1_WARP_MODEL_AFFINE, "gm_type");

#define COPY(to, from) \
	do { \
		_Static_assert(sizeof(to) == sizeof(from), #to); \
		memcpy(&(to), &(from), sizeof(to)); \
	} while (0)

void av1_fill_sequence(struct v4l2_ctrl_av1_sequence *control, const GstAV1SequenceHeaderOBU *s)
{
	const GstAV1ColorConfig *color = &s->color_config;

	*control = (struct v4l2_ctrl_av1_sequence){
		.seq_profile = (uint8_t)s->seq_profile,
		.order_hint_bits = s->order_hint_bits,
		.bit_depth = s->bit_depth,
		.max_frame_width_minus_1 = s->max_frame_width_minus_1,
		.max_frame_height_minus_1 = s->max_frame_height_minus_1,
	};
#define FLAG(value, name) \
	control->flags |= (value) ? V4L2_AV1_SEQUENCE_FLAG_##name : 0
	FLAG(s->still_picture, STILL_PICTURE);
	FLAG(s->use_128x128_superblock, USE_128X128_SUPERBLOCK);
	FLAG(s->enable_filter_intra, ENABLE_FILTER_INTRA);
	FLAG(s->enable_intra_edge_filter, ENABLE_INTRA_EDGE_FILTER);
	FLAG(s->enable_interintra_compound, ENABLE_INTERINTRA_COMPOUND);
	FLAG(s->enable_masked_compound, ENABLE_MASKED_COMPOUND);
	FLAG(s->enable_warped_motion, ENABLE_WARPED_MOTION);
	FLAG(s->enable_dual_filter, ENABLE_DUAL_FILTER);
	FLAG(s->enable_order_hint, ENABLE_ORDER_HINT);
	FLAG(s->enable_jnt_comp, ENABLE_JNT_COMP);
	FLAG(s->enable_ref_frame_mvs, ENABLE_REF_FRAME_MVS);
	FLAG(s->enable_superres, ENABLE_SUPERRES);
	FLAG(s->enable_cdef, ENABLE_CDEF);
	FLAG(s->enable_restoration, ENABLE_RESTORATION);
	FLAG(color->mono_chrome, MONO_CHROME);
	FLAG(color->color_range, COLOR_RANGE);
	FLAG(color->subsampling_x, SUBSAMPLING_X);
	FLAG(color->subsampling_y, SUBSAMPLING_Y);
	FLAG(s->film_grain_params_present, FILM_GRAIN_PARAMS_PRESENT);
	FLAG(color->separate_uv_delta_q, SEPARATE_UV_DELTA_Q);
#undef FLAG
}

static void fill_flags(struct v4l2_ctrl_av1_frame *control, const GstAV1FrameHeaderOBU *h)
{
#define FLAG(value, name) \
	control->flags |= (value) ? V4L2_AV1_FRAME_FLAG_##name : 0
	FLAG(h->show_frame, SHOW_FRAME);
	FLAG(h->showable_frame, SHOWABLE_FRAME);
	FLAG(h->error_resilient_mode, ERROR_RESILIENT_MODE);
	FLAG(h->disable_cdf_update, DISABLE_CDF_UPDATE);
	FLAG(h->allow_screen_content_tools, ALLOW_SCREEN_CONTENT_TOOLS);
	FLAG(h->force_integer_mv, FORCE_INTEGER_MV);
	FLAG(h->allow_intrabc, ALLOW_INTRABC);
	FLAG(h->use_superres, USE_SUPERRES);
	FLAG(h->allow_high_precision_mv, ALLOW_HIGH_PRECISION_MV);
	FLAG(h->is_motion_mode_switchable, IS_MOTION_MODE_SWITCHABLE);
	FLAG(h->use_ref_frame_mvs, USE_REF_FRAME_MVS);
	FLAG(h->disable_frame_end_update_cdf, DISABLE_FRAME_END_UPDATE_CDF);
	FLAG(h->allow_warped_motion, ALLOW_WARPED_MOTION);
	FLAG(h->reference_select, REFERENCE_SELECT);
	FLAG(h->reduced_tx_set, REDUCED_TX_SET);
	FLAG(h->skip_mode_frame[0] > 0, SKIP_MODE_ALLOWED);
	FLAG(h->skip_mode_present, SKIP_MODE_PRESENT);
	FLAG(h->frame_size_override_flag, FRAME_SIZE_OVERRIDE);
	FLAG(h->buffer_removal_time_present_flag, BUFFER_REMOVAL_TIME_PRESENT);
	FLAG(h->frame_refs_short_signaling, FRAME_REFS_SHORT_SIGNALING);
#undef FLAG
}

static void fill_tile_info(struct v4l2_av1_tile_info *control, const GstAV1TileInfo *info)
{
	control->flags = info->uniform_tile_spacing_flag ?
			 V4L2_AV1_TILE_INFO_FLAG_UNIFORM_TILE_SPACING : 0;
	control->context_update_tile_id = info->context_update_tile_id;
	control->tile_cols = info->tile_cols;
	control->tile_rows = info->tile_rows;
	control->tile_size_bytes = info->tile_size_bytes;
	COPY(control->mi_col_starts, info->mi_col_starts);
	COPY(control->mi_row_starts, info->mi_row_starts);
	COPY(control->width_in_sbs_minus_1, info->width_in_sbs_minus_1);
	COPY(control->height_in_sbs_minus_1, info->height_in_sbs_minus_1);
}

static void fill_quantization(struct v4l2_av1_quantization *control,
			      const GstAV1QuantizationParams *q)
{
	*control = (struct v4l2_av1_quantization){
		.flags = (uint8_t)
			((q->diff_uv_delta ? V4L2_AV1_QUANTIZATION_FLAG_DIFF_UV_DELTA : 0) |
			 (q->using_qmatrix ? V4L2_AV1_QUANTIZATION_FLAG_USING_QMATRIX : 0) |
			 (q->delta_q_present ? V4L2_AV1_QUANTIZATION_FLAG_DELTA_Q_PRESENT : 0)),
		.base_q_idx = q->base_q_idx,
		.delta_q_y_dc = q->delta_q_y_dc,
		.delta_q_u_dc = q->delta_q_u_dc,
		.delta_q_u_ac = q->delta_q_u_ac,
		.delta_q_v_dc = q->delta_q_v_dc,
		.delta_q_v_ac = q->delta_q_v_ac,
		.qm_y = q->qm_y,
		.qm_u = q->qm_u,
		.qm_v = q->qm_v,
		.delta_q_res = q->delta_q_res,
	};
}

static void fill_segmentation(struct v4l2_av1_segmentation *control,
			      const GstAV1SegmenationParams *s)
{
	int i, j;

#define FLAG(value, name) \
	control->flags |= (value) ? V4L2_AV1_SEGMENTATION_FLAG_##name : 0
	FLAG(s->segmentation_enabled, ENABLED);
	FLAG(s->segmentation_update_map, UPDATE_MAP);
	FLAG(s->segmentation_temporal_update, TEMPORAL_UPDATE);
	FLAG(s->segmentation_update_data, UPDATE_DATA);
	FLAG(s->seg_id_pre_skip, SEG_ID_PRE_SKIP);
#undef FLAG
	control->last_active_seg_id = s->last_active_seg_id;
	for (i = 0; i < V4L2_AV1_MAX_SEGMENTS; i++)
		for (j = 0; j < V4L2_AV1_SEG_LVL_MAX; j++)
			control->feature_enabled[i] |= (uint8_t)(!!s->feature_enabled[i][j] << j);
	COPY(control->feature_data, s->feature_data);
}

static void fill_filters(struct v4l2_ctrl_av1_frame *control, const GstAV1FrameHeaderOBU *h)
{
	const GstAV1LoopFilterParams *lf = &h->loop_filter_params;
	const GstAV1LoopRestorationParams *lr = &h->loop_restoration_params;
	int i;

#define FLAG(value, name) \
	control->loop_filter.flags |= (value) ? V4L2_AV1_LOOP_FILTER_FLAG_##name : 0
	FLAG(lf->loop_filter_delta_enabled, DELTA_ENABLED);
	FLAG(lf->loop_filter_delta_update, DELTA_UPDATE);
	FLAG(lf->delta_lf_present, DELTA_LF_PRESENT);
	FLAG(lf->delta_lf_multi, DELTA_LF_MULTI);
#undef FLAG
	control->loop_filter.sharpness = lf->loop_filter_sharpness;
	control->loop_filter.delta_lf_res = lf->delta_lf_res;
	COPY(control->loop_filter.level, lf->loop_filter_level);
	COPY(control->loop_filter.ref_deltas, lf->loop_filter_ref_deltas);
	COPY(control->loop_filter.mode_deltas, lf->loop_filter_mode_deltas);

	control->cdef.damping_minus_3 = (uint8_t)(h->cdef_params.cdef_damping - 3);
	control->cdef.bits = h->cdef_params.cdef_bits;
	COPY(control->cdef.y_pri_strength, h->cdef_params.cdef_y_pri_strength);
	COPY(control->cdef.y_sec_strength, h->cdef_params.cdef_y_sec_strength);
	COPY(control->cdef.uv_pri_strength, h->cdef_params.cdef_uv_pri_strength);
	COPY(control->cdef.uv_sec_strength, h->cdef_params.cdef_uv_sec_strength);

	control->loop_restoration.flags = (uint8_t)
		((lr->uses_lr ? V4L2_AV1_LOOP_RESTORATION_FLAG_USES_LR : 0) |
		 (lr->frame_restoration_type[1] ?
		  V4L2_AV1_LOOP_RESTORATION_FLAG_USES_CHROMA_LR : 0));
	control->loop_restoration.lr_unit_shift = lr->lr_unit_shift;
	control->loop_restoration.lr_uv_shift = (uint8_t)lr->lr_uv_shift;
	for (i = 0; i < V4L2_AV1_NUM_PLANES_MAX; i++)
		control->loop_restoration.frame_restoration_type[i] =
			(enum v4l2_av1_frame_restoration_type)lr->frame_restoration_type[i];
	COPY(control->loop_restoration.loop_restoration_size, lr->loop_restoration_size);
}

static void fill_global_motion(struct v4l2_av1_global_motion *control,
			       const GstAV1GlobalMotionParams *gm)
{
	int i;

	for (i = 0; i < V4L2_AV1_TOTAL_REFS_PER_FRAME; i++) {
		control->flags[i] = (uint8_t)
			((gm->is_global[i] ? V4L2_AV1_GLOBAL_MOTION_FLAG_IS_GLOBAL : 0) |
			 (gm->is_rot_zoom[i] ? V4L2_AV1_GLOBAL_MOTION_FLAG_IS_ROT_ZOOM : 0) |
			 (gm->is_translation[i] ?
			  V4L2_AV1_GLOBAL_MOTION_FLAG_IS_TRANSLATION : 0));
		control->type[i] = (enum v4l2_av1_warp_model)gm->gm_type[i];
		control->invalid |= (uint8_t)(!!gm->invalid[i] << i);
	}
	COPY(control->params, gm->gm_params);
}

void av1_fill_frame(struct v4l2_ctrl_av1_frame *control, const GstAV1FrameHeaderOBU *h)
{
	*control = (struct v4l2_ctrl_av1_frame){
		.frame_type = (enum v4l2_av1_frame_type)h->frame_type,
		.order_hint = h->order_hint,
		.superres_denom = (uint8_t)h->superres_denom,
		.upscaled_width = h->upscaled_width,
		.interpolation_filter =
			(enum v4l2_av1_interpolation_filter)h->interpolation_filter,
		.tx_mode = (enum v4l2_av1_tx_mode)h->tx_mode,
		.frame_width_minus_1 = h->frame_width - 1,
		.frame_height_minus_1 = h->frame_height - 1,
		.render_width_minus_1 = (uint16_t)(h->render_width - 1),
		.render_height_minus_1 = (uint16_t)(h->render_height - 1),
		.current_frame_id = h->current_frame_id,
		.primary_ref_frame = h->primary_ref_frame,
		.refresh_frame_flags = h->refresh_frame_flags,
	};
	fill_flags(control, h);
	fill_tile_info(&control->tile_info, &h->tile_info);
	fill_quantization(&control->quantization, &h->quantization_params);
	fill_segmentation(&control->segmentation, &h->segmentation_params);
	fill_filters(control, h);
	fill_global_motion(&control->global_motion, &h->global_motion_params);
	COPY(control->ref_frame_idx, h->ref_frame_idx);
	COPY(control->buffer_removal_time, h->buffer_removal_time);
	COPY(control->order_hints, h->order_hints);
	COPY(control->skip_mode_frame, h->skip_mode_frame);
}

void av1_fill_grain(struct v4l2_ctrl_av1_film_grain *control, const GstAV1FilmGrainParams *g)
{
	*control = (struct v4l2_ctrl_av1_film_grain){
		.cr_mult = g->cr_mult,
		.grain_seed = g->grain_seed,
		.film_grain_params_ref_idx = g->film_grain_params_ref_idx,
		.num_y_points = g->num_y_points,
		.num_cb_points = g->num_cb_points,
		.num_cr_points = g->num_cr_points,
		.grain_scaling_minus_8 = g->grain_scaling_minus_8,
		.ar_coeff_lag = g->ar_coeff_lag,
		.ar_coeff_shift_minus_6 = g->ar_coeff_shift_minus_6,
		.grain_scale_shift = g->grain_scale_shift,
		.cb_mult = g->cb_mult,
		.cb_luma_mult = g->cb_luma_mult,
		.cr_luma_mult = g->cr_luma_mult,
		.cb_offset = g->cb_offset,
		.cr_offset = g->cr_offset,
	};
#define FLAG(value, name) \
	control->flags |= (value) ? V4L2_AV1_FILM_GRAIN_FLAG_##name : 0
	FLAG(g->apply_grain, APPLY_GRAIN);
	FLAG(g->update_grain, UPDATE_GRAIN);
	FLAG(g->chroma_scaling_from_luma, CHROMA_SCALING_FROM_LUMA);
	FLAG(g->overlap_flag, OVERLAP);
	FLAG(g->clip_to_restricted_range, CLIP_TO_RESTRICTED_RANGE);
#undef FLAG
	COPY(control->point_y_value, g->point_y_value);
	COPY(control->point_y_scaling, g->point_y_scaling);
	COPY(control->point_cb_value, g->point_cb_value);
	COPY(control->point_cb_scaling, g->point_cb_scaling);
	COPY(control->point_cr_value, g->point_cr_value);
	COPY(control->point_cr_scaling, g->point_cr_scaling);
	COPY(control->ar_coeffs_y_plus_128, g->ar_coeffs_y_plus_128);
	COPY(control->ar_coeffs_cb_plus_128, g->ar_coeffs_cb_plus_128);
	COPY(control->ar_coeffs_cr_plus_128, g->ar_coeffs_cr_plus_128);
}
