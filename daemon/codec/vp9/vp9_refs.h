/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * State of a VP9 decoder after lost and broken frames.
 *
 * A decoder that continues after an error predicts from its reference slots without
 * a warning, even if they hold wrong pictures. This table records the slots, probability
 * contexts and inter-frame state that a broken frame would have changed. So every frame
 * that can depend on the broken frame is reported, and no other frame.
 */
#ifndef DAEDALUS_VP9_REFS_H
#define DAEDALUS_VP9_REFS_H

#include <stdbool.h>
#include <stdint.h>

#include "vp9_header.h"

/**
 * struct vp9_slot - one reference slot of the decoder
 * @present:	the decoder holds a picture here
 * @damaged:	the picture may differ from that of a correctly decoded stream
 * @timestamp:	timestamp of the request that decoded the picture, nanoseconds
 * @width:	width of the picture, luma samples
 * @height:	height of the picture, luma samples
 */
struct vp9_slot {
	bool present;
	bool damaged;
	uint64_t timestamp;
	uint32_t width;
	uint32_t height;
};

/**
 * struct vp9_refs - state between frames
 * @slots:		reference slots
 * @contexts_damaged:	bit per saved probability context that may be wrong
 * @state_damaged:	previous motion vectors, segmentation map or loop filter deltas may
 *			be wrong
 */
struct vp9_refs {
	struct vp9_slot slots[VP9_NUM_SLOTS];
	uint8_t contexts_damaged;
	bool state_damaged;
};

/**
 * enum vp9_refs_verdict - state of a frame's references before the frame is decoded
 * @VP9_REFS_GOOD:	all references and all inherited state are undamaged
 * @VP9_REFS_DAMAGED:	the frame can be decoded, but not exactly
 * @VP9_REFS_ABSENT:	a reference slot is empty: the frame cannot be decoded
 */
enum vp9_refs_verdict {
	VP9_REFS_GOOD,
	VP9_REFS_DAMAGED,
	VP9_REFS_ABSENT,
};

/** vp9_refs_reset() - the decoder has dropped all references (start, flush) */
void vp9_refs_reset(struct vp9_refs *refs);

/**
 * vp9_refs_check() - can this frame be decoded exactly?
 * @timestamps:	the request's three reference timestamps in nanoseconds (last_frame_ts,
 *		golden_frame_ts, alt_frame_ts), compared with the slots; NULL: no comparison
 */
enum vp9_refs_verdict vp9_refs_check(const struct vp9_refs *refs,
				     const struct vp9_header *header,
				     const uint64_t timestamps[VP9_REFS_PER_FRAME]);

/**
 * vp9_refs_frame_size() - size of the frame in luma samples, coded or taken from a reference
 *
 * The size is 0x0 if that reference is not present.
 */
void vp9_refs_frame_size(const struct vp9_refs *refs, const struct vp9_header *header,
			 uint32_t *width, uint32_t *height);

/**
 * vp9_refs_decoded() - the decoder has decoded this frame
 * @exact:	false if the picture or what it depended on is damaged
 */
void vp9_refs_decoded(struct vp9_refs *refs, const struct vp9_header *header,
		      uint64_t timestamp, uint32_t width, uint32_t height, bool exact);

/**
 * vp9_refs_lost() - this frame was not decoded
 * @header:	header of the frame, NULL if it could not be parsed
 */
void vp9_refs_lost(struct vp9_refs *refs, const struct vp9_header *header);

#endif /* DAEDALUS_VP9_REFS_H */
