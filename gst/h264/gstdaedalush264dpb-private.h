/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Private structs and functions of the decoded picture buffer. Each of its
 * files calls only functions of the files below it: gstdaedalush264dpb.c
 * pictures and gaps gstdaedalush264bump.c     frame buffers and output order,
 * A.3.1 and C.4 gstdaedalush264marking.c  decoded reference picture marking,
 * 8.2.5
 */
#ifndef GST_DAEDALUS_H264_DPB_PRIVATE_H
#define GST_DAEDALUS_H264_DPB_PRIVATE_H

#include "common/h264_poc.h"
#include "gstdaedalush264frame.h"

G_BEGIN_DECLS

/**
 * GstDaedalusH264Entry:
 * @frame: public part; first, so that pointers to both are equal
 * @reference: nal_ref_idc of the frame or its first field was not 0
 * @decoded: end_picture() was called for all of its fields
 * @hidden: a field could not be decoded, so the frame is never output
 * @starts_order: picture order counts start again: an IDR picture, or one with
 *   memory_management_control_operation 5
 *
 * A frame buffer.
 */
typedef struct
{
  GstDaedalusH264Frame frame;
  gboolean reference;
  gboolean decoded;
  gboolean hidden;
  gboolean starts_order;
} GstDaedalusH264Entry;

/**
 * GstDaedalusH264Dpb:
 * @free_data: frees the data of frames
 * @entries: frame buffers in decoding order: references and frames that wait
 *   for output, but not @current
 * @num_entries: used entries of @entries; at most @capacity between calls
 * @current: (nullable): the picture between start_picture() and end_picture(),
 *   or a first field whose second field may follow
 * @due: frames for gst_daedalus_h264_dpb_pop()
 * @capacity: number of frame buffers, 1..16
 * @max_refs: Max( max_num_ref_frames, 1 ), at most 16
 * @max_reorder: frames that may wait for output, 0..@capacity
 * @step_output: also output a frame if its picture order count is the next one
 *   after @last_output; cleared when that is wrong for the stream
 * @last_output: picture order count of the last frame that was output
 * @last_output_valid: a frame was output since
 *   gst_daedalus_h264_restart_order()
 * @first_count: picture order count of the first frame since then
 * @first_count_valid: @first_count is set
 * @odd_step: a picture order count since then differs from @first_count by an
 *   odd number
 * @sps: the active SPS, for the picture order counts
 * @poc: state of the picture order counts
 * @prev_ref_frame_num: PrevRefFrameNum
 * @prev_ref_frame_num_valid: a reference picture was decoded since the start or
 *   the last seek
 */
struct _GstDaedalusH264Dpb
{
  GDestroyNotify free_data;
  GstDaedalusH264Entry *entries[GST_DAEDALUS_H264_MAX_DPB_FRAMES + 1];
  guint num_entries;
  GstDaedalusH264Entry *current;
  GQueue due;

  guint capacity;
  guint max_refs;
  guint max_reorder;
  gboolean step_output;
  gint32 last_output;
  gboolean last_output_valid;
  gint32 first_count;
  gboolean first_count_valid;
  gboolean odd_step;

  struct v4l2_ctrl_h264_sps sps;
  struct h264_poc poc;
  guint prev_ref_frame_num;
  gboolean prev_ref_frame_num_valid;
};

static inline gboolean
gst_daedalus_h264_entry_is_reference (const GstDaedalusH264Entry *entry)
{
  return (entry->frame.short_ref | entry->frame.long_ref) != 0;
}

static inline void
gst_daedalus_h264_entry_unmark (GstDaedalusH264Entry *entry)
{
  entry->frame.short_ref = 0;
  entry->frame.long_ref = 0;
}

/* gstdaedalush264bump.c */
void gst_daedalus_h264_set_capacity (GstDaedalusH264Dpb * dpb,
    const GstH264SPS * sps, gboolean live);
void gst_daedalus_h264_store (GstDaedalusH264Dpb * dpb,
    GstDaedalusH264Entry * entry);
void gst_daedalus_h264_restart_order (GstDaedalusH264Dpb * dpb);
void gst_daedalus_h264_output_all (GstDaedalusH264Dpb * dpb);
void gst_daedalus_h264_output_none (GstDaedalusH264Dpb * dpb);

/* gstdaedalush264marking.c */
void gst_daedalus_h264_unmark_all (GstDaedalusH264Dpb * dpb);
void gst_daedalus_h264_slide_window (GstDaedalusH264Dpb * dpb,
    const GstH264SPS * sps, guint frame_num);
void gst_daedalus_h264_mark_current (GstDaedalusH264Dpb * dpb,
    const GstDaedalusH264PicInfo * info);

G_END_DECLS
#endif
