/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the threads of a fuzzer do, in memory that they share with the parent: the parent
 * sees which call hangs, and after a failure it prints the last operations of each.
 */
#ifndef DAEDALUS_FUZZ_TRACE_H
#define DAEDALUS_FUZZ_TRACE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define TRACE_OPS	120
#define TRACE_ACTORS	32
#define TRACE_NAMES	96

/** struct trace_op - an operation; @name is a string constant, alike in all forks */
struct trace_op {
	const char *name;
	char detail[52];
	long result;
	int error;
	unsigned int number;
	bool ended;
};

/**
 * struct actor - one thread
 * @pid:	process; 0 while the entry is free
 * @tid:	thread
 * @role:	for reports
 * @step:	odd while an operation runs
 * @patient:	this operation may take any time, but SIGKILL must end it
 * @dequeues:	this operation takes any time if another thread lets its file block
 * @total:	number of operations begun
 * @wrong:	what the thread found wrong; the parent reports it
 * @ops:	the last operations; number n is at n % TRACE_OPS
 */
struct actor {
	_Atomic pid_t pid;
	_Atomic pid_t tid;
	char role[24];
	atomic_uint step;
	atomic_bool patient;
	atomic_bool dequeues;
	atomic_uint total;
	char wrong[160];
	struct trace_op ops[TRACE_OPS];
};

/** struct trace_tally - results of all operations with a name, of the whole run */
struct trace_tally {
	_Atomic(const char *) name;
	atomic_ulong good;
	atomic_ulong refused;
};

/** struct trace - of all threads of a round */
struct trace {
	atomic_uint num_actors;
	struct actor actors[TRACE_ACTORS];
	struct trace_tally tallies[TRACE_NAMES];
};

extern struct trace *trace;
/** trace_loud - print every operation when it begins */
extern bool trace_loud;

/** trace_init() - map @trace; before the first fork */
void trace_init(void);

/** trace_reset() - forget all actors, but not what was tallied; no process of the last round is left */
void trace_reset(void);

/** trace_actor() - register the calling thread. Return: its entry */
struct actor *trace_actor(const char *role);

/** trace_begin() - an operation begins; @format describes its arguments */
void trace_begin(struct actor *actor, const char *name, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/** trace_end() - the operation returned @result, with errno. Return: @result, errno kept */
long trace_end(struct actor *actor, long result);

/** trace_wrong() - the thread found a fault of the driver: note it and end the process */
void trace_wrong(struct actor *actor, const char *format, ...)
	__attribute__((format(printf, 2, 3), noreturn));

/** trace_sum() - operations of the whole run, and with @print a line of TAP for each name */
unsigned long trace_sum(bool print);

/** trace_print() - the last operations of all actors, to stderr */
void trace_print(void);

#endif /* DAEDALUS_FUZZ_TRACE_H */
