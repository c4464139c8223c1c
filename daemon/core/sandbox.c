// SPDX-License-Identifier: LGPL-2.1-or-later
#include "sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "log.h"
#include "sandbox_filter.h"
#include "sandbox_namespaces.h"

/*
 * User ids of workers whose supervisor is root. systemd's list of ids reserves this
 * range for nobody (UIDS-GIDS.md).
 */
#define FIRST_UID	1893335040U	/* 0x70da0000 */
#define NUM_UIDS	65536U
#define NOBODY		65534U

#define MAX_FILES	1024	/* one dma-buf for each plane of each buffer of both queues */
#define MAX_TASKS	64	/* threads of a decoder, with room to spare */

#define LEAST_MEMORY	(UINT64_C(1) << 30)

static const char *const level_names[SANDBOX_LEVEL_COUNT] = {
	[SANDBOX_STRICT] = "strict",
	[SANDBOX_NO_NAMESPACES] = "no-namespaces",
	[SANDBOX_OFF] = "off",
};

int sandbox_level_from_name(const char *name)
{
	int i;

	for (i = 0; i < SANDBOX_LEVEL_COUNT; i++)
		if (!strcmp(name, level_names[i]))
			return i;
	return -1;
}

const char *sandbox_level_name(enum sandbox_level level)
{
	return level_names[level];
}

uint64_t sandbox_memory_default(void)
{
	long pages = sysconf(_SC_PHYS_PAGES);
	long size = sysconf(_SC_PAGESIZE);
	uint64_t half = pages > 0 && size > 0 ? (uint64_t)pages * (uint64_t)size / 2 : 0;

	return half > LEAST_MEMORY ? half : LEAST_MEMORY;
}

/**
 * struct entry - a process on its way into the sandbox
 * @params:	of sandbox_enter()
 * @own_user:	no other process has its user id, or its user namespace
 */
struct entry {
	const struct sandbox_params *params;
	bool own_user;
};

/* If memory runs out, a worker ends before the supervisor. A kernel may refuse that. */
static int be_first_to_end(struct entry *entry)
{
	int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return 0;
	if (write(fd, "500", 3) < 0)
		log_debug("oom_score_adj: %m");
	close(fd);
	return 0;
}

static int keep_own_files(struct entry *entry)
{
	const struct sandbox_params *params = entry->params;
	const int from[] = { params->null_fd, params->log_fd, params->log_fd, params->session_fd };
	int copies[4];
	int i;

	/* First out of the way, because the numbers of both sides may overlap. */
	for (i = 0; i < 4; i++) {
		copies[i] = fcntl(from[i], F_DUPFD, SANDBOX_SESSION_FD + 1);
		if (copies[i] < 0)
			return -errno;
	}
	for (i = 0; i < 4; i++)
		if (dup2(copies[i], i) < 0)
			return -errno;
	return close_range(SANDBOX_SESSION_FD + 1, ~0U, 0) < 0 ? -errno : 0;
}

static bool is_root(void)
{
	return geteuid() == 0;
}

static int unshare_namespaces(struct entry *entry)
{
	entry->own_user = !is_root();
	return sandbox_unshare();
}

static int empty_root(struct entry *entry)
{
	return sandbox_empty_root();
}

static int drop_bounding_set(struct entry *entry)
{
	unsigned long cap;

	for (cap = 0; prctl(PR_CAPBSET_READ, cap, 0, 0, 0) >= 0; cap++) {
		/* Without CAP_SETPCAP there is nothing to bound but what exec could give. */
		if (prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) < 0 && errno != EPERM)
			return -errno;
	}
	return 0;
}

/* Only root can. Any other supervisor has the groups that the service manager gave it. */
static int drop_groups(struct entry *entry)
{
	return is_root() && setgroups(0, NULL) < 0 ? -errno : 0;
}

static int change_user(struct entry *entry)
{
	const uid_t ids[] = { FIRST_UID + entry->params->number % NUM_UIDS, NOBODY };
	size_t i;

	if (!is_root())
		return 0;
	for (i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		if (!setresgid(ids[i], ids[i], ids[i]) && !setresuid(ids[i], ids[i], ids[i])) {
			entry->own_user = i == 0;
			return 0;
		}
		/* A container may have fewer ids. */
		if (errno != EINVAL)
			break;
		log_debug("user id %u does not exist here", ids[i]);
	}
	return -errno;
}

static int drop_capabilities(struct entry *entry)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	const struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = { { 0 } };

	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0 && errno != EINVAL)
		return -errno;
	return syscall(SYS_capset, &header, none) < 0 ? -errno : 0;
}

/* A change of user clears the signal, so this comes after it. */
static int die_with_supervisor(struct entry *entry)
{
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
		return -errno;
	/* It may have died before that. */
	return getppid() == entry->params->supervisor ? 0 : -ESRCH;
}

static int forbid_tracing(struct entry *entry)
{
	return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0 ? -errno : 0;
}

static int limit_resources(struct entry *entry)
{
	const uint64_t memory = entry->params->memory;
	const struct {
		__rlimit_resource_t what;
		uint64_t most;
	} limits[] = {
		/* Not RLIMIT_AS: that would count the client's dma-bufs and the libraries. */
		{ RLIMIT_DATA, memory ? memory : UINT64_MAX },
		{ RLIMIT_NOFILE, MAX_FILES },
		/* Counted for each user; some workers share theirs. */
		{ RLIMIT_NPROC, entry->own_user ? MAX_TASKS : UINT64_MAX },
		{ RLIMIT_CORE, 0 },
		{ RLIMIT_FSIZE, 0 },
		{ RLIMIT_MEMLOCK, 0 },
		{ RLIMIT_MSGQUEUE, 0 },
		{ RLIMIT_SIGPENDING, MAX_TASKS },
		{ RLIMIT_NICE, 0 },
		{ RLIMIT_RTPRIO, 0 },
	};
	size_t i;

	for (i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
		struct rlimit limit;

		if (getrlimit(limits[i].what, &limit) < 0)
			return -errno;
		if (limits[i].most < limit.rlim_max)
			limit.rlim_max = (rlim_t)limits[i].most;
		if (limit.rlim_cur > limit.rlim_max)
			limit.rlim_cur = limit.rlim_max;
		if (setrlimit(limits[i].what, &limit) < 0)
			return -errno;
	}
	return 0;
}

static int forbid_privileges(struct entry *entry)
{
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ? -errno : 0;
}

static int filter_system_calls(struct entry *entry)
{
	return sandbox_filter(SANDBOX_SESSION_FD);
}

/**
 * struct step - a step of the sandbox
 * @failure:	its name and what to do if it fails
 * @last:	the highest level that has the step
 * @take:	takes it; returns 0 or a negative errno
 */
struct step {
	struct sandbox_failure failure;
	enum sandbox_level last;
	int (*take)(struct entry *entry);
};

#define ADVICE_NAMESPACES \
	"allow user namespaces (sysctls user.max_user_namespaces, kernel.unprivileged_userns_clone, " \
	"kernel.apparmor_restrict_unprivileged_userns), or do without with --sandbox=no-namespaces"
#define ADVICE_FILTER \
	"this kernel needs CONFIG_SECCOMP_FILTER; --sandbox=off gives decoders the daemon's rights"
#define ADVICE	"--sandbox=off gives decoders the daemon's rights"

/* The order matters: each step needs what a later one takes away. */
static const struct step steps[] = {
	{ { "raise oom_score_adj", ADVICE }, SANDBOX_OFF, be_first_to_end },
	{ { "close the supervisor's descriptors", ADVICE }, SANDBOX_OFF, keep_own_files },
	{ { "make namespaces of its own", ADVICE_NAMESPACES }, SANDBOX_STRICT,
	  unshare_namespaces },
	{ { "make an empty root", ADVICE_NAMESPACES }, SANDBOX_STRICT, empty_root },
	{ { "empty the capability bounding set", ADVICE }, SANDBOX_NO_NAMESPACES,
	  drop_bounding_set },
	{ { "drop its groups", ADVICE }, SANDBOX_NO_NAMESPACES, drop_groups },
	{ { "become a user of its own", ADVICE }, SANDBOX_NO_NAMESPACES, change_user },
	{ { "drop its capabilities", ADVICE }, SANDBOX_NO_NAMESPACES, drop_capabilities },
	{ { "die with its supervisor", ADVICE }, SANDBOX_OFF, die_with_supervisor },
	{ { "become undumpable", ADVICE }, SANDBOX_NO_NAMESPACES, forbid_tracing },
	{ { "set its resource limits", ADVICE }, SANDBOX_NO_NAMESPACES, limit_resources },
	{ { "set no_new_privs", ADVICE }, SANDBOX_NO_NAMESPACES, forbid_privileges },
	{ { "filter its system calls", ADVICE_FILTER }, SANDBOX_NO_NAMESPACES,
	  filter_system_calls },
};

#define NUM_STEPS	(sizeof(steps) / sizeof(steps[0]))

static int take_steps(const struct sandbox_params *params, size_t count,
		      struct sandbox_failure *failure)
{
	struct entry entry = { .params = params };
	size_t i;

	for (i = 0; i < count; i++) {
		int ret = params->level <= steps[i].last ? steps[i].take(&entry) : 0;

		if (ret < 0) {
			*failure = steps[i].failure;
			return ret;
		}
	}
	return 0;
}

int sandbox_confine(const struct sandbox_params *params, struct sandbox_failure *failure)
{
	return take_steps(params, NUM_STEPS - 1, failure);
}

int sandbox_enter(const struct sandbox_params *params, struct sandbox_failure *failure)
{
	return take_steps(params, NUM_STEPS, failure);
}
