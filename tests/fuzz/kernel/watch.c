// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "harness.h"
#include "watch.h"

#define TICK_MS		5
/* A longer gap between two looks means that this machine stood still, not the kernel. */
#define GAP_MS		20
#define IDLE_MS		5000

/* Kernel messages that mean a bug; as KERNEL_ALARMS in tests/vm/guest.sh. */
static const char * const alarms[] = {
	"WARNING:", "BUG:", "Oops", "kernel BUG at", "Call Trace:", "blocked for more than",
	"lockdep", "possible ", "suspicious RCU", "KASAN", "UBSAN", "refcount_t",
	"general protection", "nable to handle kernel", "DMA-API", "sleeping function",
	"scheduling while atomic", " corruption", "ad page", "Segfault with no mm",
	"held lock freed", "Out of memory",
};

void watch_init(struct watch *watch, unsigned int deadline_ms, unsigned int slow)
{
	memset(watch, 0, sizeof(*watch));
	watch->slow = slow;
	watch->limit_ms = (deadline_ms + 100) * slow;
	watch->kmsg = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (watch->kmsg < 0 || lseek(watch->kmsg, 0, SEEK_END) < 0) {
		perror("/dev/kmsg");
		exit(2);
	}
}

static void print_file(const char *title, const char *path)
{
	char text[2048];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t size = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

	if (size > 0)
		fprintf(stderr, "%s:\n%.*s", title, (int)size, text);
	close(fd);
}

/* Where in the kernel the thread is. */
static void print_stack(const struct actor *actor)
{
	char path[64], title[64];

	snprintf(title, sizeof(title), "kernel stack of thread %d", actor->tid);
	snprintf(path, sizeof(path), "/proc/%d/task/%d/stack", actor->pid, actor->tid);
	print_file(title, path);
}

bool watch_fail(struct watch *watch, const char *format, ...)
{
	va_list args;

	fprintf(stderr, "FAILED in %s: ", watch->label);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	for (unsigned int i = 0; i < trace->num_actors && i < TRACE_ACTORS; i++)
		if (trace->actors[i].step & 1)
			print_stack(&trace->actors[i]);
	trace_print();
	return false;
}

void watch_start(struct watch *watch, unsigned int kill_ms, void (*run)(void *data), void *data)
{
	struct watch_child *child = &watch->children[watch->num_children++];

	fflush(NULL);
	*child = (struct watch_child) { .kill_ms = kill_ms };
	child->pid = fork();
	if (!child->pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(watch->kmsg);
		run(data);
		_exit(0);
	}
	if (child->pid < 0) {
		perror("fork");
		exit(2);
	}
}

bool watch_kernel(struct watch *watch)
{
	char text[4096];
	ssize_t size;

	for (;;) {
		size = read(watch->kmsg, text, sizeof(text) - 1);
		if (size < 0 && errno == EPIPE)
			continue;
		if (size <= 0)
			return true;
		text[size] = 0;
		for (size_t i = 0; i < sizeof(alarms) / sizeof(alarms[0]); i++)
			if (strstr(text, alarms[i]))
				return watch_fail(watch, "the kernel said: %s",
						  strchr(text, ';') + 1);
	}
}

/* Is the thread runnable, and not asleep? */
static bool runnable(const struct actor *actor)
{
	char path[64], text[256] = "", *state;
	ssize_t size;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/stat", actor->pid, actor->tid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	size = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	close(fd);
	state = size > 0 ? strrchr(text, ')') : NULL;
	return state && state[1] && state[2] == 'R';
}

/* No call may take too long; @ms have passed since the last look. */
static bool check_calls(struct watch *watch, unsigned int ms)
{
	for (unsigned int i = 0; i < trace->num_actors && i < TRACE_ACTORS; i++) {
		struct actor *actor = &trace->actors[i];
		unsigned int step = actor->step;

		if (!(step & 1) || step != watch->seen[i].step || actor->patient) {
			watch->seen[i].step = step;
			watch->seen[i].ms = 0;
			continue;
		}
		/* A thread that can run, but does not, waits for a busy machine. */
		watch->seen[i].ms += runnable(actor) ? (ms + 9) / 10 : ms;
		if (watch->seen[i].ms > watch->limit_ms) {
			const struct trace_op *op =
				&actor->ops[(actor->total - 1) % TRACE_OPS];

			return watch_fail(watch,
					  "%s (%s) of %s, thread %d, took more than %u ms",
					  op->name, op->detail, actor->role, actor->tid,
					  watch->limit_ms);
		}
	}
	return true;
}

static bool judge_end(struct watch *watch, const struct watch_child *child, int status)
{
	if (child->killed && WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL)
		return true;
	for (unsigned int i = 0; i < trace->num_actors && i < TRACE_ACTORS; i++)
		if (trace->actors[i].pid == child->pid && trace->actors[i].wrong[0])
			return watch_fail(watch, "%s, thread %d: %s", trace->actors[i].role,
					  trace->actors[i].tid, trace->actors[i].wrong);
	if (WIFSIGNALED(status))
		return watch_fail(watch, "process %d died of %s", child->pid,
				  strsignal(WTERMSIG(status)));
	if (WEXITSTATUS(status) && WEXITSTATUS(status) == watch->late_status)
		watch->late = true;
	else if (WEXITSTATUS(status))
		return watch_fail(watch, "process %d ended with status %d", child->pid,
				  WEXITSTATUS(status));
	return true;
}

/* The actors of a dead process are in no call any more. */
static void forget(pid_t pid)
{
	for (unsigned int i = 0; i < trace->num_actors && i < TRACE_ACTORS; i++)
		if (trace->actors[i].pid == pid)
			trace->actors[i].patient = true;
}

/* Kill what is due at @now_ms, reap what is dead. Return: false if one ended badly. */
static bool care(struct watch *watch, unsigned int now, unsigned int end, unsigned int *alive)
{
	*alive = 0;
	for (unsigned int i = 0; i < watch->num_children; i++) {
		struct watch_child *child = &watch->children[i];
		unsigned int due = child->kill_ms ? child->kill_ms : end;
		int status;

		if (!child->pid)
			continue;
		if (!child->killed && now >= due) {
			child->killed = true;
			child->kill_ms = now;
			kill(child->pid, SIGKILL);
		}
		if (waitpid(child->pid, &status, WNOHANG) == child->pid) {
			forget(child->pid);
			if (!judge_end(watch, child, status))
				return false;
			child->pid = 0;
			continue;
		}
		if (child->killed && now > child->kill_ms + watch->limit_ms)
			return watch_fail(watch, "process %d is not dead %u ms after SIGKILL",
					  child->pid, watch->limit_ms);
		++*alive;
	}
	return true;
}

bool watch_run(struct watch *watch, unsigned int ms)
{
	uint64_t last = now_ms();
	unsigned int passed = 0, alive;
	bool good = true;

	memset(watch->seen, 0, sizeof(watch->seen));
	do {
		uint64_t now;
		unsigned int gap;

		usleep(TICK_MS * 1000);
		now = now_ms();
		gap = now - last > GAP_MS ? GAP_MS : now - last;
		last = now;
		passed += gap;
		good = care(watch, passed, ms, &alive) && check_calls(watch, gap) &&
		       watch_kernel(watch);
	} while (good && alive);

	for (unsigned int i = 0; i < watch->num_children; i++)
		if (watch->children[i].pid)
			kill(watch->children[i].pid, SIGKILL);
	watch->num_children = 0;
	return good;
}

bool watch_idle(struct watch *watch)
{
	static const char * const names[] = {
		"contexts", "sessions", "jobs", "buffers", "requests", "streams",
	};
	uint64_t end = now_ms() + IDLE_MS * watch->slow;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		while (stat_value(names[i]) && now_ms() < end)
			usleep(5000);
		if (stat_value(names[i]))
			return watch_fail(watch, "%ld %s are left", stat_value(names[i]),
					  names[i]);
	}
	return watch_kernel(watch);
}
