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

#include <gst/video/gstvideodecoder.h>

G_BEGIN_DECLS

#define GST_TYPE_DAEDALUS_DEC (gst_daedalus_dec_get_type ())
G_DECLARE_DERIVABLE_TYPE (GstDaedalusDec, gst_daedalus_dec, GST, DAEDALUS_DEC,
    GstVideoDecoder)

/**
 * GstDaedalusDecClass:
 * @parent_class: the parent
 * @coded_format: V4L2_PIX_FMT_* of the OUTPUT queue
 * @codec_name: for messages
 * @check_caps: (nullable): whether the caps, of which @s is the structure, are
 *   of a stream that can be decoded; fails with
 *   %GST_DAEDALUS_ERROR_UNSUPPORTED if not. Called from any thread
 * @decode: decodes or shows one frame: checks it, then calls
 *   gst_daedalus_dec_configure() and gst_daedalus_dec_submit(), or
 *   gst_daedalus_dec_show(). Returns %FALSE with an error of
 *   %GST_DAEDALUS_ERROR if that was not possible; the base class then drops the
 *   frame or fails, as the error says
 * @reset: forgets all references and all state of the stream
 *
 * The others are called with the decoder's stream lock.
 */
struct _GstDaedalusDecClass
{
  GstVideoDecoderClass parent_class;

  guint32 coded_format;
  const gchar *codec_name;

  gboolean (*check_caps) (GstDaedalusDec * self, const GstStructure * s,
      GError ** error);
  gboolean (*decode) (GstDaedalusDec * self, GstVideoCodecFrame * frame,
      const guint8 * data, gsize size, GError ** error);
  void (*reset) (GstDaedalusDec * self);
};

struct v4l2_ext_control;

gboolean gst_daedalus_dec_configure (GstDaedalusDec * self, guint width,
    guint height, guint bit_depth, struct v4l2_ext_control *controls,
    guint n_controls, GError ** error);
GstDaedalusPicture *gst_daedalus_dec_submit (GstDaedalusDec * self,
    GstVideoCodecFrame * frame, gboolean show, const guint8 * data, gsize size,
    struct v4l2_ext_control *controls, guint n_controls, GError ** error);
gboolean gst_daedalus_dec_show (GstDaedalusDec * self,
    GstVideoCodecFrame * frame, GstDaedalusPicture * picture, GError ** error);

G_END_DECLS
#endif
