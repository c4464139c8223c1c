// SPDX-License-Identifier: LGPL-2.1-or-later
#include "h264_lists.h"

#include <stdbool.h>
#include <string.h>

#include "common/h264_sps.h"

/* Added to a key: all entries with it come after all entries without it. */
#define GROUP	(1LL << 40)

static const struct h264_list_entry nothing = { .ref = H264_NO_REFERENCE };
static const struct h264_list_entry unknown = { .ref = H264_UNKNOWN_REFERENCE };

static int32_t count_of(const struct h264_ref *ref)
{
	switch (ref->fields) {
	case H264_TOP:
		return ref->counts[0];
	case H264_BOTTOM:
		return ref->counts[1];
	default:
		return ref->counts[0] < ref->counts[1] ? ref->counts[0] : ref->counts[1];
	}
}

static int32_t current_count(const struct h264_refs *refs, const struct h264_slice *slice)
{
	const struct h264_ref *current = &refs->refs[refs->current];

	if (slice->field_pic)
		return current->counts[slice->bottom_field];
	return current->counts[0] < current->counts[1] ? current->counts[0] : current->counts[1];
}

/* Indices into refs->refs in the order of their keys. */
struct sorted {
	int8_t ref[H264_NUM_REFS];
	int64_t key[H264_NUM_REFS];
	unsigned int count;
};

static void insert(struct sorted *sorted, int ref, int64_t key)
{
	unsigned int at = sorted->count++;

	for (; at && sorted->key[at - 1] > key; at--) {
		sorted->ref[at] = sorted->ref[at - 1];
		sorted->key[at] = sorted->key[at - 1];
	}
	sorted->ref[at] = (int8_t)ref;
	sorted->key[at] = key;
}

/* 8.2.4.2.1 to 8.2.4.2.4: the order of frames, before pick_fields(). */
static void sort_short_term(const struct h264_refs *refs, const struct v4l2_ctrl_h264_sps *sps,
			    const struct h264_slice *slice, int list, struct sorted *sorted)
{
	int32_t now = current_count(refs, slice);
	int i;

	for (i = 0; i < H264_NUM_REFS; i++) {
		const struct h264_ref *ref = &refs->refs[i];
		int64_t count;
		bool later;

		if (slice->field_pic ? !ref->short_term :
		    ref->short_term != H264_BOTH || i == refs->current)
			continue;
		if (slice->slice_type == H264_SLICE_P) {
			insert(sorted, i, -(int64_t)ref->frame_num_wrap);
			continue;
		}
		/* Non-existing frames have no picture order count of type 0. */
		if (ref->gap && !ref->damage[0] && sps->pic_order_cnt_type == 0)
			continue;
		/* Of the current frame, only the first field is a reference. */
		count = i == refs->current ? ref->counts[!slice->bottom_field] : count_of(ref);
		later = count > now;
		insert(sorted, i, (later != list ? GROUP : 0) + (later ? count : -count));
	}
}

static void sort_long_term(const struct h264_refs *refs, const struct h264_slice *slice,
			   struct sorted *sorted)
{
	int i;

	for (i = 0; i < H264_NUM_REFS; i++) {
		const struct h264_ref *ref = &refs->refs[i];

		if (slice->field_pic ? ref->long_term :
		    ref->long_term == H264_BOTH && i != refs->current)
			insert(sorted, i, ref->long_term_frame_idx);
	}
}

/* 8.2.4.2.5: fields of alternating parity, starting with the parity of the current field. */
static unsigned int pick_fields(const struct h264_refs *refs, const struct h264_slice *slice,
				const struct sorted *sorted, bool long_term,
				struct h264_list_entry *entries, unsigned int used)
{
	uint8_t parity = slice->bottom_field ? H264_BOTTOM : H264_TOP;
	unsigned int at[2] = { 0, 0 };
	bool other = false;
	unsigned int exhausted = 0;

	while (exhausted < 2 && used < H264_LIST_ROOM - 1) {
		uint8_t field = other ? parity ^ H264_BOTH : parity;
		unsigned int *next = &at[other];

		for (; *next < sorted->count; (*next)++) {
			const struct h264_ref *ref = &refs->refs[sorted->ref[*next]];

			if ((long_term ? ref->long_term : ref->short_term) & field)
				break;
		}
		if (*next < sorted->count) {
			entries[used++] = (struct h264_list_entry){ sorted->ref[(*next)++], field };
			exhausted = 0;
		} else {
			exhausted++;
		}
		other = !other;
	}
	return used;
}

static unsigned int pick(const struct h264_refs *refs, const struct h264_slice *slice,
			 const struct sorted *sorted, bool long_term,
			 struct h264_list_entry *entries, unsigned int used)
{
	unsigned int i;

	if (slice->field_pic)
		return pick_fields(refs, slice, sorted, long_term, entries, used);
	for (i = 0; i < sorted->count && used < H264_LIST_ROOM - 1; i++)
		entries[used++] = (struct h264_list_entry){ sorted->ref[i], H264_BOTH };
	return used;
}

static unsigned int initial_list(const struct h264_refs *refs,
				 const struct v4l2_ctrl_h264_sps *sps,
				 const struct h264_slice *slice, int list,
				 struct h264_list_entry *entries)
{
	struct sorted short_term = { .count = 0 }, long_term = { .count = 0 };
	unsigned int used;

	sort_short_term(refs, sps, slice, list, &short_term);
	sort_long_term(refs, slice, &long_term);
	used = pick(refs, slice, &short_term, false, entries, 0);
	return pick(refs, slice, &long_term, true, entries, used);
}

static bool same_entry(struct h264_list_entry a, struct h264_list_entry b)
{
	return a.ref == b.ref && a.fields == b.fields;
}

/* When both lists of a B slice are the same, the second starts with its second entry. */
static void swap_if_same(const struct h264_refs *refs, const struct v4l2_ctrl_h264_sps *sps,
			 const struct h264_slice *slice, struct h264_list_entry *entries,
			 unsigned int used)
{
	struct h264_list_entry list_0[H264_LIST_ROOM], first;
	unsigned int i;

	if (used < 2 || initial_list(refs, sps, slice, 0, list_0) != used)
		return;
	for (i = 0; i < used; i++)
		if (!same_entry(entries[i], list_0[i]))
			return;
	first = entries[0];
	entries[0] = entries[1];
	entries[1] = first;
}

/* 8.2.4.1: the frame or field with this PicNum or LongTermPicNum. */
static struct h264_list_entry find(const struct h264_refs *refs, const struct h264_slice *slice,
				   int64_t pic_num, bool long_term)
{
	uint8_t parity = slice->bottom_field ? H264_BOTTOM : H264_TOP;
	uint8_t fields = H264_BOTH;
	int i;

	if (slice->field_pic) {
		fields = pic_num & 1 ? parity : parity ^ H264_BOTH;
		pic_num >>= 1;
	}
	for (i = 0; i < H264_NUM_REFS; i++) {
		const struct h264_ref *ref = &refs->refs[i];
		uint8_t marked = long_term ? ref->long_term : ref->short_term;
		int64_t number = long_term ? (int64_t)ref->long_term_frame_idx :
					     (int64_t)ref->frame_num_wrap;

		if ((marked & fields) == fields && number == pic_num &&
		    (slice->field_pic || i != refs->current))
			return (struct h264_list_entry){ (int8_t)i, fields };
	}
	return unknown;
}

struct h264_list_entry h264_find_short_term(const struct h264_refs *refs,
					    const struct h264_slice *slice, int64_t pic_num)
{
	return find(refs, slice, pic_num, false);
}

struct h264_list_entry h264_find_long_term(const struct h264_refs *refs,
					   const struct h264_slice *slice, int64_t pic_num)
{
	return find(refs, slice, pic_num, true);
}

/* 8.2.4.3 */
static void modify(const struct h264_refs *refs, const struct v4l2_ctrl_h264_sps *sps,
		   const struct h264_slice *slice, int list, struct h264_list_entry *entries)
{
	unsigned int active = slice->num_ref_idx_active[list];
	int64_t max = (int64_t)h264_max_frame_num(sps) << slice->field_pic;
	int64_t current = slice->field_pic ? 2 * (int64_t)slice->frame_num + 1 : slice->frame_num;
	int64_t predicted = current;
	unsigned int index, i, to;

	for (index = 0; index < slice->num_modifications[list] && index < active; index++) {
		const struct h264_modification *modification = &slice->modifications[list][index];
		struct h264_list_entry entry;

		if (modification->idc == 2) {
			entry = h264_find_long_term(refs, slice, modification->value);
		} else {
			int64_t difference = ((int64_t)modification->value + 1) % max;

			predicted += modification->idc == 0 ? -difference : difference;
			predicted = (predicted % max + max) % max;
			entry = h264_find_short_term(refs, slice, predicted > current ?
						     predicted - max : predicted);
		}
		if (entry.ref < 0) {
			/* As libavcodec does: the other entries stay where they are. */
			entries[index] = entry;
			continue;
		}
		memmove(&entries[index + 1], &entries[index],
			(active - index) * sizeof(entries[0]));
		entries[index] = entry;
		for (i = to = index + 1; i <= active; i++)
			if (!same_entry(entries[i], entry))
				entries[to++] = entries[i];
	}
}

void h264_build_list(const struct h264_refs *refs, const struct v4l2_ctrl_h264_sps *sps,
		     const struct h264_slice *slice, int list,
		     struct h264_list_entry entries[H264_LIST_ROOM])
{
	unsigned int used = initial_list(refs, sps, slice, list, entries);

	if (list == 1)
		swap_if_same(refs, sps, slice, entries, used);
	for (; used < H264_LIST_ROOM; used++)
		entries[used] = nothing;
	modify(refs, sps, slice, list, entries);
}
