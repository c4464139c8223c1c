// SPDX-License-Identifier: LGPL-2.1-or-later
/* The bit reader: order of bits, widths, the end of the buffer. */
#include "common/bits.h"
#include "check.h"

/* Table 9-2 and 9-3 of H.264, and codes that do not end. */
static void test_golomb(void)
{
	/* 1, 010, 011, 00100, 00101, 00110, 00111, 0001000 */
	static const uint8_t codes[] = { 0xa6, 0x42, 0x98, 0xe2, 0x00 };
	static const int32_t signed_values[] = { 0, 1, -1, 2, -2, 3, -3, 4 };
	/* 31 zeros, a one and 31 bits: 2^32 - 2, the largest; with a last 0, one less. */
	static const uint8_t largest[] = { 0, 0, 0, 1, 0xff, 0xff, 0xff, 0xfe };
	static const uint8_t second[] = { 0, 0, 0, 1, 0xff, 0xff, 0xff, 0xfc };
	static const uint8_t too_long[] = { 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff };
	struct bits bits, again;
	unsigned int i;

	bits_init(&bits, codes, sizeof(codes));
	again = bits;
	for (i = 0; i < 8; i++) {
		CHECK_EQ(bits_ue(&bits), i);
		CHECK_EQ(bits_se(&again), signed_values[i]);
	}
	CHECK(!bits.overrun && !again.overrun);

	bits_init(&bits, largest, sizeof(largest));
	again = bits;
	CHECK_EQ(bits_ue(&bits), UINT32_MAX - 1);
	CHECK_EQ(bits_se(&again), -INT32_MAX);
	CHECK(!bits.overrun);
	bits_init(&bits, second, sizeof(second));
	CHECK_EQ(bits_se(&bits), INT32_MAX);
	CHECK(!bits.overrun);

	bits_init(&bits, too_long, sizeof(too_long));
	CHECK_EQ(bits_ue(&bits), 0);
	CHECK(bits.overrun);
	/* Truncated in its zeros and after them. An old bug returned the value of the zeros. */
	bits_init(&bits, too_long, 2);
	CHECK_EQ(bits_ue(&bits), 0);
	CHECK(bits.overrun);
	bits_init(&bits, largest, 6);
	again = bits;
	CHECK_EQ(bits_ue(&bits), 0);
	CHECK(bits.overrun);
	CHECK_EQ(bits_se(&again), 0);
	CHECK(again.overrun);
}

int main(void)
{
	static const uint8_t data[] = { 0x80, 0x01, 0xff, 0x00, 0xa5, 0x5a };
	struct bits bits;
	unsigned int i;

	bits_init(&bits, data, sizeof(data));
	CHECK_EQ(bits_read(&bits, 1), 1);
	CHECK_EQ(bits_read(&bits, 0), 0);
	CHECK_EQ(bits_read(&bits, 14), 0);
	CHECK_EQ(bits_flag(&bits), 1);
	CHECK_EQ(bits_read(&bits, 32), 0xff00a55a);
	CHECK(!bits.overrun);
	CHECK_EQ(bits_flag(&bits), 0);
	CHECK(bits.overrun);

	/* Reading beyond the end reads nothing, and the error stays. */
	bits_init(&bits, data, 1);
	CHECK_EQ(bits_read(&bits, 9), 0);
	CHECK(bits.overrun);
	CHECK_EQ(bits_read(&bits, 1), 0);
	CHECK(bits.overrun);

	bits_init(&bits, data, 0);
	CHECK_EQ(bits_read(&bits, 0), 0);
	CHECK(!bits.overrun);
	CHECK_EQ(bits_read(&bits, 1), 0);
	CHECK(bits.overrun);

	/* The same 48 bits, read in pieces of each width. */
	for (i = 1; i <= 32; i++) {
		uint64_t value = 0;
		unsigned int left = 48;

		bits_init(&bits, data, sizeof(data));
		while (left) {
			unsigned int count = left < i ? left : i;

			value = value << count | bits_read(&bits, count);
			left -= count;
		}
		CHECK_MSG(value == 0x8001ff00a55a, "steps of %u give 0x%llx", i,
			  (unsigned long long)value);
		CHECK(!bits.overrun);
	}
	test_golomb();
	return check_result();
}
