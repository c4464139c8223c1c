// SPDX-License-Identifier: LGPL-2.1-or-later
#include "h264_nal.h"

#include <string.h>

size_t h264_start_code(const uint8_t *data, size_t size, size_t from)
{
	const uint8_t *at;

	if (size < H264_START_CODE_BYTES || from > size - H264_START_CODE_BYTES)
		return size;
	/* Search for the code's last byte, 01: it is rarer than 00. */
	at = data + from + 2;
	while ((at = memchr(at, 1, (size_t)(data + size - at)))) {
		if (!at[-1] && !at[-2])
			return (size_t)(at - data) - 2;
		at++;
	}
	return size;
}

/* End of the NAL unit that starts at @start: offset of the next 00 00 00 or 00 00 01, or @size. */
static size_t nal_end(const uint8_t *data, size_t size, size_t start)
{
	size_t end = start;

	while (end + 3 <= size && (data[end] || data[end + 1] || data[end + 2] > 1))
		end += data[end + 2] > 1 ? 3 : 1;
	return end + 3 <= size ? end : size;
}

bool h264_nal_next(const uint8_t *data, size_t size, size_t *position, struct h264_nal *nal)
{
	size_t start, end;

	do {
		start = h264_start_code(data, size, *position);
		if (size - start <= H264_START_CODE_BYTES) {
			*position = size;
			return false;
		}
		start += H264_START_CODE_BYTES;
		end = nal_end(data, size, start);
		*position = end;
		/* cabac_zero_word and trailing_zero_8bits are not part of the NAL unit. */
		while (end > start && !data[end - 1])
			end--;
	} while (end == start);
	*nal = (struct h264_nal){ .offset = start, .size = end - start };
	return true;
}
