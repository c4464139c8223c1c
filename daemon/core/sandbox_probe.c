// SPDX-License-Identifier: LGPL-2.1-or-later
#include "sandbox_probe.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "event_loop.h"

#define PROBE_MS	10000

/* The child: enter the sandbox; on failure write one line and return the exit status. */
static int try_sandbox(const struct sandbox_params *params)
{
	struct sandbox_failure failure;
	int ret = sandbox_enter(params, &failure);

	if (ret < 0) {
		dprintf(params->log_fd, "a worker cannot %s: %s; %s", failure.step, strerror(-ret),
			failure.advice);
		return 1;
	}
	/* Not open(): the filter must refuse this very call. */
	if (params->level < SANDBOX_OFF &&
	    (syscall(SYS_openat, AT_FDCWD, "/", O_RDONLY) >= 0 || errno != EACCES)) {
		dprintf(params->log_fd, "a worker in the sandbox can open a file; please report this");
		return 1;
	}
	return 0;
}

static _Noreturn void run_child(enum sandbox_level level, uint64_t memory, int null_fd, int log_fd,
				pid_t supervisor)
{
	struct sandbox_params params = {
		.level = level,
		.supervisor = supervisor,
		.null_fd = null_fd,
		.session_fd = null_fd,
		.memory = memory,
	};

	/* This number stays valid in the sandbox. */
	params.log_fd = dup2(log_fd, STDERR_FILENO);
	_exit(params.log_fd < 0 ? 1 : try_sandbox(&params));
}

/* What the child wrote before it closed the pipe, as a string; it is killed after PROBE_MS. */
static void read_text(int fd, pid_t child, char *text, size_t size)
{
	const int64_t end = now_ms() + PROBE_MS;
	struct pollfd pollfd = { .fd = fd, .events = POLLIN };
	size_t used = 0;

	while (used < size - 1) {
		int64_t left = end - now_ms();
		ssize_t ret = -1;

		if (left > 0 && poll(&pollfd, 1, (int)left) > 0)
			ret = read(fd, text + used, size - 1 - used);
		else if (left <= 0)
			kill(child, SIGKILL);
		if (ret > 0)
			used += (size_t)ret;
		else if (ret == 0 || left <= 0)
			break;
	}
	text[used] = '\0';
}

static int wait_for_child(pid_t child)
{
	int status;

	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			return -1;
	return status;
}

static int judge(int status, char *text, size_t size)
{
	if (!status)
		return 0;
	if (WIFSIGNALED(status))
		snprintf(text, size, "a worker died of SIG%s while it entered the sandbox",
			 sigabbrev_np(WTERMSIG(status)));
	else if (!*text)
		snprintf(text, size, "a worker gave up while it entered the sandbox");
	return -EPERM;
}

int sandbox_probe(enum sandbox_level level, uint64_t memory, char *text, size_t size)
{
	pid_t supervisor = getpid();
	int ret = 0, status;
	int fds[2] = { -1, -1 };
	int null_fd;
	pid_t child;

	*text = '\0';
	null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (null_fd < 0 || pipe2(fds, O_CLOEXEC) < 0) {
		ret = -errno;
		snprintf(text, size, "the sandbox cannot be tried: %s", strerror(errno));
		goto close_null;
	}
	child = fork();
	if (child == 0)
		run_child(level, memory, null_fd, fds[1], supervisor);
	if (child < 0) {
		ret = -errno;
		snprintf(text, size, "the sandbox cannot be tried: fork: %s", strerror(errno));
	}
	close(fds[1]);
	if (child > 0) {
		read_text(fds[0], child, text, size);
		status = wait_for_child(child);
		ret = judge(status, text, size);
	}
	close(fds[0]);
close_null:
	if (null_fd >= 0)
		close(null_fd);
	return ret;
}
