// SPDX-License-Identifier: LGPL-2.1-or-later
#include "av1_check.h"

#include "av1_grain.h"
#include "av1_motion.h"
#include "av1_tiles.h"

#define MAX_SIZE	65536U

/* Bits and sign of the segmentation features, specification 5.9.14. */
static const struct {
	int16_t min;
	int16_t max;
} features[V4L2_AV1_SEG_LVL_MAX] = {
	{ -255, 255 }, { -63, 63 }, { -63, 63 }, { -63, 63 }, { -63, 63 }, { 0, 7 },
};

const char *av1_sequence_check(const struct v4l2_ctrl_av1_sequence *sequence,
			       enum daedalus_status *status)
{
	const uint32_t subsampling = V4L2_AV1_SEQUENCE_FLAG_SUBSAMPLING_X |
				     V4L2_AV1_SEQUENCE_FLAG_SUBSAMPLING_Y;
	bool has_hints = sequence->flags & V4L2_AV1_SEQUENCE_FLAG_ENABLE_ORDER_HINT;

	*status = DAEDALUS_STATUS_UNSUPPORTED;
	if (sequence->seq_profile)
		return "only the Main profile is 4:2:0 with 8 or 10 bits";
	if (sequence->bit_depth != 8 && sequence->bit_depth != 10)
		return "the bit depth is neither 8 nor 10";
	*status = DAEDALUS_STATUS_MISMATCH;
	if (!(sequence->flags & V4L2_AV1_SEQUENCE_FLAG_MONO_CHROME) &&
	    (sequence->flags & subsampling) != subsampling)
		return "the Main profile has both SUBSAMPLING flags";
	if (has_hints ? !sequence->order_hint_bits || sequence->order_hint_bits > 8 :
			sequence->order_hint_bits)
		return "order_hint_bits of the SEQUENCE control does not fit its flags";
	return NULL;
}

static bool in_range(int value, int min, int max)
{
	return value >= min && value <= max;
}

/* Does the value fit into su(7), the code of delta_q? */
static bool is_delta(int value)
{
	return in_range(value, -64, 63);
}

/* FrameWidth from UpscaledWidth, 5.9.8; with @keep, at least 16 columns stay, as in libraries. */
static uint32_t superres_width(uint32_t upscaled, uint32_t denom, bool keep)
{
	uint32_t width = (upscaled * 8 + denom / 2) / denom;
	uint32_t least = upscaled < 16 ? upscaled : 16;

	return keep && width < least ? least : width;
}

static const char *check_size(struct av1_frame *frame)
{
	const struct v4l2_ctrl_av1_frame *control = frame->control;
	uint32_t denom = control->superres_denom;

	if (!control->upscaled_width || control->upscaled_width > MAX_SIZE ||
	    control->frame_width_minus_1 >= MAX_SIZE || control->frame_height_minus_1 >= MAX_SIZE)
		return "the frame's size is not within 1x1..65536x65536";
	frame->upscaled_width = control->upscaled_width;
	frame->height = control->frame_height_minus_1 + 1;
	if (frame->upscaled_width > frame->sequence->max_frame_width_minus_1 + 1U ||
	    frame->height > frame->sequence->max_frame_height_minus_1 + 1U)
		return "the frame is larger than the SEQUENCE control says";
	frame->width = frame->upscaled_width;
	if (av1_frame_flag(frame, V4L2_AV1_FRAME_FLAG_USE_SUPERRES)) {
		if (!av1_sequence_flag(frame, V4L2_AV1_SEQUENCE_FLAG_ENABLE_SUPERRES))
			return "superres is used and not enabled in the SEQUENCE control";
		if (!in_range(control->superres_denom, 9, 16))
			return "superres_denom is not 9..16";
		frame->width = superres_width(frame->upscaled_width, denom, true);
		if (control->frame_width_minus_1 + 1 ==
		    superres_width(frame->upscaled_width, denom, false))
			return NULL;
	}
	if (control->frame_width_minus_1 + 1 != frame->width)
		return "frame_width_minus_1 does not follow from upscaled_width and superres_denom";
	return NULL;
}

static const char *check_references(const struct av1_frame *frame)
{
	const struct v4l2_ctrl_av1_frame *control = frame->control;
	int i;

	if (control->primary_ref_frame > AV1_PRIMARY_REF_NONE)
		return "primary_ref_frame is not 0..7";
	if (control->order_hint >> frame->sequence->order_hint_bits)
		return "order_hint has more bits than the SEQUENCE control says";
	for (i = 0; !frame->intra && i < V4L2_AV1_REFS_PER_FRAME; i++)
		if (!in_range(control->ref_frame_idx[i], 0, AV1_NUM_SLOTS - 1))
			return "a ref_frame_idx is not 0..7";
	if (control->interpolation_filter > V4L2_AV1_INTERPOLATION_FILTER_SWITCHABLE)
		return "interpolation_filter is not 0..4";
	if (control->tx_mode > V4L2_AV1_TX_MODE_SELECT)
		return "tx_mode is not 0..2";
	return NULL;
}

static const char *check_quantization(const struct av1_frame *frame)
{
	const struct v4l2_av1_quantization *quant = &frame->control->quantization;

	if (!is_delta(quant->delta_q_y_dc) || !is_delta(quant->delta_q_u_dc) ||
	    !is_delta(quant->delta_q_u_ac) || !is_delta(quant->delta_q_v_dc) ||
	    !is_delta(quant->delta_q_v_ac))
		return "a quantizer delta is not -64..63";
	if (quant->qm_y > 15 || quant->qm_u > 15 || quant->qm_v > 15)
		return "a quantizer matrix level is not 0..15";
	if (quant->delta_q_res > 3)
		return "delta_q_res is not 0..3";
	if (!av1_sequence_flag(frame, V4L2_AV1_SEQUENCE_FLAG_SEPARATE_UV_DELTA_Q) &&
	    !frame->monochrome &&
	    (quant->delta_q_u_dc != quant->delta_q_v_dc ||
	     quant->delta_q_u_ac != quant->delta_q_v_ac ||
	     (quant->flags & V4L2_AV1_QUANTIZATION_FLAG_USING_QMATRIX &&
	      quant->qm_u != quant->qm_v)))
		return "Cb and Cr quantizers differ without SEPARATE_UV_DELTA_Q";
	return NULL;
}

static const char *check_segmentation(const struct av1_frame *frame)
{
	const struct v4l2_av1_segmentation *segmentation = &frame->control->segmentation;
	int i, j;

	for (i = 0; i < V4L2_AV1_MAX_SEGMENTS; i++)
		for (j = 0; j < V4L2_AV1_SEG_LVL_REF_SKIP; j++)
			if (segmentation->feature_enabled[i] & 1U << j &&
			    !in_range(segmentation->feature_data[i][j], features[j].min,
				      features[j].max))
				return "feature_data of a segment is out of range";
	return NULL;
}

static const char *check_filters(const struct av1_frame *frame)
{
	const struct v4l2_av1_loop_filter *lf = &frame->control->loop_filter;
	const struct v4l2_av1_cdef *cdef = &frame->control->cdef;
	const struct v4l2_av1_loop_restoration *lr = &frame->control->loop_restoration;
	int i;

	for (i = 0; i < 4; i++)
		if (lf->level[i] > 63)
			return "a loop filter level is not 0..63";
	for (i = 0; i < V4L2_AV1_TOTAL_REFS_PER_FRAME; i++)
		if (!is_delta(lf->ref_deltas[i]))
			return "a loop filter delta is not -64..63";
	if (!is_delta(lf->mode_deltas[0]) || !is_delta(lf->mode_deltas[1]))
		return "a loop filter delta is not -64..63";
	if (lf->sharpness > 7 || lf->delta_lf_res > 3)
		return "loop filter sharpness or delta_lf_res is out of range";
	if (cdef->damping_minus_3 > 3 || cdef->bits > 3)
		return "CDEF damping_minus_3 or bits is not 0..3";
	for (i = 0; i < 1 << cdef->bits; i++)
		if (cdef->y_pri_strength[i] > 15 || cdef->uv_pri_strength[i] > 15 ||
		    cdef->y_sec_strength[i] > 4 || cdef->uv_sec_strength[i] > 4)
			return "a CDEF strength is out of range";
	for (i = 0; i < V4L2_AV1_NUM_PLANES_MAX; i++)
		if (lr->frame_restoration_type[i] > V4L2_AV1_FRAME_RESTORE_SWITCHABLE)
			return "frame_restoration_type is not 0..3";
	return NULL;
}

/* CodedLossless and AllLossless, 5.9.2. */
static void derive_lossless(struct av1_frame *frame)
{
	const struct v4l2_av1_quantization *quant = &frame->control->quantization;
	const struct v4l2_av1_segmentation *segmentation = &frame->control->segmentation;
	bool enabled = segmentation->flags & V4L2_AV1_SEGMENTATION_FLAG_ENABLED;
	int i;

	frame->coded_lossless = !quant->delta_q_y_dc &&
		(frame->monochrome || (!quant->delta_q_u_dc && !quant->delta_q_u_ac &&
				       !quant->delta_q_v_dc && !quant->delta_q_v_ac));
	for (i = 0; i < V4L2_AV1_MAX_SEGMENTS; i++) {
		int qidx = quant->base_q_idx;

		if (enabled && segmentation->feature_enabled[i] & 1U << V4L2_AV1_SEG_LVL_ALT_Q)
			qidx += segmentation->feature_data[i][V4L2_AV1_SEG_LVL_ALT_Q];
		if (qidx > 0)
			frame->coded_lossless = false;
	}
	frame->all_lossless = frame->coded_lossless && frame->width == frame->upscaled_width;
}

static const char *check_tiles(const struct av1_frame *frame, size_t size)
{
	unsigned int row, col;
	size_t left = size;

	if (frame->num_tiles != (size_t)frame->layout.cols * frame->layout.rows)
		return "TILE_GROUP_ENTRY has not one entry for each tile";
	for (row = 0; row < frame->layout.rows; row++) {
		for (col = 0; col < frame->layout.cols; col++) {
			const struct v4l2_ctrl_av1_tile_group_entry *tile;

			tile = av1_tile(frame, row, col);
			if (!tile)
				return "a tile is missing in TILE_GROUP_ENTRY";
			if (!tile->tile_size || tile->tile_offset > size ||
			    tile->tile_size > size - tile->tile_offset)
				return "a tile is empty or beyond the end of the OUTPUT payload";
			if (tile->tile_size > left)
				return "tiles overlap in the OUTPUT payload";
			left -= tile->tile_size;
		}
	}
	return NULL;
}

static void derive_header(struct av1_frame *frame)
{
	const struct v4l2_ctrl_av1_frame *control = frame->control;
	bool shown_key = control->frame_type == V4L2_AV1_KEY_FRAME &&
			 av1_frame_flag(frame, V4L2_AV1_FRAME_FLAG_SHOW_FRAME);
	bool resets = shown_key || control->frame_type == V4L2_AV1_SWITCH_FRAME;

	frame->monochrome = av1_sequence_flag(frame, V4L2_AV1_SEQUENCE_FLAG_MONO_CHROME);
	frame->intra = control->frame_type == V4L2_AV1_KEY_FRAME ||
		       control->frame_type == V4L2_AV1_INTRA_ONLY_FRAME;
	frame->error_resilient = resets ||
		av1_frame_flag(frame, V4L2_AV1_FRAME_FLAG_ERROR_RESILIENT_MODE);
	frame->refresh_frame_flags = resets ? 0xff : control->refresh_frame_flags;
	frame->primary_ref_frame = frame->intra || frame->error_resilient ?
		AV1_PRIMARY_REF_NONE : control->primary_ref_frame;
	frame->force_integer_mv = frame->intra ||
		(av1_frame_flag(frame, V4L2_AV1_FRAME_FLAG_ALLOW_SCREEN_CONTENT_TOOLS) &&
		 av1_frame_flag(frame, V4L2_AV1_FRAME_FLAG_FORCE_INTEGER_MV));
}

const char *av1_frame_init(struct av1_frame *frame, size_t size, enum daedalus_status *status)
{
	unsigned int sb_log2 =
		av1_sequence_flag(frame, V4L2_AV1_SEQUENCE_FLAG_USE_128X128_SUPERBLOCK) ? 7 : 6;
	const char *error;

	*status = DAEDALUS_STATUS_MISMATCH;
	if (frame->control->frame_type > V4L2_AV1_SWITCH_FRAME)
		return "frame_type is not 0..3";
	derive_header(frame);
	error = check_size(frame);
	if (error)
		return error;
	frame->sb_cols = (frame->width + (1U << sb_log2) - 1) >> sb_log2;
	frame->sb_rows = (frame->height + (1U << sb_log2) - 1) >> sb_log2;

	error = check_references(frame);
	if (!error)
		error = check_quantization(frame);
	if (!error)
		error = check_segmentation(frame);
	if (!error)
		error = check_filters(frame);
	if (!error)
		error = av1_motion_check(frame);
	if (!error)
		error = av1_grain_check(frame);
	if (!error)
		error = av1_layout_init(frame);
	if (error)
		return error;
	derive_lossless(frame);
	*status = DAEDALUS_STATUS_CORRUPT;
	return check_tiles(frame, size);
}
