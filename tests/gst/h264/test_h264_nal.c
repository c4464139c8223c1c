/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Streams of NAL units: complete, in small pieces and damaged. */
#include <gst/check/gstcheck.h>

#include "core/gstdaedaluserror.h"
#include "h264/gstdaedalush264nal.h"
#include "h264_nals.h"

static const struct
{
  const guint8 *data;
  gsize size;
  gboolean begins;              /* an access unit */
} nals[] = {
  {nal_aud, sizeof (nal_aud), TRUE},
  {nal_sps_64, sizeof (nal_sps_64), FALSE},
  {nal_pps, sizeof (nal_pps), FALSE},
  {nal_idr, sizeof (nal_idr), FALSE},
  {nal_p, sizeof (nal_p), TRUE},
  {nal_p, sizeof (nal_p), TRUE},
  {nal_sps_64, sizeof (nal_sps_64), TRUE},
  {nal_idr, sizeof (nal_idr), FALSE},
};

#define N_ACCESS_UNITS 4

/* @length_size 0: start codes of 3 and 4 bytes, some with zeros behind. */
static GByteArray *
make_stream (guint length_size)
{
  static const guint8 zeros[4] = { 0 };
  GByteArray *stream = g_byte_array_new ();
  guint8 prefix[4] = { 0 };
  guint i, j;

  for (i = 0; i < G_N_ELEMENTS (nals); i++) {
    if (length_size) {
      for (j = 0; j < length_size; j++)
        prefix[j] = nals[i].size >> 8 * (length_size - 1 - j);
      g_byte_array_append (stream, prefix, length_size);
    } else {
      g_byte_array_append (stream, zeros, 2 + i % 2);
      g_byte_array_append (stream, (const guint8 *) "\1", 1);
    }
    g_byte_array_append (stream, nals[i].data, nals[i].size);
    if (!length_size && i % 3 == 0)
      g_byte_array_append (stream, zeros, 2);
  }
  return stream;
}

GST_START_TEST (test_iterate)
{
  GstH264NalParser *parser = gst_h264_nal_parser_new ();
  GByteArray *stream = make_stream (__i__);
  GstDaedalusH264NalIter iter = {
    .parser = parser,.length_size = __i__,
    .data = stream->data,.size = stream->len,
  };
  GError *error = NULL;
  GstH264NalUnit nalu;
  guint i;

  for (i = 0; gst_daedalus_h264_nal_next (&iter, &nalu, &error); i++) {
    fail_unless (i < G_N_ELEMENTS (nals));
    fail_unless_equals_int (nalu.type, nals[i].data[0] & 0x1f);
    /* Zeros behind it belong to the byte stream, Annex B. */
    fail_unless (nalu.size >= nals[i].size);
    fail_unless (memcmp (nalu.data + nalu.offset, nals[i].data,
            nals[i].size) == 0);
  }
  fail_if (error);
  fail_unless_equals_int (i, G_N_ELEMENTS (nals));
  g_byte_array_unref (stream);
  gst_h264_nal_parser_free (parser);
}

GST_END_TEST;

GST_START_TEST (test_truncated)
{
  GstH264NalParser *parser = gst_h264_nal_parser_new ();
  GByteArray *stream = make_stream (4);
  GstH264NalUnit nalu;
  gsize size;

  for (size = 0; size < stream->len; size++) {
    /* Of its own size, so that a sanitizer sees what is read behind it. */
    guint8 *data = g_memdup2 (stream->data, size);
    GstDaedalusH264NalIter iter = {
      .parser = parser,.length_size = 4,.data = data,.size = size,
    };
    gsize whole = 0, end = 0;
    GError *error = NULL;
    guint i, n = 0;

    for (i = 0; i < G_N_ELEMENTS (nals); i++) {
      end += 4 + nals[i].size;
      if (end <= size) {
        n++;
        whole = end;
      }
    }
    while (gst_daedalus_h264_nal_next (&iter, &nalu, &error))
      n--;
    fail_unless_equals_int (n, 0);
    fail_unless_equals_int (error != NULL, whole != size);
    fail_unless (!error || g_error_matches (error, GST_DAEDALUS_ERROR,
            GST_DAEDALUS_ERROR_FRAME));
    g_clear_error (&error);
    g_free (data);
  }
  g_byte_array_unref (stream);
  gst_h264_nal_parser_free (parser);
}

GST_END_TEST;

GST_START_TEST (test_empty_nals)
{
  static const guint8 with_lengths[] = {
    0, 0, 0, 0, 0, 0, 0, 2, 0x09, 0x10, 0, 0, 0, 0, 0, 0, 0, 2, 0x09, 0x30
  };
  static const guint8 with_start_codes[] = {
    0xff, 0, 0, 1, 0, 0, 1, 0x09, 0x10, 0, 0, 1, 0, 0, 1, 0x09, 0x30, 0, 0, 1
  };
  static const struct
  {
    guint length_size;
    const guint8 *data;
    gsize size;
  } cases[] = {
    {4, with_lengths, sizeof (with_lengths)},
    {0, with_start_codes, sizeof (with_start_codes)},
  };
  GstH264NalParser *parser = gst_h264_nal_parser_new ();
  GstH264NalUnit nalu;
  guint i;

  for (i = 0; i < G_N_ELEMENTS (cases); i++) {
    GstDaedalusH264NalIter iter = {
      .parser = parser,.length_size = cases[i].length_size,
      .data = cases[i].data,.size = cases[i].size,
    };
    GError *error = NULL;
    guint n = 0;

    while (gst_daedalus_h264_nal_next (&iter, &nalu, &error)) {
      if (nalu.type == GST_H264_NAL_AU_DELIMITER)
        n++;
    }
    fail_if (error, "case %u: %s", i, error ? error->message : "");
    fail_unless_equals_int (n, 2);
  }
  gst_h264_nal_parser_free (parser);
}

GST_END_TEST;

/* Feeds @stream in pieces; the sizes of the access units. */
static GArray *
scan (GByteArray *stream, guint length_size, gsize piece)
{
  GstDaedalusH264AuScan scan = {.length_size = length_size };
  GArray *sizes = g_array_new (FALSE, FALSE, sizeof (gsize));
  GstAdapter *adapter = gst_adapter_new ();
  gsize fed = 0, size, pending = 0;
  gboolean more = TRUE;

  while (more) {
    switch (gst_daedalus_h264_au_scan (&scan, adapter, fed == stream->len,
            &size)) {
      case GST_DAEDALUS_H264_AU_ADD:
        fail_unless (size > 0 && size <= gst_adapter_available (adapter));
        gst_adapter_flush (adapter, size);
        pending += size;
        break;
      case GST_DAEDALUS_H264_AU_END:
        fail_unless (pending > 0);
        g_array_append_val (sizes, pending);
        pending = 0;
        break;
      default:
        more = fed < stream->len;
        size = MIN (piece, stream->len - fed);
        if (more)
          gst_adapter_push (adapter, gst_buffer_new_memdup (stream->data + fed,
                  size));
        fed += size;
        break;
    }
  }
  if (pending)
    g_array_append_val (sizes, pending);
  fail_unless_equals_int (gst_adapter_available (adapter), 0);
  g_object_unref (adapter);
  return sizes;
}

GST_START_TEST (test_access_units)
{
  static const gsize pieces[] = { 1, 2, 3, 5, 16, 1000 };
  GByteArray *stream = make_stream (__i__);
  GArray *expected = g_array_new (FALSE, TRUE, sizeof (gsize));
  guint i, p;

  if (__i__) {
    for (i = 0; i < G_N_ELEMENTS (nals); i++) {
      if (nals[i].begins)
        g_array_set_size (expected, expected->len + 1);
      g_array_index (expected, gsize, expected->len - 1) +=
          __i__ + nals[i].size;
    }
    fail_unless_equals_int (expected->len, N_ACCESS_UNITS);
  } else {
    g_array_unref (expected);
    expected = scan (stream, 0, stream->len);
    fail_unless_equals_int (expected->len, N_ACCESS_UNITS);
  }
  for (p = 0; p < G_N_ELEMENTS (pieces); p++) {
    GArray *sizes = scan (stream, __i__, pieces[p]);

    fail_unless_equals_int (sizes->len, expected->len);
    for (i = 0; i < sizes->len; i++)
      fail_unless_equals_uint64 (g_array_index (sizes, gsize, i),
          g_array_index (expected, gsize, i));
    g_array_unref (sizes);
  }
  g_array_unref (expected);
  g_byte_array_unref (stream);
}

GST_END_TEST;

/* Data that is not H.264 must neither accumulate nor stop the scan. */
GST_START_TEST (test_noise)
{
  GRand *rand = g_rand_new_with_seed (__i__);
  GByteArray *noise = g_byte_array_new ();
  GArray *sizes;
  gsize sum = 0;
  guint i;

  for (i = 0; i < 20000; i++) {
    guint8 byte = g_rand_int_range (rand, 0, 4);

    g_byte_array_append (noise, &byte, 1);
  }
  for (i = 0; i <= 4; i++) {
    guint j;

    sizes = scan (noise, i, 777);
    for (j = 0, sum = 0; j < sizes->len; j++)
      sum += g_array_index (sizes, gsize, j);
    fail_unless_equals_uint64 (sum, noise->len);
    g_array_unref (sizes);
  }
  g_byte_array_unref (noise);
  g_rand_free (rand);
}

GST_END_TEST;

static Suite *
h264_nal_suite (void)
{
  Suite *suite = suite_create ("h264_nal");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_loop_test (tc, test_iterate, 0, 5);
  tcase_add_test (tc, test_truncated);
  tcase_add_test (tc, test_empty_nals);
  tcase_add_loop_test (tc, test_access_units, 0, 5);
  tcase_add_loop_test (tc, test_noise, 0, 5);
  return suite;
}

GST_CHECK_MAIN (h264_nal);
