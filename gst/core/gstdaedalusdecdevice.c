/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The device side of the base class: queues, formats and buffers. */
#include "gstdaedalusdec-private.h"

#include <string.h>

/*
 * The initial size of a bitstream buffer is that of an uncompressed 8-bit 4:2:0
 * frame, divided by this. The buffers grow when a frame needs more.
 */
#define BITSTREAM_SHARE 2
#define BITSTREAM_MIN (256 * 1024)

/* Initial number of CAPTURE buffers, in addition to max-in-flight. */
#define EXTRA_BUFFERS 2

static const enum v4l2_buf_type queue_types[] = {
  GST_DAEDALUS_OUTPUT, GST_DAEDALUS_CAPTURE
};

static gboolean
stream_queue (GstDaedalusDec *self, guint queue, gboolean on, GError **error)
{
  GstDaedalusDecPrivate *priv = self->priv;

  if (priv->streaming[queue] == on)
    return TRUE;
  if (!gst_daedalus_v4l2_stream (priv->v4l2, queue_types[queue], on, error))
    return FALSE;
  priv->streaming[queue] = on;
  return TRUE;
}

static void
log_and_clear (GstDaedalusDec *self, GError **error)
{
  if (*error)
    GST_WARNING_OBJECT (self, "%s", (*error)->message);
  g_clear_error (error);
}

/**
 * gst_daedalus_dec_flush_device:
 * @self: the decoder, with the stream lock and an idle task
 *
 * Takes all buffers back from the device, which drops its references, and makes
 * it ready for the next frame. A failure is not reported here: the device fails
 * again when the next frame is submitted.
 */
void
gst_daedalus_dec_flush_device (GstDaedalusDec *self)
{
  GstDaedalusDecPrivate *priv = self->priv;
  gboolean was_streaming[G_N_ELEMENTS (queue_types)];
  GError *error = NULL;
  guint i;

  memcpy (was_streaming, priv->streaming, sizeof (was_streaming));
  for (i = 0; i < G_N_ELEMENTS (queue_types); i++) {
    stream_queue (self, i, FALSE, &error);
    log_and_clear (self, &error);
  }
  gst_daedalus_dec_drop_queue (self);
  for (i = 0; i < G_N_ELEMENTS (queue_types); i++) {
    if (was_streaming[i])
      stream_queue (self, i, TRUE, &error);
    log_and_clear (self, &error);
  }
}

static void
release_capture (GstDaedalusDec *self)
{
  GstDaedalusDecPrivate *priv = self->priv;
  GstDaedalusAllocator *allocator = priv->allocator;
  GError *error = NULL;

  priv->format.bit_depth = 0;
  if (!allocator)
    return;
  stream_queue (self, 1, FALSE, &error);
  log_and_clear (self, &error);
  priv->streaming[1] = FALSE;

  g_mutex_lock (&priv->lock);
  priv->allocator = NULL;
  g_mutex_unlock (&priv->lock);
  gst_daedalus_allocator_free (allocator);
  gst_daedalus_v4l2_free_buffers (priv->v4l2, GST_DAEDALUS_CAPTURE, &error);
  log_and_clear (self, &error);
}

/**
 * gst_daedalus_dec_release_device:
 * @self: the decoder, with a stopped task
 *
 * Stops and frees both queues. The device stays open.
 */
void
gst_daedalus_dec_release_device (GstDaedalusDec *self)
{
  GstDaedalusDecPrivate *priv = self->priv;
  GstDaedalusRequestPool *pool = priv->pool;
  GError *error = NULL;

  stream_queue (self, 0, FALSE, &error);
  log_and_clear (self, &error);
  priv->streaming[0] = FALSE;
  if (priv->streaming[1])
    stream_queue (self, 1, FALSE, &error);
  log_and_clear (self, &error);
  gst_daedalus_dec_drop_queue (self);
  release_capture (self);

  if (!pool)
    return;
  g_mutex_lock (&priv->lock);
  priv->pool = NULL;
  g_mutex_unlock (&priv->lock);
  gst_daedalus_request_pool_free (pool);
  gst_daedalus_v4l2_free_buffers (priv->v4l2, GST_DAEDALUS_OUTPUT, &error);
  log_and_clear (self, &error);
}

/* Whether downstream accepts pictures in @format, as DMA-BUFs or in system
 * memory. */
static gboolean
peer_takes (GstCaps *peer_caps, const GstDaedalusFormat *format, guint width,
    guint height)
{
  GstVideoInfo info;
  GstCaps *system, *dmabuf;
  gboolean takes;

  gst_video_info_init (&info);
  if (!gst_video_info_set_format (&info, format->format, width, height))
    return FALSE;
  /* Fields that are not known yet, such as the frame rate, are left out. */
  system = gst_caps_new_simple ("video/x-raw", "format", G_TYPE_STRING,
      gst_video_format_to_string (format->format), NULL);
  takes = gst_caps_can_intersect (peer_caps, system);
  gst_caps_unref (system);
  dmabuf = gst_daedalus_format_dmabuf_caps (&info);
  if (dmabuf) {
    gst_structure_remove_fields (gst_caps_get_structure (dmabuf, 0),
        "framerate", "pixel-aspect-ratio", "interlace-mode", "colorimetry",
        "chroma-site", "multiview-mode", NULL);
    takes = takes || gst_caps_can_intersect (peer_caps, dmabuf);
    gst_caps_unref (dmabuf);
  }
  return takes;
}

/* The first format that both the device and downstream support; otherwise the
 * device's default. */
static const GstDaedalusFormat *
choose_format (GstDaedalusDec *self, guint width, guint height, guint bit_depth)
{
  GstDaedalusDecPrivate *priv = self->priv;
  GstCaps *peer_caps =
      gst_pad_peer_query_caps (GST_VIDEO_DECODER_SRC_PAD (self), NULL);
  const GstDaedalusFormat *format, *first = NULL, *chosen = NULL;
  guint32 offered;
  guint i, n;

  for (n = 0; !chosen && (format = gst_daedalus_format_nth (bit_depth, n)); n++) {
    for (i = 0; (offered = gst_daedalus_v4l2_nth_format (priv->v4l2,
                GST_DAEDALUS_CAPTURE, i)); i++) {
      if (offered != format->pixelformat)
        continue;
      if (!first)
        first = format;
      if (peer_takes (peer_caps, format, width, height))
        chosen = format;
      break;
    }
  }
  gst_caps_unref (peer_caps);
  return chosen ? chosen : first;
}

static gboolean
configure_output (GstDaedalusDec *self, const GstDaedalusFrameFormat *format,
    GError **error)
{
  GstDaedalusDecPrivate *priv = self->priv;
  GstDaedalusRequestPool *pool;
  struct v4l2_pix_format_mplane pix = {
    .pixelformat = GST_DAEDALUS_DEC_GET_CLASS (self)->coded_format,
    .width = format->width,
    .height = format->height,
    .num_planes = 1,
  };

  pix.plane_fmt[0].sizeimage =
      MAX (BITSTREAM_MIN,
      (gsize) format->width * format->height * 3 / 2 / BITSTREAM_SHARE);
  if (!gst_daedalus_v4l2_set_format (priv->v4l2, GST_DAEDALUS_OUTPUT, &pix,
          error))
    return FALSE;
  /* The buffers keep their size, and CAPTURE can get smaller than before. */
  if (priv->pool)
    return TRUE;
  pool = gst_daedalus_request_pool_new (priv->v4l2, &pix, error);
  if (!pool)
    return FALSE;
  g_mutex_lock (&priv->lock);
  priv->pool = pool;
  gst_daedalus_request_pool_set_flushing (pool, priv->flushing != 0);
  g_mutex_unlock (&priv->lock);
  return TRUE;
}

static gboolean
configure_capture (GstDaedalusDec *self,
    const GstDaedalusFrameFormat *frame_format, GError **error)
{
  GstDaedalusDecPrivate *priv = self->priv;
  const GstDaedalusFormat *format =
      choose_format (self, frame_format->visible.w, frame_format->visible.h,
      frame_format->bit_depth);
  struct v4l2_pix_format_mplane pix = {
    .width = frame_format->width,
    .height = frame_format->height,
  };
  GstDaedalusAllocator *allocator;
  GstDaedalusLayout layout;
  guint n_buffers;

  if (!format)
    return gst_daedalus_failed (error, UNSUPPORTED,
        "The decoder %s offers no picture format for %u bits that this element "
        "knows.", priv->v4l2->path, frame_format->bit_depth);
  pix.pixelformat = format->pixelformat;
  pix.num_planes = format->n_mems;
  if (!gst_daedalus_v4l2_set_format (priv->v4l2, GST_DAEDALUS_CAPTURE, &pix,
          error)
      || !gst_daedalus_layout_init (&layout, &pix, &frame_format->visible,
          error))
    return FALSE;

  GST_OBJECT_LOCK (self);
  n_buffers = self->max_in_flight + EXTRA_BUFFERS;
  GST_OBJECT_UNLOCK (self);
  allocator = gst_daedalus_allocator_new (priv->v4l2, &pix, &layout, n_buffers,
      error);
  if (!allocator)
    return FALSE;
  g_mutex_lock (&priv->lock);
  priv->allocator = allocator;
  gst_daedalus_allocator_set_flushing (allocator, priv->flushing != 0);
  g_mutex_unlock (&priv->lock);
  priv->layout = layout;
  GST_INFO_OBJECT (self, "%ux%u, %u bits: CAPTURE %" GST_FOURCC_FORMAT
      " %ux%u, %u bytes a row", frame_format->width, frame_format->height,
      frame_format->bit_depth, GST_FOURCC_ARGS (pix.pixelformat), pix.width,
      pix.height, pix.plane_fmt[0].bytesperline);
  return TRUE;
}

/**
 * gst_daedalus_dec_renew_capture:
 * @self: the decoder, configured, without pictures in flight
 * @error: set on failure
 *
 * Gives up all CAPTURE buffers and creates new ones. Whoever has one of the old
 * buffers can keep it.
 *
 * Returns: %FALSE on failure
 */
gboolean
gst_daedalus_dec_renew_capture (GstDaedalusDec *self, GError **error)
{
  GstDaedalusDecPrivate *priv = self->priv;
  const GstDaedalusFrameFormat format = priv->format;

  release_capture (self);
  if (!configure_capture (self, &format, error)
      || !stream_queue (self, 1, TRUE, error))
    return FALSE;
  priv->format = format;
  return TRUE;
}

/* Whether the device is configured for frames of @format; it may also have more
 * room for kept pictures. */
static gboolean
is_configured (const GstDaedalusFrameFormat *is,
    const GstDaedalusFrameFormat *format)
{
  GstDaedalusFrameFormat wanted = *format;

  wanted.n_kept = MAX (wanted.n_kept, is->n_kept);
  return memcmp (is, &wanted, sizeof (wanted)) == 0;
}

/**
 * gst_daedalus_dec_configure:
 * @self: the decoder
 * @format: format of the next frame
 * @controls: the next frame's controls; the device derives formats from them
 * @n_controls: number of @controls
 * @error: set on failure
 *
 * Configures the device for frames of @format, unless it already is. The device
 * keeps its references over a change.
 *
 * Returns: %FALSE on failure; then @decode must fail with the same error
 */
gboolean
gst_daedalus_dec_configure (GstDaedalusDec *self,
    const GstDaedalusFrameFormat *format, struct v4l2_ext_control *controls,
    guint n_controls, GError **error)
{
  GstDaedalusDecPrivate *priv = self->priv;
  guint i;

  if (is_configured (&priv->format, format))
    return TRUE;

  if (format->width > priv->v4l2->max_width
      || format->height > priv->v4l2->max_height)
    return gst_daedalus_failed (error, UNSUPPORTED,
        "Frames of %ux%u are larger than the %ux%u that %s decodes; use another "
        "decoder.", format->width, format->height, priv->v4l2->max_width,
        priv->v4l2->max_height, priv->v4l2->path);
  if (!gst_daedalus_dec_wait_for_room (self, 0, error))
    return FALSE;

  release_capture (self);
  if (!configure_output (self, format, error)
      || !gst_daedalus_v4l2_set_controls (priv->v4l2, -1, controls, n_controls,
          error)
      || !configure_capture (self, format, error))
    return FALSE;
  for (i = 0; i < G_N_ELEMENTS (queue_types); i++) {
    if (!stream_queue (self, i, TRUE, error))
      return FALSE;
  }
  priv->format = *format;
  return TRUE;
}
