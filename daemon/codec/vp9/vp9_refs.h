/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What is known of a VP9 decoder's state after lost and broken frames.
 *
 * A decoder which goes on after an error predicts from whatever its reference
 * slots hold and says nothing. This table follows which slots, probability
 * contexts and inter-frame state a broken frame would have changed, so that
 * every frame which can depend on it is reported and not one frame more.
 */
#ifndef DAEDALUS_VP9_REFS_H
#define DAEDALUS_VP9_REFS_H

#include <stdbool.h>
#include <stdint.h>

#include "vp9_header.h"

/**
 * struct vp9_slot - one reference slot of the decoder
 * @present:	the decoder holds a picture here
 * @damaged:	the picture is not the one that the bitstream means
 * @timestamp:	of the request that decoded the picture, nanoseconds
 * @width:	luma samples
 * @height:	luma samples
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
 * @contexts_damaged:	bit per saved probability context that is not as the stream means
 * @state_damaged:	previous vectors, segmentation map or filter deltas are not either
 */
struct vp9_refs {
	struct vp9_slot slots[VP9_NUM_SLOTS];
	uint8_t contexts_damaged;
	bool state_damaged;
};

/**
 * enum vp9_refs_verdict - what can be expected of a frame before it is decoded
 * @VP9_REFS_GOOD:	all it depends on is there
 * @VP9_REFS_DAMAGED:	it can be decoded, but not exactly
 * @VP9_REFS_ABSENT:	a reference slot is empty: it cannot be decoded
 */
enum vp9_refs_verdict {
	VP9_REFS_GOOD,
	VP9_REFS_DAMAGED,
	VP9_REFS_ABSENT,
};

/** vp9_refs_reset() - the decoder has forgotten everything (start, flush) */
void vp9_refs_reset(struct vp9_refs *refs);

/**
 * vp9_refs_check() - can this frame be decoded exactly?
 * @timestamps:	what the request believes its three references to be (last_frame_ts,
 *		golden_frame_ts, alt_frame_ts), or NULL not to compare them
 */
enum vp9_refs_verdict vp9_refs_check(const struct vp9_refs *refs,
				     const struct vp9_header *header,
				     const uint64_t timestamps[VP9_REFS_PER_FRAME]);

/**
 * vp9_refs_frame_size() - size of the frame, coded or taken from a reference
 *
 * 0x0 if the reference it is taken from is not present.
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
 * @header:	its header, or NULL if even that was unreadable
 */
void vp9_refs_lost(struct vp9_refs *refs, const struct vp9_header *header);

#endif /* DAEDALUS_VP9_REFS_H */
