/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * VP9 headers that are refused: the message of each error, and that a refused
 * header does not change the state.
 */
#include <gst/check/gstcheck.h>
#include <string.h>

#include "core/gstdaedaluserror.h"
#include "vp9/gstdaedalusvp9header.h"
#include "vp9_headers.h"
#include "vp9_writer.h"

static void
put_420_key_frame (Writer *w, guint width, guint height, guint max_tile_bits)
{
  put_key_frame (w, 0);
  put (w, 2 << 1, 4);           /* color_space, color_range */
  put_rest (w, width, height, max_tile_bits);
}

/* Parses an exact allocation, so that a sanitizer sees reads behind its end. */
static void
refused (const guint8 *data, gsize size, GstDaedalusVp9State *state,
    const gchar *message)
{
  const GstDaedalusVp9State before = *state;
  guint8 *copy = g_memdup2 (data, size);
  GError *error = NULL;
  GstVp9FrameHdr h;

  fail_if (gst_daedalus_vp9_header_parse (&h, state, copy, size, &error));
  fail_unless (g_error_matches (error, GST_DAEDALUS_ERROR,
          GST_DAEDALUS_ERROR_FRAME));
  assert_equals_string (error->message, message);
  g_clear_error (&error);
  fail_if (gst_daedalus_vp9_header_parse (&h, state, copy, size, NULL));
  fail_if (memcmp (state, &before, sizeof (before)));
  g_free (copy);
}

static void
written_refused (const Writer *w, GstDaedalusVp9State *state,
    const gchar *message)
{
  refused (w->data, sizeof (w->data), state, message);
}

/* Truncates a frame to each length up to the end of its compressed header. */
static void
cut (const Vp9Frame *frame, const GstVp9FrameHdr *h, GstDaedalusVp9State *state)
{
  const gsize header_size = strlen (frame->hex) / 2;
  guint8 *data = vp9_frame_data (frame);
  gsize i;

  fail_unless_equals_int (h->frame_header_length_in_bytes, header_size);
  for (i = 0; i < header_size + h->first_partition_size; i++) {
    gchar *message = i < header_size ?
        g_strdup_printf ("A VP9 frame ends after %" G_GSIZE_FORMAT
        " bytes, within its header.", i) :
        g_strdup_printf ("A VP9 frame of %" G_GSIZE_FORMAT
        " bytes is too short " "for its headers of %" G_GSIZE_FORMAT
        " and %u bytes.", i, header_size,
        h->first_partition_size);

    refused (data, i, state, message);
    g_free (message);
  }
  g_free (data);
}

GST_START_TEST (test_truncated)
{
  static const struct
  {
    const Vp9Frame *frames;
    guint n;
  } streams[] = {
    {segmented, G_N_ELEMENTS (segmented)},
    {error_resilient, G_N_ELEMENTS (error_resilient)},
    {intra_only, G_N_ELEMENTS (intra_only)},
    {ten_bits, G_N_ELEMENTS (ten_bits)},
    {tiles, G_N_ELEMENTS (tiles)},
  };
  GstVp9FrameHdr any;
  guint i, k;

  for (i = 0; i < G_N_ELEMENTS (streams); i++) {
    GstDaedalusVp9State state = { 0 };
    Writer w;

    /* Without a key frame before, inter frames would be refused for that. */
    put_420_key_frame (&w, 64, 64, 0);
    fail_unless (written (&w, &any, &state, NULL));
    for (k = 0; k < streams[i].n; k++) {
      const Vp9Frame *frame = &streams[i].frames[k];
      guint8 *data = vp9_frame_data (frame);
      GstDaedalusVp9State before = state;
      GstVp9FrameHdr h;

      fail_unless (gst_daedalus_vp9_header_parse (&h, &state, data,
              frame->frame_size, NULL));
      cut (frame, &h, &before);
      g_free (data);
    }
  }
}

GST_END_TEST;

/* Frames of no byte and of one byte */
GST_START_TEST (test_short)
{
  static const guint8 show_profile_3[] = { 0xb4 };
  static const guint8 show_profile_0[] = { 0x8f };
  GstDaedalusVp9State state = { 0 };
  GstVp9FrameHdr h;

  refused (NULL, 0, &state,
      "A VP9 frame ends after 0 bytes, within its header.");
  /* frame_to_show_map_idx ends in the next byte */
  refused (show_profile_3, 1, &state,
      "A VP9 frame ends after 1 bytes, within its header.");
  fail_unless (gst_daedalus_vp9_header_parse (&h, &state, show_profile_0, 1,
          NULL));
  fail_unless_equals_int (h.frame_to_show, 7);
}

GST_END_TEST;

GST_START_TEST (test_start)
{
  GstDaedalusVp9State state = { 0 };
  guint profile;
  Writer w;

  put_key_frame (&w, 0);
  w.data[0] ^= 0xc0;
  written_refused (&w, &state, "The VP9 frame_marker is 1 instead of 2.");
  /* GstVp9Parser accepts a profile of 4. */
  put_key_frame (&w, 7);
  put (&w, 0, 1 + 3 + 1);
  put_rest (&w, 64, 64, 0);
  written_refused (&w, &state, "VP9 profile 4 and above are reserved.");

  for (profile = 0; profile <= 3; profile++) {
    put_start (&w, profile, GST_VP9_KEY_FRAME, 1, 0);
    put (&w, 0x498340, 24);
    written_refused (&w, &state,
        "The VP9 frame_sync_code is 0x498340 instead of 0x498342.");
    put_start (&w, profile, GST_VP9_INTER_FRAME, 0, 0);
    put (&w, 1, 1);             /* intra_only */
    put (&w, 0, 2);             /* reset_frame_context */
    put (&w, 0x408342, 24);
    written_refused (&w, &state,
        "The VP9 frame_sync_code is 0x408342 instead of 0x498342.");
    /* error_resilient_mode: no reset_frame_context */
    put_start (&w, profile, GST_VP9_INTER_FRAME, 0, 1);
    put (&w, 1, 1);
    put (&w, 0x498343, 24);
    written_refused (&w, &state,
        "The VP9 frame_sync_code is 0x498343 instead of 0x498342.");
  }
}

GST_END_TEST;

GST_START_TEST (test_color_config)
{
  /* profile; bits after ten_or_twelve_bit, and how many */
  static const struct
  {
    guint profile, bits, n;
    const gchar *message;
  } cases[] = {
    {0, 7, 3, "VP9 profile 0 has no RGB."},
    {2, 7, 3, "VP9 profile 2 has no RGB."},
    {1, 2 << 4 | 3 << 1, 7, "VP9 profile 1 has no 4:2:0 subsampling."},
    {3, 2 << 4 | 3 << 1, 7, "VP9 profile 3 has no 4:2:0 subsampling."},
    {1, 2 << 4 | 2 << 1 | 1, 7,
        "A reserved bit of the VP9 color_config is set."},
    {3, 2 << 4 | 0 << 1 | 1, 7,
        "A reserved bit of the VP9 color_config is set."},
    {1, 7 << 1 | 1, 4, "A reserved bit of the VP9 color_config is set."},
    {3, 7 << 1 | 1, 4, "A reserved bit of the VP9 color_config is set."},
  };
  GstDaedalusVp9State state = { 0 };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (cases); i++) {
    Writer w;

    put_key_frame (&w, cases[i].profile);
    if (cases[i].profile >= 2)
      put (&w, 0, 1);
    put (&w, cases[i].bits, cases[i].n);
    put_rest (&w, 64, 64, 0);
    written_refused (&w, &state, cases[i].message);
  }
}

GST_END_TEST;

GST_START_TEST (test_end)
{
  GstDaedalusVp9State state = { 0 };
  Writer w;

  put_420_key_frame (&w, 64, 64, 0);
  memset (w.data + (w.bits - 16) / 8, 0, 3);
  written_refused (&w, &state, "The VP9 header_size_in_bytes is 0.");

  /* A width of 32769 allows tile_cols_log2 up to 7, but the limit is 6. */
  put_key_frame (&w, 0);
  put (&w, 2 << 1, 4);
  put (&w, 32768, 16);
  put (&w, 63, 16);
  put (&w, 0, 1 + 1 + 1 + 2 + 10 + 8 + 3 + 1);  /* to segmentation_enabled */
  put (&w, 7, 3);               /* increment_tile_cols_log2 */
  put (&w, 0, 2);
  put (&w, 7, 16);
  written_refused (&w, &state, "The VP9 tile_cols_log2 is 7, more than 6.");
}

GST_END_TEST;

GST_START_TEST (test_inter)
{
  static const gchar *const messages[] = {
    "A VP9 frame takes its size from reference slot 2, which is empty; "
        "decoding goes on with the next key frame.",
    "A VP9 frame takes its size from reference slot 5, which is empty; "
        "decoding goes on with the next key frame.",
    "A VP9 frame takes its size from reference slot 7, which is empty; "
        "decoding goes on with the next key frame.",
  };
  GstDaedalusVp9State state = { 0 };
  GstVp9FrameHdr h;
  guint i;
  Writer w;

  /* No key frame has come yet. */
  for (i = 0; i < G_N_ELEMENTS (messages); i++) {
    put_inter_frame (&w);
    put_inter_rest (&w, i, 0);
    written_refused (&w, &state, messages[i]);
  }
  put_inter_frame (&w);
  put (&w, 0, 3);               /* found_ref */
  put (&w, 63, 16);
  put (&w, 63, 16);
  put (&w, 0, 1 + 1);
  put (&w, 1, 1);
  put_trailer (&w, 0);
  written_refused (&w, &state,
      "A VP9 inter frame comes before the first key frame; decoding starts "
      "with that.");

  /* One empty slot, as after a stream that began with an intra-only frame */
  put_420_key_frame (&w, 640, 360, 1);
  fail_unless (written (&w, &h, &state, NULL));
  state.ref_width[5] = state.ref_height[5] = 0;
  put_inter_frame (&w);
  put_inter_rest (&w, 1, 0);
  written_refused (&w, &state, messages[1]);
  put_inter_frame (&w);
  put_inter_rest (&w, 2, 1);
  fail_unless (written (&w, &h, &state, NULL));
  fail_unless_equals_int (h.width, 640);
}

GST_END_TEST;

/* GstVp9Parser accepts a frame that is refused for its length. The next frame must
 * not take its size from that; the length of tile_info() depends on it, too. */
GST_START_TEST (test_refused_leaves_no_size)
{
  GstDaedalusVp9State state = { 0 };
  GstVp9FrameHdr h;
  guint size;
  Writer w;

  put_420_key_frame (&w, 4096, 2160, 4);
  fail_unless (written (&w, &h, &state, NULL));

  put_420_key_frame (&w, 64, 64, 0);
  size = (w.bits + 7) / 8 + 6;
  fail_if (gst_daedalus_vp9_header_parse (&h, &state, w.data, size, NULL));
  put_inter_frame (&w);
  put_inter_rest (&w, 0, 4);
  fail_unless (written (&w, &h, &state, NULL));
  fail_unless_equals_int (h.width, 4096);
  fail_unless_equals_int (h.height, 2160);
  fail_unless_equals_int (h.first_partition_size, 7);
  fail_unless_equals_int (h.frame_header_length_in_bytes, (w.bits + 7) / 8);
}

GST_END_TEST;

static Suite *
vp9_refuse_suite (void)
{
  Suite *suite = suite_create ("vp9_refuse");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_test (tc, test_truncated);
  tcase_add_test (tc, test_short);
  tcase_add_test (tc, test_start);
  tcase_add_test (tc, test_color_config);
  tcase_add_test (tc, test_end);
  tcase_add_test (tc, test_inter);
  tcase_add_test (tc, test_refused_leaves_no_size);
  return suite;
}

GST_CHECK_MAIN (vp9_refuse);
