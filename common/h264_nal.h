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
 * @from:	where to begin
 *
 * Return: offset of the first one at or behind @from, @size if there is none.
 */
size_t h264_start_code(const uint8_t *data, size_t size, size_t from);

/**
 * struct h264_nal - a NAL unit, without its start code
 * @offset:	of its header byte in the payload
 * @size:	bytes, header included, trailing zero bytes excluded; never 0
 */
struct h264_nal {
	size_t offset;
	size_t size;
};

/**
 * h264_nal_next() - find the next NAL unit
 * @data:	a byte stream
 * @size:	bytes of @data
 * @position:	where to go on, 0 at first; moved behind the NAL unit
 * @nal:	set to it
 *
 * Return: false if there is none left. Bytes before the first start code are
 * skipped, and so are NAL units without a byte.
 */
bool h264_nal_next(const uint8_t *data, size_t size, size_t *position, struct h264_nal *nal);

#endif /* DAEDALUS_H264_NAL_H */
