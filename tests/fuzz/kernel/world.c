// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fcntl.h>
#include <linux/dma-heap.h>
#include <linux/udmabuf.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include "world.h"

/* One dma-buf of @size bytes from udmabuf or the system heap; -1 if there is none. */
static int new_dmabuf(size_t size, bool heap)
{
	struct dma_heap_allocation_data data = { .len = size, .fd_flags = O_RDWR | O_CLOEXEC };
	struct udmabuf_create create = { .flags = UDMABUF_FLAGS_CLOEXEC, .size = size };
	int device = open(heap ? "/dev/dma_heap/system" : "/dev/udmabuf", O_RDWR | O_CLOEXEC);
	int fd = -1;

	if (device < 0)
		return -1;
	if (heap) {
		fd = ioctl(device, DMA_HEAP_IOCTL_ALLOC, &data) ? -1 : (int)data.fd;
	} else {
		create.memfd = memfd_create("fuzz", MFD_CLOEXEC | MFD_ALLOW_SEALING);
		if (!ftruncate(create.memfd, size) &&
		    !fcntl(create.memfd, F_ADD_SEALS, F_SEAL_SHRINK))
			fd = ioctl(device, UDMABUF_CREATE, &create);
		close(create.memfd);
	}
	close(device);
	return fd;
}

static void add_dmabuf(struct world *world, size_t size, bool heap)
{
	struct world_dmabuf *dmabuf = &world->dmabufs[world->num_dmabufs];

	dmabuf->fd = new_dmabuf(size, heap);
	if (dmabuf->fd < 0)
		return;
	dmabuf->size = size;
	dmabuf->heap = heap;
	dmabuf->map = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, dmabuf->fd, 0);
	if (dmabuf->map == MAP_FAILED)
		dmabuf->map = NULL;
	world->num_dmabufs++;
}

void world_open(struct world *world, unsigned int threads)
{
	bool debug = !access("/sys/kernel/debug/dma-api", F_OK);

	memset(world, 0, sizeof(*world));
	world->threads = threads;
	world->userfault = -1;
	for (unsigned int i = 0; i < WORLD_VIDEOS; i++)
		world->videos[i].fd = -1;
	for (unsigned int i = 0; i < WORLD_MEDIAS; i++)
		world->medias[i] = -1;
	for (unsigned int i = 0; i < WORLD_REQUESTS; i++)
		world->requests[i] = -1;
	for (unsigned int i = 0; i < WORLD_KEPT; i++)
		world->kept[i] = -1;
	/*
	 * Too small, right for the clips, and large enough for other formats. Debugging of the
	 * DMA API finds two faults that are not ours: the segments of a large udmabuf, and
	 * buffers of the system heap that are synced for a CPU while another thread unmaps them
	 * (system_heap_dma_buf_begin_cpu_access() does not lock against that).
	 */
	for (unsigned int i = 0; i < WORLD_DMABUFS; i++)
		add_dmabuf(world, i % 5 == 4 ? 4096 : i % 5 == 3 && !debug ? 1 << 18 : 16384,
			   (i % 2 || i % 5 == 3) && !debug);
	find_nodes(world->video_path, world->media_path, sizeof(world->video_path));
}

void hand_open(struct hand *hand, struct world *world, const char *role, struct dice dice)
{
	size_t page = sysconf(_SC_PAGESIZE);

	hand->world = world;
	hand->dice = dice;
	hand->actor = trace_actor(role);
	hand->pages = mmap(NULL, 3 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			   -1, 0);
	if (hand->pages == MAP_FAILED || mprotect(hand->pages + page, page, PROT_NONE))
		_exit(2);
}

/* A pointer that fails at the first byte, in the middle, or when the result is written. */
static void *bad_pointer(struct hand *hand, const void *arg, size_t size)
{
	size_t page = sysconf(_SC_PAGESIZE);
	uint8_t *at;

	switch (dice_below(&hand->dice, 4)) {
	case 0:
		return NULL;
	case 1:
		return hand->pages + page;
	case 2:
		at = hand->pages + page - dice_below(&hand->dice, size);
		memcpy(at, arg, hand->pages + page - at);
		return at;
	default:
		at = hand->pages + 2 * page;
		if (mprotect(at, page, PROT_READ | PROT_WRITE))
			return NULL;
		memcpy(at, arg, size);
		mprotect(at, page, PROT_READ);
		return at;
	}
}

/* Either this sees @blocking, or world_lets_block() sees @dequeues. */
void hand_dequeues(struct hand *hand)
{
	hand->actor->dequeues = true;
	if (hand->world->blocking)
		hand->actor->patient = true;
}

void world_lets_block(struct world *world)
{
	world->blocking = true;
	for (unsigned int i = 0; i < trace->num_actors && i < TRACE_ACTORS; i++) {
		struct actor *actor = &trace->actors[i];

		if (actor->pid == getpid() && actor->dequeues)
			actor->patient = true;
	}
}

int hand_ioctl(struct hand *hand, const char *name, int fd, unsigned long request, void *arg,
	       size_t size)
{
	bool bad = dice_percent(&hand->dice, 2) && size <= 2048;

	if (bad)
		arg = bad_pointer(hand, arg, size);
	trace_begin(hand->actor, name, "fd %d%s", fd, bad ? ", bad pointer" : "");
	return trace_end(hand->actor, ioctl(fd, request, arg));
}

void hand_close(struct hand *hand, const char *name, atomic_int *slot)
{
	int fd = atomic_exchange(slot, -1);

	if (fd < 0)
		return;
	trace_begin(hand->actor, name, "fd %d", fd);
	trace_end(hand->actor, close(fd));
}

void hand_keep(struct hand *hand, int fd)
{
	atomic_int *slot = &hand->world->kept[dice_below(&hand->dice, WORLD_KEPT)];

	hand_close(hand, "close kept", slot);
	if (hand->world->quitting)
		close(fd);
	else
		*slot = fd;
}

struct world_video *hand_video(struct hand *hand, int *fd)
{
	struct world_video *video;
	unsigned int first = dice_percent(&hand->dice, 70) ? 0 :
			     dice_below(&hand->dice, WORLD_VIDEOS);

	for (unsigned int i = 0; i < WORLD_VIDEOS; i++) {
		video = &hand->world->videos[(first + i) % WORLD_VIDEOS];
		*fd = video->fd;
		if (*fd >= 0)
			return video;
	}
	if (!hand->world->quitting && dice_percent(&hand->dice, 90)) {
		file_open_video(hand);
		*fd = video->fd;
	}
	return video;
}

uint32_t hand_type(struct hand *hand)
{
	if (dice_percent(&hand->dice, 2))
		return dice_odd(&hand->dice);
	return dice_percent(&hand->dice, 50) ? OUTPUT : CAPTURE;
}

void hand_run(struct hand *hand, unsigned int count)
{
	static const struct op * const topics[] = {
		file_ops, queue_ops, buffer_ops, request_ops, misc_ops, stall_ops,
	};
	unsigned int all = 0;

	for (size_t t = 0; t < sizeof(topics) / sizeof(topics[0]); t++)
		for (const struct op *op = topics[t]; op->name; op++)
			all += op->weight;
	while (count--) {
		unsigned int pick = dice_below(&hand->dice, all);
		const struct op *op = NULL;

		for (size_t t = 0; t < sizeof(topics) / sizeof(topics[0]) && !op; t++) {
			for (op = topics[t]; op->name && pick >= op->weight; op++)
				pick -= op->weight;
			if (!op->name)
				op = NULL;
		}
		op->run(hand);
	}
}

void world_close(struct hand *hand)
{
	struct world *world = hand->world;
	unsigned int order = dice_below(&hand->dice, 4);

	world->quitting = true;
	for (unsigned int i = 0; i < WORLD_VIDEOS; i++)
		guard_drop_all(hand, &world->videos[i]);
	for (unsigned int step = 0; step < 4; step++) {
		switch ((order + step) % 4) {
		case 0:
			for (unsigned int i = 0; i < WORLD_VIDEOS; i++)
				hand_close(hand, "close video", &world->videos[i].fd);
			break;
		case 1:
			for (unsigned int i = 0; i < WORLD_REQUESTS; i++)
				hand_close(hand, "close request", &world->requests[i]);
			break;
		case 2:
			for (unsigned int i = 0; i < WORLD_MEDIAS; i++)
				hand_close(hand, "close media", &world->medias[i]);
			break;
		default:
			for (unsigned int i = 0; i < WORLD_KEPT; i++)
				hand_close(hand, "close kept", &world->kept[i]);
		}
	}
}
