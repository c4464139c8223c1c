/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/gstdaedaluserror.h"
#include "gstdaedalusav1seq.h"

#include <string.h>

#define MAX_FRAME_ID_LENGTH 16

/* Bit n: seq_level_idx may be n, annex A.3 */
#define LEVELS 0x800ff333u

/* Bytes of an OBU that are parsed; a sequence header is much shorter. */
#define MAX_SIZE 1024
/* If an OBU ends within the operating points, GstAV1Parser reads beyond its
 * end: up to 31 operating points of 89 bits each. Such an OBU is refused
 * afterwards. */
#define PADDING 512

/* Sets an error that tells why GstAV1Parser refused the header, if that is
 * known. */
static gboolean
fail (GError **error, const GstAV1SequenceHeaderOBU *seq)
{
  const guint id_length = seq->delta_frame_id_length_minus_2 + 2
      + seq->additional_frame_id_length_minus_1 + 1;
  const gchar *what = NULL;
  guint value = 0, i;

  for (i = 0; i <= seq->operating_points_cnt_minus_1; i++) {
    value = seq->operating_points[i].seq_level_idx;
    if (!(LEVELS >> value & 1)) {
      what = "seq_level_idx";
      break;
    }
  }
  if (seq->seq_profile > GST_AV1_PROFILE_2) {
    what = "seq_profile";
    value = seq->seq_profile;
  } else if (id_length > MAX_FRAME_ID_LENGTH) {
    what = "the length of frame ids";
    value = id_length;
  }
  if (what)
    return gst_daedalus_failed (error, FRAME,
        "An AV1 sequence header is damaged: %s is %u.", what, value);
  return gst_daedalus_failed (error, FRAME,
      "An AV1 sequence header is damaged: GstAV1Parser refuses it.");
}

/**
 * gst_daedalus_av1_sequence_parse:
 * @seq: (out): the parsed header
 * @data: payload of an OBU_SEQUENCE_HEADER
 * @size: bytes of @data
 * @error: set on failure
 *
 * Parses sequence_header_obu() of section 5.5.1. GstAV1Parser before 1.26.5
 * refuses the ten values of seq_level_idx below 24 that are not defined yet: 2,
 * 3, 6, 7, 10, 11 and 20 to 23.
 *
 * Returns: %FALSE with %GST_DAEDALUS_ERROR_FRAME if the header is damaged
 */
gboolean
gst_daedalus_av1_sequence_parse (GstAV1SequenceHeaderOBU *seq,
    const guint8 *data, gsize size, GError **error)
{
  guint8 copy[MAX_SIZE + PADDING] = { 0 };
  GstAV1OBU obu = {
    .obu_type = GST_AV1_OBU_SEQUENCE_HEADER,
    .data = copy,.obu_size = MIN (size, MAX_SIZE)
  };
  /* A new parser each time, because it keeps hidden state of earlier
   * headers. */
  GstAV1Parser *parser = gst_av1_parser_new ();
  GstAV1ParserResult result;

  if (obu.obu_size)
    memcpy (copy, data, obu.obu_size);
  result = gst_av1_parser_parse_sequence_header_obu (parser, &obu, seq);
  gst_av1_parser_free (parser);
  if (result == GST_AV1_PARSER_NO_MORE_DATA)
    return gst_daedalus_failed (error, FRAME,
        "An AV1 sequence header is truncated after %" G_GSIZE_FORMAT " bytes.",
        size);
  return result == GST_AV1_PARSER_OK || fail (error, seq);
}

/**
 * gst_daedalus_av1_sequence_equal:
 * @a: a sequence header
 * @b: another
 *
 * Returns: whether both belong to one coded video sequence, in which only
 *   operating_parameters_info() may differ (section 7.5)
 */
gboolean
gst_daedalus_av1_sequence_equal (const GstAV1SequenceHeaderOBU *a,
    const GstAV1SequenceHeaderOBU *b)
{
  GstAV1SequenceHeaderOBU copy;
  guint i;

  /* memcmp() is valid, because the parser clears the padding between fields. */
  memcpy (&copy, a, sizeof (copy));
  for (i = 0; i < G_N_ELEMENTS (copy.operating_points); i++) {
    GstAV1OperatingPoint *op = &copy.operating_points[i];

    op->decoder_buffer_delay = b->operating_points[i].decoder_buffer_delay;
    op->encoder_buffer_delay = b->operating_points[i].encoder_buffer_delay;
    op->low_delay_mode_flag = b->operating_points[i].low_delay_mode_flag;
  }
  return !memcmp (&copy, b, sizeof (copy));
}

/**
 * gst_daedalus_av1_supported:
 * @profile: 0..2
 * @bit_depth: bits per sample
 * @subsampling_x: chroma has half the width, or the stream is monochrome
 * @subsampling_y: chroma has half the height, or the stream is monochrome
 * @error: set if the stream is not supported
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
  return gst_daedalus_failed (error, UNSUPPORTED,
      "AV1 %s profile %s with %u bits is not supported, only 4:2:0 and "
      "monochrome with 8 or 10 bits are; use another decoder, such as dav1ddec "
      "or av1dec.", profiles[MIN (profile, 2)],
      chroma[!!subsampling_x][!!subsampling_y], bit_depth);
}
