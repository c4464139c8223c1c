/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The decoded picture buffer of H.264 as a whole: fields that are a frame (3.30),
 * gaps in frame_num (8.2.5.2), lifetimes.
 */
#include <gst/check/gstcheck.h>

#include "h264_steps.h"

/* What waits is output when the SPS changes, whatever the IDR picture says. */
GST_START_TEST (test_new_sps)
{
  static const H264Step before[] = {
    {"A idr ref", "A", ""},
    {"B ref n1 p8", "A B", ""},
    {"C ref top n2 p4", "A B Ct", ""},
  };
  static const H264Step after[] = {
    {"D idr ref noout", "D", ""},
    {"E ref n1 p2", "D E", ""},
    {"F ref n2 p4", "E F", "D"},
  };
  static const H264Step joined[] = {
    {"G ref n9 p2", "G", ""},
  };
  H264Steps steps;
  gchar *refs;

  h264_steps_init_buffers (&steps, 4, 4);
  h264_steps_start (&steps, FALSE);
  H264_RUN (&steps, before);
  steps.sps.num_ref_frames = 2;
  h264_steps_set_vui (&steps, 2, 2);
  h264_steps_start (&steps, FALSE);
  h264_steps_pop (&steps);
  fail_unless_equals_string (steps.shown->str, "ACB");
  refs = h264_steps_refs (&steps);
  fail_unless_equals_string (refs, "");
  g_free (refs);
  H264_RUN (&steps, after);
  /* Without an IDR picture: no gap is known of. */
  h264_steps_start (&steps, FALSE);
  h264_steps_pop (&steps);
  H264_RUN (&steps, joined);
  h264_steps_stop (&steps);
}

GST_END_TEST;

/* 3.30: the same name means that the second is the second field of the first. */
GST_START_TEST (test_second_field)
{
  static const H264Step list[] = {
    {"A idr ref top", "At", ""},
    {"A ref bottom p1", "A", "A"},
    /* of two references, in any order of parity, */
    {"B ref bottom n1 p2", "A Bb", ""},
    {"B ref top n1 p3", "A B", "B"},
    /* of two others, */
    {"c top n2 p4", "A B", ""},
    {"c bottom n2 p5", "A B", "c"},
    /* not of the same parity, */
    {"d top n2 p6", "A B", ""},
    {"e top n2 p7", "A B", "d"},
    {"e bottom n2 p8", "A B", "e"},
    /* of three, two are, */
    {"f top n2 p9", "A B", ""},
    {"f bottom n2 p10", "A B", "f"},
    {"g top n2 p11", "A B", ""},
    /* not with another frame_num, */
    {"H ref top n2 p12", "A B Ht", "g"},
    {"I ref bottom n3 p13", "A B Ht Ib", "H"},
    /* not a reference and another, */
    {"j top n3 p14", "A B Ht Ib", "I"},
    {"K ref bottom n4 p15", "B Ht Ib Kb", "j"},
    {"l top n4 p16", "B Ht Ib Kb", "K"},
    /* not a frame, */
    {"M ref n5 p18", "Ht Ib Kb M", "lM"},
    {"n bottom n6 p20", "Ht Ib Kb M", ""},
    /* not an IDR picture after another one, */
    {"O idr ref top", "Ot", "n"},
    {"P idr ref top", "Pt", "O"},
    {"P ref bottom p1", "P", "P"},
    {"Q ref bottom n1 p2 m5", "Qb", ""},
    {"R idr ref top", "Rt", "Q"},
    {"drain", "Rt", "R"},
    /* not once it was output. */
    {"S ref bottom p1", "Rt Sb", ""},
    {"drain", "Rt Sb", "S"},
  };
  H264Steps steps;

  h264_steps_init_buffers (&steps, 9, 4);
  h264_steps_set_vui (&steps, 0, 4);
  H264_CHECK (&steps, FALSE, list);
}

GST_END_TEST;

/* What the first field is like while the second is decoded. */
GST_START_TEST (test_between_fields)
{
  H264Steps steps;
  gchar *refs;

  h264_steps_init_buffers (&steps, 9, 4);
  h264_steps_start (&steps, FALSE);
  h264_steps_picture (&steps, "A idr ref top");
  fail_unless_equals_int (steps.frame->fields, GST_DAEDALUS_H264_TOP);
  h264_steps_begin (&steps, "A ref bottom p1");
  refs = h264_steps_refs (&steps);
  fail_unless_equals_string (refs, "At");
  g_free (refs);
  fail_unless_equals_int (steps.frame->fields, GST_DAEDALUS_H264_BOTH);
  fail_unless_equals_int (steps.frame->pic_order_cnt[0], 0);
  fail_unless_equals_int (steps.frame->pic_order_cnt[1], 1);
  fail_unless (steps.frame->coded_fields && steps.frame->idr);
  fail_unless (steps.frame->needed_for_output);
  h264_steps_end (&steps, "A ref bottom p1");

  /* A frame, on the other hand, is no reference while it is decoded. */
  h264_steps_begin (&steps, "B ref n1 p4 d-1");
  refs = h264_steps_refs (&steps);
  fail_unless_equals_string (refs, "A");
  g_free (refs);
  fail_if (steps.frame->coded_fields || steps.frame->idr);
  fail_unless_equals_int (steps.frame->frame_num, 1);
  fail_unless_equals_int (steps.frame->pic_order_cnt[0], 4);
  fail_unless_equals_int (steps.frame->pic_order_cnt[1], 3);

  /* What was not ended is forgotten. */
  h264_steps_begin (&steps, "C ref top n1 p8");
  h264_steps_begin (&steps, "D ref bottom n1 p9");
  h264_steps_end (&steps, "D ref bottom n1 p9");
  /* There is nothing to end now. */
  h264_steps_end (&steps, "D ref bottom n1 p9 m5");
  refs = h264_steps_refs (&steps);
  fail_unless_equals_string (refs, "A Db");
  g_free (refs);
  gst_daedalus_h264_dpb_drain (steps.dpb);
  h264_steps_pop (&steps);
  fail_unless_equals_string (steps.shown->str, "AD");
  fail_unless_equals_int (steps.frame->fields, GST_DAEDALUS_H264_BOTTOM);
  h264_steps_stop (&steps);
}

GST_END_TEST;

GST_START_TEST (test_gaps)
{
  static const H264Step list[] = {
    {"A idr ref", "A", "A"},
    {"B ref n1 p2", "A B", "B"},
    /* 2 and 3, then the window slides once more for C */
    {"C ref n4 p4", "B -2 -3 C", "C"},
    /* no reference: 5 and 6 are there already when 7 comes */
    {"d n7 p6", "-3 C -5 -6", "d"},
    {"E ref n7 p8", "C -5 -6 E", "E"},
    /* They may be marked by number as others are: 8 - 3 and 8 - 2. */
    {"F ref n8 p10 m1,2 m1,1", "C E F", "F"},
    /* Longer than the window: only the last ones, over the wrap */
    {"G ref n2 p12", "-15 -0 -1 G", "G"},
    {"H ref n2 p14", "-0 -1 G H", "H"},
    {"i n14 p16", "-10 -11 -12 -13", "i"},
  };
  static const H264Step wanted_long_term[] = {
    {"A idr ref long", "AL0", "A"},
    {"B ref n9 p2", "AL0 -7 -8 B", "B"},
  };
  static const H264Step fields[] = {
    {"A idr ref top", "At", ""},
    {"B ref bottom n2 p2", "At -1 Bb", "A"},
    {"B ref top n2 p3", "At -1 B", "B"},
    {"C ref top n3 p4 m1,4", "At -1t B Ct", ""},
  };
  static const H264Step joined[] = {
    {"a n5", "", "a"},
    {"B ref n9 p2", "B", "B"},
    {"C ref n11 p4", "B -10 C", "C"},
  };
  static const H264Step after_mmco5[] = {
    {"A idr ref", "A", "A"},
    {"B ref n1 p2 m5", "B", "B"},
    {"C ref n2 p4", "B -1 C", "C"},
  };
  guint allowed;

  for (allowed = 0; allowed < 2; allowed++) {
    H264Steps steps;

    h264_steps_init_buffers (&steps, 9, 4);
    h264_steps_set_vui (&steps, 0, 4);
    steps.sps.gaps_in_frame_num_value_allowed_flag = allowed;
    h264_steps_start (&steps, FALSE);
    H264_RUN (&steps, list);
    /* A seek: nobody knows what was left out. */
    gst_daedalus_h264_dpb_clear (steps.dpb);
    H264_RUN (&steps, joined);
    gst_daedalus_h264_dpb_clear (steps.dpb);
    H264_RUN (&steps, wanted_long_term);
    H264_RUN (&steps, fields);
    gst_daedalus_h264_dpb_clear (steps.dpb);
    H264_RUN (&steps, after_mmco5);
    h264_steps_stop (&steps);
  }
}

GST_END_TEST;

/* Non-existing frames take buffers, and are never output. */
GST_START_TEST (test_gaps_take_buffers)
{
  static const H264Step list[] = {
    {"A idr ref", "A", ""},
    {"B ref n1 p2", "A B", ""},
    {"c n2 p4", "A B", ""},
    {"D ref n4 p6", "-2 -3 D", "AB"},
    {"drain", "-2 -3 D", "cD"},
  };
  H264Steps steps;

  h264_steps_init_buffers (&steps, 4, 3);
  H264_CHECK (&steps, FALSE, list);
}

GST_END_TEST;

GST_START_TEST (test_gap_order_counts)
{
  H264Steps steps;
  const GstDaedalusH264Frame *refs[GST_DAEDALUS_H264_MAX_DPB_FRAMES];

  h264_steps_init_buffers (&steps, 9, 4);
  steps.sps.pic_order_cnt_type = 2;
  h264_steps_start (&steps, FALSE);
  h264_steps_picture (&steps, "A idr ref");
  h264_steps_picture (&steps, "B ref n15");
  /* -12 to -14 before B; two more */
  h264_steps_picture (&steps, "C ref n2");
  fail_unless_equals_int (gst_daedalus_h264_dpb_get_references (steps.dpb,
          refs), 4);
  fail_unless_equals_int (refs[0]->pic_order_cnt[0], 30);
  fail_unless_equals_int (refs[1]->frame_num, 0);
  fail_unless_equals_int (refs[1]->pic_order_cnt[0], 32);
  fail_unless_equals_int (refs[1]->pic_order_cnt[1], 32);
  fail_unless (refs[1]->non_existing && !refs[1]->data);
  fail_unless_equals_int (refs[2]->pic_order_cnt[0], 34);
  fail_unless_equals_int (refs[3]->pic_order_cnt[0], 36);
  h264_steps_stop (&steps);
}

GST_END_TEST;

GST_START_TEST (test_hidden)
{
  static const H264Step list[] = {
    {"A idr ref hide", "A", ""},
    {"B ref n1 p2", "A B", "B"},
    {"c n2 p4 hide", "A B", ""},
    {"D ref top n2 p6 hide", "A B Dt", ""},
    {"D ref bottom n2 p7", "A B D", ""},
    {"E ref top n3 p8", "A B D Et", ""},
    {"E ref bottom n3 p9 hide", "A B D E", ""},
    {"f top n4 p10 hide", "A B D E", ""},
    {"g n4 p12", "A B D E", "g"},
    {"drain", "A B D E", ""},
  };
  H264Steps steps;

  h264_steps_init_buffers (&steps, 9, 4);
  h264_steps_set_vui (&steps, 0, 4);
  H264_CHECK (&steps, FALSE, list);
}

GST_END_TEST;

GST_START_TEST (test_lifetime)
{
  H264Steps steps;
  GstDaedalusH264Frame *frame;

  /* Due and not popped; waiting; a first field; being decoded. */
  h264_steps_init_buffers (&steps, 9, 4);
  h264_steps_start (&steps, FALSE);
  h264_steps_picture (&steps, "A idr ref");
  h264_steps_picture (&steps, "B ref n1 p100");
  gst_daedalus_h264_dpb_drain (steps.dpb);
  h264_steps_picture (&steps, "C ref n2 p200");
  h264_steps_picture (&steps, "D ref top n3 p202");
  gst_daedalus_h264_dpb_clear (steps.dpb);
  fail_unless (gst_daedalus_h264_dpb_pop (steps.dpb) == NULL);
  fail_unless_equals_int (steps.alive, 1);
  h264_steps_begin (&steps, "E ref n1 p2");
  /* It would be 258, had the past not been forgotten. */
  fail_unless_equals_int (steps.frame->pic_order_cnt[0], 2);
  fail_unless_equals_int (steps.alive, 1);
  gst_daedalus_h264_dpb_clear (steps.dpb);
  fail_unless_equals_int (steps.alive, 1);

  /* A frame that a caller holds outlives the buffer. */
  frame = gst_daedalus_h264_frame_ref (steps.frame);
  g_clear_pointer (&steps.frame, gst_daedalus_h264_frame_unref);
  gst_daedalus_h264_dpb_free (steps.dpb);
  fail_unless_equals_int (steps.alive, 1);
  gst_daedalus_h264_frame_unref (frame);
  fail_unless_equals_int (steps.alive, 0);
  g_string_free (steps.shown, TRUE);
}

GST_END_TEST;

static Suite *
h264_dpb_suite (void)
{
  Suite *suite = suite_create ("h264_dpb");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_test (tc, test_new_sps);
  tcase_add_test (tc, test_second_field);
  tcase_add_test (tc, test_between_fields);
  tcase_add_test (tc, test_gaps);
  tcase_add_test (tc, test_gaps_take_buffers);
  tcase_add_test (tc, test_gap_order_counts);
  tcase_add_test (tc, test_hidden);
  tcase_add_test (tc, test_lifetime);
  return suite;
}

GST_CHECK_MAIN (h264_dpb);
