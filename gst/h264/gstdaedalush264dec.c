/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * SECTION:element-daedalush264dec
 * @title: daedalush264dec
 *
 * Decodes H.264 with the Daedalus stateless V4L2 decoder: 4:2:0 with 8 bits to
 * NV12 and with 10 bits to P010, progressive and interlaced. Pictures are
 * DMA-BUFs.
 *
 * It takes streams from h264parse, and byte streams without a parser.
 *
 * The kernel module daedalus_v4l2 must be loaded and daedalusd must be running.
 *
 * ## Example launch line
 * ``` shell
 * gst-launch-1.0 filesrc location=clip.mp4 ! parsebin ! daedalush264dec ! videoconvert ! autovideosink
 * ```
 *
 * Since: 0.1
 */
#include "gstdaedalush264check.h"
#include "gstdaedalush264dec-private.h"
#include "gstdaedalush264dpb.h"

#include <linux/videodev2.h>
#include <string.h>

GST_DEBUG_CATEGORY (gst_daedalus_h264_dec_debug);

G_DEFINE_TYPE_WITH_CODE (GstDaedalusH264Dec, gst_daedalus_h264_dec,
    GST_TYPE_DAEDALUS_DEC,
    GST_DEBUG_CATEGORY_INIT (gst_daedalus_h264_dec_debug, "daedalush264dec", 0,
        "Daedalus H.264 decoder"));

static GstStaticPadTemplate sink_template =
GST_STATIC_PAD_TEMPLATE (GST_VIDEO_DECODER_SINK_NAME, GST_PAD_SINK,
    GST_PAD_ALWAYS,
    GST_STATIC_CAPS ("video/x-h264, "
        "stream-format = (string) { byte-stream, avc, avc3 }"));

static gboolean
is_live (GstDaedalusH264Dec *self)
{
  GstQuery *query = gst_query_new_latency ();
  gboolean live = FALSE;

  if (gst_pad_peer_query (GST_VIDEO_DECODER_SINK_PAD (self), query))
    gst_query_parse_latency (query, &live, NULL, NULL);
  gst_query_unref (query);
  return live;
}

/* Sets how NAL units and access units are found in the stream. */
static gboolean
set_stream_format (GstDaedalusH264Dec *self, GstVideoCodecState *state,
    GError **error)
{
  const GstStructure *s = gst_caps_get_structure (state->caps, 0);
  const gchar *format = gst_structure_get_string (s, "stream-format");
  const gchar *alignment = gst_structure_get_string (s, "alignment");
  gboolean avc = format ? !g_str_equal (format, "byte-stream") :
      state->codec_data != NULL;
  GstMapInfo map;
  gboolean ok = TRUE;

  /* h264parse gives single NAL units without codec_data and with lengths of 4
   * bytes. */
  self->length_size = avc ? 4 : 0;
  if (avc && state->codec_data) {
    ok = gst_buffer_map (state->codec_data, &map, GST_MAP_READ);
    if (ok) {
      ok = gst_daedalus_h264_dec_add_codec_data (self, map.data, map.size,
          error);
      gst_buffer_unmap (state->codec_data, &map);
    }
  }
  if (!ok)
    return FALSE;

  self->scan.length_size = self->length_size;
  gst_video_decoder_set_packetized (GST_VIDEO_DECODER (self),
      alignment ? g_str_equal (alignment, "au") : avc);
  return TRUE;
}

static gboolean
gst_daedalus_h264_dec_set_format (GstVideoDecoder *decoder,
    GstVideoCodecState *state)
{
  GstDaedalusH264Dec *self = GST_DAEDALUS_H264_DEC (decoder);
  GError *error = NULL;

  if (!GST_VIDEO_DECODER_CLASS (gst_daedalus_h264_dec_parent_class)->set_format
      (decoder, state))
    return FALSE;
  self->live = is_live (self);
  if (set_stream_format (self, state, &error))
    return TRUE;
  GST_ELEMENT_ERROR (self, STREAM, FORMAT, ("%s", error->message), (NULL));
  g_error_free (error);
  return FALSE;
}

/*
 * The default implementation restricts the sink caps to the sizes and frame
 * rates that downstream accepts. These alone are wrong here: the caps of a byte
 * stream without a parser have neither field, and would be fixed to the
 * smallest size. So the caps without the fields come first.
 */
static GstCaps *
gst_daedalus_h264_dec_getcaps (GstVideoDecoder *decoder, GstCaps *filter)
{
  GstCaps *caps =
      gst_pad_get_pad_template_caps (GST_VIDEO_DECODER_SINK_PAD (decoder));

  if (filter) {
    GstCaps *all = caps;

    caps = gst_caps_intersect_full (filter, all, GST_CAPS_INTERSECT_FIRST);
    gst_caps_unref (all);
  }
  caps = gst_caps_make_writable (caps);
  gst_caps_append (caps, gst_video_decoder_proxy_getcaps (decoder, NULL,
          filter));
  return caps;
}

/* gst_video_decoder_have_frame() takes the stream lock again. Code that waits
 * while a frame is decoded releases the lock only once, so it must not be held
 * twice. */
static GstFlowReturn
have_frame (GstVideoDecoder *decoder)
{
  GstFlowReturn flow;

  GST_VIDEO_DECODER_STREAM_UNLOCK (decoder);
  flow = gst_video_decoder_have_frame (decoder);
  GST_VIDEO_DECODER_STREAM_LOCK (decoder);
  return flow;
}

/* For streams whose buffers are not access units. */
static GstFlowReturn
gst_daedalus_h264_dec_parse (GstVideoDecoder *decoder,
    GstVideoCodecFrame *frame, GstAdapter *adapter, gboolean at_eos)
{
  GstDaedalusH264Dec *self = GST_DAEDALUS_H264_DEC (decoder);
  gsize size;

  (void) frame;
  switch (gst_daedalus_h264_au_scan (&self->scan, adapter, at_eos, &size)) {
    case GST_DAEDALUS_H264_AU_ADD:
      gst_video_decoder_add_to_frame (decoder, size);
      if (!at_eos || gst_adapter_available (adapter) > 0)
        return GST_FLOW_OK;
      return have_frame (decoder);
    case GST_DAEDALUS_H264_AU_END:
      return have_frame (decoder);
    default:
      return GST_VIDEO_DECODER_FLOW_NEED_DATA;
  }
}

/* The last access unit of a stream: nothing after it shows that it is
 * complete. */
static GstFlowReturn
have_rest (GstVideoDecoder *decoder)
{
  if (gst_video_decoder_get_packetized (decoder)
      || gst_video_decoder_get_pending_frame_size (decoder) == 0)
    return GST_FLOW_OK;
  return have_frame (decoder);
}

static GstFlowReturn
gst_daedalus_h264_dec_drain (GstVideoDecoder *decoder)
{
  GstFlowReturn flow = have_rest (decoder), drained;

  drained = GST_VIDEO_DECODER_CLASS (gst_daedalus_h264_dec_parent_class)->drain
      (decoder);
  return flow != GST_FLOW_OK ? flow : drained;
}

static GstFlowReturn
gst_daedalus_h264_dec_finish (GstVideoDecoder *decoder)
{
  GstFlowReturn flow = have_rest (decoder), finished;

  finished =
      GST_VIDEO_DECODER_CLASS (gst_daedalus_h264_dec_parent_class)->finish
      (decoder);
  return flow != GST_FLOW_OK ? flow : finished;
}

static gboolean
gst_daedalus_h264_dec_decode (GstDaedalusDec *dec, GstVideoCodecFrame **frame,
    const guint8 *data, gsize size, GError **error)
{
  GstDaedalusH264Dec *self = GST_DAEDALUS_H264_DEC (dec);
  gboolean ok;

  self->codec_frame = frame;
  ok = gst_daedalus_h264_dec_decode_au (self, data, size, error);
  self->codec_frame = NULL;
  if (!ok)
    g_clear_pointer (&self->current, gst_daedalus_h264_coded_free);
  return ok;
}

static gboolean
gst_daedalus_h264_dec_output_rest (GstDaedalusDec *dec, GError **error)
{
  return gst_daedalus_h264_dec_output_all (GST_DAEDALUS_H264_DEC (dec), error);
}

static void
gst_daedalus_h264_dec_reset (GstDaedalusDec *dec)
{
  GstDaedalusH264Dec *self = GST_DAEDALUS_H264_DEC (dec);

  g_clear_pointer (&self->current, gst_daedalus_h264_coded_free);
  g_clear_pointer (&self->first_field, gst_daedalus_h264_coded_free);
  gst_daedalus_h264_dpb_clear (self->dpb);
  self->scan.has_vcl = FALSE;
  self->scan.scanned = 0;
  self->sei.pic_struct = -1;
  g_byte_array_set_size (self->sei.recovery_point, 0);
  self->sps_id = -1;
}

static gboolean
gst_daedalus_h264_dec_stop (GstVideoDecoder *decoder)
{
  GstDaedalusH264Dec *self = GST_DAEDALUS_H264_DEC (decoder);
  gboolean ok =
      GST_VIDEO_DECODER_CLASS (gst_daedalus_h264_dec_parent_class)->stop
      (decoder);

  gst_daedalus_h264_params_clear (&self->params);
  gst_daedalus_h264_params_init (&self->params);
  memset (&self->sei.hdr, 0, sizeof (self->sei.hdr));
  memset (&self->description, 0, sizeof (self->description));
  return ok;
}

static void
gst_daedalus_h264_dec_finalize (GObject *object)
{
  GstDaedalusH264Dec *self = GST_DAEDALUS_H264_DEC (object);

  gst_daedalus_h264_dpb_free (self->dpb);
  gst_daedalus_h264_params_clear (&self->params);
  g_byte_array_unref (self->sei.recovery_point);
  G_OBJECT_CLASS (gst_daedalus_h264_dec_parent_class)->finalize (object);
}

static void
gst_daedalus_h264_dec_init (GstDaedalusH264Dec *self)
{
  gst_daedalus_h264_params_init (&self->params);
  self->dpb = gst_daedalus_h264_dpb_new (gst_daedalus_h264_shown_free);
  self->sei.recovery_point = g_byte_array_new ();
  self->sei.pic_struct = -1;
  self->sps_id = -1;
}

static void
gst_daedalus_h264_dec_class_init (GstDaedalusH264DecClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GstVideoDecoderClass *decoder_class = GST_VIDEO_DECODER_CLASS (klass);
  GstDaedalusDecClass *dec_class = GST_DAEDALUS_DEC_CLASS (klass);

  object_class->finalize = gst_daedalus_h264_dec_finalize;
  decoder_class->set_format = gst_daedalus_h264_dec_set_format;
  decoder_class->getcaps = gst_daedalus_h264_dec_getcaps;
  decoder_class->parse = gst_daedalus_h264_dec_parse;
  decoder_class->drain = gst_daedalus_h264_dec_drain;
  decoder_class->finish = gst_daedalus_h264_dec_finish;
  decoder_class->stop = gst_daedalus_h264_dec_stop;
  gst_daedalus_dec_class_set_codec (dec_class, "H.264", V4L2_PIX_FMT_H264_SLICE,
      &sink_template);
  dec_class->reorders = TRUE;
  dec_class->check_caps = gst_daedalus_h264_check_caps;
  dec_class->decode = gst_daedalus_h264_dec_decode;
  dec_class->drain = gst_daedalus_h264_dec_output_rest;
  dec_class->reset = gst_daedalus_h264_dec_reset;
}
