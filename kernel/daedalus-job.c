// SPDX-License-Identifier: GPL-2.0-only
/*
 * The life of a job: taken off the m2m queues, handed to the daemon, completed
 * in submission order.
 *
 * v4l2-mem2mem has one running job per device and waits for its end without a
 * timeout. So device_run only moves the buffers to the stream's own list and
 * finishes the m2m job at once. After that every wait has an end that the
 * kernel decides: a reply, the deadline, STREAMOFF, or the daemon's fd closing.
 */
#include <linux/jiffies.h>
#include <linux/slab.h>
#include <linux/wait_bit.h>

#include "daedalus.h"
#include "daedalus_trace.h"

/**
 * daedalus_capture_done() - give a CAPTURE buffer back
 * @dst:	owned by the driver; with the lock of its stream held
 * @ok:		the last job that wrote it succeeded
 *
 * A buffer with an error and no bytes used has no picture, but an old one or none.
 */
void daedalus_capture_done(struct vb2_v4l2_buffer *dst, bool ok)
{
	const struct daedalus_buffer *buffer = daedalus_to_buffer(&dst->vb2_buf);
	unsigned int i;

	ok = ok && !buffer->failed;
	for (i = 0; !ok && !buffer->written && i < dst->vb2_buf.num_planes; i++)
		vb2_set_plane_payload(&dst->vb2_buf, i, 0);
	v4l2_m2m_buf_done(dst, ok ? VB2_BUF_STATE_DONE : VB2_BUF_STATE_ERROR);
}

/* stream->lock held */
static void complete_job(struct daedalus_stream *stream, struct daedalus_jobentry *job)
{
	struct daedalus_counters *counters = &stream->ddev->counters;
	bool ok = job->status == DAEDALUS_STATUS_OK;
	struct vb2_v4l2_buffer *src = job->src;
	struct vb2_v4l2_buffer *dst = job->dst;

	trace_daedalus_job_done(stream->session, job);
	atomic_dec(&counters->jobs);
	atomic64_inc(ok ? &counters->done : &counters->failed);
	(*(ok ? &stream->done : &stream->failed))++;
	daedalus_latency_add(&stream->latency, ktime_us_delta(ktime_get(), job->queued));

	/*
	 * CAPTURE first: a client that sees its request complete may expect the
	 * picture to be there. @job is a member of the OUTPUT buffer, which may be
	 * freed as soon as it is done.
	 */
	if (job->target && !ok)
		daedalus_to_buffer(&job->target->vb2_buf)->failed = true;
	if (job->target && job->written)
		daedalus_to_buffer(&job->target->vb2_buf)->written = true;
	job->src = NULL;
	job->dst = NULL;
	job->target = NULL;
	if (dst)
		daedalus_capture_done(dst, ok);
	v4l2_m2m_buf_done(src, VB2_BUF_STATE_DONE);
}

/* Jiffies until the deadline of the oldest job; 0 if it is over. */
static unsigned long time_left(const struct daedalus_jobentry *job)
{
	unsigned long limit = msecs_to_jiffies(READ_ONCE(daedalus_deadline_ms));
	unsigned long spent = jiffies - job->start;

	return spent < limit ? limit - spent : 0;
}

/* stream->lock held: complete the DONE jobs, then start the deadline of the oldest */
static void advance(struct daedalus_stream *stream)
{
	struct daedalus_jobentry *job;

	while ((job = daedalus_joblist_pop_done(&stream->jobs)))
		complete_job(stream, job);

	job = daedalus_joblist_oldest(&stream->jobs);
	if (job && !job->timed) {
		job->timed = true;
		job->start = jiffies;
		/* If the work is pending for an earlier job, it queues itself again. */
		queue_delayed_work(daedalus_wq, &stream->deadline_work, time_left(job));
	}
}

/**
 * daedalus_jobs_fail_locked() - end all jobs in flight, unanswered ones with an error
 * @stream: the stream, with @lock held
 */
void daedalus_jobs_fail_locked(struct daedalus_stream *stream)
{
	struct daedalus_jobentry *job;

	list_for_each_entry(job, &stream->jobs.jobs, node) {
		if (job->state != DAEDALUS_JOB_DONE)
			job->status = DAEDALUS_STATUS_INTERNAL;
		job->state = DAEDALUS_JOB_DONE;
	}
	advance(stream);
}

/**
 * daedalus_jobs_flush() - end all jobs in flight because the OUTPUT queue stops (a seek)
 * @stream: the stream of the OUTPUT queue
 *
 * The daemon gets a DAEDALUS_MSG_FLUSH before the next job.
 */
void daedalus_jobs_flush(struct daedalus_stream *stream)
{
	spin_lock(&stream->lock);
	daedalus_jobs_fail_locked(stream);
	stream->flush = stream->state == DAEDALUS_SESSION_OPEN;
	spin_unlock(&stream->lock);
	wake_up_interruptible_poll(&stream->wait, EPOLLIN | EPOLLRDNORM);
}

/**
 * daedalus_jobs_detach_capture() - give all CAPTURE buffers back
 * @stream: the stream of the CAPTURE queue that stops
 *
 * The jobs stay in flight without a CAPTURE buffer, because later pictures refer
 * to their pictures. Only STREAMOFF of the OUTPUT queue means a seek.
 */
void daedalus_jobs_detach_capture(struct daedalus_stream *stream)
{
	struct daedalus_jobentry *job;

	spin_lock(&stream->lock);
	list_for_each_entry(job, &stream->jobs.jobs, node) {
		if (!job->target)
			continue;
		if (job->dst)
			v4l2_m2m_buf_done(job->dst, VB2_BUF_STATE_ERROR);
		job->dst = NULL;
		job->target = NULL;
		job->msg->dst_num_planes = 0;
		job->msg->num_components = 0;
		memset(job->msg->dst, 0, sizeof(job->msg->dst));
		memset(job->msg->components, 0, sizeof(job->msg->components));
	}
	spin_unlock(&stream->lock);
}

/**
 * daedalus_job_deadline() - the oldest job may have run out of time
 * @work: daedalus_stream.deadline_work
 */
void daedalus_job_deadline(struct work_struct *work)
{
	struct daedalus_stream *stream =
		container_of(to_delayed_work(work), struct daedalus_stream, deadline_work);
	struct daedalus_jobentry *job;
	unsigned long left;

	spin_lock(&stream->lock);
	job = daedalus_joblist_oldest(&stream->jobs);
	left = job ? time_left(job) : 0;
	if (left) {
		queue_delayed_work(daedalus_wq, &stream->deadline_work, left);
	} else if (job) {
		atomic64_inc(&stream->ddev->counters.deadlines);
		job->state = DAEDALUS_JOB_DONE;
		job->status = DAEDALUS_STATUS_INTERNAL;
		daedalus_stream_forget_wish(stream);
		if (stream->state == DAEDALUS_SESSION_OPEN &&
		    ++stream->missed >= DAEDALUS_MAX_MISSED)
			daedalus_stream_drop_session_locked(stream,
							    "has missed several deadlines in a row");
		else
			advance(stream);
	}
	spin_unlock(&stream->lock);
}

/**
 * daedalus_jobs_retime() - the parameter deadline_ms has changed
 * @stream: on daedalus_dev.streams
 *
 * The new value counts for the oldest job too, from that job's start on.
 */
void daedalus_jobs_retime(struct daedalus_stream *stream)
{
	struct daedalus_jobentry *job;

	spin_lock(&stream->lock);
	job = daedalus_joblist_oldest(&stream->jobs);
	if (job)
		mod_delayed_work(daedalus_wq, &stream->deadline_work, time_left(job));
	spin_unlock(&stream->lock);
}

/**
 * daedalus_job_reply() - the daemon answers
 * @stream:	the daemon wrote to its session fd
 * @session:	the number of that session
 * @reply:	checked here
 * @size:	bytes written
 *
 * Return: 0, or the errno that struct daedalus_reply documents.
 */
int daedalus_job_reply(struct daedalus_stream *stream, u32 session,
		       const struct daedalus_reply *reply, size_t size)
{
	struct daedalus_jobentry *job;
	int ret;

	spin_lock(&stream->lock);
	if (stream->session != session || stream->state != DAEDALUS_SESSION_OPEN)
		ret = -ESTALE;
	else
		ret = daedalus_joblist_reply(&stream->jobs, session, reply, size, &job);
	/* A late reply is useless, but its worker is alive. */
	if (!ret || (ret == -ESTALE && stream->session == session))
		stream->missed = 0;
	trace_daedalus_job_reply(session, reply, ret);
	if (!ret)
		advance(stream);
	spin_unlock(&stream->lock);

	if (ret)
		atomic64_inc(&stream->ddev->counters.refused[daedalus_refusal_of(ret)]);
	return ret;
}

static void fill_plane(struct daedalus_plane *plane, struct vb2_v4l2_buffer *vbuf,
		       unsigned int i, u64 offset, u64 end)
{
	struct daedalus_buffer *buf = daedalus_to_buffer(&vbuf->vb2_buf);

	plane->buffer = buf->refs[i]->id;
	plane->offset = offset;
	plane->length = end > offset ? end - offset : 0;
}

static void fill_message(struct daedalus_ctx *ctx, struct daedalus_jobentry *job)
{
	struct vb2_buffer *src = &job->src->vb2_buf;
	struct vb2_buffer *dst = &job->target->vb2_buf;
	const struct v4l2_pix_format_mplane *pix = &daedalus_to_buffer(dst)->pix;
	struct daedalus_job *msg = job->msg;
	unsigned int i;
	size_t used;

	memset(msg, 0, sizeof(*msg));
	msg->hdr.type = DAEDALUS_MSG_JOB;
	msg->timestamp = src->timestamp;
	msg->pixelformat = daedalus_to_buffer(src)->pix.pixelformat;
	msg->deadline_ms = READ_ONCE(daedalus_deadline_ms);
	fill_plane(&msg->src, job->src, 0, src->planes[0].data_offset,
		   vb2_get_plane_payload(src, 0));

	msg->dst_format = pix->pixelformat;
	msg->dst_width = pix->width;
	msg->dst_height = pix->height;
	msg->dst_num_planes = pix->num_planes;
	for (i = 0; i < pix->num_planes; i++)
		fill_plane(&msg->dst[i], job->target, i, 0, vb2_plane_size(dst, i));
	msg->num_components = daedalus_picture_components(pix, msg->components);

	msg->num_controls = daedalus_ctrls_snapshot(ctx, msg + 1, job->capacity - sizeof(*msg),
						    &used);
	msg->hdr.size = sizeof(*msg) + used;
}

static void copy_metadata(struct daedalus_ctx *ctx, struct vb2_v4l2_buffer *src,
			  struct vb2_v4l2_buffer *dst, bool second_field)
{
	src->sequence = ctx->sequence[0]++;
	/* A held buffer keeps the sequence number that it got with its first field. */
	if (!second_field)
		dst->sequence = ctx->sequence[1]++;
	src->field = V4L2_FIELD_NONE;
	dst->field = V4L2_FIELD_NONE;
	dst->vb2_buf.timestamp = src->vb2_buf.timestamp;
	dst->timecode = src->timecode;
	dst->flags &= ~(V4L2_BUF_FLAG_TIMECODE | V4L2_BUF_FLAG_TSTAMP_SRC_MASK);
	dst->flags |= src->flags & (V4L2_BUF_FLAG_TIMECODE | V4L2_BUF_FLAG_TSTAMP_SRC_MASK);
}

/* Put the job in flight. If @status is not OK it ends with that status at once. */
static void submit(struct daedalus_stream *stream, struct daedalus_jobentry *job,
		   enum daedalus_status status)
{
	spin_lock(&stream->lock);
	atomic_inc(&stream->ddev->counters.jobs);
	stream->width = job->msg->dst_width;
	stream->height = job->msg->dst_height;
	if (status == DAEDALUS_STATUS_OK && READ_ONCE(stream->ddev->daemon_ready)) {
		/* The job's id contains the session number, so that comes first. */
		daedalus_stream_want_session(stream, job->msg->pixelformat);
		daedalus_joblist_add(&stream->jobs, job, stream->session);
		job->msg->id = job->id;
	} else {
		daedalus_joblist_add(&stream->jobs, job, stream->session);
		job->state = DAEDALUS_JOB_DONE;
		if (status != DAEDALUS_STATUS_OK)
			job->status = status;
	}
	daedalus_hold_keep(stream, job);
	trace_daedalus_job_queue(stream->session, job);
	advance(stream);
	spin_unlock(&stream->lock);
	wake_up_interruptible_poll(&stream->wait, EPOLLIN | EPOLLRDNORM);
}

/**
 * daedalus_device_run() - v4l2_m2m_ops.device_run
 * @priv: struct daedalus_ctx, chosen by v4l2-mem2mem
 */
void daedalus_device_run(void *priv)
{
	struct daedalus_ctx *ctx = priv;
	struct vb2_v4l2_buffer *src = v4l2_m2m_next_src_buf(ctx->fh.m2m_ctx);
	struct daedalus_jobentry *job = &daedalus_to_buffer(&src->vb2_buf)->job;
	struct media_request *req = src->vb2_buf.req_obj.req;
	struct vb2_v4l2_buffer *dst;
	enum daedalus_status status = DAEDALUS_STATUS_OK;
	bool second_field;

	atomic_inc(&ctx->running);
	dst = daedalus_hold_take(ctx, src, &second_field);

	/* The held buffer has been given back, and the CAPTURE queue is empty. */
	if (!dst)
		goto finish;
	job->src = src;
	job->target = dst;
	job->dst = dst;
	copy_metadata(ctx, src, dst, second_field);

	/*
	 * The controls are complete as soon as their values are copied; the
	 * request completes with its OUTPUT buffer. Without a request both calls
	 * do nothing, and the job takes the current values.
	 */
	if (v4l2_ctrl_request_setup(req, &ctx->hdl))
		status = DAEDALUS_STATUS_INTERNAL;
	fill_message(ctx, job);
	v4l2_ctrl_request_complete(req, &ctx->hdl);
	if (status == DAEDALUS_STATUS_OK && !daedalus_ctrls_fit(ctx, job->msg))
		status = DAEDALUS_STATUS_MISMATCH;

	submit(ctx->stream, job, status);
finish:
	v4l2_m2m_job_finish(ctx->node->m2m_dev, ctx->fh.m2m_ctx);
	/* The context may be freed from here on; the wake-up uses only its address. */
	if (atomic_dec_and_test(&ctx->running))
		wake_up_var(&ctx->running);
}

/**
 * daedalus_jobs_stop() - stop both queues for good, before the file is freed
 * @ctx:	the open file, which nobody else uses any more
 * @file:	its struct file
 *
 * v4l2_m2m_ctx_release() waits until the job is marked as finished, but
 * v4l2_m2m_job_finish() uses the m2m context after that. So this waits until
 * device_run has returned. It does not wait for userspace.
 */
void daedalus_jobs_stop(struct daedalus_ctx *ctx, struct file *file)
{
	mutex_lock(&ctx->lock);
	v4l2_m2m_streamoff(file, ctx->fh.m2m_ctx, V4L2_BUF_TYPE_VIDEO_OUTPUT_MPLANE);
	v4l2_m2m_streamoff(file, ctx->fh.m2m_ctx, V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE);
	mutex_unlock(&ctx->lock);
	wait_var_event(&ctx->running, !atomic_read(&ctx->running));
}
