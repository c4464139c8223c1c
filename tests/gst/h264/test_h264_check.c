/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which H.264 streams are refused, how, and which are not. */
#include <gst/check/gstcheck.h>

#include "h264/gstdaedalush264check.h"
#include "core/gstdaedaluserror.h"
#include "h264_nal.h"

#define UNSUPPORTED GST_DAEDALUS_ERROR_UNSUPPORTED
#define DAMAGED GST_DAEDALUS_ERROR_FRAME

/* @result is as @message, a part of the error's, or %NULL for none, demands. */
static void
check_result (gboolean result, GError *error, gint code, const gchar *message,
    const gchar *name)
{
  if (!message) {
    fail_unless (result && !error, "%s: %s", name,
        error ? error->message : "failed without an error");
    return;
  }
  fail_if (result, "%s was accepted", name);
  fail_unless (g_error_matches (error, GST_DAEDALUS_ERROR, code), "%s: %s",
      name, error->message);
  fail_unless (strstr (error->message, message), "%s: %s", name,
      error->message);
  g_error_free (error);
}

GST_START_TEST (test_caps)
{
  static const struct
  {
    const gchar *fields;
    const gchar *message;
  } cases[] = {
    {"", NULL},
    {", profile = (string) constrained-baseline", NULL},
    {", profile = (string) extended", NULL},
    {", profile = (string) high-10-intra, chroma-format = (string) 4:2:0, "
          "bit-depth-luma = (uint) 10, bit-depth-chroma = (uint) 10", NULL},
    {", profile = (string) high, chroma-format = (string) 4:0:0, "
          "bit-depth-luma = (uint) 8, bit-depth-chroma = (uint) 0", NULL},
    {", profile = (string) multiview-high", NULL},
    {", profile = (string) stereo-high, chroma-format = (string) 4:2:0, "
          "bit-depth-luma = (uint) 8, bit-depth-chroma = (uint) 8", NULL},
    {", profile = (string) scalable-high", NULL},
    {", profile = (string) of-the-future", NULL},
    {", profile = (string) high-4:2:2, chroma-format = (string) 4:2:0, "
          "bit-depth-luma = (uint) 10, bit-depth-chroma = (uint) 10", NULL},
    {", profile = (string) high-4:4:4, chroma-format = (string) 4:2:0, "
          "bit-depth-luma = (uint) 8, bit-depth-chroma = (uint) 8", NULL},
    {", profile = (string) high-4:2:2, chroma-format = (string) 4:2:2, "
          "bit-depth-luma = (uint) 8, bit-depth-chroma = (uint) 8", "4:2:2"},
    {", profile = (string) high-4:2:2-intra", "4:2:2"},
    {", profile = (string) high-4:4:4, chroma-format = (string) 4:4:4, "
          "bit-depth-luma = (uint) 8, bit-depth-chroma = (uint) 8", "4:4:4"},
    {", profile = (string) high-4:4:4-intra", "4:4:4"},
    {", profile = (string) cavlc-4:4:4-intra", "4:4:4"},
    {", chroma-format = (string) 4:4:4", "4:4:4"},
    {", profile = (string) high-10, chroma-format = (string) 4:2:0, "
          "bit-depth-luma = (uint) 9, bit-depth-chroma = (uint) 9", "9 bits"},
    {", profile = (string) high-4:4:4, chroma-format = (string) 4:2:0, "
          "bit-depth-luma = (uint) 14, bit-depth-chroma = (uint) 14",
        "14 bits"},
    {", profile = (string) high-10, chroma-format = (string) 4:2:0, "
          "bit-depth-luma = (uint) 8, bit-depth-chroma = (uint) 10",
        "8 bits of luma and 10 bits of chroma"},
  };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (cases); i++) {
    gchar *text = g_strdup_printf ("video/x-h264%s", cases[i].fields);
    GstStructure *s = gst_structure_from_string (text, NULL);
    GError *error = NULL;
    gboolean result = gst_daedalus_h264_check_caps (s, &error);

    check_result (result, error, UNSUPPORTED, cases[i].message, text);
    gst_structure_free (s);
    g_free (text);
  }
}

GST_END_TEST;

GST_START_TEST (test_nal_type)
{
  guint type;

  for (type = 0; type < 32; type++) {
    gchar *name = g_strdup_printf ("nal_unit_type %u)", type);
    GError *error = NULL;
    gboolean result = gst_daedalus_h264_check_nal_type (type, &error);

    check_result (result, error, UNSUPPORTED,
        type >= 2 && type <= 4 ? name : NULL, name);
    g_free (name);
  }
}

GST_END_TEST;

GST_START_TEST (test_sps)
{
  static const struct
  {
    SpsSpec spec;
    gint code;
    const gchar *message;
  } cases[] = {
    {{.profile_idc = 66}, 0, NULL},
    {{.profile_idc = 77,.fields = TRUE,.mbaff = TRUE}, 0, NULL},
    {{.profile_idc = 88}, 0, NULL},
    {{.profile_idc = 100,.chroma_format_idc = 0}, 0, NULL},
    {{.profile_idc = 110,.chroma_format_idc = 1,.bit_depth_luma_minus8 = 2,
            .bit_depth_chroma_minus8 = 2}, 0, NULL},
    {{.profile_idc = 110,.constraints = 0x10,.chroma_format_idc = 1}, 0, NULL},
    {{.profile_idc = 122,.chroma_format_idc = 1,.bit_depth_luma_minus8 = 2,
            .bit_depth_chroma_minus8 = 2}, 0, NULL},
    /* lossless, as x264 writes it */
    {{.profile_idc = 244,.chroma_format_idc = 1,.transform_bypass = TRUE}, 0,
        NULL},
    {{.profile_idc = 118,.chroma_format_idc = 1}, 0, NULL},
    /* the depth of chroma that there is not */
    {{.profile_idc = 100,.bit_depth_chroma_minus8 = 3}, 0, NULL},

    {{.profile_idc = 122,.chroma_format_idc = 2}, UNSUPPORTED, "4:2:2"},
    {{.profile_idc = 244,.chroma_format_idc = 3}, UNSUPPORTED, "4:4:4"},
    {{.profile_idc = 110,.chroma_format_idc = 1,.bit_depth_luma_minus8 = 1,
            .bit_depth_chroma_minus8 = 1}, UNSUPPORTED, "9 bits"},
    {{.profile_idc = 244,.chroma_format_idc = 1,.bit_depth_luma_minus8 = 6,
            .bit_depth_chroma_minus8 = 6}, UNSUPPORTED, "14 bits"},
    {{.profile_idc = 100,.bit_depth_luma_minus8 = 4}, UNSUPPORTED, "12 bits"},
    {{.profile_idc = 110,.chroma_format_idc = 1,.bit_depth_luma_minus8 = 2},
        UNSUPPORTED, "10 bits of luma and 8 bits of chroma"},
    {{.profile_idc = 44,.chroma_format_idc = 1,.transform_bypass = TRUE},
        UNSUPPORTED, "profile_idc 44"},

    /* Level 6.2: 139264 macroblocks, none more than 1055 in a row */
    {{.profile_idc = 100,.chroma_format_idc = 1,.width_mbs = 512,
            .height_map_units = 272}, 0, NULL},
    {{.profile_idc = 100,.chroma_format_idc = 1,.width_mbs = 512,
            .height_map_units = 273}, UNSUPPORTED, "8192x4368"},
    {{.profile_idc = 100,.chroma_format_idc = 1,.width_mbs = 512,
            .height_map_units = 137,.fields = TRUE}, UNSUPPORTED, "8192x4384"},
    {{.profile_idc = 100,.chroma_format_idc = 1,.width_mbs = 1055}, 0, NULL},
    {{.profile_idc = 100,.chroma_format_idc = 1,.width_mbs = 1056},
        UNSUPPORTED, "16896x16"},
    {{.profile_idc = 100,.chroma_format_idc = 1,.height_map_units = 1056},
        UNSUPPORTED, "16x16896"},
    {{.profile_idc = 66,.max_num_ref_frames = 16}, 0, NULL},
    {{.profile_idc = 66,.max_num_ref_frames = 17}, DAMAGED,
        "max_num_ref_frames is 17"},

    /* CropUnitX 2, CropUnitY 2 or 4; 1 and 1 or 2 if monochrome */
    {{.profile_idc = 66,.cropping = TRUE,.crop = {3, 4, 3, 4}}, 0, NULL},
    {{.profile_idc = 66,.cropping = TRUE,.crop = {4, 4, 0, 0}}, DAMAGED,
        "16 columns and 0 rows"},
    {{.profile_idc = 77,.fields = TRUE,.cropping = TRUE,.crop = {0, 0, 0, 7}},
        0, NULL},
    {{.profile_idc = 77,.fields = TRUE,.cropping = TRUE,.crop = {0, 0, 1, 7}},
        DAMAGED, "0 columns and 32 rows"},
    {{.profile_idc = 100,.cropping = TRUE,.crop = {7, 8, 15, 0}}, 0, NULL},
    {{.profile_idc = 66,.cropping = TRUE,.crop = {0, 0x7ffffffe, 0, 0}},
        DAMAGED, "4294967292 columns"},
  };
  GstH264NalParser *parser = gst_h264_nal_parser_new ();
  guint i;

  for (i = 0; i < G_N_ELEMENTS (cases); i++) {
    gchar *name = g_strdup_printf ("SPS %u of the table", i);
    GError *error = NULL;
    GstH264SPS sps;
    gboolean result;

    parse_sps (parser, &cases[i].spec, &sps);
    result = gst_daedalus_h264_check_sps (&sps, &error);
    check_result (result, error, cases[i].code, cases[i].message, name);
    g_free (name);
  }
  gst_h264_nal_parser_free (parser);
}

GST_END_TEST;

GST_START_TEST (test_separate_planes)
{
  const GstH264SPS sps = {
    .profile_idc = 244,.chroma_format_idc = 3,.separate_colour_plane_flag = 1,
    .width = 16,.height = 16,
  };
  GError *error = NULL;
  gboolean result = gst_daedalus_h264_check_sps (&sps, &error);

  check_result (result, error, UNSUPPORTED, "separate_colour_plane_flag 1",
      "separate planes");
}

GST_END_TEST;

/* Sizes that do not fit into the parser's own arithmetic. */
GST_START_TEST (test_overflow)
{
  const GstH264SPS sps = {
    .profile_idc = 100,.chroma_format_idc = 1,.frame_mbs_only_flag = 1,
    .pic_width_in_mbs_minus1 = G_MAXUINT32 - 1,
    .pic_height_in_map_units_minus1 = 0,
  };
  GError *error = NULL;
  gboolean result = gst_daedalus_h264_check_sps (&sps, &error);

  check_result (result, error, UNSUPPORTED, "68719476720x16", "overflow");
}

GST_END_TEST;

GST_START_TEST (test_pps)
{
  const SpsSpec sps_spec = {.profile_idc = 66,.width_mbs = 4 };
  guint groups;

  for (groups = 1; groups <= 8; groups += 7) {
    const PpsSpec spec = {.num_slice_groups_minus1 = groups - 1 };
    GstH264NalParser *parser = gst_h264_nal_parser_new ();
    GError *error = NULL;
    GstH264SPS sps;
    GstH264PPS pps;
    gboolean result;

    parse_sps (parser, &sps_spec, &sps);
    parse_pps (parser, &spec, &pps);
    result = gst_daedalus_h264_check_pps (&pps, &error);
    check_result (result, error, UNSUPPORTED,
        groups > 1 ? "8 slice groups (flexible macroblock ordering" : NULL,
        "PPS");
    gst_h264_pps_clear (&pps);
    gst_h264_nal_parser_free (parser);
  }
}

GST_END_TEST;

GST_START_TEST (test_slice)
{
  static const GstH264SPS baseline = {.profile_idc = 66 };
  static const GstH264SPS constrained = {
    .profile_idc = 66,.constraint_set1_flag = 1
  };
  static const GstH264SPS extended = {.profile_idc = 88 };
  static const GstH264SPS high = {.profile_idc = 100 };
  static const struct
  {
    const GstH264SPS *sps;
    guint type, first_mb, redundant_pic_cnt;
    gint64 last_first_mb;
    gint code;
    const gchar *message;
  } cases[] = {
    {&high, 0, 0, 0, -1, 0, NULL},
    {&high, 1, 0, 0, -1, 0, NULL},
    {&high, 2, 0, 0, -1, 0, NULL},
    {&high, 5, 0, 0, -1, 0, NULL},
    {&high, 7, 0, 0, -1, 0, NULL},
    {&extended, 3, 0, 0, -1, UNSUPPORTED, "SP slices (slice_type 3)"},
    {&extended, 4, 0, 0, -1, UNSUPPORTED, "SI slices (slice_type 4)"},
    {&extended, 8, 0, 0, -1, UNSUPPORTED, "SP slices (slice_type 8)"},
    {&extended, 9, 0, 0, -1, UNSUPPORTED, "SI slices (slice_type 9)"},
    {&high, 3, 0, 0, -1, DAMAGED, "slice_type 3"},
    {&baseline, 9, 0, 0, -1, DAMAGED, "slice_type 9"},
    {&high, 0, 11, 0, 10, 0, NULL},
    {&high, 0, 11, 0, -1, 0, NULL},     /* the first one was lost */
    {&baseline, 0, 0, 0, 10, UNSUPPORTED, "first_mb_in_slice 0 after 10"},
    {&extended, 0, 9, 0, 10, UNSUPPORTED, "first_mb_in_slice 9 after 10"},
    {&constrained, 0, 9, 0, 10, DAMAGED, "first_mb_in_slice 9"},
    {&high, 0, 9, 0, 10, DAMAGED, "first_mb_in_slice 9"},
    {&baseline, 0, 10, 0, 10, DAMAGED, "first_mb_in_slice 10"},
    {&baseline, 0, 10, 1, 10, 0, NULL},
    {&baseline, 0, 0, 127, 10, 0, NULL},
  };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (cases); i++) {
    const GstH264SliceHdr slice = {
      .type = cases[i].type,.first_mb_in_slice = cases[i].first_mb,
      .redundant_pic_cnt = cases[i].redundant_pic_cnt,
    };
    gchar *name = g_strdup_printf ("slice %u of the table", i);
    GError *error = NULL;
    gboolean result = gst_daedalus_h264_check_slice (&slice, cases[i].sps,
        cases[i].last_first_mb, &error);

    check_result (result, error, cases[i].code, cases[i].message, name);
    g_free (name);
  }
}

GST_END_TEST;

static Suite *
h264_check_suite (void)
{
  Suite *suite = suite_create ("h264_check");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_test (tc, test_caps);
  tcase_add_test (tc, test_nal_type);
  tcase_add_test (tc, test_sps);
  tcase_add_test (tc, test_separate_planes);
  tcase_add_test (tc, test_overflow);
  tcase_add_test (tc, test_pps);
  tcase_add_test (tc, test_slice);
  return suite;
}

GST_CHECK_MAIN (h264_check);
