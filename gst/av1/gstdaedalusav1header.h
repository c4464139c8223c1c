/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The uncompressed header of an AV1 frame and what it leaves for later ones.
 * Names are those of section 5.9 of "AV1 Bitstream & Decoding Process
 * Specification".
 */
#ifndef GST_DAEDALUS_AV1_HEADER_H
#define GST_DAEDALUS_AV1_HEADER_H

#include "gstdaedalusav1obu.h"
#include "gstdaedalusav1seq.h"

G_BEGIN_DECLS

#define GST_DAEDALUS_AV1_NUM_REF_FRAMES 8
#define GST_DAEDALUS_AV1_ALL_FRAMES 0xff
#define GST_DAEDALUS_AV1_PRIMARY_REF_NONE 7

/**
 * GstDaedalusAv1Slot:
 * @valid: there is a frame in it; no other field means anything if not
 * @frame_type: RefFrameType
 * @frame_id: RefFrameId, 0 without frame ids
 * @order_hint: RefOrderHint
 * @upscaled_width: RefUpscaledWidth
 * @frame_height: RefFrameHeight
 * @render_width: RefRenderWidth
 * @render_height: RefRenderHeight
 * @ref_deltas: loop_filter_ref_deltas
 * @mode_deltas: loop_filter_mode_deltas
 * @feature_enabled: FeatureEnabled, as in V4L2
 * @feature_data: FeatureData
 * @gm_params: SavedGmParams
 * @film_grain: film_grain_params()
 *
 * What section 7.20 saves of a frame in a reference slot, as far as headers of
 * later frames need it.
 */
typedef struct
{
  gboolean valid;
  enum v4l2_av1_frame_type frame_type;
  guint32 frame_id;
  guint32 order_hint;
  guint upscaled_width;
  guint frame_height;
  guint render_width;
  guint render_height;
  gint8 ref_deltas[V4L2_AV1_TOTAL_REFS_PER_FRAME];
  gint8 mode_deltas[2];
  guint8 feature_enabled[V4L2_AV1_MAX_SEGMENTS];
  gint16 feature_data[V4L2_AV1_MAX_SEGMENTS][V4L2_AV1_SEG_LVL_MAX];
  gint32 gm_params[V4L2_AV1_TOTAL_REFS_PER_FRAME][6];
  struct v4l2_ctrl_av1_film_grain film_grain;
} GstDaedalusAv1Slot;

/**
 * GstDaedalusAv1State:
 * @slots: the reference slots
 *
 * What the header of one frame means for those of later frames. All zero at
 * the start of a stream.
 */
typedef struct
{
  GstDaedalusAv1Slot slots[GST_DAEDALUS_AV1_NUM_REF_FRAMES];
} GstDaedalusAv1State;

/**
 * GstDaedalusAv1Header:
 * @show_existing_frame: nothing is decoded, slot @frame_to_show_map_idx is
 *   shown; of @control only refresh_frame_flags and frame_type are valid
 * @frame_to_show_map_idx: 0..7
 * @control: V4L2_CID_STATELESS_AV1_FRAME but for reference_frame_ts. On failure
 *   its refresh_frame_flags tells which slots may be wrong from now on
 * @film_grain: V4L2_CID_STATELESS_AV1_FILM_GRAIN
 * @tile_cols_log2: TileColsLog2, 0..6
 * @tile_rows_log2: TileRowsLog2, 0..6
 * @lost_slots: bit n: what the encoder had in slot n never arrived
 * @ref_order_hint: RefOrderHint of each slot from this frame on
 * @size: bytes of this header in the payload; the tile group of an OBU_FRAME
 *   follows
 */
typedef struct
{
  gboolean show_existing_frame;
  guint8 frame_to_show_map_idx;
  struct v4l2_ctrl_av1_frame control;
  struct v4l2_ctrl_av1_film_grain film_grain;
  guint8 tile_cols_log2;
  guint8 tile_rows_log2;
  guint8 lost_slots;
  guint32 ref_order_hint[GST_DAEDALUS_AV1_NUM_REF_FRAMES];
  gsize size;
} GstDaedalusAv1Header;

gboolean gst_daedalus_av1_header_parse (GstDaedalusAv1Header * header,
    const GstDaedalusAv1Sequence * seq, const GstDaedalusAv1State * state,
    const GstDaedalusAv1Obu * obu, GError ** error);
gboolean gst_daedalus_av1_header_has (const GstDaedalusAv1Header * header,
    guint32 flag);
gboolean gst_daedalus_av1_header_is_intra (const GstDaedalusAv1Header * header);

G_END_DECLS
#endif
