/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Memory for the pictures of one decoder.
 *
 * The pages of a block are populated before the decoder writes to it, and blocks are
 * reused. Otherwise the first pictures of a stream would take a page fault for each
 * 4 KiB within their deadlines: under User-mode Linux 0.4 s for a picture of
 * 3840x2160 with 10 bits.
 *
 * Thread-safe. Blocks may outlive picture_pool_close().
 */
#ifndef DAEDALUS_PICTURE_POOL_H
#define DAEDALUS_PICTURE_POOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct picture_pool;

/** Bytes that data and rows of a picture_layout are aligned to. */
#define PICTURE_ALIGNMENT	64U

/**
 * struct picture_layout - a 4:2:0 or monochrome picture in a block
 * @size:	bytes of the block
 * @offset:	of Y, Cb and Cr, in bytes
 * @stride:	bytes from one row to the next: of Y, of Cb and Cr
 */
struct picture_layout {
	size_t size;
	size_t offset[3];
	size_t stride[2];
};

/**
 * picture_layout_init() - lay out a picture
 * @layout:	filled
 * @width:	luma samples of a row that the decoder may write, with padding; even
 * @height:	luma rows that the decoder may write, with padding; even
 * @wide:	samples have two bytes
 * @chroma:	4:2:0; false: Y only
 *
 * The block has PICTURE_ALIGNMENT bytes more before the first and after the last
 * plane, because vector code reads a little beyond a plane.
 * Return: false if the block would need more than SIZE_MAX / 4 bytes.
 */
bool picture_layout_init(struct picture_layout *layout, uint32_t width, uint32_t height, bool wide,
			 bool chroma);

/**
 * struct picture_block - memory for one picture
 * @data:	the memory, page-aligned
 * @size:	bytes of @data
 * @pool:	owner
 * @next:	next free block; private
 */
struct picture_block {
	uint8_t *data;
	size_t size;
	struct picture_pool *pool;
	struct picture_block *next;
};

/** picture_pool_new() - an empty pool; NULL: no memory */
struct picture_pool *picture_pool_new(void);

/**
 * picture_pool_get() - a block of @size bytes
 *
 * The memory has its old content, or zeros. Blocks of other sizes are returned to the
 * system, free ones now and used ones in picture_pool_put(), so that they do not
 * accumulate in a stream that changes its size.
 * Return: the block, for picture_pool_put(); NULL if out of memory.
 */
struct picture_block *picture_pool_get(struct picture_pool *pool, size_t size);

/** picture_pool_put() - give a block back to its pool */
void picture_pool_put(struct picture_block *block);

/** picture_pool_close() - free the pool, now or with the last of its blocks; NULL is fine */
void picture_pool_close(struct picture_pool *pool);

#endif /* DAEDALUS_PICTURE_POOL_H */
