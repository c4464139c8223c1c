// SPDX-License-Identifier: LGPL-2.1-or-later
/* The table of AV1 reference slots. */
#include "check.h"

#include "codec/av1/av1_refs.h"

static struct v4l2_ctrl_av1_sequence sequence = { .order_hint_bits = 5 };
static struct v4l2_ctrl_av1_frame control;
static struct av1_frame frame;

/* A frame of 64x48 that refers to @slots in turn and expects @timestamps in the slots. */
static void new_frame(bool intra, uint8_t refresh, uint32_t order_hint, const int *slots,
		      const uint64_t *timestamps)
{
	int i;

	control = (struct v4l2_ctrl_av1_frame){
		.frame_type = intra ? V4L2_AV1_KEY_FRAME : V4L2_AV1_INTER_FRAME,
		.order_hint = order_hint,
		.flags = V4L2_AV1_FRAME_FLAG_REFERENCE_SELECT,
	};
	for (i = 0; i < V4L2_AV1_REFS_PER_FRAME; i++)
		control.ref_frame_idx[i] = (int8_t)(slots ? slots[i % 2] : 0);
	for (i = 0; i < AV1_NUM_SLOTS; i++)
		control.reference_frame_ts[i] = timestamps ? timestamps[i] : 0;
	frame = (struct av1_frame){
		.sequence = &sequence, .control = &control, .intra = intra,
		.primary_ref_frame = AV1_PRIMARY_REF_NONE, .refresh_frame_flags = refresh,
		.upscaled_width = 64, .width = 64, .height = 48,
	};
}

static void decode(struct av1_refs *refs, bool intra, uint8_t refresh, uint32_t order_hint,
		   uint64_t timestamp)
{
	new_frame(intra, refresh, order_hint, NULL, NULL);
	av1_refs_decoded(refs, &frame, timestamp, true);
}

static void test_damage(void)
{
	static const uint64_t right[AV1_NUM_SLOTS] = { 10, 20, 10, 10, 10, 10, 10, 10 };
	static const uint64_t wrong[AV1_NUM_SLOTS] = { 10, 30, 10, 10, 10, 10, 10, 10 };
	static const int first[2] = { 0, 0 }, both[2] = { 0, 1 };
	struct av1_refs refs;

	av1_refs_reset(&refs);
	new_frame(false, 0, 0, first, right);
	CHECK_EQ(av1_refs_check(&refs, &frame), AV1_REFS_ABSENT);
	decode(&refs, true, 0xff, 0, 10);
	decode(&refs, false, 1U << 1, 1, 20);
	new_frame(false, 0, 2, both, right);
	CHECK_EQ(av1_refs_check(&refs, &frame), AV1_REFS_GOOD);
	new_frame(false, 0, 2, both, wrong);
	CHECK_EQ(av1_refs_check(&refs, &frame), AV1_REFS_DAMAGED);
	new_frame(false, 0, 2, first, wrong);
	CHECK_EQ(av1_refs_check(&refs, &frame), AV1_REFS_GOOD);

	av1_refs_lost(&refs, 1U << 1);
	new_frame(false, 1U << 2, 2, both, right);
	CHECK_EQ(av1_refs_check(&refs, &frame), AV1_REFS_DAMAGED);
	av1_refs_decoded(&refs, &frame, 30, false);
	CHECK(refs.slots[2].damaged && !refs.slots[0].damaged);
	new_frame(true, 0xff, 3, NULL, NULL);
	CHECK_EQ(av1_refs_check(&refs, &frame), AV1_REFS_GOOD);
	av1_refs_decoded(&refs, &frame, 40, true);
	CHECK(!refs.slots[1].damaged && !refs.slots[2].damaged);
	av1_refs_broken(&refs, 1U << 0);
	new_frame(false, 0, 4, first, NULL);
	CHECK_EQ(av1_refs_check(&refs, &frame), AV1_REFS_ABSENT);
}

static void test_size(void)
{
	static const int first[2] = { 0, 0 };
	static const uint64_t timestamps[AV1_NUM_SLOTS] = { 10 };
	static const struct {
		uint32_t width, height;
		enum av1_refs_verdict verdict;
	} sizes[] = {
		{ 64, 48, AV1_REFS_GOOD }, { 32, 24, AV1_REFS_GOOD }, { 31, 48, AV1_REFS_SIZE },
		{ 64, 23, AV1_REFS_SIZE }, { 1024, 768, AV1_REFS_GOOD },
		{ 1025, 768, AV1_REFS_SIZE }, { 1024, 769, AV1_REFS_SIZE },
	};
	struct av1_refs refs;
	size_t i;

	av1_refs_reset(&refs);
	decode(&refs, true, 0xff, 0, 10);
	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		new_frame(false, 0, 1, first, timestamps);
		frame.upscaled_width = sizes[i].width;
		frame.width = sizes[i].width;
		frame.height = sizes[i].height;
		CHECK_EQ(av1_refs_check(&refs, &frame), sizes[i].verdict);
	}
}

static void test_shown_key(void)
{
	static const uint64_t all[AV1_NUM_SLOTS] = { 30, 30, 30, 30, 30, 30, 30, 30 };
	static const uint64_t before[AV1_NUM_SLOTS] = { 10, 10, 10, 30, 10, 20, 10, 10 };
	static const uint64_t inter[AV1_NUM_SLOTS] = { 20, 20, 20, 20, 20, 20, 20, 20 };
	struct av1_refs refs;
	int i;

	av1_refs_reset(&refs);
	decode(&refs, true, 0xff, 0, 10);
	decode(&refs, true, 1U << 3, 8, 30);
	decode(&refs, false, 1U << 5, 1, 20);
	new_frame(false, 1, 9, NULL, before);
	CHECK_EQ(av1_refs_shown_key(&refs, &frame), -1);
	new_frame(false, 1, 9, NULL, inter);
	CHECK_EQ(av1_refs_shown_key(&refs, &frame), -1);
	new_frame(true, 0xff, 9, NULL, all);
	CHECK_EQ(av1_refs_shown_key(&refs, &frame), -1);
	new_frame(true, 1, 9, NULL, all);
	CHECK_EQ(av1_refs_shown_key(&refs, &frame), 3);
	new_frame(false, 1, 9, NULL, all);
	CHECK_EQ(av1_refs_shown_key(&refs, &frame), 3);
	av1_refs_show_key(&refs, 3);
	for (i = 0; i < AV1_NUM_SLOTS; i++)
		CHECK(refs.slots[i].key && refs.slots[i].timestamp == 30 &&
		      refs.slots[i].order_hint == 8);
	CHECK_EQ(av1_refs_shown_key(&refs, &frame), -1);

	/* A key frame in a damaged slot is not taken for one that was shown. */
	av1_refs_lost(&refs, 0xff);
	CHECK_EQ(av1_refs_shown_key(&refs, &frame), -1);
}

static void test_skip_mode(void)
{
	static const struct {
		uint32_t first, second, current;
		bool allowed;
	} cases[] = {
		{ 4, 4, 5, false },	/* one forward reference */
		{ 3, 4, 5, true },	/* two forward references */
		{ 4, 6, 5, true },	/* one on each side */
		{ 6, 7, 5, false },	/* none forward */
		{ 5, 5, 5, false },
		{ 30, 31, 1, true },	/* order hints wrap around */
		{ 31, 3, 1, true },
		{ 31, 31, 1, false },
	};
	static const int both[2] = { 0, 1 };
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct av1_refs refs;

		av1_refs_reset(&refs);
		decode(&refs, true, 0xff, cases[i].first, 10);
		decode(&refs, false, 1U << 1, cases[i].second, 20);
		new_frame(false, 0, cases[i].current, both, NULL);
		CHECK_MSG(av1_refs_skip_mode(&refs, &frame) == cases[i].allowed, "case %zu", i);
		control.flags = 0;
		CHECK(!av1_refs_skip_mode(&refs, &frame));
	}
}

int main(void)
{
	test_damage();
	test_size();
	test_shown_key();
	test_skip_mode();
	return check_result();
}
