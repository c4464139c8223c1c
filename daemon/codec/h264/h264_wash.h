/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * After a broken macroblock libavcodec's H.264 decoder still holds coefficients
 * of it, and adds them to the blocks that come next, even to those of an intra
 * picture. This writes a picture that uses them up and leaves nothing behind: a
 * non-reference picture of one intra macroblock in which each block has a
 * coefficient.
 */
#ifndef DAEDALUS_H264_WASH_H
#define DAEDALUS_H264_WASH_H

#include <linux/videodev2.h>
#include <stddef.h>
#include <stdint.h>

/* The PPS that the picture brings along and refers to. */
#define H264_WASH_PPS		255

/* No picture that is written here is longer. */
#define H264_WASH_BYTES		128

/**
 * h264_write_wash() - a PPS and a slice as NAL units with start codes
 * @sps:	that the decoder has
 * @frame_num:	of the last picture, so that there is no gap
 * @lsb:	pic_order_cnt_lsb of the last picture
 * @data:	H264_WASH_BYTES of room
 *
 * Return: bytes written.
 */
size_t h264_write_wash(const struct v4l2_ctrl_h264_sps *sps, uint32_t frame_num, uint32_t lsb,
		       uint8_t *data);

#endif /* DAEDALUS_H264_WASH_H */
