/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "common/h264_sps.h"
#include "gstdaedalush264controls.h"
#include "gstdaedalush264dpb.h"
#include "gstdaedalush264dpb-private.h"

#include <string.h>

static GstDaedalusH264Entry *
entry_new (const GstDaedalusH264Dpb *dpb, guint frame_num)
{
  GstDaedalusH264Entry *entry = g_atomic_rc_box_new0 (GstDaedalusH264Entry);

  entry->frame.free_data = dpb->free_data;
  entry->frame.frame_num = frame_num;
  return entry;
}

/**
 * gst_daedalus_h264_dpb_new:
 * @free_data: (nullable): frees the data of frames
 *
 * Returns: (transfer full): an empty buffer; call
 *   gst_daedalus_h264_dpb_set_sps() before the first picture
 */
GstDaedalusH264Dpb *
gst_daedalus_h264_dpb_new (GDestroyNotify free_data)
{
  GstDaedalusH264Dpb *dpb = g_new0 (GstDaedalusH264Dpb, 1);

  dpb->free_data = free_data;
  dpb->capacity = 1;
  dpb->max_refs = 1;
  g_queue_init (&dpb->due);
  return dpb;
}

/**
 * gst_daedalus_h264_dpb_free:
 * @dpb: (transfer full): a buffer
 *
 * Frees @dpb. Frames live on while callers hold references.
 */
void
gst_daedalus_h264_dpb_free (GstDaedalusH264Dpb *dpb)
{
  gst_daedalus_h264_dpb_clear (dpb);
  g_free (dpb);
}

static void
drop_current (GstDaedalusH264Dpb *dpb)
{
  if (dpb->current)
    gst_daedalus_h264_frame_unref (&dpb->current->frame);
  dpb->current = NULL;
}

/* The next picture does not depend on earlier ones. */
static void
forget_references (GstDaedalusH264Dpb *dpb)
{
  gst_daedalus_h264_unmark_all (dpb);
  drop_current (dpb);
  gst_daedalus_h264_restart_order (dpb);
  dpb->prev_ref_frame_num_valid = FALSE;
  memset (&dpb->poc, 0, sizeof (dpb->poc));
}

/**
 * gst_daedalus_h264_dpb_clear:
 * @dpb: a buffer
 *
 * Drops all frames without output, also those that are due already. For a seek.
 * The limits of the sequence parameter set stay.
 */
void
gst_daedalus_h264_dpb_clear (GstDaedalusH264Dpb *dpb)
{
  GstDaedalusH264Frame *frame;

  forget_references (dpb);
  gst_daedalus_h264_output_none (dpb);
  while ((frame = g_queue_pop_head (&dpb->due)))
    gst_daedalus_h264_frame_unref (frame);
}

/* Stores the current frame: it is complete, or its second field does not
 * come. */
static void
finish_current (GstDaedalusH264Dpb *dpb)
{
  GstDaedalusH264Entry *entry = dpb->current;

  if (!entry)
    return;
  if (!entry->decoded) {
    drop_current (dpb);
    return;
  }
  dpb->current = NULL;
  gst_daedalus_h264_store (dpb, entry);
}

/**
 * gst_daedalus_h264_dpb_set_sps:
 * @dpb: a buffer
 * @sps: sequence parameter set that becomes active, with other content than the
 *   last one: a new coded video sequence starts
 * @live: prefer low latency where @sps leaves it open
 *
 * All frames that wait become due first, whatever value
 * no_output_of_prior_pics_flag has or is inferred to have (C.4.4): output can
 * change its size. No reference is left. Not to be called between
 * start_picture() and end_picture().
 */
void
gst_daedalus_h264_dpb_set_sps (GstDaedalusH264Dpb *dpb, const GstH264SPS *sps,
    gboolean live)
{
  gst_daedalus_h264_dpb_drain (dpb);
  forget_references (dpb);
  gst_daedalus_h264_output_none (dpb);
  gst_daedalus_h264_set_capacity (dpb, sps, live);
  gst_daedalus_h264_fill_sps (&dpb->sps, sps);
}

/**
 * gst_daedalus_h264_dpb_get_delay:
 * @dpb: a buffer
 * @min: (out): least number of frames that output is behind decoding
 * @max: (out): largest number of frames that output is behind decoding
 *
 * Both are what the sequence parameter set allows. With low latency, @min is 0:
 * the delay depends on the real order of the stream, which is not known in
 * advance.
 */
void
gst_daedalus_h264_dpb_get_delay (const GstDaedalusH264Dpb *dpb, guint *min,
    guint *max)
{
  *max = dpb->max_reorder;
  *min = dpb->step_output ? 0 : dpb->max_reorder;
}

/**
 * gst_daedalus_h264_dpb_get_capacity:
 * @dpb: a buffer
 *
 * Returns: most frames that @dpb keeps, by the sequence parameter set
 */
guint
gst_daedalus_h264_dpb_get_capacity (const GstDaedalusH264Dpb *dpb)
{
  return dpb->capacity;
}

/**
 * gst_daedalus_h264_dpb_is_second_field:
 * @dpb: a buffer
 * @info: the picture that is to be decoded
 *
 * 3.30 and 7.4.1.2.4: two fields of opposite parity with the same frame_num
 * are a frame if both are reference fields or both are not. An IDR picture or
 * one with memory_management_control_operation 5 is no second field. But some
 * encoders make both fields of a frame IDR pictures; that is accepted.
 *
 * Returns: whether the picture is the second field of the frame that the last
 *   call of gst_daedalus_h264_dpb_start_picture() began
 */
gboolean
gst_daedalus_h264_dpb_is_second_field (const GstDaedalusH264Dpb *dpb,
    const GstDaedalusH264PicInfo *info)
{
  const GstDaedalusH264Entry *first = dpb->current;
  guint fields = gst_daedalus_h264_info_fields (info);

  return first && first->decoded &&
      (first->frame.fields ^ fields) == GST_DAEDALUS_H264_BOTH &&
      first->frame.frame_num == info->slice->frame_num &&
      first->reference == (info->nal_ref_idc != 0) &&
      (!info->idr || first->frame.idr) &&
      !gst_daedalus_h264_info_has_mmco5 (info);
}

/*
 * 8.2.5.2. If the sequence parameter set does not allow gaps, frames were
 * lost. These are filled in as well, so that the sliding window drops the same
 * frames as that of the encoder. Of a long gap only the last frames are filled
 * in, as many as the window holds.
 */
static void
fill_gap (GstDaedalusH264Dpb *dpb, const GstH264SPS *sps, guint frame_num)
{
  guint max_frame_num = h264_sps_power (sps->log2_max_frame_num_minus4);
  guint missing;

  if (!dpb->prev_ref_frame_num_valid || frame_num == dpb->prev_ref_frame_num)
    return;
  missing = (frame_num - dpb->prev_ref_frame_num - 1) & (max_frame_num - 1);
  for (missing = MIN (missing, dpb->max_refs); missing > 0; missing--) {
    GstDaedalusH264Entry *entry = entry_new (dpb,
        (frame_num - missing) & (max_frame_num - 1));

    h264_poc_non_existing (&dpb->poc, &dpb->sps, entry->frame.frame_num,
        entry->frame.pic_order_cnt);
    gst_daedalus_h264_slide_window (dpb, sps, entry->frame.frame_num);
    entry->reference = TRUE;
    entry->decoded = TRUE;
    entry->frame.fields = GST_DAEDALUS_H264_BOTH;
    entry->frame.short_ref = GST_DAEDALUS_H264_BOTH;
    entry->frame.non_existing = TRUE;
    dpb->prev_ref_frame_num = entry->frame.frame_num;
    gst_daedalus_h264_store (dpb, entry);
  }
}

/* C.4.4 for an IDR picture, and 8.2.5.1 */
static void
start_idr (GstDaedalusH264Dpb *dpb, const GstDaedalusH264PicInfo *info)
{
  gst_daedalus_h264_unmark_all (dpb);
  if (info->nal_ref_idc &&
      info->slice->dec_ref_pic_marking.no_output_of_prior_pics_flag)
    gst_daedalus_h264_output_none (dpb);
  else
    gst_daedalus_h264_output_all (dpb);
  gst_daedalus_h264_restart_order (dpb);
}

/**
 * gst_daedalus_h264_dpb_start_picture:
 * @dpb: a buffer
 * @info: the picture that is to be decoded
 *
 * Fills a gap in frame_num and derives the picture order counts. An IDR
 * picture removes all other frames; they are output unless
 * no_output_of_prior_pics_flag is set. A picture that was started and not
 * ended is dropped.
 *
 * Returns: (transfer full): the new frame, or for a second field the frame of the
 *   first field; the caller sets its data and timestamp
 */
GstDaedalusH264Frame *
gst_daedalus_h264_dpb_start_picture (GstDaedalusH264Dpb *dpb,
    const GstDaedalusH264PicInfo *info)
{
  GstDaedalusH264Entry *entry;
  struct h264_coded_picture picture;

  if (!gst_daedalus_h264_dpb_is_second_field (dpb, info)) {
    finish_current (dpb);
    if (info->idr)
      start_idr (dpb, info);
    else
      fill_gap (dpb, info->sps, info->slice->frame_num);
    dpb->current = entry_new (dpb, info->slice->frame_num);
    dpb->current->reference = info->nal_ref_idc != 0;
    dpb->current->frame.coded_fields = info->slice->field_pic_flag != 0;
    dpb->current->frame.idr = info->idr;
    dpb->current->frame.needed_for_output = TRUE;
    dpb->current->starts_order = info->idr;
  }
  entry = dpb->current;
  entry->decoded = FALSE;
  entry->frame.fields |= gst_daedalus_h264_info_fields (info);
  gst_daedalus_h264_info_get_picture (info, &picture);
  h264_poc_begin (&dpb->poc, &dpb->sps, &picture, entry->frame.pic_order_cnt);
  return gst_daedalus_h264_frame_ref (&entry->frame);
}

/**
 * gst_daedalus_h264_dpb_end_picture:
 * @dpb: a buffer
 * @info: as passed to gst_daedalus_h264_dpb_start_picture()
 * @show: %FALSE if the picture could not be decoded; its frame is never output
 *
 * Marks references. Unless a second field may follow, stores the frame and
 * moves frames that are due to the output queue. Does nothing if no picture
 * was started.
 */
void
gst_daedalus_h264_dpb_end_picture (GstDaedalusH264Dpb *dpb,
    const GstDaedalusH264PicInfo *info, gboolean show)
{
  GstDaedalusH264Entry *entry = dpb->current;
  struct h264_coded_picture picture;

  if (!entry || entry->decoded)
    return;
  gst_daedalus_h264_info_get_picture (info, &picture);
  entry->decoded = TRUE;
  entry->hidden |= !show;
  entry->frame.needed_for_output = !entry->hidden;
  h264_poc_end (&dpb->poc, &picture, entry->frame.pic_order_cnt);
  if (info->nal_ref_idc)
    gst_daedalus_h264_mark_current (dpb, info);
  if (picture.mmco5) {
    /* C.4.4: as for an IDR picture, with no_output_of_prior_pics_flag 0 */
    gst_daedalus_h264_output_all (dpb);
    gst_daedalus_h264_restart_order (dpb);
    entry->starts_order = TRUE;
    entry->frame.frame_num = 0;
  }
  if (info->nal_ref_idc) {
    dpb->prev_ref_frame_num = entry->frame.frame_num;
    dpb->prev_ref_frame_num_valid = TRUE;
  }
  if (entry->frame.fields == GST_DAEDALUS_H264_BOTH)
    finish_current (dpb);
}

/**
 * gst_daedalus_h264_dpb_drain:
 * @dpb: a buffer
 *
 * All frames that wait become due, e.g. at the end of the stream. References
 * stay. A field whose second field did not come becomes a frame of its own.
 */
void
gst_daedalus_h264_dpb_drain (GstDaedalusH264Dpb *dpb)
{
  if (dpb->current && dpb->current->decoded)
    finish_current (dpb);
  gst_daedalus_h264_output_all (dpb);
}

/**
 * gst_daedalus_h264_dpb_pop:
 * @dpb: a buffer
 *
 * After every call that may make frames due, call this until it returns %NULL:
 * the number of due frames has no limit.
 *
 * Returns: (transfer full) (nullable): the next frame in output order
 */
GstDaedalusH264Frame *
gst_daedalus_h264_dpb_pop (GstDaedalusH264Dpb *dpb)
{
  return g_queue_pop_head (&dpb->due);
}

/**
 * gst_daedalus_h264_dpb_get_references:
 * @dpb: a buffer
 * @refs: (out) (transfer none): frames with a field that is marked as used for
 *   reference, including non-existing frames, in decoding order; valid until
 *   the next call that changes @dpb
 *
 * Between start_picture() and end_picture(), these are the frames that the
 * picture may refer to; for a second field they include the frame of the first
 * field.
 *
 * Returns: the number of frames, at most 16
 */
guint
gst_daedalus_h264_dpb_get_references (const GstDaedalusH264Dpb *dpb,
    const GstDaedalusH264Frame *refs[GST_DAEDALUS_H264_MAX_DPB_FRAMES])
{
  guint i, n = 0;

  for (i = 0; i < dpb->num_entries; i++) {
    if (gst_daedalus_h264_entry_is_reference (dpb->entries[i]))
      refs[n++] = &dpb->entries[i]->frame;
  }
  if (dpb->current && gst_daedalus_h264_entry_is_reference (dpb->current))
    refs[n++] = &dpb->current->frame;
  return n;
}
