// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "trace.h"

struct trace *trace;
bool trace_loud;

void trace_init(void)
{
	trace = mmap(NULL, sizeof(*trace), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		     -1, 0);
	if (trace == MAP_FAILED) {
		perror("mmap");
		exit(2);
	}
}

void trace_reset(void)
{
	memset(trace, 0, offsetof(struct trace, tallies));
}

static void tally(const char *name, bool good)
{
	for (unsigned int i = 0; i < TRACE_NAMES; i++) {
		struct trace_tally *entry = &trace->tallies[i];
		const char *none = NULL;

		if (entry->name != name &&
		    !atomic_compare_exchange_strong(&entry->name, &none, name) && none != name)
			continue;
		atomic_fetch_add(good ? &entry->good : &entry->refused, 1);
		return;
	}
}

unsigned long trace_sum(bool print)
{
	unsigned long sum = 0;

	for (unsigned int i = 0; i < TRACE_NAMES && trace->tallies[i].name; i++) {
		const struct trace_tally *entry = &trace->tallies[i];

		sum += entry->good + entry->refused;
		if (print)
			printf("#   %-20s %8lu done %8lu refused\n", entry->name, entry->good,
			       entry->refused);
	}
	return sum;
}

struct actor *trace_actor(const char *role)
{
	unsigned int number = atomic_fetch_add(&trace->num_actors, 1);
	struct actor *actor = &trace->actors[number];

	if (number >= TRACE_ACTORS) {
		fprintf(stderr, "more than %d threads\n", TRACE_ACTORS);
		_exit(2);
	}
	snprintf(actor->role, sizeof(actor->role), "%s", role);
	actor->tid = syscall(SYS_gettid);
	actor->pid = getpid();
	return actor;
}

void trace_begin(struct actor *actor, const char *name, const char *format, ...)
{
	struct trace_op *op = &actor->ops[actor->total % TRACE_OPS];
	int error = errno;
	va_list args;

	op->name = name;
	op->number = actor->total++;
	op->ended = false;
	va_start(args, format);
	vsnprintf(op->detail, sizeof(op->detail), format, args);
	va_end(args);
	if (trace_loud)
		fprintf(stderr, "%d.%d #%u %s %s ...\n", actor->pid, actor->tid, op->number,
			op->name, op->detail);
	errno = error;
	atomic_fetch_add(&actor->step, 1);
}

long trace_end(struct actor *actor, long result)
{
	struct trace_op *op = &actor->ops[(actor->total - 1) % TRACE_OPS];

	op->result = result;
	op->error = result < 0 ? errno : 0;
	op->ended = true;
	if (trace_loud)
		fprintf(stderr, "%d.%d #%u %s %s = %s\n", actor->pid, actor->tid, op->number,
			op->name, op->detail, op->error ? strerrorname_np(op->error) : "done");
	actor->dequeues = false;
	actor->patient = false;
	tally(op->name, result >= 0);
	atomic_fetch_add(&actor->step, 1);
	return result;
}

void trace_wrong(struct actor *actor, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(actor->wrong, sizeof(actor->wrong), format, args);
	va_end(args);
	_exit(1);
}

static void print_actor(const struct actor *actor)
{
	unsigned int total = actor->total;
	unsigned int first = total > TRACE_OPS ? total - TRACE_OPS : 0;

	fprintf(stderr, "-- %s, process %d, thread %d: %u operations\n", actor->role, actor->pid,
		actor->tid, total);
	for (unsigned int i = first; i < total; i++) {
		const struct trace_op *op = &actor->ops[i % TRACE_OPS];

		fprintf(stderr, "   #%u %s %s", op->number, op->name, op->detail);
		if (!op->ended)
			fprintf(stderr, " ... has not returned\n");
		else if (op->result < 0)
			fprintf(stderr, " = %s\n", strerrorname_np(op->error));
		else
			fprintf(stderr, " = %ld\n", op->result);
	}
}

void trace_print(void)
{
	for (unsigned int i = 0; i < trace->num_actors && i < TRACE_ACTORS; i++)
		print_actor(&trace->actors[i]);
}
