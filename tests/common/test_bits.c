// SPDX-License-Identifier: LGPL-2.1-or-later
/* The bit reader: order of bits, widths, the end of the buffer. */
#include "common/bits.h"
#include "check.h"

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
	return check_result();
}
