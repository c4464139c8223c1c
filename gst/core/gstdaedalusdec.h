/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Base class of the decoders. It manages the device, the pictures in flight and
 * the output. A codec's subclass parses frames, keeps the references and fills
 * the controls.
 */
#ifndef GST_DAEDALUS_DEC_H
#define GST_DAEDALUS_DEC_H

#include "gstdaedaluserror.h"
#include "gstdaedaluspicture.h"
#include "gstdaedalusrequest.h"

#include <gst/video/gstvideodecoder.h>

G_BEGIN_DECLS

#define GST_TYPE_DAEDALUS_DEC (gst_daedalus_dec_get_type ())
#define GST_DAEDALUS_DEC(obj) (G_TYPE_CHECK_INSTANCE_CAST ((obj), \
    GST_TYPE_DAEDALUS_DEC, GstDaedalusDec))
#define GST_DAEDALUS_DEC_CLASS(klass) (G_TYPE_CHECK_CLASS_CAST ((klass), \
    GST_TYPE_DAEDALUS_DEC, GstDaedalusDecClass))
#define GST_DAEDALUS_DEC_GET_CLASS(obj) (G_TYPE_INSTANCE_GET_CLASS ((obj), \
    GST_TYPE_DAEDALUS_DEC, GstDaedalusDecClass))

typedef struct _GstDaedalusDec GstDaedalusDec;
typedef struct _GstDaedalusDecClass GstDaedalusDecClass;
typedef struct _GstDaedalusDecPrivate GstDaedalusDecPrivate;

struct _GstDaedalusDec
{
  GstVideoDecoder parent;

  /* properties, object lock */
  gchar *device;
  guint max_in_flight;

  GstDaedalusDecPrivate *priv;
};

GType gst_daedalus_dec_get_type (void);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstDaedalusDec, gst_object_unref)

/**
 * GstDaedalusFrameFormat:
 * @width: coded width, luma samples
 * @height: coded height, luma samples
 * @visible: visible rectangle, luma samples; even offsets
 * @bit_depth: significant bits of a sample
 * @n_kept: most pictures that the codec keeps between two calls of @decode, as
 *   references or to output them later
 *
 * Properties of a frame that determine format and use of the CAPTURE queue.
 */
typedef struct
{
  guint width;
  guint height;
  GstVideoRectangle visible;
  guint bit_depth;
  guint n_kept;
} GstDaedalusFrameFormat;

/**
 * GstDaedalusDecClass:
 * @parent_class: the parent
 * @coded_format: V4L2_PIX_FMT_* of the OUTPUT queue
 * @codec_name: for messages
 * @reorders: frames are output in another order than they come in
 * @check_caps: (nullable): whether a stream with caps of structure @s can be
 *   decoded; fails with %GST_DAEDALUS_ERROR_UNSUPPORTED if not. Called from any
 *   thread
 * @decode: decodes or shows the pictures of a buffer. It checks the buffer,
 *   then calls gst_daedalus_dec_configure(), gst_daedalus_dec_new_picture() and
 *   gst_daedalus_dec_submit() to decode a picture, and gst_daedalus_dec_show()
 *   to output one. It sets the frame to %NULL if it has passed the frame to
 *   gst_daedalus_dec_show() or keeps it to show it later; otherwise the base
 *   class releases the frame. It returns %FALSE with an error of
 *   %GST_DAEDALUS_ERROR on failure; depending on the error, the base class then
 *   drops the frame in its turn or fails
 * @drain: (nullable): outputs all pictures that wait for output, at the end of
 *   the stream or before a pause. Returns %FALSE with an error as @decode does
 * @reset: drops all references and all state of the stream; the last call is
 *   made when the element is disposed of
 *
 * All functions except @check_caps are called with the decoder's stream lock.
 */
struct _GstDaedalusDecClass
{
  GstVideoDecoderClass parent_class;

  guint32 coded_format;
  const gchar *codec_name;
  gboolean reorders;

  gboolean (*check_caps) (const GstStructure * s, GError ** error);
  gboolean (*decode) (GstDaedalusDec * self, GstVideoCodecFrame ** frame,
      const guint8 * data, gsize size, GError ** error);
  gboolean (*drain) (GstDaedalusDec * self, GError ** error);
  void (*reset) (GstDaedalusDec * self);
};

struct v4l2_ext_control;

/* Initialises a struct v4l2_ext_control with @n elements at @value. */
#define GST_DAEDALUS_CONTROL(cid, value, n) \
    {.id = cid, .size = (n) * sizeof (*(value)), .ptr = value}

void gst_daedalus_dec_class_set_codec (GstDaedalusDecClass * klass,
    const gchar * codec_name, guint32 coded_format,
    GstStaticPadTemplate * sink_template);
void gst_daedalus_dec_class_add_property (GstDaedalusDecClass * klass,
    guint offset, GParamSpec * spec);
gboolean gst_daedalus_dec_configure (GstDaedalusDec * self,
    const GstDaedalusFrameFormat * format, struct v4l2_ext_control *controls,
    guint n_controls, GError ** error);
GstDaedalusPicture *gst_daedalus_dec_new_picture (GstDaedalusDec * self,
    GError ** error);
gboolean gst_daedalus_dec_submit (GstDaedalusDec * self,
    GstDaedalusPicture * picture, guint flags, const guint8 * data, gsize size,
    struct v4l2_ext_control *controls, guint n_controls, GError ** error);
gboolean gst_daedalus_dec_show (GstDaedalusDec * self,
    GstVideoCodecFrame * frame, GstDaedalusPicture * picture, GError ** error);
gboolean gst_daedalus_dec_lose (GstDaedalusPicture ** shown, GError ** lost,
    GError * error);
gboolean gst_daedalus_dec_show_last (GstDaedalusDec * self,
    GstVideoCodecFrame ** frame, GstDaedalusPicture * shown, GError * lost,
    GError ** error);
GstVideoCodecState *gst_daedalus_dec_get_input_state (GstDaedalusDec * self);
const GstDaedalusDescription *gst_daedalus_dec_get_description (GstDaedalusDec *
    self);

G_END_DECLS
#endif
