/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The V4L2 buffers of a session, fetched by number and mapped once.
 *
 * Mapping a 1080p picture again for each frame takes a third of the time that
 * decoding it takes. So a mapping lives until the kernel says that the buffer
 * is gone. Not thread-safe: a table belongs to one thread.
 */
#ifndef DAEDALUS_BUFFERS_H
#define DAEDALUS_BUFFERS_H

#include <stddef.h>
#include <stdint.h>

/**
 * struct buffer - a mapped dma-buf
 * @number:	buffer number in the session
 * @usage:	DAEDALUS_USAGE_*
 * @fd:		the dma-buf, owned
 * @length:	bytes that belong to V4L2
 * @map:	the mapping; read-only for a bitstream
 */
struct buffer {
	uint32_t number;
	uint32_t usage;
	int fd;
	size_t length;
	uint8_t *map;
};

struct buffers;

/** buffers_new() - an empty table for a session fd, which the caller owns; NULL: no memory */
struct buffers *buffers_new(int session_fd);

/** buffers_free() - unmap and close all; NULL is fine */
void buffers_free(struct buffers *buffers);

/**
 * buffers_get() - the buffer with a number, fetched and mapped if it is new
 * @usage:	DAEDALUS_USAGE_* that it must have
 * @buffer:	set on success; valid until buffers_get(), buffers_gone() or buffers_free()
 *
 * Return: 0; -ENOENT: the client has freed it; -EINVAL: it has another usage
 * or less memory than it claims; or another negative errno of fetching and mapping.
 */
int buffers_get(struct buffers *buffers, uint32_t number, uint32_t usage,
		const struct buffer **buffer);

/** buffers_gone() - unmap and close one buffer, if it is in the table */
void buffers_gone(struct buffers *buffers, uint32_t number);

/** buffer_at() - address of @length bytes at @offset, NULL if the buffer is too short for them */
uint8_t *buffer_at(const struct buffer *buffer, uint64_t offset, uint64_t length);

/**
 * buffer_begin() - make a buffer coherent for the CPU: DMA_BUF_SYNC_START
 *
 * A bitstream buffer is prepared for reading, a picture buffer for writing.
 * Return: 0 or a negative errno.
 */
int buffer_begin(const struct buffer *buffer);

/** buffer_end() - end the CPU's access: DMA_BUF_SYNC_END; returns 0 or a negative errno */
int buffer_end(const struct buffer *buffer);

#endif /* DAEDALUS_BUFFERS_H */
