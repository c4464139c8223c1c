// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Workers as processes and as threads: they end with their stream, and when they are asked
 * to. A socket stands for the session fd, so there are messages but no buffers and jobs.
 * Built with -Db_sanitize=thread, it finds races between workers and supervisor.
 */
#include "check.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "codec/vp9/engine_vp9.h"
#include "core/log.h"
#include "core/worker_pool.h"

#define SESSIONS	4
#define MESSAGES	50
#define STEP_MS		10
#define PATIENCE_MS	20000
#define CLIENT		42

/* No sanitizer works in the sandbox; without them, a container may give no namespaces. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANDBOX	SANDBOX_OFF
#else
#define SANDBOX	SANDBOX_NO_NAMESPACES
#endif

static void send_messages(const int *sessions, int from)
{
	const struct daedalus_msg flush = { DAEDALUS_MSG_FLUSH, sizeof(flush) };
	const struct daedalus_buffer_gone gone = {
		.hdr = { DAEDALUS_MSG_BUFFER_GONE, sizeof(gone) }, .buffer = 7,
	};
	int i, j;

	for (i = 0; i < MESSAGES; i++)
		for (j = from; j < SESSIONS; j++) {
			CHECK(write(sessions[j], &flush, sizeof(flush)) == sizeof(flush));
			CHECK(write(sessions[j], &gone, sizeof(gone)) == sizeof(gone));
		}
}

/* Reap, and drain if @drain, until @left workers are alive. */
static void wait_for(struct worker_pool *pool, unsigned int left, bool drain)
{
	const struct timespec step = { .tv_nsec = STEP_MS * 1000000L };
	int waited;

	for (waited = 0; waited < PATIENCE_MS && worker_pool_count(pool) > left; waited += STEP_MS) {
		if (drain)
			worker_pool_drain(pool);
		nanosleep(&step, NULL);
		worker_pool_reap(pool);
	}
	CHECK_EQ(worker_pool_count(pool), left);
}

static void count_end(void *data, uint32_t client, enum worker_end end)
{
	unsigned int *ended = data;

	CHECK_EQ(client, CLIENT);
	CHECK_EQ(end, WORKER_ENDED);
	(*ended)++;
}

static void test_pool(bool in_process)
{
	unsigned int ended = 0;
	const struct worker_pool_params params = {
		.config = { .threads = 1 },
		.in_process = in_process,
		.sandbox = SANDBOX,
		.ended = count_end,
		.data = &ended,
	};
	struct event_loop *loop = event_loop_new();
	struct worker_pool *pool = loop ? worker_pool_new(&params, loop) : NULL;
	int sessions[SESSIONS];
	int i;

	CHECK(pool);
	if (!pool)
		return;
	for (i = 0; i < SESSIONS; i++) {
		struct daedalus_event event = { .session = (uint32_t)i + 1, .pid = CLIENT };
		int fds[2];

		if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds))
			abort();
		sessions[i] = fds[0];
		CHECK_EQ(worker_pool_start(pool, fds[1], &event, &engine_vp9), 0);
	}
	CHECK_EQ(worker_pool_count(pool), SESSIONS);
	send_messages(sessions, 0);
	/* Shut down, not only close: later workers have a copy of the descriptor. */
	shutdown(sessions[0], SHUT_RDWR);
	wait_for(pool, SESSIONS - 1, false);
	send_messages(sessions, 1);
	wait_for(pool, 0, true);
	for (i = 0; i < SESSIONS; i++)
		close(sessions[i]);
	CHECK_EQ(ended, SESSIONS);
	worker_pool_free(pool);
	event_loop_free(loop);
}

int main(void)
{
	char text[256];

	log_set_level(LOG_ERROR);
	if (engine_vp9.load(text, sizeof(text))) {
		printf("%s\n", text);
		return EXIT_SKIP;
	}
	test_pool(false);
	test_pool(true);
	return check_result();
}
