// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Buffers and formats: dma-bufs for the daemon, the end of buffer numbers, and
 * CAPTURE formats for the stream.
 */
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "harness.h"

static void pixels_and_bitstream(void)
{
	struct daedalus_get_buffer get;
	struct daedalus_job job;
	struct v4l2_buffer buf;
	struct v4l2_plane plane = { 0 };
	struct client c;
	uint8_t *map, *picture;
	int control = start_daemon(), session;

	setup_client(&c, 1);
	buf = (struct v4l2_buffer) {
		.type = CAPTURE, .memory = V4L2_MEMORY_MMAP, .length = 1, .m.planes = &plane,
	};
	EXPECT_EQ(ioctl(c.video, VIDIOC_QUERYBUF, &buf), 0);
	picture = mmap(NULL, plane.length, PROT_READ, MAP_SHARED, c.video, plane.m.mem_offset);
	EXPECT(picture != MAP_FAILED);
	/* new memory is zeroed */
	for (size_t i = 0; i < plane.length; i++)
		EXPECT_EQ(picture[i], 0);

	session = first_job(&c, control, &job, sizeof(job));

	EXPECT_EQ(get_buffer(session, job.src.buffer, &get), 0);
	EXPECT_EQ(get.usage, DAEDALUS_USAGE_BITSTREAM);
	EXPECT_EQ(get.length, c.src_size);
	EXPECT(fcntl(get.fd, F_GETFD) & FD_CLOEXEC);
	map = mmap(NULL, get.length, PROT_READ, MAP_SHARED, get.fd, 0);
	EXPECT(map != MAP_FAILED);
	for (unsigned int i = 0; i < job.src.length; i++)
		EXPECT_EQ(map[i], 'a');
	/* the daemon cannot write to the bitstream */
	EXPECT(mmap(NULL, get.length, PROT_WRITE, MAP_SHARED, get.fd, 0) == MAP_FAILED);

	EXPECT_EQ(get_buffer(session, job.dst[0].buffer, &get), 0);
	EXPECT_EQ(get.usage, DAEDALUS_USAGE_PICTURE);
	map = mmap(NULL, get.length, PROT_READ | PROT_WRITE, MAP_SHARED, get.fd, 0);
	EXPECT(map != MAP_FAILED);
	memset(map, 0x5a, job.dst[0].length);
	EXPECT_EQ(write_reply(session, job.id, DAEDALUS_STATUS_OK), 0);
	EXPECT_EQ(dequeue(&c, CAPTURE, &buf, 1000), 0);
	for (unsigned int i = 0; i < job.dst[0].length; i++)
		EXPECT_EQ(picture[i], 0x5a);
}

static ino_t inode(int fd)
{
	struct stat st;

	EXPECT_EQ(fstat(fd, &st), 0);
	return st.st_ino;
}

/*
 * The dma-buf of a number is made with the buffer, and fetching it again gives the same
 * one. If fetching made one, it would race with VIDIOC_EXPBUF, which holds another lock:
 * physically contiguous memory is prepared at its first export, without a lock.
 */
static void fetching_exports_nothing(void)
{
	struct daedalus_get_buffer first, again;
	struct daedalus_job job;
	struct client c;
	int control = start_daemon(), session;

	setup_client(&c, 1);
	session = first_job(&c, control, &job, sizeof(job));
	EXPECT_EQ(get_buffer(session, job.dst[0].buffer, &first), 0);
	EXPECT_EQ(get_buffer(session, job.dst[0].buffer, &again), 0);
	EXPECT_EQ(inode(again.fd), inode(first.fd));
	EXPECT_EQ(get_buffer(session, job.src.buffer, &again), 0);
	EXPECT(inode(again.fd) != inode(first.fd));
}

static void numbers_end(void)
{
	struct v4l2_requestbuffers none = { .memory = V4L2_MEMORY_MMAP, .type = CAPTURE };
	struct daedalus_buffer_gone gone;
	struct daedalus_get_buffer get;
	struct daedalus_job job;
	struct client c;
	int control = start_daemon(), session;
	char small[8];

	setup_client(&c, 2);
	session = first_session(&c, control);
	/* a short read keeps the message */
	EXPECT(readable(session, 1000));
	EXPECT_ERRNO(read(session, small, sizeof(small)), EMSGSIZE);
	read_job(session, &job, sizeof(job));
	EXPECT_ERRNO(get_buffer(session, 0, &get), ENOENT);
	EXPECT_ERRNO(get_buffer(session, 99999, &get), ENOENT);
	get = (struct daedalus_get_buffer) { .buffer = job.dst[0].buffer, .reserved = 1 };
	EXPECT_ERRNO(ioctl(session, DAEDALUS_IOC_GET_BUFFER, &get), EINVAL);
	EXPECT_EQ(get_buffer(session, job.dst[0].buffer, &get), 0);
	EXPECT_EQ(write_reply(session, job.id, DAEDALUS_STATUS_OK), 0);

	EXPECT_EQ(stream(&c, CAPTURE, false), 0);
	EXPECT_EQ(ioctl(c.video, VIDIOC_REQBUFS, &none), 0);
	/* only the end of the buffer that was fetched is announced */
	read_message(session, DAEDALUS_MSG_BUFFER_GONE, &gone, sizeof(gone));
	EXPECT_EQ(gone.buffer, job.dst[0].buffer);
	EXPECT(!readable(session, 20));
	EXPECT_ERRNO(get_buffer(session, gone.buffer, &get), ENOENT);
}

static void sessions_see_only_their_own(void)
{
	struct daedalus_get_buffer get;
	struct daedalus_job job, other_job;
	struct client c, other;
	int control = start_daemon(), session, other_session;

	setup_client(&c, 1);
	setup_client(&other, 3);
	session = first_session(&c, control);
	EXPECT_EQ(submit(&other, 2), 0);
	other_session = open_session(control);
	read_job(session, &job, sizeof(job));
	read_job(other_session, &other_job, sizeof(other_job));
	/* this stream has buffers 1 and 2, the other 1 to 6 */
	EXPECT(other_job.dst[0].buffer > 2);
	EXPECT_ERRNO(get_buffer(session, other_job.dst[0].buffer, &get), ENOENT);
}

static void unsupported_streams(void)
{
	struct v4l2_ctrl_vp9_frame frame;
	struct client c;
	int control = start_daemon();

	(void)control;
	open_client(&c);
	vp9_frame(&frame, 64, 64);
	EXPECT_EQ(set_frame(&c, -1, &frame), 0);
	frame.profile = 1;
	frame.flags &= ~V4L2_VP9_FRAME_FLAG_Y_SUBSAMPLING;
	EXPECT_ERRNO(set_frame(&c, -1, &frame), EINVAL);
	vp9_frame(&frame, 64, 64);
	frame.profile = 2;
	frame.bit_depth = 12;
	EXPECT_ERRNO(set_frame(&c, -1, &frame), EINVAL);
}

static void formats_follow_the_bit_depth(void)
{
	struct v4l2_format f = { .type = CAPTURE };
	struct v4l2_ctrl_vp9_frame frame;
	struct client c;
	int control = start_daemon();

	(void)control;
	open_client(&c);
	EXPECT_EQ(nth_capture_format(&c, 0), V4L2_PIX_FMT_NV12);
	EXPECT_EQ(nth_capture_format(&c, 1), V4L2_PIX_FMT_NV12M);
	EXPECT_EQ(nth_capture_format(&c, 2), V4L2_PIX_FMT_YUV420);
	EXPECT_EQ(nth_capture_format(&c, 3), 0);
	vp9_frame(&frame, 64, 64);
	frame.profile = 2;
	frame.bit_depth = 10;
	EXPECT_EQ(set_frame(&c, -1, &frame), 0);
	EXPECT_EQ(nth_capture_format(&c, 0), V4L2_PIX_FMT_P010);
	EXPECT_EQ(nth_capture_format(&c, 1), 0);
	EXPECT_EQ(ioctl(c.video, VIDIOC_G_FMT, &f), 0);
	EXPECT_EQ(f.fmt.pix_mp.pixelformat, V4L2_PIX_FMT_P010);
	EXPECT_EQ(f.fmt.pix_mp.plane_fmt[0].bytesperline, 640);
	set_format(&c, CAPTURE, V4L2_PIX_FMT_NV12, 64, 64, &f);
	EXPECT_EQ(f.fmt.pix_mp.pixelformat, V4L2_PIX_FMT_P010);
}

static int set_sps(struct client *c, const struct v4l2_ctrl_h264_sps *sps)
{
	return set_control(c, -1, V4L2_CID_STATELESS_H264_SPS, sps, sizeof(*sps));
}

static void h264_controls(void)
{
	const struct v4l2_ctrl_h264_sps good = {
		.profile_idc = 110, .chroma_format_idc = 1, .pic_width_in_mbs_minus1 = 3,
		.pic_height_in_map_units_minus1 = 3,
		.flags = V4L2_H264_SPS_FLAG_FRAME_MBS_ONLY,
	};
	struct v4l2_control mode = { .id = V4L2_CID_STATELESS_H264_DECODE_MODE };
	struct v4l2_ctrl_h264_sps sps = good;
	struct v4l2_format f;
	struct client c;
	int control = start_daemon();

	(void)control;
	open_client(&c);
	set_format(&c, OUTPUT, V4L2_PIX_FMT_H264_SLICE, 64, 64, &f);
	EXPECT_EQ(ioctl(c.video, VIDIOC_G_CTRL, &mode), 0);
	EXPECT_EQ(mode.value, V4L2_STATELESS_H264_DECODE_MODE_FRAME_BASED);
	mode.value = V4L2_STATELESS_H264_DECODE_MODE_SLICE_BASED;
	EXPECT(ioctl(c.video, VIDIOC_S_CTRL, &mode) < 0 ||
	       mode.value == V4L2_STATELESS_H264_DECODE_MODE_FRAME_BASED);

	EXPECT_EQ(set_sps(&c, &sps), 0);
	EXPECT_EQ(nth_capture_format(&c, 0), V4L2_PIX_FMT_NV12);
	sps.bit_depth_luma_minus8 = 2;
	EXPECT_ERRNO(set_sps(&c, &sps), EINVAL);
	sps.bit_depth_chroma_minus8 = 2;
	EXPECT_EQ(set_sps(&c, &sps), 0);
	EXPECT_EQ(nth_capture_format(&c, 0), V4L2_PIX_FMT_P010);
	/* monochrome is decoded to 4:2:0; its bit_depth_chroma_minus8 is ignored */
	sps = good;
	sps.chroma_format_idc = 0;
	sps.bit_depth_chroma_minus8 = 2;
	EXPECT_EQ(set_sps(&c, &sps), 0);
	EXPECT_EQ(nth_capture_format(&c, 0), V4L2_PIX_FMT_NV12);
	EXPECT_EQ(nth_capture_format(&c, 1), V4L2_PIX_FMT_NV12M);
	sps.bit_depth_luma_minus8 = 2;
	EXPECT_EQ(set_sps(&c, &sps), 0);
	EXPECT_EQ(nth_capture_format(&c, 0), V4L2_PIX_FMT_P010);
	sps = good;
	sps.profile_idc = 122;
	sps.chroma_format_idc = 2;
	EXPECT_ERRNO(set_sps(&c, &sps), EINVAL);
	sps = good;
	sps.bit_depth_luma_minus8 = sps.bit_depth_chroma_minus8 = 4;
	EXPECT_ERRNO(set_sps(&c, &sps), EINVAL);
	/* the limit is 4096 luma samples; with fields, a map unit has two rows of macroblocks */
	sps = good;
	sps.pic_width_in_mbs_minus1 = 255;
	EXPECT_EQ(set_sps(&c, &sps), 0);
	sps.pic_width_in_mbs_minus1 = 256;
	EXPECT_ERRNO(set_sps(&c, &sps), EINVAL);
	sps = good;
	sps.pic_height_in_map_units_minus1 = 128;
	EXPECT_EQ(set_sps(&c, &sps), 0);
	sps.flags = 0;
	EXPECT_ERRNO(set_sps(&c, &sps), EINVAL);
}

/*
 * A client sets controls of a codec that it has not chosen, here one with more bits than
 * the daemon can write for the chosen codec.
 */
static void other_codecs_do_not_matter(void)
{
	const struct v4l2_ctrl_h264_sps sps = {
		.profile_idc = 110, .chroma_format_idc = 1, .pic_width_in_mbs_minus1 = 3,
		.pic_height_in_map_units_minus1 = 3, .bit_depth_luma_minus8 = 2,
		.bit_depth_chroma_minus8 = 2, .flags = V4L2_H264_SPS_FLAG_FRAME_MBS_ONLY,
	};
	struct v4l2_format f = { .type = CAPTURE };
	struct daedalus_hello hello;
	int control = open_control();
	struct client c;

	good_hello(&hello);
	hello.codecs[0].capture_formats = DAEDALUS_CAPTURE_NV12;
	EXPECT_EQ(ioctl(control, DAEDALUS_IOC_HELLO, &hello), 0);
	EXPECT(wait_for_nodes(true, 2000));
	open_client(&c);
	EXPECT_EQ(set_sps(&c, &sps), 0);
	EXPECT_EQ(ioctl(c.video, VIDIOC_G_FMT, &f), 0);
	EXPECT_EQ(f.fmt.pix_mp.pixelformat, V4L2_PIX_FMT_NV12);
	EXPECT_EQ(nth_capture_format(&c, 0), V4L2_PIX_FMT_NV12);

	/* the value counts as soon as its codec is chosen, and no longer */
	set_format(&c, OUTPUT, V4L2_PIX_FMT_H264_SLICE, 64, 64, &f);
	EXPECT_EQ(nth_capture_format(&c, 0), V4L2_PIX_FMT_P010);
	set_format(&c, OUTPUT, V4L2_PIX_FMT_VP9_FRAME, 64, 64, &f);
	EXPECT_EQ(nth_capture_format(&c, 0), V4L2_PIX_FMT_NV12);
}

/* The size changes while both queues stream, as stock clients do on inter frames. */
static void resize_in_mid_stream(void)
{
	struct v4l2_create_buffers create = { .count = 1, .memory = V4L2_MEMORY_MMAP };
	struct v4l2_format f = { .type = CAPTURE };
	struct v4l2_ctrl_vp9_frame frame;
	struct daedalus_job job;
	struct client c;
	int control = start_daemon(), session;

	setup_client(&c, 2);
	EXPECT_EQ(submit(&c, 0), 0);
	set_format(&c, OUTPUT, V4L2_PIX_FMT_VP9_FRAME, 128, 128, &f);
	f.type = CAPTURE;
	EXPECT_EQ(ioctl(c.video, VIDIOC_G_FMT, &f), 0);
	EXPECT_EQ(f.fmt.pix_mp.width, 128);

	/* the job in flight keeps its layout; the old buffers are now too small */
	session = open_session(control);
	read_job(session, &job, sizeof(job));
	EXPECT_EQ(job.dst_width, 64);
	EXPECT_ERRNO(queue_buffer(&c, CAPTURE, 1, -1, 0), EINVAL);
	create.format = f;
	EXPECT_EQ(ioctl(c.video, VIDIOC_CREATE_BUFS, &create), 0);
	EXPECT_EQ(create.index, 2);
	EXPECT_EQ(queue_buffer(&c, CAPTURE, 2, -1, 0), 0);
	vp9_frame(&frame, 128, 128);
	EXPECT_EQ(set_frame(&c, c.request[1], &frame), 0);
	EXPECT_EQ(queue_buffer(&c, OUTPUT, 1, c.request[1], 0), 0);
	EXPECT_EQ(ioctl(c.request[1], MEDIA_REQUEST_IOC_QUEUE), 0);
	read_job(session, &job, sizeof(job));
	EXPECT_EQ(job.dst_width, 128);
	EXPECT_EQ(job.dst[0].length, 128 * 192);

	/* another pixel format needs a stopped queue */
	f.fmt.pix_mp.pixelformat = V4L2_PIX_FMT_YUV420;
	EXPECT_ERRNO(ioctl(c.video, VIDIOC_S_FMT, &f), EBUSY);
}

const struct test buffer_tests[] = {
	{ "buffer: bitstream and pixels are shared, new memory is clear", pixels_and_bitstream },
	{ "buffer: fetching exports nothing", fetching_exports_nothing },
	{ "buffer: numbers end with the buffers", numbers_end },
	{ "buffer: a session sees only its own", sessions_see_only_their_own },
	{ "format: unsupported streams are refused when they are asked for", unsupported_streams },
	{ "format: CAPTURE follows the bit depth", formats_follow_the_bit_depth },
	{ "format: H.264 controls take what the daemon decodes", h264_controls },
	{ "format: another codec's controls do not matter", other_codecs_do_not_matter },
	{ "format: the size changes in mid-stream", resize_in_mid_stream },
	{ NULL, NULL }
};
