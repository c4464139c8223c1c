/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The parser of VP9 headers: real headers, hand-made headers and random
 * bytes. */
#include <gst/check/gstcheck.h>
#include <string.h>

#include "core/gstdaedaluserror.h"
#include "vp9/gstdaedalusvp9header.h"
#include "vp9_headers.h"
#include "vp9_writer.h"

#define SEG_ENABLED V4L2_VP9_SEGMENTATION_FLAG_ENABLED
#define SEG_MAP V4L2_VP9_SEGMENTATION_FLAG_UPDATE_MAP
#define SEG_DATA V4L2_VP9_SEGMENTATION_FLAG_UPDATE_DATA
#define SEG_TEMPORAL V4L2_VP9_SEGMENTATION_FLAG_TEMPORAL_UPDATE
#define SEG_ABS V4L2_VP9_SEGMENTATION_FLAG_ABS_OR_DELTA_UPDATE

static void
parse (GstVp9FrameHdr *h, GstDaedalusVp9State *state, const Vp9Frame *frame)
{
  guint8 *data = vp9_frame_data (frame);
  GError *error = NULL;

  gst_daedalus_vp9_header_parse (h, state, data, frame->frame_size, &error);
  g_free (data);
  fail_if (error, "%s", error ? error->message : "");
}

GST_START_TEST (test_segmented)
{
  GstDaedalusVp9State state = { 0 };
  GstVp9FrameHdr h;

  parse (&h, &state, &segmented[0]);
  fail_unless (h.frame_type == GST_VP9_KEY_FRAME && h.show_frame
      && !h.error_resilient_mode);
  fail_unless_equals_int (h.width, 1280);
  fail_unless_equals_int (h.height, 720);
  fail_unless_equals_int (h.display_width, 1280);
  fail_unless_equals_int (h.refresh_frame_flags, 0xff);
  fail_unless_equals_int (state.color.bit_depth, 8);
  fail_unless (state.color.subsampling_x && state.color.subsampling_y);
  fail_unless_equals_int (state.lf.level, 0);
  fail_unless_equals_int (state.lf.ref_deltas[0], 1);
  fail_unless_equals_int (state.lf.ref_deltas[2], -1);
  fail_unless_equals_int (h.log2_tile_columns, 2);
  fail_unless_equals_int (state.seg.flags, SEG_ENABLED | SEG_MAP | SEG_DATA);
  fail_unless_equals_int (state.seg.pred_probs[0], 255);
  fail_unless_equals_int (h.frame_header_length_in_bytes,
      strlen (segmented[0].hex) / 2);

  parse (&h, &state, &segmented[1]);
  fail_unless (h.frame_type != GST_VP9_KEY_FRAME && !h.show_frame);
  fail_unless (state.seg.flags & SEG_DATA);
  fail_unless_equals_int (h.refresh_frame_flags, 0x04);

  /* What the hidden frame changed stays in force. */
  const struct v4l2_vp9_segmentation kept = state.seg;
  parse (&h, &state, &segmented[2]);
  fail_unless_equals_int (state.seg.flags, SEG_ENABLED);
  fail_unless_equals_int (h.width, 1280);
  fail_unless_equals_int (h.ref_frame_indices[0], 0);
  fail_unless_equals_int (h.ref_frame_indices[1], 1);
  fail_unless_equals_int (h.ref_frame_indices[2], 2);
  fail_unless (!h.ref_frame_sign_bias[0] && h.ref_frame_sign_bias[2]);
  fail_if (memcmp (state.seg.feature_data, kept.feature_data,
          sizeof (kept.feature_data)));
  fail_if (memcmp (state.seg.feature_enabled, kept.feature_enabled,
          sizeof (kept.feature_enabled)));
  fail_unless_equals_int (state.lf.level, 8);
  fail_unless_equals_int (state.lf.flags,
      V4L2_VP9_LOOP_FILTER_FLAG_DELTA_ENABLED);
  fail_unless_equals_int (state.lf.ref_deltas[3], -1);
  /* Probabilities do not: none was coded. */
  fail_unless_equals_int (state.seg.tree_probs[0], 255);
}

GST_END_TEST;

GST_START_TEST (test_error_resilient)
{
  GstDaedalusVp9State state = { 0 };
  GstVp9FrameHdr h;

  parse (&h, &state, &error_resilient[0]);
  fail_unless (h.frame_type == GST_VP9_KEY_FRAME && h.error_resilient_mode);
  fail_unless_equals_int (state.lf.level, 24);
  fail_unless_equals_int (h.quant_indices.y_ac_qi, 160);
  fail_unless_equals_int (h.first_partition_size, 76);
  fail_unless (!h.refresh_frame_context && h.frame_parallel_decoding_mode);
  fail_if (state.seg.flags & SEG_ENABLED);

  parse (&h, &state, &error_resilient[1]);
  fail_unless_equals_int (h.width, 640);
  fail_unless_equals_int (h.height, 360);
  fail_unless_equals_int (h.refresh_frame_flags, 0x01);
  fail_unless_equals_int (state.lf.level, 60);
  fail_unless_equals_int (h.mcomp_filter_type, 4);
  fail_unless_equals_int (state.seg.flags, SEG_ENABLED | SEG_MAP | SEG_DATA |
      SEG_TEMPORAL);
}

GST_END_TEST;

GST_START_TEST (test_intra_only)
{
  GstDaedalusVp9State state = { 0 };
  GstVp9FrameHdr h;
  GError *error = NULL;
  guint8 *data;

  parse (&h, &state, &intra_only[0]);
  fail_unless (h.intra_only && h.frame_type != GST_VP9_KEY_FRAME
      && !h.show_frame);
  fail_unless_equals_int (h.reset_frame_context, 2);
  fail_unless_equals_int (h.refresh_frame_flags, 0x01);
  fail_unless_equals_int (h.width, 352);
  fail_unless_equals_int (h.height, 288);
  fail_unless_equals_int (state.color.bit_depth, 8);
  fail_unless (state.color.subsampling_x && state.color.subsampling_y);
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
  GstVp9FrameHdr h;

  parse (&h, &state, &ten_bits[0]);
  fail_unless_equals_int (h.profile, 2);
  fail_unless_equals_int (state.color.bit_depth, 10);
  fail_unless_equals_int (h.width, 160);
  fail_unless_equals_int (h.height, 90);
  parse (&h, &state, &ten_bits[1]);
  parse (&h, &state, &ten_bits[2]);
  fail_unless_equals_int (state.color.bit_depth, 10);
  fail_unless (h.ref_frame_sign_bias[2]);

  parse (&h, &state, &tiles[0]);
  fail_unless_equals_int (h.width, 1920);
  fail_unless_equals_int (h.height, 1080);
  fail_unless_equals_int (h.log2_tile_columns, 1);
  fail_unless_equals_int (h.log2_tile_rows, 1);

  parse (&h, &state, &show_existing[0]);
  fail_unless (h.show_existing_frame);
  fail_unless_equals_int (h.frame_to_show, 6);
  fail_unless_equals_int (state.ref_width[6], 1920);
}

GST_END_TEST;

GST_START_TEST (test_sizes)
{
  /* width, min and max of tile_cols_log2 by the rule of section 7.2.12 */
  static const guint sizes[][4] = {
    {1, 1, 0, 0}, {448, 3, 0, 0}, {449, 1, 0, 1}, {4096, 2160, 0, 4},
    {4097, 1, 1, 4}, {8192, 8192, 1, 5}, {16384, 16384, 2, 6},
    {65536, 65536, 4, 8}
  };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (sizes); i++) {
    GstDaedalusVp9State state = { 0 };
    GstVp9FrameHdr h;
    Writer w;

    put_key_frame (&w, 0);
    put (&w, 2, 3);             /* color_space */
    put (&w, 1, 1);             /* color_range */
    put_rest (&w, sizes[i][0], sizes[i][1], sizes[i][3] - sizes[i][2]);
    fail_unless (written (&w, &h, &state, NULL));
    fail_unless_equals_int (h.width, sizes[i][0]);
    fail_unless_equals_int (h.height, sizes[i][1]);
    fail_unless_equals_int (h.log2_tile_columns, sizes[i][2]);
    fail_unless_equals_int (h.log2_tile_rows, 2);
    fail_unless_equals_int (h.first_partition_size, 7);
    fail_unless_equals_int (h.frame_context_idx, 3);
    fail_unless_equals_int (h.quant_indices.y_ac_qi, 255);
    fail_unless_equals_int (h.quant_indices.y_dc_delta, -15);
    fail_unless_equals_int (h.quant_indices.uv_ac_delta, 0);
    fail_unless (state.color.full_range);
    fail_unless_equals_int (h.frame_header_length_in_bytes, (w.bits + 7) / 8);
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
  guint i;

  for (i = 0; i < G_N_ELEMENTS (configs); i++) {
    GstDaedalusVp9State state = { 0 };
    GstVp9FrameHdr h;
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
    fail_unless_equals_int (written (&w, &h, &state, &error), c[5] != 0);
    fail_unless_equals_int (error == NULL, c[5] != 0);
    g_clear_error (&error);
    if (!c[5])
      continue;
    fail_unless_equals_int (h.profile, c[0]);
    fail_unless_equals_int (state.color.bit_depth, c[5]);
    fail_unless_equals_int (state.color.subsampling_x, c[3]);
    fail_unless_equals_int (state.color.subsampling_y, c[4]);
    fail_unless_equals_int (h.width, 64);
  }
}

GST_END_TEST;

/* The longest header: 499 bits */
GST_START_TEST (test_longest)
{
  GstDaedalusVp9State state = { 0 };
  GstVp9FrameHdr h;
  guint i;
  Writer w;

  put_start (&w, 3, GST_VP9_INTER_FRAME, 0, 0);
  put (&w, 1, 1);               /* intra_only */
  put (&w, 3, 2);               /* reset_frame_context */
  put (&w, GST_VP9_SYNC_CODE, 24);
  put (&w, 1, 1);               /* ten_or_twelve_bit */
  put (&w, 2 << 4 | 1 << 3 | 2 << 1, 7);        /* full range, 4:2:2 */
  put (&w, 0xff, 8);            /* refresh_frame_flags */
  put (&w, 4095, 16);
  put (&w, 65535, 16);
  put (&w, 1, 1);               /* render_and_frame_size_different */
  put (&w, 1, 16);
  put (&w, 2, 16);
  put (&w, 0xf, 4);             /* to frame_context_idx */
  put (&w, 0x7ff, 11);          /* to loop_filter_delta_update */
  for (i = 0; i < 6; i++)
    put (&w, 1 << 7 | (i + 1) << 1 | 1, 8);
  put (&w, 200, 8);             /* base_q_idx */
  for (i = 0; i < 3; i++)
    put (&w, 1 << 5 | (i + 1) << 1, 6);
  put (&w, 3, 2);               /* segmentation_update_map */
  for (i = 0; i < 7; i++)
    put (&w, 1 << 8 | i, 9);
  put (&w, 1, 1);               /* segmentation_temporal_update */
  for (i = 0; i < 3; i++)
    put (&w, 1 << 8 | (i + 7), 9);
  put (&w, 3, 2);               /* segmentation_abs_or_delta_update */
  for (i = 0; i < 8; i++) {
    put (&w, 1 << 9 | (255 - i) << 1 | 1, 10);
    put (&w, 1 << 7 | (63 - i) << 1 | 1, 8);
    put (&w, 1 << 2 | (i & 3), 3);
    put (&w, 1, 1);
  }
  put (&w, 0xf, 4);             /* increment_tile_cols_log2 */
  put (&w, 3, 2);               /* tile_rows_log2 */
  put (&w, 1, 16);              /* header_size_in_bytes */
  fail_unless_equals_int (w.bits, 499);

  fail_unless (written (&w, &h, &state, NULL));
  fail_unless_equals_int (h.frame_header_length_in_bytes, 63);
  fail_unless_equals_int (h.first_partition_size, 1);
  fail_unless_equals_int (h.reset_frame_context, 3);
  fail_unless_equals_int (h.display_width, 2);
  fail_unless_equals_int (h.display_height, 3);
  fail_unless_equals_int (h.log2_tile_columns, 4);
  fail_unless_equals_int (state.color.bit_depth, 12);
  fail_unless (state.color.full_range);
  fail_unless (state.color.subsampling_x && !state.color.subsampling_y);
  fail_unless_equals_int (state.lf.level, 63);
  fail_unless_equals_int (state.lf.sharpness, 7);
  fail_unless_equals_int (state.lf.flags,
      V4L2_VP9_LOOP_FILTER_FLAG_DELTA_ENABLED |
      V4L2_VP9_LOOP_FILTER_FLAG_DELTA_UPDATE);
  for (i = 0; i < 4; i++)
    fail_unless_equals_int (state.lf.ref_deltas[i], -1 - (gint) i);
  for (i = 0; i < 2; i++)
    fail_unless_equals_int (state.lf.mode_deltas[i], -5 - (gint) i);
  fail_unless_equals_int (h.quant_indices.uv_ac_delta, 3);
  fail_unless_equals_int (state.seg.flags, SEG_ENABLED | SEG_MAP | SEG_DATA |
      SEG_TEMPORAL | SEG_ABS);
  for (i = 0; i < 7; i++)
    fail_unless_equals_int (state.seg.tree_probs[i], i);
  for (i = 0; i < 3; i++)
    fail_unless_equals_int (state.seg.pred_probs[i], i + 7);
  for (i = 0; i < 8; i++) {
    fail_unless_equals_int (state.seg.feature_enabled[i], 15);
    fail_unless_equals_int (state.seg.feature_data[i][0], (gint) i - 255);
    fail_unless_equals_int (state.seg.feature_data[i][1], (gint) i - 63);
    fail_unless_equals_int (state.seg.feature_data[i][2], i & 3);
    fail_unless_equals_int (state.seg.feature_data[i][3], 0);
    fail_unless_equals_int (state.ref_width[i], 4096);
    fail_unless_equals_int (state.ref_height[i], 65536);
  }
}

GST_END_TEST;

/* Section 7.2: what a profile 0 intra-only frame does not code */
GST_START_TEST (test_intra_only_color)
{
  GstDaedalusVp9State state = { 0 };
  GstVp9FrameHdr h;
  Writer w;

  parse (&h, &state, &ten_bits[0]);
  fail_unless_equals_int (state.color.bit_depth, 10);
  put_start (&w, 0, GST_VP9_INTER_FRAME, 0, 0);
  put (&w, 1, 1);               /* intra_only */
  put (&w, 0, 2);               /* reset_frame_context */
  put (&w, GST_VP9_SYNC_CODE, 24);
  put (&w, 0x80, 8);            /* refresh_frame_flags */
  put_rest (&w, 64, 48, 0);
  fail_unless (written (&w, &h, &state, NULL));
  fail_unless_equals_int (state.color.bit_depth, 8);
  fail_unless_equals_int (state.color.color_space, GST_VP9_CS_BT_601);
  fail_unless (state.color.subsampling_x && state.color.subsampling_y);
  fail_unless_equals_int (state.ref_width[6], 160);
  fail_unless_equals_int (state.ref_width[7], 64);
  fail_unless_equals_int (state.ref_height[7], 48);
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
    GstVp9FrameHdr h;

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
      if (!h.show_existing_frame) {
        fail_unless (h.width >= 1 && h.width <= 65536);
        fail_unless (state.lf.level <= 63 && state.lf.sharpness <= 7);
        for (i = 0; i < 4; i++)
          fail_unless (ABS (state.lf.ref_deltas[i]) <= 63);
        for (i = 0; i < 8; i++)
          fail_unless (ABS (state.seg.feature_data[i][0]) <= 255
              && ABS (state.seg.feature_data[i][1]) <= 63
              && state.seg.feature_enabled[i] <= 15);
        fail_unless (h.log2_tile_rows <= 2 && h.mcomp_filter_type <= 4);
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
  tcase_add_test (tc, test_longest);
  tcase_add_test (tc, test_intra_only_color);
  tcase_add_test (tc, test_random);
  return suite;
}

GST_CHECK_MAIN (vp9_header);
