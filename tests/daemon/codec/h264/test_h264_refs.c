// SPDX-License-Identifier: LGPL-2.1-or-later
/* Slice headers, reference picture lists and damage of H.264, with hand-made pictures. */
#include "check.h"

#include <stdlib.h>
#include <string.h>

#include "codec/bit_writer.h"
#include "codec/h264/h264_lists.h"
#include "codec/h264/h264_refs.h"

static const struct v4l2_ctrl_h264_sps frames_sps = {
	.profile_idc = 100, .chroma_format_idc = 1, .max_num_ref_frames = 4,
	.pic_order_cnt_type = 0, .log2_max_pic_order_cnt_lsb_minus4 = 4,
	.flags = V4L2_H264_SPS_FLAG_FRAME_MBS_ONLY,
};

/* A picture: slice_type, frame_num, picture order count, entries of each list. */
static struct h264_slice picture(enum h264_slice_type type, uint32_t frame_num, uint32_t count,
				 bool reference, unsigned int active_0, unsigned int active_1)
{
	return (struct h264_slice){
		.nal_unit_type = H264_NAL_SLICE, .nal_ref_idc = reference, .slice_type = type,
		.frame_num = frame_num, .pic_order_cnt_lsb = count,
		.num_ref_idx_active = { active_0, active_1 },
	};
}

static struct h264_slice idr_picture(void)
{
	struct h264_slice slice = picture(H264_SLICE_I, 0, 0, true, 0, 0);

	slice.idr = true;
	slice.nal_unit_type = H264_NAL_IDR_SLICE;
	return slice;
}

/* Run a picture through the model. Return: true if it is exact. */
static bool decode(struct h264_refs *refs, const struct v4l2_ctrl_h264_sps *sps,
		   struct h264_slice slice, bool broken)
{
	uint64_t inherited;

	h264_refs_begin(refs, sps, &slice, -1, slice.slice_type == H264_SLICE_I);
	inherited = h264_refs_check(refs, sps, &slice);
	return h264_refs_end(refs, sps, &slice, inherited, broken);
}

/* The picture order counts in a list, divided by 2, as digits; x for no reference picture. */
static const char *list_text(struct h264_refs *refs, const struct v4l2_ctrl_h264_sps *sps,
			     const struct h264_slice *slice, int list)
{
	static char text[H264_LIST_ROOM + 1];
	struct h264_list_entry entries[H264_LIST_ROOM];
	unsigned int i;

	h264_build_list(refs, sps, slice, list, entries);
	for (i = 0; i < slice->num_ref_idx_active[list]; i++)
		text[i] = entries[i].ref < 0 ? 'x' :
			  (char)('0' + refs->refs[entries[i].ref].counts[0] / 2);
	text[i] = '\0';
	return text;
}

#define CHECK_LIST(slice, list, expected) \
	do { \
		const char *list_is = list_text(&refs, &frames_sps, slice, list); \
		CHECK_MSG(!strcmp(list_is, expected), "list %d is %s, not %s", list, list_is, \
			  expected); \
	} while (0)

/* I0 P8 B4, all references: lists of a B picture at 2 and of a P picture. */
static void test_lists(void)
{
	struct h264_slice b = picture(H264_SLICE_B, 3, 4, false, 3, 3);
	struct h264_slice p = picture(H264_SLICE_P, 3, 18, true, 4, 0);
	struct h264_refs refs;

	h264_refs_reset(&refs);
	CHECK(decode(&refs, &frames_sps, idr_picture(), false));
	CHECK(decode(&refs, &frames_sps, picture(H264_SLICE_P, 1, 16, true, 1, 0), false));
	CHECK(decode(&refs, &frames_sps, picture(H264_SLICE_B, 2, 8, true, 1, 1), false));
	h264_refs_begin(&refs, &frames_sps, &b, -1, false);
	CHECK_LIST(&b, 0, "048");
	CHECK_LIST(&b, 1, "480");
	/* Move frame_num 1, which is P8, to the front, then a picture that is missing. */
	b.num_modifications[0] = 2;
	b.modifications[0][0] = (struct h264_modification){ .idc = 0, .value = 1 };
	b.modifications[0][1] = (struct h264_modification){ .idc = 1, .value = 7 };
	CHECK_LIST(&b, 0, "8x4");
	CHECK(h264_refs_check(&refs, &frames_sps, &b) != 0);
	h264_refs_end(&refs, &frames_sps, &b, 0, false);
	h264_refs_begin(&refs, &frames_sps, &p, -1, false);
	CHECK_LIST(&p, 0, "480x");
	/* After an IDR picture, "no reference picture" in a list is no damage: it is not used. */
	CHECK_EQ(h264_refs_check(&refs, &frames_sps, &p), 0);
	h264_refs_end(&refs, &frames_sps, &p, 0, false);
}

/* Without a later picture both lists of a B picture are equal; list 1 swaps its first two. */
static void test_swap(void)
{
	struct h264_slice b = picture(H264_SLICE_B, 2, 12, false, 2, 2);
	struct h264_refs refs;

	h264_refs_reset(&refs);
	decode(&refs, &frames_sps, idr_picture(), false);
	decode(&refs, &frames_sps, picture(H264_SLICE_P, 1, 8, true, 1, 0), false);
	h264_refs_begin(&refs, &frames_sps, &b, -1, false);
	CHECK_LIST(&b, 0, "40");
	CHECK_LIST(&b, 1, "04");
}

/* Long-term pictures come last, by LongTermFrameIdx; operations 1, 3 and 4; sliding window. */
static void test_marking(void)
{
	struct h264_slice p = picture(H264_SLICE_P, 3, 6, true, 4, 0);
	struct h264_refs refs;

	h264_refs_reset(&refs);
	decode(&refs, &frames_sps, idr_picture(), false);
	decode(&refs, &frames_sps, picture(H264_SLICE_P, 1, 2, true, 1, 0), false);
	decode(&refs, &frames_sps, picture(H264_SLICE_P, 2, 4, true, 1, 0), false);
	p.adaptive_marking = true;
	p.num_mmco = 3;
	p.mmco[0] = (struct h264_mmco){ .operation = 4, .long_term = 1 };
	p.mmco[1] = (struct h264_mmco){ .operation = 3, .difference_of_pic_nums_minus1 = 2 };
	p.mmco[2] = (struct h264_mmco){ .operation = 1, .difference_of_pic_nums_minus1 = 1 };
	CHECK(decode(&refs, &frames_sps, p, false));
	p = picture(H264_SLICE_P, 4, 8, true, 4, 0);
	h264_refs_begin(&refs, &frames_sps, &p, -1, false);
	CHECK_LIST(&p, 0, "320x");
	h264_refs_end(&refs, &frames_sps, &p, 0, false);
	decode(&refs, &frames_sps, picture(H264_SLICE_P, 5, 10, true, 1, 0), false);
	decode(&refs, &frames_sps, picture(H264_SLICE_P, 6, 12, true, 1, 0), false);
	p = picture(H264_SLICE_P, 7, 14, true, 4, 0);
	h264_refs_begin(&refs, &frames_sps, &p, -1, false);
	CHECK_LIST(&p, 0, "6540");
}

/* Damage spreads through references and ends with an IDR picture. */
static void test_damage(void)
{
	struct h264_refs refs;

	h264_refs_reset(&refs);
	CHECK(!decode(&refs, &frames_sps, picture(H264_SLICE_P, 3, 6, true, 1, 0), false));
	CHECK(decode(&refs, &frames_sps, picture(H264_SLICE_I, 4, 8, false, 0, 0), false));
	CHECK(!decode(&refs, &frames_sps, picture(H264_SLICE_P, 4, 10, true, 1, 0), false));
	CHECK(decode(&refs, &frames_sps, idr_picture(), false));
	CHECK(!decode(&refs, &frames_sps, picture(H264_SLICE_P, 1, 2, true, 1, 0), true));
	CHECK(!decode(&refs, &frames_sps, picture(H264_SLICE_P, 2, 4, true, 1, 0), false));
	/* frame_num 1 is lost */
	CHECK(decode(&refs, &frames_sps, idr_picture(), false));
	CHECK(!decode(&refs, &frames_sps, picture(H264_SLICE_P, 2, 4, true, 1, 0), false));
	CHECK(decode(&refs, &frames_sps, idr_picture(), false));
	h264_refs_lost(&refs);
	CHECK(!decode(&refs, &frames_sps, picture(H264_SLICE_P, 1, 4, true, 1, 0), false));
	CHECK(decode(&refs, &frames_sps, idr_picture(), false));
	CHECK(decode(&refs, &frames_sps, picture(H264_SLICE_P, 1, 4, true, 2, 0), false));
}

/* A gap is a loss unless the SPS allows it. */
static void test_gap(void)
{
	struct v4l2_ctrl_h264_sps sps = frames_sps;
	struct h264_refs refs;

	h264_refs_reset(&refs);
	sps.flags |= V4L2_H264_SPS_FLAG_GAPS_IN_FRAME_NUM_VALUE_ALLOWED;
	CHECK(decode(&refs, &sps, idr_picture(), false));
	CHECK(decode(&refs, &sps, picture(H264_SLICE_P, 3, 6, true, 3, 0), false));
	h264_refs_reset(&refs);
	CHECK(decode(&refs, &frames_sps, idr_picture(), false));
	CHECK(!decode(&refs, &frames_sps, picture(H264_SLICE_P, 3, 6, true, 3, 0), false));
	/* frame_num wraps at 16 */
	h264_refs_reset(&refs);
	CHECK(decode(&refs, &frames_sps, idr_picture(), false));
	for (uint32_t i = 1; i < 40; i++)
		CHECK(decode(&refs, &frames_sps,
			     picture(H264_SLICE_P, i % 16, 2 * i, true, 4, 0), false));
}

/* From a recovery point on, older damage does not count. */
static void test_recovery(void)
{
	struct h264_slice slice = picture(H264_SLICE_P, 5, 10, true, 1, 0);
	struct h264_refs refs;

	h264_refs_reset(&refs);
	h264_refs_begin(&refs, &frames_sps, &slice, 2, false);
	CHECK(h264_refs_check(&refs, &frames_sps, &slice) != 0);
	CHECK(!h264_refs_end(&refs, &frames_sps, &slice, 1, false));
	CHECK(!decode(&refs, &frames_sps, picture(H264_SLICE_P, 6, 12, true, 1, 0), false));
	CHECK(decode(&refs, &frames_sps, picture(H264_SLICE_P, 7, 14, true, 1, 0), false));
	/* That is not so for pictures before it in output order. */
	CHECK(!decode(&refs, &frames_sps, picture(H264_SLICE_P, 8, 12, false, 3, 0), false));
	CHECK(!decode(&refs, &frames_sps, picture(H264_SLICE_P, 8, 16, true, 1, 0), true));
	CHECK(!decode(&refs, &frames_sps, picture(H264_SLICE_P, 9, 18, true, 1, 0), false));
}

/* A picture with a recovery point SEI. Return: true if it is exact. */
static bool decode_sei(struct h264_refs *refs, struct h264_slice slice, int64_t frames)
{
	uint64_t inherited;

	h264_refs_begin(refs, &frames_sps, &slice, frames, false);
	inherited = h264_refs_check(refs, &frames_sps, &slice);
	return h264_refs_end(refs, &frames_sps, &slice, inherited, false);
}

/* A recovery point that is announced before the last one is reached does not replace it. */
static void test_pending(void)
{
	struct h264_refs refs;
	uint32_t i;

	h264_refs_reset(&refs);
	for (i = 1; i < 60; i++) {
		/* A B picture before the reference picture with its frame_num is not reached. */
		CHECK_EQ(decode(&refs, &frames_sps,
				picture(H264_SLICE_B, i % 16, 4 * i - 2, false, 1, 1), false),
			 i > 4);
		CHECK_EQ(decode_sei(&refs, picture(H264_SLICE_P, i % 16, 4 * i, true, 3, 0), 3),
			 i > 3);
	}
	/* Damage ends with the first recovery point that was announced after it. */
	CHECK(!decode(&refs, &frames_sps,
		      picture(H264_SLICE_P, i % 16, 4 * i, true, 3, 0), true));
	for (i = 61; i < 68; i++)
		CHECK_EQ(decode_sei(&refs, picture(H264_SLICE_P, i % 16, 4 * i, true, 3, 0), 3),
			 i > 63);
	/* One that is reached at once replaces all others. */
	CHECK(!decode(&refs, &frames_sps,
		      picture(H264_SLICE_P, i % 16, 4 * i, true, 3, 0), true));
	i++;
	CHECK(!decode_sei(&refs, picture(H264_SLICE_P, i % 16, 4 * i, true, 3, 0), 9));
	i++;
	CHECK(decode_sei(&refs, picture(H264_SLICE_P, i % 16, 4 * i, true, 3, 0), 0));
}

/* Without IDR pictures and recovery point SEI, an I picture is taken for a recovery point. */
static void test_unmarked(void)
{
	struct h264_refs refs;
	uint32_t i;

	h264_refs_reset(&refs);
	CHECK(!decode(&refs, &frames_sps, picture(H264_SLICE_P, 3, 12, true, 4, 0), false));
	CHECK(decode(&refs, &frames_sps, picture(H264_SLICE_I, 4, 24, true, 0, 0), false));
	CHECK(!decode(&refs, &frames_sps, picture(H264_SLICE_B, 5, 16, false, 2, 2), false));
	CHECK(decode(&refs, &frames_sps, picture(H264_SLICE_P, 5, 28, true, 4, 0), false));
	CHECK(!decode(&refs, &frames_sps, picture(H264_SLICE_P, 6, 32, true, 4, 0), true));
	CHECK(decode(&refs, &frames_sps, picture(H264_SLICE_I, 7, 36, true, 0, 0), false));
	CHECK(decode(&refs, &frames_sps, picture(H264_SLICE_P, 8, 40, true, 4, 0), false));
	h264_refs_flush(&refs);
	CHECK(!decode(&refs, &frames_sps, picture(H264_SLICE_P, 3, 12, true, 4, 0), false));
	CHECK(decode(&refs, &frames_sps, picture(H264_SLICE_I, 4, 24, true, 0, 0), false));
	CHECK(decode(&refs, &frames_sps, picture(H264_SLICE_P, 5, 28, true, 4, 0), false));
	/* A stream with IDR pictures may code a scene cut as I slices. */
	CHECK(decode(&refs, &frames_sps, idr_picture(), false));
	CHECK(!decode(&refs, &frames_sps, picture(H264_SLICE_P, 1, 4, true, 1, 0), true));
	CHECK(decode(&refs, &frames_sps, picture(H264_SLICE_I, 2, 8, true, 0, 0), false));
	CHECK(decode(&refs, &frames_sps, picture(H264_SLICE_P, 3, 12, true, 1, 0), false));
	h264_refs_flush(&refs);
	CHECK(decode(&refs, &frames_sps, picture(H264_SLICE_I, 3, 12, true, 0, 0), false));
	for (i = 4; i < H264_MARKED_PICTURES; i++)
		CHECK(!decode(&refs, &frames_sps,
			      picture(H264_SLICE_P, i % 16, 4 * i, true, 4, 0), false));
	CHECK(decode(&refs, &frames_sps, picture(H264_SLICE_I, i % 16, 4 * i, true, 0, 0), false));
	i++;
	CHECK(decode(&refs, &frames_sps, picture(H264_SLICE_P, i % 16, 4 * i, true, 4, 0), false));
}

static struct h264_slice field(struct h264_slice slice, bool bottom)
{
	slice.field_pic = true;
	slice.bottom_field = bottom;
	return slice;
}

/* Fields form pairs and refer to each other; a single one means that the other was lost. */
static void test_fields(void)
{
	struct v4l2_ctrl_h264_sps sps = frames_sps;
	struct h264_slice top = field(idr_picture(), false);
	struct h264_slice bottom = field(picture(H264_SLICE_P, 0, 1, true, 1, 0), true);
	struct h264_slice p = field(picture(H264_SLICE_P, 1, 2, true, 2, 0), false);
	struct h264_list_entry entries[H264_LIST_ROOM];
	struct h264_refs refs;

	sps.flags = 0;
	h264_refs_reset(&refs);
	CHECK(!h264_refs_begin(&refs, &sps, &top, -1, false));
	CHECK(h264_refs_end(&refs, &sps, &top, 0, false));
	CHECK(h264_refs_begin(&refs, &sps, &bottom, -1, false));
	CHECK_EQ(h264_refs_check(&refs, &sps, &bottom), 0);
	h264_build_list(&refs, &sps, &bottom, 0, entries);
	CHECK_EQ(entries[0].ref, refs.current);
	CHECK_EQ(entries[0].fields, H264_TOP);
	CHECK(h264_refs_end(&refs, &sps, &bottom, 0, false));

	CHECK(!h264_refs_begin(&refs, &sps, &p, -1, false));
	h264_build_list(&refs, &sps, &p, 0, entries);
	CHECK_EQ(entries[0].fields, H264_TOP);
	CHECK_EQ(entries[1].fields, H264_BOTTOM);
	CHECK_EQ(entries[0].ref, entries[1].ref);
	CHECK_EQ(h264_refs_check(&refs, &sps, &p), 0);
	h264_refs_end(&refs, &sps, &p, 0, false);
	/* The bottom field of the last frame is lost. */
	p = field(picture(H264_SLICE_P, 2, 4, true, 1, 0), false);
	CHECK(!decode(&refs, &sps, p, false));
}

static void test_noise(void)
{
	struct v4l2_ctrl_h264_sps sps = frames_sps;
	struct h264_slice *slice = calloc(1, sizeof(*slice));
	struct v4l2_ctrl_h264_pps pps = { 0 };
	struct h264_refs refs;
	uint32_t random = 7, frames;
	uint8_t data[96];
	unsigned int i, j, parsed = 0;

	if (!slice)
		abort();
	h264_refs_reset(&refs);
	for (i = 0; i < 20000; i++) {
		for (j = 0; j < sizeof(data); j++) {
			random = random * 1664525 + 1013904223;
			data[j] = (uint8_t)(random >> 24);
		}
		data[0] = (uint8_t)(i % 5 ? 0x61 : 0x41);
		data[1] |= 0xb0;	/* first_mb_in_slice 0, a small slice_type */
		sps.flags = random & 0x7f;
		sps.pic_order_cnt_type = (uint8_t)(random >> 8 & 1) * 2;
		sps.max_num_ref_frames = (uint8_t)(random >> 9 & 15);
		pps.flags = (uint16_t)(random >> 16);
		pps.weighted_bipred_idc = (uint8_t)(random >> 10 & 1);
		h264_sei_recovery_point(data, sizeof(data), &frames);
		if (h264_slice_parse(slice, data, sizeof(data), &sps, &pps))
			continue;
		parsed++;
		h264_refs_begin(&refs, &sps, slice, random >> 20 & 1 ? (int64_t)frames : -1,
				random >> 22 & 1);
		h264_refs_end(&refs, &sps, slice, h264_refs_check(&refs, &sps, slice),
			      random >> 21 & 1);
	}
	CHECK_MSG(parsed > 1000, "only %u slice headers made sense", parsed);
	free(slice);
}

int main(void)
{
	test_lists();
	test_swap();
	test_marking();
	test_damage();
	test_gap();
	test_recovery();
	test_pending();
	test_unmarked();
	test_fields();
	test_noise();
	return check_result();
}
