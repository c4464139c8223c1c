// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Imported buffers (V4L2_MEMORY_DMABUF): the daemon gets the client's own dma-buf. An
 * import that fails ends the buffer's number, whatever the daemon does with it.
 */
#include <fcntl.h>
#include <linux/udmabuf.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include "harness.h"

#define SIZE	65536	/* bytes of a dma-buf; enough for both queues */

/**
 * struct memory - a dma-buf of the client
 * @fd:		the dma-buf
 * @map:	its SIZE bytes
 */
struct memory {
	int fd;
	uint8_t *map;
};

static struct memory new_memory(void)
{
	struct udmabuf_create create = { .flags = UDMABUF_FLAGS_CLOEXEC, .size = SIZE };
	int device = open("/dev/udmabuf", O_RDWR | O_CLOEXEC);
	int pixels = memfd_create("pixels", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	struct memory memory;

	EXPECT(device >= 0 && pixels >= 0);
	EXPECT_EQ(ftruncate(pixels, SIZE), 0);
	EXPECT_EQ(fcntl(pixels, F_ADD_SEALS, F_SEAL_SHRINK), 0);
	memory.map = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, pixels, 0);
	EXPECT(memory.map != MAP_FAILED);
	create.memfd = pixels;
	memory.fd = ioctl(device, UDMABUF_CREATE, &create);
	EXPECT(memory.fd >= 0);
	close(pixels);
	close(device);
	return memory;
}

/* Queue or prepare (@command) buffer @index with dma-buf @fd; @request < 0: none. */
static int give(struct client *c, unsigned long command, uint32_t type, unsigned int index,
		int fd, int request)
{
	struct v4l2_plane plane = {
		.bytesused = type == OUTPUT ? 100 : 0, .length = SIZE, .m.fd = fd,
	};
	struct v4l2_buffer buf = {
		.type = type, .memory = V4L2_MEMORY_DMABUF, .index = index, .length = 1,
		.m.planes = &plane, .timestamp = { 0, 1000 + index },
	};

	if (request >= 0) {
		buf.flags = V4L2_BUF_FLAG_REQUEST_FD;
		buf.request_fd = request;
	}
	return ioctl(c->video, command, &buf);
}

static int request_buffers(struct client *c, uint32_t type, unsigned int count)
{
	struct v4l2_requestbuffers req = {
		.type = type, .count = count, .memory = V4L2_MEMORY_DMABUF,
	};

	return ioctl(c->video, VIDIOC_REQBUFS, &req);
}

/* A client with @num imported buffers in both queues; both stream. */
static void setup_importer(struct client *c, unsigned int num)
{
	struct v4l2_format f;

	open_client(c);
	set_format(c, OUTPUT, V4L2_PIX_FMT_VP9_FRAME, 64, 64, &f);
	set_format(c, CAPTURE, V4L2_PIX_FMT_NV12, 64, 64, &f);
	EXPECT_EQ(request_buffers(c, OUTPUT, num), 0);
	EXPECT_EQ(request_buffers(c, CAPTURE, num), 0);
	for (unsigned int i = 0; i < num; i++)
		EXPECT_EQ(ioctl(c->media, MEDIA_IOC_REQUEST_ALLOC, &c->request[i]), 0);
	EXPECT_EQ(stream(c, OUTPUT, true), 0);
	EXPECT_EQ(stream(c, CAPTURE, true), 0);
}

/* Submit request @index with imported buffers. */
static int submit_import(struct client *c, unsigned int index, int src, int dst)
{
	struct v4l2_ctrl_vp9_frame frame;

	vp9_frame(&frame, 64, 64);
	EXPECT_EQ(give(c, VIDIOC_QBUF, CAPTURE, index, dst, -1), 0);
	EXPECT_EQ(set_frame(c, c->request[index], &frame), 0);
	EXPECT_EQ(give(c, VIDIOC_QBUF, OUTPUT, index, src, c->request[index]), 0);
	return ioctl(c->request[index], MEDIA_REQUEST_IOC_QUEUE);
}

/* Take buffer @index back from @type, where it must be the next one. */
static void take(struct client *c, uint32_t type, unsigned int index)
{
	struct v4l2_plane planes[VIDEO_MAX_PLANES] = { 0 };
	struct v4l2_buffer buf = {
		.type = type, .memory = V4L2_MEMORY_DMABUF, .length = VIDEO_MAX_PLANES,
		.m.planes = planes,
	};
	uint64_t end = now_ms() + 2000;
	int ret;

	while ((ret = ioctl(c->video, VIDIOC_DQBUF, &buf)) && errno == EAGAIN && now_ms() < end)
		usleep(1000);
	EXPECT_EQ(ret, 0);
	EXPECT_EQ(buf.index, index);
}

static void round_trip(void)
{
	struct memory src = new_memory(), dst = new_memory(), other = new_memory();
	struct daedalus_buffer_gone gone;
	struct daedalus_get_buffer get;
	struct daedalus_job job, next;
	struct client c;
	uint8_t *map;
	int control = start_daemon(), session;

	setup_importer(&c, 1);
	memset(src.map, 'a', 100);
	EXPECT_EQ(submit_import(&c, 0, src.fd, dst.fd), 0);
	session = open_session(control);
	read_job(session, &job, sizeof(job));
	EXPECT_EQ(get_buffer(session, job.src.buffer, &get), 0);
	EXPECT_EQ(get.length, SIZE);
	map = mmap(NULL, SIZE, PROT_READ, MAP_SHARED, get.fd, 0);
	EXPECT(map != MAP_FAILED);
	EXPECT_EQ(map[99], 'a');
	EXPECT_EQ(get_buffer(session, job.dst[0].buffer, &get), 0);
	map = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, get.fd, 0);
	EXPECT(map != MAP_FAILED);
	memset(map, 0x5a, job.dst[0].length);
	EXPECT_EQ(write_reply(session, job.id, DAEDALUS_STATUS_OK), 0);
	take(&c, CAPTURE, 0);
	take(&c, OUTPUT, 0);
	for (unsigned int i = 0; i < job.dst[0].length; i++)
		EXPECT_EQ(dst.map[i], 0x5a);

	/* the same dma-buf keeps its number, another one gets a new number */
	EXPECT_EQ(ioctl(c.request[0], MEDIA_REQUEST_IOC_REINIT), 0);
	EXPECT_EQ(submit_import(&c, 0, src.fd, other.fd), 0);
	read_message(session, DAEDALUS_MSG_BUFFER_GONE, &gone, sizeof(gone));
	EXPECT_EQ(gone.buffer, job.dst[0].buffer);
	read_job(session, &next, sizeof(next));
	EXPECT_EQ(next.src.buffer, job.src.buffer);
	EXPECT(next.dst[0].buffer != job.dst[0].buffer);
}

/*
 * The daemon has read a job, and the client takes the CAPTURE buffer back and breaks it
 * with a failed import before the daemon fetches it.
 */
static void failed_capture(void)
{
	static const unsigned long commands[] = { VIDIOC_QBUF, VIDIOC_PREPARE_BUF };
	struct memory src = new_memory(), dst = new_memory();
	int control = start_daemon();

	/* the last bit: the buffers are freed too; the one before it: fetched before */
	for (unsigned int i = 0; i < 8; i++) {
		struct daedalus_buffer_gone gone;
		struct daedalus_get_buffer get;
		struct daedalus_job job;
		struct client c;
		int session;

		setup_importer(&c, 2);
		EXPECT_EQ(submit_import(&c, 0, src.fd, dst.fd), 0);
		session = open_session(control);
		read_job(session, &job, sizeof(job));
		if (i & 2)
			EXPECT_EQ(get_buffer(session, job.dst[0].buffer, &get), 0);
		EXPECT_EQ(stream(&c, CAPTURE, false), 0);
		EXPECT_ERRNO(give(&c, commands[i / 4], CAPTURE, 0, -1, -1), EINVAL);
		if (i & 1)
			EXPECT_EQ(request_buffers(&c, CAPTURE, 0), 0);
		if (i & 2) {
			read_message(session, DAEDALUS_MSG_BUFFER_GONE, &gone, sizeof(gone));
			EXPECT_EQ(gone.buffer, job.dst[0].buffer);
		}
		EXPECT(!readable(session, 0));
		EXPECT_ERRNO(get_buffer(session, job.dst[0].buffer, &get), ENOENT);
		EXPECT_EQ(get_buffer(session, job.src.buffer, &get), 0);
		EXPECT_EQ(write_reply(session, job.id, DAEDALUS_STATUS_OK), 0);
		take(&c, OUTPUT, 0);
		close(c.request[0]);
		close(c.request[1]);
		close_client(&c);
		close(session);
		EXPECT_EQ(stat_value("buffers"), 0);
	}
}

/* Each way to import an OUTPUT buffer fails; then the same buffer works again. */
static void failed_output(void)
{
	struct memory src = new_memory(), other = new_memory(), dst = new_memory();
	int control = start_daemon(), session;
	struct daedalus_get_buffer get;
	struct v4l2_ctrl_vp9_frame frame;
	struct daedalus_job job;
	struct client c;

	setup_importer(&c, 2);
	EXPECT_EQ(submit_import(&c, 0, src.fd, dst.fd), 0);
	session = open_session(control);
	read_job(session, &job, sizeof(job));
	EXPECT_EQ(write_reply(session, job.id, DAEDALUS_STATUS_OK), 0);
	take(&c, OUTPUT, 0);
	take(&c, CAPTURE, 0);
	EXPECT_EQ(stat_value("buffers"), 2);

	/* PREPARE_BUF */
	EXPECT_ERRNO(give(&c, VIDIOC_PREPARE_BUF, OUTPUT, 0, -1, -1), EINVAL);
	EXPECT_EQ(stat_value("buffers"), 1);
	EXPECT_ERRNO(get_buffer(session, job.src.buffer, &get), ENOENT);

	/* a request; the dma-buf is imported when the request is queued */
	vp9_frame(&frame, 64, 64);
	EXPECT_EQ(ioctl(c.request[0], MEDIA_REQUEST_IOC_REINIT), 0);
	EXPECT_EQ(submit_import(&c, 0, other.fd, dst.fd), 0);
	read_job(session, &job, sizeof(job));
	EXPECT_EQ(write_reply(session, job.id, DAEDALUS_STATUS_OK), 0);
	take(&c, OUTPUT, 0);
	take(&c, CAPTURE, 0);
	EXPECT_EQ(stat_value("buffers"), 2);
	EXPECT_EQ(ioctl(c.request[0], MEDIA_REQUEST_IOC_REINIT), 0);
	EXPECT_EQ(set_frame(&c, c.request[0], &frame), 0);
	EXPECT_EQ(give(&c, VIDIOC_QBUF, OUTPUT, 0, -1, c.request[0]), 0);
	EXPECT_ERRNO(ioctl(c.request[0], MEDIA_REQUEST_IOC_QUEUE), EINVAL);
	EXPECT_EQ(stat_value("buffers"), 1);
	EXPECT_ERRNO(get_buffer(session, job.src.buffer, &get), ENOENT);

	/* QBUF without a request, which a queue takes after it was stopped */
	EXPECT_EQ(stream(&c, OUTPUT, false), 0);
	EXPECT_EQ(give(&c, VIDIOC_QBUF, OUTPUT, 0, src.fd, -1), 0);
	EXPECT_EQ(stream(&c, OUTPUT, true), 0);
	EXPECT_EQ(stream(&c, OUTPUT, false), 0);
	EXPECT_EQ(stat_value("buffers"), 2);
	EXPECT_ERRNO(give(&c, VIDIOC_QBUF, OUTPUT, 0, -1, -1), EINVAL);
	EXPECT_EQ(stat_value("buffers"), 1);
	EXPECT_EQ(give(&c, VIDIOC_QBUF, OUTPUT, 0, src.fd, -1), 0);
	EXPECT_EQ(request_buffers(&c, OUTPUT, 0), 0);
	EXPECT_EQ(stat_value("buffers"), 1);
}

/* A dma-buf that is too small for the format fails in buf_prepare(), after the import. */
static void too_small(void)
{
	struct memory src = new_memory(), dst = new_memory();
	struct daedalus_get_buffer get;
	struct daedalus_job job;
	struct v4l2_format f;
	struct client c;
	int control = start_daemon(), session;

	setup_importer(&c, 1);
	EXPECT_EQ(submit_import(&c, 0, src.fd, dst.fd), 0);
	session = open_session(control);
	read_job(session, &job, sizeof(job));
	EXPECT_EQ(stream(&c, CAPTURE, false), 0);
	set_format(&c, CAPTURE, V4L2_PIX_FMT_NV12, 1024, 1024, &f);
	EXPECT_ERRNO(give(&c, VIDIOC_QBUF, CAPTURE, 0, dst.fd, -1), EINVAL);
	EXPECT_ERRNO(get_buffer(session, job.dst[0].buffer, &get), ENOENT);
	EXPECT_EQ(stat_value("buffers"), 1);
}

/* The client has closed its dma-buf and its file; the daemon can still use what it has. */
static void client_is_gone(void)
{
	struct memory src = new_memory(), dst = new_memory();
	struct daedalus_get_buffer get;
	struct daedalus_job job;
	struct client c;
	uint8_t *map;
	int control = start_daemon(), session;

	setup_importer(&c, 1);
	EXPECT_EQ(submit_import(&c, 0, src.fd, dst.fd), 0);
	session = open_session(control);
	read_job(session, &job, sizeof(job));
	close(src.fd);
	close(dst.fd);
	EXPECT_EQ(get_buffer(session, job.dst[0].buffer, &get), 0);
	close(c.request[0]);
	close_client(&c);
	map = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, get.fd, 0);
	EXPECT(map != MAP_FAILED);
	memset(map, 1, SIZE);
	EXPECT_ERRNO(get_buffer(session, job.src.buffer, &get), ENOENT);
}

const struct test import_tests[] = {
	{ "import: the daemon gets the client's dma-bufs", round_trip },
	{ "import: a failed import ends the number of a CAPTURE buffer", failed_capture },
	{ "import: a failed import ends the number of an OUTPUT buffer", failed_output },
	{ "import: a dma-buf that is too small ends the number", too_small },
	{ "import: the daemon keeps what it has fetched", client_is_gone },
	{ NULL, NULL }
};
