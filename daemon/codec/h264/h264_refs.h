/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Damage of H.264 reference pictures after lost and broken frames.
 *
 * After an error, a decoder predicts from the pictures that it has and reports
 * nothing. This is a model of its decoded picture buffer. It reads only slice
 * headers: frame_num gaps (8.2.5.2), marking (8.2.5) and the reference picture
 * lists (8.2.4). For each slice it tells whether one of its reference pictures
 * may be damaged, that is, differ from the picture that the bitstream codes.
 *
 * Damage is a serial number that grows with time; 0 is no damage. After a recovery
 * point, in output order, pictures do not depend on pictures before it. So for
 * them damage that is older than the recovery point does not count.
 */
#ifndef DAEDALUS_H264_REFS_H
#define DAEDALUS_H264_REFS_H

#include <linux/videodev2.h>
#include <stdbool.h>
#include <stdint.h>

#include "h264_poc.h"
#include "h264_slice.h"

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
 * @recovery_pending:	a recovery point SEI was read and its recovery point is not reached
 * @recovery_start:	frame_num of the picture with the SEI
 * @recovery_frames:	recovery_frame_cnt of the SEI
 * @recovery_serial:	damage up to this one does not count after the recovery point
 * @clean_serial:	@recovery_serial of the last recovery point that was reached, 0: none
 * @clean_count:	@clean_serial applies to pictures from this picture order count on
 */
struct h264_refs {
	struct h264_ref refs[H264_NUM_REFS];
	int current;
	bool open;
	int64_t prev_frame_num;
	struct h264_poc poc;
	uint64_t serial;
	uint64_t absent;
	bool recovery_pending;
	uint32_t recovery_start;
	uint32_t recovery_frames;
	uint64_t recovery_serial;
	uint64_t clean_serial;
	int32_t clean_count;
};

/** h264_refs_reset() - the decoder has no pictures: at the start and after a flush */
void h264_refs_reset(struct h264_refs *refs);

/** h264_refs_completes() - is the slice of the second field of @current? */
bool h264_refs_completes(const struct h264_refs *refs, const struct h264_slice *slice);

/**
 * h264_refs_begin() - start a picture
 * @slice:		first slice of the picture
 * @recovery_frames:	recovery_frame_cnt of its recovery point SEI, -1: it has none
 *
 * Return: true if it is the second field of a frame.
 */
bool h264_refs_begin(struct h264_refs *refs, const struct v4l2_ctrl_h264_sps *sps,
		     const struct h264_slice *slice, int64_t recovery_frames);

/**
 * h264_refs_check() - damage that a slice of the current picture inherits
 *
 * Return: 0 if all pictures in its reference picture lists are exact, else the latest damage.
 */
uint64_t h264_refs_check(struct h264_refs *refs, const struct v4l2_ctrl_h264_sps *sps,
			 const struct h264_slice *slice);

/**
 * h264_refs_end() - end the current picture: it has been decoded
 * @slice:	its first slice, for the marking
 * @inherited:	maximum of h264_refs_check() over its slices
 * @broken:	the picture itself was not decoded exactly
 *
 * Return: true if all fields of the frame that were decoded so far are exact.
 */
bool h264_refs_end(struct h264_refs *refs, const struct v4l2_ctrl_h264_sps *sps,
		   const struct h264_slice *slice, uint64_t inherited, bool broken);

/** h264_refs_lost() - a picture was lost and its slice headers are unknown: all are damaged */
void h264_refs_lost(struct h264_refs *refs);

#endif /* DAEDALUS_H264_REFS_H */
