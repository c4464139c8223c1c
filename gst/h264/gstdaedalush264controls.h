/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Fills the stateless H.264 controls from the parser's structures. Arithmetic
 * only.
 */
#ifndef GST_DAEDALUS_H264_CONTROLS_H
#define GST_DAEDALUS_H264_CONTROLS_H

#include "gstdaedalush264frame.h"

#include <linux/videodev2.h>

G_BEGIN_DECLS

/**
 * GstDaedalusH264Controls:
 * @sps: V4L2_CID_STATELESS_H264_SPS
 * @pps: V4L2_CID_STATELESS_H264_PPS
 * @scaling_matrix: V4L2_CID_STATELESS_H264_SCALING_MATRIX, in @list only if
 *   SPS or PPS have a scaling matrix
 * @decode_params: V4L2_CID_STATELESS_H264_DECODE_PARAMS
 * @list: the above, for VIDIOC_S_EXT_CTRLS
 * @n: entries of @list that are used, 3 or 4
 *
 * The controls of one coded picture. @list points into the struct, which
 * therefore must not be copied.
 */
typedef struct
{
  struct v4l2_ctrl_h264_sps sps;
  struct v4l2_ctrl_h264_pps pps;
  struct v4l2_ctrl_h264_scaling_matrix scaling_matrix;
  struct v4l2_ctrl_h264_decode_params decode_params;
  struct v4l2_ext_control list[4];
  guint n;
} GstDaedalusH264Controls;

void gst_daedalus_h264_fill_sps (struct v4l2_ctrl_h264_sps *to,
    const GstH264SPS * sps);
void gst_daedalus_h264_fill_controls (GstDaedalusH264Controls * controls,
    const GstDaedalusH264PicInfo * info, const GstDaedalusH264Frame * current,
    const GstDaedalusH264Frame * const *refs, guint n_refs);

G_END_DECLS
#endif
