// SPDX-License-Identifier: LGPL-2.1-or-later
#include "vp9_header.h"

#include "common/bits.h"

#define FRAME_MARKER	2
#define SYNC_CODE	0x498342
#define CS_RGB		7

static const char *parse_color_config(struct vp9_header *header, struct bits *bits)
{
	header->has_color_config = true;
	header->bit_depth = 8;
	if (header->profile >= 2)
		header->bit_depth = bits_flag(bits) ? 12 : 10;
	header->subsampling_x = true;
	header->subsampling_y = true;
	if (bits_read(bits, 3) != CS_RGB) {
		bits_flag(bits);	/* color_range */
		if (header->profile & 1) {
			header->subsampling_x = bits_flag(bits);
			header->subsampling_y = bits_flag(bits);
			if (bits_flag(bits))
				return "reserved bit after the chroma subsampling is set";
		}
		return NULL;
	}
	if (!(header->profile & 1))
		return "RGB needs profile 1 or 3";
	header->subsampling_x = false;
	header->subsampling_y = false;
	if (bits_flag(bits))
		return "reserved bit after the colour space is set";
	return NULL;
}

static void parse_frame_size(struct vp9_header *header, struct bits *bits)
{
	header->size_from_ref = -1;
	header->width = bits_read(bits, 16) + 1;
	header->height = bits_read(bits, 16) + 1;
}

static void skip_render_size(struct bits *bits)
{
	if (bits_flag(bits))
		bits_read(bits, 32);
}

static const char *parse_intra(struct vp9_header *header, struct bits *bits)
{
	const char *error;

	if (bits_read(bits, 24) != SYNC_CODE)
		return "frame_sync_code is not 0x498342";
	if (header->key_frame || header->profile > 0) {
		error = parse_color_config(header, bits);
		if (error)
			return error;
	} else {
		header->has_color_config = true;
		header->bit_depth = 8;
		header->subsampling_x = true;
		header->subsampling_y = true;
	}
	header->refresh_frame_flags = header->key_frame ? 0xff : (uint8_t)bits_read(bits, 8);
	parse_frame_size(header, bits);
	skip_render_size(bits);
	return NULL;
}

static void parse_inter(struct vp9_header *header, struct bits *bits)
{
	int i;

	header->bit_depth = header->profile < 2 ? 8 : 0;
	header->refresh_frame_flags = (uint8_t)bits_read(bits, 8);
	for (i = 0; i < VP9_REFS_PER_FRAME; i++) {
		header->ref_frame_idx[i] = (uint8_t)bits_read(bits, 3);
		bits_flag(bits);	/* ref_frame_sign_bias */
	}
	header->size_from_ref = -1;
	for (i = 0; i < VP9_REFS_PER_FRAME && header->size_from_ref < 0; i++)
		if (bits_flag(bits))
			header->size_from_ref = (int8_t)i;
	if (header->size_from_ref < 0)
		parse_frame_size(header, bits);
	skip_render_size(bits);
	bits_flag(bits);		/* allow_high_precision_mv */
	if (!bits_flag(bits))		/* is_filter_switchable */
		bits_read(bits, 2);	/* raw_interpolation_filter */
}

const char *vp9_header_parse(struct vp9_header *header, const uint8_t *data, size_t size)
{
	struct bits bits;
	const char *error;

	*header = (struct vp9_header){ .size_from_ref = -1 };
	bits_init(&bits, data, size);

	if (!size)
		return "the frame is empty";
	if (bits_read(&bits, 2) != FRAME_MARKER)
		return "frame_marker is not 2";
	header->profile = (uint8_t)bits_read(&bits, 1);
	header->profile |= (uint8_t)(bits_read(&bits, 1) << 1);
	if (header->profile == 3 && bits_flag(&bits))
		return "reserved bit after profile 3 is set";

	header->show_existing_frame = bits_flag(&bits);
	if (header->show_existing_frame) {
		header->frame_to_show = (uint8_t)bits_read(&bits, 3);
		return bits.overrun ? "the uncompressed header is truncated" : NULL;
	}
	header->key_frame = !bits_flag(&bits);
	header->show_frame = bits_flag(&bits);
	header->error_resilient_mode = bits_flag(&bits);
	if (!header->key_frame) {
		header->intra_only = header->show_frame ? false : bits_flag(&bits);
		if (!header->error_resilient_mode)
			header->reset_frame_context = (uint8_t)bits_read(&bits, 2);
	}

	if (vp9_header_is_intra(header)) {
		error = parse_intra(header, &bits);
		if (error)
			return bits.overrun ? "the uncompressed header is truncated" : error;
	} else {
		parse_inter(header, &bits);
	}

	if (!header->error_resilient_mode) {
		header->refresh_frame_context = bits_flag(&bits);
		bits_flag(&bits);	/* frame_parallel_decoding_mode */
	}
	header->frame_context_idx = (uint8_t)bits_read(&bits, 2);
	return bits.overrun ? "the uncompressed header is truncated" : NULL;
}
