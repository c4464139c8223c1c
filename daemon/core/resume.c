// SPDX-License-Identifier: LGPL-2.1-or-later
#include "resume.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int resume_create(void)
{
	int file = memfd_create("daedalusd", MFD_CLOEXEC);

	return file < 0 ? -errno : file;
}

int resume_put(int file, const void *data, size_t size)
{
	const uint8_t *at = data;

	while (size) {
		ssize_t put = write(file, at, size);

		if (put < 0 && errno == EINTR)
			continue;
		if (put <= 0)
			return put < 0 ? -errno : -EIO;
		at += put;
		size -= (size_t)put;
	}
	return 0;
}

int resume_get(int file, void *data, size_t size)
{
	uint8_t *at = data;

	while (size) {
		ssize_t got = read(file, at, size);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return got < 0 ? -errno : -EPROTO;
		at += got;
		size -= (size_t)got;
	}
	return 0;
}

int resume_keep(int fd)
{
	return fcntl(fd, F_SETFD, 0) < 0 ? -errno : 0;
}

int resume_own(int fd)
{
	return fcntl(fd, F_SETFD, FD_CLOEXEC) < 0 ? -errno : 0;
}

static int is_resume(const char *argument)
{
	return !strncmp(argument, RESUME_OPTION "=", sizeof(RESUME_OPTION));
}

int resume_exec(int file, char *const *argv)
{
	char option[sizeof(RESUME_OPTION) + 16];
	size_t count = 0, kept = 0, i;
	char **arguments;
	int ret;

	while (argv[count])
		count++;
	arguments = calloc(count + 2, sizeof(*arguments));
	if (!arguments)
		return -ENOMEM;
	snprintf(option, sizeof(option), "%s=%d", RESUME_OPTION, file);
	for (i = 0; i < count; i++) {
		if (is_resume(argv[i]))
			continue;
		arguments[kept++] = argv[i];
		if (i == 0)
			arguments[kept++] = option;
	}
	ret = lseek(file, 0, SEEK_SET) < 0 ? -errno : resume_keep(file);
	if (!ret) {
		/* The program that runs, even if its file was replaced in the meantime. */
		execv("/proc/self/exe", arguments);
		ret = -errno;
		resume_own(file);
	}
	free(arguments);
	return ret;
}
