// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * AV1 controls: those that a request must have, tiles that must lie within the
 * payload, the tile group entries of each job, and CAPTURE formats for the sequence.
 */
#include <sys/ioctl.h>

#include "harness.h"

#define AV1F	V4L2_PIX_FMT_AV1_FRAME
#define PAYLOAD	100	/* bytes that queue_buffer() gives OUTPUT buffer 0 */

/* A whole message, for read_job(). */
static uint64_t message[DAEDALUS_MSG_MAX / 8];
static struct daedalus_job *const job = (struct daedalus_job *)message;

static int set_sequence(struct client *c, int request, unsigned int profile, unsigned int depth,
			uint32_t flags)
{
	const struct v4l2_ctrl_av1_sequence sequence = {
		.seq_profile = profile, .bit_depth = depth, .flags = flags,
		.max_frame_width_minus_1 = 63, .max_frame_height_minus_1 = 63,
	};

	return set_control(c, request, V4L2_CID_STATELESS_AV1_SEQUENCE, &sequence,
			   sizeof(sequence));
}

#define CHROMA_420	(V4L2_AV1_SEQUENCE_FLAG_SUBSAMPLING_X | \
			 V4L2_AV1_SEQUENCE_FLAG_SUBSAMPLING_Y)

static struct v4l2_ctrl_av1_frame frame_of(unsigned int width, unsigned int height)
{
	return (struct v4l2_ctrl_av1_frame) {
		.tile_info = { .tile_cols = 1, .tile_rows = 1 },
		.flags = V4L2_AV1_FRAME_FLAG_SHOW_FRAME, .frame_type = V4L2_AV1_KEY_FRAME,
		.superres_denom = 8, .upscaled_width = width, .frame_width_minus_1 = width - 1,
		.frame_height_minus_1 = height - 1, .render_width_minus_1 = width - 1,
		.render_height_minus_1 = height - 1, .refresh_frame_flags = 0xff,
	};
}

static int set_av1_frame(struct client *c, int request, const struct v4l2_ctrl_av1_frame *frame)
{
	return set_control(c, request, V4L2_CID_STATELESS_AV1_FRAME, frame, sizeof(*frame));
}

static int set_tiles(struct client *c, int request,
		     const struct v4l2_ctrl_av1_tile_group_entry *tiles, size_t num)
{
	return set_control(c, request, V4L2_CID_STATELESS_AV1_TILE_GROUP_ENTRY, tiles,
			   num * sizeof(*tiles));
}

static int queue_request(struct client *c, unsigned int index)
{
	return ioctl(c->request[index], MEDIA_REQUEST_IOC_QUEUE);
}

/* Submit request @index with @num tiles of a byte each; the last one contains @index. */
static void submit_tiles(struct client *c, unsigned int index, size_t num)
{
	const struct v4l2_ctrl_av1_frame frame = frame_of(64, 64);
	struct v4l2_ctrl_av1_tile_group_entry tiles[V4L2_AV1_MAX_TILE_COUNT];

	for (size_t i = 0; i < num; i++)
		tiles[i] = (struct v4l2_ctrl_av1_tile_group_entry) { i % PAYLOAD, 1, i / 64, i % 64 };
	tiles[num - 1].tile_row = 1000 + index;
	EXPECT_EQ(queue_buffer(c, CAPTURE, index, -1, 0), 0);
	EXPECT_EQ(set_av1_frame(c, c->request[index], &frame), 0);
	EXPECT_EQ(set_tiles(c, c->request[index], tiles, num), 0);
	EXPECT_EQ(queue_buffer(c, OUTPUT, index, c->request[index], 1000 + index), 0);
	EXPECT_EQ(queue_request(c, index), 0);
}

static void expect_tiles(unsigned int index, size_t num)
{
	const struct v4l2_ctrl_av1_tile_group_entry *tiles;
	uint32_t size = 0;

	tiles = job_control(job, V4L2_CID_STATELESS_AV1_TILE_GROUP_ENTRY, &size);
	EXPECT(tiles);
	EXPECT_EQ(size, num * sizeof(*tiles));
	EXPECT_EQ(tiles[num - 1].tile_offset, (num - 1) % PAYLOAD);
	EXPECT_EQ(tiles[num - 1].tile_size, 1);
	EXPECT_EQ(tiles[num - 1].tile_row, 1000 + index);
	EXPECT_EQ(tiles[num - 1].tile_col, (num - 1) % 64);
}

static void requests_need_their_parts(void)
{
	const struct v4l2_ctrl_av1_frame frame = frame_of(64, 64);
	const struct v4l2_ctrl_av1_tile_group_entry tile = { .tile_size = PAYLOAD };
	int control = start_daemon();
	struct client c;

	setup_client_for(&c, 3, AV1F);
	EXPECT_EQ(queue_buffer(&c, OUTPUT, 0, c.request[0], 0), 0);
	EXPECT_ERRNO(queue_request(&c, 0), ENOENT);
	EXPECT_EQ(set_sequence(&c, c.request[0], 0, 8, CHROMA_420), 0);
	EXPECT_ERRNO(queue_request(&c, 0), ENOENT);
	EXPECT_EQ(set_av1_frame(&c, c.request[0], &frame), 0);
	EXPECT_ERRNO(queue_request(&c, 0), ENOENT);

	EXPECT_EQ(queue_buffer(&c, OUTPUT, 1, c.request[1], 0), 0);
	EXPECT_EQ(set_tiles(&c, c.request[1], &tile, 1), 0);
	EXPECT_ERRNO(queue_request(&c, 1), ENOENT);
	EXPECT(!readable(control, 0));

	/* the request can be queued after the missing control was added */
	EXPECT_EQ(set_tiles(&c, c.request[0], &tile, 1), 0);
	EXPECT_EQ(queue_buffer(&c, CAPTURE, 0, -1, 0), 0);
	EXPECT_EQ(queue_request(&c, 0), 0);
	EXPECT(readable(control, 1000));
}

/* The frame fails, not the ioctl, which clients take for a broken device. */
static void tiles_lie_within_the_payload(void)
{
	static const struct {
		uint32_t offset, size;
		bool good;
	} cases[] = {
		{ PAYLOAD, 1, false }, { 0, PAYLOAD + 1, false }, { PAYLOAD - 1, 2, false },
		{ PAYLOAD + 1, 0, false }, { UINT32_MAX, 2, false }, { 2, UINT32_MAX, false },
		{ UINT32_MAX, UINT32_MAX, false }, { 1u << 31, 1u << 31, false },
		{ 0, PAYLOAD, true },
	};
	const struct v4l2_ctrl_av1_frame frame = frame_of(64, 64);
	int control = start_daemon(), session;
	struct v4l2_buffer buf;
	struct client c;

	setup_client_for(&c, 1, AV1F);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct v4l2_ctrl_av1_tile_group_entry tiles[3] = {
			{ 0, 1, 0, 0 }, { PAYLOAD - 1, 1, 0, 1 },
			{ cases[i].offset, cases[i].size, 0, 2 },
		};

		EXPECT_EQ(queue_buffer(&c, CAPTURE, 0, -1, 0), 0);
		EXPECT_EQ(set_av1_frame(&c, c.request[0], &frame), 0);
		EXPECT_EQ(set_tiles(&c, c.request[0], tiles, 3), 0);
		EXPECT_EQ(queue_buffer(&c, OUTPUT, 0, c.request[0], 0), 0);
		EXPECT_EQ(queue_request(&c, 0), 0);
		EXPECT_EQ(readable(control, 0), cases[i].good);
		if (cases[i].good)
			break;
		/* the request is complete, its picture is flagged, and the next one goes on */
		expect_capture(&c, 0, true);
		EXPECT_EQ(dequeue(&c, OUTPUT, &buf, 1000), 0);
		EXPECT(!(buf.flags & V4L2_BUF_FLAG_ERROR));
		EXPECT_EQ(ioctl(c.request[0], MEDIA_REQUEST_IOC_REINIT), 0);
	}
	session = open_session_for(control, AV1F);
	read_job(session, job, sizeof(message));
	EXPECT_EQ(write_reply(session, job->id, DAEDALUS_STATUS_OK), 0);
	expect_capture(&c, 0, false);
}

/* The same without a request; the daemon does not get the job either. */
static void tiles_without_a_request(void)
{
	const struct v4l2_ctrl_av1_frame frame = frame_of(64, 64);
	const struct v4l2_ctrl_av1_tile_group_entry good = { 50, 52, 0, 0 };
	const struct v4l2_ctrl_av1_tile_group_entry bad[] = { { 0, 1, 0, 0 }, { 50, 53, 0, 1 } };
	int control = start_daemon(), session;
	uint32_t size = 0;
	struct client c;

	setup_client_for(&c, 3, AV1F);
	EXPECT_EQ(set_av1_frame(&c, -1, &frame), 0);
	EXPECT_EQ(set_tiles(&c, -1, bad, 2), 0);
	EXPECT_EQ(queue_buffer(&c, CAPTURE, 0, -1, 0), 0);
	EXPECT_EQ(queue_buffer(&c, OUTPUT, 1, -1, 0), 0);
	expect_capture(&c, 0, true);
	EXPECT(!readable(control, 0));

	EXPECT_EQ(set_tiles(&c, -1, &good, 1), 0);
	EXPECT_EQ(queue_buffer(&c, CAPTURE, 0, -1, 0), 0);
	EXPECT_EQ(queue_buffer(&c, OUTPUT, 2, -1, 0), 0);
	session = open_session_for(control, AV1F);
	read_job(session, job, sizeof(message));
	EXPECT_EQ(job->src.length, PAYLOAD + 2);
	EXPECT(job_control(job, V4L2_CID_STATELESS_AV1_TILE_GROUP_ENTRY, &size));
	EXPECT_EQ(size, sizeof(good));
	EXPECT_EQ(write_reply(session, job->id, DAEDALUS_STATUS_OK), 0);
	expect_capture(&c, 0, false);
}

/* The number of tiles grows and shrinks; each job has the tiles of its request. */
static void tiles_per_job(void)
{
	static const size_t counts[] = { 1, V4L2_AV1_MAX_TILE_COUNT, 3, 1, 64, 2 };
	struct v4l2_ctrl_av1_tile_group_entry tiles[V4L2_AV1_MAX_TILE_COUNT + 1] = { 0 };
	const unsigned int num = sizeof(counts) / sizeof(counts[0]);
	int control = start_daemon(), session;
	struct client c;
	uint32_t size;

	setup_client_for(&c, num, AV1F);
	EXPECT_EQ(set_sequence(&c, c.request[0], 0, 8, CHROMA_420), 0);
	for (unsigned int i = 0; i < num; i++)
		submit_tiles(&c, i, counts[i]);
	session = open_session_for(control, AV1F);
	for (unsigned int i = 0; i < num; i++) {
		const struct v4l2_ctrl_av1_sequence *sequence;
		const struct v4l2_ctrl_av1_frame *frame;

		read_job(session, job, sizeof(message));
		EXPECT_EQ(job->pixelformat, AV1F);
		EXPECT_EQ(job->num_controls, 4);
		expect_tiles(i, counts[i]);
		sequence = job_control(job, V4L2_CID_STATELESS_AV1_SEQUENCE, &size);
		EXPECT(sequence && size == sizeof(*sequence));
		EXPECT_EQ(sequence->max_frame_width_minus_1, 63);
		frame = job_control(job, V4L2_CID_STATELESS_AV1_FRAME, &size);
		EXPECT(frame && size == sizeof(*frame));
		EXPECT_EQ(frame->frame_width_minus_1, 63);
		EXPECT(job_control(job, V4L2_CID_STATELESS_AV1_FILM_GRAIN, &size));
		EXPECT_EQ(size, sizeof(struct v4l2_ctrl_av1_film_grain));
		EXPECT(!job_control(job, V4L2_CID_STATELESS_VP9_FRAME, &size));
		EXPECT_EQ(write_reply(session, job->id, DAEDALUS_STATUS_OK), 0);
		expect_capture(&c, i, false);
	}
	/* neither one entry too many nor half an entry */
	EXPECT(set_tiles(&c, -1, tiles, V4L2_AV1_MAX_TILE_COUNT + 1) < 0);
	EXPECT(set_control(&c, -1, V4L2_CID_STATELESS_AV1_TILE_GROUP_ENTRY, tiles,
			   sizeof(*tiles) - 4) < 0);
}

static void sequences(void)
{
	static const struct {
		unsigned int profile, depth;
		uint32_t flags, format;
	} cases[] = {
		{ 0, 8, CHROMA_420, V4L2_PIX_FMT_NV12 },
		{ 0, 10, CHROMA_420, V4L2_PIX_FMT_P010 },
		{ 0, 8, CHROMA_420 | V4L2_AV1_SEQUENCE_FLAG_MONO_CHROME, V4L2_PIX_FMT_NV12 },
		{ 0, 10, CHROMA_420 | V4L2_AV1_SEQUENCE_FLAG_MONO_CHROME, V4L2_PIX_FMT_P010 },
		{ 1, 8, 0, 0 }, { 1, 10, 0, 0 },
		{ 2, 8, V4L2_AV1_SEQUENCE_FLAG_SUBSAMPLING_X, 0 }, { 2, 12, CHROMA_420, 0 },
		{ 0, 12, CHROMA_420 | V4L2_AV1_SEQUENCE_FLAG_MONO_CHROME, 0 },
	};
	struct v4l2_format f = { .type = CAPTURE };
	int control = start_daemon();
	struct client c;

	(void)control;
	open_client(&c);
	set_format(&c, OUTPUT, AV1F, 64, 64, &f);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (!cases[i].format) {
			EXPECT_ERRNO(set_sequence(&c, -1, cases[i].profile, cases[i].depth,
						  cases[i].flags), EINVAL);
			continue;
		}
		EXPECT_EQ(set_sequence(&c, -1, cases[i].profile, cases[i].depth,
				       cases[i].flags), 0);
		EXPECT_EQ(nth_capture_format(&c, 0), cases[i].format);
		f.type = CAPTURE;
		EXPECT_EQ(ioctl(c.video, VIDIOC_G_FMT, &f), 0);
		EXPECT_EQ(f.fmt.pix_mp.pixelformat, cases[i].format);
	}

	/* each codec keeps its bit depth when the coded format changes and changes back */
	set_format(&c, OUTPUT, V4L2_PIX_FMT_VP9_FRAME, 64, 64, &f);
	EXPECT_EQ(nth_capture_format(&c, 0), V4L2_PIX_FMT_NV12);
	set_format(&c, OUTPUT, AV1F, 64, 64, &f);
	EXPECT_EQ(nth_capture_format(&c, 0), V4L2_PIX_FMT_P010);
}

static void frames(void)
{
	struct v4l2_ctrl_av1_frame frame = frame_of(4096, 4096);
	int control = start_daemon();
	struct v4l2_format f;
	struct client c;

	(void)control;
	open_client(&c);
	set_format(&c, OUTPUT, AV1F, 64, 64, &f);
	EXPECT_EQ(set_av1_frame(&c, -1, &frame), 0);
	frame = frame_of(4097, 64);
	EXPECT_ERRNO(set_av1_frame(&c, -1, &frame), EINVAL);
	frame = frame_of(64, 4097);
	EXPECT_ERRNO(set_av1_frame(&c, -1, &frame), EINVAL);
	frame = frame_of(64, 64);
	frame.upscaled_width = 4097;
	EXPECT_ERRNO(set_av1_frame(&c, -1, &frame), EINVAL);
	frame = frame_of(64, 64);
	frame.frame_width_minus_1 = UINT32_MAX;
	EXPECT_ERRNO(set_av1_frame(&c, -1, &frame), EINVAL);

	frame = frame_of(64, 64);
	frame.tile_info.tile_cols = V4L2_AV1_MAX_TILE_COLS;
	frame.tile_info.tile_rows = 8;
	EXPECT_EQ(set_av1_frame(&c, -1, &frame), 0);
	frame.tile_info.tile_rows = 9;
	EXPECT_ERRNO(set_av1_frame(&c, -1, &frame), EINVAL);
	frame.tile_info.tile_cols = V4L2_AV1_MAX_TILE_COLS + 1;
	frame.tile_info.tile_rows = 1;
	EXPECT_ERRNO(set_av1_frame(&c, -1, &frame), EINVAL);
	frame.tile_info.tile_cols = 1;
	frame.tile_info.tile_rows = V4L2_AV1_MAX_TILE_ROWS + 1;
	EXPECT_ERRNO(set_av1_frame(&c, -1, &frame), EINVAL);
}

static void menus(void)
{
	struct v4l2_queryctrl query = { .id = V4L2_CID_MPEG_VIDEO_AV1_PROFILE };
	struct v4l2_query_ext_ctrl tiles = { .id = V4L2_CID_STATELESS_AV1_TILE_GROUP_ENTRY };
	int control = start_daemon();
	struct client c;

	(void)control;
	open_client(&c);
	EXPECT_EQ(ioctl(c.video, VIDIOC_QUERYCTRL, &query), 0);
	EXPECT_EQ(query.minimum, V4L2_MPEG_VIDEO_AV1_PROFILE_MAIN);
	EXPECT_EQ(query.maximum, V4L2_MPEG_VIDEO_AV1_PROFILE_MAIN);
	query.id = V4L2_CID_MPEG_VIDEO_AV1_LEVEL;
	EXPECT_EQ(ioctl(c.video, VIDIOC_QUERYCTRL, &query), 0);
	EXPECT_EQ(query.maximum, V4L2_MPEG_VIDEO_AV1_LEVEL_6_3);
	EXPECT_EQ(ioctl(c.video, VIDIOC_QUERY_EXT_CTRL, &tiles), 0);
	EXPECT(tiles.flags & V4L2_CTRL_FLAG_DYNAMIC_ARRAY);
	EXPECT_EQ(tiles.dims[0], V4L2_AV1_MAX_TILE_COUNT);
}

const struct test av1_tests[] = {
	{ "av1: a request without frame or tiles is refused with ENOENT",
	  requests_need_their_parts },
	{ "av1: a tile beyond the payload fails the frame", tiles_lie_within_the_payload },
	{ "av1: without a request a tile beyond the payload fails the frame",
	  tiles_without_a_request },
	{ "av1: each job carries its tiles, however many", tiles_per_job },
	{ "av1: CAPTURE follows the sequence", sequences },
	{ "av1: frames and tiles have limits", frames },
	{ "av1: profile, level and tile controls say what they take", menus },
	{ NULL, NULL }
};
