// SPDX-License-Identifier: LGPL-2.1-or-later
/* Opens the device and creates its buffers, in FFmpeg's order. */
#include "ffmpeg.h"

#include "core/gstdaedaluserror.h"

#include <fcntl.h>
#include <gst/gst.h>
#include <linux/media.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#define OUTPUT V4L2_BUF_TYPE_VIDEO_OUTPUT_MPLANE
#define CAPTURE V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE
#define FAIL(error, ...) gst_daedalus_failed(error, DEVICE, __VA_ARGS__)

/* As shipped: not less than the least and not more than the most. The series also wants
 * a multiple of the step.
 */
static bool check_size(const struct ffmpeg_session *session, unsigned int width,
		       unsigned int height, GError **error)
{
	struct v4l2_frmsizeenum size = { .pixel_format = session->codec->coded_format };

	if (ioctl(session->v4l2->video_fd, VIDIOC_ENUM_FRAMESIZES, &size) ||
	    size.type == V4L2_FRMSIZE_TYPE_DISCRETE)
		return FAIL(error, "VIDIOC_ENUM_FRAMESIZES: no range of sizes");
	if (width <= size.stepwise.max_width && height <= size.stepwise.max_height &&
	    (session->shipped ?
	     width >= size.stepwise.min_width && height >= size.stepwise.min_height :
	     !(width % size.stepwise.step_width) && !(height % size.stepwise.step_height)))
		return true;
	return FAIL(error, "VIDIOC_ENUM_FRAMESIZES: %ux%u is not offered", width, height);
}

/* A memory plane, and the size in bytes only for OUTPUT; the driver fills in the rest. */
static bool set_format(struct ffmpeg_session *session, enum v4l2_buf_type type,
		       guint32 pixelformat, struct v4l2_pix_format_mplane *pix,
		       unsigned int width, unsigned int height, GError **error)
{
	*pix = (struct v4l2_pix_format_mplane) {
		.pixelformat = pixelformat,
		.width = width,
		.height = height,
		.num_planes = 1,
	};
	if (V4L2_TYPE_IS_OUTPUT(type))
		pix->plane_fmt[0].sizeimage = session->codec->sizeimage;
	return gst_daedalus_v4l2_set_format(session->v4l2, type, pix, error);
}

/* The CAPTURE format that the driver has chosen by the OUTPUT format and the controls. */
static bool set_formats(struct ffmpeg_session *session, unsigned int width, unsigned int height,
			unsigned int old_width, unsigned int old_height,
			const struct v4l2_ext_control *controls, unsigned int n, GError **error)
{
	struct v4l2_format chosen = { .type = CAPTURE };
	struct ffmpeg_controls probe = { 0 };
	GError *local = NULL;

	session->codec->probe(&probe, controls, n, old_width, old_height);
	if (!check_size(session, width, height, error) ||
	    !set_format(session, OUTPUT, session->codec->coded_format,
			&session->output_pix, width, height, error))
		return false;
	/* For FFmpeg, a refusal here means that there is no device. */
	if (!gst_daedalus_v4l2_set_controls(session->v4l2, -1, probe.list, probe.n, &local)) {
		local->code = GST_DAEDALUS_ERROR_DEVICE;
		g_propagate_prefixed_error(error, local, "outside a request: ");
		return false;
	}
	if (ioctl(session->v4l2->video_fd, VIDIOC_G_FMT, &chosen))
		return gst_daedalus_v4l2_failed(session->v4l2, "tell its CAPTURE format", error);
	if (!set_format(session, chosen.type, chosen.fmt.pix_mp.pixelformat,
			&session->capture_pix, width, height, error))
		return false;
	if (session->capture_pix.num_planes != 1 ||
	    (chosen.fmt.pix_mp.pixelformat != V4L2_PIX_FMT_NV12 &&
	     chosen.fmt.pix_mp.pixelformat != V4L2_PIX_FMT_P010))
		return FAIL(error, "CAPTURE format %.4s with %u memory planes is none of FFmpeg's",
			    (char *)&chosen.fmt.pix_mp.pixelformat,
			    session->capture_pix.num_planes);
	session->width = width;
	session->height = height;
	return true;
}

static bool output_new(struct ffmpeg_session *session, struct ffmpeg_output *output,
		       GError **error)
{
	GstDaedalusV4l2Buffer buffer;
	void *data;

	if (!gst_daedalus_v4l2_create_buffer(session->v4l2, OUTPUT,
					     &session->output_pix, &buffer, error))
		return false;
	data = mmap(NULL, buffer.length[0], PROT_READ | PROT_WRITE, MAP_SHARED,
		    session->v4l2->video_fd, buffer.mem_offset[0]);
	if (data == MAP_FAILED)
		return gst_daedalus_v4l2_failed(session->v4l2, "map a buffer", error);
	*output = (struct ffmpeg_output) {
		.index = buffer.index,
		.data = data,
		.size = buffer.length[0],
		.request = -1,
	};
	if (ioctl(session->v4l2->media_fd, MEDIA_IOC_REQUEST_ALLOC, &output->request))
		return gst_daedalus_v4l2_failed(session->v4l2, "allocate a request", error);
	return true;
}

static void output_free(struct ffmpeg_output *output)
{
	munmap(output->data, output->size);
	if (output->request >= 0)
		close(output->request);
}

static void session_unref(struct ffmpeg_session *session)
{
	if (!g_atomic_int_dec_and_test(&session->refs))
		return;
	g_ptr_array_unref(session->frames);
	g_ptr_array_unref(session->unused);
	g_free(session);
}

static void frame_free(struct ffmpeg_frame *frame)
{
	struct ffmpeg_session *session = frame->session;

	g_ptr_array_remove_fast(session->frames, frame);
	if (frame->data)
		munmap((void *)frame->data, frame->size);
	if (frame->dmabuf >= 0)
		close(frame->dmabuf);
	if (session->v4l2)
		gst_daedalus_v4l2_remove_buffer(session->v4l2, CAPTURE, frame->index);
	if (frame->own) {
		output_free(frame->own);
		if (session->v4l2)
			gst_daedalus_v4l2_remove_buffer(session->v4l2, OUTPUT, frame->own->index);
		g_free(frame->own);
	}
	g_free(frame);
	session_unref(session);
}

/* One VIDIOC_CREATE_BUFS for each buffer, with the format that is set. */
static struct ffmpeg_frame *frame_new(struct ffmpeg_session *session, GError **error)
{
	struct ffmpeg_frame *frame = g_new0(struct ffmpeg_frame, 1);
	GstDaedalusV4l2Buffer buffer;
	void *data;

	g_atomic_int_inc(&session->refs);
	frame->session = session;
	frame->pix = session->capture_pix;
	frame->dmabuf = -1;
	if (session->shipped) {
		frame->own = g_new0(struct ffmpeg_output, 1);
		if (!output_new(session, frame->own, error))
			goto failed;
	}
	if (!gst_daedalus_v4l2_create_buffer(session->v4l2, CAPTURE,
					     &session->capture_pix, &buffer, error))
		goto failed;
	frame->index = buffer.index;
	frame->dmabuf = gst_daedalus_v4l2_export(session->v4l2,
						 CAPTURE, buffer.index,
						 0, error);
	if (frame->dmabuf < 0)
		goto failed;
	data = mmap(NULL, buffer.length[0], PROT_READ, MAP_SHARED, frame->dmabuf, 0);
	if (data == MAP_FAILED) {
		gst_daedalus_v4l2_failed(session->v4l2, "map a picture", error);
		goto failed;
	}
	frame->data = data;
	frame->size = buffer.length[0];
	g_ptr_array_add(session->frames, frame);
	return frame;

failed:
	/* The session ends with this error, and with it what was created. */
	g_clear_pointer(&frame->own, g_free);
	g_free(frame);
	session_unref(session);
	return NULL;
}

struct ffmpeg_frame *ffmpeg_frame_get(struct ffmpeg_session *session, GError **error)
{
	if (session->unused->len)
		return g_ptr_array_steal_index(session->unused, session->unused->len - 1);
	return frame_new(session, error);
}

void ffmpeg_frame_put(gpointer data)
{
	struct ffmpeg_frame *frame = data;
	const struct ffmpeg_session *session = frame->session;
	const struct v4l2_pix_format_mplane *pix = &session->capture_pix;

	/* One that was never shown, and that the driver still has, is not waited for. */
	if (session->v4l2 && frame->pix.width == pix->width && frame->pix.height == pix->height)
		g_ptr_array_add(session->unused, frame);
	else
		frame_free(frame);
}

static bool start(struct ffmpeg_session *session, GError **error)
{
	for (unsigned int i = 0; i < session->codec->kept; i++) {
		struct ffmpeg_frame *frame = frame_new(session, error);

		if (!frame)
			return false;
		g_ptr_array_add(session->unused, frame);
	}
	while (!session->shipped && session->num_outputs < FFMPEG_OUTPUTS)
		if (!output_new(session, &session->outputs[session->num_outputs++], error))
			return false;
	return gst_daedalus_v4l2_stream(session->v4l2, OUTPUT, true,
					error) &&
	       gst_daedalus_v4l2_stream(session->v4l2, CAPTURE, true,
					error) &&
	       (!session->codec->opened || session->codec->opened(session->v4l2, error));
}

struct ffmpeg_session *ffmpeg_session_open(const struct ffmpeg_codec *codec, bool shipped,
					   unsigned int width, unsigned int height,
					   unsigned int old_width, unsigned int old_height,
					   const struct v4l2_ext_control *controls, unsigned int n,
					   GError **error)
{
	struct ffmpeg_session *session = g_new0(struct ffmpeg_session, 1);
	GstDaedalusDevice *device = gst_daedalus_device_find(error);

	session->refs = 1;
	session->codec = codec;
	session->shipped = shipped;
	session->frames = g_ptr_array_new();
	session->unused = g_ptr_array_new();
	if (device)
		session->v4l2 = gst_daedalus_v4l2_open(device, codec->coded_format, error);
	gst_daedalus_device_free(device);
	if (session->v4l2 &&
	    set_formats(session, width, height, old_width, old_height, controls, n, error) &&
	    start(session, error))
		return session;
	ffmpeg_session_close(session);
	return NULL;
}

bool ffmpeg_session_resize(struct ffmpeg_session *session, unsigned int width,
			   unsigned int height, const struct v4l2_ext_control *controls,
			   unsigned int n, GError **error)
{
	if (!ffmpeg_flush(session, error))
		return false;
	while (session->unused->len)
		frame_free(g_ptr_array_steal_index(session->unused, session->unused->len - 1));
	return set_formats(session, width, height, session->width, session->height, controls, n,
			   error);
}

void ffmpeg_session_close(struct ffmpeg_session *session)
{
	if (session->v4l2) {
		gst_daedalus_v4l2_stream(session->v4l2, OUTPUT, false,
					 NULL);
		gst_daedalus_v4l2_stream(session->v4l2, CAPTURE, false,
					 NULL);
	}
	while (session->num_outputs)
		output_free(&session->outputs[--session->num_outputs]);
	g_clear_pointer(&session->v4l2, gst_daedalus_v4l2_close);
	while (session->unused->len)
		frame_free(g_ptr_array_steal_index(session->unused, session->unused->len - 1));
	session_unref(session);
}
