// SPDX-License-Identifier: LGPL-2.1-or-later
/* What a worker is, seen from outside, and how it ends. */
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include "hijacked.h"

static void test_picture(void)
{
	picture_of_other_client();
}

static void proc_text(pid_t pid, const char *name, char *text, size_t size)
{
	char path[64];
	ssize_t got;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
	fd = open(path, O_RDONLY);
	EXPECT(fd >= 0);
	got = read(fd, text, size - 1);
	EXPECT(got >= 0);
	text[got] = '\0';
	close(fd);
}

static void proc_link(pid_t pid, const char *name, char *text, size_t size)
{
	char path[64];
	ssize_t got;

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
	got = readlink(path, text, size - 1);
	if (got < 0)
		FAIL("%s: %s", path, strerror(errno));
	text[got] = '\0';
}

static void expect_status(pid_t pid, const char *line)
{
	char text[8192];

	proc_text(pid, "status", text, sizeof(text));
	if (!strstr(text, line))
		FAIL("the status of the worker has no \"%s\": %s", line, text);
}

static unsigned int entries(pid_t pid, const char *name)
{
	char path[64];
	unsigned int count = 0;
	struct dirent *entry;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
	dir = opendir(path);
	EXPECT(dir);
	while ((entry = readdir(dir)))
		count += strcmp(entry->d_name, ".") && strcmp(entry->d_name, "..");
	closedir(dir);
	return count;
}

static void expect_own_files(pid_t worker)
{
	char text[256], other[256], name[16];
	unsigned int i;

	proc_link(worker, "fd/0", text, sizeof(text));
	EXPECT(!strcmp(text, "/dev/null"));
	proc_link(worker, "fd/1", text, sizeof(text));
	proc_link(worker, "fd/2", other, sizeof(other));
	EXPECT(!strncmp(text, "pipe:", 5) && !strcmp(text, other));
	proc_link(supervised.pid, "fd/2", other, sizeof(other));
	EXPECT(strcmp(text, other));
	proc_link(worker, "fd/3", text, sizeof(text));
	EXPECT(strstr(text, "daedalus-session"));
	for (i = 4; i < entries(worker, "fd"); i++) {
		snprintf(name, sizeof(name), "fd/%u", i);
		proc_link(worker, name, text, sizeof(text));
		if (!strstr(text, "dmabuf"))
			FAIL("descriptor %u of the worker is %s", i, text);
	}
}

static void test_outside(void)
{
	static const char *const namespaces[] = { "ns/mnt", "ns/net", "ns/ipc" };
	char text[256], other[256];
	struct client c;
	pid_t worker = start_stream(&c);
	unsigned int uid;
	size_t i;

	proc_text(worker, "status", text, sizeof(text));
	for (i = 0; i < sizeof(namespaces) / sizeof(namespaces[0]); i++) {
		proc_link(worker, namespaces[i], text, sizeof(text));
		proc_link(supervised.pid, namespaces[i], other, sizeof(other));
		EXPECT(strcmp(text, other));
	}
	expect_own_files(worker);
	EXPECT_EQ(entries(worker, "root"), 0);
	expect_status(worker, "CapInh:\t0000000000000000\nCapPrm:\t0000000000000000\n"
			      "CapEff:\t0000000000000000\nCapBnd:\t0000000000000000\n"
			      "CapAmb:\t0000000000000000\n");
	expect_status(worker, "NoNewPrivs:\t1\nSeccomp:\t2\n");
	if (daemon_uid) {
		snprintf(text, sizeof(text), "Uid:\t%d\t%d\t%d\t%d\n", OTHER_USER, OTHER_USER,
			 OTHER_USER, OTHER_USER);
		expect_status(worker, text);
		proc_link(worker, "ns/user", text, sizeof(text));
		proc_link(supervised.pid, "ns/user", other, sizeof(other));
		EXPECT(strcmp(text, other));
	} else {
		char status[8192];

		expect_status(worker, "Groups:\t \n");
		proc_text(worker, "status", status, sizeof(status));
		EXPECT_EQ(sscanf(strstr(status, "Uid:"), "Uid:\t%u", &uid), 1);
		EXPECT_EQ(uid >> 16, 0x70da);
	}
	proc_text(worker, "oom_score_adj", text, sizeof(text));
	EXPECT_EQ(atoi(text), 500);
	close_client(&c);
	EXPECT(process_gone(worker, SLACK_MS));
}

/**
 * struct layout - addresses in a process
 * @at:		its code, that of libc, its stack
 */
struct layout {
	unsigned long at[3];
};

static struct layout *layouts;	/* shared with other clients */

static void tell_layout(void)
{
	struct client c;
	const char *rest;

	setup_client(&c, 1);
	order(&c, 0, ATTACK_TELL_LAYOUT);
	rest = log_wait(&supervised, ": layout ", LOG_MS);
	EXPECT(rest && sscanf(rest, "0x%lx 0x%lx 0x%lx", &layouts->at[0], &layouts->at[1],
			      &layouts->at[2]) == 3);
	EXPECT(!finish(&c, 0, DEADLINE_MS + SLACK_MS));
	close_client(&c);
}

void print_layout(void)
{
	int local;

	printf("%p %p %p\n", (void *)(uintptr_t)print_layout, (void *)(uintptr_t)printf,
	       (void *)&local);
}

static struct layout layout_of_new_program(void)
{
	char self[256], command[300];
	struct layout layout;
	FILE *out;

	proc_link(getpid(), "exe", self, sizeof(self));
	snprintf(command, sizeof(command), "%s --layout", self);
	out = popen(command, "r");
	EXPECT(out);
	EXPECT_EQ(fscanf(out, "0x%lx 0x%lx 0x%lx", &layout.at[0], &layout.at[1], &layout.at[2]), 3);
	pclose(out);
	return layout;
}

/* Does this kernel place address @i at random? User-mode Linux moves only the stack. */
static bool is_random(int i)
{
	return layout_of_new_program().at[i] != layout_of_new_program().at[i];
}

static void test_layout(void)
{
	struct layout before, same, after;
	int i, changed = 0;

	layouts = mmap(NULL, sizeof(*layouts), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		       -1, 0);
	EXPECT(layouts != MAP_FAILED);
	as_other_client(tell_layout);
	before = *layouts;
	as_other_client(tell_layout);
	same = *layouts;
	as_other_client(crash_of_other_client);
	as_other_client(tell_layout);
	after = *layouts;
	for (i = 0; i < 3; i++) {
		/* What the test is about: workers are forks. */
		EXPECT_EQ(same.at[i], before.at[i]);
		if (!is_random(i))
			continue;
		changed++;
		EXPECT(after.at[i] != before.at[i]);
	}
	EXPECT(changed);
}

static void test_others_go_on(void)
{
	struct client c;
	pid_t worker = start_stream(&c);
	int i;

	as_other_client(crash_of_other_client);
	for (i = 0; i < 5; i++) {
		order(&c, i % 2, ATTACK_NONE);
		EXPECT(!finish(&c, i % 2, DEADLINE_MS + SLACK_MS));
	}
	/* The same worker, and the supervisor still knows it. */
	EXPECT_EQ(kill(worker, 0), 0);
	close_client(&c);
	EXPECT(process_gone(worker, SLACK_MS));
}

static void test_forbidden(void)
{
	struct client c;
	uint64_t start;

	start_stream(&c);
	start = now_ms();
	order(&c, 0, ATTACK_FORBIDDEN);
	EXPECT(log_wait(&supervised, "died of SIGSYS, a system call that its sandbox forbids",
			LOG_MS));
	/* At once, not at the deadline. */
	EXPECT(finish(&c, 0, DEADLINE_MS));
	EXPECT(now_ms() - start < DEADLINE_MS / 2);
	/* The next picture comes from another worker. */
	order(&c, 1, ATTACK_NONE);
	EXPECT(!finish(&c, 1, DEADLINE_MS + SLACK_MS));
	close_client(&c);
}

static void test_crash_loop(void)
{
	struct client c;
	uint64_t start;
	int i;

	setup_client(&c, 1);
	for (i = 0; i < 5; i++) {
		order(&c, 0, ATTACK_CRASH);
		EXPECT(finish(&c, 0, DEADLINE_MS + SLACK_MS));
		EXPECT(log_wait(&supervised, "died of SIGSEGV", LOG_MS));
	}
	for (i = 0; i < 3; i++) {
		start = now_ms();
		order(&c, 0, ATTACK_CRASH);
		EXPECT(finish(&c, 0, DEADLINE_MS));
		EXPECT(now_ms() - start < DEADLINE_MS / 2);
	}
	log_skip(&supervised);
	EXPECT_EQ(log_count(&supervised, "workers of process", 0), 1);
	/* Another client is not punished. */
	as_other_client(picture_of_other_client);
	close_client(&c);
}

static void expect_end_after(enum attack number, const char *said)
{
	struct client c;
	uint64_t start;
	pid_t worker;

	set_param("deadline_ms", SHORT_DEADLINE_MS);
	worker = start_stream(&c);
	order(&c, 0, number);
	EXPECT(finish(&c, 0, SHORT_DEADLINE_MS + SLACK_MS));
	EXPECT_EQ(kill(worker, 0), 0);
	start = now_ms();
	close_client(&c);
	EXPECT(now_ms() - start < SLACK_MS);
	EXPECT(process_gone(worker, END_MS + SLACK_MS));
	EXPECT(log_wait(&supervised, said, LOG_MS));
}

static void test_hang(void)
{
	expect_end_after(ATTACK_HANG, "after the end of its stream; killing it");
}

static void test_close_and_hang(void)
{
	expect_end_after(ATTACK_CLOSE_AND_HANG, "after the end of its stream; killing it");
}

static void test_supervisor_killed(void)
{
	struct client c;
	pid_t worker = start_stream(&c);

	order(&c, 0, ATTACK_HANG);
	usleep(200000);
	kill(supervised.pid, SIGKILL);
	EXPECT(process_gone(worker, SLACK_MS));
	EXPECT(finish(&c, 0, DEADLINE_MS + SLACK_MS));
	close_client(&c);
}

static void test_stop(void)
{
	struct client c;
	pid_t worker = start_stream(&c);
	uint64_t start;

	order(&c, 0, ATTACK_HANG);
	usleep(200000);
	start = now_ms();
	kill(supervised.pid, SIGTERM);
	EXPECT(process_gone(supervised.pid, 1000 + SLACK_MS));
	EXPECT(process_gone(worker, 0));
	fprintf(stderr, "stopped after %d ms\n", (int)(now_ms() - start));
	close_client(&c);
}

const struct test process_tests[] = {
	{ "a picture", test_picture },
	{ "what a worker has, seen from outside", test_outside },
	{ "another layout after a crash", test_layout },
	{ "other streams go on after a crash", test_others_go_on },
	{ "a forbidden system call", test_forbidden },
	{ "a client whose workers crash again and again", test_crash_loop },
	{ "a hung worker ends with its stream", test_hang },
	{ "a hung worker without descriptors ends with its stream", test_close_and_hang },
	{ 0 }
};

const struct test user_tests[] = {
	{ "a picture", test_picture },
	{ "what a worker has, seen from outside", test_outside },
	{ "another layout after a crash", test_layout },
	{ "a hung worker ends with its stream", test_hang },
	{ "the supervisor dies while a worker hangs", test_supervisor_killed },
	{ 0 }
};

const struct test last_tests[] = {
	{ "the supervisor stops while a worker hangs", test_stop },
	{ 0 }
};
