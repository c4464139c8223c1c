// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Seeds faults of the kind that the attackers look for, and checks that the parent finds them.
 */
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include "good.h"
#include "harness.h"
#include "run.h"
#include "world.h"

/* A call that hangs, as far as the parent can see. */
static void hang(void *data)
{
	struct actor *actor = trace_actor("one that hangs");

	(void)data;
	trace_begin(actor, "a call that hangs", "now");
	for (;;)
		pause();
}

static void die(void *data)
{
	(void)data;
	abort();
}

static void wrong(void *data)
{
	(void)data;
	trace_wrong(trace_actor("one that complains"), "a picture is wrong");
}

/* A picture changes while its client owns it. */
static void overwrite(void *data)
{
	struct v4l2_requestbuffers req = {
		.type = CAPTURE, .memory = V4L2_MEMORY_MMAP, .count = 1,
	};
	static struct world world;
	static struct hand hand;

	(void)data;
	world_open(&world, 1);
	world.guarded = true;
	hand_open(&hand, &world, "one whose picture changes", dice_new(1, 2, 3));
	world.videos[0].fd = open(world.video_path, O_RDWR | O_CLOEXEC);
	if (ioctl(world.videos[0].fd, VIDIOC_REQBUFS, &req))
		_exit(2);
	guard_take(&hand, &world.videos[0], world.videos[0].fd, 0);
	if (!world.videos[0].guards[0].map)
		_exit(2);
	world.videos[0].guards[0].map[100] ^= 1;
	guard_check(&hand, &world.videos[0], 0);
}

static void decode_wrong(void *data)
{
	struct corpus clip = corpora[0];

	(void)data;
	clip.md5[0] ^= 1;
	good_decode(trace_actor("good client"), &clip, 20000);
}

static const struct {
	const char *name;
	void (*run)(void *data);
	const char *said;	/* a part of the report */
} seeds[] = {
	{ "a call that hangs", hang, "a call that hangs (now) of one that hangs" },
	{ "a process that crashes", die, "died of Aborted" },
	{ "a process that finds a fault", wrong, "a picture is wrong" },
	{ "a picture that changes", overwrite, "CAPTURE buffer 0 was written" },
	{ "a wrong MD5", decode_wrong, "has the MD5" },
};

/* Is @text in what was written to stderr, which is @file now? */
static bool said(int file, const char *text)
{
	static char all[1 << 16];
	ssize_t size = pread(file, all, sizeof(all) - 1, 0);

	if (size < 0)
		return false;
	all[size] = 0;
	return strstr(all, text);
}

/* Run @seed with stderr in a file. Return: true if it was found, with the right words. */
static bool found(struct watch *watch, size_t seed)
{
	int file = memfd_create("stderr", 0), saved = dup(2);
	bool good;

	trace_reset();
	snprintf(watch->label, sizeof(watch->label), "self-test");
	dup2(file, 2);
	watch_start(watch, 0, seeds[seed].run, NULL);
	good = !watch_run(watch, 30000 * watch->slow) && said(file, seeds[seed].said);
	dup2(saved, 2);
	close(saved);
	close(file);
	return good && watch_idle(watch);
}

/* An object that stays in the module is found. */
static bool found_left(struct watch *watch)
{
	char video[64], media[64];
	int file = memfd_create("stderr", 0), saved = dup(2), fd;
	bool good;

	if (!find_nodes(video, media, sizeof(video)))
		return false;
	fd = open(video, O_RDWR | O_CLOEXEC);
	dup2(file, 2);
	good = !watch_idle(watch) && said(file, "1 contexts are left");
	dup2(saved, 2);
	close(saved);
	close(file);
	close(fd);
	return good && watch_idle(watch);
}

/* A call that may wait, because another thread has just let its file block. */
static void wait_long(void *data)
{
	static struct world world;
	static struct hand hand;

	world_open(&world, 2);
	hand_open(&hand, &world, "one that may wait", dice_new(1, 2, 3));
	hand_dequeues(&hand);
	world_lets_block(&world);
	trace_begin(hand.actor, "a call that waits", "long");
	usleep(*(unsigned int *)data * 2000);
	trace_end(hand.actor, 0);
}

static bool left_alone(struct watch *watch)
{
	trace_reset();
	snprintf(watch->label, sizeof(watch->label), "self-test");
	watch_start(watch, 0, wait_long, &watch->limit_ms);
	return watch_run(watch, 30000 * watch->slow) && watch_idle(watch);
}

bool self_test(const struct options *options, struct watch *watch)
{
	bool good = true;

	(void)options;
	for (size_t i = 0; i < sizeof(seeds) / sizeof(seeds[0]); i++)
		good &= tap_result(found(watch, i), "self-test: %s is found", seeds[i].name);
	good &= tap_result(found_left(watch), "self-test: an object that stays is found");
	return tap_result(left_alone(watch), "self-test: a call that may wait is left alone") &&
	       good;
}
