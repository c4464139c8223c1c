/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Frame buffers and output order of H.264: A.3.1 and C.4. */
#include <gst/check/gstcheck.h>

#include "h264/gstdaedalush264dpb-private.h"
#include "h264_steps.h"

GST_START_TEST (test_bumping)
{
  /* 4 buffers, 2 reference frames */
  static const H264Step pyramid[] = {
    {"A idr ref", "A", ""},
    {"B ref n1 p16", "A B", ""},
    {"C ref n2 p8", "B C", ""},
    {"d n3 p4", "B C", ""},
    /* Full: A, which is no reference any more, makes room. */
    {"e n3 p12", "B C", "A"},
    {"F ref n3 p32", "C F", "d"},
    {"G ref n4 p24", "F G", "C"},
    {"h n5 p20", "F G", "e"},
    {"i n5 p28", "F G", "B"},
    {"drain", "F G", "hGiF"},
    {"drain", "F G", ""},
  };
  /* A reference that was output keeps its buffer: two have to go for one. */
  static const H264Step references_stay[] = {
    {"A idr ref", "A", ""},
    {"B ref n1 p2", "A B", ""},
    {"C ref n2 p4", "A B C", ""},
    {"d n3 p6", "A B C", ""},
    {"E ref n3 p10", "B C E", "A"},
    {"f n4 p8", "B C E", "BCd"},
    {"drain", "B C E", "fE"},
  };
  /* C.4.5.2: first of all, and no reference: it never gets a buffer. */
  static const H264Step direct[] = {
    {"A idr ref", "A", ""},
    {"B ref n1 p20", "A B", ""},
    {"C ref n2 p22", "A B C", ""},
    {"D ref n3 p24", "A B C D", ""},
    {"e n4 p2", "A B C D", "Ae"},
    {"f n4 p4", "A B C D", "f"},
    {"g n4 p21", "A B C D", "Bg"},
    {"drain", "A B C D", "CD"},
  };
  H264Steps steps;

  h264_steps_init_buffers (&steps, 4, 2);
  H264_CHECK (&steps, FALSE, pyramid);
  h264_steps_init_buffers (&steps, 4, 3);
  H264_CHECK (&steps, FALSE, references_stay);
  h264_steps_init_buffers (&steps, 4, 4);
  H264_CHECK (&steps, FALSE, direct);
}

GST_END_TEST;

/* PicOrderCnt() is the lower one of both fields, or that of the only one. */
GST_START_TEST (test_order)
{
  static const H264Step list[] = {
    {"A idr ref", "A", ""},
    {"B ref top n1 p8", "A Bt", ""},
    {"c n2 p4", "A Bt", ""},
    {"drain", "A Bt", "AcB"},
    {"D ref bottom n2 p14", "A Bt Db", ""},
    {"e n3 p12", "A Bt Db", ""},
    {"drain", "A Bt Db", "eD"},
    {"f n3 p24 d-4", "A Bt Db", ""},
    {"g n3 p22", "A Bt Db", ""},
    {"drain", "A Bt Db", "fg"},
    {"h n3 p32", "A Bt Db", ""},
    {"i n3 p30 d8", "A Bt Db", ""},
    {"drain", "A Bt Db", "ih"},
    /* which no encoder makes: in decoding order */
    {"j n3 p40", "A Bt Db", ""},
    {"k n3 p40", "A Bt Db", ""},
    {"drain", "A Bt Db", "jk"},
  };
  H264Steps steps;

  h264_steps_init_buffers (&steps, 9, 4);
  H264_CHECK (&steps, FALSE, list);
}

GST_END_TEST;

GST_START_TEST (test_num_reorder_frames)
{
  static const H264Step one[] = {
    {"A idr ref", "A", ""},
    {"B ref n1 p8", "A B", "A"},
    {"c n2 p4", "A B", "c"},
    {"d n2 p6", "A B", "d"},
    {"E ref n2 p16", "A B E", "B"},
    {"f n3 p12", "A B E", "f"},
    {"drain", "A B E", "E"},
  };
  static const H264Step two[] = {
    {"A idr ref", "A", ""},
    {"B ref n1 p16", "A B", ""},
    {"C ref n2 p8", "A B C", "A"},
    {"d n3 p4", "A B C", "d"},
    {"e n3 p12", "A B C", "C"},
    {"F ref n3 p32", "A B C F", "e"},
    {"drain", "A B C F", "BF"},
  };
  static const H264Step none[] = {
    {"A idr ref", "A", "A"},
    {"B ref n1 p8", "A B", "B"},
    {"c n2 p4", "A B", "c"},
  };
  /* 8.2.1.3: no order but that of decoding */
  static const H264Step type_2[] = {
    {"A idr ref", "A", "A"},
    {"b n1", "A", "b"},
    {"C ref n1", "A C", "C"},
    {"D ref top n2", "A C Dt", ""},
    {"D ref bottom n2", "A C D", "D"},
  };
  H264Steps steps;

  h264_steps_init_buffers (&steps, 9, 4);
  h264_steps_set_vui (&steps, 1, 9);
  H264_CHECK (&steps, FALSE, one);
  h264_steps_init_buffers (&steps, 9, 4);
  h264_steps_set_vui (&steps, 2, 4);
  H264_CHECK (&steps, FALSE, two);
  h264_steps_init_buffers (&steps, 9, 4);
  h264_steps_set_vui (&steps, 0, 9);
  H264_CHECK (&steps, FALSE, none);
  /* not said, but all intra profiles are so */
  h264_steps_init_buffers (&steps, 9, 4);
  steps.sps.profile_idc = 110;
  steps.sps.constraint_set3_flag = TRUE;
  H264_CHECK (&steps, FALSE, none);
  h264_steps_init_buffers (&steps, 9, 4);
  steps.sps.pic_order_cnt_type = 2;
  H264_CHECK (&steps, FALSE, type_2);
  h264_steps_init_buffers (&steps, 9, 4);
  steps.sps.pic_order_cnt_type = 2;
  h264_steps_set_vui (&steps, 3, 9);
  H264_CHECK (&steps, FALSE, type_2);
}

GST_END_TEST;

GST_START_TEST (test_live)
{
  static const H264Step decoding_order[] = {
    {"A idr ref", "A", "A"},
    {"B ref n1 p8", "A B", "B"},
    {"C ref n2 p4", "A B C", "C"},
  };
  static const H264Step steps_of_2[] = {
    {"A idr ref", "A", "A"},
    {"B ref n1 p8", "A B", ""},
    {"C ref n2 p4", "A B C", ""},
    {"d n3 p2", "A B C", "dC"},
    {"e n3 p6", "A B C", "eB"},
    /* d10 = lost: the rest waits for a buffer or the end */
    {"F ref n3 p16", "A B C F", ""},
    {"g n4 p12", "A B C F", ""},
    {"drain", "A B C F", "gF"},
    {"h n4 p18", "A B C F", "h"},
    {"I idr ref", "I", "I"},
    {"J ref n1 p2", "I J", "J"},
  };
  static const H264Step steps_of_1[] = {
    {"A idr ref", "A", "A"},
    {"B ref n1 p3", "A B", ""},
    {"c n2 p1", "A B", "c"},
    {"d n2 p2", "A B", "dB"},
    {"E ref n2 p5", "A B E", ""},
    {"f n3 p4", "A B E", "fE"},
    /* The next one has frames in fields again. */
    {"G idr ref", "G", "G"},
    {"H ref n1 p4", "G H", ""},
    {"i n2 p2", "G H", "iH"},
    /* operation 5: the one with it may be preceded by others */
    {"J ref n2 p6 m5", "J", "J"},
    {"K ref n1 p2", "J K", "K"},
  };
  /* Of a stream that was joined, nobody knows what comes first. */
  static const H264Step joined[] = {
    {"A ref n5 p51", "A", ""},
    {"b n6 p49", "A", ""},
    {"drain", "A", "bA"},
    {"C ref n6 p55", "A C", ""},
    {"d n7 p53", "A C", "dC"},
    /* The order count of a non-existing frame, 0, is no step of 1. */
    {"E ref n8 p59", "A C -7 E", ""},
    {"f n9 p57", "A C -7 E", "fE"},
    {"G idr ref", "G", "G"},
    {"H ref n1 p2", "G H", "H"},
  };
  /* Order counts in frames that look like counts in fields, until c, which is
   * late: from there on all waits for its turn. */
  static const H264Step late[] = {
    {"A idr ref", "A", "A"},
    {"B ref n1 p2", "A B", "B"},
    {"c n2 p1", "A B", ""},
    {"D ref n2 p4", "A B D", ""},
    {"e n3 p3", "A B D", ""},
    {"F idr ref", "F", "ceD"},
    {"G ref n1 p2", "F G", ""},
    {"h n2 p1", "F G", ""},
    {"drain", "F G", "FhG"},
  };
  /* As num_reorder_frames says, and no earlier. */
  static const H264Step with_vui[] = {
    {"A idr ref", "A", ""},
    {"B ref n1 p2", "A B", "A"},
  };
  static const H264Step waits[] = {
    {"A idr ref", "A", ""},
    {"B ref n1 p2", "A B", ""},
  };
  H264Steps steps;

  h264_steps_init_buffers (&steps, 9, 4);
  steps.sps.profile_idc = 66;
  H264_CHECK (&steps, TRUE, decoding_order);
  h264_steps_init_buffers (&steps, 9, 4);
  steps.sps.profile_idc = 66;
  H264_CHECK (&steps, FALSE, waits);
  h264_steps_init_buffers (&steps, 9, 4);
  H264_CHECK (&steps, FALSE, waits);
  h264_steps_init_buffers (&steps, 9, 4);
  H264_CHECK (&steps, TRUE, steps_of_2);
  h264_steps_init_buffers (&steps, 9, 4);
  H264_CHECK (&steps, TRUE, steps_of_1);
  h264_steps_init_buffers (&steps, 9, 4);
  H264_CHECK (&steps, TRUE, joined);
  h264_steps_init_buffers (&steps, 9, 4);
  H264_CHECK (&steps, TRUE, late);
  h264_steps_init_buffers (&steps, 9, 4);
  h264_steps_set_vui (&steps, 1, 9);
  H264_CHECK (&steps, TRUE, with_vui);
}

GST_END_TEST;

GST_START_TEST (test_new_sequence)
{
  static const H264Step list[] = {
    {"A idr ref", "A", ""},
    {"B ref n1 p8", "A B", ""},
    {"c n2 p4", "A B", ""},
    /* All that waits goes before the IDR picture, */
    {"D idr ref", "D", "AcB"},
    {"E ref n1 p8", "D E", ""},
    {"f n2 p4", "D E", ""},
    /* or nowhere, */
    {"G idr ref noout", "G", ""},
    {"H ref n1 p20", "G H", ""},
    {"i n2 p30", "G H", ""},
    /* and before operation 5, though its order count is lower. */
    {"J ref n2 p10 m5", "J", "GHi"},
    {"K ref n1 p4", "J K", ""},
    {"l n2 p2", "J K", ""},
    {"drain", "J K", "JlK"},
    /* What is no reference has no such flag. */
    {"M ref n2 p6", "J K M", ""},
    {"N idr noout", "", "M"},
    {"O idr ref", "O", "N"},
    /* A field that waits for its mate was decoded before. */
    {"P ref top n1 p2", "O Pt", ""},
    {"Q idr ref", "Q", "OP"},
    {"R ref top n1 p2", "Q Rt", ""},
    {"S idr ref noout", "S", ""},
  };
  H264Steps steps;

  h264_steps_init_buffers (&steps, 9, 4);
  h264_steps_start (&steps, FALSE);
  H264_RUN (&steps, list);
  /* Those that were dropped are freed: S and the one that steps holds are left. */
  fail_unless_equals_int (steps.alive, 1);
  h264_steps_stop (&steps);
}

GST_END_TEST;

GST_START_TEST (test_capacity)
{
  /* profile_idc, constraint_set3_flag, level_idc, macroblocks, frame_mbs_only_flag,
   * max_num_ref_frames, VUI (1: present, 2: with restrictions), num_reorder_frames,
   * max_dec_frame_buffering, pic_order_cnt_type; frame buffers, reordering */
  static const struct
  {
    guint profile, cs3, level, width, height, frames, refs, vui, reorder, max,
        type, capacity, max_reorder;
  } cases[] = {
    /* Table A-1, with pictures of 11x9 */
    {77, 0, 10, 11, 9, 1, 1, 0, 0, 0, 0, 4, 4},
    {77, 0, 11, 11, 9, 1, 1, 0, 0, 0, 0, 9, 9},
    {77, 0, 12, 11, 9, 1, 1, 0, 0, 0, 0, 16, 16},
    /* with 22x18, 40x30, 45x36, 80x45, 120x68, 256x135 */
    {77, 0, 12, 22, 18, 1, 1, 0, 0, 0, 0, 6, 6},
    {77, 0, 13, 22, 18, 1, 1, 0, 0, 0, 0, 6, 6},
    {77, 0, 20, 22, 18, 1, 1, 0, 0, 0, 0, 6, 6},
    {77, 0, 21, 22, 18, 1, 1, 0, 0, 0, 0, 12, 12},
    {77, 0, 22, 40, 30, 1, 1, 0, 0, 0, 0, 6, 6},
    {77, 0, 30, 45, 36, 1, 1, 0, 0, 0, 0, 5, 5},
    {77, 0, 31, 80, 45, 1, 1, 0, 0, 0, 0, 5, 5},
    {77, 0, 32, 80, 45, 1, 1, 0, 0, 0, 0, 5, 5},
    {100, 0, 40, 120, 68, 1, 1, 0, 0, 0, 0, 4, 4},
    {100, 0, 41, 120, 68, 1, 1, 0, 0, 0, 0, 4, 4},
    {100, 0, 42, 120, 68, 1, 1, 0, 0, 0, 0, 4, 4},
    {100, 0, 50, 120, 68, 1, 1, 0, 0, 0, 0, 13, 13},
    {100, 0, 51, 256, 135, 1, 1, 0, 0, 0, 0, 5, 5},
    {100, 0, 52, 256, 135, 1, 1, 0, 0, 0, 0, 5, 5},
    {100, 0, 62, 512, 270, 1, 1, 0, 0, 0, 0, 5, 5},
    /* In map units of field pairs */
    {77, 0, 40, 120, 34, 0, 1, 0, 0, 0, 0, 4, 4},
    /* Level 1b */
    {66, 1, 11, 11, 9, 1, 1, 0, 0, 0, 0, 4, 4},
    {77, 1, 11, 11, 9, 1, 1, 0, 0, 0, 0, 4, 4},
    {88, 1, 11, 11, 9, 1, 1, 0, 0, 0, 0, 4, 4},
    {100, 0, 9, 11, 9, 1, 1, 0, 0, 0, 0, 4, 4},
    {118, 1, 11, 11, 9, 1, 1, 0, 0, 0, 0, 9, 9},
    /* No such level, or more than any; larger than the level allows */
    {77, 0, 0, 11, 9, 1, 1, 0, 0, 0, 0, 4, 4},
    {77, 0, 23, 22, 18, 1, 1, 0, 0, 0, 0, 16, 16},
    {77, 0, 255, 512, 270, 1, 1, 0, 0, 0, 0, 5, 5},
    {77, 0, 10, 120, 68, 1, 1, 0, 0, 0, 0, 1, 1},
    /* More references than the level has room for, than there may be */
    {77, 0, 10, 11, 9, 1, 6, 0, 0, 0, 0, 6, 6},
    {77, 0, 10, 11, 9, 1, 4000000000u, 0, 0, 0, 0, 16, 16},
    {77, 0, 10, 11, 9, 1, 0, 0, 0, 0, 0, 4, 4},
    /* VUI */
    {77, 0, 11, 11, 9, 1, 1, 3, 2, 3, 0, 3, 2},
    {77, 0, 11, 11, 9, 1, 1, 3, 0, 0, 0, 1, 0},
    {77, 0, 11, 11, 9, 1, 4, 3, 1, 2, 0, 4, 1},
    {77, 0, 11, 11, 9, 1, 1, 3, 5, 2, 0, 5, 5},
    {77, 0, 11, 11, 9, 1, 1, 3, 12, 16, 0, 9, 9},
    {77, 0, 11, 11, 9, 1, 1, 3, 4000000000u, 4000000000u, 0, 9, 9},
    {77, 0, 11, 11, 9, 1, 12, 3, 11, 12, 0, 12, 11},
    /* nothing about restrictions in it, or no VUI at all */
    {77, 0, 11, 11, 9, 1, 1, 1, 2, 3, 0, 9, 9},
    {77, 0, 11, 11, 9, 1, 1, 2, 2, 3, 0, 9, 9},
    /* Intra profiles, unless the VUI says more */
    {44, 1, 11, 11, 9, 1, 1, 0, 0, 0, 0, 1, 0},
    {100, 1, 11, 11, 9, 1, 1, 0, 0, 0, 0, 1, 0},
    {110, 1, 11, 11, 9, 1, 2, 0, 0, 0, 0, 2, 0},
    {110, 0, 11, 11, 9, 1, 2, 0, 0, 0, 0, 9, 9},
    {122, 1, 11, 11, 9, 1, 1, 0, 0, 0, 0, 1, 0},
    {244, 1, 11, 11, 9, 1, 1, 0, 0, 0, 0, 1, 0},
    {110, 1, 11, 11, 9, 1, 1, 3, 1, 2, 0, 2, 1},
    /* Type 2 */
    {77, 0, 11, 11, 9, 1, 2, 0, 0, 0, 2, 9, 0},
    {77, 0, 11, 11, 9, 1, 2, 3, 2, 4, 2, 4, 0},
    {77, 0, 11, 11, 9, 1, 2, 0, 0, 0, 1, 9, 9},
  };
  GstDaedalusH264Dpb *dpb = gst_daedalus_h264_dpb_new (NULL);
  guint i;

  for (i = 0; i < G_N_ELEMENTS (cases); i++) {
    GstH264SPS sps = {
      .profile_idc = cases[i].profile,.constraint_set3_flag = cases[i].cs3,
      .level_idc = cases[i].level,.num_ref_frames = cases[i].refs,
      .pic_width_in_mbs_minus1 = cases[i].width - 1,
      .pic_height_in_map_units_minus1 = cases[i].height - 1,
      .frame_mbs_only_flag = cases[i].frames,
      .pic_order_cnt_type = cases[i].type,
      .vui_parameters_present_flag = cases[i].vui & 1,
      .vui_parameters = {
            .bitstream_restriction_flag = cases[i].vui >> 1,
            .num_reorder_frames = cases[i].reorder,
            .max_dec_frame_buffering = cases[i].max,
          },
    };

    gst_daedalus_h264_dpb_set_sps (dpb, &sps, FALSE);
    fail_unless (dpb->capacity == cases[i].capacity &&
        dpb->max_reorder == cases[i].max_reorder,
        "case %u has %u buffers, reorders %u", i, dpb->capacity,
        dpb->max_reorder);
  }
  gst_daedalus_h264_dpb_free (dpb);
}

GST_END_TEST;

static Suite *
h264_bump_suite (void)
{
  Suite *suite = suite_create ("h264_bump");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_test (tc, test_bumping);
  tcase_add_test (tc, test_order);
  tcase_add_test (tc, test_num_reorder_frames);
  tcase_add_test (tc, test_live);
  tcase_add_test (tc, test_new_sequence);
  tcase_add_test (tc, test_capacity);
  return suite;
}

GST_CHECK_MAIN (h264_bump);
