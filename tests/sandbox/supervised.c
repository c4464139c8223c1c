// SPDX-License-Identifier: LGPL-2.1-or-later
#include "supervised.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "harness.h"

#define MEMORY_MIB	"256"

static void spawn(struct supervised *daemon, const char *path, uid_t uid, const char *option)
{
	int fds[2];

	memset(daemon, 0, sizeof(*daemon));
	EXPECT_EQ(pipe2(fds, O_CLOEXEC), 0);
	daemon->pid = fork();
	EXPECT(daemon->pid >= 0);
	if (!daemon->pid) {
		dup2(fds[1], STDERR_FILENO);
		dup2(fds[1], STDOUT_FILENO);
		if (uid && (setresgid(uid, uid, uid) || setresuid(uid, uid, uid)))
			_exit(126);
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		execl(path, path, "--worker-memory", MEMORY_MIB, "--threads", "2", option, NULL);
		_exit(127);
	}
	close(fds[1]);
	fcntl(fds[0], F_SETFL, O_NONBLOCK);
	daemon->log = fds[0];
}

void supervised_start(struct supervised *daemon, const char *path, uid_t uid, const char *option)
{
	spawn(daemon, path, uid, option);
	if (!wait_for_nodes(true, 20000)) {
		log_skip(daemon);
		FAIL("the daemon does not start: %s", daemon->text);
	}
}

int supervised_run(struct supervised *daemon, const char *path, uid_t uid, const char *option)
{
	int status;

	spawn(daemon, path, uid, option);
	status = supervised_wait(daemon, 10000);
	log_skip(daemon);
	return status;
}

int supervised_wait(struct supervised *daemon, int ms)
{
	uint64_t end = now_ms() + ms;
	int status;

	while (waitpid(daemon->pid, &status, WNOHANG) != daemon->pid) {
		if (now_ms() > end)
			return -1;
		usleep(2000);
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void log_read(struct supervised *daemon)
{
	ssize_t got;

	/* Half of it is enough for the longest test. */
	if (daemon->seen > sizeof(daemon->text) / 2) {
		daemon->used -= daemon->seen;
		memmove(daemon->text, daemon->text + daemon->seen, daemon->used);
		daemon->seen = 0;
	}
	while (daemon->used < sizeof(daemon->text) - 1) {
		got = read(daemon->log, daemon->text + daemon->used,
			   sizeof(daemon->text) - 1 - daemon->used);
		if (got <= 0)
			break;
		(void)!write(STDERR_FILENO, daemon->text + daemon->used, (size_t)got);
		daemon->used += (size_t)got;
	}
	daemon->text[daemon->used] = '\0';
}

const char *log_wait(struct supervised *daemon, const char *text, int ms)
{
	static char rest[512];
	uint64_t end = now_ms() + ms;

	for (;;) {
		struct pollfd pollfd = { .fd = daemon->log, .events = POLLIN };
		char *found, *line_end;

		log_read(daemon);
		found = strstr(daemon->text + daemon->seen, text);
		line_end = found ? strchr(found, '\n') : NULL;
		if (line_end) {
			found += strlen(text);
			snprintf(rest, sizeof(rest), "%.*s", (int)(line_end - found), found);
			daemon->seen = (size_t)(line_end + 1 - daemon->text);
			return rest;
		}
		if (now_ms() > end)
			return NULL;
		poll(&pollfd, 1, 20);
	}
}

void log_skip(struct supervised *daemon)
{
	log_read(daemon);
	daemon->seen = daemon->used;
}

unsigned int log_count(struct supervised *daemon, const char *text, size_t from)
{
	const char *at = daemon->text + from;
	unsigned int count = 0;

	log_read(daemon);
	while ((at = strstr(at, text))) {
		count++;
		at += strlen(text);
	}
	return count;
}

bool process_gone(pid_t pid, int ms)
{
	uint64_t end = now_ms() + ms;
	char path[64], state;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	for (;;) {
		FILE *file = fopen(path, "r");
		bool gone = !file || fscanf(file, "%*d (%*[^)]) %c", &state) != 1 || state == 'Z';

		if (file)
			fclose(file);
		if (gone || now_ms() > end)
			return gone;
		usleep(5000);
	}
}
