/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * SECTION:element-daedalusav1dec
 * @title: daedalusav1dec
 *
 * Decodes AV1 with the Daedalus stateless V4L2 decoder: 4:2:0 and monochrome,
 * 8 bits to NV12 and 10 bits to P010. Pictures are DMA-BUFs.
 *
 * In a scalable stream, the element decodes the layers of the operating point
 * #GstDaedalusAv1Dec:operating-point and outputs the highest spatial layer.
 *
 * The kernel module daedalus_v4l2 must be loaded and daedalusd must be running.
 *
 * ## Example launch line
 * ``` shell
 * gst-launch-1.0 filesrc location=clip.webm ! parsebin ! daedalusav1dec ! videoconvert ! autovideosink
 * ```
 *
 * Since: 0.1
 */
#include "gstdaedalusav1controls.h"
#include "gstdaedalusav1dec.h"
#include "gstdaedalusav1info.h"
#include "gstdaedalusav1refs.h"
#include "gstdaedalusav1tiles.h"

#include <linux/videodev2.h>
#include <string.h>

GST_DEBUG_CATEGORY_STATIC (gst_daedalus_av1_dec_debug);
#define GST_CAT_DEFAULT gst_daedalus_av1_dec_debug

/* AV1CodecConfigurationRecord of "AV1 Codec ISO Media File Format Binding":
 * marker and version, and the offset of configOBUs in bytes */
#define AV1C_MARKER 0x81
#define AV1C_HEADER_SIZE 4

struct _GstDaedalusAv1Dec
{
  GstDaedalusDec parent;

  /* properties, object lock */
  guint operating_point;
  gboolean film_grain;

  /* from upstream's caps, stream lock */
  GstVideoCodecState *upstream;
  gboolean annexb;
  gboolean whole_units;         /* a buffer is a temporal unit */

  /* from the stream, stream lock */
  GstAV1SequenceHeaderOBU seq;
  gboolean has_seq;
  guint idc;                    /* of the operating point */
  GstDaedalusHdr hdr;
  GstDaedalusAv1Refs refs;

  /* the frame whose tiles are being collected, within one buffer */
  gboolean has_header;
  guint8 spatial_id;
  GstDaedalusAv1Header header;
  GstDaedalusAv1Tiles tiles;
};

G_DEFINE_TYPE_WITH_CODE (GstDaedalusAv1Dec, gst_daedalus_av1_dec,
    GST_TYPE_DAEDALUS_DEC,
    GST_DEBUG_CATEGORY_INIT (gst_daedalus_av1_dec_debug, "daedalusav1dec", 0,
        "Daedalus AV1 decoder"));

static GstStaticPadTemplate sink_template =
    GST_STATIC_PAD_TEMPLATE (GST_VIDEO_DECODER_SINK_NAME, GST_PAD_SINK,
    GST_PAD_ALWAYS,
    GST_STATIC_CAPS ("video/x-av1, stream-format = (string) obu-stream, "
        "alignment = (string) { tu, frame }; "
        "video/x-av1, stream-format = (string) annexb, "
        "alignment = (string) tu"));

static guint
choose_operating_point (GstDaedalusAv1Dec *self,
    const GstAV1SequenceHeaderOBU *seq)
{
  guint n;

  GST_OBJECT_LOCK (self);
  n = self->operating_point;
  GST_OBJECT_UNLOCK (self);
  if (n > seq->operating_points_cnt_minus_1) {
    GST_WARNING_OBJECT (self, "the stream has %u operating points, there is no "
        "%u: using 0", seq->operating_points_cnt_minus_1 + 1, n);
    n = 0;
  }
  return seq->operating_points[n].idc;
}

static gboolean
handle_sequence_header (GstDaedalusAv1Dec *self, const GstDaedalusAv1Obu *obu,
    GError **error)
{
  GstAV1SequenceHeaderOBU seq;

  if (!gst_daedalus_av1_sequence_parse (&seq, obu->data, obu->size, error))
    return FALSE;
  if (self->has_seq && gst_daedalus_av1_sequence_equal (&seq, &self->seq))
    return TRUE;
  if (!gst_daedalus_av1_supported (seq.seq_profile, seq.bit_depth,
          seq.color_config.subsampling_x, seq.color_config.subsampling_y,
          error))
    return FALSE;

  /* A new coded video sequence begins with a key frame. Frames before that key
   * frame must not refer to frames of the old sequence. */
  gst_daedalus_av1_refs_drop (&self->refs, GST_DAEDALUS_AV1_ALL_FRAMES);
  memcpy (&self->seq, &seq, sizeof (seq));
  self->has_seq = TRUE;
  self->idc = choose_operating_point (self, &seq);
  memset (&self->hdr, 0, sizeof (self->hdr));
  GST_DEBUG_OBJECT (self, "new sequence: profile %u, %u bits, up to %ux%u, "
      "layers 0x%03x", seq.seq_profile, seq.bit_depth,
      seq.max_frame_width_minus_1 + 1, seq.max_frame_height_minus_1 + 1,
      self->idc);
  return TRUE;
}

/* A part of the stream cannot be read: its frames may have been meant for any
 * slot, and later frames must not refer to what is there instead. */
static void
lose_frames (GstDaedalusAv1Dec *self)
{
  gst_daedalus_av1_refs_drop (&self->refs, GST_DAEDALUS_AV1_ALL_FRAMES);
}

/* Drops the frame that is being collected and empties the slots that it would
 * have replaced. */
static void
abandon_frame (GstDaedalusAv1Dec *self)
{
  gst_daedalus_av1_refs_drop (&self->refs,
      self->header.control.refresh_frame_flags);
  gst_daedalus_av1_tiles_clear (&self->tiles);
  self->has_header = FALSE;
}

static GstDaedalusPicture *
submit (GstDaedalusAv1Dec *self, GError **error)
{
  GstDaedalusDec *dec = GST_DAEDALUS_DEC (self);
  struct v4l2_ctrl_av1_frame *frame = &self->header.control;
  /* A copy, because later frames inherit the parameters of the stream. */
  struct v4l2_ctrl_av1_film_grain film_grain = self->header.film_grain;
  struct v4l2_ctrl_av1_sequence sequence;
  struct v4l2_ext_control controls[] = {
    GST_DAEDALUS_CONTROL (V4L2_CID_STATELESS_AV1_SEQUENCE, &sequence, 1),
    GST_DAEDALUS_CONTROL (V4L2_CID_STATELESS_AV1_FRAME, frame, 1),
    GST_DAEDALUS_CONTROL (V4L2_CID_STATELESS_AV1_TILE_GROUP_ENTRY,
        self->tiles.entries, self->tiles.n_entries),
    GST_DAEDALUS_CONTROL (V4L2_CID_STATELESS_AV1_FILM_GRAIN, &film_grain, 1),
  };
  /* A device without film grain can decode streams without film grain. */
  const guint n_controls = G_N_ELEMENTS (controls)
      - !self->seq.film_grain_params_present;
  const GstDaedalusFrameFormat format = {
    .width = frame->upscaled_width,
    .height = frame->frame_height_minus_1 + 1,
    .visible = {.w = frame->upscaled_width,.h =
          frame->frame_height_minus_1 + 1},
    .bit_depth = self->seq.bit_depth,
    .n_kept = G_N_ELEMENTS (self->refs.pictures),
  };
  GstDaedalusPicture *picture;

  GST_OBJECT_LOCK (self);
  if (!self->film_grain)
    film_grain.flags &= ~V4L2_AV1_FILM_GRAIN_FLAG_APPLY_GRAIN;
  GST_OBJECT_UNLOCK (self);

  gst_daedalus_av1_fill_sequence (&sequence, &self->seq);
  /* The device derives formats and sizes from the first two controls. */
  if (!gst_daedalus_dec_configure (dec, &format, controls, 2, error))
    return NULL;
  picture = gst_daedalus_dec_new_picture (dec, error);
  if (!picture)
    return NULL;
  gst_daedalus_av1_describe (&picture->description, &self->seq, &self->hdr);
  if (gst_daedalus_dec_submit (dec, picture, 0, self->tiles.data,
          self->tiles.size, controls, n_controls, error))
    return picture;
  gst_daedalus_picture_unref (picture);
  return NULL;
}

/* A temporal unit shows its highest layer, which is the last one in a buffer
 * with the whole unit. If buffers have single layers, the operating point tells
 * which layer is the highest. */
static void
set_shown (GstDaedalusAv1Dec *self, GstDaedalusPicture *picture,
    GstDaedalusPicture **shown)
{
  guint spatial_layers = self->idc >> 8;

  if (self->whole_units || !spatial_layers
      || self->spatial_id + 1u >= g_bit_storage (spatial_layers))
    gst_daedalus_picture_replace (shown, picture);
}

/* Submits the frame after all of its tiles have arrived. */
static gboolean
finish_frame (GstDaedalusAv1Dec *self, GstDaedalusPicture **shown,
    GError **error)
{
  GstDaedalusAv1Header *header = &self->header;
  GstDaedalusPicture *picture;

  GST_LOG_OBJECT (self, "type %u, %ux%u, %u tiles%s, refreshes 0x%02x",
      header->control.frame_type, header->control.upscaled_width,
      header->control.frame_height_minus_1 + 1, self->tiles.n_entries,
      header->parsed.show_frame ? "" : ", hidden",
      header->control.refresh_frame_flags);
  gst_daedalus_av1_refs_fill (&self->refs, &header->control);

  picture = submit (self, error);
  if (!picture) {
    abandon_frame (self);
    return FALSE;
  }
  gst_daedalus_av1_refs_update (&self->refs, &self->seq, header, picture);
  if (header->parsed.show_frame)
    set_shown (self, picture, shown);
  gst_daedalus_picture_unref (picture);
  gst_daedalus_av1_tiles_clear (&self->tiles);
  self->has_header = FALSE;
  return TRUE;
}

static gboolean
handle_tile_group (GstDaedalusAv1Dec *self, const GstDaedalusAv1Obu *obu,
    gsize start, GstDaedalusPicture **shown, GError **error)
{
  if (!self->has_header) {
    lose_frames (self);
    return gst_daedalus_failed (error, FRAME,
        "An AV1 tile group has no frame header.");
  }
  if (!gst_daedalus_av1_tiles_add (&self->tiles, &self->header, obu->data,
          obu->size, start, error)) {
    abandon_frame (self);
    return FALSE;
  }
  return !gst_daedalus_av1_tiles_complete (&self->tiles, &self->header)
      || finish_frame (self, shown, error);
}

static gboolean
handle_frame_header (GstDaedalusAv1Dec *self, const GstDaedalusAv1Obu *obu,
    GstDaedalusPicture **shown, GError **error)
{
  GstDaedalusAv1Header *header = &self->header;

  if (!self->has_seq)
    return gst_daedalus_failed (error, FRAME,
        "An AV1 frame comes before the first sequence header.");
  /* 5.9.1: a copy of the frame header that was already parsed */
  if (self->has_header && obu->type != GST_AV1_OBU_FRAME)
    return TRUE;
  if (obu->type == GST_AV1_OBU_REDUNDANT_FRAME_HEADER)
    return TRUE;

  if (self->has_header)
    abandon_frame (self);
  self->spatial_id = obu->has_extension ? obu->spatial_id : G_MAXUINT8;
  if (!gst_daedalus_av1_header_parse (header, &self->seq, &self->refs.state,
          obu, error)) {
    abandon_frame (self);
    lose_frames (self);
    return FALSE;
  }
  if (header->parsed.show_existing_frame) {
    GstDaedalusPicture *picture = gst_daedalus_picture_ref
        (self->refs.pictures[header->parsed.frame_to_show_map_idx]);

    GST_LOG_OBJECT (self, "shows slot %u",
        header->parsed.frame_to_show_map_idx);
    set_shown (self, picture, shown);
    gst_daedalus_av1_refs_update (&self->refs, &self->seq, header, picture);
    gst_daedalus_picture_unref (picture);
    return TRUE;
  }
  self->has_header = TRUE;
  return obu->type != GST_AV1_OBU_FRAME
      || handle_tile_group (self, obu, header->size, shown, error);
}

static gboolean
handle_obu (GstDaedalusAv1Dec *self, const GstDaedalusAv1Obu *obu,
    GstDaedalusPicture **shown, GError **error)
{
  GST_TRACE_OBJECT (self, "OBU of type %u, layer %u/%u, %" G_GSIZE_FORMAT
      " bytes", obu->type, obu->temporal_id, obu->spatial_id, obu->size);
  switch (obu->type) {
    case GST_AV1_OBU_SEQUENCE_HEADER:
      if (handle_sequence_header (self, obu, error))
        return TRUE;
      lose_frames (self);
      return FALSE;
    case GST_AV1_OBU_FRAME_HEADER:
    case GST_AV1_OBU_REDUNDANT_FRAME_HEADER:
    case GST_AV1_OBU_FRAME:
      return handle_frame_header (self, obu, shown, error);
    case GST_AV1_OBU_TILE_GROUP:
      return handle_tile_group (self, obu, 0, shown, error);
    case GST_AV1_OBU_METADATA:
      gst_daedalus_av1_hdr_parse (&self->hdr, obu);
      return TRUE;
    case GST_AV1_OBU_TILE_LIST:
      return gst_daedalus_failed (error, UNSUPPORTED,
          "AV1 large scale tile coding (OBU_TILE_LIST) is not supported; use "
          "another decoder.");
    default:
      return TRUE;
  }
}

/* In MP4 and Matroska, codec_data may have the only sequence header. */
static void
handle_codec_data (GstDaedalusAv1Dec *self, GstBuffer *codec_data)
{
  GstDaedalusAv1ObuReader reader;
  GstDaedalusAv1Obu obu;
  GError *error = NULL;
  GstMapInfo map;

  if (!gst_buffer_map (codec_data, &map, GST_MAP_READ))
    return;
  if (map.size > AV1C_HEADER_SIZE && map.data[0] == AV1C_MARKER) {
    gst_daedalus_av1_obu_reader_init (&reader, map.data + AV1C_HEADER_SIZE,
        map.size - AV1C_HEADER_SIZE, FALSE);
    while (!error && gst_daedalus_av1_obu_next (&reader, &obu, &error)) {
      if (obu.type == GST_AV1_OBU_SEQUENCE_HEADER)
        handle_sequence_header (self, &obu, &error);
    }
  }
  if (error)
    GST_WARNING_OBJECT (self, "codec_data: %s", error->message);
  g_clear_error (&error);
  gst_buffer_unmap (codec_data, &map);
}

static void
check_upstream (GstDaedalusAv1Dec *self)
{
  GstVideoCodecState *state =
      gst_daedalus_dec_get_input_state (GST_DAEDALUS_DEC (self));
  const GstStructure *s;

  if (state == self->upstream)
    return;
  g_clear_pointer (&self->upstream, gst_video_codec_state_unref);
  if (!state)
    return;
  self->upstream = gst_video_codec_state_ref (state);
  s = gst_caps_get_structure (state->caps, 0);
  self->annexb =
      !g_strcmp0 (gst_structure_get_string (s, "stream-format"), "annexb");
  self->whole_units =
      g_strcmp0 (gst_structure_get_string (s, "alignment"), "frame") != 0;
  if (state->codec_data && !self->has_seq)
    handle_codec_data (self, state->codec_data);
}

/* 6.2.2: obu_type without a meaning yet */
static gboolean
is_reserved (const GstDaedalusAv1Obu *obu)
{
  return obu->type == 0 || (obu->type > GST_AV1_OBU_TILE_LIST
      && obu->type != GST_AV1_OBU_PADDING);
}

static gboolean
gst_daedalus_av1_dec_decode (GstDaedalusDec *dec, GstVideoCodecFrame **frame,
    const guint8 *data, gsize size, GError **error)
{
  GstDaedalusAv1Dec *self = GST_DAEDALUS_AV1_DEC (dec);
  GstDaedalusAv1ObuReader reader;
  GstDaedalusAv1Obu obu;
  GstDaedalusPicture *shown = NULL;
  GError *lost = NULL;
  gboolean more = TRUE, is_av1 = FALSE;

  check_upstream (self);
  gst_daedalus_av1_obu_reader_init (&reader, data, size, self->annexb);
  while (more) {
    GError *local = NULL;

    more = gst_daedalus_av1_obu_next (&reader, &obu, &local);
    is_av1 |= more && !is_reserved (&obu);
    if (more && gst_daedalus_av1_obu_in_operating_point (&obu, self->idc))
      handle_obu (self, &obu, &shown, &local);
    else if (!more && !local && !is_av1)
      g_set_error (&local, GST_DAEDALUS_ERROR, GST_DAEDALUS_ERROR_FRAME,
          "A buffer of %" G_GSIZE_FORMAT " bytes has no AV1 data.", size);
    if (!more && local)
      lose_frames (self);
    else if (!more && self->has_header)
      g_set_error (&local, GST_DAEDALUS_ERROR, GST_DAEDALUS_ERROR_FRAME,
          "An AV1 frame ends after %u tiles of %ux%u.", self->tiles.n_entries,
          self->header.control.tile_info.tile_cols,
          self->header.control.tile_info.tile_rows);
    if (!local)
      continue;
    GST_DEBUG_OBJECT (self, "%s", local->message);
    more = gst_daedalus_dec_lose (&shown, &lost, local) && more;
  }
  if (self->has_header)
    abandon_frame (self);
  return gst_daedalus_dec_show_last (dec, frame, shown, lost, error);
}

static void
gst_daedalus_av1_dec_reset (GstDaedalusDec *dec)
{
  GstDaedalusAv1Dec *self = GST_DAEDALUS_AV1_DEC (dec);

  gst_daedalus_av1_refs_drop (&self->refs, GST_DAEDALUS_AV1_ALL_FRAMES);
  gst_daedalus_av1_tiles_clear (&self->tiles);
  self->has_header = FALSE;
  self->has_seq = FALSE;
  self->idc = 0;
  memset (&self->hdr, 0, sizeof (self->hdr));
  g_clear_pointer (&self->upstream, gst_video_codec_state_unref);
}

static void
gst_daedalus_av1_dec_init (GstDaedalusAv1Dec *self)
{
  self->film_grain = TRUE;
  /* Demuxers that set neither stream-format nor alignment send whole temporal
   * units. */
  GST_PAD_SET_ACCEPT_INTERSECT (GST_VIDEO_DECODER_SINK_PAD (self));
}

static void
gst_daedalus_av1_dec_class_init (GstDaedalusAv1DecClass *klass)
{
  GstDaedalusDecClass *dec_class = GST_DAEDALUS_DEC_CLASS (klass);

  gst_daedalus_dec_class_set_codec (dec_class, "AV1", V4L2_PIX_FMT_AV1_FRAME,
      &sink_template);
  dec_class->check_caps = gst_daedalus_av1_check_caps;
  dec_class->decode = gst_daedalus_av1_dec_decode;
  dec_class->reset = gst_daedalus_av1_dec_reset;

  /**
   * GstDaedalusAv1Dec:operating-point:
   *
   * Operating point of a scalable stream to decode; 0 is the best one. If the
   * stream has no such operating point, 0 is used. A change takes effect with
   * the next sequence header that differs from the current one.
   *
   * Since: 0.1
   */
  gst_daedalus_dec_class_add_property (dec_class,
      G_STRUCT_OFFSET (GstDaedalusAv1Dec, operating_point),
      g_param_spec_uint ("operating-point", "Operating point",
          "Operating point of a scalable stream", 0,
          GST_AV1_MAX_OPERATING_POINTS - 1, 0, G_PARAM_READWRITE |
          G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_READY));
  /**
   * GstDaedalusAv1Dec:film-grain:
   *
   * Whether to apply the stream's film grain to the pictures.
   *
   * Since: 0.1
   */
  gst_daedalus_dec_class_add_property (dec_class,
      G_STRUCT_OFFSET (GstDaedalusAv1Dec, film_grain),
      g_param_spec_boolean ("film-grain", "Film grain",
          "Apply the film grain that the stream asks for", TRUE,
          G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS |
          GST_PARAM_MUTABLE_PLAYING));
}
