// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * A client's memory decides how long the kernel copies from it. That must stop
 * nobody but this client, and nothing that the ioctl uses may be freed meanwhile.
 */
#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>

#include "stall.h"

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
	{ "stall: an argument may come after the node has gone", argument_after_the_node },
	{ "stall: an argument may come after the driver has gone", info_after_unbind },
	{ NULL, NULL }
};
