/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * SECTION:element-daedalusvp9dec
 * @title: daedalusvp9dec
 *
 * Decodes VP9 with the Daedalus stateless V4L2 decoder: profile 0 (8 bits) to
 * NV12 and profile 2 with 10 bits to P010. Pictures are DMA-BUFs.
 *
 * The kernel module daedalus_v4l2 must be loaded and daedalusd must be running.
 *
 * ## Example launch line
 * ``` shell
 * gst-launch-1.0 filesrc location=clip.webm ! parsebin ! daedalusvp9dec ! videoconvert ! autovideosink
 * ```
 *
 * Since: 0.1
 */
#include "gstdaedalusvp9dec.h"
#include "gstdaedalusvp9refs.h"
#include "gstdaedalusvp9superframe.h"

#include <linux/videodev2.h>

GST_DEBUG_CATEGORY_STATIC (gst_daedalus_vp9_dec_debug);
#define GST_CAT_DEFAULT gst_daedalus_vp9_dec_debug

struct _GstDaedalusVp9Dec
{
  GstDaedalusDec parent;

  GstDaedalusVp9State state;
  GstDaedalusVp9Refs refs;
};

G_DEFINE_TYPE_WITH_CODE (GstDaedalusVp9Dec, gst_daedalus_vp9_dec,
    GST_TYPE_DAEDALUS_DEC,
    GST_DEBUG_CATEGORY_INIT (gst_daedalus_vp9_dec_debug, "daedalusvp9dec", 0,
        "Daedalus VP9 decoder"));

static GstStaticPadTemplate sink_template =
GST_STATIC_PAD_TEMPLATE (GST_VIDEO_DECODER_SINK_NAME, GST_PAD_SINK,
    GST_PAD_ALWAYS,
    GST_STATIC_CAPS ("video/x-vp9, "
        "alignment = (string) { super-frame, frame }"));

/* Refuses unsupported streams by the fields that the parser sets in the
 * caps, while another decoder can still be chosen. */
static gboolean
gst_daedalus_vp9_dec_check_caps (const GstStructure *s, GError **error)
{
  const gchar *profile = gst_structure_get_string (s, "profile");
  const guint number = profile ? g_ascii_strtoull (profile, NULL, 10) : 0;
  const GstDaedalusChroma chroma = gst_daedalus_chroma_from_caps (s,
      number & 1 ? GST_DAEDALUS_CHROMA_444 : GST_DAEDALUS_CHROMA_420);
  guint bit_depth = number >= 2 ? 10 : 8;
  GstDaedalusVp9Color color = {
    .subsampling_x = GST_DAEDALUS_CHROMA_SUB_X (chroma),
    .subsampling_y = GST_DAEDALUS_CHROMA_SUB_Y (chroma),
  };

  gst_structure_get_uint (s, "bit-depth-luma", &bit_depth);
  color.bit_depth = MIN (bit_depth, G_MAXUINT8);
  if (!g_strcmp0 (gst_structure_get_string (s, "colorimetry"), "sRGB"))
    color.color_space = GST_VP9_CS_SRGB;
  return gst_daedalus_vp9_supported (number, &color, error);
}

static gboolean
decode_frame (GstDaedalusVp9Dec *self, const GstVp9FrameHdr *hdr,
    const guint8 *data, gsize size, GstDaedalusPicture **shown, GError **error)
{
  GstDaedalusDec *dec = GST_DAEDALUS_DEC (self);
  GstDaedalusPicture *picture = NULL;
  struct v4l2_ctrl_vp9_frame frame_ctrl;
  struct v4l2_ext_control control =
      GST_DAEDALUS_CONTROL (V4L2_CID_STATELESS_VP9_FRAME, &frame_ctrl, 1);
  const GstDaedalusFrameFormat format = {
    .width = hdr->width,
    .height = hdr->height,
    .visible = {.w = hdr->width,.h = hdr->height},
    .bit_depth = self->state.color.bit_depth,
    .n_kept = G_N_ELEMENTS (self->refs.slots),
  };

  gst_daedalus_vp9_fill_frame (&frame_ctrl, hdr, &self->state, &self->refs);
  if (gst_daedalus_vp9_refs_check (&self->refs, hdr, error)
      && gst_daedalus_vp9_supported (hdr->profile, &self->state.color, error)
      && gst_daedalus_dec_configure (dec, &format, &control, 1, error))
    picture = gst_daedalus_dec_new_picture (dec, error);
  if (picture && !gst_daedalus_dec_submit (dec, picture, 0, data, size,
          &control, 1, error))
    gst_daedalus_picture_replace (&picture, NULL);

  /* If the frame could not be submitted, @picture is NULL, which empties its
   * slots. The device still has the old pictures there, which later frames must
   * not refer to. */
  gst_daedalus_vp9_refs_update (&self->refs, hdr, picture);
  if (!picture)
    return FALSE;
  if (hdr->show_frame)
    gst_daedalus_picture_replace (shown, picture);
  gst_daedalus_picture_unref (picture);
  return TRUE;
}

static gboolean
handle_frame (GstDaedalusVp9Dec *self, const guint8 *data, gsize size,
    GstDaedalusPicture **shown, GError **error)
{
  GstVp9FrameHdr hdr;

  if (!gst_daedalus_vp9_header_parse (&hdr, &self->state, data, size, error)) {
    /* The frame may have been meant for any slot, and later frames must not
     * refer to what is there instead. */
    gst_daedalus_vp9_refs_clear (&self->refs);
    return FALSE;
  }
  GST_LOG_OBJECT (self, "%ux%u%s%s%s%s, refreshes 0x%02x", hdr.width,
      hdr.height, hdr.frame_type == GST_VP9_KEY_FRAME ? ", key" : "",
      hdr.intra_only ? ", intra-only" : "",
      hdr.show_existing_frame ? ", show existing" : "",
      hdr.show_frame || hdr.show_existing_frame ? "" : ", hidden",
      (guint) hdr.refresh_frame_flags);
  if (!hdr.show_existing_frame)
    return decode_frame (self, &hdr, data, size, shown, error);
  if (!gst_daedalus_vp9_refs_check (&self->refs, &hdr, error))
    return FALSE;
  gst_daedalus_picture_replace (shown, self->refs.slots[hdr.frame_to_show]);
  return TRUE;
}

/* If a superframe shows several frames, only the last one is output. These
 * are spatial layers: the last one is the highest, the others are its
 * references. */
static gboolean
gst_daedalus_vp9_dec_decode (GstDaedalusDec *dec, GstVideoCodecFrame **frame,
    const guint8 *data, gsize size, GError **error)
{
  GstDaedalusVp9Dec *self = GST_DAEDALUS_VP9_DEC (dec);
  GstDaedalusVp9Superframe superframe;
  GstDaedalusPicture *shown = NULL;
  GError *lost = NULL;
  gboolean ok = TRUE;
  guint i;

  if (!gst_daedalus_vp9_superframe_parse (&superframe, data, size, error)) {
    gst_daedalus_vp9_refs_clear (&self->refs);
    return FALSE;
  }
  for (i = 0; ok && i < superframe.n_frames; i++) {
    GError *local = NULL;

    if (!handle_frame (self, data + superframe.offsets[i], superframe.sizes[i],
            &shown, &local))
      ok = gst_daedalus_dec_lose (&shown, &lost, local);
  }
  return gst_daedalus_dec_show_last (dec, frame, shown, lost, error);
}

static void
gst_daedalus_vp9_dec_reset (GstDaedalusDec *dec)
{
  GstDaedalusVp9Dec *self = GST_DAEDALUS_VP9_DEC (dec);

  memset (&self->state, 0, sizeof (self->state));
  gst_daedalus_vp9_refs_clear (&self->refs);
}

static void
gst_daedalus_vp9_dec_init (GstDaedalusVp9Dec *self)
{
  (void) self;
}

static void
gst_daedalus_vp9_dec_class_init (GstDaedalusVp9DecClass *klass)
{
  GstDaedalusDecClass *dec_class = GST_DAEDALUS_DEC_CLASS (klass);

  gst_daedalus_dec_class_set_codec (dec_class, "VP9", V4L2_PIX_FMT_VP9_FRAME,
      &sink_template);
  dec_class->check_caps = gst_daedalus_vp9_dec_check_caps;
  dec_class->decode = gst_daedalus_vp9_dec_decode;
  dec_class->reset = gst_daedalus_vp9_dec_reset;
}
