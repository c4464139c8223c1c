// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Sends a decoder requests that make no sense, between some that do.
 *
 *   v4l2-garbage [--seed N] [--rounds N] CLIP.ivf
 *
 * Each bad request must be refused by an ioctl or come back in time, with or
 * without the error flag; each good one, the clip's first frame, must be exact.
 * Prints a line per kind of request. Exit status 0 if all is well.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <linux/media.h>

#include "e2e.h"
#include "core/gstdaedalusdevice.h"
#include "vp9/gstdaedalusvp9refs.h"
#include "v4l2-picture.h"

#define USAGE "v4l2-garbage [--seed N] [--rounds N] CLIP.ivf"
#define PATIENCE_MS 5000
#define NUM_OUTPUT 2
#define NUM_CAPTURE 4

static gint seed = 1;
static gint rounds = 40;

static const GOptionEntry options[] = {
	{ "seed", 's', 0, G_OPTION_ARG_INT, &seed, "Of the random numbers (default 1)", "N" },
	{ "rounds", 'r', 0, G_OPTION_ARG_INT, &rounds,
	  "Requests of each kind (default 40)", "N" },
	{ NULL }
};

/* What a request consists of; a kind of garbage changes it. */
struct request {
	struct v4l2_ctrl_vp9_frame frame;
	uint8_t *data;
	size_t size;
	bool no_control;
	bool no_buffer;
};

struct device {
	int media_fd;
	int request_fd;
	struct queue output;
	struct queue capture;
	unsigned int next_output;
	uint64_t time_us;
};

static void random_bytes(GRand *rand, void *data, size_t size)
{
	for (size_t i = 0; i < size; i++)
		((uint8_t *)data)[i] = g_rand_int(rand);
}

static void garbage_bitstream(struct request *r, GRand *rand)
{
	random_bytes(rand, r->data, r->size);
}

static void garbage_after_header(struct request *r, GRand *rand)
{
	random_bytes(rand, r->data + 18, r->size - 18);
}

static void flipped_bits(struct request *r, GRand *rand)
{
	for (int i = 0; i < 16; i++)
		r->data[g_rand_int_range(rand, 0, r->size)] ^= 1 << g_rand_int_range(rand, 0, 8);
}

static void short_bitstream(struct request *r, GRand *rand)
{
	r->size = g_rand_int_range(rand, 1, 40);
}

static void garbage_control(struct request *r, GRand *rand)
{
	random_bytes(rand, &r->frame, sizeof(r->frame));
}

static void another_size(struct request *r, GRand *rand)
{
	r->frame.frame_width_minus_1 = g_rand_int(rand);
	r->frame.frame_height_minus_1 = g_rand_int(rand);
}

static void another_depth(struct request *r, GRand *rand)
{
	r->frame.profile = 2;
	r->frame.bit_depth = g_rand_boolean(rand) ? 10 : 12;
}

static void another_chroma(struct request *r, GRand *rand)
{
	(void)rand;
	r->frame.profile = 1;
	r->frame.flags &= ~V4L2_VP9_FRAME_FLAG_X_SUBSAMPLING;
}

static void unknown_references(struct request *r, GRand *rand)
{
	r->frame.flags &= ~V4L2_VP9_FRAME_FLAG_KEY_FRAME;
	random_bytes(rand, &r->frame.last_frame_ts, 3 * sizeof(r->frame.last_frame_ts));
}

static void wrong_header_sizes(struct request *r, GRand *rand)
{
	r->frame.uncompressed_header_size = g_rand_int(rand);
	r->frame.compressed_header_size = g_rand_int(rand);
}

static void one_random_byte(struct request *r, GRand *rand)
{
	((uint8_t *)&r->frame)[g_rand_int_range(rand, 0, sizeof(r->frame))] = g_rand_int(rand);
}

static void no_control(struct request *r, GRand *rand)
{
	(void)rand;
	r->no_control = true;
}

static void no_buffer(struct request *r, GRand *rand)
{
	(void)rand;
	r->no_buffer = true;
}

/* refused: some ioctl has to say no. */
static const struct kind {
	const char *name;
	void (*spoil)(struct request *request, GRand *rand);
	bool refused;
} kinds[] = {
	{ "a bitstream of noise", garbage_bitstream, false },
	{ "noise after the header", garbage_after_header, false },
	{ "flipped bits", flipped_bits, false },
	{ "a bitstream that ends early", short_bitstream, false },
	{ "a control of noise", garbage_control, false },
	{ "another size in the control", another_size, false },
	{ "another bit depth in the control", another_depth, false },
	{ "chroma that is not 4:2:0", another_chroma, true },
	{ "references that nobody knows", unknown_references, false },
	{ "wrong header sizes", wrong_header_sizes, false },
	{ "one random byte in the control", one_random_byte, false },
	{ "a request without the control", no_control, true },
	{ "a request without a buffer", no_buffer, true },
};

static int set_control(struct device *device, struct v4l2_ctrl_vp9_frame *frame, int request_fd)
{
	struct v4l2_ext_control control = {
		.id = V4L2_CID_STATELESS_VP9_FRAME,
		.size = sizeof(*frame),
		.ptr = frame,
	};
	struct v4l2_ext_controls controls = { .count = 1, .controls = &control };

	if (request_fd >= 0) {
		controls.which = V4L2_CTRL_WHICH_REQUEST_VAL;
		controls.request_fd = request_fd;
	}
	return ioctl(device->output.fd, VIDIOC_S_EXT_CTRLS, &controls) ? -errno : 0;
}

/* 0 and the CAPTURE buffer, or what an ioctl said, or -ETIMEDOUT. */
static int send_request(struct device *device, struct request *request, struct queue_done *done)
{
	unsigned int index = device->next_output++ % NUM_OUTPUT;
	struct pollfd pollfd = { .fd = device->request_fd, .events = POLLPRI };
	int ret = 0;

	memcpy(device->output.planes[index][0].data, request->data, request->size);
	if (!request->no_control)
		ret = set_control(device, &request->frame, device->request_fd);
	if (!ret && !request->no_buffer)
		queue_put(&device->output, index, request->size, ++device->time_us,
			  device->request_fd);
	if (!ret && ioctl(device->request_fd, MEDIA_REQUEST_IOC_QUEUE))
		ret = -errno;
	if (!ret && (poll(&pollfd, 1, PATIENCE_MS) != 1 || !(pollfd.revents & POLLPRI)))
		return -ETIMEDOUT;
	if (!ret) {
		queue_get(&device->output);
		*done = queue_get(&device->capture);
	}
	/* Takes back what was not queued, too. */
	queue_ioctl(device->request_fd, MEDIA_REQUEST_IOC_REINIT, NULL, "MEDIA_REQUEST_IOC_REINIT");
	return ret;
}

static char *check_good(struct device *device, const struct request *good, const char *reference)
{
	const struct picture_layout *layout = picture_layout_find(V4L2_PIX_FMT_NV12);
	struct request request = *good;
	struct queue_done done;
	int ret = send_request(device, &request, &done);
	char *problem = NULL, *md5;

	if (ret)
		return g_strdup_printf("a good request afterwards: %s", strerror(-ret));
	md5 = picture_md5(&device->capture, done.index, layout, good->frame.frame_width_minus_1 + 1,
			  good->frame.frame_height_minus_1 + 1);
	if (done.error)
		problem = g_strdup("a good frame afterwards has the error flag");
	else if (strcmp(md5, reference))
		problem = g_strdup_printf("a good frame afterwards is %s, not %s", md5, reference);
	queue_put(&device->capture, done.index, 0, 0, -1);
	g_free(md5);
	return problem;
}

static char *check_kind(struct device *device, const struct request *good, const struct kind *kind,
			const char *reference, GRand *rand)
{
	int refused = 0, flagged = 0, done_well = 0;
	char *problem = NULL;

	for (int i = 0; i < rounds && !problem; i++) {
		struct request request = *good;
		struct queue_done done;
		int ret;

		request.data = g_memdup2(good->data, good->size);
		kind->spoil(&request, rand);
		ret = send_request(device, &request, &done);
		g_free(request.data);
		if (ret == -ETIMEDOUT)
			return g_strdup_printf("it was not completed in %d ms", PATIENCE_MS);
		if (!ret)
			queue_put(&device->capture, done.index, 0, 0, -1);
		if (!ret && kind->refused)
			return g_strdup("it was accepted");
		refused += ret != 0;
		flagged += !ret && done.error;
		done_well += !ret && !done.error;
		if (i % 4 == 3)
			problem = check_good(device, good, reference);
	}
	fprintf(stderr, "%s: %d refused, %d with the error flag, %d decoded\n", kind->name, refused,
		flagged, done_well);
	return problem ? problem : check_good(device, good, reference);
}

static void open_device(struct device *device, struct request *good)
{
	GError *error = NULL;
	GstDaedalusDevice *found = gst_daedalus_device_find(&error);

	if (!found) {
		printf("not ok device: %s\n", error->message);
		exit(1);
	}
	device->media_fd = open(found->media_path, O_RDWR | O_CLOEXEC);
	device->output.fd = open(found->video_path, O_RDWR | O_CLOEXEC);
	gst_daedalus_device_free(found);
	device->capture.fd = device->output.fd;
	device->output.type = V4L2_BUF_TYPE_VIDEO_OUTPUT_MPLANE;
	device->capture.type = V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE;
	queue_ioctl(device->media_fd, MEDIA_IOC_REQUEST_ALLOC, &device->request_fd,
		    "MEDIA_IOC_REQUEST_ALLOC");
	queue_set_format(&device->output, V4L2_PIX_FMT_VP9_FRAME,
			 good->frame.frame_width_minus_1 + 1,
			 good->frame.frame_height_minus_1 + 1, 1 << 20);
	if (set_control(device, &good->frame, -1)) {
		printf("not ok control: %s\n", strerror(errno));
		exit(1);
	}
	queue_set_format(&device->capture, V4L2_PIX_FMT_NV12, good->frame.frame_width_minus_1 + 1,
			 good->frame.frame_height_minus_1 + 1, 0);
	queue_start(&device->output, NUM_OUTPUT);
	queue_start(&device->capture, NUM_CAPTURE);
	for (unsigned int i = 0; i < device->capture.num_buffers; i++)
		queue_put(&device->capture, i, 0, 0, -1);
}

/* The clip's first frame, a key frame. */
static void load(struct request *good, const char *path)
{
	GPtrArray *chunks = e2e_read_ivf(path);
	GstDaedalusVp9State state = { 0 };
	GstDaedalusVp9Refs refs = { 0 };
	GstVp9FrameHdr header;
	GError *error = NULL;
	const guint8 *data;

	if (!chunks || !chunks->len)
		exit(1);
	data = g_bytes_get_data(g_ptr_array_index(chunks, 0), &good->size);
	good->data = g_memdup2(data, good->size);
	g_ptr_array_unref(chunks);
	if (!gst_daedalus_vp9_header_parse(&header, &state, good->data, good->size, &error) ||
	    header.frame_type != GST_VP9_KEY_FRAME || good->size < 64) {
		printf("not ok %s: it does not start with a key frame alone\n", path);
		exit(1);
	}
	gst_daedalus_vp9_fill_frame(&good->frame, &header, &state, &refs);
}

int main(int argc, char **argv)
{
	struct request good = { 0 };
	struct device device = { 0 };
	char **references;
	gboolean ok = TRUE;
	GRand *rand;

	e2e_options(&argc, &argv, options, USAGE);
	if (argc != 2)
		e2e_usage(USAGE);
	references = e2e_references(argv[1]);
	if (!references)
		return 1;
	load(&good, argv[1]);
	open_device(&device, &good);
	rand = g_rand_new_with_seed(seed);
	for (guint i = 0; i < G_N_ELEMENTS(kinds); i++)
		ok &= e2e_report(kinds[i].name, check_kind(&device, &good, &kinds[i],
							   references[0], rand));
	queue_stop(&device.output);
	queue_stop(&device.capture);
	close(device.request_fd);
	close(device.media_fd);
	close(device.output.fd);
	g_rand_free(rand);
	g_strfreev(references);
	g_free(good.data);
	return ok ? 0 : 1;
}
