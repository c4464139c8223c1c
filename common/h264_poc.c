// SPDX-License-Identifier: LGPL-2.1-or-later
#include "h264_poc.h"

#include "h264_sps.h"

static void set_counts(const struct h264_coded_picture *picture, int64_t top, int64_t bottom,
		       int32_t counts[2])
{
	if (!picture->field_pic || !picture->bottom_field)
		counts[0] = (int32_t)top;
	if (!picture->field_pic || picture->bottom_field)
		counts[1] = (int32_t)bottom;
}

/* 8.2.1.1 */
static void begin_type_0(struct h264_poc *poc, const struct v4l2_ctrl_h264_sps *sps,
			 const struct h264_coded_picture *picture, int32_t counts[2])
{
	int64_t max = h264_sps_power(sps->log2_max_pic_order_cnt_lsb_minus4);
	int64_t lsb = picture->pic_order_cnt_lsb;
	int64_t msb, prev_lsb, bottom;

	if (picture->idr) {
		poc->prev_pic_order_cnt_msb = 0;
		poc->prev_pic_order_cnt_lsb = 0;
	}
	msb = poc->prev_pic_order_cnt_msb;
	prev_lsb = poc->prev_pic_order_cnt_lsb;
	if (lsb < prev_lsb && prev_lsb - lsb >= max / 2)
		msb += max;
	else if (lsb > prev_lsb && lsb - prev_lsb > max / 2)
		msb -= max;
	poc->pic_order_cnt_msb = (int32_t)msb;

	bottom = msb + lsb;
	if (!picture->field_pic)
		bottom += picture->delta_pic_order_cnt_bottom;
	set_counts(picture, msb + lsb, bottom, counts);
}

/* expectedPicOrderCnt of 8.2.1.2 */
static int64_t expected_pic_order_cnt(const struct v4l2_ctrl_h264_sps *sps,
				      const struct h264_coded_picture *picture,
				      int64_t abs_frame_num)
{
	unsigned int cycle = sps->num_ref_frames_in_pic_order_cnt_cycle;
	int64_t expected = 0, delta_per_cycle = 0;
	unsigned int i;

	if (!cycle)
		abs_frame_num = 0;
	if (!picture->nal_ref_idc && abs_frame_num > 0)
		abs_frame_num--;
	if (abs_frame_num > 0) {
		unsigned int frame_num_in_cycle = (unsigned int)((abs_frame_num - 1) % cycle);

		for (i = 0; i < cycle; i++)
			delta_per_cycle += sps->offset_for_ref_frame[i];
		/* No overflow: less than 2^32 / cycle times 2^31 * cycle. */
		expected = (abs_frame_num - 1) / cycle * delta_per_cycle;
		for (i = 0; i <= frame_num_in_cycle; i++)
			expected += sps->offset_for_ref_frame[i];
	}
	if (!picture->nal_ref_idc)
		expected += sps->offset_for_non_ref_pic;
	return expected;
}

/* 8.2.1.2 and 8.2.1.3 */
static void begin_type_1_or_2(struct h264_poc *poc, const struct v4l2_ctrl_h264_sps *sps,
			      const struct h264_coded_picture *picture, int32_t counts[2])
{
	int64_t top, bottom, abs_frame_num;

	poc->frame_num_offset = poc->prev_frame_num_offset;
	if (picture->idr)
		poc->frame_num_offset = 0;
	else if (poc->prev_frame_num > picture->frame_num)
		poc->frame_num_offset += h264_max_frame_num(sps);
	/* Conforming streams stay below. The limit keeps the products from overflowing. */
	poc->frame_num_offset &= INT32_MAX;
	abs_frame_num = (int64_t)poc->frame_num_offset + picture->frame_num;

	if (sps->pic_order_cnt_type == 1) {
		top = expected_pic_order_cnt(sps, picture, abs_frame_num) +
		      picture->delta_pic_order_cnt[0];
		bottom = top + sps->offset_for_top_to_bottom_field;
		if (!picture->field_pic)
			bottom += picture->delta_pic_order_cnt[1];
	} else {
		top = picture->idr ? 0 : 2 * abs_frame_num - !picture->nal_ref_idc;
		bottom = top;
	}
	set_counts(picture, top, bottom, counts);
}

void h264_poc_begin(struct h264_poc *poc, const struct v4l2_ctrl_h264_sps *sps,
		    const struct h264_coded_picture *picture, int32_t counts[2])
{
	if (sps->pic_order_cnt_type == 0)
		begin_type_0(poc, sps, picture, counts);
	else
		begin_type_1_or_2(poc, sps, picture, counts);
}

void h264_poc_end(struct h264_poc *poc, const struct h264_coded_picture *picture,
		  int32_t counts[2])
{
	bool bottom_only = picture->field_pic && picture->bottom_field;
	int64_t temp;

	if (!picture->mmco5) {
		if (picture->nal_ref_idc) {
			poc->prev_pic_order_cnt_msb = poc->pic_order_cnt_msb;
			poc->prev_pic_order_cnt_lsb = picture->pic_order_cnt_lsb;
		}
		poc->prev_frame_num_offset = poc->frame_num_offset;
		poc->prev_frame_num = picture->frame_num;
		return;
	}
	/* tempPicOrderCnt */
	temp = counts[bottom_only];
	if (!picture->field_pic && counts[1] < temp)
		temp = counts[1];
	set_counts(picture, counts[0] - temp, counts[1] - temp, counts);
	poc->prev_pic_order_cnt_msb = 0;
	poc->prev_pic_order_cnt_lsb = bottom_only ? 0 : counts[0];
	poc->prev_frame_num_offset = 0;
	poc->prev_frame_num = 0;
}

void h264_poc_non_existing(struct h264_poc *poc, const struct v4l2_ctrl_h264_sps *sps,
			   uint16_t frame_num, int32_t counts[2])
{
	const struct h264_coded_picture picture = { .nal_ref_idc = 1, .frame_num = frame_num };

	counts[0] = 0;
	counts[1] = 0;
	if (sps->pic_order_cnt_type == 0)
		return;
	begin_type_1_or_2(poc, sps, &picture, counts);
	poc->prev_frame_num_offset = poc->frame_num_offset;
	poc->prev_frame_num = frame_num;
}
