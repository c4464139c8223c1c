// SPDX-License-Identifier: LGPL-2.1-or-later
#include "worker_process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "log.h"

/**
 * struct worker_files - what a worker has besides its session
 * @null:	/dev/null
 * @log:	pipe; the worker writes to [1]
 */
struct worker_files {
	int null;
	int log[2];
};

static void close_files(struct worker_files *files)
{
	close(files->null);
	close(files->log[1]);
}

/* Return: 0 or a negative errno, and nothing is open. */
static int open_files(struct worker_files *files)
{
	int error;

	files->null = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (files->null < 0)
		return -errno;
	/* Neither side waits for the other: a full pipe costs the worker its lines. */
	if (pipe2(files->log, O_CLOEXEC | O_NONBLOCK) < 0) {
		error = -errno;
		close(files->null);
		return error;
	}
	return 0;
}

static void reset_signals(void)
{
	sigset_t none;

	/* Ctrl-C reaches the whole foreground group; only the supervisor acts on it. */
	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/* The child, from fork() on. Exits without the supervisor's atexit() handlers. */
static _Noreturn void run_child(const struct worker_process_params *params,
				const struct worker_files *files, pid_t supervisor)
{
	const struct sandbox_params sandbox = {
		.level = params->level,
		.supervisor = supervisor,
		.null_fd = files->null,
		.log_fd = files->log[1],
		.session_fd = params->worker.session_fd,
		.number = params->worker.session,
		.memory = params->memory,
	};
	struct worker_params worker = params->worker;
	struct sandbox_failure failure;
	int ret;

	ret = sandbox_enter(&sandbox, &failure);
	if (ret < 0) {
		log_error("a worker cannot %s: %s; %s", failure.step, strerror(-ret),
			  failure.advice);
		_exit(1);
	}
	reset_signals();
	worker.session_fd = SANDBOX_SESSION_FD;
	_exit(worker_run(&worker));
}

pid_t worker_process_start(const struct worker_process_params *params, int *log_fd)
{
	pid_t supervisor = getpid();
	struct worker_files files;
	pid_t pid;
	int ret;

	ret = open_files(&files);
	if (ret < 0)
		return ret;
	pid = fork();
	if (pid == 0)
		run_child(params, &files, supervisor);
	if (pid < 0) {
		pid = -errno;
		close(files.log[0]);
	} else {
		*log_fd = files.log[0];
	}
	close_files(&files);
	return pid;
}
