// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * New buffers are zeroed by the CPU. Where the CPU's caches are not coherent with
 * devices, their first DMA_BUF_IOCTL_SYNC would throw those zeros away and show what
 * the memory had before. So the kernel has to write them back when it allocates, and
 * a CAPTURE buffer has to be one that the CPU writes too. The machines that run the
 * tests are coherent; the DMA core's trace events show the calls that count.
 */
#include <fcntl.h>
#include <linux/dma-buf.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include "harness.h"

#define TRACING	"/sys/kernel/tracing/"

static void trace_write(const char *name, const char *text)
{
	char path[128];
	int fd;

	snprintf(path, sizeof(path), TRACING "%s", name);
	fd = open(path, O_WRONLY | O_TRUNC);
	EXPECT(fd >= 0);
	EXPECT_EQ(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

/* Lines of the trace that have all of @a, @b and the module's name. */
static unsigned int traced(const char *a, const char *b)
{
	static char line[65536];
	FILE *file = fopen(TRACING "trace", "r");
	unsigned int n = 0;

	EXPECT(file);
	while (fgets(line, sizeof(line), file))
		n += strstr(line, a) && strstr(line, b) && strstr(line, " daedalus_v4l2 ");
	fclose(file);
	return n;
}

static void sync_access(int fd, uint64_t flags)
{
	struct dma_buf_sync sync = { .flags = flags };

	EXPECT_EQ(ioctl(fd, DMA_BUF_IOCTL_SYNC, &sync), 0);
}

/* Does the kernel sync for this device at all? A dma-buf of its own tells. */
static bool device_needs_syncs(void)
{
	struct v4l2_requestbuffers req = {
		.count = 1, .type = CAPTURE, .memory = V4L2_MEMORY_MMAP,
	};
	struct v4l2_exportbuffer exp = { .type = CAPTURE, .flags = O_RDWR | O_CLOEXEC };
	unsigned int before = traced("dma_sync_sg_for_cpu:", "");
	struct client c;

	open_client(&c);
	EXPECT_EQ(ioctl(c.video, VIDIOC_REQBUFS, &req), 0);
	EXPECT_EQ(ioctl(c.video, VIDIOC_EXPBUF, &exp), 0);
	trace_write("events/dma/dma_sync_sg_for_cpu/enable", "1");
	sync_access(exp.fd, DMA_BUF_SYNC_START | DMA_BUF_SYNC_RW);
	trace_write("events/dma/dma_sync_sg_for_cpu/enable", "0");
	sync_access(exp.fd, DMA_BUF_SYNC_END | DMA_BUF_SYNC_RW);
	return traced("dma_sync_sg_for_cpu:", "") > before;
}

/* Make three buffers for each queue while the DMA core is traced. */
static void trace_allocation(void)
{
	struct v4l2_requestbuffers req = { .count = 3, .memory = V4L2_MEMORY_MMAP };
	struct client c;
	int control = start_daemon();

	(void)control;
	if (access(TRACING "events/dma/dma_sync_sg_for_device/enable", F_OK))
		SKIP("no trace event dma_sync_sg_for_device (Linux before 6.12)");
	open_client(&c);
	trace_write("trace", "");
	trace_write("events/dma/enable", "1");
	trace_write("tracing_on", "1");
	req.type = CAPTURE;
	EXPECT_EQ(ioctl(c.video, VIDIOC_REQBUFS, &req), 0);
	req.type = OUTPUT;
	EXPECT_EQ(ioctl(c.video, VIDIOC_REQBUFS, &req), 0);
	trace_write("events/dma/enable", "0");
	if (!traced("dma_map_sg", ""))
		SKIP("the DMA core of this kernel traces no mappings");
}

static void pictures_are_written_by_the_cpu(void)
{
	trace_allocation();
	EXPECT_EQ(traced("dma_map_sg:", "dir=BIDIRECTIONAL"), 3);
	EXPECT_EQ(traced("dma_map_sg:", "dir=TO_DEVICE"), 3);
}

/* Seen with CONFIG_DMA_API_DEBUG, with swiotlb=force and where caches are not coherent. */
static void new_buffers_are_written_back(void)
{
	trace_allocation();
	if (!device_needs_syncs())
		SKIP("this device needs no DMA syncs");
	EXPECT_EQ(traced("dma_sync_sg_for_device:", "dir=BIDIRECTIONAL"), 3);
	EXPECT_EQ(traced("dma_sync_sg_for_device:", "dir=TO_DEVICE"), 3);
}

static void pictures_survive_syncs(void)
{
	struct v4l2_exportbuffer exp = { .type = CAPTURE, .flags = O_RDONLY | O_CLOEXEC };
	struct daedalus_get_buffer get;
	struct daedalus_job job;
	struct client c;
	uint8_t *daemon, *client;
	int control = start_daemon(), session;

	setup_client(&c, 1);
	EXPECT_EQ(ioctl(c.video, VIDIOC_EXPBUF, &exp), 0);
	session = first_job(&c, control, &job, sizeof(job));
	get = (struct daedalus_get_buffer) { .buffer = job.dst[0].buffer };
	EXPECT_EQ(ioctl(session, DAEDALUS_IOC_GET_BUFFER, &get), 0);
	daemon = mmap(NULL, get.length, PROT_READ | PROT_WRITE, MAP_SHARED, get.fd, 0);
	client = mmap(NULL, get.length, PROT_READ, MAP_SHARED, exp.fd, 0);
	EXPECT(daemon != MAP_FAILED && client != MAP_FAILED);

	sync_access(get.fd, DMA_BUF_SYNC_START | DMA_BUF_SYNC_RW);
	for (unsigned int i = 0; i < get.length; i++)
		EXPECT_EQ(daemon[i], 0);
	memset(daemon, 0x5a, get.length);
	sync_access(get.fd, DMA_BUF_SYNC_END | DMA_BUF_SYNC_RW);
	EXPECT_EQ(write_reply(session, job.id, DAEDALUS_STATUS_OK), 0);
	expect_capture(&c, 0, false);

	sync_access(exp.fd, DMA_BUF_SYNC_START | DMA_BUF_SYNC_READ);
	for (unsigned int i = 0; i < get.length; i++)
		EXPECT_EQ(client[i], 0x5a);
	sync_access(exp.fd, DMA_BUF_SYNC_END | DMA_BUF_SYNC_READ);
}

const struct test dma_tests[] = {
	{ "dma: the CPU writes CAPTURE buffers", pictures_are_written_by_the_cpu },
	{ "dma: new buffers are written back", new_buffers_are_written_back },
	{ "dma: a picture survives the syncs of both sides", pictures_survive_syncs },
	{ NULL, NULL }
};
