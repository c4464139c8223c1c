/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The output stage: converts a decoded planar picture into a CAPTURE buffer.
 *
 * One interface for several implementations; today there is one for the CPU. All
 * must write exactly the same bytes.
 */
#ifndef DAEDALUS_OUTPUT_H
#define DAEDALUS_OUTPUT_H

#include <stddef.h>
#include <stdint.h>

#include "codec/picture.h"
#include "core/capture_format.h"

/**
 * struct output_plane - memory of a component of the CAPTURE format; not owned
 * @data:	first row, CPU address
 * @size:	bytes from @data that may be written
 * @stride:	bytes from one row to the next
 * @dmabuf:	dma-buf that @data is mapped from, -1 if there is none
 * @offset:	bytes from the start of @dmabuf to @data
 */
struct output_plane {
	uint8_t *data;
	size_t size;
	uint32_t stride;
	int dmabuf;
	uint64_t offset;
};

/**
 * struct output_target - the CAPTURE buffer of one job
 * @format:	CAPTURE format
 * @width:	width of the CAPTURE format, luma samples
 * @height:	height of the CAPTURE format, luma samples
 * @planes:	format->num_components entries
 */
struct output_target {
	const struct capture_format *format;
	uint32_t width;
	uint32_t height;
	struct output_plane planes[DAEDALUS_MAX_PLANES];
};

/**
 * output_check() - may this picture be written to this target?
 *
 * Checks the bit depth, that the picture fits the CAPTURE size, and that all bytes
 * that output_ops.write() will write are inside the planes. Writes nothing.
 *
 * Return: NULL, or a phrase that says what does not fit.
 */
const char *output_check(const struct output_target *target,
			 const struct decoded_picture *picture);

/**
 * struct output_ops - an implementation
 * @name:	for log lines
 * @write:	write a picture that passed output_check(). Call it between buffer_begin() and
 *		buffer_end() of every plane. Writes the samples of picture->width x
 *		picture->height and no other byte. Returns 0 or a negative errno.
 */
struct output_ops {
	const char *name;
	int (*write)(const struct output_target *target, const struct decoded_picture *picture);
};

/** output_cpu - plain C */
extern const struct output_ops output_cpu;

#endif /* DAEDALUS_OUTPUT_H */
