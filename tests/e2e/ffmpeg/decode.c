// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Queues and waits as FFmpeg does. The series looks at the video node only when it needs
 * an OUTPUT buffer or a picture; as shipped, each frame is waited for at once, by its
 * request. Every wait has a time limit.
 */
#include "ffmpeg.h"

#include "core/gstdaedaluserror.h"

#include <errno.h>
#include <gst/gst.h>
#include <linux/media.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/select.h>

/* AV_INPUT_BUFFER_PADDING_SIZE * 4 */
#define PADDING 256
#define OUTPUT V4L2_BUF_TYPE_VIDEO_OUTPUT_MPLANE
#define CAPTURE V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE

/* FFmpeg's 2 s; longer in a slow guest, where DAEDALUS_SLOW is the factor. */
static int patience_ms(void)
{
	const char *slow = g_getenv("DAEDALUS_SLOW");

	return 2000 * (slow ? CLAMP(g_ascii_strtod(slow, NULL), 1, 100) : 1);
}

/* Of both buffers of a frame, in microseconds. The same as that of an earlier frame. */
static guint64 timestamp_of(const struct ffmpeg_frame *frame)
{
	return frame->index + 1;
}

static bool timed_out(const char *what, guint index, GError **error)
{
	return gst_daedalus_failed(error, TIMEOUT, "%s %u: nothing came back in %d ms", what,
				   index, patience_ms());
}

/* FFmpeg trusts the driver with the timestamp; this client checks it. */
static bool taken(struct ffmpeg_session *session, const struct v4l2_buffer *buffer,
		  GError **error)
{
	guint64 timestamp = buffer->timestamp.tv_sec * G_USEC_PER_SEC + buffer->timestamp.tv_usec;
	bool is_output = V4L2_TYPE_IS_OUTPUT(buffer->type);

	for (unsigned int i = 0; is_output && i < session->num_outputs; i++)
		if (session->outputs[i].index == buffer->index)
			session->outputs[i].queued = false;
	for (unsigned int i = 0; i < session->frames->len; i++) {
		struct ffmpeg_frame *frame = g_ptr_array_index(session->frames, i);

		if (is_output && frame->own && frame->own->index == buffer->index)
			frame->own->queued = false;
		if (is_output || frame->index != buffer->index)
			continue;
		frame->queued = false;
		frame->failed |= !!(buffer->flags & V4L2_BUF_FLAG_ERROR);
		if (timestamp != timestamp_of(frame))
			return gst_daedalus_failed(error, DEVICE,
				"CAPTURE %u has the timestamp %" G_GUINT64_FORMAT " us",
				buffer->index, timestamp);
	}
	return true;
}

/* Take back one buffer; false without @error if none is ready. */
static bool take_one(struct ffmpeg_session *session, enum v4l2_buf_type type, GError **error)
{
	struct v4l2_plane plane = { 0 };
	struct v4l2_buffer buffer = {
		.type = type,
		.memory = V4L2_MEMORY_MMAP,
		.length = 1,
		.m.planes = &plane,
	};

	if (!ioctl(session->v4l2->video_fd, VIDIOC_DQBUF, &buffer))
		return taken(session, &buffer, error);
	if (errno != EAGAIN)
		gst_daedalus_v4l2_failed(session->v4l2, "return a buffer", error);
	return false;
}

/* Take back all buffers of a queue that are ready, then wait until *@queued is false. */
static bool wait_for(struct ffmpeg_session *session, enum v4l2_buf_type type, guint index,
		     const bool *queued, GError **error)
{
	struct pollfd pollfd = {
		.fd = session->v4l2->video_fd,
		.events = V4L2_TYPE_IS_OUTPUT(type) ? POLLOUT : POLLIN,
	};
	GError *local = NULL;

	while (take_one(session, type, &local))
		;
	while (*queued && !local) {
		if (poll(&pollfd, 1, patience_ms()) <= 0)
			return timed_out(V4L2_TYPE_IS_OUTPUT(type) ? "OUTPUT" : "CAPTURE", index,
					 error);
		take_one(session, type, &local);
	}
	if (local)
		g_propagate_error(error, local);
	return !local;
}

bool ffmpeg_wait(struct ffmpeg_frame *frame, GError **error)
{
	if (!frame->queued || !frame->session->v4l2)
		return true;
	return wait_for(frame->session, CAPTURE, frame->index, &frame->queued, error);
}

bool ffmpeg_flush(struct ffmpeg_session *session, GError **error)
{
	for (unsigned int i = 0; i < session->num_outputs; i++) {
		struct ffmpeg_output *output = &session->outputs[i];

		if (output->queued &&
		    !wait_for(session, OUTPUT, output->index, &output->queued, error))
			return false;
	}
	for (unsigned int i = 0; i < session->frames->len; i++)
		if (!ffmpeg_wait(g_ptr_array_index(session->frames, i), error))
			return false;
	return true;
}

/* The next one of the ring, as soon as the driver has given it back. */
static struct ffmpeg_output *next_output(struct ffmpeg_frame *frame, GError **error)
{
	struct ffmpeg_session *session = frame->session;
	struct ffmpeg_output *output = &session->outputs[session->next_output];

	if (frame->own)
		return frame->own;
	session->next_output = (session->next_output + 1) % session->num_outputs;
	if (output->queued &&
	    !wait_for(session, OUTPUT, output->index, &output->queued, error))
		return NULL;
	return output;
}

static bool reinit(const struct ffmpeg_session *session, struct ffmpeg_output *output,
		   GError **error)
{
	if (ioctl(output->request, MEDIA_REQUEST_IOC_REINIT))
		return gst_daedalus_v4l2_failed(session->v4l2, "reinitialise a request", error);
	output->requested = false;
	return true;
}

static bool wait_for_request(const struct ffmpeg_session *session, struct ffmpeg_output *output,
			     GError **error)
{
	struct pollfd pollfd = { .fd = output->request, .events = POLLPRI };

	if (!output->requested)
		return true;
	if (poll(&pollfd, 1, patience_ms()) <= 0)
		return timed_out("request of OUTPUT", output->index, error);
	return reinit(session, output, error);
}

/* As shipped: select() for the request, then one DQBUF of each queue, which must work. */
static bool finish(struct ffmpeg_frame *frame, struct ffmpeg_output *output, GError **error)
{
	struct ffmpeg_session *session = frame->session;
	struct timeval patience = { .tv_sec = patience_ms() / 1000 };
	GError *local = NULL;
	fd_set requests;

	FD_ZERO(&requests);
	FD_SET(output->request, &requests);
	if (select(output->request + 1, NULL, NULL, &requests, &patience) <= 0)
		return timed_out("request of OUTPUT", output->index, error);
	if (take_one(session, OUTPUT, &local) && take_one(session, CAPTURE, &local) &&
	    !output->queued && !frame->queued)
		return reinit(session, output, error);
	if (!local)
		return gst_daedalus_failed(error, DEVICE,
			"request of OUTPUT %u: complete, but its buffers did not come back",
			output->index);
	g_propagate_error(error, local);
	return false;
}

/*
 * Each request has a CAPTURE buffer. So the second field of a frame is a request of its own,
 * with the buffer and the timestamp of the first one.
 */
bool ffmpeg_decode(struct ffmpeg_frame *frame, struct ffmpeg_controls *controls,
		   const guint8 *data, gsize size, GError **error)
{
	struct ffmpeg_session *session = frame->session;
	struct ffmpeg_output *output = next_output(frame, error);

	if (!output || !ffmpeg_wait(frame, error))
		return false;
	if (size + PADDING > output->size)
		return gst_daedalus_failed(error, FRAME,
			"%" G_GSIZE_FORMAT " bytes do not fit into an OUTPUT buffer", size);
	memcpy(output->data, data, size);
	memset(output->data + size, 0, PADDING);
	if (!wait_for_request(session, output, error) ||
	    !gst_daedalus_v4l2_set_controls(session->v4l2, output->request, controls->list,
					    controls->n, error) ||
	    !gst_daedalus_v4l2_queue(session->v4l2, OUTPUT, output->index, 1, size,
				     timestamp_of(frame), 0, output->request, error))
		return false;
	output->queued = true;
	if (!gst_daedalus_v4l2_queue(session->v4l2, CAPTURE, frame->index, 1, 0, 0, 0, -1, error))
		return false;
	frame->queued = true;
	if (ioctl(output->request, MEDIA_REQUEST_IOC_QUEUE))
		return gst_daedalus_v4l2_failed(session->v4l2, "queue a request", error);
	output->requested = true;
	return !session->shipped || finish(frame, output, error);
}
