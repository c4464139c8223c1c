// SPDX-License-Identifier: LGPL-2.1-or-later
#include "bits.h"

void bits_init(struct bits *bits, const uint8_t *data, size_t size)
{
	*bits = (struct bits){ .data = data, .size = size };
}

uint32_t bits_read(struct bits *bits, unsigned int count)
{
	uint64_t value = 0;
	unsigned int i;

	if (bits->overrun || count > 32 || bits->size * 8 - bits->position < count) {
		bits->overrun = true;
		return 0;
	}
	for (i = 0; i < count; i++, bits->position++)
		value = value << 1 | (bits->data[bits->position / 8] >>
				      (7 - bits->position % 8) & 1);
	return (uint32_t)value;
}

uint32_t bits_ue(struct bits *bits)
{
	unsigned int zeros = 0;
	uint32_t suffix;

	while (!bits_read(bits, 1)) {
		if (bits->overrun || ++zeros > 31) {
			bits->overrun = true;
			return 0;
		}
	}
	suffix = bits_read(bits, zeros);
	return bits->overrun ? 0 : (1U << zeros) - 1 + suffix;
}

int32_t bits_se(struct bits *bits)
{
	uint32_t code = bits_ue(bits);

	return code & 1 ? (int32_t)(code / 2 + 1) : -(int32_t)(code / 2);
}
