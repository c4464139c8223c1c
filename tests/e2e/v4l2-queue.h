/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * One queue of a V4L2 memory-to-memory device, with buffers from different
 * sorts of memory. It uses only the V4L2 API and no code of the plugin. A failure
 * ends the program with a message.
 */
#ifndef DAEDALUS_TESTS_V4L2_QUEUE_H
#define DAEDALUS_TESTS_V4L2_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/videodev2.h>

#define QUEUE_MAX_BUFFERS 32

/** enum queue_memory - source of the buffers' memory */
enum queue_memory {
	QUEUE_MMAP,	/* the driver's, mapped through the video node */
	QUEUE_EXPBUF,	/* the driver's, mapped through an exported DMA-BUF */
	QUEUE_UDMABUF,	/* imported: pages of a memfd */
	QUEUE_HEAP,	/* imported: the system DMA-BUF heap */
};

/** queue_memory_parse() - from "mmap", "expbuf", "udmabuf", "heap" */
bool queue_memory_parse(const char *name, enum queue_memory *memory);

/** queue_memory_present() - does this kernel have what @memory needs? */
bool queue_memory_present(enum queue_memory memory);

/** struct queue_plane - a memory plane of a buffer, mapped */
struct queue_plane {
	uint8_t *data;
	size_t size;
	int dmabuf;	/* -1 if there is none */
};

/** struct queue - set @fd, @type and @memory, the rest zero */
struct queue {
	int fd;		/* of the video node */
	enum v4l2_buf_type type;
	enum queue_memory memory;
	struct v4l2_pix_format_mplane pix;
	unsigned int num_buffers;
	struct queue_plane planes[QUEUE_MAX_BUFFERS][VIDEO_MAX_PLANES];
};

/** queue_ioctl() - ioctl() that ends the program on errors; @what is for the message */
void queue_ioctl(int fd, unsigned long request, void *arg, const char *what);

/** queue_set_format() - S_FMT; the result is in queue->pix */
void queue_set_format(struct queue *queue, uint32_t pixelformat, uint32_t width, uint32_t height,
		      uint32_t sizeimage);

/** queue_start() - allocate or import @num_buffers buffers and start streaming */
void queue_start(struct queue *queue, unsigned int num_buffers);

/** queue_stop() - stop streaming and free the buffers; does nothing if there are none */
void queue_stop(struct queue *queue);

/**
 * queue_put() - QBUF
 * @bytesused:	bytes used in plane 0, for OUTPUT
 * @time_us:	timestamp in microseconds, for OUTPUT
 * @request:	request descriptor, or -1
 */
void queue_put(struct queue *queue, unsigned int index, size_t bytesused, uint64_t time_us,
	       int request);

/** struct queue_done - a buffer that came back */
struct queue_done {
	unsigned int index;
	uint64_t time_us;
	bool error;
};

/** queue_get() - DQBUF of a buffer that is known to be done */
struct queue_done queue_get(struct queue *queue);

/** queue_access() - begin or end reading (CAPTURE) or writing (OUTPUT) by the CPU */
void queue_access(struct queue *queue, unsigned int index, bool begin);

#endif /* DAEDALUS_TESTS_V4L2_QUEUE_H */
