/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * After a broken macroblock, libavcodec's H.264 decoder keeps coefficients of it
 * and adds them to the next blocks, even to those of an intra picture. This file
 * writes a picture that consumes these coefficients: a non-reference picture with
 * one intra macroblock (a pair in MBAFF), in which each block has a coefficient.
 */
#ifndef DAEDALUS_H264_WASH_H
#define DAEDALUS_H264_WASH_H

#include <linux/videodev2.h>
#include <stddef.h>
#include <stdint.h>

/* pic_parameter_set_id of the PPS that is written with the picture. */
#define H264_WASH_PPS		255

/* Largest size of the PPS and the slice. */
#define H264_WASH_BYTES		128

/**
 * h264_write_wash() - write a PPS and a slice as NAL units with start codes
 * @sps:	the active SPS
 * @frame_num:	frame_num of the last picture, so that there is no gap
 * @lsb:	pic_order_cnt_lsb of the last picture
 * @data:	H264_WASH_BYTES of room
 *
 * Return: bytes written.
 */
size_t h264_write_wash(const struct v4l2_ctrl_h264_sps *sps, uint32_t frame_num, uint32_t lsb,
		       uint8_t *data);

#endif /* DAEDALUS_H264_WASH_H */
