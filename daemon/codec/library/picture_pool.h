/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Memory for the pictures of one decoder.
 *
 * The pages of a block are there before the decoder writes to it, and a block
 * that comes back is given out again. Otherwise the first pictures of a stream
 * cost a page fault for each 4 KiB, while their deadlines run: in User-mode
 * Linux that alone is 0.4 s for a picture of 3840x2160 with 10 bits.
 *
 * Blocks may outlive the pool and may come back on any thread.
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
 * @width:	luma samples that the decoder may write, padding included, an even number
 * @height:	luma rows that the decoder may write, padding included, an even number
 * @wide:	samples have two bytes
 * @chroma:	4:2:0; false: Y only
 *
 * PICTURE_ALIGNMENT bytes before the first and behind the last plane belong to
 * the block, too: vector code reads a little more than a plane.
 * Return: false if it would need more than SIZE_MAX / 4 bytes.
 */
bool picture_layout_init(struct picture_layout *layout, uint32_t width, uint32_t height, bool wide,
			 bool chroma);

/**
 * struct picture_block - memory for one picture
 * @data:	page-aligned
 * @size:	bytes
 * @pool:	where it belongs
 * @next:	of the free ones; private
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
 * It holds what it held before, or zeros. Blocks of other sizes go back to the
 * system, free ones now and the others in picture_pool_put(), so a stream that
 * changes its size does not pile them up.
 * Return: NULL if there is no memory. Ends in picture_pool_put().
 */
struct picture_block *picture_pool_get(struct picture_pool *pool, size_t size);

/** picture_pool_put() - the block is not used any more */
void picture_pool_put(struct picture_block *block);

/** picture_pool_close() - free the pool, now or with the last of its blocks; NULL is fine */
void picture_pool_close(struct picture_pool *pool);

#endif /* DAEDALUS_PICTURE_POOL_H */
