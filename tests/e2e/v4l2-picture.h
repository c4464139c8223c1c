/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Pictures in CAPTURE buffers, read as the V4L2 specification lays them out.
 */
#ifndef DAEDALUS_TESTS_V4L2_PICTURE_H
#define DAEDALUS_TESTS_V4L2_PICTURE_H

#include "v4l2-queue.h"

/**
 * struct picture_layout - memory layout of the components in a buffer
 * @fourcc:	V4L2_PIX_FMT_*
 * @mem_planes:	memory planes
 * @components:	colour planes: 2 when Cb and Cr are interleaved
 * @bytes:	bytes per sample
 * @shift:	position of the value's lowest bit in a sample
 */
struct picture_layout {
	uint32_t fourcc;
	unsigned int mem_planes;
	unsigned int components;
	unsigned int bytes;
	unsigned int shift;
};

/** picture_layout_find() - NULL if the format is not known here */
const struct picture_layout *picture_layout_find(uint32_t fourcc);

/**
 * picture_md5() - MD5 of a picture as I420 or I420_10LE without padding
 * @width:	luma samples, may be less than queue->pix.width
 * @height:	luma samples
 *
 * Return: hex digits, to be freed with g_free().
 */
char *picture_md5(struct queue *queue, unsigned int index, const struct picture_layout *layout,
		  unsigned int width, unsigned int height);

#endif /* DAEDALUS_TESTS_V4L2_PICTURE_H */
