/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "common/h264_nal.h"
#include "core/gstdaedaluserror.h"
#include "gstdaedalush264nal.h"

/* Maximum size of a NAL unit, bytes. Longer data is cut: it is no valid
 * stream. */
#define NAL_MAX (64 * 1024 * 1024)

static gboolean
next_by_start_code (GstDaedalusH264NalIter *iter, GstH264NalUnit *nalu)
{
  gsize start;

  while ((start = h264_start_code (iter->data, iter->size,
              iter->offset)) < iter->size) {
    iter->offset = h264_start_code (iter->data, iter->size,
        start + H264_START_CODE_BYTES);
    if (gst_h264_parser_identify_nalu_unchecked (iter->parser, iter->data,
            start, iter->offset, nalu) == GST_H264_PARSER_OK)
      return TRUE;
    /* Skip an empty NAL unit. */
  }
  iter->offset = iter->size;
  return FALSE;
}

/**
 * gst_daedalus_h264_nal_next:
 * @iter: position in the data; moved behind the NAL unit
 * @nalu: (out): the next NAL unit; points into the data of @iter
 * @error: set on failure
 *
 * Returns: %FALSE without an error at the end of the data, with
 *   %GST_DAEDALUS_ERROR_FRAME if the rest is not a whole NAL unit
 */
gboolean
gst_daedalus_h264_nal_next (GstDaedalusH264NalIter *iter,
    GstH264NalUnit *nalu, GError **error)
{
  GstH264ParserResult result;
  gsize left;

  if (iter->length_size == 0)
    return next_by_start_code (iter, nalu);

  for (;;) {
    left = iter->size - iter->offset;
    if (left == 0)
      return FALSE;
    result = left <= iter->length_size ? GST_H264_PARSER_NO_NAL_END :
        gst_h264_parser_identify_nalu_avc (iter->parser, iter->data,
        iter->offset, iter->size, iter->length_size, nalu);
    if (result == GST_H264_PARSER_OK) {
      iter->offset = nalu->offset + nalu->size;
      return TRUE;
    }
    /* Some muxers write empty NAL units. */
    if (left < iter->length_size || result == GST_H264_PARSER_NO_NAL_END
        || nalu->offset <= iter->offset)
      break;
    iter->offset = nalu->offset;
  }
  return gst_daedalus_failed (error, FRAME,
      "The last %" G_GSIZE_FORMAT " bytes of a frame are not a whole NAL unit: "
      "the stream is truncated or its codec_data is wrong.", left);
}

/* 7.4.1.2.3: whether a NAL unit begins an access unit, if the current one has a
 * slice of the primary coded picture already. A field is an access unit. */
static gboolean
begins_access_unit (const guint8 *nal, gsize size, gboolean *is_vcl)
{
  const guint type = nal[0] & 0x1f;

  *is_vcl = type >= GST_H264_NAL_SLICE && type <= GST_H264_NAL_SLICE_IDR;
  /* If the first bit of a slice header is 1, first_mb_in_slice is 0. */
  if (*is_vcl)
    return size > 1 && nal[1] & 0x80 && type != GST_H264_NAL_SLICE_DPB
        && type != GST_H264_NAL_SLICE_DPC;
  return (type >= GST_H264_NAL_SEI && type <= GST_H264_NAL_AU_DELIMITER)
      || (type >= 14 && type <= 18);
}

/* As h264_start_code() for an adapter, without merging its buffers; a byte must
 * follow the start code. */
static gssize
scan_start_code (GstAdapter *adapter, gsize available, gsize from)
{
  if (available < from + H264_START_CODE_BYTES + 1)
    return -1;
  return gst_adapter_masked_scan_uint32 (adapter, 0xffffff00, 0x00000100, from,
      available - from);
}

/* Finds the first NAL unit: @nal is the offset of its header, @size of its
 * end. */
static GstDaedalusH264AuStep
find_by_start_code (GstDaedalusH264AuScan *scan, GstAdapter *adapter,
    gboolean at_eos, gsize *nal, gsize *size)
{
  const gsize available = gst_adapter_available (adapter);
  gssize start, end;

  start = scan->scanned ? (gssize) scan->start :
      scan_start_code (adapter, available, 0);
  if (start < 0) {
    /* Keep the last three bytes: they may be a start code. */
    *nal = *size = at_eos ? available :
        available - MIN (available, H264_START_CODE_BYTES);
    return *size ? GST_DAEDALUS_H264_AU_ADD : GST_DAEDALUS_H264_AU_NEED_DATA;
  }
  end = scan_start_code (adapter, available,
      MAX (scan->scanned, (gsize) start + H264_START_CODE_BYTES));
  if (end < 0 && !at_eos && available < NAL_MAX) {
    scan->start = start;
    scan->scanned =
        MAX ((gsize) start + H264_START_CODE_BYTES,
        available - H264_START_CODE_BYTES);
    return GST_DAEDALUS_H264_AU_NEED_DATA;
  }
  *nal = start + H264_START_CODE_BYTES;
  *size = end < 0 ? available : (gsize) end;
  return GST_DAEDALUS_H264_AU_ADD;
}

static GstDaedalusH264AuStep
find_by_length (GstDaedalusH264AuScan *scan, GstAdapter *adapter,
    gboolean at_eos, gsize *nal, gsize *size)
{
  const gsize available = gst_adapter_available (adapter);
  guint8 bytes[4];
  guint32 length = 0;
  guint i;

  *nal = scan->length_size;
  *size = available;
  if (available >= scan->length_size) {
    gst_adapter_copy (adapter, bytes, 0, scan->length_size);
    for (i = 0; i < scan->length_size; i++)
      length = length << 8 | bytes[i];
    if ((gsize) length + scan->length_size <= available)
      *size = (gsize) length + scan->length_size;
    else if (!at_eos && length < NAL_MAX)
      return GST_DAEDALUS_H264_AU_NEED_DATA;
  } else if (!at_eos) {
    return GST_DAEDALUS_H264_AU_NEED_DATA;
  }
  return *size ? GST_DAEDALUS_H264_AU_ADD : GST_DAEDALUS_H264_AU_NEED_DATA;
}

/**
 * gst_daedalus_h264_au_scan:
 * @scan: state; zeroed except for the length size at the start of a stream
 * @adapter: the data of the stream that was not added yet
 * @at_eos: no more data will come
 * @size: (out): bytes to add to the access unit, for
 *   %GST_DAEDALUS_H264_AU_ADD
 *
 * Takes the next step through a stream: one NAL unit or the end of an access
 * unit. Bytes in front of the first NAL unit are added with it.
 *
 * Returns: what the caller has to do
 */
GstDaedalusH264AuStep
gst_daedalus_h264_au_scan (GstDaedalusH264AuScan *scan, GstAdapter *adapter,
    gboolean at_eos, gsize *size)
{
  GstDaedalusH264AuStep step;
  gboolean is_vcl = FALSE;
  guint8 head[2] = { 0 };
  gsize nal = 0;

  step = (scan->length_size ? find_by_length : find_by_start_code) (scan,
      adapter, at_eos, &nal, size);
  if (step != GST_DAEDALUS_H264_AU_ADD)
    return step;
  scan->scanned = 0;
  if (nal < *size) {
    gst_adapter_copy (adapter, head, nal, MIN (*size - nal, sizeof (head)));
    if (begins_access_unit (head, *size - nal, &is_vcl) && scan->has_vcl) {
      scan->has_vcl = FALSE;
      return GST_DAEDALUS_H264_AU_END;
    }
    scan->has_vcl |= is_vcl;
  }
  return GST_DAEDALUS_H264_AU_ADD;
}
