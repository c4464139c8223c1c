// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The controls as FFmpeg sends them, made of those of our elements: more of them, and
 * other values where the stream leaves a choice.
 */
#include "ffmpeg.h"

#include "core/gstdaedaluserror.h"

#include <linux/v4l2-controls.h>
#include <string.h>
#include <sys/ioctl.h>

#define MIB (1024 * 1024)

static const void *find(const struct v4l2_ext_control *list, unsigned int n, guint32 id)
{
	for (unsigned int i = 0; i < n; i++)
		if (list[i].id == id)
			return list[i].ptr;
	return NULL;
}

static void add(struct ffmpeg_controls *to, guint32 id, const void *value, gsize size)
{
	to->list[to->n++] = (struct v4l2_ext_control) {
		.id = id,
		.size = size,
		.ptr = (void *)value,
	};
}

static void copy(struct ffmpeg_controls *to, const struct v4l2_ext_control *from,
		 unsigned int n, guint32 id)
{
	for (unsigned int i = 0; i < n; i++)
		if (from[i].id == id)
			to->list[to->n++] = from[i];
}

/* -- H.264 -- */

static void h264_probe(struct ffmpeg_controls *to, const struct v4l2_ext_control *from,
		       unsigned int n, unsigned int old_width, unsigned int old_height)
{
	(void)old_width;
	(void)old_height;
	copy(to, from, n, V4L2_CID_STATELESS_H264_SPS);
}

/* There is always a scaling matrix. Lists that only 4:4:4 has are 0. */
static void h264_request(struct ffmpeg_controls *to, const struct v4l2_ext_control *from,
			 unsigned int n)
{
	const struct v4l2_ctrl_h264_scaling_matrix *matrix =
		find(from, n, V4L2_CID_STATELESS_H264_SCALING_MATRIX);

	to->pps = *(const struct v4l2_ctrl_h264_pps *)find(from, n, V4L2_CID_STATELESS_H264_PPS);
	to->pps.flags |= V4L2_H264_PPS_FLAG_SCALING_MATRIX_PRESENT;
	if (matrix)
		to->scaling_matrix = *matrix;
	else
		memset(&to->scaling_matrix, 16, sizeof(to->scaling_matrix));
	memset(to->scaling_matrix.scaling_list_8x8[2], 0,
	       4 * sizeof(to->scaling_matrix.scaling_list_8x8[0]));

	copy(to, from, n, V4L2_CID_STATELESS_H264_SPS);
	add(to, V4L2_CID_STATELESS_H264_PPS, &to->pps, sizeof(to->pps));
	add(to, V4L2_CID_STATELESS_H264_SCALING_MATRIX, &to->scaling_matrix,
	    sizeof(to->scaling_matrix));
	copy(to, from, n, V4L2_CID_STATELESS_H264_DECODE_PARAMS);
}

/* A sequence parameter set begins to apply at an IDR picture only. */
static bool h264_restarts(const struct v4l2_ext_control *from, unsigned int n)
{
	(void)from;
	(void)n;
	return true;
}

/* FFmpeg takes the defaults as the modes of the device, and sets them. */
static bool h264_opened(GstDaedalusV4l2 *v4l2, GError **error)
{
	static const struct {
		guint32 id;
		gint32 wanted;
	} modes[] = {
		{ V4L2_CID_STATELESS_H264_DECODE_MODE,
		  V4L2_STATELESS_H264_DECODE_MODE_FRAME_BASED },
		{ V4L2_CID_STATELESS_H264_START_CODE, V4L2_STATELESS_H264_START_CODE_ANNEX_B },
	};
	struct v4l2_ext_control controls[G_N_ELEMENTS(modes)] = { 0 };

	for (unsigned int i = 0; i < G_N_ELEMENTS(modes); i++) {
		struct v4l2_queryctrl query = { .id = modes[i].id };

		if (ioctl(v4l2->video_fd, VIDIOC_QUERYCTRL, &query))
			return gst_daedalus_v4l2_failed(v4l2, "describe a control", error);
		if (query.default_value != modes[i].wanted)
			return gst_daedalus_failed(error, DEVICE,
				"control 0x%08x has the default %d, which this client cannot do",
				query.id, query.default_value);
		controls[i].id = query.id;
		controls[i].value = query.default_value;
	}
	return gst_daedalus_v4l2_set_controls(v4l2, -1, controls, G_N_ELEMENTS(modes), error);
}

/* -- VP9 -- */

/*
 * FFmpeg opens the device when it has read the size in the header, but not the rest, and
 * before it stores the size: the first one is 0 - 1.
 */
static void vp9_probe(struct ffmpeg_controls *to, const struct v4l2_ext_control *from,
		      unsigned int n, unsigned int old_width, unsigned int old_height)
{
	const struct v4l2_ctrl_vp9_frame *frame = find(from, n, V4L2_CID_STATELESS_VP9_FRAME);

	to->frame = (struct v4l2_ctrl_vp9_frame) {
		.flags = frame->flags,
		.profile = frame->profile,
		.bit_depth = frame->bit_depth,
		.interpolation_filter = 1,
		.frame_width_minus_1 = old_width - 1,
		.frame_height_minus_1 = old_height - 1,
	};
	add(to, V4L2_CID_STATELESS_VP9_FRAME, &to->frame, sizeof(to->frame));
}

/*
 * The compressed header is always there. The device reads it in the frame, so it must not
 * matter what the control has: here it has noise, apart from what the V4L2 core checks.
 */
static void vp9_request(struct ffmpeg_controls *to, const struct v4l2_ext_control *from,
			unsigned int n)
{
	guint8 *noise = (guint8 *)&to->compressed_hdr;

	for (unsigned int i = 0; i < sizeof(to->compressed_hdr); i++)
		noise[i] = i * 37 + 11;
	to->compressed_hdr.tx_mode = V4L2_VP9_TX_MODE_SELECT;
	copy(to, from, n, V4L2_CID_STATELESS_VP9_FRAME);
	add(to, V4L2_CID_STATELESS_VP9_COMPRESSED_HDR, &to->compressed_hdr,
	    sizeof(to->compressed_hdr));
}

static bool vp9_restarts(const struct v4l2_ext_control *from, unsigned int n)
{
	const struct v4l2_ctrl_vp9_frame *frame = find(from, n, V4L2_CID_STATELESS_VP9_FRAME);

	return frame->flags & V4L2_VP9_FRAME_FLAG_KEY_FRAME;
}

/*
 * -- AV1 --
 * FFmpeg's hwaccel is a sketch without tiles and references. The controls of a request are
 * those that the FFmpeg of Raspberry Pi OS sends.
 */

#ifdef V4L2_CID_STATELESS_AV1_FRAME
static void av1_probe(struct ffmpeg_controls *to, const struct v4l2_ext_control *from,
		      unsigned int n, unsigned int old_width, unsigned int old_height)
{
	(void)old_width;
	(void)old_height;
	copy(to, from, n, V4L2_CID_STATELESS_AV1_SEQUENCE);
}

/* Not constant: VIDIOC_S_EXT_CTRLS writes the values back. */
static struct v4l2_ctrl_av1_film_grain no_grain;

/* There is always film grain, if only to say that there is none. */
static void av1_request(struct ffmpeg_controls *to, const struct v4l2_ext_control *from,
			unsigned int n)
{
	copy(to, from, n, V4L2_CID_STATELESS_AV1_SEQUENCE);
	copy(to, from, n, V4L2_CID_STATELESS_AV1_FRAME);
	copy(to, from, n, V4L2_CID_STATELESS_AV1_FILM_GRAIN);
	if (to->n < 3)
		add(to, V4L2_CID_STATELESS_AV1_FILM_GRAIN, &no_grain, sizeof(no_grain));
	copy(to, from, n, V4L2_CID_STATELESS_AV1_TILE_GROUP_ENTRY);
}

static bool av1_restarts(const struct v4l2_ext_control *from, unsigned int n)
{
	const struct v4l2_ctrl_av1_frame *frame = find(from, n, V4L2_CID_STATELESS_AV1_FRAME);

	return frame->frame_type == V4L2_AV1_KEY_FRAME && frame->refresh_frame_flags == 0xff;
}
#endif

static const struct ffmpeg_codec codecs[] = {
	{
		.coded_format = V4L2_PIX_FMT_H264_SLICE,
		.sizeimage = 4 * MIB,
		.kept = 3,
		.probe = h264_probe,
		.request = h264_request,
		.restarts = h264_restarts,
		.opened = h264_opened,
	}, {
		.coded_format = V4L2_PIX_FMT_VP9_FRAME,
		.sizeimage = 3 * MIB,
		.kept = 9,
		.probe = vp9_probe,
		.request = vp9_request,
		.restarts = vp9_restarts,
	},
#ifdef V4L2_CID_STATELESS_AV1_FRAME
	{
		.coded_format = V4L2_PIX_FMT_AV1_FRAME,
		.sizeimage = 3 * MIB,
		.kept = 3,
		.probe = av1_probe,
		.request = av1_request,
		.restarts = av1_restarts,
	},
#endif
};

const struct ffmpeg_codec *ffmpeg_codec_find(guint32 coded_format)
{
	for (unsigned int i = 0; i < G_N_ELEMENTS(codecs); i++)
		if (codecs[i].coded_format == coded_format)
			return &codecs[i];
	return NULL;
}
