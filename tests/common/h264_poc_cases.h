/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Pictures with their order counts, worked out by hand from 8.2.1 of H.264. */
#ifndef DAEDALUS_TESTS_H264_POC_CASES_H
#define DAEDALUS_TESTS_H264_POC_CASES_H

#include <stdint.h>

/** enum poc_flags - what a picture is; neither a top nor a bottom field is a frame */
enum poc_flags {
	POC_IDR = 1 << 0,
	POC_REF = 1 << 1,	/* nal_ref_idc is not 0, as with POC_IDR */
	POC_TOP = 1 << 2,
	POC_BOTTOM = 1 << 3,
	POC_MMCO5 = 1 << 4,
	POC_GAP = 1 << 5,	/* a non-existing frame */
	POC_END = 1 << 6,	/* counts of the picture before, after its mmco5 */
};

/* The count of the field that a single field does not have. */
#define POC_NONE	9999

/**
 * struct poc_step - a picture and its counts
 * @flags:	of enum poc_flags
 * @frame_num:	of the slice header
 * @lsb:	pic_order_cnt_lsb; in type 1 delta_pic_order_cnt[0]
 * @delta:	delta_pic_order_cnt_bottom; in type 1 delta_pic_order_cnt[1]
 * @top:	TopFieldOrderCnt
 * @bottom:	BottomFieldOrderCnt
 */
struct poc_step {
	unsigned int flags;
	uint16_t frame_num;
	int32_t lsb;
	int32_t delta;
	int32_t top;
	int32_t bottom;
};

/**
 * struct poc_case - a stream; MaxFrameNum and MaxPicOrderCntLsb are 16
 * @name:	for messages
 * @type:	pic_order_cnt_type
 * @offset_for_non_ref_pic: of the SPS
 * @offset_for_top_to_bottom_field: of the SPS
 * @cycle:	num_ref_frames_in_pic_order_cnt_cycle, at most 2
 * @offset_for_ref_frame: @cycle of them
 * @steps:	pictures in decoding order
 * @num_steps:	how many
 */
struct poc_case {
	const char *name;
	uint8_t type;
	int32_t offset_for_non_ref_pic;
	int32_t offset_for_top_to_bottom_field;
	uint8_t cycle;
	int32_t offset_for_ref_frame[2];
	const struct poc_step *steps;
	unsigned int num_steps;
};

extern const struct poc_case poc_cases[];
extern const unsigned int num_poc_cases;

#endif /* DAEDALUS_TESTS_H264_POC_CASES_H */
