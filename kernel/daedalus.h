/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Objects of daedalus_v4l2 and who owns them.
 *
 *   daedalus_dev     one for the module's life: control device, daemon state
 *   daedalus_node    one registration of the video and media nodes; made by the
 *                    daemon's hello, unregistered when no daemon comes back in
 *                    time, retired after its last open video file and request,
 *                    freed when the module is removed
 *   daedalus_ctx     one open file of the video node
 *   daedalus_stream  what a ctx shares with the daemon: jobs in flight, buffer
 *                    numbers, messages; outlives the ctx while a session fd is open
 *
 * Locks, outermost first:
 *   daedalus_dev.lock      daemon and node life cycle, list of streams
 *   daedalus_node.media_sem  the core's part of some ioctls of the media node
 *   daedalus_ctx.lock      the two vb2 queues and the formats of a ctx
 *   daedalus_stream.buffers_lock  buffer numbers
 *   daedalus_stream.lock   jobs and messages (spinlock)
 *   daedalus_dev.event_lock  streams that wait for a session (spinlock)
 *
 * No lock is held while the kernel waits for userspace, and none of this module that
 * two clients share while it copies from or to one; see daedalus-nofault.c for the
 * locks of the cores. video_device.lock is NULL: the core would take it for all
 * clients.
 */
#ifndef DAEDALUS_H
#define DAEDALUS_H

#include <linux/atomic.h>
#include <linux/completion.h>
#include <linux/kref.h>
#include <linux/list.h>
#include <linux/miscdevice.h>
#include <linux/mutex.h>
#include <linux/rwsem.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/uidgid.h>
#include <linux/version.h>
#include <linux/wait.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>

#include <media/media-device.h>
#include <media/media-devnode.h>
#include <media/v4l2-ctrls.h>
#include <media/v4l2-device.h>
#include <media/v4l2-fh.h>
#include <media/v4l2-mem2mem.h>

#include "daedalus_v4l2_proto.h"
#include "daedalus-formats.h"
#include "daedalus-joblist.h"
#include "daedalus-latency.h"

#define DAEDALUS_NAME	"daedalus_v4l2"

/*
 * A session is dropped, as if its worker had died, when its worker does not read the
 * ends of this many buffers, or when this many jobs in a row miss their deadline
 * without any reply. A worker that reads its messages can only be behind by the
 * buffers that it has fetched, at most 32 with 2 planes in each queue.
 */
#define DAEDALUS_MAX_GONE	256
#define DAEDALUS_MAX_MISSED	3

/**
 * struct daedalus_counters - what debugfs shows
 * @contexts:		open files of the video nodes, now
 * @sessions:		open session fds, now
 * @jobs:		jobs in flight, now
 * @buffers:		numbered buffers, and freed ones that the daemon has not heard of, now
 * @done:		jobs that ended well
 * @failed:		jobs that ended with an ERROR buffer
 * @deadlines:		those of @failed that missed the deadline
 * @refused:		replies refused, by cause; index enum daedalus_refusal
 */
struct daedalus_counters {
	atomic_t contexts;
	atomic_t sessions;
	atomic_t jobs;
	atomic_t buffers;
	atomic64_t done;
	atomic64_t failed;
	atomic64_t deadlines;
	atomic64_t refused[DAEDALUS_REFUSALS];
};

/**
 * struct daedalus_dev - the platform device
 * @ref:		held by the bound driver, the control fd, nodes and streams
 * @dev:		parent of the nodes and owner of the DMA memory
 * @misc:		/dev/daedalus-v4l2
 * @lock:		see the top of this file
 * @bound:		false once the driver is unbound
 * @daemon_open:	the control fd is open
 * @daemon_ready:	the daemon has said hello; job submission reads this without @lock
 * @node:		the registered nodes, NULL while there are none
 * @streams:		all streams with an open ctx
 * @grace_work:		unregisters @node if no daemon came back within grace_ms
 * @event_lock:		protects @events
 * @events:		streams that wait for a session
 * @event_wait:		readers of the control fd
 * @last_session:	session numbers are never reused
 * @counters:		see struct daedalus_counters
 * @debugfs:		/sys/kernel/debug/daedalus_v4l2
 */
struct daedalus_dev {
	struct kref ref;
	struct device *dev;
	struct miscdevice misc;

	struct mutex lock;	/* protects the life cycles */
	bool bound;
	bool daemon_open;
	bool daemon_ready;
	struct daedalus_node *node;
	struct list_head streams;
	struct delayed_work grace_work;

	spinlock_t event_lock;	/* protects events */
	struct list_head events;
	wait_queue_head_t event_wait;
	atomic_t last_session;

	struct daedalus_counters counters;
	struct dentry *debugfs;
};

/**
 * struct daedalus_node - one registration of the video and media nodes
 * @ref:	held by the v4l2_device (so by every open file) and by every request
 * @ddev:	owner
 * @v4l2_dev:	parent of @vdev
 * @mdev:	/dev/mediaN
 * @vdev:	/dev/videoN
 * @m2m_dev:	job scheduler
 * @media_sem:	held for reading in the core's part of an ioctl of @mdev, for writing
 *		while @mdev is unregistered; see daedalus-nofault.c
 * @core_fops:	the core's file operations of @mdev
 * @media_fops:	those in use
 * @offers:	what the daemon decodes, in the order of the kernel's table
 * @num_offers:	used entries of @offers, at least 1
 * @unregister_work: unregisters @mdev
 * @unregistered: @unregister_work is done
 * @retired:	in the list of nodes that module exit frees, see node_release()
 */
struct daedalus_node {
	struct kref ref;
	struct daedalus_dev *ddev;
	struct v4l2_device v4l2_dev;
	struct media_device mdev;
	struct video_device vdev;
	struct v4l2_m2m_dev *m2m_dev;
	struct rw_semaphore media_sem;
	const struct media_file_operations *core_fops;
	struct media_file_operations media_fops;
	struct daedalus_offer offers[DAEDALUS_MAX_CODECS];
	unsigned int num_offers;
	struct work_struct unregister_work;
	struct completion unregistered;
	struct list_head retired;
};

enum daedalus_session_state {
	DAEDALUS_SESSION_NONE,		/* none requested yet, or the last one ended */
	DAEDALUS_SESSION_WANTED,	/* the event for the daemon is queued or read */
	DAEDALUS_SESSION_OPEN,		/* a session fd exists */
};

/**
 * struct daedalus_buffer_ref - a memory plane of a vb2 buffer, as the daemon knows it
 * @node:	in daedalus_stream.gone once the buffer is freed
 * @id:		buffer number in messages
 * @dbuf:	the memory, with a reference of its own: the client's dma-buf if it was
 *		imported, else one that vb2 exports. The vb2 buffer is not used after
 *		buf_init, because vb2 may drop or free it without buf_cleanup. NULL on
 *		daedalus_stream.gone
 * @length:	bytes of the plane
 * @usage:	DAEDALUS_USAGE_*
 * @holder:	number of the session that has fetched @dbuf last, 0 if none has. If that
 *		session is open, it must get a DAEDALUS_MSG_BUFFER_GONE
 */
struct daedalus_buffer_ref {
	struct list_head node;
	u32 id;
	struct dma_buf *dbuf;
	u64 length;
	u32 usage;
	u32 holder;
};

/**
 * struct daedalus_stream - what an open video file shares with the daemon
 * @ref:		held by the ctx and by the session fd
 * @ddev:		owner, holds a reference
 * @ctx:		the open file; valid while the stream is on daedalus_dev.streams
 * @dev_node:		in daedalus_dev.streams
 * @event_node:		in daedalus_dev.events
 * @buffers_lock:	protects @buffers, @next_buffer and daedalus_buffer_ref.holder
 * @buffers:		buffer number to struct daedalus_buffer_ref
 * @next_buffer:	where the search for a free number starts
 * @lock:		protects the fields below
 * @wait:		readers of the session fd
 * @session:		number of the newest session
 * @state:		state of session @session
 * @ended:		the file is closed
 * @flush:		the next message is a DAEDALUS_MSG_FLUSH
 * @gone:		freed buffers that need a DAEDALUS_MSG_BUFFER_GONE
 * @num_gone:		entries of @gone, at most DAEDALUS_MAX_GONE
 * @missed:		jobs in a row that have missed their deadline without a sign of life
 * @jobs:		jobs in flight, in submission order
 * @taken:		OUTPUT buffer that device_run is turning into a job, on no m2m queue and not
 *			in @jobs yet
 * @held:		CAPTURE buffer that waits for its second field, on no m2m queue;
 *			see daedalus-hold.c
 * @deadline_work:	fails the oldest job when its time is up
 * @pixelformat:	coded format for DAEDALUS_EVENT_SESSION
 * @pid:		thread group that opened the video node
 * @uid:		user who opened the video node
 * @width:		width of the newest job's CAPTURE format, luma samples
 * @height:		height of the newest job's CAPTURE format, luma samples
 * @done:		jobs that ended well
 * @failed:		jobs that ended with an ERROR buffer
 * @latency:		times from submission to completion
 */
struct daedalus_stream {
	struct kref ref;
	struct daedalus_dev *ddev;
	struct daedalus_ctx *ctx;
	struct list_head dev_node;
	struct list_head event_node;

	struct mutex buffers_lock;	/* protects buffers */
	struct xarray buffers;
	u32 next_buffer;

	spinlock_t lock;	/* protects the fields below */
	wait_queue_head_t wait;
	u32 session;
	enum daedalus_session_state state;
	bool ended;
	bool flush;
	struct list_head gone;
	unsigned int num_gone;
	unsigned int missed;
	struct daedalus_joblist jobs;
	struct vb2_v4l2_buffer *taken;
	struct vb2_v4l2_buffer *held;
	struct delayed_work deadline_work;
	u32 pixelformat;
	struct pid *pid;
	kuid_t uid;
	u32 width;
	u32 height;
	u64 done;
	u64 failed;
	struct daedalus_latency latency;
};

/**
 * struct daedalus_ctx - an open file of the video node
 * @fh:			V4L2 file handle
 * @node:		the node it was opened on
 * @hdl:		controls of all codecs the node offers
 * @lock:		vb2_queue.lock of both queues; also protects the formats
 * @stream:		jobs in flight and buffer numbers; holds a reference
 * @offer:		coded format chosen on the OUTPUT queue
 * @coded:		OUTPUT format
 * @decoded:		CAPTURE format
 * @depth:		bits per sample that the controls of @offer announced
 * @running:		calls of device_run that have not returned
 * @sequence:		sequence number of the next OUTPUT [0] and CAPTURE [1] buffer
 */
struct daedalus_ctx {
	struct v4l2_fh fh;
	struct daedalus_node *node;
	struct v4l2_ctrl_handler hdl;
	struct mutex lock;	/* protects queues and formats */
	struct daedalus_stream *stream;
	const struct daedalus_offer *offer;
	struct v4l2_pix_format_mplane coded;
	struct v4l2_pix_format_mplane decoded;
	unsigned int depth;
	atomic_t running;
	u32 sequence[2];
};

/**
 * struct daedalus_buffer - a vb2 buffer of either queue
 * @m2m:	the buffer for v4l2-mem2mem; must be the first member
 * @refs:	one per memory plane
 * @pix:	format of the queue when the buffer was prepared; the queue's may have changed
 * @failed:	a field of this CAPTURE buffer could not be decoded
 * @written:	the daemon has written a picture or a field to this CAPTURE buffer
 * @hold:	this OUTPUT buffer asks to hold the CAPTURE buffer for the next field
 * @job:	the job of an OUTPUT buffer; its message is allocated with the buffer,
 *		so that submission cannot fail
 */
struct daedalus_buffer {
	struct v4l2_m2m_buffer m2m;
	struct daedalus_buffer_ref *refs[VIDEO_MAX_PLANES];
	struct v4l2_pix_format_mplane pix;
	bool failed;
	bool written;
	bool hold;
	struct daedalus_jobentry job;
};

static inline struct daedalus_buffer *daedalus_to_buffer(struct vb2_buffer *vb)
{
	return container_of(to_vb2_v4l2_buffer(vb), struct daedalus_buffer, m2m.vb);
}

static inline struct daedalus_ctx *daedalus_file_to_ctx(struct file *file)
{
	return container_of(file->private_data, struct daedalus_ctx, fh);
}

/* daedalus-core.c */
extern struct workqueue_struct *daedalus_wq;
extern unsigned int daedalus_deadline_ms;
extern unsigned int daedalus_grace_ms;
extern unsigned int daedalus_max_streams;
extern unsigned int daedalus_max_streams_per_user;
const struct vb2_mem_ops *daedalus_mem_ops(void);
struct daedalus_dev *daedalus_dev_get(struct daedalus_dev *ddev);
void daedalus_dev_put(struct daedalus_dev *ddev);

/* daedalus-node.c */
int daedalus_node_create(struct daedalus_dev *ddev, const struct daedalus_hello *hello);
void daedalus_node_destroy(struct daedalus_dev *ddev);
void daedalus_nodes_free(void);
unsigned int daedalus_nodes_alive(void);
unsigned int daedalus_nodes_retired(void);
unsigned int daedalus_requests_alive(void);
bool daedalus_node_matches(const struct daedalus_node *node, const struct daedalus_hello *hello);

/* daedalus-nofault.c */
long daedalus_video_ioctl(struct file *file, unsigned int cmd, unsigned long arg);
int daedalus_media_register(struct daedalus_node *node);
void daedalus_media_unregister(struct daedalus_node *node);

/* daedalus-control.c */
int daedalus_control_register(struct daedalus_dev *ddev);
void daedalus_control_unregister(struct daedalus_dev *ddev);

/* daedalus-session.c */
int daedalus_session_open(struct daedalus_dev *ddev, u32 session);

/* daedalus-stream.c */
struct daedalus_stream *daedalus_stream_create(struct daedalus_dev *ddev,
					       struct daedalus_ctx *ctx);
unsigned int daedalus_streams_alive(void);
void daedalus_stream_get(struct daedalus_stream *stream);
void daedalus_stream_put(struct daedalus_stream *stream);
void daedalus_stream_end(struct daedalus_stream *stream);
void daedalus_stream_want_session(struct daedalus_stream *stream, u32 pixelformat);
void daedalus_stream_forget_wish(struct daedalus_stream *stream);
void daedalus_stream_drop_session(struct daedalus_stream *stream, u32 session);
void daedalus_stream_drop_session_locked(struct daedalus_stream *stream, const char *why);
void daedalus_stream_told_gone(struct daedalus_stream *stream, struct daedalus_buffer_ref *ref);
struct daedalus_buffer_ref *daedalus_stream_add_buffer(struct daedalus_stream *stream,
						       struct vb2_buffer *vb, unsigned int plane,
						       u32 usage);
void daedalus_stream_remove_buffer(struct daedalus_stream *stream,
				   struct daedalus_buffer_ref *ref);

/* daedalus-job.c */
void daedalus_device_run(void *priv);
void daedalus_jobs_stop(struct daedalus_ctx *ctx, struct file *file);
void daedalus_jobs_fail_locked(struct daedalus_stream *stream);
void daedalus_jobs_flush(struct daedalus_stream *stream);
void daedalus_jobs_detach_capture(struct daedalus_stream *stream);
void daedalus_capture_done(struct vb2_v4l2_buffer *dst, bool ok);
void daedalus_job_deadline(struct work_struct *work);
void daedalus_jobs_retime(struct daedalus_stream *stream);
int daedalus_job_reply(struct daedalus_stream *stream, u32 session,
		       const struct daedalus_reply *reply, size_t size);

/* daedalus-hold.c */
void daedalus_hold_note(struct daedalus_ctx *ctx, const struct v4l2_buffer *buf);
struct vb2_v4l2_buffer *daedalus_hold_take(struct daedalus_ctx *ctx, struct vb2_v4l2_buffer *src,
					   bool *second_field);
void daedalus_hold_keep(struct daedalus_stream *stream, struct daedalus_jobentry *job);
void daedalus_hold_release(struct daedalus_ctx *ctx);
void daedalus_hold_abort(struct daedalus_ctx *ctx);

/* daedalus-ctrls.c */
int daedalus_ctrls_init(struct daedalus_ctx *ctx);
int daedalus_ctrls_validate(struct daedalus_ctx *ctx, struct media_request *req);
bool daedalus_ctrls_fit(const struct daedalus_ctx *ctx, const struct daedalus_job *msg);
void daedalus_ctrls_choose(struct daedalus_ctx *ctx, const struct daedalus_offer *offer);
size_t daedalus_ctrls_max_size(const struct daedalus_ctx *ctx);
u32 daedalus_ctrls_snapshot(struct daedalus_ctx *ctx, void *to, size_t size, size_t *used);

/* daedalus-unbind.c */
void daedalus_ctrls_unbind(struct v4l2_ctrl_handler *hdl);

/* daedalus-video.c */
extern const struct v4l2_ioctl_ops daedalus_ioctl_ops;
extern const struct v4l2_file_operations daedalus_fops;
void daedalus_sync_decoded(struct daedalus_ctx *ctx);

/* daedalus-queue.c */
int daedalus_queue_init(void *priv, struct vb2_queue *src_vq, struct vb2_queue *dst_vq);
int daedalus_request_validate(struct media_request *req);
void daedalus_queue_import_failed(struct daedalus_ctx *ctx, u32 type);

/* daedalus-debugfs.c */
void daedalus_debugfs_init(struct daedalus_dev *ddev);
void daedalus_debugfs_exit(struct daedalus_dev *ddev);

#endif /* DAEDALUS_H */
