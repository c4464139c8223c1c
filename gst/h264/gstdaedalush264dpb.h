/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The decoded picture buffer of H.264: marking of references (ITU-T H.264
 * 8.2.5), picture order counts (8.2.1) and output order (C.4.5.3). Bookkeeping
 * only: it needs neither a device nor an element.
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
 * @data: (nullable): data of the caller, freed with the #GDestroyNotify of the
 *   DPB with the last reference to the frame; %NULL for non-existing frames
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

GstDaedalusH264Dpb *gst_daedalus_h264_dpb_new (GDestroyNotify free_data);
void gst_daedalus_h264_dpb_free (GstDaedalusH264Dpb * dpb);

/* Drops all frames without output (a seek). */
void gst_daedalus_h264_dpb_clear (GstDaedalusH264Dpb * dpb);

/* Starts a new coded video sequence: sets capacity (A.3.1, MaxDpbFrames and
 * the VUI's max_dec_frame_buffering) and reordering. Frames of the old
 * sequence that wait become due first. @live: prefer low latency where the SPS
 * leaves it open. */
void gst_daedalus_h264_dpb_set_sps (GstDaedalusH264Dpb * dpb,
    const GstH264SPS * sps, gboolean live);

/* Number of frames that output is behind decoding: at least @min and at most
 * @max. */
void gst_daedalus_h264_dpb_get_delay (const GstDaedalusH264Dpb * dpb,
    guint * min, guint * max);

/* Whether the picture is the second field of the frame that the last call of
 * start_picture() began (7.4.1.2.4, 3.30). */
gboolean gst_daedalus_h264_dpb_is_second_field (const GstDaedalusH264Dpb * dpb,
    const GstDaedalusH264PicInfo * info);

/* Called before a picture is decoded: fills gaps in frame_num (8.2.5.2),
 * derives picture order counts, and for an IDR picture removes all others. For
 * a second field it returns the frame of the first field. (transfer full) */
GstDaedalusH264Frame *gst_daedalus_h264_dpb_start_picture (GstDaedalusH264Dpb *
    dpb, const GstDaedalusH264PicInfo * info);

/* Called after the last slice of a picture: marks references (sliding window or
 * MMCO, 8.2.5.3, 8.2.5.4), stores the frame and moves due frames to the output
 * queue. @show is FALSE if the picture could not be decoded; then the frame is
 * never output. */
void gst_daedalus_h264_dpb_end_picture (GstDaedalusH264Dpb * dpb,
    const GstDaedalusH264PicInfo * info, gboolean show);

/* All frames that wait become due, e.g. at the end of the stream. */
void gst_daedalus_h264_dpb_drain (GstDaedalusH264Dpb * dpb);

/* (transfer full) (nullable): the next frame that is due for output, in order. */
GstDaedalusH264Frame *gst_daedalus_h264_dpb_pop (GstDaedalusH264Dpb * dpb);

/* Frames that the current picture may refer to, for dpb[] of
 * V4L2_CID_STATELESS_H264_DECODE_PARAMS; includes the current frame while its
 * second field is decoded. Returns their number, at most 16. */
guint gst_daedalus_h264_dpb_get_references (const GstDaedalusH264Dpb * dpb,
    const GstDaedalusH264Frame * refs[GST_DAEDALUS_H264_MAX_DPB_FRAMES]);

GstDaedalusH264Frame *gst_daedalus_h264_frame_ref (GstDaedalusH264Frame * f);
void gst_daedalus_h264_frame_unref (GstDaedalusH264Frame * f);

G_END_DECLS
#endif
