// SPDX-License-Identifier: LGPL-2.1-or-later
/* The readiness message, received on real sockets: a path and an abstract address. */
#include "check.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "core/notify.h"

static int listen_on(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);

	strcpy(address.sun_path, path);
	if (path[0] == '@')
		address.sun_path[0] = '\0';
	if (bind(fd, (struct sockaddr *)&address,
		 (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(path))) < 0) {
		perror(path);
		exit(1);
	}
	return fd;
}

static void test_delivery(const char *path)
{
	int fd = listen_on(path);
	char text[64] = "";

	setenv("NOTIFY_SOCKET", path, 1);
	CHECK_EQ(notify_manager("READY=1"), 0);
	CHECK_EQ(recv(fd, text, sizeof(text), 0), 7);
	CHECK_MSG(!strcmp(text, "READY=1"), "received \"%s\"", text);
	close(fd);
}

static void expect_watchdog(const char *usec, const char *pid, int64_t ms)
{
	if (usec)
		setenv("WATCHDOG_USEC", usec, 1);
	else
		unsetenv("WATCHDOG_USEC");
	if (pid)
		setenv("WATCHDOG_PID", pid, 1);
	else
		unsetenv("WATCHDOG_PID");
	CHECK_MSG(notify_watchdog_ms() == ms, "%s, %s: %lld, not %lld", usec ? usec : "-",
		  pid ? pid : "-", (long long)notify_watchdog_ms(), (long long)ms);
}

static void test_watchdog(void)
{
	char own[16], other[16];

	snprintf(own, sizeof(own), "%d", (int)getpid());
	snprintf(other, sizeof(other), "%d", (int)getpid() + 1);
	expect_watchdog(NULL, NULL, 0);
	expect_watchdog("30000000", NULL, 15000);
	expect_watchdog("30000000", own, 15000);
	expect_watchdog("30000000", other, 0);
	expect_watchdog("0", own, 0);
	expect_watchdog("1", own, 1);
	expect_watchdog("-5", own, 0);
	expect_watchdog("30000000x", own, 0);
	expect_watchdog("", own, 0);
	expect_watchdog("18446744073709551615", own, INT32_MAX);
	expect_watchdog("99999999999999999999999", own, 0);
}

int main(void)
{
	char directory[] = "/tmp/daedalus-notify-XXXXXX";
	char path[64], too_long[200];

	if (!mkdtemp(directory))
		return 1;
	snprintf(path, sizeof(path), "%s/socket", directory);
	test_delivery(path);
	/* No socket listens any more. */
	CHECK(notify_manager("READY=1") < 0);
	unlink(path);
	rmdir(directory);

	snprintf(path, sizeof(path), "@daedalus-notify-%d", (int)getpid());
	test_delivery(path);

	test_watchdog();

	unsetenv("NOTIFY_SOCKET");
	CHECK_EQ(notify_manager("READY=1"), 0);
	setenv("NOTIFY_SOCKET", "", 1);
	CHECK_EQ(notify_manager("READY=1"), 0);
	setenv("NOTIFY_SOCKET", "relative", 1);
	CHECK_EQ(notify_manager("READY=1"), -EINVAL);
	memset(too_long, 'x', sizeof(too_long));
	too_long[0] = '/';
	too_long[sizeof(too_long) - 1] = '\0';
	setenv("NOTIFY_SOCKET", too_long, 1);
	CHECK_EQ(notify_manager("READY=1"), -EINVAL);
	return check_result();
}
