/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Reads a bitstream most significant bit first, as f(n) of the VP9
 * specification, 4.10.2, and u(n), ue(v), se(v) of H.264, 7.2 and 9.1.
 */
#ifndef DAEDALUS_BITS_H
#define DAEDALUS_BITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * struct bits - a position in a byte buffer, which the caller owns
 * @data:	first byte
 * @size:	bytes in @data
 * @position:	bits read so far
 * @overrun:	more bits were asked for than there are; sticky
 */
struct bits {
	const uint8_t *data;
	size_t size;
	size_t position;
	bool overrun;
};

/** bits_init() - start at the first bit of @size bytes at @data */
void bits_init(struct bits *bits, const uint8_t *data, size_t size);

/**
 * bits_read() - the next @count bits (0..32) as an unsigned number
 *
 * Beyond the end it returns 0 and sets @overrun; nothing is read there.
 */
uint32_t bits_read(struct bits *bits, unsigned int count);

/** bits_flag() - the next bit */
static inline bool bits_flag(struct bits *bits)
{
	return bits_read(bits, 1);
}

/** bits_ue() - ue(v); a code that is cut short or beyond 2^32 - 2 sets @overrun and is 0 */
uint32_t bits_ue(struct bits *bits);

/** bits_se() - se(v) */
int32_t bits_se(struct bits *bits);

#endif /* DAEDALUS_BITS_H */
