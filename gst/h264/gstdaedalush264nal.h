/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Cuts an H.264 stream into NAL units (ITU-T H.264 Annex B, ISO/IEC 14496-15)
 * and access units (7.4.1.2.3).
 */
#ifndef GST_DAEDALUS_H264_NAL_H
#define GST_DAEDALUS_H264_NAL_H

#include <gst/base/gstadapter.h>

#include <gst/codecparsers/gsth264parser.h>

G_BEGIN_DECLS

/**
 * GstDaedalusH264NalIter:
 * @parser: parser of the stream, not owned
 * @length_size: bytes of the length field in front of each NAL unit, 0 for
 *   start codes
 * @data: NAL units, not owned
 * @size: bytes of @data
 * @offset: bytes of @data in front of the next NAL unit
 */
typedef struct
{
  GstH264NalParser *parser;
  guint length_size;
  const guint8 *data;
  gsize size;
  gsize offset;
} GstDaedalusH264NalIter;

gboolean gst_daedalus_h264_nal_next (GstDaedalusH264NalIter * iter,
    GstH264NalUnit * nalu, GError ** error);

/**
 * GstDaedalusH264AuScan:
 * @length_size: as in #GstDaedalusH264NalIter
 * @has_vcl: the access unit has a slice already
 * @start: offset of the first start code in the adapter, if @scanned is not 0
 * @scanned: bytes of the adapter that were searched for a second start code
 *   without success, 0 if none were
 *
 * State for finding access units in a stream whose buffers are not access
 * units.
 */
typedef struct
{
  guint length_size;
  gboolean has_vcl;
  gsize start;
  gsize scanned;
} GstDaedalusH264AuScan;

/**
 * GstDaedalusH264AuStep:
 * @GST_DAEDALUS_H264_AU_NEED_DATA: wait for more data
 * @GST_DAEDALUS_H264_AU_ADD: add the bytes to the access unit
 * @GST_DAEDALUS_H264_AU_END: the access unit is complete; add no bytes
 *
 * Result of gst_daedalus_h264_au_scan().
 */
typedef enum
{
  GST_DAEDALUS_H264_AU_NEED_DATA,
  GST_DAEDALUS_H264_AU_ADD,
  GST_DAEDALUS_H264_AU_END,
} GstDaedalusH264AuStep;

GstDaedalusH264AuStep gst_daedalus_h264_au_scan (GstDaedalusH264AuScan * scan,
    GstAdapter * adapter, gboolean at_eos, gsize * size);

G_END_DECLS
#endif
