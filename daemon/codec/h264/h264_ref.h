/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The reference pictures that h264_refs.h keeps and h264_lists.h puts in order. Data only. */
#ifndef DAEDALUS_H264_REF_H
#define DAEDALUS_H264_REF_H

#include <stdbool.h>
#include <stdint.h>

#include "common/h264_poc.h"
#include "h264_recovery.h"

/* 16 references, the current picture, and one being replaced. */
#define H264_NUM_REFS	18

/* Bits for the fields of a frame; a frame is both. */
#define H264_TOP	1U
#define H264_BOTTOM	2U
#define H264_BOTH	3U

/**
 * struct h264_ref - a frame, a field pair or a single field
 * @short_term:		fields marked "used for short-term reference", H264_TOP | H264_BOTTOM
 * @long_term:		fields marked "used for long-term reference"
 * @fields:		fields that are decoded or being decoded
 * @gap:		inferred for a gap in frame_num
 * @frame_num:		frame_num
 * @frame_num_wrap:	FrameNumWrap, relative to the current picture
 * @long_term_frame_idx: LongTermFrameIdx, if @long_term is not 0
 * @counts:		TopFieldOrderCnt and BottomFieldOrderCnt of @fields
 * @damage:		damage of the top and of the bottom field; 0: exact
 * @order:		number that grows in decoding order
 */
struct h264_ref {
	uint8_t short_term;
	uint8_t long_term;
	uint8_t fields;
	bool gap;
	uint32_t frame_num;
	int32_t frame_num_wrap;
	uint32_t long_term_frame_idx;
	int32_t counts[2];
	uint64_t damage[2];
	uint64_t order;
};

/**
 * struct h264_refs - state between pictures
 * @refs:		entries; an entry is free if no field is marked and it is not @current
 * @current:		index of the current or last picture, -1: none
 * @open:		@current is a first field, and its second field may follow
 * @prev_frame_num:	PrevRefFrameNum, -1: unknown
 * @poc:		state of the picture order count
 * @serial:		last serial number that was used for damage or @order
 * @absent:		damage of "no reference picture" in a list; 0 after an IDR picture
 * @recovery:		recovery points
 */
struct h264_refs {
	struct h264_ref refs[H264_NUM_REFS];
	int current;
	bool open;
	int64_t prev_frame_num;
	struct h264_poc poc;
	uint64_t serial;
	uint64_t absent;
	struct h264_recovery recovery;
};

#endif /* DAEDALUS_H264_REF_H */
