/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Picture order count of H.264, 8.2.1. */
#ifndef DAEDALUS_H264_POC_H
#define DAEDALUS_H264_POC_H

#include <linux/videodev2.h>
#include <stdbool.h>
#include <stdint.h>

#include "h264_slice.h"

/**
 * struct h264_poc - what the next picture's count is derived from; zero at the start
 * @prev_msb:		prevPicOrderCntMsb
 * @prev_lsb:		prevPicOrderCntLsb
 * @prev_frame_num_offset: prevFrameNumOffset
 * @prev_frame_num:	prevFrameNum
 * @msb:		PicOrderCntMsb of the current picture
 * @frame_num_offset:	FrameNumOffset of the current picture
 */
struct h264_poc {
	int64_t prev_msb;
	int64_t prev_lsb;
	int64_t prev_frame_num_offset;
	uint32_t prev_frame_num;
	int64_t msb;
	int64_t frame_num_offset;
};

/**
 * h264_poc_begin() - TopFieldOrderCnt and BottomFieldOrderCnt of a picture
 * @poc:	state
 * @counts:	[0] set unless it is a bottom field, [1] unless it is a top field
 */
void h264_poc_begin(struct h264_poc *poc, const struct v4l2_ctrl_h264_sps *sps,
		    const struct h264_slice *slice, int32_t counts[2]);

/**
 * h264_poc_end() - the picture is decoded
 * @counts:	as of h264_poc_begin(); changed if the picture resets the order (mmco 5)
 */
void h264_poc_end(struct h264_poc *poc, const struct h264_slice *slice, int32_t counts[2]);

/** h264_slice_resets() - whether the picture has memory_management_control_operation 5 */
bool h264_slice_resets(const struct h264_slice *slice);

#endif /* DAEDALUS_H264_POC_H */
