// SPDX-License-Identifier: GPL-2.0-only
/*
 * Held CAPTURE buffers: the two fields of a picture are two requests with one
 * timestamp. The first one has V4L2_BUF_FLAG_M2M_HOLD_CAPTURE_BUF set.
 *
 * v4l2-mem2mem implements this for drivers that complete their buffers when they
 * finish the job, and warns if others set its flag in the queue. This driver
 * finishes the m2m job early. So this file stores the flag of each OUTPUT buffer
 * and keeps the held CAPTURE buffer. While it keeps one, it tells v4l2-mem2mem
 * that a job may run although the CAPTURE queue is empty.
 */
#include "daedalus.h"

/**
 * daedalus_hold_note() - before VIDIOC_QBUF: does the OUTPUT buffer ask to hold?
 * @ctx:	the open file, with @lock held
 * @buf:	argument of the ioctl, not checked yet
 */
void daedalus_hold_note(struct daedalus_ctx *ctx, const struct v4l2_buffer *buf)
{
	struct vb2_queue *vq = v4l2_m2m_get_src_vq(ctx->fh.m2m_ctx);
	struct vb2_buffer *vb = vb2_get_buffer(vq, buf->index);

	/* VIDIOC_QBUF will refuse a buffer that is queued already; do not change its flag. */
	if (vb && vb->state == VB2_BUF_STATE_DEQUEUED)
		daedalus_to_buffer(vb)->hold = buf->flags & V4L2_BUF_FLAG_M2M_HOLD_CAPTURE_BUF;
}

/* stream->lock held: the held buffer gets no second field. */
static void release(struct daedalus_ctx *ctx)
{
	struct daedalus_stream *stream = ctx->stream;
	struct vb2_v4l2_buffer *held = stream->held;
	struct daedalus_jobentry *job;

	stream->held = NULL;
	v4l2_m2m_set_dst_buffered(ctx->fh.m2m_ctx, false);
	if (!held)
		return;
	/* Give it back with the last job that writes it, or now if that job has ended. */
	list_for_each_entry_reverse(job, &stream->jobs.jobs, node) {
		if (job->target == held) {
			job->dst = held;
			return;
		}
	}
	daedalus_capture_done(held, true);
}

/**
 * daedalus_hold_take() - take the buffers of the next job off the m2m queues
 * @ctx:		the open file that runs a job
 * @src:		its next OUTPUT buffer
 * @second_field:	set to whether @src is the second field of the held buffer
 *
 * A @src that was taken is daedalus_stream.taken until daedalus_hold_keep(), so that a
 * FLUSH finds it either in the m2m queue, there, or in the list of jobs.
 *
 * Return: the CAPTURE buffer: the held one for a second field, else the next of the
 * CAPTURE queue. NULL if that queue is empty: then @src stays queued and the job must
 * wait.
 */
struct vb2_v4l2_buffer *daedalus_hold_take(struct daedalus_ctx *ctx, struct vb2_v4l2_buffer *src,
					   bool *second_field)
{
	struct daedalus_stream *stream = ctx->stream;
	struct vb2_v4l2_buffer *dst;

	spin_lock(&stream->lock);
	dst = stream->held;
	*second_field = dst && dst->vb2_buf.timestamp == src->vb2_buf.timestamp;
	if (*second_field) {
		stream->held = NULL;
		v4l2_m2m_set_dst_buffered(ctx->fh.m2m_ctx, false);
	} else {
		release(ctx);
		dst = v4l2_m2m_dst_buf_remove(ctx->fh.m2m_ctx);
	}
	if (dst) {
		v4l2_m2m_src_buf_remove(ctx->fh.m2m_ctx);
		stream->taken = src;
	}
	spin_unlock(&stream->lock);
	return dst;
}

/**
 * daedalus_hold_keep() - hold the CAPTURE buffer of a job if its OUTPUT buffer asks for it
 * @stream:	the stream, with @lock held
 * @job:	just put in flight
 */
void daedalus_hold_keep(struct daedalus_stream *stream, struct daedalus_jobentry *job)
{
	stream->taken = NULL;
	if (!daedalus_to_buffer(&job->src->vb2_buf)->hold)
		return;
	stream->held = job->target;
	job->dst = NULL;
	v4l2_m2m_set_dst_buffered(stream->ctx->fh.m2m_ctx, true);
}

/**
 * daedalus_hold_release() - V4L2_DEC_CMD_FLUSH: let the held buffer go
 * @ctx: the open file, with @lock held
 *
 * If OUTPUT buffers are still queued, or one is becoming a job, the last of them will
 * not hold its CAPTURE buffer. Else the buffer that is held now is given back.
 */
void daedalus_hold_release(struct daedalus_ctx *ctx)
{
	struct daedalus_stream *stream = ctx->stream;
	struct vb2_v4l2_buffer *src;

	spin_lock(&stream->lock);
	src = v4l2_m2m_last_src_buf(ctx->fh.m2m_ctx) ?: stream->taken;
	if (src)
		daedalus_to_buffer(&src->vb2_buf)->hold = false;
	else
		release(ctx);
	spin_unlock(&stream->lock);
}

/**
 * daedalus_hold_abort() - a queue stops: give the held buffer back with an error
 * @ctx: the open file; its jobs in flight have ended already
 */
void daedalus_hold_abort(struct daedalus_ctx *ctx)
{
	struct daedalus_stream *stream = ctx->stream;

	spin_lock(&stream->lock);
	if (stream->held)
		v4l2_m2m_buf_done(stream->held, VB2_BUF_STATE_ERROR);
	stream->held = NULL;
	v4l2_m2m_set_dst_buffered(ctx->fh.m2m_ctx, false);
	spin_unlock(&stream->lock);
}
