// SPDX-License-Identifier: LGPL-2.1-or-later
#include "h264_rows.h"

#include "common/h264_sps.h"

/* The filter holds back this many of 16 rows of macroblocks. */
#define HELD_BACK	20U

void h264_rows_begin(struct h264_rows *rows, const struct v4l2_ctrl_h264_sps *sps,
		     const struct h264_slice *slice, bool filtered)
{
	bool frame_mbs_only = sps->flags & V4L2_H264_SPS_FLAG_FRAME_MBS_ONLY;
	bool mbaff = !frame_mbs_only && sps->flags & V4L2_H264_SPS_FLAG_MB_ADAPTIVE_FRAME_FIELD;

	*rows = (struct h264_rows){ .unit = slice->field_pic || mbaff ? 32 : 16 };
	rows->count = h264_sps_height(sps) / rows->unit;
	if (rows->count > H264_MAX_MB_ROWS)
		rows->count = H264_MAX_MB_ROWS;
	/* There is a band for the first row if it is the last one, too. */
	rows->first = filtered && rows->count > 1;
}

void h264_rows_band(struct h264_rows *rows, int y, int height)
{
	unsigned int top = (unsigned int)y, row;

	if (y < 0 || height <= 0)
		return;
	/* Without the filter a band is a row. With it, none starts at a row but those at 0. */
	if (top % rows->unit == 0 && (unsigned int)height == rows->unit)
		row = top / rows->unit;
	else if (!top)
		row = 1;
	else
		row = (top + HELD_BACK * rows->unit / 16) / rows->unit;
	if (row < rows->count)
		rows->done[row / 64] |= 1ULL << row % 64;
}

bool h264_rows_complete(const struct h264_rows *rows)
{
	unsigned int row;

	for (row = rows->first; row < rows->count; row++)
		if (!(rows->done[row / 64] >> row % 64 & 1))
			return false;
	return true;
}
