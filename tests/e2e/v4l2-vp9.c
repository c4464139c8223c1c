// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Decodes a VP9 clip with the V4L2 stateless API alone and compares each frame
 * with the reference beside the clip.
 *
 *   v4l2-vp9 [--format FOURCC] [--capture KIND] [--output KIND] [--in-flight N] CLIP.ivf
 *
 * KIND is the memory of the buffers: mmap, expbuf, udmabuf or heap. Prints "ok
 * NAME" or "not ok WHAT: WHY". Exit status 0, 1, or 77 where the kernel lacks
 * that memory. Of the plugin, only the parser of VP9 headers is used.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <linux/media.h>

#include "e2e.h"
#include "core/gstdaedalusdevice.h"
#include "vp9/gstdaedalusvp9refs.h"
#include "v4l2-picture.h"
#include "v4l2-queue.h"

#define USAGE "v4l2-vp9 [--format FOURCC] [--capture KIND] [--output KIND] [--in-flight 1..16] CLIP.ivf"
#define MAX_IN_FLIGHT 16
#define PATIENCE_MS 5000

static gchar *format_name;
static gchar *capture_name;
static gchar *output_name;
static gint in_flight = 2;

static const GOptionEntry options[] = {
	{ "format", 'f', 0, G_OPTION_ARG_STRING, &format_name,
	  "CAPTURE format: NV12 (default), NM12, YU12 or P010", "FOURCC" },
	{ "capture", 'c', 0, G_OPTION_ARG_STRING, &capture_name,
	  "Memory of the CAPTURE buffers (default mmap)", "KIND" },
	{ "output", 'o', 0, G_OPTION_ARG_STRING, &output_name,
	  "Memory of the OUTPUT buffers (default mmap)", "KIND" },
	{ "in-flight", 'n', 0, G_OPTION_ARG_INT, &in_flight,
	  "Requests at the same time (default 2)", "N" },
	{ NULL }
};

/* A frame that is queued in the driver. */
struct job {
	unsigned int output;	/* buffer, and index of its request */
	unsigned int capture;
	uint64_t time_us;
	unsigned int width;
	unsigned int height;
};

struct client {
	int media_fd;
	struct queue output;
	struct queue capture;
	const struct picture_layout *layout;
	int requests[MAX_IN_FLIGHT];
	struct job jobs[MAX_IN_FLIGHT];	/* oldest first */
	unsigned int num_jobs;
	unsigned int next_output;
	uint64_t capture_time[QUEUE_MAX_BUFFERS];	/* of the picture in it */
	GstDaedalusVp9State state;
	GstDaedalusVp9Refs refs;
	unsigned int width;
	unsigned int height;
	unsigned int bit_depth;
	uint64_t time_us;
	GHashTable *md5s;	/* time to MD5 */
	GArray *shown;		/* times, in output order */
};

static void G_GNUC_NORETURN G_GNUC_PRINTF(1, 2) fail(const char *format, ...)
{
	va_list args;

	printf("not ok ");
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
	exit(1);
}

/* Take the oldest frame back from the driver. */
static void finish_job(struct client *client)
{
	const struct job job = client->jobs[0];
	struct pollfd pollfd = { .fd = client->requests[job.output], .events = POLLPRI };
	struct queue_done output, capture;
	uint64_t *time = g_new(uint64_t, 1);

	if (poll(&pollfd, 1, PATIENCE_MS) != 1 || !(pollfd.revents & POLLPRI))
		fail("request: it was not completed in %d ms", PATIENCE_MS);
	output = queue_get(&client->output);
	capture = queue_get(&client->capture);
	if (output.index != job.output || capture.index != job.capture)
		fail("order: buffers %u and %u came back, not %u and %u", output.index,
		     capture.index, job.output, job.capture);
	if (capture.time_us != job.time_us)
		fail("time: the picture has %" G_GUINT64_FORMAT " us, not %" G_GUINT64_FORMAT,
		     capture.time_us, job.time_us);
	if (output.error || capture.error)
		fail("frame of %" G_GUINT64_FORMAT " us: a buffer has the error flag", job.time_us);

	*time = job.time_us;
	g_hash_table_insert(client->md5s, time,
			    picture_md5(&client->capture, job.capture, client->layout, job.width,
					job.height));
	queue_ioctl(client->requests[job.output], MEDIA_REQUEST_IOC_REINIT, NULL,
		    "MEDIA_REQUEST_IOC_REINIT");
	memmove(client->jobs, client->jobs + 1, --client->num_jobs * sizeof(*client->jobs));
}

static void set_controls(struct client *client, struct v4l2_ctrl_vp9_frame *frame, int request)
{
	struct v4l2_ext_control control = {
		.id = V4L2_CID_STATELESS_VP9_FRAME,
		.size = sizeof(*frame),
		.ptr = frame,
	};
	struct v4l2_ext_controls controls = { .count = 1, .controls = &control };

	if (request >= 0) {
		controls.which = V4L2_CTRL_WHICH_REQUEST_VAL;
		controls.request_fd = request;
	}
	queue_ioctl(client->output.fd, VIDIOC_S_EXT_CTRLS, &controls, "VIDIOC_S_EXT_CTRLS");
}

/* The format that the user wants, or the one for more than 8 bits. */
static const struct picture_layout *choose_layout(unsigned int bit_depth)
{
	const char *name = bit_depth > 8 ? "P010" : format_name ? format_name : "NV12";
	const struct picture_layout *layout = picture_layout_find(v4l2_fourcc(name[0], name[1],
									      name[2], name[3]));

	if (!layout)
		fail("format: %s is unknown here", name);
	return layout;
}

/* Set the device up for frames of the size and depth of @header. */
static void configure(struct client *client, const GstVp9FrameHdr *header,
		      struct v4l2_ctrl_vp9_frame *frame)
{
	if (client->width == header->width && client->height == header->height &&
	    client->bit_depth == client->state.color.bit_depth)
		return;
	while (client->num_jobs)
		finish_job(client);
	queue_stop(&client->capture);
	queue_set_format(&client->output, V4L2_PIX_FMT_VP9_FRAME, header->width, header->height,
			 1 << 20);
	set_controls(client, frame, -1);
	client->layout = choose_layout(client->state.color.bit_depth);
	queue_set_format(&client->capture, client->layout->fourcc, header->width, header->height, 0);
	if (client->capture.pix.num_planes != client->layout->mem_planes)
		fail("format: %u memory planes", client->capture.pix.num_planes);
	if (!client->output.num_buffers)
		queue_start(&client->output, in_flight);
	memset(client->capture_time, 0, sizeof(client->capture_time));
	queue_start(&client->capture, GST_VP9_REF_FRAMES + in_flight + 1);
	client->width = header->width;
	client->height = header->height;
	client->bit_depth = client->state.color.bit_depth;
}

/* Index of a CAPTURE buffer that neither the driver nor a reference slot uses. */
static unsigned int free_capture(const struct client *client)
{
	for (unsigned int i = 0; i < client->capture.num_buffers; i++) {
		bool used = false;

		for (unsigned int j = 0; j < client->num_jobs; j++)
			used |= client->jobs[j].capture == i;
		for (unsigned int s = 0; s < GST_VP9_REF_FRAMES; s++)
			used |= client->refs.slots[s] && client->capture_time[i] &&
				client->refs.slots[s]->timestamp == client->capture_time[i];
		if (!used)
			return i;
	}
	fail("buffers: all CAPTURE buffers are in use");
}

static void decode_frame(struct client *client, const uint8_t *data, size_t size)
{
	GstDaedalusLayout no_layout = { 0 };
	GstVp9FrameHdr header;
	struct v4l2_ctrl_vp9_frame frame;
	GstDaedalusPicture *picture;
	GError *error = NULL;
	struct job *job;

	if (!gst_daedalus_vp9_header_parse(&header, &client->state, data, size, &error) ||
	    !gst_daedalus_vp9_refs_check(&client->refs, &header, &error))
		fail("header: %s", error->message);
	if (header.show_existing_frame) {
		g_array_append_val(client->shown,
				   client->refs.slots[header.frame_to_show]->timestamp);
		return;
	}
	gst_daedalus_vp9_fill_frame(&frame, &header, &client->state, &client->refs);
	configure(client, &header, &frame);
	if (client->num_jobs == client->output.num_buffers)
		finish_job(client);

	job = &client->jobs[client->num_jobs];
	job->capture = free_capture(client);
	job->output = client->next_output++ % client->output.num_buffers;
	job->time_us = ++client->time_us;
	job->width = header.width;
	job->height = header.height;
	client->num_jobs++;
	if (size > client->output.planes[job->output][0].size)
		fail("frame: %zu bytes do not fit into an OUTPUT buffer", size);
	queue_access(&client->output, job->output, true);
	memcpy(client->output.planes[job->output][0].data, data, size);
	queue_access(&client->output, job->output, false);
	set_controls(client, &frame, client->requests[job->output]);
	queue_put(&client->capture, job->capture, 0, 0, -1);
	queue_put(&client->output, job->output, size, job->time_us, client->requests[job->output]);
	queue_ioctl(client->requests[job->output], MEDIA_REQUEST_IOC_QUEUE, NULL,
		    "MEDIA_REQUEST_IOC_QUEUE");

	client->capture_time[job->capture] = job->time_us;
	picture = gst_daedalus_picture_new(job->time_us, &no_layout, NULL, NULL);
	gst_daedalus_vp9_refs_update(&client->refs, &header, picture);
	gst_daedalus_picture_unref(picture);
	if (header.show_frame)
		g_array_append_val(client->shown, job->time_us);
}

/* A chunk is a frame, or a superframe with an index at its end (Annex B). */
static void decode_chunk(struct client *client, const uint8_t *data, size_t size)
{
	unsigned int frames = 1, bytes = 0;
	const uint8_t *index = NULL;

	if (size && (data[size - 1] & 0xe0) == 0xc0) {
		unsigned int n = (data[size - 1] & 7) + 1, mag = ((data[size - 1] >> 3) & 3) + 1;

		if (size >= 2 + n * mag && data[size - 2 - n * mag] == data[size - 1]) {
			index = data + size - 1 - n * mag;
			frames = n;
			bytes = mag;
		}
	}
	for (unsigned int i = 0; i < frames; i++) {
		size_t length = index ? 0 : size;

		for (unsigned int b = 0; index && b < bytes; b++)
			length |= (size_t)*index++ << (8 * b);
		if (length > size)
			fail("superframe: its index is wrong");
		if (length)
			decode_frame(client, data, length);
		data += length;
		size -= length;
	}
}

static void open_device(struct client *client)
{
	GError *error = NULL;
	GstDaedalusDevice *device = gst_daedalus_device_find(&error);

	if (!device)
		fail("device: %s", error->message);
	client->media_fd = open(device->media_path, O_RDWR | O_CLOEXEC);
	client->output.fd = open(device->video_path, O_RDWR | O_CLOEXEC);
	if (client->media_fd < 0 || client->output.fd < 0)
		fail("device: %s", strerror(errno));
	gst_daedalus_device_free(device);
	client->capture.fd = client->output.fd;
	client->output.type = V4L2_BUF_TYPE_VIDEO_OUTPUT_MPLANE;
	client->capture.type = V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE;
	for (int i = 0; i < in_flight; i++)
		queue_ioctl(client->media_fd, MEDIA_IOC_REQUEST_ALLOC, &client->requests[i],
			    "MEDIA_IOC_REQUEST_ALLOC");
}

static void close_device(struct client *client)
{
	queue_stop(&client->output);
	queue_stop(&client->capture);
	for (int i = 0; i < in_flight; i++)
		close(client->requests[i]);
	close(client->media_fd);
	close(client->output.fd);
}

static char *decode(struct client *client, const char *file, char **references)
{
	GPtrArray *chunks = e2e_read_ivf(file), *shown = g_ptr_array_new();
	char *problem;

	if (!chunks)
		fail("%s: no IVF file", file);
	open_device(client);
	for (unsigned int i = 0; i < chunks->len; i++) {
		gsize size;
		const guint8 *data = g_bytes_get_data(g_ptr_array_index(chunks, i), &size);

		decode_chunk(client, data, size);
	}
	while (client->num_jobs)
		finish_job(client);
	close_device(client);

	for (unsigned int i = 0; i < client->shown->len; i++)
		g_ptr_array_add(shown, g_hash_table_lookup(client->md5s,
				&g_array_index(client->shown, uint64_t, i)));
	problem = e2e_compare(shown, references);
	gst_daedalus_vp9_refs_clear(&client->refs);
	g_ptr_array_unref(shown);
	g_ptr_array_unref(chunks);
	return problem;
}

int main(int argc, char **argv)
{
	struct client client = { 0 };
	char **references;
	gchar *name;
	gboolean ok;

	e2e_options(&argc, &argv, options, USAGE);
	if (argc != 2 || in_flight < 1 || in_flight > MAX_IN_FLIGHT ||
	    (format_name && strlen(format_name) != 4) ||
	    (capture_name && !queue_memory_parse(capture_name, &client.capture.memory)) ||
	    (output_name && !queue_memory_parse(output_name, &client.output.memory)))
		e2e_usage(USAGE);
	if (!queue_memory_present(client.capture.memory) ||
	    !queue_memory_present(client.output.memory)) {
		printf("this kernel has no %s\n", client.capture.memory == QUEUE_UDMABUF ||
		       client.output.memory == QUEUE_UDMABUF ? "udmabuf" : "DMA-BUF heap");
		return 77;
	}
	references = e2e_references(argv[1]);
	if (!references)
		return 1;

	client.md5s = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, g_free);
	client.shown = g_array_new(FALSE, FALSE, sizeof(uint64_t));
	name = g_path_get_basename(argv[1]);
	ok = e2e_report(name, decode(&client, argv[1], references));
	g_hash_table_unref(client.md5s);
	g_array_unref(client.shown);
	g_strfreev(references);
	g_free(name);
	return ok ? 0 : 1;
}
