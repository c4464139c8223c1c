// SPDX-License-Identifier: LGPL-2.1-or-later
/* What a worker can do with its session: to other streams, and to the log. */
#include <sys/ioctl.h>

#include "hijacked.h"

static void fetch_buffers(void)
{
	unsigned int fetched, secrets;
	struct client c;
	const char *rest;

	start_stream(&c);
	order(&c, 0, ATTACK_BUFFERS);
	rest = log_wait(&supervised, ": buffers ", LOG_MS);
	EXPECT(rest && sscanf(rest, "%u secrets %u", &fetched, &secrets) == 2);
	/* Its own, at least: those of two queues with two buffers each. */
	EXPECT(fetched >= 2 && fetched <= 4);
	EXPECT_EQ(secrets, 0);
	finish(&c, 0, DEADLINE_MS + SLACK_MS);
	close_client(&c);
}

static void test_buffers(void)
{
	struct client c;
	unsigned int i;

	start_stream(&c);
	for (i = 0; i < c.num; i++)
		memcpy(c.src[i] + 1, SECRET, sizeof(SECRET));
	order(&c, 0, ATTACK_NONE);
	EXPECT(!finish(&c, 0, DEADLINE_MS + SLACK_MS));
	as_other_client(fetch_buffers);
	close_client(&c);
}

static void forge_replies(void)
{
	struct client c;
	const char *rest;

	start_stream(&c);
	order(&c, 0, ATTACK_REPLIES);
	rest = log_wait(&supervised, ": replies ", LOG_MS);
	/* That to its own job. */
	EXPECT(rest && atoi(rest) == 1);
	finish(&c, 0, DEADLINE_MS + SLACK_MS);
	close_client(&c);
}

static void test_replies(void)
{
	struct client c;
	uint64_t start;
	pid_t other;

	start_stream(&c);
	other = in_background(forge_replies);
	start = now_ms();
	order(&c, 0, ATTACK_SLOW);
	EXPECT(!finish(&c, 0, DEADLINE_MS + SLACK_MS));
	EXPECT(now_ms() - start >= 450);
	expect_good_end(other);
	close_client(&c);
}

static void test_messages(void)
{
	struct client c;
	const char *rest;

	start_stream(&c);
	order(&c, 0, ATTACK_MESSAGES);
	rest = log_wait(&supervised, ": messages ", LOG_MS);
	EXPECT(rest && atoi(rest) == 0);
	EXPECT(!finish(&c, 0, DEADLINE_MS + SLACK_MS));
	close_client(&c);
}

/* The worker asks for the CAPTURE buffer after the client has freed it. */
static void test_teardown(void)
{
	struct v4l2_requestbuffers none = { .type = CAPTURE, .memory = V4L2_MEMORY_MMAP };
	struct v4l2_buffer buf;
	struct client c;
	const char *rest;
	unsigned int jobs, errors;

	setup_client(&c, 1);
	log_skip(&supervised);
	order(&c, 0, ATTACK_SLOW);
	/* It has read the job, with the buffer's number. */
	EXPECT(log_wait(&supervised, ": slow", LOG_MS));
	EXPECT_EQ(stream(&c, CAPTURE, false), 0);
	EXPECT_EQ(ioctl(c.video, VIDIOC_REQBUFS, &none), 0);
	/* The OUTPUT buffer comes back when the job is answered. */
	EXPECT_EQ(dequeue(&c, OUTPUT, &buf, DEADLINE_MS + SLACK_MS), 0);
	close_client(&c);
	rest = log_wait(&supervised, "daedalusd", LOG_MS);
	while (rest && !strstr(rest, " with errors")) {
		if (strstr(rest, "no memory"))
			FAIL("the log says%s", rest);
		rest = log_wait(&supervised, "daedalusd", LOG_MS);
	}
	EXPECT(rest && sscanf(strrchr(rest, ':'), ": %u jobs, %u", &jobs, &errors) == 2);
	EXPECT_EQ(jobs, 1);
	EXPECT_EQ(errors, 0);
}

static void test_job_numbers(void)
{
	struct client c;
	const char *rest;

	start_stream(&c);
	order(&c, 0, ATTACK_FAIL);
	EXPECT(finish(&c, 0, DEADLINE_MS + SLACK_MS));
	rest = log_wait(&supervised, ": job ", LOG_MS);
	/* The second one of this stream, whatever the module counts from. */
	EXPECT(rest && atoll(rest) >= 1 && atoll(rest) <= 2);
	close_client(&c);
}

const struct test session_tests[] = {
	{ "buffers of another stream", test_buffers },
	{ "replies to jobs of another stream", test_replies },
	{ "nonsense on its session", test_messages },
	{ "a buffer that went away is no lack of memory", test_teardown },
	{ "numbers of jobs in the log", test_job_numbers },
	{ 0 }
};
