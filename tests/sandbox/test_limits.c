// SPDX-License-Identifier: LGPL-2.1-or-later
/* What a worker can use up: lines of the log, memory, threads, descriptors. */
#include "core/worker_log.h"
#include "hijacked.h"

static void flood(void)
{
	struct client c;

	setup_client(&c, 1);
	order(&c, 0, ATTACK_FLOOD);
	finish(&c, 0, DEADLINE_MS + 2 * SLACK_MS);
	close_client(&c);
	EXPECT(log_wait(&supervised, "wrote too many lines;", LOG_MS));
}

static void test_flood(void)
{
	struct client c;
	size_t from;
	pid_t other;
	int i;

	start_stream(&c);
	log_skip(&supervised);
	from = supervised.seen;
	other = in_background(flood);
	for (i = 0; i < 20; i++) {
		order(&c, i % 2, ATTACK_NONE);
		EXPECT(!finish(&c, i % 2, DEADLINE_MS));
		usleep(30000);
	}
	expect_good_end(other);
	/* The other client has read most of it, and this one the rest. */
	EXPECT(log_count(&supervised, "flood", from) <=
	       WORKER_LOG_BURST + 10 * WORKER_LOG_PER_SECOND);
	close_client(&c);
}

static void test_forged_line(void)
{
	struct client c;
	pid_t worker = start_stream(&c);
	char expected[128];

	log_skip(&supervised);
	order(&c, 0, ATTACK_FORGE_LINE);
	EXPECT(!finish(&c, 0, DEADLINE_MS + SLACK_MS));
	snprintf(expected, sizeof(expected), "\ndaedalusd[%d]: daedalusd[1]: " FORGED "\n",
		 (int)worker);
	/* The newline before it is that of the line before. */
	supervised.seen--;
	EXPECT(log_wait(&supervised, expected, LOG_MS));
	snprintf(expected, sizeof(expected), "daedalusd[%d]: ?[2J?[31m" FORGED, (int)worker);
	EXPECT(log_wait(&supervised, expected, LOG_MS));
	EXPECT(!strchr(supervised.text, '\033'));
	close_client(&c);
}

/* The attack says "@key NUMBER ERRNO"; the stream goes on afterwards. */
static void expect_limit(enum attack attack, const char *key, unsigned int least,
			 unsigned int most, const char *error)
{
	struct client c;
	unsigned int number;
	const char *rest;
	char name[32];

	start_stream(&c);
	order(&c, 0, attack);
	rest = log_wait(&supervised, key, LOG_MS);
	EXPECT(rest && sscanf(rest, "%u %31s", &number, name) == 2);
	if (number < least || number > most || strcmp(name, error))
		FAIL("%s%s, expected %u to %u and %s", key, rest, least, most, error);
	finish(&c, 0, DEADLINE_MS + SLACK_MS);
	/* What the worker took it keeps, so this one need not succeed: it must end. */
	order(&c, 1, ATTACK_NONE);
	finish(&c, 1, DEADLINE_MS + SLACK_MS);
	as_other_client(picture_of_other_client);
	close_client(&c);
}

static void test_memory(void)
{
	expect_limit(ATTACK_MEMORY, ": memory ", 64, 256, "ENOMEM");
}

static void test_threads(void)
{
	expect_limit(ATTACK_THREADS, ": threads ", 32, 64, "EAGAIN");
}

static void test_descriptors(void)
{
	expect_limit(ATTACK_DESCRIPTORS, ": descriptors ", 64, 1024, "EMFILE");
}

const struct test limit_tests[] = {
	{ "a flood of lines", test_flood },
	{ "a forged line", test_forged_line },
	{ "memory without end", test_memory },
	{ "threads without end", test_threads },
	{ "descriptors without end", test_descriptors },
	{ 0 }
};
