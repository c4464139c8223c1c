// SPDX-License-Identifier: LGPL-2.1-or-later
/* Damage of VP9 reference slots: how it spreads after a lost frame, and what ends it. */
#include "check.h"

#include <stddef.h>

#include "codec/vp9/vp9_refs.h"

static const struct vp9_header key = {
	.key_frame = true, .show_frame = true, .refresh_frame_flags = 0xff,
	.size_from_ref = -1, .width = 64, .height = 48, .refresh_frame_context = true,
};

/* Refers to slots 0, 1, 2 and replaces slot 0. */
static const struct vp9_header inter = {
	.show_frame = true, .refresh_frame_flags = 1, .ref_frame_idx = { 0, 1, 2 },
	.refresh_frame_context = true,
};

static const struct vp9_header intra_only = {
	.intra_only = true, .refresh_frame_flags = 2, .size_from_ref = -1, .width = 64,
	.height = 48, .refresh_frame_context = true,
};

static uint64_t clock_ns;

static enum vp9_refs_verdict check(const struct vp9_refs *refs, const struct vp9_header *header)
{
	return vp9_refs_check(refs, header, NULL);
}

/* The calls that the engine makes for a frame that libavcodec decodes. */
static enum vp9_refs_verdict decode(struct vp9_refs *refs, const struct vp9_header *header)
{
	enum vp9_refs_verdict verdict = check(refs, header);
	uint32_t width, height;

	vp9_refs_frame_size(refs, header, &width, &height);
	if (verdict == VP9_REFS_ABSENT)
		vp9_refs_lost(refs, header);
	else
		vp9_refs_decoded(refs, header, ++clock_ns, width, height,
				 verdict == VP9_REFS_GOOD);
	return verdict;
}

static struct vp9_refs after_key(void)
{
	struct vp9_refs refs;

	vp9_refs_reset(&refs);
	CHECK_EQ(decode(&refs, &key), VP9_REFS_GOOD);
	CHECK_EQ(decode(&refs, &inter), VP9_REFS_GOOD);
	return refs;
}

static void test_start(void)
{
	struct vp9_header show = { .show_existing_frame = true, .frame_to_show = 3 };
	struct vp9_header reset = intra_only;
	struct vp9_refs refs;

	vp9_refs_reset(&refs);
	CHECK_EQ(decode(&refs, &inter), VP9_REFS_ABSENT);
	CHECK_EQ(check(&refs, &show), VP9_REFS_ABSENT);
	/* An intra-only frame that does not reset the probabilities uses unknown ones. */
	CHECK_EQ(check(&refs, &intra_only), VP9_REFS_DAMAGED);
	reset.reset_frame_context = 1;
	CHECK_EQ(check(&refs, &reset), VP9_REFS_DAMAGED);
	reset.reset_frame_context = 2;
	reset.frame_context_idx = 1;	/* resets context 1, but uses context 0 */
	CHECK_EQ(check(&refs, &reset), VP9_REFS_DAMAGED);
	reset.frame_context_idx = 0;
	CHECK_EQ(check(&refs, &reset), VP9_REFS_GOOD);
	reset.reset_frame_context = 3;
	CHECK_EQ(check(&refs, &reset), VP9_REFS_GOOD);
	CHECK_EQ(decode(&refs, &key), VP9_REFS_GOOD);
	CHECK_EQ(decode(&refs, &inter), VP9_REFS_GOOD);
	CHECK_EQ(check(&refs, &show), VP9_REFS_GOOD);
	CHECK_EQ(check(&refs, &intra_only), VP9_REFS_GOOD);
}

static void test_damage_spreads(void)
{
	struct vp9_header show = { .show_existing_frame = true, .frame_to_show = 0 };
	struct vp9_header clean = inter;
	struct vp9_refs refs = after_key();

	vp9_refs_lost(&refs, &inter);
	CHECK_EQ(check(&refs, &show), VP9_REFS_DAMAGED);
	show.frame_to_show = 1;
	CHECK_EQ(check(&refs, &show), VP9_REFS_GOOD);
	CHECK_EQ(decode(&refs, &inter), VP9_REFS_DAMAGED);

	/* It does not use the slot, but probabilities and motion vectors of the lost frame. */
	clean.ref_frame_idx[0] = 3;
	clean.refresh_frame_flags = 8;
	CHECK_EQ(check(&refs, &clean), VP9_REFS_DAMAGED);
	clean.error_resilient_mode = true;
	clean.refresh_frame_context = false;
	CHECK_EQ(decode(&refs, &clean), VP9_REFS_GOOD);
	/* That frame has reset probabilities and motion vectors; only slot 0 is damaged. */
	clean.error_resilient_mode = false;
	clean.refresh_frame_context = true;
	CHECK_EQ(decode(&refs, &clean), VP9_REFS_GOOD);
	CHECK_EQ(decode(&refs, &inter), VP9_REFS_DAMAGED);
	CHECK_EQ(decode(&refs, &key), VP9_REFS_GOOD);
	CHECK_EQ(decode(&refs, &inter), VP9_REFS_GOOD);
}

static void test_unreadable(void)
{
	struct vp9_header show = { .show_existing_frame = true };
	struct vp9_refs refs = after_key();
	uint8_t i;

	vp9_refs_lost(&refs, NULL);
	for (i = 0; i < VP9_NUM_SLOTS; i++) {
		show.frame_to_show = i;
		CHECK_EQ(check(&refs, &show), VP9_REFS_DAMAGED);
	}
	CHECK_EQ(check(&refs, &intra_only), VP9_REFS_DAMAGED);
	CHECK_EQ(decode(&refs, &key), VP9_REFS_GOOD);
	CHECK_EQ(check(&refs, &intra_only), VP9_REFS_GOOD);

	/* A key frame that fails damages all slots. */
	vp9_refs_lost(&refs, &key);
	CHECK_EQ(check(&refs, &inter), VP9_REFS_DAMAGED);
	CHECK_EQ(check(&refs, &intra_only), VP9_REFS_DAMAGED);
}

static void test_intra_only_heals_its_slot(void)
{
	struct vp9_header intra = intra_only;
	struct vp9_header from_one = inter;
	struct vp9_refs refs = after_key();

	vp9_refs_lost(&refs, NULL);
	intra.reset_frame_context = 3;
	CHECK_EQ(decode(&refs, &intra), VP9_REFS_GOOD);
	from_one.ref_frame_idx[0] = from_one.ref_frame_idx[1] = from_one.ref_frame_idx[2] = 1;
	CHECK_EQ(decode(&refs, &from_one), VP9_REFS_GOOD);
	CHECK_EQ(check(&refs, &inter), VP9_REFS_DAMAGED);	/* slot 2 */
}

static void test_timestamps(void)
{
	struct vp9_refs refs;
	uint64_t stamps[VP9_REFS_PER_FRAME];
	int i;

	vp9_refs_reset(&refs);
	vp9_refs_decoded(&refs, &key, 1000, 64, 48, true);
	vp9_refs_decoded(&refs, &inter, 2000, 64, 48, true);
	stamps[0] = 2000;
	stamps[1] = stamps[2] = 1000;
	CHECK_EQ(vp9_refs_check(&refs, &inter, stamps), VP9_REFS_GOOD);
	for (i = 0; i < VP9_REFS_PER_FRAME; i++) {
		stamps[i] += 1000;	/* a frame that was not decoded */
		CHECK_EQ(vp9_refs_check(&refs, &inter, stamps), VP9_REFS_DAMAGED);
		stamps[i] -= 1000;
	}
	for (i = 0; i < VP9_REFS_PER_FRAME; i++)
		stamps[i] = 77;
	CHECK_EQ(vp9_refs_check(&refs, &key, stamps), VP9_REFS_GOOD);
	CHECK_EQ(vp9_refs_check(&refs, &intra_only, stamps), VP9_REFS_GOOD);
}

static void test_frame_size(void)
{
	struct vp9_header show = { .show_existing_frame = true, .frame_to_show = 0 };
	struct vp9_header resized = inter;
	struct vp9_refs refs = after_key();
	uint32_t width, height;

	resized.size_from_ref = -1;
	resized.width = 32;
	resized.height = 24;
	CHECK_EQ(decode(&refs, &resized), VP9_REFS_GOOD);
	vp9_refs_frame_size(&refs, &inter, &width, &height);
	CHECK_EQ(width, 32);
	CHECK_EQ(height, 24);
	resized.size_from_ref = 2;
	vp9_refs_frame_size(&refs, &resized, &width, &height);
	CHECK_EQ(width, 64);
	CHECK_EQ(height, 48);
	vp9_refs_frame_size(&refs, &show, &width, &height);
	CHECK_EQ(width, 32);
	vp9_refs_reset(&refs);
	vp9_refs_frame_size(&refs, &inter, &width, &height);
	CHECK_EQ(width, 0);
	CHECK_EQ(height, 0);
}

int main(void)
{
	test_start();
	test_damage_spreads();
	test_unreadable();
	test_intra_only_heals_its_slot();
	test_timestamps();
	test_frame_size();
	return check_result();
}
