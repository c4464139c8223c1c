/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "common/h264_sps.h"
#include "gstdaedalush264frame.h"

static void
frame_clear (gpointer data)
{
  GstDaedalusH264Frame *f = data;

  if (f->data && f->free_data)
    f->free_data (f->data);
}

/**
 * gst_daedalus_h264_frame_ref:
 * @f: a frame
 *
 * May be called from any thread.
 *
 * Returns: (transfer full): @f
 */
GstDaedalusH264Frame *
gst_daedalus_h264_frame_ref (GstDaedalusH264Frame *f)
{
  return g_atomic_rc_box_acquire (f);
}

/**
 * gst_daedalus_h264_frame_unref:
 * @f: (transfer full): a frame; the last reference frees its data
 *
 * May be called from any thread; the #GDestroyNotify runs in the same thread.
 */
void
gst_daedalus_h264_frame_unref (GstDaedalusH264Frame *f)
{
  g_atomic_rc_box_release_full (f, frame_clear);
}

/**
 * gst_daedalus_h264_frame_num_wrap:
 * @frame: a reference frame
 * @sps: active sequence parameter set
 * @frame_num: frame_num of the current picture
 *
 * Returns: FrameNumWrap of @frame, equation 8-27
 */
gint32
gst_daedalus_h264_frame_num_wrap (const GstDaedalusH264Frame *frame,
    const GstH264SPS *sps, guint frame_num)
{
  gint32 max_frame_num = h264_sps_power (sps->log2_max_frame_num_minus4);

  return (gint32) frame->frame_num -
      (frame->frame_num > frame_num ? max_frame_num : 0);
}

/**
 * gst_daedalus_h264_info_init:
 * @info: (out): description of the picture
 * @nalu: a slice
 * @slice: (transfer none): parsed header of @nalu; must outlive @info
 */
void
gst_daedalus_h264_info_init (GstDaedalusH264PicInfo *info,
    const GstH264NalUnit *nalu, const GstH264SliceHdr *slice)
{
  *info = (GstDaedalusH264PicInfo) {
  .sps = slice->pps->sequence,.slice = slice,.idr =
        nalu->idr_pic_flag,.nal_ref_idc = nalu->ref_idc,};
}

/**
 * gst_daedalus_h264_info_fields:
 * @info: a picture
 *
 * Returns: #GstDaedalusH264Fields of the picture
 */
guint
gst_daedalus_h264_info_fields (const GstDaedalusH264PicInfo *info)
{
  if (!info->slice->field_pic_flag)
    return GST_DAEDALUS_H264_BOTH;
  return info->slice->bottom_field_flag ?
      GST_DAEDALUS_H264_BOTTOM : GST_DAEDALUS_H264_TOP;
}

/**
 * gst_daedalus_h264_info_has_mmco5:
 * @info: a picture
 *
 * Returns: %TRUE if the picture has a memory_management_control_operation 5;
 *   later pictures treat it like an IDR picture
 */
gboolean
gst_daedalus_h264_info_has_mmco5 (const GstDaedalusH264PicInfo *info)
{
  const GstH264DecRefPicMarking *marking = &info->slice->dec_ref_pic_marking;
  guint i, n;

  if (info->idr || !info->nal_ref_idc ||
      !marking->adaptive_ref_pic_marking_mode_flag)
    return FALSE;
  n = MIN (marking->n_ref_pic_marking, G_N_ELEMENTS (marking->ref_pic_marking));
  for (i = 0; i < n; i++) {
    if (marking->ref_pic_marking[i].memory_management_control_operation == 5)
      return TRUE;
  }
  return FALSE;
}

/**
 * gst_daedalus_h264_info_get_picture:
 * @info: a picture
 * @picture: (out): the same picture in the struct that common/ uses
 */
void
gst_daedalus_h264_info_get_picture (const GstDaedalusH264PicInfo *info,
    struct h264_coded_picture *picture)
{
  const GstH264SliceHdr *slice = info->slice;

  *picture = (struct h264_coded_picture) {
    .idr = info->idr,
    .nal_ref_idc = info->nal_ref_idc,
    .frame_num = slice->frame_num,
    .field_pic = slice->field_pic_flag,
    .bottom_field = slice->field_pic_flag && slice->bottom_field_flag,
    .idr_pic_id = slice->idr_pic_id,
    .pic_order_cnt_lsb = slice->pic_order_cnt_lsb,
    .delta_pic_order_cnt_bottom = slice->delta_pic_order_cnt_bottom,
    .delta_pic_order_cnt = {
          slice->delta_pic_order_cnt[0], slice->delta_pic_order_cnt[1]
        },
    .mmco5 = gst_daedalus_h264_info_has_mmco5 (info),
  };
}
