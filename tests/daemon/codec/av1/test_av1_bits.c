// SPDX-License-Identifier: LGPL-2.1-or-later
/* The writers of AV1's variable-length codes, read back as the specification says. */
#include "check.h"

#include <string.h>

#include "codec/av1/av1_bits.h"
#include "common/bits.h"

static uint8_t memory[64];
static struct bit_writer writer;
static struct bits reader;

static void start(void)
{
	bit_writer_init(&writer, memory, sizeof(memory));
}

/* End writing and begin to read. */
static void turn(void)
{
	CHECK(!writer.overflow);
	bits_init(&reader, memory, sizeof(memory));
}

/* 4.10.7 */
static uint32_t read_ns(uint32_t count)
{
	unsigned int bits = 0;
	uint32_t shorter, value;

	while (count >> bits)
		bits++;
	shorter = (1U << bits) - count;
	value = bits_read(&reader, bits - 1);
	return value < shorter ? value : 2 * value - shorter + bits_read(&reader, 1);
}

/* 5.9.27 to 5.9.29 */
static uint32_t read_subexp(uint32_t count)
{
	uint32_t start_at = 0;
	unsigned int round;

	for (round = 0;; round++) {
		unsigned int bits = round ? 2 + round : 3;

		if (count <= start_at + 3 * (1U << bits))
			return read_ns(count - start_at) + start_at;
		if (!bits_read(&reader, 1))
			return bits_read(&reader, bits) + start_at;
		start_at += 1U << bits;
	}
}

static uint32_t inverse_recenter(uint32_t ref, uint32_t value)
{
	if (value > 2 * ref)
		return value;
	return value & 1 ? ref - ((value + 1) >> 1) : ref + (value >> 1);
}

static int32_t read_signed_subexp(int32_t ref, int32_t limit)
{
	uint32_t count = 2 * (uint32_t)limit + 1;
	uint32_t r = (uint32_t)(ref + limit);
	uint32_t value = read_subexp(count);

	if (2 * r <= count)
		value = inverse_recenter(r, value);
	else
		value = count - 1 - inverse_recenter(count - 1 - r, value);
	return (int32_t)value - limit;
}

static void test_ns(void)
{
	uint32_t count, value;

	for (count = 1; count <= 70; count++) {
		for (value = 0; value < count; value++) {
			start();
			av1_put_ns(&writer, value, count);
			turn();
			CHECK_EQ(read_ns(count), value);
			CHECK_EQ(reader.position, writer.position);
		}
	}
}

static void test_subexp(void)
{
	static const int32_t limits[] = { 256, 512, 4096 };
	size_t i;

	for (i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
		int32_t limit = limits[i], step = limit / 64, ref, value;

		for (ref = -limit; ref <= limit; ref += step) {
			for (value = -limit; value <= limit; value += step - (step > 1)) {
				start();
				av1_put_signed_subexp(&writer, value, ref, limit);
				turn();
				CHECK_EQ(read_signed_subexp(ref, limit), value);
				CHECK_EQ(reader.position, writer.position);
			}
		}
	}
}

static void test_su(void)
{
	int value;

	for (value = -64; value < 64; value++) {
		int read;

		start();
		av1_put_su(&writer, value, 7);
		turn();
		read = (int)bits_read(&reader, 7);
		CHECK_EQ(read & 64 ? read - 128 : read, value);
	}
}

static void test_leb128(void)
{
	static const struct {
		uint32_t value;
		uint8_t bytes[5];
		size_t count;
	} cases[] = {
		{ 0, { 0 }, 1 }, { 127, { 0x7f }, 1 }, { 128, { 0x80, 1 }, 2 },
		{ 300, { 0xac, 2 }, 2 }, { UINT32_MAX, { 0xff, 0xff, 0xff, 0xff, 0x0f }, 5 },
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		start();
		av1_put_leb128(&writer, cases[i].value);
		CHECK_EQ(bit_writer_bytes(&writer), cases[i].count);
		CHECK(!memcmp(memory, cases[i].bytes, cases[i].count));
	}
}

int main(void)
{
	test_ns();
	test_subexp();
	test_su();
	test_leb128();
	return check_result();
}
