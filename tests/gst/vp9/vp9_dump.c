/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Prints the control that the plugin fills for each frame of an IVF file, one
 * line each, for vp9_compare.py: "NAME=VALUE[,VALUE...] ...". For a frame that
 * only shows a slot, it prints "show=SLOT". The nth other frame has the
 * timestamp n us. usage: vp9_dump FILE.ivf
 */
#include <gst/gst.h>
#include <stdio.h>
#include <string.h>

#include "vp9/gstdaedalusvp9refs.h"
#include "vp9/gstdaedalusvp9superframe.h"

#define IVF_HEADER 32
#define IVF_FRAME_HEADER 12

typedef struct
{
  GstDaedalusVp9State state;
  GstDaedalusVp9Refs refs;
  guint64 timestamp;
} Stream;

/* Fields of the control: offset, bytes of a value (negative if it is
 * signed), and number of values */
static const struct
{
  const gchar *name;
  gsize offset;
  gint bytes;
  guint n;
} fields[] = {
#define FIELD(field, bytes) \
  {#field, G_STRUCT_OFFSET (struct v4l2_ctrl_vp9_frame, field), bytes, \
      sizeof (((struct v4l2_ctrl_vp9_frame *) NULL)->field) / ABS (bytes)}
  FIELD (lf.ref_deltas, -1), FIELD (lf.mode_deltas, -1), FIELD (lf.level, 1),
  FIELD (lf.sharpness, 1), FIELD (lf.flags, 1), FIELD (lf.reserved, 1),
  FIELD (quant.base_q_idx, 1), FIELD (quant.delta_q_y_dc, -1),
  FIELD (quant.delta_q_uv_dc, -1), FIELD (quant.delta_q_uv_ac, -1),
  FIELD (quant.reserved, 1), FIELD (seg.feature_data, -2),
  FIELD (seg.feature_enabled, 1), FIELD (seg.tree_probs, 1),
  FIELD (seg.pred_probs, 1), FIELD (seg.flags, 1), FIELD (seg.reserved, 1),
  FIELD (flags, 4), FIELD (compressed_header_size, 2),
  FIELD (uncompressed_header_size, 2), FIELD (frame_width_minus_1, 2),
  FIELD (frame_height_minus_1, 2), FIELD (render_width_minus_1, 2),
  FIELD (render_height_minus_1, 2), FIELD (last_frame_ts, 8),
  FIELD (golden_frame_ts, 8), FIELD (alt_frame_ts, 8),
  FIELD (ref_frame_sign_bias, 1), FIELD (reset_frame_context, 1),
  FIELD (frame_context_idx, 1), FIELD (profile, 1), FIELD (bit_depth, 1),
  FIELD (interpolation_filter, 1), FIELD (tile_cols_log2, 1),
  FIELD (tile_rows_log2, 1), FIELD (reference_mode, 1), FIELD (reserved, 1),
#undef FIELD
};

static gint64
value_at (const guint8 *data, gint bytes)
{
  switch (bytes) {
    case -1:
      return *(const gint8 *) data;
    case -2:
      return *(const gint16 *) data;
    case 1:
      return *data;
    case 2:
      return *(const guint16 *) data;
    case 4:
      return *(const guint32 *) data;
    default:
      return *(const guint64 *) data;
  }
}

static void
print_control (const struct v4l2_ctrl_vp9_frame *ctrl)
{
  guint i, k;

  for (i = 0; i < G_N_ELEMENTS (fields); i++) {
    const guint8 *data = (const guint8 *) ctrl + fields[i].offset;

    printf ("%s%s", i ? " " : "", fields[i].name);
    for (k = 0; k < fields[i].n; k++)
      printf ("%c%" G_GINT64_FORMAT, k ? ',' : '=',
          value_at (data + k * ABS (fields[i].bytes), fields[i].bytes));
  }
  putchar ('\n');
}

static gboolean
dump_frame (Stream *stream, const guint8 *data, gsize size, GError **error)
{
  static const GstDaedalusLayout layout;
  struct v4l2_ctrl_vp9_frame ctrl;
  GstDaedalusPicture *picture;
  GstVp9FrameHdr hdr;

  if (!gst_daedalus_vp9_header_parse (&hdr, &stream->state, data, size, error))
    return FALSE;
  if (hdr.show_existing_frame) {
    printf ("show=%d\n", hdr.frame_to_show);
    return TRUE;
  }
  gst_daedalus_vp9_fill_frame (&ctrl, &hdr, &stream->state, &stream->refs);
  print_control (&ctrl);
  picture = gst_daedalus_picture_new (++stream->timestamp, &layout, NULL, NULL);
  gst_daedalus_vp9_refs_update (&stream->refs, &hdr, picture);
  gst_daedalus_picture_unref (picture);
  return TRUE;
}

static gboolean
dump_chunk (Stream *stream, const guint8 *data, gsize size, GError **error)
{
  GstDaedalusVp9Superframe superframe;
  gboolean ok;
  guint i;

  ok = gst_daedalus_vp9_superframe_parse (&superframe, data, size, error);
  for (i = 0; ok && i < superframe.n_frames; i++)
    ok = dump_frame (stream, data + superframe.offsets[i],
        superframe.sizes[i], error);
  return ok;
}

int
main (int argc, char **argv)
{
  Stream stream = { 0 };
  GError *error = NULL;
  gsize length = 0, pos = IVF_HEADER;
  gchar *contents = NULL;
  gboolean ok;

  gst_init (&argc, &argv);
  ok = argc == 2 && g_file_get_contents (argv[1], &contents, &length, &error);
  while (ok && pos + IVF_FRAME_HEADER <= length) {
    guint32 size;

    memcpy (&size, contents + pos, sizeof (size));
    pos += IVF_FRAME_HEADER;
    size = MIN (GUINT32_FROM_LE (size), length - pos);
    ok = dump_chunk (&stream, (guint8 *) contents + pos, size, &error);
    pos += size;
  }
  if (!ok)
    g_printerr ("after %" G_GUINT64_FORMAT " frames: %s\n", stream.timestamp,
        error ? error->message : "usage: vp9_dump FILE.ivf");
  g_clear_error (&error);
  gst_daedalus_vp9_refs_clear (&stream.refs);
  g_free (contents);
  return ok ? 0 : 1;
}
