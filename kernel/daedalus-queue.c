// SPDX-License-Identifier: GPL-2.0-only
/*
 * The two vb2 queues of an open file, and the validation of requests.
 */
#include <linux/dma-mapping.h>
#include <linux/slab.h>
#include <media/v4l2-mem2mem.h>
#include <media/videobuf2-dma-sg.h>
#include <media/videobuf2-v4l2.h>

#include "daedalus.h"
#include "daedalus-compat.h"

static struct v4l2_pix_format_mplane *queue_format(struct vb2_queue *vq)
{
	struct daedalus_ctx *ctx = vb2_get_drv_priv(vq);

	return V4L2_TYPE_IS_OUTPUT(vq->type) ? &ctx->coded : &ctx->decoded;
}

static int queue_setup(struct vb2_queue *vq, unsigned int *num_buffers, unsigned int *num_planes,
		       unsigned int sizes[], struct device *alloc_devs[])
{
	const struct v4l2_pix_format_mplane *pix = queue_format(vq);
	struct daedalus_ctx *ctx = vb2_get_drv_priv(vq);
	unsigned int i;

	if (!V4L2_TYPE_IS_OUTPUT(vq->type))
		daedalus_sync_decoded(ctx);

	if (*num_planes) {
		/* VIDIOC_CREATE_BUFS has sizes of its own; they may be larger. */
		if (*num_planes != pix->num_planes)
			return -EINVAL;
		for (i = 0; i < pix->num_planes; i++) {
			u32 max = V4L2_TYPE_IS_OUTPUT(vq->type) ? DAEDALUS_MAX_BITSTREAM :
				  daedalus_picture_max_size(pix, i, ctx->offer->max_width,
							    ctx->offer->max_height);

			if (sizes[i] >= pix->plane_fmt[i].sizeimage && sizes[i] <= max)
				continue;
			dev_dbg(ctx->node->ddev->dev,
				"VIDIOC_CREATE_BUFS refused: plane %u has %u bytes; %u are the least, %u the most\n",
				i, sizes[i], pix->plane_fmt[i].sizeimage, max);
			return -EINVAL;
		}
		return 0;
	}
	*num_planes = pix->num_planes;
	for (i = 0; i < pix->num_planes; i++)
		sizes[i] = pix->plane_fmt[i].sizeimage;
	return 0;
}

static void buf_cleanup(struct vb2_buffer *vb)
{
	struct daedalus_ctx *ctx = vb2_get_drv_priv(vb->vb2_queue);
	struct daedalus_buffer *buf = daedalus_to_buffer(vb);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(buf->refs); i++) {
		if (buf->refs[i])
			daedalus_stream_remove_buffer(ctx->stream, buf->refs[i]);
		buf->refs[i] = NULL;
	}
	kvfree(buf->job.msg);
	buf->job.msg = NULL;
}

/*
 * When an import fails, vb2 drops the buffer's memory without buf_cleanup(), and
 * because the buffer then has no memory, it frees the buffer without buf_cleanup()
 * too. So this is called after every operation that may import and has failed. The
 * lock of @vq is held.
 */
static void clean_up_dropped(struct vb2_queue *vq)
{
	unsigned int i;

	if (vq->memory != VB2_MEMORY_DMABUF)
		return;
	for (i = 0; i < VB2_MAX_FRAME; i++) {
		struct vb2_buffer *vb = vb2_get_buffer(vq, i);

		if (vb && !vb->planes[0].mem_priv)
			buf_cleanup(vb);
	}
}

/**
 * daedalus_queue_import_failed() - VIDIOC_QBUF or VIDIOC_PREPARE_BUF has failed
 * @ctx:	the open file, with @lock held
 * @type:	of the buffer, checked by the V4L2 core
 */
void daedalus_queue_import_failed(struct daedalus_ctx *ctx, u32 type)
{
	clean_up_dropped(v4l2_m2m_get_vq(ctx->fh.m2m_ctx, type));
}

/*
 * vb2 has zeroed new pages with the CPU and mapped them for the device without
 * writing the caches back, because it does that when a buffer is queued. Here no
 * buffer is synced then, see buf_prepare(). Without coherent caches, the first
 * DMA_BUF_IOCTL_SYNC of the daemon would discard the zeros and show what the memory
 * had before.
 */
static void write_back(struct vb2_buffer *vb)
{
	struct vb2_queue *vq = vb->vb2_queue;
	unsigned int i;

	/* The memory of dma-contig is coherent, and imported memory is the exporter's. */
	if (vb->memory != VB2_MEMORY_MMAP || vq->mem_ops != &vb2_dma_sg_memops)
		return;
	for (i = 0; i < vb->num_planes; i++)
		dma_sync_sgtable_for_device(vq->dev, vb2_dma_sg_plane_desc(vb, i), vq->dma_dir);
}

/* Called for new memory: allocated, or imported for the first time. */
static int buf_init(struct vb2_buffer *vb)
{
	struct daedalus_ctx *ctx = vb2_get_drv_priv(vb->vb2_queue);
	bool output = V4L2_TYPE_IS_OUTPUT(vb->vb2_queue->type);
	struct daedalus_buffer *buf = daedalus_to_buffer(vb);
	unsigned int i;
	int ret;

	if (output) {
		buf->job.capacity = sizeof(*buf->job.msg) + daedalus_ctrls_max_size(ctx);
		if (WARN_ON_ONCE(buf->job.capacity > DAEDALUS_MSG_MAX))
			return -EINVAL;
		buf->job.msg = kvzalloc(buf->job.capacity, GFP_KERNEL_ACCOUNT);
		if (!buf->job.msg)
			return -ENOMEM;
	}

	for (i = 0; i < vb->num_planes; i++) {
		struct daedalus_buffer_ref *ref;

		ref = daedalus_stream_add_buffer(ctx->stream, vb, i,
						 output ? DAEDALUS_USAGE_BITSTREAM :
							  DAEDALUS_USAGE_PICTURE);
		if (IS_ERR(ref)) {
			ret = PTR_ERR(ref);
			buf_cleanup(vb);
			return ret;
		}
		buf->refs[i] = ref;
	}
	write_back(vb);
	return 0;
}

static int buf_out_validate(struct vb2_buffer *vb)
{
	to_vb2_v4l2_buffer(vb)->field = V4L2_FIELD_NONE;
	return 0;
}

static int buf_prepare(struct vb2_buffer *vb)
{
	const struct v4l2_pix_format_mplane *pix = queue_format(vb->vb2_queue);
	bool output = V4L2_TYPE_IS_OUTPUT(vb->vb2_queue->type);
	struct daedalus_ctx *ctx = vb2_get_drv_priv(vb->vb2_queue);
	unsigned int i;

	if (vb->num_planes != pix->num_planes)
		return -EINVAL;
	daedalus_to_buffer(vb)->pix = *pix;
	daedalus_to_buffer(vb)->failed = false;
	daedalus_to_buffer(vb)->written = false;
	for (i = 0; i < pix->num_planes; i++) {
		/* An OUTPUT buffer may have any size; a CAPTURE buffer must hold a picture. */
		if (!output && vb2_plane_size(vb, i) < pix->plane_fmt[i].sizeimage) {
			dev_dbg(ctx->node->ddev->dev,
				"CAPTURE buffer %u plane %u has %lu bytes, the format needs %u\n",
				vb->index, i, vb2_plane_size(vb, i),
				pix->plane_fmt[i].sizeimage);
			return -EINVAL;
		}
		if (!output)
			vb2_set_plane_payload(vb, i, pix->plane_fmt[i].sizeimage);
	}

	/*
	 * The decoder is a CPU: it brackets its own access with
	 * DMA_BUF_IOCTL_SYNC, so vb2 need not sync caches for a device.
	 */
	vb->skip_cache_sync_on_prepare = 1;
	vb->skip_cache_sync_on_finish = 1;
	return 0;
}

static void buf_queue(struct vb2_buffer *vb)
{
	struct daedalus_ctx *ctx = vb2_get_drv_priv(vb->vb2_queue);

	v4l2_m2m_buf_queue(ctx->fh.m2m_ctx, to_vb2_v4l2_buffer(vb));
}

static void buf_request_complete(struct vb2_buffer *vb)
{
	struct daedalus_ctx *ctx = vb2_get_drv_priv(vb->vb2_queue);

	v4l2_ctrl_request_complete(vb->req_obj.req, &ctx->hdl);
}

static int start_streaming(struct vb2_queue *vq, unsigned int count)
{
	struct daedalus_ctx *ctx = vb2_get_drv_priv(vq);

	ctx->sequence[V4L2_TYPE_IS_OUTPUT(vq->type) ? 0 : 1] = 0;
	return 0;
}

static void stop_streaming(struct vb2_queue *vq)
{
	struct daedalus_ctx *ctx = vb2_get_drv_priv(vq);
	struct vb2_v4l2_buffer *vbuf;

	/* v4l2-mem2mem has made sure that device_run does not run any more. */
	if (V4L2_TYPE_IS_OUTPUT(vq->type)) {
		daedalus_jobs_flush(ctx->stream);
		daedalus_hold_abort(ctx);
		while ((vbuf = v4l2_m2m_src_buf_remove(ctx->fh.m2m_ctx))) {
			v4l2_ctrl_request_complete(vbuf->vb2_buf.req_obj.req, &ctx->hdl);
			v4l2_m2m_buf_done(vbuf, VB2_BUF_STATE_ERROR);
		}
	} else {
		daedalus_jobs_detach_capture(ctx->stream);
		daedalus_hold_abort(ctx);
		while ((vbuf = v4l2_m2m_dst_buf_remove(ctx->fh.m2m_ctx)))
			v4l2_m2m_buf_done(vbuf, VB2_BUF_STATE_ERROR);
	}
}

static const struct vb2_ops queue_ops = {
	.queue_setup = queue_setup,
	DAEDALUS_WAIT_OPS
	.buf_init = buf_init,
	.buf_cleanup = buf_cleanup,
	.buf_out_validate = buf_out_validate,
	.buf_prepare = buf_prepare,
	.buf_queue = buf_queue,
	.buf_request_complete = buf_request_complete,
	.start_streaming = start_streaming,
	.stop_streaming = stop_streaming,
};

static int init_queue(struct daedalus_ctx *ctx, struct vb2_queue *vq, enum v4l2_buf_type type)
{
	vq->type = type;
	vq->io_modes = VB2_MMAP | VB2_DMABUF;
	vq->drv_priv = ctx;
	vq->ops = &queue_ops;
	vq->mem_ops = daedalus_mem_ops();
	vq->buf_struct_size = sizeof(struct daedalus_buffer);
	vq->timestamp_flags = V4L2_BUF_FLAG_TIMESTAMP_COPY;
	vq->lock = &ctx->lock;
	vq->dev = ctx->node->ddev->dev;
	/*
	 * Buffers are charged to the client's memory cgroup. Those for a forged, huge
	 * frame size fail with -ENOMEM, without OOM killer.
	 */
	vq->gfp_flags = __GFP_RETRY_MAYFAIL | __GFP_ACCOUNT;
	/*
	 * Not requires_requests: v4l2-compliance streams without requests, and a
	 * buffer without a request is decoded with the current control values.
	 */
	vq->supports_requests = V4L2_TYPE_IS_OUTPUT(type);
	/* The CPU writes CAPTURE buffers, so their syncs must go both ways. */
	vq->bidirectional = !V4L2_TYPE_IS_OUTPUT(type);
	return vb2_queue_init(vq);
}

/**
 * daedalus_queue_init() - for v4l2_m2m_ctx_init()
 * @priv:	struct daedalus_ctx
 * @src_vq:	becomes the OUTPUT queue
 * @dst_vq:	becomes the CAPTURE queue
 *
 * Return: 0 or -errno.
 */
int daedalus_queue_init(void *priv, struct vb2_queue *src_vq, struct vb2_queue *dst_vq)
{
	int ret = init_queue(priv, src_vq, V4L2_BUF_TYPE_VIDEO_OUTPUT_MPLANE);

	return ret ? ret : init_queue(priv, dst_vq, V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE);
}

/*
 * Does the request have controls of another open file? Nothing would complete them, and
 * when this file is closed the media core counts a completed object of a queued request
 * as one that was not: it takes the request for complete, and warns when it frees it.
 */
static bool has_other_controls(struct daedalus_ctx *ctx, struct media_request *req)
{
	struct v4l2_ctrl_handler *hdl = v4l2_ctrl_request_hdl_find(req, &ctx->hdl);
	struct media_request_object *obj;
	bool found = false;

	if (!hdl)
		return false;
	list_for_each_entry(obj, &req->objects, list)
		found |= obj != &hdl->req_obj && !vb2_request_object_is_buffer(obj);
	v4l2_ctrl_request_hdl_put(hdl);
	return found;
}

/**
 * daedalus_request_validate() - media_device_ops.req_validate
 * @req: about to be queued
 *
 * Return: 0; -ENOENT if the OUTPUT buffer or a required control is missing, -ENOMEM if
 * the control framework had no memory for it; -EINVAL for more than one buffer, for
 * controls of another file, or when buf_prepare() refuses the buffer.
 */
int daedalus_request_validate(struct media_request *req)
{
	struct media_request_object *obj;
	struct daedalus_ctx *ctx = NULL;
	int ret;

	list_for_each_entry(obj, &req->objects, list) {
		if (vb2_request_object_is_buffer(obj)) {
			struct vb2_buffer *vb = container_of(obj, struct vb2_buffer, req_obj);

			ctx = vb2_get_drv_priv(vb->vb2_queue);
			break;
		}
	}
	if (!ctx)
		return -ENOENT;
	if (vb2_request_buffer_cnt(req) > 1)
		return -EINVAL;
	ret = daedalus_ctrls_validate(ctx, req);
	if (ret)
		return ret;
	if (has_other_controls(ctx, req))
		return -EINVAL;
	ret = vb2_request_validate(req);
	if (ret) {
		mutex_lock(&ctx->lock);
		clean_up_dropped(v4l2_m2m_get_src_vq(ctx->fh.m2m_ctx));
		mutex_unlock(&ctx->lock);
	}
	return ret;
}
