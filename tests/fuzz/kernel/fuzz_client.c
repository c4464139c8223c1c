// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Rounds of hostile clients, while the real daemon decodes. After each round nothing may
 * be left in the module, and a good client must decode a clip exactly.
 */
#include "good.h"
#include "harness.h"
#include "run.h"

#define MAX_PROCESSES	4
/* A process that has not done its operations by then is killed. */
#define ROUND_MS	1500
/* As long as the daemon may take to start a worker. */
#define GOOD_MS		10000
#define GOOD_TRIES	3

struct good_job {
	const struct corpus *clip;
	unsigned int wait_ms;
};

static void good_child(void *data)
{
	const struct good_job *job = data;

	good_decode(trace_actor("good client"), job->clip, job->wait_ms);
}

bool run_good(struct watch *watch, const struct corpus *clip)
{
	struct good_job job = { .clip = clip, .wait_ms = GOOD_MS * watch->slow };

	for (unsigned int i = 0; i < GOOD_TRIES; i++) {
		watch->late = false;
		watch->late_status = GOOD_LATE;
		watch_start(watch, 0, good_child, &job);
		if (!watch_run(watch, 2 * job.wait_ms) || !watch_idle(watch))
			return false;
		if (!watch->late)
			return true;
		printf("# RETRY %s: a job of the good client missed its deadline\n", clip->name);
	}
	return watch_fail(watch, "the good client misses deadlines again and again");
}

/* Nothing but hostile processes, of which some are killed. */
static bool hostile_round(const struct options *options, struct watch *watch, unsigned int round)
{
	struct dice dice = dice_new(options->seed, round, 0);
	unsigned int count = 1 + dice_below(&dice, MAX_PROCESSES);
	struct hostile hostile[MAX_PROCESSES];

	snprintf(watch->label, sizeof(watch->label), "round %u of seed %llu", round,
		 (unsigned long long)options->seed);
	trace_reset();
	for (unsigned int i = 0; i < count; i++) {
		unsigned int kill_ms = dice_percent(&dice, 40) ? 20 + dice_below(&dice, 1500) : 0;

		hostile[i].dice = dice_new(options->seed, round, i + 1);
		hostile[i].ops = options->ops ? options->ops : 50 + dice_below(&dice, 500);
		hostile[i].guarded = true;
		hostile[i].imports = !options->no_imports;
		hostile[i].stalls = !options->no_stalls;
		watch_start(watch, kill_ms * watch->slow, hostile_run, &hostile[i]);
	}
	return watch_run(watch, ROUND_MS * watch->slow) && watch_idle(watch);
}

bool client_fuzz(const struct options *options, struct watch *watch)
{
	uint64_t end = now_ms() + options->seconds * UINT64_C(1000);
	long done = stat_value("done"), failed = stat_value("failed");
	unsigned int round = options->replay < 0 ? 0 : options->replay, rounds = 0;
	bool good;

	do {
		good = hostile_round(options, watch, round) &&
		       run_good(watch, &corpora[round % num_corpora]);
		round++;
		rounds++;
	} while (good && options->replay < 0 && now_ms() < end);
	done = stat_value("done") - done;
	failed = stat_value("failed") - failed;
	printf("# %u rounds, %lu operations, %ld jobs done, %ld failed\n", rounds,
	       trace_sum(true), done, failed);
	tap_result(good, "hostile clients: no call hangs, nothing is left, the device still works");
	/* Random ioctls alone never reach a decoder. */
	return tap_result(rounds < 5 || done > (long)rounds,
			  "hostile clients: their jobs reach the decoder") && good;
}
