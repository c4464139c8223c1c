/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The sequence header of AV1. Names are those of section 5.5 of "AV1 Bitstream
 * & Decoding Process Specification".
 */
#ifndef GST_DAEDALUS_AV1_SEQ_H
#define GST_DAEDALUS_AV1_SEQ_H

#include <glib.h>
#include <linux/v4l2-controls.h>

G_BEGIN_DECLS

#define GST_DAEDALUS_AV1_MAX_OPERATING_POINTS 32

/* seq_force_screen_content_tools, seq_force_integer_mv: each frame says */
#define GST_DAEDALUS_AV1_SELECT 2

/* chroma_sample_position, section 6.4.2 */
#define GST_DAEDALUS_AV1_CSP_VERTICAL 1
#define GST_DAEDALUS_AV1_CSP_COLOCATED 2

/* "unspecified" of color_primaries and of the other two */
#define GST_DAEDALUS_AV1_COLOR_UNSPECIFIED 2

/**
 * GstDaedalusAv1Sequence:
 * @control: V4L2_CID_STATELESS_AV1_SEQUENCE
 * @reduced_still_picture_header: flag of the bitstream
 * @equal_picture_interval: flag of timing_info()
 * @decoder_model_info_present: decoder_model_info_present_flag
 * @buffer_removal_time_length: bits, 1..32
 * @frame_presentation_time_length: bits, 1..32
 * @operating_points_cnt: 1..32
 * @operating_point_idc: layers of each operating point: bit n is temporal layer
 *   n, bit 8 + n spatial layer n; 0 for all there are
 * @decoder_model_present: decoder_model_present_for_this_op of each
 * @frame_width_bits: 1..16
 * @frame_height_bits: 1..16
 * @frame_id_length: bits of frame ids, 0 without frame_id_numbers_present_flag
 * @delta_frame_id_length: bits
 * @seq_force_screen_content_tools: 0, 1 or %GST_DAEDALUS_AV1_SELECT
 * @seq_force_integer_mv: 0, 1 or %GST_DAEDALUS_AV1_SELECT
 * @color_primaries: ISO/IEC 23091-4
 * @transfer_characteristics: ISO/IEC 23091-4
 * @matrix_coefficients: ISO/IEC 23091-4
 * @chroma_sample_position: 0 if not known
 *
 * What stays the same in a coded video sequence. Two of them can be compared
 * with memcmp().
 */
typedef struct
{
  struct v4l2_ctrl_av1_sequence control;
  gboolean reduced_still_picture_header;
  gboolean equal_picture_interval;
  gboolean decoder_model_info_present;
  guint buffer_removal_time_length;
  guint frame_presentation_time_length;
  guint operating_points_cnt;
  guint16 operating_point_idc[GST_DAEDALUS_AV1_MAX_OPERATING_POINTS];
  gboolean decoder_model_present[GST_DAEDALUS_AV1_MAX_OPERATING_POINTS];
  guint frame_width_bits;
  guint frame_height_bits;
  guint frame_id_length;
  guint delta_frame_id_length;
  guint seq_force_screen_content_tools;
  guint seq_force_integer_mv;
  guint8 color_primaries;
  guint8 transfer_characteristics;
  guint8 matrix_coefficients;
  guint8 chroma_sample_position;
} GstDaedalusAv1Sequence;

gboolean gst_daedalus_av1_sequence_parse (GstDaedalusAv1Sequence * seq,
    const guint8 * data, gsize size, GError ** error);
gboolean gst_daedalus_av1_sequence_has (const GstDaedalusAv1Sequence * seq,
    guint32 flag);
gboolean gst_daedalus_av1_supported (guint profile, guint bit_depth,
    gboolean subsampling_x, gboolean subsampling_y, GError ** error);

G_END_DECLS
#endif
