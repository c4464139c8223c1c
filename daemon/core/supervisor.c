// SPDX-License-Identifier: LGPL-2.1-or-later
#include "supervisor.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "capture_format.h"
#include "codec/engines.h"
#include "control.h"
#include "daedalus_v4l2_proto.h"
#include "event_loop.h"
#include "exit_status.h"
#include "log.h"
#include "notify.h"
#include "respawn.h"
#include "resume.h"
#include "sandbox_probe.h"
#include "status.h"
#include "worker.h"
#include "worker_pool.h"

#define DRAIN_MS		1000	/* time for jobs in flight, after SIGTERM */
#define DRAIN_SIGNAL_MS		20	/* between two worker_pool_drain() */
#define RETRY_MS		100	/* after OPEN_SESSION failed for lack of memory or fds */
#define MAX_RETRIES		64	/* sessions that wait for a retry */
#define MAX_EVENTS		64	/* of the control fd, before other descriptors */

#define STATE_MAGIC	UINT64_C(0x6461656473746174)

/**
 * struct state - what survives an exec() of the supervisor, besides the workers
 * @magic:		STATE_MAGIC
 * @control_fd:		the control fd, which has said hello
 * @num_retries:	used entries of @retries
 * @retries:		sessions that could not be opened yet
 * @retry_at:		when to try them, as of now_ms()
 * @respawn:		clients whose workers crashed
 * @started:		when the daemon was started, as of now_ms()
 * @deadline_ms:	time of a job, as the module's answer to the hello says
 * @streams:		sessions that got a worker
 * @crashes:		workers that died or gave up
 */
struct state {
	uint64_t magic;
	int control_fd;
	unsigned int num_retries;
	struct daedalus_event retries[MAX_RETRIES];
	int64_t retry_at;
	struct respawn respawn;
	int64_t started;
	uint32_t deadline_ms;
	uint64_t streams;
	uint64_t crashes;
};

/**
 * struct supervisor - the supervisor; times are those of now_ms()
 * @params:		the command line
 * @state:		see there
 * @loop:		all descriptors
 * @signal_fd:		SIGTERM, SIGINT and SIGCHLD
 * @status_fd:		status socket; -1: none
 * @pool:		workers
 * @crashed:		a worker has crashed; no other may be started with this layout
 * @draining:		it was told to stop, and must at @drain_end
 * @drain_at:		when to ask workers again to end
 * @watchdog_ms:	time between two signs of life; 0: nobody asks for them
 * @watchdog_at:	when the next one is due
 * @stopped:		@status is the exit status
 */
struct supervisor {
	const struct supervisor_params *params;
	struct state state;
	struct event_loop *loop;
	int signal_fd;
	int status_fd;
	struct worker_pool *pool;
	bool crashed;
	bool draining;
	int64_t drain_end;
	int64_t drain_at;
	int64_t watchdog_ms;
	int64_t watchdog_at;
	bool stopped;
	int status;
};

static void stop(struct supervisor *supervisor, int status)
{
	supervisor->stopped = true;
	supervisor->status = status;
}

static void retry_later(struct supervisor *supervisor, const struct daedalus_event *event,
			int error)
{
	struct state *state = &supervisor->state;

	if (state->num_retries == MAX_RETRIES) {
		log_error("session %u cannot be opened: %s, and %u others wait; its jobs fail",
			  event->session, strerror(error), MAX_RETRIES);
		return;
	}
	if (!state->num_retries)
		state->retry_at = now_ms() + RETRY_MS;
	state->retries[state->num_retries++] = *event;
}

static void open_failed(struct supervisor *supervisor, const struct daedalus_event *event,
			int error, bool first_time)
{
	if (error == ENOENT) {
		log_debug("session %u ended before it began", event->session);
	} else if (error == EMFILE || error == ENFILE || error == ENOMEM) {
		if (first_time)
			log_error("session %u cannot be opened: %s; trying again", event->session,
				  strerror(error));
		retry_later(supervisor, event, error);
	} else {
		log_error("session %u cannot be opened: %s", event->session, strerror(error));
	}
}

/* A session that is closed at once fails its jobs; the client's next job asks again. */
static bool may_start(struct supervisor *supervisor, const struct daedalus_event *event)
{
	bool first;

	if (respawn_allowed(&supervisor->state.respawn, event->pid, now_ms(), &first))
		return true;
	if (first)
		log_warning("%u workers of process %u crashed within %d s; its jobs fail until that time is over",
			    RESPAWN_CRASHES, event->pid, RESPAWN_WINDOW_MS / 1000);
	return false;
}

static void open_session(struct supervisor *supervisor, const struct daedalus_event *event,
			 bool first_time)
{
	const struct engine_ops *ops = engines_find(event->pixelformat);
	char fourcc[FOURCC_TEXT_BYTES];
	int fd;

	fd = control_open_session(supervisor->state.control_fd, event->session);
	if (fd < 0) {
		open_failed(supervisor, event, -fd, first_time);
		return;
	}
	if (!ops)
		log_error("session %u wants %s, which was not in our hello; its jobs fail",
			  event->session, fourcc_text(event->pixelformat, fourcc));
	if (!ops || !may_start(supervisor, event)) {
		close(fd);
		return;
	}
	if (worker_pool_start(supervisor->pool, fd, event, ops) == 0)
		supervisor->state.streams++;
}

static void handle_control(void *data, short events)
{
	struct supervisor *supervisor = data;
	struct daedalus_event event;
	ssize_t size;
	int i;

	/*
	 * Until there is a new layout, events wait in the module. A client whose sessions are
	 * refused may make new events forever: others must have their turn.
	 */
	for (i = 0; i < MAX_EVENTS && !supervisor->crashed; i++) {
		size = read(supervisor->state.control_fd, &event, sizeof(event));
		if (size < 0 && errno == EINTR)
			continue;
		if (size < 0 && errno == EAGAIN)
			break;
		if (size < 0) {
			log_error("%s: %m; the module was unloaded or unbound",
				  supervisor->params->device);
			stop(supervisor, EXIT_GONE);
			return;
		}
		if (size != sizeof(event) || event.type != DAEDALUS_EVENT_SESSION) {
			log_error("an event of %zd bytes and type %u is unknown; install module and daemon from one release",
				  size, size >= 4 ? event.type : 0);
			stop(supervisor, EXIT_PROTOCOL);
			return;
		}
		if (!supervisor->draining)
			open_session(supervisor, &event, true);
	}
	/* Without this, poll() would return at once forever after a hang-up. */
	if (events & (POLLHUP | POLLERR | POLLNVAL)) {
		log_error("%s has hung up; the module was unloaded or unbound",
			  supervisor->params->device);
		stop(supervisor, EXIT_GONE);
	}
}

static void start_draining(struct supervisor *supervisor, uint32_t signal)
{
	unsigned int count = worker_pool_count(supervisor->pool);

	log_info("SIG%s: stopping, %u worker%s", sigabbrev_np((int)signal), count,
		 count == 1 ? "" : "s");
	notify_manager("STOPPING=1");
	supervisor->draining = true;
	supervisor->state.num_retries = 0;
	supervisor->drain_at = now_ms();
	supervisor->drain_end = supervisor->drain_at + DRAIN_MS;
}

static void handle_signals(void *data, short events)
{
	struct supervisor *supervisor = data;
	struct signalfd_siginfo info;

	while (read(supervisor->signal_fd, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo == SIGCHLD)
			continue;
		if (supervisor->draining)	/* a second signal: do not wait */
			supervisor->drain_end = now_ms();
		else
			start_draining(supervisor, info.ssi_signo);
	}
	worker_pool_reap(supervisor->pool);
}

static void worker_ended(void *data, uint32_t client, enum worker_end end)
{
	struct supervisor *supervisor = data;

	if (end != WORKER_ENDED)
		supervisor->state.crashes++;
	if (end == WORKER_CRASHED || end == WORKER_GAVE_UP)
		respawn_crashed(&supervisor->state.respawn, client, now_ms());
	if (end == WORKER_CRASHED)
		supervisor->crashed = true;
}

/* Execute this program again, so that the next worker has another address space layout. */
static void renew_layout(struct supervisor *supervisor)
{
	int file = resume_create();
	int ret = file;

	supervisor->crashed = false;
	if (file >= 0) {
		ret = resume_put(file, &supervisor->state, sizeof(supervisor->state));
		if (!ret)
			ret = worker_pool_save(supervisor->pool, file);
		if (!ret)
			ret = resume_keep(supervisor->state.control_fd);
		if (!ret)
			ret = resume_exec(file, supervisor->params->argv);
		close(file);
	}
	log_error("the address space layout stays as it was when a worker crashed: %s",
		  strerror(-ret));
}

/* Return: 0 or a negative errno. */
static int take_over(struct supervisor *supervisor)
{
	struct state *state = &supervisor->state;
	int file = supervisor->params->resume;
	int ret;

	ret = resume_get(file, state, sizeof(*state));
	if (!ret && (state->magic != STATE_MAGIC || state->num_retries > MAX_RETRIES))
		ret = -EPROTO;
	if (!ret)
		ret = resume_own(state->control_fd);
	if (!ret)
		ret = worker_pool_restore(supervisor->pool, file);
	close(file);
	/* The name of a program is that of its file, which was /proc/self/exe. */
	prctl(PR_SET_NAME, program_invocation_short_name);
	return ret;
}

static void fill_status(struct record_text *to, const struct status_reader *reader, void *data)
{
	const struct supervisor *supervisor = data;
	const struct supervisor_params *params = supervisor->params;
	const struct state *state = &supervisor->state;

	record_begin(to, "daemon");
	record_add(to, "version", "%s", DAEDALUS_VERSION);
	record_add(to, "pid", "%d", (int)getpid());
	record_add(to, "protocol", "%d", DAEDALUS_PROTO_VERSION);
	record_add(to, "uptime_ms", "%lld", (long long)(now_ms() - state->started));
	record_add(to, "workers", "%s", params->in_process ? "threads" : "processes");
	record_add(to, "sandbox", "%s",
		   params->in_process ? "none" : sandbox_level_name(params->sandbox));
	record_add(to, "threads", "%u", params->config.threads);
	record_add(to, "deadline_ms", "%u", state->deadline_ms);
	record_add(to, "streams", "%u", worker_pool_count(supervisor->pool));
	record_add(to, "streams_total", "%llu", (unsigned long long)state->streams);
	record_add(to, "crashes", "%llu", (unsigned long long)state->crashes);
	record_end(to);
	engines_describe(to);
	worker_pool_describe(supervisor->pool, to, reader);
}

static void handle_status(void *data, short events)
{
	struct supervisor *supervisor = data;

	status_serve(supervisor->status_fd, fill_status, supervisor);
}

/* Without it only daedalusctl fails. */
static void open_status(struct supervisor *supervisor)
{
	const char *path = supervisor->params->status;

	if (!*path)
		return;
	supervisor->status_fd = status_listen(path);
	if (supervisor->status_fd < 0 ||
	    event_loop_add(supervisor->loop, supervisor->status_fd, POLLIN, handle_status,
			   supervisor) < 0)
		log_warning("no status socket %s: %s; daedalusctl will not see this daemon", path,
			    strerror(supervisor->status_fd < 0 ? -supervisor->status_fd : ENOMEM));
}

static void close_status(struct supervisor *supervisor)
{
	if (supervisor->status_fd < 0)
		return;
	unlink(supervisor->params->status);
	close(supervisor->status_fd);
}

static int64_t retries_due(const struct supervisor *supervisor)
{
	return supervisor->state.num_retries ? supervisor->state.retry_at : NEVER;
}

static void retry_sessions(struct supervisor *supervisor, int64_t now)
{
	struct state *state = &supervisor->state;
	struct daedalus_event events[MAX_RETRIES];
	unsigned int count = state->num_retries;
	unsigned int i;

	memcpy(events, state->retries, count * sizeof(events[0]));
	state->num_retries = 0;
	for (i = 0; i < count; i++)
		open_session(supervisor, &events[i], false);
}

static int64_t pool_due(const struct supervisor *supervisor)
{
	return worker_pool_due(supervisor->pool);
}

static void expire_workers(struct supervisor *supervisor, int64_t now)
{
	worker_pool_expire(supervisor->pool, now);
}

static int64_t watchdog_due(const struct supervisor *supervisor)
{
	return supervisor->watchdog_ms ? supervisor->watchdog_at : NEVER;
}

static void feed_watchdog(struct supervisor *supervisor, int64_t now)
{
	notify_manager("WATCHDOG=1");
	supervisor->watchdog_at = now + supervisor->watchdog_ms;
}

static int64_t drain_due(const struct supervisor *supervisor)
{
	return supervisor->draining ? supervisor->drain_at : NEVER;
}

static void drain(struct supervisor *supervisor, int64_t now)
{
	unsigned int count = worker_pool_count(supervisor->pool);

	if (count && now >= supervisor->drain_end)
		log_info("%u stream%s still running after %d ms; stopping anyway", count,
			 count > 1 ? "s are" : " is", DRAIN_MS);
	if (!count || now >= supervisor->drain_end) {
		stop(supervisor, EXIT_STOPPED);
		return;
	}
	worker_pool_drain(supervisor->pool);
	supervisor->drain_at = now + DRAIN_SIGNAL_MS;
}

/**
 * struct timer - work at a point in time
 * @due:	when, as of now_ms(); NEVER
 * @expired:	does it; called at that time or later
 */
struct timer {
	int64_t (*due)(const struct supervisor *supervisor);
	void (*expired)(struct supervisor *supervisor, int64_t now);
};

static const struct timer timers[] = {
	{ retries_due, retry_sessions },
	{ pool_due, expire_workers },
	{ watchdog_due, feed_watchdog },
	{ drain_due, drain },
};

#define NUM_TIMERS	(sizeof(timers) / sizeof(timers[0]))

static int64_t next_due(const struct supervisor *supervisor)
{
	int64_t next = NEVER;
	size_t i;

	for (i = 0; i < NUM_TIMERS; i++) {
		int64_t due = timers[i].due(supervisor);

		if (due < next)
			next = due;
	}
	return next;
}

static void run_timers(struct supervisor *supervisor)
{
	int64_t now = now_ms();
	size_t i;

	for (i = 0; i < NUM_TIMERS && !supervisor->stopped; i++)
		if (timers[i].due(supervisor) <= now)
			timers[i].expired(supervisor, now);
}

static int main_loop(struct supervisor *supervisor)
{
	int ret;

	while (!supervisor->stopped) {
		if (supervisor->draining)	/* nothing is started any more */
			supervisor->crashed = false;
		if (supervisor->crashed)
			renew_layout(supervisor);
		ret = event_loop_wait(supervisor->loop, next_due(supervisor));
		if (ret < 0) {
			log_error("poll: %s", strerror(-ret));
			return EXIT_FAILED;
		}
		if (!supervisor->stopped && !supervisor->crashed)
			run_timers(supervisor);
	}
	return supervisor->status;
}

static int open_signals(void)
{
	sigset_t set;
	int fd;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGCHLD);
	fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	/* Only workers take this signal; each unblocks it when it is ready. */
	sigaddset(&set, WORKER_DRAIN_SIGNAL);
	if (fd >= 0)
		sigprocmask(SIG_BLOCK, &set, NULL);
	else
		log_error("signalfd: %m");
	signal(SIGPIPE, SIG_IGN);
	return fd;
}

/* Without a sandbox that holds there is no daemon. */
static int check_sandbox(const struct supervisor_params *params)
{
	char text[512];

	if (params->in_process) {
		log_warning("--in-process: workers are threads of this process and have no sandbox");
		return EXIT_STOPPED;
	}
	if (params->sandbox == SANDBOX_OFF)
		log_warning("--sandbox=off: a stream that takes over a decoder has the rights of this process");
	if (params->sandbox == SANDBOX_NO_NAMESPACES)
		log_warning("--sandbox=no-namespaces: only the filter of system calls keeps decoders from files and the network");
	if (sandbox_probe(params->sandbox, params->memory, text, sizeof(text)) < 0) {
		log_error("%s", text);
		return EXIT_NO_SANDBOX;
	}
	log_debug("sandbox of workers: %s, %llu MiB of memory", sandbox_level_name(params->sandbox),
		  (unsigned long long)(params->memory >> 20));
	return EXIT_STOPPED;
}

/* The first start: device, codecs, sandbox, hello. */
static int introduce(struct supervisor *supervisor)
{
	const struct supervisor_params *params = supervisor->params;
	struct daedalus_hello hello = { 0 };
	int status;

	supervisor->state.magic = STATE_MAGIC;
	supervisor->state.started = now_ms();
	supervisor->state.control_fd = control_open(params->device);
	if (supervisor->state.control_fd < 0)
		return EXIT_NO_DEVICE;
	if (!engines_load(&hello))	/* it has logged the reason */
		return EXIT_NO_CODEC;
	status = check_sandbox(params);
	if (status == EXIT_STOPPED)
		status = control_hello(supervisor->state.control_fd, params->device, &hello);
	supervisor->state.deadline_ms = hello.deadline_ms;
	if (status == EXIT_STOPPED)
		open_status(supervisor);
	if (status == EXIT_STOPPED && notify_manager("READY=1") < 0)
		log_warning("$NOTIFY_SOCKET does not take READY=1");
	return status;
}

/* The start after renew_layout(). */
static int resume(struct supervisor *supervisor)
{
	struct daedalus_hello hello = { 0 };
	int ret = take_over(supervisor);

	if (ret < 0) {
		log_error(RESUME_OPTION "=%d: %s; only daedalusd itself gives this option",
			  supervisor->params->resume, strerror(-ret));
		return EXIT_USAGE;
	}
	if (!engines_load(&hello))
		return EXIT_NO_CODEC;
	open_status(supervisor);
	/* Workers may have ended while nobody listened. */
	worker_pool_reap(supervisor->pool);
	log_debug("a new address space layout, %u workers", worker_pool_count(supervisor->pool));
	return EXIT_STOPPED;
}

static int serve(struct supervisor *supervisor)
{
	int status = supervisor->params->resume >= 0 ? resume(supervisor) : introduce(supervisor);

	if (status != EXIT_STOPPED)
		return status;
	if (event_loop_add(supervisor->loop, supervisor->state.control_fd, POLLIN, handle_control,
			   supervisor) < 0) {
		log_error("no memory for the control device");
		return EXIT_FAILED;
	}
	supervisor->watchdog_ms = notify_watchdog_ms();
	return main_loop(supervisor);
}

static bool set_up(struct supervisor *supervisor)
{
	const struct supervisor_params *params = supervisor->params;
	const struct worker_pool_params pool = {
		.config = params->config,
		.in_process = params->in_process,
		.sandbox = params->sandbox,
		.memory = params->memory,
		.ended = worker_ended,
		.data = supervisor,
	};

	supervisor->loop = event_loop_new();
	if (!supervisor->loop) {
		log_error("no memory for the table of descriptors");
		return false;
	}
	supervisor->signal_fd = open_signals();
	if (supervisor->signal_fd < 0)
		return false;
	if (event_loop_add(supervisor->loop, supervisor->signal_fd, POLLIN, handle_signals,
			   supervisor) < 0) {
		log_error("no memory for the signals");
		return false;
	}
	supervisor->pool = worker_pool_new(&pool, supervisor->loop);
	return supervisor->pool;
}

/* A worker thread cannot be killed alone, so the whole process exits. */
static void end_workers(struct supervisor *supervisor, int status)
{
	if (supervisor->params->in_process && supervisor->pool &&
	    worker_pool_count(supervisor->pool)) {
		log_debug("leaving with worker threads running");
		_exit(status);
	}
	worker_pool_free(supervisor->pool);
}

int supervisor_run(const struct supervisor_params *params)
{
	struct supervisor supervisor = {
		.params = params,
		.state = { .control_fd = -1 },
		.signal_fd = -1,
		.status_fd = -1,
	};
	int status = set_up(&supervisor) ? serve(&supervisor) : EXIT_FAILED;

	close_status(&supervisor);
	end_workers(&supervisor, status);
	if (supervisor.state.control_fd >= 0)
		close(supervisor.state.control_fd);
	if (supervisor.signal_fd >= 0)
		close(supervisor.signal_fd);
	event_loop_free(supervisor.loop);
	return status;
}
