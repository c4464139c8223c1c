// SPDX-License-Identifier: LGPL-2.1-or-later
/* A byte stream of H.264, cut into NAL units. */
#include "common/h264_nal.h"
#include "check.h"

#include <stdlib.h>
#include <string.h>

static const uint8_t stream[] = { 9, 0, 0, 1, 0x65, 7, 0, 0, 0, 1, 0x41, 0, 0, 1, 0, 0, 1,
				  0x06, 5, 0, 0 };

static void test_start_code(void)
{
	static const uint8_t twice[] = { 0, 0, 1, 0, 0, 1 };

	CHECK_EQ(h264_start_code(stream, sizeof(stream), 0), 1);
	CHECK_EQ(h264_start_code(stream, sizeof(stream), 1), 1);
	CHECK_EQ(h264_start_code(stream, sizeof(stream), 2), 7);
	CHECK_EQ(h264_start_code(stream, sizeof(stream), 8), 11);
	CHECK_EQ(h264_start_code(stream, sizeof(stream), 12), 14);
	CHECK_EQ(h264_start_code(stream, sizeof(stream), 15), sizeof(stream));
	CHECK_EQ(h264_start_code(stream, sizeof(stream), sizeof(stream)), sizeof(stream));
	CHECK_EQ(h264_start_code(stream, sizeof(stream), SIZE_MAX), sizeof(stream));
	/* Cut in its middle. */
	CHECK_EQ(h264_start_code(stream, 4, 0), 1);
	CHECK_EQ(h264_start_code(stream, 3, 0), 3);
	CHECK_EQ(h264_start_code(NULL, 0, 0), 0);
	/* The bytes of a start code are not part of another start code. */
	CHECK_EQ(h264_start_code(twice, sizeof(twice), 1), 3);
}

static void test_nal(void)
{
	struct h264_nal nal;
	size_t position = 0;

	CHECK(h264_nal_next(stream, sizeof(stream), &position, &nal));
	CHECK_EQ(nal.offset, 4);
	CHECK_EQ(nal.size, 2);
	CHECK(h264_nal_next(stream, sizeof(stream), &position, &nal));
	CHECK_EQ(nal.offset, 10);
	CHECK_EQ(nal.size, 1);
	/* The empty NAL unit is skipped. */
	CHECK(h264_nal_next(stream, sizeof(stream), &position, &nal));
	CHECK_EQ(nal.offset, 17);
	CHECK_EQ(nal.size, 2);
	CHECK(!h264_nal_next(stream, sizeof(stream), &position, &nal));
	CHECK_EQ(position, sizeof(stream));
	position = 0;
	CHECK(!h264_nal_next(stream, 3, &position, &nal));
	position = 0;
	CHECK(!h264_nal_next(stream, 0, &position, &nal));
	/* Zeros of a NAL unit are not those of a start code. */
	position = 3;
	CHECK(h264_nal_next(stream, sizeof(stream), &position, &nal));
	CHECK_EQ(nal.offset, 10);
}

/* Start codes only, as many as a payload may have. An old bug used a stack frame for each. */
static void test_many_empty(void)
{
	const size_t size = 6 << 20;
	uint8_t *data = calloc(1, size);
	struct h264_nal nal;
	size_t position = 0, i;

	if (!data)
		abort();
	for (i = 2; i < size; i += 3)
		data[i] = 1;
	CHECK(!h264_nal_next(data, size, &position, &nal));
	CHECK_EQ(position, size);
	free(data);
}

int main(void)
{
	test_start_code();
	test_nal();
	test_many_empty();
	return check_result();
}
