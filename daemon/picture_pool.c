// SPDX-License-Identifier: LGPL-2.1-or-later
#include "picture_pool.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>

struct picture_pool {
	pthread_mutex_t lock;
	struct picture_block *free;
	size_t used;			/* blocks given out */
	bool closed;			/* goes with the last block */
};

static size_t align(size_t bytes)
{
	return (bytes + PICTURE_ALIGNMENT - 1) & ~(size_t)(PICTURE_ALIGNMENT - 1);
}

/*
 * Rows that are a multiple of 1024 bytes apart share few sets of a cache, so
 * columns of blocks would push each other out of it.
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

static void free_blocks(struct picture_block *block)
{
	while (block) {
		struct picture_block *next = block->next;

		munmap(block->data, block->size);
		free(block);
		block = next;
	}
}

static void free_pool(struct picture_pool *pool)
{
	free_blocks(pool->free);
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

/* Takes a free block of that size, and those of other sizes off the list. */
static struct picture_block *take(struct picture_pool *pool, size_t size,
				  struct picture_block **others)
{
	struct picture_block **link = &pool->free;
	struct picture_block *found = NULL;

	*others = NULL;
	while (*link) {
		struct picture_block *block = *link;

		if (block->size == size && found) {
			link = &block->next;
			continue;
		}
		*link = block->next;
		if (block->size == size) {
			found = block;
		} else {
			block->next = *others;
			*others = block;
		}
	}
	return found;
}

struct picture_block *picture_pool_get(struct picture_pool *pool, size_t size)
{
	struct picture_block *block, *others;

	pthread_mutex_lock(&pool->lock);
	block = take(pool, size, &others);
	pool->used++;
	pthread_mutex_unlock(&pool->lock);

	free_blocks(others);
	if (!block)
		block = new_block(pool, size);
	if (!block) {
		pthread_mutex_lock(&pool->lock);
		pool->used--;
		pthread_mutex_unlock(&pool->lock);
	}
	return block;
}

void picture_pool_put(struct picture_block *block)
{
	struct picture_pool *pool = block->pool;
	bool last;

	pthread_mutex_lock(&pool->lock);
	block->next = pool->free;
	pool->free = block;
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
