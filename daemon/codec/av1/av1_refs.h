/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the AV1 decoder's reference slots hold.
 *
 * A request names its references by timestamp and by slot. This table says
 * whether the slot holds that frame, undamaged, and keeps what a frame header
 * is coded relative to and the controls do not have.
 */
#ifndef DAEDALUS_AV1_REFS_H
#define DAEDALUS_AV1_REFS_H

#include "av1_frame.h"

/**
 * struct av1_motion - global motion of a frame, gm_params
 * @params:	by reference, LAST_FRAME first
 */
struct av1_motion {
	int32_t params[V4L2_AV1_REFS_PER_FRAME][6];
};

/**
 * struct av1_slot - one reference slot of the decoder
 * @present:	the decoder holds a frame here
 * @damaged:	it is not the frame that the bitstream means
 * @key:	it is a key frame
 * @timestamp:	of the request that decoded it, nanoseconds
 * @order_hint:	RefOrderHint
 * @width:	RefUpscaledWidth
 * @height:	RefFrameHeight
 * @motion:	SavedGmParams
 */
struct av1_slot {
	bool present;
	bool damaged;
	bool key;
	uint64_t timestamp;
	uint32_t order_hint;
	uint32_t width;
	uint32_t height;
	struct av1_motion motion;
};

/** struct av1_refs - the table */
struct av1_refs {
	struct av1_slot slots[AV1_NUM_SLOTS];
};

/**
 * enum av1_refs_verdict - what can be expected of a frame before it is decoded
 * @AV1_REFS_GOOD:	all it depends on is there
 * @AV1_REFS_DAMAGED:	it can be decoded, but not exactly
 * @AV1_REFS_ABSENT:	a slot is empty: it cannot be decoded
 * @AV1_REFS_SIZE:	it cannot be scaled from a reference of that size (5.9.7)
 */
enum av1_refs_verdict {
	AV1_REFS_GOOD,
	AV1_REFS_DAMAGED,
	AV1_REFS_ABSENT,
	AV1_REFS_SIZE,
};

/** av1_refs_reset() - the decoder has forgotten everything (start, flush, new sequence) */
void av1_refs_reset(struct av1_refs *refs);

/**
 * av1_refs_shown_key() - has a key frame been shown again before this frame?
 *
 * show_existing_frame never reaches a driver. If it shows a key frame, that
 * frame is loaded into all slots (7.21), so all of the next request's
 * reference_frame_ts are that frame's.
 *
 * Return: the slot that the decoder must show, -1 if there is none.
 */
int av1_refs_shown_key(const struct av1_refs *refs, const struct av1_frame *frame);

/** av1_refs_show_key() - the decoder has shown the key frame of this slot */
void av1_refs_show_key(struct av1_refs *refs, unsigned int slot);

/** av1_refs_check() - can this frame be decoded exactly? */
enum av1_refs_verdict av1_refs_check(const struct av1_refs *refs, const struct av1_frame *frame);

/**
 * av1_refs_decoded() - the decoder has decoded this frame
 * @exact:	false if it depended on something damaged
 */
void av1_refs_decoded(struct av1_refs *refs, const struct av1_frame *frame, uint64_t timestamp,
		      bool exact);

/**
 * av1_refs_lost() - this frame did not reach the decoder
 * @refresh_frame_flags:	the slots it would have changed; 0xff if that is unknown
 */
void av1_refs_lost(struct av1_refs *refs, uint8_t refresh_frame_flags);

/**
 * av1_refs_broken() - the decoder gave up on this frame; its slots may be empty now
 * @refresh_frame_flags:	the slots
 */
void av1_refs_broken(struct av1_refs *refs, uint8_t refresh_frame_flags);

/** av1_refs_motion() - PrevGmParams of a frame (7.20): the primary reference's, or the default */
const struct av1_motion *av1_refs_motion(const struct av1_refs *refs,
					 const struct av1_frame *frame);

/** av1_refs_skip_mode() - skipModeAllowed (5.9.22) */
bool av1_refs_skip_mode(const struct av1_refs *refs, const struct av1_frame *frame);

#endif /* DAEDALUS_AV1_REFS_H */
