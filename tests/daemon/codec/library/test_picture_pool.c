// SPDX-License-Identifier: LGPL-2.1-or-later
/* Memory for pictures: planes do not overlap, blocks are reused. */
#include "check.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "codec/library/picture_pool.h"

static void check_layout(uint32_t width, uint32_t height, bool wide, bool chroma)
{
	size_t row = (size_t)width << wide;
	struct picture_layout layout;
	size_t end, rows = height / 2;

	CHECK(picture_layout_init(&layout, width, height, wide, chroma));
	CHECK_EQ(layout.offset[0], PICTURE_ALIGNMENT);
	CHECK(layout.stride[0] >= row && layout.stride[1] >= row / 2);
	CHECK(layout.offset[1] >= layout.offset[0] + layout.stride[0] * height);
	end = layout.offset[1];
	if (chroma) {
		CHECK(layout.offset[2] >= layout.offset[1] + layout.stride[1] * rows);
		end = layout.offset[2] + layout.stride[1] * rows;
	}
	CHECK(layout.size >= end + PICTURE_ALIGNMENT);
	CHECK_EQ((layout.stride[0] | layout.stride[1] | layout.offset[1] | layout.offset[2]) %
		 PICTURE_ALIGNMENT, 0);
	CHECK(layout.stride[0] % 1024 && layout.stride[1] % 1024);
}

static void test_layout(void)
{
	static const uint32_t sizes[] = { 2, 16, 62, 64, 128, 640, 1024, 1920, 2048, 8192, 16384 };
	struct picture_layout layout;
	size_t i, j;

	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
		for (j = 0; j < 4; j++)
			check_layout(sizes[i], sizes[i], j & 1, j & 2);
	if (sizeof(size_t) == 8)
		CHECK(!picture_layout_init(&layout, UINT32_MAX - 1, UINT32_MAX - 1, true, true));
}

/* Every page is populated before it is written to. */
static void check_present(const struct picture_block *block)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	size_t pages = (block->size + page - 1) / page;
	unsigned char *vector = calloc(1, pages);
	size_t i, present = 0;

	CHECK(vector && !mincore(block->data, block->size, vector));
	for (i = 0; vector && i < pages; i++)
		present += vector[i] & 1;
	CHECK_EQ(present, pages);
	free(vector);
}

static void test_blocks(void)
{
	struct picture_pool *pool = picture_pool_new();
	struct picture_block *a, *b, *c;
	uint8_t *first;

	CHECK(pool);
	a = picture_pool_get(pool, 100000);
	b = picture_pool_get(pool, 100000);
	CHECK(a && b && a != b && a->data != b->data);
	CHECK_EQ(a->size, 100000);
	CHECK_EQ(a->data[0] | a->data[99999], 0);
	check_present(a);
	memset(a->data, 1, a->size);
	memset(b->data, 2, b->size);
	CHECK_EQ(a->data[99999], 1);

	first = a->data;
	picture_pool_put(a);
	a = picture_pool_get(pool, 100000);
	CHECK(a->data == first);

	/* Another size: free blocks are freed, those in use stay. */
	picture_pool_put(a);
	c = picture_pool_get(pool, 200000);
	CHECK_EQ(c->size, 200000);
	CHECK_EQ(b->data[99999], 2);
	CHECK(!picture_pool_get(pool, SIZE_MAX / 4));
	/* A block with the previous size comes back. */
	picture_pool_put(picture_pool_get(pool, 200000));
	a = picture_pool_get(pool, 300000);
	CHECK_EQ(a->size, 300000);
	picture_pool_put(a);

	/* Blocks outlive the pool; the sanitizer checks that all is freed. */
	picture_pool_close(pool);
	memset(b->data, 3, b->size);
	picture_pool_put(b);
	picture_pool_put(c);
	picture_pool_close(picture_pool_new());
	picture_pool_close(NULL);
}

int main(void)
{
	test_layout();
	test_blocks();
	return check_result();
}
