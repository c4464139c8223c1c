/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "common/bits.h"
#include "core/gstdaedaluserror.h"
#include "gstdaedalush264check.h"
#include "gstdaedalush264params.h"

/* Bytes that are enough for the elements that read_pps_head() reads. With valid
 * values these contain no emulation prevention byte. */
#define PPS_HEAD_MAX 12

/* A PPS with more slice groups, coded as a ue(v) of more than 33 bits, is
 * damaged. */
#define SLICE_GROUPS_MAX ((1u << 17) - 2)

/**
 * gst_daedalus_h264_params_init:
 * @params: to initialise
 */
void
gst_daedalus_h264_params_init (GstDaedalusH264Params *params)
{
  memset (params, 0, sizeof (*params));
  params->parser = gst_h264_nal_parser_new ();
}

/**
 * gst_daedalus_h264_params_clear:
 * @params: initialised
 */
void
gst_daedalus_h264_params_clear (GstDaedalusH264Params *params)
{
  guint i;

  for (i = 0; i < G_N_ELEMENTS (params->sps); i++)
    g_clear_pointer (&params->sps[i], g_bytes_unref);
  for (i = 0; i < G_N_ELEMENTS (params->pps); i++)
    g_clear_pointer (&params->pps[i], g_bytes_unref);
  g_clear_pointer (&params->parser, gst_h264_nal_parser_free);
}

/* Stores a NAL unit in @slot; FALSE if it is there already. */
static gboolean
store (GBytes **slot, const GstH264NalUnit *nalu)
{
  GBytes *bytes = g_bytes_new (nalu->data + nalu->offset, nalu->size);

  if (*slot && g_bytes_equal (*slot, bytes)) {
    g_bytes_unref (bytes);
    return FALSE;
  }
  g_clear_pointer (slot, g_bytes_unref);
  *slot = bytes;
  return TRUE;
}

/*
 * 7.3.2.2 up to num_slice_groups_minus1. A PPS with slice groups must not reach
 * the parser, which allocates as much memory as the slice group map claims to
 * need.
 */
static gboolean
read_pps_head (const guint8 *data, gsize size, guint32 *id, guint32 *sps_id,
    guint32 *num_slice_groups_minus1)
{
  struct bits bits;

  bits_init (&bits, data, MIN (size, PPS_HEAD_MAX));
  bits_read (&bits, 8);
  *id = bits_ue (&bits);
  *sps_id = bits_ue (&bits);
  bits_read (&bits, 2);
  *num_slice_groups_minus1 = bits_ue (&bits);
  return !bits.overrun && *id < GST_H264_MAX_PPS_COUNT
      && *sps_id < GST_H264_MAX_SPS_COUNT
      && *num_slice_groups_minus1 <= SLICE_GROUPS_MAX;
}

/* Parses a stored PPS. Also TRUE if its SPS is missing: the PPS is parsed again
 * when the SPS comes. */
static gboolean
parse_pps (GstDaedalusH264Params *params, guint id)
{
  GstH264NalUnit nalu = { 0 };
  GstH264ParserResult result;
  GstH264PPS pps;
  gsize size;

  nalu.data = (guint8 *) g_bytes_get_data (params->pps[id], &size);
  nalu.type = GST_H264_NAL_PPS;
  nalu.size = size;
  nalu.header_bytes = 1;
  nalu.valid = TRUE;
  result = gst_h264_parser_parse_pps (params->parser, &nalu, &pps);
  gst_h264_pps_clear (&pps);
  return result == GST_H264_PARSER_OK || result == GST_H264_PARSER_BROKEN_LINK;
}

/**
 * gst_daedalus_h264_params_add_sps:
 * @params: initialised
 * @nalu: sequence parameter set
 * @error: set on failure
 *
 * Adds or replaces a sequence parameter set, 7.3.2.1. The parser overwrites the
 * old values, which slice headers parsed before point to.
 *
 * Returns: %FALSE with %GST_DAEDALUS_ERROR_FRAME if it cannot be parsed
 */
gboolean
gst_daedalus_h264_params_add_sps (GstDaedalusH264Params *params,
    GstH264NalUnit *nalu, GError **error)
{
  GstH264ParserResult result;
  guint32 id, sps_id, groups;
  GstH264SPS sps;
  gsize size;
  guint i;

  result = gst_h264_parser_parse_sps (params->parser, nalu, &sps);
  if (result != GST_H264_PARSER_OK)
    return gst_daedalus_failed (error, FRAME,
        "A sequence parameter set of %u bytes cannot be parsed.", nalu->size);
  if (store (&params->sps[sps.id], nalu)) {
    params->sps_serial[sps.id]++;
    for (i = 0; i < G_N_ELEMENTS (params->pps); i++) {
      const guint8 *data;

      if (!params->pps[i])
        continue;
      data = g_bytes_get_data (params->pps[i], &size);
      if (read_pps_head (data, size, &id, &sps_id, &groups)
          && sps_id == (guint) sps.id && groups == 0)
        parse_pps (params, i);
    }
  }
  gst_h264_sps_clear (&sps);
  return TRUE;
}

/**
 * gst_daedalus_h264_params_add_pps:
 * @params: initialised
 * @nalu: picture parameter set
 * @error: set on failure
 *
 * Adds or replaces a picture parameter set, 7.3.2.2; its sequence parameter set
 * may come later.
 *
 * Returns: %FALSE with %GST_DAEDALUS_ERROR_FRAME if it cannot be parsed
 */
gboolean
gst_daedalus_h264_params_add_pps (GstDaedalusH264Params *params,
    GstH264NalUnit *nalu, GError **error)
{
  guint32 id, sps_id, groups;

  if (!read_pps_head (nalu->data + nalu->offset, nalu->size, &id, &sps_id,
          &groups))
    goto broken;
  if (!store (&params->pps[id], nalu))
    return TRUE;
  params->parser->pps[id].valid = FALSE;
  /* A PPS with slice groups is refused when a slice refers to it. */
  if (groups > 0 || parse_pps (params, id))
    return TRUE;
broken:
  return gst_daedalus_failed (error, FRAME,
      "A picture parameter set of %u bytes cannot be parsed.", nalu->size);
}

/* The first elements of the PPS that a slice refers to, for a PPS that the
 * parser refused or did not get. */
static gboolean
read_slice_pps_head (const GstDaedalusH264Params *params,
    const GstH264NalUnit *nalu, guint32 *sps_id, guint32 *groups)
{
  const guint8 *data;
  struct bits bits;
  guint32 id;
  gsize size;

  bits_init (&bits, nalu->data + nalu->offset + 1, nalu->size - 1);
  bits_ue (&bits);              /* first_mb_in_slice */
  bits_ue (&bits);              /* slice_type */
  id = bits_ue (&bits);
  if (bits.overrun || id >= G_N_ELEMENTS (params->pps) || !params->pps[id])
    return FALSE;
  data = g_bytes_get_data (params->pps[id], &size);
  return read_pps_head (data, size, &id, sps_id, groups);
}

/**
 * gst_daedalus_h264_params_parse_slice:
 * @params: initialised
 * @nalu: a slice
 * @slice: (out): the slice header; points to parameter sets of @params
 * @error: set on failure
 *
 * Parses a slice header, 7.3.3.
 *
 * Returns: %FALSE with %GST_DAEDALUS_ERROR_FRAME if it cannot be parsed or its
 *   parameter sets are missing, with %GST_DAEDALUS_ERROR_UNSUPPORTED if these
 *   use a feature that is not supported
 */
gboolean
gst_daedalus_h264_params_parse_slice (GstDaedalusH264Params *params,
    GstH264NalUnit *nalu, GstH264SliceHdr *slice, GError **error)
{
  GstH264ParserResult result =
      gst_h264_parser_parse_slice_hdr (params->parser, nalu, slice, TRUE, TRUE);
  guint32 sps_id, groups = 0;

  if (result == GST_H264_PARSER_OK)
    return TRUE;
  /* The parser refuses PPSs for bit depths that it does not support. */
  if (result == GST_H264_PARSER_BROKEN_LINK && nalu->size > 1
      && read_slice_pps_head (params, nalu, &sps_id, &groups)
      && params->parser->sps[sps_id].valid
      && !gst_daedalus_h264_check_sps (&params->parser->sps[sps_id], error))
    return FALSE;
  if (groups > 0)
    return gst_daedalus_failed (error, UNSUPPORTED,
        "H.264 with flexible macroblock ordering (%u slice groups) is not "
        "supported; use another decoder.", groups + 1);
  if (result == GST_H264_PARSER_BROKEN_LINK)
    return gst_daedalus_failed (error, FRAME, "A slice refers to a parameter "
        "set that is not there; decoding starts when it comes.");
  return gst_daedalus_failed (error, FRAME,
      "The header of a slice of %u bytes cannot be parsed.", nalu->size);
}
