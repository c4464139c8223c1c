// SPDX-License-Identifier: LGPL-2.1-or-later
#include "vp9_refs.h"

#include <stddef.h>

#define ALL_CONTEXTS	((1U << VP9_NUM_CONTEXTS) - 1)

void vp9_refs_reset(struct vp9_refs *refs)
{
	*refs = (struct vp9_refs){
		.contexts_damaged = ALL_CONTEXTS,
		.state_damaged = true,
	};
}

/* Does the frame call setup_past_independence()? */
static bool is_independent(const struct vp9_header *header)
{
	return vp9_header_is_intra(header) || header->error_resilient_mode;
}

/* Bit per probability context that the frame resets before it loads one. */
static unsigned int reset_contexts(const struct vp9_header *header)
{
	if (!is_independent(header))
		return 0;
	if (header->key_frame || header->error_resilient_mode || header->reset_frame_context == 3)
		return ALL_CONTEXTS;
	if (header->reset_frame_context == 2)
		return 1U << header->frame_context_idx;
	return 0;
}

static unsigned int used_context(const struct vp9_header *header)
{
	return is_independent(header) ? 1U : 1U << header->frame_context_idx;
}

enum vp9_refs_verdict vp9_refs_check(const struct vp9_refs *refs,
				     const struct vp9_header *header,
				     const uint64_t timestamps[VP9_REFS_PER_FRAME])
{
	enum vp9_refs_verdict verdict = VP9_REFS_GOOD;
	int i;

	if (header->show_existing_frame) {
		const struct vp9_slot *slot = &refs->slots[header->frame_to_show];

		if (!slot->present)
			return VP9_REFS_ABSENT;
		return slot->damaged ? VP9_REFS_DAMAGED : VP9_REFS_GOOD;
	}
	if (refs->contexts_damaged & ~reset_contexts(header) & used_context(header))
		verdict = VP9_REFS_DAMAGED;
	if (refs->state_damaged && !is_independent(header))
		verdict = VP9_REFS_DAMAGED;
	if (vp9_header_is_intra(header))
		return verdict;

	for (i = 0; i < VP9_REFS_PER_FRAME; i++) {
		const struct vp9_slot *slot = &refs->slots[header->ref_frame_idx[i]];

		if (!slot->present)
			return VP9_REFS_ABSENT;
		if (slot->damaged || (timestamps && timestamps[i] != slot->timestamp))
			verdict = VP9_REFS_DAMAGED;
	}
	return verdict;
}

void vp9_refs_frame_size(const struct vp9_refs *refs, const struct vp9_header *header,
			 uint32_t *width, uint32_t *height)
{
	const struct vp9_slot *slot = NULL;

	if (header->show_existing_frame)
		slot = &refs->slots[header->frame_to_show];
	else if (header->size_from_ref >= 0)
		slot = &refs->slots[header->ref_frame_idx[header->size_from_ref]];

	*width = slot ? slot->width : header->width;
	*height = slot ? slot->height : header->height;
}

void vp9_refs_decoded(struct vp9_refs *refs, const struct vp9_header *header,
		      uint64_t timestamp, uint32_t width, uint32_t height, bool exact)
{
	int i;

	if (header->show_existing_frame)
		return;
	for (i = 0; i < VP9_NUM_SLOTS; i++)
		if (header->refresh_frame_flags & 1U << i)
			refs->slots[i] = (struct vp9_slot){
				.present = true,
				.damaged = !exact,
				.timestamp = timestamp,
				.width = width,
				.height = height,
			};
	if (exact) {
		refs->contexts_damaged &= (uint8_t)~reset_contexts(header);
		refs->state_damaged = false;
	} else {
		refs->contexts_damaged |= (uint8_t)reset_contexts(header);
		if (header->refresh_frame_context)
			refs->contexts_damaged |= (uint8_t)used_context(header);
		refs->state_damaged = true;
	}
}

void vp9_refs_lost(struct vp9_refs *refs, const struct vp9_header *header)
{
	unsigned int slots = header ? header->refresh_frame_flags : (1U << VP9_NUM_SLOTS) - 1;
	int i;

	if (header && header->show_existing_frame)
		return;
	for (i = 0; i < VP9_NUM_SLOTS; i++)
		if (slots & 1U << i)
			refs->slots[i].damaged = true;
	if (!header)
		refs->contexts_damaged = ALL_CONTEXTS;
	else
		refs->contexts_damaged |= (uint8_t)(reset_contexts(header) |
			(header->refresh_frame_context ? used_context(header) : 0));
	refs->state_damaged = true;
}
