/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "gstdaedaluserror.h"
#include "gstdaedalusv4l2.h"

#include <errno.h>
#include <fcntl.h>
#include <gst/gst.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* Linux 6.10 */
#ifndef V4L2_BUF_CAP_SUPPORTS_REMOVE_BUFS
#define V4L2_BUF_CAP_SUPPORTS_REMOVE_BUFS (1 << 8)
#endif
#ifndef VIDIOC_REMOVE_BUFS
struct v4l2_remove_buffers
{
  __u32 index;
  __u32 count;
  __u32 type;
  __u32 reserved[13];
};
#define VIDIOC_REMOVE_BUFS _IOWR ('V', 104, struct v4l2_remove_buffers)
#endif

/* Capabilities of a multi-planar memory-to-memory device. */
#define REQUIRED_CAPS (V4L2_CAP_VIDEO_M2M_MPLANE | V4L2_CAP_STREAMING)

static gint
call (const GstDaedalusV4l2 *v4l2, gulong request, gpointer arg)
{
  gint ret;

  do {
    ret = ioctl (v4l2->video_fd, request, arg);
  } while (ret < 0 && errno == EINTR);
  return ret;
}

static const gchar *
queue_name (enum v4l2_buf_type type)
{
  return V4L2_TYPE_IS_OUTPUT (type) ? "OUTPUT" : "CAPTURE";
}

/**
 * gst_daedalus_v4l2_failed:
 * @v4l2: the device
 * @what: what the device did not do; completes "refused to ..."
 * @error: set from errno: %GST_DAEDALUS_ERROR_GONE if the device was
 *   unregistered, else %GST_DAEDALUS_ERROR_DEVICE
 *
 * Returns: %FALSE
 */
gboolean
gst_daedalus_v4l2_failed (const GstDaedalusV4l2 *v4l2, const gchar *what,
    GError **error)
{
  gint err = errno;

  if (err == ENODEV || err == ENXIO)
    return gst_daedalus_failed (error, GONE,
        "The decoder %s is gone (%s): start daedalusd again.", v4l2->path,
        g_strerror (err));
  return gst_daedalus_failed (error, DEVICE,
      "The decoder %s refused to %s: %s.", v4l2->path, what, g_strerror (err));
}

static gboolean
queue_failed (const GstDaedalusV4l2 *v4l2, enum v4l2_buf_type type,
    const gchar *what, GError **error)
{
  gint err = errno;
  gchar *text = g_strdup_printf ("%s of its %s queue", what, queue_name (type));

  errno = err;
  gst_daedalus_v4l2_failed (v4l2, text, error);
  g_free (text);
  return FALSE;
}

static gboolean
query_limits (GstDaedalusV4l2 *v4l2, guint32 coded_format, GError **error)
{
  struct v4l2_frmsizeenum size = {.pixel_format = coded_format };
  struct v4l2_create_buffers probe = {.memory = V4L2_MEMORY_MMAP };

  /* Drivers of hardware may list discrete sizes; take the largest. */
  while (call (v4l2, VIDIOC_ENUM_FRAMESIZES, &size) == 0) {
    gboolean discrete = size.type == V4L2_FRMSIZE_TYPE_DISCRETE;

    v4l2->max_width = MAX (v4l2->max_width,
        discrete ? size.discrete.width : size.stepwise.max_width);
    v4l2->max_height = MAX (v4l2->max_height,
        discrete ? size.discrete.height : size.stepwise.max_height);
    if (!discrete)
      break;
    size.index++;
  }
  if (!v4l2->max_width || !v4l2->max_height)
    return gst_daedalus_v4l2_failed (v4l2, "list its frame sizes", error);

  probe.format.type = GST_DAEDALUS_OUTPUT;
  if (call (v4l2, VIDIOC_CREATE_BUFS, &probe) < 0)
    return gst_daedalus_v4l2_failed (v4l2, "support VIDIOC_CREATE_BUFS", error);
  if (!(probe.capabilities & V4L2_BUF_CAP_SUPPORTS_REQUESTS))
    return gst_daedalus_failed (error, NO_DEVICE,
        "%s is not a stateless decoder: it takes no media requests",
        v4l2->path);
  v4l2->can_remove_buffers =
      probe.capabilities & V4L2_BUF_CAP_SUPPORTS_REMOVE_BUFS;
  return TRUE;
}

static gboolean
check_capabilities (GstDaedalusV4l2 *v4l2, guint32 coded_format, GError **error)
{
  struct v4l2_capability cap = {.driver = "" };
  guint32 caps, format;
  guint n;

  if (call (v4l2, VIDIOC_QUERYCAP, &cap) < 0)
    return gst_daedalus_v4l2_failed (v4l2, "tell its capabilities", error);
  v4l2->keeps_references =
      strncmp ((const gchar *) cap.driver, GST_DAEDALUS_DRIVER,
      sizeof (cap.driver)) == 0;
  caps = cap.capabilities & V4L2_CAP_DEVICE_CAPS ? cap.device_caps :
      cap.capabilities;
  if ((caps & REQUIRED_CAPS) != REQUIRED_CAPS)
    return gst_daedalus_failed (error, NO_DEVICE,
        "%s is not a multi-planar memory-to-memory device (capabilities "
        "0x%08x)", v4l2->path, caps);

  for (n = 0;; n++) {
    format = gst_daedalus_v4l2_nth_format (v4l2, GST_DAEDALUS_OUTPUT, n);
    if (format == coded_format)
      return query_limits (v4l2, coded_format, error);
    if (!format)
      return gst_daedalus_failed (error, NO_DEVICE,
          "%s does not decode %" GST_FOURCC_FORMAT, v4l2->path,
          GST_FOURCC_ARGS (coded_format));
  }
}

/**
 * gst_daedalus_v4l2_open:
 * @device: the decoder
 * @coded_format: V4L2_PIX_FMT_* that it must decode
 * @error: set on failure
 *
 * Returns: (transfer full) (nullable): the opened device, for
 *   gst_daedalus_v4l2_close()
 */
GstDaedalusV4l2 *
gst_daedalus_v4l2_open (const GstDaedalusDevice *device, guint32 coded_format,
    GError **error)
{
  GstDaedalusV4l2 *v4l2 = g_new0 (GstDaedalusV4l2, 1);
  const gchar *path = device->media_path;

  v4l2->path = g_strdup (device->video_path);
  v4l2->video_fd = -1;
  v4l2->media_fd = open (path, O_RDWR | O_CLOEXEC);
  if (v4l2->media_fd >= 0) {
    path = device->video_path;
    v4l2->video_fd = open (path, O_RDWR | O_CLOEXEC | O_NONBLOCK);
  }
  if (v4l2->video_fd < 0) {
    g_set_error (error, GST_DAEDALUS_ERROR, GST_DAEDALUS_ERROR_NO_DEVICE,
        "cannot open %s: %s", path, g_strerror (errno));
  } else if (check_capabilities (v4l2, coded_format, error)) {
    return v4l2;
  }

  gst_daedalus_v4l2_close (v4l2);
  return NULL;
}

/**
 * gst_daedalus_v4l2_close:
 * @v4l2: (transfer full) (nullable): to close
 *
 * Exported DMA-BUFs stay valid until they are closed.
 */
void
gst_daedalus_v4l2_close (GstDaedalusV4l2 *v4l2)
{
  if (!v4l2)
    return;
  if (v4l2->video_fd >= 0)
    close (v4l2->video_fd);
  if (v4l2->media_fd >= 0)
    close (v4l2->media_fd);
  g_free (v4l2->path);
  g_free (v4l2);
}

/**
 * gst_daedalus_v4l2_set_format:
 * @v4l2: the device
 * @type: type of the queue, which has no buffers
 * @pix: (inout): pixelformat, width, height and, for OUTPUT, the size of a
 *   buffer in bytes; on success the format that the device set
 * @error: set on failure
 *
 * Returns: %FALSE if the device chose another format or a smaller size
 */
gboolean
gst_daedalus_v4l2_set_format (GstDaedalusV4l2 *v4l2, enum v4l2_buf_type type,
    struct v4l2_pix_format_mplane *pix, GError **error)
{
  struct v4l2_format fmt = {.type = type,.fmt.pix_mp = *pix };

  if (call (v4l2, VIDIOC_S_FMT, &fmt) < 0)
    return queue_failed (v4l2, type, "set the format", error);
  if (fmt.fmt.pix_mp.pixelformat != pix->pixelformat
      || fmt.fmt.pix_mp.width < pix->width
      || fmt.fmt.pix_mp.height < pix->height)
    return gst_daedalus_failed (error, DEVICE,
        "The decoder %s offers %" GST_FOURCC_FORMAT " of %ux%u on its %s queue "
        "instead of %" GST_FOURCC_FORMAT " of %ux%u.", v4l2->path,
        GST_FOURCC_ARGS (fmt.fmt.pix_mp.pixelformat), fmt.fmt.pix_mp.width,
        fmt.fmt.pix_mp.height, queue_name (type),
        GST_FOURCC_ARGS (pix->pixelformat), pix->width, pix->height);
  *pix = fmt.fmt.pix_mp;
  return TRUE;
}

/**
 * gst_daedalus_v4l2_nth_format:
 * @v4l2: the device
 * @type: type of the queue
 * @n: from 0
 *
 * Returns: V4L2_PIX_FMT_*, 0 when there are no more
 */
guint32
gst_daedalus_v4l2_nth_format (GstDaedalusV4l2 *v4l2, enum v4l2_buf_type type,
    guint n)
{
  struct v4l2_fmtdesc desc = {.index = n,.type = type };

  return call (v4l2, VIDIOC_ENUM_FMT, &desc) < 0 ? 0 : desc.pixelformat;
}

/**
 * gst_daedalus_v4l2_set_controls:
 * @v4l2: the device
 * @request_fd: request to set the values in, or -1 for the current values
 * @controls: compound controls
 * @n_controls: number of @controls
 * @error: set on failure: %GST_DAEDALUS_ERROR_FRAME if a value is refused
 *
 * Returns: %FALSE on failure
 */
gboolean
gst_daedalus_v4l2_set_controls (GstDaedalusV4l2 *v4l2, gint request_fd,
    struct v4l2_ext_control *controls, guint n_controls, GError **error)
{
  struct v4l2_ext_controls set = {
    .which = request_fd >= 0 ? V4L2_CTRL_WHICH_REQUEST_VAL :
        V4L2_CTRL_WHICH_CUR_VAL,
    .count = n_controls,
    .request_fd = MAX (request_fd, 0),
    .controls = controls,
  };

  if (call (v4l2, VIDIOC_S_EXT_CTRLS, &set) == 0)
    return TRUE;
  if (errno == EINVAL || errno == ERANGE) {
    guint bad = set.error_idx < n_controls ? set.error_idx : 0;

    return gst_daedalus_failed (error, FRAME,
        "The decoder %s refused the header of a frame (control 0x%08x).",
        v4l2->path, controls[bad].id);
  }
  return gst_daedalus_v4l2_failed (v4l2, "set the controls of a frame", error);
}

/**
 * gst_daedalus_v4l2_stream:
 * @v4l2: the device
 * @type: type of the queue
 * @on: start or stop it; a stopped queue gives all buffers back
 * @error: set on failure
 *
 * Returns: %FALSE on failure
 */
gboolean
gst_daedalus_v4l2_stream (GstDaedalusV4l2 *v4l2, enum v4l2_buf_type type,
    gboolean on, GError **error)
{
  gint arg = type;

  if (call (v4l2, on ? VIDIOC_STREAMON : VIDIOC_STREAMOFF, &arg) == 0)
    return TRUE;
  return queue_failed (v4l2, type, on ? "start streaming" : "stop streaming",
      error);
}

/**
 * gst_daedalus_v4l2_create_buffer:
 * @v4l2: the device
 * @type: type of the queue
 * @pix: format of the queue; the size of its planes may be larger
 * @buffer: (out): the new buffer
 * @error: set on failure
 *
 * Adds a buffer that the device allocates (V4L2_MEMORY_MMAP).
 *
 * Returns: %FALSE on failure
 */
gboolean
gst_daedalus_v4l2_create_buffer (GstDaedalusV4l2 *v4l2,
    enum v4l2_buf_type type, const struct v4l2_pix_format_mplane *pix,
    GstDaedalusV4l2Buffer *buffer, GError **error)
{
  struct v4l2_create_buffers create = {
    .count = 1,
    .memory = V4L2_MEMORY_MMAP,
    .format = {.type = type,.fmt.pix_mp = *pix},
  };
  struct v4l2_plane planes[VIDEO_MAX_PLANES] = { {0} };
  struct v4l2_buffer buf = {
    .type = type,.memory = V4L2_MEMORY_MMAP,
    .length = VIDEO_MAX_PLANES,.m.planes = planes,
  };
  guint i;

  if (call (v4l2, VIDIOC_CREATE_BUFS, &create) < 0)
    return queue_failed (v4l2, type, "create a buffer", error);
  buf.index = create.index;
  if (create.count != 1 || call (v4l2, VIDIOC_QUERYBUF, &buf) < 0)
    return queue_failed (v4l2, type, "describe a new buffer", error);

  memset (buffer, 0, sizeof (*buffer));
  buffer->index = create.index;
  buffer->n_planes = MIN (buf.length, VIDEO_MAX_PLANES);
  for (i = 0; i < buffer->n_planes; i++) {
    buffer->length[i] = planes[i].length;
    buffer->mem_offset[i] = planes[i].m.mem_offset;
  }
  return TRUE;
}

/**
 * gst_daedalus_v4l2_remove_buffer:
 * @v4l2: the device
 * @type: type of the queue
 * @index: index of a buffer that is not queued
 *
 * Returns: %FALSE if the kernel cannot do it; the buffer stays
 */
gboolean
gst_daedalus_v4l2_remove_buffer (GstDaedalusV4l2 *v4l2,
    enum v4l2_buf_type type, guint index)
{
  struct v4l2_remove_buffers remove = {
    .index = index,.count = 1,.type = type
  };

  return v4l2->can_remove_buffers
      && call (v4l2, VIDIOC_REMOVE_BUFS, &remove) == 0;
}

/**
 * gst_daedalus_v4l2_free_buffers:
 * @v4l2: the device
 * @type: type of the queue, which does not stream
 * @error: set on failure
 *
 * Frees all buffers of the queue. Exported DMA-BUFs stay valid until they are
 * closed.
 *
 * Returns: %FALSE on failure
 */
gboolean
gst_daedalus_v4l2_free_buffers (GstDaedalusV4l2 *v4l2,
    enum v4l2_buf_type type, GError **error)
{
  struct v4l2_requestbuffers request = {
    .count = 0,.type = type,.memory = V4L2_MEMORY_MMAP
  };

  if (call (v4l2, VIDIOC_REQBUFS, &request) == 0)
    return TRUE;
  return queue_failed (v4l2, type, "free the buffers", error);
}

/**
 * gst_daedalus_v4l2_export:
 * @v4l2: the device
 * @type: type of the queue
 * @index: index of the buffer
 * @plane: memory plane of the buffer
 * @error: set on failure
 *
 * Returns: a DMA-BUF that the caller owns, -1 on failure
 */
gint
gst_daedalus_v4l2_export (GstDaedalusV4l2 *v4l2, enum v4l2_buf_type type,
    guint index, guint plane, GError **error)
{
  struct v4l2_exportbuffer export = {
    .type = type,.index = index,.plane = plane,.flags = O_CLOEXEC | O_RDWR
  };

  if (call (v4l2, VIDIOC_EXPBUF, &export) == 0)
    return export.fd;
  queue_failed (v4l2, type, "export a buffer", error);
  return -1;
}

/**
 * gst_daedalus_v4l2_queue:
 * @v4l2: the device
 * @type: type of the queue
 * @index: index of the buffer
 * @n_planes: memory planes of the buffer
 * @bytesused: payload of an OUTPUT buffer in bytes
 * @timestamp: of an OUTPUT buffer, in microseconds; its picture gets the same
 * @flags: V4L2_BUF_FLAG_*
 * @request_fd: request that an OUTPUT buffer goes into, -1 for none
 * @error: set on failure
 *
 * Returns: %FALSE on failure
 */
gboolean
gst_daedalus_v4l2_queue (GstDaedalusV4l2 *v4l2, enum v4l2_buf_type type,
    guint index, guint n_planes, gsize bytesused, guint64 timestamp,
    guint32 flags, gint request_fd, GError **error)
{
  struct v4l2_plane planes[VIDEO_MAX_PLANES] = { {.bytesused = bytesused} };
  struct v4l2_buffer buf = {
    .type = type,.memory = V4L2_MEMORY_MMAP,.index = index,.flags = flags,
    .length = n_planes,.m.planes = planes,
    .timestamp = {timestamp / G_USEC_PER_SEC, timestamp % G_USEC_PER_SEC},
  };

  if (request_fd >= 0) {
    buf.flags |= V4L2_BUF_FLAG_REQUEST_FD;
    buf.request_fd = request_fd;
  }
  if (call (v4l2, VIDIOC_QBUF, &buf) == 0)
    return TRUE;
  return queue_failed (v4l2, type, "take a buffer", error);
}

/**
 * gst_daedalus_v4l2_dequeue:
 * @v4l2: the device
 * @type: type of the queue, which has a finished buffer
 * @index: (out): index of the buffer
 * @timestamp: (out): in microseconds
 * @bytesused: (out): bytes of all its memory planes that were written
 * @failed: (out): the buffer has V4L2_BUF_FLAG_ERROR
 * @error: set on failure
 *
 * Returns: %FALSE on failure
 */
gboolean
gst_daedalus_v4l2_dequeue (GstDaedalusV4l2 *v4l2, enum v4l2_buf_type type,
    guint *index, guint64 *timestamp, gsize *bytesused, gboolean *failed,
    GError **error)
{
  struct v4l2_plane planes[VIDEO_MAX_PLANES] = { {0} };
  struct v4l2_buffer buf = {
    .type = type,.memory = V4L2_MEMORY_MMAP,
    .length = VIDEO_MAX_PLANES,.m.planes = planes,
  };
  guint i;

  if (call (v4l2, VIDIOC_DQBUF, &buf) < 0)
    return queue_failed (v4l2, type, "return a buffer", error);
  *bytesused = 0;
  for (i = 0; i < MIN (buf.length, VIDEO_MAX_PLANES); i++)
    *bytesused += planes[i].bytesused;
  *index = buf.index;
  *timestamp = (guint64) buf.timestamp.tv_sec * G_USEC_PER_SEC +
      buf.timestamp.tv_usec;
  *failed = (buf.flags & V4L2_BUF_FLAG_ERROR) != 0;
  return TRUE;
}
