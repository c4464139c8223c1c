/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Prints the controls that the element would send for an IVF file, for
 * compare_trace.py: a line for each field, its name and its numbers.
 * usage: av1_dump FILE.ivf
 */
#include <gst/gst.h>
#include <string.h>

#include "av1/gstdaedalusav1controls.h"
#include "av1/gstdaedalusav1refs.h"
#include "av1/gstdaedalusav1tiles.h"

#define IVF_HEADER 32
#define IVF_FRAME_HEADER 12

/* The decoder, without a device */
typedef struct
{
  GstAV1SequenceHeaderOBU seq;
  gboolean has_seq;
  GstDaedalusAv1Refs refs;
  GstDaedalusAv1Header header;
  GstDaedalusAv1Tiles tiles;
  gboolean has_header;
  guint64 timestamp;
} Decoder;

#define DUMP(s, field) \
  dump (#field, &(s)->field, sizeof ((s)->field), \
      sizeof ((s)->field), (__typeof__ ((s)->field)) -1 < 0)
#define DUMP_ARRAY(s, field) \
  dump (#field, (s)->field, sizeof ((s)->field), sizeof ((s)->field[0]), \
      (__typeof__ ((s)->field[0])) -1 < 0)
#define DUMP_MATRIX(s, field) \
  dump (#field, (s)->field, sizeof ((s)->field), sizeof ((s)->field[0][0]), \
      (__typeof__ ((s)->field[0][0])) -1 < 0)

static void
dump (const gchar *name, gconstpointer values, gsize size, gsize item,
    gboolean is_signed)
{
  const guint8 *at = values;
  gint64 value;

  g_print ("%s", name);
  for (; size > 0; size -= item, at += item) {
    value = is_signed && (at[item - 1] & 0x80) ? -1 : 0;
    memcpy (&value, at, item);
    g_print (" %" G_GINT64_FORMAT, value);
  }
  g_print ("\n");
}

static void
dump_sequence (const GstAV1SequenceHeaderOBU *seq)
{
  struct v4l2_ctrl_av1_sequence s;

  gst_daedalus_av1_fill_sequence (&s, seq);
  g_print ("= sequence\n");
  DUMP (&s, flags);
  DUMP (&s, seq_profile);
  DUMP (&s, order_hint_bits);
  DUMP (&s, bit_depth);
  DUMP (&s, max_frame_width_minus_1);
  DUMP (&s, max_frame_height_minus_1);
}

static void
dump_frame (const struct v4l2_ctrl_av1_frame *f)
{
  g_print ("= frame\n");
  DUMP (f, tile_info.flags);
  DUMP (f, tile_info.context_update_tile_id);
  DUMP (f, tile_info.tile_cols);
  DUMP (f, tile_info.tile_rows);
  DUMP_ARRAY (f, tile_info.mi_col_starts);
  DUMP_ARRAY (f, tile_info.mi_row_starts);
  DUMP_ARRAY (f, tile_info.width_in_sbs_minus_1);
  DUMP_ARRAY (f, tile_info.height_in_sbs_minus_1);
  DUMP (f, tile_info.tile_size_bytes);
  DUMP (f, quantization.flags);
  DUMP (f, quantization.base_q_idx);
  DUMP (f, quantization.delta_q_y_dc);
  DUMP (f, quantization.delta_q_u_dc);
  DUMP (f, quantization.delta_q_u_ac);
  DUMP (f, quantization.delta_q_v_dc);
  DUMP (f, quantization.delta_q_v_ac);
  DUMP (f, quantization.qm_y);
  DUMP (f, quantization.qm_u);
  DUMP (f, quantization.qm_v);
  DUMP (f, quantization.delta_q_res);
  DUMP (f, superres_denom);
  DUMP (f, segmentation.flags);
  DUMP (f, segmentation.last_active_seg_id);
  DUMP_ARRAY (f, segmentation.feature_enabled);
  DUMP_MATRIX (f, segmentation.feature_data);
  DUMP (f, loop_filter.flags);
  DUMP_ARRAY (f, loop_filter.level);
  DUMP (f, loop_filter.sharpness);
  DUMP_ARRAY (f, loop_filter.ref_deltas);
  DUMP_ARRAY (f, loop_filter.mode_deltas);
  DUMP (f, loop_filter.delta_lf_res);
  DUMP (f, cdef.damping_minus_3);
  DUMP (f, cdef.bits);
  DUMP_ARRAY (f, cdef.y_pri_strength);
  DUMP_ARRAY (f, cdef.y_sec_strength);
  DUMP_ARRAY (f, cdef.uv_pri_strength);
  DUMP_ARRAY (f, cdef.uv_sec_strength);
  DUMP_ARRAY (f, skip_mode_frame);
  DUMP (f, primary_ref_frame);
  DUMP (f, loop_restoration.flags);
  DUMP (f, loop_restoration.lr_unit_shift);
  DUMP (f, loop_restoration.lr_uv_shift);
  DUMP_ARRAY (f, loop_restoration.frame_restoration_type);
  DUMP_ARRAY (f, loop_restoration.loop_restoration_size);
  DUMP_ARRAY (f, global_motion.flags);
  DUMP_ARRAY (f, global_motion.type);
  DUMP_MATRIX (f, global_motion.params);
  DUMP (f, global_motion.invalid);
  DUMP (f, flags);
  DUMP (f, frame_type);
  DUMP (f, order_hint);
  DUMP (f, upscaled_width);
  DUMP (f, interpolation_filter);
  DUMP (f, tx_mode);
  DUMP (f, frame_width_minus_1);
  DUMP (f, frame_height_minus_1);
  DUMP (f, render_width_minus_1);
  DUMP (f, render_height_minus_1);
  DUMP (f, current_frame_id);
  DUMP_ARRAY (f, buffer_removal_time);
  DUMP_ARRAY (f, order_hints);
  DUMP_ARRAY (f, ref_frame_idx);
  DUMP (f, refresh_frame_flags);
}

static void
dump_grain (const struct v4l2_ctrl_av1_film_grain *g)
{
  DUMP (g, flags);
  DUMP (g, grain_seed);
  DUMP (g, num_y_points);
  DUMP_ARRAY (g, point_y_value);
  DUMP_ARRAY (g, point_y_scaling);
  DUMP (g, num_cb_points);
  DUMP_ARRAY (g, point_cb_value);
  DUMP_ARRAY (g, point_cb_scaling);
  DUMP (g, num_cr_points);
  DUMP_ARRAY (g, point_cr_value);
  DUMP_ARRAY (g, point_cr_scaling);
  DUMP (g, grain_scaling_minus_8);
  DUMP (g, ar_coeff_lag);
  DUMP_ARRAY (g, ar_coeffs_y_plus_128);
  DUMP_ARRAY (g, ar_coeffs_cb_plus_128);
  DUMP_ARRAY (g, ar_coeffs_cr_plus_128);
  DUMP (g, ar_coeff_shift_minus_6);
  DUMP (g, grain_scale_shift);
  DUMP (g, cb_mult);
  DUMP (g, cb_luma_mult);
  DUMP (g, cb_offset);
  DUMP (g, cr_mult);
  DUMP (g, cr_luma_mult);
  DUMP (g, cr_offset);
}

static void
update_refs (Decoder *d)
{
  GstDaedalusLayout layout = { 0 };
  GstDaedalusPicture *picture =
      gst_daedalus_picture_new (++d->timestamp, &layout, NULL, NULL);

  gst_daedalus_av1_refs_update (&d->refs, &d->seq, &d->header, picture);
  gst_daedalus_picture_unref (picture);
  gst_daedalus_av1_tiles_clear (&d->tiles);
  d->has_header = FALSE;
}

static gboolean
handle_sequence (Decoder *d, const GstDaedalusAv1Obu *obu, GError **error)
{
  GstAV1SequenceHeaderOBU seq;

  if (!gst_daedalus_av1_sequence_parse (&seq, obu->data, obu->size, error))
    return FALSE;
  dump_sequence (&seq);
  if (d->has_seq && gst_daedalus_av1_sequence_equal (&seq, &d->seq))
    return TRUE;
  gst_daedalus_av1_refs_drop (&d->refs, GST_DAEDALUS_AV1_ALL_FRAMES);
  memcpy (&d->seq, &seq, sizeof (seq));
  d->has_seq = TRUE;
  return TRUE;
}

static gboolean
handle_tiles (Decoder *d, const GstDaedalusAv1Obu *obu, gsize start,
    GError **error)
{
  if (!d->has_header)
    return TRUE;
  if (!gst_daedalus_av1_tiles_add (&d->tiles, &d->header, obu->data, obu->size,
          start, error))
    return FALSE;
  g_print ("= tiles\nn_entries %u\nend %u\n", d->tiles.n_entries,
      d->tiles.entries[d->tiles.n_entries - 1].tile_offset
      + d->tiles.entries[d->tiles.n_entries - 1].tile_size);
  if (gst_daedalus_av1_tiles_complete (&d->tiles, &d->header))
    update_refs (d);
  return TRUE;
}

static gboolean
handle_header (Decoder *d, const GstDaedalusAv1Obu *obu, GError **error)
{
  if (d->has_header)
    return TRUE;
  if (!gst_daedalus_av1_header_parse (&d->header, &d->seq, &d->refs.state, obu,
          error))
    return FALSE;
  if (d->header.parsed.show_existing_frame) {
    g_print ("= show\n");
    DUMP (&d->header.parsed, frame_to_show_map_idx);
    DUMP (&d->header, control.frame_type);
    DUMP (&d->header, control.refresh_frame_flags);
    if (d->header.control.refresh_frame_flags)
      update_refs (d);
    return TRUE;
  }
  d->has_header = TRUE;
  dump_frame (&d->header.control);
  g_print ("= grain\n");
  dump_grain (&d->header.film_grain);
  if (obu->type == GST_AV1_OBU_FRAME) {
    g_print ("= header\n");
    DUMP (&d->header, size);
    return handle_tiles (d, obu, d->header.size, error);
  }
  return TRUE;
}

static gboolean
handle_unit (Decoder *d, const guint8 *data, gsize size, GError **error)
{
  GstDaedalusAv1ObuReader reader;
  GstDaedalusAv1Obu obu;
  gboolean ok = TRUE;

  gst_daedalus_av1_obu_reader_init (&reader, data, size, FALSE);
  while (ok && gst_daedalus_av1_obu_next (&reader, &obu, error)) {
    if (!gst_daedalus_av1_obu_in_operating_point (&obu,
            d->seq.operating_points[0].idc))
      continue;
    if (obu.type == GST_AV1_OBU_SEQUENCE_HEADER)
      ok = handle_sequence (d, &obu, error);
    else if (obu.type == GST_AV1_OBU_FRAME_HEADER
        || obu.type == GST_AV1_OBU_FRAME)
      ok = handle_header (d, &obu, error);
    else if (obu.type == GST_AV1_OBU_TILE_GROUP)
      ok = handle_tiles (d, &obu, 0, error);
  }
  return *error == NULL;
}

int
main (int argc, char **argv)
{
  Decoder *d = g_new0 (Decoder, 1);
  GError *error = NULL;
  gchar *contents = NULL;
  gsize length = 0, pos = IVF_HEADER;
  guint32 size;

  gst_init (&argc, &argv);
  if (argc == 2)
    g_file_get_contents (argv[1], &contents, &length, &error);
  while (!error && pos + IVF_FRAME_HEADER <= length) {
    memcpy (&size, contents + pos, sizeof (size));
    pos += IVF_FRAME_HEADER;
    size = MIN (GUINT32_FROM_LE (size), length - pos);
    handle_unit (d, (guint8 *) contents + pos, size, &error);
    pos += size;
  }
  if (error)
    g_print ("= error\n%s\n", error->message);
  gst_daedalus_av1_refs_drop (&d->refs, GST_DAEDALUS_AV1_ALL_FRAMES);
  gst_daedalus_av1_tiles_clear (&d->tiles);
  g_free (contents);
  g_free (d);
  return error || argc != 2;
}
