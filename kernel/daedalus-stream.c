// SPDX-License-Identifier: GPL-2.0-only
/*
 * What an open video file shares with the daemon: buffer numbers and the state
 * of the session that serves it.
 */
#include <linux/cred.h>
#include <linux/dma-buf.h>
#include <linux/pid.h>
#include <linux/sched.h>

#include "daedalus.h"
#include "daedalus-compat.h"

static atomic_t streams_alive = ATOMIC_INIT(0);

/**
 * daedalus_streams_alive() - how many streams are not freed yet
 *
 * Return: their number, including streams that only a session fd keeps.
 */
unsigned int daedalus_streams_alive(void)
{
	return atomic_read(&streams_alive);
}

/**
 * daedalus_stream_create() - make the stream of a file that is being opened
 * @ddev:	owner
 * @ctx:	the file
 *
 * Return: the stream, with one reference for @ctx; NULL if out of memory.
 */
struct daedalus_stream *daedalus_stream_create(struct daedalus_dev *ddev,
					       struct daedalus_ctx *ctx)
{
	struct daedalus_stream *stream = kzalloc_obj(*stream);

	if (!stream)
		return NULL;
	kref_init(&stream->ref);
	stream->ddev = daedalus_dev_get(ddev);
	stream->ctx = ctx;
	INIT_LIST_HEAD(&stream->dev_node);
	INIT_LIST_HEAD(&stream->event_node);
	mutex_init(&stream->buffers_lock);
	xa_init_flags(&stream->buffers, XA_FLAGS_ALLOC1 | XA_FLAGS_ACCOUNT);
	spin_lock_init(&stream->lock);
	init_waitqueue_head(&stream->wait);
	INIT_LIST_HEAD(&stream->gone);
	daedalus_joblist_init(&stream->jobs);
	INIT_DELAYED_WORK(&stream->deadline_work, daedalus_job_deadline);
	stream->pid = get_pid(task_tgid(current));
	stream->uid = current_euid();
	atomic_inc(&streams_alive);
	return stream;
}

static void stream_free(struct kref *ref)
{
	struct daedalus_stream *stream = container_of(ref, struct daedalus_stream, ref);

	WARN_ON(!xa_empty(&stream->buffers) || !list_empty(&stream->jobs.jobs));
	xa_destroy(&stream->buffers);
	put_pid(stream->pid);
	daedalus_dev_put(stream->ddev);
	kfree(stream);
	atomic_dec(&streams_alive);
}

/**
 * daedalus_stream_get() - take a reference
 * @stream: the caller has a reference already, or holds daedalus_dev.lock
 */
void daedalus_stream_get(struct daedalus_stream *stream)
{
	kref_get(&stream->ref);
}

/**
 * daedalus_stream_put() - drop a reference
 * @stream: not to be used by the caller any more
 */
void daedalus_stream_put(struct daedalus_stream *stream)
{
	kref_put(&stream->ref, stream_free);
}

/* @ref is on no list and without a dma-buf. */
static void free_ref(struct daedalus_stream *stream, struct daedalus_buffer_ref *ref)
{
	kfree(ref);
	atomic_dec(&stream->ddev->counters.buffers);
}

/**
 * daedalus_stream_told_gone() - the daemon knows that a buffer is gone, or need not know
 * @stream:	the stream, with @lock held
 * @ref:	on daedalus_stream.gone; freed
 */
void daedalus_stream_told_gone(struct daedalus_stream *stream, struct daedalus_buffer_ref *ref)
{
	list_del(&ref->node);
	stream->num_gone--;
	free_ref(stream, ref);
}

/* stream->lock held */
static void drop_gone(struct daedalus_stream *stream)
{
	struct daedalus_buffer_ref *ref, *next;

	list_for_each_entry_safe(ref, next, &stream->gone, node)
		daedalus_stream_told_gone(stream, ref);
}

static void unwant_session(struct daedalus_stream *stream)
{
	spin_lock(&stream->ddev->event_lock);
	list_del_init(&stream->event_node);
	spin_unlock(&stream->ddev->event_lock);
}

/**
 * daedalus_stream_end() - the file is closed, its queues are released
 * @stream: not on daedalus_dev.streams any more
 *
 * The session fd reads end of file from now on. It may keep the stream for long, so
 * a buffer number that vb2 has not cleaned up must not keep its memory.
 */
void daedalus_stream_end(struct daedalus_stream *stream)
{
	struct daedalus_buffer_ref *ref;
	unsigned long i;

	xa_for_each(&stream->buffers, i, ref)
		daedalus_stream_remove_buffer(stream, ref);
	spin_lock(&stream->lock);
	stream->ended = true;
	stream->ctx = NULL;
	drop_gone(stream);
	unwant_session(stream);
	spin_unlock(&stream->lock);
	cancel_delayed_work_sync(&stream->deadline_work);
	wake_up_interruptible_poll(&stream->wait, EPOLLIN | EPOLLHUP);
}

/**
 * daedalus_stream_want_session() - ask the daemon for a session
 * @stream:	the stream, with @lock held
 * @pixelformat: coded format of the job that needs it
 *
 * Does nothing if a session is open or has been asked for. Else the stream gets a
 * new session number.
 */
void daedalus_stream_want_session(struct daedalus_stream *stream, u32 pixelformat)
{
	struct daedalus_dev *ddev = stream->ddev;

	if (stream->state != DAEDALUS_SESSION_NONE)
		return;
	stream->state = DAEDALUS_SESSION_WANTED;
	stream->session = atomic_inc_return(&ddev->last_session);
	stream->pixelformat = pixelformat;

	spin_lock(&ddev->event_lock);
	list_add_tail(&stream->event_node, &ddev->events);
	spin_unlock(&ddev->event_lock);
	wake_up_interruptible(&ddev->event_wait);
}

/**
 * daedalus_stream_forget_wish() - let the next job ask for a session again
 * @stream: the stream, with @lock held; a job has missed its deadline
 *
 * For a daemon that has read the event and could not open the session (no memory,
 * no fd).
 */
void daedalus_stream_forget_wish(struct daedalus_stream *stream)
{
	if (stream->state != DAEDALUS_SESSION_WANTED)
		return;
	spin_lock(&stream->ddev->event_lock);
	if (list_empty(&stream->event_node))
		stream->state = DAEDALUS_SESSION_NONE;
	spin_unlock(&stream->ddev->event_lock);
}

/* stream->lock held: the session is over, the next job asks for a new one. */
static void end_session(struct daedalus_stream *stream)
{
	stream->state = DAEDALUS_SESSION_NONE;
	stream->flush = false;
	unwant_session(stream);
	drop_gone(stream);
	daedalus_jobs_fail_locked(stream);
	wake_up_interruptible_poll(&stream->wait, EPOLLIN | EPOLLHUP);
}

/**
 * daedalus_stream_drop_session() - a session is over: its fd was closed or the daemon died
 * @stream:	nothing happens if its session has another number
 * @session:	session number; 0 for any
 *
 * Fails the jobs in flight. The next job asks for a new session.
 */
void daedalus_stream_drop_session(struct daedalus_stream *stream, u32 session)
{
	spin_lock(&stream->lock);
	if (!session || stream->session == session)
		end_session(stream);
	spin_unlock(&stream->lock);
}

/**
 * daedalus_stream_drop_session_locked() - end the open session of a worker that hangs
 * @stream:	the stream, with @lock held
 * @why:	what the worker did, for the log
 *
 * As daedalus_stream_drop_session(). The session fd reads end of file from now on.
 */
void daedalus_stream_drop_session_locked(struct daedalus_stream *stream, const char *why)
{
	dev_notice_ratelimited(stream->ddev->dev,
			       "session %u dropped: its worker %s; the stream gets a new one\n",
			       stream->session, why);
	end_session(stream);
}

/*
 * The dma-buf of a plane, with a reference. An exported one is made here, with the
 * queue's lock held as in VIDIOC_EXPBUF: dma-contig prepares a buffer for export
 * when it is exported for the first time, and does not lock that.
 */
static struct dma_buf *plane_dmabuf(struct vb2_buffer *vb, unsigned int i, u32 usage)
{
	struct vb2_plane *plane = &vb->planes[i];
	struct dma_buf *dbuf;

	if (vb->memory == VB2_MEMORY_DMABUF) {
		get_dma_buf(plane->dbuf);
		return plane->dbuf;
	}
	dbuf = vb->vb2_queue->mem_ops->get_dmabuf(vb, plane->mem_priv,
						  usage == DAEDALUS_USAGE_PICTURE ?
						  O_RDWR : O_RDONLY);
	return dbuf ? dbuf : ERR_PTR(-ENOMEM);
}

/**
 * daedalus_stream_add_buffer() - number a memory plane
 * @stream:	stream of the open file
 * @vb:		new, or with newly imported memory; its queue is locked
 * @plane:	memory plane of @vb
 * @usage:	DAEDALUS_USAGE_*
 *
 * Return: the reference, for daedalus_stream_remove_buffer(); ERR_PTR() on failure.
 */
struct daedalus_buffer_ref *daedalus_stream_add_buffer(struct daedalus_stream *stream,
						       struct vb2_buffer *vb, unsigned int plane,
						       u32 usage)
{
	struct daedalus_buffer_ref *ref = kzalloc_obj(*ref, GFP_KERNEL_ACCOUNT);
	int ret;

	if (!ref)
		return ERR_PTR(-ENOMEM);
	ref->usage = usage;
	ref->length = vb->planes[plane].length;
	ref->dbuf = plane_dmabuf(vb, plane, usage);
	if (IS_ERR(ref->dbuf)) {
		ret = PTR_ERR(ref->dbuf);
		goto free;
	}

	mutex_lock(&stream->buffers_lock);
	ret = xa_alloc_cyclic(&stream->buffers, &ref->id, ref, XA_LIMIT(1, INT_MAX),
			      &stream->next_buffer, GFP_KERNEL);
	mutex_unlock(&stream->buffers_lock);
	if (ret < 0)
		goto put_dbuf;
	atomic_inc(&stream->ddev->counters.buffers);
	return ref;

put_dbuf:
	dma_buf_put(ref->dbuf);
free:
	kfree(ref);
	return ERR_PTR(ret);
}

/**
 * daedalus_stream_remove_buffer() - a plane is about to lose its memory, or has lost it
 * @stream:	stream of the open file
 * @ref:	reference of the plane; not to be used by the caller any more
 */
void daedalus_stream_remove_buffer(struct daedalus_stream *stream,
				   struct daedalus_buffer_ref *ref)
{
	mutex_lock(&stream->buffers_lock);
	xa_erase(&stream->buffers, ref->id);
	dma_buf_put(ref->dbuf);
	ref->dbuf = NULL;
	spin_lock(&stream->lock);
	if (ref->holder == stream->session && stream->state == DAEDALUS_SESSION_OPEN &&
	    !stream->ended) {
		list_add_tail(&ref->node, &stream->gone);
		if (++stream->num_gone > DAEDALUS_MAX_GONE)
			daedalus_stream_drop_session_locked(stream,
							    "does not read which buffers are gone");
	} else {
		free_ref(stream, ref);
	}
	spin_unlock(&stream->lock);
	mutex_unlock(&stream->buffers_lock);
	wake_up_interruptible_poll(&stream->wait, EPOLLIN | EPOLLRDNORM);
}
