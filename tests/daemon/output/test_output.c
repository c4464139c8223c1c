// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Compares the output stage with a plain writer of single samples: all formats, odd
 * sizes, several strides. No byte besides the samples may change.
 */
#include "check.h"

#include <stdlib.h>
#include <string.h>

#include <linux/videodev2.h>

#include "output/output.h"

#define GUARD		64
#define GUARD_BYTE	0xe7

static uint32_t random_state = 1;

static uint8_t random_byte(void)
{
	random_state = random_state * 1664525 + 1013904223;
	return (uint8_t)(random_state >> 24);
}

/* Value of sample @x, @y of a component of the picture. */
static unsigned int sample(const struct decoded_picture *picture, int component, size_t x, size_t y)
{
	const uint8_t *row = picture->data[component] + (ptrdiff_t)y * picture->stride[component];

	return picture->bit_depth == 8 ? row[x] : ((const uint16_t *)row)[x];
}

static void put(uint8_t *at, unsigned int value, unsigned int bit_depth)
{
	if (bit_depth == 8) {
		at[0] = (uint8_t)value;
	} else {
		at[0] = (uint8_t)(value << 6);
		at[1] = (uint8_t)(value << 6 >> 8);
	}
}

/* Write the picture sample by sample, as the V4L2 documentation describes the formats. */
static void write_slowly(const struct output_target *target, const struct decoded_picture *picture)
{
	unsigned int bytes = picture->bit_depth > 8 ? 2 : 1;
	size_t x, y;
	int c;

	for (c = 0; c < 3; c++) {
		size_t width = c ? (picture->width + 1) / 2 : picture->width;
		size_t height = c ? (picture->height + 1) / 2 : picture->height;

		for (y = 0; y < height; y++)
			for (x = 0; x < width; x++) {
				unsigned int value = sample(picture, c, x, y);
				const struct output_plane *plane = &target->planes[c];
				size_t column = x;

				if (target->format->num_components == 2 && c) {
					plane = &target->planes[1];
					column = 2 * x + (size_t)(c - 1);
				}
				put(plane->data + y * plane->stride + column * bytes, value,
				    picture->bit_depth);
			}
	}
}

static struct decoded_picture random_picture(uint32_t width, uint32_t height, unsigned int depth,
					    size_t padding, uint8_t **memory)
{
	struct decoded_picture picture = { .width = width, .height = height, .bit_depth = depth };
	size_t offsets[3], size = 0, i;

	for (i = 0; i < 3; i++) {
		size_t columns = i ? (width + 1) / 2 : width;
		size_t rows = i ? (height + 1) / 2 : height;

		picture.stride[i] = (ptrdiff_t)((columns + padding) * (depth > 8 ? 2 : 1));
		offsets[i] = size;
		/* The memory ends with the last row, so the sanitizer sees overreads. */
		size += (size_t)picture.stride[i] * rows;
	}
	*memory = malloc(size);
	for (i = 0; i < size; i++)
		(*memory)[i] = random_byte();
	if (depth > 8)
		for (i = 0; i < size / 2; i++)
			((uint16_t *)*memory)[i] &= 0x3ff;
	for (i = 0; i < 3; i++)
		picture.data[i] = *memory + offsets[i];
	return picture;
}

/* Place the components after each other, with guard bytes before, between and after them. */
static uint8_t *make_target(struct output_target *target, const struct capture_format *format,
			    uint32_t width, uint32_t height, size_t padding, size_t *size)
{
	size_t offsets[3];
	uint8_t *memory;
	unsigned int i;

	*target = (struct output_target){ .format = format, .width = width, .height = height };
	*size = GUARD;
	for (i = 0; i < format->num_components; i++) {
		struct output_plane *plane = &target->planes[i];

		plane->stride = (uint32_t)(capture_row_bytes(&format->components[i], width) +
					   padding * format->alignment);
		plane->size = capture_component_bytes(&format->components[i], width, height,
						      plane->stride);
		plane->dmabuf = -1;
		offsets[i] = *size;
		*size += (plane->size + GUARD + 15) & ~(size_t)15;
	}
	memory = malloc(*size);
	memset(memory, GUARD_BYTE, *size);
	for (i = 0; i < format->num_components; i++)
		target->planes[i].data = memory + offsets[i];
	return memory;
}

static void test_one(const struct capture_format *format, uint32_t width, uint32_t height,
		     size_t src_padding, size_t dst_padding, uint32_t larger)
{
	struct output_target target, expected;
	struct decoded_picture picture;
	uint8_t *memory, *wanted, *source;
	size_t size;

	picture = random_picture(width, height, format->bit_depth, src_padding, &source);
	memory = make_target(&target, format, width + larger, height + larger, dst_padding, &size);
	wanted = make_target(&expected, format, width + larger, height + larger, dst_padding,
			     &size);

	CHECK_MSG(!output_check(&target, &picture), "%s %ux%u: %s", format->name, width, height,
		  output_check(&target, &picture));
	CHECK_EQ(output_cpu.write(&target, &picture), 0);
	write_slowly(&expected, &picture);
	CHECK_MSG(!memcmp(memory, wanted, size), "%s %ux%u, padding %zu and %zu, +%u differs",
		  format->name, width, height, src_padding, dst_padding, larger);
	free(source);
	free(memory);
	free(wanted);
}

static const uint32_t fourccs[] = {
	V4L2_PIX_FMT_NV12, V4L2_PIX_FMT_NV12M, V4L2_PIX_FMT_YUV420, V4L2_PIX_FMT_P010,
};

static void test_writing(void)
{
	static const uint32_t sizes[] = { 1, 2, 3, 15, 16, 17, 31, 33, 64, 67 };
	static const size_t paddings[] = { 0, 1, 13, 32 };
	size_t f, w, h, p;

	for (f = 0; f < sizeof(fourccs) / sizeof(fourccs[0]); f++) {
		const struct capture_format *format = capture_format_find(fourccs[f]);

		for (w = 0; w < sizeof(sizes) / sizeof(sizes[0]); w++)
			for (h = 0; h < sizeof(sizes) / sizeof(sizes[0]); h++)
				for (p = 0; p < sizeof(paddings) / sizeof(paddings[0]); p++) {
					test_one(format, sizes[w], sizes[h], paddings[p], 0, 0);
					test_one(format, sizes[w], sizes[h], 0, paddings[p], 0);
					test_one(format, sizes[w], sizes[h], paddings[p],
						 paddings[p], 5);
				}
		test_one(format, 1920, 1081, 64, 32, 8);
	}
}

static void test_checking(void)
{
	size_t f;

	for (f = 0; f < sizeof(fourccs) / sizeof(fourccs[0]); f++) {
		const struct capture_format *format = capture_format_find(fourccs[f]);
		struct decoded_picture picture, changed;
		struct output_target target, bad;
		uint8_t *memory, *source;
		unsigned int i;
		size_t size;

		picture = random_picture(33, 17, format->bit_depth, 0, &source);
		memory = make_target(&target, format, 33, 17, 0, &size);
		CHECK(!output_check(&target, &picture));

		for (i = 0; i < format->num_components; i++) {
			bad = target;
			bad.planes[i].size--;
			CHECK_MSG(output_check(&bad, &picture), "%s: plane %u too small",
				  format->name, i);
			bad = target;
			bad.planes[i].size = 0;
			CHECK(output_check(&bad, &picture));
			bad = target;
			bad.planes[i].stride -= format->alignment;
			CHECK(output_check(&bad, &picture));
			if (format->alignment == 1)
				continue;
			bad = target;
			bad.planes[i].data++;
			CHECK(output_check(&bad, &picture));
			bad = target;
			bad.planes[i].stride++;
			bad.planes[i].size *= 2;
			CHECK(output_check(&bad, &picture));
		}
		bad = target;
		bad.width--;
		CHECK(output_check(&bad, &picture));
		bad = target;
		bad.height--;
		CHECK(output_check(&bad, &picture));
		changed = picture;
		changed.bit_depth = 18 - picture.bit_depth;
		CHECK(output_check(&target, &changed));
		changed = picture;
		changed.width = 0;
		CHECK(output_check(&target, &changed));
		changed = picture;
		changed.height = 0xffffffff;
		CHECK(output_check(&target, &changed));
		free(source);
		free(memory);
	}
	CHECK(!capture_format_find(V4L2_PIX_FMT_YUYV));
	CHECK(!capture_format_find(0));
}

int main(void)
{
	test_writing();
	test_checking();
	return check_result();
}
