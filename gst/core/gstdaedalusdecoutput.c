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
}

/* Counts a lost frame; the stream fails after too many of them in a row. */
static GstFlowReturn
fail_frame (GstDaedalusDec *self, GstVideoCodecFrame *frame,
    const GError *error)
{
  GstDaedalusDecPrivate *priv = self->priv;
  GstVideoDecoder *decoder = GST_VIDEO_DECODER (self);
  GstFlowReturn ret = GST_FLOW_OK;

  /* One warning for consecutive lost frames, to limit the number of
   * messages. */
  if (priv->failed_in_row++ == 0)
    GST_ELEMENT_WARNING (self, STREAM, DECODE, ("%s", error->message),
        ("frame %d", frame ? (gint) frame->system_frame_number : -1));

  GST_VIDEO_DECODER_ERROR (self, 1, STREAM, DECODE, ("%s", error->message),
      ("frame %d", frame ? (gint) frame->system_frame_number : -1), ret);

  if (!frame)
    return ret;
  /* #GstVideoDecoder counts a dropped frame as output. If every frame were
   * dropped, it would not report at the end of the stream that nothing was
   * decoded. */
  if (priv->had_output)
    gst_video_decoder_drop_frame (decoder, frame);
  else
    gst_video_decoder_release_frame (decoder, frame);
  return ret;
}

/**
 * gst_daedalus_dec_fail:
 * @self: the decoder, with the stream lock
 * @frame: (transfer full) (nullable): the frame that failed
 * @error: (transfer full): the reason
 *
 * Drops @frame. Depending on @error, posts an error or a warning message.
 *
 * Returns: the flow return for upstream
 */
GstFlowReturn
gst_daedalus_dec_fail (GstDaedalusDec *self, GstVideoCodecFrame *frame,
    GError *error)
{
  GstFlowReturn flow = GST_FLOW_ERROR;

  if (frame && error->code != GST_DAEDALUS_ERROR_FRAME)
    gst_video_decoder_release_frame (GST_VIDEO_DECODER (self), frame);
  switch (error->code) {
    case GST_DAEDALUS_ERROR_FRAME:
      flow = fail_frame (self, frame, error);
      break;
    case GST_DAEDALUS_ERROR_FLUSHING:
      flow = gst_daedalus_dec_get_flow (self);
      if (flow == GST_FLOW_OK)
        flow = GST_FLOW_FLUSHING;
      break;
    case GST_DAEDALUS_ERROR_NO_DEVICE:
    case GST_DAEDALUS_ERROR_GONE:
      GST_ELEMENT_ERROR (self, RESOURCE, NOT_FOUND, ("%s", error->message),
          (NULL));
      break;
    case GST_DAEDALUS_ERROR_UNSUPPORTED:
      GST_ELEMENT_ERROR (self, STREAM, FORMAT, ("%s", error->message), (NULL));
      break;
    default:
      GST_ELEMENT_ERROR (self, RESOURCE, FAILED, ("%s", error->message),
          (NULL));
      break;
  }
  g_error_free (error);
  return flow;
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
  priv->dmabuf = dmabuf;
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
  if (!ok && (plain || !dmabuf))
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

/* GstVideoDecoderClass::decide_allocation */
gboolean
gst_daedalus_dec_decide_allocation (GstVideoDecoder *decoder, GstQuery *query)
{
  GstDaedalusDec *self = GST_DAEDALUS_DEC (decoder);
  GstDaedalusDecPrivate *priv = self->priv;
  guint min = min_buffers (query);

  priv->has_video_meta = gst_query_find_allocation_meta (query,
      GST_VIDEO_META_API_TYPE, NULL);
  if (priv->dmabuf && priv->dmabuf_optional && !priv->has_video_meta
      && !priv->output_layout.is_default) {
    GST_INFO_OBJECT (self, "downstream takes DMA-BUFs but no GstVideoMeta");
    return FALSE;
  }
  if (priv->dmabuf && priv->dmabuf_optional && priv->allocator
      && min > gst_daedalus_dec_get_lend_limit (self)) {
    GST_INFO_OBJECT (self, "downstream keeps %u buffers, too many for DMA-BUFs",
        min);
    return FALSE;
  }
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
  priv->had_output = TRUE;
  priv->failed_in_row = 0;
  return GST_FLOW_OK;
}

/*
 * Pushes the frame of @entry, or drops it while flushing or if its picture has
 * failed. Takes the frame.
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
  GstFlowReturn ret = GST_FLOW_OK;
  gboolean flushing, push = FALSE;

  GST_VIDEO_DECODER_STREAM_LOCK (self);
  g_mutex_lock (&priv->lock);
  flushing = priv->flushing != 0;
  g_mutex_unlock (&priv->lock);
  if (flushing) {
    gst_video_decoder_release_frame (GST_VIDEO_DECODER (self), entry->frame);
  } else if (entry->picture->failed) {
    ret = gst_daedalus_dec_fail (self, entry->frame,
        g_error_new (GST_DAEDALUS_ERROR, GST_DAEDALUS_ERROR_FRAME,
            "The decoder could not decode frame %u.",
            entry->frame->system_frame_number));
  } else {
    ret = prepare_frame (self, entry->frame, entry->picture);
    push = ret == GST_FLOW_OK;
  }
  GST_VIDEO_DECODER_STREAM_UNLOCK (self);
  if (push)
    ret = gst_video_decoder_finish_frame (GST_VIDEO_DECODER (self),
        entry->frame);
  return ret;
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
          &entry->picture->failed, &error);
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
    /* An entry without a frame needs neither downstream nor the stream lock. */
    if (entry->frame) {
      gst_daedalus_dec_wake (priv);
      g_mutex_unlock (&priv->lock);
      ret = output_entry (self, entry);
      pushed = TRUE;
      g_mutex_lock (&priv->lock);
    }
  } else {
    entry = NULL;
    if (g_error_matches (error, GST_DAEDALUS_ERROR,
            GST_DAEDALUS_ERROR_FLUSHING))
      g_error_free (error);
    else
      ret = device_failed (self, error);
    g_mutex_lock (&priv->lock);
  }
  if (ret != priv->flow && gst_daedalus_flow_goes_on (priv->flow)
      && (pushed || ret != GST_FLOW_OK)) {
    GST_DEBUG_OBJECT (self, "pushing ended with %s", gst_flow_get_name (ret));
    priv->flow = ret;
  }
  priv->busy = FALSE;
  gst_daedalus_dec_wake (priv);
  g_mutex_unlock (&priv->lock);

  if (entry) {
    gst_daedalus_picture_unref (entry->picture);
    g_free (entry);
  }
}
