/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The base class and a codec, in the streaming thread: to decode and to show. */
#include "gstdaedalusdec-private.h"

/* How long to wait for a CAPTURE buffer before trying to create one again. */
#define BUFFER_WAIT (100 * G_TIME_SPAN_MILLISECOND)

/* Hands an entry to the task. Takes @frame, if there is one, and @request. */
static gboolean
push_entry (GstDaedalusDec *self, GstVideoCodecFrame *frame,
    GstDaedalusPicture *picture, GstDaedalusRequest *request, GError **error)
{
  GstDaedalusDecPrivate *priv = self->priv;
  GstPad *srcpad = GST_VIDEO_DECODER_SRC_PAD (self);
  GstDaedalusEntry *entry;

  g_mutex_lock (&priv->lock);
  /* What has a request has to be in the queue, to be taken back in a flush. */
  if (priv->flushing && !request) {
    g_mutex_unlock (&priv->lock);
    return gst_daedalus_failed (error, FLUSHING, "flushing");
  }
  entry = g_new0 (GstDaedalusEntry, 1);
  entry->frame = frame;
  entry->picture = gst_daedalus_picture_ref (picture);
  entry->request = request;
  g_queue_push_tail (&priv->queue, entry);
  priv->n_requests += request != NULL;
  /* Under the lock, as the task pauses itself under it. */
  if (!priv->flushing && gst_pad_get_task_state (srcpad) != GST_TASK_STARTED)
    gst_pad_start_task (srcpad, gst_daedalus_dec_output_loop, self, NULL);
  gst_daedalus_dec_wake (priv);
  g_mutex_unlock (&priv->lock);
  return TRUE;
}

static guint
get_max_in_flight (GstDaedalusDec *self)
{
  guint n;

  GST_OBJECT_LOCK (self);
  n = self->max_in_flight;
  GST_OBJECT_UNLOCK (self);
  return n;
}

/* A CAPTURE buffer, waiting for downstream to return one if need be. */
static GstBuffer *
acquire_buffer (GstDaedalusDec *self, guint *index, GError **error)
{
  GstDaedalusDecPrivate *priv = self->priv;
  GstBuffer *buffer;
  GError *local = NULL;
  gboolean ok = TRUE;

  for (;;) {
    buffer = gst_daedalus_allocator_acquire (priv->allocator, index, &local);
    if (buffer)
      return buffer;
    if (local) {
      g_propagate_error (error, local);
      return NULL;
    }
    GST_VIDEO_DECODER_STREAM_UNLOCK (self);
    ok = gst_daedalus_allocator_wait (priv->allocator,
        g_get_monotonic_time () + BUFFER_WAIT)
        && gst_daedalus_dec_get_flow (self) == GST_FLOW_OK;
    GST_VIDEO_DECODER_STREAM_LOCK (self);
    if (!ok) {
      g_set_error_literal (error, GST_DAEDALUS_ERROR,
          GST_DAEDALUS_ERROR_FLUSHING, "flushing");
      return NULL;
    }
  }
}

/**
 * gst_daedalus_dec_new_picture:
 * @self: the decoder, configured for the picture
 * @error: set on failure
 *
 * Gets a buffer for the next picture, after waiting for room if max-in-flight
 * requests are on their way, and for downstream if it has all buffers. It is
 * described as upstream's caps do, until the codec changes that.
 *
 * Returns: (transfer full) (nullable): for gst_daedalus_dec_submit()
 */
GstDaedalusPicture *
gst_daedalus_dec_new_picture (GstDaedalusDec *self, GError **error)
{
  GstDaedalusDecPrivate *priv = self->priv;
  GstDaedalusPicture *picture;
  GstBuffer *buffer;
  guint index;

  if (!gst_daedalus_dec_wait_for_room (self, get_max_in_flight (self), error))
    return NULL;
  buffer = acquire_buffer (self, &index, error);
  if (!buffer)
    return NULL;
  picture = gst_daedalus_picture_new (++priv->last_timestamp, &priv->layout,
      buffer, &priv->description);
  picture->capture_index = index;
  return picture;
}

/**
 * gst_daedalus_dec_submit:
 * @self: the decoder
 * @picture: of gst_daedalus_dec_new_picture(), with the format still the same
 * @flags: of #GstDaedalusJobFlags; the part after one with
 *   %GST_DAEDALUS_JOB_HOLD must be of the same picture and follow at once
 * @data: the coded frame, or the field, as the device wants it
 * @size: bytes of @data
 * @controls: the codec's controls for it
 * @n_controls: number of @controls
 * @error: set on failure
 *
 * Queues a picture, or a part of it, for decoding, after waiting for room if
 * max-in-flight requests are. It is not output before gst_daedalus_dec_show().
 * Success means that it is on its way, not that it will decode.
 *
 * Returns: %FALSE on failure
 */
gboolean
gst_daedalus_dec_submit (GstDaedalusDec *self,
    GstDaedalusPicture *picture, guint flags, const guint8 *data, gsize size,
    struct v4l2_ext_control *controls, guint n_controls, GError **error)
{
  const GstDaedalusJob job = {
    .data = data,
    .size = size,
    .controls = controls,
    .n_controls = n_controls,
    .capture_index = picture->capture_index,
    .capture_planes = picture->layout.format->n_mems,
    .timestamp = picture->timestamp,
    .flags = flags,
  };
  GstDaedalusRequest *request = NULL;

  if (gst_daedalus_dec_wait_for_room (self, get_max_in_flight (self), error))
    request = gst_daedalus_request_submit (self->priv->pool, &job, error);
  if (request) {
    GST_LOG_OBJECT (self, "time %" G_GUINT64_FORMAT ": %" G_GSIZE_FORMAT
        " bytes%s", job.timestamp, size,
        flags & GST_DAEDALUS_JOB_HOLD ? ", more follows" : "");
    return push_entry (self, NULL, picture, request, NULL);
  }
  /* The device would hold the buffer of the parts before for ever; references
   * that it forgets are decoded anew from the next key frame on. */
  if (flags & GST_DAEDALUS_JOB_HELD
      && gst_daedalus_dec_wait_for_room (self, 0, NULL))
    gst_daedalus_dec_flush_device (self);
  return FALSE;
}

/**
 * gst_daedalus_dec_show:
 * @self: the decoder
 * @frame: what @decode was called with
 * @picture: (transfer none): submitted earlier
 * @error: set on failure; @decode is to fail with the same error
 *
 * Outputs a picture once more, or for the first time, as @frame.
 *
 * Returns: %FALSE with %GST_DAEDALUS_ERROR_FLUSHING when flushing
 */
gboolean
gst_daedalus_dec_show (GstDaedalusDec *self, GstVideoCodecFrame *frame,
    GstDaedalusPicture *picture, GError **error)
{
  GST_LOG_OBJECT (self, "frame %u: shows time %" G_GUINT64_FORMAT,
      frame->system_frame_number, picture->timestamp);
  return gst_daedalus_dec_wait_for_room (self, get_max_in_flight (self), error)
      && push_entry (self, frame, picture, NULL, error);
}

/**
 * gst_daedalus_dec_lose:
 * @shown: (inout): what the buffer shows so far; forgotten, as it does not stand
 *   in for what is damaged
 * @lost: (inout): the first error of the buffer, or the one that ends the stream
 * @error: (transfer full): what is wrong with a part of the buffer
 *
 * Returns: %FALSE if the rest of the buffer cannot be decoded either
 */
gboolean
gst_daedalus_dec_lose (GstDaedalusPicture **shown, GError **lost, GError *error)
{
  gboolean goes_on = error->code == GST_DAEDALUS_ERROR_FRAME;

  gst_daedalus_picture_replace (shown, NULL);
  if (*lost && goes_on) {
    g_error_free (error);
  } else {
    g_clear_error (lost);
    *lost = error;
  }
  return goes_on;
}

/**
 * gst_daedalus_dec_show_last:
 * @self: the decoder
 * @frame: (inout): what @decode was called with; %NULL after success with a picture
 * @shown: (transfer full) (nullable): the last picture that the buffer shows
 * @lost: (transfer full) (nullable): of gst_daedalus_dec_lose()
 * @error: set on failure; @decode is to fail with the same error
 *
 * Ends the decoding of a buffer that may have several pictures and shows one of
 * them at most.
 *
 * Returns: %FALSE with @lost if there is nothing else, or as
 *   gst_daedalus_dec_show()
 */
gboolean
gst_daedalus_dec_show_last (GstDaedalusDec *self, GstVideoCodecFrame **frame,
    GstDaedalusPicture *shown, GError *lost, GError **error)
{
  gboolean ok = !lost;

  if (shown) {
    ok = gst_daedalus_dec_show (self, *frame, shown, error);
    if (ok)
      *frame = NULL;
    gst_daedalus_picture_unref (shown);
    g_clear_error (&lost);
  } else if (lost) {
    g_propagate_error (error, lost);
  }
  return ok;
}
