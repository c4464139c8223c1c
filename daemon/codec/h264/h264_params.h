/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * H.264 parameter sets, rebuilt from the V4L2 controls as Annex B NAL units.
 *
 * Elements that the controls lack get values that change no sample: no cropping
 * (the CAPTURE buffer takes the whole coded picture), no slice groups, and a VUI
 * that only says that the decoder need not reorder pictures.
 */
#ifndef DAEDALUS_H264_PARAMS_H
#define DAEDALUS_H264_PARAMS_H

#include <linux/videodev2.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "codec/bit_writer.h"
#include "common/h264_sps.h"
#include "daedalus_v4l2_proto.h"

#define H264_MAX_SPS		32
#define H264_MAX_PPS		256

/* Largest size of a parameter set, with start code and emulation prevention bytes. */
#define H264_PARAMS_BYTES	4096

/**
 * h264_sps_check() - can a stream with this SPS be decoded?
 * @status:	on failure, DAEDALUS_STATUS_UNSUPPORTED or DAEDALUS_STATUS_MISMATCH
 *
 * Return: NULL if it can, else one phrase that says why not.
 */
const char *h264_sps_check(const struct v4l2_ctrl_h264_sps *sps, enum daedalus_status *status);

/**
 * h264_pps_check() - can a picture with this PPS be decoded?
 * @scaling:	scaling matrix of the picture; NULL if the request has none
 * @status:	as for h264_sps_check()
 *
 * Return: as h264_sps_check().
 */
const char *h264_pps_check(const struct v4l2_ctrl_h264_pps *pps,
			   const struct v4l2_ctrl_h264_scaling_matrix *scaling,
			   enum daedalus_status *status);

/**
 * h264_write_sps() - seq_parameter_set_rbsp() of 7.3.2.1.1 as a NAL unit with start code
 * @sps:	passed h264_sps_check()
 * @data:	H264_PARAMS_BYTES of room
 *
 * Return: bytes written.
 */
size_t h264_write_sps(const struct v4l2_ctrl_h264_sps *sps, uint8_t *data);

/**
 * h264_write_pps() - pic_parameter_set_rbsp() of 7.3.2.2 as a NAL unit with start code
 * @pps:	passed h264_pps_check() with @scaling
 * @scaling:	used if @pps has V4L2_H264_PPS_FLAG_SCALING_MATRIX_PRESENT
 * @data:	H264_PARAMS_BYTES of room
 *
 * Return: bytes written.
 */
size_t h264_write_pps(const struct v4l2_ctrl_h264_pps *pps,
		      const struct v4l2_ctrl_h264_scaling_matrix *scaling, uint8_t *data);

/**
 * h264_write_nal() - write a NAL unit: start code, header, RBSP with emulation prevention (7.3.1)
 * @data:	room for 5 bytes and one and a half times the RBSP
 * @ref_idc:	nal_ref_idc
 * @type:	nal_unit_type
 * @rbsp:	trailing bits included
 *
 * Return: bytes written.
 */
size_t h264_write_nal(uint8_t *data, unsigned int ref_idc, unsigned int type,
		      const struct bit_writer *rbsp);

#endif /* DAEDALUS_H264_PARAMS_H */
