/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "gstdaedalush264info.h"

/* pic_struct of the picture timing SEI message, table D-1. */
enum
{
  PIC_STRUCT_FRAME,
  PIC_STRUCT_TOP,
  PIC_STRUCT_BOTTOM,
  PIC_STRUCT_TOP_BOTTOM,
  PIC_STRUCT_BOTTOM_TOP,
  PIC_STRUCT_TOP_BOTTOM_TOP,
  PIC_STRUCT_BOTTOM_TOP_BOTTOM,
};

static gboolean
caps_have (const GstStructure *s, const gchar *field)
{
  return s && gst_structure_has_field (s, field);
}

static void
describe_aspect_ratio (GstVideoInfo *info, const GstH264VUIParams *vui)
{
  /* table E-1: 0 is unspecified, and so are the reserved ones */
  if (!vui->aspect_ratio_info_present_flag || !vui->par_n || !vui->par_d)
    return;
  info->par_n = vui->par_n;
  info->par_d = vui->par_d;
}

/* E.2.1: a tick is the duration of a field. The frame rate is known only with
 * fixed_frame_rate_flag. */
static void
describe_framerate (GstVideoInfo *info, const GstH264VUIParams *vui)
{
  guint64 num = vui->time_scale, den = (guint64) vui->num_units_in_tick * 2;
  guint64 divisor;

  if (!vui->timing_info_present_flag || !vui->fixed_frame_rate_flag || !num
      || !den)
    return;
  divisor = gst_util_greatest_common_divisor_int64 (num, den);
  num /= divisor;
  den /= divisor;
  if (num > G_MAXINT || den > G_MAXINT)
    return;
  info->fps_n = num;
  info->fps_d = den;
}

/* Reads chroma-site of the caps; GstVideoInfo has it for raw formats only. */
static GstVideoChromaSite
caps_chroma_site (const GstStructure *s)
{
  const gchar *name = gst_structure_get_string (s, "chroma-site");

  return name ? gst_video_chroma_site_from_string (name) :
      GST_VIDEO_CHROMA_SITE_UNKNOWN;
}

/* Figure E-1; GStreamer has no flags for types 4 and 5. */
static GstVideoChromaSite
chroma_site (const GstH264SPS *sps)
{
  static const GstVideoChromaSite sites[] = {
    GST_VIDEO_CHROMA_SITE_MPEG2,
    GST_VIDEO_CHROMA_SITE_JPEG,
    GST_VIDEO_CHROMA_SITE_COSITED,
    GST_VIDEO_CHROMA_SITE_V_COSITED,
  };
  const GstH264VUIParams *vui = &sps->vui_parameters;
  guint type = 0;

  if (sps->chroma_format_idc != 1)
    return GST_VIDEO_CHROMA_SITE_UNKNOWN;
  if (sps->vui_parameters_present_flag && vui->chroma_loc_info_present_flag)
    type = vui->chroma_sample_loc_type_top_field;
  return type < G_N_ELEMENTS (sites) ? sites[type] :
      GST_VIDEO_CHROMA_SITE_UNKNOWN;
}

/* The message has green, blue, red; GStreamer has red, green, blue. */
static void
read_mastering (GstVideoMasteringDisplayInfo *to,
    const GstH264MasteringDisplayColourVolume *sei)
{
  guint i;

  for (i = 0; i < G_N_ELEMENTS (to->display_primaries); i++) {
    to->display_primaries[i].x = sei->display_primaries_x[(i + 2) % 3];
    to->display_primaries[i].y = sei->display_primaries_y[(i + 2) % 3];
  }
  to->white_point.x = sei->white_point_x;
  to->white_point.y = sei->white_point_y;
  to->max_display_mastering_luminance = sei->max_display_mastering_luminance;
  to->min_display_mastering_luminance = sei->min_display_mastering_luminance;
}

/**
 * gst_daedalus_h264_read_hdr:
 * @hdr: (inout): updated by a mastering display colour volume (D.2.29) and by a
 *   content light level (D.2.31)
 * @sei: an SEI message of any type
 */
void
gst_daedalus_h264_read_hdr (GstDaedalusHdr *hdr, const GstH264SEIMessage *sei)
{
  const GstH264ContentLightLevel *light = &sei->payload.content_light_level;

  if (sei->payloadType == GST_H264_SEI_MASTERING_DISPLAY_COLOUR_VOLUME) {
    read_mastering (&hdr->mastering,
        &sei->payload.mastering_display_colour_volume);
    hdr->has_mastering = TRUE;
  } else if (sei->payloadType == GST_H264_SEI_CONTENT_LIGHT_LEVEL) {
    hdr->light.max_content_light_level = light->max_content_light_level;
    hdr->light.max_frame_average_light_level =
        light->max_pic_average_light_level;
    hdr->has_light = TRUE;
  }
}

/**
 * gst_daedalus_h264_describe:
 * @description: (inout): has the fields of upstream's caps; gets those of the
 *   stream
 * @s: (nullable): structure of the caps
 * @sps: the active sequence parameter set
 * @hdr: HDR metadata of the SEI messages of the coded video sequence
 *
 * Sets pixel aspect ratio, frame rate if it is fixed, colorimetry, chroma site,
 * interlace mode and HDR metadata from @sps and @hdr, unless the caps have the
 * field.
 */
void
gst_daedalus_h264_describe (GstDaedalusDescription *description,
    const GstStructure *s, const GstH264SPS *sps, const GstDaedalusHdr *hdr)
{
  const GstH264VUIParams *vui =
      sps->vui_parameters_present_flag ? &sps->vui_parameters : NULL;
  GstVideoInfo *info = &description->info;
  GstVideoRectangle visible;

  gst_daedalus_h264_size (sps, s, &visible);
  if (vui && !caps_have (s, "pixel-aspect-ratio"))
    describe_aspect_ratio (info, vui);
  if (vui && !caps_have (s, "framerate"))
    describe_framerate (info, vui);
  if (vui && vui->video_signal_type_present_flag)
    gst_daedalus_description_add_colors (description, vui->colour_primaries,
        vui->transfer_characteristics, vui->matrix_coefficients,
        vui->video_full_range_flag, visible.h);
  info->chroma_site = caps_have (s, "chroma-site") ?
      caps_chroma_site (s) : chroma_site (sps);
  if (!caps_have (s, "interlace-mode"))
    info->interlace_mode = sps->frame_mbs_only_flag ?
        GST_VIDEO_INTERLACE_MODE_PROGRESSIVE : GST_VIDEO_INTERLACE_MODE_MIXED;
  gst_daedalus_description_add_hdr (description, hdr);
}

/**
 * gst_daedalus_h264_size:
 * @sps: a sequence parameter set that passed gst_daedalus_h264_check_sps()
 * @s: (nullable): structure of upstream's caps
 * @visible: (out): the visible part of the coded frame, luma samples
 *
 * @visible is the cropping rectangle of the SPS (7.4.2.1.1), unless that is
 *   empty. Streams of some muxers have no cropping, because the container has
 *   the size. If the size in the caps is smaller than the coded size by less
 *   than a macroblock (a pair of macroblocks if the stream can have fields),
 *   the right and bottom edges are cropped to the size in the caps.
 */
void
gst_daedalus_h264_size (const GstH264SPS *sps, const GstStructure *s,
    GstVideoRectangle *visible)
{
  gint unit_h = sps->frame_mbs_only_flag ? 16 : 32;
  gint width, height;

  *visible = (GstVideoRectangle) {
  .w = sps->width,.h = sps->height};
  if (sps->frame_cropping_flag && sps->crop_rect_width > 0
      && sps->crop_rect_height > 0)
    *visible = (GstVideoRectangle) {
    sps->crop_rect_x, sps->crop_rect_y,
        sps->crop_rect_width, sps->crop_rect_height};

  if (!s || visible->x || visible->y
      || !gst_structure_get_int (s, "width", &width)
      || !gst_structure_get_int (s, "height", &height)
      || width > visible->w || height > visible->h || width <= 0 || height <= 0)
    return;
  if (GST_ROUND_UP_16 (width) == GST_ROUND_UP_16 (visible->w)
      && GST_ROUND_UP_N (height, unit_h) == GST_ROUND_UP_N (visible->h, unit_h)) {
    visible->w = width;
    visible->h = height;
  }
}

static gboolean
is_interlaced (const GstDaedalusH264Frame *frame, const GstH264SPS *sps,
    gint pic_struct)
{
  if (pic_struct < PIC_STRUCT_FRAME)
    return frame->coded_fields || sps->mb_adaptive_frame_field_flag;
  return pic_struct >= PIC_STRUCT_TOP
      && pic_struct <= PIC_STRUCT_BOTTOM_TOP_BOTTOM;
}

static gboolean
is_top_field_first (const GstDaedalusH264Frame *frame, gint pic_struct)
{
  if (frame->fields != GST_DAEDALUS_H264_BOTH)
    return frame->fields == GST_DAEDALUS_H264_TOP;
  if (frame->pic_order_cnt[0] != frame->pic_order_cnt[1])
    return frame->pic_order_cnt[0] < frame->pic_order_cnt[1];
  return pic_struct != PIC_STRUCT_BOTTOM && pic_struct != PIC_STRUCT_BOTTOM_TOP
      && pic_struct != PIC_STRUCT_BOTTOM_TOP_BOTTOM;
}

/**
 * gst_daedalus_h264_buffer_flags:
 * @frame: a frame to be output
 * @sps: sequence parameter set that was active for @frame
 * @pic_struct: pic_struct of the picture timing SEI message of the frame or of
 *   its first field; -1 if there was none
 *
 * Computes how the fields of a frame are shown, for caps with interlace-mode
 * mixed. Without pic_struct, a frame is interlaced if it was coded as fields or
 * with mb_adaptive_frame_field_flag, and the order of its fields is that of
 * their picture order counts.
 *
 * Returns: GST_VIDEO_BUFFER_FLAG_INTERLACED, _TFF, _RFF and _ONEFIELD, or 0 for
 *   a progressive picture
 */
guint
gst_daedalus_h264_buffer_flags (const GstDaedalusH264Frame *frame,
    const GstH264SPS *sps, gint pic_struct)
{
  gboolean one_field = frame->fields != GST_DAEDALUS_H264_BOTH;
  guint flags = GST_VIDEO_BUFFER_FLAG_INTERLACED;

  if (sps->frame_mbs_only_flag)
    return 0;
  if (!one_field && !is_interlaced (frame, sps, pic_struct))
    return 0;
  if (is_top_field_first (frame, pic_struct))
    flags |= GST_VIDEO_BUFFER_FLAG_TFF;
  if (one_field)
    flags |= GST_VIDEO_BUFFER_FLAG_ONEFIELD;
  else if (pic_struct == PIC_STRUCT_TOP_BOTTOM_TOP
      || pic_struct == PIC_STRUCT_BOTTOM_TOP_BOTTOM)
    flags |= GST_VIDEO_BUFFER_FLAG_RFF;
  return flags;
}
