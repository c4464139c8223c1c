/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Reference marking of H.264 (8.2.5), worked out by hand. Here every frame is
 * output when it is complete; another test checks the output order.
 */
#include <gst/check/gstcheck.h>

#include "h264_steps.h"

#define CHECK_MARKING(num_ref_frames, list) \
G_STMT_START { \
  H264Steps steps; \
  h264_steps_init_buffers (&steps, 9, num_ref_frames); \
  h264_steps_set_vui (&steps, 0, num_ref_frames); \
  H264_CHECK (&steps, FALSE, list); \
} G_STMT_END

GST_START_TEST (test_sliding_window)
{
  static const H264Step list[] = {
    {"A idr ref", "A", "A"},
    {"B ref n1 p2", "A B", "B"},
    {"c n2 p4", "A B", "c"},
    {"D ref n2 p6", "A B D", "D"},
    {"E ref n3 p8", "A B D E", "E"},
    {"f n4 p10", "A B D E", "f"},
    {"G ref n4 p12", "B D E G", "G"},
    {"H ref n5 p14", "D E G H", "H"},
    {"I idr ref", "I", "I"},
  };
  static const H264Step no_ref_frames[] = {
    {"A idr ref", "A", "A"},
    {"B ref n1 p2", "B", "B"},
    {"c n2 p4", "B", "c"},
  };

  CHECK_MARKING (4, list);
  CHECK_MARKING (0, no_ref_frames);
}

GST_END_TEST;

/* FrameNumWrap: the ones before the wrap are older. */
GST_START_TEST (test_frame_num_wrap)
{
  static const H264Step list[] = {
    {"A ref n14", "A", "A"},
    {"B ref n15 p2", "A B", "B"},
    {"C ref n0 p4", "A B C", "C"},
    {"D ref n1 p6", "B C D", "D"},
    /* 2 - 3 is -1, which is 15 */
    {"E ref n2 p8 m1,2", "C D E", "E"},
    {"F ref n3 p10", "D E F", "F"},
  };
  static const H264Step fields[] = {
    {"A ref top n15", "At", ""},
    {"A ref bottom n15 p1", "A", "A"},
    /* CurrPicNum 1: the bottom field of A is 2 * -1 */
    {"B ref top n0 p2 m1,2", "At Bt", ""},
    {"B ref bottom n0 p3", "At B", "B"},
    /* CurrPicNum 3: its top field is 2 * -1 + 1 */
    {"C ref top n1 p4 m1,3", "B Ct", ""},
    {"C ref bottom n1 p5", "B C", "C"},
  };

  CHECK_MARKING (3, list);
  CHECK_MARKING (3, fields);
}

GST_END_TEST;

GST_START_TEST (test_mmco1)
{
  static const H264Step list[] = {
    {"A idr ref", "A", "A"},
    {"B ref n1 p2", "A B", "B"},
    {"C ref n2 p4", "A B C", "C"},
    /* 3 - 2 is 1 */
    {"D ref n3 p6 m1,1", "A C D", "D"},
    /* 1 is gone, which changes nothing */
    {"E ref n4 p8 m1,2", "A C D E", "E"},
    /* Neither is -4294967291 there, nor room for a fifth. */
    {"F ref n5 p10 m1,4294967295", "C D E F", "F"},
    {"G ref n6 p12 m1,0 m1,2", "C E G", "G"},
  };

  CHECK_MARKING (4, list);
}

GST_END_TEST;

GST_START_TEST (test_long_term_frames)
{
  static const H264Step list[] = {
    {"A idr ref", "A", "A"},
    {"B ref n1 p2", "A B", "B"},
    {"C ref n2 p4 m3,0,1", "A BL1 C", "C"},
    /* The index goes from B to C. */
    {"D ref n3 p6 m3,0,1", "A CL1 D", "D"},
    {"E ref n4 p8 m3,3,0", "AL0 CL1 D E", "E"},
    /* It is no short-term picture any more: 5 - 5 is 0. */
    {"F ref n5 p10 m1,4 m2,1", "AL0 D E F", "F"},
    /* The window slides over the short-term ones. */
    {"G ref n6 p12", "AL0 E F G", "G"},
    {"H ref n7 p14 m1,2 m6,2", "AL0 F G HL2", "H"},
    /* No picture with LongTermPicNum 1. */
    {"I ref n8 p16 m1,2 m2,1", "AL0 G HL2 I", "I"},
    {"J ref n9 p18 m4,2", "AL0 G I J", "J"},
    {"K ref n10 p20 m4,0", "G I J K", "K"},
    {"X ref n11 p22 m1,4 m6,0", "I J K XL0", "X"},
    /* The index goes from X to Y. */
    {"Y ref n12 p24 m6,0", "I J K YL0", "Y"},
    /* There are 16 indices. */
    {"Z ref n13 p26 m1,4 m3,2,16 m6,16", "J K YL0 Z", "Z"},
    {"a ref n14 p28 m1,4 m3,0,15", "K YL0 ZL15 a", "a"},
  };

  CHECK_MARKING (4, list);
}

GST_END_TEST;

GST_START_TEST (test_mmco5)
{
  static const H264Step list[] = {
    {"A idr ref", "A", "A"},
    {"B ref n1 p2 m6,0", "A BL0", "B"},
    {"C ref n2 p4 m5", "C", "C"},
    /* C has frame_num 0 now, so there is no gap, and 1 - 1 is C. */
    {"D ref n1 p2", "C D", "D"},
    {"E ref n2 p4 m1,1", "D E", "E"},
    {"F ref n3 p6 m5 m6,1", "FL1", "F"},
    {"G ref n1 p2 m2,1", "G", "G"},
    {"H ref n2 p4 m6,0 m5", "H", "H"},
  };

  CHECK_MARKING (4, list);
}

GST_END_TEST;

GST_START_TEST (test_long_term_idr)
{
  static const H264Step list[] = {
    {"A idr ref long", "AL0", "A"},
    {"B ref n1 p2", "AL0 B", "B"},
    {"C ref n2 p4", "AL0 C", "C"},
    {"D ref n3 p6 m2,0", "C D", "D"},
    {"E idr ref", "E", "E"},
    {"F idr ref long", "FL0", "F"},
    {"G idr ref long", "GL0", "G"},
  };
  /* If it is not a reference, what it says of references is not there. */
  static const H264Step not_reference[] = {
    {"A idr ref long", "AL0", "A"},
    {"B idr long", "", "B"},
  };

  CHECK_MARKING (2, list);
  CHECK_MARKING (2, not_reference);
}

GST_END_TEST;

/* More than max_num_ref_frames are never marked, whatever the stream says. */
GST_START_TEST (test_too_many)
{
  static const H264Step long_only[] = {
    {"A idr ref long", "AL0", "A"},
    {"B ref n1 p2 m6,1", "AL0 BL1", "B"},
    {"C ref n2 p4", "BL1 C", "C"},
    {"D ref n3 p6 m6,0", "BL1 DL0", "D"},
    {"E ref n4 p8 m6,2", "DL0 EL2", "E"},
  };
  static const H264Step operations[] = {
    {"A idr ref", "A", "A"},
    {"B ref n1 p2 m4,3", "A B", "B"},
    {"C ref n2 p4 m4,3", "B C", "C"},
    {"D ref n3 p6 m3,0,0", "CL0 D", "D"},
    {"E ref n4 p8 m4,3", "CL0 E", "E"},
  };

  CHECK_MARKING (2, long_only);
  CHECK_MARKING (2, operations);
}

GST_END_TEST;

GST_START_TEST (test_sliding_window_of_fields)
{
  static const H264Step list[] = {
    {"A idr ref top", "At", ""},
    {"A ref bottom p1", "A", "A"},
    {"B ref top n1 p2", "A Bt", ""},
    {"B ref bottom n1 p3", "A B", "B"},
    /* The first field has made room for the second. */
    {"C ref top n2 p4", "B Ct", ""},
    {"C ref bottom n2 p5", "B C", "C"},
    {"d bottom n3 p6", "B C", ""},
    {"d top n3 p7", "B C", "d"},
    {"E ref n3 p8", "C E", "E"},
    /* A field without its mate takes a frame's room. */
    {"F ref bottom n4 p10", "E Fb", ""},
    {"G ref top n5 p12", "Fb Gt", "F"},
    {"G ref bottom n5 p13", "Fb G", "G"},
    {"H ref n6 p14", "G H", "H"},
  };

  CHECK_MARKING (2, list);
}

GST_END_TEST;

GST_START_TEST (test_mmco1_of_fields)
{
  static const H264Step list[] = {
    {"A idr ref top", "At", ""},
    {"A ref bottom p1", "A", "A"},
    {"B ref top n1 p2", "A Bt", ""},
    {"B ref bottom n1 p3", "A B", "B"},
    /* CurrPicNum 5; the top field of B is 3 */
    {"C ref top n2 p4 m1,1", "A Bb Ct", ""},
    /* CurrPicNum 5; the top field of C is 4: a field may end its own mate */
    {"C ref bottom n2 p5 m1,0", "A Bb Cb", "C"},
    /* For frames, only those count that have both fields. */
    {"D ref n3 p6 m1,1", "A Bb Cb D", "D"},
    {"E ref n4 p8", "Bb Cb D E", "E"},
    /* CurrPicNum 11: for a bottom field those of B and D are 3 and 7 */
    {"F ref bottom n5 p11 m1,7 m1,3", "Cb Dt E Fb", ""},
    /* The bottom field of D and the top one of C are gone. */
    {"F ref top n5 p10 m1,4 m1,5", "Cb Dt E F", "F"},
    /* CurrPicNum 13: for a top field that of D is 7, the bottom one of C 4 */
    {"G ref top n6 p12 m1,5 m1,8", "E F Gt", ""},
    {"G ref bottom n6 p13", "E F G", "G"},
    /* Both fields at once. */
    {"H ref n7 p14 m1,2 m1,1", "G H", "H"},
  };

  CHECK_MARKING (4, list);
}

GST_END_TEST;

GST_START_TEST (test_long_term_fields)
{
  static const H264Step list[] = {
    {"A idr ref top", "At", ""},
    {"A ref bottom p1", "A", "A"},
    /* CurrPicNum 3: the top field of A is 1 */
    {"B ref top n1 p2 m3,1,0", "AbL0t Bt", ""},
    /* For a bottom field it is 0, and no short-term field any more. */
    {"B ref bottom n1 p3 m3,2,0 m3,1,0", "AL0 B", "B"},
    /* The index leaves both fields of A. */
    {"C ref top n2 p4 m3,1,0", "BbL0t Ct", ""},
    /* LongTermPicNum 1 is the bottom field, 0 the top one, for a bottom
     * field */
    {"C ref bottom n2 p5 m2,1", "BbL0t C", "C"},
    {"D ref top n3 p6 m2,1", "Bb C Dt", ""},
    {"D ref bottom n3 p7", "Bb C D", "D"},
    {"E ref top n4 p8 m6,1", "Bb C D EL1t", ""},
    {"E ref bottom n4 p9 m6,1", "Bb C D EL1", "E"},
    /* CurrPicNum 11: the bottom field of B is 2, LongTermPicNum of that of E
     * too */
    {"F ref top n5 p10 m1,8 m2,2", "C D EL1t Ft", ""},
    {"F ref bottom n5 p11 m4,1", "C D F", "F"},
    {"G ref top n6 p12 m6,2", "C D F GL2t", ""},
    {"G ref bottom n6 p13 m4,3 m6,2", "C D F GL2", "G"},
    /* As a frame: LongTermPicNum is LongTermFrameIdx */
    {"H ref n7 p14 m2,2", "C D F H", "H"},
  };

  CHECK_MARKING (4, list);
}

GST_END_TEST;

/* 8.2.5.4.3: the frame that loses a LongTermFrameIdx. */
GST_START_TEST (test_index_of_another_field)
{
  static const H264Step list[] = {
    {"A idr ref top", "At", ""},
    {"A ref bottom p1", "A", "A"},
    {"B ref top n1 p2", "A Bt", ""},
    {"B ref bottom n1 p3", "A B", "B"},
    /* CurrPicNum 5: the top field of A is 1 */
    {"C ref top n2 p4 m3,3,0", "AbL0t B Ct", ""},
    /* The top field of B is 2 for a bottom field; the bottom field of A
     * stays. */
    {"C ref bottom n2 p5 m3,2,0", "Ab BbL0t C", "C"},
    /* Its bottom field, with the same index, joins it. */
    {"D ref top n3 p6 m3,4,0", "Ab BL0 C Dt", ""},
    /* Its own first field, then itself; the index leaves B. */
    {"D ref bottom n3 p7 m3,0,0 m6,0", "Ab C DL0", "D"},
    /* Only one index per frame: a field with another one ends its mate. */
    {"E ref top n4 p8 m3,3,2", "Ab CbL2t DL0 Et", ""},
    {"E ref bottom n4 p9 m3,3,3", "Ab CL3b DL0 E", "E"},
  };
  /* The window leaves a frame with a long-term field alone. */
  static const H264Step window[] = {
    {"A idr ref top", "At", ""},
    {"A ref bottom p1", "A", "A"},
    {"B ref top n1 p2 m3,1,0", "AbL0t Bt", ""},
    {"B ref bottom n1 p3", "AbL0t B", "B"},
    {"C ref n2 p4", "AbL0t B C", "C"},
    {"D ref n3 p6", "AbL0t C D", "D"},
    /* For frames, only those have a LongTermPicNum that have both fields. */
    {"E ref n4 p8 m2,0", "AbL0t D E", "E"},
  };

  CHECK_MARKING (4, list);
  CHECK_MARKING (3, window);
}

GST_END_TEST;

GST_START_TEST (test_idr_of_fields)
{
  static const H264Step list[] = {
    {"A idr ref top long", "AL0t", ""},
    {"A ref bottom p1 m6,0", "AL0", "A"},
    {"B ref n1 p2", "AL0 B", "B"},
    {"C idr ref bottom", "Cb", ""},
    {"C ref top p1", "C", "C"},
    {"D idr ref top", "Dt", ""},
    {"D idr ref bottom p1", "D", "D"},
    {"E idr ref top long", "EL0t", ""},
    {"E idr ref bottom long p1", "EL0", "E"},
    /* A long-term first field, a short-term second one. */
    {"F idr ref top long", "FL0t", ""},
    {"F ref bottom p1", "FbL0t", "F"},
  };

  CHECK_MARKING (2, list);
}

GST_END_TEST;

GST_START_TEST (test_mmco5_of_fields)
{
  static const H264Step list[] = {
    {"A idr ref top", "At", ""},
    {"A ref bottom p1", "A", "A"},
    {"B ref top n1 p2 m5", "Bt", ""},
    /* frame_num 1 was inferred to be 0 */
    {"B ref bottom p1", "B", "B"},
    {"C ref top n1 p2", "B Ct", ""},
    /* 3.30: it is not the second field of C */
    {"D ref bottom n1 p3 m5", "Db", "C"},
    {"D ref top p1", "D", "D"},
    {"E ref n1 p2", "D E", "E"},
  };

  CHECK_MARKING (2, list);
}

GST_END_TEST;

static Suite *
h264_marking_suite (void)
{
  Suite *suite = suite_create ("h264_marking");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_test (tc, test_sliding_window);
  tcase_add_test (tc, test_frame_num_wrap);
  tcase_add_test (tc, test_mmco1);
  tcase_add_test (tc, test_long_term_frames);
  tcase_add_test (tc, test_mmco5);
  tcase_add_test (tc, test_long_term_idr);
  tcase_add_test (tc, test_too_many);
  tcase_add_test (tc, test_sliding_window_of_fields);
  tcase_add_test (tc, test_mmco1_of_fields);
  tcase_add_test (tc, test_long_term_fields);
  tcase_add_test (tc, test_index_of_another_field);
  tcase_add_test (tc, test_idr_of_fields);
  tcase_add_test (tc, test_mmco5_of_fields);
  return suite;
}

GST_CHECK_MAIN (h264_marking);
