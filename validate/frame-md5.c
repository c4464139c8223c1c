// SPDX-License-Identifier: LGPL-2.1-or-later
#include "frame-md5.h"

#include <gst/video/video.h>

/* The MD5 of every second row, beginning with FIRST, of all planes. */
static gchar *field_md5(const GstVideoFrame *frame, gint first)
{
	GChecksum *checksum = g_checksum_new(G_CHECKSUM_MD5);
	gchar *result;
	guint plane;
	gint row;

	for (plane = 0; plane < GST_VIDEO_FRAME_N_PLANES(frame); plane++) {
		gint components[GST_VIDEO_MAX_COMPONENTS];
		const guint8 *data = GST_VIDEO_FRAME_PLANE_DATA(frame, plane);
		gint stride = GST_VIDEO_FRAME_PLANE_STRIDE(frame, plane), width, rows;

		gst_video_format_info_component(frame->info.finfo, plane, components);
		/* A plane of two components has them side by side: NV12. */
		width = GST_VIDEO_FRAME_COMP_WIDTH(frame, components[0]) *
			GST_VIDEO_FRAME_COMP_PSTRIDE(frame, components[0]);
		rows = GST_VIDEO_FRAME_COMP_HEIGHT(frame, components[0]);
		for (row = first; row < rows; row += 2)
			g_checksum_update(checksum, data + row * stride, width);
	}
	result = g_strdup(g_checksum_get_string(checksum));
	g_checksum_free(checksum);
	return result;
}

/* Copies a row of one component to OUT without what lies between its samples. */
static gsize pack_row(const guint8 *in, guint8 *out, gint width, gint pstride, guint depth,
		      guint shift)
{
	gint x;

	for (x = 0; x < width; x++, in += pstride) {
		if (depth <= 8)
			out[x] = *in;
		else
			GST_WRITE_UINT16_LE(out + 2 * x, GST_READ_UINT16_LE(in) >> shift);
	}
	return depth <= 8 ? width : 2 * width;
}

static gchar *planar_md5(const GstVideoFrame *frame)
{
	GChecksum *checksum = g_checksum_new(G_CHECKSUM_MD5);
	guint8 *out = g_malloc(2 * GST_VIDEO_FRAME_WIDTH(frame));
	gchar *result;
	guint c;
	gint row;

	for (c = 0; c < GST_VIDEO_FRAME_N_COMPONENTS(frame); c++) {
		const guint8 *data = GST_VIDEO_FRAME_COMP_DATA(frame, c);
		const GstVideoFormatInfo *format = frame->info.finfo;

		for (row = 0; row < GST_VIDEO_FRAME_COMP_HEIGHT(frame, c); row++) {
			gsize size = pack_row(data + row * GST_VIDEO_FRAME_COMP_STRIDE(frame, c),
					      out, GST_VIDEO_FRAME_COMP_WIDTH(frame, c),
					      GST_VIDEO_FRAME_COMP_PSTRIDE(frame, c),
					      GST_VIDEO_FORMAT_INFO_DEPTH(format, c),
					      GST_VIDEO_FORMAT_INFO_SHIFT(format, c));

			g_checksum_update(checksum, out, size);
		}
	}
	result = g_strdup(g_checksum_get_string(checksum));
	g_checksum_free(checksum);
	g_free(out);
	return result;
}

void frame_md5_write(FILE *file, GstPad *pad, GstBuffer *buffer)
{
	GstCaps *caps = gst_pad_get_current_caps(pad);
	GstVideoFrame frame;
	GstVideoInfo info;

	if (caps && gst_video_info_from_caps(&info, caps) &&
	    gst_video_frame_map(&frame, &info, buffer, GST_MAP_READ)) {
		gchar *even = field_md5(&frame, 0), *odd = field_md5(&frame, 1);
		gchar *planar = planar_md5(&frame);

		gst_video_frame_unmap(&frame);
		fprintf(file, "%s %s %s\n", even, odd, planar);
		g_free(even);
		g_free(odd);
		g_free(planar);
	} else {
		fprintf(file, "unreadable unreadable unreadable\n");
	}
	gst_clear_caps(&caps);
}
