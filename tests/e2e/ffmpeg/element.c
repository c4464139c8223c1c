// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Takes the place of gst/core/gstdaedalusdec*.c: the elements' parsers, references and
 * output order on top of a client that acts like FFmpeg. Pictures are copied to system
 * memory when they are shown, as FFmpeg's filter hwdownload does.
 */
#include "ffmpeg.h"

#include "core/gstdaedalusallocator.h"
#include "core/gstdaedalusdec.h"

struct _GstDaedalusDecPrivate {
	const struct ffmpeg_codec *codec;
	gboolean shipped;
	struct ffmpeg_session *session;
	GstDaedalusFrameFormat format;
	GstVideoCodecState *input_state;
	GstDaedalusDescription description;
	GstDaedalusDescription output_description;
	GstDaedalusLayout output_layout;	/* format NULL: not negotiated */
	gboolean had_output;
	GstFlowReturn flow;
};

/* FFmpeg falls back to software when the device cannot be opened, and then sends no more. */
G_DEFINE_ABSTRACT_TYPE_WITH_PRIVATE(GstDaedalusDec, gst_daedalus_dec, GST_TYPE_VIDEO_DECODER)

#define PROP_SHIPPED 1

static GQuark frame_quark(void)
{
	return g_quark_from_static_string("ffmpeg-frame");
}

/* -- what the codecs call -- */

GstVideoCodecState *gst_daedalus_dec_get_input_state(GstDaedalusDec *self)
{
	return self->priv->input_state;
}

const GstDaedalusDescription *gst_daedalus_dec_get_description(GstDaedalusDec *self)
{
	return &self->priv->description;
}

static void close_session(GstDaedalusDec *self)
{
	g_clear_pointer(&self->priv->session, ffmpeg_session_close);
	memset(&self->priv->format, 0, sizeof(self->priv->format));
}

gboolean gst_daedalus_dec_configure(GstDaedalusDec *self, const GstDaedalusFrameFormat *format,
				    struct v4l2_ext_control *controls, guint n_controls,
				    GError **error)
{
	GstDaedalusDecPrivate *priv = self->priv;
	const GstDaedalusFrameFormat old = priv->format;
	bool same = old.width == format->width && old.height == format->height &&
		    old.bit_depth == format->bit_depth;

	if (!same && priv->session && !priv->codec->restarts(controls, n_controls)) {
		if (!ffmpeg_session_resize(priv->session, format->width, format->height, controls,
					   n_controls, error))
			return FALSE;
	} else if (!same) {
		if (priv->session && !ffmpeg_flush(priv->session, error))
			return FALSE;
		close_session(self);
		priv->session = ffmpeg_session_open(priv->codec, priv->shipped, format->width,
						    format->height, old.width, old.height,
						    controls, n_controls, error);
	}
	if (priv->session)
		priv->format = *format;
	return priv->session != NULL;
}

static struct ffmpeg_frame *frame_of(const GstDaedalusPicture *picture)
{
	return gst_mini_object_get_qdata(GST_MINI_OBJECT(picture->buffer), frame_quark());
}

/* The buffer of the picture stands for the CAPTURE buffer, and puts it back when it is freed. */
GstDaedalusPicture *gst_daedalus_dec_new_picture(GstDaedalusDec *self, GError **error)
{
	GstDaedalusDecPrivate *priv = self->priv;
	struct ffmpeg_frame *frame = ffmpeg_frame_get(priv->session, error);
	GstDaedalusLayout layout;
	GstDaedalusPicture *picture;
	GstBuffer *buffer;

	if (!frame)
		return NULL;
	buffer = gst_buffer_new();
	gst_mini_object_set_qdata(GST_MINI_OBJECT(buffer), frame_quark(), frame, ffmpeg_frame_put);
	if (!gst_daedalus_layout_init(&layout, &frame->pix, &priv->format.visible, error)) {
		gst_buffer_unref(buffer);
		return NULL;
	}
	picture = gst_daedalus_picture_new(frame->index + 1, &layout, buffer, &priv->description);
	picture->capture_index = frame->index;
	return picture;
}

/* Both fields of a frame are requests of their own, so the flags do not matter. */
gboolean gst_daedalus_dec_submit(GstDaedalusDec *self, GstDaedalusPicture *picture, guint flags,
				 const guint8 *data, gsize size,
				 struct v4l2_ext_control *controls, guint n_controls,
				 GError **error)
{
	struct ffmpeg_frame *frame = frame_of(picture);
	struct ffmpeg_controls request = { 0 };

	if (!(flags & GST_DAEDALUS_JOB_HELD))
		frame->failed = false;
	self->priv->codec->request(&request, controls, n_controls);
	return ffmpeg_decode(frame, &request, data, size, error);
}

/* Of a picture that nothing refers to any more. */
void gst_daedalus_allocator_release(GstBuffer *buffer)
{
	gst_buffer_unref(buffer);
}

static GstFlowReturn negotiate(GstDaedalusDec *self, const GstDaedalusPicture *picture)
{
	GstDaedalusDecPrivate *priv = self->priv;
	GstVideoDecoder *decoder = GST_VIDEO_DECODER(self);
	const GstVideoInfo *info = &picture->layout.info;
	GstVideoCodecState *state;

	if (gst_daedalus_layout_same_caps(&priv->output_layout, &picture->layout) &&
	    gst_daedalus_description_is_equal(&priv->output_description, &picture->description))
		return GST_FLOW_OK;
	state = gst_video_decoder_set_output_state(decoder, GST_VIDEO_INFO_FORMAT(info),
						   GST_VIDEO_INFO_WIDTH(info),
						   GST_VIDEO_INFO_HEIGHT(info), priv->input_state);
	gst_daedalus_description_apply(&picture->description, &state->info);
	gst_video_codec_state_unref(state);
	priv->output_layout = picture->layout;
	priv->output_description = picture->description;
	return gst_video_decoder_negotiate(decoder) ? GST_FLOW_OK : GST_FLOW_NOT_NEGOTIATED;
}

static void download(GstVideoFrame *to, const struct ffmpeg_frame *frame,
		     const GstDaedalusLayout *layout)
{
	for (guint plane = 0; plane < GST_VIDEO_FRAME_N_PLANES(to); plane++) {
		const guint8 *row = frame->data + layout->offset[plane];
		guint8 *out = GST_VIDEO_FRAME_PLANE_DATA(to, plane);
		gint component = plane;	/* of NV12 and P010: Y, and Cb with Cr beside it */
		gsize size = GST_VIDEO_FRAME_COMP_WIDTH(to, component) *
			     GST_VIDEO_FRAME_COMP_PSTRIDE(to, component);

		for (gint y = 0; y < GST_VIDEO_FRAME_COMP_HEIGHT(to, component); y++) {
			memcpy(out, row, size);
			row += layout->stride[plane];
			out += GST_VIDEO_FRAME_PLANE_STRIDE(to, plane);
		}
	}
}

gboolean gst_daedalus_dec_show(GstDaedalusDec *self, GstVideoCodecFrame *frame,
			       GstDaedalusPicture *picture, GError **error)
{
	GstDaedalusDecPrivate *priv = self->priv;
	GstVideoDecoder *decoder = GST_VIDEO_DECODER(self);
	struct ffmpeg_frame *from = frame_of(picture);
	GstVideoFrame to;

	if (!ffmpeg_wait(from, error))
		return FALSE;
	priv->flow = negotiate(self, picture);
	if (priv->flow == GST_FLOW_OK)
		priv->flow = gst_video_decoder_allocate_output_frame(decoder, frame);
	if (priv->flow == GST_FLOW_OK) {
		GstVideoCodecState *state = gst_video_decoder_get_output_state(decoder);

		gst_video_frame_map(&to, &state->info, frame->output_buffer, GST_MAP_WRITE);
		download(&to, from, &picture->layout);
		gst_video_frame_unmap(&to);
		gst_video_codec_state_unref(state);
		gst_buffer_set_flags(frame->output_buffer, picture->flags);
		if (from->failed || picture->failed)
			gst_buffer_set_flags(frame->output_buffer, GST_BUFFER_FLAG_CORRUPTED);
		else
			priv->had_output = TRUE;
		priv->flow = gst_video_decoder_finish_frame(decoder, frame);
	} else {
		gst_video_decoder_release_frame(decoder, frame);
	}
	return TRUE;
}

gboolean gst_daedalus_dec_lose(GstDaedalusPicture **shown, GError **lost, GError *error)
{
	bool goes_on = error->code == GST_DAEDALUS_ERROR_FRAME;

	gst_daedalus_picture_replace(shown, NULL);
	g_clear_error(lost);
	*lost = error;
	return goes_on;
}

gboolean gst_daedalus_dec_show_last(GstDaedalusDec *self, GstVideoCodecFrame **frame,
				    GstDaedalusPicture *shown, GError *lost, GError **error)
{
	bool ok = !lost;

	if (shown) {
		ok = gst_daedalus_dec_show(self, *frame, shown, error);
		if (ok)
			*frame = NULL;
		gst_daedalus_picture_unref(shown);
		g_clear_error(&lost);
	} else if (lost) {
		g_propagate_error(error, lost);
	}
	return ok;
}

/* -- what GStreamer calls -- */

/* A frame without a picture is dropped; what the device cannot do ends the stream. */
static GstFlowReturn fail(GstDaedalusDec *self, GError *error)
{
	GstFlowReturn flow = GST_FLOW_OK;

	if (error->code != GST_DAEDALUS_ERROR_FRAME &&
	    (error->code != GST_DAEDALUS_ERROR_UNSUPPORTED || !self->priv->had_output)) {
		GST_ELEMENT_ERROR(self, STREAM, DECODE, ("%s", error->message), (NULL));
		flow = GST_FLOW_ERROR;
	} else {
		GST_WARNING_OBJECT(self, "%s", error->message);
	}
	g_error_free(error);
	return flow;
}

static gboolean ffmpeg_dec_start(GstVideoDecoder *decoder)
{
	GstDaedalusDecPrivate *priv = GST_DAEDALUS_DEC(decoder)->priv;

	priv->codec = ffmpeg_codec_find(GST_DAEDALUS_DEC_GET_CLASS(decoder)->coded_format);
	priv->output_layout.format = NULL;
	priv->had_output = FALSE;
	priv->flow = GST_FLOW_OK;
	return TRUE;
}

static gboolean ffmpeg_dec_stop(GstVideoDecoder *decoder)
{
	GstDaedalusDec *self = GST_DAEDALUS_DEC(decoder);

	GST_DAEDALUS_DEC_GET_CLASS(self)->reset(self);
	close_session(self);
	g_clear_pointer(&self->priv->input_state, gst_video_codec_state_unref);
	return TRUE;
}

static gboolean ffmpeg_dec_set_format(GstVideoDecoder *decoder, GstVideoCodecState *state)
{
	GstDaedalusDec *self = GST_DAEDALUS_DEC(decoder);
	GstDaedalusDecPrivate *priv = self->priv;
	GstDaedalusDecClass *klass = GST_DAEDALUS_DEC_GET_CLASS(self);
	GError *error = NULL;

	if (klass->check_caps &&
	    !klass->check_caps(gst_caps_get_structure(state->caps, 0), &error) &&
	    fail(self, error) != GST_FLOW_OK)
		return FALSE;
	g_clear_pointer(&priv->input_state, gst_video_codec_state_unref);
	priv->input_state = gst_video_codec_state_ref(state);
	gst_daedalus_description_init(&priv->description, priv->description.caps_serial + 1,
				      &state->info, state->caps);
	return TRUE;
}

static GstFlowReturn ffmpeg_dec_handle_frame(GstVideoDecoder *decoder, GstVideoCodecFrame *frame)
{
	GstDaedalusDec *self = GST_DAEDALUS_DEC(decoder);
	GstBuffer *input = gst_buffer_ref(frame->input_buffer);
	GstFlowReturn flow = GST_FLOW_OK;
	GError *error = NULL;
	GstMapInfo map;

	gst_buffer_map(input, &map, GST_MAP_READ);
	if (!GST_DAEDALUS_DEC_GET_CLASS(self)->decode(self, &frame, map.data, map.size, &error))
		flow = fail(self, error);
	gst_buffer_unmap(input, &map);
	gst_buffer_unref(input);
	if (frame)
		gst_video_decoder_release_frame(decoder, frame);
	return flow == GST_FLOW_OK ? self->priv->flow : flow;
}

static GstFlowReturn ffmpeg_dec_drain(GstVideoDecoder *decoder)
{
	GstDaedalusDec *self = GST_DAEDALUS_DEC(decoder);
	GstDaedalusDecClass *klass = GST_DAEDALUS_DEC_GET_CLASS(self);
	GError *error = NULL;

	if (klass->drain && !klass->drain(self, &error))
		return fail(self, error);
	return self->priv->flow;
}

static gboolean ffmpeg_dec_flush(GstVideoDecoder *decoder)
{
	GstDaedalusDec *self = GST_DAEDALUS_DEC(decoder);
	GError *error = NULL;

	self->priv->flow = GST_FLOW_OK;
	if (self->priv->session && !ffmpeg_flush(self->priv->session, &error))
		fail(self, error);
	GST_DAEDALUS_DEC_GET_CLASS(self)->reset(self);
	return TRUE;
}

static void ffmpeg_dec_set_property(GObject *object, guint id, const GValue *value,
				    GParamSpec *spec)
{
	(void)spec;
	if (id == PROP_SHIPPED)
		GST_DAEDALUS_DEC(object)->priv->shipped = g_value_get_boolean(value);
}

static void gst_daedalus_dec_init(GstDaedalusDec *self)
{
	GstVideoDecoder *decoder = GST_VIDEO_DECODER(self);

	self->priv = gst_daedalus_dec_get_instance_private(self);
	gst_video_decoder_set_packetized(decoder, TRUE);
	gst_video_decoder_set_needs_format(decoder, TRUE);
	gst_video_decoder_set_use_default_pad_acceptcaps(decoder, TRUE);
	GST_PAD_SET_ACCEPT_TEMPLATE(GST_VIDEO_DECODER_SINK_PAD(self));
}

static void gst_daedalus_dec_class_init(GstDaedalusDecClass *klass)
{
	GstVideoDecoderClass *decoder_class = GST_VIDEO_DECODER_CLASS(klass);
	GstCaps *caps = gst_caps_from_string(GST_VIDEO_CAPS_MAKE("{ NV12, P010_10LE }"));

	decoder_class->start = ffmpeg_dec_start;
	decoder_class->stop = ffmpeg_dec_stop;
	decoder_class->set_format = ffmpeg_dec_set_format;
	decoder_class->handle_frame = ffmpeg_dec_handle_frame;
	decoder_class->drain = ffmpeg_dec_drain;
	decoder_class->finish = ffmpeg_dec_drain;
	decoder_class->flush = ffmpeg_dec_flush;
	G_OBJECT_CLASS(klass)->set_property = ffmpeg_dec_set_property;
	g_object_class_install_property(G_OBJECT_CLASS(klass), PROP_SHIPPED,
		g_param_spec_boolean("shipped", "Shipped",
				     "Wait for each request, as the FFmpeg of distributions does",
				     FALSE, G_PARAM_WRITABLE));
	gst_element_class_add_pad_template(GST_ELEMENT_CLASS(klass),
		gst_pad_template_new(GST_VIDEO_DECODER_SRC_NAME, GST_PAD_SRC, GST_PAD_ALWAYS,
				     caps));
	gst_caps_unref(caps);
}

/* The codecs' own properties keep their defaults: FFmpeg has none of them. */
void gst_daedalus_dec_class_add_property(GstDaedalusDecClass *klass, guint offset,
					 GParamSpec *spec)
{
	(void)klass;
	(void)offset;
	g_param_spec_sink(spec);
}

void gst_daedalus_dec_class_set_codec(GstDaedalusDecClass *klass, const gchar *codec_name,
				      guint32 coded_format, GstStaticPadTemplate *sink_template)
{
	klass->codec_name = codec_name;
	klass->coded_format = coded_format;
	gst_element_class_add_static_pad_template(GST_ELEMENT_CLASS(klass), sink_template);
	gst_element_class_set_static_metadata(GST_ELEMENT_CLASS(klass),
		"Decoder that acts like FFmpeg", "Codec/Decoder/Video/Hardware",
		"Does to the device what FFmpeg's v4l2request hwaccels do",
		"The Daedalus developers");
}
