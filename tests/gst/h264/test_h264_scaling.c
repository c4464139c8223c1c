/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Scaling lists: the fall-back rules of table 7-2 and the order of the
 * values. */
#include <gst/check/gstcheck.h>

#include "h264/gstdaedalush264controls.h"
#include "h264_nal.h"

#define N_LISTS 12              /* 4x4 are 0..5, 8x8 are 6..11 as in table 7-2 */

/* The coded form of a list, and the expected values. */
enum
{
  ABSENT,                       /* scaling_list_present_flag 0 */
  DEFAULT,                      /* useDefaultScalingMatrixFlag */
  RISING,                       /* 20, 21, ... in the order of the scan */
  FALLING,                      /* 100, 99, ... */
  CUT,                          /* 50, 49, 48, and then always 48 */
  FLAT,                         /* Flat_4x4_16, Flat_8x8_16: only expected */
};

/* Tables 7-3 and 7-4 undone from their scans. */
static const guint8 default_4x4[2][16] = {
  {6, 13, 20, 28, 13, 20, 28, 32, 20, 28, 32, 37, 28, 32, 37, 42},
  {10, 14, 20, 24, 14, 20, 24, 27, 20, 24, 27, 30, 24, 27, 30, 34},
};

static const guint8 default_8x8[2][64] = {
  {6, 10, 13, 16, 18, 23, 25, 27, 10, 11, 16, 18, 23, 25, 27, 29,
        13, 16, 18, 23, 25, 27, 29, 31, 16, 18, 23, 25, 27, 29, 31, 33,
        18, 23, 25, 27, 29, 31, 33, 36, 23, 25, 27, 29, 31, 33, 36, 38,
      25, 27, 29, 31, 33, 36, 38, 40, 27, 29, 31, 33, 36, 38, 40, 42},
  {9, 13, 15, 17, 19, 21, 22, 24, 13, 13, 17, 19, 21, 22, 24, 25,
        15, 17, 19, 21, 22, 24, 25, 27, 17, 19, 21, 22, 24, 25, 27, 28,
        19, 21, 22, 24, 25, 27, 28, 30, 21, 22, 24, 25, 27, 28, 30, 32,
      22, 24, 25, 27, 28, 30, 32, 33, 24, 25, 27, 28, 30, 32, 33, 35},
};

/* The lists that the callbacks of the specs write. */
static const guint8 *coded_sps, *coded_pps;
static guint n_coded_pps;

static gint
value_at (guint kind, guint index)
{
  switch (kind) {
    case RISING:
      return 20 + index;
    case FALLING:
      return 100 - index;
    default:
      return 50 - MIN (index, 2);
  }
}

/* 7.3.2.1.1.1 */
static void
put_lists (Rbsp *to, const guint8 *kinds, guint n)
{
  guint i, j;

  for (i = 0; i < n; i++) {
    gint last = 8;

    put_u (to, kinds[i] != ABSENT, 1);
    if (kinds[i] == DEFAULT)
      put_se (to, -8);          /* nextScale 0 at once */
    if (kinds[i] == ABSENT || kinds[i] == DEFAULT)
      continue;
    for (j = 0; j < (i < 6 ? 16 : 64); j++) {
      if (kinds[i] == CUT && j == 3) {
        put_se (to, -last);     /* nextScale 0: the last one is repeated */
        break;
      }
      put_se (to, value_at (kinds[i], j) - last);
      last = value_at (kinds[i], j);
    }
  }
}

static void
put_sps_lists (Rbsp *to)
{
  put_lists (to, coded_sps, 8);
}

static void
put_pps_lists (Rbsp *to)
{
  put_lists (to, coded_pps, n_coded_pps);
}

/* Index of the raster that position @index of the zig-zag scan stands for
 * (8.5.6, 8.5.7): along the diagonals, downwards on odd ones and upwards on
 * even ones. */
static guint
zigzag (guint index, guint side)
{
  guint sum, i;

  for (sum = 0;; sum++) {
    guint low = sum < side ? 0 : sum - side + 1;
    guint high = MIN (sum, side - 1);

    if (index > high - low) {
      index -= high - low + 1;
      continue;
    }
    i = low + index;
    return sum % 2 ? i * side + (sum - i) : (sum - i) * side + i;
  }
}

static void
check_list (const struct v4l2_ctrl_h264_scaling_matrix *matrix, guint list,
    guint kind, const gchar *name)
{
  guint side = list < 6 ? 4 : 8, i;
  gboolean inter = list < 6 ? list >= 3 : list % 2;
  const guint8 *got = list < 6 ? matrix->scaling_list_4x4[list] :
      matrix->scaling_list_8x8[list - 6];

  for (i = 0; i < side * side; i++) {
    guint at = zigzag (i, side);
    gint expected = kind == FLAT ? 16 : value_at (kind, i);

    if (kind == DEFAULT)
      expected = side == 4 ? default_4x4[inter][at] : default_8x8[inter][at];
    fail_unless (got[at] == expected,
        "%s: list %u, position %u is %u instead of %d", name, list, at,
        got[at], expected);
  }
}

/* The lists that the chroma of 4:2:0 does not use are not coded; table 7-2 has
 * them fall back to the one before of their kind. */
GST_START_TEST (test_fall_back)
{
  static const struct
  {
    const gchar *name;
    gboolean in_sps, in_pps, transform_8x8;
    guint8 sps[8], pps[8], expected[N_LISTS];
  } cases[] = {
    {"SPS, rule A: the default",
          TRUE, FALSE, TRUE, {0}, {0},
          {DEFAULT, DEFAULT, DEFAULT, DEFAULT, DEFAULT, DEFAULT,
            DEFAULT, DEFAULT, DEFAULT, DEFAULT, DEFAULT, DEFAULT}},
    {"SPS, rule A: the list before",
          TRUE, FALSE, TRUE,
          {RISING, ABSENT, CUT, FALLING, ABSENT, ABSENT, CUT, RISING}, {0},
          {RISING, RISING, CUT, FALLING, FALLING, FALLING,
            CUT, RISING, CUT, RISING, CUT, RISING}},
    {"SPS: default lists that are asked for",
          TRUE, FALSE, TRUE,
          {RISING, DEFAULT, ABSENT, DEFAULT, CUT, ABSENT, DEFAULT, ABSENT},
          {0},
          {RISING, DEFAULT, DEFAULT, DEFAULT, CUT, CUT,
            DEFAULT, DEFAULT, DEFAULT, DEFAULT, DEFAULT, DEFAULT}},
    {"PPS alone, rule A",
          FALSE, TRUE, TRUE, {0},
          {ABSENT, RISING, ABSENT, ABSENT, ABSENT, CUT, ABSENT, FALLING},
          {DEFAULT, RISING, RISING, DEFAULT, DEFAULT, CUT,
            DEFAULT, FALLING, DEFAULT, FALLING, DEFAULT, FALLING}},
    {"PPS and SPS, rule B: that of the SPS",
          TRUE, TRUE, TRUE,
          {RISING, CUT, CUT, FALLING, CUT, CUT, RISING, FALLING},
          {0},
          {RISING, RISING, RISING, FALLING, FALLING, FALLING,
            RISING, FALLING, RISING, FALLING, RISING, FALLING}},
    {"PPS and SPS, rule B: where the SPS fell back itself",
          TRUE, TRUE, TRUE,
          {ABSENT, CUT, CUT, CUT, ABSENT, ABSENT, ABSENT, CUT},
          {ABSENT, ABSENT, FALLING, ABSENT, RISING, ABSENT, ABSENT, ABSENT},
          {DEFAULT, DEFAULT, FALLING, CUT, RISING, RISING,
            DEFAULT, CUT, DEFAULT, CUT, DEFAULT, CUT}},
    {"PPS and SPS: the PPS's default is no fall-back",
          TRUE, TRUE, TRUE,
          {RISING, RISING, RISING, RISING, RISING, RISING, RISING, RISING},
          {DEFAULT, ABSENT, CUT, DEFAULT, CUT, ABSENT, DEFAULT, CUT},
          {DEFAULT, DEFAULT, CUT, DEFAULT, CUT, CUT,
            DEFAULT, CUT, DEFAULT, CUT, DEFAULT, CUT}},
    {"PPS without 8x8 transform",
          TRUE, TRUE, FALSE,
          {RISING, CUT, CUT, FALLING, CUT, CUT, RISING, FALLING},
          {CUT, ABSENT, ABSENT, ABSENT, CUT, ABSENT},
          {CUT, CUT, CUT, FALLING, CUT, CUT,
            RISING, FALLING, RISING, FALLING, RISING, FALLING}},
  };
  GstH264NalParser *parser = gst_h264_nal_parser_new ();
  guint i, list;

  for (i = 0; i < G_N_ELEMENTS (cases); i++) {
    const SpsSpec sps_spec = {
      .profile_idc = 100,.level_idc = 30,.chroma_format_idc = 1,
      .put_scaling_lists = cases[i].in_sps ? put_sps_lists : NULL,
    };
    const PpsSpec pps_spec = {
      .extension = TRUE,.transform_8x8 = cases[i].transform_8x8,
      .put_scaling_lists = cases[i].in_pps ? put_pps_lists : NULL,
    };
    const GstDaedalusH264Frame frame = {.fields = GST_DAEDALUS_H264_BOTH };
    GstH264SliceHdr slice = {.type = GST_H264_I_SLICE };
    GstDaedalusH264PicInfo info = {.slice = &slice };
    GstDaedalusH264Controls c;
    GstH264SPS sps;
    GstH264PPS pps;

    coded_sps = cases[i].sps;
    coded_pps = cases[i].pps;
    n_coded_pps = cases[i].transform_8x8 ? 8 : 6;
    parse_sps (parser, &sps_spec, &sps);
    parse_pps (parser, &pps_spec, &pps);
    slice.pps = &pps;
    info.sps = &sps;
    gst_daedalus_h264_fill_controls (&c, &info, &frame, NULL, 0);
    fail_unless (c.pps.flags & V4L2_H264_PPS_FLAG_SCALING_MATRIX_PRESENT);
    fail_unless_equals_int (c.n, 4);
    for (list = 0; list < N_LISTS; list++)
      check_list (&c.scaling_matrix, list, cases[i].expected[list],
          cases[i].name);
    gst_h264_pps_clear (&pps);
  }
  gst_h264_nal_parser_free (parser);
}

GST_END_TEST;

/* A PPS without lists has those of the SPS that is active, which may have come
 * after the PPS. */
GST_START_TEST (test_later_sps)
{
  static const guint8 lists[8] = { RISING, RISING, RISING, FALLING, CUT, CUT,
    CUT, FALLING
  };
  static const guint8 expected[N_LISTS] = { RISING, RISING, RISING, FALLING,
    CUT, CUT, CUT, FALLING, CUT, FALLING, CUT, FALLING
  };
  const SpsSpec flat = {.profile_idc = 100,.chroma_format_idc = 1 };
  const SpsSpec shaped = {
    .profile_idc = 100,.chroma_format_idc = 1,
    .put_scaling_lists = put_sps_lists,
  };
  const PpsSpec pps_spec = {.extension = TRUE,.transform_8x8 = TRUE };
  const GstDaedalusH264Frame frame = {.fields = GST_DAEDALUS_H264_BOTH };
  GstH264NalParser *parser = gst_h264_nal_parser_new ();
  GstH264SliceHdr slice = {.type = GST_H264_I_SLICE };
  GstDaedalusH264PicInfo info = {.slice = &slice };
  GstDaedalusH264Controls c;
  GstH264SPS sps;
  GstH264PPS pps;
  guint list;

  coded_sps = lists;
  parse_sps (parser, &flat, &sps);
  parse_pps (parser, &pps_spec, &pps);
  slice.pps = &pps;
  info.sps = &sps;
  gst_daedalus_h264_fill_controls (&c, &info, &frame, NULL, 0);
  fail_if (c.pps.flags & V4L2_H264_PPS_FLAG_SCALING_MATRIX_PRESENT);
  fail_unless_equals_int (c.n, 3);

  parse_sps (parser, &shaped, &sps);
  gst_daedalus_h264_fill_controls (&c, &info, &frame, NULL, 0);
  fail_unless (c.pps.flags & V4L2_H264_PPS_FLAG_SCALING_MATRIX_PRESENT);
  for (list = 0; list < N_LISTS; list++)
    check_list (&c.scaling_matrix, list, expected[list], "later SPS");

  gst_h264_pps_clear (&pps);
  gst_h264_nal_parser_free (parser);
}

GST_END_TEST;

static Suite *
h264_scaling_suite (void)
{
  Suite *suite = suite_create ("h264_scaling");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_test (tc, test_fall_back);
  tcase_add_test (tc, test_later_sps);
  return suite;
}

GST_CHECK_MAIN (h264_scaling);
