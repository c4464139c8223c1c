/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Picture order count of H.264, ITU-T H.264 8.2.1. */
#ifndef GST_DAEDALUS_H264_POC_H
#define GST_DAEDALUS_H264_POC_H

#include "gstdaedalush264dpb.h"

G_BEGIN_DECLS

/**
 * GstDaedalusH264Poc:
 * @prev_pic_order_cnt_msb: prevPicOrderCntMsb
 * @prev_pic_order_cnt_lsb: prevPicOrderCntLsb
 * @prev_frame_num_offset: prevFrameNumOffset
 * @prev_frame_num: prevFrameNum
 * @pic_order_cnt_msb: PicOrderCntMsb of the current picture
 * @frame_num_offset: FrameNumOffset of the current picture
 *
 * What the order counts of the next picture depend on; all zero at the start.
 */
typedef struct
{
  gint64 prev_pic_order_cnt_msb;
  gint64 prev_pic_order_cnt_lsb;
  gint64 prev_frame_num_offset;
  guint prev_frame_num;
  gint64 pic_order_cnt_msb;
  gint64 frame_num_offset;
} GstDaedalusH264Poc;

guint gst_daedalus_h264_max_frame_num (const GstH264SPS * sps);
guint gst_daedalus_h264_info_fields (const GstDaedalusH264PicInfo * info);
gboolean gst_daedalus_h264_info_has_mmco5 (const GstDaedalusH264PicInfo * info);

void gst_daedalus_h264_poc_begin (GstDaedalusH264Poc * poc,
    const GstDaedalusH264PicInfo * info, gint32 counts[2]);
void gst_daedalus_h264_poc_end (GstDaedalusH264Poc * poc,
    const GstDaedalusH264PicInfo * info, gint32 counts[2]);
void gst_daedalus_h264_poc_non_existing (GstDaedalusH264Poc * poc,
    const GstH264SPS * sps, guint frame_num, gint32 counts[2]);

G_END_DECLS
#endif
