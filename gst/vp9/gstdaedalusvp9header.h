/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The uncompressed header of a VP9 frame: section 6.2 of "VP9 Bitstream &
 * Decoding Process Specification", version 0.7. GstVp9Parser reads it; this
 * adds checks of the lengths, error messages, and the state between frames.
 */
#ifndef GST_DAEDALUS_VP9_HEADER_H
#define GST_DAEDALUS_VP9_HEADER_H

#include <glib.h>
#include <linux/v4l2-controls.h>

#include <gst/codecparsers/gstvp9parser.h>

G_BEGIN_DECLS

/**
 * GstDaedalusVp9Color:
 * @bit_depth: 8, 10 or 12
 * @color_space: 0..7, a GstVp9ColorSpace
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
 * GstDaedalusVp9State:
 * @color: current color_config(); bit_depth 0 before the first frame that coded
 *   it
 * @lf: loop_filter_params() of the last frame, with the current deltas
 * @seg: segmentation_params() of the last frame, with the current features;
 *   a probability that was not coded is 255
 * @ref_width: width of the frame in each slot, luma samples; 0 for an empty
 *   slot
 * @ref_height: height of the frame in each slot, luma samples; 0 for an empty
 *   slot
 *
 * State after a header, which the control of its frame and the next header
 * depend on. All zero at the start of a stream.
 */
typedef struct
{
  GstDaedalusVp9Color color;
  struct v4l2_vp9_loop_filter lf;
  struct v4l2_vp9_segmentation seg;
  guint ref_width[GST_VP9_REF_FRAMES];
  guint ref_height[GST_VP9_REF_FRAMES];
} GstDaedalusVp9State;

gboolean gst_daedalus_vp9_header_parse (GstVp9FrameHdr * hdr,
    GstDaedalusVp9State * state, const guint8 * data, gsize size,
    GError ** error);

G_END_DECLS
#endif
