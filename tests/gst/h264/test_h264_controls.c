/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Controls filled from parameter sets, slice headers and references. */
#include <gst/check/gstcheck.h>

#include "h264/gstdaedalush264controls.h"
#include "h264_nal.h"

static const GstDaedalusH264Frame frame_0 = {
  .timestamp = 7,.fields = GST_DAEDALUS_H264_BOTH,.pic_order_cnt = {10, 11},
};

/* Controls of a picture without references. */
static void
fill_alone (GstDaedalusH264Controls *controls, const GstH264SPS *sps,
    GstH264PPS *pps)
{
  GstH264SliceHdr slice = {.pps = pps,.type = GST_H264_I_SLICE };
  GstDaedalusH264PicInfo info = {.sps = sps,.slice = &slice };

  gst_daedalus_h264_fill_controls (controls, &info, &frame_0, NULL, 0);
}

GST_START_TEST (test_parameter_sets)
{
  static const SpsSpec sps_spec = {
    .profile_idc = 100,.constraints = 0x14,.level_idc = 41,.id = 3,
    .chroma_format_idc = 1,.bit_depth_luma_minus8 = 2,
    .bit_depth_chroma_minus8 = 2,.transform_bypass = TRUE,
    .log2_max_frame_num_minus4 = 5,.pic_order_cnt_type = 1,
    .max_num_ref_frames = 4,.width_mbs = 120,.height_map_units = 34,
    .fields = TRUE,.mbaff = TRUE,
  };
  static const PpsSpec pps_spec = {
    .id = 200,.sps_id = 3,.cabac = TRUE,.pic_order_present = TRUE,
    .num_ref_idx_default_active_minus1 = {2, 1},.weighted_pred = TRUE,
    .weighted_bipred_idc = 2,.pic_init_qp_minus26 = -30,
    .pic_init_qs_minus26 = 5,.chroma_qp_index_offset = -12,
    .deblocking_control = TRUE,.constrained_intra_pred = TRUE,
    .redundant_pic_cnt = TRUE,.extension = TRUE,.transform_8x8 = TRUE,
    .second_chroma_qp_index_offset = 12,
  };
  GstH264NalParser *parser = gst_h264_nal_parser_new ();
  GstDaedalusH264Controls c;
  GstH264SPS sps;
  GstH264PPS pps;

  parse_sps (parser, &sps_spec, &sps);
  parse_pps (parser, &pps_spec, &pps);
  fill_alone (&c, &sps, &pps);

  fail_unless_equals_int (c.sps.profile_idc, 100);
  fail_unless_equals_int (c.sps.constraint_set_flags,
      V4L2_H264_SPS_CONSTRAINT_SET3_FLAG | V4L2_H264_SPS_CONSTRAINT_SET5_FLAG);
  fail_unless_equals_int (c.sps.level_idc, 41);
  fail_unless_equals_int (c.sps.seq_parameter_set_id, 3);
  fail_unless_equals_int (c.sps.chroma_format_idc, 1);
  fail_unless_equals_int (c.sps.bit_depth_luma_minus8, 2);
  fail_unless_equals_int (c.sps.bit_depth_chroma_minus8, 2);
  fail_unless_equals_int (c.sps.log2_max_frame_num_minus4, 5);
  fail_unless_equals_int (c.sps.pic_order_cnt_type, 1);
  fail_unless_equals_int (c.sps.max_num_ref_frames, 4);
  fail_unless_equals_int (c.sps.offset_for_non_ref_pic, -3);
  fail_unless_equals_int (c.sps.offset_for_top_to_bottom_field, 5);
  fail_unless_equals_int (c.sps.num_ref_frames_in_pic_order_cnt_cycle, 2);
  fail_unless_equals_int (c.sps.offset_for_ref_frame[0], -70000);
  fail_unless_equals_int (c.sps.offset_for_ref_frame[1], 4);
  fail_unless_equals_int (c.sps.offset_for_ref_frame[2], 0);
  fail_unless_equals_int (c.sps.pic_width_in_mbs_minus1, 119);
  fail_unless_equals_int (c.sps.pic_height_in_map_units_minus1, 33);
  fail_unless_equals_int (c.sps.flags,
      V4L2_H264_SPS_FLAG_QPPRIME_Y_ZERO_TRANSFORM_BYPASS |
      V4L2_H264_SPS_FLAG_MB_ADAPTIVE_FRAME_FIELD |
      V4L2_H264_SPS_FLAG_DIRECT_8X8_INFERENCE);

  fail_unless_equals_int (c.pps.pic_parameter_set_id, 200);
  fail_unless_equals_int (c.pps.seq_parameter_set_id, 3);
  fail_unless_equals_int (c.pps.num_slice_groups_minus1, 0);
  fail_unless_equals_int (c.pps.num_ref_idx_l0_default_active_minus1, 2);
  fail_unless_equals_int (c.pps.num_ref_idx_l1_default_active_minus1, 1);
  fail_unless_equals_int (c.pps.weighted_bipred_idc, 2);
  fail_unless_equals_int (c.pps.pic_init_qp_minus26, -30);
  fail_unless_equals_int (c.pps.pic_init_qs_minus26, 5);
  fail_unless_equals_int (c.pps.chroma_qp_index_offset, -12);
  fail_unless_equals_int (c.pps.second_chroma_qp_index_offset, 12);
  fail_unless_equals_int (c.pps.flags, 0xff &
      ~V4L2_H264_PPS_FLAG_SCALING_MATRIX_PRESENT);

  gst_h264_pps_clear (&pps);
  gst_h264_nal_parser_free (parser);
}

GST_END_TEST;

/* Without the syntax elements of the later profiles, 7.4.2 says what holds. */
GST_START_TEST (test_inferred)
{
  static const SpsSpec sps_spec = {
    .profile_idc = 66,.constraints = 0xe0,.level_idc = 10,
    .log2_max_pic_order_cnt_lsb_minus4 = 12,.max_num_ref_frames = 1,
    .width_mbs = 11,.height_map_units = 9,
  };
  static const PpsSpec pps_spec = {.chroma_qp_index_offset = -3 };
  static const SpsSpec mono_spec = {
    .profile_idc = 100,.bit_depth_chroma_minus8 = 2,
  };
  GstH264NalParser *parser = gst_h264_nal_parser_new ();
  GstDaedalusH264Controls c;
  GstH264SPS sps;
  GstH264PPS pps;

  parse_sps (parser, &sps_spec, &sps);
  parse_pps (parser, &pps_spec, &pps);
  fill_alone (&c, &sps, &pps);
  fail_unless_equals_int (c.sps.chroma_format_idc, 1);
  fail_unless_equals_int (c.sps.bit_depth_luma_minus8, 0);
  fail_unless_equals_int (c.sps.log2_max_pic_order_cnt_lsb_minus4, 12);
  fail_unless_equals_int (c.sps.constraint_set_flags, 7);
  fail_unless_equals_int (c.sps.flags, V4L2_H264_SPS_FLAG_FRAME_MBS_ONLY |
      V4L2_H264_SPS_FLAG_DIRECT_8X8_INFERENCE);
  fail_unless_equals_int (c.pps.chroma_qp_index_offset, -3);
  fail_unless_equals_int (c.pps.second_chroma_qp_index_offset, -3);
  fail_unless_equals_int (c.pps.flags, 0);

  /* The depth of chroma that there is not. */
  parse_sps (parser, &mono_spec, &sps);
  fill_alone (&c, &sps, &pps);
  fail_unless_equals_int (c.sps.chroma_format_idc, 0);
  fail_unless_equals_int (c.sps.bit_depth_chroma_minus8, 0);

  gst_h264_pps_clear (&pps);
  gst_h264_nal_parser_free (parser);
}

GST_END_TEST;

/* The list is what VIDIOC_S_EXT_CTRLS takes; nothing of an earlier fill
 * stays. */
GST_START_TEST (test_list)
{
  GstH264SPS sps = {.frame_mbs_only_flag = 1 };
  GstH264PPS pps = {.sequence = &sps };
  GstDaedalusH264Controls c;
  guint with;

  memset (&c, 0xff, sizeof (c));
  for (with = 0; with < 3; with++) {
    const struct v4l2_ext_control expected[4] = {
      {.id = V4L2_CID_STATELESS_H264_SPS,.size = sizeof (c.sps),.ptr = &c.sps},
      {.id = V4L2_CID_STATELESS_H264_PPS,.size = sizeof (c.pps),.ptr = &c.pps},
      {.id = V4L2_CID_STATELESS_H264_SCALING_MATRIX,
          .size = sizeof (c.scaling_matrix),.ptr = &c.scaling_matrix},
      {.id = V4L2_CID_STATELESS_H264_DECODE_PARAMS,
          .size = sizeof (c.decode_params),.ptr = &c.decode_params},
    };
    guint i, n = 0;

    sps.scaling_matrix_present_flag = with == 1;
    pps.pic_scaling_matrix_present_flag = with == 2;
    fill_alone (&c, &sps, &pps);
    fail_unless_equals_int (c.n, with ? 4 : 3);
    fail_unless_equals_int (c.pps.flags,
        with ? V4L2_H264_PPS_FLAG_SCALING_MATRIX_PRESENT : 0);
    for (i = 0; i < 4; i++) {
      if (i == 2 && !with)
        continue;
      fail_unless_equals_int (c.list[n].id, expected[i].id);
      fail_unless_equals_int (c.list[n].size, expected[i].size);
      fail_unless (c.list[n].ptr == expected[i].ptr);
      fail_unless_equals_int (c.list[n].reserved2[0], 0);
      n++;
    }
    for (i = 0; i < V4L2_H264_NUM_DPB_ENTRIES; i++)
      fail_unless_equals_int (c.decode_params.dpb[i].flags, 0);
    fail_unless_equals_int (c.decode_params.reserved, 0);
    for (i = 0; !with && i < 16; i++)
      fail_unless_equals_int (c.scaling_matrix.scaling_list_4x4[0][i], 0);
  }
}

GST_END_TEST;

/* A slice header as 7.3.3 has it, and how long its parts are. */
GST_START_TEST (test_slice_header)
{
  static const SpsSpec sps_spec = {
    .profile_idc = 77,.level_idc = 30,.log2_max_frame_num_minus4 = 4,
    .log2_max_pic_order_cnt_lsb_minus4 = 2,.max_num_ref_frames = 4,
    .width_mbs = 45,.height_map_units = 18,.fields = TRUE,
  };
  static const PpsSpec pps_spec = {.pic_order_present = TRUE };
  GstH264NalParser *parser = gst_h264_nal_parser_new ();
  const GstDaedalusH264Frame current = {
    .fields = GST_DAEDALUS_H264_BOTH,.pic_order_cnt = {-40, -37},
  };
  guint8 nal[NAL_BYTES];
  GstDaedalusH264Controls c;
  GstDaedalusH264PicInfo info;
  GstH264NalUnit nalu;
  GstH264SliceHdr slice;
  Rbsp to = { {0}, 0 };
  GstH264SPS sps;
  GstH264PPS pps;
  gsize poc_at, marking_at, bits[2];

  parse_sps (parser, &sps_spec, &sps);
  parse_pps (parser, &pps_spec, &pps);
  put_ue (&to, 0);              /* first_mb_in_slice */
  put_ue (&to, 5);              /* slice_type: P, as all of the picture */
  put_ue (&to, 0);              /* pic_parameter_set_id */
  put_u (&to, 0xab, 8);         /* frame_num */
  put_u (&to, 0, 1);            /* field_pic_flag */
  poc_at = to.bits;
  put_u (&to, 50, 6);           /* pic_order_cnt_lsb */
  put_se (&to, 3);              /* delta_pic_order_cnt_bottom */
  bits[0] = to.bits - poc_at;
  put_u (&to, 0, 1);            /* num_ref_idx_active_override_flag */
  put_u (&to, 0, 1);            /* ref_pic_list_modification_flag_l0 */
  marking_at = to.bits;
  put_u (&to, 1, 1);            /* adaptive_ref_pic_marking_mode_flag */
  put_ue (&to, 1);              /* not used for reference any more: */
  put_ue (&to, 6);              /* difference_of_pic_nums_minus1 */
  put_ue (&to, 0);
  bits[1] = to.bits - marking_at;
  put_se (&to, -2);             /* slice_qp_delta */
  put_u (&to, 0xffff, 16);      /* slice_data() */
  identify_nal (parser, nal, finish_nal (&to, 2, GST_H264_NAL_SLICE, nal),
      &nalu);
  fail_unless_equals_int (gst_h264_parser_parse_slice_hdr (parser, &nalu,
          &slice, TRUE, TRUE), GST_H264_PARSER_OK);

  info = (GstDaedalusH264PicInfo) {
  .sps = &sps,.slice = &slice,.nal_ref_idc = nalu.ref_idc,};
  gst_daedalus_h264_fill_controls (&c, &info, &current, NULL, 0);
  fail_unless_equals_int (c.decode_params.nal_ref_idc, 2);
  fail_unless_equals_int (c.decode_params.frame_num, 0xab);
  fail_unless_equals_int (c.decode_params.top_field_order_cnt, -40);
  fail_unless_equals_int (c.decode_params.bottom_field_order_cnt, -37);
  fail_unless_equals_int (c.decode_params.pic_order_cnt_lsb, 50);
  fail_unless_equals_int (c.decode_params.delta_pic_order_cnt_bottom, 3);
  fail_unless_equals_int (c.decode_params.pic_order_cnt_bit_size, bits[0]);
  fail_unless_equals_int (c.decode_params.dec_ref_pic_marking_bit_size,
      bits[1]);
  fail_unless_equals_int (c.decode_params.flags,
      V4L2_H264_DECODE_PARAM_FLAG_PFRAME);
  gst_h264_pps_clear (&pps);
  gst_h264_nal_parser_free (parser);
}

GST_END_TEST;

/* Values from the headers of IDR pictures, fields and B pictures. */
GST_START_TEST (test_picture)
{
  GstH264SPS sps = { 0 };
  GstH264PPS pps = { 0 };
  GstH264SliceHdr slice = {
    .pps = &pps,.type = 6,.idr_pic_id = 65535,.field_pic_flag = 1,
    .bottom_field_flag = 1,.delta_pic_order_cnt = {-5, 6},
    .slice_group_change_cycle = 9,
  };
  GstDaedalusH264PicInfo info = {.sps = &sps,.slice = &slice,.idr = TRUE };
  GstDaedalusH264Frame current = {
    .fields = GST_DAEDALUS_H264_BOTTOM,.pic_order_cnt = {99, 4},
  };
  GstDaedalusH264Controls c;

  gst_daedalus_h264_fill_controls (&c, &info, &current, NULL, 0);
  fail_unless_equals_int (c.decode_params.idr_pic_id, 65535);
  fail_unless_equals_int (c.decode_params.delta_pic_order_cnt0, -5);
  fail_unless_equals_int (c.decode_params.delta_pic_order_cnt1, 6);
  fail_unless_equals_int (c.decode_params.slice_group_change_cycle, 9);
  fail_unless_equals_int (c.decode_params.top_field_order_cnt, 0);
  fail_unless_equals_int (c.decode_params.bottom_field_order_cnt, 4);
  fail_unless_equals_int (c.decode_params.flags,
      V4L2_H264_DECODE_PARAM_FLAG_IDR_PIC |
      V4L2_H264_DECODE_PARAM_FLAG_FIELD_PIC |
      V4L2_H264_DECODE_PARAM_FLAG_BOTTOM_FIELD |
      V4L2_H264_DECODE_PARAM_FLAG_BFRAME);
}

GST_END_TEST;

/* One row: a reference frame and its DPB entry. */
typedef struct
{
  GstDaedalusH264Frame frame;
  struct v4l2_h264_dpb_entry entry;
} RefCase;

static void
check_refs (const RefCase *cases, guint n, gint current,
    const GstH264SliceHdr *slice)
{
  const GstH264SPS sps = {.log2_max_frame_num_minus4 = 0 };
  const GstDaedalusH264PicInfo info = {.sps = &sps,.slice = slice };
  const GstDaedalusH264Frame *refs[8];
  GstDaedalusH264Controls c;
  guint i;

  for (i = 0; i < n; i++)
    refs[i] = &cases[i].frame;
  gst_daedalus_h264_fill_controls (&c, &info,
      current < 0 ? &frame_0 : refs[current], refs, n);
  for (i = 0; i < n; i++) {
    const struct v4l2_h264_dpb_entry *got = &c.decode_params.dpb[i];
    const struct v4l2_h264_dpb_entry *entry = &cases[i].entry;

    fail_unless_equals_uint64 (got->reference_ts, entry->reference_ts);
    fail_unless_equals_int ((gint) got->pic_num, (gint) entry->pic_num);
    fail_unless_equals_int (got->frame_num, entry->frame_num);
    fail_unless_equals_int (got->fields, entry->fields);
    fail_unless_equals_int (got->top_field_order_cnt,
        entry->top_field_order_cnt);
    fail_unless_equals_int (got->bottom_field_order_cnt,
        entry->bottom_field_order_cnt);
    fail_unless_equals_int (got->flags, entry->flags);
  }
  fail_unless_equals_int (c.decode_params.dpb[n].flags, 0);
}

#define TOP V4L2_H264_TOP_FIELD_REF
#define BOTTOM V4L2_H264_BOTTOM_FIELD_REF
#define BOTH V4L2_H264_FRAME_REF
#define SHORT (V4L2_H264_DPB_ENTRY_FLAG_VALID | V4L2_H264_DPB_ENTRY_FLAG_ACTIVE)
#define LONG (SHORT | V4L2_H264_DPB_ENTRY_FLAG_LONG_TERM)
#define FIELD V4L2_H264_DPB_ENTRY_FLAG_FIELD

/* 8.2.4.1 for frames: PicNum is FrameNumWrap, here with MaxFrameNum 16. */
GST_START_TEST (test_refs_of_frame)
{
  static const RefCase cases[] = {
    {{.timestamp = 1,.frame_num = 2,.fields = BOTH,.short_ref = BOTH,
            .pic_order_cnt = {8, 9}},
        {.reference_ts = 1000,.pic_num = 2,.frame_num = 2,.fields = BOTH,
              .top_field_order_cnt = 8,.bottom_field_order_cnt = 9,
            .flags = SHORT}},
    /* before frame_num wrapped */
    {{.timestamp = 5000000,.frame_num = 15,.fields = BOTH,.short_ref = BOTH,
            .pic_order_cnt = {-2, -4},.coded_fields = TRUE},
        {.reference_ts = 5000000000,.pic_num = -1,.frame_num = 15,
              .fields = BOTH,.top_field_order_cnt = -2,
            .bottom_field_order_cnt = -4,.flags = SHORT | FIELD}},
    {{.timestamp = 3,.frame_num = 15,.fields = BOTH,.long_ref = BOTH,
            .long_term_frame_idx = 6},
        {.reference_ts = 3000,.pic_num = 6,.frame_num = 6,.fields = BOTH,
            .flags = LONG}},
    /* the device never got it, and one of its fields is not marked */
    {{.frame_num = 1,.fields = BOTH,.short_ref = TOP,.non_existing = TRUE},
        {.pic_num = 1,.frame_num = 1,.fields = TOP,.flags = SHORT}},
  };
  GstH264PPS pps = { 0 };
  const GstH264SliceHdr slice = {.pps = &pps,.frame_num = 3 };

  check_refs (cases, G_N_ELEMENTS (cases), -1, &slice);
}

GST_END_TEST;

/* For fields it is 2 * FrameNumWrap, and one more for the same parity. The last
 * one is the frame whose bottom field is being decoded. */
GST_START_TEST (test_refs_of_field)
{
  static const RefCase cases[] = {
    {{.timestamp = 1,.frame_num = 15,.fields = BOTH,.short_ref = BOTH,
            .pic_order_cnt = {8, 9}},
        {.reference_ts = 1000,.pic_num = -1,.frame_num = 15,.fields = BOTH,
              .top_field_order_cnt = 8,.bottom_field_order_cnt = 9,
            .flags = SHORT}},
    {{.timestamp = 2,.frame_num = 2,.fields = TOP,.short_ref = TOP,
            .pic_order_cnt = {8, 9},.coded_fields = TRUE},
        {.reference_ts = 2000,.pic_num = 4,.frame_num = 2,.fields = TOP,
            .top_field_order_cnt = 8,.flags = SHORT | FIELD}},
    {{.timestamp = 3,.frame_num = 1,.fields = BOTH,.long_ref = BOTTOM,
            .long_term_frame_idx = 2,.pic_order_cnt = {8, 9}},
        {.reference_ts = 3000,.pic_num = 5,.frame_num = 2,.fields = BOTTOM,
              .top_field_order_cnt = 8,.bottom_field_order_cnt = 9,
            .flags = LONG}},
    {{.timestamp = 4,.frame_num = 3,.fields = BOTH,.short_ref = TOP,
            .pic_order_cnt = {20, 21},.coded_fields = TRUE},
        {.reference_ts = 4000,.pic_num = 6,.frame_num = 3,.fields = TOP,
            .top_field_order_cnt = 20,.flags = SHORT | FIELD}},
  };
  GstH264PPS pps = { 0 };
  const GstH264SliceHdr slice = {
    .pps = &pps,.frame_num = 3,.field_pic_flag = 1,.bottom_field_flag = 1,
  };

  check_refs (cases, G_N_ELEMENTS (cases), G_N_ELEMENTS (cases) - 1, &slice);
}

GST_END_TEST;

/* Frames that are not references are left out; there are at most 16 entries. */
GST_START_TEST (test_refs_limit)
{
  GstDaedalusH264Frame frames[20] = { 0 };
  const GstDaedalusH264Frame *refs[20];
  GstH264SPS sps = { 0 };
  GstH264PPS pps = { 0 };
  GstH264SliceHdr slice = {.pps = &pps };
  GstDaedalusH264PicInfo info = {.sps = &sps,.slice = &slice };
  GstDaedalusH264Controls c;
  guint i;

  for (i = 0; i < G_N_ELEMENTS (frames); i++) {
    frames[i].timestamp = i + 1;
    frames[i].fields = BOTH;
    frames[i].short_ref = i == 1 ? 0 : BOTH;
    refs[i] = &frames[i];
  }
  gst_daedalus_h264_fill_controls (&c, &info, &frame_0, refs,
      G_N_ELEMENTS (frames));
  fail_unless_equals_uint64 (c.decode_params.dpb[0].reference_ts, 1000);
  for (i = 1; i < V4L2_H264_NUM_DPB_ENTRIES; i++)
    fail_unless_equals_uint64 (c.decode_params.dpb[i].reference_ts,
        1000 * (i + 2));
}

GST_END_TEST;

static Suite *
h264_controls_suite (void)
{
  Suite *suite = suite_create ("h264_controls");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_test (tc, test_parameter_sets);
  tcase_add_test (tc, test_inferred);
  tcase_add_test (tc, test_list);
  tcase_add_test (tc, test_slice_header);
  tcase_add_test (tc, test_picture);
  tcase_add_test (tc, test_refs_of_frame);
  tcase_add_test (tc, test_refs_of_field);
  tcase_add_test (tc, test_refs_limit);
  return suite;
}

GST_CHECK_MAIN (h264_controls);
