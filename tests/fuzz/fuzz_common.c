// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Fuzz target for the code that the daemon and the elements share. Each result is compared
 * with a simpler computation, or checked for a property that holds for any input.
 * The first byte chooses the function.
 */
#include <stdlib.h>
#include <string.h>

#include "common/bits.h"
#include "common/h264_nal.h"
#include "common/h264_poc.h"
#include "common/h264_sps.h"
#include "common/vp9_superframe.h"
#include "fuzz.h"

static void require(bool condition)
{
	if (!condition)
		abort();
}

static bool bit_at(const uint8_t *data, size_t position)
{
	return data[position / 8] >> (7 - position % 8) & 1;
}

/* One call of the reader, and the same bit by bit. */
static void try_read(struct bits *bits, unsigned int what)
{
	const struct bits before = *bits;
	unsigned int count = what % 34;
	uint64_t value = 0;
	unsigned int i;

	if (count > 32 || before.overrun || before.size * 8 - before.position < count) {
		require(!bits_read(bits, count) && bits->overrun);
		require(bits->position == before.position);
		return;
	}
	for (i = 0; i < count; i++)
		value = value << 1 | bit_at(before.data, before.position + i);
	require(bits_read(bits, count) == value && !bits->overrun);
	require(bits->position == before.position + count);
}

/* ue(v): zeros, a one and as many bits again; se(v) is the same number, folded. */
static void try_golomb(struct bits *bits)
{
	struct bits again = *bits;
	const size_t start = bits->position;
	const uint32_t code = bits_ue(bits);
	const int64_t half = ((int64_t)code + 1) / 2;
	unsigned int zeros = 0;

	require(bits_se(&again) == (code & 1 ? half : -half));
	require(again.overrun == bits->overrun && again.position == bits->position);
	if (bits->overrun) {
		require(!code);
		return;
	}
	while (!bit_at(bits->data, start + zeros))
		zeros++;
	require(zeros < 32 && bits->position == start + 2 * zeros + 1);
	require((uint64_t)code + 1 >= 1ULL << zeros && (uint64_t)code + 1 < 2ULL << zeros);
}

/* Input: the number of calls, the calls, then the bits. */
static void try_bits(const uint8_t *data, size_t size)
{
	size_t calls = size ? data[0] : 0, i;
	struct bits bits;
	uint8_t *copy;

	if (size < 1 + calls)
		return;
	size -= 1 + calls;
	copy = malloc(size ? size : 1);
	if (!copy)
		abort();
	memcpy(copy, data + 1 + calls, size);
	bits_init(&bits, copy, size);
	for (i = 0; i < calls; i++) {
		if (data[1 + i] & 0x80)
			try_golomb(&bits);
		else
			try_read(&bits, data[1 + i]);
		require(bits.position <= size * 8);
	}
	free(copy);
}

static size_t slow_start_code(const uint8_t *data, size_t size, size_t from)
{
	for (; from + 3 <= size; from++)
		if (!data[from] && !data[from + 1] && data[from + 2] == 1)
			return from;
	return size;
}

static void try_nal(const uint8_t *data, size_t size)
{
	uint8_t *copy = malloc(size ? size : 1);
	size_t position = 0, last = 0, i;
	struct h264_nal nal;

	if (!copy)
		abort();
	memcpy(copy, data, size);
	for (i = 0; i <= size && i < 64; i++)
		require(h264_start_code(copy, size, i) == slow_start_code(copy, size, i));
	while (h264_nal_next(copy, size, &position, &nal)) {
		const uint8_t *unit = copy + nal.offset;

		require(nal.size && nal.offset >= last + 3 && nal.offset + nal.size <= position);
		require(position <= size && unit[nal.size - 1]);
		/* No NAL unit was skipped. */
		require(!memcmp(unit - 3, "\0\0\1", 3));
		for (i = last; i + 3 < nal.offset; i++)
			require(memcmp(copy + i, "\0\0\1", 3) || copy[i + 3] <= 1);
		/* 7.4.1: the NAL unit has no three bytes that emulation prevention excludes. */
		for (i = 0; i + 3 <= nal.size; i++)
			require(unit[i] || unit[i + 1] || unit[i + 2] > 1);
		last = position;
	}
	require(position == size);
	free(copy);
}

/* One picture in the input. */
struct picture_record {
	uint8_t flags;
	uint8_t nal_ref_idc;
	uint16_t frame_num;
	uint16_t pic_order_cnt_lsb;
	uint16_t idr_pic_id;
	int32_t delta_pic_order_cnt_bottom;
	int32_t delta_pic_order_cnt[2];
};

enum record_flags {
	RECORD_IDR = 1 << 0,
	RECORD_FIELD = 1 << 1,
	RECORD_BOTTOM = 1 << 2,
	RECORD_MMCO5 = 1 << 3,
	RECORD_GAP = 1 << 4,
};

static struct h264_coded_picture picture_of(const struct picture_record *record)
{
	return (struct h264_coded_picture){
		.idr = record->flags & RECORD_IDR,
		.nal_ref_idc = record->nal_ref_idc,
		.frame_num = record->frame_num,
		.field_pic = record->flags & RECORD_FIELD,
		.bottom_field = (record->flags & RECORD_FIELD) && (record->flags & RECORD_BOTTOM),
		.idr_pic_id = record->idr_pic_id,
		.pic_order_cnt_lsb = record->pic_order_cnt_lsb,
		.delta_pic_order_cnt_bottom = record->delta_pic_order_cnt_bottom,
		.delta_pic_order_cnt = {
			record->delta_pic_order_cnt[0], record->delta_pic_order_cnt[1],
		},
		.mmco5 = record->flags & RECORD_MMCO5,
	};
}

static uint32_t half_of_max_lsb(const struct v4l2_ctrl_h264_sps *sps)
{
	return h264_sps_power(sps->log2_max_pic_order_cnt_lsb_minus4) / 2;
}

static void try_picture(struct h264_poc *poc, const struct v4l2_ctrl_h264_sps *sps,
			const struct h264_coded_picture *picture)
{
	bool top = !picture->field_pic || !picture->bottom_field;
	bool bottom = !picture->field_pic || picture->bottom_field;
	const int32_t untouched = 0x5a5a5a5a;
	int32_t counts[2] = { untouched, untouched };

	h264_poc_begin(poc, sps, picture, counts);
	require(top || counts[0] == untouched);
	require(bottom || counts[1] == untouched);
	if (sps->pic_order_cnt_type == 0 && top)
		require(counts[0] == (int32_t)((uint32_t)poc->pic_order_cnt_msb +
					       picture->pic_order_cnt_lsb));
	if (sps->pic_order_cnt_type == 0 && picture->idr)
		require(!poc->pic_order_cnt_msb ||
			picture->pic_order_cnt_lsb > half_of_max_lsb(sps));
	if (picture->idr && sps->pic_order_cnt_type > 1)
		require((!top || !counts[0]) && (!bottom || !counts[1]));
	h264_poc_end(poc, picture, counts);
	require(top || counts[0] == untouched);
	require(bottom || counts[1] == untouched);
	require(poc->prev_frame_num_offset <= INT32_MAX);
	if (!picture->mmco5)
		return;
	require(!poc->prev_frame_num && !poc->prev_frame_num_offset);
	require(!poc->prev_pic_order_cnt_msb);
	if (top != bottom)
		require(!counts[bottom]);
	else
		require(!counts[0] || !counts[1]);
}

/* Input: an SPS, then pictures. */
static void try_poc(const uint8_t *data, size_t size)
{
	struct h264_coded_picture before = { 0 };
	struct v4l2_ctrl_h264_sps sps;
	struct picture_record record;
	struct h264_poc poc = { 0 };
	int32_t counts[2];

	if (size < sizeof(sps))
		return;
	memcpy(&sps, data, sizeof(sps));
	require(h264_max_frame_num(&sps) >= 16 && h264_max_frame_num(&sps) <= 65536);
	require(h264_sps_width(&sps) % 16 == 0 && h264_sps_width(&sps));
	require(h264_sps_height(&sps) % 16 == 0 && h264_sps_height(&sps));
	for (data += sizeof(sps), size -= sizeof(sps); size >= sizeof(record);
	     data += sizeof(record), size -= sizeof(record)) {
		struct h264_coded_picture picture;

		memcpy(&record, data, sizeof(record));
		picture = picture_of(&record);
		require(h264_same_picture(&picture, &picture));
		require(h264_same_picture(&picture, &before) ==
			h264_same_picture(&before, &picture));
		before = picture;
		if (record.flags & RECORD_GAP)
			h264_poc_non_existing(&poc, &sps, record.frame_num, counts);
		else
			try_picture(&poc, &sps, &picture);
	}
}

static void try_superframe(const uint8_t *data, size_t size)
{
	struct vp9_superframe superframe;
	uint8_t *copy = malloc(size ? size : 1);
	unsigned int i;

	if (!copy)
		abort();
	memcpy(copy, data, size);
	vp9_superframe_read(&superframe, copy, size);
	require(superframe.frames >= 1 && superframe.frames <= VP9_MAX_FRAMES_IN_SUPERFRAME);
	require(superframe.frames == vp9_superframe_frames(copy, size));
	require(superframe.index_size <= size);
	if (superframe.index_size) {
		require((superframe.index_size - 2) % superframe.frames == 0);
		require(copy[size - superframe.index_size] == copy[size - 1]);
	} else {
		require(superframe.frames == 1 && superframe.sizes[0] == size);
	}
	for (i = 0; superframe.index_size && i < superframe.frames; i++)
		require(superframe.sizes[i] <= UINT32_MAX);
	free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static void (*const functions[])(const uint8_t *data, size_t size) = {
		try_bits, try_nal, try_poc, try_superframe,
	};

	if (size)
		functions[data[0] % (sizeof(functions) / sizeof(functions[0]))](data + 1, size - 1);
	return 0;
}
