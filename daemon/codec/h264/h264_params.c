// SPDX-License-Identifier: LGPL-2.1-or-later
#include "h264_params.h"

#include <string.h>

#include "codec/bit_writer.h"

/* Enough for 257 Exp-Golomb codes of 63 bits and the other syntax elements. */
#define RBSP_BYTES	2560

_Static_assert(RBSP_BYTES + RBSP_BYTES / 2 + 8 <= H264_PARAMS_BYTES,
	       "every second byte might need an emulation prevention byte");

#define NAL_SPS		7
#define NAL_PPS		8

#define NUM_LISTS_4X4	6
#define NUM_LISTS_8X8	2	/* of 4:2:0; 4:4:4 has 6 */

/* Zig-zag scans of 8.5.6 and 8.5.7: raster position of each element of a scaling list. */
static const uint8_t zigzag_4x4[16] = {
	0, 1, 4, 8, 5, 2, 3, 6, 9, 12, 13, 10, 7, 11, 14, 15,
};

static const uint8_t zigzag_8x8[64] = {
	0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5,
	12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7, 14, 21, 28,
	35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51,
	58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63,
};

/* 7.3.2.1.1: profiles whose SPS has chroma_format_idc and the elements that follow it. */
static bool has_chroma_info(unsigned int profile_idc)
{
	static const uint8_t profiles[] = { 100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139,
					    134, 135 };

	return memchr(profiles, (int)profile_idc, sizeof(profiles));
}

const char *h264_sps_check(const struct v4l2_ctrl_h264_sps *sps, enum daedalus_status *status)
{
	*status = DAEDALUS_STATUS_UNSUPPORTED;
	if (sps->chroma_format_idc > 1)
		return "chroma_format_idc is above 1: only 4:2:0 and monochrome are decoded";
	if (sps->bit_depth_luma_minus8 != 0 && sps->bit_depth_luma_minus8 != 2)
		return "bit_depth_luma_minus8 is neither 0 nor 2";
	if (sps->chroma_format_idc && sps->bit_depth_chroma_minus8 != sps->bit_depth_luma_minus8)
		return "luma and chroma have different bit depths";
	if (sps->flags & V4L2_H264_SPS_FLAG_SEPARATE_COLOUR_PLANE)
		return "separate colour planes";

	*status = DAEDALUS_STATUS_MISMATCH;
	if (sps->seq_parameter_set_id >= H264_MAX_SPS)
		return "seq_parameter_set_id of the SPS control is above 31";
	if (sps->pic_order_cnt_type > 2)
		return "pic_order_cnt_type of the SPS control is above 2";
	if (sps->log2_max_frame_num_minus4 > 12 || sps->log2_max_pic_order_cnt_lsb_minus4 > 12)
		return "log2_max_frame_num or log2_max_pic_order_cnt_lsb of the SPS control is above 16";
	if (sps->max_num_ref_frames > V4L2_H264_NUM_DPB_ENTRIES)
		return "max_num_ref_frames of the SPS control is above 16";
	if (!has_chroma_info(sps->profile_idc) && sps->bit_depth_luma_minus8)
		return "the SPS control's profile_idc has no 10 bits";
	return NULL;
}

const char *h264_pps_check(const struct v4l2_ctrl_h264_pps *pps,
			   const struct v4l2_ctrl_h264_scaling_matrix *scaling,
			   enum daedalus_status *status)
{
	*status = DAEDALUS_STATUS_UNSUPPORTED;
	if (pps->num_slice_groups_minus1)
		return "several slice groups (FMO)";

	*status = DAEDALUS_STATUS_MISMATCH;
	if (pps->seq_parameter_set_id >= H264_MAX_SPS)
		return "seq_parameter_set_id of the PPS control is above 31";
	if (pps->num_ref_idx_l0_default_active_minus1 > 31 ||
	    pps->num_ref_idx_l1_default_active_minus1 > 31)
		return "num_ref_idx_default_active_minus1 of the PPS control is above 31";
	if (pps->weighted_bipred_idc > 2)
		return "weighted_bipred_idc of the PPS control is above 2";
	if (!(pps->flags & V4L2_H264_PPS_FLAG_SCALING_MATRIX_PRESENT))
		return NULL;
	if (!scaling)
		return "the PPS control promises a scaling matrix, but the request has none";
	/* Values of a scaling list are not 0, 7.4.2.1.1.1. */
	if (memchr(scaling->scaling_list_4x4, 0, sizeof(scaling->scaling_list_4x4)) ||
	    (pps->flags & V4L2_H264_PPS_FLAG_TRANSFORM_8X8_MODE &&
	     memchr(scaling->scaling_list_8x8, 0, NUM_LISTS_8X8 * 64)))
		return "a scaling list of the SCALING_MATRIX control has the value 0";
	return NULL;
}

size_t h264_write_nal(uint8_t *data, unsigned int ref_idc, unsigned int type,
		      const struct bit_writer *rbsp)
{
	size_t size = bit_writer_bytes(rbsp);
	unsigned int zeros = 0;
	uint8_t *to = data;
	size_t i;

	*to++ = 0;
	*to++ = 0;
	*to++ = 0;
	*to++ = 1;
	*to++ = (uint8_t)(ref_idc << 5 | type);
	for (i = 0; i < size; i++) {
		if (zeros == 2 && rbsp->data[i] <= 3) {
			*to++ = 3;
			zeros = 0;
		}
		zeros = rbsp->data[i] ? 0 : zeros + 1;
		*to++ = rbsp->data[i];
	}
	return (size_t)(to - data);
}

static void write_chroma_info(struct bit_writer *writer, const struct v4l2_ctrl_h264_sps *sps)
{
	bit_writer_ue(writer, sps->chroma_format_idc);
	bit_writer_ue(writer, sps->bit_depth_luma_minus8);
	/* Monochrome has no chroma bit depth, but decoders require that both are equal. */
	bit_writer_ue(writer, sps->bit_depth_luma_minus8);
	bit_writer_put(writer,
		       !!(sps->flags & V4L2_H264_SPS_FLAG_QPPRIME_Y_ZERO_TRANSFORM_BYPASS), 1);
	/* seq_scaling_matrix_present_flag: each picture's matrix is in its PPS. */
	bit_writer_put(writer, 0, 1);
}

static void write_pic_order_cnt(struct bit_writer *writer, const struct v4l2_ctrl_h264_sps *sps)
{
	unsigned int i;

	bit_writer_ue(writer, sps->pic_order_cnt_type);
	if (sps->pic_order_cnt_type == 0)
		bit_writer_ue(writer, sps->log2_max_pic_order_cnt_lsb_minus4);
	if (sps->pic_order_cnt_type != 1)
		return;
	bit_writer_put(writer,
		       !!(sps->flags & V4L2_H264_SPS_FLAG_DELTA_PIC_ORDER_ALWAYS_ZERO), 1);
	bit_writer_se(writer, sps->offset_for_non_ref_pic);
	bit_writer_se(writer, sps->offset_for_top_to_bottom_field);
	bit_writer_ue(writer, sps->num_ref_frames_in_pic_order_cnt_cycle);
	for (i = 0; i < sps->num_ref_frames_in_pic_order_cnt_cycle; i++)
		bit_writer_se(writer, sps->offset_for_ref_frame[i]);
}

/* E.1.1, with only the elements of bitstream_restriction_flag. */
static void write_vui(struct bit_writer *writer, const struct v4l2_ctrl_h264_sps *sps)
{
	/*
	 * aspect_ratio_info, overscan_info, video_signal_type, chroma_loc_info,
	 * timing_info, nal_hrd, vcl_hrd, pic_struct: none
	 */
	bit_writer_put(writer, 0, 8);
	bit_writer_put(writer, 1, 1);	/* bitstream_restriction_flag */
	bit_writer_put(writer, 1, 1);	/* motion_vectors_over_pic_boundaries_flag */
	bit_writer_ue(writer, 0);	/* max_bytes_per_pic_denom: no limit */
	bit_writer_ue(writer, 0);	/* max_bits_per_mb_denom: no limit */
	bit_writer_ue(writer, 16);	/* log2_max_mv_length_horizontal */
	bit_writer_ue(writer, 16);	/* log2_max_mv_length_vertical */
	bit_writer_ue(writer, 0);	/* max_num_reorder_frames */
	bit_writer_ue(writer, sps->max_num_ref_frames);	/* max_dec_frame_buffering */
}

size_t h264_write_sps(const struct v4l2_ctrl_h264_sps *sps, uint8_t *data)
{
	uint8_t rbsp[RBSP_BYTES];
	bool frame_mbs_only = sps->flags & V4L2_H264_SPS_FLAG_FRAME_MBS_ONLY;
	struct bit_writer writer;
	unsigned int i;

	bit_writer_init(&writer, rbsp, sizeof(rbsp));
	bit_writer_put(&writer, sps->profile_idc, 8);
	/* constraint_set0_flag is bit 0 of the control and the first bit in the stream. */
	for (i = 0; i < 6; i++)
		bit_writer_put(&writer, sps->constraint_set_flags >> i & 1, 1);
	bit_writer_put(&writer, 0, 2);
	bit_writer_put(&writer, sps->level_idc, 8);
	bit_writer_ue(&writer, sps->seq_parameter_set_id);
	if (has_chroma_info(sps->profile_idc))
		write_chroma_info(&writer, sps);
	bit_writer_ue(&writer, sps->log2_max_frame_num_minus4);
	write_pic_order_cnt(&writer, sps);
	bit_writer_ue(&writer, sps->max_num_ref_frames);
	bit_writer_put(&writer,
		       !!(sps->flags & V4L2_H264_SPS_FLAG_GAPS_IN_FRAME_NUM_VALUE_ALLOWED), 1);
	bit_writer_ue(&writer, sps->pic_width_in_mbs_minus1);
	bit_writer_ue(&writer, sps->pic_height_in_map_units_minus1);
	bit_writer_put(&writer, frame_mbs_only, 1);
	if (!frame_mbs_only)
		bit_writer_put(&writer,
			       !!(sps->flags & V4L2_H264_SPS_FLAG_MB_ADAPTIVE_FRAME_FIELD), 1);
	bit_writer_put(&writer, !!(sps->flags & V4L2_H264_SPS_FLAG_DIRECT_8X8_INFERENCE), 1);
	bit_writer_put(&writer, 0, 1);	/* frame_cropping_flag */
	bit_writer_put(&writer, 1, 1);	/* vui_parameters_present_flag */
	write_vui(&writer, sps);
	bit_writer_trailing(&writer);
	return h264_write_nal(data, 3, NAL_SPS, &writer);
}

static void write_list(struct bit_writer *writer, const uint8_t *raster, const uint8_t *scan,
		       unsigned int size)
{
	int last = 8;
	unsigned int i;

	bit_writer_put(writer, 1, 1);	/* pic_scaling_list_present_flag */
	for (i = 0; i < size; i++) {
		int value = raster[scan[i]];

		/* delta_scale is taken modulo 256 and lies in -128..127. */
		bit_writer_se(writer, (int8_t)(value - last));
		last = value;
	}
}

static void write_extension(struct bit_writer *writer, const struct v4l2_ctrl_h264_pps *pps,
			    const struct v4l2_ctrl_h264_scaling_matrix *scaling)
{
	bool transform_8x8 = pps->flags & V4L2_H264_PPS_FLAG_TRANSFORM_8X8_MODE;
	bool matrix = pps->flags & V4L2_H264_PPS_FLAG_SCALING_MATRIX_PRESENT;
	unsigned int i;

	/* Leave them out if they have their inferred values: some profiles do not allow them. */
	if (!transform_8x8 && !matrix &&
	    pps->second_chroma_qp_index_offset == pps->chroma_qp_index_offset)
		return;
	bit_writer_put(writer, transform_8x8, 1);
	bit_writer_put(writer, matrix, 1);
	if (matrix) {
		for (i = 0; i < NUM_LISTS_4X4; i++)
			write_list(writer, scaling->scaling_list_4x4[i], zigzag_4x4, 16);
		for (i = 0; transform_8x8 && i < NUM_LISTS_8X8; i++)
			write_list(writer, scaling->scaling_list_8x8[i], zigzag_8x8, 64);
	}
	bit_writer_se(writer, pps->second_chroma_qp_index_offset);
}

size_t h264_write_pps(const struct v4l2_ctrl_h264_pps *pps,
		      const struct v4l2_ctrl_h264_scaling_matrix *scaling, uint8_t *data)
{
	static const uint16_t last_flags[] = {
		V4L2_H264_PPS_FLAG_DEBLOCKING_FILTER_CONTROL_PRESENT,
		V4L2_H264_PPS_FLAG_CONSTRAINED_INTRA_PRED,
		V4L2_H264_PPS_FLAG_REDUNDANT_PIC_CNT_PRESENT,
	};
	uint8_t rbsp[RBSP_BYTES];
	struct bit_writer writer;
	unsigned int i;

	bit_writer_init(&writer, rbsp, sizeof(rbsp));
	bit_writer_ue(&writer, pps->pic_parameter_set_id);
	bit_writer_ue(&writer, pps->seq_parameter_set_id);
	bit_writer_put(&writer, !!(pps->flags & V4L2_H264_PPS_FLAG_ENTROPY_CODING_MODE), 1);
	bit_writer_put(&writer, !!(pps->flags &
		       V4L2_H264_PPS_FLAG_BOTTOM_FIELD_PIC_ORDER_IN_FRAME_PRESENT), 1);
	bit_writer_ue(&writer, 0);	/* num_slice_groups_minus1 */
	bit_writer_ue(&writer, pps->num_ref_idx_l0_default_active_minus1);
	bit_writer_ue(&writer, pps->num_ref_idx_l1_default_active_minus1);
	bit_writer_put(&writer, !!(pps->flags & V4L2_H264_PPS_FLAG_WEIGHTED_PRED), 1);
	bit_writer_put(&writer, pps->weighted_bipred_idc, 2);
	bit_writer_se(&writer, pps->pic_init_qp_minus26);
	bit_writer_se(&writer, pps->pic_init_qs_minus26);
	bit_writer_se(&writer, pps->chroma_qp_index_offset);
	for (i = 0; i < sizeof(last_flags) / sizeof(last_flags[0]); i++)
		bit_writer_put(&writer, !!(pps->flags & last_flags[i]), 1);
	write_extension(&writer, pps, scaling);
	bit_writer_trailing(&writer);
	return h264_write_nal(data, 3, NAL_PPS, &writer);
}
