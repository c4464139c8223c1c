// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Jobs: their content, the order in which they complete, and what ends them.
 */
#include <poll.h>
#include <sys/ioctl.h>

#include "harness.h"

/* A job with the control value that submit() set. */
struct frame_job {
	struct daedalus_job job;
	struct daedalus_control head;
	struct v4l2_ctrl_vp9_frame frame;
};

/* As expect_capture(), with the timestamp that submit() set. */
static void expect_picture(struct client *c, unsigned int index, bool error)
{
	EXPECT_EQ(expect_capture(c, index, error), 1000 + index);
}

static void expect_output(struct client *c, unsigned int index)
{
	struct v4l2_buffer buf;

	EXPECT_EQ(dequeue(c, OUTPUT, &buf, 2000), 0);
	EXPECT_EQ(buf.index, index);
}

static bool request_done(struct client *c, unsigned int index)
{
	struct pollfd p = { .fd = c->request[index], .events = POLLPRI };

	return poll(&p, 1, 0) == 1;
}

static void round_trip(void)
{
	struct frame_job msg = { 0 };
	struct client c;
	int control = start_daemon(), session;

	setup_client(&c, 1);
	session = first_job(&c, control, &msg.job, sizeof(msg));

	EXPECT_EQ(msg.job.hdr.size, sizeof(msg));
	EXPECT_EQ(msg.job.timestamp, 1000 * 1000);
	EXPECT_EQ(msg.job.pixelformat, V4L2_PIX_FMT_VP9_FRAME);
	EXPECT_EQ(msg.job.flags, 0);
	EXPECT_EQ(msg.job.deadline_ms, 900);
	EXPECT_EQ(msg.job.src.offset, 0);
	EXPECT_EQ(msg.job.src.length, 100);
	EXPECT_EQ(msg.job.dst_format, V4L2_PIX_FMT_NV12);
	EXPECT_EQ(msg.job.dst_width, 64);
	EXPECT_EQ(msg.job.dst_height, 64);
	EXPECT_EQ(msg.job.dst_num_planes, 1);
	EXPECT_EQ(msg.job.dst[0].length, 64 * 96);
	EXPECT_EQ(msg.job.num_components, 2);
	EXPECT_EQ(msg.job.components[1].offset, 64 * 64);
	EXPECT_EQ(msg.job.components[1].bytesperline, 64);
	EXPECT_EQ(msg.job.num_controls, 1);
	EXPECT_EQ(msg.head.id, V4L2_CID_STATELESS_VP9_FRAME);
	EXPECT_EQ(msg.head.size, sizeof(msg.frame));
	EXPECT_EQ(msg.frame.quant.base_q_idx, 1);
	EXPECT_EQ(msg.frame.frame_width_minus_1, 63);

	EXPECT(!request_done(&c, 0));
	EXPECT_EQ(write_reply(session, msg.job.id, DAEDALUS_STATUS_OK), 0);
	EXPECT(request_done(&c, 0));
	expect_picture(&c, 0, false);
	expect_output(&c, 0);
	EXPECT_EQ(ioctl(c.request[0], MEDIA_REQUEST_IOC_REINIT), 0);
	EXPECT_EQ(submit(&c, 0), 0);
}

static void errors_are_flagged(void)
{
	struct daedalus_job job;
	struct client c;
	int control = start_daemon(), session = -1;

	setup_client(&c, DAEDALUS_STATUS_COUNT);
	for (unsigned int status = 0; status < DAEDALUS_STATUS_COUNT; status++) {
		EXPECT_EQ(submit(&c, status), 0);
		if (session < 0)
			session = open_session(control);
		read_job(session, &job, sizeof(job));
		EXPECT_EQ(write_reply(session, job.id, status), 0);
		expect_picture(&c, status, status != DAEDALUS_STATUS_OK);
		expect_output(&c, status);
	}
}

/*
 * A buffer with ERROR may have a damaged picture. If the daemon wrote nothing, or did not
 * answer, it has an old picture or none: then no bytes are used.
 */
static void no_picture_no_bytes(void)
{
	static const struct {
		int status;	/* -1: the session ends instead */
		uint32_t output_us, bytes;
	} cases[] = {
		{ DAEDALUS_STATUS_OK, 0, 64 * 96 },
		{ DAEDALUS_STATUS_CORRUPT, 7, 64 * 96 },
		{ DAEDALUS_STATUS_CORRUPT, 0, 0 },
		{ DAEDALUS_STATUS_MISSING_REFERENCE, 0, 0 },
		{ DAEDALUS_STATUS_OK, 0, 64 * 96 },
		{ -1, 0, 0 },
	};
	struct daedalus_job job;
	struct client c;
	int control = start_daemon(), session = -1;

	setup_client(&c, 1);
	for (unsigned int i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct v4l2_buffer buf;

		EXPECT_EQ(submit(&c, 0), 0);
		if (session < 0)
			session = open_session(control);
		read_job(session, &job, sizeof(job));
		if (cases[i].status < 0)
			close(session);
		else
			EXPECT_EQ(write_reply_with(session, job.id, cases[i].status,
						   cases[i].output_us), 0);
		EXPECT_EQ(dequeue(&c, CAPTURE, &buf, 2000), 0);
		EXPECT_EQ(!!(buf.flags & V4L2_BUF_FLAG_ERROR),
			  cases[i].status != DAEDALUS_STATUS_OK);
		EXPECT_EQ(buf.m.planes[0].bytesused, cases[i].bytes);
		expect_output(&c, 0);
		EXPECT_EQ(ioctl(c.request[0], MEDIA_REQUEST_IOC_REINIT), 0);
	}
}

static void submission_order(void)
{
	struct daedalus_job job[4];
	struct client c;
	int control = start_daemon(), session = -1;

	setup_client(&c, 4);
	for (int i = 0; i < 4; i++) {
		EXPECT_EQ(submit(&c, i), 0);
		if (session < 0)
			session = open_session(control);
		read_job(session, &job[i], sizeof(job[i]));
	}
	for (int i = 3; i > 0; i--)
		EXPECT_EQ(write_reply(session, job[i].id, DAEDALUS_STATUS_OK), 0);
	expect_no_capture(&c, 50);
	EXPECT(!request_done(&c, 3));
	EXPECT_EQ(write_reply(session, job[0].id, DAEDALUS_STATUS_CORRUPT), 0);
	for (int i = 0; i < 4; i++)
		expect_picture(&c, i, i == 0);
}

static void requests_need_their_parts(void)
{
	struct v4l2_ctrl_vp9_frame frame;
	struct client c;
	int control = start_daemon();

	setup_client(&c, 2);
	/* an empty request, one without the control, one without the buffer */
	EXPECT_ERRNO(ioctl(c.request[0], MEDIA_REQUEST_IOC_QUEUE), ENOENT);
	EXPECT_EQ(queue_buffer(&c, OUTPUT, 0, c.request[0], 0), 0);
	EXPECT_ERRNO(ioctl(c.request[0], MEDIA_REQUEST_IOC_QUEUE), ENOENT);
	vp9_frame(&frame, 64, 64);
	EXPECT_EQ(set_frame(&c, c.request[1], &frame), 0);
	EXPECT_ERRNO(ioctl(c.request[1], MEDIA_REQUEST_IOC_QUEUE), ENOENT);
	EXPECT_ERRNO(queue_buffer(&c, CAPTURE, 0, c.request[1], 0), EPERM);
	EXPECT(!readable(control, 0));
}

static void bad_replies(void)
{
	static const char * const counters[] = {
		"refused_size", "refused_invalid", "refused_unread", "refused_answered",
		"refused_stale",
	};
	struct daedalus_reply long_reply[2] = { { .size = sizeof(*long_reply) } };
	struct daedalus_reply reply = long_reply[0];
	const void *volatile nowhere = NULL;
	struct daedalus_job job[2];
	struct client c, other;
	int control = start_daemon(), session, other_session;
	long before[5];

	for (int i = 0; i < 5; i++)
		before[i] = stat_value(counters[i]);
	setup_client(&c, 3);
	setup_client(&other, 1);
	session = first_session(&c, control);
	other_session = first_session(&other, control);

	reply.id = (uint64_t)1 << 40;
	EXPECT_ERRNO(write(session, &reply, sizeof(reply) - 1), EMSGSIZE);
	EXPECT_ERRNO(write(session, long_reply, sizeof(long_reply)), EMSGSIZE);
	EXPECT_ERRNO(write(session, &reply, 0), EMSGSIZE);
	reply.size--;
	EXPECT_ERRNO(write(session, &reply, sizeof(reply)), EINVAL);
	EXPECT_ERRNO(write_reply(session, reply.id, DAEDALUS_STATUS_COUNT), EINVAL);
	EXPECT_ERRNO(write_reply(session, UINT64_MAX, DAEDALUS_STATUS_OK), ENOENT);
	EXPECT_ERRNO(write(session, nowhere, sizeof(reply)), EFAULT);

	read_job(session, &job[0], sizeof(job[0]));
	EXPECT_EQ(submit(&c, 1), 0);
	/* an id that was guessed from the last one; this job was not read yet */
	EXPECT_ERRNO(write_reply(session, job[0].id + 1, DAEDALUS_STATUS_OK), ENOENT);
	read_job(session, &job[1], sizeof(job[1]));
	/* the id of another stream's job */
	EXPECT(write_reply(other_session, job[0].id, DAEDALUS_STATUS_OK) < 0);
	EXPECT_EQ(write_reply(session, job[1].id, DAEDALUS_STATUS_OK), 0);
	EXPECT_ERRNO(write_reply(session, job[1].id, DAEDALUS_STATUS_OK), EALREADY);
	EXPECT_EQ(write_reply(session, job[0].id, DAEDALUS_STATUS_OK), 0);
	EXPECT_ERRNO(write_reply(session, job[0].id, DAEDALUS_STATUS_OK), ESTALE);
	expect_picture(&c, 0, false);
	expect_picture(&c, 1, false);
	for (int i = 0; i < 5; i++)
		EXPECT(stat_value(counters[i]) > before[i]);
}

static void deadline(void)
{
	struct daedalus_job job;
	struct client c;
	uint64_t start;
	int control = start_daemon(), session;

	set_param("deadline_ms", 200);
	setup_client(&c, 2);
	start = now_ms();
	session = first_job(&c, control, &job, sizeof(job));
	EXPECT_EQ(job.deadline_ms, 200);
	expect_picture(&c, 0, true);
	EXPECT(now_ms() - start >= 190);
	EXPECT(now_ms() - start < 1000);
	EXPECT(request_done(&c, 0));
	EXPECT_ERRNO(write_reply(session, job.id, DAEDALUS_STATUS_OK), ESTALE);

	/* the stream goes on */
	EXPECT_EQ(submit(&c, 1), 0);
	read_job(session, &job, sizeof(job));
	EXPECT_EQ(write_reply(session, job.id, DAEDALUS_STATUS_OK), 0);
	expect_picture(&c, 1, false);
}

/* The deadline of a job starts when it becomes the oldest in flight. */
static void deadline_of_the_oldest(void)
{
	struct daedalus_job job[3];
	struct client c;
	int control = start_daemon(), session = -1;

	set_param("deadline_ms", 300);
	setup_client(&c, 3);
	for (int i = 0; i < 3; i++) {
		EXPECT_EQ(submit(&c, i), 0);
		if (session < 0)
			session = open_session(control);
		read_job(session, &job[i], sizeof(job[i]));
	}
	for (int i = 0; i < 3; i++) {
		usleep(200 * 1000);
		EXPECT_EQ(write_reply(session, job[i].id, DAEDALUS_STATUS_OK), 0);
		expect_picture(&c, i, false);
	}
}

static void seek_flushes(void)
{
	struct daedalus_job job[2];
	struct daedalus_msg msg;
	struct client c;
	uint64_t start;
	int control = start_daemon(), session;

	setup_client(&c, 3);
	session = first_job(&c, control, &job[0], sizeof(job[0]));
	EXPECT_EQ(submit(&c, 1), 0);
	start = now_ms();
	EXPECT_EQ(stream(&c, OUTPUT, false), 0);
	EXPECT(now_ms() - start < 100);
	EXPECT(request_done(&c, 0) && request_done(&c, 1));
	expect_picture(&c, 0, true);
	expect_picture(&c, 1, true);

	EXPECT_EQ(stream(&c, OUTPUT, true), 0);
	EXPECT_EQ(submit(&c, 2), 0);
	/* the job that was not read before STREAMOFF is not sent; the flush comes first */
	read_message(session, DAEDALUS_MSG_FLUSH, &msg, sizeof(msg));
	EXPECT_ERRNO(write_reply(session, job[0].id, DAEDALUS_STATUS_OK), ESTALE);
	read_job(session, &job[0], sizeof(job[0]));
	EXPECT_EQ(write_reply(session, job[0].id, DAEDALUS_STATUS_OK), 0);
	expect_picture(&c, 2, false);
}

/* STREAMOFF of CAPTURE gives its buffers back; the pictures are still decoded. */
static void capture_stop_keeps_decoding(void)
{
	struct daedalus_job job[3];
	struct client c;
	int control = start_daemon(), session;

	setup_client(&c, 3);
	session = first_job(&c, control, &job[0], sizeof(job[0]));
	EXPECT_EQ(submit(&c, 1), 0);
	EXPECT_EQ(stream(&c, CAPTURE, false), 0);
	EXPECT(!request_done(&c, 0));

	read_job(session, &job[1], sizeof(job[1]));
	EXPECT_EQ(job[1].dst_num_planes, 0);
	EXPECT_EQ(job[1].num_components, 0);
	EXPECT_EQ(job[1].dst[0].buffer, 0);
	EXPECT_EQ(write_reply(session, job[0].id, DAEDALUS_STATUS_OK), 0);
	EXPECT_EQ(write_reply(session, job[1].id, DAEDALUS_STATUS_OK), 0);
	EXPECT(request_done(&c, 0) && request_done(&c, 1));
	expect_output(&c, 0);
	expect_output(&c, 1);

	EXPECT_EQ(stream(&c, CAPTURE, true), 0);
	expect_no_capture(&c, 20);
	EXPECT_EQ(submit(&c, 2), 0);
	read_job(session, &job[2], sizeof(job[2]));
	EXPECT_EQ(job[2].dst_num_planes, 1);
	EXPECT_EQ(write_reply(session, job[2].id, DAEDALUS_STATUS_OK), 0);
	expect_picture(&c, 2, false);
}

static void either_queue_stops_first(void)
{
	static const uint32_t order[][2] = { { OUTPUT, CAPTURE }, { CAPTURE, OUTPUT } };
	int control = start_daemon();

	for (int i = 0; i < 2; i++) {
		struct daedalus_job job;
		struct client c;
		int session;

		setup_client(&c, 4);
		EXPECT_EQ(submit(&c, 0), 0);
		EXPECT_EQ(submit(&c, 1), 0);
		session = open_session(control);
		read_job(session, &job, sizeof(job));
		EXPECT_EQ(stream(&c, order[i][0], false), 0);
		EXPECT_EQ(stream(&c, order[i][1], false), 0);
		EXPECT(write_reply(session, job.id, DAEDALUS_STATUS_OK) < 0);
		EXPECT_EQ(stream(&c, order[i][1], true), 0);
		EXPECT_EQ(stream(&c, order[i][0], true), 0);
		close_client(&c);
		close(session);
	}
}

static void without_request(void)
{
	struct v4l2_ctrl_vp9_frame frame;
	struct frame_job msg = { 0 };
	struct client c;
	int control = start_daemon(), session;

	setup_client(&c, 1);
	vp9_frame(&frame, 64, 64);
	frame.quant.base_q_idx = 77;
	EXPECT_EQ(set_frame(&c, -1, &frame), 0);
	EXPECT_EQ(queue_buffer(&c, CAPTURE, 0, -1, 0), 0);
	EXPECT_EQ(queue_buffer(&c, OUTPUT, 0, -1, 1000), 0);
	session = open_session(control);
	read_job(session, &msg.job, sizeof(msg));
	EXPECT_EQ(msg.frame.quant.base_q_idx, 77);
	EXPECT_EQ(write_reply(session, msg.job.id, DAEDALUS_STATUS_OK), 0);
	expect_picture(&c, 0, false);
}

/* Each job has the control values of its own request, also with several in flight. */
static void controls_per_job(void)
{
	struct frame_job msg = { 0 };
	struct client c;
	int control = start_daemon(), session = -1;

	setup_client(&c, 4);
	for (int i = 0; i < 4; i++)
		EXPECT_EQ(submit(&c, i), 0);
	session = open_session(control);
	for (int i = 0; i < 4; i++) {
		read_job(session, &msg.job, sizeof(msg));
		EXPECT_EQ(msg.frame.quant.base_q_idx, i + 1);
		EXPECT_EQ(msg.job.src.length, 100 + i);
		EXPECT_EQ(write_reply(session, msg.job.id, DAEDALUS_STATUS_OK), 0);
		expect_picture(&c, i, false);
	}
}

/*
 * A request serves one file. With the controls of a second file it would never be complete,
 * and the media core loses count when the first file is closed: it warns in
 * media_request_clean().
 */
static void one_file_per_request(void)
{
	struct v4l2_ctrl_vp9_frame frame;
	struct v4l2_buffer buf;
	struct client c, other;
	int control = start_daemon(), ret;

	setup_client(&c, 1);
	open_client(&other);
	vp9_frame(&frame, 64, 64);
	EXPECT_EQ(set_frame(&other, c.request[0], &frame), 0);
	ret = submit(&c, 0);
	if (!ret) {
		answer(&c, open_session(control), 0);
		EXPECT_EQ(dequeue(&c, OUTPUT, &buf, 1000), 0);
		close_client(&c);
		close_client(&other);
		FAIL("a request with controls of two files was queued");
	}
	EXPECT_EQ(errno, EINVAL);
}

/* Both VP9 controls in one call, as FFmpeg's v4l2request does. */
static int set_headers(struct client *c, int request, struct v4l2_ctrl_vp9_frame *frame)
{
	struct v4l2_ctrl_vp9_compressed_hdr compressed = { .tx_mode = V4L2_VP9_TX_MODE_SELECT };
	struct v4l2_ext_control ctrls[] = {
		{ .id = V4L2_CID_STATELESS_VP9_FRAME, .size = sizeof(*frame), .ptr = frame },
		{ .id = V4L2_CID_STATELESS_VP9_COMPRESSED_HDR, .size = sizeof(compressed),
		  .ptr = &compressed },
	};
	struct v4l2_ext_controls arg = {
		.which = request < 0 ? V4L2_CTRL_WHICH_CUR_VAL : V4L2_CTRL_WHICH_REQUEST_VAL,
		.count = 2, .request_fd = request, .controls = ctrls,
	};

	return ioctl(c->video, VIDIOC_S_EXT_CTRLS, &arg);
}

/*
 * It sets the controls before it has read a frame, then with 65536x65536, and always sends
 * the compressed header, which a job does not need.
 */
static void controls_of_ffmpeg(void)
{
	struct v4l2_ctrl_vp9_frame frame;
	struct frame_job msg;
	struct client c;
	int control = start_daemon();

	setup_client(&c, 1);
	vp9_frame(&frame, 65536, 65536);
	EXPECT_EQ(set_headers(&c, -1, &frame), 0);
	vp9_frame(&frame, 64, 64);
	EXPECT_EQ(set_headers(&c, c.request[0], &frame), 0);
	read_job(first_session(&c, control), &msg.job, sizeof(msg));
	EXPECT_EQ(msg.job.num_controls, 1);
	EXPECT_EQ(msg.head.id, V4L2_CID_STATELESS_VP9_FRAME);
	EXPECT_EQ(msg.frame.frame_width_minus_1, 63);
}

const struct test job_tests[] = {
	{ "job: round trip", round_trip },
	{ "job: every failure is flagged ERROR", errors_are_flagged },
	{ "job: no bytes are used in a buffer without a picture", no_picture_no_bytes },
	{ "job: completion in submission order", submission_order },
	{ "job: a request without its parts is refused with ENOENT", requests_need_their_parts },
	{ "job: a request with the controls of two files is refused", one_file_per_request },
	{ "job: late, duplicate, forged and malformed replies are refused", bad_replies },
	{ "job: the deadline ends it", deadline },
	{ "job: the deadline runs for the oldest", deadline_of_the_oldest },
	{ "job: OUTPUT STREAMOFF voids the jobs and flushes", seek_flushes },
	{ "job: CAPTURE STREAMOFF keeps decoding", capture_stop_keeps_decoding },
	{ "job: either queue may stop first", either_queue_stops_first },
	{ "job: controls as FFmpeg's v4l2request sets them", controls_of_ffmpeg },
	{ "job: without a request it takes the current values", without_request },
	{ "job: each carries the controls of its request", controls_per_job },
	{ NULL, NULL }
};
