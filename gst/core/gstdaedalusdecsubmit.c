/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The codec side of the base class: decode and show pictures, in the streaming
 * thread. */
#include "gstdaedalusdec-private.h"

/* Passes an entry to the task; its fields are taken on success. */
static gboolean
push_entry (GstDaedalusDec *self, const GstDaedalusEntry *fields,
    GError **error)
{
  GstDaedalusDecPrivate *priv = self->priv;
  GstPad *srcpad = GST_VIDEO_DECODER_SRC_PAD (self);
  GstDaedalusEntry *entry;

  g_mutex_lock (&priv->lock);
  /* An entry with a request must be in the queue, so that a flush takes the
   * request back. */
  if (priv->flushing && !fields->request) {
    g_mutex_unlock (&priv->lock);
    return gst_daedalus_failed (error, FLUSHING, "flushing");
  }
  entry = g_new (GstDaedalusEntry, 1);
  *entry = *fields;
  g_queue_push_tail (&priv->queue, entry);
  priv->n_requests += entry->request != NULL;
  /* Under the lock, because the task pauses itself under the lock. */
  if (!priv->flushing && gst_pad_get_task_state (srcpad) != GST_TASK_STARTED)
    gst_pad_start_task (srcpad, gst_daedalus_dec_output_loop, self, NULL);
  gst_daedalus_dec_wake (priv);
  g_mutex_unlock (&priv->lock);
  return TRUE;
}

/* The same for a frame: waits while max-in-flight requests are in flight. */
static gboolean
push_frame (GstDaedalusDec *self, const GstDaedalusEntry *fields,
    GError **error)
{
  return gst_daedalus_dec_wait_for_room (self,
      gst_daedalus_dec_get_max_in_flight (self), error)
      && push_entry (self, fields, error);
}

/**
 * gst_daedalus_dec_new_picture:
 * @self: the decoder, configured for the picture
 * @error: set on failure
 *
 * Gets a buffer for the next picture. Waits while max-in-flight requests are in
 * flight, and while no buffer is free. The picture has the description
 * of upstream's caps, which the codec may change.
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

  if (!gst_daedalus_dec_wait_for_room (self,
          gst_daedalus_dec_get_max_in_flight (self), error))
    return NULL;
  buffer = gst_daedalus_dec_acquire_buffer (self, &index, error);
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
 * @picture: from gst_daedalus_dec_new_picture(), without a change of format
 *   since
 * @flags: #GstDaedalusJobFlags; after a part with %GST_DAEDALUS_JOB_HOLD, the
 *   next call must submit the next part of the same picture
 * @data: the coded frame or field, in the format of the OUTPUT queue
 * @size: bytes of @data
 * @controls: the codec's controls for it
 * @n_controls: number of @controls
 * @error: set on failure
 *
 * Queues a picture or a part of it for decoding. Waits while max-in-flight
 * requests are in flight. gst_daedalus_dec_show() outputs the picture. Success
 * means that the request is queued; decoding can still fail.
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

  if (gst_daedalus_dec_wait_for_room (self,
          gst_daedalus_dec_get_max_in_flight (self), error))
    request = gst_daedalus_request_submit (self->priv->pool, &job, error);
  if (request) {
    GST_LOG_OBJECT (self, "time %" G_GUINT64_FORMAT ": %" G_GSIZE_FORMAT
        " bytes%s", job.timestamp, size,
        flags & GST_DAEDALUS_JOB_HOLD ? ", more follows" : "");
    return push_entry (self, &(GstDaedalusEntry) {
        .picture = gst_daedalus_picture_ref (picture),.request = request}
        , NULL);
  }
  /* Otherwise the device would hold the buffer of the earlier parts forever.
   * The flush drops its references, so decoding restarts at the next key
   * frame. */
  if (flags & GST_DAEDALUS_JOB_HELD
      && gst_daedalus_dec_wait_for_room (self, 0, NULL))
    gst_daedalus_dec_flush_device (self);
  return FALSE;
}

/**
 * gst_daedalus_dec_show:
 * @self: the decoder
 * @frame: the frame that @decode was called with; taken on success
 * @picture: (transfer none): a picture that was submitted earlier
 * @error: set on failure; then @decode must fail with the same error
 *
 * Outputs @picture as @frame. A picture can be output several times.
 *
 * Returns: %FALSE with %GST_DAEDALUS_ERROR_FLUSHING when flushing
 */
gboolean
gst_daedalus_dec_show (GstDaedalusDec *self, GstVideoCodecFrame *frame,
    GstDaedalusPicture *picture, GError **error)
{
  const GstDaedalusEntry entry = {
    .frame = frame,
    .picture = gst_daedalus_picture_ref (picture),
  };

  GST_LOG_OBJECT (self, "frame %u: shows time %" G_GUINT64_FORMAT,
      frame->system_frame_number, picture->timestamp);
  if (push_frame (self, &entry, error))
    return TRUE;
  gst_daedalus_picture_unref (picture);
  return FALSE;
}

/**
 * gst_daedalus_dec_lose_frame:
 * @self: the decoder
 * @frame: (transfer full) (nullable): a frame that cannot be decoded
 * @lost: (transfer full): why
 *
 * Drops @frame and reports @lost after the frames in flight have been output:
 * gst_video_decoder_drop_frame() changes the timestamps of all frames that are
 * output later, and whether @lost ends the stream depends on what has been
 * output.
 *
 * Returns: the flow return for upstream
 */
GstFlowReturn
gst_daedalus_dec_lose_frame (GstDaedalusDec *self, GstVideoCodecFrame *frame,
    GError *lost)
{
  GError *error = NULL;

  if (!frame) {
    gst_daedalus_dec_wait_for_room (self, 0, NULL);
    return gst_daedalus_dec_fail (self, NULL, lost);
  }
  GST_DEBUG_OBJECT (self, "frame %u: %s", frame->system_frame_number,
      lost->message);
  if (push_frame (self, &(GstDaedalusEntry) {
          .frame = frame,.lost = lost}
          , &error))
    return gst_daedalus_dec_get_flow (self);
  g_error_free (lost);
  return gst_daedalus_dec_fail (self, frame, error);
}

/**
 * gst_daedalus_dec_lose:
 * @shown: (inout): the picture that the buffer shows so far; released, because
 *   it must not replace the damaged part
 * @lost: (inout): the first error of the buffer, or the error that ends the
 *   stream
 * @error: (transfer full): error of a part of the buffer
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
 * @frame: (inout): the frame that @decode was called with; set to %NULL if
 *   @shown was output
 * @shown: (transfer full) (nullable): the last picture that the buffer shows
 * @lost: (transfer full) (nullable): error of gst_daedalus_dec_lose()
 * @error: set on failure; then @decode must fail with the same error
 *
 * Ends the decoding of a buffer that may have several pictures, of which at
 * most one is output.
 *
 * Returns: %FALSE with @lost if there is no @shown; otherwise the result of
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
