/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DAEDALUS_ELAPSED_H
#define DAEDALUS_ELAPSED_H

#include <stdint.h>
#include <time.h>

/** elapsed_us() - microseconds since *@from, a time of CLOCK_MONOTONIC */
static inline uint32_t elapsed_us(const struct timespec *from)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint32_t)((now.tv_sec - from->tv_sec) * 1000000 +
			  (now.tv_nsec - from->tv_nsec) / 1000);
}

#endif /* DAEDALUS_ELAPSED_H */
