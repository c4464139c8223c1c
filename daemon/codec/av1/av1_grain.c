// SPDX-License-Identifier: LGPL-2.1-or-later
#include "av1_grain.h"

#include "av1_bits.h"

#define MAX_LUMA_POINTS		14
#define MAX_CHROMA_POINTS	10

static bool has_flag(const struct av1_frame *frame, uint8_t flag)
{
	return frame->grain->flags & flag;
}

static bool increases(const uint8_t *values, unsigned int count)
{
	unsigned int i;

	for (i = 1; i < count; i++)
		if (values[i] <= values[i - 1])
			return false;
	return true;
}

/* Are chroma points coded? Not if they are derived from luma, nor in 4:2:0 without luma points. */
static bool has_chroma_points(const struct av1_frame *frame)
{
	return !frame->monochrome && frame->grain->num_y_points &&
	       !has_flag(frame, V4L2_AV1_FILM_GRAIN_FLAG_CHROMA_SCALING_FROM_LUMA);
}

const char *av1_grain_check(const struct av1_frame *frame)
{
	const struct v4l2_ctrl_av1_film_grain *grain = frame->grain;

	if (!av1_frame_wants_grain(frame))
		return NULL;
	if (grain->num_y_points > MAX_LUMA_POINTS || grain->num_cb_points > MAX_CHROMA_POINTS ||
	    grain->num_cr_points > MAX_CHROMA_POINTS)
		return "the FILM_GRAIN control has more than 14 luma or 10 chroma points";
	if (!increases(grain->point_y_value, grain->num_y_points) ||
	    !increases(grain->point_cb_value, grain->num_cb_points) ||
	    !increases(grain->point_cr_value, grain->num_cr_points))
		return "the points of the FILM_GRAIN control do not increase";
	if (has_chroma_points(frame) && !grain->num_cb_points != !grain->num_cr_points)
		return "the FILM_GRAIN control has points for one chroma component only";
	if (grain->grain_scaling_minus_8 > 3 || grain->ar_coeff_lag > 3 ||
	    grain->ar_coeff_shift_minus_6 > 3 || grain->grain_scale_shift > 3)
		return "a scale, lag or shift of the FILM_GRAIN control is not 0..3";
	if (grain->cb_offset > 511 || grain->cr_offset > 511)
		return "cb_offset or cr_offset of the FILM_GRAIN control is not 0..511";
	return NULL;
}

static void put_points(struct bit_writer *writer, const uint8_t *values, const uint8_t *scaling,
		       unsigned int count)
{
	unsigned int i;

	bit_writer_put(writer, count, 4);
	for (i = 0; i < count; i++) {
		bit_writer_put(writer, values[i], 8);
		bit_writer_put(writer, scaling[i], 8);
	}
}

static void put_coefficients(struct bit_writer *writer, const uint8_t *coefficients,
			     unsigned int count)
{
	unsigned int i;

	for (i = 0; i < count; i++)
		bit_writer_put(writer, coefficients[i], 8);
}

void av1_put_film_grain(struct bit_writer *writer, const struct av1_frame *frame)
{
	const struct v4l2_ctrl_av1_film_grain *grain = frame->grain;
	bool from_luma, chroma;
	unsigned int luma_positions, chroma_positions;

	av1_put_flag(writer, av1_frame_wants_grain(frame));
	if (!av1_frame_wants_grain(frame))
		return;
	from_luma = !frame->monochrome &&
		    has_flag(frame, V4L2_AV1_FILM_GRAIN_FLAG_CHROMA_SCALING_FROM_LUMA);
	chroma = has_chroma_points(frame);
	bit_writer_put(writer, grain->grain_seed, 16);
	/* update_grain = 1: the control has all parameters, even if the stream copies them. */
	if (frame->control->frame_type == V4L2_AV1_INTER_FRAME)
		av1_put_flag(writer, true);

	put_points(writer, grain->point_y_value, grain->point_y_scaling, grain->num_y_points);
	if (!frame->monochrome)
		av1_put_flag(writer, from_luma);
	if (chroma) {
		put_points(writer, grain->point_cb_value, grain->point_cb_scaling,
			   grain->num_cb_points);
		put_points(writer, grain->point_cr_value, grain->point_cr_scaling,
			   grain->num_cr_points);
	}
	bit_writer_put(writer, grain->grain_scaling_minus_8, 2);
	bit_writer_put(writer, grain->ar_coeff_lag, 2);
	luma_positions = 2U * grain->ar_coeff_lag * (grain->ar_coeff_lag + 1U);
	chroma_positions = luma_positions + !!grain->num_y_points;
	if (grain->num_y_points)
		put_coefficients(writer, grain->ar_coeffs_y_plus_128, luma_positions);
	if (from_luma || (chroma && grain->num_cb_points))
		put_coefficients(writer, grain->ar_coeffs_cb_plus_128, chroma_positions);
	if (from_luma || (chroma && grain->num_cr_points))
		put_coefficients(writer, grain->ar_coeffs_cr_plus_128, chroma_positions);
	bit_writer_put(writer, grain->ar_coeff_shift_minus_6, 2);
	bit_writer_put(writer, grain->grain_scale_shift, 2);
	if (chroma && grain->num_cb_points) {
		bit_writer_put(writer, grain->cb_mult, 8);
		bit_writer_put(writer, grain->cb_luma_mult, 8);
		bit_writer_put(writer, grain->cb_offset, 9);
	}
	if (chroma && grain->num_cr_points) {
		bit_writer_put(writer, grain->cr_mult, 8);
		bit_writer_put(writer, grain->cr_luma_mult, 8);
		bit_writer_put(writer, grain->cr_offset, 9);
	}
	av1_put_flag(writer, has_flag(frame, V4L2_AV1_FILM_GRAIN_FLAG_OVERLAP));
	av1_put_flag(writer, has_flag(frame, V4L2_AV1_FILM_GRAIN_FLAG_CLIP_TO_RESTRICTED_RANGE));
}
