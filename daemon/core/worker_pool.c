// SPDX-License-Identifier: LGPL-2.1-or-later
#include "worker_pool.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "capture_format.h"
#include "log.h"
#include "worker.h"

/* Number of the session fd in a worker process, which closes all descriptors above it. */
#define WORKER_SESSION_FD	3

/**
 * struct pool_worker - one worker
 * @next:	in worker_pool.workers
 * @pool:	owner
 * @params:	parameters of worker_run()
 * @pid:	process id, unless in_process
 * @thread:	thread, if in_process
 * @ended:	the thread will not access this structure again
 */
struct pool_worker {
	struct pool_worker *next;
	struct worker_pool *pool;
	struct worker_params params;
	pid_t pid;
	pthread_t thread;
	atomic_bool ended;
};

struct worker_pool {
	struct pool_worker *workers;
	unsigned int count;
	struct engine_config config;
	bool in_process;
	int ended_fd;
};

struct worker_pool *worker_pool_new(const struct engine_config *config, bool in_process)
{
	struct worker_pool *pool = calloc(1, sizeof(*pool));

	if (!pool) {
		log_error("no memory for the table of workers");
		return NULL;
	}
	pool->config = *config;
	pool->in_process = in_process;
	pool->ended_fd = -1;
	if (in_process) {
		pool->ended_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
		if (pool->ended_fd < 0) {
			log_error("eventfd: %m");
			free(pool);
			return NULL;
		}
	}
	worker_install_drain_signal();
	return pool;
}

void worker_pool_free(struct worker_pool *pool)
{
	struct pool_worker *worker, *next;

	if (!pool)
		return;
	for (worker = pool->workers; worker; worker = next) {
		next = worker->next;
		if (!pool->in_process) {
			kill(worker->pid, SIGKILL);
			while (waitpid(worker->pid, NULL, 0) < 0 && errno == EINTR)
				;
		}
		free(worker);
	}
	if (pool->ended_fd >= 0)
		close(pool->ended_fd);
	free(pool);
}

int worker_pool_fd(const struct worker_pool *pool)
{
	return pool->ended_fd;
}

unsigned int worker_pool_count(const struct worker_pool *pool)
{
	return pool->count;
}

/* The worker process, from fork() on. */
static _Noreturn void run_process(struct worker_params params, pid_t supervisor)
{
	sigset_t none;
	int fd;

	/* The supervisor may have died between fork() and here. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != supervisor)
		_exit(1);

	fd = dup2(params.session_fd, WORKER_SESSION_FD);
	if (fd < 0 || close_range(WORKER_SESSION_FD + 1, ~0U, 0) < 0) {
		log_error("a worker cannot close the supervisor's descriptors: %m");
		_exit(1);
	}
	params.session_fd = fd;

	/* Ctrl-C reaches the whole foreground group; only the supervisor acts on it. */
	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);

	exit(worker_run(&params));
}

static int start_process(struct pool_worker *worker)
{
	pid_t supervisor = getpid();
	pid_t pid = fork();

	if (pid < 0)
		return -errno;
	if (pid == 0)
		run_process(worker->params, supervisor);
	worker->pid = pid;
	close(worker->params.session_fd);
	return 0;
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

int worker_pool_start(struct worker_pool *pool, int session_fd,
		      const struct daedalus_event *event, const struct engine_ops *ops)
{
	struct pool_worker *worker = calloc(1, sizeof(*worker));
	int ret = -ENOMEM;

	if (worker) {
		worker->pool = pool;
		worker->params = (struct worker_params){
			.session_fd = session_fd,
			.session = event->session,
			.ops = ops,
			.config = pool->config,
		};
		ret = pool->in_process ? start_thread(worker) : start_process(worker);
	}
	if (ret < 0) {
		log_error("no worker for session %u: %s; its jobs fail", event->session,
			  strerror(-ret));
		free(worker);
		close(session_fd);
		return ret;
	}
	worker->next = pool->workers;
	pool->workers = worker;
	pool->count++;
	if (pool->in_process)
		log_info("session %u: %s of process %u, worker thread", event->session, ops->name,
			 event->pid);
	else
		log_info("session %u: %s of process %u, worker %d", event->session, ops->name,
			 event->pid, (int)worker->pid);
	return 0;
}

static void log_process_end(const struct pool_worker *worker, int status)
{
	uint32_t session = worker->params.session;
	const char *codec = worker->params.ops->name;
	int pid = (int)worker->pid;

	if (WIFSIGNALED(status)) {
		const char *name = sigabbrev_np(WTERMSIG(status));

		log_error("worker %d (session %u, %s) died of SIG%s; the stream goes on at its next key frame",
			  pid, session, codec, name ? name : "?");
	} else if (WEXITSTATUS(status)) {
		log_warning("worker %d (session %u, %s) gave up; the stream goes on at its next key frame",
			    pid, session, codec);
	} else {
		log_debug("session %u: ended, worker %d has exited", session, pid);
	}
}

static bool has_ended(struct pool_worker *worker)
{
	int status;

	if (worker->pool->in_process) {
		if (!atomic_load(&worker->ended))
			return false;
		pthread_join(worker->thread, NULL);
		log_debug("session %u: ended", worker->params.session);
		return true;
	}
	if (waitpid(worker->pid, &status, WNOHANG) != worker->pid)
		return false;
	log_process_end(worker, status);
	return true;
}

void worker_pool_reap(struct worker_pool *pool)
{
	struct pool_worker **link = &pool->workers;
	uint64_t count;

	if (pool->in_process && read(pool->ended_fd, &count, sizeof(count)) < 0 && errno != EAGAIN)
		log_error("eventfd: %m");
	while (*link) {
		struct pool_worker *worker = *link;

		if (!has_ended(worker)) {
			link = &worker->next;
			continue;
		}
		*link = worker->next;
		pool->count--;
		free(worker);
	}
}

void worker_pool_drain(struct worker_pool *pool)
{
	struct pool_worker *worker;

	for (worker = pool->workers; worker; worker = worker->next) {
		if (!pool->in_process)
			kill(worker->pid, WORKER_DRAIN_SIGNAL);
		else if (!atomic_load(&worker->ended))
			pthread_kill(worker->thread, WORKER_DRAIN_SIGNAL);
	}
}
