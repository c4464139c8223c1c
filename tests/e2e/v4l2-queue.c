// SPDX-License-Identifier: LGPL-2.1-or-later
#include "v4l2-queue.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <linux/dma-buf.h>
#include <linux/dma-heap.h>
#include <linux/udmabuf.h>

#define HEAP "/dev/dma_heap/system"
#define UDMABUF "/dev/udmabuf"

static const struct {
	const char *name;
	const char *device;
} memories[] = {
	[QUEUE_MMAP] = { "mmap", NULL },
	[QUEUE_EXPBUF] = { "expbuf", NULL },
	[QUEUE_UDMABUF] = { "udmabuf", UDMABUF },
	[QUEUE_HEAP] = { "heap", HEAP },
};

bool queue_memory_parse(const char *name, enum queue_memory *memory)
{
	for (unsigned int i = 0; i < sizeof(memories) / sizeof(*memories); i++) {
		if (!strcmp(name, memories[i].name)) {
			*memory = i;
			return true;
		}
	}
	return false;
}

bool queue_memory_present(enum queue_memory memory)
{
	return !memories[memory].device || !access(memories[memory].device, R_OK | W_OK);
}

static void fail(const char *what)
{
	printf("not ok %s: %s\n", what, strerror(errno));
	exit(1);
}

void queue_ioctl(int fd, unsigned long request, void *arg, const char *what)
{
	int ret;

	do {
		ret = ioctl(fd, request, arg);
	} while (ret < 0 && errno == EINTR);
	if (ret < 0)
		fail(what);
}

static bool is_imported(const struct queue *queue)
{
	return queue->memory == QUEUE_UDMABUF || queue->memory == QUEUE_HEAP;
}

static uint32_t v4l2_memory(const struct queue *queue)
{
	return is_imported(queue) ? V4L2_MEMORY_DMABUF : V4L2_MEMORY_MMAP;
}

static size_t page_align(size_t size)
{
	size_t page = sysconf(_SC_PAGESIZE);

	return (size + page - 1) / page * page;
}

static int udmabuf_new(size_t size)
{
	struct udmabuf_create create = { .flags = UDMABUF_FLAGS_CLOEXEC, .size = size };
	int device = open(UDMABUF, O_RDWR | O_CLOEXEC), fd;

	create.memfd = memfd_create("picture", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (device < 0 || (int)create.memfd < 0 || ftruncate(create.memfd, size) ||
	    fcntl(create.memfd, F_ADD_SEALS, F_SEAL_SHRINK))
		fail("memory for " UDMABUF);
	fd = ioctl(device, UDMABUF_CREATE, &create);
	if (fd < 0)
		fail("UDMABUF_CREATE");
	close(create.memfd);
	close(device);
	return fd;
}

static int heap_new(size_t size)
{
	struct dma_heap_allocation_data data = { .len = size, .fd_flags = O_RDWR | O_CLOEXEC };
	int device = open(HEAP, O_RDWR | O_CLOEXEC);

	if (device < 0)
		fail("opening " HEAP);
	queue_ioctl(device, DMA_HEAP_IOCTL_ALLOC, &data, "DMA_HEAP_IOCTL_ALLOC");
	close(device);
	return data.fd;
}

static int export_plane(struct queue *queue, unsigned int index, unsigned int plane)
{
	struct v4l2_exportbuffer export = {
		.type = queue->type,
		.index = index,
		.plane = plane,
		.flags = O_RDWR | O_CLOEXEC,
	};

	queue_ioctl(queue->fd, VIDIOC_EXPBUF, &export, "VIDIOC_EXPBUF");
	return export.fd;
}

static void map_plane(struct queue *queue, unsigned int index, unsigned int p)
{
	struct queue_plane *plane = &queue->planes[index][p];
	struct v4l2_plane planes[VIDEO_MAX_PLANES] = { 0 };
	struct v4l2_buffer buffer = {
		.type = queue->type,
		.index = index,
		.memory = V4L2_MEMORY_MMAP,
		.m.planes = planes,
		.length = queue->pix.num_planes,
	};
	off_t offset = 0;

	plane->dmabuf = -1;
	plane->size = page_align(queue->pix.plane_fmt[p].sizeimage);
	switch (queue->memory) {
	case QUEUE_MMAP:
	case QUEUE_EXPBUF:
		queue_ioctl(queue->fd, VIDIOC_QUERYBUF, &buffer, "VIDIOC_QUERYBUF");
		plane->size = planes[p].length;
		if (queue->memory == QUEUE_MMAP)
			offset = planes[p].m.mem_offset;
		else
			plane->dmabuf = export_plane(queue, index, p);
		break;
	case QUEUE_UDMABUF:
		plane->dmabuf = udmabuf_new(plane->size);
		break;
	case QUEUE_HEAP:
		plane->dmabuf = heap_new(plane->size);
		break;
	}
	plane->data = mmap(NULL, plane->size, PROT_READ | PROT_WRITE, MAP_SHARED,
			   plane->dmabuf >= 0 ? plane->dmabuf : queue->fd, offset);
	if (plane->data == MAP_FAILED)
		fail("mmap of a buffer");
}

void queue_set_format(struct queue *queue, uint32_t pixelformat, uint32_t width, uint32_t height,
		      uint32_t sizeimage)
{
	struct v4l2_format format = { .type = queue->type };

	format.fmt.pix_mp.pixelformat = pixelformat;
	format.fmt.pix_mp.width = width;
	format.fmt.pix_mp.height = height;
	format.fmt.pix_mp.num_planes = 1;
	format.fmt.pix_mp.plane_fmt[0].sizeimage = sizeimage;
	queue_ioctl(queue->fd, VIDIOC_S_FMT, &format, "VIDIOC_S_FMT");
	if (format.fmt.pix_mp.pixelformat != pixelformat) {
		printf("not ok VIDIOC_S_FMT: the driver has %.4s instead of %.4s\n",
		       (char *)&format.fmt.pix_mp.pixelformat, (char *)&pixelformat);
		exit(1);
	}
	queue->pix = format.fmt.pix_mp;
}

static void request_buffers(struct queue *queue, unsigned int count)
{
	struct v4l2_requestbuffers request = {
		.type = queue->type,
		.memory = v4l2_memory(queue),
		.count = count,
	};

	queue_ioctl(queue->fd, VIDIOC_REQBUFS, &request, "VIDIOC_REQBUFS");
	queue->num_buffers = request.count < QUEUE_MAX_BUFFERS ? request.count : QUEUE_MAX_BUFFERS;
}

void queue_start(struct queue *queue, unsigned int num_buffers)
{
	request_buffers(queue, num_buffers);
	for (unsigned int i = 0; i < queue->num_buffers; i++)
		for (unsigned int p = 0; p < queue->pix.num_planes; p++)
			map_plane(queue, i, p);
	queue_ioctl(queue->fd, VIDIOC_STREAMON, &queue->type, "VIDIOC_STREAMON");
}

void queue_stop(struct queue *queue)
{
	if (!queue->num_buffers)
		return;
	queue_ioctl(queue->fd, VIDIOC_STREAMOFF, &queue->type, "VIDIOC_STREAMOFF");
	for (unsigned int i = 0; i < queue->num_buffers; i++) {
		for (unsigned int p = 0; p < queue->pix.num_planes; p++) {
			struct queue_plane *plane = &queue->planes[i][p];

			munmap(plane->data, plane->size);
			if (plane->dmabuf >= 0)
				close(plane->dmabuf);
		}
	}
	request_buffers(queue, 0);
}

void queue_put(struct queue *queue, unsigned int index, size_t bytesused, uint64_t time_us,
	       int request)
{
	struct v4l2_plane planes[VIDEO_MAX_PLANES] = { 0 };
	struct v4l2_buffer buffer = {
		.type = queue->type,
		.index = index,
		.memory = v4l2_memory(queue),
		.m.planes = planes,
		.length = queue->pix.num_planes,
		.timestamp = { .tv_sec = time_us / 1000000, .tv_usec = time_us % 1000000 },
	};

	if (request >= 0) {
		buffer.flags = V4L2_BUF_FLAG_REQUEST_FD;
		buffer.request_fd = request;
	}
	for (unsigned int p = 0; p < queue->pix.num_planes; p++) {
		planes[p].bytesused = p ? 0 : bytesused;
		if (is_imported(queue)) {
			planes[p].m.fd = queue->planes[index][p].dmabuf;
			planes[p].length = queue->planes[index][p].size;
		}
	}
	queue_ioctl(queue->fd, VIDIOC_QBUF, &buffer, "VIDIOC_QBUF");
}

struct queue_done queue_get(struct queue *queue)
{
	struct v4l2_plane planes[VIDEO_MAX_PLANES] = { 0 };
	struct v4l2_buffer buffer = {
		.type = queue->type,
		.memory = v4l2_memory(queue),
		.m.planes = planes,
		.length = queue->pix.num_planes,
	};

	queue_ioctl(queue->fd, VIDIOC_DQBUF, &buffer, "VIDIOC_DQBUF");
	return (struct queue_done) {
		.index = buffer.index,
		.time_us = buffer.timestamp.tv_sec * UINT64_C(1000000) + buffer.timestamp.tv_usec,
		.error = buffer.flags & V4L2_BUF_FLAG_ERROR,
	};
}

void queue_access(struct queue *queue, unsigned int index, bool begin)
{
	struct dma_buf_sync sync = {
		.flags = (begin ? DMA_BUF_SYNC_START : DMA_BUF_SYNC_END) |
			 (V4L2_TYPE_IS_OUTPUT(queue->type) ? DMA_BUF_SYNC_WRITE : DMA_BUF_SYNC_READ),
	};

	for (unsigned int p = 0; p < queue->pix.num_planes; p++)
		if (queue->planes[index][p].dmabuf >= 0)
			queue_ioctl(queue->planes[index][p].dmabuf, DMA_BUF_IOCTL_SYNC, &sync,
				    "DMA_BUF_IOCTL_SYNC");
}
