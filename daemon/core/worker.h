/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Serves one stream: reads jobs from its session fd, writes pictures and replies. */
#ifndef DAEDALUS_WORKER_H
#define DAEDALUS_WORKER_H

#include <stdbool.h>
#include <stdint.h>

#include "codec/engine.h"

/**
 * struct worker_params - parameters of a worker
 * @session_fd:	blocking; the caller owns and closes it
 * @session:	session number, for log lines
 * @ops:	engine of the stream's coded format, loaded
 * @config:	for the engine
 */
struct worker_params {
	int session_fd;
	uint32_t session;
	const struct engine_ops *ops;
	struct engine_config config;
};

/**
 * worker_install_drain_signal() - let WORKER_DRAIN_SIGNAL ask workers to end
 *
 * Call once per process. The signal interrupts a worker's read(); the worker then
 * ends as soon as no message is waiting. Send the signal again until the worker
 * has ended: one that arrives just before read() interrupts nothing.
 */
void worker_install_drain_signal(void);

#define WORKER_DRAIN_SIGNAL	SIGUSR1

/**
 * worker_run() - serve until the stream ends
 *
 * The calling thread must not block WORKER_DRAIN_SIGNAL.
 *
 * Return: 0 when the stream has ended or after a drain; 1 after an error,
 * which has been logged.
 */
int worker_run(const struct worker_params *params);

#endif /* DAEDALUS_WORKER_H */
