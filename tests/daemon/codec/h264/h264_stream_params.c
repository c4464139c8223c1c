// SPDX-License-Identifier: LGPL-2.1-or-later
/* SPS and PPS of H.264, 7.3.2.1 and 7.3.2.2, as V4L2 controls. */
#include "h264_stream.h"

#include <stdlib.h>
#include <string.h>

#include "common/bits.h"
#include "codec/h264/h264_params.h"

/* Default scaling lists, tables 7-3 and 7-4, in scan order. */
static const uint8_t default_4x4[2][16] = {
	{ 6, 13, 13, 20, 20, 20, 28, 28, 28, 28, 32, 32, 32, 37, 37, 42 },
	{ 10, 14, 14, 20, 20, 20, 24, 24, 24, 24, 27, 27, 27, 30, 30, 34 },
};

static const uint8_t default_8x8[2][64] = {
	{ 6, 10, 10, 13, 11, 13, 16, 16, 16, 16, 18, 18, 18, 18, 18, 23,
	  23, 23, 23, 23, 23, 25, 25, 25, 25, 25, 25, 25, 27, 27, 27, 27,
	  27, 27, 27, 27, 29, 29, 29, 29, 29, 29, 29, 31, 31, 31, 31, 31,
	  31, 33, 33, 33, 33, 33, 36, 36, 36, 36, 38, 38, 38, 40, 40, 42 },
	{ 9, 13, 13, 15, 13, 15, 17, 17, 17, 17, 19, 19, 19, 19, 19, 21,
	  21, 21, 21, 21, 21, 22, 22, 22, 22, 22, 22, 22, 24, 24, 24, 24,
	  24, 24, 24, 24, 25, 25, 25, 25, 25, 25, 25, 27, 27, 27, 27, 27,
	  27, 28, 28, 28, 28, 28, 30, 30, 30, 30, 32, 32, 32, 33, 33, 35 },
};

/* Compute the zig-zag scan of 8.5.6 by walking the anti-diagonals of a block. */
static void raster_of(uint8_t *raster, const uint8_t *scan, int width)
{
	int diagonal, i, at = 0;

	for (diagonal = 0; diagonal < 2 * width - 1; diagonal++) {
		for (i = 0; i <= diagonal; i++) {
			int a = diagonal - i, x = diagonal & 1 ? a : i, y = diagonal - x;

			if (x < width && y < width)
				raster[y * width + x] = scan[at++];
		}
	}
}

static void unescape(uint8_t *rbsp, size_t *size, const uint8_t *data, size_t bytes)
{
	size_t i;

	*size = 0;
	for (i = 1; i < bytes; i++)
		if (i < 3 || data[i] != 3 || data[i - 1] || data[i - 2])
			rbsp[(*size)++] = data[i];
}

static void parse_list(struct bits *bits, uint8_t *scan, unsigned int size,
		       const uint8_t *preset)
{
	int last = 8, next = 8;
	unsigned int i;

	for (i = 0; i < size; i++) {
		if (next) {
			next = (last + bits_se(bits)) & 255;
			if (!i && !next) {
				memcpy(scan, preset, size);
				return;
			}
		}
		last = next ? next : last;
		scan[i] = (uint8_t)last;
	}
}

/* @fallback: lists that fall-back rule A or B takes, in raster order; NULL: the default lists */
static void parse_matrix(struct bits *bits, struct v4l2_ctrl_h264_scaling_matrix *matrix,
			 unsigned int lists_8x8,
			 const struct v4l2_ctrl_h264_scaling_matrix *fallback)
{
	unsigned int i;

	for (i = 0; i < 6 + lists_8x8; i++) {
		bool big = i >= 6;
		unsigned int kind = big ? (i - 6) & 1 : i / 3;
		const uint8_t *preset = big ? default_8x8[kind] : default_4x4[kind];
		uint8_t *to = big ? matrix->scaling_list_8x8[i - 6] : matrix->scaling_list_4x4[i];
		unsigned int size = big ? 64 : 16;
		uint8_t scan[64];

		if (bits_flag(bits)) {
			parse_list(bits, scan, size, preset);
			raster_of(to, scan, big ? 8 : 4);
		} else if (big ? i > 7 : i % 3) {
			memcpy(to, to - (big ? 2 : 1) * (ptrdiff_t)size, size);
		} else if (fallback) {
			memcpy(to, big ? fallback->scaling_list_8x8[i - 6] :
			       fallback->scaling_list_4x4[i], size);
		} else {
			raster_of(to, preset, big ? 8 : 4);
		}
	}
}

static void parse_chroma_info(struct bits *bits, struct h264_sps_info *sps)
{
	struct v4l2_ctrl_h264_sps *control = &sps->control;

	control->chroma_format_idc = (uint8_t)bits_ue(bits);
	if (control->chroma_format_idc == 3 && bits_flag(bits))
		control->flags |= V4L2_H264_SPS_FLAG_SEPARATE_COLOUR_PLANE;
	control->bit_depth_luma_minus8 = (uint8_t)bits_ue(bits);
	control->bit_depth_chroma_minus8 = (uint8_t)bits_ue(bits);
	if (bits_flag(bits))
		control->flags |= V4L2_H264_SPS_FLAG_QPPRIME_Y_ZERO_TRANSFORM_BYPASS;
	sps->matrix_present = bits_flag(bits);
	if (sps->matrix_present)
		parse_matrix(bits, &sps->matrix, control->chroma_format_idc == 3 ? 6 : 2, NULL);
}

static void parse_pic_order_cnt(struct bits *bits, struct v4l2_ctrl_h264_sps *control)
{
	unsigned int i;

	control->pic_order_cnt_type = (uint8_t)bits_ue(bits);
	if (control->pic_order_cnt_type == 0)
		control->log2_max_pic_order_cnt_lsb_minus4 = (uint8_t)bits_ue(bits);
	if (control->pic_order_cnt_type != 1)
		return;
	if (bits_flag(bits))
		control->flags |= V4L2_H264_SPS_FLAG_DELTA_PIC_ORDER_ALWAYS_ZERO;
	control->offset_for_non_ref_pic = bits_se(bits);
	control->offset_for_top_to_bottom_field = bits_se(bits);
	control->num_ref_frames_in_pic_order_cnt_cycle = (uint8_t)bits_ue(bits);
	for (i = 0; i < control->num_ref_frames_in_pic_order_cnt_cycle; i++)
		control->offset_for_ref_frame[i] = bits_se(bits);
}

bool h264_parse_sps(struct h264_sps_info *sps, const uint8_t *data, size_t size)
{
	static const uint8_t high[] = { 100, 110, 122, 244, 44, 83, 86, 118, 128, 138 };
	struct v4l2_ctrl_h264_sps *control = &sps->control;
	uint8_t *rbsp = malloc(size);
	struct bits bits;
	unsigned int i;
	size_t bytes;

	if (!rbsp)
		abort();
	*sps = (struct h264_sps_info){ 0 };
	unescape(rbsp, &bytes, data, size);
	bits_init(&bits, rbsp, bytes);
	control->profile_idc = (uint8_t)bits_read(&bits, 8);
	for (i = 0; i < 6; i++)
		control->constraint_set_flags |= (uint8_t)(bits_flag(&bits) << i);
	bits_read(&bits, 2);
	control->level_idc = (uint8_t)bits_read(&bits, 8);
	control->seq_parameter_set_id = (uint8_t)bits_ue(&bits);
	control->chroma_format_idc = 1;
	if (memchr(high, control->profile_idc, sizeof(high)))
		parse_chroma_info(&bits, sps);
	control->log2_max_frame_num_minus4 = (uint8_t)bits_ue(&bits);
	parse_pic_order_cnt(&bits, control);
	control->max_num_ref_frames = (uint8_t)bits_ue(&bits);
	if (bits_flag(&bits))
		control->flags |= V4L2_H264_SPS_FLAG_GAPS_IN_FRAME_NUM_VALUE_ALLOWED;
	control->pic_width_in_mbs_minus1 = (uint16_t)bits_ue(&bits);
	control->pic_height_in_map_units_minus1 = (uint16_t)bits_ue(&bits);
	if (bits_flag(&bits))
		control->flags |= V4L2_H264_SPS_FLAG_FRAME_MBS_ONLY;
	else if (bits_flag(&bits))
		control->flags |= V4L2_H264_SPS_FLAG_MB_ADAPTIVE_FRAME_FIELD;
	if (bits_flag(&bits))
		control->flags |= V4L2_H264_SPS_FLAG_DIRECT_8X8_INFERENCE;
	if (bits_flag(&bits)) {
		unsigned int unit_x = control->chroma_format_idc ? 2 : 1;
		unsigned int unit_y = unit_x *
			(control->flags & V4L2_H264_SPS_FLAG_FRAME_MBS_ONLY ? 1 : 2);

		for (i = 0; i < 4; i++)
			sps->crop[i] = bits_ue(&bits) * (i < 2 ? unit_x : unit_y);
	}
	free(rbsp);
	return !bits.overrun && control->seq_parameter_set_id < 32;
}

void h264_crop_to(struct h264_sps_info *sps, unsigned int width, unsigned int height)
{
	unsigned int columns = h264_sps_width(&sps->control) - sps->crop[0] - sps->crop[1];
	unsigned int rows = h264_sps_height(&sps->control) - sps->crop[2] - sps->crop[3];

	if (width && width < columns)
		sps->crop[1] += columns - width;
	if (height && height < rows)
		sps->crop[3] += rows - height;
}

/* more_rbsp_data(): are there bits before the last 1 bit? */
static bool more_data(const struct bits *bits, const uint8_t *rbsp, size_t size)
{
	size_t last = size * 8;

	while (last && !(rbsp[(last - 1) / 8] >> (7 - (last - 1) % 8) & 1))
		last--;
	return bits->position + 1 < last;
}

static void parse_pps_extension(struct bits *bits, struct h264_pps_info *pps,
				const struct h264_sps_info *sps)
{
	struct v4l2_ctrl_h264_pps *control = &pps->control;

	if (bits_flag(bits))
		control->flags |= V4L2_H264_PPS_FLAG_TRANSFORM_8X8_MODE;
	if (bits_flag(bits)) {
		unsigned int lists = sps->control.chroma_format_idc == 3 ? 6 : 2;
		bool big = control->flags & V4L2_H264_PPS_FLAG_TRANSFORM_8X8_MODE;

		control->flags |= V4L2_H264_PPS_FLAG_SCALING_MATRIX_PRESENT;
		parse_matrix(bits, &pps->matrix, big ? lists : 0,
			     sps->matrix_present ? &sps->matrix : NULL);
	}
	control->second_chroma_qp_index_offset = (int8_t)bits_se(bits);
}

bool h264_parse_pps(struct h264_pps_info *pps, const struct h264_sps_info *all,
		    const uint8_t *data, size_t size)
{
	static const uint16_t flags[] = {
		V4L2_H264_PPS_FLAG_DEBLOCKING_FILTER_CONTROL_PRESENT,
		V4L2_H264_PPS_FLAG_CONSTRAINED_INTRA_PRED,
		V4L2_H264_PPS_FLAG_REDUNDANT_PIC_CNT_PRESENT,
	};
	struct v4l2_ctrl_h264_pps *control = &pps->control;
	const struct h264_sps_info *sps;
	uint8_t *rbsp = malloc(size);
	struct bits bits;
	unsigned int i;
	size_t bytes;

	if (!rbsp)
		abort();
	*pps = (struct h264_pps_info){ 0 };
	unescape(rbsp, &bytes, data, size);
	bits_init(&bits, rbsp, bytes);
	control->pic_parameter_set_id = (uint8_t)bits_ue(&bits);
	control->seq_parameter_set_id = bits_ue(&bits) & 31;
	sps = &all[control->seq_parameter_set_id];
	if (bits_flag(&bits))
		control->flags |= V4L2_H264_PPS_FLAG_ENTROPY_CODING_MODE;
	if (bits_flag(&bits))
		control->flags |= V4L2_H264_PPS_FLAG_BOTTOM_FIELD_PIC_ORDER_IN_FRAME_PRESENT;
	control->num_slice_groups_minus1 = (uint8_t)bits_ue(&bits);
	if (control->num_slice_groups_minus1) {
		free(rbsp);
		return !bits.overrun;
	}
	control->num_ref_idx_l0_default_active_minus1 = (uint8_t)bits_ue(&bits);
	control->num_ref_idx_l1_default_active_minus1 = (uint8_t)bits_ue(&bits);
	if (bits_flag(&bits))
		control->flags |= V4L2_H264_PPS_FLAG_WEIGHTED_PRED;
	control->weighted_bipred_idc = (uint8_t)bits_read(&bits, 2);
	control->pic_init_qp_minus26 = (int8_t)bits_se(&bits);
	control->pic_init_qs_minus26 = (int8_t)bits_se(&bits);
	control->chroma_qp_index_offset = (int8_t)bits_se(&bits);
	for (i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
		if (bits_flag(&bits))
			control->flags |= flags[i];
	control->second_chroma_qp_index_offset = control->chroma_qp_index_offset;
	if (more_data(&bits, rbsp, bytes))
		parse_pps_extension(&bits, pps, sps);
	/* A client sets the flag if the SPS or the PPS has scaling lists. */
	if (!(control->flags & V4L2_H264_PPS_FLAG_SCALING_MATRIX_PRESENT) && sps->matrix_present) {
		control->flags |= V4L2_H264_PPS_FLAG_SCALING_MATRIX_PRESENT;
		pps->matrix = sps->matrix;
	}
	free(rbsp);
	return !bits.overrun;
}
