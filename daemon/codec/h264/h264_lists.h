/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reference picture lists of H.264, 8.2.4. */
#ifndef DAEDALUS_H264_LISTS_H
#define DAEDALUS_H264_LISTS_H

#include <linux/videodev2.h>
#include <stdint.h>

#include "h264_ref.h"
#include "h264_slice.h"

/* 32 fields, and one more entry that a modification shifts out (8.2.4.3). */
#define H264_LIST_ROOM	33

/* Values of h264_list_entry.ref that are no index. */
#define H264_NO_REFERENCE	(-1)	/* the list is longer than there are pictures */
#define H264_UNKNOWN_REFERENCE	(-2)	/* a modification names a picture that is missing */

/**
 * struct h264_list_entry - a frame or field of a list
 * @ref:	index into h264_refs.refs, or H264_NO_REFERENCE or H264_UNKNOWN_REFERENCE
 * @fields:	H264_BOTH for a frame, or one of its fields
 */
struct h264_list_entry {
	int8_t ref;
	uint8_t fields;
};

/**
 * h264_build_list() - RefPicList0 or RefPicList1 of a slice
 * @refs:	the model, with frame_num_wrap set for the current picture
 * @list:	0 or 1
 * @entries:	the first slice->num_ref_idx_active[list] are the list
 */
void h264_build_list(const struct h264_refs *refs, const struct v4l2_ctrl_h264_sps *sps,
		     const struct h264_slice *slice, int list,
		     struct h264_list_entry entries[H264_LIST_ROOM]);

/**
 * h264_find_short_term() - the short-term picture with this PicNum (8-28, 8-30, 8-31)
 *
 * Return: ref H264_UNKNOWN_REFERENCE if there is none.
 */
struct h264_list_entry h264_find_short_term(const struct h264_refs *refs,
					    const struct h264_slice *slice, int64_t pic_num);

/** h264_find_long_term() - ditto, long-term with this LongTermPicNum (8-29, 8-32, 8-33) */
struct h264_list_entry h264_find_long_term(const struct h264_refs *refs,
					   const struct h264_slice *slice, int64_t pic_num);

#endif /* DAEDALUS_H264_LISTS_H */
