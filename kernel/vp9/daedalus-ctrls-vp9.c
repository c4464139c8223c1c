// SPDX-License-Identifier: GPL-2.0-only
/*
 * VP9's stateless controls: 4:2:0 with 8 or 10 bits per sample.
 *
 * The daemon reads the headers in the frame, so no job carries
 * V4L2_CID_STATELESS_VP9_COMPRESSED_HDR. It exists because FFmpeg's v4l2request sends it
 * to each driver.
 */
#include <linux/device.h>
#include <linux/kernel.h>

#include "daedalus-ctrls.h"

static unsigned int vp9_frame_depth(const void *value)
{
	const struct v4l2_ctrl_vp9_frame *frame = value;

	return frame->bit_depth;
}

/*
 * VP9 specification, 6.2 and 7.2. The control framework has checked the other fields.
 *
 * Any size is accepted: FFmpeg's v4l2request sets the control with 65536x65536 before it
 * has read a frame, to choose the CAPTURE format. The daemon compares the size with the
 * one in the frame and fails the job if they differ.
 */
static bool vp9_frame_supported(struct device *dev, const struct daedalus_offer *offer,
				const void *value)
{
	const struct v4l2_ctrl_vp9_frame *frame = value;
	const u32 subsampled = V4L2_VP9_FRAME_FLAG_X_SUBSAMPLING |
			       V4L2_VP9_FRAME_FLAG_Y_SUBSAMPLING;

	if ((frame->flags & subsampled) == subsampled &&
	    daedalus_picture_format_nth(offer->capture_formats, frame->bit_depth, 0))
		return true;

	dev_dbg(dev,
		"VP9 frame refused: profile %u, %u bit, flags 0x%x; supported are 4:2:0 with the bit depths of the CAPTURE formats\n",
		frame->profile, frame->bit_depth, frame->flags);
	return false;
}

static const struct daedalus_ctrl vp9_ctrls[] = {
	{
		.cfg.id = V4L2_CID_STATELESS_VP9_FRAME,
		.required = true,
		.job = true,
		.supported = vp9_frame_supported,
		.depth = vp9_frame_depth,
	}, {
		.cfg.id = V4L2_CID_STATELESS_VP9_COMPRESSED_HDR,
	}, {
		.cfg.id = V4L2_CID_MPEG_VIDEO_VP9_PROFILE,
		.cfg.min = V4L2_MPEG_VIDEO_VP9_PROFILE_0,
		.cfg.max = V4L2_MPEG_VIDEO_VP9_PROFILE_2,
		.cfg.menu_skip_mask = BIT(V4L2_MPEG_VIDEO_VP9_PROFILE_1),
		.items_10bit = BIT(V4L2_MPEG_VIDEO_VP9_PROFILE_2),
		.cfg.def = V4L2_MPEG_VIDEO_VP9_PROFILE_0,
	}, {
		.cfg.id = V4L2_CID_MPEG_VIDEO_VP9_LEVEL,
		.cfg.min = V4L2_MPEG_VIDEO_VP9_LEVEL_1_0,
		.cfg.max = V4L2_MPEG_VIDEO_VP9_LEVEL_6_2,
		.cfg.def = V4L2_MPEG_VIDEO_VP9_LEVEL_6_2,
	},
};

const struct daedalus_coded_format daedalus_vp9 = {
	.pixelformat = V4L2_PIX_FMT_VP9_FRAME,
	.ctrls = vp9_ctrls,
	.num_ctrls = ARRAY_SIZE(vp9_ctrls),
};
