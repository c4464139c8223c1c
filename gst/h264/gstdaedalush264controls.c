/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "gstdaedalush264controls.h"

#include <string.h>

/* A flag of a control; @condition is its value in the parser's struct. */
#define F(flag, condition) ((condition) ? V4L2_H264_##flag : 0)

/**
 * gst_daedalus_h264_fill_sps:
 * @to: (out): the control
 * @sps: a sequence parameter set that passed gst_daedalus_h264_check_sps()
 */
void
gst_daedalus_h264_fill_sps (struct v4l2_ctrl_h264_sps *to,
    const GstH264SPS *sps)
{
  guint i;

  *to = (struct v4l2_ctrl_h264_sps) {
    .profile_idc = sps->profile_idc,
    .constraint_set_flags =
        F (SPS_CONSTRAINT_SET0_FLAG, sps->constraint_set0_flag)
        | F (SPS_CONSTRAINT_SET1_FLAG, sps->constraint_set1_flag)
        | F (SPS_CONSTRAINT_SET2_FLAG, sps->constraint_set2_flag)
        | F (SPS_CONSTRAINT_SET3_FLAG, sps->constraint_set3_flag)
        | F (SPS_CONSTRAINT_SET4_FLAG, sps->constraint_set4_flag)
        | F (SPS_CONSTRAINT_SET5_FLAG, sps->constraint_set5_flag),
    .level_idc = sps->level_idc,
    .seq_parameter_set_id = sps->id,
    .chroma_format_idc = sps->chroma_format_idc,
    .bit_depth_luma_minus8 = sps->bit_depth_luma_minus8,
    /* not used for monochrome, 7.4.2.1.1 */
    .bit_depth_chroma_minus8 = sps->chroma_format_idc ?
        sps->bit_depth_chroma_minus8 : sps->bit_depth_luma_minus8,
    .log2_max_frame_num_minus4 = sps->log2_max_frame_num_minus4,
    .pic_order_cnt_type = sps->pic_order_cnt_type,
    .log2_max_pic_order_cnt_lsb_minus4 = sps->log2_max_pic_order_cnt_lsb_minus4,
    .max_num_ref_frames = sps->num_ref_frames,
    .num_ref_frames_in_pic_order_cnt_cycle =
        sps->num_ref_frames_in_pic_order_cnt_cycle,
    .offset_for_non_ref_pic = sps->offset_for_non_ref_pic,
    .offset_for_top_to_bottom_field = sps->offset_for_top_to_bottom_field,
    .pic_width_in_mbs_minus1 = sps->pic_width_in_mbs_minus1,
    .pic_height_in_map_units_minus1 = sps->pic_height_in_map_units_minus1,
    .flags = F (SPS_FLAG_SEPARATE_COLOUR_PLANE, sps->separate_colour_plane_flag)
        | F (SPS_FLAG_QPPRIME_Y_ZERO_TRANSFORM_BYPASS,
        sps->qpprime_y_zero_transform_bypass_flag)
        | F (SPS_FLAG_DELTA_PIC_ORDER_ALWAYS_ZERO,
        sps->delta_pic_order_always_zero_flag)
        | F (SPS_FLAG_GAPS_IN_FRAME_NUM_VALUE_ALLOWED,
        sps->gaps_in_frame_num_value_allowed_flag)
        | F (SPS_FLAG_FRAME_MBS_ONLY, sps->frame_mbs_only_flag)
        | F (SPS_FLAG_MB_ADAPTIVE_FRAME_FIELD,
        sps->mb_adaptive_frame_field_flag)
        | F (SPS_FLAG_DIRECT_8X8_INFERENCE, sps->direct_8x8_inference_flag),
  };
  for (i = 0; i < sps->num_ref_frames_in_pic_order_cnt_cycle; i++)
    to->offset_for_ref_frame[i] = sps->offset_for_ref_frame[i];
}

static gboolean
has_scaling_matrix (const GstH264SPS *sps, const GstH264PPS *pps)
{
  return sps->scaling_matrix_present_flag
      || pps->pic_scaling_matrix_present_flag;
}

static void
fill_pps (struct v4l2_ctrl_h264_pps *to, const GstH264SPS *sps,
    const GstH264PPS *pps)
{
  *to = (struct v4l2_ctrl_h264_pps) {
    .pic_parameter_set_id = pps->id,
    .seq_parameter_set_id = sps->id,
    .num_slice_groups_minus1 = pps->num_slice_groups_minus1,
    .num_ref_idx_l0_default_active_minus1 = pps->num_ref_idx_l0_active_minus1,
    .num_ref_idx_l1_default_active_minus1 = pps->num_ref_idx_l1_active_minus1,
    .weighted_bipred_idc = pps->weighted_bipred_idc,
    .pic_init_qp_minus26 = pps->pic_init_qp_minus26,
    .pic_init_qs_minus26 = pps->pic_init_qs_minus26,
    .chroma_qp_index_offset = pps->chroma_qp_index_offset,
    .second_chroma_qp_index_offset = pps->second_chroma_qp_index_offset,
    .flags = F (PPS_FLAG_ENTROPY_CODING_MODE, pps->entropy_coding_mode_flag)
        | F (PPS_FLAG_BOTTOM_FIELD_PIC_ORDER_IN_FRAME_PRESENT,
        pps->pic_order_present_flag)
        | F (PPS_FLAG_WEIGHTED_PRED, pps->weighted_pred_flag)
        | F (PPS_FLAG_DEBLOCKING_FILTER_CONTROL_PRESENT,
        pps->deblocking_filter_control_present_flag)
        | F (PPS_FLAG_CONSTRAINED_INTRA_PRED, pps->constrained_intra_pred_flag)
        | F (PPS_FLAG_REDUNDANT_PIC_CNT_PRESENT,
        pps->redundant_pic_cnt_present_flag)
        | F (PPS_FLAG_TRANSFORM_8X8_MODE, pps->transform_8x8_mode_flag)
        | F (PPS_FLAG_SCALING_MATRIX_PRESENT, has_scaling_matrix (sps, pps)),
  };
}

/* The parser has the lists in zig-zag order and has applied the fall-back
 * rules. If the PPS has no lists, the lists of @sps are used: the parser
 * filled in those that the SPS had when it parsed the PPS, and the SPS may
 * have changed since. */
static void
fill_scaling_matrix (struct v4l2_ctrl_h264_scaling_matrix *to,
    const GstH264SPS *sps, const GstH264PPS *pps)
{
  gboolean own = pps->pic_scaling_matrix_present_flag;
  guint i;

  for (i = 0; i < G_N_ELEMENTS (to->scaling_list_4x4); i++)
    gst_h264_quant_matrix_4x4_get_raster_from_zigzag (to->scaling_list_4x4[i],
        own ? pps->scaling_lists_4x4[i] : sps->scaling_lists_4x4[i]);
  for (i = 0; i < G_N_ELEMENTS (to->scaling_list_8x8); i++)
    gst_h264_quant_matrix_8x8_get_raster_from_zigzag (to->scaling_list_8x8[i],
        own ? pps->scaling_lists_8x8[i] : sps->scaling_lists_8x8[i]);
}

/* PicNum or LongTermPicNum, equations 8-28 to 8-33. A DPB entry has one number
 * for both fields: that of the field with the parity of the current field. */
static gint32
pic_num (const GstDaedalusH264Frame *ref, const GstDaedalusH264PicInfo *info)
{
  gint32 number = ref->long_ref ? (gint32) ref->long_term_frame_idx :
      gst_daedalus_h264_frame_num_wrap (ref, info->sps, info->slice->frame_num);

  if (!info->slice->field_pic_flag)
    return number;
  return 2 * number + !!((ref->short_ref | ref->long_ref) &
      gst_daedalus_h264_info_fields (info));
}

static void
fill_dpb_entry (struct v4l2_h264_dpb_entry *to,
    const GstDaedalusH264Frame *ref, const GstDaedalusH264Frame *current,
    const GstDaedalusH264PicInfo *info)
{
  guint known = ref->fields;

  G_STATIC_ASSERT (GST_DAEDALUS_H264_TOP == V4L2_H264_TOP_FIELD_REF);
  G_STATIC_ASSERT (GST_DAEDALUS_H264_BOTTOM == V4L2_H264_BOTTOM_FIELD_REF);

  /* While a second field is decoded, list only the first field of its frame. */
  if (ref == current)
    known = ref->short_ref | ref->long_ref;

  *to = (struct v4l2_h264_dpb_entry) {
    /* microseconds, as in struct timeval, to nanoseconds */
    .reference_ts = ref->timestamp * 1000,
    .pic_num = pic_num (ref, info),
    .frame_num = ref->long_ref ? ref->long_term_frame_idx : ref->frame_num,
    .fields = ref->short_ref | ref->long_ref,
    .flags = V4L2_H264_DPB_ENTRY_FLAG_VALID | V4L2_H264_DPB_ENTRY_FLAG_ACTIVE,
  };
  if (known & GST_DAEDALUS_H264_TOP)
    to->top_field_order_cnt = ref->pic_order_cnt[0];
  if (known & GST_DAEDALUS_H264_BOTTOM)
    to->bottom_field_order_cnt = ref->pic_order_cnt[1];
  if (ref->long_ref)
    to->flags |= V4L2_H264_DPB_ENTRY_FLAG_LONG_TERM;
  if (ref->coded_fields)
    to->flags |= V4L2_H264_DPB_ENTRY_FLAG_FIELD;
}

static void
fill_decode_params (struct v4l2_ctrl_h264_decode_params *to,
    const GstDaedalusH264PicInfo *info, const GstDaedalusH264Frame *current)
{
  const GstH264SliceHdr *slice = info->slice;

  *to = (struct v4l2_ctrl_h264_decode_params) {
    .nal_ref_idc = info->nal_ref_idc,
    .frame_num = slice->frame_num,
    .idr_pic_id = slice->idr_pic_id,
    .pic_order_cnt_lsb = slice->pic_order_cnt_lsb,
    .delta_pic_order_cnt_bottom = slice->delta_pic_order_cnt_bottom,
    .delta_pic_order_cnt0 = slice->delta_pic_order_cnt[0],
    .delta_pic_order_cnt1 = slice->delta_pic_order_cnt[1],
    .dec_ref_pic_marking_bit_size = slice->dec_ref_pic_marking.bit_size,
    .pic_order_cnt_bit_size = slice->pic_order_cnt_bit_size,
    .slice_group_change_cycle = slice->slice_group_change_cycle,
    .flags = F (DECODE_PARAM_FLAG_IDR_PIC, info->idr)
        | F (DECODE_PARAM_FLAG_FIELD_PIC, slice->field_pic_flag)
        | F (DECODE_PARAM_FLAG_BOTTOM_FIELD,
        slice->field_pic_flag && slice->bottom_field_flag)
        | F (DECODE_PARAM_FLAG_PFRAME, GST_H264_IS_P_SLICE (slice))
        | F (DECODE_PARAM_FLAG_BFRAME, GST_H264_IS_B_SLICE (slice)),
  };
  if (current->fields & GST_DAEDALUS_H264_TOP)
    to->top_field_order_cnt = current->pic_order_cnt[0];
  if (current->fields & GST_DAEDALUS_H264_BOTTOM)
    to->bottom_field_order_cnt = current->pic_order_cnt[1];
}

static void
add_control (GstDaedalusH264Controls *controls, guint32 id, gpointer value,
    gsize size)
{
  controls->list[controls->n++] = (struct v4l2_ext_control) {
    .id = id,.size = size,.ptr = value,
  };
}

/**
 * gst_daedalus_h264_fill_controls:
 * @controls: (out): the controls of the picture
 * @info: the picture; its slice's PPS belongs to its SPS, and both have passed
 *   gst_daedalus_h264_check_sps() and gst_daedalus_h264_check_pps()
 * @current: frame of the picture; its fields include those of the picture, with
 *   their order counts
 * @refs: reference frames, from gst_daedalus_h264_dpb_get_references(); entries
 *   that are not marked are left out
 * @n_refs: number of @refs; at most 16 are used
 *
 * Fills the controls of a picture; the device needs nothing from earlier
 * requests. They have no reference picture lists: the device builds these from
 * the slice headers.
 */
void
gst_daedalus_h264_fill_controls (GstDaedalusH264Controls *controls,
    const GstDaedalusH264PicInfo *info, const GstDaedalusH264Frame *current,
    const GstDaedalusH264Frame *const *refs, guint n_refs)
{
  const GstH264PPS *pps = info->slice->pps;
  guint i, n = 0;

  G_STATIC_ASSERT (G_N_ELEMENTS (controls->decode_params.dpb) >=
      GST_DAEDALUS_H264_MAX_DPB_FRAMES);

  memset (controls, 0, sizeof (*controls));
  gst_daedalus_h264_fill_sps (&controls->sps, info->sps);
  fill_pps (&controls->pps, info->sps, pps);
  fill_decode_params (&controls->decode_params, info, current);
  for (i = 0; i < n_refs && n < GST_DAEDALUS_H264_MAX_DPB_FRAMES; i++)
    if (refs[i]->short_ref || refs[i]->long_ref)
      fill_dpb_entry (&controls->decode_params.dpb[n++], refs[i], current,
          info);

  add_control (controls, V4L2_CID_STATELESS_H264_SPS, &controls->sps,
      sizeof (controls->sps));
  add_control (controls, V4L2_CID_STATELESS_H264_PPS, &controls->pps,
      sizeof (controls->pps));
  if (has_scaling_matrix (info->sps, pps)) {
    fill_scaling_matrix (&controls->scaling_matrix, info->sps, pps);
    add_control (controls, V4L2_CID_STATELESS_H264_SCALING_MATRIX,
        &controls->scaling_matrix, sizeof (controls->scaling_matrix));
  }
  add_control (controls, V4L2_CID_STATELESS_H264_DECODE_PARAMS,
      &controls->decode_params, sizeof (controls->decode_params));
}
