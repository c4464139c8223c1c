/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The supervisor's workers: one process per stream, or one thread for debuggers. */
#ifndef DAEDALUS_WORKER_POOL_H
#define DAEDALUS_WORKER_POOL_H

#include <stdbool.h>

#include "daedalus_v4l2_proto.h"
#include "codec/engine.h"

struct worker_pool;

/**
 * worker_pool_new() - no workers yet
 * @config:	for every engine
 * @in_process:	threads instead of processes
 *
 * Return: NULL without memory or descriptors, which has been logged.
 */
struct worker_pool *worker_pool_new(const struct engine_config *config, bool in_process);

/**
 * worker_pool_free() - forget all workers
 *
 * Workers that still run are killed; threads must have ended.
 */
void worker_pool_free(struct worker_pool *pool);

/** worker_pool_fd() - readable when a thread has ended; -1 with processes (SIGCHLD tells) */
int worker_pool_fd(const struct worker_pool *pool);

/**
 * worker_pool_start() - start a worker for a session
 * @session_fd:	given away, also on failure
 * @event:	what the kernel said of the stream
 * @ops:	engine for it
 *
 * A process keeps standard error and its session fd and nothing else.
 *
 * Return: 0 or a negative errno, which has been logged.
 */
int worker_pool_start(struct worker_pool *pool, int session_fd,
		      const struct daedalus_event *event, const struct engine_ops *ops);

/** worker_pool_reap() - collect workers that have ended, log those that died */
void worker_pool_reap(struct worker_pool *pool);

/** worker_pool_count() - workers that are alive */
unsigned int worker_pool_count(const struct worker_pool *pool);

/** worker_pool_drain() - ask all to end once their session has no message; repeat */
void worker_pool_drain(struct worker_pool *pool);

#endif /* DAEDALUS_WORKER_POOL_H */
