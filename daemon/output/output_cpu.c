// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Output stage on the CPU. The loops have no branches and use restrict pointers, so
 * that the compiler can vectorise them; the build uses -O3 for this file.
 */
#include <endian.h>
#include <string.h>

#include "output.h"

/* P010 has its ten bits at the top of a 16-bit little-endian word. */
#define P010_SHIFT	6

static void copy_row(uint8_t *restrict dst, const uint8_t *restrict src, size_t columns)
{
	memcpy(dst, src, columns);
}

static void interleave_row(uint8_t *restrict dst, const uint8_t *restrict cb,
			   const uint8_t *restrict cr, size_t columns)
{
	size_t x;

	for (x = 0; x < columns; x++) {
		dst[2 * x] = cb[x];
		dst[2 * x + 1] = cr[x];
	}
}

static void shift_row(uint16_t *restrict dst, const uint16_t *restrict src, size_t columns)
{
	size_t x;

	for (x = 0; x < columns; x++)
		dst[x] = htole16((uint16_t)(src[x] << P010_SHIFT));
}

static void shift_interleave_row(uint16_t *restrict dst, const uint16_t *restrict cb,
				 const uint16_t *restrict cr, size_t columns)
{
	size_t x;

	for (x = 0; x < columns; x++) {
		dst[2 * x] = htole16((uint16_t)(cb[x] << P010_SHIFT));
		dst[2 * x + 1] = htole16((uint16_t)(cr[x] << P010_SHIFT));
	}
}

static void write_planar(const struct output_plane *plane, const uint8_t *src, ptrdiff_t stride,
			 size_t columns, size_t rows, unsigned int bit_depth)
{
	uint8_t *dst = plane->data;
	size_t y;

	/* One memcpy() for the whole plane if the rows have no padding. */
	if (bit_depth == 8 && stride == (ptrdiff_t)plane->stride && columns == plane->stride) {
		memcpy(dst, src, columns * rows);
		return;
	}
	for (y = 0; y < rows; y++, dst += plane->stride, src += stride) {
		if (bit_depth == 8)
			copy_row(dst, src, columns);
		else
			shift_row((uint16_t *)dst, (const uint16_t *)src, columns);
	}
}

static void write_interleaved(const struct output_plane *plane,
			      const struct decoded_picture *picture, size_t columns, size_t rows)
{
	const uint8_t *cb = picture->data[1];
	const uint8_t *cr = picture->data[2];
	uint8_t *dst = plane->data;
	size_t y;

	for (y = 0; y < rows; y++) {
		if (picture->bit_depth == 8)
			interleave_row(dst, cb, cr, columns);
		else
			shift_interleave_row((uint16_t *)dst, (const uint16_t *)cb,
					     (const uint16_t *)cr, columns);
		dst += plane->stride;
		cb += picture->stride[1];
		cr += picture->stride[2];
	}
}

static int cpu_write(const struct output_target *target, const struct decoded_picture *picture)
{
	size_t columns = ((size_t)picture->width + 1) / 2;
	size_t rows = ((size_t)picture->height + 1) / 2;

	write_planar(&target->planes[0], picture->data[0], picture->stride[0], picture->width,
		     picture->height, picture->bit_depth);
	if (target->format->num_components == 2) {
		write_interleaved(&target->planes[1], picture, columns, rows);
		return 0;
	}
	write_planar(&target->planes[1], picture->data[1], picture->stride[1], columns, rows,
		     picture->bit_depth);
	write_planar(&target->planes[2], picture->data[2], picture->stride[2], columns, rows,
		     picture->bit_depth);
	return 0;
}

const struct output_ops output_cpu = {
	.name = "CPU",
	.write = cpu_write,
};
