/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/gstdaedaluserror.h"
#include "gstdaedalusav1bits.h"
#include "gstdaedalusav1seq.h"

#include <string.h>

#define CP_BT_709 1
#define TC_SRGB 13
#define MC_IDENTITY 0

#define MAX_FRAME_ID_LENGTH 16

static gboolean
bad (GError **error, const gchar *what, guint value)
{
  g_set_error (error, GST_DAEDALUS_ERROR, GST_DAEDALUS_ERROR_FRAME,
      "An AV1 sequence header is damaged: %s is %u.", what, value);
  return FALSE;
}

static void
read_flag (GstDaedalusAv1Bits *b, GstDaedalusAv1Sequence *seq, guint32 flag)
{
  if (gst_daedalus_av1_bits_f (b, 1))
    seq->control.flags |= flag;
}

static void
read_timing_info (GstDaedalusAv1Bits *b, GstDaedalusAv1Sequence *seq,
    guint *buffer_delay_length)
{
  gst_daedalus_av1_bits_f (b, 32);      /* num_units_in_display_tick */
  gst_daedalus_av1_bits_f (b, 32);      /* time_scale */
  seq->equal_picture_interval = gst_daedalus_av1_bits_f (b, 1);
  if (seq->equal_picture_interval)
    gst_daedalus_av1_bits_uvlc (b);     /* num_ticks_per_picture_minus_1 */
  seq->decoder_model_info_present = gst_daedalus_av1_bits_f (b, 1);
  if (!seq->decoder_model_info_present)
    return;
  *buffer_delay_length = gst_daedalus_av1_bits_f (b, 5) + 1;
  gst_daedalus_av1_bits_f (b, 32);      /* num_units_in_decoding_tick */
  seq->buffer_removal_time_length = gst_daedalus_av1_bits_f (b, 5) + 1;
  seq->frame_presentation_time_length = gst_daedalus_av1_bits_f (b, 5) + 1;
}

/* Levels, tiers and the parameters of the decoder model do not matter here. */
static void
read_operating_points (GstDaedalusAv1Bits *b, GstDaedalusAv1Sequence *seq)
{
  gboolean initial_display_delay_present;
  guint buffer_delay_length = 0, i;

  if (gst_daedalus_av1_bits_f (b, 1))
    read_timing_info (b, seq, &buffer_delay_length);
  initial_display_delay_present = gst_daedalus_av1_bits_f (b, 1);
  seq->operating_points_cnt = gst_daedalus_av1_bits_f (b, 5) + 1;
  for (i = 0; i < seq->operating_points_cnt; i++) {
    seq->operating_point_idc[i] = gst_daedalus_av1_bits_f (b, 12);
    if (gst_daedalus_av1_bits_f (b, 5) > 7)
      gst_daedalus_av1_bits_f (b, 1);   /* seq_tier */
    if (seq->decoder_model_info_present)
      seq->decoder_model_present[i] = gst_daedalus_av1_bits_f (b, 1);
    if (seq->decoder_model_present[i]) {
      gst_daedalus_av1_bits_f (b, buffer_delay_length);
      gst_daedalus_av1_bits_f (b, buffer_delay_length);
      gst_daedalus_av1_bits_f (b, 1);   /* low_delay_mode_flag */
    }
    if (initial_display_delay_present && gst_daedalus_av1_bits_f (b, 1))
      gst_daedalus_av1_bits_f (b, 4);
  }
}

static void
read_inter_tools (GstDaedalusAv1Bits *b, GstDaedalusAv1Sequence *seq)
{
  read_flag (b, seq, V4L2_AV1_SEQUENCE_FLAG_ENABLE_INTERINTRA_COMPOUND);
  read_flag (b, seq, V4L2_AV1_SEQUENCE_FLAG_ENABLE_MASKED_COMPOUND);
  read_flag (b, seq, V4L2_AV1_SEQUENCE_FLAG_ENABLE_WARPED_MOTION);
  read_flag (b, seq, V4L2_AV1_SEQUENCE_FLAG_ENABLE_DUAL_FILTER);
  read_flag (b, seq, V4L2_AV1_SEQUENCE_FLAG_ENABLE_ORDER_HINT);
  if (gst_daedalus_av1_sequence_has (seq,
          V4L2_AV1_SEQUENCE_FLAG_ENABLE_ORDER_HINT)) {
    read_flag (b, seq, V4L2_AV1_SEQUENCE_FLAG_ENABLE_JNT_COMP);
    read_flag (b, seq, V4L2_AV1_SEQUENCE_FLAG_ENABLE_REF_FRAME_MVS);
  }
  /* seq_choose_screen_content_tools, seq_choose_integer_mv */
  if (!gst_daedalus_av1_bits_f (b, 1))
    seq->seq_force_screen_content_tools = gst_daedalus_av1_bits_f (b, 1);
  if (seq->seq_force_screen_content_tools > 0
      && !gst_daedalus_av1_bits_f (b, 1))
    seq->seq_force_integer_mv = gst_daedalus_av1_bits_f (b, 1);
  if (gst_daedalus_av1_sequence_has (seq,
          V4L2_AV1_SEQUENCE_FLAG_ENABLE_ORDER_HINT))
    seq->control.order_hint_bits = gst_daedalus_av1_bits_f (b, 3) + 1;
}

static void
set_subsampling (GstDaedalusAv1Sequence *seq, gboolean x, gboolean y)
{
  if (x)
    seq->control.flags |= V4L2_AV1_SEQUENCE_FLAG_SUBSAMPLING_X;
  if (y)
    seq->control.flags |= V4L2_AV1_SEQUENCE_FLAG_SUBSAMPLING_Y;
}

static void
read_subsampling (GstDaedalusAv1Bits *b, GstDaedalusAv1Sequence *seq)
{
  gboolean x, y;

  if (seq->control.seq_profile == 0) {
    set_subsampling (seq, TRUE, TRUE);
  } else if (seq->control.seq_profile == 2) {
    x = seq->control.bit_depth < 12 || gst_daedalus_av1_bits_f (b, 1);
    y = seq->control.bit_depth == 12 && x && gst_daedalus_av1_bits_f (b, 1);
    set_subsampling (seq, x, y);
  }
}

static void
read_color_config (GstDaedalusAv1Bits *b, GstDaedalusAv1Sequence *seq)
{
  gboolean high_bitdepth = gst_daedalus_av1_bits_f (b, 1);

  seq->control.bit_depth = high_bitdepth ? 10 : 8;
  if (seq->control.seq_profile == 2 && high_bitdepth
      && gst_daedalus_av1_bits_f (b, 1))
    seq->control.bit_depth = 12;
  if (seq->control.seq_profile != 1)
    read_flag (b, seq, V4L2_AV1_SEQUENCE_FLAG_MONO_CHROME);

  seq->color_primaries = GST_DAEDALUS_AV1_COLOR_UNSPECIFIED;
  seq->transfer_characteristics = GST_DAEDALUS_AV1_COLOR_UNSPECIFIED;
  seq->matrix_coefficients = GST_DAEDALUS_AV1_COLOR_UNSPECIFIED;
  if (gst_daedalus_av1_bits_f (b, 1)) {
    seq->color_primaries = gst_daedalus_av1_bits_f (b, 8);
    seq->transfer_characteristics = gst_daedalus_av1_bits_f (b, 8);
    seq->matrix_coefficients = gst_daedalus_av1_bits_f (b, 8);
  }

  if (gst_daedalus_av1_sequence_has (seq, V4L2_AV1_SEQUENCE_FLAG_MONO_CHROME)) {
    read_flag (b, seq, V4L2_AV1_SEQUENCE_FLAG_COLOR_RANGE);
    set_subsampling (seq, TRUE, TRUE);
    return;
  }
  if (seq->color_primaries == CP_BT_709
      && seq->transfer_characteristics == TC_SRGB
      && seq->matrix_coefficients == MC_IDENTITY) {
    seq->control.flags |= V4L2_AV1_SEQUENCE_FLAG_COLOR_RANGE;
  } else {
    read_flag (b, seq, V4L2_AV1_SEQUENCE_FLAG_COLOR_RANGE);
    read_subsampling (b, seq);
    if (gst_daedalus_av1_sequence_has (seq,
            V4L2_AV1_SEQUENCE_FLAG_SUBSAMPLING_X)
        && gst_daedalus_av1_sequence_has (seq,
            V4L2_AV1_SEQUENCE_FLAG_SUBSAMPLING_Y))
      seq->chroma_sample_position = gst_daedalus_av1_bits_f (b, 2);
  }
  read_flag (b, seq, V4L2_AV1_SEQUENCE_FLAG_SEPARATE_UV_DELTA_Q);
}

/**
 * gst_daedalus_av1_sequence_parse:
 * @seq: filled
 * @data: payload of an OBU_SEQUENCE_HEADER
 * @size: bytes of @data
 * @error: set on failure
 *
 * sequence_header_obu() of section 5.5.1.
 *
 * Returns: %FALSE with %GST_DAEDALUS_ERROR_FRAME if it is damaged
 */
gboolean
gst_daedalus_av1_sequence_parse (GstDaedalusAv1Sequence *seq,
    const guint8 *data, gsize size, GError **error)
{
  GstDaedalusAv1Bits bits, *b = &bits;

  memset (seq, 0, sizeof (*seq));
  seq->seq_force_screen_content_tools = GST_DAEDALUS_AV1_SELECT;
  seq->seq_force_integer_mv = GST_DAEDALUS_AV1_SELECT;
  seq->operating_points_cnt = 1;

  gst_daedalus_av1_bits_init (b, data, size);
  seq->control.seq_profile = gst_daedalus_av1_bits_f (b, 3);
  if (seq->control.seq_profile > 2)
    return bad (error, "seq_profile", seq->control.seq_profile);
  read_flag (b, seq, V4L2_AV1_SEQUENCE_FLAG_STILL_PICTURE);
  seq->reduced_still_picture_header = gst_daedalus_av1_bits_f (b, 1);
  if (seq->reduced_still_picture_header)
    gst_daedalus_av1_bits_f (b, 5);     /* seq_level_idx[0] */
  else
    read_operating_points (b, seq);

  seq->frame_width_bits = gst_daedalus_av1_bits_f (b, 4) + 1;
  seq->frame_height_bits = gst_daedalus_av1_bits_f (b, 4) + 1;
  seq->control.max_frame_width_minus_1 =
      gst_daedalus_av1_bits_f (b, seq->frame_width_bits);
  seq->control.max_frame_height_minus_1 =
      gst_daedalus_av1_bits_f (b, seq->frame_height_bits);
  if (!seq->reduced_still_picture_header && gst_daedalus_av1_bits_f (b, 1)) {
    seq->delta_frame_id_length = gst_daedalus_av1_bits_f (b, 4) + 2;
    seq->frame_id_length =
        gst_daedalus_av1_bits_f (b, 3) + seq->delta_frame_id_length + 1;
    if (seq->frame_id_length > MAX_FRAME_ID_LENGTH)
      return bad (error, "the length of frame ids", seq->frame_id_length);
  }

  read_flag (b, seq, V4L2_AV1_SEQUENCE_FLAG_USE_128X128_SUPERBLOCK);
  read_flag (b, seq, V4L2_AV1_SEQUENCE_FLAG_ENABLE_FILTER_INTRA);
  read_flag (b, seq, V4L2_AV1_SEQUENCE_FLAG_ENABLE_INTRA_EDGE_FILTER);
  if (!seq->reduced_still_picture_header)
    read_inter_tools (b, seq);
  read_flag (b, seq, V4L2_AV1_SEQUENCE_FLAG_ENABLE_SUPERRES);
  read_flag (b, seq, V4L2_AV1_SEQUENCE_FLAG_ENABLE_CDEF);
  read_flag (b, seq, V4L2_AV1_SEQUENCE_FLAG_ENABLE_RESTORATION);
  read_color_config (b, seq);
  read_flag (b, seq, V4L2_AV1_SEQUENCE_FLAG_FILM_GRAIN_PARAMS_PRESENT);
  if (!b->overrun)
    return TRUE;
  g_set_error (error, GST_DAEDALUS_ERROR, GST_DAEDALUS_ERROR_FRAME,
      "An AV1 sequence header is truncated after %" G_GSIZE_FORMAT " bytes.",
      size);
  return FALSE;
}

/**
 * gst_daedalus_av1_sequence_has:
 * @seq: the sequence header
 * @flag: of V4L2_AV1_SEQUENCE_FLAG_*
 *
 * Returns: whether @flag is set
 */
gboolean
gst_daedalus_av1_sequence_has (const GstDaedalusAv1Sequence *seq, guint32 flag)
{
  return (seq->control.flags & flag) != 0;
}

/**
 * gst_daedalus_av1_supported:
 * @profile: 0..2
 * @bit_depth: bits of a sample
 * @subsampling_x: chroma has half the width, or there is none
 * @subsampling_y: chroma has half the height, or there is none
 * @error: set if it is not supported
 *
 * Returns: %FALSE with %GST_DAEDALUS_ERROR_UNSUPPORTED for anything but 4:2:0
 *   and monochrome with 8 or 10 bits
 */
gboolean
gst_daedalus_av1_supported (guint profile, guint bit_depth,
    gboolean subsampling_x, gboolean subsampling_y, GError **error)
{
  static const gchar *const profiles[] = { "Main", "High", "Professional" };
  static const gchar *const chroma[2][2] = {
    {"4:4:4", "4:4:0"}, {"4:2:2", "4:2:0"}
  };

  if (subsampling_x && subsampling_y && bit_depth <= 10)
    return TRUE;
  g_set_error (error, GST_DAEDALUS_ERROR, GST_DAEDALUS_ERROR_UNSUPPORTED,
      "AV1 %s profile %s with %u bits is not supported, only 4:2:0 and "
      "monochrome with 8 or 10 bits are; use another decoder, such as dav1ddec "
      "or av1dec.", profiles[MIN (profile, 2)],
      chroma[!!subsampling_x][!!subsampling_y], bit_depth);
  return FALSE;
}
