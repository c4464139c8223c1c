// SPDX-License-Identifier: LGPL-2.1-or-later
#include "av1_motion.h"

#include "av1_bits.h"

#define WARPEDMODEL_PREC_BITS	16

/**
 * struct param_code - how a parameter is coded
 * @limit:	largest magnitude of the coded number
 * @shift:	the parameter is the coded number, shifted left by this many bits
 * @base:	value that is subtracted from the parameter before the shift
 */
struct param_code {
	int32_t limit;
	unsigned int shift;
	int32_t base;
};

static struct param_code code_of(const struct av1_frame *frame, unsigned int type, int index)
{
	unsigned int abs_bits = 12, prec_bits = 15;
	unsigned int coarse = frame->force_integer_mv ||
		!av1_frame_flag(frame, V4L2_AV1_FRAME_FLAG_ALLOW_HIGH_PRECISION_MV);

	if (index < 2 && type == V4L2_AV1_WARP_MODEL_TRANSLATION) {
		abs_bits = 9 - coarse;
		prec_bits = 3 - coarse;
	} else if (index < 2) {
		prec_bits = 6;
	}
	return (struct param_code){
		.limit = 1 << abs_bits,
		.shift = WARPEDMODEL_PREC_BITS - prec_bits,
		.base = index % 3 == 2 ? 1 << WARPEDMODEL_PREC_BITS : 0,
	};
}

/* Indices of the parameters that are coded for a warp model, in coding order. */
static unsigned int coded_params(unsigned int type, int order[6])
{
	unsigned int count = 0;

	if (type >= V4L2_AV1_WARP_MODEL_ROTZOOM) {
		order[count++] = 2;
		order[count++] = 3;
	}
	if (type == V4L2_AV1_WARP_MODEL_AFFINE) {
		order[count++] = 4;
		order[count++] = 5;
	}
	if (type >= V4L2_AV1_WARP_MODEL_TRANSLATION) {
		order[count++] = 0;
		order[count++] = 1;
	}
	return count;
}

const char *av1_motion_check(const struct av1_frame *frame)
{
	const struct v4l2_av1_global_motion *motion = &frame->control->global_motion;
	unsigned int ref, i;

	if (frame->intra)
		return NULL;
	for (ref = V4L2_AV1_REF_LAST_FRAME; ref <= V4L2_AV1_REF_ALTREF_FRAME; ref++) {
		int order[6];
		unsigned int count;

		if (motion->type[ref] > V4L2_AV1_WARP_MODEL_AFFINE)
			return "a global motion type is not 0..3";
		count = coded_params(motion->type[ref], order);
		for (i = 0; i < count; i++) {
			struct param_code code = code_of(frame, motion->type[ref], order[i]);
			int64_t value = (int64_t)motion->params[ref][order[i]] - code.base;
			int64_t step = INT64_C(1) << code.shift;

			if (value % step || value / step < -code.limit || value / step > code.limit)
				return "a global motion parameter is out of range";
		}
	}
	return NULL;
}

static void put_type(struct bit_writer *writer, unsigned int type)
{
	av1_put_flag(writer, type != V4L2_AV1_WARP_MODEL_IDENTITY);
	if (type == V4L2_AV1_WARP_MODEL_IDENTITY)
		return;
	av1_put_flag(writer, type == V4L2_AV1_WARP_MODEL_ROTZOOM);
	if (type != V4L2_AV1_WARP_MODEL_ROTZOOM)
		av1_put_flag(writer, type == V4L2_AV1_WARP_MODEL_TRANSLATION);
}

void av1_put_global_motion(struct bit_writer *writer, const struct av1_frame *frame,
			   const struct av1_refs *refs)
{
	const struct v4l2_av1_global_motion *motion = &frame->control->global_motion;
	const struct av1_motion *previous = av1_refs_motion(refs, frame);
	unsigned int ref, i;

	for (ref = V4L2_AV1_REF_LAST_FRAME; ref <= V4L2_AV1_REF_ALTREF_FRAME; ref++) {
		unsigned int type = motion->type[ref];
		int order[6];
		unsigned int count = coded_params(type, order);

		put_type(writer, type);
		for (i = 0; i < count; i++) {
			struct param_code code = code_of(frame, type, order[i]);
			int32_t unit = 1 << code.shift;
			int32_t value = (motion->params[ref][order[i]] - code.base) / unit;
			int32_t before = previous->params[ref - V4L2_AV1_REF_LAST_FRAME][order[i]];

			/* Rounds down, as decoders do with their shift. */
			before = (before - code.base) >> code.shift;
			av1_put_signed_subexp(writer, value, before, code.limit);
		}
	}
}
