/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Variables that are derived from an H.264 sequence parameter set (7.4.2.1.1). */
#ifndef DAEDALUS_H264_SPS_H
#define DAEDALUS_H264_SPS_H

#include <linux/videodev2.h>
#include <stdint.h>

/** h264_sps_power() - 2^(@log2_minus4 + 4), 16..65536; illegal values above 12 count as 12 */
static inline uint32_t h264_sps_power(uint8_t log2_minus4)
{
	return 16U << (log2_minus4 < 12 ? log2_minus4 : 12);
}

/** h264_max_frame_num() - MaxFrameNum, 16..65536 */
static inline uint32_t h264_max_frame_num(const struct v4l2_ctrl_h264_sps *sps)
{
	return h264_sps_power(sps->log2_max_frame_num_minus4);
}

/** h264_sps_width() - coded width in luma samples, a multiple of 16 */
static inline uint32_t h264_sps_width(const struct v4l2_ctrl_h264_sps *sps)
{
	return (sps->pic_width_in_mbs_minus1 + 1U) * 16;
}

/** h264_sps_height() - coded height of a frame in luma samples, a multiple of 16 */
static inline uint32_t h264_sps_height(const struct v4l2_ctrl_h264_sps *sps)
{
	uint32_t rows = (sps->pic_height_in_map_units_minus1 + 1U) * 16;

	return sps->flags & V4L2_H264_SPS_FLAG_FRAME_MBS_ONLY ? rows : 2 * rows;
}

#endif /* DAEDALUS_H264_SPS_H */
