/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A histogram of times with a fixed size. A bucket is at most an eighth as wide as the
 * times in it. Pure arithmetic: the caller takes the lock.
 */
#ifndef DAEDALUS_LATENCY_H
#define DAEDALUS_LATENCY_H

#include <linux/types.h>

/* Up to 2^24 us, 16 s; longer times are in the last bucket. */
#define DAEDALUS_LATENCY_OCTAVES	22
#define DAEDALUS_LATENCY_STEPS		8	/* buckets of an octave */
#define DAEDALUS_LATENCY_BUCKETS	(DAEDALUS_LATENCY_OCTAVES * DAEDALUS_LATENCY_STEPS)

/**
 * struct daedalus_latency - a histogram; all zero at first
 * @buckets:	number of times in each bucket
 * @count:	number of times
 * @max:	longest time, microseconds
 */
struct daedalus_latency {
	u32 buckets[DAEDALUS_LATENCY_BUCKETS];
	u64 count;
	u64 max;
};

void daedalus_latency_add(struct daedalus_latency *latency, u64 us);
u64 daedalus_latency_percentile(const struct daedalus_latency *latency, unsigned int percent);

#endif /* DAEDALUS_LATENCY_H */
