/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The parameter sets of an H.264 stream (ITU-T H.264 7.4.1.2.1). Their NAL
 * units are stored, so a PPS may come before its SPS, and both may be
 * replaced.
 */
#ifndef GST_DAEDALUS_H264_PARAMS_H
#define GST_DAEDALUS_H264_PARAMS_H

#include <glib.h>

#include <gst/codecparsers/gsth264parser.h>

G_BEGIN_DECLS

/**
 * GstDaedalusH264Params:
 * @parser: has the parsed parameter sets; parses slice headers and SEI
 * @sps: (nullable): NAL unit of each seq_parameter_set_id
 * @pps: (nullable): NAL unit of each pic_parameter_set_id
 * @sps_serial: for each SPS, grows when its content changes
 */
typedef struct
{
  GstH264NalParser *parser;
  GBytes *sps[GST_H264_MAX_SPS_COUNT];
  GBytes *pps[GST_H264_MAX_PPS_COUNT];
  guint sps_serial[GST_H264_MAX_SPS_COUNT];
} GstDaedalusH264Params;

void gst_daedalus_h264_params_init (GstDaedalusH264Params * params);
void gst_daedalus_h264_params_clear (GstDaedalusH264Params * params);
gboolean gst_daedalus_h264_params_add_sps (GstDaedalusH264Params * params,
    GstH264NalUnit * nalu, GError ** error);
gboolean gst_daedalus_h264_params_add_pps (GstDaedalusH264Params * params,
    GstH264NalUnit * nalu, GError ** error);
gboolean gst_daedalus_h264_params_parse_slice (GstDaedalusH264Params * params,
    GstH264NalUnit * nalu, GstH264SliceHdr * slice, GError ** error);

G_END_DECLS
#endif
