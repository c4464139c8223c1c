// SPDX-License-Identifier: LGPL-2.1-or-later
#include "sandbox_filter.h"

#include <errno.h>
#include <linux/dma-buf.h>
#include <sched.h>
#include <seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "daedalus_v4l2_proto.h"

/* The kernel ignores the upper half of these arguments. */
#define LOW_HALF	UINT32_MAX

/* What pthread_create() asks for. glibc passes THREAD_FLAGS, musl CLONE_DETACHED too. */
#define THREAD_FLAGS	(CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | \
			 CLONE_SYSVSEM | CLONE_SETTLS | CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID)
#define THREAD_MASK	(UINT64_MAX & ~(uint64_t)CLONE_DETACHED)

/**
 * struct allowed - a system call that is allowed whatever its arguments are
 * @name:	name; one that the architecture does not have is skipped
 *
 * docs/security.md tells who needs each one.
 */
static const char *const allowed[] = {
	/* messages, dma-bufs */
	"read", "write", "poll", "ppoll", "ppoll_time64", "close", "lseek", "_llseek",
	/* memory; mmap and mprotect are among the rules */
	"brk", "munmap", "mremap", "madvise",
	/* threads */
	"futex", "futex_time64", "set_robust_list", "rseq", "sched_yield", "sched_getaffinity",
	"getpid", "gettid", "set_tls", "cacheflush",
	/* signals */
	"rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "sigreturn", "restart_syscall",
	/* time, random numbers */
	"clock_gettime", "clock_gettime64", "clock_getres", "clock_getres_time64", "gettimeofday",
	"time", "getrandom",
	/* the end */
	"exit", "exit_group",
};

/**
 * struct rule - a system call that depends on its arguments, or that fails without a kill
 * @name:	name; one that the architecture does not have is skipped
 * @error:	errno that the call returns; 0: it is allowed
 * @count:	used entries of @when, which must all hold
 * @when:	conditions on arguments
 */
struct rule {
	const char *name;
	int error;
	unsigned int count;
	struct scmp_arg_cmp when[2];
};

#define LOW_IS(arg, value)	SCMP_CMP64(arg, SCMP_CMP_MASKED_EQ, LOW_HALF, (uint32_t)(value))
#define NO_EXEC			SCMP_CMP64(2, SCMP_CMP_MASKED_EQ, PROT_EXEC, 0)

static int add_allowed(scmp_filter_ctx filter, const char *name, uint32_t action,
		       unsigned int count, const struct scmp_arg_cmp *when)
{
	int number = seccomp_syscall_resolve_name(name);

	/* This architecture does not have it, or libseccomp is older than it. */
	if (number < 0)
		return 0;
	return seccomp_rule_add_array(filter, action, number, count, when);
}

static int add_rules(scmp_filter_ctx filter, int session_fd)
{
	const struct rule rules[] = {
		{ "mmap", 0, 1, { NO_EXEC } },
		{ "mmap2", 0, 1, { NO_EXEC } },
		{ "mprotect", 0, 1, { NO_EXEC } },
		{ "ioctl", 0, 2, { LOW_IS(0, session_fd), LOW_IS(1, DAEDALUS_IOC_GET_BUFFER) } },
		{ "ioctl", 0, 1, { LOW_IS(1, DMA_BUF_IOCTL_SYNC) } },
		{ "clone", 0, 1,
		  { SCMP_CMP64(0, SCMP_CMP_MASKED_EQ, THREAD_MASK, THREAD_FLAGS) } },
		/* A filter cannot see its flags; pthread_create() then uses clone. */
		{ "clone3", ENOSYS, 0, { { 0 } } },
		{ "tgkill", 0, 1, { LOW_IS(0, getpid()) } },
		{ "prctl", 0, 1, { LOW_IS(0, PR_SET_NAME) } },
		/* Libraries look for files and do without. */
		{ "openat", EACCES, 0, { { 0 } } },
	};
	size_t i;
	int ret = 0;

	for (i = 0; i < sizeof(rules) / sizeof(rules[0]) && !ret; i++)
		ret = add_allowed(filter, rules[i].name,
				  rules[i].error ? SCMP_ACT_ERRNO((uint32_t)rules[i].error) :
						   SCMP_ACT_ALLOW,
				  rules[i].count, rules[i].when);
	for (i = 0; i < sizeof(allowed) / sizeof(allowed[0]) && !ret; i++)
		ret = add_allowed(filter, allowed[i], SCMP_ACT_ALLOW, 0, NULL);
	return ret;
}

int sandbox_filter(int session_fd)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
	int ret;

	if (!filter)
		return -ENOMEM;
	/* Calls of another ABI, such as int 0x80 on x86-64, have other numbers. */
	ret = seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
	if (!ret)
		ret = add_rules(filter, session_fd);
	if (!ret)
		ret = seccomp_load(filter);
	seccomp_release(filter);
	return ret;
}
