// SPDX-License-Identifier: GPL-2.0-only
/*
 * The jobs of one stream in submission order, and the checks of the daemon's
 * replies.
 */
#include <linux/errno.h>
#include <linux/kernel.h>

#include "daedalus-joblist.h"

/**
 * daedalus_joblist_init() - start empty
 * @list: to initialise
 */
void daedalus_joblist_init(struct daedalus_joblist *list)
{
	INIT_LIST_HEAD(&list->jobs);
	list->last = 0;
}

/**
 * daedalus_joblist_add() - append a job and number it
 * @list:	job list of the stream
 * @job:	IDLE
 * @session:	number of the session that shall answer
 *
 * The job's id contains the session number, so a worker cannot answer a job of a
 * later session.
 */
void daedalus_joblist_add(struct daedalus_joblist *list, struct daedalus_jobentry *job,
			  u32 session)
{
	job->id = (u64)session << 32 | ++list->last;
	job->queued = ktime_get();
	job->state = DAEDALUS_JOB_QUEUED;
	job->status = DAEDALUS_STATUS_INTERNAL;
	job->written = false;
	job->timed = false;
	list_add_tail(&job->node, &list->jobs);
}

/**
 * daedalus_joblist_unread() - the next job for the daemon
 * @list: job list of the stream
 *
 * Return: the oldest QUEUED job, or NULL.
 */
struct daedalus_jobentry *daedalus_joblist_unread(struct daedalus_joblist *list)
{
	struct daedalus_jobentry *job;

	list_for_each_entry(job, &list->jobs, node)
		if (job->state == DAEDALUS_JOB_QUEUED)
			return job;
	return NULL;
}

/**
 * daedalus_joblist_oldest() - the job whose deadline runs
 * @list: job list of the stream
 *
 * Return: the first job, or NULL.
 */
struct daedalus_jobentry *daedalus_joblist_oldest(struct daedalus_joblist *list)
{
	return list_first_entry_or_null(&list->jobs, struct daedalus_jobentry, node);
}

/**
 * daedalus_joblist_count() - how many jobs are in flight
 * @list: job list of the stream
 *
 * Return: their number.
 */
unsigned int daedalus_joblist_count(const struct daedalus_joblist *list)
{
	const struct list_head *at;
	unsigned int n = 0;

	list_for_each(at, &list->jobs)
		n++;
	return n;
}

/**
 * daedalus_joblist_pop_done() - the next job to complete
 * @list: job list of the stream
 *
 * Clients rely on submission order, so a DONE job waits for older ones.
 *
 * Return: the oldest job if it is DONE, taken off the list; else NULL.
 */
struct daedalus_jobentry *daedalus_joblist_pop_done(struct daedalus_joblist *list)
{
	struct daedalus_jobentry *job = daedalus_joblist_oldest(list);

	if (!job || job->state != DAEDALUS_JOB_DONE)
		return NULL;
	list_del_init(&job->node);
	job->state = DAEDALUS_JOB_IDLE;
	return job;
}

/**
 * daedalus_joblist_reply() - check a reply and mark its job DONE
 * @list:	job list of the stream
 * @session:	number of the session that the reply was written to
 * @reply:	as written by the daemon
 * @size:	bytes written
 * @job:	the job answered
 *
 * Return: 0, or the errno that struct daedalus_reply documents.
 */
int daedalus_joblist_reply(struct daedalus_joblist *list, u32 session,
			   const struct daedalus_reply *reply, size_t size,
			   struct daedalus_jobentry **job)
{
	struct daedalus_jobentry *j;

	if (size != sizeof(*reply))
		return -EMSGSIZE;
	if (reply->size != sizeof(*reply) || reply->status >= DAEDALUS_STATUS_COUNT)
		return -EINVAL;

	list_for_each_entry(j, &list->jobs, node) {
		if (j->id != reply->id)
			continue;
		switch (j->state) {
		case DAEDALUS_JOB_SENT:
			j->status = reply->status;
			j->written = reply->status == DAEDALUS_STATUS_OK || reply->output_us;
			j->state = DAEDALUS_JOB_DONE;
			*job = j;
			return 0;
		case DAEDALUS_JOB_DONE:
			return -EALREADY;
		default:
			return -ENOENT;
		}
	}

	/* Not in flight: the job has ended if its id was ever issued, else it never existed. */
	if (upper_32_bits(reply->id) != session)
		return upper_32_bits(reply->id) < session ? -ESTALE : -ENOENT;
	if (!lower_32_bits(reply->id) || (s32)(lower_32_bits(reply->id) - list->last) > 0)
		return -ENOENT;
	return -ESTALE;
}

/**
 * daedalus_refusal_of() - the counter for an errno of daedalus_joblist_reply()
 * @error: negative errno
 *
 * Return: its enum daedalus_refusal.
 */
enum daedalus_refusal daedalus_refusal_of(int error)
{
	switch (error) {
	case -EMSGSIZE:
		return DAEDALUS_REFUSED_SIZE;
	case -ENOENT:
		return DAEDALUS_REFUSED_UNREAD;
	case -EALREADY:
		return DAEDALUS_REFUSED_ANSWERED;
	case -ESTALE:
		return DAEDALUS_REFUSED_STALE;
	default:
		return DAEDALUS_REFUSED_INVALID;
	}
}
