/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/gstdaedaluserror.h"
#include "gstdaedalusvp9refs.h"

#include <string.h>

/**
 * gst_daedalus_vp9_refs_check:
 * @refs: the slots
 * @hdr: header of the frame to be decoded or shown
 * @error: set on failure
 *
 * Returns: %FALSE with %GST_DAEDALUS_ERROR_FRAME if @hdr refers to an empty
 *   slot
 */
gboolean
gst_daedalus_vp9_refs_check (const GstDaedalusVp9Refs *refs,
    const GstVp9FrameHdr *hdr, GError **error)
{
  guint i;

  if (hdr->show_existing_frame) {
    if (refs->slots[hdr->frame_to_show])
      return TRUE;
    return gst_daedalus_failed (error, FRAME,
        "A VP9 frame shows reference slot %d, which is empty.",
        hdr->frame_to_show);
  }
  if (hdr->frame_type == GST_VP9_KEY_FRAME || hdr->intra_only)
    return TRUE;
  for (i = 0; i < GST_VP9_REFS_PER_FRAME; i++) {
    if (!refs->slots[hdr->ref_frame_indices[i]])
      return gst_daedalus_failed (error, FRAME,
          "A VP9 frame refers to slot %d, which is empty; decoding goes on "
          "with the next key frame.", hdr->ref_frame_indices[i]);
  }
  return TRUE;
}

/**
 * gst_daedalus_vp9_refs_update:
 * @refs: the slots
 * @hdr: header of a frame
 * @picture: (transfer none) (nullable): the frame's picture; %NULL if the frame
 *   was not decoded, which empties the slots that it refreshes
 */
void
gst_daedalus_vp9_refs_update (GstDaedalusVp9Refs *refs,
    const GstVp9FrameHdr *hdr, GstDaedalusPicture *picture)
{
  guint i;

  if (hdr->show_existing_frame)
    return;
  for (i = 0; i < GST_VP9_REF_FRAMES; i++) {
    if (hdr->refresh_frame_flags & (1 << i))
      gst_daedalus_picture_replace (&refs->slots[i], picture);
  }
}

/**
 * gst_daedalus_vp9_refs_clear:
 * @refs: all slots become empty
 */
void
gst_daedalus_vp9_refs_clear (GstDaedalusVp9Refs *refs)
{
  guint i;

  for (i = 0; i < GST_VP9_REF_FRAMES; i++)
    gst_daedalus_picture_replace (&refs->slots[i], NULL);
}

static const gchar *
chroma_name (const GstDaedalusVp9Color *color)
{
  static const gchar *const names[2][2] = {
    {"4:4:4", "4:4:0"}, {"4:2:2", "4:2:0"}
  };

  if (color->color_space == GST_VP9_CS_SRGB)
    return "RGB";
  return names[!!color->subsampling_x][!!color->subsampling_y];
}

/**
 * gst_daedalus_vp9_supported:
 * @profile: 0..3
 * @color: color_config() of a key frame or an intra-only frame
 * @error: set if the stream is not supported
 *
 * Returns: %FALSE with %GST_DAEDALUS_ERROR_UNSUPPORTED for anything but 4:2:0
 *   with 8 or 10 bits
 */
gboolean
gst_daedalus_vp9_supported (guint profile, const GstDaedalusVp9Color *color,
    GError **error)
{
  if (color->subsampling_x && color->subsampling_y && color->bit_depth <= 10)
    return TRUE;
  return gst_daedalus_failed (error, UNSUPPORTED,
      "VP9 profile %u %s with %u bits is not supported, only 4:2:0 with 8 or "
      "10 bits is; use another decoder, such as vp9dec or avdec_vp9.", profile,
      chroma_name (color), color->bit_depth);
}

static guint64
slot_timestamp (const GstDaedalusVp9Refs *refs, guint slot)
{
  /* The control has nanoseconds, struct timeval of the buffer microseconds. */
  return refs->slots[slot] ? refs->slots[slot]->timestamp * 1000 : 0;
}

/* A flag of the control; @condition is its value in the parser's struct. */
#define F(flag, condition) ((condition) ? V4L2_VP9_FRAME_FLAG_##flag : 0)

static guint32
frame_flags (const GstVp9FrameHdr *h, const GstDaedalusVp9Color *color)
{
  return F (KEY_FRAME, h->frame_type == GST_VP9_KEY_FRAME)
      | F (SHOW_FRAME, h->show_frame)
      | F (ERROR_RESILIENT, h->error_resilient_mode)
      | F (INTRA_ONLY, h->intra_only)
      | F (ALLOW_HIGH_PREC_MV, h->allow_high_precision_mv)
      | F (REFRESH_FRAME_CTX, h->refresh_frame_context)
      | F (PARALLEL_DEC_MODE, h->frame_parallel_decoding_mode)
      | F (X_SUBSAMPLING, color->subsampling_x)
      | F (Y_SUBSAMPLING, color->subsampling_y)
      | F (COLOR_RANGE_FULL_SWING, color->full_range);
}

/**
 * gst_daedalus_vp9_fill_frame:
 * @ctrl: (out): V4L2_CID_STATELESS_VP9_FRAME
 * @hdr: header of the frame, without show_existing_frame
 * @state: state after @hdr was parsed
 * @refs: slots before the frame is decoded
 *
 * reference_mode stays 0: it is coded in the compressed header, which the
 * device parses.
 */
void
gst_daedalus_vp9_fill_frame (struct v4l2_ctrl_vp9_frame *ctrl,
    const GstVp9FrameHdr *hdr, const GstDaedalusVp9State *state,
    const GstDaedalusVp9Refs *refs)
{
  static const guint8 reset_frame_context[] = {
    V4L2_VP9_RESET_FRAME_CTX_NONE, V4L2_VP9_RESET_FRAME_CTX_NONE,
    V4L2_VP9_RESET_FRAME_CTX_SPEC, V4L2_VP9_RESET_FRAME_CTX_ALL
  };
  static const guint8 sign_bias[] = {
    V4L2_VP9_SIGN_BIAS_LAST, V4L2_VP9_SIGN_BIAS_GOLDEN, V4L2_VP9_SIGN_BIAS_ALT
  };
  guint i;

  memset (ctrl, 0, sizeof (*ctrl));
  ctrl->lf = state->lf;
  ctrl->quant.base_q_idx = hdr->quant_indices.y_ac_qi;
  ctrl->quant.delta_q_y_dc = hdr->quant_indices.y_dc_delta;
  ctrl->quant.delta_q_uv_dc = hdr->quant_indices.uv_dc_delta;
  ctrl->quant.delta_q_uv_ac = hdr->quant_indices.uv_ac_delta;
  ctrl->seg = state->seg;
  ctrl->flags = frame_flags (hdr, &state->color);
  ctrl->compressed_header_size = hdr->first_partition_size;
  ctrl->uncompressed_header_size = hdr->frame_header_length_in_bytes;
  ctrl->frame_width_minus_1 = hdr->width - 1;
  ctrl->frame_height_minus_1 = hdr->height - 1;
  ctrl->render_width_minus_1 = hdr->display_width - 1;
  ctrl->render_height_minus_1 = hdr->display_height - 1;
  ctrl->reset_frame_context = reset_frame_context[hdr->reset_frame_context];
  ctrl->frame_context_idx = hdr->frame_context_idx;
  ctrl->profile = hdr->profile;
  ctrl->bit_depth = state->color.bit_depth;
  ctrl->interpolation_filter = hdr->mcomp_filter_type;
  ctrl->tile_cols_log2 = hdr->log2_tile_columns;
  ctrl->tile_rows_log2 = hdr->log2_tile_rows;

  if (hdr->frame_type == GST_VP9_KEY_FRAME || hdr->intra_only)
    return;
  ctrl->last_frame_ts = slot_timestamp (refs, hdr->ref_frame_indices[0]);
  ctrl->golden_frame_ts = slot_timestamp (refs, hdr->ref_frame_indices[1]);
  ctrl->alt_frame_ts = slot_timestamp (refs, hdr->ref_frame_indices[2]);
  for (i = 0; i < G_N_ELEMENTS (sign_bias); i++)
    ctrl->ref_frame_sign_bias |= hdr->ref_frame_sign_bias[i] ? sign_bias[i] : 0;
}
