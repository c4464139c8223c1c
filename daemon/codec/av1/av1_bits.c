// SPDX-License-Identifier: LGPL-2.1-or-later
#include "av1_bits.h"

void av1_put_flag(struct bit_writer *writer, bool value)
{
	bit_writer_put(writer, value, 1);
}

void av1_put_su(struct bit_writer *writer, int32_t value, unsigned int bits)
{
	bit_writer_put(writer, (uint32_t)value, bits);
}

void av1_put_ns(struct bit_writer *writer, uint32_t value, uint32_t count)
{
	unsigned int bits = 0;
	uint32_t shorter;

	while (count >> bits)
		bits++;
	if (!bits)
		return;
	/* The first values have one bit less. */
	shorter = (1U << bits) - count;
	if (value < shorter) {
		bit_writer_put(writer, value, bits - 1);
		return;
	}
	value += shorter;
	bit_writer_put(writer, value >> 1, bits - 1);
	bit_writer_put(writer, value & 1, 1);
}

/* decode_subexp(): 5.9.28 */
static void put_subexp(struct bit_writer *writer, uint32_t value, uint32_t count)
{
	unsigned int bits = 3, rounds = 0;
	uint32_t start = 0;

	while (count > start + 3 * (1U << bits)) {
		bool more = value >= start + (1U << bits);

		av1_put_flag(writer, more);
		if (!more) {
			bit_writer_put(writer, value - start, bits);
			return;
		}
		start += 1U << bits;
		if (rounds++)
			bits++;
	}
	av1_put_ns(writer, value - start, count - start);
}

/* The inverse of inverse_recenter(), 5.9.29: values near @ref become small numbers. */
static uint32_t recenter(uint32_t ref, uint32_t value)
{
	if (value > 2 * ref)
		return value;
	if (value >= ref)
		return 2 * (value - ref);
	return 2 * (ref - value) - 1;
}

void av1_put_signed_subexp(struct bit_writer *writer, int32_t value, int32_t ref, int32_t limit)
{
	uint32_t count = 2 * (uint32_t)limit + 1;
	uint32_t v = (uint32_t)(value + limit);
	uint32_t r = (uint32_t)(ref + limit);

	if (2 * r <= count)
		put_subexp(writer, recenter(r, v), count);
	else
		put_subexp(writer, recenter(count - 1 - r, count - 1 - v), count);
}

void av1_put_leb128(struct bit_writer *writer, uint32_t value)
{
	do {
		uint32_t low = value & 0x7f;

		value >>= 7;
		bit_writer_put(writer, low | (value ? 0x80 : 0), 8);
	} while (value);
}

void av1_put_alignment(struct bit_writer *writer)
{
	bit_writer_put(writer, 0, (8 - writer->position % 8) % 8);
}
