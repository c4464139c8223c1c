/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "gstdaedalush264dpb-private.h"

/* LongTermFrameIdx is below max_num_ref_frames, which is at most 16 (7.4.2.1.1). */
#define NUM_LONG_TERM_IDX 16

/* Frame or field that an operation refers to. */
typedef struct
{
  GstDaedalusH264Entry *entry;
  guint fields;
} MarkedPicture;

/* For i equal to num_entries, the current frame, whose first field may be
 * marked. */
static GstDaedalusH264Entry *
candidate (const GstDaedalusH264Dpb *dpb, guint i)
{
  return i < dpb->num_entries ? dpb->entries[i] : dpb->current;
}

static guint
num_candidates (const GstDaedalusH264Dpb *dpb)
{
  return dpb->num_entries + (dpb->current != NULL);
}

/*
 * Converts PicNum or LongTermPicNum to a frame's number and its fields
 * (8.2.4.1). While a frame is decoded, it is the frame's number. While a field
 * is decoded, odd numbers mean the field of the same parity and even ones the
 * other field.
 */
static void
fields_of_number (const GstDaedalusH264PicInfo *info, gint64 number,
    gint64 *frame_number, guint *fields)
{
  guint current = gst_daedalus_h264_info_fields (info);

  *frame_number = number;
  *fields = current;
  if (current == GST_DAEDALUS_H264_BOTH)
    return;
  *fields = number & 1 ? current : GST_DAEDALUS_H264_BOTH & ~current;
  *frame_number = (number - (number & 1)) / 2;
}

static gboolean
find_short_term (const GstDaedalusH264Dpb *dpb,
    const GstDaedalusH264PicInfo *info, gint64 pic_num, MarkedPicture *found)
{
  gint64 frame_num_wrap;
  guint i;

  fields_of_number (info, pic_num, &frame_num_wrap, &found->fields);
  for (i = 0; i < num_candidates (dpb); i++) {
    found->entry = candidate (dpb, i);
    if (gst_daedalus_h264_frame_num_wrap (&found->entry->frame, info->sps,
            info->slice->frame_num) == frame_num_wrap &&
        (found->entry->frame.short_ref & found->fields) == found->fields)
      return TRUE;
  }
  return FALSE;
}

static gboolean
find_long_term (const GstDaedalusH264Dpb *dpb,
    const GstDaedalusH264PicInfo *info, guint long_term_pic_num,
    MarkedPicture *found)
{
  gint64 idx;
  guint i;

  fields_of_number (info, long_term_pic_num, &idx, &found->fields);
  for (i = 0; i < num_candidates (dpb); i++) {
    found->entry = candidate (dpb, i);
    if (found->entry->frame.long_term_frame_idx == idx &&
        (found->entry->frame.long_ref & found->fields) == found->fields)
      return TRUE;
  }
  return FALSE;
}

/*
 * Marks fields as long-term references. A LongTermFrameIdx belongs to one
 * frame, so other frames with @idx are unmarked, and so is a field of the same
 * frame with another index. MaxLongTermFrameIdx is not checked: nothing
 * depends on it, and some encoders never send operation 4.
 */
static void
make_long_term (GstDaedalusH264Dpb *dpb, GstDaedalusH264Entry *entry,
    guint fields, guint idx)
{
  guint i;

  if (idx >= NUM_LONG_TERM_IDX)
    return;
  for (i = 0; i < num_candidates (dpb); i++) {
    GstDaedalusH264Entry *other = candidate (dpb, i);

    if (other != entry && other->frame.long_term_frame_idx == idx)
      other->frame.long_ref = 0;
  }
  if (entry->frame.long_term_frame_idx != idx)
    entry->frame.long_ref = 0;
  entry->frame.long_term_frame_idx = idx;
  entry->frame.short_ref &= ~fields;
  entry->frame.long_ref |= fields;
}

static void
limit_long_term_idx (GstDaedalusH264Dpb *dpb, guint max_idx_plus1)
{
  guint i;

  for (i = 0; i < num_candidates (dpb); i++) {
    GstDaedalusH264Frame *frame = &candidate (dpb, i)->frame;

    if (frame->long_term_frame_idx >= max_idx_plus1)
      frame->long_ref = 0;
  }
}

/* 8.2.5.4; operations on pictures that are missing are ignored. */
static void
adaptive_marking (GstDaedalusH264Dpb *dpb, const GstDaedalusH264PicInfo *info)
{
  const GstH264DecRefPicMarking *marking = &info->slice->dec_ref_pic_marking;
  guint fields = gst_daedalus_h264_info_fields (info);
  gint64 curr_pic_num = info->slice->field_pic_flag ?
      2 * (gint64) info->slice->frame_num + 1 : info->slice->frame_num;
  guint i, n;

  n = MIN (marking->n_ref_pic_marking, G_N_ELEMENTS (marking->ref_pic_marking));
  for (i = 0; i < n; i++) {
    const GstH264RefPicMarking *mmco = &marking->ref_pic_marking[i];
    gint64 pic_num_x = curr_pic_num - 1 -
        (gint64) mmco->difference_of_pic_nums_minus1;
    MarkedPicture found;

    switch (mmco->memory_management_control_operation) {
      case 1:
        if (find_short_term (dpb, info, pic_num_x, &found))
          found.entry->frame.short_ref &= ~found.fields;
        break;
      case 2:
        if (find_long_term (dpb, info, mmco->long_term_pic_num, &found))
          found.entry->frame.long_ref &= ~found.fields;
        break;
      case 3:
        if (find_short_term (dpb, info, pic_num_x, &found))
          make_long_term (dpb, found.entry, found.fields,
              mmco->long_term_frame_idx);
        break;
      case 4:
        limit_long_term_idx (dpb, mmco->max_long_term_frame_idx_plus1);
        break;
      case 5:
        gst_daedalus_h264_unmark_all (dpb);
        gst_daedalus_h264_entry_unmark (dpb->current);
        break;
      case 6:
        make_long_term (dpb, dpb->current, fields, mmco->long_term_frame_idx);
        break;
      default:
        break;
    }
  }
}

/**
 * gst_daedalus_h264_unmark_all:
 * @dpb: a buffer
 *
 * Marks all frames but the current one as unused for reference.
 */
void
gst_daedalus_h264_unmark_all (GstDaedalusH264Dpb *dpb)
{
  guint i;

  for (i = 0; i < dpb->num_entries; i++)
    gst_daedalus_h264_entry_unmark (dpb->entries[i]);
}

/**
 * gst_daedalus_h264_slide_window:
 * @dpb: a buffer
 * @sps: active sequence parameter set
 * @frame_num: frame_num of the frame that is to be marked
 *
 * Unmarks the oldest references until one more frame can be marked (8.2.5.3).
 * If all are long-term references, which no conforming stream has, one of these
 * is unmarked.
 */
void
gst_daedalus_h264_slide_window (GstDaedalusH264Dpb *dpb,
    const GstH264SPS *sps, guint frame_num)
{
  for (;;) {
    GstDaedalusH264Entry *oldest = NULL;
    gint32 wrap, oldest_wrap = 0;
    guint i, count = 0;

    for (i = 0; i < dpb->num_entries; i++) {
      GstDaedalusH264Entry *entry = dpb->entries[i];

      if (!gst_daedalus_h264_entry_is_reference (entry))
        continue;
      count++;
      wrap = gst_daedalus_h264_frame_num_wrap (&entry->frame, sps, frame_num);
      /* A frame with a long-term field is not a short-term frame. */
      if (!oldest || (!entry->frame.long_ref && (oldest->frame.long_ref ||
                  wrap < oldest_wrap))) {
        oldest = entry;
        oldest_wrap = wrap;
      }
    }
    if (count < dpb->max_refs)
      return;
    gst_daedalus_h264_entry_unmark (oldest);
  }
}

/**
 * gst_daedalus_h264_mark_current:
 * @dpb: a buffer whose current picture was decoded
 * @info: the current picture, a reference picture
 *
 * 8.2.5.1. Afterwards at most max_num_ref_frames frames are marked, including
 * the current one, even if the operations of the stream leave more.
 */
void
gst_daedalus_h264_mark_current (GstDaedalusH264Dpb *dpb,
    const GstDaedalusH264PicInfo *info)
{
  const GstH264DecRefPicMarking *marking = &info->slice->dec_ref_pic_marking;
  GstDaedalusH264Frame *frame = &dpb->current->frame;
  guint fields = gst_daedalus_h264_info_fields (info);

  if (info->idr) {
    if (marking->long_term_reference_flag)
      make_long_term (dpb, dpb->current, fields, 0);
  } else if (marking->adaptive_ref_pic_marking_mode_flag) {
    adaptive_marking (dpb, info);
  }
  if (!(frame->long_ref & fields))
    frame->short_ref |= fields;
  /* The sliding window. It does nothing for a second field, because its first
   * field has made room for the frame. */
  gst_daedalus_h264_slide_window (dpb, info->sps, info->slice->frame_num);
}
