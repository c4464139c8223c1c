// SPDX-License-Identifier: LGPL-2.1-or-later
#include "av1_header.h"

#include "av1_bits.h"
#include "av1_grain.h"
#include "av1_motion.h"
#include "av1_tiles.h"

/* Segmentation_Feature_Bits and Segmentation_Feature_Signed, specification 5.9.14. */
static const struct {
	uint8_t bits;
	bool is_signed;
} features[V4L2_AV1_SEG_LVL_MAX] = {
	{ 8, true }, { 6, true }, { 6, true }, { 6, true }, { 6, true }, { 3, false },
};

static bool flag(const struct av1_frame *frame, uint32_t bit)
{
	return av1_frame_flag(frame, bit);
}

/* frame_size(), superres_params() and render_size(). */
static void put_size(struct bit_writer *writer, const struct av1_frame *frame, bool override)
{
	const struct v4l2_ctrl_av1_frame *control = frame->control;
	bool superres = flag(frame, V4L2_AV1_FRAME_FLAG_USE_SUPERRES);
	bool render = control->render_width_minus_1 + 1U != frame->upscaled_width ||
		      control->render_height_minus_1 + 1U != frame->height;

	if (override) {
		bit_writer_put(writer, frame->upscaled_width - 1, 16);
		bit_writer_put(writer, frame->height - 1, 16);
	}
	if (av1_sequence_flag(frame, V4L2_AV1_SEQUENCE_FLAG_ENABLE_SUPERRES)) {
		av1_put_flag(writer, superres);
		if (superres)
			bit_writer_put(writer, control->superres_denom - 9U, 3);
	}
	av1_put_flag(writer, render);
	if (render) {
		bit_writer_put(writer, control->render_width_minus_1, 16);
		bit_writer_put(writer, control->render_height_minus_1, 16);
	}
}

static void put_intra(struct bit_writer *writer, const struct av1_frame *frame, bool override)
{
	put_size(writer, frame, override);
	if (flag(frame, V4L2_AV1_FRAME_FLAG_ALLOW_SCREEN_CONTENT_TOOLS) &&
	    frame->upscaled_width == frame->width)
		av1_put_flag(writer, flag(frame, V4L2_AV1_FRAME_FLAG_ALLOW_INTRABC));
}

static void put_inter(struct bit_writer *writer, const struct av1_frame *frame, bool override)
{
	const struct v4l2_ctrl_av1_frame *control = frame->control;
	bool switchable = control->interpolation_filter ==
			  V4L2_AV1_INTERPOLATION_FILTER_SWITCHABLE;
	int i;

	if (frame->sequence->order_hint_bits)
		av1_put_flag(writer, false);	/* frame_refs_short_signaling */
	for (i = 0; i < V4L2_AV1_REFS_PER_FRAME; i++)
		bit_writer_put(writer, (uint32_t)control->ref_frame_idx[i], 3);
	if (override && !frame->error_resilient)
		bit_writer_put(writer, 0, V4L2_AV1_REFS_PER_FRAME);	/* found_ref */
	put_size(writer, frame, override);
	if (!frame->force_integer_mv)
		av1_put_flag(writer, flag(frame, V4L2_AV1_FRAME_FLAG_ALLOW_HIGH_PRECISION_MV));
	av1_put_flag(writer, switchable);
	if (!switchable)
		bit_writer_put(writer, control->interpolation_filter, 2);
	av1_put_flag(writer, flag(frame, V4L2_AV1_FRAME_FLAG_IS_MOTION_MODE_SWITCHABLE));
	if (!frame->error_resilient && frame->sequence->order_hint_bits &&
	    av1_sequence_flag(frame, V4L2_AV1_SEQUENCE_FLAG_ENABLE_REF_FRAME_MVS))
		av1_put_flag(writer, flag(frame, V4L2_AV1_FRAME_FLAG_USE_REF_FRAME_MVS));
}

static void put_delta(struct bit_writer *writer, int value)
{
	av1_put_flag(writer, value);
	if (value)
		av1_put_su(writer, value, 7);
}

static void put_quantization(struct bit_writer *writer, const struct av1_frame *frame)
{
	const struct v4l2_av1_quantization *quant = &frame->control->quantization;
	bool separate = av1_sequence_flag(frame, V4L2_AV1_SEQUENCE_FLAG_SEPARATE_UV_DELTA_Q);
	bool matrices = quant->flags & V4L2_AV1_QUANTIZATION_FLAG_USING_QMATRIX;

	bit_writer_put(writer, quant->base_q_idx, 8);
	put_delta(writer, quant->delta_q_y_dc);
	if (!frame->monochrome) {
		bool differ = separate && (quant->delta_q_u_dc != quant->delta_q_v_dc ||
					   quant->delta_q_u_ac != quant->delta_q_v_ac);

		if (separate)
			av1_put_flag(writer, differ);
		put_delta(writer, quant->delta_q_u_dc);
		put_delta(writer, quant->delta_q_u_ac);
		if (differ) {
			put_delta(writer, quant->delta_q_v_dc);
			put_delta(writer, quant->delta_q_v_ac);
		}
	}
	av1_put_flag(writer, matrices);
	if (matrices) {
		bit_writer_put(writer, quant->qm_y, 4);
		bit_writer_put(writer, quant->qm_u, 4);
		if (separate && !frame->monochrome)
			bit_writer_put(writer, quant->qm_v, 4);
	}
}

static void put_feature(struct bit_writer *writer, int value, int feature)
{
	if (features[feature].is_signed)
		av1_put_su(writer, value, features[feature].bits + 1U);
	else
		bit_writer_put(writer, (uint32_t)value, features[feature].bits);
}

static void put_segmentation(struct bit_writer *writer, const struct av1_frame *frame)
{
	const struct v4l2_av1_segmentation *segmentation = &frame->control->segmentation;
	bool map = segmentation->flags & V4L2_AV1_SEGMENTATION_FLAG_UPDATE_MAP;
	int i, j;

	av1_put_flag(writer, segmentation->flags & V4L2_AV1_SEGMENTATION_FLAG_ENABLED);
	if (!(segmentation->flags & V4L2_AV1_SEGMENTATION_FLAG_ENABLED))
		return;
	if (frame->primary_ref_frame != AV1_PRIMARY_REF_NONE) {
		av1_put_flag(writer, map);
		if (map)
			av1_put_flag(writer, segmentation->flags &
				     V4L2_AV1_SEGMENTATION_FLAG_TEMPORAL_UPDATE);
		/* Always updated: the control has the features even if the stream copies them. */
		av1_put_flag(writer, true);
	}
	for (i = 0; i < V4L2_AV1_MAX_SEGMENTS; i++) {
		for (j = 0; j < V4L2_AV1_SEG_LVL_MAX; j++) {
			bool enabled = segmentation->feature_enabled[i] & 1U << j;

			av1_put_flag(writer, enabled);
			if (enabled && features[j].bits)
				put_feature(writer, segmentation->feature_data[i][j], j);
		}
	}
}

/* delta_q_params() and delta_lf_params(). */
static void put_block_deltas(struct bit_writer *writer, const struct av1_frame *frame)
{
	const struct v4l2_av1_quantization *quant = &frame->control->quantization;
	const struct v4l2_av1_loop_filter *lf = &frame->control->loop_filter;
	bool quantizer = quant->flags & V4L2_AV1_QUANTIZATION_FLAG_DELTA_Q_PRESENT;
	bool filter = lf->flags & V4L2_AV1_LOOP_FILTER_FLAG_DELTA_LF_PRESENT;

	if (!quant->base_q_idx)
		return;
	av1_put_flag(writer, quantizer);
	if (!quantizer)
		return;
	bit_writer_put(writer, quant->delta_q_res, 2);
	if (flag(frame, V4L2_AV1_FRAME_FLAG_ALLOW_INTRABC))
		return;
	av1_put_flag(writer, filter);
	if (!filter)
		return;
	bit_writer_put(writer, lf->delta_lf_res, 2);
	av1_put_flag(writer, lf->flags & V4L2_AV1_LOOP_FILTER_FLAG_DELTA_LF_MULTI);
}

static void put_loop_filter(struct bit_writer *writer, const struct av1_frame *frame)
{
	const struct v4l2_av1_loop_filter *lf = &frame->control->loop_filter;
	bool deltas = lf->flags & V4L2_AV1_LOOP_FILTER_FLAG_DELTA_ENABLED;
	int i;

	if (frame->coded_lossless || flag(frame, V4L2_AV1_FRAME_FLAG_ALLOW_INTRABC))
		return;
	bit_writer_put(writer, lf->level[0], 6);
	bit_writer_put(writer, lf->level[1], 6);
	if (!frame->monochrome && (lf->level[0] || lf->level[1])) {
		bit_writer_put(writer, lf->level[2], 6);
		bit_writer_put(writer, lf->level[3], 6);
	}
	bit_writer_put(writer, lf->sharpness, 3);
	av1_put_flag(writer, deltas);
	if (!deltas)
		return;
	/* All deltas are updated: the control does not tell which ones the stream updates. */
	av1_put_flag(writer, true);
	for (i = 0; i < V4L2_AV1_TOTAL_REFS_PER_FRAME; i++) {
		av1_put_flag(writer, true);
		av1_put_su(writer, lf->ref_deltas[i], 7);
	}
	for (i = 0; i < 2; i++) {
		av1_put_flag(writer, true);
		av1_put_su(writer, lf->mode_deltas[i], 7);
	}
}

/* A strength of 4 is coded as 3. Some clients set 3 in the control, others 4. */
static uint32_t secondary(uint8_t strength)
{
	return strength > 3 ? 3 : strength;
}

static void put_cdef(struct bit_writer *writer, const struct av1_frame *frame)
{
	const struct v4l2_av1_cdef *cdef = &frame->control->cdef;
	int i;

	if (frame->coded_lossless || flag(frame, V4L2_AV1_FRAME_FLAG_ALLOW_INTRABC) ||
	    !av1_sequence_flag(frame, V4L2_AV1_SEQUENCE_FLAG_ENABLE_CDEF))
		return;
	bit_writer_put(writer, cdef->damping_minus_3, 2);
	bit_writer_put(writer, cdef->bits, 2);
	for (i = 0; i < 1 << cdef->bits; i++) {
		bit_writer_put(writer, cdef->y_pri_strength[i], 4);
		bit_writer_put(writer, secondary(cdef->y_sec_strength[i]), 2);
		if (frame->monochrome)
			continue;
		bit_writer_put(writer, cdef->uv_pri_strength[i], 4);
		bit_writer_put(writer, secondary(cdef->uv_sec_strength[i]), 2);
	}
}

static void put_restoration(struct bit_writer *writer, const struct av1_frame *frame)
{
	/* lr_type, indexed by V4L2's enum, which has the values of FrameRestorationType. */
	static const uint8_t lr_type[] = { 0, 2, 3, 1 };
	const struct v4l2_av1_loop_restoration *lr = &frame->control->loop_restoration;
	const __u32 *size = lr->loop_restoration_size;
	unsigned int planes = frame->monochrome ? 1 : 3;
	bool luma = false, chroma = false;
	unsigned int i;

	if (frame->all_lossless || flag(frame, V4L2_AV1_FRAME_FLAG_ALLOW_INTRABC) ||
	    !av1_sequence_flag(frame, V4L2_AV1_SEQUENCE_FLAG_ENABLE_RESTORATION))
		return;
	for (i = 0; i < planes; i++) {
		bool used = lr->frame_restoration_type[i] != V4L2_AV1_FRAME_RESTORE_NONE;

		bit_writer_put(writer, lr_type[lr->frame_restoration_type[i]], 2);
		luma |= used && !i;
		chroma |= used && i;
	}
	if (!luma && !chroma)
		return;
	/* A unit has 64, 128 or 256 samples in each direction, at least those of a superblock. */
	av1_put_flag(writer, size[0] > (av1_sequence_flag(frame,
			V4L2_AV1_SEQUENCE_FLAG_USE_128X128_SUPERBLOCK) ? 128U : 64U));
	if (!av1_sequence_flag(frame, V4L2_AV1_SEQUENCE_FLAG_USE_128X128_SUPERBLOCK) &&
	    size[0] > 64)
		av1_put_flag(writer, size[0] > 128);
	if (chroma)
		av1_put_flag(writer, size[1] < size[0]);
}

/* primary_ref_frame, refresh_frame_flags and ref_order_hint[]. */
static void put_refresh(struct bit_writer *writer, const struct av1_frame *frame,
			const struct av1_refs *refs)
{
	bool shown_key = frame->control->frame_type == V4L2_AV1_KEY_FRAME &&
			 flag(frame, V4L2_AV1_FRAME_FLAG_SHOW_FRAME);
	int i;

	if (!frame->intra && !frame->error_resilient)
		bit_writer_put(writer, frame->primary_ref_frame, 3);
	if (!shown_key && frame->control->frame_type != V4L2_AV1_SWITCH_FRAME)
		bit_writer_put(writer, frame->refresh_frame_flags, 8);
	if ((!frame->intra || frame->refresh_frame_flags != 0xff) && frame->error_resilient &&
	    frame->sequence->order_hint_bits)
		for (i = 0; i < AV1_NUM_SLOTS; i++)
			bit_writer_put(writer, refs->slots[i].order_hint,
				       frame->sequence->order_hint_bits);
}

/* show_existing_frame up to order_hint. Return: frame_size_override_flag. */
static bool put_start(struct bit_writer *writer, const struct av1_frame *frame)
{
	const struct v4l2_ctrl_av1_frame *control = frame->control;
	bool shown = flag(frame, V4L2_AV1_FRAME_FLAG_SHOW_FRAME);
	bool switch_frame = control->frame_type == V4L2_AV1_SWITCH_FRAME;
	bool override = switch_frame ||
		frame->upscaled_width != frame->sequence->max_frame_width_minus_1 + 1U ||
		frame->height != frame->sequence->max_frame_height_minus_1 + 1U;

	av1_put_flag(writer, false);	/* show_existing_frame */
	bit_writer_put(writer, control->frame_type, 2);
	av1_put_flag(writer, shown);
	if (!shown)
		av1_put_flag(writer, flag(frame, V4L2_AV1_FRAME_FLAG_SHOWABLE_FRAME));
	if (!switch_frame && !(shown && control->frame_type == V4L2_AV1_KEY_FRAME))
		av1_put_flag(writer, frame->error_resilient);
	av1_put_flag(writer, flag(frame, V4L2_AV1_FRAME_FLAG_DISABLE_CDF_UPDATE));
	av1_put_flag(writer, flag(frame, V4L2_AV1_FRAME_FLAG_ALLOW_SCREEN_CONTENT_TOOLS));
	if (flag(frame, V4L2_AV1_FRAME_FLAG_ALLOW_SCREEN_CONTENT_TOOLS))
		av1_put_flag(writer, flag(frame, V4L2_AV1_FRAME_FLAG_FORCE_INTEGER_MV));
	if (!switch_frame)
		av1_put_flag(writer, override);
	bit_writer_put(writer, control->order_hint, frame->sequence->order_hint_bits);
	return override;
}

void av1_put_frame_header(struct bit_writer *writer, const struct av1_frame *frame,
			  const struct av1_refs *refs)
{
	bool override = put_start(writer, frame);

	put_refresh(writer, frame, refs);
	if (frame->intra)
		put_intra(writer, frame, override);
	else
		put_inter(writer, frame, override);
	if (!flag(frame, V4L2_AV1_FRAME_FLAG_DISABLE_CDF_UPDATE))
		av1_put_flag(writer, flag(frame, V4L2_AV1_FRAME_FLAG_DISABLE_FRAME_END_UPDATE_CDF));
	av1_put_tile_info(writer, frame);
	put_quantization(writer, frame);
	put_segmentation(writer, frame);
	put_block_deltas(writer, frame);
	put_loop_filter(writer, frame);
	put_cdef(writer, frame);
	put_restoration(writer, frame);
	if (!frame->coded_lossless)
		av1_put_flag(writer, frame->control->tx_mode == V4L2_AV1_TX_MODE_SELECT);
	if (!frame->intra)
		av1_put_flag(writer, flag(frame, V4L2_AV1_FRAME_FLAG_REFERENCE_SELECT));
	if (av1_refs_skip_mode(refs, frame))
		av1_put_flag(writer, flag(frame, V4L2_AV1_FRAME_FLAG_SKIP_MODE_PRESENT));
	if (!frame->intra && !frame->error_resilient &&
	    av1_sequence_flag(frame, V4L2_AV1_SEQUENCE_FLAG_ENABLE_WARPED_MOTION))
		av1_put_flag(writer, flag(frame, V4L2_AV1_FRAME_FLAG_ALLOW_WARPED_MOTION));
	av1_put_flag(writer, flag(frame, V4L2_AV1_FRAME_FLAG_REDUCED_TX_SET));
	if (!frame->intra)
		av1_put_global_motion(writer, frame, refs);
	if (av1_sequence_flag(frame, V4L2_AV1_SEQUENCE_FLAG_FILM_GRAIN_PARAMS_PRESENT) &&
	    av1_frame_showable(frame))
		av1_put_film_grain(writer, frame);
}
