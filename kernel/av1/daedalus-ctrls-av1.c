// SPDX-License-Identifier: GPL-2.0-only
/*
 * AV1's stateless controls, for the Main profile: 4:2:0 and monochrome with 8 or 10
 * bits per sample. The daemon writes monochrome as 4:2:0 with neutral chroma.
 *
 * Linux has these controls since 6.5. On older kernels the driver does not offer AV1.
 * The control framework checks the values. It does not compare the tiles with the
 * payload, and its first versions do not check the number of tiles.
 */
#include <linux/device.h>
#include <linux/kernel.h>

#include "daedalus-ctrls.h"

#ifdef V4L2_CID_STATELESS_AV1_FRAME
static unsigned int av1_sequence_depth(const void *value)
{
	const struct v4l2_ctrl_av1_sequence *sequence = value;

	return sequence->bit_depth;
}

/* AV1 specification, 5.5.2. */
static bool av1_sequence_supported(struct device *dev, const struct daedalus_offer *offer,
				   const void *value)
{
	const struct v4l2_ctrl_av1_sequence *sequence = value;
	const u32 subsampled = V4L2_AV1_SEQUENCE_FLAG_SUBSAMPLING_X |
			       V4L2_AV1_SEQUENCE_FLAG_SUBSAMPLING_Y;
	bool monochrome = sequence->flags & V4L2_AV1_SEQUENCE_FLAG_MONO_CHROME;

	/* The maximum frame size of the sequence is not checked: each frame has its own size. */
	if (!sequence->seq_profile &&
	    (monochrome || (sequence->flags & subsampled) == subsampled) &&
	    daedalus_picture_format_nth(offer->capture_formats, sequence->bit_depth, 0))
		return true;

	dev_dbg(dev,
		"AV1 sequence refused: seq_profile %u, %u bit, flags 0x%x; supported is the Main profile (4:2:0 and monochrome) with the bit depths of the CAPTURE formats\n",
		sequence->seq_profile, sequence->bit_depth, sequence->flags);
	return false;
}

/* AV1 specification, 5.9.5 to 5.9.9 and 5.9.15. */
static bool av1_frame_supported(struct device *dev, const struct daedalus_offer *offer,
				const void *value)
{
	const struct v4l2_ctrl_av1_frame *frame = value;
	const struct v4l2_av1_tile_info *tiles = &frame->tile_info;

	if (frame->upscaled_width > offer->max_width ||
	    frame->frame_width_minus_1 >= offer->max_width ||
	    frame->frame_height_minus_1 >= offer->max_height) {
		dev_dbg(dev,
			"AV1 frame refused: %ux%u, upscaled width %u; supported is up to %ux%u\n",
			frame->frame_width_minus_1 + 1, frame->frame_height_minus_1 + 1,
			frame->upscaled_width, offer->max_width, offer->max_height);
		return false;
	}
	if (tiles->tile_cols > V4L2_AV1_MAX_TILE_COLS ||
	    tiles->tile_rows > V4L2_AV1_MAX_TILE_ROWS ||
	    tiles->tile_cols * tiles->tile_rows > V4L2_AV1_MAX_TILE_COUNT) {
		dev_dbg(dev, "AV1 frame refused: %u columns and %u rows of tiles; %u, %u and %u tiles in all are the most\n",
			tiles->tile_cols, tiles->tile_rows, V4L2_AV1_MAX_TILE_COLS,
			V4L2_AV1_MAX_TILE_ROWS, V4L2_AV1_MAX_TILE_COUNT);
		return false;
	}
	return true;
}

/* AV1 specification, 5.11.1: every tile lies within the payload. */
static bool av1_tiles_fit(struct device *dev, const void *value, size_t size, u64 payload)
{
	const struct v4l2_ctrl_av1_tile_group_entry *tiles = value;
	size_t i, num = size / sizeof(*tiles);

	for (i = 0; i < num; i++) {
		if ((u64)tiles[i].tile_offset + tiles[i].tile_size <= payload)
			continue;
		dev_dbg(dev,
			"AV1 tile group entry %zu of %zu refused: offset %u + size %u is beyond the payload of %llu bytes\n",
			i, num, tiles[i].tile_offset, tiles[i].tile_size, payload);
		return false;
	}
	return true;
}

/* Some kernels have a default sequence that is not of the Main profile. */
static const struct v4l2_ctrl_av1_sequence av1_default_sequence = {
	.flags = V4L2_AV1_SEQUENCE_FLAG_SUBSAMPLING_X | V4L2_AV1_SEQUENCE_FLAG_SUBSAMPLING_Y,
	.bit_depth = 8,
};

static const struct daedalus_ctrl av1_ctrls[] = {
	{
		.cfg.id = V4L2_CID_STATELESS_AV1_SEQUENCE,
		.cfg.p_def.p_const = &av1_default_sequence,
		.job = true,
		.supported = av1_sequence_supported,
		.depth = av1_sequence_depth,
	}, {
		.cfg.id = V4L2_CID_STATELESS_AV1_FRAME,
		.required = true,
		.job = true,
		.supported = av1_frame_supported,
	}, {
		.cfg.id = V4L2_CID_STATELESS_AV1_TILE_GROUP_ENTRY,
		.cfg.dims = { V4L2_AV1_MAX_TILE_COUNT },
		.required = true,
		.job = true,
		.fits = av1_tiles_fit,
	}, {
		.cfg.id = V4L2_CID_STATELESS_AV1_FILM_GRAIN,
		.job = true,
	}, {
		.cfg.id = V4L2_CID_MPEG_VIDEO_AV1_PROFILE,
		.cfg.min = V4L2_MPEG_VIDEO_AV1_PROFILE_MAIN,
		.cfg.max = V4L2_MPEG_VIDEO_AV1_PROFILE_MAIN,
		.cfg.def = V4L2_MPEG_VIDEO_AV1_PROFILE_MAIN,
	}, {
		.cfg.id = V4L2_CID_MPEG_VIDEO_AV1_LEVEL,
		.cfg.min = V4L2_MPEG_VIDEO_AV1_LEVEL_2_0,
		.cfg.max = V4L2_MPEG_VIDEO_AV1_LEVEL_6_3,
		.cfg.def = V4L2_MPEG_VIDEO_AV1_LEVEL_6_3,
	},
};

const struct daedalus_coded_format daedalus_av1 = {
	.pixelformat = V4L2_PIX_FMT_AV1_FRAME,
	.ctrls = av1_ctrls,
	.num_ctrls = ARRAY_SIZE(av1_ctrls),
};
#else
const struct daedalus_coded_format daedalus_av1 = { };
#endif
