// SPDX-License-Identifier: LGPL-2.1-or-later
#include "threads.h"

#include <stdint.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "log.h"

/*
 * A real kernel takes 0.1 to 1 us for the cheapest system call, User-mode Linux
 * about 9 us. Slice threads make some 50 to 100 system calls per 720p frame.
 */
#define SLOW_SYSCALL_NS	4000
#define ROUNDS		16
#define CALLS_PER_ROUND	8

static int64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

/* Time of the fastest round: interruptions can only make a round slower. */
static int64_t syscall_ns(void)
{
	int64_t best = INT64_MAX;
	int i, j;

	for (i = 0; i < ROUNDS; i++) {
		int64_t start = now_ns();
		int64_t taken;

		for (j = 0; j < CALLS_PER_ROUND; j++)
			syscall(SYS_getppid);
		taken = (now_ns() - start) / CALLS_PER_ROUND;
		if (taken < best)
			best = taken;
	}
	return best;
}

unsigned int threads_automatic(void)
{
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	int64_t cost = syscall_ns();
	unsigned int threads;

	if (cpus < 1 || cost > SLOW_SYSCALL_NS)
		threads = 1;
	else
		threads = cpus > THREADS_MAX ? THREADS_MAX : (unsigned int)cpus;
	log_debug("%u decoder threads per stream: %ld CPUs, a system call takes %lld ns", threads,
		  cpus, (long long)cost);
	return threads;
}
