// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The control fd: it can be opened once, refuses invalid calls, and registers the
 * nodes.
 */
#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>

#include "harness.h"

static void one_opener(void)
{
	int fd = open_control();

	EXPECT(fd >= 0);
	EXPECT_ERRNO(open_control(), EBUSY);
	close(fd);
	fd = open_control();
	EXPECT(fd >= 0);
}

static void nodes_come_with_hello(void)
{
	int fd = open_control();
	struct daedalus_hello hello;

	EXPECT(fd >= 0);
	EXPECT(!find_nodes(NULL, NULL, 0));
	good_hello(&hello);
	EXPECT_EQ(ioctl(fd, DAEDALUS_IOC_HELLO, &hello), 0);
	EXPECT_EQ(hello.version, DAEDALUS_PROTO_VERSION);
	EXPECT_EQ(hello.deadline_ms, 900);
	EXPECT(wait_for_nodes(true, 1000));
	good_hello(&hello);
	EXPECT_ERRNO(ioctl(fd, DAEDALUS_IOC_HELLO, &hello), EALREADY);
}

static void bad_hello(void)
{
	int fd = open_control();
	struct daedalus_hello hello;

	EXPECT(fd >= 0);
	good_hello(&hello);
	hello.version = DAEDALUS_PROTO_VERSION + 1;
	EXPECT_ERRNO(ioctl(fd, DAEDALUS_IOC_HELLO, &hello), EPROTO);
	EXPECT_EQ(hello.version, DAEDALUS_PROTO_VERSION);

	good_hello(&hello);
	hello.num_codecs = 9;
	EXPECT_ERRNO(ioctl(fd, DAEDALUS_IOC_HELLO, &hello), EINVAL);
	good_hello(&hello);
	hello.num_codecs = 1;
	hello.codecs[0].pixelformat = V4L2_PIX_FMT_MJPEG;
	EXPECT_ERRNO(ioctl(fd, DAEDALUS_IOC_HELLO, &hello), EINVAL);
	good_hello(&hello);
	memset(hello.engine, 'x', sizeof(hello.engine));
	EXPECT_ERRNO(ioctl(fd, DAEDALUS_IOC_HELLO, &hello), EINVAL);
	EXPECT_ERRNO(ioctl(fd, DAEDALUS_IOC_HELLO, NULL), EFAULT);
	EXPECT(!find_nodes(NULL, NULL, 0));
	/* the fd still works after the failed calls */
	good_hello(&hello);
	EXPECT_EQ(ioctl(fd, DAEDALUS_IOC_HELLO, &hello), 0);
}

static void control_garbage(void)
{
	struct daedalus_open_session open = { .session = 12345 };
	int fd = start_daemon();
	char small[8];

	EXPECT_ERRNO(ioctl(fd, DAEDALUS_IOC_OPEN_SESSION, &open), ENOENT);
	EXPECT_ERRNO(ioctl(fd, DAEDALUS_IOC_GET_BUFFER, &open), ENOTTY);
	EXPECT_ERRNO(ioctl(fd, VIDIOC_QUERYCAP, &open), ENOTTY);
	EXPECT_ERRNO(read(fd, small, sizeof(small)), EMSGSIZE);
	EXPECT_ERRNO(write(fd, small, sizeof(small)), EINVAL);
	EXPECT_EQ(fcntl(fd, F_SETFL, O_NONBLOCK), 0);
	EXPECT_ERRNO(read(fd, &(struct daedalus_event){ 0 }, sizeof(struct daedalus_event)),
		     EAGAIN);
	EXPECT(!readable(fd, 0));
}

static void session_is_opened_once(void)
{
	int control = start_daemon();
	struct daedalus_open_session open = { 0 };
	struct daedalus_event event;
	struct client c;

	setup_client(&c, 1);
	EXPECT(!readable(control, 0));
	EXPECT_EQ(submit(&c, 0), 0);
	EXPECT(readable(control, 1000));
	EXPECT_EQ(read(control, &event, sizeof(event)), sizeof(event));
	EXPECT_EQ(event.pid, getpid());
	open.session = event.session;
	EXPECT_EQ(ioctl(control, DAEDALUS_IOC_OPEN_SESSION, &open), 0);
	EXPECT_ERRNO(ioctl(control, DAEDALUS_IOC_OPEN_SESSION, &open), ENOENT);
	EXPECT(!readable(control, 0));
}

/* The daemon reads an event and does not open the session: the event comes again. */
static void session_is_offered_again(void)
{
	int control = start_daemon(), session;
	struct daedalus_event event;
	struct client c;

	set_param("deadline_ms", 100);
	setup_client(&c, 2);
	EXPECT_EQ(submit(&c, 0), 0);
	EXPECT_EQ(read(control, &event, sizeof(event)), sizeof(event));
	expect_capture(&c, 0, true);

	set_param("deadline_ms", 900);
	EXPECT_EQ(submit(&c, 1), 0);
	session = open_session(control);
	answer(&c, session, 1);
}

static void parameters_have_bounds(void)
{
	static const struct {
		const char *name, *value;
	} bad[] = {
		{ "deadline_ms", "49" }, { "deadline_ms", "60001" }, { "deadline_ms", "-1" },
		{ "deadline_ms", "soon" }, { "grace_ms", "600001" }, { "max_streams", "0" },
		{ "max_streams", "4097" }, { "max_streams_per_user", "0" },
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		char path[128];
		int fd;

		snprintf(path, sizeof(path), "/sys/module/daedalus_v4l2/parameters/%s",
			 bad[i].name);
		fd = open(path, O_WRONLY);
		EXPECT(fd >= 0);
		EXPECT_ERRNO(write(fd, bad[i].value, strlen(bad[i].value)), EINVAL);
		close(fd);
	}
}

const struct test daemon_tests[] = {
	{ "control: one opener", one_opener },
	{ "control: the nodes come with the hello", nodes_come_with_hello },
	{ "control: bad hellos are refused", bad_hello },
	{ "control: garbage is refused", control_garbage },
	{ "control: a session is opened once", session_is_opened_once },
	{ "control: a session that was not opened is offered again", session_is_offered_again },
	{ "parameters have bounds", parameters_have_bounds },
	{ NULL, NULL }
};
