/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Superframes of VP9. */
#include <gst/check/gstcheck.h>
#include <string.h>

#include "core/gstdaedaluserror.h"
#include "vp9/gstdaedalusvp9superframe.h"

/* Parses a copy of @data on the heap, so that AddressSanitizer finds reads
 * beyond its end. Returns whether it is valid. */
static gboolean
parse (GstDaedalusVp9Superframe *superframe, const gchar *data, gsize size)
{
  guint8 *copy = g_memdup2 (data, size);
  GError *error = NULL;
  gboolean ok =
      gst_daedalus_vp9_superframe_parse (superframe, copy, size, &error);

  fail_unless (ok == !error);
  fail_if (error && !g_error_matches (error, GST_DAEDALUS_ERROR,
          GST_DAEDALUS_ERROR_FRAME));
  g_clear_error (&error);
  g_free (copy);
  return ok;
}

#define PARSE(superframe, text) parse (superframe, text, sizeof (text) - 1)

static void
check_whole (const gchar *data, gsize size)
{
  GstDaedalusVp9Superframe superframe;

  fail_unless (parse (&superframe, data, size));
  fail_unless_equals_int (superframe.n_frames, 1);
  fail_unless_equals_int (superframe.offsets[0], 0);
  fail_unless_equals_int (superframe.sizes[0], size);
}

#define CHECK_WHOLE(text) check_whole (text, sizeof (text) - 1)

GST_START_TEST (test_index)
{
  GstDaedalusVp9Superframe superframe;
  gchar data[300 + 16 + 16];

  fail_unless (PARSE (&superframe, "aaabb\xc1\x03\x02\xc1"));
  fail_unless_equals_int (superframe.n_frames, 2);
  fail_unless_equals_int (superframe.offsets[0], 0);
  fail_unless_equals_int (superframe.sizes[0], 3);
  fail_unless_equals_int (superframe.offsets[1], 3);
  fail_unless_equals_int (superframe.sizes[1], 2);

  /* Least significant byte first, in 2 bytes each, and something left over. */
  memset (data, 'x', sizeof (data));
  memcpy (data + 300 + 16, "\xca\x2c\x01\x01\x00\x05\x00\xca", 8);
  fail_unless (parse (&superframe, data, 300 + 16 + 8));
  fail_unless_equals_int (superframe.n_frames, 3);
  fail_unless_equals_int (superframe.sizes[0], 300);
  fail_unless_equals_int (superframe.sizes[1], 1);
  fail_unless_equals_int (superframe.offsets[2], 301);
  fail_unless_equals_int (superframe.sizes[2], 5);

  fail_unless (PARSE (&superframe,
          "abcdefgh\xc7\x01\x01\x01\x01\x01\x01\x01\x01\xc7"));
  fail_unless_equals_int (superframe.n_frames, 8);
  fail_unless_equals_int (superframe.offsets[7], 7);

  /* A frame that was dropped. */
  fail_unless (PARSE (&superframe, "aab\xc2\x02\x00\x01\xc2"));
  fail_unless_equals_int (superframe.n_frames, 2);
  fail_unless_equals_int (superframe.offsets[1], 2);
}

GST_END_TEST;

GST_START_TEST (test_none)
{
  CHECK_WHOLE ("");
  CHECK_WHOLE ("abc");
  /* The last byte alone does not make an index. */
  CHECK_WHOLE ("\xc0");
  CHECK_WHOLE ("abcd\xc1");
  CHECK_WHOLE ("aaabb\xc0\x03\x02\xc1");
  CHECK_WHOLE ("\x03\x02\xc1");
}

GST_END_TEST;

GST_START_TEST (test_damaged)
{
  GstDaedalusVp9Superframe superframe;

  fail_if (PARSE (&superframe, "aaab\xc1\x03\x02\xc1"));
  fail_if (PARSE (&superframe, "aaab\xd9\x03\xff\xff\xff\xff\xff\xff\xff\xd9"));
  fail_if (PARSE (&superframe, "aaab\xc1\x05\x00\xc1"));
  fail_if (PARSE (&superframe, "\xc1\x00\x00\xc1"));
  /* Not even a frame may have bytes of the index. */
  fail_if (PARSE (&superframe, "aa\xc0\x03\xc0"));
}

GST_END_TEST;

static Suite *
vp9_superframe_suite (void)
{
  Suite *s = suite_create ("vp9-superframe");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_test (tc, test_index);
  tcase_add_test (tc, test_none);
  tcase_add_test (tc, test_damaged);
  return s;
}

GST_CHECK_MAIN (vp9_superframe);
