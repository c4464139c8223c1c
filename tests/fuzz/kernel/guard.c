// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * A picture that the client has dequeued without V4L2_BUF_FLAG_ERROR belongs to the client:
 * nobody may write to it before it is queued again. The guard writes a mark into such a
 * buffer and looks for it later. Only processes of one thread use it, for buffers that
 * they have never exported, and only while the real daemon decodes.
 */
#include <sys/ioctl.h>
#include <sys/mman.h>

#include "world.h"

#define MARK_BYTES 256

static uint8_t mark(unsigned int i)
{
	return 0xa5 ^ i * 29;
}

void guard_take(struct hand *hand, struct world_video *video, int fd, unsigned int index)
{
	struct world_guard *guard = &video->guards[index % WORLD_BUFFERS];
	struct v4l2_plane planes[VIDEO_MAX_PLANES] = { 0 };
	struct v4l2_buffer buf = {
		.type = CAPTURE, .index = index, .length = VIDEO_MAX_PLANES,
		.m.planes = planes,
	};
	uint8_t *map;

	if (!hand->world->guarded || index >= WORLD_BUFFERS || guard->map || guard->exported ||
	    ioctl(fd, VIDIOC_QUERYBUF, &buf) || buf.memory != V4L2_MEMORY_MMAP ||
	    planes[0].length < MARK_BYTES)
		return;
	map = mmap(NULL, planes[0].length, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
		   planes[0].m.mem_offset);
	if (map == MAP_FAILED)
		return;
	for (unsigned int i = 0; i < MARK_BYTES; i++)
		map[i] = mark(i);
	guard->map = map;
	guard->size = planes[0].length;
}

static void drop(struct world_guard *guard)
{
	munmap(guard->map, guard->size);
	guard->map = NULL;
}

/* Look at the mark of buffer @index and remove it: the buffer is about to be queued. */
void guard_check(struct hand *hand, struct world_video *video, unsigned int index)
{
	struct world_guard *guard = &video->guards[index % WORLD_BUFFERS];

	if (index >= WORLD_BUFFERS || !guard->map)
		return;
	for (unsigned int i = 0; i < MARK_BYTES; i++)
		if (guard->map[i] != mark(i))
			trace_wrong(hand->actor,
				    "CAPTURE buffer %u was written while this process owned it",
				    index);
	drop(guard);
}

/* The same for all buffers, which may be freed now. */
void guard_drop_all(struct hand *hand, struct world_video *video)
{
	for (unsigned int i = 0; i < WORLD_BUFFERS; i++)
		guard_check(hand, video, i);
}
