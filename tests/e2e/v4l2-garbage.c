// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Sends a decoder requests that make no sense, between some that do.
 *
 *   v4l2-garbage [--seed N] [--rounds N] [--expect-wrong] CLIP.ivf
 *
 * Each bad request must end in time, as its kind says: refused by an ioctl, flagged, or
 * decoded. Each good one, the clip's first frame, must be exact. Prints a line per kind
 * of request. Exit status 0 if all is well. With --expect-wrong another end is
 * expected of each kind, so that all must fail.
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
#include "v4l2-garbage-vp9.h"
#include "v4l2-picture.h"

#define USAGE "v4l2-garbage [--seed N] [--rounds N] [--expect-wrong] CLIP.ivf"
#define PATIENCE_MS 5000
#define NUM_OUTPUT 2
#define NUM_CAPTURE 4

static gint seed = 1;
static gint rounds = 40;
static gboolean expect_wrong;

static const GOptionEntry options[] = {
	{ "seed", 's', 0, G_OPTION_ARG_INT, &seed, "Of the random numbers (default 1)", "N" },
	{ "rounds", 'r', 0, G_OPTION_ARG_INT, &rounds,
	  "Requests of each kind (default 40)", "N" },
	{ "expect-wrong", 'w', 0, G_OPTION_ARG_NONE, &expect_wrong,
	  "Expect what does not happen, for a test of this test", NULL },
	{ NULL }
};

struct device {
	int media_fd;
	int request_fd;
	struct queue output;
	struct queue capture;
	unsigned int next_output;
	uint64_t time_us;
};

/* Data from which requests are made. */
struct clip {
	struct garbage_request good;	/* the first frame, a key frame */
	struct garbage_inputs inputs;
	char **references;
	GPtrArray *chunks;
};

static int set_control(struct device *device, const struct v4l2_ctrl_vp9_frame *frame,
		       int request_fd)
{
	struct v4l2_ctrl_vp9_frame value = *frame;
	struct v4l2_ext_control control = {
		.id = V4L2_CID_STATELESS_VP9_FRAME,
		.size = sizeof(value),
		.ptr = &value,
	};
	struct v4l2_ext_controls controls = { .count = 1, .controls = &control };

	if (request_fd >= 0) {
		controls.which = V4L2_CTRL_WHICH_REQUEST_VAL;
		controls.request_fd = request_fd;
	}
	return ioctl(device->output.fd, VIDIOC_S_EXT_CTRLS, &controls) ? -errno : 0;
}

/* Return: 0 with the CAPTURE buffer, the negative errno of an ioctl, or -ETIMEDOUT. */
static int send_request(struct device *device, const struct garbage_request *request,
			struct queue_done *done)
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
	/* Also takes back buffers and controls that were not queued. */
	queue_ioctl(device->request_fd, MEDIA_REQUEST_IOC_REINIT, NULL, "MEDIA_REQUEST_IOC_REINIT");
	return ret;
}

/*
 * Sends a request and waits for its result. For a picture without the flag, @md5 is set,
 * to be freed. Return: false if the request does not end.
 */
static bool try_request(struct device *device, const struct garbage_request *request,
			const struct clip *clip, struct garbage_outcome *outcome, char **md5)
{
	const struct picture_layout *layout = picture_layout_find(V4L2_PIX_FMT_NV12);
	const struct v4l2_ctrl_vp9_frame *frame = &clip->good.frame;
	struct queue_done done;
	int ret = send_request(device, request, &done);

	*outcome = (struct garbage_outcome){ GARBAGE_REFUSED, ret };
	*md5 = NULL;
	if (ret)
		return ret != -ETIMEDOUT;
	outcome->end = GARBAGE_FLAGGED;
	if (!done.error) {
		*md5 = picture_md5(&device->capture, done.index, layout,
				   frame->frame_width_minus_1 + 1, frame->frame_height_minus_1 + 1);
		outcome->end = strcmp(*md5, clip->references[0]) ? GARBAGE_SAME : GARBAGE_EXACT;
	}
	queue_put(&device->capture, done.index, 0, 0, -1);
	return true;
}

static char *check_good(struct device *device, const struct clip *clip)
{
	struct garbage_outcome outcome;
	char *problem = NULL, *md5, *text;

	if (!try_request(device, &clip->good, clip, &outcome, &md5))
		problem = g_strdup_printf("a good request was not completed in %d ms", PATIENCE_MS);
	if (!problem && outcome.end != GARBAGE_EXACT) {
		text = garbage_outcome_text(outcome);
		problem = g_strdup_printf("a good request: %s %s, reference %s", text,
					  md5 ? md5 : "", clip->references[0]);
		g_free(text);
	}
	g_free(md5);
	return problem;
}

static struct garbage_outcome expected_of(const struct garbage_kind *kind,
					  const struct garbage_request *request,
					  const struct clip *clip)
{
	struct garbage_outcome expected = kind->expected;

	if (kind->judge)
		expected = kind->judge(request, &clip->good);
	return expect_wrong ? garbage_outcome_wrong(expected) : expected;
}

static char *check_outcome(struct garbage_outcome got, struct garbage_outcome expected)
{
	char *is, *want, *problem;

	if (garbage_outcome_is(got, expected))
		return NULL;
	is = garbage_outcome_text(got);
	want = garbage_outcome_text(expected);
	problem = g_strdup_printf("%s; expected: %s", is, want);
	g_free(is);
	g_free(want);
	return problem;
}

/* Checks that the picture is the same after another good request. */
static char *check_again(struct device *device, const struct garbage_request *request,
			 const struct clip *clip, struct garbage_outcome first, const char *md5)
{
	struct garbage_outcome second;
	char *problem = check_good(device, clip), *md5_again;

	if (problem)
		return problem;
	if (!try_request(device, request, clip, &second, &md5_again))
		problem = g_strdup("the same request again was not completed");
	else if (second.end != first.end || g_strcmp0(md5, md5_again))
		problem = g_strdup_printf("the same request again had another end: %s, not %s",
					  md5_again ? md5_again : "flagged", md5 ? md5 : "flagged");
	g_free(md5_again);
	return problem;
}

static char *check_round(struct device *device, const struct garbage_kind *kind,
			 const struct clip *clip, GRand *rand, unsigned int ends[])
{
	struct garbage_request request = clip->good;
	struct garbage_outcome outcome, expected;
	char *problem = check_good(device, clip), *md5 = NULL;

	if (problem)
		return problem;
	request.data = g_malloc(MAX(request.size, clip->inputs.inter_size));
	memcpy(request.data, clip->good.data, clip->good.size);
	kind->spoil(&request, &clip->inputs, rand);
	expected = expected_of(kind, &request, clip);
	if (try_request(device, &request, clip, &outcome, &md5)) {
		ends[outcome.end]++;
		problem = check_outcome(outcome, expected);
	} else {
		problem = g_strdup_printf("it was not completed in %d ms", PATIENCE_MS);
	}
	if (!problem && expected.end == GARBAGE_SAME)
		problem = check_again(device, &request, clip, outcome, md5);
	g_free(md5);
	g_free(request.data);
	return problem;
}

static char *check_kind(struct device *device, const struct garbage_kind *kind,
			const struct clip *clip, GRand *rand)
{
	unsigned int ends[GARBAGE_SAME + 1] = { 0 };
	char *problem = NULL;

	for (int i = 0; i < rounds && !problem; i++) {
		char *why = check_round(device, kind, clip, rand, ends);

		if (why)
			problem = g_strdup_printf("request %d: %s", i, why);
		g_free(why);
	}
	fprintf(stderr, "%s: %u refused, %u with the error flag, %u exact, %u other pictures\n",
		kind->name, ends[GARBAGE_REFUSED], ends[GARBAGE_FLAGGED], ends[GARBAGE_EXACT],
		ends[GARBAGE_SAME]);
	return problem ? problem : check_good(device, clip);
}

/* The largest frames that the device takes. */
static void find_limits(struct device *device, struct garbage_inputs *inputs)
{
	struct v4l2_frmsizeenum sizes = { .pixel_format = V4L2_PIX_FMT_VP9_FRAME };

	queue_ioctl(device->output.fd, VIDIOC_ENUM_FRAMESIZES, &sizes, "VIDIOC_ENUM_FRAMESIZES");
	inputs->max_width = sizes.stepwise.max_width;
	inputs->max_height = sizes.stepwise.max_height;
}

static void open_device(struct device *device, const struct garbage_request *good)
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

/* The clip's first frame, a key frame, and its second, which refers to it. */
static void load(struct clip *clip, const char *path)
{
	struct garbage_request *good = &clip->good;
	GstDaedalusVp9State state = { 0 };
	GstDaedalusVp9Refs refs = { 0 };
	GstVp9FrameHdr header;
	GError *error = NULL;
	const guint8 *data;

	clip->references = e2e_references(path);
	clip->chunks = e2e_read_ivf(path);
	if (!clip->references || !clip->chunks || clip->chunks->len < 2)
		exit(1);
	data = g_bytes_get_data(g_ptr_array_index(clip->chunks, 0), &good->size);
	good->data = g_memdup2(data, good->size);
	clip->inputs.inter = g_bytes_get_data(g_ptr_array_index(clip->chunks, 1),
					      &clip->inputs.inter_size);
	if (!gst_daedalus_vp9_header_parse(&header, &state, good->data, good->size, &error) ||
	    header.frame_type != GST_VP9_KEY_FRAME || good->size < 64) {
		printf("not ok %s: it does not start with a key frame alone\n", path);
		exit(1);
	}
	gst_daedalus_vp9_fill_frame(&good->frame, &header, &state, &refs);
}

int main(int argc, char **argv)
{
	struct clip clip = { 0 };
	struct device device = { 0 };
	gboolean ok = TRUE;
	GRand *rand;

	e2e_options(&argc, &argv, options, USAGE);
	if (argc != 2)
		e2e_usage(USAGE);
	load(&clip, argv[1]);
	open_device(&device, &clip.good);
	find_limits(&device, &clip.inputs);
	rand = g_rand_new_with_seed(seed);
	for (size_t i = 0; i < garbage_num_kinds; i++)
		ok &= e2e_report(garbage_kinds[i].name,
				 check_kind(&device, &garbage_kinds[i], &clip, rand));
	queue_stop(&device.output);
	queue_stop(&device.capture);
	close(device.request_fd);
	close(device.media_fd);
	close(device.output.fd);
	g_rand_free(rand);
	g_strfreev(clip.references);
	g_ptr_array_unref(clip.chunks);
	g_free(clip.good.data);
	return ok ? 0 : 1;
}
