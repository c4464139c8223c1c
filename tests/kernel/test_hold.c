// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Held CAPTURE buffers: the two requests of a field pair write into one buffer,
 * which is given back after the second one.
 */
#include <pthread.h>
#include <sys/ioctl.h>

#include "harness.h"

/* Queue request @index with timestamp @usec, and CAPTURE buffer @capture unless it is < 0. */
static void field(struct client *c, unsigned int index, uint64_t usec, int capture, bool hold)
{
	struct v4l2_plane plane = { .bytesused = 100 };
	struct v4l2_buffer buf = {
		.type = OUTPUT, .memory = V4L2_MEMORY_MMAP, .index = index, .length = 1,
		.m.planes = &plane, .timestamp = { 0, usec }, .request_fd = c->request[index],
		.flags = V4L2_BUF_FLAG_REQUEST_FD |
			 (hold ? V4L2_BUF_FLAG_M2M_HOLD_CAPTURE_BUF : 0),
	};
	struct v4l2_ctrl_vp9_frame frame;

	vp9_frame(&frame, 64, 64);
	if (capture >= 0)
		EXPECT_EQ(queue_buffer(c, CAPTURE, capture, -1, 0), 0);
	EXPECT_EQ(set_frame(c, c->request[index], &frame), 0);
	EXPECT_EQ(ioctl(c->video, VIDIOC_QBUF, &buf), 0);
	EXPECT_EQ(ioctl(c->request[index], MEDIA_REQUEST_IOC_QUEUE), 0);
}

static void expect_picture(struct client *c, unsigned int index, uint64_t usec, bool error)
{
	EXPECT_EQ(expect_capture(c, index, error), usec);
}

static void reply_next(int session, uint32_t status, uint32_t *buffer)
{
	struct daedalus_job job;

	read_job(session, &job, sizeof(job));
	*buffer = job.dst[0].buffer;
	EXPECT_EQ(write_reply(session, job.id, status), 0);
}

static void queue_says_so(void)
{
	struct v4l2_requestbuffers req = { .memory = V4L2_MEMORY_MMAP, .type = OUTPUT };
	int control = start_daemon();
	struct client c;

	(void)control;
	open_client(&c);
	EXPECT_EQ(ioctl(c.video, VIDIOC_REQBUFS, &req), 0);
	EXPECT(req.capabilities & V4L2_BUF_CAP_SUPPORTS_M2M_HOLD_CAPTURE_BUF);
}

static void two_fields(void)
{
	uint32_t first, second;
	struct v4l2_buffer buf;
	struct client c;
	int control = start_daemon(), session;

	setup_client(&c, 4);
	field(&c, 0, 500, 0, true);
	session = open_session(control);
	/* the second field comes after the reply to the first */
	reply_next(session, DAEDALUS_STATUS_OK, &first);
	expect_no_capture(&c, 30);
	field(&c, 1, 500, -1, false);
	reply_next(session, DAEDALUS_STATUS_OK, &second);
	EXPECT_EQ(first, second);
	expect_picture(&c, 0, 500, false);

	/* both fields in flight, followed by another picture */
	field(&c, 2, 600, 1, true);
	field(&c, 3, 600, -1, false);
	EXPECT_EQ(dequeue(&c, OUTPUT, &buf, 100), 0);
	EXPECT_EQ(buf.index, 0);
	EXPECT_EQ(ioctl(c.request[0], MEDIA_REQUEST_IOC_REINIT), 0);
	field(&c, 0, 700, 2, false);
	for (int i = 0; i < 3; i++)
		reply_next(session, DAEDALUS_STATUS_OK, &first);
	expect_picture(&c, 1, 600, false);
	expect_picture(&c, 2, 700, false);
}

/* The picture is flagged ERROR if either field failed. */
static void bad_field(void)
{
	struct client c;
	uint32_t buffer;
	int control = start_daemon(), session;

	setup_client(&c, 4);
	field(&c, 0, 500, 0, true);
	session = open_session(control);
	reply_next(session, DAEDALUS_STATUS_CORRUPT, &buffer);
	field(&c, 1, 500, -1, false);
	reply_next(session, DAEDALUS_STATUS_OK, &buffer);
	expect_picture(&c, 0, 500, true);
	field(&c, 2, 600, 0, true);
	reply_next(session, DAEDALUS_STATUS_OK, &buffer);
	field(&c, 3, 600, -1, false);
	reply_next(session, DAEDALUS_STATUS_CORRUPT, &buffer);
	expect_picture(&c, 0, 600, true);
}

static void flush(struct client *c)
{
	struct v4l2_decoder_cmd cmd = { .cmd = V4L2_DEC_CMD_FLUSH };

	EXPECT_EQ(ioctl(c->video, VIDIOC_DECODER_CMD, &cmd), 0);
}

/*
 * Several fields of one picture are in flight. Whatever ends the picture, the buffer is
 * given back with the last one of them, because the daemon writes it until then.
 */
static void many_fields_in_flight(void)
{
	int control = start_daemon();

	/* way 0: a field that does not hold, 1: FLUSH, 2: another picture; 2 or 3 fields */
	for (int i = 0; i < 6; i++) {
		unsigned int fields = 2 + i % 2, way = i / 2;
		uint32_t buffer, first = 0;
		struct client c;
		int session = -1;

		setup_client(&c, 4);
		for (unsigned int f = 0; f < fields; f++)
			field(&c, f, 500, f ? -1 : 0, way || f + 1 < fields);
		session = open_session(control);
		if (way == 1)
			flush(&c);
		if (way == 2)
			field(&c, fields, 600, 1, false);
		for (unsigned int f = 0; f < fields; f++) {
			expect_no_capture(&c, 20);
			reply_next(session, DAEDALUS_STATUS_OK, &buffer);
			EXPECT_EQ(buffer, f ? first : buffer);
			first = buffer;
		}
		expect_picture(&c, 0, 500, false);
		if (way == 2) {
			reply_next(session, DAEDALUS_STATUS_OK, &buffer);
			EXPECT(buffer != first);
			expect_picture(&c, 1, 600, false);
		}
		close_client(&c);
		close(session);
	}
}

/* A first field without its second field is given back when the next picture comes. */
static void lone_field(void)
{
	struct client c;
	uint32_t buffer;
	int control = start_daemon(), session;

	setup_client(&c, 4);
	field(&c, 0, 500, 0, true);
	session = open_session(control);
	/* the held buffer is given back although the next picture has no CAPTURE buffer yet */
	field(&c, 1, 600, -1, false);
	reply_next(session, DAEDALUS_STATUS_OK, &buffer);
	expect_picture(&c, 0, 500, false);
	EXPECT_EQ(queue_buffer(&c, CAPTURE, 1, -1, 0), 0);
	reply_next(session, DAEDALUS_STATUS_OK, &buffer);
	expect_picture(&c, 1, 600, false);

	/* the same when the first field is still in flight */
	field(&c, 2, 700, 2, true);
	field(&c, 3, 800, 3, false);
	reply_next(session, DAEDALUS_STATUS_OK, &buffer);
	expect_picture(&c, 2, 700, false);
	reply_next(session, DAEDALUS_STATUS_OK, &buffer);
	expect_picture(&c, 3, 800, false);
}

static void flush_command(void)
{
	struct client c;
	uint32_t buffer;
	int control = start_daemon(), session;

	setup_client(&c, 3);
	field(&c, 0, 500, 0, true);
	session = open_session(control);
	reply_next(session, DAEDALUS_STATUS_OK, &buffer);
	expect_no_capture(&c, 30);
	flush(&c);
	expect_picture(&c, 0, 500, false);

	/* while its field is in flight, the buffer is given back after the reply */
	field(&c, 1, 600, 1, true);
	flush(&c);
	expect_no_capture(&c, 30);
	reply_next(session, DAEDALUS_STATUS_OK, &buffer);
	expect_picture(&c, 1, 600, false);
	flush(&c);
}

static void *flush_when_queued(void *data)
{
	struct client *c = data;
	struct v4l2_plane plane = { 0 };
	struct v4l2_buffer buf = {
		.type = OUTPUT, .memory = V4L2_MEMORY_MMAP, .length = 1, .m.planes = &plane,
	};

	do
		EXPECT_EQ(ioctl(c->video, VIDIOC_QUERYBUF, &buf), 0);
	while (!(buf.flags & (V4L2_BUF_FLAG_QUEUED | V4L2_BUF_FLAG_DONE)));
	flush(c);
	return NULL;
}

/*
 * FLUSH comes as soon as the OUTPUT buffer is queued, while the driver turns it into a
 * job. It must let the buffer go in every case.
 */
static void flush_at_any_time(void)
{
	struct v4l2_buffer buf;
	struct client c;
	uint32_t buffer;
	int control = start_daemon(), session = -1;
	uint64_t end = now_ms() + SECONDS * 1000;

	setup_client(&c, 1);
	for (int i = 0; i < 500 && now_ms() < end; i++) {
		pthread_t thread;

		EXPECT_EQ(pthread_create(&thread, NULL, flush_when_queued, &c), 0);
		field(&c, 0, 500 + i, 0, true);
		EXPECT_EQ(pthread_join(thread, NULL), 0);
		if (session < 0)
			session = open_session(control);
		reply_next(session, DAEDALUS_STATUS_OK, &buffer);
		if (dequeue(&c, CAPTURE, &buf, 200))
			FAIL("round %d: FLUSH did not let the buffer go", i);
		EXPECT_EQ(dequeue(&c, OUTPUT, &buf, 200), 0);
		EXPECT_EQ(ioctl(c.request[0], MEDIA_REQUEST_IOC_REINIT), 0);
	}
}

static void stop_while_held(void)
{
	static const uint32_t queues[] = { OUTPUT, CAPTURE };
	int control = start_daemon();

	for (int i = 0; i < 2; i++) {
		for (int answered = 0; answered < 2; answered++) {
			struct client c;
			uint32_t buffer;
			int session;

			setup_client(&c, 2);
			field(&c, 0, 500, 0, true);
			session = open_session(control);
			if (answered)
				reply_next(session, DAEDALUS_STATUS_OK, &buffer);
			EXPECT_EQ(stream(&c, queues[i], false), 0);
			if (queues[i] == OUTPUT)
				expect_picture(&c, 0, 500, true);
			EXPECT_EQ(stream(&c, queues[i], true), 0);
			close_client(&c);
			close(session);
		}
	}
}

/* The worker dies between the fields. */
static void worker_dies_between(void)
{
	struct client c;
	uint32_t buffer;
	int control = start_daemon(), session;

	setup_client(&c, 2);
	field(&c, 0, 500, 0, true);
	session = open_session(control);
	close(session);
	field(&c, 1, 500, -1, false);
	session = open_session(control);
	reply_next(session, DAEDALUS_STATUS_OK, &buffer);
	expect_picture(&c, 0, 500, true);
}

const struct test hold_tests[] = {
	{ "hold: the OUTPUT queue says that it can", queue_says_so },
	{ "hold: two fields make one picture", two_fields },
	{ "hold: a bad field makes a bad picture", bad_field },
	{ "hold: a field without its partner", lone_field },
	{ "hold: the FLUSH command lets it go", flush_command },
	{ "hold: many fields of one picture in flight", many_fields_in_flight },
	{ "hold: FLUSH while the job is made", flush_at_any_time },
	{ "hold: either queue stops", stop_while_held },
	{ "hold: the worker dies between the fields", worker_dies_between },
	{ NULL, NULL }
};
