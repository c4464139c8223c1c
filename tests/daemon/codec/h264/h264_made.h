/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Writes small H.264 streams whose samples are known without a decoder: macroblocks are
 * I_PCM with one value, or skipped, and the deblocking filter has no effect (QP 10).
 */
#ifndef DAEDALUS_TESTS_H264_MADE_H
#define DAEDALUS_TESTS_H264_MADE_H

#include <linux/videodev2.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "codec/h264/h264_slice.h"

#define H264_MADE_SLICES	4

/**
 * struct h264_made_picture - what to write
 * @type:	I: each macroblock is I_PCM. P: the first macroblock of each slice is I_PCM,
 *		the others are skipped, so they are a copy of the first picture in list 0.
 * @idr:	an IDR picture
 * @droppable:	nal_ref_idc is 0
 * @frame_num:	frame_num
 * @lsb:	pic_order_cnt_lsb
 * @active:	num_ref_idx_l0_active_minus1 + 1 of P slices
 * @missing:	the list of P slices starts with a picture that does not exist
 * @field:	a field, not a frame
 * @bottom:	it is the bottom field
 * @value:	value of the samples of I_PCM macroblocks, 1..255
 * @slices:	number of slices, 0 is 1
 * @first_mb:	first_mb_in_slice of each
 * @unfiltered:	bit i: slice i has disable_deblocking_filter_idc 1
 */
struct h264_made_picture {
	enum h264_slice_type type;
	bool idr;
	bool droppable;
	uint32_t frame_num;
	uint32_t lsb;
	unsigned int active;
	bool missing;
	bool field;
	bool bottom;
	uint8_t value;
	unsigned int slices;
	unsigned int first_mb[H264_MADE_SLICES];
	unsigned int unfiltered;
};

/**
 * struct h264_made - a stream that is being written; the parameter sets come first
 * @sps:	set by h264_made_begin(); may be changed before the first NAL unit
 * @pps:	ditto
 * @data:	the byte stream; owned
 * @size:	bytes of @data
 */
struct h264_made {
	struct v4l2_ctrl_h264_sps sps;
	struct v4l2_ctrl_h264_pps pps;
	uint8_t *data;
	size_t size;
};

/** h264_made_begin() - start a stream with this size in macroblocks, frames only */
void h264_made_begin(struct h264_made *made, unsigned int width_mbs, unsigned int height_mbs);

/** h264_made_interlace() - allow fields, or macroblock pairs if @mbaff; before the first NAL unit */
void h264_made_interlace(struct h264_made *made, bool mbaff);

/** h264_made_add() - append a picture */
void h264_made_add(struct h264_made *made, const struct h264_made_picture *picture);

/** h264_made_sei() - append a SEI NAL unit with one message */
void h264_made_sei(struct h264_made *made, unsigned int type, const uint8_t *payload,
		   size_t size);

/** h264_made_recovery() - append a recovery point SEI with exact_match_flag 1 */
void h264_made_recovery(struct h264_made *made, uint32_t recovery_frame_cnt);

void h264_made_free(struct h264_made *made);

#endif /* DAEDALUS_TESTS_H264_MADE_H */
