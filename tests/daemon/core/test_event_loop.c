// SPDX-License-Identifier: LGPL-2.1-or-later
/* The table of descriptors, with handlers that change it while it is walked. */
#include "core/event_loop.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

#include "check.h"

#define PIPES	40

static struct event_loop *loop;
static int ends[PIPES][2];
static int calls[PIPES];

static void count(void *data, short events)
{
	int *call = data;

	(*call)++;
}

static void remove_all(void *data, short events)
{
	int i;

	(*(int *)data)++;
	for (i = 0; i < PIPES; i++)
		event_loop_remove(loop, ends[i][0]);
}

/* Adds so many that the table must move. */
static void add_others(void *data, short events)
{
	int i;

	(*(int *)data)++;
	event_loop_remove(loop, ends[0][0]);
	for (i = 1; i < PIPES; i++)
		CHECK_EQ(event_loop_add(loop, ends[i][0], POLLIN, count, &calls[i]), 0);
}

static int total(void)
{
	int i, sum = 0;

	for (i = 0; i < PIPES; i++) {
		sum += calls[i];
		calls[i] = 0;
	}
	return sum;
}

int main(void)
{
	int64_t start;
	int i;

	loop = event_loop_new();
	CHECK(loop);
	for (i = 0; i < PIPES; i++)
		if (pipe(ends[i]) < 0)
			return 1;

	/* Nothing to wait for but the time. */
	start = now_ms();
	CHECK_EQ(event_loop_wait(loop, start + 30), 0);
	CHECK(now_ms() - start >= 30);
	CHECK_EQ(event_loop_wait(loop, start - 1), 0);

	/* Every descriptor that is ready, each once a round. */
	for (i = 0; i < PIPES; i++) {
		CHECK_EQ(event_loop_add(loop, ends[i][0], POLLIN, count, &calls[i]), 0);
		if (i % 2)
			CHECK_EQ(write(ends[i][1], "x", 1), 1);
	}
	CHECK_EQ(event_loop_wait(loop, NEVER), 0);
	for (i = 0; i < PIPES; i++)
		CHECK_EQ(calls[i], i % 2);
	total();

	/* One that was removed by an earlier handler of the round gets no event. */
	for (i = 0; i < PIPES; i++)
		event_loop_remove(loop, ends[i][0]);
	for (i = 0; i < PIPES; i++)
		CHECK_EQ(event_loop_add(loop, ends[i][0], POLLIN, remove_all, &calls[i]), 0);
	CHECK_EQ(event_loop_wait(loop, NEVER), 0);
	CHECK_EQ(total(), 1);
	CHECK_EQ(event_loop_wait(loop, now_ms()), 0);
	CHECK_EQ(total(), 0);

	/* New ones get events from the next round on. */
	CHECK_EQ(write(ends[0][1], "x", 1), 1);
	CHECK_EQ(event_loop_add(loop, ends[0][0], POLLIN, add_others, &calls[0]), 0);
	CHECK_EQ(event_loop_wait(loop, NEVER), 0);
	CHECK_EQ(total(), 1);
	CHECK_EQ(event_loop_wait(loop, NEVER), 0);
	CHECK_EQ(total(), PIPES / 2);

	/* A hang-up is reported without having been asked for. */
	for (i = 0; i < PIPES; i++)
		event_loop_remove(loop, ends[i][0]);
	CHECK_EQ(event_loop_add(loop, ends[2][0], 0, count, &calls[2]), 0);
	close(ends[2][1]);
	CHECK_EQ(event_loop_wait(loop, NEVER), 0);
	CHECK_EQ(total(), 1);

	event_loop_free(loop);
	event_loop_free(NULL);
	return check_result();
}
