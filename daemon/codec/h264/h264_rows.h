/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Which macroblock rows of a picture has libavcodec decoded?
 *
 * libavcodec reports a band of luma rows when the last macroblock of a row is decoded.
 * With the deblocking filter the band lies 20 rows higher than the macroblocks, since
 * the filter still changes the rows below it; the last band reaches to the end of the
 * picture, and there is none for the first row. A picture may switch the filter from
 * slice to slice. So not the rows of the bands are counted: each band tells which
 * macroblock row it stands for.
 */
#ifndef DAEDALUS_H264_ROWS_H
#define DAEDALUS_H264_ROWS_H

#include <linux/videodev2.h>
#include <stdbool.h>
#include <stdint.h>

#include "h264_slice.h"

/* Rows of macroblocks in the highest picture, 8192 luma samples. */
#define H264_MAX_MB_ROWS	512

/**
 * struct h264_rows - the rows of a frame or field
 * @unit:	luma rows of the frame for one row: 16; 32 in a field or with macroblock pairs
 * @count:	rows, at most H264_MAX_MB_ROWS
 * @done:	bit i % 64 of entry i / 64: row i is decoded
 * @first:	first row that a band stands for
 */
struct h264_rows {
	unsigned int unit;
	unsigned int count;
	uint64_t done[H264_MAX_MB_ROWS / 64];
	unsigned int first;
};

/**
 * h264_rows_begin() - no row of the picture is decoded
 * @sps:	passed h264_sps_check()
 * @slice:	any slice of the picture
 * @filtered:	the slice that ends the first row uses the deblocking filter
 */
void h264_rows_begin(struct h264_rows *rows, const struct v4l2_ctrl_h264_sps *sps,
		     const struct h264_slice *slice, bool filtered);

/**
 * h264_rows_band() - libavcodec reports a band
 * @y:		first luma row of the frame
 * @height:	luma rows of the frame
 */
void h264_rows_band(struct h264_rows *rows, int y, int height);

/**
 * h264_rows_complete() - is the last macroblock of each row decoded?
 *
 * If @filtered, nothing is known of the first row.
 */
bool h264_rows_complete(const struct h264_rows *rows);

#endif /* DAEDALUS_H264_ROWS_H */
