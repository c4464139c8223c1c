// SPDX-License-Identifier: LGPL-2.1-or-later
#include "event_loop.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <time.h>

/**
 * struct watch - what to call for the descriptor with the same index in fds
 * @handler:	function
 * @data:	its argument
 */
struct watch {
	event_handler handler;
	void *data;
};

struct event_loop {
	struct pollfd *fds;	/* fd -1: removed, to be dropped by the next wait */
	struct watch *watches;
	size_t count;
	size_t room;
};

int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * INT64_C(1000) + now.tv_nsec / 1000000;
}

struct event_loop *event_loop_new(void)
{
	return calloc(1, sizeof(struct event_loop));
}

void event_loop_free(struct event_loop *loop)
{
	if (!loop)
		return;
	free(loop->fds);
	free(loop->watches);
	free(loop);
}

static int make_room(struct event_loop *loop)
{
	size_t room = loop->room ? loop->room * 2 : 16;
	struct watch *watches;
	struct pollfd *fds;

	if (loop->count < loop->room)
		return 0;
	fds = reallocarray(loop->fds, room, sizeof(*fds));
	if (!fds)
		return -ENOMEM;
	loop->fds = fds;
	watches = reallocarray(loop->watches, room, sizeof(*watches));
	if (!watches)
		return -ENOMEM;
	loop->watches = watches;
	loop->room = room;
	return 0;
}

int event_loop_add(struct event_loop *loop, int fd, short events, event_handler handler,
		   void *data)
{
	int ret = make_room(loop);

	if (ret < 0)
		return ret;
	loop->fds[loop->count] = (struct pollfd){ .fd = fd, .events = events };
	loop->watches[loop->count] = (struct watch){ .handler = handler, .data = data };
	loop->count++;
	return 0;
}

void event_loop_remove(struct event_loop *loop, int fd)
{
	size_t i;

	for (i = 0; i < loop->count; i++) {
		if (loop->fds[i].fd != fd)
			continue;
		loop->fds[i].fd = -1;
		loop->fds[i].revents = 0;
		return;
	}
}

static void drop_removed(struct event_loop *loop)
{
	size_t kept = 0;
	size_t i;

	for (i = 0; i < loop->count; i++) {
		if (loop->fds[i].fd < 0)
			continue;
		loop->fds[kept] = loop->fds[i];
		loop->watches[kept++] = loop->watches[i];
	}
	loop->count = kept;
}

static int timeout_ms(int64_t until)
{
	int64_t left;

	if (until == NEVER)
		return -1;
	left = until - now_ms();
	if (left < 0)
		return 0;
	return left > INT_MAX ? INT_MAX : (int)left;
}

int event_loop_wait(struct event_loop *loop, int64_t until)
{
	size_t count;
	size_t i;
	int ret;

	drop_removed(loop);
	count = loop->count;
	ret = poll(loop->fds, count, timeout_ms(until));
	if (ret < 0)
		return errno == EINTR ? 0 : -errno;
	/* Handlers may add entries, so the arrays may move; new entries have no events yet. */
	for (i = 0; i < count && ret > 0; i++) {
		short events = loop->fds[i].revents;

		if (loop->fds[i].fd < 0 || !events)
			continue;
		loop->watches[i].handler(loop->watches[i].data, events);
	}
	return 0;
}
