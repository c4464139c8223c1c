/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Picture order counts of H.264, worked out by hand from 8.2.1. */
#include <gst/check/gstcheck.h>

#include "h264/gstdaedalush264poc.h"

enum
{
  IDR = 1 << 0,
  REF = 1 << 1,
  TOP = 1 << 2,
  BOTTOM = 1 << 3,
  MMCO5 = 1 << 4,
  GAP = 1 << 5,                 /* a non-existing frame */
  END = 1 << 6,                 /* of the picture with MMCO5 before it */
};

/* What a bottom field has for a top one, and the other way round. */
#define NONE 9999

/* @lsb is delta_pic_order_cnt[0] and @delta delta_pic_order_cnt[1] in type 1. */
typedef struct
{
  guint flags;
  guint frame_num;
  gint lsb;
  gint delta;
  gint top;
  gint bottom;
} Step;

static void
check_counts (const gint32 counts[2], const Step *step, guint i)
{
  fail_unless (counts[0] == step->top && counts[1] == step->bottom,
      "step %u has %d, %d instead of %d, %d", i, counts[0], counts[1],
      step->top, step->bottom);
}

static void
begin_and_end (GstDaedalusH264Poc *poc, const GstH264SPS *sps,
    const Step *step, guint i, gint32 counts[2])
{
  GstH264SliceHdr slice = {
    .frame_num = step->frame_num,
    .field_pic_flag = (step->flags & (TOP | BOTTOM)) != 0,
    .bottom_field_flag = (step->flags & BOTTOM) != 0,
    .pic_order_cnt_lsb = step->lsb,
    .delta_pic_order_cnt_bottom = step->delta,
    .delta_pic_order_cnt = {step->lsb, step->delta},
  };
  GstDaedalusH264PicInfo info = {
    .sps = sps,.slice = &slice,.idr = (step->flags & IDR) != 0,
    .nal_ref_idc = (step->flags & (REF | IDR)) != 0,
  };
  GstH264DecRefPicMarking *marking = &slice.dec_ref_pic_marking;

  if (step->flags & MMCO5) {
    marking->adaptive_ref_pic_marking_mode_flag = TRUE;
    marking->n_ref_pic_marking = 1;
    marking->ref_pic_marking[0].memory_management_control_operation = 5;
  }
  gst_daedalus_h264_poc_begin (poc, &info, counts);
  check_counts (counts, step, i);
  gst_daedalus_h264_poc_end (poc, &info, counts);
  if (!(step->flags & MMCO5))
    check_counts (counts, step, i);
}

static void
check_steps (const GstH264SPS *sps, const Step *steps, guint n)
{
  GstDaedalusH264Poc poc = { 0 };
  gint32 counts[2];
  guint i;

  for (i = 0; i < n; i++) {
    if (steps[i].flags & END) {
      check_counts (counts, &steps[i], i);
      continue;
    }
    counts[0] = counts[1] = NONE;
    if (steps[i].flags & GAP) {
      gst_daedalus_h264_poc_non_existing (&poc, sps, steps[i].frame_num,
          counts);
      check_counts (counts, &steps[i], i);
    } else {
      begin_and_end (&poc, sps, &steps[i], i, counts);
    }
  }
}

/* MaxPicOrderCntLsb 16 */
GST_START_TEST (test_type_0)
{
  static const GstH264SPS sps = {.pic_order_cnt_type = 0 };
  static const Step steps[] = {
    {IDR, 0, 0, 0, 0, 0},
    {REF, 1, 8, 1, 8, 9},
    {0, 2, 4, -1, 4, 3},
    {REF, 2, 14, 0, 14, 14},
    /* 14 - 2 is half of 16 or more: the next one */
    {REF, 3, 2, 0, 18, 18},
    /* 15 - 2 is more than half: the one before; not a reference, so without effect */
    {0, 4, 15, 0, 15, 15},
    /* 10 - 2 is half, and not more */
    {REF, 4, 10, 0, 26, 26},
    /* 10 - 2 is half, which is enough */
    {REF, 5, 2, 0, 34, 34},
    /* Another IDR picture starts again, with counts below 0 after it. */
    {IDR, 0, 0, 0, 0, 0},
    {0, 1, 13, 2, -3, -1},
  };

  check_steps (&sps, steps, G_N_ELEMENTS (steps));
}

GST_END_TEST;

GST_START_TEST (test_type_0_fields)
{
  static const GstH264SPS sps = {.pic_order_cnt_type = 0 };
  static const Step steps[] = {
    {IDR | TOP, 0, 0, 0, 0, NONE},
    {REF | BOTTOM, 0, 1, 0, NONE, 1},
    /* delta_pic_order_cnt_bottom is for frames */
    {REF | BOTTOM, 1, 8, 5, NONE, 8},
    {REF | TOP, 1, 9, 0, 9, NONE},
    /* The first field is what its second field counts from. */
    {REF | TOP, 2, 15, 0, 15, NONE},
    {REF | BOTTOM, 2, 1, 0, NONE, 17},
    {REF | TOP, 3, 0, 0, 16, NONE},
  };

  check_steps (&sps, steps, G_N_ELEMENTS (steps));
}

GST_END_TEST;

GST_START_TEST (test_type_0_mmco5)
{
  static const GstH264SPS sps = {.pic_order_cnt_type = 0 };
  /* The next picture counts from TopFieldOrderCnt, which is 2 now: 9 is near. */
  static const Step frame[] = {
    {IDR, 0, 0, 0, 0, 0},
    {REF, 1, 8, 0, 8, 8},
    {REF, 2, 0, 0, 16, 16},
    {REF | MMCO5, 3, 6, -2, 22, 20},
    {END, 0, 0, 0, 2, 0},
    {0, 1, 9, 0, 9, 9},
    {0, 1, 11, 0, -5, -5},
  };
  static const Step frame_bottom_last[] = {
    {IDR, 0, 0, 0, 0, 0},
    {REF | MMCO5, 1, 6, 3, 6, 9},
    {END, 0, 0, 0, 0, 3},
    {0, 1, 9, 0, -7, -7},
  };
  static const Step top[] = {
    {IDR, 0, 0, 0, 0, 0},
    {REF | TOP | MMCO5, 1, 6, 0, 6, NONE},
    {END, 0, 0, 0, 0, NONE},
    {REF | BOTTOM, 0, 1, 0, NONE, 1},
    {0, 1, 10, 0, -6, -6},
  };
  static const Step bottom[] = {
    {IDR, 0, 0, 0, 0, 0},
    {REF | BOTTOM | MMCO5, 1, 6, 0, NONE, 6},
    {END, 0, 0, 0, NONE, 0},
    {0, 1, 9, 0, -7, -7},
  };

  check_steps (&sps, frame, G_N_ELEMENTS (frame));
  check_steps (&sps, frame_bottom_last, G_N_ELEMENTS (frame_bottom_last));
  check_steps (&sps, top, G_N_ELEMENTS (top));
  check_steps (&sps, bottom, G_N_ELEMENTS (bottom));
}

GST_END_TEST;

/* MaxFrameNum 16; cycles of 4 and 6, so ExpectedDeltaPerPicOrderCntCycle is 10 */
static const GstH264SPS type_1_sps = {
  .pic_order_cnt_type = 1,
  .offset_for_non_ref_pic = -2,
  .offset_for_top_to_bottom_field = 1,
  .num_ref_frames_in_pic_order_cnt_cycle = 2,
  .offset_for_ref_frame = {4, 6},
};

GST_START_TEST (test_type_1)
{
  static const Step steps[] = {
    {IDR, 0, 0, 0, 0, 1},
    {REF, 1, 0, 0, 4, 5},
    /* absFrameNum is 1 less, then offset_for_non_ref_pic */
    {0, 2, 0, 0, 2, 3},
    {REF, 2, 0, 0, 10, 11},
    /* 10 + 4, then the deltas */
    {REF, 3, 2, -3, 16, 14},
    {REF, 4, 0, 0, 20, 21},
    {REF, 5, 0, 0, 24, 25},
    /* Fields: only delta_pic_order_cnt[0], for either */
    {REF | TOP, 6, 3, 100, 33, NONE},
    {REF | BOTTOM, 6, -1, 100, NONE, 30},
    {BOTTOM, 7, 5, 0, NONE, 34},
    /* 7 cycles and 4 */
    {REF, 15, 0, 0, 74, 75},
    /* FrameNumOffset 16 */
    {REF, 0, 0, 0, 80, 81},
    {0, 1, 0, 0, 78, 79},
    {REF | MMCO5, 5, 0, 0, 104, 105},
    {END, 0, 0, 0, 0, 1},
    /* 5 was 0: no wrap */
    {REF, 1, 0, 0, 4, 5},
    {IDR, 0, 7, 0, 7, 8},
  };

  check_steps (&type_1_sps, steps, G_N_ELEMENTS (steps));
}

GST_END_TEST;

GST_START_TEST (test_type_1_without_cycle)
{
  static const GstH264SPS sps = {
    .pic_order_cnt_type = 1,.offset_for_non_ref_pic = -5,
  };
  static const Step steps[] = {
    {IDR, 0, 0, 0, 0, 0},
    {REF, 1, 6, 1, 6, 7},
    {0, 2, 7, 0, 2, 2},
  };

  check_steps (&sps, steps, G_N_ELEMENTS (steps));
}

GST_END_TEST;

GST_START_TEST (test_type_2)
{
  static const GstH264SPS sps = {.pic_order_cnt_type = 2 };
  static const Step steps[] = {
    {IDR, 0, 0, 0, 0, 0},
    {REF, 1, 0, 0, 2, 2},
    {0, 2, 0, 0, 3, 3},
    {REF, 2, 0, 0, 4, 4},
    {REF | TOP, 3, 0, 0, 6, NONE},
    {REF | BOTTOM, 3, 0, 0, NONE, 6},
    {REF, 15, 0, 0, 30, 30},
    {0, 0, 0, 0, 31, 31},
    {REF, 0, 0, 0, 32, 32},
    {REF | MMCO5, 7, 0, 0, 46, 46},
    {END, 0, 0, 0, 0, 0},
    {REF, 1, 0, 0, 2, 2},
    {REF | BOTTOM | MMCO5, 2, 0, 0, NONE, 4},
    {END, 0, 0, 0, NONE, 0},
    {REF | TOP, 0, 0, 0, 0, NONE},
    {IDR, 0, 0, 0, 0, 0},
    {0, 1, 0, 0, 1, 1},
  };

  check_steps (&sps, steps, G_N_ELEMENTS (steps));
}

GST_END_TEST;

GST_START_TEST (test_non_existing)
{
  static const GstH264SPS type_2_sps = {.pic_order_cnt_type = 2 };
  static const GstH264SPS type_0_sps = {.pic_order_cnt_type = 0 };
  static const Step type_2[] = {
    {IDR, 0, 0, 0, 0, 0},
    {REF, 14, 0, 0, 28, 28},
    {GAP, 15, 0, 0, 30, 30},
    {GAP, 0, 0, 0, 32, 32},
    {REF, 1, 0, 0, 34, 34},
    /* the first ones of a long gap may be left out, and the wrap is seen */
    {GAP, 14, 0, 0, 60, 60},
    {GAP, 0, 0, 0, 64, 64},
    {REF, 1, 0, 0, 66, 66},
  };
  static const Step type_1[] = {
    {IDR, 0, 0, 0, 0, 1},
    {REF, 14, 0, 0, 70, 71},
    {GAP, 0, 0, 0, 80, 81},
    {GAP, 1, 0, 0, 84, 85},
    {0, 2, 0, 0, 82, 83},
  };
  /* Of these nothing depends on frame_num. */
  static const Step type_0[] = {
    {IDR, 0, 0, 0, 0, 0},
    {REF, 1, 6, 0, 6, 6},
    {GAP, 2, 0, 0, 0, 0},
    {REF, 3, 12, 0, 12, 12},
  };

  check_steps (&type_2_sps, type_2, G_N_ELEMENTS (type_2));
  check_steps (&type_1_sps, type_1, G_N_ELEMENTS (type_1));
  check_steps (&type_0_sps, type_0, G_N_ELEMENTS (type_0));
}

GST_END_TEST;

GST_START_TEST (test_info)
{
  GstH264SPS sps = {.log2_max_frame_num_minus4 = 12 };
  GstH264SliceHdr slice = { 0 };
  GstDaedalusH264PicInfo info = {.sps = &sps,.slice = &slice,.nal_ref_idc = 1 };
  GstH264DecRefPicMarking *marking = &slice.dec_ref_pic_marking;

  fail_unless_equals_int (gst_daedalus_h264_max_frame_num (&sps), 65536);
  sps.log2_max_frame_num_minus4 = 0;
  fail_unless_equals_int (gst_daedalus_h264_max_frame_num (&sps), 16);
  sps.log2_max_frame_num_minus4 = 255;
  fail_unless_equals_int (gst_daedalus_h264_max_frame_num (&sps), 65536);

  fail_unless_equals_int (gst_daedalus_h264_info_fields (&info), 3);
  /* without field_pic_flag it is not there */
  slice.bottom_field_flag = TRUE;
  fail_unless_equals_int (gst_daedalus_h264_info_fields (&info), 3);
  slice.field_pic_flag = TRUE;
  fail_unless_equals_int (gst_daedalus_h264_info_fields (&info), 2);
  slice.bottom_field_flag = FALSE;
  fail_unless_equals_int (gst_daedalus_h264_info_fields (&info), 1);

  fail_if (gst_daedalus_h264_info_has_mmco5 (&info));
  marking->n_ref_pic_marking = 2;
  marking->ref_pic_marking[0].memory_management_control_operation = 4;
  marking->ref_pic_marking[1].memory_management_control_operation = 5;
  fail_if (gst_daedalus_h264_info_has_mmco5 (&info));
  marking->adaptive_ref_pic_marking_mode_flag = TRUE;
  fail_unless (gst_daedalus_h264_info_has_mmco5 (&info));
  info.idr = TRUE;
  fail_if (gst_daedalus_h264_info_has_mmco5 (&info));
  info.idr = FALSE;
  info.nal_ref_idc = 0;
  fail_if (gst_daedalus_h264_info_has_mmco5 (&info));
  /* More than there is room for, which is all used. */
  info.nal_ref_idc = 1;
  marking->n_ref_pic_marking = 255;
  marking->ref_pic_marking[1].memory_management_control_operation = 4;
  fail_if (gst_daedalus_h264_info_has_mmco5 (&info));
}

GST_END_TEST;

/* No conforming stream; for the sanitizers. */
GST_START_TEST (test_extremes)
{
  GstH264SPS sps = {
    .offset_for_non_ref_pic = G_MININT32,
    .offset_for_top_to_bottom_field = G_MININT32,
    .num_ref_frames_in_pic_order_cnt_cycle = 255,
    .log2_max_frame_num_minus4 = 12,.log2_max_pic_order_cnt_lsb_minus4 = 12,
  };
  GstH264SliceHdr slice = {
    .delta_pic_order_cnt = {G_MININT32, G_MININT32},
    .delta_pic_order_cnt_bottom = G_MININT32,
  };
  GstDaedalusH264PicInfo info = {.sps = &sps,.slice = &slice,.nal_ref_idc = 1 };
  guint i, type;

  for (i = 0; i < 255; i++)
    sps.offset_for_ref_frame[i] = G_MININT32;
  for (type = 0; type < 3; type++) {
    GstDaedalusH264Poc poc = { 0 };
    gint32 counts[2] = { 0, 0 };

    sps.pic_order_cnt_type = type;
    for (i = 0; i < 200000; i++) {
      slice.frame_num = i & 1 ? 65535 : 0;
      slice.pic_order_cnt_lsb = i % 3 * 30000;
      gst_daedalus_h264_poc_begin (&poc, &info, counts);
      gst_daedalus_h264_poc_end (&poc, &info, counts);
    }
  }
}

GST_END_TEST;

static Suite *
h264_poc_suite (void)
{
  Suite *suite = suite_create ("h264_poc");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_test (tc, test_type_0);
  tcase_add_test (tc, test_type_0_fields);
  tcase_add_test (tc, test_type_0_mmco5);
  tcase_add_test (tc, test_type_1);
  tcase_add_test (tc, test_type_1_without_cycle);
  tcase_add_test (tc, test_type_2);
  tcase_add_test (tc, test_non_existing);
  tcase_add_test (tc, test_info);
  tcase_add_test (tc, test_extremes);
  return suite;
}

GST_CHECK_MAIN (h264_poc);
