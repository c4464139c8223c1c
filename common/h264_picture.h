/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The syntax elements of H.264 slice headers that are the same in all slices of a
 * coded picture. The daemon and the elements copy them from their own structs.
 *
 * Reference picture marking and reference picture lists are not shared on purpose. The
 * elements keep a decoded picture buffer, the daemon keeps a table of damaged pictures.
 * The two are written independently, so that tests find a mistake in either of them.
 */
#ifndef DAEDALUS_H264_PICTURE_H
#define DAEDALUS_H264_PICTURE_H

#include <stdbool.h>
#include <stdint.h>

/**
 * struct h264_coded_picture - a frame or a field; names are those of 7.4.1.2.4 and 7.4.3
 * @idr:		IdrPicFlag
 * @nal_ref_idc:	0: the picture is not a reference picture
 * @frame_num:		0..MaxFrameNum - 1
 * @field_pic:		field_pic_flag
 * @bottom_field:	bottom_field_flag, false without @field_pic
 * @idr_pic_id:		valid with @idr
 * @pic_order_cnt_lsb:	valid with pic_order_cnt_type 0
 * @delta_pic_order_cnt_bottom: valid with pic_order_cnt_type 0, in frames
 * @delta_pic_order_cnt: valid with pic_order_cnt_type 1, [1] only in frames
 * @mmco5:		the picture has memory_management_control_operation 5, so that later
 *			pictures treat it like an IDR picture
 */
struct h264_coded_picture {
	bool idr;
	uint8_t nal_ref_idc;
	uint16_t frame_num;
	bool field_pic;
	bool bottom_field;
	uint32_t idr_pic_id;
	uint16_t pic_order_cnt_lsb;
	int32_t delta_pic_order_cnt_bottom;
	int32_t delta_pic_order_cnt[2];
	bool mmco5;
};

/**
 * h264_same_picture() - do two slices belong to one primary coded picture?
 * @a:	from the header of a slice
 * @b:	from the header of the next slice
 *
 * Makes the comparisons of 7.4.1.2.4, except those of the parameter sets, which the
 * caller makes. Ignores @mmco5.
 */
bool h264_same_picture(const struct h264_coded_picture *a, const struct h264_coded_picture *b);

#endif /* DAEDALUS_H264_PICTURE_H */
