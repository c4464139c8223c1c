// SPDX-License-Identifier: LGPL-2.1-or-later
#include "supervisor.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include "capture_format.h"
#include "daedalus_v4l2_proto.h"
#include "codec/engines.h"
#include "log.h"
#include "notify.h"
#include "worker.h"
#include "worker_pool.h"

/* How long to wait for the device while another daemon has it open. */
#define PREDECESSOR_MS 2000

#define DRAIN_MS		1000	/* time for jobs in flight, after SIGTERM */
#define DRAIN_SIGNAL_MS		20	/* between two worker_pool_drain() */
#define RETRY_MS		100	/* after OPEN_SESSION failed for lack of memory or fds */
#define MAX_RETRIES		64	/* sessions that wait for a retry */

struct supervisor {
	const struct supervisor_params *params;
	int control_fd;
	int signal_fd;
	struct worker_pool *pool;
	struct daedalus_event retries[MAX_RETRIES];
	unsigned int num_retries;
	bool draining;
	int64_t drain_end;		/* milliseconds of CLOCK_MONOTONIC */
};

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * INT64_C(1000) + now.tv_nsec / 1000000;
}

/*
 * A daemon that was killed has the device open until the kernel has ended its last
 * process. The service manager may start the next daemon before that.
 */
static int open_control(const char *device)
{
	const int64_t end = now_ms() + PREDECESSOR_MS;
	const struct timespec pause = { .tv_nsec = 20 * 1000 * 1000 };
	int fd;

	do {
		fd = open(device, O_RDWR | O_CLOEXEC | O_NONBLOCK);
		if (fd >= 0)
			return fd;
	} while (errno == EBUSY && now_ms() < end && nanosleep(&pause, NULL) == 0);
	switch (errno) {
	case ENOENT:
	case ENODEV:
	case ENXIO:
		log_error("%s: %m; load the daedalus_v4l2 module (modprobe daedalus_v4l2)",
			  device);
		break;
	case EBUSY:
		log_error("%s: %m; another daedalusd is running", device);
		break;
	case EACCES:
	case EPERM:
		log_error("%s: %m; run daedalusd as root or give its user access to the device",
			  device);
		break;
	default:
		log_error("%s: %m", device);
	}
	return -1;
}

static int say_hello(int fd, const char *device, struct daedalus_hello *hello)
{
	int ret;

	hello->version = DAEDALUS_PROTO_VERSION;
	hello->size = sizeof(*hello);
	do {
		ret = ioctl(fd, DAEDALUS_IOC_HELLO, hello);
	} while (ret < 0 && errno == EINTR);
	if (!ret) {
		log_info("ready on %s with %s, %u codec%s, %u ms a job", device,
			 (const char *)hello->engine, hello->num_codecs,
			 hello->num_codecs > 1 ? "s" : "", hello->deadline_ms);
		return EXIT_STOPPED;
	}
	switch (errno) {
	case EPROTO:
		log_error("the module speaks protocol version %u, this daedalusd version %u; install both from one release",
			  hello->version, DAEDALUS_PROTO_VERSION);
		return EXIT_PROTOCOL;
	case ENOTTY:
		log_error("%s is not the control device of daedalus_v4l2", device);
		return EXIT_NO_DEVICE;
	case ENODEV:
		log_error("the daedalus_v4l2 module is being unloaded");
		return EXIT_GONE;
	default:
		log_error("the module refuses our hello: %m");
		return EXIT_PROTOCOL;
	}
}

static void retry_later(struct supervisor *supervisor, const struct daedalus_event *event,
			int error)
{
	if (supervisor->num_retries == MAX_RETRIES) {
		log_error("session %u cannot be opened: %s, and %u others wait; its jobs fail",
			  event->session, strerror(error), MAX_RETRIES);
		return;
	}
	supervisor->retries[supervisor->num_retries++] = *event;
}

static void open_session(struct supervisor *supervisor, const struct daedalus_event *event,
			 bool first_time)
{
	struct daedalus_open_session open = { .session = event->session };
	const struct engine_ops *ops = engines_find(event->pixelformat);
	char fourcc[FOURCC_TEXT_BYTES];
	int ret;

	do {
		ret = ioctl(supervisor->control_fd, DAEDALUS_IOC_OPEN_SESSION, &open);
	} while (ret < 0 && errno == EINTR);
	if (ret < 0) {
		int error = errno;

		if (error == ENOENT) {
			log_debug("session %u ended before it began", event->session);
		} else if (error == EMFILE || error == ENFILE || error == ENOMEM) {
			if (first_time)
				log_error("session %u cannot be opened: %s; trying again",
					  event->session, strerror(error));
			retry_later(supervisor, event, error);
		} else {
			log_error("session %u cannot be opened: %s", event->session,
				  strerror(error));
		}
		return;
	}
	if (!ops) {
		log_error("session %u wants %s, which was not in our hello; its jobs fail",
			  event->session, fourcc_text(event->pixelformat, fourcc));
		close(open.fd);
		return;
	}
	worker_pool_start(supervisor->pool, open.fd, event, ops);
}

static void retry_sessions(struct supervisor *supervisor)
{
	struct daedalus_event events[MAX_RETRIES];
	unsigned int count = supervisor->num_retries;
	unsigned int i;

	memcpy(events, supervisor->retries, count * sizeof(events[0]));
	supervisor->num_retries = 0;
	for (i = 0; i < count; i++)
		open_session(supervisor, &events[i], false);
}

/* Return: EXIT_STOPPED to go on, else the exit status. */
static int handle_control(struct supervisor *supervisor)
{
	struct daedalus_event event;
	ssize_t size;

	for (;;) {
		size = read(supervisor->control_fd, &event, sizeof(event));
		if (size < 0 && errno == EINTR)
			continue;
		if (size < 0 && errno == EAGAIN)
			return EXIT_STOPPED;
		if (size < 0) {
			log_error("%s: %m; the module was unloaded or unbound",
				  supervisor->params->device);
			return EXIT_GONE;
		}
		if (size != sizeof(event) || event.type != DAEDALUS_EVENT_SESSION) {
			log_error("an event of %zd bytes and type %u is unknown; install module and daemon from one release",
				  size, size >= 4 ? event.type : 0);
			return EXIT_PROTOCOL;
		}
		if (!supervisor->draining)
			open_session(supervisor, &event, true);
	}
}

static void start_draining(struct supervisor *supervisor, uint32_t signal)
{
	log_info("SIG%s: stopping, %u worker%s", sigabbrev_np((int)signal),
		 worker_pool_count(supervisor->pool),
		 worker_pool_count(supervisor->pool) == 1 ? "" : "s");
	notify_manager("STOPPING=1");
	supervisor->draining = true;
	supervisor->num_retries = 0;
	supervisor->drain_end = now_ms() + DRAIN_MS;
}

static void handle_signals(struct supervisor *supervisor)
{
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

static int poll_timeout(const struct supervisor *supervisor)
{
	if (supervisor->draining)
		return DRAIN_SIGNAL_MS;
	return supervisor->num_retries ? RETRY_MS : -1;
}

static int main_loop(struct supervisor *supervisor)
{
	struct pollfd fds[] = {
		{ .fd = supervisor->signal_fd, .events = POLLIN },
		{ .fd = worker_pool_fd(supervisor->pool), .events = POLLIN },
		{ .fd = supervisor->control_fd, .events = POLLIN },
	};

	for (;;) {
		int ret;

		if (supervisor->draining) {
			if (!worker_pool_count(supervisor->pool))
				return EXIT_STOPPED;
			if (now_ms() >= supervisor->drain_end) {
				log_info("%u stream%s still running after %d ms; stopping anyway",
					 worker_pool_count(supervisor->pool),
					 worker_pool_count(supervisor->pool) > 1 ? "s are" :
					 " is", DRAIN_MS);
				return EXIT_STOPPED;
			}
			worker_pool_drain(supervisor->pool);
		}

		ret = poll(fds, sizeof(fds) / sizeof(fds[0]), poll_timeout(supervisor));
		if (ret < 0 && errno != EINTR) {
			log_error("poll: %m");
			return EXIT_FAILED;
		}
		if (ret <= 0) {
			retry_sessions(supervisor);
			continue;
		}
		if (fds[0].revents)
			handle_signals(supervisor);
		if (fds[1].revents)
			worker_pool_reap(supervisor->pool);
		if (fds[2].revents) {
			ret = handle_control(supervisor);
			if (ret)
				return ret;
			/* Without this, poll() would return at once forever after a hang-up. */
			if (fds[2].revents & (POLLHUP | POLLERR | POLLNVAL)) {
				log_error("%s has hung up; the module was unloaded or unbound",
					  supervisor->params->device);
				return EXIT_GONE;
			}
		}
	}
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

/* A worker thread cannot be killed alone, so the whole process exits. */
static void end_workers(struct supervisor *supervisor, int status)
{
	if (supervisor->params->in_process && worker_pool_count(supervisor->pool)) {
		log_debug("leaving with worker threads running");
		_exit(status);
	}
	worker_pool_free(supervisor->pool);
}

int supervisor_run(const struct supervisor_params *params)
{
	struct supervisor supervisor = { .params = params, .control_fd = -1 };
	struct daedalus_hello hello = { 0 };
	int status = EXIT_FAILED;

	supervisor.signal_fd = open_signals();
	if (supervisor.signal_fd < 0)
		return EXIT_FAILED;
	supervisor.pool = worker_pool_new(&params->config, params->in_process);
	if (!supervisor.pool)
		goto close_signals;

	status = EXIT_NO_DEVICE;
	supervisor.control_fd = open_control(params->device);
	if (supervisor.control_fd < 0)
		goto free_pool;
	status = EXIT_NO_CODEC;
	if (!engines_load(&hello))	/* it has logged the reason */
		goto close_control;
	status = say_hello(supervisor.control_fd, params->device, &hello);
	if (status)
		goto close_control;

	if (notify_manager("READY=1") < 0)
		log_warning("$NOTIFY_SOCKET does not take READY=1");
	status = main_loop(&supervisor);

close_control:
	end_workers(&supervisor, status);
	supervisor.pool = NULL;
	close(supervisor.control_fd);
free_pool:
	worker_pool_free(supervisor.pool);
close_signals:
	close(supervisor.signal_fd);
	return status;
}
