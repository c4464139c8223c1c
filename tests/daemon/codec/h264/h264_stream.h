/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Splits an Annex B H.264 stream into coded pictures and sets the controls of a V4L2
 * client for each. Its parameter set parser shares no code with the writer in the
 * daemon; slice headers are read with the daemon's parser.
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
 * @control:		SPS control
 * @crop:		cropping on the left, right, top and bottom, in luma samples
 * @matrix_present:	seq_scaling_matrix_present_flag
 * @matrix:		scaling lists after fall-back rule A, in raster order
 */
struct h264_sps_info {
	struct v4l2_ctrl_h264_sps control;
	unsigned int crop[4];
	bool matrix_present;
	struct v4l2_ctrl_h264_scaling_matrix matrix;
};

/** struct h264_pps_info - a PPS; @matrix has the scaling lists for its pictures */
struct h264_pps_info {
	struct v4l2_ctrl_h264_pps control;
	struct v4l2_ctrl_h264_scaling_matrix matrix;
};

/** h264_parse_sps() - read an SPS NAL unit of @size bytes; false if it is invalid */
bool h264_parse_sps(struct h264_sps_info *sps, const uint8_t *data, size_t size);

/**
 * h264_parse_pps() - read a PPS NAL unit
 * @sps:	32 entries, by id; profile_idc is 0 if there is no such SPS
 *
 * Of a PPS with several slice groups, only the elements before these are set.
 * Return: false if it is invalid.
 */
bool h264_parse_pps(struct h264_pps_info *pps, const struct h264_sps_info *sps,
		    const uint8_t *data, size_t size);

/** h264_crop_to() - crop more on the right and bottom, to a size in luma samples; 0: no change */
void h264_crop_to(struct h264_sps_info *sps, unsigned int width, unsigned int height);

/**
 * struct h264_picture - a coded frame or field
 * @data:	recovery point SEI, if any, and slices with start codes; owned
 * @size:	bytes of @data
 * @sei_size:	bytes of the recovery point SEI at the start of @data, 0: none
 * @slices:	number of slices in @data
 * @first:	header of the first slice
 * @sps:	its SPS
 * @pps:	its PPS
 * @params:	DECODE_PARAMS control, without dpb[]
 * @second_field: second field of the frame of the picture before it
 * @epoch:	grows with each picture after which picture order counts start again
 * @count:	picture order count of the frame or its first field
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

/**
 * h264_stream_parse() - read a byte stream
 * @name:	of the stream, for messages
 *
 * Return: false, with a line on stdout, on failure.
 */
bool h264_stream_parse(struct h264_stream *stream, const char *name, const uint8_t *data,
		       size_t size);

/** h264_stream_load() - read a file; false, with a line on stdout, on failure */
bool h264_stream_load(struct h264_stream *stream, const char *path);
void h264_stream_free(struct h264_stream *stream);

#endif /* DAEDALUS_TESTS_H264_STREAM_H */
