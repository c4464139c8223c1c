/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Tests of the kernel module. Each test is both the daemon, on the control and
 * session fds, and a V4L2 client, on the video and media nodes. So it controls
 * exactly which jobs are in flight when an error happens.
 */
#ifndef DAEDALUS_KERNEL_HARNESS_H
#define DAEDALUS_KERNEL_HARNESS_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <linux/media.h>
#include <linux/videodev2.h>

#include "daedalus_v4l2_proto.h"

#define MAX_BUFFERS	8
#define SECONDS		10	/* a test that repeats something ends after that time at the latest */
#define OUTPUT		V4L2_BUF_TYPE_VIDEO_OUTPUT_MPLANE
#define CAPTURE		V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE

#define EXIT_SKIP	77
#define SKIP_REASON_LEN	256

/* Shared with the process that runs the test. */
extern char *skip_reason;

/* Ends the running test with a message. Each test runs in a process of its own. */
#define FAIL(...) do {							\
	fprintf(stderr, "%s:%d: ", __FILE__, __LINE__);			\
	fprintf(stderr, __VA_ARGS__);					\
	fputc('\n', stderr);						\
	exit(1);							\
} while (0)

/* Ends the running test, which cannot run here; the reason is shown. */
#define SKIP(...) do {							\
	snprintf(skip_reason, SKIP_REASON_LEN, __VA_ARGS__);		\
	exit(EXIT_SKIP);						\
} while (0)

#define EXPECT(cond) do {						\
	if (!(cond))							\
		FAIL("expected %s (errno %s)", #cond, strerror(errno));	\
} while (0)

#define EXPECT_EQ(a, b) do {						\
	long long a_ = (long long)(a), b_ = (long long)(b);		\
	if (a_ != b_)							\
		FAIL("%s is %lld, expected %lld (%s)", #a, a_, b_, #b);	\
} while (0)

/* @call must fail with @error. */
#define EXPECT_ERRNO(call, error) do {					\
	errno = 0;							\
	long long r_ = (long long)(call);				\
	if (r_ >= 0 || errno != (error))				\
		FAIL("%s returned %lld with errno %s, expected %s", #call, r_, \
		     strerror(errno), strerror(error));			\
} while (0)

/**
 * struct test - one test
 * @name:	what the test proves
 * @run:	returns if the test has passed; a failed one exits the process
 */
struct test {
	const char *name;
	void (*run)(void);
};

/* One array per topic, terminated by an entry without a name. */
extern const struct test daemon_tests[];
extern const struct test job_tests[];
extern const struct test buffer_tests[];
extern const struct test import_tests[];
extern const struct test hold_tests[];
extern const struct test av1_tests[];
extern const struct test lifetime_tests[];
extern const struct test limit_tests[];
extern const struct test stall_tests[];
extern const struct test client_limit_tests[];
extern const struct test dma_tests[];

/* The daemon's side */
int open_control(void);
void good_hello(struct daedalus_hello *hello);
int start_daemon(void);
int open_session(int control);
int open_session_for(int control, uint32_t pixelformat);
void read_job(int session, struct daedalus_job *job, size_t size);
const void *job_control(const struct daedalus_job *job, uint32_t id, uint32_t *size);
int write_reply(int session, uint64_t id, uint32_t status);
int write_reply_with(int session, uint64_t id, uint32_t status, uint32_t output_us);
void read_message(int session, uint32_t type, void *msg, size_t size);
int get_buffer(int session, uint32_t number, struct daedalus_get_buffer *get);
bool readable(int fd, int ms);

/**
 * struct client - a V4L2 client
 * @video:	fd of the video node
 * @media:	fd of the media node
 * @request:	request fds, one per OUTPUT buffer
 * @src:	mappings of the OUTPUT buffers
 * @src_size:	bytes of each OUTPUT buffer
 * @num:	buffers per queue
 */
struct client {
	int video;
	int media;
	int request[MAX_BUFFERS];
	uint8_t *src[MAX_BUFFERS];
	size_t src_size;
	unsigned int num;
};

/* The client's side */
bool find_nodes(char *video, char *media, size_t size);
bool wait_for_nodes(bool present, int ms);
void open_client(struct client *c);
void set_format(struct client *c, uint32_t type, uint32_t pixelformat, uint32_t w, uint32_t h,
		struct v4l2_format *f);
void setup_client(struct client *c, unsigned int num);
void setup_client_for(struct client *c, unsigned int num, uint32_t pixelformat);
void close_client(struct client *c);
void vp9_frame(struct v4l2_ctrl_vp9_frame *frame, unsigned int w, unsigned int h);
int set_control(struct client *c, int request, uint32_t id, const void *value, size_t size);
int set_frame(struct client *c, int request, const struct v4l2_ctrl_vp9_frame *frame);
int queue_buffer(struct client *c, uint32_t type, unsigned int index, int request, uint64_t usec);
int submit(struct client *c, unsigned int index);
int first_session(struct client *c, int control);
int first_job(struct client *c, int control, struct daedalus_job *job, size_t size);
uint32_t nth_capture_format(struct client *c, unsigned int n);
int dequeue(struct client *c, uint32_t type, struct v4l2_buffer *buf, int ms);
uint64_t expect_capture(struct client *c, unsigned int index, bool error);
void expect_no_capture(struct client *c, int ms);
void answer(struct client *c, int session, unsigned int index);
int stream(struct client *c, uint32_t type, bool on);

/* Counters in debugfs, for the whole module: tests compare them before and after. */
long stat_value(const char *name);
void expect_idle(void);
void set_param(const char *name, unsigned int value);
uint64_t now_ms(void);

#endif /* DAEDALUS_KERNEL_HARNESS_H */
