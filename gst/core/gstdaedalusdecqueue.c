/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The queue of pictures in flight. While the streaming thread waits for the
 * queue, it releases the stream lock, which the output task needs.
 */
#include "gstdaedalusdec-private.h"

/* Maximum number of entries that wait for output, in addition to the
 * requests. */
#define MAX_WAITING 32

/**
 * gst_daedalus_flow_goes_on:
 * @flow: a flow return of the task
 *
 * A pad that is not linked may be linked at any time. Until then, upstream
 * learns from each frame that nothing is linked, but frames are decoded, so that
 * the pictures are right when the pad is linked again.
 *
 * Returns: whether the next frame is decoded and pushed
 */
gboolean
gst_daedalus_flow_goes_on (GstFlowReturn flow)
{
  return flow == GST_FLOW_OK || flow == GST_FLOW_NOT_LINKED;
}

/**
 * gst_daedalus_dec_wait:
 * @priv: private data, with its lock held; it is released during the wait
 *
 * Waits for gst_daedalus_dec_wake(). Can also return earlier, so the caller
 * must check its condition again.
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
 * @priv: private data, with its lock held
 *
 * Wakes all threads in gst_daedalus_dec_wait(). Does nothing if no thread
 * waits, because signalling a #GCond is a system call even then, several times
 * per frame.
 */
void
gst_daedalus_dec_wake (GstDaedalusDecPrivate *priv)
{
  if (priv->n_waiting)
    g_cond_broadcast (&priv->cond);
}

/**
 * gst_daedalus_dec_get_flow:
 * @self: the decoder
 *
 * Returns: the flow return for upstream, %GST_FLOW_FLUSHING while flushing
 */
GstFlowReturn
gst_daedalus_dec_get_flow (GstDaedalusDec *self)
{
  GstDaedalusDecPrivate *priv = self->priv;
  GstFlowReturn flow;

  g_mutex_lock (&priv->lock);
  flow = priv->flushing ? GST_FLOW_FLUSHING : priv->flow;
  g_mutex_unlock (&priv->lock);
  return flow;
}

/* Whether @n or more requests are in flight or too many entries wait; with
 * @n 0, whether an entry has not been pushed downstream yet. Lock held. */
static gboolean
is_full (const GstDaedalusDecPrivate *priv, guint n)
{
  if (priv->flushing)
    return FALSE;
  /* The task empties the queue even if downstream refuses buffers. */
  if (!n)
    return priv->queue.length || priv->busy;
  return gst_daedalus_flow_goes_on (priv->flow)
      && (priv->n_requests >= n || priv->queue.length >= n + MAX_WAITING);
}

/**
 * gst_daedalus_dec_wait_for_room:
 * @self: the decoder, with the stream lock, which is released meanwhile
 * @n: number of requests; 0 to wait until all pictures have been pushed
 *   downstream
 * @error: set on failure
 *
 * Waits until fewer than @n requests are in flight.
 *
 * Returns: %FALSE with %GST_DAEDALUS_ERROR_FLUSHING when flushing or when the
 *   task has failed
 */
gboolean
gst_daedalus_dec_wait_for_room (GstDaedalusDec *self, guint n, GError **error)
{
  GstDaedalusDecPrivate *priv = self->priv;
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
  ok = !priv->flushing && gst_daedalus_flow_goes_on (priv->flow);
  g_mutex_unlock (&priv->lock);
  if (full)
    GST_VIDEO_DECODER_STREAM_LOCK (self);

  return ok || gst_daedalus_failed (error, FLUSHING, "flushing");
}

/**
 * gst_daedalus_dec_set_flushing:
 * @self: the decoder
 * @reasons: #GstDaedalusFlush bits
 * @flushing: %TRUE to set @reasons, %FALSE to clear them
 *
 * While a reason is set, all waits end at once and new ones do not start.
 */
void
gst_daedalus_dec_set_flushing (GstDaedalusDec *self, guint reasons,
    gboolean flushing)
{
  GstDaedalusDecPrivate *priv = self->priv;

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
 * Waits until the task has finished the entry that it handles.
 */
void
gst_daedalus_dec_wait_idle (GstDaedalusDec *self)
{
  GstDaedalusDecPrivate *priv = self->priv;

  g_mutex_lock (&priv->lock);
  while (priv->busy)
    gst_daedalus_dec_wait (priv);
  g_mutex_unlock (&priv->lock);
}

/**
 * gst_daedalus_entry_free:
 * @entry: (transfer full): an entry without frame and request
 */
void
gst_daedalus_entry_free (GstDaedalusEntry *entry)
{
  g_clear_pointer (&entry->picture, gst_daedalus_picture_unref);
  g_clear_error (&entry->lost);
  g_free (entry);
}

/**
 * gst_daedalus_dec_drop_queue:
 * @self: the decoder, with the stream lock
 *
 * Drops all entries in flight.
 */
void
gst_daedalus_dec_drop_queue (GstDaedalusDec *self)
{
  GstDaedalusDecPrivate *priv = self->priv;
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
    gst_daedalus_entry_free (entry);
  }
}
