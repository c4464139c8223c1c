/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/gstdaedaluserror.h"
#include "gstdaedalusvp9header.h"

#include <gst/base/gstbitreader.h>
#include <gst/base/gstbitwriter.h>
#include <string.h>

/*
 * GstVp9Parser does not check where its data ends, so it gets a padded copy.
 * The longest uncompressed_header() has 499 bits: 9 up to error_resilient_mode
 * (in profile 3), 108 up to render_size() (in a hidden intra-only frame), 4 up
 * to frame_context_idx, 59 in loop_filter_params(), 26 in
 * quantization_params(), 271 in segmentation_params(), 6 in tile_info(), 16 in
 * header_size_in_bytes. Each is read once, whatever their values are. The copy
 * is twice as long.
 */
#define COPY_BYTES 128

#define MAX_TILE_COLS_LOG2 6

#define bad_frame(error, ...) gst_daedalus_failed (error, FRAME, __VA_ARGS__)

static gboolean
truncated (gsize size, GError **error)
{
  return bad_frame (error,
      "A VP9 frame ends after %" G_GSIZE_FORMAT " bytes, within its header.",
      size);
}

static gboolean
is_key_frame (const GstVp9FrameHdr *hdr)
{
  return hdr->frame_type == GST_VP9_KEY_FRAME;
}

static gboolean
is_intra (const GstVp9FrameHdr *hdr)
{
  return is_key_frame (hdr) || hdr->intra_only;
}

/* Tells @parser the sizes of the reference frames, which
 * frame_size_with_refs() needs. There is no function for that, so it gets
 * the header of a hidden, error resilient, intra-only frame for each slot. */
static void
tell_ref_sizes (GstVp9Parser *parser, const GstDaedalusVp9State *state)
{
  GstVp9FrameHdr hdr;
  guint i;

  for (i = 0; i < GST_VP9_REF_FRAMES; i++) {
    guint8 data[COPY_BYTES] = { 0 };
    GstBitWriter bits;

    if (!state->ref_width[i])
      continue;
    gst_bit_writer_init_with_data (&bits, data, sizeof (data), FALSE);
    gst_bit_writer_put_bits_uint32 (&bits, 0x85, 8);    /* to error_resilient_mode */
    gst_bit_writer_put_bits_uint32 (&bits, 1, 1);       /* intra_only */
    gst_bit_writer_put_bits_uint32 (&bits, GST_VP9_SYNC_CODE, 24);
    gst_bit_writer_put_bits_uint32 (&bits, 1 << i, 8);  /* refresh_frame_flags */
    gst_bit_writer_put_bits_uint32 (&bits, state->ref_width[i] - 1, 16);
    gst_bit_writer_put_bits_uint32 (&bits, state->ref_height[i] - 1, 16);
    /* 25 bits up to segmentation_enabled and 1..5 bits of tile_info() are 0;
     * header_size_in_bytes is not 0 in any of the five places. */
    gst_bit_writer_put_bits_uint32 (&bits, 0, 30);
    gst_bit_writer_put_bits_uint32 (&bits, 0xffff, 16);
    gst_vp9_parser_parse_frame_header (parser, &hdr, data, sizeof (data));
  }
}

/*
 * Reads uncompressed_header(), with @padding after the end of @data. Each
 * header gets a new parser, because GstVp9Parser keeps the sizes of a frame
 * that is refused afterwards. The parser that is returned has the
 * color_config(); free it with gst_vp9_parser_free(). If GstVp9Parser fails,
 * @hdr has the syntax elements up to the error, and first_partition_size is 0.
 */
static GstVp9Parser *
read_header (GstVp9FrameHdr *hdr, const GstDaedalusVp9State *state,
    const guint8 *data, gsize size, guint8 padding)
{
  GstVp9Parser *parser = gst_vp9_parser_new ();
  guint8 copy[COPY_BYTES];

  memset (copy, padding, sizeof (copy));
  memcpy (copy, data, MIN (size, sizeof (copy)));
  tell_ref_sizes (parser, state);
  gst_vp9_parser_parse_frame_header (parser, hdr, copy, sizeof (copy));
  return parser;
}

/* A complete header reads the same with any padding. A truncated one does
 * not: its last bits, those of header_size_in_bytes, are padding. */
static gboolean
is_truncated (const GstVp9FrameHdr *hdr, const GstDaedalusVp9State *state,
    const guint8 *data, gsize size)
{
  GstVp9FrameHdr other;

  if (size >= COPY_BYTES)
    return FALSE;
  gst_vp9_parser_free (read_header (&other, state, data, size, 0xff));
  return memcmp (hdr, &other, sizeof (other)) != 0;
}

/* Reads @n bits of a header from bit @pos on; %FALSE if @data ends before. */
static gboolean
peek_bits (const guint8 *data, gsize size, guint pos, guint n, guint32 *value)
{
  GstBitReader bits;

  gst_bit_reader_init (&bits, data, MIN (size, COPY_BYTES));
  return gst_bit_reader_skip (&bits, pos)
      && gst_bit_reader_get_bits_uint32 (&bits, value, n);
}

/* The bit position after reset_frame_context, coded or not */
static guint
type_pos (const GstVp9FrameHdr *hdr)
{
  guint pos = hdr->profile == GST_VP9_PROFILE_3 ? 9 : 8;

  if (!is_key_frame (hdr))
    pos += (hdr->show_frame ? 0 : 1) + (hdr->error_resilient_mode ? 0 : 2);
  return pos;
}

/* GstVp9Parser does not tell its errors apart. If it did not get to the size
 * of a key frame or intra-only frame, this finds the reason. */
static gboolean
check_intra (const GstVp9FrameHdr *hdr, const GstVp9Parser *parser,
    const guint8 *data, gsize size, GError **error)
{
  const gboolean any_subsampling = hdr->profile & 1;
  guint32 code;

  if (hdr->width)
    return TRUE;
  if (!peek_bits (data, size, type_pos (hdr), 24, &code))
    return truncated (size, error);
  if (code != GST_VP9_SYNC_CODE)
    return bad_frame (error,
        "The VP9 frame_sync_code is 0x%06x instead of 0x%06x.", code,
        GST_VP9_SYNC_CODE);
  if (parser->color_space == GST_VP9_CS_SRGB && !any_subsampling)
    return bad_frame (error, "VP9 profile %u has no RGB.", hdr->profile);
  if (parser->color_space != GST_VP9_CS_SRGB && parser->subsampling_x == 1
      && parser->subsampling_y == 1)
    return bad_frame (error, "VP9 profile %u has no 4:2:0 subsampling.",
        hdr->profile);
  return bad_frame (error, "A reserved bit of the VP9 color_config is set.");
}

static gboolean
check_inter (const GstVp9FrameHdr *hdr, const GstDaedalusVp9State *state,
    const guint8 *data, gsize size, GError **error)
{
  /* refresh_frame_flags, then an index and a sign bias for each reference */
  const guint found_ref_pos = type_pos (hdr) + 8 + GST_VP9_REFS_PER_FRAME * 4;
  guint32 found_ref = 0;
  guint i;

  for (i = 0; !hdr->width && i < GST_VP9_REFS_PER_FRAME; i++) {
    if (peek_bits (data, size, found_ref_pos + i, 1, &found_ref) && found_ref)
      return bad_frame (error,
          "A VP9 frame takes its size from reference slot %d, which is empty; "
          "decoding goes on with the next key frame.",
          hdr->ref_frame_indices[i]);
  }
  if (!state->color.bit_depth)
    return bad_frame (error,
        "A VP9 inter frame comes before the first key frame; decoding starts "
        "with that.");
  return TRUE;
}

static gboolean
check_header (const GstVp9FrameHdr *hdr, const GstVp9Parser *parser,
    const GstDaedalusVp9State *state, const guint8 *data, gsize size,
    GError **error)
{
  const guint marker = data[0] >> 6;

  if (marker != GST_VP9_FRAME_MARKER)
    return bad_frame (error, "The VP9 frame_marker is %u instead of %u.",
        marker, GST_VP9_FRAME_MARKER);
  if (hdr->profile > GST_VP9_PROFILE_3)
    return bad_frame (error, "VP9 profile 4 and above are reserved.");
  if (!hdr->show_existing_frame) {
    if (!(is_intra (hdr) ? check_intra (hdr, parser, data, size, error) :
            check_inter (hdr, state, data, size, error)))
      return FALSE;
    if (hdr->log2_tile_columns > MAX_TILE_COLS_LOG2)
      return bad_frame (error, "The VP9 tile_cols_log2 is %d, more than %d.",
          hdr->log2_tile_columns, MAX_TILE_COLS_LOG2);
  }
  if (is_truncated (hdr, state, data, size))
    return truncated (size, error);
  if (hdr->show_existing_frame)
    return TRUE;
  if (!hdr->first_partition_size)
    return bad_frame (error, "The VP9 header_size_in_bytes is 0.");
  if ((gsize) hdr->frame_header_length_in_bytes + hdr->first_partition_size >
      size)
    return bad_frame (error,
        "A VP9 frame of %" G_GSIZE_FORMAT " bytes is too short for its headers "
        "of %u and %u bytes.", size, hdr->frame_header_length_in_bytes,
        hdr->first_partition_size);
  return TRUE;
}

/* The part of setup_past_independence() that affects headers */
static void
setup_past_independence (GstDaedalusVp9State *state)
{
  static const struct v4l2_vp9_loop_filter lf = {.ref_deltas = {1, 0, -1, -1} };

  state->lf = lf;
  memset (&state->seg, 0, sizeof (state->seg));
}

static void
update_loop_filter (struct v4l2_vp9_loop_filter *to, const GstVp9LoopFilter *lf)
{
  guint i;

  to->level = lf->filter_level;
  to->sharpness = lf->sharpness_level;
  to->flags = 0;
  if (lf->mode_ref_delta_enabled)
    to->flags |= V4L2_VP9_LOOP_FILTER_FLAG_DELTA_ENABLED;
  if (lf->mode_ref_delta_update)
    to->flags |= V4L2_VP9_LOOP_FILTER_FLAG_DELTA_UPDATE;
  for (i = 0; i < GST_VP9_MAX_REF_LF_DELTAS; i++) {
    if (lf->update_ref_deltas[i])
      to->ref_deltas[i] = lf->ref_deltas[i];
  }
  for (i = 0; i < GST_VP9_MAX_MODE_LF_DELTAS; i++) {
    if (lf->update_mode_deltas[i])
      to->mode_deltas[i] = lf->mode_deltas[i];
  }
}

static void
update_features (struct v4l2_vp9_segmentation *to, guint segment,
    const GstVp9SegmentationInfoData *data)
{
  const struct
  {
    gboolean enabled;
    gint16 value;
  } features[V4L2_VP9_SEG_LVL_MAX] = {
    [V4L2_VP9_SEG_LVL_ALT_Q] =
        {data->alternate_quantizer_enabled, data->alternate_quantizer},
    [V4L2_VP9_SEG_LVL_ALT_L] =
        {data->alternate_loop_filter_enabled, data->alternate_loop_filter},
    [V4L2_VP9_SEG_LVL_REF_FRAME] =
        {data->reference_frame_enabled, data->reference_frame},
    [V4L2_VP9_SEG_LVL_SKIP] = {data->reference_skip, 0},
  };
  guint i;

  to->feature_enabled[segment] = 0;
  for (i = 0; i < V4L2_VP9_SEG_LVL_MAX; i++) {
    if (features[i].enabled)
      to->feature_enabled[segment] |= V4L2_VP9_SEGMENT_FEATURE_ENABLED (i);
    to->feature_data[segment][i] = features[i].value;
  }
}

static void
update_segmentation (struct v4l2_vp9_segmentation *to,
    const GstVp9SegmentationInfo *seg)
{
  guint i;

  for (i = 0; i < GST_VP9_SEG_TREE_PROBS; i++)
    to->tree_probs[i] = seg->update_map ? seg->tree_probs[i] : GST_VP9_MAX_PROB;
  for (i = 0; i < GST_VP9_PREDICTION_PROBS; i++)
    to->pred_probs[i] =
        seg->temporal_update ? seg->pred_probs[i] : GST_VP9_MAX_PROB;
  to->flags &= V4L2_VP9_SEGMENTATION_FLAG_ABS_OR_DELTA_UPDATE;
  if (seg->update_data) {
    to->flags = V4L2_VP9_SEGMENTATION_FLAG_UPDATE_DATA;
    if (seg->abs_delta)
      to->flags |= V4L2_VP9_SEGMENTATION_FLAG_ABS_OR_DELTA_UPDATE;
    for (i = 0; i < GST_VP9_MAX_SEGMENTS; i++)
      update_features (to, i, &seg->data[i]);
  }
  if (seg->enabled)
    to->flags |= V4L2_VP9_SEGMENTATION_FLAG_ENABLED;
  if (seg->update_map)
    to->flags |= V4L2_VP9_SEGMENTATION_FLAG_UPDATE_MAP;
  if (seg->temporal_update)
    to->flags |= V4L2_VP9_SEGMENTATION_FLAG_TEMPORAL_UPDATE;
}

static void
update_state (GstDaedalusVp9State *state, const GstVp9FrameHdr *hdr,
    const GstVp9Parser *parser)
{
  guint i;

  if (is_intra (hdr)) {
    state->color.bit_depth = parser->bit_depth;
    state->color.color_space = parser->color_space;
    state->color.full_range = parser->color_range == GST_VP9_CR_FULL;
    /* RGB is 4:4:4, and the parser does not set subsampling_x and _y for it. */
    state->color.subsampling_x = parser->color_space != GST_VP9_CS_SRGB
        && parser->subsampling_x;
    state->color.subsampling_y = parser->color_space != GST_VP9_CS_SRGB
        && parser->subsampling_y;
  }
  if (is_intra (hdr) || hdr->error_resilient_mode)
    setup_past_independence (state);
  update_loop_filter (&state->lf, &hdr->loopfilter);
  update_segmentation (&state->seg, &hdr->segmentation);
  for (i = 0; i < GST_VP9_REF_FRAMES; i++) {
    if (hdr->refresh_frame_flags & (1 << i)) {
      state->ref_width[i] = hdr->width;
      state->ref_height[i] = hdr->height;
    }
  }
}

/**
 * gst_daedalus_vp9_header_parse:
 * @hdr: (out): the parsed header; undefined after a failure
 * @state: (inout): state after the frames before this one; unchanged after a
 *   failure
 * @data: the frame
 * @size: bytes of @data
 * @error: set on failure
 *
 * Reads uncompressed_header() of section 6.2 and checks that the frame has room
 * for what the header announces. Unlike GstVp9Parser, this sets
 * refresh_frame_flags of key frames, and the display size of all frames.
 *
 * Returns: %FALSE with %GST_DAEDALUS_ERROR_FRAME if the header is invalid
 */
gboolean
gst_daedalus_vp9_header_parse (GstVp9FrameHdr *hdr, GstDaedalusVp9State *state,
    const guint8 *data, gsize size, GError **error)
{
  GstVp9Parser *parser;
  gboolean ok;

  if (!size)
    return truncated (size, error);
  parser = read_header (hdr, state, data, size, 0);
  ok = check_header (hdr, parser, state, data, size, error);
  if (ok && !hdr->show_existing_frame) {
    if (is_key_frame (hdr))
      hdr->refresh_frame_flags = (1 << GST_VP9_REF_FRAMES) - 1;
    if (!hdr->display_size_enabled) {
      hdr->display_width = hdr->width;
      hdr->display_height = hdr->height;
    }
    update_state (state, hdr, parser);
  }
  gst_vp9_parser_free (parser);
  return ok;
}
