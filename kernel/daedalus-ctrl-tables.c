// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tables of the stateless controls, one per codec. They name only what the
 * daemon decodes: 4:2:0 with 8 or 10 bits per sample.
 *
 * V4L2_CID_STATELESS_VP9_COMPRESSED_HDR is left out on purpose: clients send
 * it only to drivers that have it, and the frame itself holds that header.
 */
#include "daedalus-ctrls.h"

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
