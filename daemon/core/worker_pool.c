// SPDX-License-Identifier: LGPL-2.1-or-later
#include "worker_pool.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "capture_format.h"
#include "log.h"
#include "resume.h"
#include "worker.h"
#include "worker_log.h"
#include "worker_process.h"

/* More than a pipe holds: what a worker wrote before its end is read in so many steps. */
#define MAX_LAST_READS	8

/**
 * struct worker_record - what survives an exec() of the supervisor
 * @session:	session number
 * @client:	process of the client, for respawn limits
 * @started:	when it was started, as of now_ms()
 * @codec:	name of the engine
 * @pid:	process id; 0 for a thread
 * @session_fd:	the session, open as long as the process lives; -1: not watched any more
 * @log_fd:	standard error of the process; -1: closed
 * @end_by:	when the process is killed, as of now_ms(); NEVER while its stream goes on
 * @log:	lines of @log_fd
 */
struct worker_record {
	uint32_t session;
	uint32_t client;
	int64_t started;
	char codec[16];
	pid_t pid;
	int session_fd;
	int log_fd;
	int64_t end_by;
	struct worker_log log;
};

/**
 * struct pool_worker - one worker
 * @next:	in worker_pool.workers
 * @pool:	owner
 * @record:	see there
 * @params:	parameters of worker_run(), for a thread
 * @thread:	thread, if in_process
 * @ended:	the thread will not access this structure again
 */
struct pool_worker {
	struct pool_worker *next;
	struct worker_pool *pool;
	struct worker_record record;
	struct worker_params params;
	pthread_t thread;
	atomic_bool ended;
};

struct worker_pool {
	struct worker_pool_params params;
	struct event_loop *loop;
	struct pool_worker *workers;
	unsigned int count;
	int ended_fd;		/* readable when a thread has ended; -1 without threads */
};

static void close_watched(struct worker_pool *pool, int *fd)
{
	if (*fd < 0)
		return;
	event_loop_remove(pool->loop, *fd);
	close(*fd);
	*fd = -1;
}

static void threads_ended(void *data, short events)
{
	struct worker_pool *pool = data;
	uint64_t count;

	if (read(pool->ended_fd, &count, sizeof(count)) < 0 && errno != EAGAIN)
		log_error("eventfd: %m");
	worker_pool_reap(pool);
}

struct worker_pool *worker_pool_new(const struct worker_pool_params *params,
				    struct event_loop *loop)
{
	struct worker_pool *pool = calloc(1, sizeof(*pool));

	if (!pool) {
		log_error("no memory for the table of workers");
		return NULL;
	}
	pool->params = *params;
	pool->loop = loop;
	pool->ended_fd = -1;
	if (params->in_process) {
		pool->ended_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
		if (pool->ended_fd < 0 ||
		    event_loop_add(loop, pool->ended_fd, POLLIN, threads_ended, pool) < 0) {
			log_error("eventfd: %m");
			if (pool->ended_fd >= 0)
				close(pool->ended_fd);
			free(pool);
			return NULL;
		}
	}
	worker_install_drain_signal();
	return pool;
}

static void free_worker(struct pool_worker *worker)
{
	close_watched(worker->pool, &worker->record.session_fd);
	close_watched(worker->pool, &worker->record.log_fd);
	free(worker);
}

void worker_pool_free(struct worker_pool *pool)
{
	struct pool_worker *worker, *next;

	if (!pool)
		return;
	for (worker = pool->workers; worker; worker = next) {
		next = worker->next;
		if (!pool->params.in_process) {
			kill(worker->record.pid, SIGKILL);
			while (waitpid(worker->record.pid, NULL, 0) < 0 && errno == EINTR)
				;
		}
		free_worker(worker);
	}
	close_watched(pool, &pool->ended_fd);
	free(pool);
}

static void describe(const struct worker_record *record, struct record_text *to,
		     const struct status_reader *reader)
{
	size_t begin = to->length;
	uid_t uid = (uid_t)-1;

	record_begin(to, "session");
	record_add(to, "session", "%u", record->session);
	record_add(to, "codec", "%s", record->codec);
	record_add(to, "client", "%u", record->client);
	record_add(to, "worker", "%d", (int)record->pid);
	record_add(to, "age_ms", "%lld", (long long)(now_ms() - record->started));
	if (record->session_fd >= 0)
		status_add_fdinfo(to, record->session_fd, &uid);
	record_end(to);
	if (!status_may_see(reader, uid))
		record_drop(to, begin);
}

void worker_pool_describe(const struct worker_pool *pool, struct record_text *to,
			  const struct status_reader *reader)
{
	const struct pool_worker *worker;

	for (worker = pool->workers; worker; worker = worker->next)
		describe(&worker->record, to, reader);
}

unsigned int worker_pool_count(const struct worker_pool *pool)
{
	return pool->count;
}

/* The stream has ended: the process must follow soon. */
static void session_over(void *data, short events)
{
	struct pool_worker *worker = data;

	close_watched(worker->pool, &worker->record.session_fd);
	worker->record.end_by = now_ms() + WORKER_POOL_END_MS;
}

static void log_readable(void *data, short events)
{
	struct worker_record *record = &((struct pool_worker *)data)->record;

	if (!worker_log_read(&record->log, record->log_fd, now_ms()))
		close_watched(((struct pool_worker *)data)->pool, &record->log_fd);
}

/* Watches the descriptors of a process. The pool takes ownership of both. */
static int watch_process(struct pool_worker *worker)
{
	struct worker_record *record = &worker->record;
	struct event_loop *loop = worker->pool->loop;
	int ret = 0;

	if (record->session_fd >= 0)
		ret = event_loop_add(loop, record->session_fd, 0, session_over, worker);
	if (!ret && record->log_fd >= 0)
		ret = event_loop_add(loop, record->log_fd, POLLIN, log_readable, worker);
	return ret;
}

static int start_process(struct pool_worker *worker)
{
	const struct worker_process_params params = {
		.worker = worker->params,
		.level = worker->pool->params.sandbox,
		.memory = worker->pool->params.memory,
	};
	struct worker_record *record = &worker->record;
	int ret;

	record->pid = worker_process_start(&params, &record->log_fd);
	if (record->pid < 0)
		return record->pid;
	worker_log_init(&record->log, record->pid);
	record->session_fd = worker->params.session_fd;
	ret = watch_process(worker);
	if (ret < 0) {
		kill(record->pid, SIGKILL);
		waitpid(record->pid, NULL, 0);
		event_loop_remove(worker->pool->loop, record->session_fd);
		record->session_fd = -1;	/* the caller closes it */
		close_watched(worker->pool, &record->log_fd);
	}
	return ret;
}

static void *run_thread(void *data)
{
	struct pool_worker *worker = data;
	struct worker_pool *pool = worker->pool;
	const uint64_t one = 1;
	sigset_t drain;

	sigemptyset(&drain);
	sigaddset(&drain, WORKER_DRAIN_SIGNAL);
	pthread_sigmask(SIG_UNBLOCK, &drain, NULL);

	worker_run(&worker->params);
	close(worker->params.session_fd);
	atomic_store(&worker->ended, true);
	if (write(pool->ended_fd, &one, sizeof(one)) < 0)
		log_error("eventfd: %m");
	return NULL;
}

static int start_thread(struct pool_worker *worker)
{
	return -pthread_create(&worker->thread, NULL, run_thread, worker);
}

static void link_worker(struct worker_pool *pool, struct pool_worker *worker)
{
	worker->next = pool->workers;
	pool->workers = worker;
	pool->count++;
}

static struct pool_worker *new_worker(struct worker_pool *pool)
{
	struct pool_worker *worker = calloc(1, sizeof(*worker));

	if (worker) {
		worker->pool = pool;
		worker->record.session_fd = -1;
		worker->record.log_fd = -1;
		worker->record.end_by = NEVER;
	}
	return worker;
}

int worker_pool_start(struct worker_pool *pool, int session_fd,
		      const struct daedalus_event *event, const struct engine_ops *ops)
{
	struct pool_worker *worker = new_worker(pool);
	int ret = -ENOMEM;

	if (worker) {
		worker->record.session = event->session;
		worker->record.client = event->pid;
		worker->record.started = now_ms();
		snprintf(worker->record.codec, sizeof(worker->record.codec), "%s", ops->name);
		worker->params = (struct worker_params){
			.session_fd = session_fd,
			.session = event->session,
			.ops = ops,
			.config = pool->params.config,
		};
		ret = pool->params.in_process ? start_thread(worker) : start_process(worker);
	}
	if (ret < 0) {
		log_error("no worker for session %u: %s; its jobs fail", event->session,
			  strerror(-ret));
		free(worker);
		close(session_fd);
		return ret;
	}
	link_worker(pool, worker);
	if (pool->params.in_process)
		log_info("session %u: %s of process %u, worker thread", event->session, ops->name,
			 event->pid);
	else
		log_info("session %u: %s of process %u, worker %d", event->session, ops->name,
			 event->pid, (int)worker->record.pid);
	return 0;
}

static enum worker_end judge_end(const struct worker_record *record, int status)
{
	const char *name;

	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL && record->session_fd < 0) {
		log_debug("session %u: ended, worker %d was killed", record->session,
			  (int)record->pid);
		return WORKER_KILLED;
	}
	if (WIFSIGNALED(status)) {
		name = sigabbrev_np(WTERMSIG(status));
		log_error("worker %d (session %u, %s) died of SIG%s%s; the stream goes on at its next key frame",
			  (int)record->pid, record->session, record->codec, name ? name : "?",
			  WTERMSIG(status) == SIGSYS ?
			  ", a system call that its sandbox forbids" : "");
		return WTERMSIG(status) == SIGKILL ? WORKER_KILLED : WORKER_CRASHED;
	}
	if (WEXITSTATUS(status)) {
		log_warning("worker %d (session %u, %s) gave up; the stream goes on at its next key frame",
			    (int)record->pid, record->session, record->codec);
		return WORKER_GAVE_UP;
	}
	log_debug("session %u: ended, worker %d has exited", record->session, (int)record->pid);
	return WORKER_ENDED;
}

/* Log what the worker wrote last, and how it ended. */
static enum worker_end finish_process(struct pool_worker *worker, int status)
{
	struct worker_record *record = &worker->record;
	int i;

	for (i = 0; i < MAX_LAST_READS && record->log_fd >= 0; i++)
		if (!worker_log_read(&record->log, record->log_fd, now_ms()))
			close_watched(worker->pool, &record->log_fd);
	worker_log_end(&record->log, now_ms());
	return judge_end(record, status);
}

static bool has_ended(struct pool_worker *worker, enum worker_end *end)
{
	int status;

	*end = WORKER_ENDED;
	if (worker->pool->params.in_process) {
		if (!atomic_load(&worker->ended))
			return false;
		pthread_join(worker->thread, NULL);
		log_debug("session %u: ended", worker->record.session);
		return true;
	}
	if (waitpid(worker->record.pid, &status, WNOHANG) != worker->record.pid)
		return false;
	*end = finish_process(worker, status);
	return true;
}

void worker_pool_reap(struct worker_pool *pool)
{
	struct pool_worker **link = &pool->workers;

	while (*link) {
		struct pool_worker *worker = *link;
		uint32_t client = worker->record.client;
		enum worker_end end;

		if (!has_ended(worker, &end)) {
			link = &worker->next;
			continue;
		}
		*link = worker->next;
		pool->count--;
		/* Closes the session, which fails its jobs. */
		free_worker(worker);
		pool->params.ended(pool->params.data, client, end);
	}
}

int64_t worker_pool_due(const struct worker_pool *pool)
{
	const struct pool_worker *worker;
	int64_t due = NEVER;

	for (worker = pool->workers; worker; worker = worker->next)
		if (worker->record.end_by < due)
			due = worker->record.end_by;
	return due;
}

void worker_pool_expire(struct worker_pool *pool, int64_t now)
{
	struct pool_worker *worker;

	for (worker = pool->workers; worker; worker = worker->next) {
		if (worker->record.end_by > now)
			continue;
		log_warning("worker %d (session %u, %s) still runs %d ms after the end of its stream; killing it",
			    (int)worker->record.pid, worker->record.session, worker->record.codec,
			    WORKER_POOL_END_MS);
		kill(worker->record.pid, SIGKILL);
		worker->record.end_by = NEVER;
	}
}

void worker_pool_drain(struct worker_pool *pool)
{
	struct pool_worker *worker;

	for (worker = pool->workers; worker; worker = worker->next) {
		if (!pool->params.in_process)
			kill(worker->record.pid, WORKER_DRAIN_SIGNAL);
		else if (!atomic_load(&worker->ended))
			pthread_kill(worker->thread, WORKER_DRAIN_SIGNAL);
	}
}

static int keep_fds(struct worker_pool *pool)
{
	struct pool_worker *worker;
	int ret = 0;

	for (worker = pool->workers; worker && !ret; worker = worker->next) {
		if (worker->record.session_fd >= 0)
			ret = resume_keep(worker->record.session_fd);
		if (!ret && worker->record.log_fd >= 0)
			ret = resume_keep(worker->record.log_fd);
	}
	return ret;
}

int worker_pool_save(struct worker_pool *pool, int file)
{
	struct pool_worker *worker;
	int ret = resume_put(file, &pool->count, sizeof(pool->count));

	for (worker = pool->workers; worker && !ret; worker = worker->next)
		ret = resume_put(file, &worker->record, sizeof(worker->record));
	return ret ? ret : keep_fds(pool);
}

static int restore_worker(struct worker_pool *pool, int file)
{
	struct pool_worker *worker = new_worker(pool);
	int ret;

	if (!worker)
		return -ENOMEM;
	ret = resume_get(file, &worker->record, sizeof(worker->record));
	if (!ret && worker->record.session_fd >= 0)
		ret = resume_own(worker->record.session_fd);
	if (!ret && worker->record.log_fd >= 0)
		ret = resume_own(worker->record.log_fd);
	if (!ret)
		ret = watch_process(worker);
	if (ret < 0) {
		free(worker);
		return ret;
	}
	link_worker(pool, worker);
	return 0;
}

int worker_pool_restore(struct worker_pool *pool, int file)
{
	unsigned int count, i;
	int ret = resume_get(file, &count, sizeof(count));

	for (i = 0; i < count && !ret; i++)
		ret = restore_worker(pool, file);
	return ret;
}
