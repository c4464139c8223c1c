// SPDX-License-Identifier: GPL-2.0-only
/*
 * The session fd: the worker of one stream reads jobs, writes replies and fetches
 * dma-bufs. Closing it fails the jobs of that stream and no others.
 */
#include <linux/anon_inodes.h>
#include <linux/dma-buf.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/module.h>
#include <linux/pid.h>
#include <linux/poll.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include <linux/uaccess.h>

#include "daedalus.h"
#include "daedalus-compat.h"
#include "daedalus_trace.h"

/**
 * struct session - an open session fd
 * @stream:	served by it, holds a reference
 * @number:	session number; the session is over once the stream has another one
 * @read_lock:	one reader at a time, protects @message
 * @message:	DAEDALUS_MSG_MAX bytes; a message is copied here under a spinlock and
 *		to userspace after it, because that may sleep
 */
struct session {
	struct daedalus_stream *stream;
	u32 number;
	struct mutex read_lock;	/* protects message */
	void *message;
};

/* stream->lock held */
static bool session_over(const struct session *session)
{
	const struct daedalus_stream *stream = session->stream;

	return stream->ended || stream->session != session->number ||
	       stream->state != DAEDALUS_SESSION_OPEN;
}

static bool session_readable(const struct session *session)
{
	struct daedalus_stream *stream = session->stream;
	bool readable;

	spin_lock(&stream->lock);
	readable = session_over(session) || stream->flush || !list_empty(&stream->gone) ||
		   daedalus_joblist_unread(&stream->jobs);
	spin_unlock(&stream->lock);
	return readable;
}

static ssize_t put_message(struct session *session, const struct daedalus_msg *msg, size_t room)
{
	if (msg->size > room)
		return -EMSGSIZE;
	memcpy(session->message, msg, msg->size);
	return msg->size;
}

/*
 * Move the next message to session->message.
 * Return its size in bytes; 0 at the end of the stream; -EAGAIN if there is none;
 * -EMSGSIZE if it has more than @room bytes.
 */
static ssize_t take_message(struct session *session, size_t room)
{
	struct daedalus_stream *stream = session->stream;
	struct daedalus_buffer_ref *ref;
	struct daedalus_jobentry *job;
	ssize_t ret = -EAGAIN;

	spin_lock(&stream->lock);
	ref = list_first_entry_or_null(&stream->gone, struct daedalus_buffer_ref, node);
	job = daedalus_joblist_unread(&stream->jobs);
	if (session_over(session)) {
		ret = 0;
	} else if (stream->flush) {
		const struct daedalus_msg msg = {
			.type = DAEDALUS_MSG_FLUSH, .size = sizeof(msg),
		};

		ret = put_message(session, &msg, room);
		if (ret > 0)
			stream->flush = false;
	} else if (ref) {
		const struct daedalus_buffer_gone msg = {
			.hdr.type = DAEDALUS_MSG_BUFFER_GONE, .hdr.size = sizeof(msg),
			.buffer = ref->id,
		};

		ret = put_message(session, &msg.hdr, room);
		if (ret > 0)
			daedalus_stream_told_gone(stream, ref);
	} else if (job) {
		ret = put_message(session, &job->msg->hdr, room);
		if (ret > 0) {
			job->state = DAEDALUS_JOB_SENT;
			trace_daedalus_job_send(session->number, job);
		}
	}
	spin_unlock(&stream->lock);
	return ret;
}

static ssize_t session_read(struct file *file, char __user *to, size_t size, loff_t *pos)
{
	struct session *session = file->private_data;
	ssize_t ret;

	if (mutex_lock_interruptible(&session->read_lock))
		return -ERESTARTSYS;
	for (;;) {
		ret = take_message(session, size);
		if (ret != -EAGAIN || file->f_flags & O_NONBLOCK)
			break;
		ret = wait_event_interruptible(session->stream->wait, session_readable(session));
		if (ret)
			break;
	}
	if (ret > 0 && copy_to_user(to, session->message, ret))
		ret = -EFAULT;
	mutex_unlock(&session->read_lock);
	return ret;
}

static ssize_t session_write(struct file *file, const char __user *from, size_t size, loff_t *pos)
{
	struct session *session = file->private_data;
	struct daedalus_reply reply = { 0 };
	int ret;

	if (copy_from_user(&reply, from, min(size, sizeof(reply))))
		return -EFAULT;
	ret = daedalus_job_reply(session->stream, session->number, &reply, size);
	return ret ? ret : size;
}

static __poll_t session_poll(struct file *file, struct poll_table_struct *table)
{
	struct session *session = file->private_data;
	struct daedalus_stream *stream = session->stream;
	__poll_t events = EPOLLOUT | EPOLLWRNORM;

	poll_wait(file, &stream->wait, table);
	if (session_readable(session))
		events |= EPOLLIN | EPOLLRDNORM;
	spin_lock(&stream->lock);
	if (session_over(session))
		events |= EPOLLHUP;
	spin_unlock(&stream->lock);
	return events;
}

static int get_buffer(struct session *session, struct daedalus_get_buffer *arg)
{
	struct daedalus_stream *stream = session->stream;
	struct daedalus_buffer_ref *ref;
	int ret = -ENOENT;

	mutex_lock(&stream->buffers_lock);
	ref = xa_load(&stream->buffers, arg->buffer);
	spin_lock(&stream->lock);
	if (session_over(session))
		ref = NULL;
	spin_unlock(&stream->lock);
	if (!ref)
		goto unlock;

	get_dma_buf(ref->dbuf);
	ret = dma_buf_fd(ref->dbuf, O_CLOEXEC);
	if (ret < 0) {
		dma_buf_put(ref->dbuf);
		goto unlock;
	}
	arg->fd = ret;
	arg->length = ref->length;
	arg->usage = ref->usage;
	ref->holder = session->number;
	ret = 0;
unlock:
	mutex_unlock(&stream->buffers_lock);
	return ret;
}

static long session_ioctl(struct file *file, unsigned int cmd, unsigned long data)
{
	struct daedalus_get_buffer arg;
	int ret;

	if (cmd != DAEDALUS_IOC_GET_BUFFER)
		return -ENOTTY;
	if (copy_from_user(&arg, (void __user *)data, sizeof(arg)))
		return -EFAULT;
	if (arg.reserved)
		return -EINVAL;
	ret = get_buffer(file->private_data, &arg);
	/* On a fault the caller cannot know the fd; it lives until the caller exits. */
	if (!ret && copy_to_user((void __user *)data, &arg, sizeof(arg)))
		ret = -EFAULT;
	return ret;
}

static int session_release(struct inode *inode, struct file *file)
{
	struct session *session = file->private_data;
	struct daedalus_stream *stream = session->stream;

	daedalus_stream_drop_session(stream, session->number);
	atomic_dec(&stream->ddev->counters.sessions);
	daedalus_stream_put(stream);
	kvfree(session->message);
	kfree(session);
	return 0;
}

/* /proc/PID/fdinfo/FD; docs/protocol.md lists the keys. */
static void session_show_fdinfo(struct seq_file *seq, struct file *file)
{
	struct session *session = file->private_data;
	struct daedalus_stream *stream = session->stream;
	struct pid_namespace *ns = proc_pid_ns(file_inode(seq->file)->i_sb);
	u32 pixelformat, width, height;
	unsigned int in_flight = 0;
	u64 done, failed, p50, p99, max;
	bool over;

	spin_lock(&stream->lock);
	pixelformat = stream->pixelformat;
	width = stream->width;
	height = stream->height;
	done = stream->done;
	failed = stream->failed;
	p50 = daedalus_latency_percentile(&stream->latency, 50);
	p99 = daedalus_latency_percentile(&stream->latency, 99);
	max = stream->latency.max;
	over = session_over(session);
	if (!over)
		in_flight = daedalus_joblist_count(&stream->jobs);
	spin_unlock(&stream->lock);

	seq_printf(seq, "daedalus-session:\t%u\n", session->number);
	seq_printf(seq, "daedalus-state:\t%s\n", over ? "over" : "open");
	seq_printf(seq, "daedalus-client:\t%d\n", pid_nr_ns(stream->pid, ns));
	seq_printf(seq, "daedalus-uid:\t%u\n",
		   from_kuid_munged(seq_user_ns(seq), stream->uid));
	seq_printf(seq, "daedalus-codec:\t%c%c%c%c\n", pixelformat & 0xff,
		   pixelformat >> 8 & 0xff, pixelformat >> 16 & 0xff, pixelformat >> 24 & 0xff);
	seq_printf(seq, "daedalus-size:\t%ux%u\n", width, height);
	seq_printf(seq, "daedalus-jobs-done:\t%llu\n", done);
	seq_printf(seq, "daedalus-jobs-failed:\t%llu\n", failed);
	seq_printf(seq, "daedalus-jobs-in-flight:\t%u\n", in_flight);
	seq_printf(seq, "daedalus-latency-p50-us:\t%llu\n", p50);
	seq_printf(seq, "daedalus-latency-p99-us:\t%llu\n", p99);
	seq_printf(seq, "daedalus-latency-max-us:\t%llu\n", max);
}

static const struct file_operations session_fops = {
	.owner = THIS_MODULE,
	.read = session_read,
	.write = session_write,
	.poll = session_poll,
	.unlocked_ioctl = session_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
	.release = session_release,
	.show_fdinfo = session_show_fdinfo,
};

/* The stream that waits for session @number; ddev->lock held. */
static struct daedalus_stream *find_wanted(struct daedalus_dev *ddev, u32 number)
{
	struct daedalus_stream *stream;

	list_for_each_entry(stream, &ddev->streams, dev_node) {
		bool found;

		spin_lock(&stream->lock);
		found = stream->session == number && stream->state == DAEDALUS_SESSION_WANTED;
		spin_unlock(&stream->lock);
		if (found)
			return stream;
	}
	return NULL;
}

/* Mark the session open unless it ceased to be wanted since find_wanted(). */
static bool open_wanted(struct daedalus_stream *stream, u32 number)
{
	bool ok;

	spin_lock(&stream->lock);
	ok = stream->session == number && stream->state == DAEDALUS_SESSION_WANTED &&
	     !stream->ended;
	if (ok) {
		stream->state = DAEDALUS_SESSION_OPEN;
		stream->flush = false;
		stream->missed = 0;
		/* The daemon may know the number without having read the event. */
		spin_lock(&stream->ddev->event_lock);
		list_del_init(&stream->event_node);
		spin_unlock(&stream->ddev->event_lock);
	}
	spin_unlock(&stream->lock);
	return ok;
}

/**
 * daedalus_session_open() - DAEDALUS_IOC_OPEN_SESSION
 * @ddev:	the device, with @lock held
 * @number:	session number from a DAEDALUS_EVENT_SESSION
 *
 * Return: the new session fd; -ENOENT if no stream waits for this session.
 */
int daedalus_session_open(struct daedalus_dev *ddev, u32 number)
{
	struct daedalus_stream *stream = find_wanted(ddev, number);
	struct session *session;
	struct file *file;
	int fd, ret;

	if (!stream)
		return -ENOENT;
	session = kzalloc_obj(*session);
	if (!session)
		return -ENOMEM;
	session->message = kvmalloc(DAEDALUS_MSG_MAX, GFP_KERNEL);
	if (!session->message) {
		ret = -ENOMEM;
		goto free_session;
	}
	session->number = number;
	session->stream = stream;
	mutex_init(&session->read_lock);

	fd = get_unused_fd_flags(O_CLOEXEC);
	if (fd < 0) {
		ret = fd;
		goto free_session;
	}
	file = anon_inode_getfile("daedalus-session", &session_fops, session, O_RDWR);
	if (IS_ERR(file)) {
		ret = PTR_ERR(file);
		goto put_fd;
	}
	/* From here on fput() cleans up, through session_release(). */
	daedalus_stream_get(stream);
	atomic_inc(&ddev->counters.sessions);
	if (!open_wanted(stream, number)) {
		fput(file);
		put_unused_fd(fd);
		return -ENOENT;
	}
	fd_install(fd, file);
	return fd;

put_fd:
	put_unused_fd(fd);
free_session:
	kvfree(session->message);
	kfree(session);
	return ret;
}
