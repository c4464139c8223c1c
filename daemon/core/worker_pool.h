/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The supervisor's workers: one process per stream, or one thread for debuggers. */
#ifndef DAEDALUS_WORKER_POOL_H
#define DAEDALUS_WORKER_POOL_H

#include <stdbool.h>

#include "daedalus_v4l2_proto.h"
#include "codec/engine.h"

struct worker_pool;

/**
 * worker_pool_new() - make a pool without workers
 * @config:	for every engine
 * @in_process:	threads instead of processes
 *
 * Return: the pool, for worker_pool_free(); NULL if memory or file descriptors ran
 * out, which has been logged.
 */
struct worker_pool *worker_pool_new(const struct engine_config *config, bool in_process);

/**
 * worker_pool_free() - free the pool; NULL is fine
 *
 * Kills worker processes that still run. Worker threads must have ended.
 */
void worker_pool_free(struct worker_pool *pool);

/** worker_pool_fd() - readable when a thread has ended; -1 for processes, which send SIGCHLD */
int worker_pool_fd(const struct worker_pool *pool);

/**
 * worker_pool_start() - start a worker for a session
 * @session_fd:	the pool takes ownership, also on failure
 * @event:	session number, coded format and client of the stream
 * @ops:	engine for the coded format
 *
 * A worker process keeps its standard streams and its session fd open and closes
 * all other descriptors.
 *
 * Return: 0 or a negative errno, which has been logged.
 */
int worker_pool_start(struct worker_pool *pool, int session_fd,
		      const struct daedalus_event *event, const struct engine_ops *ops);

/** worker_pool_reap() - collect workers that have ended, log those that died */
void worker_pool_reap(struct worker_pool *pool);

/** worker_pool_count() - workers that are alive */
unsigned int worker_pool_count(const struct worker_pool *pool);

/** worker_pool_drain() - ask workers to end when no message waits; repeat until none is left */
void worker_pool_drain(struct worker_pool *pool);

#endif /* DAEDALUS_WORKER_POOL_H */
