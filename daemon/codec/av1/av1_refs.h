/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The content of the AV1 decoder's reference slots.
 *
 * A request names its references by timestamp and by slot. This table tells whether the
 * slot holds that frame without damage. It also keeps values of earlier frames that the
 * controls lack and that the next frame header is coded relative to.
 */
#ifndef DAEDALUS_AV1_REFS_H
#define DAEDALUS_AV1_REFS_H

#include "av1_frame.h"

/**
 * struct av1_motion - global motion parameters of a frame, gm_params
 * @params:	one row for each reference, LAST_FRAME first
 */
struct av1_motion {
	int32_t params[V4L2_AV1_REFS_PER_FRAME][6];
};

/**
 * struct av1_slot - one reference slot of the decoder
 * @present:	the decoder holds a frame here
 * @damaged:	its samples may differ from those of a correctly decoded stream
 * @key:	it is a key frame
 * @timestamp:	timestamp of the request that decoded it, nanoseconds
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
 * enum av1_refs_verdict - state of a frame's references before the frame is decoded
 * @AV1_REFS_GOOD:	all references are present and undamaged
 * @AV1_REFS_DAMAGED:	a reference is damaged: the frame can be decoded, but not exactly
 * @AV1_REFS_ABSENT:	a reference slot is empty: the frame cannot be decoded
 * @AV1_REFS_SIZE:	the size of a reference is illegal for this frame (5.9.7)
 */
enum av1_refs_verdict {
	AV1_REFS_GOOD,
	AV1_REFS_DAMAGED,
	AV1_REFS_ABSENT,
	AV1_REFS_SIZE,
};

/** av1_refs_reset() - the decoder has dropped all references (start, flush, new sequence) */
void av1_refs_reset(struct av1_refs *refs);

/**
 * av1_refs_shown_key() - has a key frame been shown again before this frame?
 *
 * A driver never sees show_existing_frame. If it shows a key frame, that frame is
 * loaded into all slots (7.21). Then every reference_frame_ts of the next request has
 * the timestamp of that key frame.
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
 * @exact:	false if a reference was damaged
 */
void av1_refs_decoded(struct av1_refs *refs, const struct av1_frame *frame, uint64_t timestamp,
		      bool exact);

/**
 * av1_refs_lost() - this frame did not reach the decoder
 * @refresh_frame_flags:	slots that the frame would have replaced; 0xff if unknown
 */
void av1_refs_lost(struct av1_refs *refs, uint8_t refresh_frame_flags);

/**
 * av1_refs_broken() - the decoder failed on this frame; the frame's slots may be empty now
 * @refresh_frame_flags:	bit per slot
 */
void av1_refs_broken(struct av1_refs *refs, uint8_t refresh_frame_flags);

/** av1_refs_motion() - PrevGmParams of a frame (7.20): from primary_ref_frame, or the defaults */
const struct av1_motion *av1_refs_motion(const struct av1_refs *refs,
					 const struct av1_frame *frame);

/** av1_refs_skip_mode() - skipModeAllowed (5.9.22) */
bool av1_refs_skip_mode(const struct av1_refs *refs, const struct av1_frame *frame);

#endif /* DAEDALUS_AV1_REFS_H */
