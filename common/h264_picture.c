// SPDX-License-Identifier: LGPL-2.1-or-later
#include "h264_picture.h"

bool h264_same_picture(const struct h264_coded_picture *a, const struct h264_coded_picture *b)
{
	return a->frame_num == b->frame_num && a->field_pic == b->field_pic &&
	       a->bottom_field == b->bottom_field && a->idr == b->idr &&
	       !a->nal_ref_idc == !b->nal_ref_idc &&
	       (!a->idr || a->idr_pic_id == b->idr_pic_id) &&
	       a->pic_order_cnt_lsb == b->pic_order_cnt_lsb &&
	       a->delta_pic_order_cnt_bottom == b->delta_pic_order_cnt_bottom &&
	       a->delta_pic_order_cnt[0] == b->delta_pic_order_cnt[0] &&
	       a->delta_pic_order_cnt[1] == b->delta_pic_order_cnt[1];
}
