// SPDX-License-Identifier: LGPL-2.1-or-later
/* Slices of one picture of H.264 (7.4.1.2.4), and numbers of an SPS. */
#include "common/h264_picture.h"
#include "common/h264_sps.h"
#include "check.h"

static const struct h264_coded_picture frame = {
	.nal_ref_idc = 2, .frame_num = 5, .pic_order_cnt_lsb = 10,
	.delta_pic_order_cnt_bottom = -1, .delta_pic_order_cnt = { 3, 4 },
};

#define DIFFERS(member, value) \
	do { \
		struct h264_coded_picture differing = frame; \
		differing.member = value; \
		CHECK_MSG(!h264_same_picture(&frame, &differing), #member); \
		CHECK_MSG(!h264_same_picture(&differing, &frame), #member); \
	} while (0)

static void test_same_picture(void)
{
	struct h264_coded_picture other = frame, idr = frame;

	CHECK(h264_same_picture(&frame, &other));
	DIFFERS(frame_num, 6);
	DIFFERS(field_pic, true);
	DIFFERS(bottom_field, true);
	DIFFERS(nal_ref_idc, 0);
	DIFFERS(idr, true);
	DIFFERS(pic_order_cnt_lsb, 11);
	DIFFERS(delta_pic_order_cnt_bottom, 0);
	DIFFERS(delta_pic_order_cnt[0], 2);
	DIFFERS(delta_pic_order_cnt[1], 5);

	/* nal_ref_idc differs only "with one of the values being equal to 0" */
	other.nal_ref_idc = 1;
	CHECK(h264_same_picture(&frame, &other));
	/* idr_pic_id is in IDR pictures only */
	other.idr_pic_id = 7;
	CHECK(h264_same_picture(&frame, &other));
	idr.idr = true;
	other.idr = true;
	CHECK(!h264_same_picture(&idr, &other));
	idr.idr_pic_id = 7;
	CHECK(h264_same_picture(&idr, &other));
	/* mmco5 is not part of the comparison */
	other.mmco5 = true;
	CHECK(h264_same_picture(&idr, &other));
}

static void test_sps(void)
{
	struct v4l2_ctrl_h264_sps sps = {
		.pic_width_in_mbs_minus1 = 119, .pic_height_in_map_units_minus1 = 33,
	};

	CHECK_EQ(h264_sps_width(&sps), 1920);
	CHECK_EQ(h264_sps_height(&sps), 1088);
	sps.flags = V4L2_H264_SPS_FLAG_FRAME_MBS_ONLY;
	CHECK_EQ(h264_sps_height(&sps), 544);
	sps.flags = 0;
	sps.pic_width_in_mbs_minus1 = UINT16_MAX;
	sps.pic_height_in_map_units_minus1 = UINT16_MAX;
	CHECK_EQ(h264_sps_width(&sps), 1 << 20);
	CHECK_EQ(h264_sps_height(&sps), 1 << 21);

	CHECK_EQ(h264_max_frame_num(&sps), 16);
	sps.log2_max_frame_num_minus4 = 12;
	CHECK_EQ(h264_max_frame_num(&sps), 65536);
	sps.log2_max_frame_num_minus4 = 255;
	CHECK_EQ(h264_max_frame_num(&sps), 65536);
}

int main(void)
{
	test_same_picture();
	test_sps();
	return check_result();
}
