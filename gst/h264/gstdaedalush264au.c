/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Access units of the H.264 element: groups NAL units into coded pictures. */
#include "gstdaedalush264check.h"
#include "gstdaedalush264dec-private.h"
#include "gstdaedalush264info.h"

/* For data that is dropped although the stream can go on. */
static void
log_and_clear (GstDaedalusH264Dec *self, GError **error)
{
  if (*error)
    GST_WARNING_OBJECT (self, "%s", (*error)->message);
  g_clear_error (error);
}

/* Whether the current picture goes on without a slice that failed with @failure,
 * which is taken. */
static gboolean
can_go_on (GstDaedalusH264Dec *self, GError *failure, GError **error)
{
  if (!self->current || failure->code != GST_DAEDALUS_ERROR_FRAME) {
    g_propagate_error (error, failure);
    return FALSE;
  }
  log_and_clear (self, &failure);
  return TRUE;
}

static const guint8 start_code[] = { 0, 0, 1 };

static void
append_nal (GByteArray *array, const GstH264NalUnit *nalu)
{
  g_byte_array_append (array, start_code, sizeof (start_code));
  g_byte_array_append (array, nalu->data + nalu->offset, nalu->size);
}

/* Stores a SEI message; TRUE if it is a recovery point. */
static gboolean
handle_sei_message (GstDaedalusH264Dec *self, const GstH264SEIMessage *message)
{
  GstDaedalusH264Sei *sei = &self->sei;

  switch (message->payloadType) {
    case GST_H264_SEI_RECOVERY_POINT:
      return TRUE;
    case GST_H264_SEI_PIC_TIMING:
      if (message->payload.pic_timing.pic_struct_present_flag)
        sei->pic_struct = message->payload.pic_timing.pic_struct;
      break;
    default:
      gst_daedalus_h264_read_hdr (&sei->hdr, message);
      break;
  }
  return FALSE;
}

static void
handle_sei (GstDaedalusH264Dec *self, GstH264NalUnit *nalu)
{
  GArray *messages = NULL;
  gboolean is_recovery_point = FALSE;
  guint i;

  /* On failure it returns the messages in front of the broken one. */
  gst_h264_parser_parse_sei (self->params.parser, nalu, &messages);
  for (i = 0; messages && i < messages->len; i++)
    is_recovery_point |= handle_sei_message (self,
        &g_array_index (messages, GstH264SEIMessage, i));
  if (messages)
    g_array_free (messages, TRUE);
  if (is_recovery_point) {
    /* Only the last one of a picture is kept. */
    g_byte_array_set_size (self->sei.recovery_point, 0);
    append_nal (self->sei.recovery_point, nalu);
  }
}

/* 7.4.1.2.4 */
static gboolean
is_new_picture (const GstDaedalusH264Coded *current,
    const GstH264NalUnit *nalu, const GstH264SliceHdr *slice)
{
  struct h264_coded_picture picture, next_picture;
  GstDaedalusH264PicInfo next;

  gst_daedalus_h264_info_init (&next, nalu, slice);
  gst_daedalus_h264_info_get_picture (&current->info, &picture);
  gst_daedalus_h264_info_get_picture (&next, &next_picture);
  return !h264_same_picture (&picture, &next_picture)
      || next.sps != current->slice.pps->sequence
      /* pic_parameter_set_id is not compared: slices of one picture use
       * different PPSs in real streams. A second slice with macroblock 0 begins
       * a picture too. */
      || (slice->first_mb_in_slice == 0 && current->first_mb == 0);
}

static gboolean
handle_slice (GstDaedalusH264Dec *self, GstH264NalUnit *nalu, GError **error)
{
  GError *local = NULL;
  GstH264SliceHdr slice;
  gint64 last_first_mb = -1;

  if (!gst_daedalus_h264_params_parse_slice (&self->params, nalu, &slice,
          &local)) {
    if (!can_go_on (self, local, error))
      return FALSE;
    /* Keep the slice, so that the device reports the picture as damaged. */
    append_nal (self->current->data, nalu);
    return TRUE;
  }
  if (slice.redundant_pic_cnt > 0)
    return TRUE;

  if (self->current && is_new_picture (self->current, nalu, &slice)
      && !gst_daedalus_h264_dec_end_picture (self, error))
    return FALSE;
  if (self->current)
    last_first_mb = self->current->last_first_mb;
  if (!gst_daedalus_h264_check_slice (&slice, slice.pps->sequence,
          last_first_mb, &local))
    return can_go_on (self, local, error);
  if (!self->current
      && !gst_daedalus_h264_dec_begin_picture (self, nalu, &slice, error))
    return FALSE;
  self->current->last_first_mb = slice.first_mb_in_slice;
  append_nal (self->current->data, nalu);
  return TRUE;
}

static gboolean
handle_nal (GstDaedalusH264Dec *self, GstH264NalUnit *nalu, GError **error)
{
  GError *local = NULL;

  switch (nalu->type) {
    case GST_H264_NAL_SLICE:
    case GST_H264_NAL_SLICE_IDR:
      return handle_slice (self, nalu, error);
    case GST_H264_NAL_SEI:
    case GST_H264_NAL_SPS:
    case GST_H264_NAL_PPS:
    case GST_H264_NAL_AU_DELIMITER:
    case GST_H264_NAL_SEQ_END:
    case GST_H264_NAL_STREAM_END:
      if (self->current && !gst_daedalus_h264_dec_end_picture (self, error))
        return FALSE;
      break;
    default:
      /* Other types are ignored, and so are data partitions if the active
       * profile cannot have them: the stream is damaged. */
      return (self->sps_id >= 0
          && self->params.parser->sps[self->sps_id].profile_idc !=
          GST_H264_PROFILE_EXTENDED)
          || gst_daedalus_h264_check_nal_type (nalu->type, error);
  }

  if (nalu->type == GST_H264_NAL_SEI)
    handle_sei (self, nalu);
  else if (nalu->type == GST_H264_NAL_SPS)
    gst_daedalus_h264_params_add_sps (&self->params, nalu, &local);
  else if (nalu->type == GST_H264_NAL_PPS)
    gst_daedalus_h264_params_add_pps (&self->params, nalu, &local);
  /* If a slice refers to a broken parameter set, that slice is refused. */
  log_and_clear (self, &local);
  return TRUE;
}

/**
 * gst_daedalus_h264_dec_decode_au:
 * @self: the element, with its codec frame set
 * @data: NAL units in the stream-format of the caps
 * @size: bytes of @data
 * @error: set on failure
 *
 * Decodes the content of a buffer: usually an access unit, but also two fields
 * or only parameter sets.
 *
 * Returns: %FALSE on failure
 */
gboolean
gst_daedalus_h264_dec_decode_au (GstDaedalusH264Dec *self,
    const guint8 *data, gsize size, GError **error)
{
  GstDaedalusH264NalIter iter = {
    .parser = self->params.parser,
    .length_size = self->length_size,
    .data = data,
    .size = size,
  };
  GstH264NalUnit nalu;
  GError *truncated = NULL;

  while (gst_daedalus_h264_nal_next (&iter, &nalu, &truncated)) {
    if (!handle_nal (self, &nalu, error))
      return FALSE;
  }
  if (truncated && !can_go_on (self, truncated, error))
    return FALSE;
  return !self->current || gst_daedalus_h264_dec_end_picture (self, error);
}

/**
 * gst_daedalus_h264_dec_add_codec_data:
 * @self: the element
 * @data: AVCDecoderConfigurationRecord, ISO/IEC 14496-15 5.3.3.1
 * @size: bytes of @data
 * @error: set on failure
 *
 * Reads the parameter sets and the size of the NAL units' length fields.
 *
 * Returns: %FALSE with %GST_DAEDALUS_ERROR_UNSUPPORTED if it cannot be parsed
 */
gboolean
gst_daedalus_h264_dec_add_codec_data (GstDaedalusH264Dec *self,
    const guint8 *data, gsize size, GError **error)
{
  GstH264DecoderConfigRecord *config = NULL;
  GError *local = NULL;
  guint i;

  if (gst_h264_parser_parse_decoder_config_record (self->params.parser, data,
          size, &config) != GST_H264_PARSER_OK)
    return gst_daedalus_failed (error, UNSUPPORTED,
        "The codec_data of %" G_GSIZE_FORMAT " bytes is no H.264 decoder "
        "configuration record; put h264parse in front.", size);
  self->length_size = config->length_size_minus_one + 1;
  for (i = 0; i < config->sps->len; i++) {
    gst_daedalus_h264_params_add_sps (&self->params,
        &g_array_index (config->sps, GstH264NalUnit, i), &local);
    log_and_clear (self, &local);
  }
  for (i = 0; i < config->pps->len; i++) {
    gst_daedalus_h264_params_add_pps (&self->params,
        &g_array_index (config->pps, GstH264NalUnit, i), &local);
    log_and_clear (self, &local);
  }
  gst_h264_decoder_config_record_free (config);
  return TRUE;
}
