// SPDX-License-Identifier: LGPL-2.1-or-later
#include "av1_tiles.h"

#include "av1_bits.h"

#define MAX_TILE_WIDTH	4096U
#define MAX_TILE_AREA	(4096U * 2304U)

/* tile_log2(): the least k with (@size << k) >= @target. */
static unsigned int tile_log2(uint32_t size, uint32_t target)
{
	unsigned int k = 0;

	while ((uint64_t)size << k < target)
		k++;
	return k;
}

static uint32_t least(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

/*
 * The bitstream codes uniform spacing as a logarithm. The control has the resulting
 * number of tiles instead. Find a logarithm that results in these tiles; there may be
 * several.
 */
static bool find_log2(uint32_t superblocks, unsigned int count, unsigned int min,
		      unsigned int max, unsigned int *log2)
{
	for (*log2 = min; *log2 <= max; (*log2)++) {
		uint32_t tile = (superblocks + (1U << *log2) - 1) >> *log2;

		if ((superblocks + tile - 1) / tile == count)
			return true;
	}
	return false;
}

static const char *uniform_layout(struct av1_frame *frame, unsigned int min_tiles_log2)
{
	struct av1_tile_layout *layout = &frame->layout;

	if (!find_log2(frame->sb_cols, layout->cols, layout->min_cols_log2,
		       layout->max_cols_log2, &layout->cols_log2))
		return "no uniform spacing gives tile_cols";
	layout->min_rows_log2 = min_tiles_log2 > layout->cols_log2 ?
				min_tiles_log2 - layout->cols_log2 : 0;
	if (!find_log2(frame->sb_rows, layout->rows, layout->min_rows_log2,
		       layout->max_rows_log2, &layout->rows_log2))
		return "no uniform spacing gives tile_rows";
	return NULL;
}

/* Return: width of the widest tile, superblocks; 0 if the sizes are illegal. */
static uint32_t check_sizes(const uint32_t *sizes_minus_1, unsigned int count, uint32_t total,
			    uint32_t max)
{
	uint32_t widest = 0;
	unsigned int i;

	for (i = 0; i < count; i++) {
		if (sizes_minus_1[i] >= least(total, max))
			return 0;
		total -= sizes_minus_1[i] + 1;
		if (sizes_minus_1[i] + 1 > widest)
			widest = sizes_minus_1[i] + 1;
	}
	return total ? 0 : widest;
}

static const char *explicit_layout(struct av1_frame *frame, unsigned int min_tiles_log2)
{
	const struct v4l2_av1_tile_info *info = &frame->control->tile_info;
	struct av1_tile_layout *layout = &frame->layout;
	uint32_t area = frame->sb_cols * frame->sb_rows;
	uint32_t widest;

	widest = check_sizes(info->width_in_sbs_minus_1, layout->cols, frame->sb_cols,
			     layout->max_width_sb);
	if (!widest)
		return "width_in_sbs_minus_1 does not fill the frame's width";
	if (min_tiles_log2)
		area >>= min_tiles_log2 + 1;
	layout->max_height_sb = area / widest ? area / widest : 1;
	if (!check_sizes(info->height_in_sbs_minus_1, layout->rows, frame->sb_rows,
			 layout->max_height_sb))
		return "height_in_sbs_minus_1 does not fill the frame's height";
	layout->cols_log2 = tile_log2(1, layout->cols);
	layout->rows_log2 = tile_log2(1, layout->rows);
	return NULL;
}

const char *av1_layout_init(struct av1_frame *frame)
{
	const struct v4l2_av1_tile_info *info = &frame->control->tile_info;
	struct av1_tile_layout *layout = &frame->layout;
	unsigned int sb_log2 =
		av1_sequence_flag(frame, V4L2_AV1_SEQUENCE_FLAG_USE_128X128_SUPERBLOCK) ? 7 : 6;
	unsigned int min_tiles_log2;
	const char *error;

	*layout = (struct av1_tile_layout){ .cols = info->tile_cols, .rows = info->tile_rows };
	if (!layout->cols || layout->cols > V4L2_AV1_MAX_TILE_COLS ||
	    !layout->rows || layout->rows > V4L2_AV1_MAX_TILE_ROWS)
		return "tile_cols or tile_rows is not 1..64";
	if (info->context_update_tile_id >= layout->cols * layout->rows)
		return "context_update_tile_id is beyond the last tile";

	layout->max_width_sb = MAX_TILE_WIDTH >> sb_log2;
	layout->min_cols_log2 = tile_log2(layout->max_width_sb, frame->sb_cols);
	layout->max_cols_log2 = tile_log2(1, least(frame->sb_cols, V4L2_AV1_MAX_TILE_COLS));
	layout->max_rows_log2 = tile_log2(1, least(frame->sb_rows, V4L2_AV1_MAX_TILE_ROWS));
	min_tiles_log2 = tile_log2(MAX_TILE_AREA >> (2 * sb_log2), frame->sb_cols * frame->sb_rows);
	if (min_tiles_log2 < layout->min_cols_log2)
		min_tiles_log2 = layout->min_cols_log2;

	if (info->flags & V4L2_AV1_TILE_INFO_FLAG_UNIFORM_TILE_SPACING)
		error = uniform_layout(frame, min_tiles_log2);
	else
		error = explicit_layout(frame, min_tiles_log2);
	return error;
}

const struct v4l2_ctrl_av1_tile_group_entry *av1_tile(const struct av1_frame *frame,
						      unsigned int row, unsigned int col)
{
	size_t index = (size_t)row * frame->layout.cols + col;
	size_t i;

	/* Nearly all clients list the tiles in raster order. */
	if (frame->tiles[index].tile_row == row && frame->tiles[index].tile_col == col)
		return &frame->tiles[index];
	for (i = 0; i < frame->num_tiles; i++)
		if (frame->tiles[i].tile_row == row && frame->tiles[i].tile_col == col)
			return &frame->tiles[i];
	return NULL;
}

/* increment_tile_cols_log2 or increment_tile_rows_log2. */
static void put_log2(struct bit_writer *writer, unsigned int log2, unsigned int min,
		     unsigned int max)
{
	unsigned int i;

	for (i = min; i < log2; i++)
		av1_put_flag(writer, true);
	if (log2 < max)
		av1_put_flag(writer, false);
}

static void put_sizes(struct bit_writer *writer, const uint32_t *sizes_minus_1,
		      unsigned int count, uint32_t total, uint32_t max)
{
	unsigned int i;

	for (i = 0; i < count; i++) {
		av1_put_ns(writer, sizes_minus_1[i], least(total, max));
		total -= sizes_minus_1[i] + 1;
	}
}

void av1_put_tile_info(struct bit_writer *writer, const struct av1_frame *frame)
{
	const struct v4l2_av1_tile_info *info = &frame->control->tile_info;
	const struct av1_tile_layout *layout = &frame->layout;
	bool uniform = info->flags & V4L2_AV1_TILE_INFO_FLAG_UNIFORM_TILE_SPACING;

	av1_put_flag(writer, uniform);
	if (uniform) {
		put_log2(writer, layout->cols_log2, layout->min_cols_log2, layout->max_cols_log2);
		put_log2(writer, layout->rows_log2, layout->min_rows_log2, layout->max_rows_log2);
	} else {
		put_sizes(writer, info->width_in_sbs_minus_1, layout->cols, frame->sb_cols,
			  layout->max_width_sb);
		put_sizes(writer, info->height_in_sbs_minus_1, layout->rows, frame->sb_rows,
			  layout->max_height_sb);
	}
	if (layout->cols_log2 || layout->rows_log2) {
		bit_writer_put(writer, info->context_update_tile_id,
			       layout->cols_log2 + layout->rows_log2);
		bit_writer_put(writer, AV1_TILE_SIZE_BYTES - 1, 2);
	}
}
