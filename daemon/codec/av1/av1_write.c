// SPDX-License-Identifier: LGPL-2.1-or-later
#include "av1_write.h"

#include <string.h>

#include "av1_bits.h"
#include "av1_header.h"
#include "av1_tiles.h"

#define OBU_SEQUENCE_HEADER	1
#define OBU_FRAME_HEADER	3
#define OBU_FRAME		6
#define OBU_HAS_SIZE_FIELD	2

/* Bytes of the longest leb128() of a 32-bit value. */
#define MAX_LEB128		5

static size_t put_obu_header(uint8_t *data, unsigned int type, uint32_t size)
{
	struct bit_writer writer;

	bit_writer_init(&writer, data, 1 + MAX_LEB128);
	bit_writer_put(&writer, type << 3 | OBU_HAS_SIZE_FIELD, 8);
	av1_put_leb128(&writer, size);
	return bit_writer_bytes(&writer);
}

/* color_config(), 5.5.2, of the Main profile. */
static void put_color(struct bit_writer *writer, const struct v4l2_ctrl_av1_sequence *sequence)
{
	bool monochrome = sequence->flags & V4L2_AV1_SEQUENCE_FLAG_MONO_CHROME;

	av1_put_flag(writer, sequence->bit_depth > 8);
	av1_put_flag(writer, monochrome);
	av1_put_flag(writer, false);	/* color_description_present_flag */
	av1_put_flag(writer, sequence->flags & V4L2_AV1_SEQUENCE_FLAG_COLOR_RANGE);
	if (monochrome)
		return;
	bit_writer_put(writer, 0, 2);	/* chroma_sample_position */
	av1_put_flag(writer, sequence->flags & V4L2_AV1_SEQUENCE_FLAG_SEPARATE_UV_DELTA_Q);
}

/* Flags in the order of sequence_header_obu(), 5.5.1. */
static const uint32_t tools[] = {
	V4L2_AV1_SEQUENCE_FLAG_USE_128X128_SUPERBLOCK,
	V4L2_AV1_SEQUENCE_FLAG_ENABLE_FILTER_INTRA,
	V4L2_AV1_SEQUENCE_FLAG_ENABLE_INTRA_EDGE_FILTER,
	V4L2_AV1_SEQUENCE_FLAG_ENABLE_INTERINTRA_COMPOUND,
	V4L2_AV1_SEQUENCE_FLAG_ENABLE_MASKED_COMPOUND,
	V4L2_AV1_SEQUENCE_FLAG_ENABLE_WARPED_MOTION,
	V4L2_AV1_SEQUENCE_FLAG_ENABLE_DUAL_FILTER,
};

static const uint32_t filters[] = {
	V4L2_AV1_SEQUENCE_FLAG_ENABLE_SUPERRES,
	V4L2_AV1_SEQUENCE_FLAG_ENABLE_CDEF,
	V4L2_AV1_SEQUENCE_FLAG_ENABLE_RESTORATION,
};

static void put_flags(struct bit_writer *writer, uint32_t flags, const uint32_t *bits, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		av1_put_flag(writer, flags & bits[i]);
}

static void put_sequence(struct bit_writer *writer, const struct v4l2_ctrl_av1_sequence *sequence)
{
	bit_writer_put(writer, sequence->seq_profile, 3);
	av1_put_flag(writer, sequence->flags & V4L2_AV1_SEQUENCE_FLAG_STILL_PICTURE);
	av1_put_flag(writer, false);	/* reduced_still_picture_header */
	av1_put_flag(writer, false);	/* timing_info_present_flag */
	av1_put_flag(writer, false);	/* initial_display_delay_present_flag */
	bit_writer_put(writer, 0, 5);	/* operating_points_cnt_minus_1 */
	bit_writer_put(writer, 0, 12);	/* operating_point_idc: all layers */
	bit_writer_put(writer, 31, 5);	/* seq_level_idx: maximum parameters */
	av1_put_flag(writer, false);	/* seq_tier */
	bit_writer_put(writer, 15, 4);	/* frame_width_bits_minus_1 */
	bit_writer_put(writer, 15, 4);
	bit_writer_put(writer, sequence->max_frame_width_minus_1, 16);
	bit_writer_put(writer, sequence->max_frame_height_minus_1, 16);
	av1_put_flag(writer, false);	/* frame_id_numbers_present_flag */
	put_flags(writer, sequence->flags, tools, sizeof(tools) / sizeof(tools[0]));
	av1_put_flag(writer, sequence->order_hint_bits);
	if (sequence->order_hint_bits) {
		av1_put_flag(writer, sequence->flags & V4L2_AV1_SEQUENCE_FLAG_ENABLE_JNT_COMP);
		av1_put_flag(writer,
			     sequence->flags & V4L2_AV1_SEQUENCE_FLAG_ENABLE_REF_FRAME_MVS);
	}
	/* SELECT_SCREEN_CONTENT_TOOLS and SELECT_INTEGER_MV: each frame header codes the value. */
	av1_put_flag(writer, true);	/* seq_choose_screen_content_tools */
	av1_put_flag(writer, true);	/* seq_choose_integer_mv */
	if (sequence->order_hint_bits)
		bit_writer_put(writer, sequence->order_hint_bits - 1U, 3);
	put_flags(writer, sequence->flags, filters, sizeof(filters) / sizeof(filters[0]));
	put_color(writer, sequence);
	av1_put_flag(writer, sequence->flags & V4L2_AV1_SEQUENCE_FLAG_FILM_GRAIN_PARAMS_PRESENT);
	bit_writer_trailing(writer);
}

size_t av1_write_sequence(const struct v4l2_ctrl_av1_sequence *sequence, uint8_t *data)
{
	uint8_t payload[AV1_HEADER_BYTES / 2];
	struct bit_writer writer;
	size_t size, head;

	bit_writer_init(&writer, payload, sizeof(payload));
	put_sequence(&writer, sequence);
	size = bit_writer_bytes(&writer);
	head = put_obu_header(data, OBU_SEQUENCE_HEADER, (uint32_t)size);
	memcpy(data + head, payload, size);
	return head + size;
}

size_t av1_write_show_existing(unsigned int slot, uint8_t *data)
{
	struct bit_writer writer;
	size_t head = put_obu_header(data, OBU_FRAME_HEADER, 1);

	bit_writer_init(&writer, data + head, 1);
	av1_put_flag(&writer, true);	/* show_existing_frame */
	bit_writer_put(&writer, slot, 3);
	bit_writer_trailing(&writer);
	return head + bit_writer_bytes(&writer);
}

static size_t tile_bytes(const struct av1_frame *frame)
{
	size_t bytes = (frame->num_tiles - 1) * AV1_TILE_SIZE_BYTES;
	size_t i;

	for (i = 0; i < frame->num_tiles; i++)
		bytes += frame->tiles[i].tile_size;
	return bytes;
}

size_t av1_frame_obu_bytes(const struct av1_frame *frame)
{
	return AV1_HEADER_BYTES + tile_bytes(frame);
}

static uint8_t *put_tiles(const struct av1_frame *frame, const uint8_t *payload, uint8_t *data)
{
	size_t left = frame->num_tiles;
	unsigned int row, col;
	int i;

	for (row = 0; row < frame->layout.rows; row++) {
		for (col = 0; col < frame->layout.cols; col++) {
			const struct v4l2_ctrl_av1_tile_group_entry *tile;

			tile = av1_tile(frame, row, col);
			if (--left)
				for (i = 0; i < AV1_TILE_SIZE_BYTES; i++)
					*data++ = (uint8_t)((tile->tile_size - 1) >> (8 * i));
			memcpy(data, payload + tile->tile_offset, tile->tile_size);
			data += tile->tile_size;
		}
	}
	return data;
}

size_t av1_write_frame(const struct av1_frame *frame, const struct av1_refs *refs,
		       const uint8_t *payload, uint8_t *data)
{
	uint8_t header[AV1_HEADER_BYTES - 1 - MAX_LEB128];
	size_t size = tile_bytes(frame);
	struct bit_writer writer;
	uint8_t *to = data;

	bit_writer_init(&writer, header, sizeof(header));
	av1_put_frame_header(&writer, frame, refs);
	av1_put_alignment(&writer);
	if (frame->num_tiles > 1) {
		av1_put_flag(&writer, false);	/* tile_start_and_end_present_flag */
		av1_put_alignment(&writer);
	}
	size += bit_writer_bytes(&writer);
	if (writer.overflow || size > UINT32_MAX)
		return 0;
	to += put_obu_header(to, OBU_FRAME, (uint32_t)size);
	memcpy(to, header, bit_writer_bytes(&writer));
	to = put_tiles(frame, payload, to + bit_writer_bytes(&writer));
	return (size_t)(to - data);
}
