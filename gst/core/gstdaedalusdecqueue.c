/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The base class and what is in flight. The streaming thread is in here; while it
 * waits it gives up the stream lock, which the output task needs to get on.
 */
#include "gstdaedalusdec-private.h"

#include <string.h>

/* How long to wait for a CAPTURE buffer before trying to create one again. */
#define BUFFER_WAIT (100 * G_TIME_SPAN_MILLISECOND)

/* Pictures that may wait to be shown, beyond what is being decoded. */
#define MAX_WAITING 32

/**
 * gst_daedalus_dec_wait:
 * @priv: with its lock, which is released meanwhile
 *
 * Waits for gst_daedalus_dec_wake(), or less.
 */
void
gst_daedalus_dec_wait (GstDaedalusDecPrivate *priv)
{
  priv->n_waiting++;
  g_cond_wait (&priv->cond, &priv->lock);
  priv->n_waiting--;
}

/**
 * gst_daedalus_dec_wake:
 * @priv: with its lock
 *
 * Wakes who waits for a change of what the lock protects. To signal a #GCond is
 * a system call even if nobody waits, several of them a frame otherwise.
 */
void
gst_daedalus_dec_wake (GstDaedalusDecPrivate *priv)
{
  if (priv->n_waiting)
    g_cond_broadcast (&priv->cond);
}

static gboolean
set_flushing_error (GError **error)
{
  g_set_error_literal (error, GST_DAEDALUS_ERROR, GST_DAEDALUS_ERROR_FLUSHING,
      "flushing");
  return FALSE;
}

/* Whether to wait until fewer than @n parts are in flight; for 0, until all of
 * them have gone downstream. With the lock. */
static gboolean
is_full (const GstDaedalusDecPrivate *priv, guint n)
{
  if (priv->flushing)
    return FALSE;
  /* The task empties the queue whether or not downstream takes anything. */
  if (!n)
    return priv->queue.length || priv->busy;
  return priv->flow == GST_FLOW_OK
      && (priv->n_requests >= n || priv->queue.length >= n + MAX_WAITING);
}

static gboolean
wait_for_room (GstDaedalusDec *self, guint n, GError **error)
{
  GstDaedalusDecPrivate *priv = gst_daedalus_dec_get_priv (self);
  gboolean ok, full;

  g_mutex_lock (&priv->lock);
  full = is_full (priv, n);
  if (full) {
    g_mutex_unlock (&priv->lock);
    GST_VIDEO_DECODER_STREAM_UNLOCK (self);
    g_mutex_lock (&priv->lock);
    while (is_full (priv, n))
      gst_daedalus_dec_wait (priv);
  }
  ok = !priv->flushing && priv->flow == GST_FLOW_OK;
  g_mutex_unlock (&priv->lock);
  if (full)
    GST_VIDEO_DECODER_STREAM_LOCK (self);

  return ok || set_flushing_error (error);
}

/**
 * gst_daedalus_dec_wait_drained:
 * @self: the decoder, with the stream lock, which is released meanwhile
 * @error: set on failure
 *
 * Waits until all that was submitted has been pushed downstream.
 *
 * Returns: %FALSE with %GST_DAEDALUS_ERROR_FLUSHING when flushing or when the
 *   task has failed
 */
gboolean
gst_daedalus_dec_wait_drained (GstDaedalusDec *self, GError **error)
{
  return wait_for_room (self, 0, error);
}

/**
 * gst_daedalus_dec_set_flushing:
 * @self: the decoder
 * @reasons: of #GstDaedalusFlush
 * @flushing: %TRUE to end all waits and keep new ones from starting; they can
 *   start again when no reason is left
 */
void
gst_daedalus_dec_set_flushing (GstDaedalusDec *self, guint reasons,
    gboolean flushing)
{
  GstDaedalusDecPrivate *priv = gst_daedalus_dec_get_priv (self);

  g_mutex_lock (&priv->lock);
  if (flushing) {
    priv->flushing |= reasons;
  } else {
    priv->flushing &= ~reasons;
    priv->flow = GST_FLOW_OK;
  }
  if (priv->pool)
    gst_daedalus_request_pool_set_flushing (priv->pool, priv->flushing != 0);
  if (priv->allocator)
    gst_daedalus_allocator_set_flushing (priv->allocator, priv->flushing != 0);
  gst_daedalus_dec_wake (priv);
  g_mutex_unlock (&priv->lock);
}

/**
 * gst_daedalus_dec_wait_idle:
 * @self: the decoder, flushing, without the stream lock
 *
 * Waits until the task has let go of the frame that it works on.
 */
void
gst_daedalus_dec_wait_idle (GstDaedalusDec *self)
{
  GstDaedalusDecPrivate *priv = gst_daedalus_dec_get_priv (self);

  g_mutex_lock (&priv->lock);
  while (priv->busy)
    gst_daedalus_dec_wait (priv);
  g_mutex_unlock (&priv->lock);
}

/**
 * gst_daedalus_dec_drop_queue:
 * @self: the decoder, with the stream lock
 *
 * Forgets what is in flight.
 */
void
gst_daedalus_dec_drop_queue (GstDaedalusDec *self)
{
  GstDaedalusDecPrivate *priv = gst_daedalus_dec_get_priv (self);
  GQueue dropped = G_QUEUE_INIT;
  GstDaedalusEntry *entry;

  g_mutex_lock (&priv->lock);
  while ((entry = g_queue_pop_head (&priv->queue)))
    g_queue_push_tail (&dropped, entry);
  priv->n_requests = 0;
  gst_daedalus_dec_wake (priv);
  g_mutex_unlock (&priv->lock);

  while ((entry = g_queue_pop_head (&dropped))) {
    if (entry->request)
      gst_daedalus_request_discard (priv->pool, entry->request);
    if (entry->frame)
      gst_video_decoder_release_frame (GST_VIDEO_DECODER (self), entry->frame);
    gst_daedalus_picture_unref (entry->picture);
    g_free (entry);
  }
}

/* Hands an entry to the task. Takes @frame, if there is one, and @request. */
static gboolean
push_entry (GstDaedalusDec *self, GstVideoCodecFrame *frame,
    GstDaedalusPicture *picture, GstDaedalusRequest *request, GError **error)
{
  GstDaedalusDecPrivate *priv = gst_daedalus_dec_get_priv (self);
  GstPad *srcpad = GST_VIDEO_DECODER_SRC_PAD (self);
  GstDaedalusEntry *entry;

  g_mutex_lock (&priv->lock);
  /* What has a request has to be in the queue, to be taken back in a flush. */
  if (priv->flushing && !request) {
    g_mutex_unlock (&priv->lock);
    return set_flushing_error (error);
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
  GstDaedalusDecPrivate *priv = gst_daedalus_dec_get_priv (self);
  guint n;

  GST_OBJECT_LOCK (self);
  n = priv->max_in_flight;
  GST_OBJECT_UNLOCK (self);
  return n;
}

/* A CAPTURE buffer, waiting for downstream to return one if need be. */
static GstBuffer *
acquire_buffer (GstDaedalusDec *self, guint *index, GError **error)
{
  GstDaedalusDecPrivate *priv = gst_daedalus_dec_get_priv (self);
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
        g_get_monotonic_time () + BUFFER_WAIT);
    g_mutex_lock (&priv->lock);
    ok = ok && priv->flow == GST_FLOW_OK;
    g_mutex_unlock (&priv->lock);
    GST_VIDEO_DECODER_STREAM_LOCK (self);
    if (!ok) {
      set_flushing_error (error);
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
 * requests are on their way, and for downstream if it has all buffers.
 *
 * Returns: (transfer full) (nullable): for gst_daedalus_dec_submit()
 */
GstDaedalusPicture *
gst_daedalus_dec_new_picture (GstDaedalusDec *self, GError **error)
{
  GstDaedalusDecPrivate *priv = gst_daedalus_dec_get_priv (self);
  GstDaedalusPicture *picture;
  GstBuffer *buffer;
  guint index;

  if (!wait_for_room (self, get_max_in_flight (self), error))
    return NULL;
  buffer = acquire_buffer (self, &index, error);
  if (!buffer)
    return NULL;
  picture = gst_daedalus_picture_new (++priv->last_timestamp, &priv->layout,
      buffer, &priv->description);
  picture->capture_index = index;
  return picture;
}

static gboolean
submit_job (GstDaedalusDec *self, GstDaedalusPicture *picture,
    GstDaedalusJob *job, GError **error)
{
  GstDaedalusDecPrivate *priv = gst_daedalus_dec_get_priv (self);
  GstDaedalusRequest *request;

  job->capture_index = picture->capture_index;
  job->capture_planes = picture->layout.format->n_mems;
  job->timestamp = picture->timestamp;
  request = gst_daedalus_request_submit (priv->pool, job, error);
  if (!request)
    return FALSE;
  GST_LOG_OBJECT (self, "time %" G_GUINT64_FORMAT ": %" G_GSIZE_FORMAT
      " bytes%s", picture->timestamp, job->size,
      job->flags & GST_DAEDALUS_JOB_HOLD ? ", more follows" : "");
  return push_entry (self, NULL, picture, request, NULL);
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
  GstDaedalusJob job = {
    .data = data,
    .size = size,
    .controls = controls,
    .n_controls = n_controls,
    .flags = flags,
  };

  if (wait_for_room (self, get_max_in_flight (self), error)
      && submit_job (self, picture, &job, error))
    return TRUE;
  /* The device would hold the buffer of the parts before for ever; references
   * that it forgets are decoded anew from the next key frame on. */
  if (flags & GST_DAEDALUS_JOB_HELD
      && gst_daedalus_dec_wait_drained (self, NULL))
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
  return wait_for_room (self, get_max_in_flight (self), error)
      && push_entry (self, frame, picture, NULL, error);
}

/**
 * gst_daedalus_dec_show_last:
 * @self: the decoder
 * @frame: (inout): what @decode was called with; %NULL after success with a picture
 * @shown: (nullable): the last picture that the buffer shows
 * @lost: (nullable): what was wrong with one that it shows
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
    GstDaedalusPicture *shown, const GError *lost, GError **error)
{
  if (shown) {
    if (!gst_daedalus_dec_show (self, *frame, shown, error))
      return FALSE;
    *frame = NULL;
  } else if (lost) {
    g_propagate_error (error, g_error_copy (lost));
    return FALSE;
  }
  return TRUE;
}
