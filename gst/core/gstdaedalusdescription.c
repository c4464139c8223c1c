/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "gstdaedalusdescription.h"

#include <string.h>

/**
 * gst_daedalus_description_init:
 * @description: (out): the description
 * @caps_serial: number that differs for each @caps
 * @info: video info of @caps
 * @caps: caps of the coded stream
 *
 * Describes pictures by upstream's caps.
 */
void
gst_daedalus_description_init (GstDaedalusDescription *description,
    guint caps_serial, const GstVideoInfo *info, const GstCaps *caps)
{
  GstDaedalusHdr *hdr = &description->hdr;

  memset (description, 0, sizeof (*description));
  description->caps_serial = caps_serial;
  description->info = *info;
  if (GST_VIDEO_INFO_MULTIVIEW_MODE (info) == GST_VIDEO_MULTIVIEW_MODE_NONE) {
    GST_VIDEO_INFO_MULTIVIEW_MODE (&description->info) =
        GST_VIDEO_MULTIVIEW_MODE_MONO;
    GST_VIDEO_INFO_MULTIVIEW_FLAGS (&description->info) =
        GST_VIDEO_MULTIVIEW_FLAGS_NONE;
  }
  hdr->has_mastering =
      gst_video_mastering_display_info_from_caps (&hdr->mastering, caps);
  hdr->has_light = gst_video_content_light_level_from_caps (&hdr->light, caps);
}

/* Makes @color what caps of a YUV format can have. */
static void
complete_colors (GstVideoColorimetry *color, guint height)
{
  /* Limited range alone needs no colorimetry, because it is the default. */
  if (color->range != GST_VIDEO_COLOR_RANGE_0_255
      && color->primaries == GST_VIDEO_COLOR_PRIMARIES_UNKNOWN
      && color->transfer == GST_VIDEO_TRANSFER_UNKNOWN
      && color->matrix == GST_VIDEO_COLOR_MATRIX_UNKNOWN)
    color->range = GST_VIDEO_COLOR_RANGE_UNKNOWN;
  /* GStreamer ignores the colorimetry of a YUV format without a matrix, so
   * set the matrix that is the default without colorimetry. */
  else if (color->matrix == GST_VIDEO_COLOR_MATRIX_UNKNOWN)
    color->matrix = height > 576 ? GST_VIDEO_COLOR_MATRIX_BT709 :
        GST_VIDEO_COLOR_MATRIX_BT601;
}

/**
 * gst_daedalus_description_add_colors:
 * @description: (inout): gets the parts of the colorimetry that it lacks
 * @primaries: ColourPrimaries of ITU-T H.273
 * @transfer: TransferCharacteristics
 * @matrix: MatrixCoefficients
 * @full_range: VideoFullRangeFlag
 * @height: height of a picture, luma samples
 *
 * Adds the colorimetry of a 4:2:0 or monochrome stream.
 */
void
gst_daedalus_description_add_colors (GstDaedalusDescription *description,
    guint primaries, guint transfer, guint matrix, gboolean full_range,
    guint height)
{
  GstVideoColorimetry *color = &description->info.colorimetry;

  if (color->primaries == GST_VIDEO_COLOR_PRIMARIES_UNKNOWN)
    color->primaries = gst_video_color_primaries_from_iso (primaries);
  if (color->transfer == GST_VIDEO_TRANSFER_UNKNOWN)
    color->transfer = gst_video_transfer_function_from_iso (transfer);
  /* 0 is RGB, which is illegal for 4:2:0. */
  if (color->matrix == GST_VIDEO_COLOR_MATRIX_UNKNOWN && matrix)
    color->matrix = gst_video_color_matrix_from_iso (matrix);
  if (color->range == GST_VIDEO_COLOR_RANGE_UNKNOWN)
    color->range = full_range ? GST_VIDEO_COLOR_RANGE_0_255 :
        GST_VIDEO_COLOR_RANGE_16_235;

  complete_colors (color, height);
}

/**
 * gst_daedalus_description_add_hdr:
 * @description: (inout): gets the parts of @hdr that it lacks
 * @hdr: HDR metadata of the stream
 */
void
gst_daedalus_description_add_hdr (GstDaedalusDescription *description,
    const GstDaedalusHdr *hdr)
{
  GstDaedalusHdr *to = &description->hdr;

  if (!to->has_mastering) {
    to->has_mastering = hdr->has_mastering;
    to->mastering = hdr->mastering;
  }
  if (!to->has_light) {
    to->has_light = hdr->has_light;
    to->light = hdr->light;
  }
}

/**
 * gst_daedalus_description_is_equal:
 * @a: a description
 * @b: another description
 *
 * Returns: %TRUE if no negotiation is needed between pictures of @a and of @b
 */
gboolean
gst_daedalus_description_is_equal (const GstDaedalusDescription *a,
    const GstDaedalusDescription *b)
{
  return a->caps_serial == b->caps_serial
      && gst_video_info_is_equal (&a->info, &b->info)
      && a->hdr.has_mastering == b->hdr.has_mastering
      && gst_video_mastering_display_info_is_equal (&a->hdr.mastering,
      &b->hdr.mastering)
      && a->hdr.has_light == b->hdr.has_light
      && gst_video_content_light_level_is_equal (&a->hdr.light, &b->hdr.light);
}

/**
 * gst_daedalus_description_apply:
 * @description: description of the pictures
 * @info: (inout): info of an output state; its format and size do not change
 */
void
gst_daedalus_description_apply (const GstDaedalusDescription *description,
    GstVideoInfo *info)
{
  const GstVideoInfo *from = &description->info;

  info->interlace_mode = from->interlace_mode;
  info->flags = from->flags;
  info->views = from->views;
  info->chroma_site = from->chroma_site;
  info->colorimetry = from->colorimetry;
  /* Those of a container may be incomplete, such as "2:0:0:0" of WebM. */
  complete_colors (&info->colorimetry, GST_VIDEO_INFO_HEIGHT (info));
  info->par_n = from->par_n;
  info->par_d = from->par_d;
  info->fps_n = from->fps_n;
  info->fps_d = from->fps_d;
  GST_VIDEO_INFO_FIELD_ORDER (info) = GST_VIDEO_INFO_FIELD_ORDER (from);
  GST_VIDEO_INFO_MULTIVIEW_MODE (info) = GST_VIDEO_INFO_MULTIVIEW_MODE (from);
  GST_VIDEO_INFO_MULTIVIEW_FLAGS (info) = GST_VIDEO_INFO_MULTIVIEW_FLAGS (from);
}

/**
 * gst_daedalus_description_apply_hdr:
 * @description: description of the pictures
 * @caps: caps of the output; the HDR metadata, which #GstVideoInfo lacks, are
 *   added
 */
void
gst_daedalus_description_apply_hdr (const GstDaedalusDescription *description,
    GstCaps *caps)
{
  const GstDaedalusHdr *hdr = &description->hdr;

  if (hdr->has_mastering)
    gst_video_mastering_display_info_add_to_caps (&hdr->mastering, caps);
  if (hdr->has_light)
    gst_video_content_light_level_add_to_caps (&hdr->light, caps);
}
