// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * A client's memory decides how long the kernel copies from it. That must stop
 * nobody but this client, and nothing that the ioctl uses may be freed meanwhile.
 */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>

#include "stall.h"

/* A call that others would hang in must end the test long before the 30 s of main.c. */
#define PATIENCE_S	8

static struct v4l2_ext_control frame_control(void *value)
{
	return (struct v4l2_ext_control) {
		.id = V4L2_CID_STATELESS_VP9_FRAME, .size = sizeof(struct v4l2_ctrl_vp9_frame),
		.ptr = value,
	};
}

/* Everything that a client needs to decode a frame. */
static void decode_a_frame(int control)
{
	struct v4l2_capability cap;
	struct client c;
	int session;

	setup_client(&c, 1);
	EXPECT_EQ(ioctl(c.video, VIDIOC_QUERYCAP, &cap), 0);
	session = first_session(&c, control);
	answer(&c, session, 0);
	close_client(&c);
	close(session);
}

/*
 * The core copies the values of controls with the lock of the file's controls held,
 * and queueing a request takes that lock below one that all clients share.
 */
static void control_stalls(unsigned long request)
{
	struct v4l2_ctrl_vp9_frame frame;
	struct v4l2_ext_control ctrl;
	struct v4l2_ext_controls ctrls = { .count = 1, .controls = &ctrl };
	struct client c;
	struct stall stall;
	struct call call;
	int control = start_daemon(), session;

	alarm(PATIENCE_S);
	stall_make(&stall);
	setup_client(&c, 2);
	session = first_session(&c, control);
	answer(&c, session, 0);
	vp9_frame(&frame, 64, 64);
	EXPECT_EQ(queue_buffer(&c, CAPTURE, 1, -1, 0), 0);
	EXPECT_EQ(set_frame(&c, c.request[1], &frame), 0);
	EXPECT_EQ(queue_buffer(&c, OUTPUT, 1, c.request[1], 5), 0);

	ctrl = frame_control(stall.page);
	call_start(&call, c.video, request, &ctrls);
	stall_wait(&stall);

	EXPECT_EQ(ioctl(c.request[1], MEDIA_REQUEST_IOC_QUEUE), 0);
	answer(&c, session, 1);
	decode_a_frame(control);

	stall_end(&stall, &frame, sizeof(frame));
	call_end(&call);
	if (call.ret)
		FAIL("the ioctl failed: %s", strerror(call.error));
	close_client(&c);
}

static void set_control_stalls(void)
{
	control_stalls(VIDIOC_S_EXT_CTRLS);
}

static void try_control_stalls(void)
{
	control_stalls(VIDIOC_TRY_EXT_CTRLS);
}

static void get_control_stalls(void)
{
	control_stalls(VIDIOC_G_EXT_CTRLS);
}

/* The values arrive although their page was not there, and bad ones are refused as before. */
static void control_arrives(void)
{
	struct v4l2_ctrl_vp9_frame frame, got = { 0 };
	struct v4l2_ext_control ctrl = frame_control(&got);
	struct v4l2_ext_controls ctrls = { .count = 1, .controls = &ctrl };
	struct client c;
	struct stall stall;
	struct call call;
	int control = start_daemon();

	(void)control;
	stall_make(&stall);
	open_client(&c);
	vp9_frame(&frame, 640, 480);
	ctrl.ptr = stall.page;
	call_start(&call, c.video, VIDIOC_S_EXT_CTRLS, &ctrls);
	stall_wait(&stall);
	stall_end(&stall, &frame, sizeof(frame));
	call_end(&call);
	EXPECT_EQ(call.ret, 0);

	ctrl = frame_control(&got);
	EXPECT_EQ(ioctl(c.video, VIDIOC_G_EXT_CTRLS, &ctrls), 0);
	EXPECT(!memcmp(&got, &frame, sizeof(frame)));
	EXPECT_ERRNO(set_frame(&c, -1, NULL), EFAULT);
	EXPECT_ERRNO(set_frame(&c, -1, (void *)1), EFAULT);
	ctrl = frame_control((void *)1);
	EXPECT_ERRNO(ioctl(c.video, VIDIOC_G_EXT_CTRLS, &ctrls), EFAULT);
	ctrls.controls = (void *)1;
	EXPECT_ERRNO(ioctl(c.video, VIDIOC_S_EXT_CTRLS, &ctrls), EFAULT);
	EXPECT_ERRNO(ioctl(c.video, VIDIOC_S_EXT_CTRLS, NULL), EFAULT);
}

/*
 * After fork() the pages of both processes are write-protected until one of them writes.
 * The core writes the value of a control back when it is set or tried.
 */
static void control_after_fork(void)
{
	size_t size = sysconf(_SC_PAGESIZE);
	struct v4l2_ext_control ctrl;
	struct v4l2_ext_controls ctrls = { .count = 1, .controls = &ctrl };
	struct client c;
	int control = start_daemon();
	void *page;
	pid_t pid;

	(void)control;
	open_client(&c);
	page = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	EXPECT(page != MAP_FAILED);
	vp9_frame(page, 64, 64);
	pid = fork();
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		pause();
		_exit(0);
	}
	EXPECT(pid > 0);
	ctrl = frame_control(page);
	if (ioctl(c.video, VIDIOC_TRY_EXT_CTRLS, &ctrls))
		FAIL("TRY_EXT_CTRLS: %s", strerror(errno));
	EXPECT_EQ(kill(pid, SIGKILL), 0);
}

/* The argument of an ioctl on the media node comes after the node was unregistered. */
static void argument_after_the_node(void)
{
	struct media_entity_desc desc = { .id = MEDIA_ENT_ID_FLAG_NEXT };
	struct client c;
	struct stall stall;
	struct call call;
	int control = start_daemon();

	stall_make(&stall);
	open_client(&c);
	call_start(&call, c.media, MEDIA_IOC_ENUM_ENTITIES, stall.page);
	stall_wait(&stall);
	close(control);
	EXPECT(wait_for_nodes(false, 3000));
	close(c.video);
	usleep(2500 * 1000);
	/* the next node takes the place of what may have been freed */
	control = start_daemon();
	stall_end(&stall, &desc, sizeof(desc));
	call_end(&call);
	if (!call.ret)
		FAIL("the ioctl found an entity, so it used another node");
}

/* The topology is copied with a lock of the media device held. */
static void topology_stalls(bool unregister)
{
	struct media_v2_topology topology = { 0 };
	struct media_device_info info;
	struct client c;
	struct stall stall;
	struct call call;
	int control = start_daemon();

	alarm(PATIENCE_S);
	stall_make(&stall);
	open_client(&c);
	EXPECT_EQ(ioctl(c.media, MEDIA_IOC_G_TOPOLOGY, &topology), 0);
	topology.ptr_entities = (uintptr_t)stall.page;
	call_start(&call, c.media, MEDIA_IOC_G_TOPOLOGY, &topology);
	stall_wait(&stall);
	if (unregister) {
		close(control);
		EXPECT(wait_for_nodes(false, 3000));
		control = start_daemon();
	}
	decode_a_frame(control);
	if (!unregister)
		EXPECT_EQ(ioctl(c.media, MEDIA_IOC_DEVICE_INFO, &info), 0);
	stall_end(&stall, "", 1);
	call_end(&call);
	if (!unregister && call.ret)
		FAIL("the ioctl failed: %s", strerror(call.error));
}

static void topology_stops_no_client(void)
{
	topology_stalls(false);
}

static void topology_stops_no_daemon(void)
{
	topology_stalls(true);
}

static void links_stop_no_client(void)
{
	struct media_entity_desc desc = { .id = MEDIA_ENT_ID_FLAG_NEXT };
	struct media_links_enum links = { 0 };
	struct client c;
	struct stall stall;
	struct call call;
	int control = start_daemon();

	alarm(PATIENCE_S);
	stall_make(&stall);
	open_client(&c);
	EXPECT_EQ(ioctl(c.media, MEDIA_IOC_ENUM_ENTITIES, &desc), 0);
	EXPECT(desc.pads > 0);
	links.entity = desc.id;
	links.pads = stall.page;
	call_start(&call, c.media, MEDIA_IOC_ENUM_LINKS, &links);
	stall_wait(&stall);
	decode_a_frame(control);
	stall_end(&stall, "", 1);
	call_end(&call);
	if (call.ret)
		FAIL("the ioctl failed: %s", strerror(call.error));
	EXPECT_EQ(links.pads[0].entity, desc.id);
}

#define DRIVER	"/sys/bus/platform/drivers/daedalus_v4l2/"

static void write_driver(const char *name)
{
	char path[128];
	int fd;

	snprintf(path, sizeof(path), DRIVER "%s", name);
	fd = open(path, O_WRONLY);
	EXPECT(fd >= 0);
	EXPECT_EQ(write(fd, "daedalus_v4l2", 13), 13);
	close(fd);
}

/* The media core asks the device for the name of its driver, which has gone. */
static void info_after_unbind(void)
{
	struct media_device_info info = { 0 };
	struct client c;
	struct stall stall;
	struct call call;
	int control = start_daemon();

	(void)control;
	stall_make(&stall);
	open_client(&c);
	call_start(&call, c.media, MEDIA_IOC_DEVICE_INFO, stall.page);
	stall_wait(&stall);
	write_driver("unbind");
	stall_end(&stall, &info, sizeof(info));
	call_end(&call);
	write_driver("bind");
	for (int i = 0; i < 100 && access(DAEDALUS_CONTROL_DEVICE, F_OK); i++)
		usleep(10000);
	if (!call.ret)
		EXPECT(!strcmp(((struct media_device_info *)stall.page)->driver,
			       "daedalus_v4l2"));
}

const struct test stall_tests[] = {
	{ "stall: a control that is set stops no other client", set_control_stalls },
	{ "stall: a control that is tried stops no other client", try_control_stalls },
	{ "stall: a control that is read stops no other client", get_control_stalls },
	{ "stall: a late control arrives whole", control_arrives },
	{ "stall: a control may be in memory that another process has too", control_after_fork },
	{ "stall: an argument may come after the node has gone", argument_after_the_node },
	{ "stall: the topology stops no other client", topology_stops_no_client },
	{ "stall: the topology does not stop the daemon", topology_stops_no_daemon },
	{ "stall: the links stop no other client", links_stop_no_client },
	{ "stall: an argument may come after the driver has gone", info_after_unbind },
	{ NULL, NULL }
};
