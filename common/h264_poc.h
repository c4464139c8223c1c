/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Picture order counts of H.264 (8.2.1).
 *
 * The functions accept any values. Values that are illegal in a conforming stream
 * result in meaningless counts, but nothing overflows.
 */
#ifndef DAEDALUS_H264_POC_H
#define DAEDALUS_H264_POC_H

#include <linux/videodev2.h>
#include <stdint.h>

#include "h264_picture.h"

/**
 * struct h264_poc - state from which the next picture's counts are derived; initially zero
 * @prev_pic_order_cnt_msb:	prevPicOrderCntMsb
 * @prev_pic_order_cnt_lsb:	prevPicOrderCntLsb
 * @prev_frame_num_offset:	prevFrameNumOffset
 * @prev_frame_num:		prevFrameNum
 * @pic_order_cnt_msb:		PicOrderCntMsb of the current picture
 * @frame_num_offset:		FrameNumOffset of the current picture, below 2^31
 */
struct h264_poc {
	int32_t prev_pic_order_cnt_msb;
	int32_t prev_pic_order_cnt_lsb;
	uint32_t prev_frame_num_offset;
	uint16_t prev_frame_num;
	int32_t pic_order_cnt_msb;
	uint32_t frame_num_offset;
};

/**
 * h264_poc_begin() - TopFieldOrderCnt and BottomFieldOrderCnt of a picture
 * @poc:	state
 * @sps:	the active SPS; pic_order_cnt_type above 2 counts as 2
 * @picture:	the picture to be decoded
 * @counts:	[0] (top) is set unless @picture is a bottom field, [1] (bottom) is set
 *		unless it is a top field
 */
void h264_poc_begin(struct h264_poc *poc, const struct v4l2_ctrl_h264_sps *sps,
		    const struct h264_coded_picture *picture, int32_t counts[2]);

/**
 * h264_poc_end() - update the state after a picture was decoded
 * @poc:	state
 * @picture:	the picture that was passed to h264_poc_begin()
 * @counts:	counts from h264_poc_begin(). memory_management_control_operation 5 changes
 *		them: tempPicOrderCnt is subtracted (8.2.1)
 */
void h264_poc_end(struct h264_poc *poc, const struct h264_coded_picture *picture,
		  int32_t counts[2]);

/**
 * h264_poc_non_existing() - counts of a "non-existing" frame in a gap of frame_num (8.2.5.2)
 * @poc:	state; pic_order_cnt_type 1 and 2 derive the next picture's counts from this
 *		frame
 * @sps:	the active SPS
 * @frame_num:	frame_num of the frame
 * @counts:	both are set; to 0 with pic_order_cnt_type 0, which defines no counts for
 *		frames without slices
 */
void h264_poc_non_existing(struct h264_poc *poc, const struct v4l2_ctrl_h264_sps *sps,
			   uint16_t frame_num, int32_t counts[2]);

#endif /* DAEDALUS_H264_POC_H */
