/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "gstdaedalush264check.h"
#include "core/gstdaedaluserror.h"
#include "core/gstdaedalusformat.h"

#define PROFILE_CAVLC_444_INTRA 44

/* Table A-1 and A.3.1: MaxFS of the highest level, and Sqrt( MaxFS * 8 ). */
#define MAX_FRAME_MBS 139264
#define MAX_SIDE_MBS 1055

#define OTHER_DECODER "use another decoder, such as avdec_h264"

#define unsupported(error, ...) \
  gst_daedalus_failed (error, UNSUPPORTED, __VA_ARGS__)
#define damaged(error, ...) gst_daedalus_failed (error, FRAME, __VA_ARGS__)

/* Checks the values that both caps and SPS have; @chroma is
 * chroma_format_idc. */
static gboolean
check_format (guint chroma, guint luma_bits, guint chroma_bits, GError **error)
{
  if (chroma > GST_DAEDALUS_CHROMA_420)
    return unsupported (error, "H.264 with %s chroma is not supported, only "
        "4:2:0 and monochrome are; " OTHER_DECODER ".",
        gst_daedalus_chroma_name (chroma));
  if (luma_bits != 8 && luma_bits != 10)
    return unsupported (error, "H.264 with %u bits is not supported, only 8 "
        "and 10 are; " OTHER_DECODER ".", luma_bits);
  if (chroma && chroma_bits != luma_bits)
    return unsupported (error, "H.264 with %u bits of luma and %u bits of "
        "chroma is not supported, both must have 8 or both 10; " OTHER_DECODER
        ".", luma_bits, chroma_bits);
  return TRUE;
}

/* Chroma format of a profile, for caps without chroma-format. */
static GstDaedalusChroma
profile_chroma (const gchar *profile)
{
  if (profile && g_str_has_prefix (profile, "high-4:2:2"))
    return GST_DAEDALUS_CHROMA_422;
  if (profile && (g_str_has_prefix (profile, "high-4:4:4")
          || g_str_has_prefix (profile, "cavlc-4:4:4")))
    return GST_DAEDALUS_CHROMA_444;
  return GST_DAEDALUS_CHROMA_420;
}

/**
 * gst_daedalus_h264_check_caps:
 * @s: structure of the sink caps, with the fields that h264parse sets
 * @error: set if the stream cannot be decoded
 *
 * Checks a stream before its data comes, when another decoder can still be
 * chosen. The fields "chroma-format", "bit-depth-luma" and "bit-depth-chroma"
 * take precedence over "profile", because the higher profiles can code 4:2:0
 * too. Streams with several views or layers pass; their base view or layer is
 * decoded.
 *
 * Returns: %FALSE with %GST_DAEDALUS_ERROR_UNSUPPORTED for anything but 4:2:0
 *   and monochrome with 8 or 10 bits
 */
gboolean
gst_daedalus_h264_check_caps (const GstStructure *s, GError **error)
{
  GstDaedalusChroma chroma = gst_daedalus_chroma_from_caps (s,
      profile_chroma (gst_structure_get_string (s, "profile")));
  guint luma_bits = 8, chroma_bits;

  gst_structure_get_uint (s, "bit-depth-luma", &luma_bits);
  chroma_bits = luma_bits;
  gst_structure_get_uint (s, "bit-depth-chroma", &chroma_bits);
  return check_format (chroma, luma_bits, chroma_bits, error);
}

/**
 * gst_daedalus_h264_check_nal_type:
 * @type: nal_unit_type
 * @error: set if it cannot be decoded
 *
 * Returns: %FALSE with %GST_DAEDALUS_ERROR_UNSUPPORTED for data partitions
 */
gboolean
gst_daedalus_h264_check_nal_type (guint type, GError **error)
{
  if (type < GST_H264_NAL_SLICE_DPA || type > GST_H264_NAL_SLICE_DPC)
    return TRUE;
  return unsupported (error, "H.264 with data partitioning (nal_unit_type %u) "
      "is not supported; " OTHER_DECODER ".", type);
}

static gboolean
check_size (const GstH264SPS *sps, GError **error)
{
  guint64 width = (guint64) sps->pic_width_in_mbs_minus1 + 1;
  guint64 height = ((guint64) sps->pic_height_in_map_units_minus1 + 1)
      * (sps->frame_mbs_only_flag ? 1 : 2);

  if (width <= MAX_SIDE_MBS && height <= MAX_SIDE_MBS
      && width * height <= MAX_FRAME_MBS)
    return TRUE;
  return unsupported (error, "A frame of %" G_GUINT64_FORMAT "x%"
      G_GUINT64_FORMAT " is more than any level of H.264 allows; the file may "
      "be damaged.", width * 16, height * 16);
}

static gboolean
check_cropping (const GstH264SPS *sps, GError **error)
{
  guint64 unit_x = sps->chroma_format_idc ? 2 : 1;
  guint64 unit_y = unit_x * (sps->frame_mbs_only_flag ? 1 : 2);
  guint64 x, y;

  if (!sps->frame_cropping_flag)
    return TRUE;
  x = unit_x * ((guint64) sps->frame_crop_left_offset +
      sps->frame_crop_right_offset);
  y = unit_y * ((guint64) sps->frame_crop_top_offset +
      sps->frame_crop_bottom_offset);
  if (x < (guint64) sps->width && y < (guint64) sps->height)
    return TRUE;
  return damaged (error, "Cropping by %" G_GUINT64_FORMAT " columns and %"
      G_GUINT64_FORMAT
      " rows leaves nothing of a frame of %dx%d; the stream is " "damaged.", x,
      y, sps->width, sps->height);
}

/**
 * gst_daedalus_h264_check_sps:
 * @sps: a sequence parameter set, not a subset SPS
 * @error: set if it cannot be decoded
 *
 * No profile is refused as such, only the features that are not supported.
 * Those of the Extended profile are checked in slices and NAL unit types.
 *
 * Returns: %FALSE with %GST_DAEDALUS_ERROR_UNSUPPORTED if the device cannot
 *   decode such a stream, with %GST_DAEDALUS_ERROR_FRAME if a value is not
 *   allowed
 */
gboolean
gst_daedalus_h264_check_sps (const GstH264SPS *sps, GError **error)
{
  if (sps->separate_colour_plane_flag)
    return unsupported (error, "H.264 with 4:4:4 in separate colour planes "
        "(separate_colour_plane_flag 1) is not supported, only 4:2:0 and "
        "monochrome are; " OTHER_DECODER ".");
  if (!check_format (sps->chroma_format_idc, sps->bit_depth_luma_minus8 + 8,
          sps->bit_depth_chroma_minus8 + 8, error))
    return FALSE;
  /* The engine supports lossless intra prediction only in profile 244. */
  if (sps->profile_idc == PROFILE_CAVLC_444_INTRA
      && sps->qpprime_y_zero_transform_bypass_flag)
    return unsupported (error, "Lossless H.264 in profile_idc %u is not "
        "supported, only in profile_idc %u; " OTHER_DECODER ".",
        sps->profile_idc, GST_H264_PROFILE_HIGH_444);
  if (sps->num_ref_frames > GST_DAEDALUS_H264_MAX_DPB_FRAMES)
    return damaged (error,
        "max_num_ref_frames is %u but may be at most %u; the "
        "stream is damaged.", sps->num_ref_frames,
        GST_DAEDALUS_H264_MAX_DPB_FRAMES);
  return check_size (sps, error) && check_cropping (sps, error);
}

/**
 * gst_daedalus_h264_check_pps:
 * @pps: a picture parameter set
 * @error: set if it cannot be decoded
 *
 * Returns: %FALSE with %GST_DAEDALUS_ERROR_UNSUPPORTED for flexible macroblock
 *   ordering
 */
gboolean
gst_daedalus_h264_check_pps (const GstH264PPS *pps, GError **error)
{
  if (!pps->num_slice_groups_minus1)
    return TRUE;
  return unsupported (error, "H.264 with %u slice groups (flexible macroblock "
      "ordering, FMO) is not supported, only 1 is; " OTHER_DECODER ".",
      pps->num_slice_groups_minus1 + 1);
}

/* A.2: only Baseline (not Constrained Baseline) and Extended allow ASO. */
static gboolean
may_have_aso (const GstH264SPS *sps)
{
  return (sps->profile_idc == GST_H264_PROFILE_BASELINE
      || sps->profile_idc == GST_H264_PROFILE_EXTENDED)
      && !sps->constraint_set1_flag;
}

/**
 * gst_daedalus_h264_check_slice:
 * @slice: header of a slice
 * @sps: sequence parameter set of the slice
 * @last_first_mb: first_mb_in_slice of the slice before it in the same primary
 *   coded picture, -1 if it is the first
 * @error: set if it cannot be decoded
 *
 * Redundant slices pass; the caller drops them.
 *
 * Returns: %FALSE with %GST_DAEDALUS_ERROR_UNSUPPORTED for SP and SI slices and
 *   for arbitrary slice order, with %GST_DAEDALUS_ERROR_FRAME where the profile
 *   does not allow them, and for a repeated slice
 */
gboolean
gst_daedalus_h264_check_slice (const GstH264SliceHdr *slice,
    const GstH264SPS *sps, gint64 last_first_mb, GError **error)
{
  if ((GST_H264_IS_SP_SLICE (slice) || GST_H264_IS_SI_SLICE (slice))
      && sps->profile_idc != GST_H264_PROFILE_EXTENDED)
    return damaged (error, "A slice has slice_type %u, which only the Extended "
        "profile knows; the stream is damaged.", slice->type);
  if (GST_H264_IS_SP_SLICE (slice) || GST_H264_IS_SI_SLICE (slice))
    return unsupported (error, "H.264 with %s slices (slice_type %u) is not "
        "supported, only I, P and B slices are; " OTHER_DECODER ".",
        GST_H264_IS_SP_SLICE (slice) ? "SP" : "SI", slice->type);
  if (slice->redundant_pic_cnt || slice->first_mb_in_slice > last_first_mb)
    return TRUE;
  if (slice->first_mb_in_slice < last_first_mb && may_have_aso (sps))
    return unsupported (error, "H.264 with slices in arbitrary order (ASO; "
        "first_mb_in_slice %u after %" G_GINT64_FORMAT ") is not supported; "
        OTHER_DECODER ".", slice->first_mb_in_slice, last_first_mb);
  return damaged (error, "A slice with first_mb_in_slice %u follows one with %"
      G_GINT64_FORMAT "; the stream is damaged.", slice->first_mb_in_slice,
      last_first_mb);
}
