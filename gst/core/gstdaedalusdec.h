/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Base class of the decoders. It owns the device, what is in flight and what
 * goes downstream; a codec's subclass parses frames, keeps its references and
 * fills controls.
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
 * @visible: what of it is to be seen; even offsets
 * @bit_depth: significant bits of a sample
 *
 * What decides the format of the CAPTURE queue.
 */
typedef struct
{
  guint width;
  guint height;
  GstVideoRectangle visible;
  guint bit_depth;
} GstDaedalusFrameFormat;

/**
 * GstDaedalusDecClass:
 * @parent_class: the parent
 * @coded_format: V4L2_PIX_FMT_* of the OUTPUT queue
 * @codec_name: for messages
 * @check_caps: (nullable): whether a stream with caps of structure @s can be
 *   decoded; fails with %GST_DAEDALUS_ERROR_UNSUPPORTED if not. Called from any
 *   thread
 * @decode: decodes or shows what is in a buffer: checks it, then calls
 *   gst_daedalus_dec_configure(), gst_daedalus_dec_new_picture() and
 *   gst_daedalus_dec_submit(), and gst_daedalus_dec_show() for what is shown.
 *   Sets the frame to %NULL when it has given it to the last one or keeps it to
 *   show it later; one that is left is released. Returns
 *   %FALSE with an error of %GST_DAEDALUS_ERROR if that was not possible; the
 *   base class then drops the frame or fails, as the error says
 * @drain: (nullable): outputs all that waits for it, as the stream ends or makes
 *   a pause. Returns %FALSE with an error as @decode does
 * @reset: forgets all references and all state of the stream; is called at last when
 *   the element is disposed of
 *
 * The others are called with the decoder's stream lock.
 */
struct _GstDaedalusDecClass
{
  GstVideoDecoderClass parent_class;

  guint32 coded_format;
  const gchar *codec_name;

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
