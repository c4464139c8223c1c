// SPDX-License-Identifier: GPL-2.0-only
/*
 * Controls of an open file: create them, check the values that a client sets, and
 * copy the values into a job.
 */
#include <linux/slab.h>

#include "daedalus.h"
#include "daedalus-ctrls.h"

static struct daedalus_ctx *ctrl_to_ctx(struct v4l2_ctrl *ctrl)
{
	return container_of(ctrl->handler, struct daedalus_ctx, hdl);
}

/* The table entry of a control. */
static const struct daedalus_ctrl *ctrl_to_entry(const struct v4l2_ctrl *ctrl)
{
	return ctrl->priv;
}

/* The offer whose codec has control @entry; NULL if there is none. */
static const struct daedalus_offer *entry_to_offer(const struct daedalus_ctx *ctx,
						   const struct daedalus_ctrl *entry)
{
	const struct daedalus_node *node = ctx->node;
	unsigned int i;

	for (i = 0; i < node->num_offers; i++)
		if (daedalus_ctrl_find(node->offers[i].coded, entry->cfg.id) == entry)
			return &node->offers[i];
	return NULL;
}

static int try_ctrl(struct v4l2_ctrl *ctrl)
{
	const struct daedalus_ctrl *entry = ctrl_to_entry(ctrl);
	const struct daedalus_ctx *ctx = ctrl_to_ctx(ctrl);
	const struct daedalus_offer *offer = entry_to_offer(ctx, entry);

	if (WARN_ON_ONCE(!offer))
		return -EINVAL;
	if (entry->supported &&
	    !entry->supported(ctx->node->ddev->dev, offer, ctrl->p_new.p))
		return -EINVAL;
	return 0;
}

/*
 * Stores the bit depth, if the control is one of the chosen codec, and nothing else.
 * daedalus_sync_decoded() adapts the CAPTURE format later, because ctx->lock must not
 * be taken here. The control handler is locked.
 */
static int set_ctrl(struct v4l2_ctrl *ctrl)
{
	const struct daedalus_ctrl *entry = ctrl_to_entry(ctrl);
	struct daedalus_ctx *ctx = ctrl_to_ctx(ctrl);

	if (entry->depth && entry_to_offer(ctx, entry) == ctx->offer)
		WRITE_ONCE(ctx->depth, entry->depth(ctrl->p_new.p));
	return 0;
}

static const struct v4l2_ctrl_ops ctrl_ops = {
	.try_ctrl = try_ctrl,
	.s_ctrl = set_ctrl,
};

/* Leave out the menu items that the daemon cannot decode. */
static void restrict_menu(struct v4l2_ctrl_config *cfg, const struct daedalus_ctrl *entry,
			  const struct daedalus_offer *offer)
{
	if (!entry->items_10bit ||
	    daedalus_picture_format_nth(offer->capture_formats, 10, 0))
		return;
	cfg->menu_skip_mask |= entry->items_10bit;
	/* The ends of the range must be items. */
	while (cfg->max > cfg->min && cfg->menu_skip_mask & BIT_ULL(cfg->max))
		cfg->max--;
}

/**
 * daedalus_ctrls_init() - create the controls of all codecs of the node
 * @ctx: the open file, with @node set
 *
 * Return: 0 or -errno; on success ctx->hdl must be freed with v4l2_ctrl_handler_free().
 */
int daedalus_ctrls_init(struct daedalus_ctx *ctx)
{
	const struct daedalus_node *node = ctx->node;
	unsigned int i, j, n = 0;
	int ret = 0;

	for (i = 0; i < node->num_offers; i++)
		n += node->offers[i].coded->num_ctrls;

	v4l2_ctrl_handler_init(&ctx->hdl, n);
	for (i = 0; i < node->num_offers; i++) {
		const struct daedalus_coded_format *coded = node->offers[i].coded;

		for (j = 0; j < coded->num_ctrls; j++) {
			struct v4l2_ctrl_config cfg = coded->ctrls[j].cfg;

			cfg.ops = &ctrl_ops;
			restrict_menu(&cfg, &coded->ctrls[j], &node->offers[i]);
			/* The core does not note an error if it has no memory for an array. */
			if (!v4l2_ctrl_new_custom(&ctx->hdl, &cfg, (void *)&coded->ctrls[j]))
				ret = -ENOMEM;
		}
	}

	if (ctx->hdl.error)
		ret = ctx->hdl.error;
	if (ret)
		v4l2_ctrl_handler_free(&ctx->hdl);
	return ret;
}

/*
 * Why a request does not have control @id: the core reports no error when it sets an
 * array in a request and has no memory for it.
 */
static int missing_reason(struct v4l2_ctrl_handler *hdl, u32 id)
{
	struct v4l2_ctrl_ref *ref;
	int ret = -ENOENT;

	mutex_lock(hdl->lock);
	list_for_each_entry(ref, &hdl->ctrl_refs, node)
		if (ref->ctrl->id == id && ref->p_req_array_enomem)
			ret = -ENOMEM;
	mutex_unlock(hdl->lock);
	return ret;
}

/**
 * daedalus_ctrls_validate() - does a request have the controls that its codec requires?
 * @ctx:	the open file that the request's OUTPUT buffer belongs to
 * @req:	the request that is about to be queued
 *
 * Return: 0; -ENOENT if a required control is missing; -ENOMEM if the control framework
 * had no memory for its value.
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
			ret = missing_reason(hdl, id);
			dev_dbg(ctx->node->ddev->dev,
				"request refused: control 0x%x (%s) is missing: %d\n",
				id, v4l2_ctrl_get_name(id), ret);
		}
	}
	v4l2_ctrl_request_hdl_put(hdl);
	return ret;
}

/**
 * daedalus_ctrls_fit() - do the control values of a job agree with its payload?
 * @ctx:	the open file of the job
 * @msg:	complete, with the values that daedalus_ctrls_snapshot() took
 *
 * Called before the daemon can read the job. It checks exactly the values that
 * the daemon gets, including those that the client set without a request. If they
 * do not agree, the frame fails: clients take an error of MEDIA_REQUEST_IOC_QUEUE
 * for a broken device.
 *
 * Return: true if all values agree with the payload.
 */
bool daedalus_ctrls_fit(const struct daedalus_ctx *ctx, const struct daedalus_job *msg)
{
	const void *at = msg + 1;
	u32 i;

	for (i = 0; i < msg->num_controls; i++) {
		const struct daedalus_control *head = at;
		const struct daedalus_ctrl *entry = daedalus_ctrl_find(ctx->offer->coded,
								       head->id);

		if (WARN_ON_ONCE(!entry))
			return false;
		if (entry->fits &&
		    !entry->fits(ctx->node->ddev->dev, head + 1, head->size, msg->src.length))
			return false;
		at += sizeof(*head) + ALIGN(head->size, DAEDALUS_CONTROL_ALIGN);
	}
	return true;
}

/**
 * daedalus_ctrls_choose() - choose the coded format
 * @ctx:	the open file; its queues have no buffers
 * @offer:	the coded format
 *
 * The bit depth becomes the one in the values of the codec's controls, which may be
 * from an earlier stream.
 */
void daedalus_ctrls_choose(struct daedalus_ctx *ctx, const struct daedalus_offer *offer)
{
	const struct daedalus_coded_format *coded = offer->coded;
	const struct daedalus_ctrl *entry = NULL;
	struct v4l2_ctrl *ctrl = NULL;
	unsigned int i;

	for (i = 0; i < coded->num_ctrls; i++)
		if (coded->ctrls[i].depth)
			entry = &coded->ctrls[i];
	if (entry)
		ctrl = v4l2_ctrl_find(&ctx->hdl, entry->cfg.id);

	/* After this, set_ctrl() must not store the depth of the old codec. */
	mutex_lock(ctx->hdl.lock);
	ctx->offer = offer;
	WRITE_ONCE(ctx->depth, ctrl ? entry->depth(ctrl->p_cur.p) : 8);
	mutex_unlock(ctx->hdl.lock);
}

/**
 * daedalus_ctrls_max_size() - largest size of the control values of a job
 * @ctx: the open file, with the OUTPUT format set
 *
 * Return: the most bytes that daedalus_ctrls_snapshot() can write.
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
 * @ctx:	the open file
 * @to:		destination, aligned to 8 bytes
 * @size:	bytes at @to, daedalus_ctrls_max_size() of them
 * @used:	set to the number of bytes written
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
