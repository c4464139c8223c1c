// SPDX-License-Identifier: LGPL-2.1-or-later
#include "av1_refs.h"

#define ONE	(1 << 16)	/* WARPEDMODEL_PREC_BITS */

#define IDENTITY	{ 0, 0, ONE, 0, 0, ONE }

static const struct av1_motion default_motion = {
	.params = { IDENTITY, IDENTITY, IDENTITY, IDENTITY, IDENTITY, IDENTITY, IDENTITY },
};

void av1_refs_reset(struct av1_refs *refs)
{
	*refs = (struct av1_refs){ 0 };
}

int av1_refs_shown_key(const struct av1_refs *refs, const struct av1_frame *frame)
{
	const __u64 *timestamps = frame->control->reference_frame_ts;
	bool same = true;
	int found = -1;
	int i;

	if (frame->refresh_frame_flags == 0xff && frame->intra)
		return -1;
	for (i = 0; i < AV1_NUM_SLOTS; i++) {
		const struct av1_slot *slot = &refs->slots[i];

		if (timestamps[i] != timestamps[0])
			return -1;
		if (!slot->present || slot->damaged || slot->timestamp != timestamps[0])
			same = false;
		else if (slot->key)
			found = i;
	}
	return same ? -1 : found;
}

void av1_refs_show_key(struct av1_refs *refs, unsigned int slot)
{
	int i;

	for (i = 0; i < AV1_NUM_SLOTS; i++)
		refs->slots[i] = refs->slots[slot];
}

static bool scalable(const struct av1_slot *slot, const struct av1_frame *frame)
{
	return 2 * frame->width >= slot->width && 2 * frame->height >= slot->height &&
	       frame->width <= 16 * slot->width && frame->height <= 16 * slot->height;
}

enum av1_refs_verdict av1_refs_check(const struct av1_refs *refs, const struct av1_frame *frame)
{
	const struct v4l2_ctrl_av1_frame *control = frame->control;
	enum av1_refs_verdict verdict = AV1_REFS_GOOD;
	int i;

	if (frame->intra)
		return AV1_REFS_GOOD;
	for (i = 0; i < V4L2_AV1_REFS_PER_FRAME; i++) {
		int index = control->ref_frame_idx[i];
		const struct av1_slot *slot = &refs->slots[index];

		if (!slot->present)
			return AV1_REFS_ABSENT;
		if (slot->damaged || slot->timestamp != control->reference_frame_ts[index])
			verdict = AV1_REFS_DAMAGED;
	}
	for (i = 0; i < V4L2_AV1_REFS_PER_FRAME; i++)
		if (!scalable(&refs->slots[control->ref_frame_idx[i]], frame))
			return verdict == AV1_REFS_GOOD ? AV1_REFS_SIZE : AV1_REFS_ABSENT;
	return verdict;
}

/* Saves gm_params; the warp model determines the parameters that are not coded (5.9.24). */
static void save_motion(struct av1_motion *motion, const struct av1_frame *frame)
{
	const struct v4l2_av1_global_motion *control = &frame->control->global_motion;
	int i;

	*motion = default_motion;
	for (i = 0; !frame->intra && i < V4L2_AV1_REFS_PER_FRAME; i++) {
		const __s32 *from = control->params[i + V4L2_AV1_REF_LAST_FRAME];
		int32_t *to = motion->params[i];
		unsigned int type = control->type[i + V4L2_AV1_REF_LAST_FRAME];

		if (type >= V4L2_AV1_WARP_MODEL_TRANSLATION) {
			to[0] = from[0];
			to[1] = from[1];
		}
		if (type >= V4L2_AV1_WARP_MODEL_ROTZOOM) {
			to[2] = from[2];
			to[3] = from[3];
			to[4] = type == V4L2_AV1_WARP_MODEL_AFFINE ? from[4] : -from[3];
			to[5] = type == V4L2_AV1_WARP_MODEL_AFFINE ? from[5] : from[2];
		}
	}
}

void av1_refs_decoded(struct av1_refs *refs, const struct av1_frame *frame, uint64_t timestamp,
		      bool exact)
{
	struct av1_slot slot = {
		.present = true,
		.damaged = !exact,
		.key = frame->control->frame_type == V4L2_AV1_KEY_FRAME,
		.timestamp = timestamp,
		.order_hint = frame->control->order_hint,
		.width = frame->upscaled_width,
		.height = frame->height,
	};
	int i;

	save_motion(&slot.motion, frame);
	for (i = 0; i < AV1_NUM_SLOTS; i++)
		if (frame->refresh_frame_flags & 1U << i)
			refs->slots[i] = slot;
}

void av1_refs_lost(struct av1_refs *refs, uint8_t refresh_frame_flags)
{
	int i;

	for (i = 0; i < AV1_NUM_SLOTS; i++)
		if (refresh_frame_flags & 1U << i)
			refs->slots[i].damaged = true;
}

void av1_refs_broken(struct av1_refs *refs, uint8_t refresh_frame_flags)
{
	int i;

	for (i = 0; i < AV1_NUM_SLOTS; i++)
		if (refresh_frame_flags & 1U << i)
			refs->slots[i] = (struct av1_slot){ 0 };
}

const struct av1_motion *av1_refs_motion(const struct av1_refs *refs,
					 const struct av1_frame *frame)
{
	if (frame->primary_ref_frame == AV1_PRIMARY_REF_NONE)
		return &default_motion;
	return &refs->slots[frame->control->ref_frame_idx[frame->primary_ref_frame]].motion;
}

/* get_relative_dist(), 7.9.3. */
static int distance(const struct av1_frame *frame, uint32_t a, uint32_t b)
{
	unsigned int bits = frame->sequence->order_hint_bits;
	uint32_t sign = 1U << (bits - 1);
	uint32_t difference = a - b;

	return (int)(difference & (sign - 1)) - (int)(difference & sign);
}

bool av1_refs_skip_mode(const struct av1_refs *refs, const struct av1_frame *frame)
{
	const struct v4l2_ctrl_av1_frame *control = frame->control;
	uint32_t forward_hint = 0, second_hint = 0;
	bool forward = false, backward = false, second = false;
	int i;

	if (frame->intra || !av1_frame_flag(frame, V4L2_AV1_FRAME_FLAG_REFERENCE_SELECT) ||
	    !frame->sequence->order_hint_bits)
		return false;
	for (i = 0; i < V4L2_AV1_REFS_PER_FRAME; i++) {
		uint32_t hint = refs->slots[control->ref_frame_idx[i]].order_hint;
		int from_here = distance(frame, hint, control->order_hint);

		if (from_here > 0)
			backward = true;
		if (from_here < 0 && (!forward || distance(frame, hint, forward_hint) > 0)) {
			forward = true;
			forward_hint = hint;
		}
	}
	if (!forward || backward)
		return forward;
	for (i = 0; i < V4L2_AV1_REFS_PER_FRAME; i++) {
		uint32_t hint = refs->slots[control->ref_frame_idx[i]].order_hint;

		if (distance(frame, hint, forward_hint) < 0 &&
		    (!second || distance(frame, hint, second_hint) > 0)) {
			second = true;
			second_hint = hint;
		}
	}
	return second;
}
