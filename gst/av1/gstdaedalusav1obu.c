/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * gst_av1_parser_identify_one_obu() is not used. It refuses an OBU without
 * obu_size, which may be the last one of an MP4 sample, and it refuses reserved
 * bits, which decoders must ignore (test_section5 of
 * tests/gst/av1/test_av1_obu.c). It also does not tell where the damage is.
 */
#include "core/gstdaedaluserror.h"
#include "gstdaedalusav1obu.h"

#include <string.h>

/**
 * gst_daedalus_av1_obu_reader_init:
 * @reader: (out): the reader
 * @data: (transfer none): a buffer of whole OBUs, or of whole temporal units
 *   with @annexb; must outlive @reader
 * @size: bytes of @data
 * @annexb: the buffer has the length-delimited format of annex B
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
  return gst_daedalus_failed (error, FRAME,
      "An AV1 %s at byte %" G_GSIZE_FORMAT " claims %" G_GUINT64_FORMAT
      " bytes, where only %" G_GSIZE_FORMAT " are left.", what, reader->pos,
      claimed, left);
}

/* Reads leb128() of section 4.10.5 at @data. FALSE if it goes beyond @size or
 * has more than 32 bits, which the specification forbids. */
static gboolean
read_leb128 (const guint8 *data, gsize size, guint64 *value, gsize *used)
{
  *value = 0;
  for (*used = 0; *used < MIN (size, 8);) {
    const guint8 byte = data[*used];

    *value |= (guint64) (byte & 0x7f) << (7 * (*used)++);
    if (!(byte & 0x80))
      return *value <= G_MAXUINT32;
  }
  return FALSE;
}

/* Reads a size of annex B and moves behind it. The unit of that size must end
 * at or before @end. */
static gboolean
read_unit_size (GstDaedalusAv1ObuReader *reader, const gchar *what, gsize end,
    gsize *unit_size, GError **error)
{
  guint64 size;
  gsize used;

  if (!read_leb128 (reader->data + reader->pos, end - reader->pos, &size, &used)
      || size > end - reader->pos - used)
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
  /* Skips units and OBUs of 0 bytes, which are legal. Their length has at least
   * one byte, so the loop ends. */
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
 * @obu: (out): the next OBU
 * @error: set if the buffer is damaged; then the reader is at its end
 *
 * An OBU without obu_size, as the last one of an MP4 sample may be, goes to the
 * end of the buffer.
 *
 * Returns: %FALSE without @error at the end of the buffer, %FALSE with
 *   %GST_DAEDALUS_ERROR_FRAME on failure
 */
gboolean
gst_daedalus_av1_obu_next (GstDaedalusAv1ObuReader *reader,
    GstDaedalusAv1Obu *obu, GError **error)
{
  const guint8 *data;
  gsize length, header, used;
  gboolean has_size, ok;
  guint64 size = 0;

  memset (obu, 0, sizeof (*obu));
  if (reader->annexb) {
    if (!next_length (reader, &length, error))
      return FALSE;
  } else {
    length = reader->size - reader->pos;
    if (length == 0)
      return FALSE;
  }

  data = reader->data + reader->pos;
  if (data[0] & 0x80)
    return gst_daedalus_failed (error, FRAME,
        "There is no AV1 OBU at byte %" G_GSIZE_FORMAT
        ": obu_forbidden_bit is set.", reader->pos);
  /* Decoders must ignore the reserved bits. */
  obu->type = data[0] >> 3;
  obu->has_extension = (data[0] & 4) != 0;
  has_size = (data[0] & 2) != 0;
  header = 1 + obu->has_extension;
  ok = header <= length;
  if (ok && obu->has_extension) {
    obu->temporal_id = data[1] >> 5;
    obu->spatial_id = (data[1] >> 3) & 3;
  }
  if (ok && has_size) {
    ok = read_leb128 (data + header, length - header, &size, &used);
    header += used;
  }
  if (!ok || size > length - header)
    return truncated (reader, "OBU", header + size, length, error);

  obu->size = has_size ? size : length - header;
  obu->data = data + header;
  reader->pos += reader->annexb ? length : header + obu->size;
  return TRUE;
}

/**
 * gst_daedalus_av1_obu_in_operating_point:
 * @obu: an OBU
 * @idc: operating_point_idc of the chosen operating point, 0 for all layers
 *
 * Returns: %FALSE if @obu must be dropped by section 5.3.1
 */
gboolean
gst_daedalus_av1_obu_in_operating_point (const GstDaedalusAv1Obu *obu,
    guint idc)
{
  if (obu->type == GST_AV1_OBU_SEQUENCE_HEADER
      || obu->type == GST_AV1_OBU_TEMPORAL_DELIMITER
      || idc == 0 || !obu->has_extension)
    return TRUE;
  return (idc >> obu->temporal_id) & (idc >> (obu->spatial_id + 8)) & 1;
}
