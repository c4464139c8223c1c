/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Descriptions of pictures, and the caps that are made from them. */
#include <gst/check/gstcheck.h>

#include "core/gstdaedalusdescription.h"

#define MASTERING "35400:14600:8500:39850:6550:2300:15635:16450:10000000:50"
#define OTHER_MASTERING "1:2:3:4:5:6:7:8:9:10"
#define ALL_FIELDS ", framerate = (fraction) 30000/1001, " \
    "pixel-aspect-ratio = (fraction) 4/3, interlace-mode = (string) mixed, " \
    "colorimetry = (string) bt2100-pq, multiview-mode = (string) side-by-side"
#define HDR_FIELDS ", mastering-display-info = (string) \"" MASTERING "\", " \
    "content-light-level = (string) \"1000:400\""

/* Makes the description for upstream's caps with @fields. */
static void
describe (GstDaedalusDescription *description, const gchar *fields)
{
  gchar *text = g_strconcat ("video/x-vp9, width = 64, height = 64", fields,
      NULL);
  GstCaps *caps = gst_caps_from_string (text);
  GstVideoInfo info;

  fail_unless (caps && gst_video_info_from_caps (&info, caps), "%s", text);
  gst_daedalus_description_init (description, 1, &info, caps);
  gst_caps_unref (caps);
  g_free (text);
}

/* The caps of NV12 pictures of another size than upstream's are exactly
 * these. */
static void
check_output (const GstDaedalusDescription *description, const gchar *fields,
    guint multiview_flags)
{
  gchar *text = g_strconcat ("video/x-raw, format = (string) NV12, "
      "width = 62, height = 60", fields, NULL);
  GstCaps *expected = gst_caps_from_string (text);
  GstVideoInfo info;
  GstCaps *caps;
  gchar *got;

  fail_unless (expected != NULL, "%s", text);
  gst_caps_set_simple (expected, "multiview-flags",
      GST_TYPE_VIDEO_MULTIVIEW_FLAGSET, multiview_flags,
      GST_FLAG_SET_MASK_EXACT, NULL);
  gst_video_info_set_format (&info, GST_VIDEO_FORMAT_NV12, 62, 60);
  gst_daedalus_description_apply (description, &info);
  caps = gst_video_info_to_caps (&info);
  gst_daedalus_description_apply_hdr (description, caps);
  got = gst_caps_to_string (caps);
  fail_unless (gst_caps_is_equal (caps, expected), "%s instead of %s", got,
      text);
  gst_caps_unref (caps);
  gst_caps_unref (expected);
  g_free (got);
  g_free (text);
}

GST_START_TEST (test_caps)
{
  GstDaedalusDescription description;

  describe (&description, "");
  check_output (&description, ", framerate = (fraction) 0/1, "
      "pixel-aspect-ratio = (fraction) 1/1, "
      "interlace-mode = (string) progressive, "
      "multiview-mode = (string) mono", GST_VIDEO_MULTIVIEW_FLAGS_NONE);
  describe (&description, ALL_FIELDS HDR_FIELDS ", multiview-flags = "
      "(GstVideoMultiviewFlagsSet) 1:ffffffff");
  check_output (&description, ALL_FIELDS HDR_FIELDS,
      GST_VIDEO_MULTIVIEW_FLAGS_RIGHT_VIEW_FIRST);
  describe (&description, ", interlace-mode = (string) interleaved, "
      "field-order = (string) top-field-first");
  check_output (&description, ", framerate = (fraction) 0/1, "
      "pixel-aspect-ratio = (fraction) 1/1, "
      "interlace-mode = (string) interleaved, "
      "field-order = (string) top-field-first, "
      "multiview-mode = (string) mono", GST_VIDEO_MULTIVIEW_FLAGS_NONE);
  /* A container may tell the range alone. */
  describe (&description, ", colorimetry = (string) 2:0:0:0");
  check_output (&description, ", framerate = (fraction) 0/1, "
      "pixel-aspect-ratio = (fraction) 1/1, "
      "interlace-mode = (string) progressive, "
      "multiview-mode = (string) mono", GST_VIDEO_MULTIVIEW_FLAGS_NONE);
  describe (&description, ", colorimetry = (string) 1:0:0:0");
  check_output (&description, ", framerate = (fraction) 0/1, "
      "pixel-aspect-ratio = (fraction) 1/1, "
      "interlace-mode = (string) progressive, "
      "colorimetry = (string) 1:4:0:0, "
      "multiview-mode = (string) mono", GST_VIDEO_MULTIVIEW_FLAGS_NONE);
}

GST_END_TEST;

/* Each of these fields requires a negotiation; other fields do not. */
GST_START_TEST (test_is_equal)
{
  static const gchar *const different[] = {
    ", framerate = (fraction) 25/1",
    ", pixel-aspect-ratio = (fraction) 4/3",
    ", interlace-mode = (string) mixed",
    ", colorimetry = (string) bt2100-pq",
    ", multiview-mode = (string) side-by-side",
    ", views = (int) 2",
    ", mastering-display-info = (string) \"" MASTERING "\"",
    ", mastering-display-info = (string) \"" OTHER_MASTERING "\"",
    ", mastering-display-info = (string) \"0:0:0:0:0:0:0:0:0:0\"",
    ", content-light-level = (string) \"1000:400\"",
    ", content-light-level = (string) \"0:0\"",
  };
  GstDaedalusDescription plain, a, b;
  guint i, j;

  describe (&plain, "");
  for (i = 0; i < G_N_ELEMENTS (different); i++) {
    describe (&a, different[i]);
    fail_if (gst_daedalus_description_is_equal (&plain, &a), "%u", i);
    for (j = 0; j < G_N_ELEMENTS (different); j++) {
      describe (&b, different[j]);
      fail_unless (gst_daedalus_description_is_equal (&a, &b) == (i == j),
          "%u, %u", i, j);
    }
  }
  a = plain;
  fail_unless (gst_daedalus_description_is_equal (&plain, &a));
  a.info.chroma_site = GST_VIDEO_CHROMA_SITE_JPEG;
  fail_if (gst_daedalus_description_is_equal (&plain, &a));
  /* The base class copies fields of the caps that are not described here. */
  a = plain;
  a.caps_serial++;
  fail_if (gst_daedalus_description_is_equal (&plain, &a));
}

GST_END_TEST;

GST_START_TEST (test_colors)
{
  static const struct
  {
    const gchar *upstream;
    guint primaries, transfer, matrix;
    gboolean full_range;
    guint height;
    const gchar *colorimetry;   /* NULL: none */
  } cases[] = {
    {NULL, 1, 1, 1, FALSE, 64, "bt709"},
    {NULL, 9, 16, 9, FALSE, 64, "bt2100-pq"},
    {NULL, 1, 1, 1, TRUE, 64, "1:3:5:1"},
    /* limited range and nothing else, or nothing that is known */
    {NULL, 2, 2, 2, FALSE, 64, NULL},
    {NULL, 3, 3, 3, FALSE, 64, NULL},
    {NULL, 2, 2, 0, FALSE, 64, NULL},
    /* the matrix that is assumed */
    {NULL, 2, 2, 2, TRUE, 576, "1:4:0:0"},
    {NULL, 2, 2, 2, TRUE, 577, "1:3:0:0"},
    {NULL, 1, 2, 0, FALSE, 64, "2:4:0:1"},
    /* upstream has it all, or a part */
    {"bt601", 9, 16, 9, TRUE, 64, "bt601"},
    {"0:4:0:1", 9, 16, 9, TRUE, 64, "1:4:14:1"},
    {"2:0:5:1", 2, 2, 2, FALSE, 64, "2:4:5:1"},
    {"2:4:0:0", 2, 2, 2, FALSE, 64, "2:4:0:0"},
  };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (cases); i++) {
    GstDaedalusDescription description;
    GstVideoColorimetry upstream = { 0 };
    gchar *got;

    describe (&description, "");
    if (cases[i].upstream)
      fail_unless (gst_video_colorimetry_from_string (&upstream,
              cases[i].upstream), "%u", i);
    description.info.colorimetry = upstream;
    gst_daedalus_description_add_colors (&description, cases[i].primaries,
        cases[i].transfer, cases[i].matrix, cases[i].full_range,
        cases[i].height);
    got = gst_video_colorimetry_to_string (&description.info.colorimetry);
    fail_if (g_strcmp0 (got, cases[i].colorimetry), "%u: %s instead of %s", i,
        got, cases[i].colorimetry);
    g_free (got);
  }
}

GST_END_TEST;

/* Each part of upstream's metadata takes precedence over the stream's. */
GST_START_TEST (test_add_hdr)
{
  static const gchar *const upstream[] = {
    "", ", mastering-display-info = (string) \"" OTHER_MASTERING "\"",
    ", content-light-level = (string) \"500:200\"",
    ", mastering-display-info = (string) \"none\"",
  };
  static const gchar *const fields[][2] = {
    {MASTERING, "1000:400"}, {OTHER_MASTERING, "1000:400"},
    {MASTERING, "500:200"}, {MASTERING, "1000:400"},
  };
  GstDaedalusDescription said, description;
  guint i;

  describe (&said, HDR_FIELDS);
  for (i = 0; i < G_N_ELEMENTS (upstream); i++) {
    gchar *mastering, *light;

    describe (&description, upstream[i]);
    gst_daedalus_description_add_hdr (&description, &said.hdr);
    fail_unless (description.hdr.has_mastering && description.hdr.has_light);
    mastering =
        gst_video_mastering_display_info_to_string (&description.hdr.mastering);
    light = gst_video_content_light_level_to_string (&description.hdr.light);
    fail_unless_equals_string (mastering, fields[i][0]);
    fail_unless_equals_string (light, fields[i][1]);
    g_free (mastering);
    g_free (light);
  }
}

GST_END_TEST;

static Suite *
description_suite (void)
{
  Suite *suite = suite_create ("description");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_test (tc, test_caps);
  tcase_add_test (tc, test_is_equal);
  tcase_add_test (tc, test_colors);
  tcase_add_test (tc, test_add_hdr);
  return suite;
}

GST_CHECK_MAIN (description);
