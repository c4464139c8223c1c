// SPDX-License-Identifier: LGPL-2.1-or-later
/* Clients of the hijacked daemon, in this process and in others. */
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/wait.h>

#include "hijacked.h"

struct supervised supervised;
uid_t daemon_uid;

void order(struct client *c, unsigned int index, enum attack number)
{
	struct v4l2_ctrl_vp9_frame frame;

	vp9_frame(&frame, 64, 64);
	c->src[index][0] = number;
	EXPECT_EQ(queue_buffer(c, CAPTURE, index, -1, 0), 0);
	EXPECT_EQ(set_frame(c, c->request[index], &frame), 0);
	EXPECT_EQ(queue_buffer(c, OUTPUT, index, c->request[index], 1000 + index), 0);
	EXPECT_EQ(ioctl(c->request[index], MEDIA_REQUEST_IOC_QUEUE), 0);
}

/* Dequeue both buffers of job @index and make its request new again. Return: its ERROR flag. */
bool finish(struct client *c, unsigned int index, int ms)
{
	struct v4l2_buffer buf;
	bool error;

	if (dequeue(c, CAPTURE, &buf, ms))
		FAIL("no CAPTURE buffer %u within %d ms", index, ms);
	EXPECT_EQ(buf.index, index);
	error = buf.flags & V4L2_BUF_FLAG_ERROR;
	EXPECT_EQ(dequeue(c, OUTPUT, &buf, 2000), 0);
	EXPECT_EQ(ioctl(c->request[index], MEDIA_REQUEST_IOC_REINIT), 0);
	return error;
}

pid_t worker_of_new_stream(void)
{
	const char *rest = log_wait(&supervised, ": hijacked of process ", LOG_MS);
	int client, worker;

	EXPECT(rest && sscanf(rest, "%d, worker %d", &client, &worker) == 2);
	EXPECT_EQ(client, getpid());
	return worker;
}

/* A client with a stream that has made a picture. Return: its worker. */
pid_t start_stream(struct client *c)
{
	pid_t worker;

	setup_client(c, 2);
	order(c, 0, ATTACK_NONE);
	worker = worker_of_new_stream();
	EXPECT(!finish(c, 0, DEADLINE_MS + SLACK_MS));
	return worker;
}

/* Run @function in a process of its own, another client. */
pid_t in_background(void (*function)(void))
{
	pid_t pid;

	log_skip(&supervised);
	fflush(NULL);
	pid = fork();
	if (!pid) {
		alarm(TIMEOUT_S);
		function();
		exit(0);
	}
	return pid;
}

void expect_good_end(pid_t pid)
{
	int status;

	EXPECT_EQ(waitpid(pid, &status, 0), pid);
	EXPECT(WIFEXITED(status) && !WEXITSTATUS(status));
}

void as_other_client(void (*function)(void))
{
	expect_good_end(in_background(function));
}

void picture_of_other_client(void)
{
	struct client c;

	start_stream(&c);
	close_client(&c);
}

void crash_of_other_client(void)
{
	struct client c;

	setup_client(&c, 1);
	order(&c, 0, ATTACK_CRASH);
	EXPECT(log_wait(&supervised, "died of SIGSEGV", LOG_MS));
	EXPECT(finish(&c, 0, DEADLINE_MS + SLACK_MS));
	close_client(&c);
}
