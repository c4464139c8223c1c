/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The picture that an engine passes to the output stage. */
#ifndef DAEDALUS_PICTURE_H
#define DAEDALUS_PICTURE_H

#include <stddef.h>
#include <stdint.h>

/**
 * struct decoded_picture - a decoded 4:2:0 picture, owned by the engine
 * @data:	Y, Cb, Cr planes; 16-bit samples in host byte order if @bit_depth > 8
 * @stride:	bytes from one row to the next; 0: all rows of the plane are the same memory
 * @width:	luma samples; chroma has (width + 1) / 2
 * @height:	luma samples; chroma has (height + 1) / 2
 * @bit_depth:	8 or 10
 */
struct decoded_picture {
	const uint8_t *data[3];
	ptrdiff_t stride[3];
	uint32_t width;
	uint32_t height;
	unsigned int bit_depth;
};

#endif /* DAEDALUS_PICTURE_H */
