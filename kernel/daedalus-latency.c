// SPDX-License-Identifier: GPL-2.0-only
#include <linux/bitops.h>
#include <linux/limits.h>
#include <linux/log2.h>
#include <linux/math64.h>
#include <linux/minmax.h>

#include "daedalus-latency.h"

/* Times below DAEDALUS_LATENCY_STEPS have a bucket of their own each, the first octave. */
static unsigned int bucket_of(u64 us)
{
	unsigned int shift, bucket;

	if (us < DAEDALUS_LATENCY_STEPS)
		return us;
	shift = ilog2(us) - ilog2(DAEDALUS_LATENCY_STEPS);
	bucket = (shift + 1) * DAEDALUS_LATENCY_STEPS + (us >> shift) - DAEDALUS_LATENCY_STEPS;
	return min(bucket, DAEDALUS_LATENCY_BUCKETS - 1);
}

/* The longest time of a bucket. */
static u64 longest_of(unsigned int bucket)
{
	unsigned int shift;

	if (bucket < DAEDALUS_LATENCY_STEPS)
		return bucket;
	shift = bucket / DAEDALUS_LATENCY_STEPS - 1;
	return ((u64)(bucket % DAEDALUS_LATENCY_STEPS + DAEDALUS_LATENCY_STEPS + 1) << shift) - 1;
}

/**
 * daedalus_latency_add() - count a time
 * @latency:	the histogram
 * @us:		the time, microseconds
 */
void daedalus_latency_add(struct daedalus_latency *latency, u64 us)
{
	u32 *bucket = &latency->buckets[bucket_of(us)];

	if (*bucket == U32_MAX)
		return;
	(*bucket)++;
	latency->count++;
	latency->max = max(latency->max, us);
}

/**
 * daedalus_latency_percentile() - the time that @percent of all times do not exceed
 * @latency:	the histogram
 * @percent:	1 to 100
 *
 * Return: microseconds, at most an eighth too long; 0 without any time.
 */
u64 daedalus_latency_percentile(const struct daedalus_latency *latency, unsigned int percent)
{
	u64 wanted = div_u64(latency->count * percent + 99, 100);
	u64 seen = 0;
	unsigned int i;

	for (i = 0; i < DAEDALUS_LATENCY_BUCKETS; i++) {
		seen += latency->buckets[i];
		if (seen >= wanted && seen)
			return min(longest_of(i), latency->max);
	}
	return 0;
}
