/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* NAL units of a byte stream: Annex B of H.264. */
#ifndef DAEDALUS_H264_NAL_H
#define DAEDALUS_H264_NAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define H264_START_CODE_BYTES	3

/**
 * h264_start_code() - find start_code_prefix_one_3bytes, 00 00 01
 * @data:	a byte stream
 * @size:	bytes of @data
 * @from:	offset at which the search begins
 *
 * Return: offset of the first start code at or after @from, @size if there is none.
 */
size_t h264_start_code(const uint8_t *data, size_t size, size_t from);

/**
 * struct h264_nal - a NAL unit, without its start code
 * @offset:	offset of the NAL unit header in the byte stream
 * @size:	bytes with the NAL unit header and without trailing zero bytes; never 0
 */
struct h264_nal {
	size_t offset;
	size_t size;
};

/**
 * h264_nal_next() - find the next NAL unit
 * @data:	a byte stream
 * @size:	bytes of @data
 * @position:	offset at which the search begins, 0 for the first call; set to the end of
 *		the NAL unit
 * @nal:	set to the NAL unit
 *
 * Bytes before the first start code and NAL units of 0 bytes are skipped.
 *
 * Return: false if no NAL unit is left.
 */
bool h264_nal_next(const uint8_t *data, size_t size, size_t *position, struct h264_nal *nal);

#endif /* DAEDALUS_H264_NAL_H */
