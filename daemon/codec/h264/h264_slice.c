// SPDX-License-Identifier: LGPL-2.1-or-later
#include "h264_slice.h"

#include <string.h>

#include "common/bits.h"

/* Enough for two lists of modifications, all weights and 66 marking operations. */
#define MAX_HEADER_BYTES	2560

#define SEI_RECOVERY_POINT	6

/* Copy the first bytes of a NAL unit's RBSP to @to, @room at most, 7.3.1. Return: their number. */
static size_t unescape(uint8_t *to, size_t room, const uint8_t *data, size_t size)
{
	unsigned int zeros = 0;
	size_t used = 0, i;

	for (i = 1; i < size && used < room; i++) {
		if (zeros == 2 && data[i] == 3) {
			zeros = 0;
			continue;
		}
		zeros = data[i] ? 0 : zeros < 2 ? zeros + 1 : 2;
		to[used++] = data[i];
	}
	return used;
}

int h264_slice_pps_id(const uint8_t *data, size_t size)
{
	uint8_t rbsp[16];
	struct bits bits;
	uint32_t id;

	bits_init(&bits, rbsp, unescape(rbsp, sizeof(rbsp), data, size));
	bits_ue(&bits);
	bits_ue(&bits);
	id = bits_ue(&bits);
	return bits.overrun || id > 255 ? -1 : (int)id;
}

static const char *parse_modifications(struct h264_slice *slice, struct bits *bits, int list)
{
	uint32_t idc;

	if (!bits_flag(bits))
		return NULL;
	while ((idc = bits_ue(bits)) != 3) {
		struct h264_modification *modification =
			&slice->modifications[list][slice->num_modifications[list]];

		if (bits->overrun || idc > 2)
			return "modification_of_pic_nums_idc is above 3";
		if (slice->num_modifications[list]++ == H264_MAX_MODIFICATIONS - 1)
			return "too many modifications of a reference picture list";
		modification->idc = (uint8_t)idc;
		modification->value = bits_ue(bits);
	}
	return NULL;
}

/* Skip pred_weight_table(), 7.3.3.2. */
static void skip_weights(const struct h264_slice *slice, struct bits *bits, bool chroma)
{
	unsigned int list, i;

	bits_ue(bits);
	if (chroma)
		bits_ue(bits);
	for (list = 0; list < 2; list++) {
		for (i = 0; i < slice->num_ref_idx_active[list] && !bits->overrun; i++) {
			if (bits_flag(bits)) {
				bits_se(bits);
				bits_se(bits);
			}
			if (chroma && bits_flag(bits)) {
				bits_se(bits);
				bits_se(bits);
				bits_se(bits);
				bits_se(bits);
			}
		}
	}
}

static const char *parse_marking(struct h264_slice *slice, struct bits *bits)
{
	uint32_t operation;

	if (slice->idr) {
		bits_flag(bits);	/* no_output_of_prior_pics_flag */
		slice->long_term_reference_flag = bits_flag(bits);
		return NULL;
	}
	slice->adaptive_marking = bits_flag(bits);
	if (!slice->adaptive_marking)
		return NULL;
	while ((operation = bits_ue(bits))) {
		struct h264_mmco *mmco = &slice->mmco[slice->num_mmco];

		if (bits->overrun || operation > 6)
			return "memory_management_control_operation is above 6";
		if (slice->num_mmco++ == H264_MAX_MMCO - 1)
			return "too many memory management control operations";
		*mmco = (struct h264_mmco){ .operation = (uint8_t)operation };
		if (operation == 1 || operation == 3)
			mmco->difference_of_pic_nums_minus1 = bits_ue(bits);
		if (operation == 2 || operation == 3 || operation == 4 || operation == 6)
			mmco->long_term = bits_ue(bits);
	}
	return NULL;
}

static void parse_pic_order_cnt(struct h264_slice *slice, struct bits *bits,
				const struct v4l2_ctrl_h264_sps *sps,
				const struct v4l2_ctrl_h264_pps *pps)
{
	bool both = !slice->field_pic &&
		    pps->flags & V4L2_H264_PPS_FLAG_BOTTOM_FIELD_PIC_ORDER_IN_FRAME_PRESENT;

	if (sps->pic_order_cnt_type == 0) {
		slice->pic_order_cnt_lsb =
			bits_read(bits, sps->log2_max_pic_order_cnt_lsb_minus4 + 4U);
		if (both)
			slice->delta_pic_order_cnt_bottom = bits_se(bits);
	}
	if (sps->pic_order_cnt_type == 1 &&
	    !(sps->flags & V4L2_H264_SPS_FLAG_DELTA_PIC_ORDER_ALWAYS_ZERO)) {
		slice->delta_pic_order_cnt[0] = bits_se(bits);
		if (both)
			slice->delta_pic_order_cnt[1] = bits_se(bits);
	}
}

static const char *parse_lists(struct h264_slice *slice, struct bits *bits,
			       const struct v4l2_ctrl_h264_sps *sps,
			       const struct v4l2_ctrl_h264_pps *pps)
{
	bool p = slice->slice_type == H264_SLICE_P;
	bool b = slice->slice_type == H264_SLICE_B;
	unsigned int max = slice->field_pic ? 32 : 16;
	const char *error = NULL;

	if (!p && !b)
		return NULL;
	if (b)
		bits_flag(bits);	/* direct_spatial_mv_pred_flag */
	slice->num_ref_idx_active[0] = pps->num_ref_idx_l0_default_active_minus1 + 1U;
	if (b)
		slice->num_ref_idx_active[1] = pps->num_ref_idx_l1_default_active_minus1 + 1U;
	if (bits_flag(bits)) {		/* num_ref_idx_active_override_flag */
		slice->num_ref_idx_active[0] = bits_ue(bits) + 1;
		if (b)
			slice->num_ref_idx_active[1] = bits_ue(bits) + 1;
	}
	if (slice->num_ref_idx_active[0] - 1 >= max ||
	    (b && slice->num_ref_idx_active[1] - 1 >= max))
		return "num_ref_idx_active_minus1 is above 15 (31 in a field)";
	error = parse_modifications(slice, bits, 0);
	if (!error && b)
		error = parse_modifications(slice, bits, 1);
	if (!error && ((p && pps->flags & V4L2_H264_PPS_FLAG_WEIGHTED_PRED) ||
		       (b && pps->weighted_bipred_idc == 1)))
		skip_weights(slice, bits, sps->chroma_format_idc != 0);
	return error;
}

static bool parse_deblocking(const struct h264_slice *slice, struct bits *bits,
			     const struct v4l2_ctrl_h264_pps *pps)
{
	bool switching = slice->slice_type == H264_SLICE_SP || slice->slice_type == H264_SLICE_SI;
	bool intra = slice->slice_type == H264_SLICE_I || slice->slice_type == H264_SLICE_SI;

	if (pps->flags & V4L2_H264_PPS_FLAG_ENTROPY_CODING_MODE && !intra)
		bits_ue(bits);		/* cabac_init_idc */
	bits_se(bits);			/* slice_qp_delta */
	if (slice->slice_type == H264_SLICE_SP)
		bits_flag(bits);	/* sp_for_switch_flag */
	if (switching)
		bits_se(bits);		/* slice_qs_delta */
	return pps->flags & V4L2_H264_PPS_FLAG_DEBLOCKING_FILTER_CONTROL_PRESENT &&
	       bits_ue(bits) == 1;
}

const char *h264_slice_parse(struct h264_slice *slice, const uint8_t *data, size_t size,
			     const struct v4l2_ctrl_h264_sps *sps,
			     const struct v4l2_ctrl_h264_pps *pps)
{
	uint8_t rbsp[MAX_HEADER_BYTES];
	const char *error = NULL;
	struct bits bits;
	uint32_t type;

	/* The large arrays need no clearing: their counts say which entries are used. */
	memset(slice, 0, offsetof(struct h264_slice, modifications));
	memset(slice->num_modifications, 0, sizeof(slice->num_modifications));
	slice->long_term_reference_flag = false;
	slice->adaptive_marking = false;
	slice->num_mmco = 0;
	bits_init(&bits, rbsp, unescape(rbsp, sizeof(rbsp), data, size));
	slice->nal_ref_idc = data[0] >> 5 & 3;
	slice->nal_unit_type = data[0] & 31;
	slice->idr = slice->nal_unit_type == H264_NAL_IDR_SLICE;
	slice->first_mb_in_slice = bits_ue(&bits);
	type = bits_ue(&bits);
	if (bits.overrun || type > 9)
		return "slice_type is above 9";
	slice->slice_type = type % 5;
	slice->pic_parameter_set_id = bits_ue(&bits);
	slice->frame_num = bits_read(&bits, sps->log2_max_frame_num_minus4 + 4U);
	if (!(sps->flags & V4L2_H264_SPS_FLAG_FRAME_MBS_ONLY)) {
		slice->field_pic = bits_flag(&bits);
		if (slice->field_pic)
			slice->bottom_field = bits_flag(&bits);
	}
	if (slice->idr)
		slice->idr_pic_id = bits_ue(&bits);
	parse_pic_order_cnt(slice, &bits, sps, pps);
	if (pps->flags & V4L2_H264_PPS_FLAG_REDUNDANT_PIC_CNT_PRESENT)
		slice->redundant_pic_cnt = bits_ue(&bits);
	if (slice->idr && (slice->slice_type != H264_SLICE_I || !slice->nal_ref_idc))
		return "an IDR picture has slices that are not intra, or nal_ref_idc is 0";
	error = parse_lists(slice, &bits, sps, pps);
	if (!error && slice->nal_ref_idc)
		error = parse_marking(slice, &bits);
	if (error)
		return error;
	slice->unfiltered = parse_deblocking(slice, &bits, pps);
	return bits.overrun ? "the slice header is cut short" : NULL;
}

bool h264_slice_resets(const struct h264_slice *slice)
{
	unsigned int i;

	for (i = 0; slice->nal_ref_idc && i < slice->num_mmco; i++)
		if (slice->mmco[i].operation == 5)
			return true;
	return false;
}

struct h264_coded_picture h264_slice_picture(const struct h264_slice *slice)
{
	return (struct h264_coded_picture){
		.idr = slice->idr,
		.nal_ref_idc = slice->nal_ref_idc,
		.frame_num = (uint16_t)slice->frame_num,
		.field_pic = slice->field_pic,
		.bottom_field = slice->field_pic && slice->bottom_field,
		.idr_pic_id = slice->idr_pic_id,
		.pic_order_cnt_lsb = (uint16_t)slice->pic_order_cnt_lsb,
		.delta_pic_order_cnt_bottom = slice->delta_pic_order_cnt_bottom,
		.delta_pic_order_cnt = {
			slice->delta_pic_order_cnt[0], slice->delta_pic_order_cnt[1],
		},
		.mmco5 = h264_slice_resets(slice),
	};
}

bool h264_slice_same_picture(const struct h264_slice *a, const struct h264_slice *b)
{
	struct h264_coded_picture picture_a = h264_slice_picture(a);
	struct h264_coded_picture picture_b = h264_slice_picture(b);

	return h264_same_picture(&picture_a, &picture_b);
}

/* payloadType and payloadSize, 7.3.2.3.1 */
static uint32_t sei_number(struct bits *bits)
{
	uint32_t value = 0, byte;

	do {
		byte = bits_read(bits, 8);
		value += byte;
	} while (byte == 255);
	return value;
}

bool h264_sei_recovery_point(const uint8_t *data, size_t size, uint32_t *recovery_frame_cnt)
{
	uint8_t rbsp[512];
	struct bits bits;

	bits_init(&bits, rbsp, unescape(rbsp, sizeof(rbsp), data, size));
	while (!bits.overrun) {
		uint32_t type = sei_number(&bits);
		uint32_t bytes = sei_number(&bits);
		bool exact, broken;

		if (bits.overrun || bytes > sizeof(rbsp) - bits.position / 8)
			return false;
		if (type != SEI_RECOVERY_POINT) {
			bits.position += 8 * (size_t)bytes;
			bits.overrun = bits.position > bits.size * 8;
			continue;
		}
		*recovery_frame_cnt = bits_ue(&bits);
		exact = bits_flag(&bits);
		broken = bits_flag(&bits);
		return !bits.overrun && exact && !broken;
	}
	return false;
}
