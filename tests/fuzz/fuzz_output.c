// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Fuzz target for the output stage: what output_check() accepts, output_cpu must write
 * inside the planes, and it must read no sample outside the picture. Also the layout of
 * a decoder's pictures.
 */
#include <linux/videodev2.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "codec/library/picture_pool.h"
#include "output/output.h"

/* Large enough for every kind of row, small enough to be fast. */
#define MAX_SIZE	256

/**
 * struct shape - the input
 * @format:	number of a CAPTURE format
 * @flags:	bit 0: the picture has 10 bits; bit 1: chroma rows all are the same memory;
 *		bit 2: the layout of wide samples; bit 3: with chroma
 * @picture:	width and height of the picture
 * @target:	width and height of the CAPTURE format
 * @layout:	width and height that a decoder asks for
 * @padding:	of each row of the picture, bytes
 * @stride:	bytesperline of each plane
 * @size:	bytes of each plane
 */
struct shape {
	uint8_t format;
	uint8_t flags;
	uint16_t picture[2];
	uint16_t target[2];
	uint16_t padding[3];
	uint32_t layout[2];
	uint32_t stride[3];
	uint32_t size[3];
};

static void try_output(const struct shape *shape, const struct capture_format *format)
{
	struct output_target target = {
		.format = format, .width = shape->target[0], .height = shape->target[1],
	};
	struct decoded_picture picture = {
		.width = shape->picture[0] % (MAX_SIZE + 1),
		.height = shape->picture[1] % (MAX_SIZE + 1),
		.bit_depth = shape->flags & 1 ? 10 : 8,
	};
	size_t sample = picture.bit_depth > 8 ? 2 : 1;
	uint8_t *from[3], *to[3];
	unsigned int i;

	for (i = 0; i < 3; i++) {
		size_t columns = i ? (picture.width + 1) / 2 : picture.width;
		size_t rows = i ? (picture.height + 1) / 2 : picture.height;
		size_t stride = columns * sample + shape->padding[i] % 64 / sample * sample;
		size_t plane = shape->size[i] % (4 * MAX_SIZE * MAX_SIZE);
		size_t bytes = 1;

		if (i && shape->flags & 2) {
			stride = 0;
			rows = 1;
		}
		/* The last row has no padding. */
		if (rows && columns)
			bytes = stride * (rows - 1) + columns * sample;
		from[i] = calloc(1, bytes);
		to[i] = malloc(plane ? plane : 1);
		if (!from[i] || !to[i])
			abort();
		picture.data[i] = from[i];
		picture.stride[i] = (ptrdiff_t)stride;
		target.planes[i] = (struct output_plane){
			.data = to[i], .size = plane, .stride = shape->stride[i], .dmabuf = -1,
		};
	}
	if (!output_check(&target, &picture) && output_cpu.write(&target, &picture))
		abort();
	for (i = 0; i < 3; i++) {
		free(from[i]);
		free(to[i]);
	}
}

/* The planes of a layout do not overlap, and lie in the block. */
static void try_layout(const struct shape *shape)
{
	uint32_t width = shape->layout[0] & ~1U, height = shape->layout[1] & ~1U;
	bool chroma = shape->flags & 8;
	struct picture_layout layout;
	size_t end = 0, i;

	if (!picture_layout_init(&layout, width, height, shape->flags & 4, chroma))
		return;
	for (i = 0; i < (chroma ? 3 : 1); i++) {
		size_t rows = i ? height / 2 : height, bytes = i ? width / 2 : width;

		if (layout.stride[!!i] < (shape->flags & 4 ? 2 * bytes : bytes) ||
		    layout.offset[i] < end || layout.offset[i] % PICTURE_ALIGNMENT)
			abort();
		end = layout.offset[i] + rows * layout.stride[!!i];
	}
	if (end > layout.size)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint32_t formats[] = {
		V4L2_PIX_FMT_NV12, V4L2_PIX_FMT_NV12M, V4L2_PIX_FMT_P010, V4L2_PIX_FMT_YUV420,
	};
	const struct capture_format *format;
	struct shape shape;

	if (size < sizeof(shape))
		return 0;
	memcpy(&shape, data, sizeof(shape));
	format = capture_format_find(formats[shape.format % (sizeof(formats) / sizeof(formats[0]))]);
	if (!format)
		abort();
	try_output(&shape, format);
	try_layout(&shape);
	return 0;
}
