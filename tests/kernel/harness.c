// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Helpers of the kernel tests. Each ends the test if an unexpected result comes.
 */
#include <fcntl.h>
#include <glob.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>

#include "harness.h"

uint64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

bool readable(int fd, int ms)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, ms) == 1;
}

int open_control(void)
{
	return open(DAEDALUS_CONTROL_DEVICE, O_RDWR | O_CLOEXEC);
}

void good_hello(struct daedalus_hello *hello)
{
	memset(hello, 0, sizeof(*hello));
	hello->version = DAEDALUS_PROTO_VERSION;
	hello->size = sizeof(*hello);
	hello->num_codecs = 3;
	strcpy((char *)hello->engine, "kernel tests");
	hello->codecs[0].pixelformat = V4L2_PIX_FMT_VP9_FRAME;
	hello->codecs[0].capture_formats = DAEDALUS_CAPTURE_ALL;
	hello->codecs[0].max_width = 4096;
	hello->codecs[0].max_height = 4096;
	hello->codecs[1] = hello->codecs[0];
	hello->codecs[1].pixelformat = V4L2_PIX_FMT_H264_SLICE;
	hello->codecs[2] = hello->codecs[0];
	hello->codecs[2].pixelformat = V4L2_PIX_FMT_AV1_FRAME;
}

/* Start a daemon: open the control fd and say hello. Return: the control fd. */
int start_daemon(void)
{
	struct daedalus_hello hello;
	int fd = open_control();

	EXPECT(fd >= 0);
	good_hello(&hello);
	EXPECT_EQ(ioctl(fd, DAEDALUS_IOC_HELLO, &hello), 0);
	EXPECT(wait_for_nodes(true, 2000));
	return fd;
}

/* Read the next event, for a stream of @pixelformat. Return: the opened session fd. */
int open_session_for(int control, uint32_t pixelformat)
{
	struct daedalus_open_session open = { 0 };
	struct daedalus_event event;

	EXPECT(readable(control, 2000));
	EXPECT_EQ(read(control, &event, sizeof(event)), sizeof(event));
	EXPECT_EQ(event.type, DAEDALUS_EVENT_SESSION);
	EXPECT_EQ(event.pixelformat, pixelformat);
	open.session = event.session;
	EXPECT_EQ(ioctl(control, DAEDALUS_IOC_OPEN_SESSION, &open), 0);
	return open.fd;
}

int open_session(int control)
{
	return open_session_for(control, V4L2_PIX_FMT_VP9_FRAME);
}

void read_message(int session, uint32_t type, void *msg, size_t size)
{
	static uint64_t buffer[DAEDALUS_MSG_MAX / 8];
	struct daedalus_msg *hdr = (struct daedalus_msg *)buffer;
	ssize_t got;

	EXPECT(readable(session, 2000));
	got = read(session, buffer, sizeof(buffer));
	EXPECT(got >= (ssize_t)sizeof(*hdr));
	EXPECT_EQ(hdr->type, type);
	EXPECT_EQ(hdr->size, got);
	EXPECT((size_t)got >= size || type == DAEDALUS_MSG_JOB);
	memcpy(msg, buffer, (size_t)got < size ? (size_t)got : size);
}

int get_buffer(int session, uint32_t number, struct daedalus_get_buffer *get)
{
	*get = (struct daedalus_get_buffer) { .buffer = number };
	return ioctl(session, DAEDALUS_IOC_GET_BUFFER, get);
}

void read_job(int session, struct daedalus_job *job, size_t size)
{
	read_message(session, DAEDALUS_MSG_JOB, job, size);
}

/* The value of a control and its @size in bytes; NULL if @job, read whole, does not have it. */
const void *job_control(const struct daedalus_job *job, uint32_t id, uint32_t *size)
{
	const uint8_t *at = (const uint8_t *)(job + 1), *end = (const uint8_t *)job + job->hdr.size;

	for (uint32_t i = 0; i < job->num_controls; i++) {
		const struct daedalus_control *head = (const void *)at;

		EXPECT((size_t)(end - at) >= sizeof(*head));
		EXPECT((size_t)(end - at) - sizeof(*head) >= head->size);
		if (head->id == id) {
			*size = head->size;
			return head + 1;
		}
		at += sizeof(*head) + (head->size + DAEDALUS_CONTROL_ALIGN - 1) /
		      DAEDALUS_CONTROL_ALIGN * DAEDALUS_CONTROL_ALIGN;
	}
	EXPECT(at == end);
	return NULL;
}

int write_reply_with(int session, uint64_t id, uint32_t status, uint32_t output_us)
{
	const struct daedalus_reply reply = {
		.size = sizeof(reply), .status = status, .id = id, .decode_us = 1,
		.output_us = output_us,
	};
	ssize_t ret = write(session, &reply, sizeof(reply));

	EXPECT(ret < 0 || ret == sizeof(reply));
	return ret < 0 ? -1 : 0;
}

int write_reply(int session, uint64_t id, uint32_t status)
{
	return write_reply_with(session, id, status, 0);
}

/* Find the first path of @pattern for which @ours is true; @path may be NULL. */
static bool find_node(const char *pattern, bool (*ours)(int fd), char *path, size_t size)
{
	bool found = false;
	glob_t g;

	if (glob(pattern, 0, NULL, &g))
		return false;
	for (size_t i = 0; i < g.gl_pathc && !found; i++) {
		int fd = open(g.gl_pathv[i], O_RDWR | O_CLOEXEC | O_NONBLOCK);

		if (fd < 0)
			continue;
		found = ours(fd);
		if (found && path)
			snprintf(path, size, "%s", g.gl_pathv[i]);
		close(fd);
	}
	globfree(&g);
	return found;
}

static bool our_video(int fd)
{
	struct v4l2_capability cap;

	return !ioctl(fd, VIDIOC_QUERYCAP, &cap) &&
	       !strcmp((char *)cap.driver, "daedalus_v4l2");
}

static bool our_media(int fd)
{
	struct media_device_info info;

	return !ioctl(fd, MEDIA_IOC_DEVICE_INFO, &info) && !strcmp(info.driver, "daedalus_v4l2");
}

bool find_nodes(char *video, char *media, size_t size)
{
	return find_node("/dev/video*", our_video, video, size) &&
	       find_node("/dev/media*", our_media, media, size);
}

bool wait_for_nodes(bool present, int ms)
{
	uint64_t end = now_ms() + ms;

	while (find_nodes(NULL, NULL, 0) != present) {
		if (now_ms() > end)
			return false;
		usleep(10000);
	}
	return true;
}

void open_client(struct client *c)
{
	char video[64], media[64];

	memset(c, 0, sizeof(*c));
	EXPECT(find_nodes(video, media, sizeof(video)));
	c->video = open(video, O_RDWR | O_CLOEXEC | O_NONBLOCK);
	c->media = open(media, O_RDWR | O_CLOEXEC);
	EXPECT(c->video >= 0 && c->media >= 0);
}

void set_format(struct client *c, uint32_t type, uint32_t pixelformat, uint32_t w, uint32_t h,
		struct v4l2_format *f)
{
	memset(f, 0, sizeof(*f));
	f->type = type;
	f->fmt.pix_mp.pixelformat = pixelformat;
	f->fmt.pix_mp.width = w;
	f->fmt.pix_mp.height = h;
	f->fmt.pix_mp.num_planes = 1;
	f->fmt.pix_mp.plane_fmt[0].sizeimage = type == OUTPUT ? 65536 : 0;
	EXPECT_EQ(ioctl(c->video, VIDIOC_S_FMT, f), 0);
}

static void map_sources(struct client *c)
{
	for (unsigned int i = 0; i < c->num; i++) {
		struct v4l2_plane plane = { 0 };
		struct v4l2_buffer buf = {
			.type = OUTPUT, .memory = V4L2_MEMORY_MMAP, .index = i,
			.length = 1, .m.planes = &plane,
		};

		EXPECT_EQ(ioctl(c->video, VIDIOC_QUERYBUF, &buf), 0);
		c->src_size = plane.length;
		c->src[i] = mmap(NULL, plane.length, PROT_READ | PROT_WRITE, MAP_SHARED, c->video,
				 plane.m.mem_offset);
		EXPECT(c->src[i] != MAP_FAILED);
	}
}

/* Make a client of 64x64 NV12 with @num buffers in both queues and start both. */
void setup_client_for(struct client *c, unsigned int num, uint32_t pixelformat)
{
	struct v4l2_requestbuffers req = { .count = num, .memory = V4L2_MEMORY_MMAP };
	struct v4l2_format f;

	open_client(c);
	c->num = num;
	set_format(c, OUTPUT, pixelformat, 64, 64, &f);
	set_format(c, CAPTURE, V4L2_PIX_FMT_NV12, 64, 64, &f);
	req.type = OUTPUT;
	EXPECT_EQ(ioctl(c->video, VIDIOC_REQBUFS, &req), 0);
	EXPECT_EQ(req.count, num);
	req.type = CAPTURE;
	EXPECT_EQ(ioctl(c->video, VIDIOC_REQBUFS, &req), 0);
	EXPECT_EQ(req.count, num);
	map_sources(c);
	for (unsigned int i = 0; i < num; i++)
		EXPECT_EQ(ioctl(c->media, MEDIA_IOC_REQUEST_ALLOC, &c->request[i]), 0);
	EXPECT_EQ(stream(c, OUTPUT, true), 0);
	EXPECT_EQ(stream(c, CAPTURE, true), 0);
}

void setup_client(struct client *c, unsigned int num)
{
	setup_client_for(c, num, V4L2_PIX_FMT_VP9_FRAME);
}

void close_client(struct client *c)
{
	for (unsigned int i = 0; i < c->num; i++) {
		munmap(c->src[i], c->src_size);
		close(c->request[i]);
	}
	close(c->video);
	close(c->media);
}

int stream(struct client *c, uint32_t type, bool on)
{
	int t = type;

	return ioctl(c->video, on ? VIDIOC_STREAMON : VIDIOC_STREAMOFF, &t);
}

void vp9_frame(struct v4l2_ctrl_vp9_frame *frame, unsigned int w, unsigned int h)
{
	memset(frame, 0, sizeof(*frame));
	frame->flags = V4L2_VP9_FRAME_FLAG_KEY_FRAME | V4L2_VP9_FRAME_FLAG_SHOW_FRAME |
		       V4L2_VP9_FRAME_FLAG_X_SUBSAMPLING | V4L2_VP9_FRAME_FLAG_Y_SUBSAMPLING;
	frame->uncompressed_header_size = 10;
	frame->compressed_header_size = 10;
	frame->bit_depth = 8;
	frame->frame_width_minus_1 = w - 1;
	frame->frame_height_minus_1 = h - 1;
	frame->render_width_minus_1 = w - 1;
	frame->render_height_minus_1 = h - 1;
}

/* Set a compound control of @size bytes; @request < 0 sets the current value. */
int set_control(struct client *c, int request, uint32_t id, const void *value, size_t size)
{
	struct v4l2_ext_control ctrl = { .id = id, .size = size, .ptr = (void *)value };
	struct v4l2_ext_controls ctrls = {
		.which = request < 0 ? V4L2_CTRL_WHICH_CUR_VAL : V4L2_CTRL_WHICH_REQUEST_VAL,
		.count = 1, .request_fd = request, .controls = &ctrl,
	};

	return ioctl(c->video, VIDIOC_S_EXT_CTRLS, &ctrls);
}

int set_frame(struct client *c, int request, const struct v4l2_ctrl_vp9_frame *frame)
{
	return set_control(c, request, V4L2_CID_STATELESS_VP9_FRAME, frame, sizeof(*frame));
}

int queue_buffer(struct client *c, uint32_t type, unsigned int index, int request, uint64_t usec)
{
	struct v4l2_plane plane = { .bytesused = type == OUTPUT ? 100 + index : 0 };
	struct v4l2_buffer buf = {
		.type = type, .memory = V4L2_MEMORY_MMAP, .index = index, .length = 1,
		.m.planes = &plane, .timestamp = { usec / 1000000, usec % 1000000 },
	};

	if (request >= 0) {
		buf.flags |= V4L2_BUF_FLAG_REQUEST_FD;
		buf.request_fd = request;
	}
	return ioctl(c->video, VIDIOC_QBUF, &buf);
}

/* Queue OUTPUT and CAPTURE buffer @index and request @index. */
int submit(struct client *c, unsigned int index)
{
	struct v4l2_ctrl_vp9_frame frame;

	vp9_frame(&frame, 64, 64);
	frame.quant.base_q_idx = index + 1;
	memset(c->src[index], 'a' + index, 100 + index);
	EXPECT_EQ(queue_buffer(c, CAPTURE, index, -1, 0), 0);
	EXPECT_EQ(set_frame(c, c->request[index], &frame), 0);
	EXPECT_EQ(queue_buffer(c, OUTPUT, index, c->request[index], 1000 + index), 0);
	return ioctl(c->request[index], MEDIA_REQUEST_IOC_QUEUE);
}

/* Pixel format @n of VIDIOC_ENUM_FMT on CAPTURE; 0 past the end. */
uint32_t nth_capture_format(struct client *c, unsigned int n)
{
	struct v4l2_fmtdesc desc = { .type = CAPTURE, .index = n };

	return ioctl(c->video, VIDIOC_ENUM_FMT, &desc) ? 0 : desc.pixelformat;
}

/* Submit request 0. Return: the session fd of its stream. */
int first_session(struct client *c, int control)
{
	EXPECT_EQ(submit(c, 0), 0);
	return open_session(control);
}

/* As first_session(), and read the job; @size as for read_job(). */
int first_job(struct client *c, int control, struct daedalus_job *job, size_t size)
{
	int session = first_session(c, control);

	read_job(session, job, size);
	return session;
}

/* Dequeue a buffer, waiting up to @ms. Return: 0; -1 with errno EAGAIN if none came. */
int dequeue(struct client *c, uint32_t type, struct v4l2_buffer *buf, int ms)
{
	static struct v4l2_plane planes[VIDEO_MAX_PLANES];
	uint64_t end = now_ms() + ms;
	int ret;

	for (;;) {
		memset(buf, 0, sizeof(*buf));
		buf->type = type;
		buf->memory = V4L2_MEMORY_MMAP;
		buf->length = VIDEO_MAX_PLANES;
		buf->m.planes = planes;
		ret = ioctl(c->video, VIDIOC_DQBUF, buf);
		if (!ret || errno != EAGAIN || now_ms() >= end)
			return ret;
		usleep(1000);
	}
}

/*
 * Dequeue the next CAPTURE buffer. It must be number @index, and its ERROR flag must
 * be @error. Return: its timestamp in microseconds.
 */
uint64_t expect_capture(struct client *c, unsigned int index, bool error)
{
	struct v4l2_buffer buf;

	if (dequeue(c, CAPTURE, &buf, 2000))
		FAIL("no CAPTURE buffer %u: %s", index, strerror(errno));
	EXPECT_EQ(buf.index, index);
	EXPECT_EQ(!!(buf.flags & V4L2_BUF_FLAG_ERROR), error);
	return buf.timestamp.tv_sec * 1000000ull + buf.timestamp.tv_usec;
}

/* No CAPTURE buffer may come within @ms. */
void expect_no_capture(struct client *c, int ms)
{
	struct v4l2_buffer buf;

	EXPECT_ERRNO(dequeue(c, CAPTURE, &buf, ms), EAGAIN);
}

/* Answer the next job of @session with OK; CAPTURE buffer @index must come without ERROR. */
void answer(struct client *c, int session, unsigned int index)
{
	struct daedalus_job job;

	read_job(session, &job, sizeof(job));
	EXPECT_EQ(write_reply(session, job.id, DAEDALUS_STATUS_OK), 0);
	expect_capture(c, index, false);
}

long stat_value(const char *name)
{
	FILE *file = fopen("/sys/kernel/debug/daedalus_v4l2/stats", "r");
	char key[64];
	long value;

	EXPECT(file);
	while (fscanf(file, "%63s %ld", key, &value) == 2) {
		if (!strcmp(key, name)) {
			fclose(file);
			return value;
		}
	}
	FAIL("no counter %s", name);
}

/* All counters of existing objects must be 0. */
void expect_idle(void)
{
	static const char * const names[] = {
		"contexts", "sessions", "jobs", "buffers", "requests", "streams",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (stat_value(names[i]))
			FAIL("%ld %s are left", stat_value(names[i]), names[i]);
}

void set_param(const char *name, unsigned int value)
{
	char path[128];
	FILE *file;

	snprintf(path, sizeof(path), "/sys/module/daedalus_v4l2/parameters/%s", name);
	file = fopen(path, "w");
	EXPECT(file);
	fprintf(file, "%u", value);
	EXPECT_EQ(fclose(file), 0);
}
