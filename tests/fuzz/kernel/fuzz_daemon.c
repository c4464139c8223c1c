// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Rounds of a hostile daemon, with a simple client and hostile ones. Whatever the daemon
 * does, the simple client gets a picture, good or bad, before the deadline has passed.
 */
#include <signal.h>
#include <sys/wait.h>

#include "good.h"
#include "harness.h"
#include "run.h"

#define MAX_HOSTILE	2
#define ROUND_MS	4500
/* A round in this number ends with a real daemon and a clip. */
#define REAL_ROUNDS	12
#define REAL_MS		30000
#define END_MS		10000
/* As long as the nodes may stay when the daemon is gone. */
#define NODES_MS	2000

struct simple {
	const struct corpus *clip;
	unsigned int wait_ms;
};

/* Stream as long as there is a daemon, until the parent ends it. */
static void simple_client(void *data)
{
	const struct simple *simple = data;
	struct actor *actor = trace_actor("simple client");

	for (;;) {
		if (wait_for_nodes(true, 20))
			good_stream(actor, simple->clip, 200, simple->wait_ms);
		usleep(2000);
	}
}

static bool nodes_go(struct watch *watch)
{
	return wait_for_nodes(false, NODES_MS * watch->slow) ||
	       watch_fail(watch, "the nodes are still there without a daemon");
}

/* SIGTERM ends the daemon @pid soon, with 0, and its nodes go. */
static bool end_daemon(struct watch *watch, pid_t pid)
{
	uint64_t end = now_ms() + END_MS * watch->slow;
	int status = 0;

	kill(pid, SIGTERM);
	while (!waitpid(pid, &status, WNOHANG)) {
		if (now_ms() > end) {
			watch_fail(watch, "daedalusd does not end within %u ms of SIGTERM",
				   END_MS * watch->slow);
			kill(pid, SIGKILL);
			waitpid(pid, &status, 0);
			return false;
		}
		usleep(5000);
	}
	if (status)
		return watch_fail(watch, "daedalusd ended with status %x", status);
	return nodes_go(watch);
}

/* A real daemon and a good client: the device still works. */
static bool real_round(const struct options *options, struct watch *watch,
		       const struct corpus *clip)
{
	bool good;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (!pid) {
		execl(options->daemon, options->daemon, "--log-level", "error", (char *)NULL);
		_exit(127);
	}
	good = wait_for_nodes(true, REAL_MS * watch->slow) ? run_good(watch, clip) :
	       watch_fail(watch, "daedalusd does not come up after the hostile daemon");
	return end_daemon(watch, pid) && good;
}

static bool evil_round(const struct options *options, struct watch *watch, unsigned int round)
{
	/*
	 * Milliseconds; short, so that many of them pass in a round. The limit for calls stays
	 * that of the module's usual deadline, for a busy machine makes steps of this size.
	 */
	static const unsigned int deadlines[] = { 50, 150, 300 }, graces[] = { 0, 50, 300 };
	struct dice dice = dice_new(options->seed, round, 0);
	unsigned int deadline = deadlines[dice_below(&dice, 3)] * watch->slow;
	unsigned int num_hostile = dice_below(&dice, MAX_HOSTILE + 1), i;
	struct hostile evil, hostile[MAX_HOSTILE];
	struct simple simple;

	set_param("deadline_ms", deadline);
	set_param("grace_ms", graces[dice_below(&dice, 3)]);
	simple.clip = &corpora[dice_below(&dice, num_corpora)];
	/* The client looks at its picture every 20 ms. */
	simple.wait_ms = watch->limit_ms + 40;
	snprintf(watch->label, sizeof(watch->label), "round %u of seed %llu", round,
		 (unsigned long long)options->seed);
	trace_reset();

	evil.dice = dice_new(options->seed, round, 1);
	evil.ops = options->ops ? options->ops : 200 + dice_below(&dice, 1500);
	watch_start(watch, dice_percent(&dice, 40) ? 100 + dice_below(&dice, 1500) : 0, evil_run,
		    &evil);
	watch_start(watch, (1000 + dice_below(&dice, 1000)) * watch->slow, simple_client, &simple);
	for (i = 0; i < num_hostile; i++) {
		hostile[i].dice = dice_new(options->seed, round, i + 2);
		hostile[i].ops = 50 + dice_below(&dice, 500);
		hostile[i].guarded = false;
		hostile[i].imports = !options->no_imports;
		hostile[i].stalls = !options->no_stalls;
		watch_start(watch, dice_percent(&dice, 40) ? 100 + dice_below(&dice, 1500) : 0,
			    hostile_run, &hostile[i]);
	}
	if (!watch_run(watch, ROUND_MS * watch->slow) || !watch_idle(watch))
		return false;
	return nodes_go(watch);
}

bool daemon_fuzz(const struct options *options, struct watch *watch)
{
	uint64_t end = now_ms() + options->seconds * UINT64_C(1000);
	unsigned int round = options->replay < 0 ? 0 : options->replay, rounds = 0;
	unsigned int deadline_ms = watch->limit_ms - 100 * watch->slow;
	long done = stat_value("done"), refused;
	bool good, last;

	do {
		good = evil_round(options, watch, round);
		round++;
		rounds++;
		last = options->replay >= 0 || now_ms() >= end;
		set_param("deadline_ms", deadline_ms);
		if (good && (last || rounds % REAL_ROUNDS == 0))
			good = real_round(options, watch,
					  &corpora[rounds / REAL_ROUNDS % num_corpora]);
	} while (good && !last);
	done = stat_value("done") - done;
	refused = stat_value("refused_stale") + stat_value("refused_answered") +
		  stat_value("refused_unread") + stat_value("refused_invalid");
	printf("# %u rounds, %lu operations, %ld jobs done, %ld replies refused\n", rounds,
	       trace_sum(true), done, refused);
	tap_result(good,
		   "hostile daemon: no call hangs, nothing is left, a real daemon still works");
	return tap_result(rounds < 5 || (done > rounds && refused > (long)rounds),
			  "hostile daemon: streams go on, and bad replies are refused") && good;
}
