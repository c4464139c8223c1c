// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fcntl.h>
#include <glib.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include "good.h"
#include "harness.h"

#define BUFFERS		4
#define SOURCE_BYTES	16384
#define WAIT_MS		20

/** struct good - the open device; a failed call ends the process or, if @may_go, the stream */
struct good {
	struct actor *actor;
	const struct corpus *clip;
	unsigned int wait_ms;
	bool may_go;	/* the node may go away at any time */
	bool gone;
	int video;
	int media;
	int request;
	struct v4l2_pix_format_mplane pix;
	uint8_t *maps[2][BUFFERS];
	size_t sizes[2];
};

/* An ioctl that must succeed unless the node has gone. */
static bool must(struct good *good, const char *name, int fd, unsigned long request, void *arg)
{
	trace_begin(good->actor, name, "fd %d", fd);
	if (!trace_end(good->actor, ioctl(fd, request, arg)))
		return true;
	good->gone = true;
	if (!good->may_go)
		trace_wrong(good->actor, "%s of a good client: %s", name, strerror(errno));
	return false;
}

static bool choose_format(struct good *good, uint32_t type, uint32_t pixelformat)
{
	struct v4l2_format f = { .type = type };

	f.fmt.pix_mp.pixelformat = pixelformat;
	f.fmt.pix_mp.width = good->clip->width;
	f.fmt.pix_mp.height = good->clip->height;
	f.fmt.pix_mp.num_planes = 1;
	f.fmt.pix_mp.plane_fmt[0].sizeimage = SOURCE_BYTES;
	if (!must(good, "S_FMT", good->video, VIDIOC_S_FMT, &f))
		return false;
	good->pix = f.fmt.pix_mp;
	return true;
}

static bool allocate(struct good *good, uint32_t type)
{
	struct v4l2_requestbuffers req = {
		.type = type, .memory = V4L2_MEMORY_MMAP, .count = BUFFERS,
	};
	int q = type == OUTPUT ? 0 : 1;

	if (!must(good, "REQBUFS", good->video, VIDIOC_REQBUFS, &req))
		return false;
	for (unsigned int i = 0; i < BUFFERS; i++) {
		struct v4l2_plane plane = { 0 };
		struct v4l2_buffer buf = {
			.type = type, .index = i, .length = 1, .m.planes = &plane,
		};

		if (!must(good, "QUERYBUF", good->video, VIDIOC_QUERYBUF, &buf))
			return false;
		good->sizes[q] = plane.length;
		good->maps[q][i] = mmap(NULL, plane.length, PROT_READ | PROT_WRITE, MAP_SHARED,
					good->video, plane.m.mem_offset);
		if (good->maps[q][i] == MAP_FAILED) {
			good->maps[q][i] = NULL;
			good->gone = true;
			return false;
		}
	}
	return must(good, "STREAMON", good->video, VIDIOC_STREAMON, &type);
}

static bool set_controls(struct good *good, const struct corpus_frame *frame, int request)
{
	struct v4l2_ext_control ctrls[CORPUS_CONTROLS] = { 0 };
	struct v4l2_ext_controls all = {
		.which = request < 0 ? V4L2_CTRL_WHICH_CUR_VAL : V4L2_CTRL_WHICH_REQUEST_VAL,
		.request_fd = request, .controls = ctrls, .count = frame->num_controls,
	};

	for (unsigned int i = 0; i < frame->num_controls; i++) {
		ctrls[i].id = frame->controls[i]->id;
		ctrls[i].size = frame->controls[i]->size;
		ctrls[i].ptr = (void *)corpus_value(frame->controls[i]);
	}
	return must(good, "S_EXT_CTRLS", good->video, VIDIOC_S_EXT_CTRLS, &all);
}

static bool open_device(struct good *good)
{
	char video[64], media[64];

	good->video = good->media = good->request = -1;
	if (find_nodes(video, media, sizeof(video))) {
		trace_begin(good->actor, "open", "%s", video);
		good->video = open(video, O_RDWR | O_CLOEXEC | O_NONBLOCK);
		trace_end(good->actor, good->video);
		good->media = open(media, O_RDWR | O_CLOEXEC);
	}
	if (good->video < 0 || good->media < 0) {
		good->gone = true;
		if (!good->may_go)
			trace_wrong(good->actor, "the nodes cannot be opened: %s",
				    strerror(errno));
		return false;
	}
	return choose_format(good, OUTPUT, good->clip->pixelformat) &&
	       set_controls(good, &good->clip->frames[0], -1) &&
	       choose_format(good, CAPTURE, V4L2_PIX_FMT_NV12) &&
	       allocate(good, OUTPUT) && allocate(good, CAPTURE) &&
	       must(good, "REQUEST_ALLOC", good->media, MEDIA_IOC_REQUEST_ALLOC, &good->request);
}

static void close_device(struct good *good)
{
	for (unsigned int q = 0; q < 2; q++)
		for (unsigned int i = 0; i < BUFFERS; i++)
			if (good->maps[q][i])
				munmap(good->maps[q][i], good->sizes[q]);
	trace_begin(good->actor, "close", "video %d", good->video);
	trace_end(good->actor, close(good->video));
	close(good->request);
	close(good->media);
}

static bool queue(struct good *good, uint32_t type, unsigned int index,
		  const struct corpus_frame *frame)
{
	struct v4l2_plane plane = { .bytesused = frame ? frame->size : 0 };
	struct v4l2_buffer buf = {
		.type = type, .index = index, .memory = V4L2_MEMORY_MMAP, .length = 1,
		.m.planes = &plane,
	};

	if (frame) {
		buf.flags = V4L2_BUF_FLAG_REQUEST_FD;
		buf.request_fd = good->request;
		buf.timestamp.tv_sec = frame->time_us / 1000000;
		buf.timestamp.tv_usec = frame->time_us % 1000000;
	}
	return must(good, "QBUF", good->video, VIDIOC_QBUF, &buf);
}

static bool dequeue_one(struct good *good, uint32_t type, uint32_t *flags)
{
	struct v4l2_plane plane = { 0 };
	struct v4l2_buffer buf = {
		.type = type, .memory = V4L2_MEMORY_MMAP, .length = 1, .m.planes = &plane,
	};

	if (!must(good, "DQBUF", good->video, VIDIOC_DQBUF, &buf))
		return false;
	*flags = buf.flags;
	return true;
}

/* Wait for @events of @fd; @name says what for. */
static bool wait_for(struct good *good, const char *name, int fd, short events)
{
	struct pollfd p = { .fd = fd, .events = events };

	/* Counting short waits, not the time: this machine may stand still in between. */
	for (unsigned int ms = 0; !p.revents && ms < good->wait_ms; ms += WAIT_MS) {
		trace_begin(good->actor, name, "fd %d", fd);
		trace_end(good->actor, poll(&p, 1, WAIT_MS));
	}
	if (!p.revents)
		trace_wrong(good->actor, "%s: nothing within %u ms", name, good->wait_ms);
	if (p.revents & POLLERR && good->may_go) {
		good->gone = true;
		return false;
	}
	return true;
}

/*
 * Submit a frame and wait for its picture. Its flags go to @flags. The picture can be there
 * some time before the OUTPUT buffer, and that before the request is complete.
 */
static bool decode_frame(struct good *good, const struct corpus_frame *frame, unsigned int index,
			 uint32_t *flags)
{
	uint32_t ignored;

	if (!set_controls(good, frame, good->request))
		return false;
	memcpy(good->maps[0][index], frame->payload, frame->size);
	return queue(good, OUTPUT, index, frame) && queue(good, CAPTURE, index, NULL) &&
	       must(good, "REQUEST_QUEUE", good->request, MEDIA_REQUEST_IOC_QUEUE, NULL) &&
	       wait_for(good, "poll for a picture", good->video, POLLIN) &&
	       dequeue_one(good, CAPTURE, flags) &&
	       wait_for(good, "poll for a request", good->request, POLLPRI) &&
	       dequeue_one(good, OUTPUT, &ignored) &&
	       must(good, "REQUEST_REINIT", good->request, MEDIA_REQUEST_IOC_REINIT, NULL);
}

/* Add a picture in NV12 to the MD5, as I420. */
static void add_picture(struct good *good, const uint8_t *picture, GChecksum *md5)
{
	uint32_t stride = good->pix.plane_fmt[0].bytesperline;
	const uint8_t *chroma = picture + (size_t)stride * good->pix.height;
	uint8_t row[4096];

	for (uint32_t y = 0; y < good->clip->height; y++)
		g_checksum_update(md5, picture + (size_t)y * stride, good->clip->width);
	for (unsigned int c = 0; c < 2; c++) {
		for (uint32_t y = 0; y < good->clip->height / 2; y++) {
			for (uint32_t x = 0; x < good->clip->width / 2 && x < sizeof(row); x++)
				row[x] = chroma[(size_t)y * stride + 2 * x + c];
			g_checksum_update(md5, row, good->clip->width / 2);
		}
	}
}

void good_decode(struct actor *actor, const struct corpus *clip, unsigned int wait_ms)
{
	struct good good = { .actor = actor, .clip = clip, .wait_ms = wait_ms };
	GChecksum *md5 = g_checksum_new(G_CHECKSUM_MD5);
	long late = stat_value("deadlines");

	open_device(&good);
	for (unsigned int i = 0; i < clip->num_frames; i++) {
		uint32_t flags = 0;

		decode_frame(&good, &clip->frames[i], i % BUFFERS, &flags);
		if (flags & V4L2_BUF_FLAG_ERROR && stat_value("deadlines") > late)
			_exit(GOOD_LATE);
		if (flags & V4L2_BUF_FLAG_ERROR)
			trace_wrong(actor, "picture %u of %s has the ERROR flag", i, clip->name);
		add_picture(&good, good.maps[1][i % BUFFERS], md5);
	}
	if (strcmp(g_checksum_get_string(md5), clip->md5))
		trace_wrong(actor, "%s has the MD5 %s, expected %s", clip->name,
			    g_checksum_get_string(md5), clip->md5);
	close_device(&good);
	g_checksum_free(md5);
}

void good_stream(struct actor *actor, const struct corpus *clip, unsigned int count,
		 unsigned int wait_ms)
{
	struct good good = { .actor = actor, .clip = clip, .wait_ms = wait_ms, .may_go = true };
	uint32_t flags;

	if (open_device(&good))
		for (unsigned int i = 0; i < count && !good.gone; i++)
			decode_frame(&good, &clip->frames[i % clip->num_frames], i % BUFFERS,
				     &flags);
	close_device(&good);
}
