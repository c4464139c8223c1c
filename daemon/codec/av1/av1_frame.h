/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * An AV1 request: its controls and the variables that are derived from them. This file
 * has data only; av1_check.h fills it. Names are those of the AV1 specification.
 */
#ifndef DAEDALUS_AV1_FRAME_H
#define DAEDALUS_AV1_FRAME_H

#include <linux/videodev2.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define AV1_NUM_SLOTS		V4L2_AV1_TOTAL_REFS_PER_FRAME
#define AV1_PRIMARY_REF_NONE	7

/**
 * struct av1_tile_layout - how tile_info() splits the frame (5.9.15)
 * @cols:	tile columns
 * @rows:	tile rows
 * @cols_log2:	TileColsLog2
 * @rows_log2:	TileRowsLog2
 * @min_cols_log2: lowest @cols_log2 that uniform spacing allows
 * @max_cols_log2: highest @cols_log2 that uniform spacing allows
 * @min_rows_log2: lowest @rows_log2 that uniform spacing allows with @cols_log2
 * @max_rows_log2: highest @rows_log2 that uniform spacing allows
 * @max_width_sb: maximum width of a tile, superblocks
 * @max_height_sb: maximum height of a tile with explicit spacing, superblocks
 */
struct av1_tile_layout {
	unsigned int cols;
	unsigned int rows;
	unsigned int cols_log2;
	unsigned int rows_log2;
	unsigned int min_cols_log2;
	unsigned int max_cols_log2;
	unsigned int min_rows_log2;
	unsigned int max_rows_log2;
	uint32_t max_width_sb;
	uint32_t max_height_sb;
};

/**
 * struct av1_frame - a request after av1_frame_init() of av1_check.h; pointers are not owned
 * @sequence:		V4L2_CID_STATELESS_AV1_SEQUENCE
 * @control:		V4L2_CID_STATELESS_AV1_FRAME
 * @grain:		V4L2_CID_STATELESS_AV1_FILM_GRAIN; NULL: no grain is applied
 * @tiles:		V4L2_CID_STATELESS_AV1_TILE_GROUP_ENTRY
 * @num_tiles:		entries of @tiles
 * @intra:		FrameIsIntra
 * @error_resilient:	error_resilient_mode, coded or inferred
 * @monochrome:		the stream has no chroma
 * @force_integer_mv:	force_integer_mv, coded or inferred (1 for intra frames)
 * @primary_ref_frame:	coded or inferred; may be AV1_PRIMARY_REF_NONE
 * @refresh_frame_flags: bit per slot, coded or inferred
 * @upscaled_width:	UpscaledWidth, luma samples
 * @width:		FrameWidth, luma samples; less than @upscaled_width with superres
 * @height:		FrameHeight, luma samples
 * @sb_cols:		superblocks in a row
 * @sb_rows:		superblocks in a column
 * @coded_lossless:	CodedLossless
 * @all_lossless:	AllLossless
 * @layout:		layout of the tiles
 */
struct av1_frame {
	const struct v4l2_ctrl_av1_sequence *sequence;
	const struct v4l2_ctrl_av1_frame *control;
	const struct v4l2_ctrl_av1_film_grain *grain;
	const struct v4l2_ctrl_av1_tile_group_entry *tiles;
	size_t num_tiles;
	bool intra;
	bool error_resilient;
	bool monochrome;
	bool force_integer_mv;
	uint8_t primary_ref_frame;
	uint8_t refresh_frame_flags;
	uint32_t upscaled_width;
	uint32_t width;
	uint32_t height;
	uint32_t sb_cols;
	uint32_t sb_rows;
	bool coded_lossless;
	bool all_lossless;
	struct av1_tile_layout layout;
};

/** av1_frame_flag() - is @flag, a V4L2_AV1_FRAME_FLAG_*, set? */
static inline bool av1_frame_flag(const struct av1_frame *frame, uint32_t flag)
{
	return frame->control->flags & flag;
}

/** av1_sequence_flag() - is @flag, a V4L2_AV1_SEQUENCE_FLAG_*, set? */
static inline bool av1_sequence_flag(const struct av1_frame *frame, uint32_t flag)
{
	return frame->sequence->flags & flag;
}

/** av1_frame_showable() - is the frame output, now or by a later show_existing_frame? */
static inline bool av1_frame_showable(const struct av1_frame *frame)
{
	return av1_frame_flag(frame, V4L2_AV1_FRAME_FLAG_SHOW_FRAME |
			      V4L2_AV1_FRAME_FLAG_SHOWABLE_FRAME);
}

/** av1_frame_wants_grain() - is apply_grain of film_grain_params() set? */
static inline bool av1_frame_wants_grain(const struct av1_frame *frame)
{
	return av1_sequence_flag(frame, V4L2_AV1_SEQUENCE_FLAG_FILM_GRAIN_PARAMS_PRESENT) &&
	       av1_frame_showable(frame) && frame->grain &&
	       frame->grain->flags & V4L2_AV1_FILM_GRAIN_FLAG_APPLY_GRAIN;
}

#endif /* DAEDALUS_AV1_FRAME_H */
