/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The CAPTURE formats which the output stage writes, as a table. */
#ifndef DAEDALUS_CAPTURE_FORMAT_H
#define DAEDALUS_CAPTURE_FORMAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daedalus_v4l2_proto.h"

/**
 * struct capture_component - one colour plane of a format
 * @subsampled:		half as many columns and rows as luma, rounded up
 * @column_bytes:	bytes of one column; of CbCr interleaved, both samples
 */
struct capture_component {
	bool subsampled;
	uint8_t column_bytes;
};

/**
 * struct capture_format - one format
 * @fourcc:		V4L2_PIX_FMT_*
 * @name:		for log lines
 * @bit_depth:		of the samples, 8 or 10
 * @alignment:		every offset and bytesperline is a multiple of it, bytes
 * @num_planes:		memory planes
 * @num_components:	used entries of @components
 * @components:		Y, then CbCr or Cb and Cr
 */
struct capture_format {
	uint32_t fourcc;
	const char *name;
	uint8_t bit_depth;
	uint8_t alignment;
	uint8_t num_planes;
	uint8_t num_components;
	struct capture_component components[DAEDALUS_MAX_PLANES];
};

/** capture_format_find() - the format of a V4L2_PIX_FMT_*, NULL if we do not write it */
const struct capture_format *capture_format_find(uint32_t fourcc);

/** capture_row_bytes() - bytes of a row of a component that hold samples, for a width */
static inline uint64_t capture_row_bytes(const struct capture_component *component,
					 uint32_t width)
{
	return (((uint64_t)width + component->subsampled) >> component->subsampled) *
	       component->column_bytes;
}

/** capture_rows() - rows of a component, for a height in luma samples */
static inline uint64_t capture_rows(const struct capture_component *component, uint32_t height)
{
	return ((uint64_t)height + component->subsampled) >> component->subsampled;
}

/**
 * capture_component_bytes() - bytes from the first sample to the last, for a size
 * @bytesperline:	distance of rows, bytes
 */
uint64_t capture_component_bytes(const struct capture_component *component, uint32_t width,
				 uint32_t height, uint32_t bytesperline);

#define FOURCC_TEXT_BYTES	5

/** fourcc_text() - "VP9F" of a four character code, for log lines; returns @text */
const char *fourcc_text(uint32_t fourcc, char text[FOURCC_TEXT_BYTES]);

#endif /* DAEDALUS_CAPTURE_FORMAT_H */
