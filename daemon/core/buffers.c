// SPDX-License-Identifier: LGPL-2.1-or-later
#include "buffers.h"

#include <errno.h>
#include <linux/dma-buf.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "daedalus_v4l2_proto.h"
#include "log.h"

struct buffers {
	int session_fd;
	struct buffer *entries;
	size_t count;
	size_t room;
};

struct buffers *buffers_new(int session_fd)
{
	struct buffers *buffers = calloc(1, sizeof(*buffers));

	if (buffers)
		buffers->session_fd = session_fd;
	return buffers;
}

static void release(struct buffer *buffer)
{
	if (buffer->map)
		munmap(buffer->map, buffer->length);
	close(buffer->fd);
}

void buffers_free(struct buffers *buffers)
{
	size_t i;

	if (!buffers)
		return;
	for (i = 0; i < buffers->count; i++)
		release(&buffers->entries[i]);
	free(buffers->entries);
	free(buffers);
}

static int map_buffer(struct buffer *buffer, uint64_t length)
{
	int prot = buffer->usage == DAEDALUS_USAGE_PICTURE ? PROT_READ | PROT_WRITE : PROT_READ;
	off_t real;

	if (!length || length > SIZE_MAX / 2)
		return -EINVAL;
	/* Access to a mapping beyond the end of its dma-buf would raise SIGBUS. */
	real = lseek(buffer->fd, 0, SEEK_END);
	if (real >= 0 && (uint64_t)real < length) {
		log_error("buffer %u claims %llu bytes, its dma-buf has %lld", buffer->number,
			  (unsigned long long)length, (long long)real);
		return -EINVAL;
	}
	buffer->map = mmap(NULL, (size_t)length, prot, MAP_SHARED, buffer->fd, 0);
	if (buffer->map == MAP_FAILED) {
		buffer->map = NULL;
		return -errno;
	}
	buffer->length = (size_t)length;
	return 0;
}

static int fetch(struct buffers *buffers, uint32_t number)
{
	struct daedalus_get_buffer get = { .buffer = number };
	struct buffer buffer = { .number = number };
	int ret;

	if (buffers->count == buffers->room) {
		size_t room = buffers->room ? buffers->room * 2 : 16;
		struct buffer *entries = reallocarray(buffers->entries, room, sizeof(*entries));

		if (!entries)
			return -ENOMEM;
		buffers->entries = entries;
		buffers->room = room;
	}

	do {
		ret = ioctl(buffers->session_fd, DAEDALUS_IOC_GET_BUFFER, &get);
	} while (ret < 0 && errno == EINTR);
	if (ret < 0)
		return -errno;

	buffer.fd = get.fd;
	buffer.usage = get.usage;
	ret = map_buffer(&buffer, get.length);
	if (ret < 0) {
		release(&buffer);
		return ret;
	}
	log_debug("buffer %u mapped: %zu bytes, %s", number, buffer.length,
		  buffer.usage == DAEDALUS_USAGE_PICTURE ? "picture" : "bitstream");
	buffers->entries[buffers->count++] = buffer;
	return 0;
}

int buffers_get(struct buffers *buffers, uint32_t number, uint32_t usage,
		const struct buffer **buffer)
{
	size_t i;
	int ret;

	for (i = 0; i < buffers->count; i++)
		if (buffers->entries[i].number == number)
			break;
	if (i == buffers->count) {
		ret = fetch(buffers, number);
		if (ret < 0)
			return ret;
	}
	if (buffers->entries[i].usage != usage) {
		log_error("buffer %u has usage %u, the job needs %u", number,
			  buffers->entries[i].usage, usage);
		return -EINVAL;
	}
	*buffer = &buffers->entries[i];
	return 0;
}

void buffers_gone(struct buffers *buffers, uint32_t number)
{
	size_t i;

	for (i = 0; i < buffers->count; i++) {
		if (buffers->entries[i].number != number)
			continue;
		release(&buffers->entries[i]);
		buffers->entries[i] = buffers->entries[--buffers->count];
		log_debug("buffer %u is gone", number);
		return;
	}
}

uint8_t *buffer_at(const struct buffer *buffer, uint64_t offset, uint64_t length)
{
	if (offset > buffer->length || length > buffer->length - offset)
		return NULL;
	return buffer->map + offset;
}

static int sync_buffer(const struct buffer *buffer, uint64_t phase)
{
	struct dma_buf_sync sync = {
		.flags = phase | (buffer->usage == DAEDALUS_USAGE_PICTURE ? DMA_BUF_SYNC_WRITE :
									    DMA_BUF_SYNC_READ),
	};
	int ret;

	do {
		ret = ioctl(buffer->fd, DMA_BUF_IOCTL_SYNC, &sync);
	} while (ret < 0 && (errno == EINTR || errno == EAGAIN));
	return ret < 0 ? -errno : 0;
}

int buffer_begin(const struct buffer *buffer)
{
	return sync_buffer(buffer, DMA_BUF_SYNC_START);
}

int buffer_end(const struct buffer *buffer)
{
	return sync_buffer(buffer, DMA_BUF_SYNC_END);
}
