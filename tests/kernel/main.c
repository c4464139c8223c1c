// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Runs every test in a process of its own and prints TAP. A test that hangs is
 * killed. A test that leaves objects behind in the module has failed.
 */
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "harness.h"

#define TIMEOUT_S	30

static const struct test * const topics[] = {
	daemon_tests, job_tests, buffer_tests, import_tests, hold_tests, av1_tests,
	lifetime_tests, limit_tests, stall_tests, client_limit_tests, dma_tests,
};

char *skip_reason;

/* Return: 0; EXIT_SKIP; -1 if the test failed. */
static int run(const struct test *test)
{
	int status;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (!pid) {
		alarm(TIMEOUT_S);
		set_param("deadline_ms", 900);
		set_param("grace_ms", 300);
		set_param("max_streams", 256);
		set_param("max_streams_per_user", 64);
		test->run();
		exit(0);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return -1;
	if (WIFSIGNALED(status))
		fprintf(stderr, "%s: killed by %s\n", test->name, strsignal(WTERMSIG(status)));
	/* The next test must start without nodes. */
	if (!wait_for_nodes(false, 5000)) {
		fprintf(stderr, "%s: the nodes stayed\n", test->name);
		return -1;
	}
	if (!WIFEXITED(status))
		return -1;
	return !WEXITSTATUS(status) || WEXITSTATUS(status) == EXIT_SKIP ? WEXITSTATUS(status) :
									   -1;
}

static int idle(void)
{
	int status;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (!pid) {
		expect_idle();
		exit(0);
	}
	return pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status) ?
	       WEXITSTATUS(status) : -1;
}

/* Nodes are freed a second after their last user. Then no object may be left. */
static bool nothing_is_left(void)
{
	uint64_t end = now_ms() + 5000;

	while (stat_value("nodes") && now_ms() < end)
		usleep(50000);
	if (stat_value("nodes"))
		fprintf(stderr, "%ld nodes are left\n", stat_value("nodes"));
	return !stat_value("nodes") && !idle();
}

int main(int argc, char **argv)
{
	int count = 0, failed = 0;

	skip_reason = mmap(NULL, SKIP_REASON_LEN, PROT_READ | PROT_WRITE,
			   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (skip_reason == MAP_FAILED)
		return 1;
	for (size_t t = 0; t < sizeof(topics) / sizeof(topics[0]); t++) {
		for (const struct test *test = topics[t]; test->name; test++) {
			int ret;
			bool ok;

			if (argc > 1 && !strstr(test->name, argv[1]))
				continue;
			fprintf(stderr, "== %s\n", test->name);
			ret = run(test);
			ok = ret >= 0 && !idle();
			failed += !ok;
			printf("%sok %d - %s", ok ? "" : "not ", ++count, test->name);
			if (ok && ret == EXIT_SKIP)
				printf(" # SKIP %s", skip_reason);
			putchar('\n');
		}
	}
	if (!nothing_is_left()) {
		failed++;
		printf("not ");
	}
	printf("ok %d - nothing is left at the end\n", ++count);
	printf("1..%d\n", count);
	return failed ? 1 : 0;
}
