// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The whole daemon with a codec that attacks (hijacked_engine.c), on the real module.
 * Each test is a client in a process of its own. Prints TAP.
 *
 *   sandbox-tests PATH_OF_DAEDALUSD_HIJACKED [PART_OF_A_NAME]
 */
#include <signal.h>
#include <sys/wait.h>

#include "core/exit_status.h"
#include "hijacked.h"

#define USER_NAMESPACES	"/proc/sys/user/max_user_namespaces"

static const char *daemon_path;

/* A machine without user namespaces: strict does not start, no-namespaces does. */
static void test_refusal(void)
{
	EXPECT_EQ(supervised_run(&supervised, daemon_path, OTHER_USER, "--sandbox=strict"),
		  EXIT_NO_SANDBOX);
	EXPECT(strstr(supervised.text, "cannot make namespaces of its own: No space left"));
	EXPECT(strstr(supervised.text, "--sandbox=no-namespaces"));
	supervised_start(&supervised, daemon_path, OTHER_USER, "--sandbox=no-namespaces");
	EXPECT(log_wait(&supervised, "only the filter of system calls", LOG_MS));
	picture_of_other_client();
	kill(supervised.pid, SIGTERM);
	EXPECT_EQ(supervised_wait(&supervised, 5000), 0);
}

static int count, failed;

static void result(bool good, const char *who, const char *name)
{
	failed += !good;
	printf("%sok %d - %s: %s\n", good ? "" : "not ", ++count, who, name);
	fflush(stdout);
}

static bool run(void (*function)(void))
{
	pid_t pid;
	int status;

	fflush(NULL);
	pid = fork();
	if (!pid) {
		alarm(TIMEOUT_S);
		set_param("deadline_ms", DEADLINE_MS);
		log_skip(&supervised);
		function();
		exit(0);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return false;
	if (WIFSIGNALED(status))
		fprintf(stderr, "killed by %s\n", strsignal(WTERMSIG(status)));
	log_skip(&supervised);
	return WIFEXITED(status) && !WEXITSTATUS(status);
}

/* All topics with one daemon, which runs as user @uid. */
static void run_topics(const struct test *const *topics, const char *who, uid_t uid,
		       const char *only)
{
	EXPECT_EQ(chown(DAEDALUS_CONTROL_DEVICE, uid, uid), 0);
	daemon_uid = uid;
	supervised_start(&supervised, daemon_path, uid, NULL);
	for (; *topics; topics++) {
		const struct test *test;

		for (test = *topics; test->name; test++) {
			if (only && !strstr(test->name, only))
				continue;
			fprintf(stderr, "== %s: %s\n", who, test->name);
			result(run(test->run), who, test->name);
		}
	}
	kill(supervised.pid, SIGTERM);
	supervised_wait(&supervised, 5000);
	result(wait_for_nodes(false, 20000), who, "the nodes go");
}

static void write_text(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	EXPECT(file && fputs(text, file) >= 0);
	EXPECT_EQ(fclose(file), 0);
}

int main(int argc, char **argv)
{
	static const struct test *const as_root[] = {
		process_tests, limit_tests, session_tests, last_tests, NULL,
	};
	static const struct test *const as_user[] = { user_tests, NULL };
	const char *only = argc > 2 ? argv[2] : NULL;

	if (argc > 1 && !strcmp(argv[1], "--layout")) {
		print_layout();
		return 0;
	}
	if (argc < 2) {
		fprintf(stderr, "usage: sandbox-tests DAEDALUSD_HIJACKED [PART_OF_A_NAME]\n");
		return 2;
	}
	daemon_path = argv[1];
	set_param("grace_ms", 300);
	set_param("deadline_ms", DEADLINE_MS);
	run_topics(as_root, "root", 0, only);
	run_topics(as_user, "user", OTHER_USER, only);
	write_text(USER_NAMESPACES, "0");
	result(run(test_refusal), "user", "no user namespaces");
	write_text(USER_NAMESPACES, "1000");
	set_param("deadline_ms", 900);
	printf("1..%d\n", count);
	return failed ? 1 : 0;
}
