// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Hostile operations on buffers: good and bad imports, mappings, exports, and dequeuing.
 */
#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/select.h>

#include "world.h"

/*
 * Memory to import. That of a heap is for CAPTURE only: the heap syncs each attachment in
 * the direction of the caller, and DMA API debugging complains if that was mapped in another.
 */
static int any_dmabuf(struct hand *hand, uint32_t type)
{
	struct world *world = hand->world;
	unsigned int first = dice_below(&hand->dice, world->num_dmabufs);

	for (unsigned int i = 0; i < world->num_dmabufs; i++) {
		const struct world_dmabuf *dmabuf =
			&world->dmabufs[(first + i) % world->num_dmabufs];

		if (type != OUTPUT || !dmabuf->heap)
			return dmabuf->fd;
	}
	return -1;
}

/* A descriptor for a plane: memory to import, mostly. */
static int any_import(struct hand *hand, uint32_t type, uint32_t *length)
{
	struct world *world = hand->world;

	*length = dice_percent(&hand->dice, 80) ? 0 : dice_odd(&hand->dice);
	switch (dice_below(&hand->dice, 16)) {
	case 0:
	case 1:
		return -1;
	case 2:
		return world->kept[dice_below(&hand->dice, WORLD_KEPT)];
	case 3:
		return world->videos[dice_below(&hand->dice, WORLD_VIDEOS)].fd;
	case 4:
		return dice_odd(&hand->dice);
	default:
		return any_dmabuf(hand, type);
	}
}

/* The planes of a buffer as an honest program fills them, and rarely otherwise. */
static void fill_planes(struct hand *hand, struct world_video *video, struct v4l2_buffer *buf,
			struct v4l2_plane planes[], uint32_t bytesused)
{
	buf->length = world_queue(video, buf->type)->planes;
	if (!buf->length || buf->length > VIDEO_MAX_PLANES)
		buf->length = 1;
	buf->m.planes = planes;
	for (unsigned int i = 0; i < buf->length; i++) {
		planes[i].bytesused = bytesused;
		if (buf->memory == V4L2_MEMORY_DMABUF)
			planes[i].m.fd = any_import(hand, buf->type, &planes[i].length);
	}
	if (dice_percent(&hand->dice, 4))
		dice_spoil(&hand->dice, planes, sizeof(*planes));
	if (dice_percent(&hand->dice, 2))
		dice_spoil(&hand->dice, buf, offsetof(struct v4l2_buffer, m));
	if (dice_percent(&hand->dice, 2))
		buf->length = dice_odd(&hand->dice) % (VIDEO_MAX_PLANES + 1);
}

/* A buffer that is not queued, mostly. */
unsigned int buffer_free(struct hand *hand, struct world_video *video, uint32_t type)
{
	struct world_queue *queue = world_queue(video, type);
	unsigned int count = queue->count, first = dice_below(&hand->dice, count + 1);

	for (unsigned int i = 0; i < count && !dice_percent(&hand->dice, 3); i++)
		if (!(queue->busy & 1U << (first + i) % count % WORLD_BUFFERS))
			return (first + i) % count;
	return first;
}

/* Queue a buffer; @request < 0: without one. Return: as ioctl(). */
int buffer_queue(struct hand *hand, struct world_video *video, int fd, uint32_t type,
		 unsigned int index, int request, uint64_t time_us)
{
	struct v4l2_plane planes[VIDEO_MAX_PLANES] = { 0 };
	struct v4l2_buffer buf = {
		.type = type, .index = index, .memory = world_queue(video, type)->memory,
		.timestamp = { time_us / 1000000, time_us % 1000000 },
	};
	const struct corpus *clip = &corpora[video->clip];
	uint32_t used = 0;
	int ret;

	if (type == OUTPUT)
		used = clip->frames[video->frame % clip->num_frames].size;
	fill_planes(hand, video, &buf, planes, used);
	if (request >= 0) {
		buf.flags |= V4L2_BUF_FLAG_REQUEST_FD;
		buf.request_fd = request;
	}
	if (type == OUTPUT && dice_percent(&hand->dice, video->hold_percent))
		buf.flags |= V4L2_BUF_FLAG_M2M_HOLD_CAPTURE_BUF;
	if (buf.type == CAPTURE)
		guard_check(hand, video, buf.index);
	trace_begin(hand->actor, type == OUTPUT ? "QBUF OUTPUT" : "QBUF",
		    "fd %d %u memory %u fd %d request %d flags %x", fd, buf.index, buf.memory,
		    buf.memory == V4L2_MEMORY_DMABUF ? planes[0].m.fd : 0, request, buf.flags);
	ret = trace_end(hand->actor, ioctl(fd, VIDIOC_QBUF, &buf));
	if (!ret)
		atomic_fetch_or(&world_queue(video, buf.type)->busy,
				1U << buf.index % WORLD_BUFFERS);
	return ret;
}

static void queue_any(struct hand *hand)
{
	int fd;
	struct world_video *video = hand_video(hand, &fd);
	uint32_t type = hand_type(hand);
	int request = -1;

	if (dice_percent(&hand->dice, 15))
		request = hand->world->requests[dice_below(&hand->dice, WORLD_REQUESTS)];
	buffer_queue(hand, video, fd, type, buffer_free(hand, video, type), request,
		     video->last_time_us);
}

static void prepare_any(struct hand *hand)
{
	int fd;
	struct world_video *video = hand_video(hand, &fd);
	struct v4l2_plane planes[VIDEO_MAX_PLANES] = { 0 };
	struct v4l2_buffer buf = { .type = hand_type(hand) };

	buf.memory = world_queue(video, buf.type)->memory;
	buf.index = dice_below(&hand->dice, world_queue(video, buf.type)->count + 1);
	fill_planes(hand, video, &buf, planes, 100);
	hand_ioctl(hand, "PREPARE_BUF", fd, VIDIOC_PREPARE_BUF, &buf, sizeof(buf));
}

/* Dequeue a buffer that is done. Return: 0, or -1 if there is none. */
int buffer_dequeue(struct hand *hand, struct world_video *video, int fd, uint32_t type)
{
	struct v4l2_plane planes[VIDEO_MAX_PLANES] = { 0 };
	struct v4l2_buffer buf = {
		.type = type, .memory = world_queue(video, type)->memory,
		.length = VIDEO_MAX_PLANES, .m.planes = planes,
	};
	int ret;

	hand_dequeues(hand);
	trace_begin(hand->actor, type == OUTPUT ? "DQBUF OUTPUT" : "DQBUF", "fd %d", fd);
	ret = ioctl(fd, VIDIOC_DQBUF, &buf);
	trace_end(hand->actor, ret ? ret : (long)buf.index);
	if (!ret)
		atomic_fetch_and(&world_queue(video, type)->busy,
				 ~(1U << buf.index % WORLD_BUFFERS));
	if (!ret && type == CAPTURE && !(buf.flags & V4L2_BUF_FLAG_ERROR))
		guard_take(hand, video, fd, buf.index);
	return ret;
}

static void dequeue_all(struct hand *hand)
{
	static const uint32_t types[] = { CAPTURE, OUTPUT };
	int fd;
	struct world_video *video = hand_video(hand, &fd);

	for (unsigned int i = 0; i < 2; i++)
		while (!buffer_dequeue(hand, video, fd, types[i]) &&
		       !dice_percent(&hand->dice, 10))
			;
}

/* Without O_NONBLOCK the call may take for ever. Only a thread among others tries it. */
static void dequeue_blocking(struct hand *hand)
{
	struct v4l2_plane planes[VIDEO_MAX_PLANES] = { 0 };
	struct v4l2_buffer buf = {
		.type = hand_type(hand), .length = VIDEO_MAX_PLANES, .m.planes = planes,
	};
	int fd;
	struct world_video *video = hand_video(hand, &fd);

	if (hand->world->threads < 2)
		return;
	buf.memory = world_queue(video, buf.type)->memory;
	world_lets_block(hand->world);
	hand->actor->patient = true;
	trace_begin(hand->actor, "DQBUF blocking", "fd %d type %u", fd, buf.type);
	fcntl(fd, F_SETFL, O_RDWR);
	trace_end(hand->actor, ioctl(fd, VIDIOC_DQBUF, &buf));
	fcntl(fd, F_SETFL, O_RDWR | O_NONBLOCK);
}

static void query(struct hand *hand)
{
	struct v4l2_plane planes[VIDEO_MAX_PLANES] = { 0 };
	struct v4l2_buffer buf = {
		.type = hand_type(hand), .index = dice_below(&hand->dice, 6),
		.length = dice_below(&hand->dice, VIDEO_MAX_PLANES + 1), .m.planes = planes,
	};
	int fd;

	hand_video(hand, &fd);
	hand_ioctl(hand, "QUERYBUF", fd, VIDIOC_QUERYBUF, &buf, sizeof(buf));
}

static void export_any(struct hand *hand)
{
	int fd;
	struct world_video *video = hand_video(hand, &fd);
	struct v4l2_exportbuffer export = {
		.type = hand_type(hand), .index = dice_below(&hand->dice, 6),
		.plane = dice_percent(&hand->dice, 90) ? 0 : dice_odd(&hand->dice),
		.flags = dice_percent(&hand->dice, 90) ? O_RDWR | O_CLOEXEC :
							 dice_odd(&hand->dice),
	};

	if (export.type != OUTPUT) {
		guard_check(hand, video, export.index);
		video->guards[export.index % WORLD_BUFFERS].exported = true;
	}
	if (!hand_ioctl(hand, "EXPBUF", fd, VIDIOC_EXPBUF, &export, sizeof(export)))
		hand_keep(hand, export.fd);
}

/* Map a buffer, or something beside it, and keep it. */
static void map_any(struct hand *hand)
{
	struct v4l2_plane planes[VIDEO_MAX_PLANES] = { 0 };
	struct v4l2_buffer buf = {
		.type = hand_type(hand), .index = dice_below(&hand->dice, 4),
		.length = VIDEO_MAX_PLANES, .m.planes = planes,
	};
	struct world_map *map = &hand->world->maps[dice_below(&hand->dice, WORLD_MAPS)];
	size_t page = sysconf(_SC_PAGESIZE), size;
	int fd, prot = PROT_READ | PROT_WRITE;
	off_t offset;
	void *at;

	at = atomic_exchange(&map->at, NULL);
	if (at)
		munmap(at, map->size);
	hand_video(hand, &fd);
	if (dice_percent(&hand->dice, 20))
		fd = hand->world->kept[dice_below(&hand->dice, WORLD_KEPT)];
	ioctl(fd, VIDIOC_QUERYBUF, &buf);
	size = planes[0].length;
	offset = planes[0].m.mem_offset;
	if (dice_percent(&hand->dice, 20))
		size = dice_odd(&hand->dice) % (1 << 24);
	if (dice_percent(&hand->dice, 20))
		offset = (off_t)(dice_odd(&hand->dice) & 0xffffffff) * page;
	if (dice_percent(&hand->dice, 20))
		prot = dice_below(&hand->dice, 8);
	trace_begin(hand->actor, "mmap", "fd %d offset %llx size %zx", fd, (long long)offset,
		    size);
	at = mmap(NULL, size, prot, dice_percent(&hand->dice, 90) ? MAP_SHARED : MAP_PRIVATE, fd,
		  offset);
	trace_end(hand->actor, at == MAP_FAILED ? -1 : 0);
	if (at == MAP_FAILED)
		return;
	map->size = size;
	if (atomic_exchange(&map->at, at))
		return;		/* another thread's mapping stays until the end */
	if (prot & PROT_READ && !hand->world->quitting && size >= page && offset % page == 0)
		madvise(at, page, MADV_WILLNEED);
}

static void wait_any(struct hand *hand)
{
	struct pollfd fds[3] = { { .events = POLLIN | POLLOUT | POLLPRI },
				 { .events = POLLPRI }, { .events = POLLIN } };
	int ms = dice_below(&hand->dice, 20);

	hand_video(hand, &fds[0].fd);
	fds[1].fd = hand->world->requests[dice_below(&hand->dice, WORLD_REQUESTS)];
	fds[2].fd = hand->world->kept[dice_below(&hand->dice, WORLD_KEPT)];
	trace_begin(hand->actor, "poll", "fds %d %d %d %d ms", fds[0].fd, fds[1].fd, fds[2].fd,
		    ms);
	if (dice_percent(&hand->dice, 80) || fds[0].fd < 0 || fds[0].fd >= FD_SETSIZE) {
		trace_end(hand->actor, poll(fds, 3, ms));
	} else {
		struct timeval time = { 0, ms * 1000 };
		fd_set in, out, pri;

		FD_ZERO(&in);
		FD_SET(fds[0].fd, &in);
		out = pri = in;
		trace_end(hand->actor, select(fds[0].fd + 1, &in, &out, &pri, &time));
	}
}

const struct op buffer_ops[] = {
	{ "QBUF", 14, queue_any },
	{ "PREPARE_BUF", 3, prepare_any },
	{ "DQBUF", 10, dequeue_all },
	{ "DQBUF blocking", 1, dequeue_blocking },
	{ "QUERYBUF", 1, query },
	{ "EXPBUF", 3, export_any },
	{ "mmap", 4, map_any },
	{ "wait", 6, wait_any },
	{ NULL, 0, NULL }
};
