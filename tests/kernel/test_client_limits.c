// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * What a client can ask for has bounds: descriptors, sizes, streams, formats,
 * profiles, time.
 */
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "harness.h"

static unsigned int module_users(void)
{
	FILE *file = fopen("/sys/module/daedalus_v4l2/refcnt", "r");
	unsigned int users;

	EXPECT(file);
	EXPECT_EQ(fscanf(file, "%u", &users), 1);
	fclose(file);
	return users;
}

static void no_descriptor_is_left(void)
{
	struct rlimit limit, full;
	struct client c;
	unsigned int users;
	int control = start_daemon(), fd, highest = 0;

	(void)control;
	open_client(&c);
	users = module_users();
	while ((fd = dup(c.media)) >= 0 && fd < 200)
		highest = fd;
	close(fd);
	EXPECT_EQ(getrlimit(RLIMIT_NOFILE, &limit), 0);
	full = limit;
	full.rlim_cur = highest + 1;
	EXPECT_EQ(setrlimit(RLIMIT_NOFILE, &full), 0);
	for (int i = 0; i < 3; i++)
		EXPECT_ERRNO(ioctl(c.media, MEDIA_IOC_REQUEST_ALLOC, &fd), EMFILE);
	EXPECT_EQ(setrlimit(RLIMIT_NOFILE, &limit), 0);
	for (fd = c.media + 1; fd <= highest; fd++)
		close(fd);
	EXPECT_EQ(stat_value("requests"), 0);
	EXPECT_EQ(module_users(), users);
	EXPECT_EQ(ioctl(c.media, MEDIA_IOC_REQUEST_ALLOC, &fd), 0);
	EXPECT_EQ(stat_value("requests"), 1);
	close(fd);
}

const struct test client_limit_tests[] = {
	{ "limit: a request when no descriptor is left", no_descriptor_is_left },
	{ NULL, NULL }
};
