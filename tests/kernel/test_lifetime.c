// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Workers, the daemon, clients or the driver go away while the others go on.
 */
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

#include "harness.h"

static void expect_error(struct client *c, int ms)
{
	struct v4l2_buffer buf;

	EXPECT_EQ(dequeue(c, CAPTURE, &buf, ms), 0);
	EXPECT(buf.flags & V4L2_BUF_FLAG_ERROR);
}

/* When a worker dies, the jobs of its stream fail and no others. */
static void worker_dies(void)
{
	struct daedalus_job job;
	struct client c, other;
	int control = start_daemon(), session, other_session;

	setup_client(&c, 4);
	setup_client(&other, 1);
	session = first_session(&c, control);
	other_session = first_session(&other, control);
	read_job(session, &job, sizeof(job));
	EXPECT_EQ(submit(&c, 1), 0);
	close(session);
	expect_error(&c, 100);
	expect_error(&c, 100);
	answer(&other, other_session, 0);

	/* the next job asks for a session with a new number */
	EXPECT_EQ(submit(&c, 2), 0);
	session = open_session(control);
	EXPECT_ERRNO(write_reply(session, job.id, DAEDALUS_STATUS_OK), ESTALE);
	answer(&c, session, 2);
}

static void client_goes_first(void)
{
	struct daedalus_get_buffer get;
	struct daedalus_job job;
	struct pollfd p;
	struct client c;
	int control = start_daemon(), session;
	char byte[64];

	setup_client(&c, 2);
	session = first_job(&c, control, &job, sizeof(job));
	/* fetch a buffer; its BUFFER_GONE message will not be read */
	get = (struct daedalus_get_buffer) { .buffer = job.dst[0].buffer };
	EXPECT_EQ(ioctl(session, DAEDALUS_IOC_GET_BUFFER, &get), 0);
	close_client(&c);
	EXPECT_ERRNO(write_reply(session, job.id, DAEDALUS_STATUS_OK), ESTALE);
	get = (struct daedalus_get_buffer) { .buffer = job.dst[0].buffer };
	EXPECT_ERRNO(ioctl(session, DAEDALUS_IOC_GET_BUFFER, &get), ENOENT);
	p = (struct pollfd) { .fd = session, .events = POLLIN };
	EXPECT_EQ(poll(&p, 1, 1000), 1);
	EXPECT(p.revents & POLLHUP);
	EXPECT_EQ(read(session, byte, sizeof(byte)), 0);
	EXPECT_EQ(stat_value("contexts"), 0);
	EXPECT_EQ(stat_value("buffers"), 0);
}

/* The client leaves between the event and the daemon's answer to it. */
static void client_leaves_early(void)
{
	struct daedalus_open_session open = { 0 };
	struct daedalus_event event;
	struct client c;
	int control = start_daemon();

	setup_client(&c, 1);
	EXPECT_EQ(submit(&c, 0), 0);
	close_client(&c);
	EXPECT(!readable(control, 0));

	setup_client(&c, 1);
	EXPECT_EQ(submit(&c, 0), 0);
	EXPECT_EQ(read(control, &event, sizeof(event)), sizeof(event));
	close_client(&c);
	open.session = event.session;
	EXPECT_ERRNO(ioctl(control, DAEDALUS_IOC_OPEN_SESSION, &open), ENOENT);
}

static void daemon_comes_back(void)
{
	struct daedalus_job job;
	struct client c;
	uint64_t start;
	int control = start_daemon(), session;
	char byte[64];

	set_param("grace_ms", 2000);
	setup_client(&c, 4);
	session = first_job(&c, control, &job, sizeof(job));
	EXPECT_EQ(submit(&c, 1), 0);
	close(control);
	expect_error(&c, 100);
	expect_error(&c, 100);
	/* the session fd reads end of file */
	EXPECT(readable(session, 1000));
	EXPECT_EQ(read(session, byte, sizeof(byte)), 0);
	EXPECT_ERRNO(write_reply(session, job.id, DAEDALUS_STATUS_OK), ESTALE);

	/* without a daemon, new jobs fail at once and the nodes stay */
	start = now_ms();
	EXPECT_EQ(submit(&c, 2), 0);
	expect_error(&c, 100);
	EXPECT(now_ms() - start < 500);
	EXPECT(find_nodes(NULL, NULL, 0));

	/* the same open file goes on with the next daemon */
	control = start_daemon();
	EXPECT_EQ(submit(&c, 3), 0);
	close(session);
	answer(&c, open_session(control), 3);
	set_param("grace_ms", 300);
}

static void other_daemon_other_nodes(void)
{
	struct v4l2_frmsizeenum size = { .pixel_format = V4L2_PIX_FMT_VP9_FRAME };
	struct daedalus_hello hello;
	struct client c;
	int control = start_daemon();

	close(control);
	control = open_control();
	good_hello(&hello);
	hello.codecs[0].max_width = 2048;
	EXPECT_EQ(ioctl(control, DAEDALUS_IOC_HELLO, &hello), 0);
	EXPECT(wait_for_nodes(true, 1000));
	open_client(&c);
	EXPECT_EQ(ioctl(c.video, VIDIOC_ENUM_FRAMESIZES, &size), 0);
	EXPECT_EQ(size.stepwise.max_width, 2048);
}

static void daemon_is_gone_for_good(void)
{
	struct v4l2_buffer buf;
	struct v4l2_capability cap;
	struct client c, idle;
	pid_t sleeper;
	int control = start_daemon(), status;

	setup_client(&c, 2);
	EXPECT_EQ(submit(&c, 0), 0);
	open_client(&idle);

	/* a process that sleeps in DQBUF must wake up with an error */
	sleeper = fork();
	if (!sleeper) {
		EXPECT_EQ(fcntl(c.video, F_SETFL, 0), 0);
		close(control);
		alarm(10);
		dequeue(&c, CAPTURE, &buf, 0);
		exit(dequeue(&c, CAPTURE, &buf, 0) ? 0 : 1);
	}
	usleep(50000);
	close(control);
	EXPECT(wait_for_nodes(false, 3000));
	EXPECT_EQ(waitpid(sleeper, &status, 0), sleeper);
	EXPECT_EQ(status, 0);
	EXPECT_ERRNO(ioctl(c.video, VIDIOC_QUERYCAP, &cap), ENODEV);
	EXPECT_ERRNO(ioctl(idle.video, VIDIOC_QUERYCAP, &cap), ENODEV);
	/* open files of the old nodes do not disturb new nodes */
	control = start_daemon();
	open_client(&idle);
	EXPECT_EQ(ioctl(idle.video, VIDIOC_QUERYCAP, &cap), 0);
	EXPECT_ERRNO(ioctl(c.video, VIDIOC_QUERYCAP, &cap), ENODEV);
}

/* Request fds are closed last, after the media device is gone. */
static void requests_outlive_the_nodes(void)
{
	struct client c;
	int control = start_daemon();

	setup_client(&c, 3);
	EXPECT_EQ(submit(&c, 0), 0);
	close(control);
	EXPECT(wait_for_nodes(false, 3000));
	close(c.video);
	close(c.media);
	usleep(1500 * 1000);
	for (int i = 0; i < 3; i++)
		EXPECT_EQ(close(c.request[i]), 0);
	usleep(1500 * 1000);
}

static void everybody_is_killed(void)
{
	for (int round = 0; round < 5; round++) {
		int ready[2], status;
		pid_t pid;
		char byte;

		EXPECT_EQ(pipe(ready), 0);
		pid = fork();
		if (!pid) {
			int control = start_daemon(), session;
			struct daedalus_job job;
			struct client c[2];

			for (int i = 0; i < 2; i++) {
				setup_client(&c[i], 4);
				for (int j = 0; j < 4; j++)
					EXPECT_EQ(submit(&c[i], j), 0);
				session = open_session(control);
				for (int j = 0; j < 2; j++)
					read_job(session, &job, sizeof(job));
			}
			EXPECT_EQ(write(ready[1], "", 1), 1);
			pause();
		}
		EXPECT_EQ(read(ready[0], &byte, 1), 1);
		EXPECT_EQ(kill(pid, SIGKILL), 0);
		EXPECT_EQ(waitpid(pid, &status, 0), pid);
		EXPECT(WIFSIGNALED(status));
		close(ready[0]);
		close(ready[1]);
		expect_idle();
	}
}

/*
 * The file is closed while the kernel turns its requests into jobs, at any point of
 * that. The process that closes has priority, so it goes on as soon as the kernel
 * wakes it up.
 */
static void close_while_jobs_are_made(void)
{
	const struct sched_param priority = { .sched_priority = 1 };
	int control = start_daemon();
	uint64_t end = now_ms() + SECONDS * 1000;

	(void)control;
	EXPECT_EQ(sched_setscheduler(0, SCHED_FIFO, &priority), 0);
	for (int round = 0; round < 60 && now_ms() < end; round++) {
		struct client c;

		setup_client(&c, MAX_BUFFERS);
		EXPECT_EQ(stream(&c, OUTPUT, false), 0);
		for (int i = 0; i < MAX_BUFFERS; i++)
			EXPECT_EQ(submit(&c, i), 0);
		/* the first job is made in this call, the others by a kernel thread */
		EXPECT_EQ(stream(&c, OUTPUT, true), 0);
		for (int i = 0; i < MAX_BUFFERS; i++)
			munmap(c.src[i], c.src_size);
		usleep(round * 20);
		close(c.video);
		for (int i = 0; i < MAX_BUFFERS; i++)
			close(c.request[i]);
		close(c.media);
	}
}

static void write_sysfs(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);

	EXPECT(fd >= 0);
	EXPECT_EQ(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

#define DRIVER	"/sys/bus/platform/drivers/daedalus_v4l2/"

static void unbind_while_busy(void)
{
	struct daedalus_job job;
	struct v4l2_capability cap;
	struct daedalus_event event;
	struct pollfd p;
	struct client c;
	int control = start_daemon(), session;

	setup_client(&c, 3);
	session = first_job(&c, control, &job, sizeof(job));
	EXPECT_EQ(submit(&c, 1), 0);

	write_sysfs(DRIVER "unbind", "daedalus_v4l2");
	EXPECT_ERRNO(ioctl(c.video, VIDIOC_QUERYCAP, &cap), ENODEV);
	EXPECT_ERRNO(read(control, &event, sizeof(event)), ENODEV);
	p = (struct pollfd) { .fd = control, .events = POLLIN };
	EXPECT_EQ(poll(&p, 1, 1000), 1);
	EXPECT(p.revents & POLLHUP);
	EXPECT(write_reply(session, job.id, DAEDALUS_STATUS_OK) < 0);
	EXPECT(access(DAEDALUS_CONTROL_DEVICE, F_OK));

	/* bind the driver again while the old files are open */
	write_sysfs(DRIVER "bind", "daedalus_v4l2");
	for (int i = 0; i < 100 && access(DAEDALUS_CONTROL_DEVICE, F_OK); i++)
		usleep(10000);
	start_daemon();
	close_client(&c);
	close(session);
	close(control);
}

static void module_stays_while_used(void)
{
	int control = start_daemon();
	struct client c;

	EXPECT_ERRNO(syscall(SYS_delete_module, "daedalus_v4l2", O_NONBLOCK), EWOULDBLOCK);
	setup_client(&c, 1);
	close(control);
	close(c.media);
	EXPECT(wait_for_nodes(false, 3000));
	close(c.video);
	/* an open request fd is enough to keep the module loaded */
	EXPECT_ERRNO(syscall(SYS_delete_module, "daedalus_v4l2", O_NONBLOCK), EWOULDBLOCK);
}

#define CLOSE_MS	1500
#define CLOSE_REQUESTS	16

/* Requests of which another thread closes the video file at the same time. */
struct closing {
	pthread_barrier_t start;
	int requests[CLOSE_REQUESTS];
	uint64_t delay_ns;
	bool reinit;
};

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * UINT64_C(1000000000) + now.tv_nsec;
}

static void *close_requests(void *data)
{
	struct closing *closing = data;
	uint64_t start;

	pthread_barrier_wait(&closing->start);
	for (start = now_ns(); now_ns() < start + closing->delay_ns;)
		;
	for (unsigned int i = 0; i < CLOSE_REQUESTS; i++) {
		if (closing->reinit)
			ioctl(closing->requests[i], MEDIA_REQUEST_IOC_REINIT);
		close(closing->requests[i]);
	}
	return NULL;
}

/*
 * Requests have controls of the file. The file and the requests let go of them at the same
 * time, each from its own list.
 */
static void file_and_requests_close(void)
{
	struct v4l2_ctrl_vp9_frame frame;
	int control = start_daemon();
	uint64_t end = now_ms() + CLOSE_MS, close_ns = 0;
	struct closing closing;
	struct client c;

	vp9_frame(&frame, 64, 64);
	EXPECT_EQ(pthread_barrier_init(&closing.start, NULL, 2), 0);
	for (unsigned int round = 0; now_ms() < end; round++) {
		pthread_t thread;
		uint64_t start;

		open_client(&c);
		for (unsigned int i = 0; i < CLOSE_REQUESTS; i++) {
			EXPECT_EQ(ioctl(c.media, MEDIA_IOC_REQUEST_ALLOC, &closing.requests[i]), 0);
			EXPECT_EQ(set_frame(&c, closing.requests[i], &frame), 0);
		}
		closing.reinit = round % 2;
		/* At each moment of the close() in turn. */
		closing.delay_ns = close_ns * (round % 32) / 32;
		EXPECT_EQ(pthread_create(&thread, NULL, close_requests, &closing), 0);
		pthread_barrier_wait(&closing.start);
		start = now_ns();
		close(c.video);
		close_ns = now_ns() - start;
		EXPECT_EQ(pthread_join(thread, NULL), 0);
		close(c.media);
	}
	pthread_barrier_destroy(&closing.start);
	close(control);
}

const struct test lifetime_tests[] = {
	{ "lifetime: a worker dies", worker_dies },
	{ "lifetime: the client goes first", client_goes_first },
	{ "lifetime: the client leaves before its session is opened", client_leaves_early },
	{ "lifetime: the daemon comes back", daemon_comes_back },
	{ "lifetime: another daemon gets its own nodes", other_daemon_other_nodes },
	{ "lifetime: the daemon is gone for good", daemon_is_gone_for_good },
	{ "lifetime: requests outlive the nodes", requests_outlive_the_nodes },
	{ "lifetime: the client closes while its jobs are made", close_while_jobs_are_made },
	{ "lifetime: a file and its requests close at the same time", file_and_requests_close },
	{ "lifetime: client and daemon are killed together", everybody_is_killed },
	{ "lifetime: the driver is unbound while busy", unbind_while_busy },
	{ "lifetime: the module stays while anything is open", module_stays_while_used },
	{ NULL, NULL }
};
