/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A V4L2 client that does to the device what FFmpeg's v4l2request hwaccels do. Parsers,
 * reference slots and output order are those of our elements; element.c
 * stands in for the elements' base class, so that nothing of the plugin's own use of the
 * device is left but its ioctl wrappers.
 *
 * Facts are from FFmpeg with the branches v4l2-request-n7.0 ("shipped": distributions
 * have it) and v4l2request-2024-v3 ("series": sent to FFmpeg's list).
 */
#ifndef DAEDALUS_TESTS_FFMPEG_H
#define DAEDALUS_TESTS_FFMPEG_H

#include "core/gstdaedalusv4l2.h"

#include <stdbool.h>

#define FFMPEG_MAX_CONTROLS 4
/* OUTPUT buffers of the series; as shipped, each frame has its own. */
#define FFMPEG_OUTPUTS 4

/** struct ffmpeg_controls - the controls of a request, as FFmpeg sends them */
struct ffmpeg_controls {
	struct v4l2_ext_control list[FFMPEG_MAX_CONTROLS];
	unsigned int n;
	/* what our elements do not send */
	union {
		struct v4l2_ctrl_h264_scaling_matrix scaling_matrix;
		struct v4l2_ctrl_vp9_compressed_hdr compressed_hdr;
	};
	union {
		struct v4l2_ctrl_h264_pps pps;
		struct v4l2_ctrl_vp9_frame frame;
	};
};

/**
 * struct ffmpeg_codec - how FFmpeg decodes a codec
 * @coded_format:	V4L2_PIX_FMT_*
 * @sizeimage:		of OUTPUT buffers
 * @kept:		CAPTURE buffers that are made at once
 * @probe:		fills the controls that are set outside a request, while the device
 *			is opened; @old_width and @old_height are those of the frame before, or 0
 * @request:		fills the controls of a request from those of our element
 * @restarts:		no later frame refers to a frame before this one
 * @opened:		what is done with a device that was just opened, or NULL
 */
struct ffmpeg_codec {
	guint32 coded_format;
	guint32 sizeimage;
	unsigned int kept;
	void (*probe)(struct ffmpeg_controls *to, const struct v4l2_ext_control *from,
		      unsigned int n, unsigned int old_width, unsigned int old_height);
	void (*request)(struct ffmpeg_controls *to, const struct v4l2_ext_control *from,
			unsigned int n);
	bool (*restarts)(const struct v4l2_ext_control *from, unsigned int n);
	bool (*opened)(GstDaedalusV4l2 *v4l2, GError **error);
};

/** ffmpeg_codec_find() - NULL for a format that is not known here */
const struct ffmpeg_codec *ffmpeg_codec_find(guint32 coded_format);

/** struct ffmpeg_output - an OUTPUT buffer and its request */
struct ffmpeg_output {
	guint index;
	guint8 *data;
	gsize size;
	int request;
	bool queued;	/* the buffer is with the driver */
	bool requested;	/* the request has not been reinitialised since it was queued */
};

struct ffmpeg_session;

/** struct ffmpeg_frame - a CAPTURE buffer; the timestamp is its index + 1 */
struct ffmpeg_frame {
	struct ffmpeg_session *session;	/* a reference */
	guint index;
	int dmabuf;
	const guint8 *data;
	gsize size;
	struct v4l2_pix_format_mplane pix;
	struct ffmpeg_output *own;	/* as shipped; otherwise NULL */
	bool queued;
	bool failed;			/* V4L2_BUF_FLAG_ERROR; FFmpeg does not look at it */
};

/** struct ffmpeg_session - an opened device; reference counted by its frames */
struct ffmpeg_session {
	gint refs;
	const struct ffmpeg_codec *codec;
	bool shipped;
	GstDaedalusV4l2 *v4l2;		/* NULL after ffmpeg_session_close() */
	struct v4l2_pix_format_mplane output_pix, capture_pix;
	unsigned int width, height;
	struct ffmpeg_output outputs[FFMPEG_OUTPUTS];
	unsigned int num_outputs, next_output;
	GPtrArray *frames;		/* all of them, not owned */
	GPtrArray *unused;		/* those that were put back; the last one is used next */
};

/* session.c */

/**
 * ffmpeg_session_open() - find the device, set it up for a frame and start it
 * @controls:	of our element, for the first frame
 *
 * Return: NULL with @error if the device refuses anything.
 */
struct ffmpeg_session *ffmpeg_session_open(const struct ffmpeg_codec *codec, bool shipped,
					   unsigned int width, unsigned int height,
					   unsigned int old_width, unsigned int old_height,
					   const struct v4l2_ext_control *controls, unsigned int n,
					   GError **error);

/**
 * ffmpeg_session_resize() - another frame size, with references of the old size
 *
 * FFmpeg cannot do this: it opens the device again, which loses the references. We keep
 * the device open; a buffer of the old size is removed when nothing refers to it.
 */
bool ffmpeg_session_resize(struct ffmpeg_session *session, unsigned int width,
			   unsigned int height, const struct v4l2_ext_control *controls,
			   unsigned int n, GError **error);

/** ffmpeg_session_close() - close the device; frames can still be read */
void ffmpeg_session_close(struct ffmpeg_session *session);

/** ffmpeg_frame_get() - the frame that was put back last, or a new one */
struct ffmpeg_frame *ffmpeg_frame_get(struct ffmpeg_session *session, GError **error);

/** ffmpeg_frame_put() - nothing refers to the frame any more; a GDestroyNotify */
void ffmpeg_frame_put(gpointer frame);

/* decode.c */

/** ffmpeg_decode() - decode a frame or a field; as shipped, wait for it */
bool ffmpeg_decode(struct ffmpeg_frame *frame, struct ffmpeg_controls *controls,
		   const guint8 *data, gsize size, GError **error);

/** ffmpeg_wait() - wait until the driver has given the frame back */
bool ffmpeg_wait(struct ffmpeg_frame *frame, GError **error);

/** ffmpeg_flush() - wait until the driver has given all frames back */
bool ffmpeg_flush(struct ffmpeg_session *session, GError **error);

#endif /* DAEDALUS_TESTS_FFMPEG_H */
