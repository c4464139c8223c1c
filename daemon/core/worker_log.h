/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Passes on what a worker writes to its standard error, which is a pipe.
 *
 * A worker may be in the hands of a stream's author. So it cannot write more than
 * its share, cannot stop the supervisor, and cannot write lines that look like
 * those of another process.
 */
#ifndef DAEDALUS_WORKER_LOG_H
#define DAEDALUS_WORKER_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define WORKER_LOG_LINE		1024	/* longer lines are split */
#define WORKER_LOG_BURST	256	/* lines at once, and */
#define WORKER_LOG_PER_SECOND	64	/* lines per second afterwards */

/**
 * struct worker_log - the unfinished line and the share of a worker
 * @pid:	the worker; lines must start with "daedalusd[PID]: ", others get it
 * @used:	bytes of @line
 * @line:	the start of a line
 * @share:	lines that may be passed on now
 * @filled:	when @share was last filled, as of now_ms(); 0 at first
 * @dropped:	lines that were dropped since the last one that was not
 */
struct worker_log {
	pid_t pid;
	size_t used;
	char line[WORKER_LOG_LINE];
	unsigned int share;
	int64_t filled;
	unsigned long long dropped;
};

/** worker_log_init() - start with a full share and no line */
void worker_log_init(struct worker_log *log, pid_t pid);

/**
 * worker_log_add() - pass on the lines of some bytes
 * @now:	as of now_ms()
 *
 * Bytes that are not printable become '?'.
 */
void worker_log_add(struct worker_log *log, const char *bytes, size_t count, int64_t now);

/**
 * worker_log_end() - pass on the last line, which has no newline, and the number of dropped lines
 * @now:	as of now_ms()
 */
void worker_log_end(struct worker_log *log, int64_t now);

/**
 * worker_log_read() - read the pipe until it is empty, at most 16 KiB
 * @fd:		non-blocking
 * @now:	as of now_ms()
 *
 * Return: false at the end of the pipe, when all writers have closed it, or if it
 * cannot be read.
 */
bool worker_log_read(struct worker_log *log, int fd, int64_t now);

#endif /* DAEDALUS_WORKER_LOG_H */
