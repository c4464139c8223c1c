// SPDX-License-Identifier: LGPL-2.1-or-later
#include "sandbox_namespaces.h"

#include <errno.h>
#include <sched.h>
#include <stddef.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Nothing can be created in it. */
#define EMPTY_OPTIONS	"mode=555,size=4k,nr_inodes=1"
#define EMPTY_FLAGS	(MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC)

int sandbox_unshare(void)
{
	int flags = CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWIPC;

	if (geteuid())
		flags |= CLONE_NEWUSER;
	return unshare(flags) < 0 ? -errno : 0;
}

/* Mounts the empty folder over one that every machine has, and enters it. */
static int enter_empty(void)
{
	static const char *const places[] = { "/tmp", "/run", "/dev" };
	size_t i;

	for (i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		if (!mount("none", places[i], "tmpfs", EMPTY_FLAGS, EMPTY_OPTIONS))
			return chdir(places[i]) < 0 ? -errno : 0;
		if (errno != ENOENT)
			break;
	}
	return -errno;
}

int sandbox_empty_root(void)
{
	int ret;

	/* No mount and unmount from here on may reach another namespace. */
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return -errno;
	ret = enter_empty();
	if (ret < 0)
		return ret;
	/* The old root is now on top of the new one; unmount it with all that is below. */
	if (syscall(SYS_pivot_root, ".", ".") < 0 || umount2(".", MNT_DETACH) < 0 || chdir("/") < 0)
		return -errno;
	return 0;
}
