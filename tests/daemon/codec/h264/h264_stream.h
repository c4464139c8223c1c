/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Takes an Annex B H.264 stream apart into coded pictures and sets the controls
 * that a V4L2 client would set for each. Its parameter set parser is independent
 * of the writer in the daemon; slice headers are read with the daemon's parser.
 */
#ifndef DAEDALUS_TESTS_H264_STREAM_H
#define DAEDALUS_TESTS_H264_STREAM_H

#include <linux/videodev2.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "codec/h264/h264_slice.h"

/**
 * struct h264_sps_info - an SPS
 * @control:		as V4L2 has it
 * @crop:		left, right, top, bottom, in luma samples
 * @matrix_present:	seq_scaling_matrix_present_flag
 * @matrix:		with fall-back rule A, in raster order
 */
struct h264_sps_info {
	struct v4l2_ctrl_h264_sps control;
	unsigned int crop[4];
	bool matrix_present;
	struct v4l2_ctrl_h264_scaling_matrix matrix;
};

/** struct h264_pps_info - a PPS; @matrix is the one that holds for its pictures */
struct h264_pps_info {
	struct v4l2_ctrl_h264_pps control;
	struct v4l2_ctrl_h264_scaling_matrix matrix;
};

/** h264_parse_sps() - @data is the NAL unit; false if it makes no sense */
bool h264_parse_sps(struct h264_sps_info *sps, const uint8_t *data, size_t size);

/**
 * h264_parse_pps() - @sps: 32 of them, by id, those with profile_idc 0 are not there
 *
 * Of a PPS with several slice groups only what comes before them is set.
 */
bool h264_parse_pps(struct h264_pps_info *pps, const struct h264_sps_info *sps,
		    const uint8_t *data, size_t size);

/** h264_crop_to() - crop more on the right and below, down to this size; 0: as it is */
void h264_crop_to(struct h264_sps_info *sps, unsigned int width, unsigned int height);

/**
 * struct h264_picture - a coded frame or field
 * @data:	its slices with start codes, for the OUTPUT buffer; owned
 * @size:	bytes of @data
 * @sei:	recovery point SEI to put before the slices, with start code; in @data's memory
 * @sei_size:	bytes of it, 0: none
 * @slices:	slices in @data
 * @first:	header of the first
 * @params:	DECODE_PARAMS, without a dpb
 * @second_field: completes the frame of the picture before it
 * @epoch:	grows with each picture that starts a new output order
 * @count:	picture order count of the frame, or its first field
 */
struct h264_picture {
	uint8_t *data;
	size_t size;
	size_t sei_size;
	unsigned int slices;
	struct h264_slice first;
	struct h264_sps_info sps;
	struct h264_pps_info pps;
	struct v4l2_ctrl_h264_decode_params params;
	bool second_field;
	unsigned int epoch;
	int32_t count;
};

struct h264_stream {
	struct h264_picture *pictures;
	size_t num_pictures;
};

/** h264_stream_load() - false, with a line on stdout, if the file is not good */
bool h264_stream_load(struct h264_stream *stream, const char *path);
void h264_stream_free(struct h264_stream *stream);

#endif /* DAEDALUS_TESTS_H264_STREAM_H */
