// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Writes parameter sets from the controls and reads them back with a parser that shares
 * no code with the writer.
 *
 *   test_h264_params [CLIP.264...]: also all pictures of these
 */
#include "check.h"

#include <stdlib.h>
#include <string.h>

#include "codec/bit_writer.h"
#include "common/bits.h"
#include "codec/h264/h264_params.h"
#include "h264_stream.h"

static void test_bits(void)
{
	static const uint32_t unsigned_values[] = {
		0, 1, 2, 3, 7, 8, 254, 255, 65535, 0x7fffffff, 0xfffffffe,
	};
	static const int32_t signed_values[] = {
		0, 1, -1, 2, -2, 127, -128, 65535, INT32_MAX, -INT32_MAX,
	};
	uint8_t data[256];
	struct bit_writer writer;
	struct bits bits;
	size_t i;

	bit_writer_init(&writer, data, sizeof(data));
	for (i = 0; i < sizeof(unsigned_values) / sizeof(unsigned_values[0]); i++)
		bit_writer_ue(&writer, unsigned_values[i]);
	for (i = 0; i < sizeof(signed_values) / sizeof(signed_values[0]); i++)
		bit_writer_se(&writer, signed_values[i]);
	bit_writer_put(&writer, 0xdeadbeef, 32);
	bit_writer_trailing(&writer);
	CHECK(!writer.overflow);
	CHECK_EQ(writer.position % 8, 0);

	bits_init(&bits, data, bit_writer_bytes(&writer));
	for (i = 0; i < sizeof(unsigned_values) / sizeof(unsigned_values[0]); i++)
		CHECK_EQ(bits_ue(&bits), unsigned_values[i]);
	for (i = 0; i < sizeof(signed_values) / sizeof(signed_values[0]); i++)
		CHECK_EQ(bits_se(&bits), signed_values[i]);
	CHECK_EQ(bits_read(&bits, 32), 0xdeadbeef);
	CHECK(bits_flag(&bits));
	CHECK(!bits.overrun);

	bit_writer_init(&writer, data, 1);
	bit_writer_put(&writer, 0, 9);
	CHECK(writer.overflow);
	bit_writer_init(&writer, data, sizeof(data));
	bit_writer_ue(&writer, UINT32_MAX);
	CHECK(writer.overflow);
	memset(data, 0, sizeof(data));
	bits_init(&bits, data, sizeof(data));
	bits_ue(&bits);
	CHECK(bits.overrun);
}

/* Check that @data is one NAL unit, without emulated start codes. Return: that NAL unit. */
static struct h264_nal only_nal(const uint8_t *data, size_t size, unsigned int type)
{
	struct h264_nal nal = { 0 }, more;
	size_t position = 0;

	CHECK(h264_nal_next(data, size, &position, &nal));
	CHECK_EQ(nal.offset, 4);
	CHECK_EQ(nal.size + 4, size);
	CHECK_EQ(data[4] & 31, type);
	CHECK(data[4] >> 5);
	CHECK(!h264_nal_next(data, size, &position, &more));
	return nal;
}

static void check_sps(const struct v4l2_ctrl_h264_sps *control, struct h264_sps_info *read)
{
	uint8_t data[H264_PARAMS_BYTES];
	size_t size = h264_write_sps(control, data);
	struct h264_nal nal = only_nal(data, size, H264_NAL_SPS);

	CHECK(h264_parse_sps(read, data + nal.offset, nal.size));
	CHECK(!memcmp(&read->control, control, sizeof(*control)));
	CHECK_EQ(read->crop[0] + read->crop[1] + read->crop[2] + read->crop[3], 0);
	CHECK(!read->matrix_present);
}

static void check_pps(const struct h264_pps_info *pps, const struct h264_sps_info *sps)
{
	bool matrix = pps->control.flags & V4L2_H264_PPS_FLAG_SCALING_MATRIX_PRESENT;
	bool big = pps->control.flags & V4L2_H264_PPS_FLAG_TRANSFORM_8X8_MODE;
	struct h264_sps_info *all = calloc(H264_MAX_SPS, sizeof(*all));
	uint8_t data[H264_PARAMS_BYTES];
	struct h264_pps_info read;
	struct h264_nal nal;
	size_t size;

	if (!all)
		abort();
	all[sps->control.seq_parameter_set_id] = *sps;
	size = h264_write_pps(&pps->control, &pps->matrix, data);
	nal = only_nal(data, size, H264_NAL_PPS);
	CHECK(h264_parse_pps(&read, all, data + nal.offset, nal.size));
	CHECK(!memcmp(&read.control, &pps->control, sizeof(read.control)));
	if (matrix)
		CHECK(!memcmp(read.matrix.scaling_list_4x4, pps->matrix.scaling_list_4x4,
			      sizeof(read.matrix.scaling_list_4x4)));
	if (matrix && big)
		CHECK(!memcmp(read.matrix.scaling_list_8x8, pps->matrix.scaling_list_8x8, 128));
	free(all);
}

static struct v4l2_ctrl_h264_sps example_sps(void)
{
	return (struct v4l2_ctrl_h264_sps){
		.profile_idc = 100, .level_idc = 40, .chroma_format_idc = 1,
		.max_num_ref_frames = 4, .pic_width_in_mbs_minus1 = 119,
		.pic_height_in_map_units_minus1 = 67,
		.flags = V4L2_H264_SPS_FLAG_FRAME_MBS_ONLY |
			 V4L2_H264_SPS_FLAG_DIRECT_8X8_INFERENCE,
	};
}

static void test_sps(void)
{
	struct v4l2_ctrl_h264_sps sps = example_sps();
	struct h264_sps_info read;
	unsigned int i;

	check_sps(&sps, &read);
	CHECK_EQ(h264_sps_width(&sps), 1920);
	CHECK_EQ(h264_sps_height(&sps), 1088);
	for (i = 0; i < 64; i++) {
		sps.constraint_set_flags = (uint8_t)i;
		check_sps(&sps, &read);
	}
	sps.profile_idc = 77;
	sps.seq_parameter_set_id = 31;
	sps.level_idc = 0;
	sps.log2_max_frame_num_minus4 = 12;
	sps.log2_max_pic_order_cnt_lsb_minus4 = 12;
	sps.flags = V4L2_H264_SPS_FLAG_MB_ADAPTIVE_FRAME_FIELD |
		    V4L2_H264_SPS_FLAG_GAPS_IN_FRAME_NUM_VALUE_ALLOWED |
		    V4L2_H264_SPS_FLAG_DIRECT_8X8_INFERENCE;
	check_sps(&sps, &read);
	CHECK_EQ(h264_sps_height(&sps), 2176);
	sps.profile_idc = 110;
	sps.bit_depth_luma_minus8 = sps.bit_depth_chroma_minus8 = 2;
	check_sps(&sps, &read);

	/* The longest SPS, with bytes that need emulation prevention. */
	sps.pic_order_cnt_type = 1;
	sps.log2_max_pic_order_cnt_lsb_minus4 = 0;
	sps.num_ref_frames_in_pic_order_cnt_cycle = 255;
	sps.offset_for_non_ref_pic = INT32_MAX;
	sps.offset_for_top_to_bottom_field = -INT32_MAX;
	for (i = 0; i < 255; i++)
		sps.offset_for_ref_frame[i] = i & 1 ? INT32_MAX : -(1 << 30);
	check_sps(&sps, &read);
	for (i = 0; i < 255; i++)
		sps.offset_for_ref_frame[i] = (int32_t)(1U << i % 31);
	sps.flags |= V4L2_H264_SPS_FLAG_DELTA_PIC_ORDER_ALWAYS_ZERO;
	check_sps(&sps, &read);
}

static void test_pps(void)
{
	struct h264_sps_info sps = { .control = example_sps() };
	struct h264_pps_info pps = { 0 };
	unsigned int i, j;

	check_pps(&pps, &sps);
	for (i = 0; i < 8; i++) {
		pps.control.flags = (uint16_t)(1U << i);
		for (j = 0; j < sizeof(pps.matrix); j++)
			((uint8_t *)&pps.matrix)[j] = (uint8_t)(1 + (j * 97 + i) % 255);
		check_pps(&pps, &sps);
	}
	pps.control = (struct v4l2_ctrl_h264_pps){
		.pic_parameter_set_id = 255, .num_ref_idx_l0_default_active_minus1 = 31,
		.num_ref_idx_l1_default_active_minus1 = 15, .weighted_bipred_idc = 2,
		.pic_init_qp_minus26 = -38, .pic_init_qs_minus26 = 25,
		.chroma_qp_index_offset = -12, .second_chroma_qp_index_offset = 12,
		.flags = V4L2_H264_PPS_FLAG_ENTROPY_CODING_MODE |
			 V4L2_H264_PPS_FLAG_SCALING_MATRIX_PRESENT |
			 V4L2_H264_PPS_FLAG_TRANSFORM_8X8_MODE,
	};
	/* Deltas above 127 and below -128. */
	for (j = 0; j < sizeof(pps.matrix); j++)
		((uint8_t *)&pps.matrix)[j] = j & 1 ? 255 : 1;
	check_pps(&pps, &sps);
}

static void test_checks(void)
{
	struct v4l2_ctrl_h264_scaling_matrix matrix;
	struct v4l2_ctrl_h264_sps sps = example_sps();
	struct v4l2_ctrl_h264_pps pps = { 0 };
	enum daedalus_status status;

	CHECK(!h264_sps_check(&sps, &status));
	sps.chroma_format_idc = 0;
	CHECK(!h264_sps_check(&sps, &status));
	sps.chroma_format_idc = 3;
	CHECK(h264_sps_check(&sps, &status));
	CHECK_EQ(status, DAEDALUS_STATUS_UNSUPPORTED);
	sps = example_sps();
	sps.profile_idc = 77;
	sps.bit_depth_luma_minus8 = sps.bit_depth_chroma_minus8 = 2;
	CHECK(h264_sps_check(&sps, &status));
	CHECK_EQ(status, DAEDALUS_STATUS_MISMATCH);

	CHECK(!h264_pps_check(&pps, NULL, &status));
	pps.flags = V4L2_H264_PPS_FLAG_SCALING_MATRIX_PRESENT;
	CHECK(h264_pps_check(&pps, NULL, &status));
	CHECK_EQ(status, DAEDALUS_STATUS_MISMATCH);
	memset(&matrix, 16, sizeof(matrix));
	CHECK(!h264_pps_check(&pps, &matrix, &status));
	/* Only the lists that are used are checked. */
	memset(matrix.scaling_list_8x8, 0, sizeof(matrix.scaling_list_8x8));
	CHECK(!h264_pps_check(&pps, &matrix, &status));
	pps.flags |= V4L2_H264_PPS_FLAG_TRANSFORM_8X8_MODE;
	CHECK(h264_pps_check(&pps, &matrix, &status));
	pps.flags = V4L2_H264_PPS_FLAG_SCALING_MATRIX_PRESENT;
	matrix.scaling_list_4x4[5][15] = 0;
	CHECK(h264_pps_check(&pps, &matrix, &status));
}

static void test_stream(const char *path)
{
	struct h264_stream stream;
	size_t i;

	CHECK(h264_stream_load(&stream, path));
	for (i = 0; i < stream.num_pictures; i++) {
		const struct h264_picture *picture = &stream.pictures[i];
		struct h264_sps_info read;

		check_sps(&picture->sps.control, &read);
		check_pps(&picture->pps, &read);
	}
	h264_stream_free(&stream);
}

int main(int argc, char **argv)
{
	int i;

	test_bits();
	test_sps();
	test_pps();
	test_checks();
	for (i = 1; i < argc; i++)
		test_stream(argv[i]);
	return check_result();
}
