/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What is known of an H.264 decoder's reference pictures after lost and broken
 * frames.
 *
 * A decoder which goes on after an error predicts from whatever it holds and
 * says nothing. This is a model of its decoded picture buffer, run from the
 * slice headers alone: frame_num gaps (8.2.5.2), marking (8.2.5) and the
 * reference picture lists (8.2.4). It says of each slice whether a picture that
 * is not as the bitstream means may be among those it predicts from.
 *
 * Damage is a number that grows with time. A recovery point promises that
 * pictures from it on, in output order, need nothing of before it; so older
 * damage no longer counts for them, newer does.
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
 * struct h264_ref - a frame, or one or two fields of one
 * @short_term:		H264_TOP | H264_BOTTOM marked "used for short-term reference"
 * @long_term:		the same for "used for long-term reference"
 * @fields:		what has been decoded
 * @gap:		inferred for a gap in frame_num
 * @frame_num:		of the frame
 * @frame_num_wrap:	FrameNumWrap, with regard to the current picture
 * @long_term_frame_idx: if @long_term
 * @counts:		TopFieldOrderCnt, BottomFieldOrderCnt, of what is decoded
 * @damage:		of the top and bottom field; 0: exact
 * @order:		grows with decoding order
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
 * @refs:		entries; unused if nothing is marked and it is not @current
 * @current:		the picture being decoded or decoded last, -1: none
 * @open:		@current is a field whose other one may follow
 * @prev_frame_num:	PrevRefFrameNum, -1: unknown
 * @poc:		picture order count
 * @serial:		the last number given
 * @absent:		damage of an entry of a list that nothing fills; 0 since an IDR picture
 * @recovery_pending:	a recovery point was announced and is not reached
 * @recovery_start:	frame_num of the announcing picture
 * @recovery_frames:	recovery_frame_cnt
 * @recovery_serial:	damage up to here does not count from the recovery point on
 * @clean_serial:	@recovery_serial of the last one that was reached, 0: none
 * @clean_count:	picture order count from which on @clean_serial holds
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

/** h264_refs_reset() - the decoder has forgotten everything (start, flush) */
void h264_refs_reset(struct h264_refs *refs);

/** h264_refs_completes() - whether the picture of this slice is the second field of the last one */
bool h264_refs_completes(const struct h264_refs *refs, const struct h264_slice *slice);

/**
 * h264_refs_begin() - a picture starts
 * @slice:		its first slice
 * @recovery_frames:	recovery_frame_cnt of its recovery point, -1: it has none
 *
 * Return: whether it is the second field of the frame that is being decoded.
 */
bool h264_refs_begin(struct h264_refs *refs, const struct v4l2_ctrl_h264_sps *sps,
		     const struct h264_slice *slice, int64_t recovery_frames);

/**
 * h264_refs_check() - what a slice of the current picture inherits
 *
 * Return: 0 if all pictures of its reference lists are exact, else their damage.
 */
uint64_t h264_refs_check(struct h264_refs *refs, const struct v4l2_ctrl_h264_sps *sps,
			 const struct h264_slice *slice);

/**
 * h264_refs_end() - the picture has been decoded
 * @slice:	its first slice, for the marking
 * @inherited:	the greatest of h264_refs_check() of its slices
 * @broken:	it was not decoded as the bitstream means, for a reason of its own
 *
 * Return: whether the frame, with both of its fields if it has had both, is exact.
 */
bool h264_refs_end(struct h264_refs *refs, const struct v4l2_ctrl_h264_sps *sps,
		   const struct h264_slice *slice, uint64_t inherited, bool broken);

/** h264_refs_lost() - a picture was not decoded, nothing is known of it */
void h264_refs_lost(struct h264_refs *refs);

#endif /* DAEDALUS_H264_REFS_H */
