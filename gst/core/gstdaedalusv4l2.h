/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * An opened stateless decoder: V4L2 ioctls with error messages for users.
 * Independent of codecs and of GStreamer buffers.
 */
#ifndef GST_DAEDALUS_V4L2_H
#define GST_DAEDALUS_V4L2_H

#include "gstdaedalusdevice.h"

#include <linux/videodev2.h>

G_BEGIN_DECLS

#define GST_DAEDALUS_OUTPUT V4L2_BUF_TYPE_VIDEO_OUTPUT_MPLANE
#define GST_DAEDALUS_CAPTURE V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE

/**
 * GstDaedalusV4l2:
 * @path: path of the video node, for messages
 * @video_fd: the video node, non-blocking; each opened fd is a stream
 * @media_fd: the media node, to allocate requests from
 * @max_width: widest frame that the device decodes, luma samples
 * @max_height: highest frame that the device decodes, luma samples
 * @keeps_references: it has its references in memory of its own, so CAPTURE
 *   buffers can be replaced at any time
 * @can_remove_buffers: VIDIOC_REMOVE_BUFS works (Linux 6.10 and newer)
 *
 * All calls may come from any thread: the kernel serialises them.
 */
typedef struct
{
  gchar *path;
  gint video_fd;
  gint media_fd;
  guint max_width;
  guint max_height;
  gboolean keeps_references;
  gboolean can_remove_buffers;
} GstDaedalusV4l2;

/**
 * GstDaedalusV4l2Buffer:
 * @index: index in its queue
 * @n_planes: number of memory planes
 * @length: bytes of each memory plane
 * @mem_offset: offset of each memory plane for mmap()
 *
 * A buffer of a queue.
 */
typedef struct
{
  guint index;
  guint n_planes;
  guint length[VIDEO_MAX_PLANES];
  guint32 mem_offset[VIDEO_MAX_PLANES];
} GstDaedalusV4l2Buffer;

GstDaedalusV4l2 *gst_daedalus_v4l2_open (const GstDaedalusDevice * device,
    guint32 coded_format, GError ** error);
void gst_daedalus_v4l2_close (GstDaedalusV4l2 * v4l2);
gboolean gst_daedalus_v4l2_failed (const GstDaedalusV4l2 * v4l2,
    const gchar * what, GError ** error);

gboolean gst_daedalus_v4l2_set_format (GstDaedalusV4l2 * v4l2,
    enum v4l2_buf_type type, struct v4l2_pix_format_mplane *pix,
    GError ** error);
guint32 gst_daedalus_v4l2_nth_format (GstDaedalusV4l2 * v4l2,
    enum v4l2_buf_type type, guint n);
gboolean gst_daedalus_v4l2_set_controls (GstDaedalusV4l2 * v4l2,
    gint request_fd, struct v4l2_ext_control *controls, guint n_controls,
    GError ** error);
gboolean gst_daedalus_v4l2_stream (GstDaedalusV4l2 * v4l2,
    enum v4l2_buf_type type, gboolean on, GError ** error);

gboolean gst_daedalus_v4l2_create_buffer (GstDaedalusV4l2 * v4l2,
    enum v4l2_buf_type type, const struct v4l2_pix_format_mplane *pix,
    GstDaedalusV4l2Buffer * buffer, GError ** error);
gboolean gst_daedalus_v4l2_remove_buffer (GstDaedalusV4l2 * v4l2,
    enum v4l2_buf_type type, guint index);
gboolean gst_daedalus_v4l2_free_buffers (GstDaedalusV4l2 * v4l2,
    enum v4l2_buf_type type, GError ** error);
gint gst_daedalus_v4l2_export (GstDaedalusV4l2 * v4l2,
    enum v4l2_buf_type type, guint index, guint plane, GError ** error);
gboolean gst_daedalus_v4l2_queue (GstDaedalusV4l2 * v4l2,
    enum v4l2_buf_type type, guint index, guint n_planes, gsize bytesused,
    guint64 timestamp, guint32 flags, gint request_fd, GError ** error);
gboolean gst_daedalus_v4l2_dequeue (GstDaedalusV4l2 * v4l2,
    enum v4l2_buf_type type, guint * index, guint64 * timestamp,
    gsize * bytesused, gboolean * failed, GError ** error);

G_END_DECLS
#endif
