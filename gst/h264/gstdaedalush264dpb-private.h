/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the files of the decoded picture buffer share. */
#ifndef GST_DAEDALUS_H264_DPB_PRIVATE_H
#define GST_DAEDALUS_H264_DPB_PRIVATE_H

#include "gstdaedalush264dpb.h"
#include "gstdaedalush264poc.h"

G_BEGIN_DECLS

/**
 * GstDaedalusH264Entry:
 * @frame: what callers see; first, so that one pointer is both
 * @free_data: frees @frame.data
 * @frame_num_wrap: FrameNumWrap with regard to the picture that is being marked
 * @reference: nal_ref_idc of the first field or the frame was not 0
 * @decoded: end_picture() was called for the fields that it has
 * @hidden: a field could not be decoded, the frame is never output
 * @starts_order: an IDR picture, or one with memory_management_control_operation 5
 */
typedef struct
{
  GstDaedalusH264Frame frame;
  GDestroyNotify free_data;
  gint32 frame_num_wrap;
  gboolean reference;
  gboolean decoded;
  gboolean hidden;
  gboolean starts_order;
} GstDaedalusH264Entry;

/**
 * GstDaedalusH264Dpb:
 * @free_data: frees the data of frames
 * @entries: frame buffers in decoding order: whatever is a reference or waits for
 *   output, but not @current
 * @num_entries: how many; at most @capacity between calls
 * @current: (nullable): the picture between start_picture() and end_picture(), or
 *   a first field whose mate may follow
 * @due: frames for pop()
 * @capacity: frame buffers, 1..16
 * @max_refs: Max( max_num_ref_frames, 1 ), at most 16
 * @max_reorder: frames that may wait for output, 0..@capacity
 * @step_output: output a frame also when its order count follows the last one's;
 *   until that turns out to be wrong for the stream
 * @last_output: order count of the frame that was output last
 * @last_output_valid: whether one was, since the last one that starts the order
 * @first_count: order count of the first frame since then
 * @first_count_valid: whether there was one
 * @odd_step: differences between order counts were odd since then
 * @poc: for the order counts
 * @prev_ref_frame_num: PrevRefFrameNum
 * @prev_ref_frame_num_valid: whether a reference was decoded since the stream was
 *   joined
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

  GstDaedalusH264Poc poc;
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

G_END_DECLS
#endif
