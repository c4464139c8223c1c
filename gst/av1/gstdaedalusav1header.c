/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Why not GstAV1Parser of libgstcodecparsers (1.22 to 1.28): a tile group whose
 * tg_end lies beyond the last tile makes it read past mi_row_starts, tile sizes
 * beyond the OBU wrap around, tg_end has 8 bits where 512 tiles are legal, a
 * sequence header is read past its end by a bit, levels without a meaning yet are
 * refused, and so are an OBU without a size and new operating parameters between
 * key frames, which section 7.5 allows. Inter frames may refer to what
 * ref_order_hint[] says is lost, and a damaged frame leaves its state changed.
 */
#include "core/gstdaedaluserror.h"
#include "gstdaedalusav1parser.h"

#include <string.h>

#define SUPERRES_NUM 8
#define SUPERRES_DENOM_MIN 9

/* 7.11.3.3: how much smaller and larger a reference may be */
#define MAX_DOWNSCALE 2
#define MAX_UPSCALE 16

/**
 * gst_daedalus_av1_parser_fail:
 * @p: the parser
 * @format: end of the sentence that begins with "An AV1 frame header is damaged:"
 * @...: arguments of @format
 *
 * Returns: %FALSE, with %GST_DAEDALUS_ERROR_FRAME
 */
gboolean
gst_daedalus_av1_parser_fail (GstDaedalusAv1Parser *p, const gchar *format, ...)
{
  gchar *what;
  va_list args;

  va_start (args, format);
  what = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error (p->error, GST_DAEDALUS_ERROR, GST_DAEDALUS_ERROR_FRAME,
      "An AV1 frame header is damaged: %s.", what);
  g_free (what);
  return FALSE;
}

/**
 * gst_daedalus_av1_parser_flag:
 * @p: the parser
 * @flag: of V4L2_AV1_FRAME_FLAG_*
 *
 * Reads a bit and sets @flag if it is 1.
 *
 * Returns: the bit
 */
gboolean
gst_daedalus_av1_parser_flag (GstDaedalusAv1Parser *p, guint32 flag)
{
  if (!gst_daedalus_av1_bits_f (&p->bits, 1))
    return FALSE;
  p->header->control.flags |= flag;
  return TRUE;
}

/**
 * gst_daedalus_av1_parser_need_slot:
 * @p: the parser
 * @slot: 0..7
 *
 * Returns: (nullable): what is in @slot; %NULL with %GST_DAEDALUS_ERROR_FRAME if
 *   it is empty
 */
const GstDaedalusAv1Slot *
gst_daedalus_av1_parser_need_slot (GstDaedalusAv1Parser *p, guint slot)
{
  if (p->state->slots[slot].valid && !(p->header->lost_slots & (1 << slot)))
    return &p->state->slots[slot];
  g_set_error (p->error, GST_DAEDALUS_ERROR, GST_DAEDALUS_ERROR_FRAME,
      "An AV1 frame refers to slot %u, which is empty; decoding goes on with the "
      "next key frame.", slot);
  return NULL;
}

/**
 * gst_daedalus_av1_header_has:
 * @header: the header
 * @flag: of V4L2_AV1_FRAME_FLAG_*
 *
 * Returns: whether @flag is set
 */
gboolean
gst_daedalus_av1_header_has (const GstDaedalusAv1Header *header, guint32 flag)
{
  return (header->control.flags & flag) != 0;
}

/**
 * gst_daedalus_av1_header_is_intra:
 * @header: the header
 *
 * Returns: FrameIsIntra
 */
gboolean
gst_daedalus_av1_header_is_intra (const GstDaedalusAv1Header *header)
{
  return header->control.frame_type == V4L2_AV1_KEY_FRAME
      || header->control.frame_type == V4L2_AV1_INTRA_ONLY_FRAME;
}

/* 5.9.31: temporal_point_info() */
static void
skip_temporal_point_info (GstDaedalusAv1Parser *p)
{
  if (p->seq->decoder_model_info_present && !p->seq->equal_picture_interval)
    gst_daedalus_av1_bits_f (&p->bits, p->seq->frame_presentation_time_length);
}

static gboolean
parse_show_existing_frame (GstDaedalusAv1Parser *p)
{
  GstDaedalusAv1Header *h = p->header;
  const GstDaedalusAv1Slot *slot;
  guint32 id;

  h->show_existing_frame = TRUE;
  h->frame_to_show_map_idx = gst_daedalus_av1_bits_f (&p->bits, 3);
  /* What it shows stays where it is, unless it turns out to be a key frame. */
  h->control.refresh_frame_flags = 0;
  skip_temporal_point_info (p);
  id = gst_daedalus_av1_bits_f (&p->bits, p->seq->frame_id_length);
  slot = gst_daedalus_av1_parser_need_slot (p, h->frame_to_show_map_idx);
  if (!slot)
    return FALSE;
  if (p->seq->frame_id_length && id != slot->frame_id)
    return gst_daedalus_av1_parser_fail (p, "display_frame_id is %u where slot "
        "%u has %u", id, h->frame_to_show_map_idx, slot->frame_id);
  h->control.frame_type = slot->frame_type;
  if (slot->frame_type == V4L2_AV1_KEY_FRAME)
    h->control.refresh_frame_flags = GST_DAEDALUS_AV1_ALL_FRAMES;
  return TRUE;
}

static void
parse_frame_type (GstDaedalusAv1Parser *p)
{
  struct v4l2_ctrl_av1_frame *c = &p->header->control;
  gboolean show, showable;

  if (p->seq->reduced_still_picture_header) {
    c->frame_type = V4L2_AV1_KEY_FRAME;
    c->flags |= V4L2_AV1_FRAME_FLAG_SHOW_FRAME
        | V4L2_AV1_FRAME_FLAG_ERROR_RESILIENT_MODE;
    return;
  }
  c->frame_type = gst_daedalus_av1_bits_f (&p->bits, 2);
  show = gst_daedalus_av1_parser_flag (p, V4L2_AV1_FRAME_FLAG_SHOW_FRAME);
  if (show)
    skip_temporal_point_info (p);
  showable = show ? c->frame_type != V4L2_AV1_KEY_FRAME :
      gst_daedalus_av1_bits_f (&p->bits, 1);
  if (showable)
    c->flags |= V4L2_AV1_FRAME_FLAG_SHOWABLE_FRAME;
  if (c->frame_type == V4L2_AV1_SWITCH_FRAME
      || (c->frame_type == V4L2_AV1_KEY_FRAME && show))
    c->flags |= V4L2_AV1_FRAME_FLAG_ERROR_RESILIENT_MODE;
  else
    gst_daedalus_av1_parser_flag (p, V4L2_AV1_FRAME_FLAG_ERROR_RESILIENT_MODE);
}

static void
parse_screen_content (GstDaedalusAv1Parser *p)
{
  struct v4l2_ctrl_av1_frame *c = &p->header->control;
  guint tools = p->seq->seq_force_screen_content_tools;
  guint integer_mv = 0;

  if (tools == GST_DAEDALUS_AV1_SELECT)
    tools = gst_daedalus_av1_bits_f (&p->bits, 1);
  if (tools) {
    c->flags |= V4L2_AV1_FRAME_FLAG_ALLOW_SCREEN_CONTENT_TOOLS;
    integer_mv = p->seq->seq_force_integer_mv;
    if (integer_mv == GST_DAEDALUS_AV1_SELECT)
      integer_mv = gst_daedalus_av1_bits_f (&p->bits, 1);
  }
  if (integer_mv || gst_daedalus_av1_header_is_intra (p->header))
    c->flags |= V4L2_AV1_FRAME_FLAG_FORCE_INTEGER_MV;
}

/* 5.9.4: mark_ref_frames(). Ids that far away were of frames that got lost. */
static void
mark_ref_frames (GstDaedalusAv1Parser *p)
{
  const guint32 id = p->header->control.current_frame_id;
  const guint32 range = 1u << p->seq->delta_frame_id_length;
  guint i;

  for (i = 0; i < GST_DAEDALUS_AV1_NUM_REF_FRAMES; i++) {
    guint32 ref = p->state->slots[i].frame_id;
    gboolean lost;

    if (id > range)
      lost = ref > id || ref < id - range;
    else
      lost = ref > id && ref < (1u << p->seq->frame_id_length) + id - range;
    if (lost)
      p->header->lost_slots |= 1 << i;
  }
}

static void
parse_buffer_removal_time (GstDaedalusAv1Parser *p,
    const GstDaedalusAv1Obu *obu)
{
  struct v4l2_ctrl_av1_frame *c = &p->header->control;
  guint i;

  if (!p->seq->decoder_model_info_present
      || !gst_daedalus_av1_parser_flag (p,
          V4L2_AV1_FRAME_FLAG_BUFFER_REMOVAL_TIME_PRESENT))
    return;
  for (i = 0; i < p->seq->operating_points_cnt; i++) {
    guint idc = p->seq->operating_point_idc[i];

    if (p->seq->decoder_model_present[i] && (idc == 0
            || ((idc >> obu->temporal_id) & (idc >> (obu->spatial_id +
                        8)) & 1)))
      c->buffer_removal_time[i] =
          gst_daedalus_av1_bits_f (&p->bits,
          p->seq->buffer_removal_time_length);
  }
}

static gboolean
parse_refresh (GstDaedalusAv1Parser *p)
{
  GstDaedalusAv1Header *h = p->header;
  struct v4l2_ctrl_av1_frame *c = &h->control;
  guint i;

  if (c->frame_type != V4L2_AV1_SWITCH_FRAME
      && !(c->frame_type == V4L2_AV1_KEY_FRAME
          && (c->flags & V4L2_AV1_FRAME_FLAG_SHOW_FRAME)))
    c->refresh_frame_flags = gst_daedalus_av1_bits_f (&p->bits, 8);
  if (c->frame_type == V4L2_AV1_INTRA_ONLY_FRAME
      && c->refresh_frame_flags == GST_DAEDALUS_AV1_ALL_FRAMES)
    return gst_daedalus_av1_parser_fail (p,
        "an intra-only frame refreshes all slots");

  if ((gst_daedalus_av1_header_is_intra (h)
          && c->refresh_frame_flags == GST_DAEDALUS_AV1_ALL_FRAMES)
      || !(c->flags & V4L2_AV1_FRAME_FLAG_ERROR_RESILIENT_MODE))
    return TRUE;
  for (i = 0; i < GST_DAEDALUS_AV1_NUM_REF_FRAMES; i++) {
    guint32 hint;

    if (!p->seq->control.order_hint_bits)
      break;
    hint = gst_daedalus_av1_bits_f (&p->bits, p->seq->control.order_hint_bits);
    if (hint != h->ref_order_hint[i]) {
      h->ref_order_hint[i] = hint;
      h->lost_slots |= 1 << i;
    }
  }
  return TRUE;
}

/* 5.9.8: superres_params() */
static void
parse_superres (GstDaedalusAv1Parser *p, guint upscaled_width)
{
  struct v4l2_ctrl_av1_frame *c = &p->header->control;

  c->superres_denom = SUPERRES_NUM;
  if (gst_daedalus_av1_sequence_has (p->seq,
          V4L2_AV1_SEQUENCE_FLAG_ENABLE_SUPERRES)
      && gst_daedalus_av1_parser_flag (p, V4L2_AV1_FRAME_FLAG_USE_SUPERRES))
    c->superres_denom =
        gst_daedalus_av1_bits_f (&p->bits, 3) + SUPERRES_DENOM_MIN;
  c->upscaled_width = upscaled_width;
  c->frame_width_minus_1 = (upscaled_width * SUPERRES_NUM
      + c->superres_denom / 2) / c->superres_denom - 1;
}

/* 5.9.5 and 5.9.6: frame_size() and render_size() */
static void
parse_frame_size (GstDaedalusAv1Parser *p)
{
  struct v4l2_ctrl_av1_frame *c = &p->header->control;
  guint width = p->seq->control.max_frame_width_minus_1 + 1;

  c->frame_height_minus_1 = p->seq->control.max_frame_height_minus_1;
  if (c->flags & V4L2_AV1_FRAME_FLAG_FRAME_SIZE_OVERRIDE) {
    width = gst_daedalus_av1_bits_f (&p->bits, p->seq->frame_width_bits) + 1;
    c->frame_height_minus_1 =
        gst_daedalus_av1_bits_f (&p->bits, p->seq->frame_height_bits);
  }
  parse_superres (p, width);
  c->render_width_minus_1 = c->upscaled_width - 1;
  c->render_height_minus_1 = c->frame_height_minus_1;
  if (gst_daedalus_av1_bits_f (&p->bits, 1)) {
    c->render_width_minus_1 = gst_daedalus_av1_bits_f (&p->bits, 16);
    c->render_height_minus_1 = gst_daedalus_av1_bits_f (&p->bits, 16);
  }
}

/* 5.9.7: frame_size_with_refs() */
static void
parse_frame_size_with_refs (GstDaedalusAv1Parser *p)
{
  struct v4l2_ctrl_av1_frame *c = &p->header->control;
  const GstDaedalusAv1Slot *slot;
  guint i;

  for (i = 0; i < V4L2_AV1_REFS_PER_FRAME; i++) {
    if (!gst_daedalus_av1_bits_f (&p->bits, 1))
      continue;
    slot = &p->state->slots[c->ref_frame_idx[i]];
    c->frame_height_minus_1 = slot->frame_height - 1;
    c->render_width_minus_1 = slot->render_width - 1;
    c->render_height_minus_1 = slot->render_height - 1;
    parse_superres (p, slot->upscaled_width);
    return;
  }
  parse_frame_size (p);
}

/* 5.9.2: the references of an inter frame */
static gboolean
parse_refs (GstDaedalusAv1Parser *p)
{
  struct v4l2_ctrl_av1_frame *c = &p->header->control;
  const guint id_bits = p->seq->frame_id_length;
  gboolean short_signaling = FALSE;
  const GstDaedalusAv1Slot *slot;
  guint last, gold, i, id;

  if (p->seq->control.order_hint_bits)
    short_signaling = gst_daedalus_av1_parser_flag (p,
        V4L2_AV1_FRAME_FLAG_FRAME_REFS_SHORT_SIGNALING);
  if (short_signaling) {
    last = gst_daedalus_av1_bits_f (&p->bits, 3);
    gold = gst_daedalus_av1_bits_f (&p->bits, 3);
    gst_daedalus_av1_set_frame_refs (p, last, gold);
  }
  for (i = 0; i < V4L2_AV1_REFS_PER_FRAME; i++) {
    if (!short_signaling)
      c->ref_frame_idx[i] = gst_daedalus_av1_bits_f (&p->bits, 3);
    slot = gst_daedalus_av1_parser_need_slot (p, c->ref_frame_idx[i]);
    if (!slot)
      return FALSE;
    c->order_hints[V4L2_AV1_REF_LAST_FRAME + i] = slot->order_hint;
    if (!id_bits)
      continue;
    id = gst_daedalus_av1_bits_f (&p->bits, p->seq->delta_frame_id_length) + 1;
    id = (c->current_frame_id - id) & ((1u << id_bits) - 1);
    /* Without some of the layers a slot may well hold another frame than the
     * encoder had there, for frames of layers that are not decoded. */
    if (id != slot->frame_id && p->seq->operating_point_idc[0] == 0)
      return gst_daedalus_av1_parser_fail (p, "it refers to frame %u in slot "
          "%u, which has %u; decoding goes on with the next key frame", id,
          c->ref_frame_idx[i], slot->frame_id);
  }
  return TRUE;
}

static gboolean
check_ref_sizes (GstDaedalusAv1Parser *p)
{
  const struct v4l2_ctrl_av1_frame *c = &p->header->control;
  const guint width = c->frame_width_minus_1 + 1;
  const guint height = c->frame_height_minus_1 + 1;
  guint i;

  for (i = 0; i < V4L2_AV1_REFS_PER_FRAME; i++) {
    const GstDaedalusAv1Slot *s = &p->state->slots[c->ref_frame_idx[i]];

    if (MAX_DOWNSCALE * width < s->upscaled_width
        || MAX_DOWNSCALE * height < s->frame_height
        || width > MAX_UPSCALE * s->upscaled_width
        || height > MAX_UPSCALE * s->frame_height)
      return gst_daedalus_av1_parser_fail (p,
          "it is %ux%u and refers to a frame " "of %ux%u", width, height,
          s->upscaled_width, s->frame_height);
  }
  return TRUE;
}

static gboolean
parse_inter (GstDaedalusAv1Parser *p)
{
  struct v4l2_ctrl_av1_frame *c = &p->header->control;
  const gboolean resilient =
      (c->flags & V4L2_AV1_FRAME_FLAG_ERROR_RESILIENT_MODE) != 0;

  if (!parse_refs (p))
    return FALSE;
  if ((c->flags & V4L2_AV1_FRAME_FLAG_FRAME_SIZE_OVERRIDE) && !resilient)
    parse_frame_size_with_refs (p);
  else
    parse_frame_size (p);
  if (!check_ref_sizes (p))
    return FALSE;

  if (!(c->flags & V4L2_AV1_FRAME_FLAG_FORCE_INTEGER_MV))
    gst_daedalus_av1_parser_flag (p,
        V4L2_AV1_FRAME_FLAG_ALLOW_HIGH_PRECISION_MV);
  c->interpolation_filter = V4L2_AV1_INTERPOLATION_FILTER_SWITCHABLE;
  if (!gst_daedalus_av1_bits_f (&p->bits, 1))
    c->interpolation_filter = gst_daedalus_av1_bits_f (&p->bits, 2);
  gst_daedalus_av1_parser_flag (p,
      V4L2_AV1_FRAME_FLAG_IS_MOTION_MODE_SWITCHABLE);
  if (!resilient && gst_daedalus_av1_sequence_has (p->seq,
          V4L2_AV1_SEQUENCE_FLAG_ENABLE_REF_FRAME_MVS))
    gst_daedalus_av1_parser_flag (p, V4L2_AV1_FRAME_FLAG_USE_REF_FRAME_MVS);
  return TRUE;
}

/* From frame ids up to the size of the frame */
static gboolean
parse_references (GstDaedalusAv1Parser *p, const GstDaedalusAv1Obu *obu)
{
  GstDaedalusAv1Header *h = p->header;
  struct v4l2_ctrl_av1_frame *c = &h->control;
  const gboolean intra = gst_daedalus_av1_header_is_intra (h);

  if (p->seq->frame_id_length) {
    c->current_frame_id =
        gst_daedalus_av1_bits_f (&p->bits, p->seq->frame_id_length);
    mark_ref_frames (p);
  }
  if (c->frame_type == V4L2_AV1_SWITCH_FRAME)
    c->flags |= V4L2_AV1_FRAME_FLAG_FRAME_SIZE_OVERRIDE;
  else if (!p->seq->reduced_still_picture_header)
    gst_daedalus_av1_parser_flag (p, V4L2_AV1_FRAME_FLAG_FRAME_SIZE_OVERRIDE);
  c->order_hint =
      gst_daedalus_av1_bits_f (&p->bits, p->seq->control.order_hint_bits);
  c->primary_ref_frame = GST_DAEDALUS_AV1_PRIMARY_REF_NONE;
  if (!intra && !(c->flags & V4L2_AV1_FRAME_FLAG_ERROR_RESILIENT_MODE))
    c->primary_ref_frame = gst_daedalus_av1_bits_f (&p->bits, 3);
  parse_buffer_removal_time (p, obu);
  if (!parse_refresh (p))
    return FALSE;
  if (!intra)
    return parse_inter (p);

  parse_frame_size (p);
  if ((c->flags & V4L2_AV1_FRAME_FLAG_ALLOW_SCREEN_CONTENT_TOOLS)
      && c->upscaled_width == c->frame_width_minus_1 + 1)
    gst_daedalus_av1_parser_flag (p, V4L2_AV1_FRAME_FLAG_ALLOW_INTRABC);
  return TRUE;
}

/* 7.20: load_previous() or setup_past_independence() */
static void
load_previous (GstDaedalusAv1Parser *p)
{
  struct v4l2_ctrl_av1_frame *c = &p->header->control;
  const GstDaedalusAv1Slot *slot;

  gst_daedalus_av1_default_deltas (&c->loop_filter);
  if (c->primary_ref_frame == GST_DAEDALUS_AV1_PRIMARY_REF_NONE)
    return;
  slot = &p->state->slots[c->ref_frame_idx[c->primary_ref_frame]];
  memcpy (c->loop_filter.ref_deltas, slot->ref_deltas,
      sizeof (slot->ref_deltas));
  memcpy (c->loop_filter.mode_deltas, slot->mode_deltas,
      sizeof (slot->mode_deltas));
  memcpy (c->segmentation.feature_enabled, slot->feature_enabled,
      sizeof (slot->feature_enabled));
  memcpy (c->segmentation.feature_data, slot->feature_data,
      sizeof (slot->feature_data));
}

/* From the tiles to the end */
static gboolean
parse_coding_tools (GstDaedalusAv1Parser *p)
{
  GstDaedalusAv1Header *h = p->header;
  struct v4l2_ctrl_av1_frame *c = &h->control;
  const gboolean intra = gst_daedalus_av1_header_is_intra (h);
  gboolean coded_lossless;

  if (p->seq->reduced_still_picture_header
      || (c->flags & V4L2_AV1_FRAME_FLAG_DISABLE_CDF_UPDATE))
    c->flags |= V4L2_AV1_FRAME_FLAG_DISABLE_FRAME_END_UPDATE_CDF;
  else
    gst_daedalus_av1_parser_flag (p,
        V4L2_AV1_FRAME_FLAG_DISABLE_FRAME_END_UPDATE_CDF);
  load_previous (p);
  if (!gst_daedalus_av1_parse_tile_info (p))
    return FALSE;
  gst_daedalus_av1_parse_quantization (p);
  gst_daedalus_av1_parse_segmentation (p);
  gst_daedalus_av1_parse_delta_q_lf (p);
  coded_lossless = gst_daedalus_av1_coded_lossless (h);
  gst_daedalus_av1_parse_loop_filter (p, coded_lossless);
  gst_daedalus_av1_parse_cdef (p, coded_lossless);
  gst_daedalus_av1_parse_loop_restoration (p, coded_lossless
      && c->upscaled_width == c->frame_width_minus_1 + 1);
  c->tx_mode = V4L2_AV1_TX_MODE_ONLY_4X4;
  if (!coded_lossless)
    c->tx_mode = gst_daedalus_av1_bits_f (&p->bits, 1) ?
        V4L2_AV1_TX_MODE_SELECT : V4L2_AV1_TX_MODE_LARGEST;
  if (!intra) {
    gst_daedalus_av1_parser_flag (p, V4L2_AV1_FRAME_FLAG_REFERENCE_SELECT);
    gst_daedalus_av1_parse_skip_mode (p);
    if (!(c->flags & V4L2_AV1_FRAME_FLAG_ERROR_RESILIENT_MODE)
        && gst_daedalus_av1_sequence_has (p->seq,
            V4L2_AV1_SEQUENCE_FLAG_ENABLE_WARPED_MOTION))
      gst_daedalus_av1_parser_flag (p, V4L2_AV1_FRAME_FLAG_ALLOW_WARPED_MOTION);
  }
  gst_daedalus_av1_parser_flag (p, V4L2_AV1_FRAME_FLAG_REDUCED_TX_SET);
  gst_daedalus_av1_parse_global_motion (p);
  return gst_daedalus_av1_parse_film_grain (p);
}

/**
 * gst_daedalus_av1_header_parse:
 * @header: filled
 * @seq: the sequence header in force
 * @state: left by earlier frames
 * @obu: OBU_FRAME, OBU_FRAME_HEADER or OBU_REDUNDANT_FRAME_HEADER
 * @error: set on failure
 *
 * uncompressed_header() of section 5.9.2.
 *
 * Returns: %FALSE with %GST_DAEDALUS_ERROR_FRAME if it is damaged or refers to
 *   an empty slot
 */
gboolean
gst_daedalus_av1_header_parse (GstDaedalusAv1Header *header,
    const GstDaedalusAv1Sequence *seq, const GstDaedalusAv1State *state,
    const GstDaedalusAv1Obu *obu, GError **error)
{
  GstDaedalusAv1Parser parser = {
    .seq = seq,.state = state,.header = header,.error = error
  };
  GstDaedalusAv1Parser *p = &parser;
  gboolean ok;
  guint i;

  memset (header, 0, sizeof (*header));
  header->control.refresh_frame_flags = GST_DAEDALUS_AV1_ALL_FRAMES;
  for (i = 0; i < GST_DAEDALUS_AV1_NUM_REF_FRAMES; i++)
    header->ref_order_hint[i] = state->slots[i].order_hint;
  gst_daedalus_av1_bits_init (&p->bits, obu->data, obu->size);

  if (!seq->reduced_still_picture_header
      && gst_daedalus_av1_bits_f (&p->bits, 1)) {
    ok = parse_show_existing_frame (p);
  } else {
    parse_frame_type (p);
    gst_daedalus_av1_parser_flag (p, V4L2_AV1_FRAME_FLAG_DISABLE_CDF_UPDATE);
    parse_screen_content (p);
    ok = parse_references (p, obu) && parse_coding_tools (p);
  }
  header->size = gst_daedalus_av1_bits_bytes (&p->bits);
  if (!p->bits.overrun)
    return ok;

  /* Whatever else was found wrong comes from zeros that were not there. */
  g_clear_error (error);
  header->control.refresh_frame_flags = GST_DAEDALUS_AV1_ALL_FRAMES;
  return gst_daedalus_av1_parser_fail (p, "it is truncated after %"
      G_GSIZE_FORMAT " bytes", obu->size);
}
