/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The supervisor's workers: one process per stream, or one thread for debuggers. */
#ifndef DAEDALUS_WORKER_POOL_H
#define DAEDALUS_WORKER_POOL_H

#include <stdbool.h>

#include "daedalus_v4l2_proto.h"
#include "codec/engine.h"
#include "event_loop.h"
#include "sandbox.h"
#include "status.h"

struct worker_pool;

/**
 * enum worker_end - how a worker ended
 * @WORKER_ENDED:	its stream was over, or it was asked to
 * @WORKER_GAVE_UP:	an error that it has logged
 * @WORKER_KILLED:	SIGKILL, from the pool or from outside
 * @WORKER_CRASHED:	another signal, such as SIGSEGV or the SIGSYS of the sandbox
 */
enum worker_end {
	WORKER_ENDED,
	WORKER_GAVE_UP,
	WORKER_KILLED,
	WORKER_CRASHED,
};

/**
 * struct worker_pool_params - parameters of worker_pool_new()
 * @config:	for every engine
 * @in_process:	threads instead of processes
 * @sandbox:	level of the sandbox of a process
 * @memory:	bytes of private memory that a process may have; 0: no limit
 * @ended:	called for each worker that has ended; @client is the process of its client
 * @data:	for @ended
 */
struct worker_pool_params {
	struct engine_config config;
	bool in_process;
	enum sandbox_level sandbox;
	uint64_t memory;
	void (*ended)(void *data, uint32_t client, enum worker_end end);
	void *data;
};

/**
 * worker_pool_new() - make a pool without workers
 * @params:	copied
 * @loop:	gets the pool's descriptors; lives longer than the pool
 *
 * Return: the pool, for worker_pool_free(); NULL if memory or file descriptors ran
 * out, which has been logged.
 */
struct worker_pool *worker_pool_new(const struct worker_pool_params *params,
				    struct event_loop *loop);

/**
 * worker_pool_free() - free the pool; NULL is fine
 *
 * Kills worker processes that still run. Worker threads must have ended.
 */
void worker_pool_free(struct worker_pool *pool);

/**
 * worker_pool_start() - start a worker for a session
 * @session_fd:	the pool takes ownership, also on failure
 * @event:	session number, coded format and client of the stream
 * @ops:	engine for the coded format
 *
 * The pool keeps the session of a worker process open as long as the process lives. It
 * kills a process that has not ended WORKER_POOL_END_MS after its stream.
 *
 * Return: 0 or a negative errno, which has been logged.
 */
int worker_pool_start(struct worker_pool *pool, int session_fd,
		      const struct daedalus_event *event, const struct engine_ops *ops);

/* Time that a worker process has to end after the end of its stream, milliseconds. */
#define WORKER_POOL_END_MS	1000

/**
 * worker_pool_save() - write the workers to a file of resume.h, for worker_pool_restore()
 *
 * Their descriptors stay open across exec() from now on. Not for threads.
 *
 * Return: 0 or a negative errno; then nothing but the file has changed.
 */
int worker_pool_save(struct worker_pool *pool, int file);

/**
 * worker_pool_restore() - take over the workers that this process had before exec()
 * @pool:	without workers
 * @file:	where worker_pool_save() began to write
 *
 * Return: 0 or a negative errno.
 */
int worker_pool_restore(struct worker_pool *pool, int file);

/** worker_pool_reap() - collect workers that have ended, log those that died */
void worker_pool_reap(struct worker_pool *pool);

/** worker_pool_due() - when worker_pool_expire() has something to do; NEVER */
int64_t worker_pool_due(const struct worker_pool *pool);

/** worker_pool_expire() - kill the workers whose time is over at @now */
void worker_pool_expire(struct worker_pool *pool, int64_t now);

/**
 * worker_pool_describe() - add a record "session" for each worker that @reader may see
 *
 * docs/protocol.md lists the keys.
 */
void worker_pool_describe(const struct worker_pool *pool, struct record_text *to,
			  const struct status_reader *reader);

/** worker_pool_count() - workers that are alive */
unsigned int worker_pool_count(const struct worker_pool *pool);

/** worker_pool_drain() - ask workers to end when no message waits; repeat until none is left */
void worker_pool_drain(struct worker_pool *pool);

#endif /* DAEDALUS_WORKER_POOL_H */
