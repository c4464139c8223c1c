/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Frame buffers and output order of H.264 (A.3.1, C.4), fields that are a frame
 * (3.30), gaps in frame_num (8.2.5.2).
 */
#include <gst/check/gstcheck.h>

#include "gstdaedalush264dpb-private.h"
#include "h264_steps.h"

/* Room for @num_buffers frames of 176x144; no VUI. */
static void
init_buffers (H264Steps *steps, guint num_buffers, guint num_ref_frames)
{
  h264_steps_init (steps);
  steps->sps.num_ref_frames = num_ref_frames;
  /* Level 1.1 has room for 9 of these; twice as high, for 4. */
  if (num_buffers == 4)
    steps->sps.pic_height_in_map_units_minus1 = 17;
}

static void
set_vui (H264Steps *steps, guint num_reorder_frames, guint max_dec_buffering)
{
  GstH264VUIParams *vui = &steps->sps.vui_parameters;

  steps->sps.vui_parameters_present_flag = TRUE;
  vui->bitstream_restriction_flag = TRUE;
  vui->num_reorder_frames = num_reorder_frames;
  vui->max_dec_frame_buffering = max_dec_buffering;
}

/* Runs @list with the SPS of @steps. */
#define CHECK_STEPS(steps, live, list) \
G_STMT_START { \
  h264_steps_start (steps, live); \
  H264_RUN (steps, list); \
  h264_steps_stop (steps); \
} G_STMT_END

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

  init_buffers (&steps, 4, 2);
  CHECK_STEPS (&steps, FALSE, pyramid);
  init_buffers (&steps, 4, 3);
  CHECK_STEPS (&steps, FALSE, references_stay);
  init_buffers (&steps, 4, 4);
  CHECK_STEPS (&steps, FALSE, direct);
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

  init_buffers (&steps, 9, 4);
  set_vui (&steps, 1, 9);
  CHECK_STEPS (&steps, FALSE, one);
  init_buffers (&steps, 9, 4);
  set_vui (&steps, 2, 4);
  CHECK_STEPS (&steps, FALSE, two);
  init_buffers (&steps, 9, 4);
  set_vui (&steps, 0, 9);
  CHECK_STEPS (&steps, FALSE, none);
  /* not said, but all intra profiles are so */
  init_buffers (&steps, 9, 4);
  steps.sps.profile_idc = 110;
  steps.sps.constraint_set3_flag = TRUE;
  CHECK_STEPS (&steps, FALSE, none);
  init_buffers (&steps, 9, 4);
  steps.sps.pic_order_cnt_type = 2;
  CHECK_STEPS (&steps, FALSE, type_2);
  init_buffers (&steps, 9, 4);
  steps.sps.pic_order_cnt_type = 2;
  set_vui (&steps, 3, 9);
  CHECK_STEPS (&steps, FALSE, type_2);
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

  init_buffers (&steps, 9, 4);
  steps.sps.profile_idc = 66;
  CHECK_STEPS (&steps, TRUE, decoding_order);
  init_buffers (&steps, 9, 4);
  steps.sps.profile_idc = 66;
  CHECK_STEPS (&steps, FALSE, waits);
  init_buffers (&steps, 9, 4);
  CHECK_STEPS (&steps, FALSE, waits);
  init_buffers (&steps, 9, 4);
  CHECK_STEPS (&steps, TRUE, steps_of_2);
  init_buffers (&steps, 9, 4);
  CHECK_STEPS (&steps, TRUE, steps_of_1);
  init_buffers (&steps, 9, 4);
  CHECK_STEPS (&steps, TRUE, joined);
  init_buffers (&steps, 9, 4);
  set_vui (&steps, 1, 9);
  CHECK_STEPS (&steps, TRUE, with_vui);
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

  init_buffers (&steps, 9, 4);
  h264_steps_start (&steps, FALSE);
  H264_RUN (&steps, list);
  /* Those that were dropped are freed: S and the one that steps holds are left. */
  fail_unless_equals_int (steps.alive, 1);
  h264_steps_stop (&steps);
}

GST_END_TEST;

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

  init_buffers (&steps, 4, 4);
  h264_steps_start (&steps, FALSE);
  H264_RUN (&steps, before);
  steps.sps.num_ref_frames = 2;
  set_vui (&steps, 2, 2);
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
    {"Q ref bottom n1 p2", "P Qb", ""},
    {"R idr ref top", "Rt", "Q"},
    {"drain", "Rt", "R"},
    /* not once it was output. */
    {"S ref bottom p1", "Rt Sb", ""},
    {"drain", "Rt Sb", "S"},
  };
  H264Steps steps;

  init_buffers (&steps, 9, 4);
  set_vui (&steps, 0, 4);
  CHECK_STEPS (&steps, FALSE, list);
}

GST_END_TEST;

/* What the first field is like while the second is decoded. */
GST_START_TEST (test_between_fields)
{
  H264Steps steps;
  gchar *refs;

  init_buffers (&steps, 9, 4);
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

    init_buffers (&steps, 9, 4);
    set_vui (&steps, 0, 4);
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

  init_buffers (&steps, 4, 3);
  CHECK_STEPS (&steps, FALSE, list);
}

GST_END_TEST;

GST_START_TEST (test_gap_order_counts)
{
  H264Steps steps;
  const GstDaedalusH264Frame *refs[GST_DAEDALUS_H264_MAX_DPB_FRAMES];

  init_buffers (&steps, 9, 4);
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

  init_buffers (&steps, 9, 4);
  set_vui (&steps, 0, 4);
  CHECK_STEPS (&steps, FALSE, list);
}

GST_END_TEST;

GST_START_TEST (test_lifetime)
{
  H264Steps steps;
  GstDaedalusH264Frame *frame;

  /* Due and not popped; waiting; a first field; being decoded. */
  init_buffers (&steps, 9, 4);
  h264_steps_start (&steps, FALSE);
  h264_steps_picture (&steps, "A idr ref");
  h264_steps_picture (&steps, "B ref n1 p2");
  gst_daedalus_h264_dpb_drain (steps.dpb);
  h264_steps_picture (&steps, "C ref n2 p4");
  h264_steps_picture (&steps, "D ref top n3 p6");
  gst_daedalus_h264_dpb_clear (steps.dpb);
  fail_unless (gst_daedalus_h264_dpb_pop (steps.dpb) == NULL);
  fail_unless_equals_int (steps.alive, 1);
  h264_steps_begin (&steps, "E ref n1 p2");
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

GST_START_TEST (test_capacity)
{
  /* profile_idc, constraint_set3_flag, level_idc, macroblocks, frame_mbs_only_flag,
   * max_num_ref_frames, VUI, num_reorder_frames, max_dec_frame_buffering,
   * pic_order_cnt_type; frame buffers, reordering */
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
    {77, 0, 11, 11, 9, 1, 1, 1, 2, 3, 0, 3, 2},
    {77, 0, 11, 11, 9, 1, 1, 1, 0, 0, 0, 1, 0},
    {77, 0, 11, 11, 9, 1, 4, 1, 1, 2, 0, 4, 1},
    {77, 0, 11, 11, 9, 1, 1, 1, 5, 2, 0, 5, 5},
    {77, 0, 11, 11, 9, 1, 1, 1, 12, 16, 0, 9, 9},
    {77, 0, 11, 11, 9, 1, 1, 1, 4000000000u, 4000000000u, 0, 9, 9},
    {77, 0, 11, 11, 9, 1, 12, 1, 11, 12, 0, 12, 11},
    /* Intra profiles, unless the VUI says more */
    {44, 1, 11, 11, 9, 1, 1, 0, 0, 0, 0, 1, 0},
    {100, 1, 11, 11, 9, 1, 1, 0, 0, 0, 0, 1, 0},
    {110, 1, 11, 11, 9, 1, 2, 0, 0, 0, 0, 2, 0},
    {110, 0, 11, 11, 9, 1, 2, 0, 0, 0, 0, 9, 9},
    {122, 1, 11, 11, 9, 1, 1, 0, 0, 0, 0, 1, 0},
    {244, 1, 11, 11, 9, 1, 1, 0, 0, 0, 0, 1, 0},
    {110, 1, 11, 11, 9, 1, 1, 1, 1, 2, 0, 2, 1},
    /* Type 2 */
    {77, 0, 11, 11, 9, 1, 2, 0, 0, 0, 2, 9, 0},
    {77, 0, 11, 11, 9, 1, 2, 1, 2, 4, 2, 4, 0},
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
      .vui_parameters_present_flag = cases[i].vui,
      .vui_parameters = {
            .bitstream_restriction_flag = cases[i].vui,
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
h264_dpb_suite (void)
{
  Suite *suite = suite_create ("h264_dpb");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_test (tc, test_bumping);
  tcase_add_test (tc, test_num_reorder_frames);
  tcase_add_test (tc, test_live);
  tcase_add_test (tc, test_new_sequence);
  tcase_add_test (tc, test_new_sps);
  tcase_add_test (tc, test_second_field);
  tcase_add_test (tc, test_between_fields);
  tcase_add_test (tc, test_gaps);
  tcase_add_test (tc, test_gaps_take_buffers);
  tcase_add_test (tc, test_gap_order_counts);
  tcase_add_test (tc, test_hidden);
  tcase_add_test (tc, test_lifetime);
  tcase_add_test (tc, test_capacity);
  return suite;
}

GST_CHECK_MAIN (h264_dpb);
