// SPDX-License-Identifier: GPL-2.0-only
/*
 * Controls of an open file: creation, checks of what a client sets, and the
 * snapshot of their values that goes with a job.
 */
#include <linux/slab.h>

#include "daedalus.h"
#include "daedalus-ctrls.h"

static struct daedalus_ctx *ctrl_to_ctx(struct v4l2_ctrl *ctrl)
{
	return container_of(ctrl->handler, struct daedalus_ctx, hdl);
}

static const struct daedalus_offer *find_offer(const struct daedalus_ctx *ctx, u32 pixelformat)
{
	unsigned int i;

	for (i = 0; i < ctx->node->num_offers; i++)
		if (ctx->node->offers[i].coded->pixelformat == pixelformat)
			return &ctx->node->offers[i];
	return NULL;
}

static unsigned int h264_depth(const struct v4l2_ctrl_h264_sps *sps)
{
	return sps->bit_depth_luma_minus8 + 8;
}

/* Section 6.2 and 7.2 of the VP9 specification; what the core checked is not checked again. */
static int try_vp9_frame(const struct daedalus_ctx *ctx, const struct v4l2_ctrl_vp9_frame *frame)
{
	const struct daedalus_offer *offer = find_offer(ctx, V4L2_PIX_FMT_VP9_FRAME);
	const u32 subsampled = V4L2_VP9_FRAME_FLAG_X_SUBSAMPLING |
			       V4L2_VP9_FRAME_FLAG_Y_SUBSAMPLING;

	if ((frame->flags & subsampled) != subsampled ||
	    !daedalus_picture_format_nth(offer->capture_formats, frame->bit_depth, 0) ||
	    frame->frame_width_minus_1 >= offer->max_width ||
	    frame->frame_height_minus_1 >= offer->max_height) {
		dev_dbg(ctx->node->ddev->dev,
			"VP9 frame refused: profile %u, %u bit, flags 0x%x, %ux%u; supported are 4:2:0 with the bit depths of the CAPTURE formats up to %ux%u\n",
			frame->profile, frame->bit_depth, frame->flags,
			frame->frame_width_minus_1 + 1, frame->frame_height_minus_1 + 1,
			offer->max_width, offer->max_height);
		return -EINVAL;
	}
	return 0;
}

/* Section 7.4.2.1.1 of the H.264 specification; what the core checked is not checked again. */
static int try_h264_sps(const struct daedalus_ctx *ctx, const struct v4l2_ctrl_h264_sps *sps)
{
	const struct daedalus_offer *offer = find_offer(ctx, V4L2_PIX_FMT_H264_SLICE);
	bool frames = sps->flags & V4L2_H264_SPS_FLAG_FRAME_MBS_ONLY;
	u32 width = 16 * (sps->pic_width_in_mbs_minus1 + 1);
	u32 height = 16 * (sps->pic_height_in_map_units_minus1 + 1) * (frames ? 1 : 2);
	bool monochrome = !sps->chroma_format_idc;

	if (sps->chroma_format_idc > 1 ||
	    (!monochrome && sps->bit_depth_luma_minus8 != sps->bit_depth_chroma_minus8) ||
	    !daedalus_picture_format_nth(offer->capture_formats, h264_depth(sps), 0) ||
	    width > offer->max_width || height > offer->max_height) {
		dev_dbg(ctx->node->ddev->dev,
			"H.264 SPS refused: profile_idc %u, chroma_format_idc %u, %u bit luma, %u bit chroma, %ux%u; supported are 4:2:0 and monochrome with the bit depths of the CAPTURE formats up to %ux%u\n",
			sps->profile_idc, sps->chroma_format_idc, sps->bit_depth_luma_minus8 + 8,
			sps->bit_depth_chroma_minus8 + 8, width, height, offer->max_width,
			offer->max_height);
		return -EINVAL;
	}
	return 0;
}

static int try_ctrl(struct v4l2_ctrl *ctrl)
{
	switch (ctrl->id) {
	case V4L2_CID_STATELESS_H264_SPS:
		return try_h264_sps(ctrl_to_ctx(ctrl), ctrl->p_new.p_h264_sps);
	case V4L2_CID_STATELESS_VP9_FRAME:
		return try_vp9_frame(ctrl_to_ctx(ctrl), ctrl->p_new.p_vp9_frame);
	default:
		return 0;
	}
}

/*
 * Only notes the bit depth: the CAPTURE format follows when it is next looked
 * at (daedalus_sync_decoded()), as ctx->lock must not be taken in here.
 */
static int set_ctrl(struct v4l2_ctrl *ctrl)
{
	switch (ctrl->id) {
	case V4L2_CID_STATELESS_H264_SPS:
		WRITE_ONCE(ctrl_to_ctx(ctrl)->depth, h264_depth(ctrl->p_new.p_h264_sps));
		return 0;
	case V4L2_CID_STATELESS_VP9_FRAME:
		WRITE_ONCE(ctrl_to_ctx(ctrl)->depth, ctrl->p_new.p_vp9_frame->bit_depth);
		return 0;
	default:
		return 0;
	}
}

static const struct v4l2_ctrl_ops ctrl_ops = {
	.try_ctrl = try_ctrl,
	.s_ctrl = set_ctrl,
};

/**
 * daedalus_ctrls_init() - create the controls of all codecs of the node
 * @ctx: with @node set
 *
 * Return: 0 or -errno; on success ctx->hdl must be freed with v4l2_ctrl_handler_free().
 */
int daedalus_ctrls_init(struct daedalus_ctx *ctx)
{
	const struct daedalus_node *node = ctx->node;
	unsigned int i, j, n = 0;
	int ret;

	for (i = 0; i < node->num_offers; i++)
		n += node->offers[i].coded->num_ctrls;

	v4l2_ctrl_handler_init(&ctx->hdl, n);
	for (i = 0; i < node->num_offers; i++) {
		const struct daedalus_coded_format *coded = node->offers[i].coded;

		for (j = 0; j < coded->num_ctrls; j++) {
			struct v4l2_ctrl_config cfg = coded->ctrls[j].cfg;

			cfg.ops = &ctrl_ops;
			v4l2_ctrl_new_custom(&ctx->hdl, &cfg, NULL);
		}
	}

	ret = ctx->hdl.error;
	if (ret)
		v4l2_ctrl_handler_free(&ctx->hdl);
	return ret;
}

/**
 * daedalus_ctrls_validate() - does a request carry what its codec requires?
 * @ctx:	the file whose OUTPUT buffer the request holds
 * @req:	about to be queued
 *
 * Return: 0, or -ENOENT if a required control is missing.
 */
int daedalus_ctrls_validate(struct daedalus_ctx *ctx, struct media_request *req)
{
	const struct daedalus_coded_format *coded = ctx->offer->coded;
	struct v4l2_ctrl_handler *hdl = v4l2_ctrl_request_hdl_find(req, &ctx->hdl);
	unsigned int i;
	int ret = 0;

	if (!hdl)
		return -ENOENT;
	for (i = 0; i < coded->num_ctrls && !ret; i++) {
		u32 id = coded->ctrls[i].cfg.id;

		if (coded->ctrls[i].required && !v4l2_ctrl_request_hdl_ctrl_find(hdl, id)) {
			dev_dbg(ctx->node->ddev->dev,
				"request refused: control 0x%x (%s) is missing\n",
				id, v4l2_ctrl_get_name(id));
			ret = -ENOENT;
		}
	}
	v4l2_ctrl_request_hdl_put(hdl);
	return ret;
}

/**
 * daedalus_ctrls_max_size() - room for the control values of a job
 * @ctx: with the OUTPUT format set
 *
 * Return: bytes that daedalus_ctrls_snapshot() needs at most.
 */
size_t daedalus_ctrls_max_size(const struct daedalus_ctx *ctx)
{
	const struct daedalus_coded_format *coded = ctx->offer->coded;
	size_t size = 0;
	unsigned int i;

	for (i = 0; i < coded->num_ctrls; i++) {
		struct v4l2_ctrl *ctrl;
		size_t elems;

		if (!coded->ctrls[i].job)
			continue;
		ctrl = v4l2_ctrl_find((struct v4l2_ctrl_handler *)&ctx->hdl,
				      coded->ctrls[i].cfg.id);
		elems = max_t(size_t, ctrl->elems, coded->ctrls[i].cfg.dims[0]);
		size += sizeof(struct daedalus_control) +
			ALIGN(elems * ctrl->elem_size, DAEDALUS_CONTROL_ALIGN);
	}
	return size;
}

/**
 * daedalus_ctrls_snapshot() - copy the current values for a job
 * @ctx:	whose controls
 * @to:		aligned to 8 bytes
 * @size:	bytes at @to, daedalus_ctrls_max_size()
 * @used:	bytes written
 *
 * Return: number of controls copied.
 */
u32 daedalus_ctrls_snapshot(struct daedalus_ctx *ctx, void *to, size_t size, size_t *used)
{
	const struct daedalus_coded_format *coded = ctx->offer->coded;
	unsigned int i;
	u32 n = 0;

	*used = 0;
	for (i = 0; i < coded->num_ctrls; i++) {
		struct daedalus_control *head = to + *used;
		struct v4l2_ctrl *ctrl;
		size_t bytes, total;

		if (!coded->ctrls[i].job)
			continue;
		ctrl = v4l2_ctrl_find(&ctx->hdl, coded->ctrls[i].cfg.id);
		v4l2_ctrl_lock(ctrl);
		bytes = (size_t)ctrl->elems * ctrl->elem_size;
		total = sizeof(*head) + ALIGN(bytes, DAEDALUS_CONTROL_ALIGN);
		if (!WARN_ON_ONCE(total > size - *used)) {
			head->id = ctrl->id;
			head->size = bytes;
			memset(head + 1, 0, total - sizeof(*head));
			memcpy(head + 1, ctrl->p_cur.p, bytes);
			*used += total;
			n++;
		}
		v4l2_ctrl_unlock(ctrl);
	}
	return n;
}
