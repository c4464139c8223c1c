/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Headers of real streams as the plugin and as GstAV1Parser of codecparsers read
 * them: both must see the same.
 * usage: test_av1_compare [FILE.ivf...]   without files it makes some
 */
#include <glib/gstdio.h>
#include <gst/gst.h>
#include <string.h>

#include "av1_expect.h"
#include "av1/gstdaedalusav1refs.h"
#include "av1/gstdaedalusav1tiles.h"

#define EXIT_SKIP 77
#define IVF_HEADER 32
#define IVF_FRAME_HEADER 12

/* Both parsers at the same place of a stream */
typedef struct
{
  GstAV1Parser *parser;
  GstAV1SequenceHeaderOBU their_seq;
  GstAV1FrameHeaderOBU their_header;

  GstDaedalusAv1Sequence seq;
  GstDaedalusAv1Refs refs;
  GstDaedalusAv1Header header;
  GstDaedalusAv1Tiles tiles;
  gboolean has_header;
  guint64 timestamp;
  guint n_headers;
} Pair;

static gboolean
differ (const gchar *what, gconstpointer ours, gconstpointer theirs, gsize size)
{
  const guint8 *a = ours, *b = theirs;
  gsize i;

  for (i = 0; i < size && a[i] == b[i]; i++);
  if (i == size)
    return FALSE;
  g_printerr ("%s differs at byte %" G_GSIZE_FORMAT ": %u, expected %u\n", what,
      i, a[i], b[i]);
  return TRUE;
}

static gboolean
same_sequence (Pair *p)
{
  const GstAV1SequenceHeaderOBU *t = &p->their_seq;
  const GstAV1ColorConfig *color = &t->color_config;
  struct v4l2_ctrl_av1_sequence expected;

  av1_expect_sequence (&expected, t);
  return !differ ("v4l2_ctrl_av1_sequence", &p->seq.control, &expected,
      sizeof (expected))
      && p->seq.color_primaries == color->color_primaries
      && p->seq.transfer_characteristics == color->transfer_characteristics
      && p->seq.matrix_coefficients == color->matrix_coefficients
      && p->seq.operating_points_cnt == t->operating_points_cnt_minus_1 + 1u;
}

/* Field by field, to tell where. */
static gboolean
same_header (Pair *p)
{
  static const struct
  {
    const gchar *name;
    gsize offset, size;
  } parts[] = {
#define PART(field) \
  {#field, G_STRUCT_OFFSET (struct v4l2_ctrl_av1_frame, field), \
      sizeof (((struct v4l2_ctrl_av1_frame *) NULL)->field)}
    PART (tile_info), PART (quantization), PART (superres_denom),
    PART (segmentation), PART (loop_filter), PART (cdef),
    PART (skip_mode_frame), PART (primary_ref_frame),
    PART (loop_restoration), PART (global_motion), PART (flags),
    PART (frame_type), PART (order_hint), PART (upscaled_width),
    PART (interpolation_filter), PART (tx_mode), PART (frame_width_minus_1),
    PART (frame_height_minus_1), PART (render_width_minus_1),
    PART (render_height_minus_1), PART (current_frame_id),
    PART (buffer_removal_time), PART (order_hints), PART (ref_frame_idx),
    PART (refresh_frame_flags),
#undef PART
  };
  struct v4l2_ctrl_av1_film_grain grain;
  struct v4l2_ctrl_av1_frame expected;
  guint i;

  av1_expect_frame (&expected, &p->their_header, &p->header.control);
  for (i = 0; i < G_N_ELEMENTS (parts); i++) {
    if (differ (parts[i].name,
            (const guint8 *) &p->header.control + parts[i].offset,
            (const guint8 *) &expected + parts[i].offset, parts[i].size))
      return FALSE;
  }
  av1_expect_grain (&grain, &p->their_header.film_grain_params);
  return !differ ("v4l2_ctrl_av1_film_grain", &p->header.film_grain, &grain,
      sizeof (grain));
}

static gboolean
add_tiles (Pair *p, const GstDaedalusAv1Obu *obu, gsize start,
    const GstAV1TileGroupOBU *theirs, GError **error)
{
  const gsize base = p->tiles.size;
  guint i, first = p->tiles.n_entries;

  if (!gst_daedalus_av1_tiles_add (&p->tiles, &p->header, obu->data, obu->size,
          start, error))
    return FALSE;
  for (i = first; i < p->tiles.n_entries; i++) {
    const struct v4l2_ctrl_av1_tile_group_entry *e = &p->tiles.entries[i];

    if (e->tile_offset != base + theirs->entry[i].tile_offset
        || e->tile_size != theirs->entry[i].tile_size
        || e->tile_row != theirs->entry[i].tile_row
        || e->tile_col != theirs->entry[i].tile_col) {
      g_printerr ("tile %u is at %u with %u bytes, expected %u with %u\n", i,
          e->tile_offset, e->tile_size, theirs->entry[i].tile_offset,
          theirs->entry[i].tile_size);
      return FALSE;
    }
  }
  return TRUE;
}

static void
update_refs (Pair *p)
{
  GstDaedalusLayout layout = { 0 };
  GstDaedalusPicture *picture =
      gst_daedalus_picture_new (++p->timestamp, &layout, NULL, NULL);

  gst_daedalus_av1_refs_update (&p->refs, &p->header, picture);
  gst_daedalus_picture_unref (picture);
  gst_av1_parser_reference_frame_update (p->parser, &p->their_header);
  gst_daedalus_av1_tiles_clear (&p->tiles);
  p->has_header = FALSE;
}

static gboolean
parse_header (Pair *p, const GstDaedalusAv1Obu *obu, GError **error)
{
  p->n_headers++;
  if (!gst_daedalus_av1_header_parse (&p->header, &p->seq, &p->refs.state, obu,
          error))
    return FALSE;
  if (!p->header.show_existing_frame) {
    p->has_header = TRUE;
    return same_header (p);
  }
  if (p->header.frame_to_show_map_idx != p->their_header.frame_to_show_map_idx
      || p->header.control.refresh_frame_flags !=
      p->their_header.refresh_frame_flags)
    return FALSE;
  if (p->header.control.refresh_frame_flags)
    update_refs (p);
  return TRUE;
}

static gboolean
compare_obu (Pair *p, const GstDaedalusAv1Obu *obu, GstAV1OBU *theirs,
    GError **error)
{
  static GstAV1TileGroupOBU group;
  static GstAV1FrameOBU frame;
  GstAV1ParserResult res = GST_AV1_PARSER_OK;

  if (obu->data != theirs->data || obu->size != theirs->obu_size
      || obu->type != (guint) theirs->obu_type)
    return FALSE;
  switch (obu->type) {
    case GST_DAEDALUS_AV1_OBU_SEQUENCE_HEADER:
      res = gst_av1_parser_parse_sequence_header_obu (p->parser, theirs,
          &p->their_seq);
      return res == GST_AV1_PARSER_OK
          && gst_daedalus_av1_sequence_parse (&p->seq, obu->data, obu->size,
          error) && same_sequence (p);
    case GST_DAEDALUS_AV1_OBU_TEMPORAL_DELIMITER:
      return gst_av1_parser_parse_temporal_delimiter_obu (p->parser, theirs) ==
          GST_AV1_PARSER_OK;
    case GST_DAEDALUS_AV1_OBU_FRAME_HEADER:
    case GST_DAEDALUS_AV1_OBU_REDUNDANT_FRAME_HEADER:
      if (p->has_header)
        return TRUE;
      return gst_av1_parser_parse_frame_header_obu (p->parser, theirs,
          &p->their_header) == GST_AV1_PARSER_OK
          && parse_header (p, obu, error);
    case GST_DAEDALUS_AV1_OBU_FRAME:
      res = gst_av1_parser_parse_frame_obu (p->parser, theirs, &frame);
      p->their_header = frame.frame_header;
      if (res != GST_AV1_PARSER_OK || !parse_header (p, obu, error)
          || !add_tiles (p, obu, p->header.size, &frame.tile_group, error))
        return FALSE;
      break;
    case GST_DAEDALUS_AV1_OBU_TILE_GROUP:
      res = gst_av1_parser_parse_tile_group_obu (p->parser, theirs, &group);
      if (res != GST_AV1_PARSER_OK || !add_tiles (p, obu, 0, &group, error))
        return FALSE;
      break;
    default:
      return TRUE;
  }
  if (gst_daedalus_av1_tiles_complete (&p->tiles, &p->header))
    update_refs (p);
  return TRUE;
}

static gboolean
compare_unit (Pair *p, const guint8 *data, gsize size, GError **error)
{
  GstDaedalusAv1ObuReader reader;
  GstDaedalusAv1Obu obu;
  GstAV1OBU theirs;
  guint32 consumed;
  gsize pos = 0;

  gst_daedalus_av1_obu_reader_init (&reader, data, size, FALSE);
  while (gst_daedalus_av1_obu_next (&reader, &obu, error)) {
    GstAV1ParserResult res = gst_av1_parser_identify_one_obu (p->parser,
        data + pos, size - pos, &theirs, &consumed);
    gboolean dropped = res == GST_AV1_PARSER_DROP;

    pos += consumed;
    if (dropped != !gst_daedalus_av1_obu_in_operating_point (&obu,
            p->seq.operating_point_idc[0]))
      return FALSE;
    if (!dropped && !compare_obu (p, &obu, &theirs, error))
      return FALSE;
  }
  return *error == NULL;
}

static gboolean
compare_file (const gchar *path)
{
  Pair *p = g_new0 (Pair, 1);
  GError *error = NULL;
  gchar *contents;
  gsize length, pos = IVF_HEADER, unit = 0;
  gboolean ok;

  ok = g_file_get_contents (path, &contents, &length, &error);
  p->parser = gst_av1_parser_new ();
  while (ok && pos + IVF_FRAME_HEADER <= length) {
    guint32 le;
    gsize size;

    memcpy (&le, contents + pos, sizeof (le));
    size = GUINT32_FROM_LE (le);
    pos += IVF_FRAME_HEADER;
    size = MIN (size, length - pos);
    ok = compare_unit (p, (guint8 *) contents + pos, size, &error);
    if (!ok)
      g_printerr ("%s: temporal unit %" G_GSIZE_FORMAT ": %s\n", path, unit,
          error ? error->message : "the parsers differ");
    pos += size;
    unit++;
  }
  g_print ("%s: %u frame headers of %" G_GSIZE_FORMAT " units %s\n", path,
      p->n_headers, unit, ok ? "are the same" : "DIFFER");
  ok = ok && p->n_headers > 0;
  g_clear_error (&error);
  g_free (contents);
  gst_daedalus_av1_refs_drop (&p->refs, GST_DAEDALUS_AV1_ALL_FRAMES);
  gst_daedalus_av1_tiles_clear (&p->tiles);
  gst_av1_parser_free (p->parser);
  g_free (p);
  return ok;
}

#define AOMENC "aomenc -q --ivf --passes=1 --cpu-used=6 "

/* Small clips that use what the encoders can be asked for. */
static const struct
{
  const gchar *source;          /* of FFmpeg's lavfi, with options */
  const gchar *encoder;         /* reads YUV4MPEG2, the file's name follows */
} clips[] = {
  {"testsrc2=s=192x144", AOMENC "--lag-in-frames=19 - -o"},
  {"mandelbrot=s=200x104 -pix_fmt yuv420p",
      AOMENC "--lag-in-frames=16 --film-grain-test=3 - -o"},
  {"testsrc2=s=320x180 -pix_fmt yuv420p10le", AOMENC "--lag-in-frames=5 "
        "--superres-mode=2 --sb-size=128 - -o"},
  {"testsrc2=s=512x256", AOMENC "--lag-in-frames=0 --tile-columns=2 "
        "--tile-rows=1 --num-tile-groups=3 --error-resilient=1 "
        "--tune-content=screen - -o"},
  {"testsrc2=s=192x144", AOMENC "--lag-in-frames=5 --lossless=1 - -o"},
  {"mandelbrot=s=256x144 -pix_fmt yuv420p", AOMENC "--lag-in-frames=8 "
        "--resize-mode=2 --deltaq-mode=1 --enable-qm=1 --aq-mode=1 - -o"},
  {"testsrc2=s=256x144", AOMENC "--lag-in-frames=0 --error-resilient=1 "
        "--sframe-dist=4 --sframe-mode=1 - -o"},
  {"testsrc2=s=256x144", AOMENC "--lag-in-frames=19 --kf-max-dist=10 "
        "--enable-fwd-kf=1 - -o"},
  {"testsrc2=s=256x144", AOMENC "--lag-in-frames=0 --monochrome - -o"},
  {"testsrc2=s=256x144 -pix_fmt yuv420p", "ffmpeg -v error -y -i - "
        "-c:v libsvtav1 -preset 6 -svtav1-params film-grain=8"},
};

static gboolean
make_clip (guint i, const gchar *path)
{
  gchar *command = g_strdup_printf ("ffmpeg -nostdin -v error -f lavfi -i %s "
      "-frames:v 24 -strict -1 -f yuv4mpegpipe - | %s %s", clips[i].source,
      clips[i].encoder, path);
  gchar *argv[] = { (gchar *) "sh", (gchar *) "-c", command, NULL };
  gint status = -1;
  gboolean ok;

  g_print ("%s\n", command);
  g_unlink (path);
  ok = g_spawn_sync (NULL, argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL,
      NULL, &status, NULL) && status == 0;
  if (!ok)
    g_printerr ("failed: %s\n", command);
  g_free (command);
  return ok;
}

static int
compare_clips (void)
{
  static const gchar *const tools[] = { "ffmpeg", "aomenc" };
  gchar *dir, *path;
  gboolean ok = TRUE;
  guint i;

  for (i = 0; i < G_N_ELEMENTS (tools); i++) {
    path = g_find_program_in_path (tools[i]);
    if (!path) {
      g_print ("there is no %s to make clips with\n", tools[i]);
      return EXIT_SKIP;
    }
    g_free (path);
  }
  dir = g_dir_make_tmp ("av1-compare-XXXXXX", NULL);
  path = g_build_filename (dir, "clip.ivf", NULL);
  for (i = 0; i < G_N_ELEMENTS (clips); i++)
    ok = make_clip (i, path) && compare_file (path) && ok;
  g_unlink (path);
  g_rmdir (dir);
  g_free (path);
  g_free (dir);
  return ok ? 0 : 1;
}

int
main (int argc, char **argv)
{
  gboolean ok = TRUE;
  int i;

  gst_init (&argc, &argv);
  if (argc < 2)
    return compare_clips ();
  for (i = 1; i < argc; i++)
    ok = compare_file (argv[i]) && ok;
  return ok ? 0 : 1;
}
