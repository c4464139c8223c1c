// SPDX-License-Identifier: LGPL-2.1-or-later
#include "h264_poc_cases.h"

static const struct poc_step type_0[] = {
	{ POC_IDR, 0, 0, 0, 0, 0 },
	{ POC_REF, 1, 8, 1, 8, 9 },
	{ 0, 2, 4, -1, 4, 3 },
	{ POC_REF, 2, 14, 0, 14, 14 },
	/* 14 - 2 is half of 16 or more: the next one */
	{ POC_REF, 3, 2, 0, 18, 18 },
	/* 15 - 2 is more than half: the one before; not a reference, so without effect */
	{ 0, 4, 15, 0, 15, 15 },
	/* 10 - 2 is half, and not more */
	{ POC_REF, 4, 10, 0, 26, 26 },
	/* 10 - 2 is half, which is enough */
	{ POC_REF, 5, 2, 0, 34, 34 },
	/* Another IDR picture starts again, with counts below 0 after it. */
	{ POC_IDR, 0, 0, 0, 0, 0 },
	{ 0, 1, 13, 2, -3, -1 },
};

static const struct poc_step type_0_fields[] = {
	{ POC_IDR | POC_TOP, 0, 0, 0, 0, POC_NONE },
	{ POC_REF | POC_BOTTOM, 0, 1, 0, POC_NONE, 1 },
	/* delta_pic_order_cnt_bottom is for frames */
	{ POC_REF | POC_BOTTOM, 1, 8, 5, POC_NONE, 8 },
	{ POC_REF | POC_TOP, 1, 9, 0, 9, POC_NONE },
	/* The first field is what its second field counts from. */
	{ POC_REF | POC_TOP, 2, 15, 0, 15, POC_NONE },
	{ POC_REF | POC_BOTTOM, 2, 1, 0, POC_NONE, 17 },
	{ POC_REF | POC_TOP, 3, 0, 0, 16, POC_NONE },
};

/* The next picture counts from TopFieldOrderCnt, which is 2 now: 9 is near. */
static const struct poc_step type_0_mmco5_frame[] = {
	{ POC_IDR, 0, 0, 0, 0, 0 },
	{ POC_REF, 1, 8, 0, 8, 8 },
	{ POC_REF, 2, 0, 0, 16, 16 },
	{ POC_REF | POC_MMCO5, 3, 6, -2, 22, 20 },
	{ POC_END, 0, 0, 0, 2, 0 },
	{ 0, 1, 9, 0, 9, 9 },
	{ 0, 1, 11, 0, -5, -5 },
};

static const struct poc_step type_0_mmco5_bottom_last[] = {
	{ POC_IDR, 0, 0, 0, 0, 0 },
	{ POC_REF | POC_MMCO5, 1, 6, 3, 6, 9 },
	{ POC_END, 0, 0, 0, 0, 3 },
	{ 0, 1, 9, 0, -7, -7 },
};

static const struct poc_step type_0_mmco5_top[] = {
	{ POC_IDR, 0, 0, 0, 0, 0 },
	{ POC_REF | POC_TOP | POC_MMCO5, 1, 6, 0, 6, POC_NONE },
	{ POC_END, 0, 0, 0, 0, POC_NONE },
	{ POC_REF | POC_BOTTOM, 0, 1, 0, POC_NONE, 1 },
	{ 0, 1, 10, 0, -6, -6 },
};

static const struct poc_step type_0_mmco5_bottom[] = {
	{ POC_IDR, 0, 0, 0, 0, 0 },
	{ POC_REF | POC_BOTTOM | POC_MMCO5, 1, 6, 0, POC_NONE, 6 },
	{ POC_END, 0, 0, 0, POC_NONE, 0 },
	{ 0, 1, 9, 0, -7, -7 },
};

static const struct poc_step type_1[] = {
	{ POC_IDR, 0, 0, 0, 0, 1 },
	{ POC_REF, 1, 0, 0, 4, 5 },
	/* absFrameNum is 1 less, then offset_for_non_ref_pic */
	{ 0, 2, 0, 0, 2, 3 },
	{ POC_REF, 2, 0, 0, 10, 11 },
	/* 10 + 4, then the deltas */
	{ POC_REF, 3, 2, -3, 16, 14 },
	{ POC_REF, 4, 0, 0, 20, 21 },
	{ POC_REF, 5, 0, 0, 24, 25 },
	/* Fields: only delta_pic_order_cnt[0], for either */
	{ POC_REF | POC_TOP, 6, 3, 100, 33, POC_NONE },
	{ POC_REF | POC_BOTTOM, 6, -1, 100, POC_NONE, 30 },
	{ POC_BOTTOM, 7, 5, 0, POC_NONE, 34 },
	/* 7 cycles and 4 */
	{ POC_REF, 15, 0, 0, 74, 75 },
	/* FrameNumOffset 16 */
	{ POC_REF, 0, 0, 0, 80, 81 },
	{ 0, 1, 0, 0, 78, 79 },
	{ POC_REF | POC_MMCO5, 5, 0, 0, 104, 105 },
	{ POC_END, 0, 0, 0, 0, 1 },
	/* 5 was 0: no wrap */
	{ POC_REF, 1, 0, 0, 4, 5 },
	{ POC_IDR, 0, 7, 0, 7, 8 },
};

static const struct poc_step type_1_no_cycle[] = {
	{ POC_IDR, 0, 0, 0, 0, 0 },
	{ POC_REF, 1, 6, 1, 6, 7 },
	{ 0, 2, 7, 0, 2, 2 },
};

static const struct poc_step type_2[] = {
	{ POC_IDR, 0, 0, 0, 0, 0 },
	{ POC_REF, 1, 0, 0, 2, 2 },
	{ 0, 2, 0, 0, 3, 3 },
	{ POC_REF, 2, 0, 0, 4, 4 },
	{ POC_REF | POC_TOP, 3, 0, 0, 6, POC_NONE },
	{ POC_REF | POC_BOTTOM, 3, 0, 0, POC_NONE, 6 },
	{ POC_REF, 15, 0, 0, 30, 30 },
	{ 0, 0, 0, 0, 31, 31 },
	{ POC_REF, 0, 0, 0, 32, 32 },
	{ POC_REF | POC_MMCO5, 7, 0, 0, 46, 46 },
	{ POC_END, 0, 0, 0, 0, 0 },
	{ POC_REF, 1, 0, 0, 2, 2 },
	{ POC_REF | POC_BOTTOM | POC_MMCO5, 2, 0, 0, POC_NONE, 4 },
	{ POC_END, 0, 0, 0, POC_NONE, 0 },
	{ POC_REF | POC_TOP, 0, 0, 0, 0, POC_NONE },
	{ POC_IDR, 0, 0, 0, 0, 0 },
	{ 0, 1, 0, 0, 1, 1 },
};

static const struct poc_step non_existing_type_2[] = {
	{ POC_IDR, 0, 0, 0, 0, 0 },
	{ POC_REF, 14, 0, 0, 28, 28 },
	{ POC_GAP, 15, 0, 0, 30, 30 },
	{ POC_GAP, 0, 0, 0, 32, 32 },
	{ POC_REF, 1, 0, 0, 34, 34 },
	/* the first ones of a long gap may be left out, and the wrap is seen */
	{ POC_GAP, 14, 0, 0, 60, 60 },
	{ POC_GAP, 0, 0, 0, 64, 64 },
	{ POC_REF, 1, 0, 0, 66, 66 },
};

static const struct poc_step non_existing_type_1[] = {
	{ POC_IDR, 0, 0, 0, 0, 1 },
	{ POC_REF, 14, 0, 0, 70, 71 },
	{ POC_GAP, 0, 0, 0, 80, 81 },
	{ POC_GAP, 1, 0, 0, 84, 85 },
	{ 0, 2, 0, 0, 82, 83 },
};

/* Here no count depends on frame_num. */
static const struct poc_step non_existing_type_0[] = {
	{ POC_IDR, 0, 0, 0, 0, 0 },
	{ POC_REF, 1, 6, 0, 6, 6 },
	{ POC_GAP, 2, 0, 0, 0, 0 },
	{ POC_REF, 3, 12, 0, 12, 12 },
};

#define STEPS(name)	.steps = name, .num_steps = sizeof(name) / sizeof((name)[0])

/* ExpectedDeltaPerPicOrderCntCycle is 10. */
#define TYPE_1	.type = 1, .cycle = 2, .offset_for_ref_frame = { 4, 6 }, \
		.offset_for_non_ref_pic = -2, .offset_for_top_to_bottom_field = 1

const struct poc_case poc_cases[] = {
	{ .name = "type 0", .type = 0, STEPS(type_0) },
	{ .name = "type 0, fields", .type = 0, STEPS(type_0_fields) },
	{ .name = "type 0, mmco5, frame", .type = 0, STEPS(type_0_mmco5_frame) },
	{ .name = "type 0, mmco5, bottom last", .type = 0, STEPS(type_0_mmco5_bottom_last) },
	{ .name = "type 0, mmco5, top", .type = 0, STEPS(type_0_mmco5_top) },
	{ .name = "type 0, mmco5, bottom", .type = 0, STEPS(type_0_mmco5_bottom) },
	{ .name = "type 1", TYPE_1, STEPS(type_1) },
	{ .name = "type 1, no cycle", .type = 1, .offset_for_non_ref_pic = -5,
	  STEPS(type_1_no_cycle) },
	{ .name = "type 2", .type = 2, STEPS(type_2) },
	{ .name = "non-existing frames, type 2", .type = 2, STEPS(non_existing_type_2) },
	{ .name = "non-existing frames, type 1", TYPE_1, STEPS(non_existing_type_1) },
	{ .name = "non-existing frames, type 0", .type = 0, STEPS(non_existing_type_0) },
};

const unsigned int num_poc_cases = sizeof(poc_cases) / sizeof(poc_cases[0]);
