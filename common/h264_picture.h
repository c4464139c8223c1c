/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the slice headers of a coded picture of H.264 say of the picture as a
 * whole. The daemon and the elements fill this from their own structs.
 *
 * Marking and reference picture lists are not shared on purpose. The elements
 * keep a decoded picture buffer, the daemon keeps a model of damage, and the
 * two are written independently: a mistake in one of them shows.
 */
#ifndef DAEDALUS_H264_PICTURE_H
#define DAEDALUS_H264_PICTURE_H

#include <stdbool.h>
#include <stdint.h>

/**
 * struct h264_coded_picture - a frame or a field; names are those of 7.4.1.2.4 and 7.4.3
 * @idr:		IdrPicFlag
 * @nal_ref_idc:	0: no picture refers to it
 * @frame_num:		below MaxFrameNum
 * @field_pic:		field_pic_flag
 * @bottom_field:	bottom_field_flag, false without @field_pic
 * @idr_pic_id:		only with @idr
 * @pic_order_cnt_lsb:	only with pic_order_cnt_type 0
 * @delta_pic_order_cnt_bottom: only with pic_order_cnt_type 0, in frames
 * @delta_pic_order_cnt: only with pic_order_cnt_type 1, the second one in frames
 * @mmco5:		has memory_management_control_operation 5: for later pictures it is like
 *			an IDR picture
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
 * 7.4.1.2.4 without the parameter sets, which the caller compares. @mmco5 is not
 * part of it.
 */
bool h264_same_picture(const struct h264_coded_picture *a, const struct h264_coded_picture *b);

#endif /* DAEDALUS_H264_PICTURE_H */
