/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Random numbers of the kernel fuzzers. Everything that a fuzzer decides comes from
 * the seed on its command line.
 */
#ifndef DAEDALUS_FUZZ_DICE_H
#define DAEDALUS_FUZZ_DICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** struct dice - the state of a generator (splitmix64); one per thread */
struct dice {
	uint64_t state;
};

/** dice_new() - a generator for part @a, @b of a run with @seed; the same each time */
struct dice dice_new(uint64_t seed, uint64_t a, uint64_t b);

/** dice_bits() - 64 random bits */
uint64_t dice_bits(struct dice *dice);

/** dice_below() - 0 to @limit - 1; 0 if @limit is 0 */
uint32_t dice_below(struct dice *dice, uint32_t limit);

/** dice_percent() - true @percent times of 100 */
bool dice_percent(struct dice *dice, unsigned int percent);

/** dice_odd() - a number at which code breaks: 0, 1, powers of two, their neighbours, noise */
uint64_t dice_odd(struct dice *dice);

/** dice_spoil() - change some of @size bytes: flipped bits, odd numbers, noise */
void dice_spoil(struct dice *dice, void *data, size_t size);

/** dice_fill() - @size bytes of noise */
void dice_fill(struct dice *dice, void *data, size_t size);

#endif /* DAEDALUS_FUZZ_DICE_H */
