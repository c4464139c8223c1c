/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reference slots of VP9, and the control that is filled from a header. */
#include <gst/check/gstcheck.h>
#include <string.h>

#include "core/gstdaedaluserror.h"
#include "vp9/gstdaedalusvp9refs.h"
#include "vp9_headers.h"

static GstDaedalusPicture *
new_picture (guint64 timestamp)
{
  GstDaedalusLayout layout = { 0 };

  return gst_daedalus_picture_new (timestamp, &layout, gst_buffer_new (), NULL);
}

/* Parses @frame, fills @ctrl and puts a picture with @timestamp into the
 * slots. */
static void
decode (const Vp9Frame *frame, GstDaedalusVp9State *state,
    GstDaedalusVp9Refs *refs, guint64 timestamp,
    struct v4l2_ctrl_vp9_frame *ctrl)
{
  guint8 *data = vp9_frame_data (frame);
  GstDaedalusPicture *picture = new_picture (timestamp);
  GstVp9FrameHdr h;

  fail_unless (gst_daedalus_vp9_header_parse (&h, state, data,
          frame->frame_size, NULL));
  fail_unless (gst_daedalus_vp9_refs_check (refs, &h, NULL));
  gst_daedalus_vp9_fill_frame (ctrl, &h, state, refs);
  gst_daedalus_vp9_refs_update (refs, &h, picture);
  gst_daedalus_picture_unref (picture);
  g_free (data);
}

GST_START_TEST (test_control)
{
  GstDaedalusVp9State state = { 0 };
  GstDaedalusVp9Refs refs = { {NULL} };
  struct v4l2_ctrl_vp9_frame ctrl;

  decode (&segmented[0], &state, &refs, 10, &ctrl);
  fail_unless_equals_int (ctrl.flags,
      V4L2_VP9_FRAME_FLAG_KEY_FRAME | V4L2_VP9_FRAME_FLAG_SHOW_FRAME |
      V4L2_VP9_FRAME_FLAG_REFRESH_FRAME_CTX |
      V4L2_VP9_FRAME_FLAG_PARALLEL_DEC_MODE |
      V4L2_VP9_FRAME_FLAG_X_SUBSAMPLING | V4L2_VP9_FRAME_FLAG_Y_SUBSAMPLING);
  fail_unless_equals_int (ctrl.frame_width_minus_1, 1279);
  fail_unless_equals_int (ctrl.frame_height_minus_1, 719);
  fail_unless_equals_int (ctrl.render_width_minus_1, 1279);
  fail_unless_equals_int (ctrl.bit_depth, 8);
  fail_unless_equals_int (ctrl.profile, 0);
  fail_unless_equals_int (ctrl.tile_cols_log2, 2);
  fail_unless_equals_int (ctrl.uncompressed_header_size, 33);
  fail_unless_equals_int (ctrl.lf.flags,
      V4L2_VP9_LOOP_FILTER_FLAG_DELTA_ENABLED |
      V4L2_VP9_LOOP_FILTER_FLAG_DELTA_UPDATE);
  fail_unless_equals_int (ctrl.lf.ref_deltas[0], 1);
  fail_unless_equals_int (ctrl.lf.ref_deltas[3], -1);
  fail_unless_equals_int (ctrl.seg.flags,
      V4L2_VP9_SEGMENTATION_FLAG_ENABLED |
      V4L2_VP9_SEGMENTATION_FLAG_UPDATE_MAP |
      V4L2_VP9_SEGMENTATION_FLAG_UPDATE_DATA);
  fail_unless_equals_uint64 (ctrl.last_frame_ts, 0);
  fail_unless_equals_int (ctrl.ref_frame_sign_bias, 0);

  /* Hidden, into slot 2. */
  decode (&segmented[1], &state, &refs, 11, &ctrl);
  fail_if (ctrl.flags & V4L2_VP9_FRAME_FLAG_SHOW_FRAME);
  fail_unless_equals_uint64 (ctrl.last_frame_ts, 10000);
  fail_unless_equals_uint64 (ctrl.alt_frame_ts, 10000);

  /* Refers to it as ALTREF. */
  decode (&segmented[2], &state, &refs, 12, &ctrl);
  fail_unless_equals_uint64 (ctrl.last_frame_ts, 10000);
  fail_unless_equals_uint64 (ctrl.golden_frame_ts, 10000);
  fail_unless_equals_uint64 (ctrl.alt_frame_ts, 11000);
  fail_unless_equals_int (ctrl.ref_frame_sign_bias, V4L2_VP9_SIGN_BIAS_ALT);
  fail_unless_equals_int (ctrl.seg.flags, V4L2_VP9_SEGMENTATION_FLAG_ENABLED);

  decode (&segmented[3], &state, &refs, 13, &ctrl);
  fail_unless_equals_uint64 (ctrl.last_frame_ts, 12000);
  gst_daedalus_vp9_refs_clear (&refs);

  memset (&state, 0, sizeof (state));
  decode (&intra_only[0], &state, &refs, 1, &ctrl);
  fail_unless (ctrl.flags & V4L2_VP9_FRAME_FLAG_INTRA_ONLY);
  fail_unless_equals_int (ctrl.reset_frame_context,
      V4L2_VP9_RESET_FRAME_CTX_SPEC);
  gst_daedalus_vp9_refs_clear (&refs);

  memset (&state, 0, sizeof (state));
  decode (&ten_bits[0], &state, &refs, 1, &ctrl);
  fail_unless_equals_int (ctrl.profile, 2);
  fail_unless_equals_int (ctrl.bit_depth, 10);
  gst_daedalus_vp9_refs_clear (&refs);
}

GST_END_TEST;

GST_START_TEST (test_slots)
{
  GstDaedalusVp9Refs refs = { {NULL}
  };
  GstVp9FrameHdr key = {.frame_type = GST_VP9_KEY_FRAME,
    .refresh_frame_flags = 0xff
  };
  GstVp9FrameHdr inter = {.frame_type = GST_VP9_INTER_FRAME,
    .refresh_frame_flags = 0x21,.ref_frame_indices = {0, 5, 7}
  };
  GstVp9FrameHdr show = {.show_existing_frame = TRUE,
    .frame_to_show = 5,.refresh_frame_flags = 0xff
  };
  GstDaedalusPicture *a = new_picture (1), *b = new_picture (2);
  GError *error = NULL;

  /* Nothing to refer to, nothing to show. */
  fail_if (gst_daedalus_vp9_refs_check (&refs, &inter, &error));
  fail_unless (g_error_matches (error, GST_DAEDALUS_ERROR,
          GST_DAEDALUS_ERROR_FRAME));
  g_clear_error (&error);
  fail_if (gst_daedalus_vp9_refs_check (&refs, &show, &error));
  fail_unless (strstr (error->message, "slot 5"));
  g_clear_error (&error);
  fail_unless (gst_daedalus_vp9_refs_check (&refs, &key, NULL));

  gst_daedalus_vp9_refs_update (&refs, &key, a);
  fail_unless (gst_daedalus_vp9_refs_check (&refs, &inter, NULL));
  gst_daedalus_vp9_refs_update (&refs, &inter, b);
  fail_unless (refs.slots[0] == b && refs.slots[5] == b);
  fail_unless (refs.slots[1] == a && refs.slots[7] == a);

  /* Showing changes no slot. */
  fail_unless (gst_daedalus_vp9_refs_check (&refs, &show, NULL));
  gst_daedalus_vp9_refs_update (&refs, &show, a);
  fail_unless (refs.slots[5] == b);

  /* A lost frame empties the slots that it refreshes, and no others. */
  gst_daedalus_vp9_refs_update (&refs, &inter, NULL);
  fail_unless (refs.slots[0] == NULL && refs.slots[5] == NULL);
  fail_unless (refs.slots[7] == a);
  fail_if (gst_daedalus_vp9_refs_check (&refs, &inter, NULL));

  /* The slots held the only other references. */
  gst_daedalus_vp9_refs_clear (&refs);
  fail_unless_equals_int (GST_MINI_OBJECT_REFCOUNT_VALUE (a->buffer), 1);
  ASSERT_MINI_OBJECT_REFCOUNT (b->buffer, "b", 1);
  gst_daedalus_picture_unref (a);
  gst_daedalus_picture_unref (b);
}

GST_END_TEST;

GST_START_TEST (test_supported)
{
  /* profile, color_space, x, y, bits; what the message must say */
  static const struct
  {
    guint profile, color_space, x, y, bits;
    const gchar *message;
  } cases[] = {
    {0, 2, 1, 1, 8, NULL},
    {2, 5, 1, 1, 10, NULL},
    {1, 2, 0, 0, 8, "VP9 profile 1 4:4:4 with 8 bits is not supported"},
    {1, 2, 1, 0, 8, "profile 1 4:2:2"},
    {1, 2, 0, 1, 8, "profile 1 4:4:0"},
    {1, GST_VP9_CS_SRGB, 0, 0, 8, "profile 1 RGB"},
    {2, 2, 1, 1, 12, "profile 2 4:2:0 with 12 bits is not supported"},
    {3, 2, 1, 0, 10, "profile 3 4:2:2 with 10 bits"},
  };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (cases); i++) {
    GstDaedalusVp9Color color = {
      .bit_depth = cases[i].bits,.color_space = cases[i].color_space,
      .subsampling_x = cases[i].x,.subsampling_y = cases[i].y
    };
    GError *error = NULL;

    fail_unless_equals_int (gst_daedalus_vp9_supported (cases[i].profile,
            &color, &error), cases[i].message == NULL);
    if (!cases[i].message) {
      fail_if (error);
      continue;
    }
    fail_unless (g_error_matches (error, GST_DAEDALUS_ERROR,
            GST_DAEDALUS_ERROR_UNSUPPORTED));
    fail_unless (strstr (error->message, cases[i].message), "%s",
        error->message);
    g_error_free (error);
  }
}

GST_END_TEST;

static Suite *
vp9_refs_suite (void)
{
  Suite *suite = suite_create ("vp9_refs");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_test (tc, test_control);
  tcase_add_test (tc, test_slots);
  tcase_add_test (tc, test_supported);
  return suite;
}

GST_CHECK_MAIN (vp9_refs);
