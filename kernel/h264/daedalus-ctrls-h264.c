// SPDX-License-Identifier: GPL-2.0-only
/*
 * H.264's stateless controls, for frame-based decoding with Annex B start codes.
 * Supported are 4:2:0 and monochrome with 8 or 10 bits per sample. The daemon writes
 * monochrome as 4:2:0 with neutral chroma.
 */
#include <linux/device.h>
#include <linux/kernel.h>

#include "daedalus-ctrls.h"

static unsigned int h264_sps_depth(const void *value)
{
	const struct v4l2_ctrl_h264_sps *sps = value;

	return sps->bit_depth_luma_minus8 + 8;
}

/* H.264 specification, 7.4.2.1.1. The control framework has checked the other fields. */
static bool h264_sps_supported(struct device *dev, const struct daedalus_offer *offer,
			       const void *value)
{
	const struct v4l2_ctrl_h264_sps *sps = value;
	bool frames = sps->flags & V4L2_H264_SPS_FLAG_FRAME_MBS_ONLY;
	u32 width = 16 * (sps->pic_width_in_mbs_minus1 + 1);
	u32 height = 16 * (sps->pic_height_in_map_units_minus1 + 1) * (frames ? 1 : 2);
	bool monochrome = !sps->chroma_format_idc;

	if (sps->chroma_format_idc <= 1 &&
	    (monochrome || sps->bit_depth_luma_minus8 == sps->bit_depth_chroma_minus8) &&
	    daedalus_picture_format_nth(offer->capture_formats, h264_sps_depth(sps), 0) &&
	    width <= offer->max_width && height <= offer->max_height)
		return true;

	dev_dbg(dev,
		"H.264 SPS refused: profile_idc %u, chroma_format_idc %u, %u bit luma, %u bit chroma, %ux%u; supported are 4:2:0 and monochrome with the bit depths of the CAPTURE formats up to %ux%u\n",
		sps->profile_idc, sps->chroma_format_idc, sps->bit_depth_luma_minus8 + 8,
		sps->bit_depth_chroma_minus8 + 8, width, height, offer->max_width,
		offer->max_height);
	return false;
}

/* All profiles except baseline, main and high with 4:2:0 and 8 or 10 bits per sample. */
#define H264_PROFILES_LEFT_OUT						\
	(BIT(V4L2_MPEG_VIDEO_H264_PROFILE_EXTENDED) |			\
	 BIT(V4L2_MPEG_VIDEO_H264_PROFILE_HIGH_422) |			\
	 BIT(V4L2_MPEG_VIDEO_H264_PROFILE_HIGH_444_PREDICTIVE) |	\
	 BIT(V4L2_MPEG_VIDEO_H264_PROFILE_HIGH_422_INTRA) |		\
	 BIT(V4L2_MPEG_VIDEO_H264_PROFILE_HIGH_444_INTRA) |		\
	 BIT(V4L2_MPEG_VIDEO_H264_PROFILE_CAVLC_444_INTRA) |		\
	 BIT(V4L2_MPEG_VIDEO_H264_PROFILE_SCALABLE_BASELINE) |		\
	 BIT(V4L2_MPEG_VIDEO_H264_PROFILE_SCALABLE_HIGH) |		\
	 BIT(V4L2_MPEG_VIDEO_H264_PROFILE_SCALABLE_HIGH_INTRA) |	\
	 BIT(V4L2_MPEG_VIDEO_H264_PROFILE_STEREO_HIGH) |		\
	 BIT(V4L2_MPEG_VIDEO_H264_PROFILE_MULTIVIEW_HIGH))

/*
 * SLICE_PARAMS and PRED_WEIGHTS are left out: they are for slice-based decoders. The
 * daemon reads the same values from the slice headers.
 */
static const struct daedalus_ctrl h264_ctrls[] = {
	{
		.cfg.id = V4L2_CID_STATELESS_H264_DECODE_MODE,
		.cfg.min = V4L2_STATELESS_H264_DECODE_MODE_FRAME_BASED,
		.cfg.max = V4L2_STATELESS_H264_DECODE_MODE_FRAME_BASED,
		.cfg.def = V4L2_STATELESS_H264_DECODE_MODE_FRAME_BASED,
	}, {
		.cfg.id = V4L2_CID_STATELESS_H264_START_CODE,
		.cfg.min = V4L2_STATELESS_H264_START_CODE_ANNEX_B,
		.cfg.max = V4L2_STATELESS_H264_START_CODE_ANNEX_B,
		.cfg.def = V4L2_STATELESS_H264_START_CODE_ANNEX_B,
	}, {
		.cfg.id = V4L2_CID_STATELESS_H264_SPS,
		.job = true,
		.supported = h264_sps_supported,
		.depth = h264_sps_depth,
	}, {
		.cfg.id = V4L2_CID_STATELESS_H264_PPS,
		.job = true,
	}, {
		.cfg.id = V4L2_CID_STATELESS_H264_SCALING_MATRIX,
		.job = true,
	}, {
		.cfg.id = V4L2_CID_STATELESS_H264_DECODE_PARAMS,
		.required = true,
		.job = true,
	}, {
		.cfg.id = V4L2_CID_MPEG_VIDEO_H264_PROFILE,
		.cfg.min = V4L2_MPEG_VIDEO_H264_PROFILE_BASELINE,
		.cfg.max = V4L2_MPEG_VIDEO_H264_PROFILE_CONSTRAINED_HIGH,
		.cfg.menu_skip_mask = H264_PROFILES_LEFT_OUT,
		.items_10bit = BIT(V4L2_MPEG_VIDEO_H264_PROFILE_HIGH_10) |
			       BIT(V4L2_MPEG_VIDEO_H264_PROFILE_HIGH_10_INTRA),
		.cfg.def = V4L2_MPEG_VIDEO_H264_PROFILE_HIGH,
	}, {
		.cfg.id = V4L2_CID_MPEG_VIDEO_H264_LEVEL,
		.cfg.min = V4L2_MPEG_VIDEO_H264_LEVEL_1_0,
		.cfg.max = V4L2_MPEG_VIDEO_H264_LEVEL_6_2,
		.cfg.def = V4L2_MPEG_VIDEO_H264_LEVEL_6_2,
	},
};

const struct daedalus_coded_format daedalus_h264 = {
	.pixelformat = V4L2_PIX_FMT_H264_SLICE,
	.ctrls = h264_ctrls,
	.num_ctrls = ARRAY_SIZE(h264_ctrls),
};
