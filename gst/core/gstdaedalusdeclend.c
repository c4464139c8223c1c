/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Who has the CAPTURE buffers. The device has a limited number of them, but
 * downstream may keep any number of pictures: an encoder with look-ahead, a
 * large queue, or #GstVideoDecoder itself, which keeps a whole group of pictures
 * while it plays backwards. So downstream gets copies as soon as it keeps too
 * many buffers. It cannot get copies where it takes DMA-BUFs only; there, the
 * device makes new buffers once it has run out of them.
 */
#include "gstdaedalusdec-private.h"

/* Microseconds to wait for a CAPTURE buffer before trying to create one
 * again. */
#define BUFFER_WAIT (100 * G_TIME_SPAN_MILLISECOND)

/* Microseconds in which downstream must return a buffer while the pipeline
 * plays, if nothing else can make a buffer free. */
#define RETURN_WAIT (5 * G_TIME_SPAN_SECOND)

/**
 * gst_daedalus_dec_get_max_in_flight:
 * @self: the decoder
 *
 * Returns: the property
 */
guint
gst_daedalus_dec_get_max_in_flight (GstDaedalusDec *self)
{
  guint n;

  GST_OBJECT_LOCK (self);
  n = self->max_in_flight;
  GST_OBJECT_UNLOCK (self);
  return n;
}

/**
 * gst_daedalus_dec_get_lend_limit:
 * @self: the decoder, with the stream lock and with CAPTURE buffers
 *
 * The codec needs its references and one buffer to decode into; otherwise it
 * would wait forever. As far as possible, there are also buffers for
 * max-in-flight requests, so that the device is not idle.
 *
 * Returns: the number of CAPTURE buffers that downstream can keep
 */
guint
gst_daedalus_dec_get_lend_limit (GstDaedalusDec *self)
{
  GstDaedalusDecPrivate *priv = self->priv;
  guint size = gst_daedalus_allocator_get_size (priv->allocator);
  guint needed = priv->format.n_kept + 1;
  guint spare = size > needed ? size - needed : 0;

  return spare - MIN (gst_daedalus_dec_get_max_in_flight (self), spare / 2);
}

/* Posts a performance warning, once for each reason. */
static gboolean
is_first_warning (GstDaedalusDec *self, GstDaedalusWarning warning)
{
  GstDaedalusDecPrivate *priv = self->priv;
  gboolean first = !(priv->warned & warning);

  priv->warned |= warning;
  return first;
}

/* A buffer for a copy. Downstream's pool may have too few buffers, because they
 * are meant for what it keeps for itself; never wait for one of them. */
static GstBuffer *
allocate_copy (GstVideoDecoder *decoder, const GstVideoInfo *info)
{
  GstBufferPoolAcquireParams params = {
    .flags = GST_BUFFER_POOL_ACQUIRE_FLAG_DONTWAIT,
  };
  GstBufferPool *pool = gst_video_decoder_get_buffer_pool (decoder);
  GstBuffer *buffer = NULL;

  if (pool) {
    if (gst_buffer_pool_acquire_buffer (pool, &buffer, &params) != GST_FLOW_OK)
      buffer = NULL;
    gst_object_unref (pool);
  }
  return buffer ? buffer : gst_buffer_new_allocate (NULL,
      GST_VIDEO_INFO_SIZE (info), NULL);
}

static GstFlowReturn
copy_picture (GstDaedalusDec *self, GstVideoCodecFrame *frame,
    GstDaedalusPicture *picture)
{
  GstVideoDecoder *decoder = GST_VIDEO_DECODER (self);
  GstVideoCodecState *state = gst_video_decoder_get_output_state (decoder);
  GstVideoFrame from, to;
  gboolean ok = FALSE;

  frame->output_buffer = allocate_copy (decoder, &state->info);
  if (frame->output_buffer
      && gst_video_frame_map (&from, &picture->layout.info, picture->buffer,
          GST_MAP_READ)) {
    if (gst_video_frame_map (&to, &state->info, frame->output_buffer,
            GST_MAP_WRITE)) {
      ok = gst_video_frame_copy (&to, &from);
      gst_video_frame_unmap (&to);
    }
    gst_video_frame_unmap (&from);
  }
  gst_video_codec_state_unref (state);
  if (ok)
    return GST_FLOW_OK;
  GST_ELEMENT_ERROR (self, RESOURCE, READ,
      ("A decoded picture cannot be read."),
      ("mapping or copying a CAPTURE buffer failed"));
  return GST_FLOW_ERROR;
}

/* Whether downstream gets a copy; then the first time also says why. */
static gboolean
must_copy (GstDaedalusDec *self, const GstDaedalusPicture *picture)
{
  GstDaedalusDecPrivate *priv = self->priv;
  guint lent, limit;

  if (priv->dmabuf)
    return FALSE;
  if (!priv->has_video_meta && !picture->layout.is_default) {
    if (is_first_warning (self, GST_DAEDALUS_WARNING_LAYOUT))
      GST_CAT_WARNING_OBJECT (gst_daedalus_performance_debug, self,
          "copying pictures: downstream does not support GstVideoMeta, which "
          "describes the padding of their rows");
    return TRUE;
  }
  if (!priv->allocator)
    return FALSE;
  lent = gst_daedalus_allocator_count_lent (priv->allocator, picture->buffer);
  limit = gst_daedalus_dec_get_lend_limit (self);
  if (lent < limit)
    return FALSE;
  if (is_first_warning (self, GST_DAEDALUS_WARNING_LENT))
    GST_CAT_WARNING_OBJECT (gst_daedalus_performance_debug, self,
        "copying pictures: downstream keeps %u, the device has %u buffers, of "
        "which %u can be kept", lent,
        gst_daedalus_allocator_get_size (priv->allocator), limit);
  return TRUE;
}

/**
 * gst_daedalus_dec_lend:
 * @self: the decoder, with the stream lock, negotiated for @picture
 * @frame: its output buffer is set
 * @picture: a decoded picture
 *
 * Passes the CAPTURE buffer of @picture to @frame if possible, else a copy.
 *
 * Returns: %GST_FLOW_ERROR if @picture cannot be copied
 */
GstFlowReturn
gst_daedalus_dec_lend (GstDaedalusDec *self, GstVideoCodecFrame *frame,
    GstDaedalusPicture *picture)
{
  if (must_copy (self, picture))
    return copy_picture (self, frame, picture);
  /* A shallow copy: the allocator counts references to the memory. */
  frame->output_buffer = gst_buffer_copy (picture->buffer);
  return GST_FLOW_OK;
}

/*
 * No buffer is free, and nothing of this element will free one: downstream has
 * got all pictures. The kernel lets downstream keep buffers that the device has
 * given up, so the device gets new ones. That is possible if it has its
 * references somewhere else; another device must wait for downstream. It fails
 * if that takes too long in a pipeline that plays.
 */
static gboolean
help_starved (GstDaedalusDec *self, gint64 waited, GError **error)
{
  GstDaedalusDecPrivate *priv = self->priv;
  guint size = gst_daedalus_allocator_get_size (priv->allocator);
  guint lent = gst_daedalus_allocator_count_lent (priv->allocator, NULL);

  if (!lent && !gst_daedalus_allocator_wait (priv->allocator, 0))
    return gst_daedalus_failed (error, DEVICE,
        "The stream needs more than the %u picture buffers of %s.", size,
        priv->v4l2->path);
  if (waited < BUFFER_WAIT)
    return TRUE;
  if (priv->v4l2->keeps_references) {
    if (is_first_warning (self, GST_DAEDALUS_WARNING_RENEWED))
      GST_CAT_WARNING_OBJECT (gst_daedalus_performance_debug, self,
          "allocating new DMA-BUFs: downstream keeps %u of the %u buffers of "
          "the device", lent, size);
    return gst_daedalus_dec_renew_capture (self, error);
  }
  if (waited < RETURN_WAIT || GST_STATE (self) != GST_STATE_PLAYING)
    return TRUE;
  return gst_daedalus_failed (error, DEVICE,
      "The next elements keep %u of the %u picture buffers of %s and return "
      "none: let them keep fewer, or put videoconvert in between.", lent, size,
      priv->v4l2->path);
}

/* Whether downstream has got all pictures. */
static gboolean
is_idle (GstDaedalusDecPrivate *priv)
{
  gboolean idle;

  g_mutex_lock (&priv->lock);
  idle = g_queue_is_empty (&priv->queue) && !priv->busy;
  g_mutex_unlock (&priv->lock);
  return idle;
}

/**
 * gst_daedalus_dec_acquire_buffer:
 * @self: the decoder, with the stream lock, which is released during a wait
 * @index: (out): index of the V4L2 buffer
 * @error: set on failure
 *
 * Gets a CAPTURE buffer. If none is free, waits for downstream or for the end
 * of a request.
 *
 * Returns: (transfer full) (nullable): for gst_daedalus_allocator_release()
 */
GstBuffer *
gst_daedalus_dec_acquire_buffer (GstDaedalusDec *self, guint *index,
    GError **error)
{
  GstDaedalusDecPrivate *priv = self->priv;
  gint64 since = -1, now;
  GstBuffer *buffer;
  GError *local = NULL;

  for (;;) {
    buffer = gst_daedalus_allocator_acquire (priv->allocator, index, &local);
    if (buffer)
      return buffer;
    if (local) {
      g_propagate_error (error, local);
      return NULL;
    }

    now = g_get_monotonic_time ();
    if (!is_idle (priv))
      since = -1;
    else if (since < 0)
      since = now;
    if (since >= 0 && !help_starved (self, now - since, error))
      return NULL;

    GST_VIDEO_DECODER_STREAM_UNLOCK (self);
    gst_daedalus_allocator_wait (priv->allocator, now + BUFFER_WAIT);
    GST_VIDEO_DECODER_STREAM_LOCK (self);
    if (!gst_daedalus_flow_goes_on (gst_daedalus_dec_get_flow (self))) {
      g_set_error_literal (error, GST_DAEDALUS_ERROR,
          GST_DAEDALUS_ERROR_FLUSHING, "flushing");
      return NULL;
    }
  }
}
