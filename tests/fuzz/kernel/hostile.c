// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * A hostile client: one process with one or several threads.
 */
#include <pthread.h>
#include <sys/syscall.h>

#include "run.h"
#include "world.h"

static struct world world;
static struct hand hands[WORLD_THREADS];
static unsigned int ops;

static void *run_thread(void *data)
{
	struct hand *hand = data;

	if (hand != &hands[0])
		hand_open(hand, &world, "hostile client", hand->dice);
	hand_run(hand, ops);
	return NULL;
}

bool hostile_can_stall(void)
{
	int fd = syscall(SYS_userfaultfd, 0);

	close(fd);
	return fd >= 0;
}

void hostile_run(void *data)
{
	struct hostile *hostile = data;
	struct dice *dice = &hostile->dice;
	unsigned int count = dice_percent(dice, 60) ? 1 : 2 + dice_below(dice, WORLD_THREADS - 1);
	/* A process that stalls itself has one thread, for all may wait for it. */
	bool stalls = dice_percent(dice, 25) && hostile->stalls && hostile_can_stall();
	pthread_t threads[WORLD_THREADS];

	if (stalls)
		count = 1;
	ops = hostile->ops;
	world_open(&world, count);
	world.imports = hostile->imports;
	world.guarded = hostile->guarded && count == 1;
	for (unsigned int i = 0; i < count; i++)
		hands[i].dice = dice_new(dice_bits(dice), i, 0);
	hand_open(&hands[0], &world, "hostile client", hands[0].dice);
	if (stalls)
		stall_open(&world, dice);
	for (unsigned int i = 1; i < count; i++)
		pthread_create(&threads[i], NULL, run_thread, &hands[i]);
	run_thread(&hands[0]);
	/* A thread may wait for ever; then the parent kills this process. */
	if (!dice_percent(&hands[0].dice, 30))
		for (unsigned int i = 1; i < count; i++)
			pthread_join(threads[i], NULL);
	world_close(&hands[0]);
}
