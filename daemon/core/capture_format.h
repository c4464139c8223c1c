/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Table of the CAPTURE formats that the output stage writes. */
#ifndef DAEDALUS_CAPTURE_FORMAT_H
#define DAEDALUS_CAPTURE_FORMAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daedalus_v4l2_proto.h"

/**
 * struct capture_component - one colour plane of a format
 * @subsampled:		has half the columns and rows of luma, rounded up
 * @column_bytes:	bytes of a sample; of a Cb and Cr pair if they are interleaved
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

/** capture_format_find() - the format of a V4L2_PIX_FMT_*, NULL if it is not in the table */
const struct capture_format *capture_format_find(uint32_t fourcc);

/** capture_row_bytes() - bytes of samples in a row of a component, for a width in luma samples */
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
 * capture_component_bytes() - bytes from the first sample to the last, for a size in luma samples
 * @bytesperline:	bytes from one row to the next
 */
uint64_t capture_component_bytes(const struct capture_component *component, uint32_t width,
				 uint32_t height, uint32_t bytesperline);

#define FOURCC_TEXT_BYTES	5

/** fourcc_text() - four character code as text such as "VP9F", for log lines; returns @text */
const char *fourcc_text(uint32_t fourcc, char text[FOURCC_TEXT_BYTES]);

#endif /* DAEDALUS_CAPTURE_FORMAT_H */
