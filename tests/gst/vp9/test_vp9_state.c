/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* State between VP9 frames: values that the next frame inherits, and resets. */
#include <gst/check/gstcheck.h>
#include <string.h>

#include "vp9/gstdaedalusvp9header.h"
#include "vp9_writer.h"

#define SEG_ENABLED V4L2_VP9_SEGMENTATION_FLAG_ENABLED
#define SEG_MAP V4L2_VP9_SEGMENTATION_FLAG_UPDATE_MAP
#define SEG_DATA V4L2_VP9_SEGMENTATION_FLAG_UPDATE_DATA
#define SEG_TEMPORAL V4L2_VP9_SEGMENTATION_FLAG_TEMPORAL_UPDATE
#define SEG_ABS V4L2_VP9_SEGMENTATION_FLAG_ABS_OR_DELTA_UPDATE

/* Error resilient frames have no sign biases, whatever the header says: libvpx,
 * FFmpeg and GstVp9Parser clear them with all else that makes frames depend on
 * earlier ones. */
GST_START_TEST (test_sign_bias)
{
  GstDaedalusVp9State state = { 0 };
  GstVp9FrameHdr h;
  guint resilient;
  Writer w;

  put_key_frame (&w, 0);
  put (&w, 2 << 1, 4);
  put_rest (&w, 64, 64, 0);
  fail_unless (written (&w, &h, &state, NULL));
  for (resilient = 0; resilient <= 1; resilient++) {
    put_start (&w, 0, GST_VP9_INTER_FRAME, 1, resilient);
    put (&w, 0, resilient ? 0 : 2);     /* reset_frame_context */
    put (&w, 1, 8);
    put (&w, 0x111, 12);        /* slot 0 with a bias, three times */
    put (&w, 1, 1);             /* found_ref */
    put (&w, 1, 1 + 1 + 1);     /* is_filter_switchable */
    put (&w, 0, resilient ? 0 : 2);
    put (&w, 0, 2 + 10 + 8 + 3 + 1 + 1);        /* to tile_info() */
    put (&w, 7, 16);
    fail_unless (written (&w, &h, &state, NULL));
    fail_unless_equals_int (h.frame_header_length_in_bytes, (w.bits + 7) / 8);
    fail_unless_equals_int (h.error_resilient_mode, resilient);
    fail_unless_equals_int (h.ref_frame_sign_bias[0], !resilient);
    fail_unless_equals_int (h.ref_frame_sign_bias[1], !resilient);
    fail_unless_equals_int (h.ref_frame_sign_bias[2], !resilient);
  }
}

GST_END_TEST;

/* The header of a frame of 64x64 up to loop_filter_sharpness. An inter frame
 * has the size of slot 0 and refreshes no slot. */
static void
put_small (Writer *w, guint frame_type, guint error_resilient_mode)
{
  put_start (w, 0, frame_type, 1, error_resilient_mode);
  if (frame_type == GST_VP9_KEY_FRAME) {
    put (w, GST_VP9_SYNC_CODE, 24);
    put (w, 2 << 1, 4);         /* color_space, color_range */
    put (w, 63, 16);
    put (w, 63, 16);
    put (w, 0, 1);              /* render_and_frame_size_different */
  } else {
    put (w, 0, error_resilient_mode ? 0 : 2);   /* reset_frame_context */
    put (w, 0, 8 + 12);         /* refresh_frame_flags, references */
    put (w, 1, 1);              /* found_ref */
    put (w, 1, 3);              /* is_filter_switchable */
  }
  put (w, 0, error_resilient_mode ? 0 : 2);     /* to frame_parallel_decoding_mode */
  put (w, 0, 2);                /* frame_context_idx */
  put (w, 0, 6 + 3);
}

/* Features from *@bit up to @next, of 8 segments with 4 each, are not
 * enabled. */
static void
put_no_features (Writer *w, guint *bit, guint next)
{
  put (w, 0, next - *bit);
  *bit = next + 1;
}

static void
parse_small (Writer *w, GstDaedalusVp9State *state)
{
  GstVp9FrameHdr h;

  put (w, 0, 1);                /* tile_rows_log2 */
  put (w, 7, 16);               /* header_size_in_bytes */
  fail_unless (written (w, &h, state, NULL));
  fail_unless_equals_int (h.frame_header_length_in_bytes, (w->bits + 7) / 8);
}

static void
check_deltas (const struct v4l2_vp9_loop_filter *lf, guint flags, gint ref1,
    gint mode0, gint mode1)
{
  const gint8 ref_deltas[] = { 1, ref1, -1, -1 };

  fail_if (memcmp (lf->ref_deltas, ref_deltas, sizeof (ref_deltas)));
  fail_unless_equals_int (lf->mode_deltas[0], mode0);
  fail_unless_equals_int (lf->mode_deltas[1], mode1);
  fail_unless_equals_int (lf->flags, flags);
}

/* Loop filter deltas and segmentation features over four frames */
GST_START_TEST (test_in_force)
{
  static const gint16 no_features[8][4];
  GstDaedalusVp9State state = { 0 };
  struct v4l2_vp9_segmentation kept;
  guint bit = 0;
  Writer w;

  put_small (&w, GST_VP9_KEY_FRAME, 0);
  put (&w, 3, 2);               /* loop_filter_delta_update */
  put (&w, 0, 1);
  put (&w, 1 << 7 | 5 << 1 | 1, 8);     /* ref_deltas[1] */
  put (&w, 0, 2);
  put (&w, 1 << 7 | 7 << 1, 8); /* mode_deltas[0] */
  put (&w, 0, 1);
  put (&w, 0, 8 + 3);           /* quantization_params() */
  put (&w, 3, 2);               /* segmentation_update_map */
  put (&w, 0, 2);
  put (&w, 1 << 8 | 9, 9);      /* tree_probs[2] */
  put (&w, 0, 4);
  put (&w, 1, 1);               /* segmentation_temporal_update */
  put (&w, 0, 1);
  put (&w, 1 << 8 | 33, 9);     /* pred_probs[1] */
  put (&w, 0, 1);
  put (&w, 3, 2);               /* segmentation_abs_or_delta_update */
  put_no_features (&w, &bit, 3 * 4);
  put (&w, 1 << 9 | 20 << 1 | 1, 10);   /* segment 3, ALT_Q */
  put_no_features (&w, &bit, 3 * 4 + 2);
  put (&w, 1 << 2 | 2, 3);      /* segment 3, REF_FRAME */
  put_no_features (&w, &bit, 5 * 4 + 3);
  put (&w, 1, 1);               /* segment 5, SKIP */
  put_no_features (&w, &bit, 32);
  parse_small (&w, &state);
  check_deltas (&state.lf, 3, -5, 7, 0);
  fail_unless_equals_int (state.seg.flags, SEG_ENABLED | SEG_MAP | SEG_DATA |
      SEG_TEMPORAL | SEG_ABS);
  fail_unless_equals_int (state.seg.tree_probs[1], 255);
  fail_unless_equals_int (state.seg.tree_probs[2], 9);
  fail_unless_equals_int (state.seg.pred_probs[1], 33);
  fail_unless_equals_int (state.seg.pred_probs[2], 255);
  fail_unless_equals_int (state.seg.feature_enabled[3], 1 | 4);
  fail_unless_equals_int (state.seg.feature_enabled[5], 8);
  fail_unless_equals_int (state.seg.feature_data[3][0], -20);
  fail_unless_equals_int (state.seg.feature_data[3][2], 2);
  kept = state.seg;

  /* All is kept but the probabilities. */
  put_small (&w, GST_VP9_INTER_FRAME, 0);
  put (&w, 2, 2);               /* no loop_filter_delta_update */
  put (&w, 0, 8 + 3);
  put (&w, 4, 3);               /* no update_map, no update_data */
  parse_small (&w, &state);
  check_deltas (&state.lf, 1, -5, 7, 0);
  fail_unless_equals_int (state.seg.flags, SEG_ENABLED | SEG_ABS);
  fail_unless_equals_int (state.seg.tree_probs[2], 255);
  fail_unless_equals_int (state.seg.pred_probs[1], 255);
  fail_if (memcmp (kept.feature_data, state.seg.feature_data,
          sizeof (kept.feature_data)));
  fail_if (memcmp (kept.feature_enabled, state.seg.feature_enabled,
          sizeof (kept.feature_enabled)));

  /* Deltas are changed one by one, features all at once. */
  put_small (&w, GST_VP9_INTER_FRAME, 0);
  put (&w, 3, 2);
  put (&w, 0, 5);
  put (&w, 1 << 7 | 1 << 1 | 1, 8);     /* mode_deltas[1] */
  put (&w, 0, 8 + 3);
  put (&w, 3, 2);               /* segmentation_update_map */
  put (&w, 0, 7 + 1);           /* no segmentation_temporal_update */
  put (&w, 2, 2);               /* no segmentation_abs_or_delta_update */
  bit = 0;
  put_no_features (&w, &bit, 3 * 4 + 1);
  put (&w, 1 << 7 | 4 << 1, 8); /* segment 3, ALT_L */
  put_no_features (&w, &bit, 32);
  parse_small (&w, &state);
  check_deltas (&state.lf, 3, -5, 7, -1);
  fail_unless_equals_int (state.seg.flags, SEG_ENABLED | SEG_MAP | SEG_DATA);
  fail_unless_equals_int (state.seg.pred_probs[0], 255);
  fail_unless_equals_int (state.seg.feature_enabled[3], 2);
  fail_unless_equals_int (state.seg.feature_enabled[5], 0);
  fail_unless_equals_int (state.seg.feature_data[3][0], 0);
  fail_unless_equals_int (state.seg.feature_data[3][1], 4);
  fail_unless_equals_int (state.seg.feature_data[3][2], 0);

  /* An error resilient frame is independent of all that. */
  put_small (&w, GST_VP9_INTER_FRAME, 1);
  put (&w, 0, 1 + 8 + 3 + 1);   /* to segmentation_enabled */
  parse_small (&w, &state);
  check_deltas (&state.lf, 0, 0, 0, 0);
  fail_unless_equals_int (state.seg.flags, 0);
  fail_if (memcmp (state.seg.feature_data, no_features, sizeof (no_features)));
  fail_unless_equals_int (state.seg.feature_enabled[3], 0);
}

GST_END_TEST;

static Suite *
vp9_state_suite (void)
{
  Suite *suite = suite_create ("vp9_state");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_test (tc, test_sign_bias);
  tcase_add_test (tc, test_in_force);
  return suite;
}

GST_CHECK_MAIN (vp9_state);
