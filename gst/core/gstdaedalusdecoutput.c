/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The output side of the base class. A task on the source pad waits for the
 * oldest frame in flight and pushes the frame as soon as it is complete,
 * without waiting for more input.
 */
#include "gstdaedalusdec-private.h"

#include <gst/allocators/allocators.h>

/**
 * gst_daedalus_dec_reset_output:
 * @self: the decoder, with the stream lock
 *
 * Drops the result of the negotiation with downstream.
 */
void
gst_daedalus_dec_reset_output (GstDaedalusDec *self)
{
  GstDaedalusDecPrivate *priv = self->priv;

  memset (&priv->output_layout, 0, sizeof (priv->output_layout));
  priv->dmabuf = FALSE;
  priv->dmabuf_optional = FALSE;
  priv->has_video_meta = FALSE;
  priv->backwards = FALSE;
  priv->warned = 0;
  priv->had_output = FALSE;
  priv->failed_in_row = 0;
  priv->asked_for_key = 0;
}

/* Whether the next element accepts @caps, which are consumed. */
static gboolean
peer_takes (GstCaps *peer_caps, GstCaps *caps)
{
  gboolean takes = caps && gst_caps_can_intersect (peer_caps, caps);

  gst_clear_caps (&caps);
  return takes;
}

static gboolean
try_caps (GstVideoDecoder *decoder, GstVideoCodecState *state, gboolean dmabuf)
{
  GstDaedalusDecPrivate *priv = GST_DAEDALUS_DEC (decoder)->priv;

  gst_clear_caps (&state->allocation_caps);
  gst_clear_caps (&state->caps);
  state->caps = dmabuf ? gst_daedalus_format_dmabuf_caps (&state->info) :
      gst_video_info_to_caps (&state->info);
  gst_daedalus_description_apply_hdr (&priv->output_description, state->caps);
  /* gst_video_info_from_caps() warns of a chroma-site in caps with DMA_DRM, and the
   * base classes call it for the caps of the allocation. */
  if (dmabuf) {
    state->allocation_caps = gst_caps_copy (state->caps);
    gst_structure_remove_field (gst_caps_get_structure (state->allocation_caps,
            0), "chroma-site");
  }
  priv->dmabuf = dmabuf;
  priv->dmabuf_refused = FALSE;
  priv->has_video_meta = FALSE;
  GST_DEBUG_OBJECT (decoder, "trying %" GST_PTR_FORMAT, state->caps);
  return GST_VIDEO_DECODER_CLASS (g_type_class_peek
      (GST_TYPE_VIDEO_DECODER))->negotiate (decoder);
}

/* Whether frames that come in now play backwards. */
static gboolean
is_backwards (GstVideoDecoder *decoder)
{
  return decoder->input_segment.rate < 0.0;
}

/* GstVideoDecoderClass::negotiate */
gboolean
gst_daedalus_dec_negotiate (GstVideoDecoder *decoder)
{
  GstDaedalusDecPrivate *priv = GST_DAEDALUS_DEC (decoder)->priv;
  GstVideoCodecState *state = gst_video_decoder_get_output_state (decoder);
  gboolean dmabuf, plain, ok = FALSE;
  GstCaps *peer_caps;

  if (!state)
    return FALSE;
  peer_caps = gst_pad_peer_query_caps (GST_VIDEO_DECODER_SRC_PAD (decoder),
      NULL);
  /* DMA-BUFs are used only if the peer's caps name them. A peer with ANY
   * caps gets system memory. */
  priv->backwards = is_backwards (decoder);
  dmabuf = !gst_caps_is_any (peer_caps)
      && peer_takes (peer_caps, gst_daedalus_format_dmabuf_caps (&state->info));
  plain = peer_takes (peer_caps, gst_video_info_to_caps (&state->info));
  gst_caps_unref (peer_caps);

  /* DMA-BUFs cannot be copied. So downstream gets system memory, if it takes
   * that too, where it needs more buffers than the device has, see
   * gst_daedalus_dec_decide_allocation(), and for playing backwards, where
   * #GstVideoDecoder keeps the pictures between two key frames. DMA-BUF caps
   * also require that downstream supports GstVideoMeta. */
  if (priv->backwards && plain)
    dmabuf = FALSE;
  priv->dmabuf_optional = plain;
  if (dmabuf)
    ok = try_caps (decoder, state, TRUE);
  if (dmabuf ? plain && (!ok || priv->dmabuf_refused) : TRUE)
    ok = try_caps (decoder, state, FALSE);
  gst_video_codec_state_unref (state);
  return ok;
}

/* The number of buffers that downstream keeps. */
static guint
min_buffers (GstQuery *query)
{
  guint i, min, most = 0;

  for (i = 0; i < gst_query_get_n_allocation_pools (query); i++) {
    gst_query_parse_nth_allocation_pool (query, i, NULL, NULL, &min, NULL);
    most = MAX (most, min);
  }
  return most;
}

/* Whether downstream, which offers system memory too, should not get DMA-BUFs. */
static gboolean
refuses_dmabufs (GstDaedalusDec *self, guint min)
{
  GstDaedalusDecPrivate *priv = self->priv;

  if (!priv->dmabuf || !priv->dmabuf_optional)
    return FALSE;
  if (!priv->has_video_meta && !priv->output_layout.is_default) {
    GST_INFO_OBJECT (self, "downstream takes DMA-BUFs but no GstVideoMeta");
    return TRUE;
  }
  if (priv->allocator && min > gst_daedalus_dec_get_lend_limit (self)) {
    GST_INFO_OBJECT (self, "downstream keeps %u buffers, too many for DMA-BUFs",
        min);
    return TRUE;
  }
  return FALSE;
}

/* GstVideoDecoderClass::decide_allocation */
gboolean
gst_daedalus_dec_decide_allocation (GstVideoDecoder *decoder, GstQuery *query)
{
  GstDaedalusDec *self = GST_DAEDALUS_DEC (decoder);
  GstDaedalusDecPrivate *priv = self->priv;

  priv->has_video_meta = gst_query_find_allocation_meta (query,
      GST_VIDEO_META_API_TYPE, NULL);
  /* Not a failure, which the parent class would log as a warning: negotiate()
   * tries the next caps. */
  priv->dmabuf_refused = refuses_dmabufs (self, min_buffers (query));
  /* The parent class creates a pool, which is used for frames that must be
   * copied. */
  return GST_VIDEO_DECODER_CLASS (g_type_class_peek
      (GST_TYPE_VIDEO_DECODER))->decide_allocation (decoder, query);
}

/* Negotiates with downstream if @picture needs other caps. Stream lock held. */
static GstFlowReturn
negotiate_for (GstDaedalusDec *self, GstDaedalusPicture *picture)
{
  GstDaedalusDecPrivate *priv = self->priv;
  GstVideoDecoder *decoder = GST_VIDEO_DECODER (self);
  GstPad *srcpad = GST_VIDEO_DECODER_SRC_PAD (self);
  GstVideoCodecState *state;

  if (!gst_daedalus_layout_same_caps (&priv->output_layout, &picture->layout)
      || !gst_daedalus_description_is_equal (&priv->output_description,
          &picture->description)) {
    state = gst_video_decoder_set_output_state (decoder,
        GST_VIDEO_INFO_FORMAT (&picture->layout.info),
        GST_VIDEO_INFO_WIDTH (&picture->layout.info),
        GST_VIDEO_INFO_HEIGHT (&picture->layout.info), priv->input_state);
    gst_daedalus_description_apply (&picture->description, &state->info);
    gst_video_codec_state_unref (state);
    priv->output_layout = picture->layout;
    priv->output_description = picture->description;
  } else if (priv->backwards == is_backwards (decoder)
      && !gst_pad_check_reconfigure (srcpad)) {
    return GST_FLOW_OK;
  }

  if (gst_video_decoder_negotiate (decoder))
    return GST_FLOW_OK;
  /* The next picture must negotiate again. */
  priv->output_layout.format = NULL;
  return GST_PAD_IS_FLUSHING (srcpad) ? GST_FLOW_FLUSHING :
      GST_FLOW_NOT_NEGOTIATED;
}

/* Makes @frame ready to be pushed with @picture. Otherwise releases it. Stream
 * lock held. */
static GstFlowReturn
prepare_frame (GstDaedalusDec *self, GstVideoCodecFrame *frame,
    GstDaedalusPicture *picture)
{
  GstDaedalusDecPrivate *priv = self->priv;
  GstFlowReturn ret = negotiate_for (self, picture);

  if (ret == GST_FLOW_NOT_NEGOTIATED)
    GST_ELEMENT_ERROR (self, CORE, NEGOTIATION,
        ("The next element takes none of the formats of this decoder."),
        ("%s %ux%u was refused; put videoconvert in between",
            gst_video_format_to_string (GST_VIDEO_INFO_FORMAT
                (&picture->layout.info)),
            GST_VIDEO_INFO_WIDTH (&picture->layout.info),
            GST_VIDEO_INFO_HEIGHT (&picture->layout.info)));
  if (ret == GST_FLOW_OK)
    ret = gst_daedalus_dec_lend (self, frame, picture);
  if (ret != GST_FLOW_OK) {
    gst_video_decoder_release_frame (GST_VIDEO_DECODER (self), frame);
    return ret;
  }

  GST_BUFFER_FLAG_SET (frame->output_buffer, picture->flags);
  /* #GstVideoDecoder flags the buffer, or drops it if the property
   * discard-corrupted-frames is set. */
  if (picture->failed) {
    GST_VIDEO_CODEC_FRAME_FLAG_SET (frame,
        GST_VIDEO_CODEC_FRAME_FLAG_CORRUPTED);
  } else {
    priv->had_output = TRUE;
    priv->failed_in_row = 0;
  }
  return GST_FLOW_OK;
}

/* Makes @frame ready if its picture has damage. If there is no sample at all to
 * show, drops it; then *@push is FALSE. Stream lock held. */
static GstFlowReturn
prepare_damaged (GstDaedalusDec *self, GstVideoCodecFrame *frame,
    GstDaedalusPicture *picture, gboolean *push)
{
  gchar *text = g_strdup_printf ("The decoder could not decode frame %u.",
      frame->system_frame_number);
  GstFlowReturn ret = gst_daedalus_dec_report_damage (self, frame, text);

  g_free (text);
  *push = ret == GST_FLOW_OK && !picture->empty;
  if (!*push) {
    gst_daedalus_dec_drop_frame (self, frame, TRUE);
    return ret;
  }
  ret = prepare_frame (self, frame, picture);
  *push = ret == GST_FLOW_OK;
  return ret;
}

/*
 * Pushes the frame of @entry, or drops it while flushing or if it is lost. Takes
 * the frame.
 *
 * gst_video_decoder_finish_frame() takes the stream lock and releases it while
 * it pushes the buffer, but the lock is recursive. So it must not be held then:
 * a sink that blocks would block the streaming thread too, and no frame could
 * be submitted. Whatever changes what @entry was prepared for waits for the
 * task first: flush, stop and serialised events.
 */
static GstFlowReturn
output_entry (GstDaedalusDec *self, GstDaedalusEntry *entry)
{
  GstDaedalusDecPrivate *priv = self->priv;
  GstVideoDecoder *decoder = GST_VIDEO_DECODER (self);
  GstVideoCodecFrame *frame = entry->frame, *damaged = NULL;
  GstFlowReturn ret = GST_FLOW_OK;
  gboolean flushing, push = FALSE;

  GST_VIDEO_DECODER_STREAM_LOCK (self);
  g_mutex_lock (&priv->lock);
  flushing = priv->flushing != 0;
  g_mutex_unlock (&priv->lock);
  if (!flushing && (entry->lost || entry->picture->failed)
      && gst_daedalus_dec_needs_key_frame (self))
    damaged = gst_video_codec_frame_ref (frame);
  if (flushing) {
    gst_video_decoder_release_frame (decoder, frame);
  } else if (entry->lost) {
    ret = gst_daedalus_dec_fail (self, frame, g_steal_pointer (&entry->lost));
  } else if (entry->picture->failed) {
    ret = prepare_damaged (self, frame, entry->picture, &push);
  } else {
    ret = prepare_frame (self, frame, entry->picture);
    push = ret == GST_FLOW_OK;
  }
  GST_VIDEO_DECODER_STREAM_UNLOCK (self);

  /* Upstream may take its own locks. */
  if (damaged) {
    gst_video_decoder_request_sync_point (decoder, damaged, 0);
    gst_video_codec_frame_unref (damaged);
  }
  return push ? gst_video_decoder_finish_frame (decoder, frame) : ret;
}

/* Drops all entries and reports that the device has failed. The stream lock is
 * not held. */
static GstFlowReturn
device_failed (GstDaedalusDec *self, GError *error)
{
  GstFlowReturn ret;

  GST_VIDEO_DECODER_STREAM_LOCK (self);
  gst_daedalus_dec_drop_queue (self);
  ret = gst_daedalus_dec_fail (self, NULL, error);
  GST_VIDEO_DECODER_STREAM_UNLOCK (self);
  return ret;
}

/**
 * gst_daedalus_dec_output_loop:
 * @data: the decoder
 *
 * Function of the source pad's task: handles the oldest entry in flight.
 */
void
gst_daedalus_dec_output_loop (gpointer data)
{
  GstDaedalusDec *self = data;
  GstDaedalusDecPrivate *priv = self->priv;
  GstDaedalusEntry *entry;
  GstFlowReturn ret = GST_FLOW_OK;
  GError *error = NULL;
  gboolean pushed = FALSE;
  guint n_finished = 0;

  g_mutex_lock (&priv->lock);
  while (!priv->flushing && g_queue_is_empty (&priv->queue))
    gst_daedalus_dec_wait (priv);
  if (priv->flushing) {
    /* push_entry() starts the task again under the same lock. */
    gst_pad_pause_task (GST_VIDEO_DECODER_SRC_PAD (self));
    g_mutex_unlock (&priv->lock);
    return;
  }
  entry = g_queue_peek_head (&priv->queue);
  priv->busy = TRUE;
  g_mutex_unlock (&priv->lock);

  if (entry->request) {
    if (gst_daedalus_request_wait (priv->pool, entry->request, &error)) {
      gst_daedalus_request_finish (priv->pool, entry->request,
          &entry->picture->failed, &entry->picture->empty, &error);
      entry->request = NULL;
      n_finished = 1;
      GST_TRACE_OBJECT (self, "time %" G_GUINT64_FORMAT " is decoded",
          entry->picture->timestamp);
    }
  }

  /* The queue owns the entry until it is popped. */
  if (!error) {
    g_mutex_lock (&priv->lock);
    g_queue_pop_head (&priv->queue);
    priv->n_requests -= n_finished;
    gst_daedalus_dec_wake (priv);
    g_mutex_unlock (&priv->lock);
    /* An entry without a frame needs neither downstream nor the stream lock. */
    if (entry->frame) {
      ret = output_entry (self, entry);
      entry->frame = NULL;
      pushed = TRUE;
    }
    /* Before the task is idle: then it has no picture any more. */
    gst_daedalus_entry_free (entry);
  } else {
    if (g_error_matches (error, GST_DAEDALUS_ERROR,
            GST_DAEDALUS_ERROR_FLUSHING))
      g_error_free (error);
    else
      ret = device_failed (self, error);
  }

  g_mutex_lock (&priv->lock);
  if (ret != priv->flow && gst_daedalus_flow_goes_on (priv->flow)
      && (pushed || ret != GST_FLOW_OK)) {
    GST_DEBUG_OBJECT (self, "pushing ended with %s", gst_flow_get_name (ret));
    priv->flow = ret;
  }
  priv->busy = FALSE;
  gst_daedalus_dec_wake (priv);
  g_mutex_unlock (&priv->lock);
}
