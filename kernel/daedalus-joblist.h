/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The jobs of one stream in submission order, and the checks of the daemon's
 * replies. Pure bookkeeping: the caller takes the lock, completes buffers and wakes
 * readers.
 */
#ifndef DAEDALUS_JOBLIST_H
#define DAEDALUS_JOBLIST_H

#include <linux/ktime.h>
#include <linux/list.h>
#include <linux/types.h>

#include "daedalus_v4l2_proto.h"

struct vb2_v4l2_buffer;

enum daedalus_job_state {
	DAEDALUS_JOB_IDLE,	/* not in a list */
	DAEDALUS_JOB_QUEUED,	/* the daemon has not read it yet */
	DAEDALUS_JOB_SENT,	/* the daemon works on it */
	DAEDALUS_JOB_DONE,	/* answered, waits for older jobs */
};

/* Why a reply was refused, with the errno that the daemon gets. */
enum daedalus_refusal {
	DAEDALUS_REFUSED_SIZE,		/* -EMSGSIZE */
	DAEDALUS_REFUSED_INVALID,	/* -EINVAL */
	DAEDALUS_REFUSED_UNREAD,	/* -ENOENT: never read, so forged */
	DAEDALUS_REFUSED_ANSWERED,	/* -EALREADY: duplicate */
	DAEDALUS_REFUSED_STALE,		/* -ESTALE: late */
	DAEDALUS_REFUSALS
};

/**
 * struct daedalus_jobentry - a request in flight
 * @node:	in daedalus_joblist.jobs
 * @id:		session number in the upper, sequence in the lower half
 * @queued:	when it was appended to the list
 * @state:	stage of its life
 * @status:	enum daedalus_status, valid once DONE
 * @written:	the daemon has written a picture to the CAPTURE buffer, valid once DONE
 * @start:	when the job became the oldest, jiffies; its deadline counts from then on
 * @timed:	@start has been set
 * @src:	OUTPUT buffer
 * @dst:	CAPTURE buffer to give back with this job; NULL for the first field of a
 *		held buffer, and once the client has taken it back
 * @target:	CAPTURE buffer that the daemon writes; NULL once the client has taken it back
 * @msg:	message for the daemon, with room for every control
 * @capacity:	bytes at @msg
 */
struct daedalus_jobentry {
	struct list_head node;
	u64 id;
	ktime_t queued;
	enum daedalus_job_state state;
	u32 status;
	bool written;
	unsigned long start;
	bool timed;
	struct vb2_v4l2_buffer *src;
	struct vb2_v4l2_buffer *dst;
	struct vb2_v4l2_buffer *target;
	struct daedalus_job *msg;
	size_t capacity;
};

/**
 * struct daedalus_joblist - jobs in flight, oldest first
 * @jobs:	struct daedalus_jobentry
 * @last:	last sequence number; it goes on over all sessions of the stream
 */
struct daedalus_joblist {
	struct list_head jobs;
	u32 last;
};

void daedalus_joblist_init(struct daedalus_joblist *list);
void daedalus_joblist_add(struct daedalus_joblist *list, struct daedalus_jobentry *job,
			  u32 session);
struct daedalus_jobentry *daedalus_joblist_unread(struct daedalus_joblist *list);
struct daedalus_jobentry *daedalus_joblist_oldest(struct daedalus_joblist *list);
unsigned int daedalus_joblist_count(const struct daedalus_joblist *list);
struct daedalus_jobentry *daedalus_joblist_pop_done(struct daedalus_joblist *list);
int daedalus_joblist_reply(struct daedalus_joblist *list, u32 session,
			   const struct daedalus_reply *reply, size_t size,
			   struct daedalus_jobentry **job);
enum daedalus_refusal daedalus_refusal_of(int error);

#endif /* DAEDALUS_JOBLIST_H */
