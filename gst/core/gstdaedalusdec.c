/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "gstdaedalusdec-private.h"

#include <string.h>

GST_DEBUG_CATEGORY (gst_daedalus_debug);
GST_DEBUG_CATEGORY (gst_daedalus_performance_debug);

#define DEFAULT_MAX_IN_FLIGHT 4
#define MAX_MAX_IN_FLIGHT 16

G_DEFINE_ABSTRACT_TYPE_WITH_CODE (GstDaedalusDec, gst_daedalus_dec,
    GST_TYPE_VIDEO_DECODER, G_ADD_PRIVATE (GstDaedalusDec)
    GST_DEBUG_CATEGORY_INIT (gst_daedalus_debug, "daedalus", 0,
        "Daedalus decoders: device, buffers, requests");
    GST_DEBUG_CATEGORY_GET (gst_daedalus_performance_debug, "GST_PERFORMANCE"));

/**
 * gst_daedalus_dec_get_input_state:
 * @self: the decoder, with the stream lock
 *
 * Returns: (transfer none) (nullable): upstream's caps of the stream
 */
GstVideoCodecState *
gst_daedalus_dec_get_input_state (GstDaedalusDec *self)
{
  return self->priv->input_state;
}

/**
 * gst_daedalus_dec_get_description:
 * @self: the decoder, with the stream lock
 *
 * Returns: (transfer none): how pictures are shown, by upstream's caps
 */
const GstDaedalusDescription *
gst_daedalus_dec_get_description (GstDaedalusDec *self)
{
  return &self->priv->description;
}

static gboolean
gst_daedalus_dec_open (GstVideoDecoder *decoder)
{
  GstDaedalusDec *self = GST_DAEDALUS_DEC (decoder);
  GstDaedalusDecPrivate *priv = self->priv;
  GstDaedalusDecClass *klass = GST_DAEDALUS_DEC_GET_CLASS (self);
  GstDaedalusDevice *device;
  GError *error = NULL;
  gchar *path;

  GST_OBJECT_LOCK (self);
  path = g_strdup (self->device);
  GST_OBJECT_UNLOCK (self);
  device = path ? gst_daedalus_device_for_path (path, &error) :
      gst_daedalus_device_find (&error);
  g_free (path);
  if (device) {
    GST_DEBUG_OBJECT (self, "using %s and %s", device->video_path,
        device->media_path);
    priv->v4l2 = gst_daedalus_v4l2_open (device, klass->coded_format, &error);
    gst_daedalus_device_free (device);
  }
  if (priv->v4l2)
    return TRUE;
  gst_daedalus_dec_fail (self, NULL, error);
  return FALSE;
}

static gboolean
gst_daedalus_dec_close (GstVideoDecoder *decoder)
{
  GstDaedalusDecPrivate *priv = GST_DAEDALUS_DEC (decoder)->priv;

  g_clear_pointer (&priv->v4l2, gst_daedalus_v4l2_close);
  return TRUE;
}

static gboolean
gst_daedalus_dec_start (GstVideoDecoder *decoder)
{
  GstDaedalusDec *self = GST_DAEDALUS_DEC (decoder);

  gst_daedalus_dec_reset_output (self);
  gst_daedalus_dec_set_flushing (self,
      GST_DAEDALUS_FLUSH_SEEK | GST_DAEDALUS_FLUSH_STOP, FALSE);
  return TRUE;
}

/* The pads are inactive and gst_daedalus_dec_change_state() has set
 * %GST_DAEDALUS_FLUSH_STOP, so the task waits for nothing any more. */
static gboolean
gst_daedalus_dec_stop (GstVideoDecoder *decoder)
{
  GstDaedalusDec *self = GST_DAEDALUS_DEC (decoder);
  GstDaedalusDecPrivate *priv = self->priv;

  gst_pad_stop_task (GST_VIDEO_DECODER_SRC_PAD (self));
  GST_DAEDALUS_DEC_GET_CLASS (self)->reset (self);
  gst_daedalus_dec_release_device (self);
  gst_daedalus_dec_reset_output (self);
  g_clear_pointer (&priv->input_state, gst_video_codec_state_unref);
  return TRUE;
}

/* Whether a stream with these caps can be decoded. */
static gboolean
check_format (GstDaedalusDec *self, const GstCaps *caps, GError **error)
{
  GstDaedalusDecPrivate *priv = self->priv;
  GstDaedalusDecClass *klass = GST_DAEDALUS_DEC_GET_CLASS (self);
  const GstStructure *s = gst_caps_get_structure (caps, 0);
  gint width = 0, height = 0;

  gst_structure_get_int (s, "width", &width);
  gst_structure_get_int (s, "height", &height);
  if (priv->v4l2 && (width > (gint) priv->v4l2->max_width
          || height > (gint) priv->v4l2->max_height))
    return gst_daedalus_failed (error, UNSUPPORTED,
        "%s frames of %dx%d are larger than the %ux%u that %s decodes; use "
        "another decoder.", klass->codec_name, width, height,
        priv->v4l2->max_width, priv->v4l2->max_height, priv->v4l2->path);
  return !klass->check_caps || klass->check_caps (s, error);
}

static gboolean
gst_daedalus_dec_set_format (GstVideoDecoder *decoder,
    GstVideoCodecState *state)
{
  GstDaedalusDec *self = GST_DAEDALUS_DEC (decoder);
  GstDaedalusDecPrivate *priv = self->priv;
  GError *error = NULL;

  if (!check_format (self, state->caps, &error)) {
    /* A parser sets the caps by the headers of the stream. If one of them is
     * damaged, the stream goes on; see gst_daedalus_dec_fail(). */
    gst_daedalus_dec_wait_for_room (self, 0, NULL);
    if (gst_daedalus_dec_fail (self, NULL, error) != GST_FLOW_OK)
      return FALSE;
  }

  /* Frames in flight are not affected: references outlive a change of caps,
   * and the device is configured again only when a frame header has another
   * format. */
  g_clear_pointer (&priv->input_state, gst_video_codec_state_unref);
  priv->input_state = gst_video_codec_state_ref (state);
  gst_daedalus_description_init (&priv->description,
      priv->description.caps_serial + 1, &state->info, state->caps);
  return TRUE;
}

static GstFlowReturn
gst_daedalus_dec_handle_frame (GstVideoDecoder *decoder,
    GstVideoCodecFrame *frame)
{
  GstDaedalusDec *self = GST_DAEDALUS_DEC (decoder);
  GstDaedalusDecClass *klass = GST_DAEDALUS_DEC_GET_CLASS (self);
  GstFlowReturn flow = gst_daedalus_dec_get_flow (self);
  GError *error = NULL;
  GstBuffer *input;
  GstMapInfo map;
  gboolean ok;

  if (!gst_daedalus_flow_goes_on (flow)) {
    gst_video_decoder_release_frame (decoder, frame);
    return flow;
  }

  /* The task may release @frame before this function returns. */
  input = gst_buffer_ref (frame->input_buffer);
  if (gst_buffer_map (input, &map, GST_MAP_READ)) {
    ok = klass->decode (self, &frame, map.data, map.size, &error);
    gst_buffer_unmap (input, &map);
  } else {
    ok = gst_daedalus_failed (&error, FRAME, "A coded frame cannot be read.");
  }
  gst_buffer_unref (input);
  if (!ok && (error->code == GST_DAEDALUS_ERROR_FRAME
          || error->code == GST_DAEDALUS_ERROR_UNSUPPORTED))
    return gst_daedalus_dec_lose_frame (self, frame, error);
  if (!ok)
    return gst_daedalus_dec_fail (self, frame, error);
  if (frame)
    gst_video_decoder_release_frame (decoder, frame);
  return gst_daedalus_dec_get_flow (self);
}

static GstFlowReturn
gst_daedalus_dec_drain (GstVideoDecoder *decoder)
{
  GstDaedalusDec *self = GST_DAEDALUS_DEC (decoder);
  GstDaedalusDecClass *klass = GST_DAEDALUS_DEC_GET_CLASS (self);
  GstFlowReturn flow = GST_FLOW_OK;
  GError *error = NULL;

  if (klass->drain
      && gst_daedalus_flow_goes_on (gst_daedalus_dec_get_flow (self))
      && !klass->drain (self, &error))
    flow = gst_daedalus_dec_fail (self, NULL, error);
  gst_daedalus_dec_wait_for_room (self, 0, NULL);
  return flow == GST_FLOW_OK ? gst_daedalus_dec_get_flow (self) : flow;
}

static gboolean
gst_daedalus_dec_flush (GstVideoDecoder *decoder)
{
  GstDaedalusDec *self = GST_DAEDALUS_DEC (decoder);

  gst_daedalus_dec_set_flushing (self, GST_DAEDALUS_FLUSH_RESET, TRUE);
  GST_VIDEO_DECODER_STREAM_UNLOCK (self);
  gst_daedalus_dec_wait_idle (self);
  GST_VIDEO_DECODER_STREAM_LOCK (self);
  gst_daedalus_dec_flush_device (self);
  GST_DAEDALUS_DEC_GET_CLASS (self)->reset (self);
  gst_daedalus_dec_set_flushing (self, GST_DAEDALUS_FLUSH_RESET, FALSE);
  return TRUE;
}

/* Waits until the frames in flight have been pushed: what comes after them must
 * not overtake them. */
static void
settle (GstDaedalusDec *self)
{
  GST_VIDEO_DECODER_STREAM_LOCK (self);
  gst_daedalus_dec_wait_for_room (self, 0, NULL);
  GST_VIDEO_DECODER_STREAM_UNLOCK (self);
}

/* Whether this stream can be decoded does not follow from the one before. */
static void
forget_stream (GstDaedalusDec *self)
{
  GST_VIDEO_DECODER_STREAM_LOCK (self);
  self->priv->had_output = FALSE;
  GST_VIDEO_DECODER_STREAM_UNLOCK (self);
}

/* Continues after an EOS return: a new segment may have frames that were
 * outside the last one. */
static void
forget_eos (GstDaedalusDec *self)
{
  GstDaedalusDecPrivate *priv = self->priv;

  g_mutex_lock (&priv->lock);
  if (priv->flow == GST_FLOW_EOS)
    priv->flow = GST_FLOW_OK;
  g_mutex_unlock (&priv->lock);
}

static gboolean
gst_daedalus_dec_sink_event (GstVideoDecoder *decoder, GstEvent *event)
{
  GstDaedalusDec *self = GST_DAEDALUS_DEC (decoder);
  GstEventType type = GST_EVENT_TYPE (event);
  gboolean ok;

  switch (type) {
    case GST_EVENT_FLUSH_START:
      gst_daedalus_dec_set_flushing (self, GST_DAEDALUS_FLUSH_SEEK, TRUE);
      break;
    case GST_EVENT_FLUSH_STOP:
      /* Before #GstVideoDecoder resets the segment of the frames in flight. */
      gst_daedalus_dec_set_flushing (self, GST_DAEDALUS_FLUSH_SEEK, TRUE);
      gst_daedalus_dec_wait_idle (self);
      break;
    case GST_EVENT_STREAM_START:
    case GST_EVENT_SEGMENT:
      settle (self);
      forget_eos (self);
      break;
    case GST_EVENT_GAP:
      /* #GstVideoDecoder may negotiate. */
      settle (self);
      break;
    default:
      break;
  }
  ok = GST_VIDEO_DECODER_CLASS (gst_daedalus_dec_parent_class)->sink_event
      (decoder, event);
  if (type == GST_EVENT_STREAM_START)
    forget_stream (self);
  if (type == GST_EVENT_FLUSH_STOP)
    gst_daedalus_dec_set_flushing (self, GST_DAEDALUS_FLUSH_SEEK, FALSE);
  return ok;
}

/*
 * If an element such as decodebin3 asks before there is a stream, the answer
 * decides whether it takes another decoder. Later, it is better to accept the
 * caps and to fail with an error that tells the reason, see
 * gst_daedalus_dec_set_format().
 */
static gboolean
gst_daedalus_dec_sink_query (GstVideoDecoder *decoder, GstQuery *query)
{
  GstDaedalusDec *self = GST_DAEDALUS_DEC (decoder);
  gboolean accepted;
  GstCaps *caps;

  if (!GST_VIDEO_DECODER_CLASS (gst_daedalus_dec_parent_class)->sink_query
      (decoder, query))
    return FALSE;
  if (GST_QUERY_TYPE (query) != GST_QUERY_ACCEPT_CAPS
      || GST_PAD_IS_ACTIVE (GST_VIDEO_DECODER_SINK_PAD (decoder)))
    return TRUE;
  gst_query_parse_accept_caps_result (query, &accepted);
  gst_query_parse_accept_caps (query, &caps);
  if (accepted && gst_caps_is_fixed (caps))
    gst_query_set_accept_caps_result (query, check_format (self, caps, NULL));
  return TRUE;
}

static GstStateChangeReturn
gst_daedalus_dec_change_state (GstElement *element, GstStateChange transition)
{
  GstDaedalusDec *self = GST_DAEDALUS_DEC (element);

  /* The task is not stopped yet: only the parent class makes the pads inactive,
   * and the task may be blocked in one. */
  if (transition == GST_STATE_CHANGE_PAUSED_TO_READY)
    gst_daedalus_dec_set_flushing (self, GST_DAEDALUS_FLUSH_STOP, TRUE);
  return GST_ELEMENT_CLASS (gst_daedalus_dec_parent_class)->change_state
      (element, transition);
}

static void
gst_daedalus_dec_set_property (GObject *object, guint id,
    const GValue *value, GParamSpec *pspec)
{
  gpointer field = G_STRUCT_MEMBER_P (object, id);

  (void) pspec;
  GST_OBJECT_LOCK (object);
  if (G_VALUE_HOLDS_STRING (value)) {
    gchar **string = field;

    g_free (*string);
    *string = g_value_dup_string (value);
    if (*string && !**string)
      g_clear_pointer (string, g_free);
  } else if (G_VALUE_HOLDS_UINT (value)) {
    *(guint *) field = g_value_get_uint (value);
  } else {
    *(gboolean *) field = g_value_get_boolean (value);
  }
  GST_OBJECT_UNLOCK (object);
}

static void
gst_daedalus_dec_get_property (GObject *object, guint id, GValue *value,
    GParamSpec *pspec)
{
  gpointer field = G_STRUCT_MEMBER_P (object, id);

  (void) pspec;
  GST_OBJECT_LOCK (object);
  if (G_VALUE_HOLDS_STRING (value))
    g_value_set_string (value, *(gchar **) field);
  else if (G_VALUE_HOLDS_UINT (value))
    g_value_set_uint (value, *(guint *) field);
  else
    g_value_set_boolean (value, *(gboolean *) field);
  GST_OBJECT_UNLOCK (object);
}

/**
 * gst_daedalus_dec_class_add_property:
 * @klass: class of the base class or of a codec, while it is initialised
 * @offset: offset of the field in the instance, bytes. The field is a string
 *   (an empty one is stored as %NULL), a #guint or a #gboolean; the object lock
 *   protects it
 * @spec: (transfer full): the property
 */
void
gst_daedalus_dec_class_add_property (GstDaedalusDecClass *klass,
    guint offset, GParamSpec *spec)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->set_property = gst_daedalus_dec_set_property;
  object_class->get_property = gst_daedalus_dec_get_property;
  g_object_class_install_property (object_class, offset, spec);
}

static void
gst_daedalus_dec_dispose (GObject *object)
{
  GST_DAEDALUS_DEC_GET_CLASS (object)->reset (GST_DAEDALUS_DEC (object));
  G_OBJECT_CLASS (gst_daedalus_dec_parent_class)->dispose (object);
}

static void
gst_daedalus_dec_finalize (GObject *object)
{
  GstDaedalusDec *self = GST_DAEDALUS_DEC (object);

  g_free (self->device);
  g_mutex_clear (&self->priv->lock);
  g_cond_clear (&self->priv->cond);
  G_OBJECT_CLASS (gst_daedalus_dec_parent_class)->finalize (object);
}

static void
gst_daedalus_dec_init (GstDaedalusDec *self)
{
  GstDaedalusDecPrivate *priv = gst_daedalus_dec_get_instance_private (self);

  self->priv = priv;
  g_mutex_init (&priv->lock);
  g_cond_init (&priv->cond);
  g_queue_init (&priv->queue);
  self->max_in_flight = DEFAULT_MAX_IN_FLIGHT;
  gst_video_decoder_set_packetized (GST_VIDEO_DECODER (self), TRUE);
  gst_video_decoder_set_needs_format (GST_VIDEO_DECODER (self), TRUE);
  gst_video_decoder_set_use_default_pad_acceptcaps (GST_VIDEO_DECODER (self),
      TRUE);
  /* Downstream's limits, such as a frame rate, do not apply to the caps of the
   * coded stream. */
  GST_PAD_SET_ACCEPT_TEMPLATE (GST_VIDEO_DECODER_SINK_PAD (self));
}

static void
gst_daedalus_dec_class_init (GstDaedalusDecClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);
  GstVideoDecoderClass *decoder_class = GST_VIDEO_DECODER_CLASS (klass);
  GstCaps *src_caps = gst_daedalus_format_template_caps ();

  object_class->dispose = gst_daedalus_dec_dispose;
  object_class->finalize = gst_daedalus_dec_finalize;
  element_class->change_state = gst_daedalus_dec_change_state;
  decoder_class->open = gst_daedalus_dec_open;
  decoder_class->close = gst_daedalus_dec_close;
  decoder_class->start = gst_daedalus_dec_start;
  decoder_class->stop = gst_daedalus_dec_stop;
  decoder_class->set_format = gst_daedalus_dec_set_format;
  decoder_class->handle_frame = gst_daedalus_dec_handle_frame;
  decoder_class->drain = gst_daedalus_dec_drain;
  decoder_class->finish = gst_daedalus_dec_drain;
  decoder_class->flush = gst_daedalus_dec_flush;
  decoder_class->sink_event = gst_daedalus_dec_sink_event;
  decoder_class->sink_query = gst_daedalus_dec_sink_query;
  decoder_class->negotiate = gst_daedalus_dec_negotiate;
  decoder_class->decide_allocation = gst_daedalus_dec_decide_allocation;

  /**
   * GstDaedalusDec:device:
   *
   * Video node of the decoder, such as `/dev/video0`. If it is not set, the
   * element searches for the media device of the driver daedalus_v4l2. Any
   * other stateless decoder with the multi-planar API works as well.
   *
   * Since: 0.1
   */
  gst_daedalus_dec_class_add_property (klass,
      G_STRUCT_OFFSET (GstDaedalusDec, device),
      g_param_spec_string ("device", "Device",
          "Video node of the decoder; found through /dev/media* if not set",
          NULL, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS));
  /**
   * GstDaedalusDec:max-in-flight:
   *
   * Maximum number of frames that the device has at once. With more frames, it
   * can use more processor cores; each frame needs a bitstream buffer and a
   * picture buffer. This adds no latency, because a decoded frame is pushed at
   * once.
   *
   * Since: 0.1
   */
  gst_daedalus_dec_class_add_property (klass,
      G_STRUCT_OFFSET (GstDaedalusDec, max_in_flight),
      g_param_spec_uint ("max-in-flight", "Maximum in flight",
          "Frames that the device may have at once", 1, MAX_MAX_IN_FLIGHT,
          DEFAULT_MAX_IN_FLIGHT, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS |
          GST_PARAM_MUTABLE_PLAYING));

  gst_element_class_add_pad_template (element_class,
      gst_pad_template_new (GST_VIDEO_DECODER_SRC_NAME, GST_PAD_SRC,
          GST_PAD_ALWAYS, src_caps));
  gst_caps_unref (src_caps);
  gst_type_mark_as_plugin_api (GST_TYPE_DAEDALUS_DEC, 0);
}

/**
 * gst_daedalus_dec_class_set_codec:
 * @klass: class of a codec, while it is initialised
 * @codec_name: for messages and for the element's description; static
 * @coded_format: V4L2_PIX_FMT_* of the OUTPUT queue
 * @sink_template: template of the sink pad; static
 */
void
gst_daedalus_dec_class_set_codec (GstDaedalusDecClass *klass,
    const gchar *codec_name, guint32 coded_format,
    GstStaticPadTemplate *sink_template)
{
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);
  gchar *name = g_strdup_printf ("Daedalus %s decoder", codec_name);
  gchar *description = g_strdup_printf ("Decodes %s with the Daedalus "
      "stateless V4L2 decoder", codec_name);

  klass->codec_name = codec_name;
  klass->coded_format = coded_format;
  gst_element_class_add_static_pad_template (element_class, sink_template);
  gst_element_class_set_metadata (element_class, name,
      "Codec/Decoder/Video/Hardware", description, "The Daedalus developers");
  g_free (name);
  g_free (description);
}
