/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Picture order counts of H.264, computed from the parser's structs. */
#include <gst/check/gstcheck.h>

#include "common/h264_poc.h"
#include "common/h264_poc_cases.h"
#include "h264/gstdaedalush264controls.h"

static void
check_counts (const struct poc_case *poc_case, const struct poc_step *step,
    const gint32 counts[2])
{
  fail_unless (counts[0] == step->top && counts[1] == step->bottom,
      "%s: step %d has %d, %d instead of %d, %d", poc_case->name,
      (gint) (step - poc_case->steps), counts[0], counts[1], step->top,
      step->bottom);
}

static void
begin_and_end (struct h264_poc *poc, const struct v4l2_ctrl_h264_sps *control,
    const struct poc_case *poc_case, const struct poc_step *step,
    gint32 counts[2])
{
  GstH264SliceHdr slice = {
    .frame_num = step->frame_num,
    .field_pic_flag = (step->flags & (POC_TOP | POC_BOTTOM)) != 0,
    .bottom_field_flag = (step->flags & POC_BOTTOM) != 0,
    .pic_order_cnt_lsb = step->lsb,
    .delta_pic_order_cnt_bottom = step->delta,
    .delta_pic_order_cnt = {step->lsb, step->delta},
  };
  GstDaedalusH264PicInfo info = {
    .slice = &slice,.idr = (step->flags & POC_IDR) != 0,
    .nal_ref_idc = (step->flags & (POC_REF | POC_IDR)) != 0,
  };
  GstH264DecRefPicMarking *marking = &slice.dec_ref_pic_marking;
  struct h264_coded_picture picture;

  if (step->flags & POC_MMCO5) {
    marking->adaptive_ref_pic_marking_mode_flag = TRUE;
    marking->n_ref_pic_marking = 1;
    marking->ref_pic_marking[0].memory_management_control_operation = 5;
  }
  gst_daedalus_h264_info_get_picture (&info, &picture);
  h264_poc_begin (poc, control, &picture, counts);
  check_counts (poc_case, step, counts);
  h264_poc_end (poc, &picture, counts);
  if (!(step->flags & POC_MMCO5))
    check_counts (poc_case, step, counts);
}

/* From the parser's structs on, as the DPB does it. */
GST_START_TEST (test_case)
{
  const struct poc_case *poc_case = &poc_cases[__i__];
  GstH264SPS sps = {
    .pic_order_cnt_type = poc_case->type,
    .offset_for_non_ref_pic = poc_case->offset_for_non_ref_pic,
    .offset_for_top_to_bottom_field = poc_case->offset_for_top_to_bottom_field,
    .num_ref_frames_in_pic_order_cnt_cycle = poc_case->cycle,
    .offset_for_ref_frame = {
          poc_case->offset_for_ref_frame[0], poc_case->offset_for_ref_frame[1]
        },
  };
  struct v4l2_ctrl_h264_sps control;
  struct h264_poc poc = { 0 };
  gint32 counts[2] = { 0, 0 };
  guint i;

  gst_daedalus_h264_fill_sps (&control, &sps);
  for (i = 0; i < poc_case->num_steps; i++) {
    const struct poc_step *step = &poc_case->steps[i];

    if (step->flags & POC_END) {
      check_counts (poc_case, step, counts);
      continue;
    }
    counts[0] = counts[1] = POC_NONE;
    if (step->flags & POC_GAP) {
      h264_poc_non_existing (&poc, &control, step->frame_num, counts);
      check_counts (poc_case, step, counts);
    } else {
      begin_and_end (&poc, &control, poc_case, step, counts);
    }
  }
}

GST_END_TEST;

GST_START_TEST (test_info)
{
  const GstDaedalusH264Frame frame = {.frame_num = 9 };
  GstH264SPS sps = {.log2_max_frame_num_minus4 = 12 };
  GstH264SliceHdr slice = { 0 };
  GstDaedalusH264PicInfo info = {.sps = &sps,.slice = &slice,.nal_ref_idc = 1 };
  GstH264DecRefPicMarking *marking = &slice.dec_ref_pic_marking;

  fail_unless_equals_int (gst_daedalus_h264_frame_num_wrap (&frame, &sps, 9),
      9);
  fail_unless_equals_int (gst_daedalus_h264_frame_num_wrap (&frame, &sps, 8),
      9 - 65536);
  sps.log2_max_frame_num_minus4 = 0;
  fail_unless_equals_int (gst_daedalus_h264_frame_num_wrap (&frame, &sps, 8),
      9 - 16);
  sps.log2_max_frame_num_minus4 = 255;
  fail_unless_equals_int (gst_daedalus_h264_frame_num_wrap (&frame, &sps, 8),
      9 - 65536);

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

static Suite *
h264_poc_suite (void)
{
  Suite *suite = suite_create ("h264_poc");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_loop_test (tc, test_case, 0, num_poc_cases);
  tcase_add_test (tc, test_info);
  return suite;
}

GST_CHECK_MAIN (h264_poc);
