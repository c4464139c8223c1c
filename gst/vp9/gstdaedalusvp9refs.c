/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/gstdaedaluserror.h"
#include "gstdaedalusvp9refs.h"

#include <string.h>

/**
 * gst_daedalus_vp9_refs_check:
 * @refs: the slots
 * @header: of the frame that is to be decoded or shown
 * @error: set on failure
 *
 * Returns: %FALSE with %GST_DAEDALUS_ERROR_FRAME if @header refers to an empty
 *   slot
 */
gboolean
gst_daedalus_vp9_refs_check (const GstDaedalusVp9Refs *refs,
    const GstDaedalusVp9Header *header, GError **error)
{
  guint i;

  if (header->show_existing_frame) {
    if (refs->slots[header->frame_to_show_map_idx])
      return TRUE;
    g_set_error (error, GST_DAEDALUS_ERROR, GST_DAEDALUS_ERROR_FRAME,
        "A VP9 frame shows reference slot %u, which is empty.",
        header->frame_to_show_map_idx);
    return FALSE;
  }
  if (header->key_frame || header->intra_only)
    return TRUE;
  for (i = 0; i < GST_DAEDALUS_VP9_REFS_PER_FRAME; i++) {
    if (!refs->slots[header->ref_frame_idx[i]]) {
      g_set_error (error, GST_DAEDALUS_ERROR, GST_DAEDALUS_ERROR_FRAME,
          "A VP9 frame refers to slot %u, which is empty; decoding goes on "
          "with the next key frame.", header->ref_frame_idx[i]);
      return FALSE;
    }
  }
  return TRUE;
}

/**
 * gst_daedalus_vp9_refs_update:
 * @refs: the slots
 * @header: of a frame
 * @picture: (transfer none) (nullable): its picture; %NULL if it was not
 *   decoded, which empties the slots that it was meant for
 */
void
gst_daedalus_vp9_refs_update (GstDaedalusVp9Refs *refs,
    const GstDaedalusVp9Header *header, GstDaedalusPicture *picture)
{
  guint i;

  if (header->show_existing_frame)
    return;
  for (i = 0; i < GST_DAEDALUS_VP9_NUM_REF_FRAMES; i++) {
    if (header->refresh_frame_flags & (1 << i))
      gst_daedalus_picture_replace (&refs->slots[i], picture);
  }
}

/**
 * gst_daedalus_vp9_refs_clear:
 * @refs: whose slots are emptied
 */
void
gst_daedalus_vp9_refs_clear (GstDaedalusVp9Refs *refs)
{
  guint i;

  for (i = 0; i < GST_DAEDALUS_VP9_NUM_REF_FRAMES; i++)
    gst_daedalus_picture_replace (&refs->slots[i], NULL);
}

static const gchar *
chroma_name (const GstDaedalusVp9Color *color)
{
  static const gchar *const names[2][2] = {
    {"4:4:4", "4:4:0"}, {"4:2:2", "4:2:0"}
  };

  if (color->color_space == GST_DAEDALUS_VP9_CS_RGB)
    return "RGB";
  return names[!!color->subsampling_x][!!color->subsampling_y];
}

/**
 * gst_daedalus_vp9_supported:
 * @profile: 0..3
 * @color: of a key frame or an intra-only frame
 * @error: set if it is not supported
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
  g_set_error (error, GST_DAEDALUS_ERROR, GST_DAEDALUS_ERROR_UNSUPPORTED,
      "VP9 profile %u %s with %u bits is not supported, only 4:2:0 with 8 or "
      "10 bits is; use another decoder, such as vp9dec or avdec_vp9.", profile,
      chroma_name (color), color->bit_depth);
  return FALSE;
}

static guint64
slot_timestamp (const GstDaedalusVp9Refs *refs, guint slot)
{
  /* V4L2 compares in nanoseconds what struct timeval carries in microseconds */
  return refs->slots[slot] ? refs->slots[slot]->timestamp * 1000 : 0;
}

static void
fill_loop_filter (struct v4l2_vp9_loop_filter *to,
    const GstDaedalusVp9LoopFilter *lf)
{
  memcpy (to->ref_deltas, lf->ref_deltas, sizeof (to->ref_deltas));
  memcpy (to->mode_deltas, lf->mode_deltas, sizeof (to->mode_deltas));
  to->level = lf->level;
  to->sharpness = lf->sharpness;
  if (lf->delta_enabled)
    to->flags |= V4L2_VP9_LOOP_FILTER_FLAG_DELTA_ENABLED;
  if (lf->delta_update)
    to->flags |= V4L2_VP9_LOOP_FILTER_FLAG_DELTA_UPDATE;
}

static void
fill_segmentation (struct v4l2_vp9_segmentation *to,
    const GstDaedalusVp9Segmentation *seg)
{
  G_STATIC_ASSERT (sizeof (to->feature_data) == sizeof (seg->feature_data));
  G_STATIC_ASSERT (sizeof (to->tree_probs) == sizeof (seg->tree_probs));

  memcpy (to->feature_data, seg->feature_data, sizeof (to->feature_data));
  memcpy (to->feature_enabled, seg->feature_enabled,
      sizeof (to->feature_enabled));
  memcpy (to->tree_probs, seg->tree_probs, sizeof (to->tree_probs));
  memcpy (to->pred_probs, seg->pred_probs, sizeof (to->pred_probs));
  if (seg->enabled)
    to->flags |= V4L2_VP9_SEGMENTATION_FLAG_ENABLED;
  if (seg->update_map)
    to->flags |= V4L2_VP9_SEGMENTATION_FLAG_UPDATE_MAP;
  if (seg->temporal_update)
    to->flags |= V4L2_VP9_SEGMENTATION_FLAG_TEMPORAL_UPDATE;
  if (seg->update_data)
    to->flags |= V4L2_VP9_SEGMENTATION_FLAG_UPDATE_DATA;
  if (seg->abs_or_delta_update)
    to->flags |= V4L2_VP9_SEGMENTATION_FLAG_ABS_OR_DELTA_UPDATE;
}

static guint32
frame_flags (const GstDaedalusVp9Header *h)
{
  const struct
  {
    gboolean set;
    guint32 flag;
  } flags[] = {
    {h->key_frame, V4L2_VP9_FRAME_FLAG_KEY_FRAME},
    {h->show_frame, V4L2_VP9_FRAME_FLAG_SHOW_FRAME},
    {h->error_resilient_mode, V4L2_VP9_FRAME_FLAG_ERROR_RESILIENT},
    {h->intra_only, V4L2_VP9_FRAME_FLAG_INTRA_ONLY},
    {h->allow_high_precision_mv, V4L2_VP9_FRAME_FLAG_ALLOW_HIGH_PREC_MV},
    {h->refresh_frame_context, V4L2_VP9_FRAME_FLAG_REFRESH_FRAME_CTX},
    {h->frame_parallel_decoding_mode, V4L2_VP9_FRAME_FLAG_PARALLEL_DEC_MODE},
    {h->color.subsampling_x, V4L2_VP9_FRAME_FLAG_X_SUBSAMPLING},
    {h->color.subsampling_y, V4L2_VP9_FRAME_FLAG_Y_SUBSAMPLING},
    {h->color.full_range, V4L2_VP9_FRAME_FLAG_COLOR_RANGE_FULL_SWING},
  };
  guint32 mask = 0;
  guint i;

  for (i = 0; i < G_N_ELEMENTS (flags); i++)
    mask |= flags[i].set ? flags[i].flag : 0;
  return mask;
}

/**
 * gst_daedalus_vp9_fill_frame:
 * @ctrl: V4L2_CID_STATELESS_VP9_FRAME, filled
 * @header: of the frame; show_existing_frame is not for devices
 * @refs: slots before the frame is decoded
 *
 * reference_mode stays 0: it is coded in the compressed header, which is the
 * device's to read.
 */
void
gst_daedalus_vp9_fill_frame (struct v4l2_ctrl_vp9_frame *ctrl,
    const GstDaedalusVp9Header *header, const GstDaedalusVp9Refs *refs)
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
  fill_loop_filter (&ctrl->lf, &header->lf);
  ctrl->quant.base_q_idx = header->base_q_idx;
  ctrl->quant.delta_q_y_dc = header->delta_q_y_dc;
  ctrl->quant.delta_q_uv_dc = header->delta_q_uv_dc;
  ctrl->quant.delta_q_uv_ac = header->delta_q_uv_ac;
  fill_segmentation (&ctrl->seg, &header->seg);
  ctrl->flags = frame_flags (header);
  ctrl->compressed_header_size = header->header_size_in_bytes;
  ctrl->uncompressed_header_size = header->uncompressed_header_size;
  ctrl->frame_width_minus_1 = header->width - 1;
  ctrl->frame_height_minus_1 = header->height - 1;
  ctrl->render_width_minus_1 = header->render_width - 1;
  ctrl->render_height_minus_1 = header->render_height - 1;
  ctrl->reset_frame_context = reset_frame_context[header->reset_frame_context];
  ctrl->frame_context_idx = header->frame_context_idx;
  ctrl->profile = header->profile;
  ctrl->bit_depth = header->color.bit_depth;
  ctrl->interpolation_filter = header->interpolation_filter;
  ctrl->tile_cols_log2 = header->tile_cols_log2;
  ctrl->tile_rows_log2 = header->tile_rows_log2;

  if (header->key_frame || header->intra_only)
    return;
  ctrl->last_frame_ts = slot_timestamp (refs, header->ref_frame_idx[0]);
  ctrl->golden_frame_ts = slot_timestamp (refs, header->ref_frame_idx[1]);
  ctrl->alt_frame_ts = slot_timestamp (refs, header->ref_frame_idx[2]);
  for (i = 0; i < G_N_ELEMENTS (sign_bias); i++)
    ctrl->ref_frame_sign_bias |=
        header->ref_frame_sign_bias[i] ? sign_bias[i] : 0;
}
