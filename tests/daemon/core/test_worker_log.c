// SPDX-License-Identifier: LGPL-2.1-or-later
/* What the supervisor makes of the bytes that a worker writes to its standard error. */
#include "core/worker_log.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "check.h"
#include "core/log.h"

#define PID	77

static int log_end;

/* Standard error becomes a pipe; what is written to it is returned here. */
static const char *written(void)
{
	static char text[1 << 16];
	ssize_t got = read(log_end, text, sizeof(text) - 1);

	text[got < 0 ? 0 : got] = '\0';
	return text;
}

static void expect(const char *bytes, const char *lines)
{
	static struct worker_log log;
	const char *got;

	worker_log_init(&log, PID);
	worker_log_add(&log, bytes, strlen(bytes), 1);
	worker_log_end(&log, 1);
	got = written();
	CHECK_MSG(!strcmp(got, lines), "\"%s\" became \"%s\", not \"%s\"", bytes, got, lines);
}

static unsigned int count_lines(const char *text)
{
	unsigned int count = 0;

	for (; *text; text++)
		count += *text == '\n';
	return count;
}

static void test_share(void)
{
	static struct worker_log log;
	const char *got;
	int i;

	worker_log_init(&log, PID);
	for (i = 0; i < WORKER_LOG_BURST + 100; i++)
		worker_log_add(&log, "x\n", 2, 1000);
	CHECK_EQ(count_lines(written()), WORKER_LOG_BURST);
	/* A second later there are some more, and a line on those that were dropped. */
	for (i = 0; i < WORKER_LOG_BURST; i++)
		worker_log_add(&log, "y\n", 2, 2100);
	got = written();
	CHECK(strstr(got, "worker 77 wrote too many lines; 100 were dropped"));
	CHECK_EQ(count_lines(got), WORKER_LOG_PER_SECOND + 1);
	worker_log_end(&log, 2100);
	CHECK(strstr(written(), "192 were dropped"));
	/* Debugging needs all. */
	log_set_level(LOG_DEBUG);
	for (i = 0; i < 2 * WORKER_LOG_BURST; i++)
		worker_log_add(&log, "z\n", 2, 2200);
	CHECK_EQ(count_lines(written()), 2 * WORKER_LOG_BURST);
	log_set_level(LOG_INFO);
}

static void test_split(void)
{
	static struct worker_log log;
	static char line[3 * WORKER_LOG_LINE];
	size_t i;

	/* Bytes that come one by one. */
	worker_log_init(&log, PID);
	for (i = 0; i < 5; i++)
		worker_log_add(&log, &"ab\ncd"[i], 1, 1);
	CHECK(!strcmp(written(), "daedalusd[77]: ab\n"));
	worker_log_end(&log, 1);
	CHECK(!strcmp(written(), "daedalusd[77]: cd\n"));

	/* A line without end becomes several. */
	memset(line, 'l', sizeof(line));
	worker_log_add(&log, line, sizeof(line), 1);
	worker_log_end(&log, 1);
	CHECK_EQ(count_lines(written()), 3);
}

static void test_pipe(void)
{
	static struct worker_log log;
	int fds[2];

	worker_log_init(&log, PID);
	if (pipe2(fds, O_NONBLOCK) < 0)
		exit(1);
	CHECK(worker_log_read(&log, fds[0], 1));
	CHECK_EQ(write(fds[1], "hello\n", 6), 6);
	CHECK(worker_log_read(&log, fds[0], 1));
	CHECK(!strcmp(written(), "daedalusd[77]: hello\n"));
	close(fds[1]);
	CHECK(!worker_log_read(&log, fds[0], 1));
	close(fds[0]);
}

int main(void)
{
	int fds[2];

	/* The harness prints to standard output. */
	if (pipe2(fds, O_NONBLOCK) < 0 || dup2(fds[1], STDERR_FILENO) < 0)
		return 1;
	log_end = fds[0];

	expect("", "");
	expect("\n\n", "");
	/* What log.h writes passes as it is. */
	expect("daedalusd[77]: info: session 5: good\n", "daedalusd[77]: info: session 5: good\n");
	expect("from a library\n", "daedalusd[77]: from a library\n");
	/* Nobody speaks for another process. */
	expect("daedalusd[1]: error: bad\n", "daedalusd[77]: daedalusd[1]: error: bad\n");
	expect("daedalusd[777]: error: bad\n", "daedalusd[77]: daedalusd[777]: error: bad\n");
	expect("a\rdaedalusd[1]: b\n", "daedalusd[77]: a?daedalusd[1]: b\n");
	expect("\033[2Jx\x7f\b\n", "daedalusd[77]: ?[2Jx??\n");
	expect("\xc3\xa9\tx", "daedalusd[77]: \xc3\xa9\tx\n");
	test_share();
	test_split();
	test_pipe();
	return check_result();
}
