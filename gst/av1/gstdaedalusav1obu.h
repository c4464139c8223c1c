/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Iterates over the open bitstream units of a buffer, in the low-overhead
 * format of section 5 or in the length-delimited format of annex B of "AV1
 * Bitstream & Decoding Process Specification".
 */
#ifndef GST_DAEDALUS_AV1_OBU_H
#define GST_DAEDALUS_AV1_OBU_H

#include <gst/codecparsers/gstav1parser.h>

G_BEGIN_DECLS

/**
 * GstDaedalusAv1Obu:
 * @type: obu_type, 0..15: a #GstAV1OBUType, or a reserved value to be ignored
 * @has_extension: obu_extension_flag; without it both ids are 0
 * @temporal_id: 0..7
 * @spatial_id: 0..3
 * @data: (transfer none): the payload, without OBU header and obu_size
 * @size: bytes of @data
 */
typedef struct
{
  guint type;
  gboolean has_extension;
  guint8 temporal_id;
  guint8 spatial_id;
  const guint8 *data;
  gsize size;
} GstDaedalusAv1Obu;

/**
 * GstDaedalusAv1ObuReader:
 * @data: (transfer none): the buffer
 * @size: bytes of @data
 * @pos: offset of the next OBU, bytes
 * @annexb: the buffer is one or more temporal_unit() of annex B
 * @temporal_unit_end: offset of the end of the current temporal unit; annex B
 *   only
 * @frame_unit_end: offset of the end of the current frame_unit(); annex B only
 */
typedef struct
{
  const guint8 *data;
  gsize size;
  gsize pos;
  gboolean annexb;
  gsize temporal_unit_end;
  gsize frame_unit_end;
} GstDaedalusAv1ObuReader;

void gst_daedalus_av1_obu_reader_init (GstDaedalusAv1ObuReader * reader,
    const guint8 * data, gsize size, gboolean annexb);
gboolean gst_daedalus_av1_obu_next (GstDaedalusAv1ObuReader * reader,
    GstDaedalusAv1Obu * obu, GError ** error);
gboolean gst_daedalus_av1_obu_in_operating_point (const GstDaedalusAv1Obu * obu,
    guint idc);

G_END_DECLS
#endif
