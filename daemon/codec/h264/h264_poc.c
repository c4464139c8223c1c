// SPDX-License-Identifier: LGPL-2.1-or-later
#include "h264_poc.h"

/* 8.2.1.1 */
static void type_0(struct h264_poc *poc, const struct v4l2_ctrl_h264_sps *sps,
		   const struct h264_slice *slice, int32_t counts[2])
{
	int64_t max = 1LL << (sps->log2_max_pic_order_cnt_lsb_minus4 + 4);
	int64_t lsb = slice->pic_order_cnt_lsb;

	if (slice->idr)
		poc->prev_msb = poc->prev_lsb = 0;
	poc->msb = poc->prev_msb;
	if (lsb < poc->prev_lsb && poc->prev_lsb - lsb >= max / 2)
		poc->msb += max;
	else if (lsb > poc->prev_lsb && lsb - poc->prev_lsb > max / 2)
		poc->msb -= max;
	if (!slice->field_pic || !slice->bottom_field)
		counts[0] = (int32_t)(poc->msb + lsb);
	if (!slice->field_pic || slice->bottom_field)
		counts[1] = (int32_t)(poc->msb + lsb + slice->delta_pic_order_cnt_bottom);
}

/* expectedPicOrderCnt of 8.2.1.2 */
static int64_t expected_count(const struct v4l2_ctrl_h264_sps *sps,
			      const struct h264_slice *slice, int64_t abs_frame_num)
{
	unsigned int cycle = sps->num_ref_frames_in_pic_order_cnt_cycle;
	int64_t expected = 0, delta = 0;
	unsigned int i;

	for (i = 0; i < cycle; i++)
		delta += sps->offset_for_ref_frame[i];
	if (!cycle)
		abs_frame_num = 0;
	if (!slice->nal_ref_idc && abs_frame_num > 0)
		abs_frame_num--;
	if (abs_frame_num > 0) {
		int64_t in_cycle = (abs_frame_num - 1) % cycle;

		expected = (abs_frame_num - 1) / cycle * delta;
		for (i = 0; i <= in_cycle; i++)
			expected += sps->offset_for_ref_frame[i];
	}
	if (!slice->nal_ref_idc)
		expected += sps->offset_for_non_ref_pic;
	return expected;
}

static void types_1_and_2(struct h264_poc *poc, const struct v4l2_ctrl_h264_sps *sps,
			  const struct h264_slice *slice, int32_t counts[2])
{
	int64_t top, bottom, abs_frame_num;

	poc->frame_num_offset = poc->prev_frame_num_offset;
	if (slice->idr)
		poc->frame_num_offset = 0;
	else if (poc->prev_frame_num > slice->frame_num)
		poc->frame_num_offset += 1LL << (sps->log2_max_frame_num_minus4 + 4);
	abs_frame_num = poc->frame_num_offset + slice->frame_num;

	if (sps->pic_order_cnt_type == 2) {
		top = slice->idr ? 0 : 2 * abs_frame_num - !slice->nal_ref_idc;
		bottom = top;
	} else {
		top = expected_count(sps, slice, abs_frame_num) + slice->delta_pic_order_cnt[0];
		bottom = top + sps->offset_for_top_to_bottom_field +
			 slice->delta_pic_order_cnt[1];
	}
	if (!slice->field_pic || !slice->bottom_field)
		counts[0] = (int32_t)top;
	if (!slice->field_pic || slice->bottom_field)
		counts[1] = (int32_t)bottom;
}

void h264_poc_begin(struct h264_poc *poc, const struct v4l2_ctrl_h264_sps *sps,
		    const struct h264_slice *slice, int32_t counts[2])
{
	if (sps->pic_order_cnt_type == 0)
		type_0(poc, sps, slice, counts);
	else
		types_1_and_2(poc, sps, slice, counts);
}

bool h264_slice_resets(const struct h264_slice *slice)
{
	unsigned int i;

	for (i = 0; slice->nal_ref_idc && i < slice->num_mmco; i++)
		if (slice->mmco[i].operation == 5)
			return true;
	return false;
}

void h264_poc_end(struct h264_poc *poc, const struct h264_slice *slice, int32_t counts[2])
{
	if (!h264_slice_resets(slice)) {
		if (slice->nal_ref_idc) {
			poc->prev_msb = poc->msb;
			poc->prev_lsb = slice->pic_order_cnt_lsb;
		}
		poc->prev_frame_num_offset = poc->frame_num_offset;
		poc->prev_frame_num = slice->frame_num;
		return;
	}
	/* tempPicOrderCnt of 8.2.1 */
	if (slice->field_pic) {
		counts[slice->bottom_field] = 0;
	} else {
		int32_t first = counts[0] < counts[1] ? counts[0] : counts[1];

		counts[0] = (int32_t)((int64_t)counts[0] - first);
		counts[1] = (int32_t)((int64_t)counts[1] - first);
	}
	poc->prev_msb = 0;
	poc->prev_lsb = slice->field_pic && slice->bottom_field ? 0 : counts[0];
	poc->prev_frame_num_offset = 0;
	poc->prev_frame_num = 0;
}
