/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* OBUs of AV1, sequence headers, and the description of pictures from them. */
#include <gst/check/gstcheck.h>

#include "av1_writer.h"
#include "av1/gstdaedalusav1controls.h"
#include "av1/gstdaedalusav1info.h"
#include "core/gstdaedaluserror.h"

#define LAYER(temporal, spatial) ((temporal) << 5 | (spatial) << 3)

static GByteArray *
bytes (const gchar *text)
{
  GByteArray *array = g_byte_array_new ();

  g_byte_array_append (array, (const guint8 *) text, strlen (text));
  return array;
}

static gboolean
next (GstDaedalusAv1ObuReader *reader, guint type, const gchar *payload)
{
  GstDaedalusAv1Obu obu;
  GError *error = NULL;

  fail_unless (gst_daedalus_av1_obu_next (reader, &obu, &error), "%s",
      error ? error->message : "end");
  return obu.type == type && obu.size == strlen (payload)
      && !memcmp (obu.data, payload, obu.size);
}

/* The rest of @reader is damaged, and the error is reported only once. */
static void
fail_next (GstDaedalusAv1ObuReader *reader, const gchar *what)
{
  GstDaedalusAv1Obu obu;
  GError *error = NULL;

  fail_if (gst_daedalus_av1_obu_next (reader, &obu, &error));
  fail_unless (g_error_matches (error, GST_DAEDALUS_ERROR,
          GST_DAEDALUS_ERROR_FRAME));
  fail_unless (strstr (error->message, what), "%s", error->message);
  g_error_free (error);
}

static void
fail_end (GstDaedalusAv1ObuReader *reader)
{
  GstDaedalusAv1Obu obu;
  GError *error = NULL;

  fail_if (gst_daedalus_av1_obu_next (reader, &obu, &error));
  fail_unless (error == NULL);
}

GST_START_TEST (test_section5)
{
  GByteArray *data = g_byte_array_new ();
  gchar long_payload[301];
  GstDaedalusAv1ObuReader r;
  GstDaedalusAv1Obu obu;

  memset (long_payload, 'x', 300);
  long_payload[300] = 0;
  av1_append (data, GST_AV1_OBU_TEMPORAL_DELIMITER, -1, bytes (""));
  av1_append (data, GST_AV1_OBU_METADATA, -1, bytes (long_payload));
  av1_append (data, GST_AV1_OBU_FRAME, LAYER (5, 2), bytes ("frame"));
  /* the last one may have no size; its reserved bit is to be ignored */
  g_byte_array_append (data, (const guint8 *) "\x79tail", 5);

  gst_daedalus_av1_obu_reader_init (&r, data->data, data->len, FALSE);
  fail_unless (next (&r, GST_AV1_OBU_TEMPORAL_DELIMITER, ""));
  fail_unless (next (&r, GST_AV1_OBU_METADATA, long_payload));
  fail_unless (gst_daedalus_av1_obu_next (&r, &obu, NULL));
  fail_unless (obu.has_extension);
  fail_unless_equals_int (obu.temporal_id, 5);
  fail_unless_equals_int (obu.spatial_id, 2);
  fail_unless (next (&r, GST_AV1_OBU_PADDING, "tail"));
  fail_end (&r);
  fail_end (&r);

  gst_daedalus_av1_obu_reader_init (&r, NULL, 0, FALSE);
  fail_end (&r);
  g_byte_array_unref (data);
}

GST_END_TEST;

GST_START_TEST (test_annexb)
{
  /* two temporal units; the first has an empty frame unit and an empty OBU, the
   * second an OBU with a size of its own */
  static const guint8 data[] = {
    12, 0, 3, 2, 0x10, 'a', 6, 0, 4, 0x34, 0x40, 'b', 'c',
    0, 6, 5, 4, 0x12, 2, 'd', 'e'
  };
  GstDaedalusAv1ObuReader r;
  guint8 *copy;
  gsize size;

  gst_daedalus_av1_obu_reader_init (&r, data, sizeof (data), TRUE);
  fail_unless (next (&r, GST_AV1_OBU_TEMPORAL_DELIMITER, "a"));
  fail_unless (next (&r, GST_AV1_OBU_FRAME, "bc"));
  fail_unless (next (&r, GST_AV1_OBU_TEMPORAL_DELIMITER, "de"));
  fail_end (&r);

  /* Cut anywhere but between temporal units it is damaged. */
  for (size = 1; size < sizeof (data); size++) {
    GstDaedalusAv1Obu obu;
    GError *error = NULL;

    copy = g_memdup2 (data, size);
    gst_daedalus_av1_obu_reader_init (&r, copy, size, TRUE);
    while (gst_daedalus_av1_obu_next (&r, &obu, &error))
      fail_unless (obu.data + obu.size <= copy + size);
    fail_unless ((error == NULL) == (size == 13 || size == 14),
        "%" G_GSIZE_FORMAT, size);
    g_clear_error (&error);
    g_free (copy);
  }
}

GST_END_TEST;

GST_START_TEST (test_damaged)
{
  static const struct
  {
    const gchar *data;
    gsize size;
    gboolean annexb;
    const gchar *what;
  } damaged[] = {
    {"\x92\x00", 2, FALSE, "obu_forbidden_bit"},
    {"\x32", 1, FALSE, "claims"},
    {"\x32\x05" "1234", 6, FALSE, "claims 7 bytes, where only 6"},
    {"\x32\x80\x80\x80\x80\x80\x80\x80\x80\x01", 10, FALSE, "claims"},
    {"\x32\xff\xff\xff\xff\xff\x01", 7, FALSE, "claims"},
    {"\x36", 1, FALSE, "claims"},
    {"\x05\x01", 2, TRUE, "temporal unit"},
    {"\x02\x02\x01", 3, TRUE, "frame unit"},
    {"\x03\x02\x02\x10", 4, TRUE, "OBU"},
    {"\x04\x03\x02\x12\x07", 5, TRUE, "OBU"},
    {"\x80\x80", 2, TRUE, "temporal unit"},
  };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (damaged); i++) {
    guint8 *copy = g_memdup2 (damaged[i].data, damaged[i].size);
    GstDaedalusAv1ObuReader r;

    gst_daedalus_av1_obu_reader_init (&r, copy, damaged[i].size,
        damaged[i].annexb);
    fail_next (&r, damaged[i].what);
    g_free (copy);
  }
}

GST_END_TEST;

GST_START_TEST (test_operating_point)
{
  static const struct
  {
    guint type;
    gboolean has_extension;
    guint8 temporal_id, spatial_id;
    guint idc;
    gboolean in;
  } obus[] = {
    {GST_AV1_OBU_FRAME, TRUE, 1, 1, 0x303, TRUE},
    {GST_AV1_OBU_FRAME, TRUE, 1, 1, 0x301, FALSE},
    {GST_AV1_OBU_FRAME, TRUE, 1, 1, 0x103, FALSE},
    {GST_AV1_OBU_FRAME, TRUE, 7, 3, 0x101, FALSE},
    {GST_AV1_OBU_FRAME, TRUE, 7, 3, 0, TRUE},
    {GST_AV1_OBU_FRAME, FALSE, 0, 0, 0x202, TRUE},
    {GST_AV1_OBU_SEQUENCE_HEADER, TRUE, 7, 3, 0x101, TRUE},
    {GST_AV1_OBU_TEMPORAL_DELIMITER, TRUE, 7, 3, 0x101, TRUE},
  };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (obus); i++) {
    GstDaedalusAv1Obu obu = {
      .type = obus[i].type,.has_extension = obus[i].has_extension,
      .temporal_id = obus[i].temporal_id,.spatial_id = obus[i].spatial_id
    };

    fail_unless_equals_int (gst_daedalus_av1_obu_in_operating_point (&obu,
            obus[i].idc), obus[i].in);
  }
}

GST_END_TEST;

static gboolean
parse (const Av1Seq *s, GstAV1SequenceHeaderOBU *seq)
{
  GByteArray *payload = av1_sequence (s);
  gboolean ok = gst_daedalus_av1_sequence_parse (seq, payload->data,
      payload->len, NULL);

  g_byte_array_unref (payload);
  return ok;
}

GST_START_TEST (test_sequence)
{
  static const Av1Seq layers = {
    .width = 1920,.height = 1080,.high_bitdepth = TRUE,.frame_ids = TRUE,
    .superres = TRUE,.n_points = 3,.idc = {0x303, 0x103, 0x101},
    .operating_parameters = 77
  };
  Av1Seq other = layers;
  GstAV1SequenceHeaderOBU seq, other_seq;
  struct v4l2_ctrl_av1_sequence control;
  GByteArray *payload;
  GError *error = NULL;
  guint8 *copy;
  gsize size;

  fail_unless (parse (&layers, &seq));
  gst_daedalus_av1_fill_sequence (&control, &seq);
  fail_unless_equals_int (control.max_frame_width_minus_1, 1919);
  fail_unless_equals_int (control.max_frame_height_minus_1, 1079);
  fail_unless_equals_int (control.bit_depth, 10);
  fail_unless_equals_int (control.seq_profile, 0);
  fail_unless_equals_int (control.order_hint_bits, AV1_ORDER_HINT_BITS);
  fail_unless_equals_int (control.flags,
      V4L2_AV1_SEQUENCE_FLAG_ENABLE_ORDER_HINT
      | V4L2_AV1_SEQUENCE_FLAG_ENABLE_SUPERRES
      | V4L2_AV1_SEQUENCE_FLAG_SUBSAMPLING_X
      | V4L2_AV1_SEQUENCE_FLAG_SUBSAMPLING_Y);
  fail_unless_equals_int (seq.additional_frame_id_length_minus_1 + 1
      + seq.delta_frame_id_length_minus_2 + 2, AV1_FRAME_ID_BITS);
  fail_unless_equals_int (seq.delta_frame_id_length_minus_2 + 2,
      AV1_FRAME_ID_DELTA_BITS);
  fail_unless_equals_int (seq.operating_points_cnt_minus_1 + 1, 3);
  fail_unless_equals_int (seq.operating_points[1].idc, 0x103);
  fail_unless_equals_int (seq.
      decoder_model_info.buffer_removal_time_length_minus_1 + 1, 10);

  /* 7.5: only operating_parameters_info() may differ within a sequence */
  other.operating_parameters = 5;
  fail_unless (parse (&other, &other_seq));
  fail_unless (gst_daedalus_av1_sequence_equal (&seq, &other_seq));
  other.superres = FALSE;
  fail_unless (parse (&other, &other_seq));
  fail_if (gst_daedalus_av1_sequence_equal (&seq, &other_seq));

  payload = av1_sequence (&layers);
  for (size = 0; size + 1 < payload->len; size++) {
    copy = g_memdup2 (payload->data, size);
    fail_if (gst_daedalus_av1_sequence_parse (&seq, copy, size, &error));
    fail_unless (g_error_matches (error, GST_DAEDALUS_ERROR,
            GST_DAEDALUS_ERROR_FRAME));
    g_clear_error (&error);
    g_free (copy);
  }
  payload->data[0] |= 3 << 5;
  fail_if (gst_daedalus_av1_sequence_parse (&seq, payload->data, payload->len,
          &error));
  fail_unless_equals_string (error->message,
      "An AV1 sequence header is damaged: seq_profile is 3.");
  g_clear_error (&error);
  g_byte_array_unref (payload);

  other = layers;
  other.level = 24;
  payload = av1_sequence (&other);
  fail_if (gst_daedalus_av1_sequence_parse (&seq, payload->data, payload->len,
          &error));
  fail_unless_equals_string (error->message,
      "An AV1 sequence header is damaged: seq_level_idx is 24.");
  g_clear_error (&error);
  g_byte_array_unref (payload);
  /* A level that is not defined yet, which some versions of the parser
   * refuse */
  other.level = 2;
  payload = av1_sequence (&other);
  if (!gst_daedalus_av1_sequence_parse (&seq, payload->data, payload->len,
          &error))
    fail_unless_equals_string (error->message,
        "An AV1 sequence header is damaged: seq_level_idx is 2.");
  g_clear_error (&error);
  g_byte_array_unref (payload);
}

GST_END_TEST;

GST_START_TEST (test_formats)
{
  static const struct
  {
    Av1Seq s;
    const gchar *what;          /* NULL: supported */
  } sequences[] = {
    {{.profile = 0}, NULL},
    {{.high_bitdepth = TRUE}, NULL},
    {{.mono = TRUE}, NULL},
    {{.mono = TRUE,.high_bitdepth = TRUE}, NULL},
    {{.profile = 1}, "High profile 4:4:4 with 8 bits"},
    {{.profile = 1,.high_bitdepth = TRUE}, "High profile 4:4:4 with 10 bits"},
    {{.profile = 2}, "Professional profile 4:2:2 with 8 bits"},
    {{.profile = 2,.high_bitdepth = TRUE,.twelve_bit = TRUE},
        "Professional profile 4:2:0 with 12 bits"},
    {{.profile = 2,.high_bitdepth = TRUE,.twelve_bit = TRUE,.mono = TRUE},
        "Professional profile 4:2:0 with 12 bits"},
  };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (sequences); i++) {
    GstAV1SequenceHeaderOBU seq;
    GError *error = NULL;

    fail_unless (parse (&sequences[i].s, &seq));
    fail_unless_equals_int (seq.color_config.mono_chrome, sequences[i].s.mono);
    gst_daedalus_av1_supported (seq.seq_profile, seq.bit_depth,
        seq.color_config.subsampling_x, seq.color_config.subsampling_y, &error);
    if (!sequences[i].what) {
      fail_unless (error == NULL, "%u: %s", i, error ? error->message : "");
      continue;
    }
    fail_unless (g_error_matches (error, GST_DAEDALUS_ERROR,
            GST_DAEDALUS_ERROR_UNSUPPORTED), "%u", i);
    fail_unless (strstr (error->message, sequences[i].what), "%s",
        error->message);
    g_error_free (error);
  }
}

GST_END_TEST;

GST_START_TEST (test_caps)
{
  static const struct
  {
    const gchar *caps;
    gboolean ok;
  } caps[] = {
    {"video/x-av1", TRUE},
    {"video/x-av1, profile=main, chroma-format=4:2:0, bit-depth-luma=(uint)8",
        TRUE},
    {"video/x-av1, profile=main, chroma-format=4:2:0, bit-depth-luma=(uint)10",
        TRUE},
    {"video/x-av1, profile=main, chroma-format=4:0:0, bit-depth-luma=(uint)8",
        TRUE},
    {"video/x-av1, profile=high", FALSE},
    {"video/x-av1, profile=high, chroma-format=4:4:4", FALSE},
    {"video/x-av1, profile=professional, chroma-format=4:2:2", FALSE},
    {"video/x-av1, profile=professional, bit-depth-luma=(uint)12", FALSE},
    {"video/x-av1, profile=high, colorimetry=sRGB", FALSE},
  };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (caps); i++) {
    GstCaps *c = gst_caps_from_string (caps[i].caps);
    GError *error = NULL;

    fail_unless_equals_int (gst_daedalus_av1_check_caps (gst_caps_get_structure
            (c, 0), &error), caps[i].ok);
    fail_unless_equals_int (error == NULL, caps[i].ok);
    g_clear_error (&error);
    gst_caps_unref (c);
  }
}

GST_END_TEST;

static void
parse_metadata (GstDaedalusHdr *hdr, const guint8 *data, gsize size)
{
  GstDaedalusAv1Obu obu = {
    .type = GST_AV1_OBU_METADATA,.data = g_memdup2 (data, size),
    .size = size
  };

  gst_daedalus_av1_hdr_parse (hdr, &obu);
  g_free ((guint8 *) obu.data);
}

GST_START_TEST (test_hdr)
{
  static const guint8 cll[] = { 1, 0x03, 0xe8, 0x01, 0x90, 0x80 };
  /* BT.2020 primaries, D65, 1000 and 0.005 cd/m2 */
  static const guint8 mdcv[] = {
    2, 0xb5, 0x3f, 0x4a, 0xc1, 0x2b, 0x85, 0xcc, 0x08, 0x21, 0x89, 0x0b, 0xc7,
    0x50, 0x0d, 0x54, 0x39, 0x00, 0x03, 0xe8, 0x00, 0x00, 0x00, 0x00, 0x52, 0x80
  };
  GstAV1SequenceHeaderOBU seq = { 0 };
  GstDaedalusHdr hdr = { 0 };
  GstDaedalusDescription description = { 0 };

  parse_metadata (&hdr, cll, 4);
  parse_metadata (&hdr, mdcv, sizeof (mdcv) - 3);
  parse_metadata (&hdr, NULL, 0);
  fail_if (hdr.has_light || hdr.has_mastering);

  parse_metadata (&hdr, cll, sizeof (cll));
  fail_unless (hdr.has_light);
  fail_unless_equals_int (hdr.light.max_content_light_level, 1000);
  fail_unless_equals_int (hdr.light.max_frame_average_light_level, 400);
  parse_metadata (&hdr, mdcv, sizeof (mdcv));
  fail_unless (hdr.has_mastering);
  fail_unless_equals_int (hdr.mastering.display_primaries[0].x, 35400);
  fail_unless_equals_int (hdr.mastering.display_primaries[0].y, 14600);
  fail_unless_equals_int (hdr.mastering.display_primaries[2].y, 2300);
  fail_unless_equals_int (hdr.mastering.white_point.x, 15635);
  fail_unless_equals_int (hdr.mastering.white_point.y, 16450);
  fail_unless_equals_int (hdr.mastering.max_display_mastering_luminance,
      10000000);
  fail_unless_equals_int (hdr.mastering.min_display_mastering_luminance, 50);

  gst_daedalus_av1_describe (&description, &seq, &hdr);
  fail_unless (gst_video_mastering_display_info_is_equal
      (&description.hdr.mastering, &hdr.mastering));
  fail_unless (gst_video_content_light_level_is_equal
      (&description.hdr.light, &hdr.light));
}

GST_END_TEST;

GST_START_TEST (test_colors)
{
  GstAV1SequenceHeaderOBU seq = {
    .color_config = {.color_primaries = 9,.transfer_characteristics = 16,
        .matrix_coefficients = 9,.chroma_sample_position =
          GST_AV1_CSP_COLOCATED}
  };
  const GstDaedalusHdr hdr = { 0 };
  GstDaedalusDescription description = { 0 };
  GstVideoInfo *info = &description.info;

  gst_daedalus_av1_describe (&description, &seq, &hdr);
  fail_unless_equals_int (info->colorimetry.primaries,
      GST_VIDEO_COLOR_PRIMARIES_BT2020);
  fail_unless_equals_int (info->colorimetry.transfer,
      GST_VIDEO_TRANSFER_SMPTE2084);
  fail_unless_equals_int (info->colorimetry.matrix,
      GST_VIDEO_COLOR_MATRIX_BT2020);
  fail_unless_equals_int (info->colorimetry.range,
      GST_VIDEO_COLOR_RANGE_16_235);
  fail_unless_equals_int (info->chroma_site, GST_VIDEO_CHROMA_SITE_COSITED);

  /* The caps of upstream take precedence. */
  gst_video_info_init (info);
  info->colorimetry.primaries = GST_VIDEO_COLOR_PRIMARIES_BT709;
  info->chroma_site = GST_VIDEO_CHROMA_SITE_MPEG2;
  gst_daedalus_av1_describe (&description, &seq, &hdr);
  fail_unless_equals_int (info->colorimetry.primaries,
      GST_VIDEO_COLOR_PRIMARIES_BT709);
  fail_unless_equals_int (info->chroma_site, GST_VIDEO_CHROMA_SITE_MPEG2);

  /* A stream without a description gives none. */
  memset (&seq, 0, sizeof (seq));
  seq.color_config.color_primaries = GST_AV1_CP_UNSPECIFIED;
  seq.color_config.transfer_characteristics = GST_AV1_TC_UNSPECIFIED;
  seq.color_config.matrix_coefficients = GST_AV1_MC_UNSPECIFIED;
  gst_video_info_init (info);
  gst_daedalus_av1_describe (&description, &seq, &hdr);
  fail_unless_equals_int (info->colorimetry.range,
      GST_VIDEO_COLOR_RANGE_UNKNOWN);
  fail_unless_equals_int (info->chroma_site, GST_VIDEO_CHROMA_SITE_UNKNOWN);
  seq.color_config.color_range = TRUE;
  gst_daedalus_av1_describe (&description, &seq, &hdr);
  fail_unless_equals_int (info->colorimetry.range, GST_VIDEO_COLOR_RANGE_0_255);
  fail_unless_equals_int (info->colorimetry.matrix,
      GST_VIDEO_COLOR_MATRIX_BT601);
}

GST_END_TEST;

static Suite *
av1_obu_suite (void)
{
  Suite *s = suite_create ("av1-obu");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_test (tc, test_section5);
  tcase_add_test (tc, test_annexb);
  tcase_add_test (tc, test_damaged);
  tcase_add_test (tc, test_operating_point);
  tcase_add_test (tc, test_sequence);
  tcase_add_test (tc, test_formats);
  tcase_add_test (tc, test_caps);
  tcase_add_test (tc, test_hdr);
  tcase_add_test (tc, test_colors);
  return s;
}

GST_CHECK_MAIN (av1_obu);
