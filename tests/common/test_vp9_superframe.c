// SPDX-License-Identifier: LGPL-2.1-or-later
/* The index of a VP9 superframe. */
#include "common/vp9_superframe.h"
#include "check.h"

#include <stdlib.h>
#include <string.h>

/* Reads a copy on the heap, so that AddressSanitizer finds reads beyond its end. */
static struct vp9_superframe superframe_of(const void *data, size_t size)
{
	struct vp9_superframe superframe;
	uint8_t *copy = malloc(size ? size : 1);

	if (!copy)
		abort();
	memcpy(copy, data, size);
	vp9_superframe_read(&superframe, copy, size);
	CHECK_EQ(vp9_superframe_frames(copy, size), superframe.frames);
	free(copy);
	return superframe;
}

#define SUPERFRAME(text)	superframe_of(text, sizeof(text) - 1)

static void test_index(void)
{
	struct vp9_superframe superframe = SUPERFRAME("aaabb\xc1\x03\x02\xc1");

	CHECK_EQ(superframe.frames, 2);
	CHECK_EQ(superframe.index_size, 4);
	CHECK_EQ(superframe.sizes[0], 3);
	CHECK_EQ(superframe.sizes[1], 2);

	/* Least significant byte first; the sizes are not checked here. */
	superframe = SUPERFRAME("\xca\x2c\x01\x01\x00\x00\x00\xca");
	CHECK_EQ(superframe.frames, 3);
	CHECK_EQ(superframe.index_size, 8);
	CHECK_EQ(superframe.sizes[0], 300);
	CHECK_EQ(superframe.sizes[1], 1);
	CHECK_EQ(superframe.sizes[2], 0);

	superframe = SUPERFRAME("a\xd8\xff\xff\xff\xff\xd8");
	CHECK_EQ(superframe.frames, 1);
	CHECK_EQ(superframe.index_size, 6);
	CHECK_EQ(superframe.sizes[0], UINT32_MAX);

	superframe = SUPERFRAME("abcdefgh\xc7\x01\x01\x01\x01\x01\x01\x01\x09\xc7");
	CHECK_EQ(superframe.frames, 8);
	CHECK_EQ(superframe.sizes[7], 9);
}

static void no_index(const void *data, size_t size)
{
	struct vp9_superframe superframe = superframe_of(data, size);

	CHECK_EQ(superframe.frames, 1);
	CHECK_EQ(superframe.index_size, 0);
	CHECK_EQ(superframe.sizes[0], size);
}

#define NO_INDEX(text)	no_index(text, sizeof(text) - 1)

static void test_none(void)
{
	NO_INDEX("");
	NO_INDEX("abc");
	/* The last byte alone does not make an index. */
	NO_INDEX("\xc0");
	NO_INDEX("abcd\xc1");
	NO_INDEX("aaabb\xc0\x03\x02\xc1");
	NO_INDEX("\x03\x02\xc1");
	/* marker 7 instead of 6 */
	NO_INDEX("aaabb\xe1\x03\x02\xe1");
	/* Eight frames of four bytes are longer than the data. */
	NO_INDEX("aaabb\xdf\x03\x02\xdf");
}

int main(void)
{
	test_index();
	test_none();
	return check_result();
}
