// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Hostile operations on descriptors: open, close at any time, copies, none left.
 */
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/resource.h>

#include "world.h"

void file_open_video(struct hand *hand)
{
	struct world_video *video = &hand->world->videos[dice_below(&hand->dice, WORLD_VIDEOS)];
	int none = -1, fd;

	if (video->fd >= 0)
		return;
	trace_begin(hand->actor, "open video", "%s", hand->world->video_path);
	fd = open(hand->world->video_path, O_RDWR | O_CLOEXEC | O_NONBLOCK);
	trace_end(hand->actor, fd);
	/* The node can have another number after the daemon has changed. */
	if (fd < 0 && (errno == ENODEV || errno == ENOENT || errno == ENXIO))
		find_nodes(hand->world->video_path, hand->world->media_path,
			   sizeof(hand->world->video_path));
	if (fd < 0)
		return;
	video->clip = dice_below(&hand->dice, num_corpora);
	video->frame = 0;
	video->hold_percent = 10;
	for (unsigned int q = 0; q < 2; q++)
		video->queues[q].count = video->queues[q].busy = 0;
	if (!atomic_compare_exchange_strong(&video->fd, &none, fd)) {
		close(fd);
		return;
	}
	if (dice_percent(&hand->dice, 85))
		queue_setup(hand, video, fd);
}

static void close_video(struct hand *hand)
{
	struct world_video *video = &hand->world->videos[dice_below(&hand->dice, WORLD_VIDEOS)];

	guard_drop_all(hand, video);
	hand_close(hand, "close video", &video->fd);
}

/* Open the media node in a free slot. Return: its descriptor, or -1. */
int file_open_media(struct hand *hand)
{
	atomic_int *slot = &hand->world->medias[dice_below(&hand->dice, WORLD_MEDIAS)];
	int none = -1, fd;

	if (*slot >= 0)
		return *slot;
	trace_begin(hand->actor, "open media", "%s", hand->world->media_path);
	fd = trace_end(hand->actor, open(hand->world->media_path, O_RDWR | O_CLOEXEC));
	if (fd >= 0 && !atomic_compare_exchange_strong(slot, &none, fd))
		close(fd);
	return *slot;
}

static void open_media(struct hand *hand)
{
	file_open_media(hand);
}

static void close_media(struct hand *hand)
{
	hand_close(hand, "close media", &hand->world->medias[dice_below(&hand->dice,
									WORLD_MEDIAS)]);
}

/* A second descriptor of the same file keeps it open when the first is closed. */
static void copy(struct hand *hand)
{
	int fd;

	hand_video(hand, &fd);
	trace_begin(hand->actor, "dup", "fd %d", fd);
	fd = trace_end(hand->actor, dup(fd));
	if (fd >= 0)
		hand_keep(hand, fd);
}

static void close_kept(struct hand *hand)
{
	hand_close(hand, "close kept", &hand->world->kept[dice_below(&hand->dice, WORLD_KEPT)]);
}

/* From now on descriptors can be had only by chance; or again as many as before. */
static void limit_files(struct hand *hand)
{
	struct rlimit limit;
	int lowest = -1;

	getrlimit(RLIMIT_NOFILE, &limit);
	if (hand->world->limited) {
		limit.rlim_cur = limit.rlim_max;
	} else {
		lowest = dup(0);
		if (lowest < 0)
			return;
		close(lowest);
		limit.rlim_cur = lowest + dice_below(&hand->dice, 3);
	}
	hand->world->limited = lowest >= 0;
	trace_begin(hand->actor, "setrlimit files", "%ld", (long)limit.rlim_cur);
	trace_end(hand->actor, setrlimit(RLIMIT_NOFILE, &limit));
}

const struct op file_ops[] = {
	{ "open video", 3, file_open_video },
	{ "close video", 2, close_video },
	{ "open media", 3, open_media },
	{ "close media", 2, close_media },
	{ "copy", 1, copy },
	{ "close kept", 3, close_kept },
	{ "limit files", 1, limit_files },
	{ NULL, 0, NULL }
};
