// SPDX-License-Identifier: LGPL-2.1-or-later
#include "h264_refs.h"

#include <stddef.h>

#include "common/h264_sps.h"
#include "h264_lists.h"

void h264_refs_reset(struct h264_refs *refs)
{
	*refs = (struct h264_refs){
		.current = -1,
		.prev_frame_num = -1,
		.serial = 1,
		.absent = 1,
	};
	h264_recovery_reset(&refs->recovery);
}

void h264_refs_flush(struct h264_refs *refs)
{
	unsigned int marked = refs->recovery.marked;

	h264_refs_reset(refs);
	refs->recovery.marked = marked;
}

static bool is_marked(const struct h264_ref *ref)
{
	return ref->short_term || ref->long_term;
}

static void unmark(struct h264_ref *ref)
{
	ref->short_term = 0;
	ref->long_term = 0;
}

static void unmark_all(struct h264_refs *refs)
{
	int i;

	for (i = 0; i < H264_NUM_REFS; i++)
		if (i != refs->current)
			unmark(&refs->refs[i]);
}

/* Make a free entry the current one. There always is one, see limit(). */
static struct h264_ref *new_entry(struct h264_refs *refs, uint32_t frame_num)
{
	int i;

	for (i = 0; i < H264_NUM_REFS - 1; i++)
		if (!is_marked(&refs->refs[i]))
			break;
	refs->current = i;
	refs->refs[i] = (struct h264_ref){ .frame_num = frame_num, .order = ++refs->serial };
	return &refs->refs[i];
}

static void wrap_frame_nums(struct h264_refs *refs, const struct v4l2_ctrl_h264_sps *sps,
			    uint32_t frame_num)
{
	int i;

	for (i = 0; i < H264_NUM_REFS; i++) {
		struct h264_ref *ref = &refs->refs[i];

		ref->frame_num_wrap = (int32_t)ref->frame_num;
		if (ref->frame_num > frame_num)
			ref->frame_num_wrap -= (int32_t)h264_max_frame_num(sps);
	}
}

/* 8.2.5.3: make room for the current picture. A broken stream may have marked too many. */
static void limit(struct h264_refs *refs, const struct v4l2_ctrl_h264_sps *sps)
{
	unsigned int max = sps->max_num_ref_frames ? sps->max_num_ref_frames : 1;

	for (;;) {
		struct h264_ref *oldest = NULL;
		unsigned int count = 0;
		int i;

		for (i = 0; i < H264_NUM_REFS; i++) {
			struct h264_ref *ref = &refs->refs[i];

			if (i == refs->current || !is_marked(ref))
				continue;
			count++;
			if (!oldest || (!oldest->short_term && ref->short_term) ||
			    (!oldest->short_term == !ref->short_term &&
			     ref->frame_num_wrap < oldest->frame_num_wrap))
				oldest = ref;
		}
		if (count < max)
			return;
		unmark(oldest);
	}
}

/* Picture order count that libavcodec uses for a frame that it creates for a gap. */
static int32_t invented_count(const struct h264_refs *refs)
{
	const struct h264_ref *last = NULL;
	int i;

	for (i = 0; i < H264_NUM_REFS; i++) {
		const struct h264_ref *ref = &refs->refs[i];

		if (ref->short_term && (!last || ref->order > last->order))
			last = ref;
	}
	if (!last)
		return 0;
	return (int32_t)((last->counts[0] < last->counts[1] ? last->counts[0] :
			  last->counts[1]) + 2U);
}

/* 8.2.5.2. If the SPS does not allow gaps, frames were lost. */
static void fill_gap(struct h264_refs *refs, const struct v4l2_ctrl_h264_sps *sps,
		     const struct h264_slice *slice)
{
	bool legal = sps->flags & V4L2_H264_SPS_FLAG_GAPS_IN_FRAME_NUM_VALUE_ALLOWED &&
		     refs->prev_frame_num >= 0;
	int64_t max = h264_max_frame_num(sps);
	int64_t from = refs->prev_frame_num;
	uint64_t damage;

	if (from == slice->frame_num)
		return;
	if (from > slice->frame_num)
		from -= max;
	/* Of a long gap only the last frames stay marked, so leave out the others. */
	if (slice->frame_num - from > sps->max_num_ref_frames)
		from = (int64_t)slice->frame_num - sps->max_num_ref_frames - 1;
	if (from + 1 == slice->frame_num)
		return;

	damage = legal ? 0 : ++refs->serial;
	while (++from < slice->frame_num) {
		uint32_t frame_num = (uint32_t)((from + max) % max);
		int32_t count = invented_count(refs);
		struct h264_ref *ref;

		wrap_frame_nums(refs, sps, frame_num);
		refs->current = -1;
		limit(refs, sps);
		ref = new_entry(refs, frame_num);
		ref->gap = true;
		ref->fields = H264_BOTH;
		ref->short_term = H264_BOTH;
		ref->counts[0] = ref->counts[1] = count;
		ref->damage[0] = ref->damage[1] = damage;
		refs->prev_frame_num = frame_num;
	}
	refs->current = -1;
}

bool h264_refs_completes(const struct h264_refs *refs, const struct h264_slice *slice)
{
	const struct h264_ref *current;

	if (!refs->open || refs->current < 0 || !slice->field_pic)
		return false;
	current = &refs->refs[refs->current];
	return current->fields == (slice->bottom_field ? H264_TOP : H264_BOTTOM) &&
	       current->frame_num == slice->frame_num && !slice->idr;
}

/*
 * The second field of a reference frame did not come: it was lost, and reference
 * picture lists have an entry for it.
 */
static void complete_lone_field(struct h264_refs *refs)
{
	struct h264_ref *ref;

	if (!refs->open || refs->current < 0)
		return;
	ref = &refs->refs[refs->current];
	if (!ref->short_term)
		return;
	ref->fields = H264_BOTH;
	ref->short_term = H264_BOTH;
	ref->damage[0] = ref->damage[1] = ++refs->serial;
}

/* An IDR picture or memory_management_control_operation 5: no later picture refers further back. */
static void forget_past(struct h264_refs *refs)
{
	refs->absent = 0;
	h264_recovery_forget(&refs->recovery);
}

bool h264_refs_begin(struct h264_refs *refs, const struct v4l2_ctrl_h264_sps *sps,
		     const struct h264_slice *slice, int64_t recovery_frames, bool intra)
{
	struct h264_coded_picture picture = h264_slice_picture(slice);
	bool second = h264_refs_completes(refs, slice);
	struct h264_ref *current;

	if (!second) {
		complete_lone_field(refs);
		if (slice->idr) {
			refs->current = -1;
			unmark_all(refs);
			forget_past(refs);
			refs->prev_frame_num = 0;
		} else {
			fill_gap(refs, sps, slice);
		}
		h264_recovery_begin(&refs->recovery, sps, slice, recovery_frames, intra,
				    refs->serial);
		new_entry(refs, slice->frame_num);
	}
	current = &refs->refs[refs->current];
	h264_poc_begin(&refs->poc, sps, &picture, current->counts);
	current->fields |= !slice->field_pic ? H264_BOTH :
			   slice->bottom_field ? H264_BOTTOM : H264_TOP;
	if (!second) {
		if (slice->field_pic)	/* until the second field is decoded */
			current->counts[!slice->bottom_field] =
				current->counts[slice->bottom_field];
		h264_recovery_reach(&refs->recovery, slice,
				    current->counts[0] < current->counts[1] ?
				    current->counts[0] : current->counts[1]);
	}
	wrap_frame_nums(refs, sps, slice->frame_num);
	return second;
}

/* The last entry that was filled in for a lost frame. */
static const struct h264_ref *last_lost(const struct h264_refs *refs)
{
	const struct h264_ref *last = NULL;
	int i;

	for (i = 0; i < H264_NUM_REFS; i++) {
		const struct h264_ref *ref = &refs->refs[i];

		if (ref->gap && ref->short_term && ref->damage[0] &&
		    (!last || ref->order > last->order))
			last = ref;
	}
	return last;
}

static uint64_t entry_damage(const struct h264_refs *refs, struct h264_list_entry entry,
			     const struct h264_ref *lost)
{
	const struct h264_ref *ref;
	uint64_t damage = 0;
	int field;

	if (entry.ref == H264_UNKNOWN_REFERENCE)
		return refs->serial;
	if (entry.ref == H264_NO_REFERENCE)
		return refs->absent;
	ref = &refs->refs[entry.ref];
	for (field = 0; field < 2; field++)
		if (entry.fields & 1U << field && damage < ref->damage[field])
			damage = ref->damage[field];
	/*
	 * The position of a lost picture in output order is unknown. Assume that it
	 * precedes pictures decoded later; it may take the place of older ones.
	 */
	if (lost && ref->order < lost->order && damage < lost->damage[0])
		damage = lost->damage[0];
	return damage;
}

uint64_t h264_refs_check(struct h264_refs *refs, const struct v4l2_ctrl_h264_sps *sps,
			 const struct h264_slice *slice)
{
	const struct h264_ref *current = &refs->refs[refs->current];
	struct h264_list_entry entries[H264_LIST_ROOM];
	const struct h264_ref *lost = NULL;
	uint64_t damage = 0;
	unsigned int i;
	int list;

	/* The lists of B slices depend on the output order. */
	if (slice->slice_type == H264_SLICE_B)
		lost = last_lost(refs);

	for (list = 0; list < 2; list++) {
		if (!slice->num_ref_idx_active[list])
			continue;
		h264_build_list(refs, sps, slice, list, entries);
		for (i = 0; i < slice->num_ref_idx_active[list]; i++) {
			uint64_t inherited = entry_damage(refs, entries[i], lost);

			if (damage < inherited)
				damage = inherited;
		}
	}
	if (h264_recovery_covers(&refs->recovery, damage, current->counts))
		return 0;
	return damage;
}

/* Unmark the fields of @entry as short-term or long-term reference. */
static void unmark_entry(struct h264_refs *refs, struct h264_list_entry entry, bool long_term)
{
	struct h264_ref *ref;

	if (entry.ref < 0)
		return;
	ref = &refs->refs[entry.ref];
	if (long_term)
		ref->long_term &= (uint8_t)~entry.fields;
	else
		ref->short_term &= (uint8_t)~entry.fields;
}

/* Unmark the frames with this LongTermFrameIdx, except entry @keep. */
static void free_long_term_idx(struct h264_refs *refs, uint32_t idx, int keep)
{
	int i;

	for (i = 0; i < H264_NUM_REFS; i++)
		if (i != keep && refs->refs[i].long_term &&
		    refs->refs[i].long_term_frame_idx == idx)
			refs->refs[i].long_term = 0;
}

static void set_long_term(struct h264_refs *refs, int index, uint8_t fields, uint32_t idx)
{
	struct h264_ref *ref = &refs->refs[index];

	if (ref->long_term && ref->long_term_frame_idx != idx)
		ref->long_term = 0;
	free_long_term_idx(refs, idx, index);
	ref->short_term &= (uint8_t)~fields;
	ref->long_term |= fields;
	ref->long_term_frame_idx = idx;
}

static void limit_long_term_idx(struct h264_refs *refs, uint32_t max_plus1)
{
	int i;

	for (i = 0; i < H264_NUM_REFS; i++)
		if (refs->refs[i].long_term && refs->refs[i].long_term_frame_idx >= max_plus1)
			refs->refs[i].long_term = 0;
}

/* 8.2.5.4. Return: true if the current picture is now a long-term reference. */
static bool adaptive_marking(struct h264_refs *refs, const struct h264_slice *slice,
			     uint8_t fields)
{
	int64_t current = slice->field_pic ? 2 * (int64_t)slice->frame_num + 1 : slice->frame_num;
	bool long_term = false;
	unsigned int i;

	for (i = 0; i < slice->num_mmco; i++) {
		const struct h264_mmco *mmco = &slice->mmco[i];
		int64_t pic_num = current - ((int64_t)mmco->difference_of_pic_nums_minus1 + 1);
		struct h264_list_entry entry;

		switch (mmco->operation) {
		case 1:
			unmark_entry(refs, h264_find_short_term(refs, slice, pic_num), false);
			break;
		case 2:
			unmark_entry(refs, h264_find_long_term(refs, slice, mmco->long_term), true);
			break;
		case 3:
			entry = h264_find_short_term(refs, slice, pic_num);
			if (entry.ref >= 0)
				set_long_term(refs, entry.ref, entry.fields, mmco->long_term);
			break;
		case 4:
			limit_long_term_idx(refs, mmco->long_term);
			break;
		case 5:
			unmark_all(refs);
			unmark(&refs->refs[refs->current]);
			forget_past(refs);
			break;
		default:
			set_long_term(refs, refs->current, fields, mmco->long_term);
			long_term = true;
			break;
		}
	}
	return long_term;
}

static void mark(struct h264_refs *refs, const struct v4l2_ctrl_h264_sps *sps,
		 const struct h264_slice *slice, uint8_t fields)
{
	struct h264_ref *current = &refs->refs[refs->current];
	bool second = slice->field_pic && current->fields == H264_BOTH;
	bool long_term = false;

	if (slice->idr) {
		long_term = slice->long_term_reference_flag;
		if (long_term)
			set_long_term(refs, refs->current, fields, 0);
	} else if (slice->adaptive_marking) {
		long_term = adaptive_marking(refs, slice, fields);
	} else if (!second || !current->short_term) {
		limit(refs, sps);
	}
	if (!long_term)
		current->short_term |= fields;
	/* A broken stream may mark more than max_num_ref_frames and would fill the table. */
	limit(refs, sps);
	if (h264_slice_resets(slice))
		current->frame_num = 0;
}

bool h264_refs_end(struct h264_refs *refs, const struct v4l2_ctrl_h264_sps *sps,
		   const struct h264_slice *slice, uint64_t inherited, bool broken)
{
	struct h264_coded_picture picture = h264_slice_picture(slice);
	struct h264_ref *current = &refs->refs[refs->current];
	uint8_t fields = !slice->field_pic ? H264_BOTH :
			 slice->bottom_field ? H264_BOTTOM : H264_TOP;
	uint64_t damage = broken ? ++refs->serial : inherited;
	int i;

	for (i = 0; i < 2; i++)
		if (fields & 1U << i)
			current->damage[i] = damage;
	h264_poc_end(&refs->poc, &picture, current->counts);
	if (slice->nal_ref_idc) {
		mark(refs, sps, slice, fields);
		refs->prev_frame_num = current->frame_num;
	}
	refs->open = slice->field_pic && current->fields != H264_BOTH;
	return !current->damage[0] && !current->damage[1];
}

void h264_refs_lost(struct h264_refs *refs)
{
	int i;

	refs->absent = ++refs->serial;
	for (i = 0; i < H264_NUM_REFS; i++)
		refs->refs[i].damage[0] = refs->refs[i].damage[1] = refs->serial;
	refs->open = false;
}
