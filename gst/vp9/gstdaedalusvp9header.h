/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The uncompressed header of a VP9 frame. Names are those of section 6.2 of
 * "VP9 Bitstream & Decoding Process Specification", version 0.7.
 */
#ifndef GST_DAEDALUS_VP9_HEADER_H
#define GST_DAEDALUS_VP9_HEADER_H

#include <glib.h>

G_BEGIN_DECLS

#define GST_DAEDALUS_VP9_NUM_REF_FRAMES 8
#define GST_DAEDALUS_VP9_REFS_PER_FRAME 3
#define GST_DAEDALUS_VP9_MAX_SEGMENTS 8
#define GST_DAEDALUS_VP9_SEG_LVL_MAX 4

/* color_space, section 7.2.2 */
#define GST_DAEDALUS_VP9_CS_BT_601 1
#define GST_DAEDALUS_VP9_CS_RGB 7

/**
 * GstDaedalusVp9Color:
 * @bit_depth: 8, 10 or 12
 * @color_space: 0..7
 * @full_range: color_range is 1
 * @subsampling_x: chroma has half the width
 * @subsampling_y: chroma has half the height
 *
 * color_config() of the last frame that had one.
 */
typedef struct
{
  guint8 bit_depth;
  guint8 color_space;
  gboolean full_range;
  gboolean subsampling_x;
  gboolean subsampling_y;
} GstDaedalusVp9Color;

/**
 * GstDaedalusVp9LoopFilter:
 * @level: 0..63
 * @sharpness: 0..7
 * @delta_enabled: loop_filter_delta_enabled
 * @delta_update: loop_filter_delta_update
 * @ref_deltas: in force for this frame, -63..63
 * @mode_deltas: in force for this frame, -63..63
 */
typedef struct
{
  guint8 level;
  guint8 sharpness;
  gboolean delta_enabled;
  gboolean delta_update;
  gint8 ref_deltas[4];
  gint8 mode_deltas[2];
} GstDaedalusVp9LoopFilter;

/**
 * GstDaedalusVp9Segmentation:
 * @enabled: segmentation_enabled
 * @update_map: segmentation_update_map
 * @temporal_update: segmentation_temporal_update
 * @update_data: segmentation_update_data
 * @abs_or_delta_update: @feature_data replaces values instead of adding to them
 * @tree_probs: 255 where none was coded
 * @pred_probs: 255 where none was coded
 * @feature_enabled: in force for this frame, bit n of a segment is feature n
 * @feature_data: in force for this frame
 */
typedef struct
{
  gboolean enabled;
  gboolean update_map;
  gboolean temporal_update;
  gboolean update_data;
  gboolean abs_or_delta_update;
  guint8 tree_probs[GST_DAEDALUS_VP9_MAX_SEGMENTS - 1];
  guint8 pred_probs[3];
  guint8 feature_enabled[GST_DAEDALUS_VP9_MAX_SEGMENTS];
  gint16
      feature_data[GST_DAEDALUS_VP9_MAX_SEGMENTS]
      [GST_DAEDALUS_VP9_SEG_LVL_MAX];
} GstDaedalusVp9Segmentation;

/**
 * GstDaedalusVp9Header:
 * @profile: 0..3
 * @show_existing_frame: nothing is decoded, slot @frame_to_show_map_idx is
 *   shown; no other field is valid
 * @frame_to_show_map_idx: 0..7
 * @key_frame: frame_type is KEY_FRAME
 * @show_frame: %FALSE for a hidden frame
 * @error_resilient_mode: flag of the bitstream
 * @intra_only: no references, but not a key frame
 * @reset_frame_context: 0..3
 * @color: in force for this frame
 * @refresh_frame_flags: bit n: this frame goes to slot n; 0xff on key frames
 * @ref_frame_idx: slots of the references LAST, GOLDEN and ALTREF
 * @ref_frame_sign_bias: of the same references
 * @width: FrameWidth in luma samples, 1..65536
 * @height: FrameHeight in luma samples, 1..65536
 * @render_width: how wide it is meant to be shown, 1..65536
 * @render_height: how high it is meant to be shown, 1..65536
 * @allow_high_precision_mv: flag of the bitstream
 * @interpolation_filter: 0 regular, 1 smooth, 2 sharp, 3 bilinear, 4 switchable
 * @refresh_frame_context: flag of the bitstream
 * @frame_parallel_decoding_mode: flag of the bitstream
 * @frame_context_idx: 0..3, as coded
 * @lf: loop_filter_params()
 * @base_q_idx: 0..255
 * @delta_q_y_dc: -15..15
 * @delta_q_uv_dc: -15..15
 * @delta_q_uv_ac: -15..15
 * @seg: segmentation_params()
 * @tile_cols_log2: 0..6
 * @tile_rows_log2: 0..2
 * @header_size_in_bytes: bytes of the compressed header, at least 1
 * @uncompressed_header_size: bytes of this header
 */
typedef struct
{
  guint8 profile;
  gboolean show_existing_frame;
  guint8 frame_to_show_map_idx;
  gboolean key_frame;
  gboolean show_frame;
  gboolean error_resilient_mode;
  gboolean intra_only;
  guint8 reset_frame_context;
  GstDaedalusVp9Color color;
  guint8 refresh_frame_flags;
  guint8 ref_frame_idx[GST_DAEDALUS_VP9_REFS_PER_FRAME];
  gboolean ref_frame_sign_bias[GST_DAEDALUS_VP9_REFS_PER_FRAME];
  guint width;
  guint height;
  guint render_width;
  guint render_height;
  gboolean allow_high_precision_mv;
  guint8 interpolation_filter;
  gboolean refresh_frame_context;
  gboolean frame_parallel_decoding_mode;
  guint8 frame_context_idx;
  GstDaedalusVp9LoopFilter lf;
  guint8 base_q_idx;
  gint8 delta_q_y_dc;
  gint8 delta_q_uv_dc;
  gint8 delta_q_uv_ac;
  GstDaedalusVp9Segmentation seg;
  guint8 tile_cols_log2;
  guint8 tile_rows_log2;
  guint16 header_size_in_bytes;
  guint16 uncompressed_header_size;
} GstDaedalusVp9Header;

/**
 * GstDaedalusVp9State:
 * @color: of the last frame that coded it; bit_depth 0 before the first
 * @lf: deltas that stay in force
 * @seg: features that stay in force
 * @ref_width: of the frame in each slot, 0 for an empty slot
 * @ref_height: of the frame in each slot, 0 for an empty slot
 *
 * What the header of one frame means for those of later frames. All zero at
 * the start of a stream.
 */
typedef struct
{
  GstDaedalusVp9Color color;
  GstDaedalusVp9LoopFilter lf;
  GstDaedalusVp9Segmentation seg;
  guint ref_width[GST_DAEDALUS_VP9_NUM_REF_FRAMES];
  guint ref_height[GST_DAEDALUS_VP9_NUM_REF_FRAMES];
} GstDaedalusVp9State;

gboolean gst_daedalus_vp9_header_parse (GstDaedalusVp9Header * header,
    const GstDaedalusVp9State * state, const guint8 * data, gsize size,
    GError ** error);
void gst_daedalus_vp9_state_update (GstDaedalusVp9State * state,
    const GstDaedalusVp9Header * header);

G_END_DECLS
#endif
