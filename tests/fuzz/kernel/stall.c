// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Stalled copies: the arguments are on pages that userfaultfd serves late, so the kernel
 * sleeps in copy_from_user() or copy_to_user() with whatever locks it holds. The process
 * that does so may wait; no other process may.
 */
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <poll.h>
#include <pthread.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "world.h"

/* Most stalls are short; the others outlive every limit and delay of the driver. */
#define SHORT_MS	300
#define LONG_MS		4000

struct server {
	int fd;
	struct dice dice;
};

/* Serve faults, each after a while; the page comes without content. */
static void *serve(void *data)
{
	struct server *server = data;
	size_t page = sysconf(_SC_PAGESIZE);
	struct pollfd wait = { .fd = server->fd, .events = POLLIN };
	struct uffd_msg msg;

	while (poll(&wait, 1, -1) >= 0) {
		struct uffdio_zeropage zero = { .range.len = page };

		if (read(server->fd, &msg, sizeof(msg)) != sizeof(msg) ||
		    msg.event != UFFD_EVENT_PAGEFAULT)
			continue;
		usleep(1000 * dice_below(&server->dice, dice_percent(&server->dice, 60) ?
					 SHORT_MS : LONG_MS));
		zero.range.start = msg.arg.pagefault.address & ~(page - 1);
		ioctl(server->fd, UFFDIO_ZEROPAGE, &zero);
	}
	return NULL;
}

bool stall_open(struct world *world, struct dice *dice)
{
	size_t page = sysconf(_SC_PAGESIZE);
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register range = { .mode = UFFDIO_REGISTER_MODE_MISSING };
	int fd = syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK);
	struct server *server;
	pthread_t thread;

	if (fd < 0 || ioctl(fd, UFFDIO_API, &api))
		return false;
	world->fault_page = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
				 -1, 0);
	range.range.start = (uintptr_t)world->fault_page;
	range.range.len = page;
	server = calloc(1, sizeof(*server));
	if (world->fault_page == MAP_FAILED || !server || ioctl(fd, UFFDIO_REGISTER, &range))
		return false;
	server->fd = fd;
	server->dice = dice_new(dice_bits(dice), 0, 0);
	world->userfault = fd;
	return !pthread_create(&thread, NULL, serve, server);
}

/* An ioctl whose argument, or what it points to, is on the late page. */
static void stall(struct hand *hand)
{
	struct world *world = hand->world;
	uint8_t *late = world->fault_page;
	const struct corpus_frame *frame;
	struct v4l2_ext_control ctrl = { 0 };
	struct v4l2_ext_controls all = { .controls = &ctrl, .count = 1 };
	struct media_v2_topology topology = { .num_entities = 8 };
	struct world_video *video;
	int fd, media;

	if (world->userfault < 0)
		return;
	madvise(late, sysconf(_SC_PAGESIZE), MADV_DONTNEED);
	video = hand_video(hand, &fd);
	media = world->medias[dice_below(&hand->dice, WORLD_MEDIAS)];
	frame = &corpora[video->clip].frames[0];
	ctrl.id = frame->controls[0]->id;
	ctrl.size = frame->controls[0]->size;
	ctrl.ptr = late;
	topology.ptr_entities = (uintptr_t)late;
	hand->actor->patient = true;
	switch (dice_below(&hand->dice, 6)) {
	case 0:
		trace_begin(hand->actor, "stalled S_EXT_CTRLS", "fd %d", fd);
		trace_end(hand->actor, ioctl(fd, VIDIOC_S_EXT_CTRLS, &all));
		break;
	case 1:
		trace_begin(hand->actor, "stalled G_EXT_CTRLS", "fd %d", fd);
		trace_end(hand->actor, ioctl(fd, VIDIOC_G_EXT_CTRLS, &all));
		break;
	case 2:
		trace_begin(hand->actor, "stalled G_TOPOLOGY", "fd %d", media);
		trace_end(hand->actor, ioctl(media, MEDIA_IOC_G_TOPOLOGY, &topology));
		break;
	case 3:
		trace_begin(hand->actor, "stalled REQUEST_ALLOC", "fd %d", media);
		trace_end(hand->actor, ioctl(media, MEDIA_IOC_REQUEST_ALLOC, late));
		break;
	case 4:
		trace_begin(hand->actor, "stalled DEVICE_INFO", "fd %d", media);
		trace_end(hand->actor, ioctl(media, MEDIA_IOC_DEVICE_INFO, late));
		break;
	default:
		trace_begin(hand->actor, "stalled QBUF", "fd %d", fd);
		trace_end(hand->actor, ioctl(fd, VIDIOC_QBUF, late));
	}
}

const struct op stall_ops[] = {
	{ "stall", 2, stall },
	{ NULL, 0, NULL }
};
