/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A worker that is a process: fork, sandbox, serve, end. */
#ifndef DAEDALUS_WORKER_PROCESS_H
#define DAEDALUS_WORKER_PROCESS_H

#include <sys/types.h>

#include "sandbox.h"
#include "worker.h"

/**
 * struct worker_process_params - how to start a worker process
 * @worker:	for worker_run(); its session_fd stays the caller's
 * @level:	of the sandbox
 * @memory:	bytes that the worker may have; 0: no limit
 */
struct worker_process_params {
	struct worker_params worker;
	enum sandbox_level level;
	uint64_t memory;
};

/**
 * worker_process_start() - start a worker process
 * @params:	parameters
 * @log_fd:	set to the reading end of its standard error, which the caller owns;
 *		close-on-exec and non-blocking
 *
 * Return: its process id, or a negative errno.
 */
pid_t worker_process_start(const struct worker_process_params *params, int *log_fd);

#endif /* DAEDALUS_WORKER_PROCESS_H */
