/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Frame headers of AV1, reference slots, tiles; with valid and damaged
 * input. */
#include <gst/check/gstcheck.h>

#include "av1_writer.h"
#include "core/gstdaedaluserror.h"

/* A decoder without a device */
typedef struct
{
  Av1Seq s;
  GstAV1SequenceHeaderOBU seq;
  GstDaedalusAv1Refs refs;
  GstDaedalusAv1Header header;
  guint64 timestamp;
} Stream;

static void
stream_init (Stream *stream, const Av1Seq *s)
{
  GByteArray *payload;

  memset (stream, 0, sizeof (*stream));
  if (s)
    stream->s = *s;
  payload = av1_sequence (&stream->s);
  fail_unless (gst_daedalus_av1_sequence_parse (&stream->seq, payload->data,
          payload->len, NULL));
  g_byte_array_unref (payload);
}

static void
stream_clear (Stream *stream)
{
  gst_daedalus_av1_refs_drop (&stream->refs, GST_DAEDALUS_AV1_ALL_FRAMES);
}

/* As in the element, a frame that fails empties the slots that it refreshes. */
static gboolean
decode (Stream *stream, const Av1Frame *f, GError **error)
{
  GByteArray *payload = f->show_existing ? av1_frame_header (&stream->s, f) :
      av1_frame (&stream->s, f, 100);
  GstDaedalusAv1Obu obu = {
    .type = GST_AV1_OBU_FRAME,.data = payload->data,.size = payload->len
  };
  GstDaedalusLayout layout = { 0 };
  GstDaedalusPicture *picture;
  gboolean ok;

  ok = gst_daedalus_av1_header_parse (&stream->header, &stream->seq,
      &stream->refs.state, &obu, error);
  g_byte_array_unref (payload);
  if (!ok) {
    gst_daedalus_av1_refs_drop (&stream->refs,
        stream->header.control.refresh_frame_flags);
    return FALSE;
  }
  gst_daedalus_av1_refs_fill (&stream->refs, &stream->header.control);
  if (f->show_existing)
    picture = gst_daedalus_picture_ref (stream->refs.pictures[f->idx]);
  else
    picture = gst_daedalus_picture_new (++stream->timestamp, &layout,
        gst_buffer_new (), NULL);
  gst_daedalus_av1_refs_update (&stream->refs, &stream->seq, &stream->header,
      picture);
  gst_daedalus_picture_unref (picture);
  return TRUE;
}

static void
fail_decode (Stream *stream, const Av1Frame *f, const gchar *what)
{
  GError *error = NULL;

  fail_if (decode (stream, f, &error));
  fail_unless (g_error_matches (error, GST_DAEDALUS_ERROR,
          GST_DAEDALUS_ERROR_FRAME));
  fail_unless (strstr (error->message, what), "%s", error->message);
  g_error_free (error);
}

static const Av1Frame key_frame = {.type = V4L2_AV1_KEY_FRAME,.refresh = 0xff };

GST_START_TEST (test_control)
{
  static const Av1Seq s = {.width = 640,.height = 360 };
  static const Av1Frame inter = {
    .type = V4L2_AV1_INTER_FRAME,.order_hint = 1,.refresh = 0x04,
    .has_primary = TRUE,.refs = {2, 1, 2, 3, 4, 5, 6},.tile_cols_log2 = 2
  };
  const struct v4l2_ctrl_av1_frame *c;
  Stream stream;

  stream_init (&stream, &s);
  c = &stream.header.control;
  fail_unless (decode (&stream, &key_frame, NULL));
  fail_unless_equals_int (c->frame_type, V4L2_AV1_KEY_FRAME);
  fail_unless_equals_int (c->flags, V4L2_AV1_FRAME_FLAG_SHOW_FRAME
      | V4L2_AV1_FRAME_FLAG_ERROR_RESILIENT_MODE
      | V4L2_AV1_FRAME_FLAG_FORCE_INTEGER_MV);
  fail_unless_equals_int (c->refresh_frame_flags, 0xff);
  fail_unless_equals_int (c->primary_ref_frame, GST_AV1_PRIMARY_REF_NONE);
  fail_unless_equals_int (c->upscaled_width, 640);
  fail_unless_equals_int (c->frame_width_minus_1, 639);
  fail_unless_equals_int (c->frame_height_minus_1, 359);
  fail_unless_equals_int (c->render_width_minus_1, 639);
  fail_unless_equals_int (c->superres_denom, 8);
  fail_unless_equals_int (c->quantization.base_q_idx, 100);
  fail_unless_equals_int (c->tx_mode, V4L2_AV1_TX_MODE_LARGEST);
  fail_unless_equals_int (c->loop_filter.ref_deltas[0], 1);
  fail_unless_equals_int (c->loop_filter.ref_deltas[4], -1);
  fail_unless_equals_int (c->tile_info.tile_cols, 1);
  fail_unless_equals_int (c->tile_info.mi_col_starts[1], 160);
  fail_unless_equals_int (c->global_motion.params[3][2], 1 << 16);
  fail_unless_equals_int (c->reference_frame_ts[0], 0);

  fail_unless (decode (&stream, &inter, NULL));
  fail_unless_equals_int (c->frame_type, V4L2_AV1_INTER_FRAME);
  fail_unless_equals_int (c->flags, V4L2_AV1_FRAME_FLAG_SHOW_FRAME
      | V4L2_AV1_FRAME_FLAG_SHOWABLE_FRAME);
  fail_unless_equals_int (c->refresh_frame_flags, 0x04);
  fail_unless_equals_int (c->primary_ref_frame, 0);
  fail_unless_equals_int (c->ref_frame_idx[6], 6);
  fail_unless_equals_int (c->reference_frame_ts[7], 1000);
  fail_unless_equals_int (c->interpolation_filter,
      V4L2_AV1_INTERPOLATION_FILTER_SWITCHABLE);
  fail_unless_equals_int (c->tile_info.tile_cols, 4);
  fail_unless_equals_int (c->tile_info.tile_size_bytes, 2);
  fail_unless_equals_int (c->tile_info.width_in_sbs_minus_1[0], 2);
  fail_unless_equals_int (c->tile_info.width_in_sbs_minus_1[3], 0);
  fail_unless_equals_int (c->tile_info.mi_col_starts[4], 160);

  fail_unless (decode (&stream, &inter, NULL));
  fail_unless_equals_int (c->reference_frame_ts[2], 2000);
  fail_unless_equals_int (c->order_hints[V4L2_AV1_REF_LAST_FRAME], 1);
  fail_unless_equals_int (c->order_hints[V4L2_AV1_REF_LAST2_FRAME], 0);
  stream_clear (&stream);
}

GST_END_TEST;

GST_START_TEST (test_show_existing)
{
  static const Av1Frame hidden_key = {
    .type = V4L2_AV1_KEY_FRAME,.hidden = TRUE,.order_hint = 9,.refresh = 0x10
  };
  static const Av1Frame hidden_inter = {
    .type = V4L2_AV1_INTER_FRAME,.hidden = TRUE,.order_hint = 5,.refresh = 0x08
  };
  static const Av1Frame show_inter = {.show_existing = TRUE,.idx = 3 };
  static const Av1Frame show_key = {.show_existing = TRUE,.idx = 4 };
  Stream stream;
  guint i;

  stream_init (&stream, NULL);
  fail_decode (&stream, &show_key, "slot 4, which is empty");
  fail_unless (decode (&stream, &key_frame, NULL));
  fail_unless (decode (&stream, &hidden_inter, NULL));
  fail_unless (decode (&stream, &hidden_key, NULL));

  /* Showing an inter frame changes no slot. */
  fail_unless (decode (&stream, &show_inter, NULL));
  fail_unless_equals_int (stream.header.control.refresh_frame_flags, 0);
  fail_unless_equals_int (stream.refs.pictures[3]->timestamp, 2);
  fail_unless_equals_int (stream.refs.pictures[0]->timestamp, 1);

  /* 7.21: a key frame goes to all slots. */
  fail_unless (decode (&stream, &show_key, NULL));
  for (i = 0; i < GST_AV1_NUM_REF_FRAMES; i++) {
    fail_unless_equals_int (stream.refs.pictures[i]->timestamp, 3);
    fail_unless_equals_int (stream.refs.state.entry[i].ref_order_hint, 9);
  }
  stream_clear (&stream);
}

GST_END_TEST;

GST_START_TEST (test_missing_reference)
{
  static const Av1Frame intra_only = {
    .type = V4L2_AV1_INTRA_ONLY_FRAME,.refresh = 0x01
  };
  static const Av1Frame inter = {
    .type = V4L2_AV1_INTER_FRAME,.refresh = 0x02,.refs = {0, 0, 0, 0, 0, 0, 2}
  };
  static const Av1Frame first_only = {
    .type = V4L2_AV1_INTER_FRAME,.refresh = 0x04
  };
  static const Av1Frame all = {
    .type = V4L2_AV1_INTRA_ONLY_FRAME,.refresh = 0xff
  };
  Stream stream;

  stream_init (&stream, NULL);
  fail_decode (&stream, &inter, "slot 0, which is empty");
  fail_unless (decode (&stream, &intra_only, NULL));
  fail_decode (&stream, &inter, "slot 2, which is empty");
  fail_unless (decode (&stream, &first_only, NULL));
  fail_unless (decode (&stream, &inter, NULL));
  fail_decode (&stream, &all, "intra-only frame refreshes all");

  /* The slots that might have been replaced are empty until a key frame. */
  fail_decode (&stream, &first_only, "slot 0, which is empty");
  fail_unless (decode (&stream, &key_frame, NULL));
  fail_unless (decode (&stream, &inter, NULL));
  stream_clear (&stream);
}

GST_END_TEST;

GST_START_TEST (test_lost_reference)
{
  static const guint8 hints[] = { 0, 0, 7, 0, 0, 0, 0, 0 };
  static const Av1Frame resilient = {
    .type = V4L2_AV1_INTER_FRAME,.error_resilient = TRUE,.order_hint = 8,
    .refresh = 0x01,.hints = hints
  };
  static const Av1Frame third = {
    .type = V4L2_AV1_INTER_FRAME,.order_hint = 9,.refs = {2, 2, 2, 2, 2, 2, 2}
  };
  static const Av1Frame switch_frame = {
    .type = V4L2_AV1_SWITCH_FRAME,.hints = hints,.width = 64,.height = 64,
    .order_hint = 10,.refs = {2, 2, 2, 2, 2, 2, 2}
  };
  Stream stream;

  stream_init (&stream, NULL);
  fail_unless (decode (&stream, &key_frame, NULL));
  /* The frame does not refer to slot 2, but has its ref_order_hint[]. */
  fail_unless (decode (&stream, &resilient, NULL));
  fail_decode (&stream, &third, "slot 2, which is empty");
  fail_unless_equals_int (stream.refs.state.entry[2].ref_order_hint, 7);
  fail_decode (&stream, &switch_frame, "slot 2, which is empty");
  fail_unless (decode (&stream, &key_frame, NULL));
  fail_unless (decode (&stream, &third, NULL));
  stream_clear (&stream);
}

GST_END_TEST;

GST_START_TEST (test_frame_ids)
{
  static const Av1Seq s = {.width = 64,.height = 64,.frame_ids = TRUE };
  static const Av1Frame key = {
    .type = V4L2_AV1_KEY_FRAME,.refresh = 0xff,.id = 20
  };
  static const Av1Frame show = {.show_existing = TRUE,.idx = 0,.id = 20 };
  Av1Frame inter = {
    .type = V4L2_AV1_INTER_FRAME,.id = 21,.refresh = 0x01,
    .ids_back = {1, 1, 1, 1, 1, 1, 1}
  };
  Stream stream;

  stream_init (&stream, &s);
  fail_unless (decode (&stream, &key, NULL));
  fail_unless (decode (&stream, &inter, NULL));
  /* Frame 22 is lost. */
  inter.id = 23;
  fail_decode (&stream, &inter, "refers to frame 22 in slot 0, which has 21");
  fail_decode (&stream, &show, "slot 0, which is empty");
  fail_unless (decode (&stream, &key, NULL));
  inter.id = 21;
  fail_unless (decode (&stream, &inter, NULL));
  fail_decode (&stream, &show, "display_frame_id is 20");
  /* Older than the largest delta_frame_id. */
  inter.id = 120;
  fail_decode (&stream, &inter, "slot 0, which is empty");
  stream_clear (&stream);
}

GST_END_TEST;

GST_START_TEST (test_sizes)
{
  static const Av1Seq s = {.width = 256,.height = 256,.superres = TRUE };
  static const Av1Frame smaller = {
    .type = V4L2_AV1_INTER_FRAME,.refresh = 0x02,.width = 130,.height = 128
  };
  static const Av1Frame same_as_second = {
    .type = V4L2_AV1_INTER_FRAME,.refresh = 0x04,.found_ref = 2,
    .refs = {0, 1, 0, 0, 0, 0, 0}
  };
  static const Av1Frame too_small = {
    .type = V4L2_AV1_INTER_FRAME,.refresh = 0x04,.width = 127,.height = 128
  };
  const struct v4l2_ctrl_av1_frame *c;
  Stream stream;

  stream_init (&stream, &s);
  c = &stream.header.control;
  fail_unless (decode (&stream, &key_frame, NULL));
  fail_unless (decode (&stream, &smaller, NULL));
  fail_unless_equals_int (c->upscaled_width, 130);
  fail_unless (decode (&stream, &same_as_second, NULL));
  fail_unless_equals_int (c->upscaled_width, 130);
  fail_unless_equals_int (c->frame_height_minus_1, 127);
  fail_unless_equals_int (c->render_width_minus_1, 129);
  fail_decode (&stream, &too_small, "127x128 and refers to a frame of 256x256");
  stream_clear (&stream);
}

GST_END_TEST;

GST_START_TEST (test_truncated)
{
  static const Av1Seq s = {.width = 640,.height = 360 };
  static const Av1Frame inter = {
    .type = V4L2_AV1_INTER_FRAME,.refresh = 0x04,.tile_cols_log2 = 2
  };
  GByteArray *payload;
  Stream stream;
  gsize size;

  stream_init (&stream, &s);
  fail_unless (decode (&stream, &key_frame, NULL));
  payload = av1_frame_header (&s, &inter);
  for (size = 0; size + 1 < payload->len; size++) {
    GstDaedalusAv1Obu obu = {
      .type = GST_AV1_OBU_FRAME,.size = size,
      .data = g_memdup2 (payload->data, size)
    };
    GError *error = NULL;

    fail_if (gst_daedalus_av1_header_parse (&stream.header, &stream.seq,
            &stream.refs.state, &obu, &error));
    fail_unless (strstr (error->message, "truncated"), "%s", error->message);
    fail_unless_equals_int (stream.header.control.refresh_frame_flags, 0xff);
    g_error_free (error);
    g_free ((guint8 *) obu.data);
  }
  g_byte_array_unref (payload);
  stream_clear (&stream);
}

GST_END_TEST;

/* The parser says 0 for products that do not fit into 16 bits. */
GST_START_TEST (test_motion)
{
  static const gint steep[] = { -4096, 2000, 4096, -4096 };
  static const gint flat[] = { -4096, 2000, 1024, -1024 };
  Av1Frame inter = {.type = V4L2_AV1_INTER_FRAME,.affine = steep };
  const struct v4l2_av1_global_motion *gm;
  Stream stream;

  stream_init (&stream, NULL);
  gm = &stream.header.control.global_motion;
  fail_unless (decode (&stream, &key_frame, NULL));
  fail_unless (decode (&stream, &inter, NULL));
  fail_unless_equals_int (gm->type[1], V4L2_AV1_WARP_MODEL_AFFINE);
  fail_unless_equals_int (gm->params[1][2], (1 << 16) - 8192);
  fail_unless_equals_int (gm->params[1][3], 4000);
  fail_unless_equals_int (gm->params[1][4], 8192);
  fail_unless_equals_int (gm->params[1][5], (1 << 16) - 8192);
  fail_unless_equals_int (gm->invalid, V4L2_AV1_GLOBAL_MOTION_IS_INVALID (1));
  inter.affine = flat;
  fail_unless (decode (&stream, &inter, NULL));
  fail_unless_equals_int (gm->params[1][4], 2048);
  fail_unless_equals_int (gm->invalid, 0);
  stream_clear (&stream);
}

GST_END_TEST;

GST_START_TEST (test_tile_limits)
{
  static const Av1Seq s = {.width = 65 * 64,.height = 64 };
  static const Av1Seq tall = {.width = 3 * 64,.height = 64 * 64 };
  static const Av1Frame most = {
    .type = V4L2_AV1_KEY_FRAME,.width = 64 * 64,.height = 64,
    .explicit_cols = 64
  };
  static const Av1Frame more = {
    .type = V4L2_AV1_KEY_FRAME,.explicit_cols = 65
  };
  /* Its size would be that of a missing frame. */
  static const Av1Frame sized = {
    .type = V4L2_AV1_INTER_FRAME,.refs = {0, 1, 0, 0, 0, 0, 0},.found_ref = 2,
    .explicit_cols = 1
  };
  static const Av1Frame intra_only = {
    .type = V4L2_AV1_INTRA_ONLY_FRAME,.refresh = 0x01,.width = 64,.height = 64
  };
  static const Av1Frame key_192 = {
    .type = V4L2_AV1_KEY_FRAME,.tile_cols_log2 = 2,.tile_rows_log2 = 6
  };
  GstDaedalusAv1Tiles *tiles = g_new0 (GstDaedalusAv1Tiles, 1);
  GError *error = NULL;
  GByteArray *payload;
  GstDaedalusAv1Obu obu;
  Stream stream;
  gsize size;

  stream_init (&stream, &s);
  fail_unless (decode (&stream, &most, NULL));
  fail_unless_equals_int (stream.header.control.tile_info.tile_cols, 64);
  fail_decode (&stream, &more, "more than 64 tile columns");
  stream_clear (&stream);
  stream_init (&stream, NULL);
  fail_unless (decode (&stream, &intra_only, NULL));
  fail_decode (&stream, &sized, "slot 1, which is empty");
  stream_clear (&stream);

  /* a group that claims 256 of 192 tiles */
  stream_init (&stream, &tall);
  payload = av1_frame_header (&tall, &key_192);
  size = payload->len;
  if (payload->data[size - 1] == 0x80)
    size--;
  else
    payload->data[size - 1] &= payload->data[size - 1] - 1;
  g_byte_array_set_size (payload, size);
  g_byte_array_append (payload, (const guint8 *) "\x80\x7f\x80" "xxxxxx", 9);
  memset (&obu, 0, sizeof (obu));
  obu.type = GST_AV1_OBU_FRAME;
  obu.data = payload->data;
  obu.size = payload->len;
  fail_unless (gst_daedalus_av1_header_parse (&stream.header, &stream.seq,
          &stream.refs.state, &obu, NULL));
  fail_unless_equals_int (stream.header.control.tile_info.tile_cols, 3);
  fail_unless_equals_int (stream.header.control.tile_info.tile_rows, 64);
  fail_unless_equals_int (stream.header.size, size);
  fail_if (gst_daedalus_av1_tiles_add (tiles, &stream.header, obu.data,
          obu.size, stream.header.size, &error));
  fail_unless (strstr (error->message, "a group that ends with tile 255"), "%s",
      error->message);
  g_error_free (error);
  g_byte_array_unref (payload);
  g_free (tiles);
  stream_clear (&stream);
}

GST_END_TEST;

GST_START_TEST (test_film_grain)
{
  static const Av1Seq s = {.width = 64,.height = 64,.film_grain = TRUE };
  static const guint8 points[] = {
    1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
  };
  static const guint8 unordered[] = { 1, 3, 3 };
  Av1Frame key = {
    .type = V4L2_AV1_KEY_FRAME,.refresh = 0xff,.points = points,.n_points = 14
  };
  Av1Frame inter = {
    .type = V4L2_AV1_INTER_FRAME,.order_hint = 1,.grain_ref = 1
  };
  const struct v4l2_ctrl_av1_film_grain *fg;
  Stream stream;

  stream_init (&stream, &s);
  fg = &stream.header.film_grain;
  fail_unless (decode (&stream, &key, NULL));
  fail_unless_equals_int (fg->num_y_points, 14);
  fail_unless_equals_int (fg->point_y_value[13], 14);
  fail_unless (decode (&stream, &inter, NULL));
  fail_unless_equals_int (fg->num_y_points, 14);
  fail_unless_equals_int (fg->grain_seed, 1001);
  inter.grain_ref = 2;
  fail_decode (&stream, &inter,
      "film_grain_params_ref_idx is 1, which is none");
  key.n_points = 15;
  fail_decode (&stream, &key, "film grain has 15 points for luma");
  key.points = unordered;
  key.n_points = 3;
  fail_decode (&stream, &key, "points of film grain for luma are not in order");
  stream_clear (&stream);
}

GST_END_TEST;

/* A frame header of 4 tiles with 2 bytes of size */
static void
four_tiles (GstDaedalusAv1Header *header)
{
  memset (header, 0, sizeof (*header));
  header->parsed.tile_info.tile_cols_log2 = 1;
  header->parsed.tile_info.tile_rows_log2 = 1;
  header->control.tile_info.tile_cols = 2;
  header->control.tile_info.tile_rows = 2;
  header->control.tile_info.tile_size_bytes = 2;
}

GST_START_TEST (test_tiles)
{
  /* start and end of the group, then sizes minus 1 and tiles */
  static const guint8 group0[] = { 0x88, 2, 0, 'a', 'b', 'c', 'd' };
  static const guint8 group1[] = { 0xd8, 0, 0, 'e', 'f', 'g' };
  static const guint8 all[] = {
    'h', 'h', 0x00, 0, 0, 'a', 1, 0, 'b', 'b', 0, 0, 'c', 'd', 'd'
  };
  GstDaedalusAv1Tiles *tiles = g_new0 (GstDaedalusAv1Tiles, 1);
  GstDaedalusAv1Header header;

  four_tiles (&header);
  fail_unless (gst_daedalus_av1_tiles_add (tiles, &header, group0,
          sizeof (group0), 0, NULL));
  fail_if (gst_daedalus_av1_tiles_complete (tiles, &header));
  fail_unless (gst_daedalus_av1_tiles_add (tiles, &header, group1,
          sizeof (group1), 0, NULL));
  fail_unless (gst_daedalus_av1_tiles_complete (tiles, &header));
  fail_unless_equals_int (tiles->size, sizeof (group0) + sizeof (group1));
  fail_unless (!memcmp (tiles->data, group0, sizeof (group0)));
  fail_unless (!memcmp (tiles->data + sizeof (group0), group1,
          sizeof (group1)));
  fail_unless_equals_int (tiles->entries[0].tile_offset, 3);
  fail_unless_equals_int (tiles->entries[0].tile_size, 3);
  fail_unless_equals_int (tiles->entries[1].tile_offset, 6);
  fail_unless_equals_int (tiles->entries[1].tile_size, 1);
  fail_unless_equals_int (tiles->entries[2].tile_offset, 10);
  fail_unless_equals_int (tiles->entries[2].tile_row, 1);
  fail_unless_equals_int (tiles->entries[2].tile_col, 0);
  fail_unless_equals_int (tiles->entries[3].tile_offset, 11);
  fail_unless_equals_int (tiles->entries[3].tile_size, 2);
  gst_daedalus_av1_tiles_clear (tiles);

  /* One OBU is not copied; the frame header is in front of its tiles. */
  fail_unless (gst_daedalus_av1_tiles_add (tiles, &header, all, sizeof (all), 2,
          NULL));
  fail_unless (gst_daedalus_av1_tiles_complete (tiles, &header));
  fail_unless (tiles->data == all);
  fail_unless_equals_int (tiles->entries[0].tile_offset, 5);
  fail_unless_equals_int (tiles->entries[3].tile_offset, 13);
  fail_unless_equals_int (tiles->entries[3].tile_size, 2);
  gst_daedalus_av1_tiles_clear (tiles);
  g_free (tiles);
}

GST_END_TEST;

GST_START_TEST (test_many_tiles)
{
  static const guint8 half[] = { 0x80, 0x1f, 0xe0 };    /* 0 to 255 of 512 */
  static const guint8 rest[] = { 0xc0, 0x3f, 0xe0 };
  GstDaedalusAv1Tiles *tiles = g_new0 (GstDaedalusAv1Tiles, 1);
  GByteArray *group = g_byte_array_new ();
  GstDaedalusAv1Header header;
  guint i;

  memset (&header, 0, sizeof (header));
  header.parsed.tile_info.tile_cols_log2 = 4;
  header.parsed.tile_info.tile_rows_log2 = 5;
  header.control.tile_info.tile_cols = 16;
  header.control.tile_info.tile_rows = 32;
  header.control.tile_info.tile_size_bytes = 1;
  g_byte_array_append (group, half, sizeof (half));
  for (i = 0; i < 2 * 255 + 1; i++)
    g_byte_array_append (group, (const guint8 *) "", 1);
  fail_unless (gst_daedalus_av1_tiles_add (tiles, &header, group->data,
          group->len, 0, NULL));
  fail_if (gst_daedalus_av1_tiles_complete (tiles, &header));
  memcpy (group->data, rest, sizeof (rest));
  fail_unless (gst_daedalus_av1_tiles_add (tiles, &header, group->data,
          group->len, 0, NULL));
  fail_unless (gst_daedalus_av1_tiles_complete (tiles, &header));
  fail_unless_equals_int (tiles->n_entries, 512);
  fail_unless_equals_int (tiles->entries[511].tile_row, 31);
  fail_unless_equals_int (tiles->entries[511].tile_size, 1);
  gst_daedalus_av1_tiles_clear (tiles);
  g_byte_array_unref (group);
  g_free (tiles);
}

GST_END_TEST;

GST_START_TEST (test_damaged_tiles)
{
  static const struct
  {
    const gchar *data;
    gsize size;
    gsize start;
    const gchar *what;
  } groups[] = {
    {"", 0, 0, "starts at byte"},
    {"\x00", 1, 0, "starts at byte"},
    {"\x00", 1, 7, "starts at byte"},
    {"\x00\x00", 2, 0, "starts at byte"},
    {"\x00\xff\xff" "x", 4, 0, "Tile 0 of an AV1 frame has a size of 65536"},
    {"\x00\x00\x00" "x", 4, 0, "Tile 1 of an AV1 frame starts at byte"},
    {"\xa8" "xxx", 4, 0, "Tile 0 of an AV1 frame is missing"},
    {"\x80" "", 1, 0, "starts at byte"},
  };
  GstDaedalusAv1Tiles *tiles = g_new0 (GstDaedalusAv1Tiles, 1);
  GstDaedalusAv1Header header;
  guint i;

  for (i = 0; i < G_N_ELEMENTS (groups); i++) {
    guint8 *copy = g_memdup2 (groups[i].data, groups[i].size);
    GError *error = NULL;

    four_tiles (&header);
    fail_if (gst_daedalus_av1_tiles_add (tiles, &header, copy, groups[i].size,
            groups[i].start, &error), "%u", i);
    fail_unless (g_error_matches (error, GST_DAEDALUS_ERROR,
            GST_DAEDALUS_ERROR_FRAME));
    fail_unless (strstr (error->message, groups[i].what), "%u: %s", i,
        error->message);
    g_error_free (error);
    g_free (copy);
    gst_daedalus_av1_tiles_clear (tiles);
  }

  /* tg_end beyond the last tile: 3 columns and a row need two bits */
  header.parsed.tile_info.tile_cols_log2 = 2;
  header.parsed.tile_info.tile_rows_log2 = 0;
  header.control.tile_info.tile_cols = 3;
  header.control.tile_info.tile_rows = 1;
  fail_if (gst_daedalus_av1_tiles_add (tiles, &header,
          (const guint8 *) "\x98\x00\x00xxxxxxxxx", 12, 0, NULL));
  gst_daedalus_av1_tiles_clear (tiles);
  g_free (tiles);
}

GST_END_TEST;

/* Any @data may cause errors, but no crash. */
static void
consume (Stream *stream, GstDaedalusAv1Tiles *tiles, const guint8 *data,
    gsize size, gboolean annexb)
{
  GstDaedalusLayout layout = { 0 };
  GstDaedalusAv1ObuReader reader;
  GstDaedalusPicture *picture;
  GstAV1SequenceHeaderOBU seq;
  GstDaedalusAv1Obu obu;
  guint i;

  gst_daedalus_av1_obu_reader_init (&reader, data, size, annexb);
  while (gst_daedalus_av1_obu_next (&reader, &obu, NULL)) {
    fail_unless (obu.data >= data && obu.data + obu.size <= data + size);
    if (obu.type == GST_AV1_OBU_SEQUENCE_HEADER) {
      if (gst_daedalus_av1_sequence_parse (&seq, obu.data, obu.size, NULL))
        stream->seq = seq;
      continue;
    }
    if (!gst_daedalus_av1_header_parse (&stream->header, &stream->seq,
            &stream->refs.state, &obu, NULL)) {
      gst_daedalus_av1_refs_drop (&stream->refs,
          stream->header.control.refresh_frame_flags);
      continue;
    }
    if (!stream->header.parsed.show_existing_frame) {
      if (!gst_daedalus_av1_tiles_add (tiles, &stream->header, obu.data,
              obu.size, stream->header.size, NULL)) {
        gst_daedalus_av1_tiles_clear (tiles);
        continue;
      }
      for (i = 0; i < tiles->n_entries; i++) {
        fail_unless (tiles->entries[i].tile_offset
            + (guint64) tiles->entries[i].tile_size <= tiles->size);
        fail_unless (tiles->entries[i].tile_row < V4L2_AV1_MAX_TILE_ROWS);
      }
      gst_daedalus_av1_tiles_clear (tiles);
      picture = gst_daedalus_picture_new (++stream->timestamp, &layout, NULL,
          NULL);
    } else {
      picture = gst_daedalus_picture_ref
          (stream->refs.pictures[stream->header.parsed.frame_to_show_map_idx]);
    }
    gst_daedalus_av1_refs_update (&stream->refs, &stream->seq, &stream->header,
        picture);
    gst_daedalus_picture_unref (picture);
    for (i = 0; i < GST_AV1_NUM_REF_FRAMES; i++)
      fail_unless_equals_int (stream->refs.state.entry[i].ref_valid,
          stream->refs.pictures[i] != NULL);
  }
}

GST_START_TEST (test_garbage)
{
  static const Av1Seq s = {
    .width = 640,.height = 360,.superres = TRUE,.frame_ids = TRUE
  };
  static const Av1Frame frames[] = {
    {.type = V4L2_AV1_KEY_FRAME,.refresh = 0xff,.id = 3,.tile_cols_log2 = 2},
    {.type = V4L2_AV1_INTER_FRAME,.refresh = 0x0f,.id = 4,.order_hint = 1,
        .ids_back = {1, 1, 1, 1, 1, 1, 1},.width = 500,.height = 300},
    {.show_existing = TRUE,.idx = 1,.id = 4},
  };
  GstDaedalusAv1Tiles *tiles = g_new0 (GstDaedalusAv1Tiles, 1);
  GRand *rand = g_rand_new_with_seed (20);
  Stream stream;
  guint i, n, k;

  for (n = 0; n < 20000; n++) {
    GByteArray *data = g_byte_array_new ();
    guint8 *copy;
    guint size;

    stream_init (&stream, &s);
    av1_append (data, GST_AV1_OBU_SEQUENCE_HEADER, -1, av1_sequence (&s));
    for (i = 0; i < G_N_ELEMENTS (frames); i++)
      av1_append (data, frames[i].show_existing ?
          GST_AV1_OBU_FRAME_HEADER : GST_AV1_OBU_FRAME, -1,
          frames[i].show_existing ? av1_frame_header (&s, &frames[i]) :
          av1_frame (&s, &frames[i], 20));
    /* Flips a few bits, sometimes replaces all bytes. */
    for (k = g_rand_int_range (rand, 0, 8); k > 0; k--)
      data->data[g_rand_int_range (rand, 0, data->len)] ^=
          1 << g_rand_int_range (rand, 0, 8);
    if (n % 16 == 0) {
      for (i = 0; i < data->len; i++)
        data->data[i] = g_rand_int_range (rand, 0, 256);
    }
    size = n % 4 ? data->len : (guint) g_rand_int_range (rand, 0, data->len);
    copy = g_memdup2 (data->data, size);
    consume (&stream, tiles, copy, size, n % 64 == 5);
    g_free (copy);
    g_byte_array_unref (data);
    stream_clear (&stream);
  }
  g_rand_free (rand);
  g_free (tiles);
}

GST_END_TEST;

static Suite *
av1_refs_suite (void)
{
  Suite *s = suite_create ("av1-refs");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_test (tc, test_control);
  tcase_add_test (tc, test_show_existing);
  tcase_add_test (tc, test_missing_reference);
  tcase_add_test (tc, test_lost_reference);
  tcase_add_test (tc, test_frame_ids);
  tcase_add_test (tc, test_sizes);
  tcase_add_test (tc, test_truncated);
  tcase_add_test (tc, test_motion);
  tcase_add_test (tc, test_tile_limits);
  tcase_add_test (tc, test_film_grain);
  tcase_add_test (tc, test_tiles);
  tcase_add_test (tc, test_many_tiles);
  tcase_add_test (tc, test_damaged_tiles);
  tcase_add_test (tc, test_garbage);
  return s;
}

GST_CHECK_MAIN (av1_refs);
