/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "gstdaedalush264info.h"
#include "core/gstdaedalusstate.h"

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

/* E.2.1: a tick lasts for a field, and only with fixed_frame_rate_flag it tells
 * how far frames are apart. */
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

/* What is known of the colours, component by component. */
static void
describe_colorimetry (GstVideoColorimetry *color, const GstH264VUIParams *vui,
    gint height)
{
  GstVideoColorimetry said = { 0 };

  if (!vui->video_signal_type_present_flag)
    return;
  said.range = vui->video_full_range_flag ? GST_VIDEO_COLOR_RANGE_0_255 :
      GST_VIDEO_COLOR_RANGE_16_235;
  if (vui->colour_description_present_flag) {
    said.primaries = gst_video_color_primaries_from_iso (vui->colour_primaries);
    said.transfer =
        gst_video_transfer_function_from_iso (vui->transfer_characteristics);
    said.matrix = gst_video_color_matrix_from_iso (vui->matrix_coefficients);
  }
  /* 4:2:0 cannot be RGB */
  if (said.matrix == GST_VIDEO_COLOR_MATRIX_RGB)
    said.matrix = GST_VIDEO_COLOR_MATRIX_UNKNOWN;

  if (color->primaries == GST_VIDEO_COLOR_PRIMARIES_UNKNOWN)
    color->primaries = said.primaries;
  if (color->transfer == GST_VIDEO_TRANSFER_UNKNOWN)
    color->transfer = said.transfer;
  if (color->matrix == GST_VIDEO_COLOR_MATRIX_UNKNOWN)
    color->matrix = said.matrix;
  if (color->range == GST_VIDEO_COLOR_RANGE_UNKNOWN)
    color->range = said.range;

  /* Limited range and nothing else is what everybody assumes. */
  if (color->range != GST_VIDEO_COLOR_RANGE_0_255
      && color->primaries == GST_VIDEO_COLOR_PRIMARIES_UNKNOWN
      && color->transfer == GST_VIDEO_TRANSFER_UNKNOWN
      && color->matrix == GST_VIDEO_COLOR_MATRIX_UNKNOWN)
    color->range = GST_VIDEO_COLOR_RANGE_UNKNOWN;
  /* Caps of a YUV format without a matrix would be ignored as a whole; it is the
   * one that is assumed without colorimetry. */
  else if (color->matrix == GST_VIDEO_COLOR_MATRIX_UNKNOWN)
    color->matrix = height > 576 ? GST_VIDEO_COLOR_MATRIX_BT709 :
        GST_VIDEO_COLOR_MATRIX_BT601;
}

/* GstVideoInfo takes that of the caps for raw formats only. */
static GstVideoChromaSite
caps_chroma_site (const GstStructure *s)
{
  const gchar *name = gst_structure_get_string (s, "chroma-site");

  return name ? gst_video_chroma_site_from_string (name) :
      GST_VIDEO_CHROMA_SITE_UNKNOWN;
}

/* Figure E-1; for types 4 and 5 GStreamer has no name. */
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

/* D.2.29. The SEI message has green, blue, red; GStreamer red, green, blue. */
static void
read_mastering (GstVideoMasteringDisplayInfo *to,
    const GstH264MasteringDisplayColourVolume *sei)
{
  guint i;

  gst_video_mastering_display_info_init (to);

  for (i = 0; i < G_N_ELEMENTS (to->display_primaries); i++) {
    to->display_primaries[i].x = sei->display_primaries_x[(i + 2) % 3];
    to->display_primaries[i].y = sei->display_primaries_y[(i + 2) % 3];
  }
  to->white_point.x = sei->white_point_x;
  to->white_point.y = sei->white_point_y;
  to->max_display_mastering_luminance = sei->max_display_mastering_luminance;
  to->min_display_mastering_luminance = sei->min_display_mastering_luminance;
}

static void
read_light (GstVideoContentLightLevel *to, const GstH264ContentLightLevel *sei)
{
  gst_video_content_light_level_init (to);
  to->max_content_light_level = sei->max_content_light_level;
  to->max_frame_average_light_level = sei->max_pic_average_light_level;
}

/**
 * gst_daedalus_h264_describe:
 * @input_state: (transfer none) (nullable): what upstream says of the stream
 * @sps: the active sequence parameter set
 * @mastering: (nullable): the SEI message that holds for the coded video sequence
 * @light: (nullable): the same
 *
 * Joins what upstream's caps and what the stream say of the pictures. Where the
 * caps have a field they win; the rest comes from @sps, @mastering and @light:
 * pixel aspect ratio, frame rate if it is fixed, colorimetry, chroma site,
 * interlace mode and HDR.
 *
 * The result takes the place of @input_state as @input_state of the pictures and
 * so as the reference of gst_video_decoder_set_output_state(), which copies
 * these fields of its info. Keep it and use the same one for as long as none of
 * the parameters changes, since a new one means negotiation. Neither
 * gst_video_decoder_set_output_state() nor gst_video_decoder_negotiate() looks at
 * @mastering_display_info and @content_light_level: who makes the output's caps
 * has to add them there.
 *
 * Returns: (transfer full): a new state
 */
GstVideoCodecState *
gst_daedalus_h264_describe (GstVideoCodecState *input_state,
    const GstH264SPS *sps, const GstH264MasteringDisplayColourVolume *mastering,
    const GstH264ContentLightLevel *light)
{
  GstVideoCodecState *state = gst_daedalus_state_new (input_state);
  const GstH264VUIParams *vui =
      sps->vui_parameters_present_flag ? &sps->vui_parameters : NULL;
  GstVideoMasteringDisplayInfo said_mastering;
  GstVideoContentLightLevel said_light;
  const GstStructure *s = NULL;
  GstVideoRectangle visible;

  if (state->caps)
    s = gst_caps_get_structure (state->caps, 0);

  gst_daedalus_h264_size (sps, s, &visible);
  if (vui && !caps_have (s, "pixel-aspect-ratio"))
    describe_aspect_ratio (&state->info, vui);
  if (vui && !caps_have (s, "framerate"))
    describe_framerate (&state->info, vui);
  if (vui)
    describe_colorimetry (&state->info.colorimetry, vui, visible.h);
  state->info.chroma_site = caps_have (s, "chroma-site") ?
      caps_chroma_site (s) : chroma_site (sps);
  if (!caps_have (s, "interlace-mode"))
    state->info.interlace_mode = sps->frame_mbs_only_flag ?
        GST_VIDEO_INTERLACE_MODE_PROGRESSIVE : GST_VIDEO_INTERLACE_MODE_MIXED;
  if (mastering)
    read_mastering (&said_mastering, mastering);
  if (light)
    read_light (&said_light, light);
  gst_daedalus_state_set_hdr (state, mastering ? &said_mastering : NULL,
      light ? &said_light : NULL);
  return state;
}

/* 7.4.2.1.1, equations 7-19 to 7-22. What would leave nothing is ignored. */
static void
crop (const GstH264SPS *sps, GstVideoRectangle *visible)
{
  gint64 unit_x = sps->chroma_format_idc ? 2 : 1;
  gint64 unit_y = unit_x * (sps->frame_mbs_only_flag ? 1 : 2);
  gint64 left, right, top, bottom;

  if (!sps->frame_cropping_flag)
    return;
  left = unit_x * sps->frame_crop_left_offset;
  right = unit_x * sps->frame_crop_right_offset;
  top = unit_y * sps->frame_crop_top_offset;
  bottom = unit_y * sps->frame_crop_bottom_offset;
  if (left + right >= visible->w || top + bottom >= visible->h)
    return;
  visible->x = left;
  visible->y = top;
  visible->w -= left + right;
  visible->h -= top + bottom;
}

/**
 * gst_daedalus_h264_size:
 * @sps: a sequence parameter set that passed gst_daedalus_h264_check_sps()
 * @s: (nullable): structure of upstream's caps
 * @visible: (out): the part of the coded frame that is to be shown, in luma
 *   samples
 *
 * That is what the SPS crops to. Some muxers' streams have no cropping, since the
 * container says the size: if it is smaller, but not by a whole macroblock (a
 * pair of them where there are fields), that much of the right and of the bottom
 * is not shown.
 */
void
gst_daedalus_h264_size (const GstH264SPS *sps, const GstStructure *s,
    GstVideoRectangle *visible)
{
  gint unit_h = sps->frame_mbs_only_flag ? 16 : 32;
  gint width, height;

  *visible = (GstVideoRectangle) {
  .w = (sps->pic_width_in_mbs_minus1 + 1) * 16,.h =
        (sps->pic_height_in_map_units_minus1 + 1) * unit_h,};
  crop (sps, visible);

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
 * @frame: a frame that is to be output
 * @sps: that was active for it
 * @pic_struct: of the picture timing SEI message of its first field or of the
 *   frame; -1 if there was none
 *
 * How the fields of a picture are to be shown, where caps say that fields are
 * possible (interlace-mode mixed). Without pic_struct, the way it was coded
 * decides; the order of its fields is that of their order counts.
 *
 * Returns: GST_VIDEO_BUFFER_FLAG_INTERLACED, _TFF, _RFF and _ONEFIELD, or 0 for a
 *   progressive picture
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
