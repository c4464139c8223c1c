/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Reads a bitstream, most significant bit first: f(n) of the VP9 specification
 * (4.10.2), and u(n), ue(v) and se(v) of the H.264 specification (7.2 and 9.1).
 */
#ifndef DAEDALUS_BITS_H
#define DAEDALUS_BITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * struct bits - a position in a byte buffer
 * @data:	first byte; owned by the caller
 * @size:	bytes in @data
 * @position:	number of bits read so far
 * @overrun:	a read went beyond the end or found an invalid code; stays set
 */
struct bits {
	const uint8_t *data;
	size_t size;
	size_t position;
	bool overrun;
};

/** bits_init() - start at the first bit of @data, which has @size bytes */
void bits_init(struct bits *bits, const uint8_t *data, size_t size);

/**
 * bits_read() - read @count bits (0..32) as an unsigned number
 *
 * If fewer bits are left, or after an earlier overrun, it reads nothing, sets
 * @overrun and returns 0.
 */
uint32_t bits_read(struct bits *bits, unsigned int count);

/** bits_flag() - read one bit */
static inline bool bits_flag(struct bits *bits)
{
	return bits_read(bits, 1);
}

/** bits_ue() - read ue(v); a truncated code or one above 2^32 - 2 sets @overrun and returns 0 */
uint32_t bits_ue(struct bits *bits);

/** bits_se() - read se(v); errors as for bits_ue() */
int32_t bits_se(struct bits *bits);

#endif /* DAEDALUS_BITS_H */
