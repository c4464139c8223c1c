/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Writes NAL units of H.264 element by element, as the tables of clause 7.3 list
 * them, and reads them with the parser library.
 */
#ifndef H264_NAL_H
#define H264_NAL_H

#include <string.h>

#include "h264/gstdaedalush264dpb.h"

#define NAL_BYTES 2048

/* Bits of an RBSP. */
typedef struct
{
  guint8 data[NAL_BYTES];
  gsize bits;
} Rbsp;

/* u(n) */
static inline void
put_u (Rbsp * to, guint value, guint bits)
{
  while (bits--) {
    g_assert (to->bits < 8 * sizeof (to->data));
    if (value >> bits & 1)
      to->data[to->bits / 8] |= 0x80 >> to->bits % 8;
    to->bits++;
  }
}

/* ue(v) */
static inline void
put_ue (Rbsp * to, guint value)
{
  guint length = g_bit_storage (value + 1);

  put_u (to, 0, length - 1);
  put_u (to, value + 1, length);
}

/* se(v) */
static inline void
put_se (Rbsp * to, gint value)
{
  put_ue (to, value > 0 ? 2 * value - 1 : -2 * value);
}

/* Adds rbsp_trailing_bits(), the header and emulation prevention bytes, 7.4.1.
 * Returns: bytes of @nal, which begins with a start code */
static inline gsize
finish_nal (Rbsp * rbsp, guint ref_idc, guint type, guint8 * nal)
{
  gsize i, size = 5;
  guint zeros = 0;

  put_u (rbsp, 1, 1);
  while (rbsp->bits % 8)
    put_u (rbsp, 0, 1);
  memcpy (nal, "\0\0\0\1", 4);
  nal[4] = ref_idc << 5 | type;
  for (i = 0; i < rbsp->bits / 8; i++) {
    if (zeros == 2 && rbsp->data[i] <= 3) {
      nal[size++] = 3;
      zeros = 0;
    }
    zeros = rbsp->data[i] ? 0 : zeros + 1;
    nal[size++] = rbsp->data[i];
  }
  g_assert (size <= NAL_BYTES);
  return size;
}

/* What precedes the VUI's presence flag in an SPS; zeros are Baseline, 16x16. */
typedef struct
{
  guint profile_idc;
  guint constraints;            /* constraint_set0_flag is bit 7 */
  guint level_idc;
  guint id;
  guint chroma_format_idc;      /* this and the next three: from High on */
  guint bit_depth_luma_minus8;
  guint bit_depth_chroma_minus8;
  gboolean transform_bypass;
  void (*put_scaling_lists) (Rbsp * to);        /* NULL: no matrix */
  guint log2_max_frame_num_minus4;
  guint pic_order_cnt_type;
  guint log2_max_pic_order_cnt_lsb_minus4;
  guint max_num_ref_frames;
  guint width_mbs;
  guint height_map_units;
  gboolean fields;              /* !frame_mbs_only_flag */
  gboolean mbaff;
  gboolean cropping;
  guint crop[4];                /* left, right, top, bottom */
  void (*put_vui) (Rbsp * to);  /* NULL: none */
} SpsSpec;

/* 7.3.2.1.1 */
static inline gsize
write_sps (const SpsSpec * spec, guint8 * nal)
{
  Rbsp to = { {0}, 0 };
  guint i;

  put_u (&to, spec->profile_idc, 8);
  put_u (&to, spec->constraints, 8);
  put_u (&to, spec->level_idc, 8);
  put_ue (&to, spec->id);
  if (spec->profile_idc != 66 && spec->profile_idc != 77
      && spec->profile_idc != 88) {
    put_ue (&to, spec->chroma_format_idc);
    if (spec->chroma_format_idc == 3)
      put_u (&to, 0, 1);
    put_ue (&to, spec->bit_depth_luma_minus8);
    put_ue (&to, spec->bit_depth_chroma_minus8);
    put_u (&to, spec->transform_bypass, 1);
    put_u (&to, spec->put_scaling_lists != NULL, 1);
    if (spec->put_scaling_lists)
      spec->put_scaling_lists (&to);
  }
  put_ue (&to, spec->log2_max_frame_num_minus4);
  put_ue (&to, spec->pic_order_cnt_type);
  if (spec->pic_order_cnt_type == 0) {
    put_ue (&to, spec->log2_max_pic_order_cnt_lsb_minus4);
  } else if (spec->pic_order_cnt_type == 1) {
    put_u (&to, 0, 1);          /* delta_pic_order_always_zero_flag */
    put_se (&to, -3);           /* offset_for_non_ref_pic */
    put_se (&to, 5);            /* offset_for_top_to_bottom_field */
    put_ue (&to, 2);            /* num_ref_frames_in_pic_order_cnt_cycle */
    put_se (&to, -70000);
    put_se (&to, 4);
  }
  put_ue (&to, spec->max_num_ref_frames);
  put_u (&to, 0, 1);            /* gaps_in_frame_num_value_allowed_flag */
  put_ue (&to, spec->width_mbs ? spec->width_mbs - 1 : 0);
  put_ue (&to, spec->height_map_units ? spec->height_map_units - 1 : 0);
  put_u (&to, !spec->fields, 1);
  if (spec->fields)
    put_u (&to, spec->mbaff, 1);
  put_u (&to, 1, 1);            /* direct_8x8_inference_flag */
  put_u (&to, spec->cropping, 1);
  for (i = 0; spec->cropping && i < 4; i++)
    put_ue (&to, spec->crop[i]);
  put_u (&to, spec->put_vui != NULL, 1);
  if (spec->put_vui)
    spec->put_vui (&to);
  return finish_nal (&to, 3, GST_H264_NAL_SPS, nal);
}

/* A PPS with the elements of the extension if @extension. */
typedef struct
{
  guint id;
  guint sps_id;
  gboolean cabac;
  gboolean pic_order_present;
  guint num_slice_groups_minus1;        /* of type 0, with one macroblock each */
  guint num_ref_idx_default_active_minus1[2];
  gboolean weighted_pred;
  guint weighted_bipred_idc;
  gint pic_init_qp_minus26;
  gint pic_init_qs_minus26;
  gint chroma_qp_index_offset;
  gboolean deblocking_control;
  gboolean constrained_intra_pred;
  gboolean redundant_pic_cnt;
  gboolean extension;
  gboolean transform_8x8;
  void (*put_scaling_lists) (Rbsp * to);        /* NULL: no matrix */
  gint second_chroma_qp_index_offset;
} PpsSpec;

/* 7.3.2.2 */
static inline gsize
write_pps (const PpsSpec * spec, guint8 * nal)
{
  Rbsp to = { {0}, 0 };
  guint i;

  put_ue (&to, spec->id);
  put_ue (&to, spec->sps_id);
  put_u (&to, spec->cabac, 1);
  put_u (&to, spec->pic_order_present, 1);
  put_ue (&to, spec->num_slice_groups_minus1);
  if (spec->num_slice_groups_minus1) {
    put_ue (&to, 0);            /* slice_group_map_type */
    for (i = 0; i <= spec->num_slice_groups_minus1; i++)
      put_ue (&to, 0);          /* run_length_minus1 */
  }
  put_ue (&to, spec->num_ref_idx_default_active_minus1[0]);
  put_ue (&to, spec->num_ref_idx_default_active_minus1[1]);
  put_u (&to, spec->weighted_pred, 1);
  put_u (&to, spec->weighted_bipred_idc, 2);
  put_se (&to, spec->pic_init_qp_minus26);
  put_se (&to, spec->pic_init_qs_minus26);
  put_se (&to, spec->chroma_qp_index_offset);
  put_u (&to, spec->deblocking_control, 1);
  put_u (&to, spec->constrained_intra_pred, 1);
  put_u (&to, spec->redundant_pic_cnt, 1);
  if (spec->extension) {
    put_u (&to, spec->transform_8x8, 1);
    put_u (&to, spec->put_scaling_lists != NULL, 1);
    if (spec->put_scaling_lists)
      spec->put_scaling_lists (&to);
    put_se (&to, spec->second_chroma_qp_index_offset);
  }
  return finish_nal (&to, 3, GST_H264_NAL_PPS, nal);
}

static inline void
identify_nal (GstH264NalParser * parser, const guint8 * nal, gsize size,
    GstH264NalUnit * nalu)
{
  /* without a next start code it is not known to be complete */
  GstH264ParserResult result =
      gst_h264_parser_identify_nalu (parser, nal, 0, size, nalu);

  g_assert (result == GST_H264_PARSER_OK || result == GST_H264_PARSER_NO_NAL_END);
}

/* Reads an SPS of ours; the parser knows it then. */
static inline void
parse_sps (GstH264NalParser * parser, const SpsSpec * spec, GstH264SPS * sps)
{
  guint8 nal[NAL_BYTES];
  GstH264NalUnit nalu;

  identify_nal (parser, nal, write_sps (spec, nal), &nalu);
  g_assert_cmpint (gst_h264_parser_parse_sps (parser, &nalu, sps), ==,
      GST_H264_PARSER_OK);
}

/* Reads a PPS of ours, after its SPS. */
static inline void
parse_pps (GstH264NalParser * parser, const PpsSpec * spec, GstH264PPS * pps)
{
  guint8 nal[NAL_BYTES];
  GstH264NalUnit nalu;

  identify_nal (parser, nal, write_pps (spec, nal), &nalu);
  g_assert_cmpint (gst_h264_parser_parse_pps (parser, &nalu, pps), ==,
      GST_H264_PARSER_OK);
}

#endif
