/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The parser of VP9 headers: real headers, made-up ones, and broken ones. */
#include <gst/check/gstcheck.h>
#include <string.h>

#include "core/gstdaedaluserror.h"
#include "vp9/gstdaedalusvp9header.h"
#include "vp9_headers.h"

static void
parse (GstDaedalusVp9Header *h, GstDaedalusVp9State *state,
    const Vp9Frame *frame)
{
  guint8 *data = vp9_frame_data (frame);
  GError *error = NULL;

  gst_daedalus_vp9_header_parse (h, state, data, frame->frame_size, &error);
  g_free (data);
  fail_if (error, "%s", error ? error->message : "");
  gst_daedalus_vp9_state_update (state, h);
}

GST_START_TEST (test_segmented)
{
  GstDaedalusVp9State state = { 0 };
  GstDaedalusVp9Header h;

  parse (&h, &state, &segmented[0]);
  fail_unless (h.key_frame && h.show_frame && !h.error_resilient_mode);
  fail_unless_equals_int (h.width, 1280);
  fail_unless_equals_int (h.height, 720);
  fail_unless_equals_int (h.render_width, 1280);
  fail_unless_equals_int (h.refresh_frame_flags, 0xff);
  fail_unless_equals_int (h.color.bit_depth, 8);
  fail_unless (h.color.subsampling_x && h.color.subsampling_y);
  fail_unless_equals_int (h.lf.level, 0);
  fail_unless_equals_int (h.lf.ref_deltas[0], 1);
  fail_unless_equals_int (h.lf.ref_deltas[2], -1);
  fail_unless_equals_int (h.tile_cols_log2, 2);
  fail_unless (h.seg.enabled && h.seg.update_map && h.seg.update_data);
  fail_unless (!h.seg.temporal_update && !h.seg.abs_or_delta_update);
  fail_unless_equals_int (h.seg.pred_probs[0], 255);
  fail_unless_equals_int (h.uncompressed_header_size,
      strlen (segmented[0].hex) / 2);

  parse (&h, &state, &segmented[1]);
  fail_unless (!h.key_frame && !h.show_frame && h.seg.update_data);
  fail_unless_equals_int (h.refresh_frame_flags, 0x04);

  /* What the hidden frame changed stays in force. */
  GstDaedalusVp9Header kept = h;
  parse (&h, &state, &segmented[2]);
  fail_unless (h.seg.enabled && !h.seg.update_map && !h.seg.update_data);
  fail_unless_equals_int (h.width, 1280);
  fail_unless_equals_int (h.ref_frame_idx[0], 0);
  fail_unless_equals_int (h.ref_frame_idx[1], 1);
  fail_unless_equals_int (h.ref_frame_idx[2], 2);
  fail_unless (!h.ref_frame_sign_bias[0] && h.ref_frame_sign_bias[2]);
  fail_if (memcmp (h.seg.feature_data, kept.seg.feature_data,
          sizeof (kept.seg.feature_data)));
  fail_if (memcmp (h.seg.feature_enabled, kept.seg.feature_enabled,
          sizeof (kept.seg.feature_enabled)));
  fail_unless_equals_int (h.lf.level, 8);
  fail_unless (h.lf.delta_enabled && !h.lf.delta_update);
  fail_unless_equals_int (h.lf.ref_deltas[3], -1);
  /* Probabilities do not: none was coded. */
  fail_unless_equals_int (h.seg.tree_probs[0], 255);
}

GST_END_TEST;

GST_START_TEST (test_error_resilient)
{
  GstDaedalusVp9State state = { 0 };
  GstDaedalusVp9Header h;

  parse (&h, &state, &error_resilient[0]);
  fail_unless (h.key_frame && h.error_resilient_mode);
  fail_unless_equals_int (h.lf.level, 24);
  fail_unless_equals_int (h.base_q_idx, 160);
  fail_unless_equals_int (h.header_size_in_bytes, 76);
  fail_unless (!h.refresh_frame_context && h.frame_parallel_decoding_mode);
  fail_unless (!h.seg.enabled);

  parse (&h, &state, &error_resilient[1]);
  fail_unless_equals_int (h.width, 640);
  fail_unless_equals_int (h.height, 360);
  fail_unless_equals_int (h.refresh_frame_flags, 0x01);
  fail_unless_equals_int (h.lf.level, 60);
  fail_unless_equals_int (h.interpolation_filter, 4);
  fail_unless (h.seg.enabled && h.seg.update_map && h.seg.temporal_update
      && h.seg.update_data);
}

GST_END_TEST;

GST_START_TEST (test_intra_only)
{
  GstDaedalusVp9State state = { 0 };
  GstDaedalusVp9Header h;
  GError *error = NULL;
  guint8 *data;

  parse (&h, &state, &intra_only[0]);
  fail_unless (h.intra_only && !h.key_frame && !h.show_frame);
  fail_unless_equals_int (h.reset_frame_context, 2);
  fail_unless_equals_int (h.refresh_frame_flags, 0x01);
  fail_unless_equals_int (h.width, 352);
  fail_unless_equals_int (h.height, 288);
  fail_unless_equals_int (h.color.bit_depth, 8);
  fail_unless (h.color.subsampling_x && h.color.subsampling_y);
  fail_unless_equals_int (state.ref_width[0], 352);
  fail_unless_equals_int (state.ref_width[1], 0);

  /* The size comes from slot 0, which the intra-only frame went to. */
  parse (&h, &state, &intra_only[1]);
  fail_unless_equals_int (h.width, 352);

  /* Without it, the slot is empty. */
  memset (&state, 0, sizeof (state));
  data = vp9_frame_data (&intra_only[1]);
  fail_if (gst_daedalus_vp9_header_parse (&h, &state, data,
          intra_only[1].frame_size, &error));
  fail_unless (g_error_matches (error, GST_DAEDALUS_ERROR,
          GST_DAEDALUS_ERROR_FRAME));
  fail_unless (strstr (error->message, "slot 0"));
  g_error_free (error);
  g_free (data);
}

GST_END_TEST;

GST_START_TEST (test_other_headers)
{
  GstDaedalusVp9State state = { 0 };
  GstDaedalusVp9Header h;

  parse (&h, &state, &ten_bits[0]);
  fail_unless_equals_int (h.profile, 2);
  fail_unless_equals_int (h.color.bit_depth, 10);
  fail_unless_equals_int (h.width, 160);
  fail_unless_equals_int (h.height, 90);
  parse (&h, &state, &ten_bits[1]);
  parse (&h, &state, &ten_bits[2]);
  fail_unless_equals_int (h.color.bit_depth, 10);
  fail_unless (h.ref_frame_sign_bias[2]);

  parse (&h, &state, &tiles[0]);
  fail_unless_equals_int (h.width, 1920);
  fail_unless_equals_int (h.height, 1080);
  fail_unless_equals_int (h.tile_cols_log2, 1);
  fail_unless_equals_int (h.tile_rows_log2, 1);

  parse (&h, &state, &show_existing[0]);
  fail_unless (h.show_existing_frame);
  fail_unless_equals_int (h.frame_to_show_map_idx, 6);
  fail_unless_equals_int (h.uncompressed_header_size, 1);
  fail_unless_equals_int (state.ref_width[6], 1920);
}

GST_END_TEST;

/* A writer of headers that no encoder makes. */
typedef struct
{
  guint8 data[256];
  guint bits;
} Writer;

static void
put (Writer *w, guint value, guint n)
{
  while (n--) {
    if (value >> n & 1)
      w->data[w->bits / 8] |= 0x80 >> w->bits % 8;
    w->bits++;
  }
}

/* A key frame up to and without color_config(). */
static void
put_key_frame (Writer *w, guint profile)
{
  memset (w, 0, sizeof (*w));
  put (w, 2, 2);
  put (w, profile & 1, 1);
  put (w, profile >> 1, 1);
  if (profile == 3)
    put (w, 0, 1);
  put (w, 0, 1);                /* show_existing_frame */
  put (w, 0, 1);                /* frame_type */
  put (w, 1, 1);                /* show_frame */
  put (w, 0, 1);                /* error_resilient_mode */
  put (w, 0x498342, 24);
}

/* From the frame size to the end, all else zero. */
static void
put_rest (Writer *w, guint width, guint height, guint max_tile_bits)
{
  put (w, width - 1, 16);
  put (w, height - 1, 16);
  put (w, 0, 1);                /* render_and_frame_size_different */
  put (w, 0, 1);                /* refresh_frame_context */
  put (w, 1, 1);                /* frame_parallel_decoding_mode */
  put (w, 3, 2);                /* frame_context_idx */
  put (w, 0, 6 + 3);            /* loop_filter_level, _sharpness */
  put (w, 0, 1);                /* loop_filter_delta_enabled */
  put (w, 255, 8);              /* base_q_idx */
  put (w, 1, 1);                /* delta_q_y_dc: -15 */
  put (w, 15 << 1 | 1, 5);
  put (w, 0, 2);                /* the other two: 0 */
  put (w, 0, 1);                /* segmentation_enabled */
  put (w, 0, MIN (max_tile_bits, 1));   /* increment_tile_cols_log2 */
  put (w, 3, 2);                /* tile_rows_log2: 2 */
  put (w, 7, 16);               /* header_size_in_bytes */
}

static gboolean
parse_written (const Writer *w, GstDaedalusVp9Header *h, GError **error)
{
  GstDaedalusVp9State state = { 0 };

  return gst_daedalus_vp9_header_parse (h, &state, w->data, sizeof (w->data),
      error);
}

GST_START_TEST (test_sizes)
{
  /* width, min and max of tile_cols_log2 by the rule of section 7.2.12 */
  static const guint sizes[][4] = {
    {1, 1, 0, 0}, {448, 3, 0, 0}, {449, 1, 0, 1}, {4096, 2160, 0, 4},
    {4097, 1, 1, 4}, {8192, 8192, 1, 5}, {16384, 16384, 2, 6},
    {65536, 65536, 4, 8}
  };
  GstDaedalusVp9Header h;
  guint i;

  for (i = 0; i < G_N_ELEMENTS (sizes); i++) {
    Writer w;

    put_key_frame (&w, 0);
    put (&w, 2, 3);             /* color_space */
    put (&w, 1, 1);             /* color_range */
    put_rest (&w, sizes[i][0], sizes[i][1], sizes[i][3] - sizes[i][2]);
    fail_unless (parse_written (&w, &h, NULL));
    fail_unless_equals_int (h.width, sizes[i][0]);
    fail_unless_equals_int (h.height, sizes[i][1]);
    fail_unless_equals_int (h.tile_cols_log2, sizes[i][2]);
    fail_unless_equals_int (h.tile_rows_log2, 2);
    fail_unless_equals_int (h.header_size_in_bytes, 7);
    fail_unless_equals_int (h.frame_context_idx, 3);
    fail_unless_equals_int (h.base_q_idx, 255);
    fail_unless_equals_int (h.delta_q_y_dc, -15);
    fail_unless_equals_int (h.delta_q_uv_ac, 0);
    fail_unless (h.color.full_range);
    fail_unless_equals_int (h.uncompressed_header_size, (w.bits + 7) / 8);
  }
}

GST_END_TEST;

GST_START_TEST (test_color_config)
{
  /* profile, ten_or_twelve_bit, color_space, x, y; bit depth or 0 if invalid */
  static const guint configs[][6] = {
    {0, 0, 2, 1, 1, 8}, {0, 0, 7, 0, 0, 0},
    {1, 0, 2, 0, 0, 8}, {1, 0, 2, 1, 0, 8}, {1, 0, 2, 0, 1, 8},
    {1, 0, 2, 1, 1, 0}, {1, 0, 7, 0, 0, 8},
    {2, 0, 5, 1, 1, 10}, {2, 1, 5, 1, 1, 12}, {2, 0, 7, 0, 0, 0},
    {3, 1, 2, 1, 0, 12}, {3, 0, 2, 0, 0, 10}, {3, 0, 2, 1, 1, 0},
  };
  GstDaedalusVp9Header h;
  guint i;

  for (i = 0; i < G_N_ELEMENTS (configs); i++) {
    const guint *c = configs[i];
    GError *error = NULL;
    Writer w;

    put_key_frame (&w, c[0]);
    if (c[0] >= 2)
      put (&w, c[1], 1);
    put (&w, c[2], 3);
    if (c[2] != 7) {
      put (&w, 0, 1);
      if (c[0] & 1)
        put (&w, c[3] << 1 | c[4], 2);
    }
    if (c[0] & 1)
      put (&w, 0, 1);           /* reserved_zero */
    put_rest (&w, 64, 64, 0);
    fail_unless_equals_int (parse_written (&w, &h, &error), c[5] != 0);
    fail_unless_equals_int (error == NULL, c[5] != 0);
    g_clear_error (&error);
    if (!c[5])
      continue;
    fail_unless_equals_int (h.profile, c[0]);
    fail_unless_equals_int (h.color.bit_depth, c[5]);
    fail_unless_equals_int (h.color.subsampling_x, c[3]);
    fail_unless_equals_int (h.color.subsampling_y, c[4]);
    fail_unless_equals_int (h.width, 64);
  }
}

GST_END_TEST;

GST_START_TEST (test_broken)
{
  const Vp9Frame *frame = &segmented[0];
  gsize header_size = strlen (frame->hex) / 2;
  guint8 *data = vp9_frame_data (frame);
  GstDaedalusVp9State state = { 0 };
  GstDaedalusVp9Header h;
  GError *error = NULL;
  gsize size;
  Writer w;

  /* Whatever is cut off: an error, and no read behind the end, which the exact
   * allocation lets a sanitizer see. */
  for (size = 0; size <= header_size + 8; size++) {
    guint8 *cut = g_memdup2 (data, size);

    fail_if (gst_daedalus_vp9_header_parse (&h, &state, cut, size, &error));
    fail_unless (g_error_matches (error, GST_DAEDALUS_ERROR,
            GST_DAEDALUS_ERROR_FRAME));
    g_clear_error (&error);
    g_free (cut);
  }

  data[0] = 0x42;
  fail_if (gst_daedalus_vp9_header_parse (&h, &state, data, frame->frame_size,
          &error));
  fail_unless (strstr (error->message, "frame_marker is 1 instead of 2"));
  g_clear_error (&error);
  data[0] = 0x82;
  data[2] = 0;
  fail_if (gst_daedalus_vp9_header_parse (&h, &state, data, frame->frame_size,
          &error));
  fail_unless (strstr (error->message, "0x490042"));
  g_clear_error (&error);
  g_free (data);

  /* header_size_in_bytes of 0 */
  put_key_frame (&w, 0);
  put (&w, 2 << 1, 4);
  put_rest (&w, 64, 64, 0);
  w.data[(w.bits - 1) / 8] = 0;
  w.data[(w.bits - 1) / 8 - 1] = 0;
  fail_if (parse_written (&w, &h, &error));
  fail_unless (strstr (error->message, "header_size_in_bytes is 0"));
  g_clear_error (&error);
}

GST_END_TEST;

/* Any bytes: no crash, and what is accepted is in range. */
GST_START_TEST (test_random)
{
  GRand *rand = g_rand_new_with_seed (9);
  GstDaedalusVp9State state = { 0 };
  guint round, i, accepted = 0;

  for (round = 0; round < 200000; round++) {
    gsize size = g_rand_int_range (rand, 0, 96);
    guint8 *data = g_malloc (size);
    GstDaedalusVp9Header h;

    for (i = 0; i < size; i++)
      data[i] = g_rand_int (rand);
    if (size > 4 && round % 2) {
      /* Past the sync code, where most noise ends. */
      data[0] = 0x82;
      data[1] = 0x49;
      data[2] = 0x83;
      data[3] = 0x42;
    } else if (size) {
      data[0] = 0x80 | (data[0] & 0x0f);
    }
    if (gst_daedalus_vp9_header_parse (&h, &state, data, size, NULL)) {
      accepted++;
      gst_daedalus_vp9_state_update (&state, &h);
      if (!h.show_existing_frame) {
        fail_unless (h.width >= 1 && h.width <= 65536);
        fail_unless (h.lf.level <= 63 && h.lf.sharpness <= 7);
        for (i = 0; i < 4; i++)
          fail_unless (ABS (h.lf.ref_deltas[i]) <= 63);
        for (i = 0; i < 8; i++)
          fail_unless (ABS (h.seg.feature_data[i][0]) <= 255
              && ABS (h.seg.feature_data[i][1]) <= 63
              && h.seg.feature_enabled[i] <= 15);
        fail_unless (h.tile_rows_log2 <= 2 && h.interpolation_filter <= 4);
      }
    }
    g_free (data);
  }
  g_rand_free (rand);
  /* The test means something only if some get through. */
  fail_unless (accepted > 100);
}

GST_END_TEST;

static Suite *
vp9_header_suite (void)
{
  Suite *suite = suite_create ("vp9_header");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_test (tc, test_segmented);
  tcase_add_test (tc, test_error_resilient);
  tcase_add_test (tc, test_intra_only);
  tcase_add_test (tc, test_other_headers);
  tcase_add_test (tc, test_sizes);
  tcase_add_test (tc, test_color_config);
  tcase_add_test (tc, test_broken);
  tcase_add_test (tc, test_random);
  return suite;
}

GST_CHECK_MAIN (vp9_header);
