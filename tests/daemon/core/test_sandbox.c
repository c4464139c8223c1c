// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * What a process in the sandbox can do. Each attempt runs in a process of its own that
 * enters the sandbox first. Runs as root, whose workers get user ids of their own, and as
 * another user, whose workers get user namespaces.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/dma-buf.h>
#include <linux/capability.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/sandbox.h"
#include "daedalus_v4l2_proto.h"

#define OTHER_USER	12345	/* supervisor without privileges */
#define MEMORY		(UINT64_C(256) << 20)
#define SECONDS		20	/* of one attempt */

static int count, failures;
static pid_t parent;		/* of the process that makes an attempt */

static void result(bool good, const char *layer, const char *name)
{
	printf("%sok %d - %s: %s\n", good ? "" : "not ", ++count, layer, name);
	failures += !good;
	fflush(stdout);
}

/* Return: -errno or what a system call returned. */
static long call(long number, long a, long b, long c, long d, long e, long f)
{
	long ret = syscall(number, a, b, c, d, e, f);

	return ret < 0 ? -errno : ret;
}

#define CALL1(name, a)			call(SYS_##name, (long)(a), 0, 0, 0, 0, 0)
#define CALL2(name, a, b)		call(SYS_##name, (long)(a), (long)(b), 0, 0, 0, 0)
#define CALL3(name, a, b, c)		call(SYS_##name, (long)(a), (long)(b), (long)(c), 0, 0, 0)
#define CALL4(name, a, b, c, d)		\
	call(SYS_##name, (long)(a), (long)(b), (long)(c), (long)(d), 0, 0)
#define CALL6(name, a, b, c, d, e, f)	\
	call(SYS_##name, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), (long)(f))

#define HIGH_BIT	(1L << 32)	/* the kernel ignores it in a descriptor or command */
#define RW		(PROT_READ | PROT_WRITE)
#define ANON		(MAP_PRIVATE | MAP_ANONYMOUS)

static char scratch[8192] __attribute__((aligned(4096)));

/* Outcomes of an attempt besides -errno. */
#define KILLED		1000000L	/* by SIGSYS */
#define WORKS		0L		/* any value >= 0 */

/**
 * struct attempt - something that a hijacked worker may try
 * @name:	what
 * @make:	makes it; returns -errno or what the call returned
 * @outcome:	KILLED, WORKS or -errno
 */
struct attempt {
	const char *name;
	long (*make)(void);
	long outcome;
};

#define ATTEMPT(function, expression) static long function(void) { return (expression); }

ATTEMPT(read_file, CALL4(openat, AT_FDCWD, "/etc/passwd", O_RDONLY, 0))
ATTEMPT(write_file, CALL4(openat, AT_FDCWD, "/tmp/x", O_WRONLY | O_CREAT, 0600))
ATTEMPT(own_memory, CALL4(openat, AT_FDCWD, "/proc/self/mem", O_RDWR, 0))
ATTEMPT(device, CALL4(openat, AT_FDCWD, DAEDALUS_CONTROL_DEVICE, O_RDWR, 0))
ATTEMPT(from_fd, CALL4(openat, SANDBOX_SESSION_FD, "", O_RDONLY, 0))
ATTEMPT(fork_process, CALL6(clone, SIGCHLD, 0, 0, 0, 0, 0))
ATTEMPT(share_memory_process, CALL6(clone, CLONE_VM | CLONE_VFORK | SIGCHLD, 0, 0, 0, 0, 0))
ATTEMPT(clone_namespace, CALL6(clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0, 0))
ATTEMPT(clone_parent, CALL6(clone, CLONE_PARENT | SIGCHLD, 0, 0, 0, 0, 0))
ATTEMPT(clone_untraced, CALL6(clone, CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND |
			      CLONE_THREAD | CLONE_UNTRACED, 0, 0, 0, 0, 0))
ATTEMPT(new_clone, CALL2(clone3, scratch, 64))
ATTEMPT(execute, CALL3(execve, "/bin/sh", 0, 0))
ATTEMPT(execute_fd, call(SYS_execveat, 0, (long)"", 0, 0, 0x1000, 0))
ATTEMPT(trace_parent, CALL4(ptrace, PTRACE_ATTACH, parent, 0, 0))
ATTEMPT(trace_me, CALL4(ptrace, PTRACE_TRACEME, 0, 0, 0))
ATTEMPT(pidfd, CALL2(pidfd_open, parent, 0))
ATTEMPT(steal_fd, CALL3(pidfd_getfd, 0, 0, 0))
ATTEMPT(read_parent, CALL6(process_vm_readv, parent, scratch, 1, scratch, 1, 0))
ATTEMPT(write_parent, CALL6(process_vm_writev, parent, scratch, 1, scratch, 1, 0))
ATTEMPT(kill_parent, CALL2(kill, parent, SIGTERM))
ATTEMPT(kill_all, CALL2(kill, -1, SIGTERM))
ATTEMPT(kill_itself, CALL2(kill, CALL1(getpid, 0), 0))
ATTEMPT(thread_kill_parent, CALL3(tgkill, parent, parent, SIGTERM))
ATTEMPT(thread_kill_own, CALL3(tgkill, CALL1(getpid, 0), CALL1(gettid, 0), 0))
ATTEMPT(queue_signal, CALL3(rt_sigqueueinfo, parent, SIGTERM, scratch))
ATTEMPT(map_exec, CALL6(mmap, 0, 4096, PROT_READ | PROT_EXEC, ANON, -1, 0))
ATTEMPT(map_all, CALL6(mmap, 0, 4096, RW | PROT_EXEC, ANON, -1, 0))
ATTEMPT(map_exec_high, CALL6(mmap, 0, 4096, RW | PROT_EXEC | HIGH_BIT, ANON, -1, 0))
ATTEMPT(map_plain, CALL6(mmap, 0, 4096, RW, ANON, -1, 0) < 0 ? -1 : 0)
ATTEMPT(protect_exec, CALL3(mprotect, scratch, 4096, PROT_READ | PROT_EXEC))
ATTEMPT(protect_plain, CALL3(mprotect, scratch, 4096, PROT_READ | PROT_WRITE))
ATTEMPT(protect_key, CALL4(pkey_mprotect, scratch, 4096, PROT_READ | PROT_EXEC, -1))
ATTEMPT(memory_file, CALL2(memfd_create, "x", 0))
ATTEMPT(command_terminal, CALL3(ioctl, 0, 0x5412, "x"))
ATTEMPT(get_buffer, CALL3(ioctl, SANDBOX_SESSION_FD, DAEDALUS_IOC_GET_BUFFER, scratch))
ATTEMPT(get_buffer_high, CALL3(ioctl, SANDBOX_SESSION_FD | HIGH_BIT,
			       DAEDALUS_IOC_GET_BUFFER | HIGH_BIT, scratch))
ATTEMPT(get_buffer_elsewhere, CALL3(ioctl, 0, DAEDALUS_IOC_GET_BUFFER, scratch))
ATTEMPT(hello, CALL3(ioctl, SANDBOX_SESSION_FD, DAEDALUS_IOC_HELLO, scratch))
ATTEMPT(open_session, CALL3(ioctl, SANDBOX_SESSION_FD, DAEDALUS_IOC_OPEN_SESSION, scratch))
ATTEMPT(async_session, CALL3(ioctl, SANDBOX_SESSION_FD, 0x5452, scratch))
ATTEMPT(sync_buffer, CALL3(ioctl, 0, DMA_BUF_IOCTL_SYNC, scratch))
ATTEMPT(name_buffer, CALL3(ioctl, 0, DMA_BUF_SET_NAME, "x"))
ATTEMPT(thread_name, CALL2(prctl, PR_SET_NAME, "x"))
ATTEMPT(dumpable, CALL2(prctl, PR_SET_DUMPABLE, 1))
ATTEMPT(outlive, CALL2(prctl, PR_SET_PDEATHSIG, 0))
ATTEMPT(capability, CALL4(prctl, PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_SYS_ADMIN, 0))
ATTEMPT(other_filter, CALL3(prctl, PR_SET_SECCOMP, 0, 0))
ATTEMPT(name_high, CALL2(prctl, PR_SET_NAME | HIGH_BIT, "x"))

static void *do_nothing(void *data)
{
	return data;
}

static void *wait_forever(void *data)
{
	pause();
	return data;
}

static long make_thread(void)
{
	pthread_t thread;
	int ret = pthread_create(&thread, NULL, do_nothing, NULL);

	return ret ? -ret : -pthread_join(thread, NULL);
}

static long allocate(void)
{
	size_t size = 32 << 20;
	char *memory = malloc(size);

	if (!memory)
		return -ENOMEM;
	memset(memory, 1, size);
	free(memory);
	return 0;
}

#ifdef __x86_64__
ATTEMPT(old_open, CALL2(open, "/etc/passwd", O_RDONLY))
ATTEMPT(x32, call(SYS_getpid | 0x40000000, 0, 0, 0, 0, 0, 0))
ATTEMPT(fork_call, CALL1(fork, 0))
ATTEMPT(vfork_call, CALL1(vfork, 0))

/* getpid of 32-bit programs; under User-mode Linux it is writev of 64-bit ones. */
static long call_32(void)
{
	long ret = 20;

	__asm__ volatile("int $0x80" : "+a"(ret) : "b"(0L), "c"(0L), "d"(0L) : "memory", "r8", "r9",
			 "r10", "r11");
	return ret;
}
#endif

static const struct attempt filtered[] = {
	{ "read a file", read_file, -EACCES },
	{ "write a file", write_file, -EACCES },
	{ "write to its code through /proc/self/mem", own_memory, -EACCES },
	{ "open the control device", device, -EACCES },
	{ "open by a descriptor", from_fd, -EACCES },
	{ "fork", fork_process, KILLED },
	{ "vfork by clone", share_memory_process, KILLED },
	{ "clone into a user namespace", clone_namespace, KILLED },
	{ "clone a sibling", clone_parent, KILLED },
	{ "clone a thread with other flags", clone_untraced, KILLED },
	{ "clone3", new_clone, -ENOSYS },
	{ "start a thread", make_thread, WORKS },
	{ "execve", execute, KILLED },
	{ "execveat of a descriptor", execute_fd, KILLED },
	{ "ptrace the supervisor", trace_parent, KILLED },
	{ "ptrace itself", trace_me, KILLED },
	{ "pidfd of the supervisor", pidfd, KILLED },
	{ "pidfd_getfd", steal_fd, KILLED },
	{ "read the supervisor's memory", read_parent, KILLED },
	{ "write to the supervisor's memory", write_parent, KILLED },
	{ "signal to the supervisor", kill_parent, KILLED },
	{ "signal to everybody", kill_all, KILLED },
	{ "signal to itself by kill", kill_itself, KILLED },
	{ "tgkill of the supervisor", thread_kill_parent, KILLED },
	{ "tgkill of itself", thread_kill_own, WORKS },
	{ "rt_sigqueueinfo", queue_signal, KILLED },
	{ "mmap PROT_EXEC", map_exec, KILLED },
	{ "mmap PROT_WRITE and PROT_EXEC", map_all, KILLED },
	{ "mmap PROT_EXEC beside a high bit", map_exec_high, KILLED },
	{ "mmap of memory", map_plain, WORKS },
	{ "mprotect PROT_EXEC", protect_exec, KILLED },
	{ "mprotect of memory", protect_plain, WORKS },
	{ "pkey_mprotect", protect_key, KILLED },
	{ "memfd_create", memory_file, KILLED },
	{ "ioctl of a terminal", command_terminal, KILLED },
	{ "GET_BUFFER on the session", get_buffer, -ENOTTY },
	{ "GET_BUFFER with high bits", get_buffer_high, -ENOTTY },
	{ "GET_BUFFER on another descriptor", get_buffer_elsewhere, KILLED },
	{ "HELLO", hello, KILLED },
	{ "OPEN_SESSION", open_session, KILLED },
	{ "FIOASYNC on the session", async_session, KILLED },
	{ "DMA_BUF_IOCTL_SYNC on what is no dma-buf", sync_buffer, -ENOTTY },
	{ "DMA_BUF_SET_NAME", name_buffer, KILLED },
	{ "name of a thread", thread_name, WORKS },
	{ "name of a thread with a high bit", name_high, WORKS },
	{ "become dumpable", dumpable, KILLED },
	{ "outlive the supervisor", outlive, KILLED },
	{ "raise a capability", capability, KILLED },
	{ "another filter", other_filter, KILLED },
	{ "memory", allocate, WORKS },
#ifdef __x86_64__
	{ "open, not openat", old_open, KILLED },
	{ "fork, not clone", fork_call, KILLED },
	{ "vfork", vfork_call, KILLED },
	{ "a call of the x32 ABI", x32, KILLED },
	{ "a call of the 32-bit ABI", call_32, KILLED },
#endif
	{ 0 }
};

/* What the other layers stop, without the filter. */
ATTEMPT(make_folder, CALL3(mkdirat, AT_FDCWD, "/x", 0700))
ATTEMPT(mount_proc, CALL6(mount, "proc", "/", "proc", 0, 0, 0))
ATTEMPT(escape, CALL1(chroot, ".") < 0 ? -errno : 0)
ATTEMPT(above, CALL4(openat, AT_FDCWD, "/../../etc/passwd", O_RDONLY, 0))
ATTEMPT(become_root, CALL1(setuid, 0) < 0 ? -EPERM : 0)
ATTEMPT(host_name, CALL2(sethostname, "x", 1))
ATTEMPT(is_dumpable, CALL2(prctl, PR_GET_DUMPABLE, 0) ? -1 : 0)
ATTEMPT(has_new_privs, CALL4(prctl, PR_GET_NO_NEW_PRIVS, 0, 0, 0) == 1 ? 0 : -1)

static long connect_home(void)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(22),
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	/* Nothing is there, not even the loopback device; a small kernel has no AF_INET. */
	if (fd < 0)
		return errno == EAFNOSUPPORT ? -ENETUNREACH : -errno;
	return connect(fd, (struct sockaddr *)&to, sizeof(to)) < 0 ? -errno : 0;
}

static long count_tasks(void)
{
	pthread_attr_t small;
	pthread_t thread;
	int made = 0;

	/* So that threads run out before memory. */
	pthread_attr_init(&small);
	pthread_attr_setstacksize(&small, 1 << 17);
	while (made < 4096 && !pthread_create(&thread, &small, wait_forever, NULL))
		made++;
	return made < 32 || made > 64 ? -made - 100 : 0;
}

static long memory_bomb(void)
{
	size_t step = 1 << 20, total = 0;

	while (total < 2 * MEMORY && mmap(NULL, step, RW, ANON, -1, 0) != MAP_FAILED)
		total += step;
	return total < MEMORY / 2 || total > MEMORY ? -1 : 0;
}

static long descriptors(void)
{
	int fd, last = -1;

	while ((fd = dup(0)) >= 0)
		last = fd;
	return errno == EMFILE && last < 4096 ? 0 : -1;
}

static long has_capabilities(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2];

	if (syscall(SYS_capget, &header, data) < 0)
		return -errno;
	return data[0].effective | data[0].permitted | data[0].inheritable | data[1].effective |
	       data[1].permitted | data[1].inheritable | (prctl(PR_CAPBSET_READ, 0) > 0) ? -1 : 0;
}

static long trace_supervisor(void)
{
	return ptrace(PTRACE_ATTACH, parent, 0, 0) < 0 ? -errno : 0;
}

static const struct attempt confined[] = {
	{ "read a file", read_file, -ENOENT },
	{ "read a file above the root", above, -ENOENT },
	{ "write to its code through /proc/self/mem", own_memory, -ENOENT },
	{ "create a folder", make_folder, -EROFS },
	{ "mount", mount_proc, -EPERM },
	{ "chroot", escape, -EPERM },
	{ "become root", become_root, -EPERM },
	{ "change the host's name", host_name, -EPERM },
	{ "connect to this machine", connect_home, -ENETUNREACH },
	{ "ptrace the supervisor", trace_supervisor, -EPERM },
	{ "no capability", has_capabilities, WORKS },
	{ "not dumpable", is_dumpable, WORKS },
	{ "no_new_privs", has_new_privs, WORKS },
	{ "threads without end", count_tasks, WORKS },
	{ "memory without end", memory_bomb, WORKS },
	{ "descriptors without end", descriptors, WORKS },
	{ 0 }
};

typedef int (*enter_function)(const struct sandbox_params *params, struct sandbox_failure *failure);

/* The process that makes an attempt: enter, make it, write the outcome. */
static _Noreturn void run_attempt(enter_function enter, enum sandbox_level level,
				  long (*make)(void), long argument, int pipe_fd)
{
	struct sandbox_params params = {
		.level = level, .supervisor = parent, .number = 7, .memory = MEMORY,
	};
	struct sandbox_failure failure;
	char text[128];
	long ret;

	alarm(SECONDS);
	params.log_fd = dup2(pipe_fd, STDERR_FILENO);
	params.null_fd = open("/dev/null", O_RDWR);
	params.session_fd = params.null_fd;
	ret = enter(&params, &failure);
	if (ret < 0) {
		dprintf(STDERR_FILENO, "E cannot %s: %s", failure.step, strerror((int)-ret));
		_exit(1);
	}
	ret = make ? make() : call(argument, 0, 0, 0, 0, 0, 0);
	if (write(STDERR_FILENO, text, (size_t)snprintf(text, sizeof(text), "R%ld", ret)) < 0)
		_exit(1);
	_exit(0);
}

/* Return: KILLED, or -errno or what the attempt returned; -1000000: neither, as printed. */
static long outcome_of(enter_function enter, enum sandbox_level level, long (*make)(void),
		       long argument)
{
	char text[256] = "";
	ssize_t got;
	int fds[2], status = 0;
	pid_t pid;

	parent = getpid();
	if (pipe(fds) < 0)
		exit(1);
	pid = fork();
	if (!pid)
		run_attempt(enter, level, make, argument, fds[1]);
	close(fds[1]);
	got = read(fds[0], text, sizeof(text) - 1);
	waitpid(pid, &status, 0);
	close(fds[0]);
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS)
		return KILLED;
	if (got > 1 && text[0] == 'R')
		return strtol(text + 1, NULL, 10);
	if (WIFSIGNALED(status))
		printf("# it died of SIG%s\n", sigabbrev_np(WTERMSIG(status)));
	else
		printf("# it ended with status %d: %s\n", WEXITSTATUS(status), text);
	return -1000000;
}

static void run_table(const char *layer, enter_function enter, enum sandbox_level level,
		      const struct attempt *attempts)
{
	for (; attempts->name; attempts++) {
		long got = outcome_of(enter, level, attempts->make, 0);
		bool good = attempts->outcome == WORKS ? got >= 0 && got != KILLED :
							 got == attempts->outcome;

		if (!good)
			printf("# it %s %ld, expected %ld\n", got == KILLED ? "was killed" : "returned",
			       got, attempts->outcome);
		result(good, layer, attempts->name);
	}
}

/* The policy once more, written down independently: all other calls kill. */
static const long allowed_calls[] = {
	SYS_read, SYS_write, SYS_close, SYS_lseek, SYS_futex, SYS_brk, SYS_mmap, SYS_munmap,
	SYS_mremap, SYS_mprotect, SYS_madvise, SYS_rt_sigaction, SYS_rt_sigprocmask,
	SYS_rt_sigreturn, SYS_restart_syscall, SYS_clone3, SYS_getpid, SYS_gettid,
	SYS_clock_gettime, SYS_clock_getres, SYS_gettimeofday, SYS_sched_yield,
	SYS_sched_getaffinity, SYS_getrandom, SYS_rseq, SYS_set_robust_list, SYS_exit,
	SYS_exit_group, SYS_openat, SYS_ppoll,
#ifdef SYS_poll
	SYS_poll,
#endif
#ifdef SYS_time
	SYS_time,
#endif
};

static bool is_allowed(long number)
{
	size_t i;

	for (i = 0; i < sizeof(allowed_calls) / sizeof(allowed_calls[0]); i++)
		if (allowed_calls[i] == number)
			return true;
	return false;
}

/*
 * uretprobe and uprobe of x86-64 do nothing but in code that the kernel itself places:
 * SIGILL, ENXIO. Since Linux 6.14 no filter sees them.
 */
#ifdef __x86_64__
#define KERNELS_OWN(number)	((number) == 335 || (number) == 336)
#else
#define KERNELS_OWN(number)	0
#endif
#define LAST_CALL	511

static void sweep(const char *layer, enum sandbox_level level)
{
	long number, wrong = 0;

	for (number = 0; number <= LAST_CALL; number++) {
		long got;

		/* What is allowed is tried above; some do not return. */
		if (is_allowed(number) || KERNELS_OWN(number))
			continue;
		got = outcome_of(sandbox_enter, level, NULL, number);
		if (got == KILLED)
			continue;
		printf("# system call %ld returned %ld\n", number, got);
		wrong++;
	}
	result(!wrong, layer, "every other system call kills");
}

static long open_socket(void)
{
	return call(SYS_socket, scratch[0], SOCK_DGRAM, 0, 0, 0, 0);
}

static void sockets(const char *layer, enum sandbox_level level)
{
	int family, wrong = 0;

	for (family = 0; family < 46; family++) {
		scratch[0] = (char)family;
		if (outcome_of(sandbox_enter, level, open_socket, 0) != KILLED) {
			printf("# a socket of family %d does not kill\n", family);
			wrong++;
		}
	}
	result(!wrong, layer, "sockets of all 46 families");
}

static void all(const char *who, enum sandbox_level level, bool with_sweep)
{
	char layer[64];

	snprintf(layer, sizeof(layer), "%s, %s", who, sandbox_level_name(level));
	run_table(layer, sandbox_enter, level, filtered);
	if (with_sweep) {
		sockets(layer, level);
		sweep(layer, level);
	}
	if (level == SANDBOX_STRICT) {
		snprintf(layer, sizeof(layer), "%s, %s without the filter", who,
			 sandbox_level_name(level));
		run_table(layer, sandbox_confine, level, confined);
	}
}

/* As another user, in a process of its own; counts on. */
static void as_other_user(void (*run)(void))
{
	int numbers[2], fds[2];
	pid_t pid;

	if (pipe(fds) < 0)
		exit(1);
	fflush(stdout);
	pid = fork();
	if (!pid) {
		if (setresgid(OTHER_USER, OTHER_USER, OTHER_USER) ||
		    setresuid(OTHER_USER, OTHER_USER, OTHER_USER))
			_exit(1);
		run();
		numbers[0] = count;
		numbers[1] = failures;
		fflush(stdout);
		_exit(write(fds[1], numbers, sizeof(numbers)) != sizeof(numbers));
	}
	close(fds[1]);
	if (read(fds[0], numbers, sizeof(numbers)) == sizeof(numbers)) {
		count = numbers[0];
		failures = numbers[1];
	} else {
		result(false, "another user", "the process ends");
	}
	close(fds[0]);
	waitpid(pid, NULL, 0);
}

/* A machine that gives no namespaces, such as a container, can test the rest. */
static bool has_namespaces(void)
{
	return outcome_of(sandbox_confine, SANDBOX_STRICT, map_plain, 0) == 0;
}

static bool in_guest;

static void as_this_user(void)
{
	const char *who = geteuid() ? "user" : "root";
	bool namespaces = has_namespaces();

	if (namespaces)
		all(who, SANDBOX_STRICT, false);
	else if (in_guest)
		result(false, who, "namespaces");
	else
		printf("ok %d - %s: namespaces # SKIP this machine gives none\n", ++count, who);
	/* The filter is the same, and namespaces take most of the time. */
	all(who, SANDBOX_NO_NAMESPACES, !geteuid() && !in_guest);
}

/*
 * usage: test_sandbox [--guest]
 *  --guest	namespaces must exist; the sweep over all system calls is left out, because
 *		processes are slow there and the numbers the same
 */
int main(int argc, char **argv)
{
	in_guest = argc > 1 && !strcmp(argv[1], "--guest");
	as_this_user();
	if (!geteuid())
		as_other_user(as_this_user);
	printf("1..%d\n", count);
	return failures ? 1 : 0;
}
