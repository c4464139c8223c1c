// SPDX-License-Identifier: LGPL-2.1-or-later
#include "picture_pool.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>

struct picture_pool {
	pthread_mutex_t lock;
	struct picture_block *free;	/* blocks to reuse, each of @size bytes */
	size_t size;			/* bytes of the block that was given out last */
	size_t used;			/* blocks given out */
	bool closed;			/* free the pool with its last block */
};

static size_t align(size_t bytes)
{
	return (bytes + PICTURE_ALIGNMENT - 1) & ~(size_t)(PICTURE_ALIGNMENT - 1);
}

/*
 * With a stride of a multiple of 1024 bytes, the rows of a block would compete for
 * the same few sets of a cache.
 */
static size_t stride_of(size_t bytes)
{
	size_t stride = align(bytes);

	return stride % 1024 ? stride : stride + PICTURE_ALIGNMENT;
}

bool picture_layout_init(struct picture_layout *layout, uint32_t width, uint32_t height, bool wide,
			 bool chroma)
{
	size_t rows[2] = { height, chroma ? (size_t)height / 2 : 0 };
	size_t planes[2];
	int i;

	for (i = 0; i < 2; i++) {
		layout->stride[i] = stride_of(((size_t)width >> i) << wide);
		if (rows[i] && layout->stride[i] > SIZE_MAX / 16 / rows[i])
			return false;
		planes[i] = layout->stride[i] * rows[i];
	}
	layout->offset[0] = PICTURE_ALIGNMENT;
	layout->offset[1] = layout->offset[0] + planes[0];
	layout->offset[2] = layout->offset[1] + planes[1];
	layout->size = layout->offset[2] + planes[1] + PICTURE_ALIGNMENT;
	return true;
}

struct picture_pool *picture_pool_new(void)
{
	struct picture_pool *pool = calloc(1, sizeof(*pool));

	if (pool)
		pthread_mutex_init(&pool->lock, NULL);
	return pool;
}

static void free_block(struct picture_block *block)
{
	munmap(block->data, block->size);
	free(block);
}

static void free_blocks(struct picture_pool *pool)
{
	while (pool->free) {
		struct picture_block *block = pool->free;

		pool->free = block->next;
		free_block(block);
	}
}

static void free_pool(struct picture_pool *pool)
{
	free_blocks(pool);
	pthread_mutex_destroy(&pool->lock);
	free(pool);
}

static struct picture_block *new_block(struct picture_pool *pool, size_t size)
{
	struct picture_block *block = calloc(1, sizeof(*block));

	if (!block)
		return NULL;
	block->data = mmap(NULL, size, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	if (block->data == MAP_FAILED) {
		free(block);
		return NULL;
	}
	block->size = size;
	block->pool = pool;
	return block;
}

struct picture_block *picture_pool_get(struct picture_pool *pool, size_t size)
{
	struct picture_block *block;

	pthread_mutex_lock(&pool->lock);
	if (size != pool->size)
		free_blocks(pool);
	pool->size = size;
	block = pool->free;
	if (block)
		pool->free = block->next;
	else
		block = new_block(pool, size);
	if (block)
		pool->used++;
	pthread_mutex_unlock(&pool->lock);
	return block;
}

void picture_pool_put(struct picture_block *block)
{
	struct picture_pool *pool = block->pool;
	bool last;

	pthread_mutex_lock(&pool->lock);
	if (block->size == pool->size) {
		block->next = pool->free;
		pool->free = block;
	} else {
		free_block(block);
	}
	last = !--pool->used && pool->closed;
	pthread_mutex_unlock(&pool->lock);
	if (last)
		free_pool(pool);
}

void picture_pool_close(struct picture_pool *pool)
{
	bool last;

	if (!pool)
		return;
	pthread_mutex_lock(&pool->lock);
	pool->closed = true;
	last = !pool->used;
	pthread_mutex_unlock(&pool->lock);
	if (last)
		free_pool(pool);
}
