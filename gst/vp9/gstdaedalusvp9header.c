/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Why not GstVp9Parser of libgstcodecparsers: it reads past the end of a
 * truncated header, clears the sign biases of error resilient frames, and keeps
 * the loop filter deltas and segment features that V4L2 asks for to itself.
 */
#include "core/gstdaedaluserror.h"
#include "gstdaedalusvp9header.h"

#include <gst/base/gstbitreader.h>
#include <string.h>

#define FRAME_MARKER 2
#define FRAME_SYNC_CODE 0x498342
#define MIN_TILE_WIDTH_B64 4
#define MAX_TILE_WIDTH_B64 64
#define MAX_PROB 255

typedef struct
{
  GstBitReader bits;
  gboolean overrun;
  GError **error;
} Reader;

static guint
read_bits (Reader *r, guint n)
{
  guint32 value = 0;

  if (!gst_bit_reader_get_bits_uint32 (&r->bits, &value, n)) {
    r->overrun = TRUE;
    return 0;
  }
  return value;
}

static gboolean
read_bit (Reader *r)
{
  return read_bits (r, 1);
}

/* su(n) of section 4.10.2: magnitude, then sign */
static gint
read_signed (Reader *r, guint n)
{
  gint value = read_bits (r, n);

  return read_bit (r) ? -value : value;
}

static guint8
read_prob (Reader *r)
{
  return read_bit (r) ? read_bits (r, 8) : MAX_PROB;
}

static gint8
read_delta_q (Reader *r)
{
  return read_bit (r) ? read_signed (r, 4) : 0;
}

G_GNUC_PRINTF (2, 3)
     static gboolean bad_frame (Reader *r, const gchar *format, ...)
{
  gchar *message;
  va_list args;

  va_start (args, format);
  message = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error_literal (r->error, GST_DAEDALUS_ERROR, GST_DAEDALUS_ERROR_FRAME,
      message);
  g_free (message);
  return FALSE;
}

static gboolean
frame_sync_code (Reader *r)
{
  guint code = read_bits (r, 24);

  if (code != FRAME_SYNC_CODE && !r->overrun)
    return bad_frame (r, "The VP9 frame_sync_code is 0x%06x instead of 0x%06x.",
        code, FRAME_SYNC_CODE);
  return TRUE;
}

static gboolean
color_config (Reader *r, GstDaedalusVp9Header *h)
{
  GstDaedalusVp9Color *color = &h->color;
  gboolean any_subsampling = h->profile == 1 || h->profile == 3;

  color->bit_depth = 8;
  if (h->profile >= 2)
    color->bit_depth = read_bit (r) ? 12 : 10;
  color->color_space = read_bits (r, 3);

  if (color->color_space != GST_DAEDALUS_VP9_CS_RGB) {
    color->full_range = read_bit (r);
    color->subsampling_x = any_subsampling ? read_bit (r) : TRUE;
    color->subsampling_y = any_subsampling ? read_bit (r) : TRUE;
    if (any_subsampling && color->subsampling_x && color->subsampling_y)
      return bad_frame (r, "VP9 profile %u has no 4:2:0 subsampling.",
          h->profile);
  } else {
    color->full_range = TRUE;
    color->subsampling_x = color->subsampling_y = FALSE;
    if (!any_subsampling)
      return bad_frame (r, "VP9 profile %u has no RGB.", h->profile);
  }
  if (any_subsampling && read_bit (r))
    return bad_frame (r, "A reserved bit of the VP9 color_config is set.");
  return TRUE;
}

static void
frame_size (Reader *r, GstDaedalusVp9Header *h)
{
  h->width = read_bits (r, 16) + 1;
  h->height = read_bits (r, 16) + 1;
}

static void
render_size (Reader *r, GstDaedalusVp9Header *h)
{
  h->render_width = h->width;
  h->render_height = h->height;
  if (read_bit (r)) {
    h->render_width = read_bits (r, 16) + 1;
    h->render_height = read_bits (r, 16) + 1;
  }
}

static gboolean
frame_size_with_refs (Reader *r, GstDaedalusVp9Header *h,
    const GstDaedalusVp9State *state)
{
  guint i;

  for (i = 0; i < GST_DAEDALUS_VP9_REFS_PER_FRAME; i++) {
    guint slot = h->ref_frame_idx[i];

    if (!read_bit (r))
      continue;
    h->width = state->ref_width[slot];
    h->height = state->ref_height[slot];
    if (!h->width)
      return bad_frame (r,
          "A VP9 frame takes its size from reference slot %u, which is empty; "
          "decoding goes on with the next key frame.", slot);
    return TRUE;
  }
  frame_size (r, h);
  return TRUE;
}

static gboolean
inter_frame (Reader *r, GstDaedalusVp9Header *h,
    const GstDaedalusVp9State *state)
{
  /* literal_to_type of section 7.2.7, in the order of V4L2_VP9_INTERP_FILTER */
  static const guint8 filters[] = { 1, 0, 2, 3 };
  guint i;

  h->refresh_frame_flags = read_bits (r, GST_DAEDALUS_VP9_NUM_REF_FRAMES);
  for (i = 0; i < GST_DAEDALUS_VP9_REFS_PER_FRAME; i++) {
    h->ref_frame_idx[i] = read_bits (r, 3);
    h->ref_frame_sign_bias[i] = read_bit (r);
  }
  if (!frame_size_with_refs (r, h, state))
    return FALSE;
  render_size (r, h);
  h->allow_high_precision_mv = read_bit (r);
  h->interpolation_filter = read_bit (r) ? 4 : filters[read_bits (r, 2)];

  if (!h->color.bit_depth)
    return bad_frame (r,
        "A VP9 inter frame comes before the first key frame; decoding starts "
        "with that.");
  return TRUE;
}

static gboolean
intra_only_frame (Reader *r, GstDaedalusVp9Header *h)
{
  if (!frame_sync_code (r))
    return FALSE;
  if (h->profile > 0) {
    if (!color_config (r, h))
      return FALSE;
  } else {
    /* section 7.2: what a profile 0 intra-only frame does not code */
    h->color.color_space = GST_DAEDALUS_VP9_CS_BT_601;
    h->color.full_range = FALSE;
    h->color.subsampling_x = h->color.subsampling_y = TRUE;
    h->color.bit_depth = 8;
  }
  h->refresh_frame_flags = read_bits (r, GST_DAEDALUS_VP9_NUM_REF_FRAMES);
  frame_size (r, h);
  render_size (r, h);
  return TRUE;
}

static void
loop_filter_params (Reader *r, GstDaedalusVp9LoopFilter *lf)
{
  guint i;

  lf->level = read_bits (r, 6);
  lf->sharpness = read_bits (r, 3);
  lf->delta_update = FALSE;
  lf->delta_enabled = read_bit (r);
  if (!lf->delta_enabled)
    return;
  lf->delta_update = read_bit (r);
  if (!lf->delta_update)
    return;
  for (i = 0; i < G_N_ELEMENTS (lf->ref_deltas); i++) {
    if (read_bit (r))
      lf->ref_deltas[i] = read_signed (r, 6);
  }
  for (i = 0; i < G_N_ELEMENTS (lf->mode_deltas); i++) {
    if (read_bit (r))
      lf->mode_deltas[i] = read_signed (r, 6);
  }
}

static void
segmentation_params (Reader *r, GstDaedalusVp9Segmentation *seg)
{
  static const struct
  {
    guint8 bits;
    gboolean has_sign;
  } features[GST_DAEDALUS_VP9_SEG_LVL_MAX] = {
    {8, TRUE}, {6, TRUE}, {2, FALSE}, {0, FALSE}
  };
  guint i, j;

  seg->update_map = seg->temporal_update = seg->update_data = FALSE;
  memset (seg->tree_probs, MAX_PROB, sizeof (seg->tree_probs));
  memset (seg->pred_probs, MAX_PROB, sizeof (seg->pred_probs));

  seg->enabled = read_bit (r);
  if (!seg->enabled)
    return;

  seg->update_map = read_bit (r);
  if (seg->update_map) {
    for (i = 0; i < G_N_ELEMENTS (seg->tree_probs); i++)
      seg->tree_probs[i] = read_prob (r);
    seg->temporal_update = read_bit (r);
    for (i = 0; seg->temporal_update && i < G_N_ELEMENTS (seg->pred_probs); i++)
      seg->pred_probs[i] = read_prob (r);
  }

  seg->update_data = read_bit (r);
  if (!seg->update_data)
    return;
  seg->abs_or_delta_update = read_bit (r);
  memset (seg->feature_enabled, 0, sizeof (seg->feature_enabled));
  memset (seg->feature_data, 0, sizeof (seg->feature_data));
  for (i = 0; i < GST_DAEDALUS_VP9_MAX_SEGMENTS; i++) {
    for (j = 0; j < GST_DAEDALUS_VP9_SEG_LVL_MAX; j++) {
      if (!read_bit (r))
        continue;
      seg->feature_enabled[i] |= 1 << j;
      seg->feature_data[i][j] = features[j].has_sign ?
          read_signed (r, features[j].bits) : (gint) read_bits (r,
          features[j].bits);
    }
  }
}

static void
tile_info (Reader *r, GstDaedalusVp9Header *h)
{
  guint sb64_cols = (h->width + 63) / 64;
  guint min_log2 = 0, max_log2 = 1;

  while (((guint) MAX_TILE_WIDTH_B64 << min_log2) < sb64_cols)
    min_log2++;
  while ((sb64_cols >> max_log2) >= MIN_TILE_WIDTH_B64)
    max_log2++;
  max_log2--;

  h->tile_cols_log2 = min_log2;
  while (h->tile_cols_log2 < max_log2 && read_bit (r))
    h->tile_cols_log2++;
  h->tile_rows_log2 = read_bit (r);
  if (h->tile_rows_log2)
    h->tile_rows_log2 += read_bit (r);
}

/* setup_past_independence() as far as headers are concerned */
static void
setup_past_independence (GstDaedalusVp9Header *h)
{
  static const gint8 ref_deltas[] = { 1, 0, -1, -1 };

  memcpy (h->lf.ref_deltas, ref_deltas, sizeof (ref_deltas));
  memset (h->lf.mode_deltas, 0, sizeof (h->lf.mode_deltas));
  memset (h->seg.feature_enabled, 0, sizeof (h->seg.feature_enabled));
  memset (h->seg.feature_data, 0, sizeof (h->seg.feature_data));
  h->seg.abs_or_delta_update = FALSE;
}

static gboolean
uncompressed_header (Reader *r, GstDaedalusVp9Header *h,
    const GstDaedalusVp9State *state)
{
  guint marker = read_bits (r, 2);

  if (marker != FRAME_MARKER && !r->overrun)
    return bad_frame (r, "The VP9 frame_marker is %u instead of %u.", marker,
        FRAME_MARKER);
  h->profile = read_bit (r);
  h->profile |= read_bit (r) << 1;
  if (h->profile == 3 && read_bit (r))
    return bad_frame (r, "VP9 profile 4 and above are reserved.");

  h->show_existing_frame = read_bit (r);
  if (h->show_existing_frame) {
    h->frame_to_show_map_idx = read_bits (r, 3);
    return TRUE;
  }
  h->key_frame = !read_bit (r);
  h->show_frame = read_bit (r);
  h->error_resilient_mode = read_bit (r);

  if (h->key_frame) {
    if (!frame_sync_code (r) || !color_config (r, h))
      return FALSE;
    frame_size (r, h);
    render_size (r, h);
    h->refresh_frame_flags = 0xff;
  } else {
    h->intra_only = h->show_frame ? FALSE : read_bit (r);
    h->reset_frame_context = h->error_resilient_mode ? 0 : read_bits (r, 2);
    if (!(h->intra_only ? intra_only_frame (r, h) : inter_frame (r, h, state)))
      return FALSE;
  }

  h->refresh_frame_context = h->error_resilient_mode ? FALSE : read_bit (r);
  h->frame_parallel_decoding_mode =
      h->error_resilient_mode ? TRUE : read_bit (r);
  h->frame_context_idx = read_bits (r, 2);
  if (h->key_frame || h->intra_only || h->error_resilient_mode)
    setup_past_independence (h);

  loop_filter_params (r, &h->lf);
  h->base_q_idx = read_bits (r, 8);
  h->delta_q_y_dc = read_delta_q (r);
  h->delta_q_uv_dc = read_delta_q (r);
  h->delta_q_uv_ac = read_delta_q (r);
  segmentation_params (r, &h->seg);
  tile_info (r, h);
  h->header_size_in_bytes = read_bits (r, 16);
  return TRUE;
}

/**
 * gst_daedalus_vp9_header_parse:
 * @header: filled; undefined after a failure
 * @state: what the frames before this one left
 * @data: the frame
 * @size: bytes of @data
 * @error: set on failure
 *
 * Reads uncompressed_header() of section 6.2 and checks that the frame has room
 * for what the header announces. @state is not changed.
 *
 * Returns: %FALSE with %GST_DAEDALUS_ERROR_FRAME if the header is invalid
 */
gboolean
gst_daedalus_vp9_header_parse (GstDaedalusVp9Header *header,
    const GstDaedalusVp9State *state, const guint8 *data, gsize size,
    GError **error)
{
  Reader r = {.error = error };

  /* No header is longer than 100 bytes; GstBitReader counts in 32 bits. */
  gst_bit_reader_init (&r.bits, data, MIN (size, 1024));
  memset (header, 0, sizeof (*header));
  header->color = state->color;
  header->lf = state->lf;
  header->seg = state->seg;

  if (!uncompressed_header (&r, header, state))
    return FALSE;
  if (r.overrun)
    return bad_frame (&r,
        "A VP9 frame ends after %" G_GSIZE_FORMAT " bytes, within its header.",
        size);
  header->uncompressed_header_size = (gst_bit_reader_get_pos (&r.bits) + 7) / 8;
  if (header->show_existing_frame)
    return TRUE;

  if (header->header_size_in_bytes == 0)
    return bad_frame (&r, "The VP9 header_size_in_bytes is 0.");
  if ((gsize) header->uncompressed_header_size + header->header_size_in_bytes >
      size)
    return bad_frame (&r,
        "A VP9 frame of %" G_GSIZE_FORMAT " bytes is too short for its headers "
        "of %u and %u bytes.", size, header->uncompressed_header_size,
        header->header_size_in_bytes);
  return TRUE;
}

/**
 * gst_daedalus_vp9_state_update:
 * @state: to change
 * @header: of the frame that was parsed with @state
 *
 * Makes @state what the next frame has to be parsed with.
 */
void
gst_daedalus_vp9_state_update (GstDaedalusVp9State *state,
    const GstDaedalusVp9Header *header)
{
  guint i;

  if (header->show_existing_frame)
    return;
  state->color = header->color;
  state->lf = header->lf;
  state->seg = header->seg;
  for (i = 0; i < GST_DAEDALUS_VP9_NUM_REF_FRAMES; i++) {
    if (header->refresh_frame_flags & (1 << i)) {
      state->ref_width[i] = header->width;
      state->ref_height[i] = header->height;
    }
  }
}
