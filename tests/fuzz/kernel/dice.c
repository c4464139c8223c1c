// SPDX-License-Identifier: LGPL-2.1-or-later
#include <string.h>

#include "dice.h"

uint64_t dice_bits(struct dice *dice)
{
	uint64_t z = dice->state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

struct dice dice_new(uint64_t seed, uint64_t a, uint64_t b)
{
	struct dice dice = { .state = seed };

	dice.state = dice_bits(&dice) ^ a;
	dice.state = dice_bits(&dice) ^ b;
	dice_bits(&dice);
	return dice;
}

uint32_t dice_below(struct dice *dice, uint32_t limit)
{
	return limit ? dice_bits(dice) % limit : 0;
}

bool dice_percent(struct dice *dice, unsigned int percent)
{
	return dice_below(dice, 100) < percent;
}

uint64_t dice_odd(struct dice *dice)
{
	uint64_t bits = dice_bits(dice);

	switch (bits % 6) {
	case 0:
		return bits >> 8 & 3;
	case 1:
		return UINT64_C(1) << (bits >> 8) % 64;
	case 2:
		return (UINT64_C(1) << (bits >> 8) % 64) - 1;
	case 3:
		return -(bits >> 8 & 3);
	case 4:
		return bits >> 8 & 0xffff;
	default:
		return dice_bits(dice);
	}
}

void dice_fill(struct dice *dice, void *data, size_t size)
{
	uint8_t *at = data;

	while (size) {
		uint64_t bits = dice_bits(dice);
		size_t n = size < sizeof(bits) ? size : sizeof(bits);

		memcpy(at, &bits, n);
		at += n;
		size -= n;
	}
}

void dice_spoil(struct dice *dice, void *data, size_t size)
{
	unsigned int times = 1 + dice_below(dice, 4);

	while (times-- && size) {
		size_t at = dice_below(dice, size);
		size_t n = (size_t)1 << dice_below(dice, 4);
		uint64_t value = dice_odd(dice);

		if (n > size - at)
			n = 1;
		if (dice_percent(dice, 40))
			((uint8_t *)data)[at] ^= 1 << dice_below(dice, 8);
		else
			memcpy((uint8_t *)data + at, &value, n);
	}
}
