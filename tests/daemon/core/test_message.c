// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Messages of a session fd: a good one of each type, then one invalid field at a
 * time. Each is parsed from memory of exactly its size, so that a sanitizer sees
 * reads beyond its end.
 */
#include "check.h"

#include <stdlib.h>
#include <string.h>

#include <linux/videodev2.h>

#include "core/message.h"

/* A job with two controls of 20 and 8 bytes. */
struct test_job {
	struct daedalus_job job;
	struct daedalus_control first;
	uint8_t first_value[24];
	struct daedalus_control second;
	uint8_t second_value[8];
};

#define FIRST_ID	0x1001
#define SECOND_ID	0x1002

static struct test_job nv12_job(void)
{
	struct test_job test = {
		.job = {
			.hdr = { DAEDALUS_MSG_JOB, sizeof(test) },
			.id = 0x123456789,
			.pixelformat = V4L2_PIX_FMT_VP9_FRAME,
			.num_controls = 2,
			.src = { .buffer = 1, .offset = 16, .length = 1000 },
			.dst_format = V4L2_PIX_FMT_NV12,
			.dst_width = 33,
			.dst_height = 17,
			.dst_num_planes = 1,
			.dst = { { .buffer = 2, .offset = 64, .length = 40 * 17 + 40 * 9 } },
			.num_components = 2,
			.components = { { .bytesperline = 40 },
					{ .bytesperline = 40, .offset = 40 * 17 } },
		},
		.first = { FIRST_ID, 20 },
		.second = { SECOND_ID, 8 },
	};

	memset(test.first_value, 0x11, 20);
	memset(test.second_value, 0x22, 8);
	return test;
}

static enum message_verdict parse(const void *data, size_t size, struct message *message,
				  void **copy)
{
	*copy = malloc(size ? size : 1);
	memcpy(*copy, data, size);
	return message_parse(message, *copy, size);
}

static void expect(const void *data, size_t size, enum message_verdict verdict, const char *name)
{
	struct message message;
	enum message_verdict got;
	void *copy;

	got = parse(data, size, &message, &copy);
	CHECK_MSG(got == verdict, "%s: verdict %d, not %d (%s)", name, got, verdict,
		  message.error);
	CHECK_MSG(!message.error[0] == (verdict == MESSAGE_GOOD), "%s: error text \"%s\"", name,
		  message.error);
	if (verdict == MESSAGE_BAD_JOB)
		CHECK_EQ(message.job->id, 0x123456789);
	free(copy);
}

#define EXPECT_JOB(verdict, ...) \
	do { \
		struct test_job t = nv12_job(); \
		__VA_ARGS__; \
		expect(&t, sizeof(t), verdict, #__VA_ARGS__); \
	} while (0)

static void test_good_job(void)
{
	struct test_job test = nv12_job();
	struct message message;
	const uint8_t *value;
	void *copy;

	CHECK_EQ(parse(&test, sizeof(test), &message, &copy), MESSAGE_GOOD);
	CHECK_EQ(message.type, DAEDALUS_MSG_JOB);
	CHECK_EQ(message.job->dst_width, 33);
	CHECK_EQ(message.format->fourcc, V4L2_PIX_FMT_NV12);
	value = control_find(&message.controls, FIRST_ID, 20);
	CHECK(value && value[0] == 0x11 && value[19] == 0x11);
	value = control_find(&message.controls, SECOND_ID, 8);
	CHECK(value && value[0] == 0x22 && value[7] == 0x22);
	CHECK(!control_find(&message.controls, FIRST_ID, 19));
	CHECK(!control_find(&message.controls, FIRST_ID, 21));
	CHECK(!control_find(&message.controls, 0x9999, 8));
	free(copy);
}

/* FIRST_ID has 20 bytes, such as an array of 5 elements of 4 bytes. */
static void test_arrays(void)
{
	struct test_job test = nv12_job();
	const uint8_t *value;
	struct message message;
	size_t count;
	void *copy;

	CHECK_EQ(parse(&test, sizeof(test), &message, &copy), MESSAGE_GOOD);
	value = control_find_array(&message.controls, FIRST_ID, 4, 8, &count);
	CHECK(value && value[0] == 0x11 && value[19] == 0x11);
	CHECK_EQ(count, 5);
	CHECK(control_find_array(&message.controls, FIRST_ID, 4, 5, &count));
	CHECK(control_find_array(&message.controls, FIRST_ID, 20, 1, &count));
	CHECK_EQ(count, 1);
	value = control_find_array(&message.controls, SECOND_ID, 2, 4, &count);
	CHECK(value && value[0] == 0x22 && value[7] == 0x22);
	CHECK_EQ(count, 4);

	/* more elements than allowed; part of an element; larger elements; missing control */
	CHECK(!control_find_array(&message.controls, FIRST_ID, 4, 4, &count));
	CHECK_EQ(count, 0);
	CHECK(!control_find_array(&message.controls, FIRST_ID, 3, 8, &count));
	CHECK(!control_find_array(&message.controls, FIRST_ID, 21, 8, &count));
	CHECK(!control_find_array(&message.controls, 0x9999, 4, 8, &count));
	CHECK_EQ(count, 0);
	free(copy);

	/* an array without elements: its header only */
	test.first.size = 0;
	test.job.num_controls = 2;
	test.job.hdr.size = sizeof(test) - sizeof(test.first_value);
	memmove(test.first_value, &test.second, sizeof(test.second) + sizeof(test.second_value));
	CHECK_EQ(parse(&test, test.job.hdr.size, &message, &copy), MESSAGE_GOOD);
	CHECK(!control_find_array(&message.controls, FIRST_ID, 4, 8, &count));
	CHECK_EQ(count, 0);
	CHECK(control_find_array(&message.controls, SECOND_ID, 4, 8, &count));
	CHECK_EQ(count, 2);
	free(copy);
}

static void test_bad_fields(void)
{
	EXPECT_JOB(MESSAGE_GOOD, (void)t);
	EXPECT_JOB(MESSAGE_BAD_JOB, t.job.flags = 1);
	EXPECT_JOB(MESSAGE_BAD_JOB, t.job.reserved = 1);
	EXPECT_JOB(MESSAGE_BAD_JOB, t.job.src.buffer = 0);
	EXPECT_JOB(MESSAGE_BAD_JOB, t.job.src.reserved = 1);
	EXPECT_JOB(MESSAGE_BAD_JOB, t.job.src.offset = ~0ULL);
	EXPECT_JOB(MESSAGE_BAD_JOB, t.job.src.length = ~0ULL);
	EXPECT_JOB(MESSAGE_GOOD, t.job.src.length = 0);
	EXPECT_JOB(MESSAGE_BAD_JOB, t.job.dst_format = V4L2_PIX_FMT_YUYV);
	EXPECT_JOB(MESSAGE_BAD_JOB, t.job.dst_width = 0);
	EXPECT_JOB(MESSAGE_BAD_JOB, t.job.dst_height = 0);
	EXPECT_JOB(MESSAGE_BAD_JOB, t.job.dst_width = 16385);
	EXPECT_JOB(MESSAGE_BAD_JOB, t.job.dst_height = ~0U);
	EXPECT_JOB(MESSAGE_BAD_JOB, t.job.dst_num_planes = 2);
	EXPECT_JOB(MESSAGE_BAD_JOB, t.job.dst_num_planes = 0);
	EXPECT_JOB(MESSAGE_BAD_JOB, t.job.dst_num_planes = ~0U);
	EXPECT_JOB(MESSAGE_BAD_JOB, t.job.num_components = 3);
	EXPECT_JOB(MESSAGE_BAD_JOB, t.job.num_components = ~0U);
	EXPECT_JOB(MESSAGE_BAD_JOB, t.job.dst[0].buffer = 0);
	EXPECT_JOB(MESSAGE_BAD_JOB, t.job.dst[0].offset = ~0ULL);
	EXPECT_JOB(MESSAGE_BAD_JOB, t.job.components[1].plane = 1);
	EXPECT_JOB(MESSAGE_BAD_JOB, t.job.components[1].plane = ~0U);
	EXPECT_JOB(MESSAGE_BAD_JOB, t.job.components[0].bytesperline = 32);
	EXPECT_JOB(MESSAGE_BAD_JOB, t.job.components[1].bytesperline = 33);
	EXPECT_JOB(MESSAGE_BAD_JOB, t.job.components[1].offset = ~0ULL);
	EXPECT_JOB(MESSAGE_BAD_JOB, t.job.components[0].bytesperline = ~0U);
	/* The client took the CAPTURE buffer back. */
	EXPECT_JOB(MESSAGE_GOOD, t.job.dst_num_planes = 0; t.job.num_components = 0);
}

/* The plane may end with the samples of the last row, but not a byte earlier. */
static void test_plane_ends(void)
{
	EXPECT_JOB(MESSAGE_GOOD, t.job.dst[0].length = 40 * 17 + 40 * 8 + 34);
	EXPECT_JOB(MESSAGE_BAD_JOB, t.job.dst[0].length = 40 * 17 + 40 * 8 + 33);
	EXPECT_JOB(MESSAGE_BAD_JOB, t.job.components[1].offset += 7);
	EXPECT_JOB(MESSAGE_GOOD, t.job.components[1].offset += 6);
	EXPECT_JOB(MESSAGE_BAD_JOB, t.job.dst[0].length = 0);
}

static void test_formats(void)
{
	EXPECT_JOB(MESSAGE_GOOD,
		   t.job.dst_format = V4L2_PIX_FMT_NV12M; t.job.dst_num_planes = 2;
		   t.job.dst[1] = (struct daedalus_plane){ .buffer = 3, .length = 40 * 9 };
		   t.job.components[1] = (struct daedalus_component){ 1, 40, 0 });
	EXPECT_JOB(MESSAGE_BAD_JOB,
		   t.job.dst_format = V4L2_PIX_FMT_NV12M; t.job.dst_num_planes = 2;
		   t.job.dst[1] = (struct daedalus_plane){ .buffer = 0, .length = 40 * 9 };
		   t.job.components[1] = (struct daedalus_component){ 1, 40, 0 });
	EXPECT_JOB(MESSAGE_GOOD,
		   t.job.dst_format = V4L2_PIX_FMT_YUV420; t.job.num_components = 3;
		   t.job.dst[0].length = 40 * 17 + 2 * 20 * 9;
		   t.job.components[1] = (struct daedalus_component){ 0, 20, 40 * 17 };
		   t.job.components[2] = (struct daedalus_component){ 0, 20, 40 * 17 + 20 * 9 });
	EXPECT_JOB(MESSAGE_GOOD,
		   t.job.dst_format = V4L2_PIX_FMT_P010; t.job.dst[0].length = 80 * 17 + 80 * 9;
		   t.job.components[0].bytesperline = 80;
		   t.job.components[1] = (struct daedalus_component){ 0, 80, 80 * 17 });
	EXPECT_JOB(MESSAGE_BAD_JOB,
		   t.job.dst_format = V4L2_PIX_FMT_P010; t.job.dst[0].length = 100 * 26;
		   t.job.components[0].bytesperline = 81;
		   t.job.components[1] = (struct daedalus_component){ 0, 80, 81 * 17 + 1 });
	EXPECT_JOB(MESSAGE_BAD_JOB,
		   t.job.dst_format = V4L2_PIX_FMT_P010; t.job.dst[0].length = 100 * 26;
		   t.job.components[0].bytesperline = 80;
		   t.job.components[1] = (struct daedalus_component){ 0, 80, 80 * 17 + 1 });
	EXPECT_JOB(MESSAGE_BAD_JOB,
		   t.job.dst_format = V4L2_PIX_FMT_P010; t.job.dst[0].length = 100 * 26;
		   t.job.dst[0].offset = 1; t.job.components[0].bytesperline = 80;
		   t.job.components[1] = (struct daedalus_component){ 0, 80, 80 * 17 });
}

static void test_controls(void)
{
	EXPECT_JOB(MESSAGE_BAD_JOB, t.job.num_controls = 1);
	EXPECT_JOB(MESSAGE_BAD_JOB, t.job.num_controls = 3);
	EXPECT_JOB(MESSAGE_BAD_JOB, t.job.num_controls = 0);
	EXPECT_JOB(MESSAGE_BAD_JOB, t.job.num_controls = ~0U);
	EXPECT_JOB(MESSAGE_BAD_JOB, t.first.size = 10000);
	EXPECT_JOB(MESSAGE_BAD_JOB, t.first.size = ~0U);
	EXPECT_JOB(MESSAGE_BAD_JOB, t.first.size = 12);
	EXPECT_JOB(MESSAGE_BAD_JOB, t.second.size = 9);
	EXPECT_JOB(MESSAGE_BAD_JOB, t.second.size = 0);
	/* Values of 1 to 8 bytes take the same space. */
	EXPECT_JOB(MESSAGE_GOOD, t.second.size = 1);
}

static void test_framing(void)
{
	struct test_job test = nv12_job();
	struct daedalus_msg flush = { DAEDALUS_MSG_FLUSH, sizeof(flush) };
	struct daedalus_buffer_gone gone = {
		{ DAEDALUS_MSG_BUFFER_GONE, sizeof(gone) }, .buffer = 7,
	};
	struct message message;
	uint64_t words[8] = { 0 };
	size_t size;
	void *copy;

	/* Every truncation, with the old size in the header and with the new one. */
	for (size = 0; size < sizeof(test); size++) {
		test.job.hdr.size = sizeof(test);
		expect(&test, size, MESSAGE_BROKEN, "truncated");
		test.job.hdr.size = (uint32_t)size;
		if (size < sizeof(test.job))
			expect(&test, size, MESSAGE_BROKEN, "short");
		else
			expect(&test, size, MESSAGE_BAD_JOB, "short controls");
	}
	test.job.hdr.size = sizeof(test) + 8;
	expect(&test, sizeof(test), MESSAGE_BROKEN, "overlong");

	expect(&flush, sizeof(flush), MESSAGE_GOOD, "flush");
	CHECK_EQ(parse(&gone, sizeof(gone), &message, &copy), MESSAGE_GOOD);
	CHECK_EQ(message.buffer, 7);
	free(copy);
	gone.buffer = 0;
	expect(&gone, sizeof(gone), MESSAGE_BROKEN, "gone 0");
	gone.buffer = 1;
	gone.reserved = 1;
	expect(&gone, sizeof(gone), MESSAGE_BROKEN, "gone reserved");
	gone.reserved = 0;
	gone.hdr.type = DAEDALUS_MSG_FLUSH;
	expect(&gone, sizeof(gone), MESSAGE_BROKEN, "flush with a body");
	flush.type = DAEDALUS_MSG_BUFFER_GONE;
	expect(&flush, sizeof(flush), MESSAGE_BROKEN, "gone without a body");
	flush.type = 0;
	expect(&flush, sizeof(flush), MESSAGE_BROKEN, "type 0");
	flush.type = 4;
	expect(&flush, sizeof(flush), MESSAGE_BROKEN, "type 4");

	/* A buffer that is not 8-aligned is refused. */
	CHECK_EQ(message_parse(&message, (uint8_t *)words + 4, sizeof(words) - 4),
		 MESSAGE_BROKEN);
}

int main(void)
{
	test_good_job();
	test_arrays();
	test_bad_fields();
	test_plane_ends();
	test_formats();
	test_controls();
	test_framing();
	return check_result();
}
