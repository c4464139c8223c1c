/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/gstdaedaluserror.h"
#include "gstdaedalusav1bits.h"
#include "gstdaedalusav1obu.h"

#include <string.h>

/**
 * gst_daedalus_av1_obu_reader_init:
 * @reader: to initialise
 * @data: (transfer none): a buffer of whole OBUs, or of whole temporal units
 *   with @annexb; must outlive @reader
 * @size: bytes of @data
 * @annexb: each OBU is preceded by its length
 */
void
gst_daedalus_av1_obu_reader_init (GstDaedalusAv1ObuReader *reader,
    const guint8 *data, gsize size, gboolean annexb)
{
  memset (reader, 0, sizeof (*reader));
  reader->data = data;
  reader->size = size;
  reader->annexb = annexb;
}

static gboolean
truncated (const GstDaedalusAv1ObuReader *reader, const gchar *what,
    guint64 claimed, gsize left, GError **error)
{
  g_set_error (error, GST_DAEDALUS_ERROR, GST_DAEDALUS_ERROR_FRAME,
      "An AV1 %s at byte %" G_GSIZE_FORMAT " claims %" G_GUINT64_FORMAT
      " bytes, where only %" G_GSIZE_FORMAT " are left.", what, reader->pos,
      claimed, left);
  return FALSE;
}

/* A size of annex B, which must not go beyond @end. Moves on behind it. */
static gboolean
read_unit_size (GstDaedalusAv1ObuReader *reader, const gchar *what, gsize end,
    gsize *unit_size, GError **error)
{
  GstDaedalusAv1Bits bits;
  guint64 size;
  gsize used;

  gst_daedalus_av1_bits_init (&bits, reader->data + reader->pos,
      end - reader->pos);
  size = gst_daedalus_av1_bits_leb128 (&bits);
  used = gst_daedalus_av1_bits_bytes (&bits);
  if (bits.overrun || size > end - reader->pos - used)
    return truncated (reader, what, size, end - reader->pos - used, error);
  reader->pos += used;
  *unit_size = size;
  return TRUE;
}

/* Finds the next obu_length of annex B. FALSE without @error at the end. */
static gboolean
next_length (GstDaedalusAv1ObuReader *reader, gsize *length, GError **error)
{
  gsize size;

  *length = 0;
  /* Units and OBUs of 0 bytes are legal, so several may have to be skipped;
   * each takes at least a byte. */
  while (*length == 0) {
    if (reader->pos >= reader->size)
      return FALSE;
    if (reader->pos >= reader->temporal_unit_end) {
      if (!read_unit_size (reader, "temporal unit", reader->size, &size, error))
        return FALSE;
      reader->temporal_unit_end = reader->pos + size;
      reader->frame_unit_end = reader->pos;
    } else if (reader->pos >= reader->frame_unit_end) {
      if (!read_unit_size (reader, "frame unit", reader->temporal_unit_end,
              &size, error))
        return FALSE;
      reader->frame_unit_end = reader->pos + size;
    } else if (!read_unit_size (reader, "OBU", reader->frame_unit_end, length,
            error)) {
      return FALSE;
    }
  }
  return TRUE;
}

/**
 * gst_daedalus_av1_obu_next:
 * @reader: the reader
 * @obu: filled with the next OBU
 * @error: set if the buffer is damaged; nothing more can be read from it then
 *
 * Without a size of its own, which is meant for the last OBU of an MP4 sample,
 * an OBU goes on to the end of the buffer.
 *
 * Returns: %FALSE at the end, where @error is not set, and on failure with
 *   %GST_DAEDALUS_ERROR_FRAME
 */
gboolean
gst_daedalus_av1_obu_next (GstDaedalusAv1ObuReader *reader,
    GstDaedalusAv1Obu *obu, GError **error)
{
  GstDaedalusAv1Bits bits;
  gboolean forbidden, has_size;
  gsize length, header;
  guint64 size;

  memset (obu, 0, sizeof (*obu));
  if (reader->annexb) {
    if (!next_length (reader, &length, error))
      return FALSE;
  } else {
    length = reader->size - reader->pos;
    if (length == 0)
      return FALSE;
  }

  gst_daedalus_av1_bits_init (&bits, reader->data + reader->pos, length);
  forbidden = gst_daedalus_av1_bits_f (&bits, 1);
  obu->type = gst_daedalus_av1_bits_f (&bits, 4);
  obu->has_extension = gst_daedalus_av1_bits_f (&bits, 1);
  has_size = gst_daedalus_av1_bits_f (&bits, 1);
  gst_daedalus_av1_bits_f (&bits, 1);   /* reserved, to be ignored */
  if (obu->has_extension) {
    obu->temporal_id = gst_daedalus_av1_bits_f (&bits, 3);
    obu->spatial_id = gst_daedalus_av1_bits_f (&bits, 2);
    gst_daedalus_av1_bits_f (&bits, 3);
  }
  size = has_size ? gst_daedalus_av1_bits_leb128 (&bits) : 0;
  header = gst_daedalus_av1_bits_bytes (&bits);
  if (forbidden) {
    g_set_error (error, GST_DAEDALUS_ERROR, GST_DAEDALUS_ERROR_FRAME,
        "There is no AV1 OBU at byte %" G_GSIZE_FORMAT
        ": obu_forbidden_bit is set.", reader->pos);
    return FALSE;
  }
  if (bits.overrun || (has_size && size > length - header))
    return truncated (reader, "OBU", header + size, length, error);

  obu->size = has_size ? size : length - header;
  obu->data = reader->data + reader->pos + header;
  reader->pos += reader->annexb ? length : header + obu->size;
  return TRUE;
}

/**
 * gst_daedalus_av1_obu_in_operating_point:
 * @obu: an OBU
 * @idc: operating_point_idc of the chosen operating point, 0 for all layers
 *
 * Returns: %FALSE if section 5.3.1 says that @obu is to be dropped
 */
gboolean
gst_daedalus_av1_obu_in_operating_point (const GstDaedalusAv1Obu *obu,
    guint idc)
{
  if (obu->type == GST_DAEDALUS_AV1_OBU_SEQUENCE_HEADER
      || obu->type == GST_DAEDALUS_AV1_OBU_TEMPORAL_DELIMITER
      || idc == 0 || !obu->has_extension)
    return TRUE;
  return (idc >> obu->temporal_id) & (idc >> (obu->spatial_id + 8)) & 1;
}
