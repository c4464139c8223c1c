// SPDX-License-Identifier: LGPL-2.1-or-later
#include "h264_made.h"

#include <stdlib.h>
#include <string.h>

#include "codec/bit_writer.h"
#include "codec/h264/h264_params.h"

#define SEI_RECOVERY_POINT	6

/* An I_PCM macroblock takes 384 bytes. */
#define MB_BYTES		400

void h264_made_begin(struct h264_made *made, unsigned int width_mbs, unsigned int height_mbs)
{
	*made = (struct h264_made){
		.sps = {
			.profile_idc = 77, .level_idc = 40, .chroma_format_idc = 1,
			.max_num_ref_frames = 4, .log2_max_frame_num_minus4 = 4,
			.log2_max_pic_order_cnt_lsb_minus4 = 4,
			.pic_width_in_mbs_minus1 = (uint16_t)(width_mbs - 1),
			.pic_height_in_map_units_minus1 = (uint16_t)(height_mbs - 1),
			.flags = V4L2_H264_SPS_FLAG_FRAME_MBS_ONLY |
				 V4L2_H264_SPS_FLAG_DIRECT_8X8_INFERENCE,
		},
		.pps = {
			.pic_init_qp_minus26 = -16,
			.flags = V4L2_H264_PPS_FLAG_DEBLOCKING_FILTER_CONTROL_PRESENT,
		},
	};
}

void h264_made_interlace(struct h264_made *made, bool mbaff)
{
	struct v4l2_ctrl_h264_sps *sps = &made->sps;

	sps->pic_height_in_map_units_minus1 =
		(uint16_t)((sps->pic_height_in_map_units_minus1 + 1) / 2 - 1);
	sps->flags &= ~V4L2_H264_SPS_FLAG_FRAME_MBS_ONLY;
	if (mbaff)
		sps->flags |= V4L2_H264_SPS_FLAG_MB_ADAPTIVE_FRAME_FIELD;
}

/* @size bytes of room at the end of the stream. */
static uint8_t *grow(struct h264_made *made, size_t size)
{
	made->data = realloc(made->data, made->size + size);
	if (!made->data)
		abort();
	return made->data + made->size;
}

static void append_nal(struct h264_made *made, unsigned int ref_idc, unsigned int type,
		       const struct bit_writer *rbsp)
{
	uint8_t *to;

	if (!made->size) {
		to = grow(made, 2 * H264_PARAMS_BYTES);
		made->size = h264_write_sps(&made->sps, to);
		made->size += h264_write_pps(&made->pps, NULL, to + made->size);
	}
	to = grow(made, 16 + 2 * bit_writer_bytes(rbsp));
	if (rbsp->overflow)
		abort();
	made->size += h264_write_nal(to, ref_idc, type, rbsp);
}

static void write_pcm(struct bit_writer *writer, const struct h264_made_picture *picture)
{
	unsigned int i;

	/* mb_type of an I slice, and of a P slice */
	bit_writer_ue(writer, picture->type == H264_SLICE_P ? 5 + 25 : 25);
	while (writer->position % 8)
		bit_writer_put(writer, 0, 1);
	for (i = 0; i < 384; i++)
		bit_writer_put(writer, picture->value, 8);
}

static bool is_mbaff(const struct h264_made *made, const struct h264_made_picture *picture)
{
	return !picture->field && made->sps.flags & V4L2_H264_SPS_FLAG_MB_ADAPTIVE_FRAME_FIELD;
}

static void write_header(struct bit_writer *writer, const struct h264_made *made,
			 const struct h264_made_picture *picture, unsigned int slice)
{
	bool p = picture->type == H264_SLICE_P;

	bit_writer_ue(writer, picture->first_mb[slice]);
	bit_writer_ue(writer, picture->type);
	bit_writer_ue(writer, 0);			/* pic_parameter_set_id */
	bit_writer_put(writer, picture->frame_num, made->sps.log2_max_frame_num_minus4 + 4U);
	if (!(made->sps.flags & V4L2_H264_SPS_FLAG_FRAME_MBS_ONLY)) {
		bit_writer_put(writer, picture->field, 1);
		if (picture->field)
			bit_writer_put(writer, picture->bottom, 1);
	}
	if (picture->idr)
		bit_writer_ue(writer, 0);		/* idr_pic_id */
	bit_writer_put(writer, picture->lsb, made->sps.log2_max_pic_order_cnt_lsb_minus4 + 4U);
	if (p) {
		bit_writer_put(writer, 1, 1);		/* num_ref_idx_active_override_flag */
		bit_writer_ue(writer, picture->active - 1);
		bit_writer_put(writer, picture->missing, 1);
		if (picture->missing) {
			bit_writer_ue(writer, 0);	/* modification_of_pic_nums_idc */
			bit_writer_ue(writer, 99);	/* abs_diff_pic_num_minus1 */
			bit_writer_ue(writer, 3);
		}
	}
	if (!picture->droppable)
		bit_writer_put(writer, 0, picture->idr ? 2 : 1);	/* dec_ref_pic_marking() */
	bit_writer_se(writer, 0);			/* slice_qp_delta */
	bit_writer_ue(writer, picture->unfiltered >> slice & 1);
	if (!(picture->unfiltered >> slice & 1)) {
		bit_writer_se(writer, 0);
		bit_writer_se(writer, 0);
	}
}

static void add_slice(struct h264_made *made, const struct h264_made_picture *picture,
		      unsigned int slice)
{
	bool mbaff = is_mbaff(made, picture);
	unsigned int mbs = (made->sps.pic_width_in_mbs_minus1 + 1U) *
			   (made->sps.pic_height_in_map_units_minus1 + 1U);
	unsigned int end = slice + 1 < picture->slices ? picture->first_mb[slice + 1] : mbs;
	unsigned int count = end - picture->first_mb[slice], i;
	size_t room = 64 + (size_t)MB_BYTES * count * (mbaff ? 2 : 1);
	uint8_t *rbsp = malloc(room);
	struct bit_writer writer;

	if (!rbsp || (mbaff && picture->type != H264_SLICE_I))
		abort();
	bit_writer_init(&writer, rbsp, room);
	write_header(&writer, made, picture, slice);
	if (picture->type == H264_SLICE_P) {
		bit_writer_ue(&writer, 0);		/* mb_skip_run */
		write_pcm(&writer, picture);
		if (count > 1)
			bit_writer_ue(&writer, count - 1);
	} else {
		for (i = 0; i < count; i++) {
			if (mbaff)
				bit_writer_put(&writer, 0, 1);	/* mb_field_decoding_flag */
			write_pcm(&writer, picture);
			if (mbaff)
				write_pcm(&writer, picture);
		}
	}
	bit_writer_trailing(&writer);
	append_nal(made, picture->droppable ? 0 : 2,
		   picture->idr ? H264_NAL_IDR_SLICE : H264_NAL_SLICE, &writer);
	free(rbsp);
}

void h264_made_add(struct h264_made *made, const struct h264_made_picture *picture)
{
	unsigned int i;

	for (i = 0; i < picture->slices || !i; i++)
		add_slice(made, picture, i);
}

void h264_made_sei(struct h264_made *made, unsigned int type, const uint8_t *payload,
		   size_t size)
{
	uint8_t rbsp[512];
	struct bit_writer writer;
	size_t i;

	bit_writer_init(&writer, rbsp, sizeof(rbsp));
	bit_writer_put(&writer, type, 8);
	bit_writer_put(&writer, (uint32_t)size, 8);
	for (i = 0; i < size; i++)
		bit_writer_put(&writer, payload[i], 8);
	bit_writer_trailing(&writer);
	append_nal(made, 0, H264_NAL_SEI, &writer);
}

void h264_made_recovery(struct h264_made *made, uint32_t recovery_frame_cnt)
{
	uint8_t payload[8];
	struct bit_writer writer;

	bit_writer_init(&writer, payload, sizeof(payload));
	bit_writer_ue(&writer, recovery_frame_cnt);
	bit_writer_put(&writer, 1, 1);	/* exact_match_flag */
	bit_writer_put(&writer, 0, 1);	/* broken_link_flag */
	bit_writer_put(&writer, 0, 2);	/* changing_slice_group_idc */
	if (writer.position % 8)
		bit_writer_trailing(&writer);
	h264_made_sei(made, SEI_RECOVERY_POINT, payload, bit_writer_bytes(&writer));
}

void h264_made_free(struct h264_made *made)
{
	free(made->data);
	*made = (struct h264_made){ 0 };
}
