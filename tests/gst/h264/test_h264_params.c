/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Parameter sets in any order, replaced, missing and broken. */
#include <gst/check/gstcheck.h>

#include "core/gstdaedaluserror.h"
#include "h264/gstdaedalush264params.h"
#include "h264_nals.h"

static GstDaedalusH264Params params;

static void
setup (void)
{
  gst_daedalus_h264_params_init (&params);
}

static void
teardown (void)
{
  gst_daedalus_h264_params_clear (&params);
}

static gboolean
add (const guint8 *data, gsize size)
{
  GstH264NalUnit nalu = make_nalu (data, size);
  GError *error = NULL;
  gboolean ok = nalu.type == GST_H264_NAL_SPS ?
      gst_daedalus_h264_params_add_sps (&params, &nalu, &error) :
      gst_daedalus_h264_params_add_pps (&params, &nalu, &error);

  fail_unless (ok || g_error_matches (error, GST_DAEDALUS_ERROR,
          GST_DAEDALUS_ERROR_FRAME));
  g_clear_error (&error);
  return ok;
}

#define ADD(nal) add (nal, sizeof (nal))

/* Returns the code of the error, -1 if there is none; checks its message. */
static gint
parse_slice (const guint8 *data, gsize size, GstH264SliceHdr *slice,
    const gchar *says)
{
  GstH264NalUnit nalu = make_nalu (data, size);
  GError *error = NULL;
  gint code = -1;

  if (!gst_daedalus_h264_params_parse_slice (&params, &nalu, slice, &error)) {
    code = error->code;
    fail_unless (says && strstr (error->message, says), "%s", error->message);
    g_error_free (error);
  }
  return code;
}

GST_START_TEST (test_in_order)
{
  GstH264SliceHdr slice;

  fail_unless (ADD (nal_sps_64));
  fail_unless (ADD (nal_pps));
  fail_unless_equals_int (parse_slice (nal_idr, sizeof (nal_idr), &slice, NULL),
      -1);
  fail_unless_equals_int (slice.pps->sequence->width, 64);
  fail_unless_equals_int (parse_slice (nal_p, sizeof (nal_p), &slice, NULL),
      -1);
  fail_unless_equals_int (slice.frame_num, 1);
}

GST_END_TEST;

GST_START_TEST (test_pps_first)
{
  GstH264SliceHdr slice;

  fail_unless (ADD (nal_pps));
  fail_unless_equals_int (parse_slice (nal_idr, sizeof (nal_idr), &slice,
          "not there"), GST_DAEDALUS_ERROR_FRAME);
  fail_unless (ADD (nal_sps_64));
  fail_unless_equals_int (parse_slice (nal_idr, sizeof (nal_idr), &slice, NULL),
      -1);
}

GST_END_TEST;

GST_START_TEST (test_replaced)
{
  GstH264SliceHdr slice;
  guint serial;

  fail_unless (ADD (nal_sps_64));
  fail_unless (ADD (nal_pps));
  serial = params.sps_serial[0];
  fail_unless (ADD (nal_sps_64));
  fail_unless_equals_int (params.sps_serial[0], serial);

  /* The PPS, which is not sent again, now belongs to the new one. */
  fail_unless (ADD (nal_sps_80));
  fail_if (params.sps_serial[0] == serial);
  fail_unless_equals_int (parse_slice (nal_idr, sizeof (nal_idr), &slice, NULL),
      -1);
  fail_unless_equals_int (slice.pps->sequence->width, 80);
}

GST_END_TEST;

GST_START_TEST (test_broken)
{
  GstH264SliceHdr slice;
  gsize size;

  /* What was there before a broken one stays. */
  fail_unless (ADD (nal_sps_64));
  fail_unless (ADD (nal_pps));
  fail_if (add (nal_sps_80, 5));
  fail_if (add (nal_pps, 1));
  fail_unless_equals_int (parse_slice (nal_idr, sizeof (nal_idr), &slice, NULL),
      -1);
  fail_unless_equals_int (slice.pps->sequence->width, 64);
  for (size = 1; size < 4; size++)
    fail_unless_equals_int (parse_slice (nal_idr, size, &slice, ""),
        GST_DAEDALUS_ERROR_FRAME);
}

GST_END_TEST;

GST_START_TEST (test_slice_groups)
{
  /* ue(0) ue(0) 0 0, then num_slice_groups_minus1 1, slice_group_map_type 6 and
   * pic_size_in_map_units_minus1 2^32 - 2, which nobody may allocate. */
  static const guint8 pps[] = {
    0x68, 0xc4, 0x38, 0x00, 0x00, 0x03, 0x00, 0x01, 0xff, 0xff, 0xff, 0xff, 0x80
  };
  GstH264SliceHdr slice;

  fail_unless (ADD (nal_sps_64));
  fail_unless (ADD (nal_pps));
  fail_unless (ADD (pps));
  fail_unless_equals_int (parse_slice (nal_idr, sizeof (nal_idr), &slice,
          "2 slice groups"), GST_DAEDALUS_ERROR_UNSUPPORTED);
  /* A stream may have such a PPS and not use it. */
  fail_unless (ADD (nal_pps));
  fail_unless_equals_int (parse_slice (nal_idr, sizeof (nal_idr), &slice, NULL),
      -1);
}

GST_END_TEST;

static Suite *
h264_params_suite (void)
{
  Suite *suite = suite_create ("h264_params");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_checked_fixture (tc, setup, teardown);
  tcase_add_test (tc, test_in_order);
  tcase_add_test (tc, test_pps_first);
  tcase_add_test (tc, test_replaced);
  tcase_add_test (tc, test_broken);
  tcase_add_test (tc, test_slice_groups);
  return suite;
}

GST_CHECK_MAIN (h264_params);
