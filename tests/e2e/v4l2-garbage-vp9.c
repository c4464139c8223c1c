// SPDX-License-Identifier: LGPL-2.1-or-later
#include "v4l2-garbage-vp9.h"

#include <errno.h>
#include <string.h>

/* Bits of a key frame's uncompressed header (6.2): marker, profile, sync code, size. */
static const struct {
	unsigned int first;
	unsigned int count;
} checked_bits[] = {
	{ 0, 4 }, { 8, 24 }, { 36, 32 },
};

#define SHOW_EXISTING_FRAME	0x08	/* in the first byte, profiles 0 to 2 */
#define MARKER_OF_COMPRESSED	0x80	/* the first bit that its boolean decoder reads is 0 */

static void random_bytes(GRand *rand, void *data, size_t size)
{
	for (size_t i = 0; i < size; i++)
		((uint8_t *)data)[i] = g_rand_int(rand);
}

/* Offset of the first tile. */
static size_t headers_size(const struct garbage_request *r)
{
	return r->frame.uncompressed_header_size + r->frame.compressed_header_size;
}

/* Random bytes without show_existing_frame, which would be a valid frame. */
static void noise(struct garbage_request *r, const struct garbage_inputs *inputs, GRand *rand)
{
	(void)inputs;
	random_bytes(rand, r->data, r->size);
	r->data[0] &= ~SHOW_EXISTING_FRAME;
}

static void noise_after_header(struct garbage_request *r, const struct garbage_inputs *inputs,
			       GRand *rand)
{
	size_t start = r->frame.uncompressed_header_size;

	(void)inputs;
	random_bytes(rand, r->data + start, r->size - start);
	r->data[start] |= MARKER_OF_COMPRESSED;
}

static void noise_in_tiles(struct garbage_request *r, const struct garbage_inputs *inputs,
			   GRand *rand)
{
	(void)inputs;
	random_bytes(rand, r->data + headers_size(r), r->size - headers_size(r));
}

static void flipped_bits(struct garbage_request *r, const struct garbage_inputs *inputs,
			 GRand *rand)
{
	(void)inputs;
	for (int i = 0; i < 16; i++)
		r->data[g_rand_int_range(rand, r->frame.uncompressed_header_size, r->size)] ^=
			1 << g_rand_int_range(rand, 0, 8);
}

static void flipped_header_bit(struct garbage_request *r, const struct garbage_inputs *inputs,
			       GRand *rand)
{
	gint field = g_rand_int_range(rand, 0, G_N_ELEMENTS(checked_bits));
	gint bit = checked_bits[field].first +
		   g_rand_int_range(rand, 0, checked_bits[field].count);

	(void)inputs;
	r->data[bit / 8] ^= 0x80 >> bit % 8;
}

static void early_end(struct garbage_request *r, const struct garbage_inputs *inputs, GRand *rand)
{
	(void)inputs;
	r->size = g_rand_int_range(rand, 1, headers_size(r));
}

static void noise_in_control(struct garbage_request *r, const struct garbage_inputs *inputs,
			     GRand *rand)
{
	(void)inputs;
	random_bytes(rand, &r->frame, sizeof(r->frame));
}

static void larger_than_device(struct garbage_request *r, const struct garbage_inputs *inputs,
			       GRand *rand)
{
	if (g_rand_boolean(rand))
		r->frame.frame_width_minus_1 = g_rand_int_range(rand, inputs->max_width, 1 << 16);
	else
		r->frame.frame_height_minus_1 = g_rand_int_range(rand, inputs->max_height, 1 << 16);
}

static void another_size(struct garbage_request *r, const struct garbage_inputs *inputs,
			 GRand *rand)
{
	uint16_t width = r->frame.frame_width_minus_1;

	do {
		r->frame.frame_width_minus_1 = g_rand_int_range(rand, 0, inputs->max_width);
		r->frame.frame_height_minus_1 = g_rand_int_range(rand, 0, inputs->max_height);
	} while (r->frame.frame_width_minus_1 == width);
}

static void ten_bits(struct garbage_request *r, const struct garbage_inputs *inputs, GRand *rand)
{
	(void)inputs;
	(void)rand;
	r->frame.profile = 2;
	r->frame.bit_depth = 10;
}

static void twelve_bits(struct garbage_request *r, const struct garbage_inputs *inputs,
			GRand *rand)
{
	(void)inputs;
	(void)rand;
	r->frame.profile = 2;
	r->frame.bit_depth = 12;
}

static void another_chroma(struct garbage_request *r, const struct garbage_inputs *inputs,
			   GRand *rand)
{
	(void)inputs;
	(void)rand;
	r->frame.profile = 1;
	r->frame.flags &= ~V4L2_VP9_FRAME_FLAG_X_SUBSAMPLING;
}

static void unknown_references(struct garbage_request *r, const struct garbage_inputs *inputs,
			       GRand *rand)
{
	r->frame.flags &= ~V4L2_VP9_FRAME_FLAG_KEY_FRAME;
	random_bytes(rand, &r->frame.last_frame_ts, 3 * sizeof(r->frame.last_frame_ts));
	memcpy(r->data, inputs->inter, inputs->inter_size);
	r->size = inputs->inter_size;
}

/* Wrong references in the control; a key frame has none in its bitstream. */
static void references_of_key_frame(struct garbage_request *r, const struct garbage_inputs *inputs,
				    GRand *rand)
{
	(void)inputs;
	r->frame.flags &= ~V4L2_VP9_FRAME_FLAG_KEY_FRAME;
	random_bytes(rand, &r->frame.last_frame_ts, 3 * sizeof(r->frame.last_frame_ts));
}

/* Wrong header sizes in the control; the frame has them in its bitstream. */
static void wrong_header_sizes(struct garbage_request *r, const struct garbage_inputs *inputs,
			       GRand *rand)
{
	(void)inputs;
	r->frame.uncompressed_header_size = g_rand_int(rand);
	r->frame.compressed_header_size = g_rand_int(rand);
}

static void random_byte(struct garbage_request *r, const struct garbage_inputs *inputs, GRand *rand)
{
	(void)inputs;
	((uint8_t *)&r->frame)[g_rand_int_range(rand, 0, sizeof(r->frame))] = g_rand_int(rand);
}

static void no_control(struct garbage_request *r, const struct garbage_inputs *inputs, GRand *rand)
{
	(void)inputs;
	(void)rand;
	r->no_control = true;
}

static void no_buffer(struct garbage_request *r, const struct garbage_inputs *inputs, GRand *rand)
{
	(void)inputs;
	(void)rand;
	r->no_buffer = true;
}

static bool within(const int8_t *values, size_t n, int limit)
{
	for (size_t i = 0; i < n; i++)
		if (values[i] < -limit || values[i] > limit)
			return false;
	return true;
}

static bool segmentation_is_valid(const struct v4l2_vp9_segmentation *seg)
{
	static const int limits[] = { 255, 63, 3, 0 };

	if (seg->flags & ~0x1f)
		return false;
	for (int i = 0; i < 8; i++) {
		if (seg->feature_enabled[i] & ~V4L2_VP9_SEGMENT_FEATURE_ENABLED_MASK)
			return false;
		for (int j = 0; j < 4; j++)
			if (ABS(seg->feature_data[i][j]) > limits[j])
				return false;
	}
	return true;
}

/*
 * Does the documentation of V4L2_CID_STATELESS_VP9_FRAME allow these values, and
 * is it 4:2:0? The device takes each size here.
 */
static bool control_is_valid(const struct v4l2_ctrl_vp9_frame *frame)
{
	const uint32_t subsampled = V4L2_VP9_FRAME_FLAG_X_SUBSAMPLING |
				    V4L2_VP9_FRAME_FLAG_Y_SUBSAMPLING;
	const uint32_t resilient_refresh = V4L2_VP9_FRAME_FLAG_ERROR_RESILIENT |
					   V4L2_VP9_FRAME_FLAG_REFRESH_FRAME_CTX;

	return !(frame->flags & ~0x3ffU) && (frame->flags & subsampled) == subsampled &&
	       (frame->flags & resilient_refresh) != resilient_refresh &&
	       ((frame->profile == 0 && frame->bit_depth == 8) ||
		(frame->profile == 2 && frame->bit_depth == 10)) &&
	       frame->reset_frame_context <= V4L2_VP9_RESET_FRAME_CTX_ALL &&
	       frame->frame_context_idx < V4L2_VP9_NUM_FRAME_CTX &&
	       frame->interpolation_filter <= V4L2_VP9_INTERP_FILTER_SWITCHABLE &&
	       frame->tile_cols_log2 <= 6 &&
	       frame->reference_mode <= V4L2_VP9_REFERENCE_MODE_SELECT &&
	       !(frame->lf.flags & ~3) && frame->lf.level <= 63 && frame->lf.sharpness <= 7 &&
	       within(frame->lf.ref_deltas, G_N_ELEMENTS(frame->lf.ref_deltas), 63) &&
	       within(frame->lf.mode_deltas, G_N_ELEMENTS(frame->lf.mode_deltas), 63) &&
	       within(&frame->quant.delta_q_y_dc, 1, 15) &&
	       within(&frame->quant.delta_q_uv_dc, 1, 15) &&
	       within(&frame->quant.delta_q_uv_ac, 1, 15) &&
	       segmentation_is_valid(&frame->seg);
}

/*
 * An invalid control is refused. A valid control must have the profile and the size of the
 * frame; all other values are taken from the frame.
 */
static struct garbage_outcome judge_control(const struct garbage_request *request,
					    const struct garbage_request *good)
{
	const struct v4l2_ctrl_vp9_frame *frame = &request->frame;

	if (!control_is_valid(frame))
		return (struct garbage_outcome){ GARBAGE_REFUSED, -EINVAL };
	if (frame->profile != good->frame.profile ||
	    frame->frame_width_minus_1 != good->frame.frame_width_minus_1 ||
	    frame->frame_height_minus_1 != good->frame.frame_height_minus_1)
		return (struct garbage_outcome){ GARBAGE_FLAGGED, 0 };
	return (struct garbage_outcome){ GARBAGE_EXACT, 0 };
}

const struct garbage_kind garbage_kinds[] = {
	{ "a bitstream of noise", noise, { GARBAGE_FLAGGED, 0 }, NULL },
	{ "noise after the header", noise_after_header, { GARBAGE_FLAGGED, 0 }, NULL },
	{ "noise in the tiles", noise_in_tiles, { GARBAGE_SAME, 0 }, NULL },
	{ "flipped bits after the header", flipped_bits, { GARBAGE_SAME, 0 }, NULL },
	{ "a flipped bit in the header", flipped_header_bit, { GARBAGE_FLAGGED, 0 }, NULL },
	{ "a bitstream that ends early", early_end, { GARBAGE_FLAGGED, 0 }, NULL },
	{ "a control of noise", noise_in_control, { GARBAGE_REFUSED, -EINVAL }, judge_control },
	{ "a size in the control that is too large", larger_than_device,
	  { GARBAGE_FLAGGED, 0 }, NULL },
	{ "another size in the control", another_size, { GARBAGE_FLAGGED, 0 }, NULL },
	{ "10 bits in the control", ten_bits, { GARBAGE_FLAGGED, 0 }, NULL },
	{ "12 bits in the control", twelve_bits, { GARBAGE_REFUSED, -EINVAL }, NULL },
	{ "chroma that is not 4:2:0", another_chroma, { GARBAGE_REFUSED, -EINVAL }, NULL },
	{ "references that nobody knows", unknown_references, { GARBAGE_FLAGGED, 0 }, NULL },
	{ "references for a key frame", references_of_key_frame, { GARBAGE_EXACT, 0 }, NULL },
	{ "wrong header sizes", wrong_header_sizes, { GARBAGE_EXACT, 0 }, NULL },
	{ "one random byte in the control", random_byte, { GARBAGE_EXACT, 0 }, judge_control },
	{ "a request without the control", no_control, { GARBAGE_REFUSED, -ENOENT }, NULL },
	{ "a request without a buffer", no_buffer, { GARBAGE_REFUSED, -ENOENT }, NULL },
};

const size_t garbage_num_kinds = G_N_ELEMENTS(garbage_kinds);

char *garbage_outcome_text(struct garbage_outcome outcome)
{
	static const char * const texts[] = {
		[GARBAGE_REFUSED] = "refused",
		[GARBAGE_FLAGGED] = "a picture with the error flag",
		[GARBAGE_EXACT] = "the exact picture",
		[GARBAGE_SAME] = "a picture",
	};

	if (outcome.end == GARBAGE_REFUSED)
		return g_strdup_printf("refused: %s", g_strerror(-outcome.error));
	return g_strdup(texts[outcome.end]);
}

bool garbage_outcome_is(struct garbage_outcome got, struct garbage_outcome expected)
{
	if (expected.end == GARBAGE_SAME)
		return got.end != GARBAGE_REFUSED;
	return got.end == expected.end &&
	       (got.end != GARBAGE_REFUSED || got.error == expected.error);
}

struct garbage_outcome garbage_outcome_wrong(struct garbage_outcome expected)
{
	switch (expected.end) {
	case GARBAGE_REFUSED:
		return (struct garbage_outcome){ GARBAGE_REFUSED, expected.error - 1 };
	case GARBAGE_FLAGGED:
		return (struct garbage_outcome){ GARBAGE_EXACT, 0 };
	case GARBAGE_EXACT:
		return (struct garbage_outcome){ GARBAGE_FLAGGED, 0 };
	default:
		return (struct garbage_outcome){ GARBAGE_REFUSED, -EINVAL };
	}
}
