// SPDX-License-Identifier: GPL-2.0-only
/*
 * The video node: files, formats and the other ioctls that are not queue
 * operations. See "Memory-to-Memory Stateless Video Decoder Interface" in the
 * kernel's userspace API documentation.
 *
 * The core takes ctx->lock for queue operations and no lock for others, so no client
 * waits for the ioctl of another one.
 */
#include <linux/capability.h>
#include <linux/uidgid.h>

#include <media/v4l2-event.h>
#include <media/v4l2-ioctl.h>

#include "daedalus.h"
#include "daedalus-compat.h"

static const struct daedalus_offer *find_offer(const struct daedalus_node *node, u32 pixelformat)
{
	unsigned int i;

	for (i = 0; i < node->num_offers; i++)
		if (node->offers[i].coded->pixelformat == pixelformat)
			return &node->offers[i];
	return NULL;
}

static void set_default_colorimetry(struct v4l2_pix_format_mplane *pix)
{
	pix->colorspace = V4L2_COLORSPACE_REC709;
	pix->ycbcr_enc = V4L2_YCBCR_ENC_DEFAULT;
	pix->quantization = V4L2_QUANTIZATION_DEFAULT;
	pix->xfer_func = V4L2_XFER_FUNC_DEFAULT;
}

static void copy_colorimetry(struct v4l2_pix_format_mplane *to,
			     const struct v4l2_pix_format_mplane *from)
{
	to->colorspace = from->colorspace;
	to->ycbcr_enc = from->ycbcr_enc;
	to->quantization = from->quantization;
	to->xfer_func = from->xfer_func;
}

static bool queue_is_busy(const struct daedalus_ctx *ctx, enum v4l2_buf_type type)
{
	return vb2_is_busy(v4l2_m2m_get_vq(ctx->fh.m2m_ctx, type));
}

/*
 * Complete a CAPTURE format; ctx->lock held. A pixel format that is unknown or has
 * another bit depth than the stream becomes the default one of that depth. There
 * always is one: try_ctrl() refuses a bit depth without a CAPTURE format. A picture
 * may have margins, but is not smaller than the frames of the stream.
 */
static void fill_decoded(const struct daedalus_ctx *ctx, struct v4l2_pix_format_mplane *pix)
{
	const struct daedalus_picture_format *fmt = daedalus_picture_format_find(pix->pixelformat);

	if (!fmt || fmt->depth != READ_ONCE(ctx->depth) ||
	    !(fmt->bit & ctx->offer->capture_formats))
		fmt = daedalus_picture_format_nth(ctx->offer->capture_formats,
						  READ_ONCE(ctx->depth), 0);
	daedalus_picture_fill(pix, fmt, max(pix->width, ctx->coded.width),
			      max(pix->height, ctx->coded.height),
			      ctx->offer->max_width, ctx->offer->max_height);
	copy_colorimetry(pix, &ctx->coded);
}

static bool capture_streams(const struct daedalus_ctx *ctx)
{
	return vb2_is_streaming(v4l2_m2m_get_vq(ctx->fh.m2m_ctx,
						V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE));
}

/* ctx->lock held. The pixel format follows the bit depth, but not while CAPTURE streams. */
static void resize_decoded(struct daedalus_ctx *ctx, u32 width, u32 height)
{
	struct v4l2_pix_format_mplane pix = ctx->decoded;

	pix.width = width;
	pix.height = height;
	fill_decoded(ctx, &pix);
	if (pix.pixelformat != ctx->decoded.pixelformat && capture_streams(ctx))
		daedalus_picture_fill(&pix, daedalus_picture_format_find(ctx->decoded.pixelformat),
				      width, height, ctx->offer->max_width,
				      ctx->offer->max_height);
	ctx->decoded = pix;
}

/**
 * daedalus_sync_decoded() - let the CAPTURE format follow the stream's bit depth
 * @ctx: the open file, with @lock held
 *
 * Does nothing while CAPTURE streams.
 */
void daedalus_sync_decoded(struct daedalus_ctx *ctx)
{
	resize_decoded(ctx, ctx->decoded.width, ctx->decoded.height);
}

static void set_default_formats(struct daedalus_ctx *ctx)
{
	ctx->offer = &ctx->node->offers[0];
	ctx->depth = 8;
	ctx->coded.width = 320;
	ctx->coded.height = 240;
	set_default_colorimetry(&ctx->coded);
	daedalus_bitstream_fill(&ctx->coded, ctx->offer);
	ctx->decoded.width = ctx->coded.width;
	ctx->decoded.height = ctx->coded.height;
	fill_decoded(ctx, &ctx->decoded);
}

static int vidioc_querycap(struct file *file, void *priv, struct v4l2_capability *cap)
{
	strscpy(cap->driver, DAEDALUS_NAME, sizeof(cap->driver));
	strscpy(cap->card, "Daedalus stateless decoder", sizeof(cap->card));
	strscpy(cap->bus_info, "platform:" DAEDALUS_NAME, sizeof(cap->bus_info));
	return 0;
}

static int vidioc_enum_fmt_vid_out(struct file *file, void *priv, struct v4l2_fmtdesc *desc)
{
	const struct daedalus_node *node = daedalus_file_to_ctx(file)->node;

	if (desc->index >= node->num_offers)
		return -EINVAL;
	desc->pixelformat = node->offers[desc->index].coded->pixelformat;
	return 0;
}

static int vidioc_enum_fmt_vid_cap(struct file *file, void *priv, struct v4l2_fmtdesc *desc)
{
	struct daedalus_ctx *ctx = daedalus_file_to_ctx(file);
	const struct daedalus_picture_format *fmt;
	unsigned int depth = READ_ONCE(ctx->depth);

#ifdef V4L2_FMTDESC_FLAG_ENUM_ALL
	if (desc->index & V4L2_FMTDESC_FLAG_ENUM_ALL) {
		desc->index &= ~V4L2_FMTDESC_FLAG_ENUM_ALL;
		depth = 0;
	}
#endif
	mutex_lock(&ctx->lock);
	fmt = daedalus_picture_format_nth(ctx->offer->capture_formats, depth, desc->index);
	mutex_unlock(&ctx->lock);
	if (!fmt)
		return -EINVAL;
	desc->pixelformat = fmt->pixelformat;
	return 0;
}

static int vidioc_enum_framesizes(struct file *file, void *priv, struct v4l2_frmsizeenum *size)
{
	const struct daedalus_offer *offer = find_offer(daedalus_file_to_ctx(file)->node,
							size->pixel_format);

	if (size->index || !offer)
		return -EINVAL;
	size->type = V4L2_FRMSIZE_TYPE_CONTINUOUS;
	size->stepwise.min_width = DAEDALUS_MIN_SIZE;
	size->stepwise.max_width = offer->max_width;
	size->stepwise.step_width = 1;
	size->stepwise.min_height = DAEDALUS_MIN_SIZE;
	size->stepwise.max_height = offer->max_height;
	size->stepwise.step_height = 1;
	return 0;
}

static int vidioc_g_fmt_vid_out(struct file *file, void *priv, struct v4l2_format *f)
{
	struct daedalus_ctx *ctx = daedalus_file_to_ctx(file);

	mutex_lock(&ctx->lock);
	f->fmt.pix_mp = ctx->coded;
	mutex_unlock(&ctx->lock);
	return 0;
}

static int vidioc_g_fmt_vid_cap(struct file *file, void *priv, struct v4l2_format *f)
{
	struct daedalus_ctx *ctx = daedalus_file_to_ctx(file);

	mutex_lock(&ctx->lock);
	daedalus_sync_decoded(ctx);
	f->fmt.pix_mp = ctx->decoded;
	mutex_unlock(&ctx->lock);
	return 0;
}

static int vidioc_try_fmt_vid_out(struct file *file, void *priv, struct v4l2_format *f)
{
	const struct daedalus_node *node = daedalus_file_to_ctx(file)->node;
	const struct daedalus_offer *offer = find_offer(node, f->fmt.pix_mp.pixelformat);

	daedalus_bitstream_fill(&f->fmt.pix_mp, offer ? offer : &node->offers[0]);
	if (f->fmt.pix_mp.colorspace == V4L2_COLORSPACE_DEFAULT)
		set_default_colorimetry(&f->fmt.pix_mp);
	return 0;
}

static int vidioc_try_fmt_vid_cap(struct file *file, void *priv, struct v4l2_format *f)
{
	struct daedalus_ctx *ctx = daedalus_file_to_ctx(file);

	mutex_lock(&ctx->lock);
	fill_decoded(ctx, &f->fmt.pix_mp);
	mutex_unlock(&ctx->lock);
	return 0;
}

static int vidioc_s_fmt_vid_out(struct file *file, void *priv, struct v4l2_format *f)
{
	struct daedalus_ctx *ctx = daedalus_file_to_ctx(file);
	const struct daedalus_offer *offer;
	bool busy;
	int ret = 0;

	vidioc_try_fmt_vid_out(file, priv, f);
	mutex_lock(&ctx->lock);
	/*
	 * Any frame may change the size in mid-stream, with buffers in both
	 * queues. The codec can change only while both have no buffers.
	 */
	busy = queue_is_busy(ctx, V4L2_BUF_TYPE_VIDEO_OUTPUT_MPLANE);
	if (f->fmt.pix_mp.pixelformat != ctx->coded.pixelformat &&
	    (busy || queue_is_busy(ctx, V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE))) {
		ret = -EBUSY;
		goto unlock;
	}
	/* The OUTPUT buffers keep their size. */
	if (busy)
		f->fmt.pix_mp.plane_fmt[0] = ctx->coded.plane_fmt[0];
	ctx->coded = f->fmt.pix_mp;
	offer = find_offer(ctx->node, ctx->coded.pixelformat);
	if (offer != ctx->offer)
		daedalus_ctrls_choose(ctx, offer);
	resize_decoded(ctx, ctx->coded.width, ctx->coded.height);
unlock:
	mutex_unlock(&ctx->lock);
	return ret;
}

static int vidioc_s_fmt_vid_cap(struct file *file, void *priv, struct v4l2_format *f)
{
	struct daedalus_ctx *ctx = daedalus_file_to_ctx(file);
	int ret = 0;

	mutex_lock(&ctx->lock);
	fill_decoded(ctx, &f->fmt.pix_mp);
	/*
	 * A buffer takes the format that is current when it is queued and must be
	 * large enough for it, so buffers of the old size may still be queued.
	 */
	if (f->fmt.pix_mp.pixelformat != ctx->decoded.pixelformat &&
	    capture_streams(ctx))
		ret = -EBUSY;
	else
		ctx->decoded = f->fmt.pix_mp;
	mutex_unlock(&ctx->lock);
	return ret;
}

/* OUTPUT buffers can hold their CAPTURE buffer, see daedalus-hold.c. */
static int vidioc_reqbufs(struct file *file, void *priv, struct v4l2_requestbuffers *req)
{
	int ret = v4l2_m2m_ioctl_reqbufs(file, priv, req);

	if (V4L2_TYPE_IS_OUTPUT(req->type))
		req->capabilities |= V4L2_BUF_CAP_SUPPORTS_M2M_HOLD_CAPTURE_BUF;
	return ret;
}

static int vidioc_create_bufs(struct file *file, void *priv, struct v4l2_create_buffers *create)
{
	int ret = v4l2_m2m_ioctl_create_bufs(file, priv, create);

	if (V4L2_TYPE_IS_OUTPUT(create->format.type))
		create->capabilities |= V4L2_BUF_CAP_SUPPORTS_M2M_HOLD_CAPTURE_BUF;
	return ret;
}

static int vidioc_qbuf(struct file *file, void *priv, struct v4l2_buffer *buf)
{
	struct daedalus_ctx *ctx = daedalus_file_to_ctx(file);
	int ret;

	if (V4L2_TYPE_IS_OUTPUT(buf->type))
		daedalus_hold_note(ctx, buf);
	ret = v4l2_m2m_ioctl_qbuf(file, priv, buf);
	if (ret)
		daedalus_queue_import_failed(ctx, buf->type);
	return ret;
}

static int vidioc_prepare_buf(struct file *file, void *priv, struct v4l2_buffer *buf)
{
	int ret = v4l2_m2m_ioctl_prepare_buf(file, priv, buf);

	if (ret)
		daedalus_queue_import_failed(daedalus_file_to_ctx(file), buf->type);
	return ret;
}

static int vidioc_decoder_cmd(struct file *file, void *priv, struct v4l2_decoder_cmd *cmd)
{
	struct daedalus_ctx *ctx = daedalus_file_to_ctx(file);
	int ret;

	mutex_lock(&ctx->lock);
	ret = v4l2_m2m_ioctl_stateless_decoder_cmd(file, priv, cmd);
	if (!ret)
		daedalus_hold_release(ctx);
	mutex_unlock(&ctx->lock);
	return ret;
}

const struct v4l2_ioctl_ops daedalus_ioctl_ops = {
	.vidioc_querycap = vidioc_querycap,
	.vidioc_enum_framesizes = vidioc_enum_framesizes,

	.vidioc_enum_fmt_vid_out = vidioc_enum_fmt_vid_out,
	.vidioc_g_fmt_vid_out_mplane = vidioc_g_fmt_vid_out,
	.vidioc_try_fmt_vid_out_mplane = vidioc_try_fmt_vid_out,
	.vidioc_s_fmt_vid_out_mplane = vidioc_s_fmt_vid_out,

	.vidioc_enum_fmt_vid_cap = vidioc_enum_fmt_vid_cap,
	.vidioc_g_fmt_vid_cap_mplane = vidioc_g_fmt_vid_cap,
	.vidioc_try_fmt_vid_cap_mplane = vidioc_try_fmt_vid_cap,
	.vidioc_s_fmt_vid_cap_mplane = vidioc_s_fmt_vid_cap,

	.vidioc_reqbufs = vidioc_reqbufs,
	.vidioc_querybuf = v4l2_m2m_ioctl_querybuf,
	.vidioc_qbuf = vidioc_qbuf,
	.vidioc_dqbuf = v4l2_m2m_ioctl_dqbuf,
	.vidioc_prepare_buf = vidioc_prepare_buf,
	.vidioc_create_bufs = vidioc_create_bufs,
	DAEDALUS_REMOVE_BUFS
	.vidioc_expbuf = v4l2_m2m_ioctl_expbuf,
	.vidioc_streamon = v4l2_m2m_ioctl_streamon,
	.vidioc_streamoff = v4l2_m2m_ioctl_streamoff,

	.vidioc_decoder_cmd = vidioc_decoder_cmd,
	.vidioc_try_decoder_cmd = v4l2_m2m_ioctl_stateless_try_decoder_cmd,

	.vidioc_subscribe_event = v4l2_ctrl_subscribe_event,
	.vidioc_unsubscribe_event = v4l2_event_unsubscribe,
};

/* Put the stream on the device's list unless there are too many. */
static int admit(struct daedalus_dev *ddev, struct daedalus_stream *stream)
{
	unsigned int max = READ_ONCE(daedalus_max_streams);
	unsigned int max_user = READ_ONCE(daedalus_max_streams_per_user);
	struct daedalus_stream *other;
	unsigned int all = 0, users = 0;
	int ret = 0;

	mutex_lock(&ddev->lock);
	list_for_each_entry(other, &ddev->streams, dev_node) {
		all++;
		users += uid_eq(other->uid, stream->uid);
	}
	if (all >= max) {
		dev_info_ratelimited(ddev->dev,
				     "stream refused: %u are open; the parameter max_streams is %u\n",
				     all, max);
		ret = -ENFILE;
	} else if (users >= max_user && !capable(CAP_SYS_RESOURCE)) {
		dev_info_ratelimited(ddev->dev,
				     "stream refused: user %u has %u open; the parameter max_streams_per_user is %u\n",
				     from_kuid(&init_user_ns, stream->uid), users, max_user);
		ret = -EMFILE;
	} else {
		list_add_tail(&stream->dev_node, &ddev->streams);
	}
	mutex_unlock(&ddev->lock);
	return ret;
}

static int daedalus_open(struct file *file)
{
	struct daedalus_node *node = video_drvdata(file);
	struct daedalus_dev *ddev = node->ddev;
	struct daedalus_ctx *ctx = kzalloc_obj(*ctx);
	int ret;

	if (!ctx)
		return -ENOMEM;
	ctx->node = node;
	mutex_init(&ctx->lock);

	ctx->stream = daedalus_stream_create(ddev, ctx);
	if (!ctx->stream) {
		ret = -ENOMEM;
		goto free_ctx;
	}
	ret = daedalus_ctrls_init(ctx);
	if (ret)
		goto put_stream;

	v4l2_fh_init(&ctx->fh, &node->vdev);
	ctx->fh.ctrl_handler = &ctx->hdl;
	ctx->fh.m2m_ctx = v4l2_m2m_ctx_init(node->m2m_dev, ctx, daedalus_queue_init);
	if (IS_ERR(ctx->fh.m2m_ctx)) {
		ret = PTR_ERR(ctx->fh.m2m_ctx);
		goto exit_fh;
	}
	set_default_formats(ctx);
	ret = admit(ddev, ctx->stream);
	if (ret)
		goto release_m2m;
	daedalus_fh_add(&ctx->fh, file);
	atomic_inc(&ddev->counters.contexts);
	return 0;

release_m2m:
	v4l2_m2m_ctx_release(ctx->fh.m2m_ctx);
exit_fh:
	v4l2_fh_exit(&ctx->fh);
	v4l2_ctrl_handler_free(&ctx->hdl);
put_stream:
	daedalus_stream_end(ctx->stream);
	daedalus_stream_put(ctx->stream);
free_ctx:
	mutex_destroy(&ctx->lock);
	kfree(ctx);
	return ret;
}

static int daedalus_release(struct file *file)
{
	struct daedalus_ctx *ctx = daedalus_file_to_ctx(file);
	struct daedalus_dev *ddev = ctx->node->ddev;

	/* Take the stream off the list first: then the daemon's ioctls do not find the ctx. */
	mutex_lock(&ddev->lock);
	list_del_init(&ctx->stream->dev_node);
	mutex_unlock(&ddev->lock);

	daedalus_jobs_stop(ctx, file);
	/* Free the queues before the controls: requests in the queues use the controls. */
	v4l2_m2m_ctx_release(ctx->fh.m2m_ctx);
	daedalus_stream_end(ctx->stream);
	daedalus_stream_put(ctx->stream);
	daedalus_fh_del(&ctx->fh, file);
	v4l2_fh_exit(&ctx->fh);
	daedalus_ctrls_unbind(&ctx->hdl);
	v4l2_ctrl_handler_free(&ctx->hdl);
	mutex_destroy(&ctx->lock);
	atomic_dec(&ddev->counters.contexts);
	kfree(ctx);
	return 0;
}

const struct v4l2_file_operations daedalus_fops = {
	.owner = THIS_MODULE,
	.open = daedalus_open,
	.release = daedalus_release,
	.poll = v4l2_m2m_fop_poll,
	.unlocked_ioctl = daedalus_video_ioctl,
	.mmap = v4l2_m2m_fop_mmap,
};
