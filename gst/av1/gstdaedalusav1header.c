/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * GstAV1Parser parses frame headers. Each call creates a parser with the
 * sequence header and the reference slots, so a damaged frame does not change
 * any state.
 *
 * This file adds the checks that GstAV1Parser lacks. The parser accepts
 * references to empty slots, and to slots with another frame than
 * ref_order_hint[] or the frame ids name (test_missing_reference,
 * test_lost_reference and test_frame_ids of tests/gst/av1/test_av1_refs.c),
 * references of illegal sizes (test_sizes), too many tiles (test_tile_limits)
 * and unordered film grain points (test_film_grain). It also does not return
 * the offset of the tile group.
 */
#include "core/gstdaedaluserror.h"
#include "gstdaedalusav1controls.h"
#include "gstdaedalusav1header.h"

#include <gst/base/gstbitreader.h>
#include <string.h>

/* 7.11.3.3: how much smaller and larger a reference may be */
#define MAX_DOWNSCALE 2
#define MAX_UPSCALE 16

#define MAX_Y_POINTS 14
#define MAX_UV_POINTS 10

/* Bytes; a frame header is shorter. The longest parts are 128 bytes of
 * buffer_removal_time[], 128 of tile sizes, 105 of global motion and 180 of
 * film grain. */
#define MAX_HEADER 1024
#define MAX_OBU (G_MAXUINT32 / 16)

/* With 3 tile columns and 64 rows, GstAV1Parser takes a tg_end beyond the last
 * tile and reads mi_row_starts[] past its end, as far as 8 bits of tg_end
 * allow. */
#define SLACK (G_MAXUINT8 * sizeof (guint32))
G_STATIC_ASSERT (sizeof (((GstAV1TileGroupOBU *) NULL)->tg_end) == 1);

/**
 * Reading:
 * @parser: used for this call only
 * @slack: memory for reads of @parser beyond its end
 * @frame: the parsed header
 * @copy: the OBU followed by zeros, if it is short
 * @refs: the slots after ref_order_hint[] of this frame
 * @seq: (transfer none): the active sequence header
 * @obu: (transfer none): the OBU to parse
 * @header: (transfer none): the result
 * @error: (nullable): set on failure
 *
 * State of the parsing of one frame header.
 */
typedef struct
{
  GstAV1Parser parser;
  guint8 slack[SLACK];
  GstAV1FrameOBU frame;
  guint8 copy[2 * MAX_HEADER];
  GstAV1ReferenceFrameInfo refs;
  const GstAV1SequenceHeaderOBU *seq;
  const GstDaedalusAv1Obu *obu;
  GstDaedalusAv1Header *header;
  GError **error;
} Reading;

/* @format is a string literal. */
#define fail(r, format, ...) \
  gst_daedalus_failed ((r)->error, FRAME, \
      "An AV1 frame header is damaged: " format ".", ##__VA_ARGS__)

static GstAV1ParserResult
call_parser (Reading *r)
{
  const GstDaedalusAv1Obu *obu = r->obu;
  const gboolean show_existing = !r->seq->reduced_still_picture_header
      && obu->size > 0 && obu->data[0] & 0x80;
  const gboolean with_tiles = obu->type == GST_AV1_OBU_FRAME && !show_existing;
  GstAV1OBU lib = {
    .header = {.obu_temporal_id = obu->temporal_id,
        .obu_spatial_id = obu->spatial_id},
    .obu_type = with_tiles ? GST_AV1_OBU_FRAME : GST_AV1_OBU_FRAME_HEADER,
    .data = (guint8 *) obu->data,.obu_size = MIN (obu->size, MAX_OBU)
  };
  GstAV1ReferenceFrameInfo *refs = &r->parser.state.ref_info;
  GstAV1ParserResult result;
  guint i;

  /* In a longer OBU, the header ends before the OBU in any case. */
  if (obu->size < MAX_HEADER) {
    lib.data = r->copy;
    if (obu->size)
      memcpy (r->copy, obu->data, obu->size);
  }
  memset (&r->parser, 0, sizeof (r->parser));
  memset (&r->frame, 0, sizeof (r->frame));
  r->parser.seq_header = (GstAV1SequenceHeaderOBU *) r->seq;
  *refs = r->refs;
  /* No current_frame_id to compare with */
  r->parser.state.begin_first_frame = TRUE;
  /* The parser divides by values that it derives from the reference sizes. */
  for (i = 0; i < GST_AV1_NUM_REF_FRAMES; i++) {
    if (!refs->entry[i].ref_valid)
      refs->entry[i].ref_upscaled_width = refs->entry[i].ref_frame_height = 1;
  }
  result = with_tiles ?
      gst_av1_parser_parse_frame_obu (&r->parser, &lib, &r->frame) :
      gst_av1_parser_parse_frame_header_obu (&r->parser, &lib,
      &r->frame.frame_header);
  /* The parser has accepted the header and failed on the data after it. */
  return r->parser.state.seen_frame_header ? GST_AV1_PARSER_OK : result;
}

/* Applies ref_order_hint[] of the frame to the slots. Returns whether a slot
 * changed. */
static gboolean
adopt_order_hints (Reading *r)
{
  const GstAV1FrameHeaderOBU *f = &r->frame.frame_header;
  guint8 lost = 0;
  guint i;

  if (!f->error_resilient_mode || !r->seq->enable_order_hint
      || (f->frame_is_intra
          && f->refresh_frame_flags == GST_DAEDALUS_AV1_ALL_FRAMES))
    return FALSE;
  for (i = 0; i < GST_AV1_NUM_REF_FRAMES; i++) {
    if (r->refs.entry[i].ref_order_hint == f->ref_order_hint[i])
      continue;
    r->refs.entry[i].ref_order_hint = f->ref_order_hint[i];
    r->refs.entry[i].ref_valid = FALSE;
    lost |= 1 << i;
  }
  r->header->lost_slots = lost;
  return lost != 0;
}

/* Finds the slots that mark_ref_frames() of the parser has invalidated. */
static void
adopt_frame_ids (Reading *r)
{
  const GstAV1FrameHeaderOBU *f = &r->frame.frame_header;
  guint i;

  for (i = 0; i < GST_AV1_NUM_REF_FRAMES; i++) {
    r->header->ref_order_hint[i] = r->refs.entry[i].ref_order_hint;
    /* A shown key frame replaces all slots anyway. */
    if (!r->refs.entry[i].ref_valid || r->parser.state.ref_info.entry[i]
        .ref_valid || (f->frame_type == GST_AV1_KEY_FRAME && f->show_frame))
      continue;
    r->refs.entry[i].ref_valid = FALSE;
    r->header->lost_slots |= 1 << i;
  }
}

static gboolean
check_slot (Reading *r, guint slot)
{
  if (r->refs.entry[slot].ref_valid)
    return TRUE;
  return gst_daedalus_failed (r->error, FRAME,
      "An AV1 frame refers to slot %u, which is empty; decoding goes on with the "
      "next key frame.", slot);
}

/* Bits from the start of the header to the first ref_frame_idx[] of an inter
 * frame with frame ids, 5.9.2 */
static guint
bits_before_refs (const Reading *r)
{
  const GstAV1SequenceHeaderOBU *seq = r->seq;
  const GstAV1FrameHeaderOBU *f = &r->frame.frame_header;
  const gboolean is_switch = f->frame_type == GST_AV1_SWITCH_FRAME;
  guint bits = 1 + 2 + 1, i;    /* up to show_frame */

  if (!f->show_frame)
    bits += 1;
  else if (seq->decoder_model_info_present_flag
      && !seq->timing_info.equal_picture_interval)
    bits += seq->decoder_model_info.frame_presentation_time_length_minus_1 + 1;
  bits += !is_switch + 1;       /* error_resilient_mode, disable_cdf_update */
  bits += seq->seq_force_screen_content_tools ==
      GST_AV1_SELECT_SCREEN_CONTENT_TOOLS;
  bits += f->allow_screen_content_tools
      && seq->seq_force_integer_mv == GST_AV1_SELECT_INTEGER_MV;
  bits += seq->delta_frame_id_length_minus_2 + 2
      + seq->additional_frame_id_length_minus_1 + 1;
  bits += !is_switch + seq->order_hint_bits;
  bits += f->error_resilient_mode ? 0 : 3;      /* primary_ref_frame */
  bits += seq->decoder_model_info_present_flag;
  for (i = 0; f->buffer_removal_time_present_flag
      && i <= seq->operating_points_cnt_minus_1; i++) {
    const GstAV1OperatingPoint *op = &seq->operating_points[i];

    if (op->decoder_model_present_for_this_op && (op->idc == 0
            || ((op->idc >> r->obu->temporal_id)
                & (op->idc >> (r->obu->spatial_id + 8)) & 1)))
      bits += seq->decoder_model_info.buffer_removal_time_length_minus_1 + 1;
  }
  bits += is_switch ? 0 : 8;    /* refresh_frame_flags */
  if (f->error_resilient_mode)
    bits += GST_AV1_NUM_REF_FRAMES * seq->order_hint_bits;
  return bits + seq->enable_order_hint +
      (f->frame_refs_short_signaling ? 6 : 0);
}

/* Checks the references that were parsed, even if the rest of the header is
 * damaged. If a reference has another frame id than delta_frame_id demands, the
 * parser refuses the header up to 1.22 and accepts it from 1.24 on. It never
 * returns the expected id. */
static gboolean
check_refs (Reading *r)
{
  const GstAV1FrameHeaderOBU *f = &r->frame.frame_header;
  const guint delta_bits = r->seq->delta_frame_id_length_minus_2 + 2;
  const guint id_bits =
      delta_bits + r->seq->additional_frame_id_length_minus_1 + 1;
  /* If some layers are not decoded, slots for frames of these layers may hold
   * other frames than in the encoder. */
  gboolean has_ids = r->seq->frame_id_numbers_present_flag
      && r->seq->operating_points[0].idc == 0;
  GstBitReader b;
  guint32 id = 0;
  guint i;

  gst_bit_reader_init (&b, r->obu->data, MIN (r->obu->size, MAX_OBU));
  gst_bit_reader_skip (&b, bits_before_refs (r));
  for (i = 0; i < GST_AV1_REFS_PER_FRAME && f->ref_frame_idx[i] >= 0; i++) {
    const guint slot = f->ref_frame_idx[i];

    if (!check_slot (r, slot))
      return FALSE;
    if (!f->frame_refs_short_signaling)
      gst_bit_reader_skip (&b, 3);
    /* A truncated header may lack the last ids. */
    has_ids = has_ids && gst_bit_reader_get_bits_uint32 (&b, &id, delta_bits);
    id = (f->current_frame_id - id - 1) & ((1u << id_bits) - 1);
    if (has_ids && id != r->refs.entry[slot].ref_frame_id)
      return fail (r,
          "it refers to frame %u in slot %u, which has %u; decoding "
          "goes on with the next key frame", id, slot,
          r->refs.entry[slot].ref_frame_id);
  }
  return TRUE;
}

static gboolean
check_ref_sizes (Reading *r)
{
  const GstAV1FrameHeaderOBU *f = &r->frame.frame_header;
  guint i;

  for (i = 0; i < GST_AV1_REFS_PER_FRAME && !f->frame_is_intra; i++) {
    const guint width = r->refs.entry[f->ref_frame_idx[i]].ref_upscaled_width;
    const guint height = r->refs.entry[f->ref_frame_idx[i]].ref_frame_height;

    if (MAX_DOWNSCALE * f->frame_width < width
        || MAX_DOWNSCALE * f->frame_height < height
        || f->frame_width > MAX_UPSCALE * width
        || f->frame_height > MAX_UPSCALE * height)
      return fail (r, "it is %ux%u and refers to a frame of %ux%u",
          f->frame_width, f->frame_height, width, height);
  }
  return TRUE;
}

/* Whether @n tiles of @sizes cover less than @mi units of 4 samples */
static gboolean
is_rest (const Reading *r, guint n, const gint *sizes, guint mi)
{
  const guint shift = r->seq->use_128x128_superblock ? 5 : 4;
  guint sb = 0, i;

  for (i = 0; i < n; i++)
    sb += sizes[i] + 1;
  return n > 0 && sb << shift < mi;
}

/* The parser stops after 64 columns or 64 rows of tiles and accepts the
 * header. */
static gboolean
check_tile_limits (Reading *r)
{
  const GstAV1TileInfo *t = &r->frame.frame_header.tile_info;
  const GstAV1Parser *p = &r->parser;

  if (is_rest (r, p->state.tile_cols, t->width_in_sbs_minus_1,
          p->state.mi_cols))
    return fail (r, "it has more than %u tile columns", GST_AV1_MAX_TILE_COLS);
  if (is_rest (r, p->state.tile_rows, t->height_in_sbs_minus_1,
          p->state.mi_rows))
    return fail (r, "it has more than %u tile rows", GST_AV1_MAX_TILE_ROWS);
  return TRUE;
}

static gboolean
check_tiles (Reading *r)
{
  const GstAV1TileInfo *t = &r->frame.frame_header.tile_info;
  const guint tiles = t->tile_cols * t->tile_rows;

  if (tiles > V4L2_AV1_MAX_TILE_COUNT)
    return fail (r, "it has %u tiles, more than %u", tiles,
        V4L2_AV1_MAX_TILE_COUNT);
  if (t->context_update_tile_id >= tiles)
    return fail (r, "context_update_tile_id is %u of %u tiles",
        t->context_update_tile_id, tiles);
  return TRUE;
}

/* Whether the points of one scaling function are in increasing order. */
static gboolean
check_points (Reading *r, const gchar *plane, guint max, guint num,
    const guint8 *values)
{
  guint i;

  if (num > max)
    return fail (r, "film grain has %u points for %s", num, plane);
  for (i = 1; i < num; i++) {
    if (values[i] <= values[i - 1])
      return fail (r, "points of film grain for %s are not in order", plane);
  }
  return TRUE;
}

/* A reference that the parser did not find is still there. */
static gboolean
check_film_grain (Reading *r, gboolean is_refused)
{
  const GstAV1FrameHeaderOBU *f = &r->frame.frame_header;
  const GstAV1FilmGrainParams *fg = &f->film_grain_params;

  if (is_refused && fg->apply_grain && !fg->update_grain)
    return fail (r, "film_grain_params_ref_idx is %u, which is none of its "
        "references", fg->film_grain_params_ref_idx);
  return check_points (r, "luma", MAX_Y_POINTS, fg->num_y_points,
      fg->point_y_value)
      && check_points (r, "Cb", MAX_UV_POINTS, fg->num_cb_points,
      fg->point_cb_value)
      && check_points (r, "Cr", MAX_UV_POINTS, fg->num_cr_points,
      fg->point_cr_value);
}

static gboolean
check_existing (Reading *r)
{
  const GstAV1FrameHeaderOBU *f = &r->frame.frame_header;
  const guint slot = f->frame_to_show_map_idx;

  if (!check_slot (r, slot))
    return FALSE;
  if (r->seq->frame_id_numbers_present_flag
      && f->display_frame_id != r->refs.entry[slot].ref_frame_id)
    return fail (r, "display_frame_id is %u where slot %u has %u",
        f->display_frame_id, slot, r->refs.entry[slot].ref_frame_id);
  return TRUE;
}

/* Checks the parsed header. On failure sets the slots that may be wrong. */
static gboolean
check (Reading *r, GstAV1ParserResult result)
{
  const GstAV1FrameHeaderOBU *f = &r->frame.frame_header;
  guint8 *refresh = &r->header->control.refresh_frame_flags;
  const gboolean is_refused = result != GST_AV1_PARSER_OK;

  *refresh = GST_DAEDALUS_AV1_ALL_FRAMES;
  if (is_refused && result != GST_AV1_PARSER_NO_MORE_DATA
      && r->seq->still_picture
      && (f->frame_type != GST_AV1_KEY_FRAME || !f->show_frame))
    return fail (r, "a still picture is not a key frame");
  if (f->ref_frame_idx[0] >= 0 || result != GST_AV1_PARSER_NO_MORE_DATA)
    *refresh = f->refresh_frame_flags;
  if (!check_refs (r))
    return FALSE;
  if (!check_tile_limits (r))
    return FALSE;
  if (result == GST_AV1_PARSER_NO_MORE_DATA) {
    *refresh = GST_DAEDALUS_AV1_ALL_FRAMES;
    return fail (r, "it is truncated after %" G_GSIZE_FORMAT " bytes",
        r->obu->size);
  }
  if (f->show_existing_frame && !check_existing (r))
    return FALSE;
  if (f->frame_type == GST_AV1_INTRA_ONLY_FRAME
      && *refresh == GST_DAEDALUS_AV1_ALL_FRAMES)
    return fail (r, "an intra-only frame refreshes all slots");
  if (!is_refused && !f->show_existing_frame
      && !(check_ref_sizes (r) && check_tiles (r)))
    return FALSE;
  if (!check_film_grain (r, is_refused))
    return FALSE;
  return !is_refused || fail (r, "GstAV1Parser refuses it");
}

/* Offset of the tile group: its own header lies between the frame header and
 * the first tile. */
static gsize
header_size (const Reading *r)
{
  const GstAV1TileGroupOBU *group = &r->frame.tile_group;
  const GstAV1TileInfo *t = &r->frame.frame_header.tile_info;
  const gsize tile = group->entry[group->tg_start].tile_offset;
  guint bits = group->num_tiles > 1;

  /* There is no space for a tile, or the group does not start with tile 0. */
  if (!tile)
    return r->obu->size;
  if (group->tile_start_and_end_present_flag)
    bits += 2 * (t->tile_cols_log2 + t->tile_rows_log2);
  return tile - (bits + 7) / 8
      - (group->tg_start < group->tg_end ? t->tile_size_bytes : 0);
}

/**
 * gst_daedalus_av1_header_parse:
 * @header: (out): the parsed header
 * @seq: the active sequence header
 * @state: the reference slots after the frames before this one
 * @obu: OBU_FRAME, OBU_FRAME_HEADER or OBU_REDUNDANT_FRAME_HEADER
 * @error: set on failure
 *
 * Parses uncompressed_header() of section 5.9.2.
 *
 * Returns: %FALSE with %GST_DAEDALUS_ERROR_FRAME if the header is damaged or
 *   refers to an empty slot
 */
gboolean
gst_daedalus_av1_header_parse (GstDaedalusAv1Header *header,
    const GstAV1SequenceHeaderOBU *seq, const GstAV1ReferenceFrameInfo *state,
    const GstDaedalusAv1Obu *obu, GError **error)
{
  Reading *r = g_new0 (Reading, 1);
  GstAV1ParserResult result;
  gboolean ok;

  memset (header, 0, sizeof (*header));
  r->refs = *state;
  r->seq = seq;
  r->obu = obu;
  r->header = header;
  r->error = error;
  result = call_parser (r);
  /* set_frame_refs() and skip mode depend on the order hints: parse again. */
  if (adopt_order_hints (r))
    result = call_parser (r);
  adopt_frame_ids (r);
  ok = check (r, result);
  if (ok) {
    header->parsed = r->frame.frame_header;
    header->control.frame_type =
        (enum v4l2_av1_frame_type) header->parsed.frame_type;
    header->size = header_size (r);
    if (!header->parsed.show_existing_frame) {
      gst_daedalus_av1_fill_frame (&header->control, &header->parsed);
      gst_daedalus_av1_fill_film_grain (&header->film_grain,
          &header->parsed.film_grain_params);
    }
  }
  g_free (r);
  return ok;
}
