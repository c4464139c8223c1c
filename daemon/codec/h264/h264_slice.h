/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The H.264 slice header (7.3.3) up to disable_deblocking_filter_idc.
 */
#ifndef DAEDALUS_H264_SLICE_H
#define DAEDALUS_H264_SLICE_H

#include <linux/videodev2.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/h264_nal.h"
#include "common/h264_picture.h"

/** enum h264_nal_type - nal_unit_type, table 7-1 */
enum h264_nal_type {
	H264_NAL_SLICE = 1,
	H264_NAL_PARTITION_A = 2,
	H264_NAL_PARTITION_C = 4,
	H264_NAL_IDR_SLICE = 5,
	H264_NAL_SEI = 6,
	H264_NAL_SPS = 7,
	H264_NAL_PPS = 8,
	H264_NAL_FILLER = 12,
};

/** enum h264_slice_type - slice_type modulo 5, table 7-6 */
enum h264_slice_type {
	H264_SLICE_P = 0,
	H264_SLICE_B = 1,
	H264_SLICE_I = 2,
	H264_SLICE_SP = 3,
	H264_SLICE_SI = 4,
};

#define H264_MAX_MODIFICATIONS	66
#define H264_MAX_MMCO		66

/**
 * struct h264_modification - an element of ref_pic_list_modification(), 7.3.3.1
 * @idc:	modification_of_pic_nums_idc, 0..2
 * @value:	abs_diff_pic_num_minus1 or long_term_pic_num
 */
struct h264_modification {
	uint8_t idc;
	uint32_t value;
};

/**
 * struct h264_mmco - an element of dec_ref_pic_marking(), 7.3.3.3
 * @operation:			memory_management_control_operation, 1..6
 * @difference_of_pic_nums_minus1: for operations 1 and 3
 * @long_term:			long_term_pic_num for operation 2, long_term_frame_idx for 3
 *				and 6, max_long_term_frame_idx_plus1 for 4
 */
struct h264_mmco {
	uint8_t operation;
	uint32_t difference_of_pic_nums_minus1;
	uint32_t long_term;
};

/**
 * struct h264_slice - a slice header; names are the standard's
 * @num_ref_idx_active:		entries of list 0 and 1; 0 if the slice type has no such list
 * @modifications:		for list 0 and 1
 * @num_modifications:		used entries of @modifications
 * @long_term_reference_flag:	for an IDR picture
 * @adaptive_marking:		adaptive_ref_pic_marking_mode_flag
 * @mmco:			operations, if @adaptive_marking
 * @num_mmco:			used entries of @mmco
 * @unfiltered:			disable_deblocking_filter_idc is 1
 */
struct h264_slice {
	uint8_t nal_unit_type;
	uint8_t nal_ref_idc;
	bool idr;
	uint32_t first_mb_in_slice;
	enum h264_slice_type slice_type;
	uint32_t pic_parameter_set_id;
	uint32_t frame_num;
	bool field_pic;
	bool bottom_field;
	uint32_t idr_pic_id;
	uint32_t pic_order_cnt_lsb;
	int32_t delta_pic_order_cnt_bottom;
	int32_t delta_pic_order_cnt[2];
	uint32_t redundant_pic_cnt;
	unsigned int num_ref_idx_active[2];
	struct h264_modification modifications[2][H264_MAX_MODIFICATIONS];
	unsigned int num_modifications[2];
	bool long_term_reference_flag;
	bool adaptive_marking;
	struct h264_mmco mmco[H264_MAX_MMCO];
	unsigned int num_mmco;
	bool unfiltered;
};

/**
 * h264_slice_pps_id() - read the PPS id of a slice header
 * @data:	a NAL unit of type 1 or 5
 *
 * Return: pic_parameter_set_id, or -1 if it is unreadable or above 255.
 */
int h264_slice_pps_id(const uint8_t *data, size_t size);

/**
 * h264_slice_parse() - read a slice header
 * @slice:	filled
 * @data:	a NAL unit of type 1 or 5
 * @size:	bytes of @data
 * @sps:	the active SPS
 * @pps:	the PPS that h264_slice_pps_id() names
 *
 * Return: NULL, or one phrase that says what is wrong; then @slice is not to be used.
 */
const char *h264_slice_parse(struct h264_slice *slice, const uint8_t *data, size_t size,
			     const struct v4l2_ctrl_h264_sps *sps,
			     const struct v4l2_ctrl_h264_pps *pps);

/** h264_slice_resets() - does the picture have memory_management_control_operation 5? */
bool h264_slice_resets(const struct h264_slice *slice);

/** h264_slice_picture() - what the slice header says of its picture */
struct h264_coded_picture h264_slice_picture(const struct h264_slice *slice);

/** h264_slice_same_picture() - do two slices belong to one coded picture? 7.4.1.2.4 */
bool h264_slice_same_picture(const struct h264_slice *a, const struct h264_slice *b);

/**
 * h264_sei_recovery_point() - the recovery point of a SEI NAL unit, D.1.8
 * @recovery_frame_cnt:	set if true is returned
 *
 * Return: true if there is one with exact_match_flag 1 and broken_link_flag 0.
 */
bool h264_sei_recovery_point(const uint8_t *data, size_t size, uint32_t *recovery_frame_cnt);

#endif /* DAEDALUS_H264_SLICE_H */
