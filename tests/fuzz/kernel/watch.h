/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The parent of a fuzzer: starts processes, kills some, and notices what must not happen:
 * a call that takes too long, a process that cannot be killed, a kernel message, objects
 * that stay in the module. Each of the functions that return bool has said why, on
 * stderr, when it returns false.
 */
#ifndef DAEDALUS_FUZZ_WATCH_H
#define DAEDALUS_FUZZ_WATCH_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "trace.h"

#define WATCH_CHILDREN	8

/** struct watch_child - a process; @kill_ms: when it is killed, 0: it ends by itself */
struct watch_child {
	pid_t pid;
	unsigned int kill_ms;
	bool killed;
};

/**
 * struct watch - see above
 * @slow:	factor for all times; above 1 in a slow guest
 * @limit_ms:	the most that a call may take
 * @late_status:	exit status of a process that was too slow for its own fault, or 0
 * @late:	one has ended so
 * @label:	the program's own words for the round, for reports
 */
struct watch {
	unsigned int slow;
	unsigned int limit_ms;
	char label[96];
	int kmsg;
	int late_status;
	bool late;
	unsigned int num_children;
	struct watch_child children[WATCH_CHILDREN];
	struct {
		unsigned int step;
		unsigned int ms;
	} seen[TRACE_ACTORS];
};

/** watch_init() - @deadline_ms is the module's parameter, @slow the lane's factor */
void watch_init(struct watch *watch, unsigned int deadline_ms, unsigned int slow);

/** watch_start() - fork a process that runs @run(@data); @kill_ms as in struct watch_child */
void watch_start(struct watch *watch, unsigned int kill_ms, void (*run)(void *data), void *data);

/** watch_run() - watch until all processes have ended; what still runs after @ms is killed */
bool watch_run(struct watch *watch, unsigned int ms);

/** watch_idle() - the module must have nothing left, soon */
bool watch_idle(struct watch *watch);

/** watch_kernel() - the kernel must not have complained */
bool watch_kernel(struct watch *watch);

/** watch_fail() - report a failure, with what all threads did. Return: false */
bool watch_fail(struct watch *watch, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#endif /* DAEDALUS_FUZZ_WATCH_H */
