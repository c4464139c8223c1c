/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * How an H.264 stream is cut into NAL units (ITU-T H.264 Annex B, ISO/IEC
 * 14496-15) and access units (7.4.1.2.3).
 */
#ifndef GST_DAEDALUS_H264_NAL_H
#define GST_DAEDALUS_H264_NAL_H

#include <gst/base/gstadapter.h>

#define GST_USE_UNSTABLE_API
#include <gst/codecparsers/gsth264parser.h>

G_BEGIN_DECLS

/**
 * GstDaedalusH264NalIter:
 * @parser: of the stream
 * @length_size: bytes of the length in front of each NAL unit, 0 for start codes
 * @data: NAL units
 * @size: bytes of @data
 * @offset: bytes of @data that are done with
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
 * @length_size: as of #GstDaedalusH264NalIter
 * @has_vcl: the access unit has a slice already
 * @start: of the first start code, if @scanned
 * @scanned: bytes at the head of the adapter in which there is no other, 0 if not
 *   known
 *
 * Finds access units in a stream that is not cut into them.
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
 * @GST_DAEDALUS_H264_AU_NEED_DATA: nothing to be done with what there is
 * @GST_DAEDALUS_H264_AU_ADD: bytes belong to the access unit
 * @GST_DAEDALUS_H264_AU_END: it is complete, without any of the bytes
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
