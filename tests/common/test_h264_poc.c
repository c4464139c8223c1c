// SPDX-License-Identifier: LGPL-2.1-or-later
/* Picture order counts of H.264: the cases of 8.2.1, and illegal values. */
#include "common/h264_poc.h"
#include "check.h"

#include <string.h>

#include "h264_poc_cases.h"

static void check_counts(const struct poc_case *poc_case, const struct poc_step *step,
			 const int32_t counts[2])
{
	CHECK_MSG(counts[0] == step->top && counts[1] == step->bottom,
		  "%s, step %td: counts are %d, %d, not %d, %d", poc_case->name,
		  step - poc_case->steps, counts[0], counts[1], step->top, step->bottom);
}

static struct h264_coded_picture picture_of(const struct poc_step *step)
{
	return (struct h264_coded_picture){
		.idr = step->flags & POC_IDR,
		.nal_ref_idc = step->flags & (POC_IDR | POC_REF) ? 1 : 0,
		.frame_num = step->frame_num,
		.field_pic = step->flags & (POC_TOP | POC_BOTTOM),
		.bottom_field = step->flags & POC_BOTTOM,
		.pic_order_cnt_lsb = (uint16_t)step->lsb,
		.delta_pic_order_cnt_bottom = step->delta,
		.delta_pic_order_cnt = { step->lsb, step->delta },
		.mmco5 = step->flags & POC_MMCO5,
	};
}

static void test_case(const struct poc_case *poc_case)
{
	struct v4l2_ctrl_h264_sps sps = {
		.pic_order_cnt_type = poc_case->type,
		.offset_for_non_ref_pic = poc_case->offset_for_non_ref_pic,
		.offset_for_top_to_bottom_field = poc_case->offset_for_top_to_bottom_field,
		.num_ref_frames_in_pic_order_cnt_cycle = poc_case->cycle,
	};
	struct h264_poc poc = { 0 };
	int32_t counts[2] = { 0 };
	unsigned int i;

	memcpy(sps.offset_for_ref_frame, poc_case->offset_for_ref_frame,
	       sizeof(poc_case->offset_for_ref_frame));
	for (i = 0; i < poc_case->num_steps; i++) {
		const struct poc_step *step = &poc_case->steps[i];
		struct h264_coded_picture picture = picture_of(step);

		if (step->flags & POC_END) {
			check_counts(poc_case, step, counts);
			continue;
		}
		counts[0] = POC_NONE;
		counts[1] = POC_NONE;
		if (step->flags & POC_GAP) {
			h264_poc_non_existing(&poc, &sps, step->frame_num, counts);
			check_counts(poc_case, step, counts);
			continue;
		}
		h264_poc_begin(&poc, &sps, &picture, counts);
		check_counts(poc_case, step, counts);
		h264_poc_end(&poc, &picture, counts);
		if (!picture.mmco5)
			check_counts(poc_case, step, counts);
	}
}

/* The longest cycle and the largest numbers; the sanitizers find overflows. */
static void test_extremes(int32_t extreme)
{
	struct v4l2_ctrl_h264_sps sps = {
		.offset_for_non_ref_pic = extreme,
		.offset_for_top_to_bottom_field = extreme,
		.num_ref_frames_in_pic_order_cnt_cycle = 255,
		.log2_max_frame_num_minus4 = 255,
		.log2_max_pic_order_cnt_lsb_minus4 = 255,
	};
	struct h264_coded_picture picture = {
		.delta_pic_order_cnt_bottom = extreme,
		.delta_pic_order_cnt = { extreme, extreme },
	};
	unsigned int i, type;

	for (i = 0; i < 255; i++)
		sps.offset_for_ref_frame[i] = extreme;
	for (type = 0; type < 3; type++) {
		struct h264_poc poc = { 0 };
		int32_t counts[2] = { 0 };

		sps.pic_order_cnt_type = (uint8_t)type;
		for (i = 0; i < 70000; i++) {
			picture.frame_num = i & 1 ? UINT16_MAX : 0;
			picture.pic_order_cnt_lsb = (uint16_t)(i % 3 * 30000);
			picture.nal_ref_idc = i % 5 != 0;
			h264_poc_begin(&poc, &sps, &picture, counts);
			h264_poc_end(&poc, &picture, counts);
		}
		/* 35,000 wraps of frame_num are more than 2^31. */
		CHECK(poc.frame_num_offset <= INT32_MAX);
		if (type == 2)
			CHECK_EQ(poc.frame_num_offset, (34999LL << 16) & INT32_MAX);
		picture.mmco5 = true;
		counts[0] = INT32_MAX;
		counts[1] = INT32_MIN;
		h264_poc_end(&poc, &picture, counts);
		CHECK_EQ(counts[0], -1);
		CHECK_EQ(counts[1], 0);
		picture.mmco5 = false;
	}
}

int main(void)
{
	unsigned int i;

	for (i = 0; i < num_poc_cases; i++)
		test_case(&poc_cases[i]);
	test_extremes(INT32_MIN);
	test_extremes(INT32_MAX);
	return check_result();
}
