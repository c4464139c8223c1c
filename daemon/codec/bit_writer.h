/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Writes a bitstream, most significant bit first: u(n), ue(v), se(v) of H.264, 7.2 and 9.1. */
#ifndef DAEDALUS_BIT_WRITER_H
#define DAEDALUS_BIT_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * struct bit_writer - a position in a byte buffer
 * @data:	first byte; owned by the caller
 * @room:	bytes in @data
 * @position:	number of bits written so far
 * @overflow:	a write did not fit into @room; stays set
 */
struct bit_writer {
	uint8_t *data;
	size_t room;
	size_t position;
	bool overflow;
};

/** bit_writer_init() - start at the first bit of @data, which has @room bytes */
void bit_writer_init(struct bit_writer *writer, uint8_t *data, size_t room);

/** bit_writer_put() - u(n): the low @count bits (0..32) of @value */
void bit_writer_put(struct bit_writer *writer, uint32_t value, unsigned int count);

/** bit_writer_ue() - ue(v), @value 0..2^32 - 2 */
void bit_writer_ue(struct bit_writer *writer, uint32_t value);

/** bit_writer_se() - se(v), @value -2^31 + 1..2^31 - 1 */
void bit_writer_se(struct bit_writer *writer, int32_t value);

/** bit_writer_trailing() - rbsp_trailing_bits() of H.264, 7.3.2.11 */
void bit_writer_trailing(struct bit_writer *writer);

/** bit_writer_bytes() - bytes written so far; a partial byte counts as one */
static inline size_t bit_writer_bytes(const struct bit_writer *writer)
{
	return (writer->position + 7) / 8;
}

#endif /* DAEDALUS_BIT_WRITER_H */
