/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Sends coded pictures of the H.264 element to the device, and decoded ones
 * downstream in output order. */
#include "gstdaedalush264check.h"
#include "gstdaedalush264dec-private.h"
#include "gstdaedalush264dpb.h"
#include "gstdaedalush264info.h"

#include <string.h>

/**
 * gst_daedalus_h264_shown_free:
 * @shown: (transfer full): a #GstDaedalusH264Shown
 *
 * Frees it; the codec frame of a picture that was not output is released.
 */
void
gst_daedalus_h264_shown_free (gpointer shown)
{
  GstDaedalusH264Shown *self = shown;

  if (self->frame)
    gst_video_decoder_release_frame (self->decoder, self->frame);
  if (self->picture)
    gst_daedalus_picture_unref (self->picture);
  g_free (self);
}

/**
 * gst_daedalus_h264_coded_free:
 * @coded: (transfer full): a coded picture
 */
void
gst_daedalus_h264_coded_free (GstDaedalusH264Coded *coded)
{
  gst_daedalus_h264_frame_unref (coded->frame);
  g_byte_array_unref (coded->data);
  g_free (coded);
}

static gboolean
submit (GstDaedalusH264Dec *self, GstDaedalusH264Coded *coded, guint flags,
    GError **error)
{
  GstDaedalusH264Shown *shown = coded->frame->data;
  GError *local = NULL;

  if (gst_daedalus_dec_submit (GST_DAEDALUS_DEC (self), shown->picture,
          flags, coded->data->data, coded->data->len, coded->controls.list,
          coded->controls.n, &local))
    return TRUE;
  if (local->code != GST_DAEDALUS_ERROR_FRAME) {
    g_propagate_error (error, local);
    return FALSE;
  }
  /* The element posts the error when the picture is due for output. */
  GST_WARNING_OBJECT (self, "time %" G_GUINT64_FORMAT ": %s",
      shown->picture->timestamp, local->message);
  g_error_free (local);
  shown->picture->failed = TRUE;
  shown->picture->empty = TRUE;
  return TRUE;
}

/* Submits a first field whose second field does not come. */
static gboolean
submit_first_field (GstDaedalusH264Dec *self, GError **error)
{
  GstDaedalusH264Coded *field = g_steal_pointer (&self->first_field);
  gboolean ok = TRUE;

  if (field) {
    ok = submit (self, field, 0, error);
    gst_daedalus_h264_coded_free (field);
  }
  return ok;
}

/* Reports the reorder delay as latency, for live pipelines. The delay can grow
 * later. */
static void
report_latency (GstDaedalusH264Dec *self)
{
  const GstVideoInfo *info = &self->description.info;
  guint min, max;

  gst_daedalus_h264_dpb_get_delay (self->dpb, &min, &max);
  self->delay = min;
  if (GST_VIDEO_INFO_FPS_N (info) <= 0)
    return;
  gst_video_decoder_set_latency (GST_VIDEO_DECODER (self),
      gst_util_uint64_scale (min * GST_SECOND, GST_VIDEO_INFO_FPS_D (info),
          GST_VIDEO_INFO_FPS_N (info)),
      gst_util_uint64_scale (max * GST_SECOND, GST_VIDEO_INFO_FPS_D (info),
          GST_VIDEO_INFO_FPS_N (info)));
}

/* Outputs the frames of the DPB that are due. */
static gboolean
output_due (GstDaedalusH264Dec *self, GError **error)
{
  GstDaedalusH264Frame *frame;
  gboolean ok = TRUE;
  guint min, max;

  gst_daedalus_h264_dpb_get_delay (self->dpb, &min, &max);
  if (min != self->delay)
    report_latency (self);
  while (ok && (frame = gst_daedalus_h264_dpb_pop (self->dpb))) {
    GstDaedalusH264Shown *shown = frame->data;

    if (self->first_field && self->first_field->frame == frame)
      ok = submit_first_field (self, error);
    if (ok && shown && shown->frame) {
      ok = gst_daedalus_dec_show (GST_DAEDALUS_DEC (self), shown->frame,
          shown->picture, error);
      if (ok)
        shown->frame = NULL;
    }
    gst_daedalus_h264_frame_unref (frame);
  }
  return ok;
}

/**
 * gst_daedalus_h264_dec_output_all:
 * @self: the element
 * @error: set on failure
 *
 * Outputs all frames that wait in the DPB.
 *
 * Returns: %FALSE on failure
 */
gboolean
gst_daedalus_h264_dec_output_all (GstDaedalusH264Dec *self, GError **error)
{
  if (!submit_first_field (self, error))
    return FALSE;
  gst_daedalus_h264_dpb_drain (self->dpb);
  return output_due (self, error);
}

/* Sets the output state and the frame format for the active SPS. */
static void
describe (GstDaedalusH264Dec *self, const GstH264SPS *sps)
{
  GstDaedalusDec *dec = GST_DAEDALUS_DEC (self);
  GstVideoCodecState *state = gst_daedalus_dec_get_input_state (dec);
  const GstStructure *s = gst_caps_get_structure (state->caps, 0);
  GstDaedalusFrameFormat *format = &self->format;

  self->description = *gst_daedalus_dec_get_description (dec);
  gst_daedalus_h264_describe (&self->description, s, sps, &self->sei.hdr);

  memset (format, 0, sizeof (*format));
  format->width = sps->width;
  format->height = sps->height;
  format->bit_depth = sps->bit_depth_luma_minus8 + 8;
  format->n_kept = gst_daedalus_h264_dpb_get_capacity (self->dpb);
  gst_daedalus_h264_size (sps, s, &format->visible);
  report_latency (self);
}

/* Makes @sps the active one, 7.4.1.2.1. */
static gboolean
activate (GstDaedalusH264Dec *self, const GstH264SPS *sps, GError **error)
{
  const guint serial = self->params.sps_serial[sps->id];

  if (self->sps_id != sps->id || self->sps_serial != serial) {
    if (!gst_daedalus_h264_check_sps (sps, error))
      return FALSE;
    GST_INFO_OBJECT (self, "SPS %d: profile_idc %u, level_idc %u, %dx%d",
        sps->id, sps->profile_idc, sps->level_idc, sps->width, sps->height);
    gst_daedalus_h264_dpb_set_sps (self->dpb, sps, self->live);
    if (!output_due (self, error))
      return FALSE;
    self->sps_id = sps->id;
    self->sps_serial = serial;
  }
  describe (self, sps);
  return TRUE;
}

/**
 * gst_daedalus_h264_dec_begin_picture:
 * @self: the element, without a current picture
 * @nalu: first slice of a picture
 * @slice: its header
 * @error: set on failure
 *
 * Begins to collect a picture.
 *
 * Returns: %FALSE on failure
 */
gboolean
gst_daedalus_h264_dec_begin_picture (GstDaedalusH264Dec *self,
    const GstH264NalUnit *nalu, const GstH264SliceHdr *slice, GError **error)
{
  const GstDaedalusH264Frame *refs[GST_DAEDALUS_H264_MAX_DPB_FRAMES];
  GstDaedalusH264PicInfo info;
  GstDaedalusH264Coded *coded;
  gboolean second_field;
  guint n_refs;

  gst_daedalus_h264_info_init (&info, nalu, slice);
  second_field = gst_daedalus_h264_dpb_is_second_field (self->dpb, &info);
  if (second_field && !self->first_field)
    return gst_daedalus_failed (error, FRAME,
        "The first field of a frame could not be decoded, so the second is "
        "dropped.");
  if (!second_field && (!submit_first_field (self, error)
          || !activate (self, info.sps, error)))
    return FALSE;
  if (!gst_daedalus_h264_check_pps (slice->pps, error))
    return FALSE;

  coded = g_new0 (GstDaedalusH264Coded, 1);
  coded->slice = *slice;
  coded->info = info;
  coded->info.slice = &coded->slice;
  coded->second_field = second_field;
  coded->first_mb = slice->first_mb_in_slice;
  coded->data = g_steal_pointer (&self->sei.recovery_point);
  self->sei.recovery_point = g_byte_array_new ();
  coded->frame = gst_daedalus_h264_dpb_start_picture (self->dpb, &coded->info);
  n_refs = gst_daedalus_h264_dpb_get_references (self->dpb, refs);
  gst_daedalus_h264_fill_controls (&coded->controls, &coded->info,
      coded->frame, refs, n_refs);
  GST_LOG_OBJECT (self, "%s%s, frame_num %u, POC %d %d, nal_ref_idc %u, %u "
      "references", coded->info.idr ? "IDR " : "", !slice->field_pic_flag ?
      "frame" : slice->bottom_field_flag ? "bottom field" : "top field",
      slice->frame_num, coded->frame->pic_order_cnt[0],
      coded->frame->pic_order_cnt[1], coded->info.nal_ref_idc, n_refs);
  self->current = coded;
  return TRUE;
}

/* Gets a picture to decode into, and takes the codec frame to output it
 * with. */
static gboolean
prepare_frame (GstDaedalusH264Dec *self, GstDaedalusH264Coded *coded,
    GError **error)
{
  GstDaedalusDec *dec = GST_DAEDALUS_DEC (self);
  GstDaedalusPicture *picture = NULL;
  GstDaedalusH264Shown *shown;

  if (gst_daedalus_dec_configure (dec, &self->format, coded->controls.list,
          coded->controls.n, error))
    picture = gst_daedalus_dec_new_picture (dec, error);
  if (!picture)
    return FALSE;
  picture->description = self->description;

  shown = g_new0 (GstDaedalusH264Shown, 1);
  shown->decoder = GST_VIDEO_DECODER (self);
  shown->picture = picture;
  shown->pic_struct = self->sei.pic_struct;
  shown->frame = g_steal_pointer (self->codec_frame);
  if (!shown->frame)
    GST_WARNING_OBJECT (self, "a buffer with two frames: the second cannot be "
        "output");
  coded->frame->data = shown;
  coded->frame->timestamp = picture->timestamp;
  return TRUE;
}

/* Copies closed captions of the second field to the frame. */
static gboolean
copy_caption (GstBuffer *from, GstMeta **meta, gpointer user_data)
{
  GstVideoCaptionMeta *caption;

  if ((*meta)->info->api == GST_VIDEO_CAPTION_META_API_TYPE) {
    caption = (GstVideoCaptionMeta *) * meta;
    gst_buffer_add_video_caption_meta (user_data, caption->caption_type,
        caption->data, caption->size);
  }
  return TRUE;
}

static void
join_frames (GstVideoCodecFrame *frame, GstVideoCodecFrame *second)
{
  if (!frame || !second || !gst_buffer_get_meta (second->input_buffer,
          GST_VIDEO_CAPTION_META_API_TYPE))
    return;
  frame->input_buffer = gst_buffer_make_writable (frame->input_buffer);
  gst_buffer_foreach_meta (second->input_buffer, copy_caption,
      frame->input_buffer);
}

/* Submits a picture, or keeps it if it is a field whose second field may
 * follow. */
static gboolean
submit_or_keep (GstDaedalusH264Dec *self, GstDaedalusH264Coded **coded,
    GError **error)
{
  GstDaedalusH264Coded *first;
  gboolean ok;

  if ((*coded)->second_field) {
    first = g_steal_pointer (&self->first_field);
    ok = submit (self, first, GST_DAEDALUS_JOB_HOLD, error)
        && submit (self, *coded, GST_DAEDALUS_JOB_HELD, error);
    gst_daedalus_h264_coded_free (first);
    return ok;
  }
  if ((*coded)->slice.field_pic_flag) {
    self->first_field = g_steal_pointer (coded);
    return TRUE;
  }
  return submit (self, *coded, 0, error);
}

/**
 * gst_daedalus_h264_dec_end_picture:
 * @self: the element, with a current picture
 * @error: set on failure
 *
 * Submits the current picture after its last slice, or keeps it until the next
 * picture if it is a first field.
 *
 * Returns: %FALSE on failure
 */
gboolean
gst_daedalus_h264_dec_end_picture (GstDaedalusH264Dec *self, GError **error)
{
  GstDaedalusH264Coded *coded = g_steal_pointer (&self->current);
  GstDaedalusH264Shown *shown;
  gboolean ok;

  ok = coded->second_field || prepare_frame (self, coded, error);
  shown = coded->frame->data;
  if (ok && coded->second_field)
    join_frames (shown->frame, *self->codec_frame);
  if (ok)
    shown->picture->flags = gst_daedalus_h264_buffer_flags (coded->frame,
        coded->info.sps, shown->pic_struct);
  self->sei.pic_struct = -1;
  gst_daedalus_h264_dpb_end_picture (self->dpb, &coded->info, ok);
  ok = ok && submit_or_keep (self, &coded, error);
  g_clear_pointer (&coded, gst_daedalus_h264_coded_free);
  return ok && output_due (self, error);
}
