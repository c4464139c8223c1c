/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The decoded picture buffer of H.264 with random sequences that no encoder
 * makes. Checks the invariants that hold for all of them.
 */
#include <gst/check/gstcheck.h>
#include <string.h>

#include "common/h264_sps.h"
#include "h264/gstdaedalush264dpb.h"
#include "h264/gstdaedalush264dpb-private.h"

#define NUM_RUNS 1000
#define PICTURES_PER_RUN 400

/* fail_unless() writes to a file each time that it is passed. */
#define CHECK(condition) \
G_STMT_START { \
  if (G_UNLIKELY (!(condition))) \
    fail ("seed %u, picture %u: %s", seed_now, picture_now, #condition); \
} G_STMT_END

static guint seed_now, picture_now;

/*
 * The history of one frame: @decoded is the number of ended fields, @show is
 * TRUE if all of them had show TRUE, @dropped if the frame was dropped on
 * purpose, @popped the number of times it was output.
 */
typedef struct
{
  guint decoded;
  gboolean show;
  gboolean dropped;
  guint popped;
  gboolean freed;
} Fate;

typedef struct
{
  GRand *rand;
  GstH264SPS sps;
  GstDaedalusH264Dpb *dpb;
  GPtrArray *fates;
  guint alive;
  guint popped;
} Run;

static guint
below (Run *run, guint limit)
{
  return (guint) g_rand_int_range (run->rand, 0, (gint32) limit);
}

static gboolean
one_in (Run *run, guint n)
{
  return below (run, n) == 0;
}

/* Mostly small, sometimes anything. */
static guint32
value (Run *run, guint limit)
{
  return one_in (run, 20) ? g_rand_int (run->rand) : below (run, limit);
}

static guint *alive;

static void
free_fate (gpointer data)
{
  Fate *fate = data;

  CHECK (!fate->freed);
  fate->freed = TRUE;
  (*alive)--;
}

static void
random_sps (Run *run)
{
  static const guint8 profiles[] = { 66, 77, 88, 100, 110, 44, 1 };
  GstH264SPS *sps = &run->sps;
  guint i;

  memset (sps, 0, sizeof (*sps));
  sps->profile_idc = profiles[below (run, G_N_ELEMENTS (profiles))];
  sps->constraint_set3_flag = one_in (run, 4);
  sps->level_idc = (guint8) value (run, 63);
  sps->pic_width_in_mbs_minus1 = value (run, 40);
  sps->pic_height_in_map_units_minus1 = value (run, 40);
  sps->frame_mbs_only_flag = one_in (run, 2);
  sps->num_ref_frames = value (run, 17);
  sps->log2_max_frame_num_minus4 = (guint8) below (run, 3);
  sps->log2_max_pic_order_cnt_lsb_minus4 = (guint8) below (run, 13);
  sps->gaps_in_frame_num_value_allowed_flag = one_in (run, 2);
  sps->pic_order_cnt_type = (guint8) below (run, 3);
  sps->num_ref_frames_in_pic_order_cnt_cycle = (guint8) value (run, 4);
  for (i = 0; i < sps->num_ref_frames_in_pic_order_cnt_cycle; i++)
    sps->offset_for_ref_frame[i] = (gint32) value (run, 9);
  sps->offset_for_non_ref_pic = -(gint32) below (run, 5);
  sps->vui_parameters_present_flag = one_in (run, 2);
  sps->vui_parameters.bitstream_restriction_flag = one_in (run, 2);
  sps->vui_parameters.num_reorder_frames = value (run, 6);
  sps->vui_parameters.max_dec_frame_buffering = value (run, 17);
}

/* @before: the picture before; the new one may be its second field. */
static void
random_picture (Run *run, GstH264SliceHdr *slice, GstDaedalusH264PicInfo *info,
    const GstH264SliceHdr *before, gboolean lossy)
{
  GstH264DecRefPicMarking *marking = &slice->dec_ref_pic_marking;
  guint i, max_frame_num = h264_sps_power (run->sps.log2_max_frame_num_minus4);

  memset (slice, 0, sizeof (*slice));
  info->sps = &run->sps;
  info->slice = slice;
  info->idr = one_in (run, 30);
  info->nal_ref_idc = below (run, 3);
  slice->frame_num = before->frame_num;
  if (one_in (run, 2))
    slice->frame_num = (guint16) ((before->frame_num + 1) % max_frame_num);
  if (one_in (run, 15))
    slice->frame_num = (guint16) below (run, max_frame_num);
  if (info->idr)
    slice->frame_num = 0;
  slice->field_pic_flag = !run->sps.frame_mbs_only_flag && !one_in (run, 3);
  slice->bottom_field_flag = slice->field_pic_flag &&
      (one_in (run, 8) ? one_in (run, 2) : !before->bottom_field_flag);
  slice->pic_order_cnt_lsb = (guint16) (before->pic_order_cnt_lsb +
      below (run, 12) - 4);
  slice->delta_pic_order_cnt_bottom = (gint32) value (run, 3) - 1;
  slice->delta_pic_order_cnt[0] = (gint32) value (run, 5);
  slice->delta_pic_order_cnt[1] = (gint32) value (run, 5);
  marking->long_term_reference_flag = one_in (run, 2);
  marking->no_output_of_prior_pics_flag = lossy && one_in (run, 2);
  marking->adaptive_ref_pic_marking_mode_flag = one_in (run, 3);
  marking->n_ref_pic_marking = (guint8) value (run, 11);
  for (i = 0; i < G_N_ELEMENTS (marking->ref_pic_marking); i++) {
    GstH264RefPicMarking *mmco = &marking->ref_pic_marking[i];

    mmco->memory_management_control_operation = (guint8) below (run, 8);
    if (mmco->memory_management_control_operation == 5 && !one_in (run, 8))
      mmco->memory_management_control_operation = 3;
    mmco->difference_of_pic_nums_minus1 = value (run, 12);
    mmco->long_term_pic_num = value (run, 8);
    mmco->long_term_frame_idx = value (run, 5);
    mmco->max_long_term_frame_idx_plus1 = value (run, 6);
  }
}

/* The marks of each frame are consistent, and no LongTermFrameIdx exists
 * twice. */
static void
check_references (Run *run, gboolean decoding)
{
  const GstDaedalusH264Frame *refs[GST_DAEDALUS_H264_MAX_DPB_FRAMES];
  guint i, n, idx_seen = 0;

  n = gst_daedalus_h264_dpb_get_references (run->dpb, refs);
  CHECK (n <= GST_DAEDALUS_H264_MAX_DPB_FRAMES);
  CHECK (n <= MAX (run->sps.num_ref_frames, 1));
  for (i = 0; i < n; i++) {
    const GstDaedalusH264Frame *frame = refs[i];

    CHECK (frame->short_ref || frame->long_ref);
    CHECK ((frame->short_ref & frame->long_ref) == 0);
    CHECK (((frame->short_ref | frame->long_ref) & ~frame->fields) == 0);
    CHECK (frame->non_existing == (frame->data == NULL));
    if (!frame->long_ref)
      continue;
    CHECK (frame->long_term_frame_idx < 16);
    CHECK (!(idx_seen & (1U << frame->long_term_frame_idx)));
    idx_seen |= 1U << frame->long_term_frame_idx;
  }
  CHECK (run->dpb->num_entries <= run->dpb->capacity);
  CHECK (run->dpb->capacity <= GST_DAEDALUS_H264_MAX_DPB_FRAMES);
  /* The buffers, and the frame that is decoded or waits for its second
   * field. */
  CHECK (run->alive <= run->dpb->capacity + 1 + decoding);
}

static gint32
order_count (const GstDaedalusH264Frame *frame)
{
  const gint32 *counts = frame->pic_order_cnt;

  return frame->fields == GST_DAEDALUS_H264_TOP ? counts[0] :
      frame->fields == GST_DAEDALUS_H264_BOTTOM ? counts[1] :
      MIN (counts[0], counts[1]);
}

/* Of frames that waited before a call, those that are output because of it
 * are the first in order, and come in order. */
typedef struct
{
  guint num_frames;
  GstDaedalusH264Frame *frames[GST_DAEDALUS_H264_MAX_DPB_FRAMES];
} Waiting;

static void
note_waiting (Run *run, Waiting *waiting)
{
  guint i;

  waiting->num_frames = 0;
  for (i = 0; i < run->dpb->num_entries; i++) {
    GstDaedalusH264Frame *frame = &run->dpb->entries[i]->frame;

    if (frame->needed_for_output)
      waiting->frames[waiting->num_frames++] =
          gst_daedalus_h264_frame_ref (frame);
  }
}

static gboolean
has_waited (const Waiting *waiting, const GstDaedalusH264Frame *frame)
{
  guint i;

  for (i = 0; i < waiting->num_frames; i++) {
    if (waiting->frames[i] == frame)
      return TRUE;
  }
  return FALSE;
}

static void
pop_all (Run *run, Waiting *waiting)
{
  GstDaedalusH264Frame *frame;
  gint32 last = G_MININT32;
  guint i;

  while ((frame = gst_daedalus_h264_dpb_pop (run->dpb))) {
    Fate *fate = frame->data;

    CHECK (!(frame->needed_for_output || frame->non_existing));
    fate->popped++;
    run->popped++;
    if (has_waited (waiting, frame)) {
      CHECK (order_count (frame) >= last);
      last = order_count (frame);
    }
    gst_daedalus_h264_frame_unref (frame);
  }
  for (i = 0; i < waiting->num_frames; i++) {
    frame = waiting->frames[i];
    CHECK (!frame->needed_for_output || order_count (frame) >= last);
    gst_daedalus_h264_frame_unref (frame);
  }
}

static void
decode (Run *run, const GstDaedalusH264PicInfo *info, gboolean lossy)
{
  gboolean is_second = gst_daedalus_h264_dpb_is_second_field (run->dpb, info);
  gboolean show = !one_in (run, 10);
  GstDaedalusH264Frame *frame;
  Waiting waiting;
  Fate *fate;

  note_waiting (run, &waiting);
  frame = gst_daedalus_h264_dpb_start_picture (run->dpb, info);
  CHECK ((frame->data != NULL) == is_second);
  if (!is_second) {
    fate = g_new0 (Fate, 1);
    fate->show = TRUE;
    g_ptr_array_add (run->fates, fate);
    frame->data = fate;
    run->alive++;
  }
  fate = frame->data;
  pop_all (run, &waiting);
  check_references (run, TRUE);
  if (!lossy || !one_in (run, 20)) {
    note_waiting (run, &waiting);
    gst_daedalus_h264_dpb_end_picture (run->dpb, info, show);
    fate->decoded |= gst_daedalus_h264_info_fields (info);
    fate->show &= show;
    pop_all (run, &waiting);
  } else {
    fate->dropped = TRUE;
  }
  gst_daedalus_h264_frame_unref (frame);
  if (!fate->dropped)
    check_references (run, FALSE);
}

/* The buffer has been drained and freed. @lossy: frames were also dropped. */
static void
check_fates (const Run *run, gboolean lossy)
{
  guint i, shown = 0;

  for (i = 0; i < run->fates->len; i++) {
    const Fate *fate = g_ptr_array_index (run->fates, i);

    CHECK (fate->freed);
    CHECK (fate->popped <= 1);
    CHECK (fate->show || !fate->popped);
    if (!lossy)
      CHECK (fate->popped == (fate->show ? 1 : 0));
    shown += fate->popped;
  }
  CHECK (shown == run->popped);
  CHECK (shown > 0);
}

static void
garbage (guint32 seed, gboolean lossy)
{
  Run run = {.rand = g_rand_new_with_seed (seed) };
  GstH264SliceHdr slices[2] = { 0 };
  GstDaedalusH264PicInfo info;
  Waiting waiting;
  guint i;

  run.fates = g_ptr_array_new_with_free_func (g_free);
  run.dpb = gst_daedalus_h264_dpb_new (free_fate);
  alive = &run.alive;
  seed_now = seed;
  for (i = 0; i < PICTURES_PER_RUN; i++) {
    picture_now = i;
    if (i == 0 || one_in (&run, 100)) {
      note_waiting (&run, &waiting);
      random_sps (&run);
      gst_daedalus_h264_dpb_set_sps (run.dpb, &run.sps, one_in (&run, 2));
      pop_all (&run, &waiting);
    }
    random_picture (&run, &slices[i & 1], &info, &slices[!(i & 1)], lossy);
    decode (&run, &info, lossy);
    if (lossy && one_in (&run, 100))
      gst_daedalus_h264_dpb_clear (run.dpb);
    if (one_in (&run, 60)) {
      note_waiting (&run, &waiting);
      gst_daedalus_h264_dpb_drain (run.dpb);
      pop_all (&run, &waiting);
    }
  }
  note_waiting (&run, &waiting);
  gst_daedalus_h264_dpb_drain (run.dpb);
  pop_all (&run, &waiting);
  gst_daedalus_h264_dpb_free (run.dpb);
  check_fates (&run, lossy);
  CHECK (run.alive == 0);
  g_ptr_array_unref (run.fates);
  g_rand_free (run.rand);
}

GST_START_TEST (test_garbage)
{
  guint32 seed;

  for (seed = 0; seed < NUM_RUNS; seed++)
    garbage (seed, FALSE);
}

GST_END_TEST;

/* With pictures that are not ended, no_output_of_prior_pics_flag and seeks */
GST_START_TEST (test_garbage_and_loss)
{
  guint32 seed;

  for (seed = 0; seed < NUM_RUNS; seed++)
    garbage (seed, TRUE);
}

GST_END_TEST;

static Suite *
h264_garbage_suite (void)
{
  Suite *suite = suite_create ("h264_garbage");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_test (tc, test_garbage);
  tcase_add_test (tc, test_garbage_and_loss);
  return suite;
}

GST_CHECK_MAIN (h264_garbage);
