// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tables of the stateless controls, one per codec. They name only what the
 * daemon decodes: 4:2:0 with 8 or 10 bits per sample, and monochrome, which it
 * writes as 4:2:0 with neutral chroma.
 *
 * V4L2_CID_STATELESS_VP9_COMPRESSED_HDR is left out on purpose: clients send
 * it only to drivers that have it, and the frame itself holds that header.
 */
#include "daedalus-ctrls.h"

/* What is neither baseline, main nor high, with 4:2:0 and 8 or 10 bits per sample. */
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
 * Whole frames with start codes, and nothing else. Slice parameters and
 * prediction weights are for slice-based decoders; the slices hold them.
 */
const struct daedalus_ctrl daedalus_h264_ctrls[DAEDALUS_NUM_H264_CTRLS] = {
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
		.cfg.def = V4L2_MPEG_VIDEO_H264_PROFILE_HIGH,
	}, {
		.cfg.id = V4L2_CID_MPEG_VIDEO_H264_LEVEL,
		.cfg.min = V4L2_MPEG_VIDEO_H264_LEVEL_1_0,
		.cfg.max = V4L2_MPEG_VIDEO_H264_LEVEL_6_2,
		.cfg.def = V4L2_MPEG_VIDEO_H264_LEVEL_6_2,
	},
};

const struct daedalus_ctrl daedalus_vp9_ctrls[DAEDALUS_NUM_VP9_CTRLS] = {
	{
		.cfg.id = V4L2_CID_STATELESS_VP9_FRAME,
		.required = true,
		.job = true,
	}, {
		.cfg.id = V4L2_CID_MPEG_VIDEO_VP9_PROFILE,
		.cfg.min = V4L2_MPEG_VIDEO_VP9_PROFILE_0,
		.cfg.max = V4L2_MPEG_VIDEO_VP9_PROFILE_2,
		.cfg.menu_skip_mask = BIT(V4L2_MPEG_VIDEO_VP9_PROFILE_1),
		.cfg.def = V4L2_MPEG_VIDEO_VP9_PROFILE_0,
	}, {
		.cfg.id = V4L2_CID_MPEG_VIDEO_VP9_LEVEL,
		.cfg.min = V4L2_MPEG_VIDEO_VP9_LEVEL_1_0,
		.cfg.max = V4L2_MPEG_VIDEO_VP9_LEVEL_6_2,
		.cfg.def = V4L2_MPEG_VIDEO_VP9_LEVEL_6_2,
	},
};
