/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The output stage: a decoded planar picture into a CAPTURE buffer.
 *
 * One interface, several implementations (a CPU one now). Each writes exactly
 * the same bytes; which one runs is for a measurement to decide.
 */
#ifndef DAEDALUS_OUTPUT_H
#define DAEDALUS_OUTPUT_H

#include <stddef.h>
#include <stdint.h>

#include "core/capture_format.h"
#include "codec/engine.h"

/**
 * struct output_plane - where a component of the CAPTURE format goes; not owned
 * @data:	first row, CPU address
 * @size:	bytes from @data that may be written
 * @stride:	bytes from one row to the next
 * @dmabuf:	descriptor of the memory that @data is mapped from, -1 if there is none
 * @offset:	of @data within @dmabuf, bytes
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
 * @format:	its format
 * @width:	of the CAPTURE format, luma samples
 * @height:	of the CAPTURE format, luma samples
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
 * Writes nothing. Checks bit depth, that the picture fits the CAPTURE size, and
 * that all bytes which an implementation is going to write are inside the planes.
 *
 * Return: NULL, or a sentence on what does not fit.
 */
const char *output_check(const struct output_target *target,
			 const struct engine_picture *picture);

/**
 * struct output_ops - an implementation
 * @name:	for log lines
 * @write:	write a picture which output_check() has let pass. Touches the samples of
 *		picture->width x picture->height and no byte beside them. Between
 *		buffer_begin() and buffer_end() of every plane. Returns 0 or a negative errno.
 */
struct output_ops {
	const char *name;
	int (*write)(const struct output_target *target, const struct engine_picture *picture);
};

/** output_cpu - plain C */
extern const struct output_ops output_cpu;

#endif /* DAEDALUS_OUTPUT_H */
