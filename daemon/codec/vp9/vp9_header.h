/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The part of VP9's uncompressed header that determines the references of a frame and
 * the state that the frame leaves for later frames (VP9 bitstream specification, 6.2 and
 * 7.2).
 */
#ifndef DAEDALUS_VP9_HEADER_H
#define DAEDALUS_VP9_HEADER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define VP9_NUM_SLOTS		8	/* NUM_REF_FRAMES */
#define VP9_REFS_PER_FRAME	3
#define VP9_NUM_CONTEXTS	4	/* 1 << FRAME_CONTEXT_BITS */

/**
 * struct vp9_header - fields named as in the specification
 * @profile:			0..3
 * @bit_depth:			8, 10 or 12; 0 for inter frames of profile 2 and 3, which
 *				do not code it
 * @subsampling_x:		valid with @has_color_config
 * @subsampling_y:		valid with @has_color_config
 * @has_color_config:		true for key frames and intra-only frames
 * @show_existing_frame:	nothing is decoded, slot @frame_to_show is shown
 * @frame_to_show:		frame_to_show_map_idx
 * @key_frame:			frame_type == KEY_FRAME
 * @show_frame:			false for a hidden frame
 * @error_resilient_mode:	the frame uses no saved probabilities and motion vectors
 * @intra_only:			the frame has no references and is not a key frame
 * @reset_frame_context:	0..3
 * @refresh_frame_flags:	bit per slot: the frame replaces it; 0xff for key frames
 * @ref_frame_idx:		reference slots of an inter frame, 0..7
 * @size_from_ref:		0..2: frame size is that of ref_frame_idx[size_from_ref];
 *				-1: @width and @height are coded
 * @width:			luma samples, 1..65536, or 0 if @size_from_ref >= 0
 * @height:			luma samples, 1..65536, or 0 if @size_from_ref >= 0
 * @refresh_frame_context:	the frame saves its probabilities
 * @frame_context_idx:		coded value, 0..3
 */
struct vp9_header {
	uint8_t profile;
	uint8_t bit_depth;
	bool subsampling_x;
	bool subsampling_y;
	bool has_color_config;
	bool show_existing_frame;
	uint8_t frame_to_show;
	bool key_frame;
	bool show_frame;
	bool error_resilient_mode;
	bool intra_only;
	uint8_t reset_frame_context;
	uint8_t refresh_frame_flags;
	uint8_t ref_frame_idx[VP9_REFS_PER_FRAME];
	int8_t size_from_ref;
	uint32_t width;
	uint32_t height;
	bool refresh_frame_context;
	uint8_t frame_context_idx;
};

/**
 * vp9_header_parse() - read the uncompressed header up to frame_context_idx
 * @header:	filled; undefined after an error
 * @data:	the frame
 * @size:	bytes of @data
 *
 * Return: NULL, or a phrase on what is wrong (static text).
 */
const char *vp9_header_parse(struct vp9_header *header, const uint8_t *data, size_t size);

/** vp9_header_is_intra() - FrameIsIntra */
static inline bool vp9_header_is_intra(const struct vp9_header *header)
{
	return header->key_frame || header->intra_only;
}

#endif /* DAEDALUS_VP9_HEADER_H */
