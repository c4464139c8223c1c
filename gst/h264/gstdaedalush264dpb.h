/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The decoded picture buffer of H.264: which pictures are references
 * (ITU-T H.264 8.2.5), their order counts (8.2.1) and when they are output
 * (C.4.5.3). Bookkeeping only: nothing in here needs a device or GStreamer's
 * elements.
 */
#ifndef GST_DAEDALUS_H264_DPB_H
#define GST_DAEDALUS_H264_DPB_H

#include <glib.h>

/* The parser's API is not declared stable. */
#define GST_USE_UNSTABLE_API
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
 * @data: (nullable): the owner's; freed with the #GDestroyNotify of the DPB when
 *   neither the DPB nor a caller has the frame any more; %NULL for non-existing
 *   frames
 * @timestamp: V4L2 timestamp of its buffers in microseconds, set by the owner; 0
 *   if the device never got it
 * @frame_num: of the slice header
 * @long_term_frame_idx: valid while @long_ref is not 0
 * @fields: fields that are decoded, or are being decoded
 * @short_ref: fields that are used for short-term reference
 * @long_ref: fields that are used for long-term reference
 * @coded_fields: was coded as fields, not as one frame
 * @pic_order_cnt: TopFieldOrderCnt and BottomFieldOrderCnt, of those in @fields
 * @non_existing: stands for a frame_num that was left out (8.2.5.2)
 * @needed_for_output: not output yet
 * @idr: the first field or the frame was an IDR picture
 *
 * A frame, a complementary field pair or a field without its mate.
 * Reference counted.
 */
typedef struct
{
  gpointer data;
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
 * @sps: active sequence parameter set
 * @slice: header of the first slice of the picture
 * @idr: IdrPicFlag
 * @nal_ref_idc: of the picture's slices
 *
 * What one coded picture, that is a frame or a field, says of itself.
 */
typedef struct
{
  const GstH264SPS *sps;
  const GstH264SliceHdr *slice;
  gboolean idr;
  guint nal_ref_idc;
} GstDaedalusH264PicInfo;

GstDaedalusH264Dpb *gst_daedalus_h264_dpb_new (GDestroyNotify free_data);
void gst_daedalus_h264_dpb_free (GstDaedalusH264Dpb * dpb);

/* Forgets everything, without output (a seek). */
void gst_daedalus_h264_dpb_clear (GstDaedalusH264Dpb * dpb);

/* A new coded video sequence: capacity (A.3.1, MaxDpbFrames and the VUI's
 * max_dec_frame_buffering) and reordering. What the old one still has to output
 * is output first. @live: prefer low latency where the SPS leaves it open. */
void gst_daedalus_h264_dpb_set_sps (GstDaedalusH264Dpb * dpb,
    const GstH264SPS * sps, gboolean live);

/* How many frames are decoded before the one that is output next: at least @min and
 * at most @max. */
void gst_daedalus_h264_dpb_get_delay (const GstDaedalusH264Dpb * dpb,
    guint * min, guint * max);

/* Whether the picture is the second field of the frame that the last call of
 * start_picture() began (7.4.1.2.4, 3.30). */
gboolean gst_daedalus_h264_dpb_is_second_field (const GstDaedalusH264Dpb * dpb,
    const GstDaedalusH264PicInfo * info);

/* Before a picture is decoded: gaps in frame_num (8.2.5.2), order counts, and
 * for an IDR picture the removal of all others. For a second field it returns
 * the frame of the first. (transfer full): a reference of the caller's. */
GstDaedalusH264Frame *gst_daedalus_h264_dpb_start_picture (GstDaedalusH264Dpb *
    dpb, const GstDaedalusH264PicInfo * info);

/* After all of its slices are there: marks references (sliding window or
 * MMCO, 8.2.5.3, 8.2.5.4), stores it, and moves what is due to the output. With
 * @show FALSE the frame is never output (it could not be decoded). */
void gst_daedalus_h264_dpb_end_picture (GstDaedalusH264Dpb * dpb,
    const GstDaedalusH264PicInfo * info, gboolean show);

/* Drains: all that waits becomes due, e.g. at the end of the stream. */
void gst_daedalus_h264_dpb_drain (GstDaedalusH264Dpb * dpb);

/* (transfer full) (nullable): the next frame that is due for output, in order. */
GstDaedalusH264Frame *gst_daedalus_h264_dpb_pop (GstDaedalusH264Dpb * dpb);

/* Frames that may be referred to, at most 16, and how many; what
 * V4L2_CID_STATELESS_H264_DECODE_PARAMS lists in its dpb[]. Includes the first
 * field of the current frame while its second field is decoded. */
guint gst_daedalus_h264_dpb_get_references (const GstDaedalusH264Dpb * dpb,
    const GstDaedalusH264Frame * refs[GST_DAEDALUS_H264_MAX_DPB_FRAMES]);

GstDaedalusH264Frame *gst_daedalus_h264_frame_ref (GstDaedalusH264Frame * f);
void gst_daedalus_h264_frame_unref (GstDaedalusH264Frame * f);

G_END_DECLS
#endif
