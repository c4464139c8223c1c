/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "gstdaedalush264dpb-private.h"

enum
{
  PROFILE_BASELINE = 66,
  PROFILE_MAIN = 77,
  PROFILE_EXTENDED = 88,
};

/* Table A-1, in ascending order of level_idc. */
static const struct
{
  guint level_idc;
  guint max_dpb_mbs;
} levels[] = {
  {10, 396}, {11, 900}, {12, 2376}, {13, 2376},
  {20, 2376}, {21, 4752}, {22, 8100},
  {30, 8100}, {31, 18000}, {32, 20480},
  {40, 32768}, {41, 32768}, {42, 34816},
  {50, 110400}, {51, 184320}, {52, 184320},
  {60, 696320}, {61, 696320}, {62, 696320},
};

/* A.3.1: how these profiles signal level 1b; other profiles have level_idc
 * 9. */
static gboolean
is_level_1b (const GstH264SPS *sps)
{
  return sps->level_idc == 11 && sps->constraint_set3_flag &&
      (sps->profile_idc == PROFILE_BASELINE ||
      sps->profile_idc == PROFILE_MAIN || sps->profile_idc == PROFILE_EXTENDED);
}

/* MaxDpbMbs; for a level_idc that is not in the table, that of the next one. */
static guint
max_dpb_mbs (const GstH264SPS *sps)
{
  guint i;

  if (is_level_1b (sps))
    return levels[0].max_dpb_mbs;
  for (i = 0; i < G_N_ELEMENTS (levels) - 1; i++) {
    if (sps->level_idc <= levels[i].level_idc)
      break;
  }
  return levels[i].max_dpb_mbs;
}

static guint
max_dpb_frames (const GstH264SPS *sps)
{
  guint64 width = (guint64) sps->pic_width_in_mbs_minus1 + 1;
  guint64 height = ((guint64) sps->pic_height_in_map_units_minus1 + 1) *
      (sps->frame_mbs_only_flag ? 1 : 2);
  guint64 frame_size = MAX (width * height, 1);

  return (guint) MIN (max_dpb_mbs (sps) / frame_size,
      GST_DAEDALUS_H264_MAX_DPB_FRAMES);
}

/* E.2.1: whether max_dec_frame_buffering is inferred to be 0. */
static gboolean
is_intra_only (const GstH264SPS *sps)
{
  static const guint8 profiles[] = { 44, 86, 100, 110, 122, 244 };
  guint i;

  for (i = 0; sps->constraint_set3_flag && i < G_N_ELEMENTS (profiles); i++) {
    if (sps->profile_idc == profiles[i])
      return TRUE;
  }
  return FALSE;
}

/**
 * gst_daedalus_h264_set_capacity:
 * @dpb: its number of frame buffers and its output limits are set
 * @sps: sequence parameter set that becomes active
 * @live: prefer low latency where @sps leaves it open
 *
 * Some streams have a level that is too low for their max_num_ref_frames; they
 * get as many buffers as these references need. The VUI can lower the number of
 * buffers, but not below what the references or its num_reorder_frames need. It
 * cannot raise the number above MaxDpbFrames of the level.
 *
 * @live has two effects. First, frames of Baseline streams are output in
 * decoding order: these streams have no B slices and in practice do not
 * reorder. Second, if no VUI limits reordering, some frames are output at once
 * instead of when the buffers are full: the IDR picture, and after it each
 * frame whose picture order count is the next one after that of the last
 * output. The next one is larger by 2, because picture order counts count
 * fields; after an odd difference was seen, larger by 1, because some encoders
 * count frames. If a frame then comes too late for its position, the stream
 * counts in another way. From then on its frames wait like those of a stream
 * that is not live.
 */
void
gst_daedalus_h264_set_capacity (GstDaedalusH264Dpb *dpb,
    const GstH264SPS *sps, gboolean live)
{
  const GstH264VUIParams *vui = &sps->vui_parameters;
  gboolean restricted = sps->vui_parameters_present_flag &&
      vui->bitstream_restriction_flag;
  guint num_ref_frames = MIN (sps->num_ref_frames,
      GST_DAEDALUS_H264_MAX_DPB_FRAMES);
  guint max_frames = MAX (max_dpb_frames (sps), 1);

  dpb->max_refs = MAX (num_ref_frames, 1);
  dpb->capacity = max_frames;
  dpb->max_reorder = G_MAXUINT;
  if (restricted) {
    dpb->max_reorder = vui->num_reorder_frames;
    dpb->capacity = MIN (max_frames,
        MAX (vui->max_dec_frame_buffering, vui->num_reorder_frames));
  } else if (is_intra_only (sps)) {
    dpb->max_reorder = 0;
    dpb->capacity = 0;
  }
  dpb->capacity = MAX (dpb->capacity, dpb->max_refs);
  dpb->max_reorder = MIN (dpb->max_reorder, dpb->capacity);

  /* 8.2.1.3: the output order is the decoding order. */
  if (sps->pic_order_cnt_type == 2)
    dpb->max_reorder = 0;
  if (live && sps->profile_idc == PROFILE_BASELINE)
    dpb->max_reorder = 0;
  dpb->step_output = live && !restricted;
}

/* PicOrderCnt() of 8.2.1 */
static gint32
order_count (const GstDaedalusH264Entry *entry)
{
  const gint32 *counts = entry->frame.pic_order_cnt;

  switch (entry->frame.fields) {
    case GST_DAEDALUS_H264_TOP:
      return counts[0];
    case GST_DAEDALUS_H264_BOTTOM:
      return counts[1];
    default:
      return MIN (counts[0], counts[1]);
  }
}

/* The frame that waits for output and is first in output order, or NULL. */
static GstDaedalusH264Entry *
first_waiting (const GstDaedalusH264Dpb *dpb, guint *num_waiting)
{
  GstDaedalusH264Entry *first = NULL;
  guint i;

  *num_waiting = 0;
  for (i = 0; i < dpb->num_entries; i++) {
    GstDaedalusH264Entry *entry = dpb->entries[i];

    if (!entry->frame.needed_for_output)
      continue;
    (*num_waiting)++;
    if (!first || order_count (entry) < order_count (first))
      first = entry;
  }
  return first;
}

static void
remove_unused (GstDaedalusH264Dpb *dpb)
{
  guint i, kept = 0;

  for (i = 0; i < dpb->num_entries; i++) {
    GstDaedalusH264Entry *entry = dpb->entries[i];

    if (entry->frame.needed_for_output ||
        gst_daedalus_h264_entry_is_reference (entry))
      dpb->entries[kept++] = entry;
    else
      gst_daedalus_h264_frame_unref (&entry->frame);
  }
  dpb->num_entries = kept;
}

static void
output (GstDaedalusH264Dpb *dpb, GstDaedalusH264Entry *entry)
{
  entry->frame.needed_for_output = FALSE;
  dpb->last_output = order_count (entry);
  dpb->last_output_valid = TRUE;
  g_queue_push_tail (&dpb->due, gst_daedalus_h264_frame_ref (&entry->frame));
}

/* Empties a frame buffer for @entry. Returns TRUE if @entry needs none and is
 * to be output directly (C.4.5.2): it is no reference, and no frame that waits
 * is before it in output order. */
static gboolean
make_buffer (GstDaedalusH264Dpb *dpb, const GstDaedalusH264Entry *entry)
{
  for (;;) {
    GstDaedalusH264Entry *first;
    guint num_waiting;

    remove_unused (dpb);
    if (dpb->num_entries < dpb->capacity)
      return FALSE;
    first = first_waiting (dpb, &num_waiting);
    if (!gst_daedalus_h264_entry_is_reference (entry) &&
        (!first || order_count (entry) < order_count (first)))
      return TRUE;
    /* @first is not NULL: the references alone do not fill all buffers, see
     * gst_daedalus_h264_mark_current(). */
    output (dpb, first);
  }
}

static gboolean
is_next_step (const GstDaedalusH264Dpb *dpb, const GstDaedalusH264Entry *entry)
{
  gint64 step = (gint64) order_count (entry) - dpb->last_output;

  if (!dpb->step_output)
    return FALSE;
  if (!dpb->last_output_valid)
    return entry->starts_order;
  return step == (dpb->odd_step ? 1 : 2);
}

static void
note_order (GstDaedalusH264Dpb *dpb, const GstDaedalusH264Entry *entry)
{
  gint32 count = order_count (entry);

  if (!dpb->first_count_valid)
    dpb->first_count = count;
  dpb->first_count_valid = TRUE;
  dpb->odd_step |= (count ^ dpb->first_count) & 1;
  if (dpb->last_output_valid && count < dpb->last_output)
    dpb->step_output = FALSE;
}

/**
 * gst_daedalus_h264_store:
 * @dpb: a buffer; frames that become due are moved to its output queue
 * @entry: (transfer full): a frame with all of its fields decoded and marked,
 *   or a non-existing one
 *
 * Stores a frame, C.4.5.1 and C.4.5.2, and outputs frames as early as
 * num_reorder_frames allows.
 */
void
gst_daedalus_h264_store (GstDaedalusH264Dpb *dpb, GstDaedalusH264Entry *entry)
{
  GstDaedalusH264Entry *first;
  guint num_waiting;

  if (!entry->frame.needed_for_output &&
      !gst_daedalus_h264_entry_is_reference (entry)) {
    gst_daedalus_h264_frame_unref (&entry->frame);
    return;
  }
  if (entry->frame.needed_for_output)
    note_order (dpb, entry);
  if (make_buffer (dpb, entry)) {
    output (dpb, entry);
    gst_daedalus_h264_frame_unref (&entry->frame);
    return;
  }
  dpb->entries[dpb->num_entries++] = entry;
  while ((first = first_waiting (dpb, &num_waiting)) &&
      (num_waiting > dpb->max_reorder || is_next_step (dpb, first)))
    output (dpb, first);
  remove_unused (dpb);
}

/**
 * gst_daedalus_h264_restart_order:
 * @dpb: a buffer
 *
 * Later picture order counts are not comparable with earlier ones: an IDR
 * picture, memory_management_control_operation 5 or a seek is between them.
 */
void
gst_daedalus_h264_restart_order (GstDaedalusH264Dpb *dpb)
{
  dpb->last_output_valid = FALSE;
  dpb->first_count_valid = FALSE;
  dpb->odd_step = FALSE;
}

/**
 * gst_daedalus_h264_output_all:
 * @dpb: all frames that wait for output become due, in output order
 */
void
gst_daedalus_h264_output_all (GstDaedalusH264Dpb *dpb)
{
  GstDaedalusH264Entry *first;
  guint num_waiting;

  while ((first = first_waiting (dpb, &num_waiting)))
    output (dpb, first);
  remove_unused (dpb);
}

/**
 * gst_daedalus_h264_output_none:
 * @dpb: all frames that wait for output are dropped
 */
void
gst_daedalus_h264_output_none (GstDaedalusH264Dpb *dpb)
{
  guint i;

  for (i = 0; i < dpb->num_entries; i++)
    dpb->entries[i]->frame.needed_for_output = FALSE;
  remove_unused (dpb);
}
