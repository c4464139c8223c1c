// SPDX-License-Identifier: LGPL-2.1-or-later
#include "h264_wash.h"

#include <stdbool.h>

#include "codec/bit_writer.h"
#include "h264_params.h"

/* A block with one coefficient in CAVLC, 9.2; no neighbour has more than one. */
static void write_block(struct bit_writer *writer)
{
	bit_writer_put(writer, 1, 2);	/* coeff_token: one coefficient, a trailing one */
	bit_writer_put(writer, 0, 1);	/* trailing_ones_sign_flag */
	bit_writer_put(writer, 1, 1);	/* total_zeros: 0 */
}

/* Intra_16x16 with all blocks coded, 7.3.5 and table 7-11. */
static void write_macroblock(struct bit_writer *writer, bool chroma)
{
	unsigned int i;

	bit_writer_ue(writer, chroma ? 23 : 15);	/* mb_type: DC prediction, all coded */
	if (chroma)
		bit_writer_ue(writer, 0);	/* intra_chroma_pred_mode: DC */
	bit_writer_se(writer, 0);		/* mb_qp_delta */
	bit_writer_put(writer, 1, 1);		/* Intra16x16DCLevel: no coefficient */
	for (i = 0; i < 16; i++)
		write_block(writer);
	if (!chroma)
		return;
	bit_writer_put(writer, 1, 2);		/* DC of Cb: no coefficient */
	bit_writer_put(writer, 1, 2);		/* DC of Cr */
	for (i = 0; i < 8; i++)
		write_block(writer);
}

size_t h264_write_wash(const struct v4l2_ctrl_h264_sps *sps, uint32_t frame_num, uint32_t lsb,
		       uint8_t *data)
{
	const struct v4l2_ctrl_h264_pps pps = {
		.pic_parameter_set_id = H264_WASH_PPS,
		.seq_parameter_set_id = sps->seq_parameter_set_id,
	};
	bool frame_mbs_only = sps->flags & V4L2_H264_SPS_FLAG_FRAME_MBS_ONLY;
	bool mbaff = !frame_mbs_only && sps->flags & V4L2_H264_SPS_FLAG_MB_ADAPTIVE_FRAME_FIELD;
	uint8_t rbsp[64];
	struct bit_writer writer;
	size_t size;

	bit_writer_init(&writer, rbsp, sizeof(rbsp));
	bit_writer_ue(&writer, 0);		/* first_mb_in_slice */
	bit_writer_ue(&writer, 7);		/* slice_type: I, as all slices of the picture */
	bit_writer_ue(&writer, H264_WASH_PPS);
	bit_writer_put(&writer, frame_num, sps->log2_max_frame_num_minus4 + 4U);
	if (!frame_mbs_only)
		bit_writer_put(&writer, 0, 1);	/* field_pic_flag */
	if (sps->pic_order_cnt_type == 0)
		bit_writer_put(&writer, lsb, sps->log2_max_pic_order_cnt_lsb_minus4 + 4U);
	if (sps->pic_order_cnt_type == 1 &&
	    !(sps->flags & V4L2_H264_SPS_FLAG_DELTA_PIC_ORDER_ALWAYS_ZERO))
		bit_writer_se(&writer, 0);	/* delta_pic_order_cnt[0] */
	bit_writer_se(&writer, 0);		/* slice_qp_delta */
	if (mbaff)
		bit_writer_put(&writer, 0, 1);	/* mb_field_decoding_flag */
	write_macroblock(&writer, sps->chroma_format_idc != 0);
	if (mbaff)
		write_macroblock(&writer, sps->chroma_format_idc != 0);
	bit_writer_trailing(&writer);

	/* nal_ref_idc 0, nal_unit_type 1 */
	size = h264_write_pps(&pps, NULL, data);
	return size + h264_write_nal(data + size, 0, 1, &writer);
}
