/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "gstdaedalush264bump.h"

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

/* What these profiles have for level 1b; the others have level_idc 9. */
static gboolean
is_level_1b (const GstH264SPS *sps)
{
  return sps->level_idc == 11 && sps->constraint_set3_flag &&
      (sps->profile_idc == PROFILE_BASELINE ||
      sps->profile_idc == PROFILE_MAIN || sps->profile_idc == PROFILE_EXTENDED);
}

/* MaxDpbMbs; of a level_idc that is not in the table, the next one that is. */
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

/* E.2.1: of these max_dec_frame_buffering is inferred to be 0. */
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
 * @dpb: gets its number of frame buffers and the limits of its output
 * @sps: sequence parameter set that becomes active
 * @live: prefer low latency where @sps leaves it open
 *
 * Some streams have a level that is too low for their max_num_ref_frames; they get
 * the buffers that these need. What the VUI says may lower the number of buffers, yet
 * never below what references or its own num_reorder_frames need, and not raise
 * it above MaxDpbFrames: it is not there to get around the level.
 *
 * @live has two effects. Baseline streams have no B slices and so, in practice, no
 * other order than that of decoding. And where no VUI limits the
 * reordering, the IDR picture, and after it each frame whose order count follows
 * that of the last output directly, is output at once, instead of when the buffers
 * are full. Directly means by 2, as frames are counted in fields; by 1 from when an
 * odd difference was seen, because some encoders count in frames. A frame that comes
 * too late for its place shows that this stream counts otherwise: from then on its
 * frames wait like those of a stream that is not live.
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

/* (nullable): the frame that waits for output and is first in order. */
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

/* Makes an empty frame buffer. Whether @entry, not a reference and first of all that
 * waits, is to be output directly instead (C.4.5.2). */
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
    /* There is one: references alone leave a buffer for one more, see
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
 * @dpb: where the frame is stored; frames that are due then are moved to its output
 * @entry: (transfer full): a frame with all of its fields decoded and marked, or a
 *   non-existing one
 *
 * C.4.5.1 and C.4.5.2, and output as early as num_reorder_frames allows.
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
 * @dpb: order counts to come have nothing to do with those that were
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
 * @dpb: all of its frames that wait become due, in order
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
 * @dpb: none of its frames that wait is ever output
 */
void
gst_daedalus_h264_output_none (GstDaedalusH264Dpb *dpb)
{
  guint i;

  for (i = 0; i < dpb->num_entries; i++)
    dpb->entries[i]->frame.needed_for_output = FALSE;
  remove_unused (dpb);
}
