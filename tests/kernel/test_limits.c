// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Bounds: what a client and a worker that does not do its part can make grow, who is
 * charged for it, and how long a worker that hangs keeps its stream.
 */
#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "harness.h"

static bool hung_up(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, 0) == 1 && (p.revents & POLLHUP);
}

/* The worker fetches buffers and never reads that they are gone. */
static void gone_buffers(void)
{
	struct v4l2_create_buffers create = { .memory = V4L2_MEMORY_MMAP };
	struct v4l2_requestbuffers none = { .memory = V4L2_MEMORY_MMAP, .type = CAPTURE };
	struct daedalus_get_buffer get;
	struct daedalus_job job;
	struct client c;
	int control = start_daemon(), session, fetched = 0;
	uint32_t number;
	char byte[64];

	setup_client(&c, 1);
	session = first_job(&c, control, &job, sizeof(job));
	number = job.dst[0].buffer;
	EXPECT_EQ(stream(&c, CAPTURE, false), 0);
	create.format.type = CAPTURE;
	EXPECT_EQ(ioctl(c.video, VIDIOC_G_FMT, &create.format), 0);
	while (fetched < 2000 && !hung_up(session)) {
		EXPECT_EQ(ioctl(c.video, VIDIOC_REQBUFS, &none), 0);
		create.count = 32;
		EXPECT_EQ(ioctl(c.video, VIDIOC_CREATE_BUFS, &create), 0);
		for (unsigned int i = 0; i < create.count; i++) {
			if (get_buffer(session, ++number, &get))
				break;
			close(get.fd);
			fetched++;
		}
		if (stat_value("buffers") > 512)
			FAIL("%ld buffers are kept", stat_value("buffers"));
	}
	EXPECT(hung_up(session));
	EXPECT_EQ(read(session, byte, sizeof(byte)), 0);
	EXPECT_ERRNO(write_reply(session, job.id, DAEDALUS_STATUS_OK), ESTALE);
	EXPECT_EQ(ioctl(c.video, VIDIOC_REQBUFS, &none), 0);
	/* the OUTPUT buffer is left */
	EXPECT_EQ(stat_value("buffers"), 1);
}

/* The frame of request @index must be flagged ERROR at its deadline. */
static void expect_missed(struct client *c, unsigned int index)
{
	struct v4l2_buffer buf;

	expect_capture(c, index, true);
	EXPECT_EQ(dequeue(c, OUTPUT, &buf, 100), 0);
	EXPECT_EQ(buf.index, index);
	EXPECT_EQ(ioctl(c->request[index], MEDIA_REQUEST_IOC_REINIT), 0);
}

/* The worker hangs in a frame: after three deadlines the stream gets another one. */
static void hung_worker(void)
{
	struct daedalus_job job;
	struct client c;
	int control = start_daemon(), session, other;

	setup_client(&c, 4);
	session = first_job(&c, control, &job, sizeof(job));
	expect_missed(&c, 0);
	set_param("deadline_ms", 100);
	EXPECT_EQ(submit(&c, 1), 0);
	expect_missed(&c, 1);
	EXPECT(!hung_up(session));
	/* this is the third; the one behind it need not wait for a deadline of its own */
	EXPECT_EQ(submit(&c, 2), 0);
	EXPECT_EQ(submit(&c, 3), 0);
	expect_missed(&c, 2);
	expect_missed(&c, 3);
	EXPECT(hung_up(session));
	EXPECT(!readable(control, 0));

	set_param("deadline_ms", 900);
	EXPECT_ERRNO(write_reply(session, job.id, DAEDALUS_STATUS_OK), ESTALE);
	EXPECT_EQ(submit(&c, 1), 0);
	other = open_session(control);
	answer(&c, other, 1);
	close(session);
	EXPECT(!hung_up(other));
}

/* A slow worker answers late, which is a sign of life. */
static void slow_worker(void)
{
	struct daedalus_job job;
	struct client c;
	int control = start_daemon(), session = -1;

	set_param("deadline_ms", 600);
	setup_client(&c, 1);
	for (int i = 0; i < 5; i++) {
		EXPECT_EQ(submit(&c, 0), 0);
		if (session < 0)
			session = open_session(control);
		read_job(session, &job, sizeof(job));
		expect_missed(&c, 0);
		EXPECT_ERRNO(write_reply(session, job.id, DAEDALUS_STATUS_OK), ESTALE);
	}
	EXPECT(!hung_up(session));
	set_param("deadline_ms", 900);
	EXPECT_EQ(submit(&c, 0), 0);
	answer(&c, session, 0);
}

#define GROUP	"/tmp/daedalus-cgroup"

static long group_memory(void)
{
	FILE *file = fopen(GROUP "/test/memory.current", "r");
	long value;

	EXPECT(file);
	EXPECT_EQ(fscanf(file, "%ld", &value), 1);
	fclose(file);
	return value;
}

static void write_group(const char *name, const char *text)
{
	char path[128];
	int fd;

	snprintf(path, sizeof(path), GROUP "/%s", name);
	fd = open(path, O_WRONLY);
	EXPECT(fd >= 0);
	EXPECT_EQ(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

/* The memory of buffers is charged to the client's memory cgroup and obeys its limit. */
static void charged_to_the_client(void)
{
	struct v4l2_requestbuffers req = { .type = CAPTURE, .memory = V4L2_MEMORY_MMAP };
	int control = start_daemon();
	struct v4l2_format f;
	struct client c;
	long before, size;

	(void)control;
	mkdir(GROUP, 0755);
	if (mount("none", GROUP, "cgroup2", 0, NULL))
		SKIP("this kernel has no cgroup2");
	write_group("cgroup.subtree_control", "+memory");
	mkdir(GROUP "/test", 0755);
	write_group("test/cgroup.procs", "0");

	open_client(&c);
	set_format(&c, CAPTURE, V4L2_PIX_FMT_NV12, 1024, 1024, &f);
	size = f.fmt.pix_mp.plane_fmt[0].sizeimage;
	before = group_memory();
	req.count = 8;
	EXPECT_EQ(ioctl(c.video, VIDIOC_REQBUFS, &req), 0);
	EXPECT_EQ(req.count, 8);
	if (group_memory() - before < 8 * size)
		FAIL("8 buffers of %ld bytes, and %ld bytes are charged", size,
		     group_memory() - before);
	req.count = 0;
	EXPECT_EQ(ioctl(c.video, VIDIOC_REQBUFS, &req), 0);

	/* a limit makes the ioctl fail or return fewer buffers; nobody is killed */
	write_group("test/memory.max", "16M");
	req.count = 32;
	if (!ioctl(c.video, VIDIOC_REQBUFS, &req))
		EXPECT(req.count < 11);
	else
		EXPECT_EQ(errno, ENOMEM);
	write_group("cgroup.procs", "0");
	umount(GROUP);
}

const struct test limit_tests[] = {
	{ "limits: a worker that does not read the ends of buffers is dropped", gone_buffers },
	{ "limits: a worker that hangs is dropped after three deadlines", hung_worker },
	{ "limits: a worker that answers late is not dropped", slow_worker },
	{ "limits: buffers are charged to the client's memory cgroup", charged_to_the_client },
	{ NULL, NULL }
};
