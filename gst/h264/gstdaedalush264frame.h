/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Frames and pictures of H.264: the data that determines controls, marking and
 * output order.
 */
#ifndef GST_DAEDALUS_H264_FRAME_H
#define GST_DAEDALUS_H264_FRAME_H

#include <glib.h>

#include "common/h264_picture.h"

#include <gst/codecparsers/gsth264parser.h>

G_BEGIN_DECLS

/* A.3.1: no level allows more frames than that. */
#define GST_DAEDALUS_H264_MAX_DPB_FRAMES 16

/**
 * GstDaedalusH264Fields:
 * @GST_DAEDALUS_H264_TOP: the top field
 * @GST_DAEDALUS_H264_BOTTOM: the bottom field
 * @GST_DAEDALUS_H264_BOTH: both, which are a frame
 *
 * Fields of a frame, as a mask.
 */
typedef enum
{
  GST_DAEDALUS_H264_TOP = 1 << 0,
  GST_DAEDALUS_H264_BOTTOM = 1 << 1,
  GST_DAEDALUS_H264_BOTH = GST_DAEDALUS_H264_TOP | GST_DAEDALUS_H264_BOTTOM,
} GstDaedalusH264Fields;

/**
 * GstDaedalusH264Frame:
 * @data: (nullable): data of the caller; %NULL for non-existing frames
 * @free_data: (nullable): frees @data with the last reference to the frame
 * @timestamp: V4L2 timestamp of its buffers in microseconds, set by the
 *   caller; 0 if the frame was not sent to the device
 * @frame_num: frame_num of the slice header
 * @long_term_frame_idx: LongTermFrameIdx, valid while @long_ref is not 0
 * @fields: fields that are decoded or being decoded, #GstDaedalusH264Fields
 * @short_ref: fields that are marked as used for short-term reference
 * @long_ref: fields that are marked as used for long-term reference
 * @coded_fields: coded as fields, not as a frame
 * @pic_order_cnt: TopFieldOrderCnt and BottomFieldOrderCnt, valid for @fields
 * @non_existing: inferred for a gap in frame_num (8.2.5.2)
 * @needed_for_output: not output yet
 * @idr: the frame or its first field is an IDR picture
 *
 * A frame, a complementary field pair or a single field. Reference counted.
 */
typedef struct
{
  gpointer data;
  GDestroyNotify free_data;
  guint64 timestamp;
  guint frame_num;
  guint long_term_frame_idx;
  guint fields;
  guint short_ref;
  guint long_ref;
  gint32 pic_order_cnt[2];
  gboolean coded_fields;
  gboolean non_existing;
  gboolean needed_for_output;
  gboolean idr;
} GstDaedalusH264Frame;

typedef struct _GstDaedalusH264Dpb GstDaedalusH264Dpb;

/**
 * GstDaedalusH264PicInfo:
 * @sps: active sequence parameter set, not owned
 * @slice: header of the first slice of the picture, not owned
 * @idr: IdrPicFlag
 * @nal_ref_idc: nal_ref_idc of the picture's slices
 *
 * Description of one coded picture, which is a frame or a field.
 */
typedef struct
{
  const GstH264SPS *sps;
  const GstH264SliceHdr *slice;
  gboolean idr;
  guint nal_ref_idc;
} GstDaedalusH264PicInfo;

GstDaedalusH264Frame *gst_daedalus_h264_frame_ref (GstDaedalusH264Frame * f);
void gst_daedalus_h264_frame_unref (GstDaedalusH264Frame * f);
gint32 gst_daedalus_h264_frame_num_wrap (const GstDaedalusH264Frame * frame,
    const GstH264SPS * sps, guint frame_num);

void gst_daedalus_h264_info_init (GstDaedalusH264PicInfo * info,
    const GstH264NalUnit * nalu, const GstH264SliceHdr * slice);
guint gst_daedalus_h264_info_fields (const GstDaedalusH264PicInfo * info);
gboolean gst_daedalus_h264_info_has_mmco5 (const GstDaedalusH264PicInfo * info);
void gst_daedalus_h264_info_get_picture (const GstDaedalusH264PicInfo * info,
    struct h264_coded_picture *picture);

G_END_DECLS
#endif
