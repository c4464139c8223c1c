// SPDX-License-Identifier: LGPL-2.1-or-later
#include "bit_writer.h"

void bit_writer_init(struct bit_writer *writer, uint8_t *data, size_t room)
{
	*writer = (struct bit_writer){ .data = data, .room = room };
}

void bit_writer_put(struct bit_writer *writer, uint32_t value, unsigned int count)
{
	if (writer->overflow || count > 32 || writer->room * 8 - writer->position < count) {
		writer->overflow = true;
		return;
	}
	while (count--) {
		uint8_t *byte = &writer->data[writer->position / 8];
		unsigned int shift = 7 - writer->position % 8;

		if (shift == 7)
			*byte = 0;
		*byte |= (uint8_t)((value >> count & 1) << shift);
		writer->position++;
	}
}

void bit_writer_ue(struct bit_writer *writer, uint32_t value)
{
	unsigned int length = 0;

	if (value == UINT32_MAX) {
		writer->overflow = true;
		return;
	}
	value++;
	while (value >> length > 1)
		length++;
	bit_writer_put(writer, 0, length);
	bit_writer_put(writer, value, length + 1);
}

void bit_writer_se(struct bit_writer *writer, int32_t value)
{
	uint32_t magnitude = value < 0 ? 0U - (uint32_t)value : (uint32_t)value;

	if (value == INT32_MIN) {
		writer->overflow = true;
		return;
	}
	bit_writer_ue(writer, value > 0 ? 2 * magnitude - 1 : 2 * magnitude);
}

void bit_writer_trailing(struct bit_writer *writer)
{
	bit_writer_put(writer, 1, 1);
	bit_writer_put(writer, 0, (8 - writer->position % 8) % 8);
}
