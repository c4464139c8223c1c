/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Errors of the base class: what the application is told, and what becomes of
 * the frame. Lost and damaged frames are dropped or flagged, and upstream is
 * asked for a key frame; other errors end the stream.
 */
#include "gstdaedalusdec-private.h"

/* Microseconds between two requests for a key frame. The first takes some time
 * to have an effect, and further requests would only make more key frames. */
#define KEY_FRAME_INTERVAL G_TIME_SPAN_SECOND

/**
 * gst_daedalus_dec_report_damage:
 * @self: the decoder, with the stream lock
 * @frame: (nullable): a frame that is lost or damaged
 * @text: a sentence for the user
 *
 * Posts a warning message and counts the error.
 *
 * Returns: %GST_FLOW_ERROR after more errors than the property max-errors
 *   allows
 */
GstFlowReturn
gst_daedalus_dec_report_damage (GstDaedalusDec *self,
    const GstVideoCodecFrame *frame, const gchar *text)
{
  GstDaedalusDecPrivate *priv = self->priv;
  gint number = frame ? (gint) frame->system_frame_number : -1;
  GstFlowReturn ret = GST_FLOW_OK;

  /* One warning for consecutive frames, to limit the number of messages. */
  if (priv->failed_in_row++ == 0)
    GST_ELEMENT_WARNING (self, STREAM, DECODE, ("%s", text),
        ("frame %d", number));
  GST_VIDEO_DECODER_ERROR (self, 1, STREAM, DECODE, ("%s", text),
      ("frame %d", number), ret);
  return ret;
}

/**
 * gst_daedalus_dec_drop_frame:
 * @self: the decoder, with the stream lock
 * @frame: (transfer full): a frame that is not output
 * @in_order: @frame is the next one in the order of output
 *
 * Drops @frame. gst_video_decoder_drop_frame() takes its timestamp for that of
 * the last output, and changes later ones that are lower. So it is not used for
 * a frame whose place in the order is not known.
 */
void
gst_daedalus_dec_drop_frame (GstDaedalusDec *self, GstVideoCodecFrame *frame,
    gboolean in_order)
{
  /* #GstVideoDecoder counts a dropped frame as output. If every frame were
   * dropped, it would not report at the end of the stream that nothing was
   * decoded. */
  if (in_order && self->priv->had_output)
    gst_video_decoder_drop_frame (GST_VIDEO_DECODER (self), frame);
  else
    gst_video_decoder_release_frame (GST_VIDEO_DECODER (self), frame);
}

/**
 * gst_daedalus_dec_needs_key_frame:
 * @self: the decoder, with the stream lock
 *
 * Returns: whether upstream is to be asked for a key frame, now that a frame is
 *   lost or damaged
 */
gboolean
gst_daedalus_dec_needs_key_frame (GstDaedalusDec *self)
{
  GstDaedalusDecPrivate *priv = self->priv;
  gint64 now = g_get_monotonic_time ();

  if (priv->asked_for_key && now - priv->asked_for_key < KEY_FRAME_INTERVAL)
    return FALSE;
  priv->asked_for_key = now;
  return TRUE;
}

/* Whether the stream goes on after @error. What looks like a stream that is not
 * supported, in the middle of one that is, is damage. */
static gboolean
is_damage (GstDaedalusDec *self, const GError *error)
{
  return error->code == GST_DAEDALUS_ERROR_FRAME
      || (error->code == GST_DAEDALUS_ERROR_UNSUPPORTED
      && self->priv->had_output);
}

/**
 * gst_daedalus_dec_fail:
 * @self: the decoder, with the stream lock
 * @frame: (transfer full) (nullable): the frame that failed; all frames in front
 *   of it have been output
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

  if (is_damage (self, error)) {
    flow = gst_daedalus_dec_report_damage (self, frame, error->message);
    if (frame)
      gst_daedalus_dec_drop_frame (self, frame,
          !GST_DAEDALUS_DEC_GET_CLASS (self)->reorders);
    g_error_free (error);
    return flow;
  }

  if (frame)
    gst_video_decoder_release_frame (GST_VIDEO_DECODER (self), frame);
  switch (error->code) {
    case GST_DAEDALUS_ERROR_FLUSHING:
      flow = gst_daedalus_dec_get_flow (self);
      if (gst_daedalus_flow_goes_on (flow))
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
