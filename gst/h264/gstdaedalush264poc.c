/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "gstdaedalush264poc.h"

/* What types 1 and 2 need to know of a picture, also of one that was inferred. */
typedef struct
{
  guint frame_num;
  gboolean idr;
  gboolean reference;
  gint32 delta_pic_order_cnt[2];
} FrameNumPicture;

/**
 * gst_daedalus_h264_max_frame_num:
 * @sps: whose log2_max_frame_num_minus4 counts
 *
 * Returns: MaxFrameNum, 16..65536
 */
guint
gst_daedalus_h264_max_frame_num (const GstH264SPS *sps)
{
  return 1U << (MIN (sps->log2_max_frame_num_minus4, 12) + 4);
}

/**
 * gst_daedalus_h264_info_fields:
 * @info: of a picture
 *
 * Returns: which #GstDaedalusH264Fields the picture consists of
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
 * @info: of a picture
 *
 * Returns: %TRUE if the picture has a memory_management_control_operation 5,
 *   which is as if an IDR picture had been there
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

static void
set_counts (guint fields, gint64 top, gint64 bottom, gint32 counts[2])
{
  if (fields & GST_DAEDALUS_H264_TOP)
    counts[0] = (gint32) top;
  if (fields & GST_DAEDALUS_H264_BOTTOM)
    counts[1] = (gint32) bottom;
}

/* 8.2.1.1 */
static void
begin_type_0 (GstDaedalusH264Poc *poc, const GstDaedalusH264PicInfo *info,
    gint32 counts[2])
{
  guint log2_max = MIN (info->sps->log2_max_pic_order_cnt_lsb_minus4, 12) + 4;
  gint64 max_lsb = G_GINT64_CONSTANT (1) << log2_max;
  gint64 lsb = info->slice->pic_order_cnt_lsb;
  gint64 bottom;

  if (info->idr) {
    poc->prev_pic_order_cnt_msb = 0;
    poc->prev_pic_order_cnt_lsb = 0;
  }
  poc->pic_order_cnt_msb = poc->prev_pic_order_cnt_msb;
  if (lsb < poc->prev_pic_order_cnt_lsb &&
      poc->prev_pic_order_cnt_lsb - lsb >= max_lsb / 2)
    poc->pic_order_cnt_msb += max_lsb;
  else if (lsb > poc->prev_pic_order_cnt_lsb &&
      lsb - poc->prev_pic_order_cnt_lsb > max_lsb / 2)
    poc->pic_order_cnt_msb -= max_lsb;

  bottom = poc->pic_order_cnt_msb + lsb;
  if (!info->slice->field_pic_flag)
    bottom += info->slice->delta_pic_order_cnt_bottom;
  set_counts (gst_daedalus_h264_info_fields (info),
      poc->pic_order_cnt_msb + lsb, bottom, counts);
}

/* expectedPicOrderCnt of 8.2.1.2 */
static gint64
expected_pic_order_cnt (const GstH264SPS *sps, const FrameNumPicture *picture,
    gint64 frame_num_offset)
{
  guint cycle = sps->num_ref_frames_in_pic_order_cnt_cycle;
  gint64 abs_frame_num = cycle ? frame_num_offset + picture->frame_num : 0;
  gint64 expected = 0, expected_delta = 0;
  guint i;

  if (!picture->reference && abs_frame_num > 0)
    abs_frame_num--;
  if (abs_frame_num > 0) {
    guint frame_num_in_cycle = (guint) ((abs_frame_num - 1) % cycle);

    for (i = 0; i < cycle; i++)
      expected_delta += sps->offset_for_ref_frame[i];
    expected = (abs_frame_num - 1) / cycle * expected_delta;
    for (i = 0; i <= frame_num_in_cycle; i++)
      expected += sps->offset_for_ref_frame[i];
  }
  if (!picture->reference)
    expected += sps->offset_for_non_ref_pic;
  return expected;
}

/* 8.2.1.2 and 8.2.1.3 */
static void
begin_type_1_or_2 (GstDaedalusH264Poc *poc, const GstH264SPS *sps,
    const FrameNumPicture *picture, guint fields, gint32 counts[2])
{
  gint64 top, bottom;

  poc->frame_num_offset = poc->prev_frame_num_offset;
  if (picture->idr)
    poc->frame_num_offset = 0;
  else if (poc->prev_frame_num > picture->frame_num)
    poc->frame_num_offset += gst_daedalus_h264_max_frame_num (sps);
  /* Conforming streams never come there; the products below must not overflow. */
  poc->frame_num_offset &= G_MAXINT32;

  if (sps->pic_order_cnt_type == 1) {
    top = expected_pic_order_cnt (sps, picture, poc->frame_num_offset) +
        picture->delta_pic_order_cnt[0];
    bottom = top + sps->offset_for_top_to_bottom_field +
        picture->delta_pic_order_cnt[1];
  } else {
    top = picture->idr ? 0 :
        2 * (poc->frame_num_offset + picture->frame_num) - !picture->reference;
    bottom = top;
  }
  set_counts (fields, top, bottom, counts);
}

/**
 * gst_daedalus_h264_poc_begin:
 * @poc: state
 * @info: of the picture that is to be decoded
 * @counts: [0] becomes TopFieldOrderCnt, unless it is a bottom field; [1]
 *   becomes BottomFieldOrderCnt, unless it is a top field
 */
void
gst_daedalus_h264_poc_begin (GstDaedalusH264Poc *poc,
    const GstDaedalusH264PicInfo *info, gint32 counts[2])
{
  const GstH264SliceHdr *slice = info->slice;
  FrameNumPicture picture = {
    .frame_num = slice->frame_num,
    .idr = info->idr,
    .reference = info->nal_ref_idc != 0,
    .delta_pic_order_cnt[0] = slice->delta_pic_order_cnt[0],
  };

  if (info->sps->pic_order_cnt_type == 0) {
    begin_type_0 (poc, info, counts);
    return;
  }
  /* The only one that a field has is delta_pic_order_cnt[0]. */
  if (!slice->field_pic_flag)
    picture.delta_pic_order_cnt[1] = slice->delta_pic_order_cnt[1];
  begin_type_1_or_2 (poc, info->sps, &picture,
      gst_daedalus_h264_info_fields (info), counts);
}

/**
 * gst_daedalus_h264_poc_end:
 * @poc: state
 * @info: as given to gst_daedalus_h264_poc_begin(); it is decoded
 * @counts: as given by it; changed by memory_management_control_operation 5, after
 *   which the picture counts as having been the first one (tempPicOrderCnt)
 */
void
gst_daedalus_h264_poc_end (GstDaedalusH264Poc *poc,
    const GstDaedalusH264PicInfo *info, gint32 counts[2])
{
  guint fields = gst_daedalus_h264_info_fields (info);
  gint64 first;

  if (!gst_daedalus_h264_info_has_mmco5 (info)) {
    if (info->nal_ref_idc) {
      poc->prev_pic_order_cnt_msb = poc->pic_order_cnt_msb;
      poc->prev_pic_order_cnt_lsb = info->slice->pic_order_cnt_lsb;
    }
    poc->prev_frame_num_offset = poc->frame_num_offset;
    poc->prev_frame_num = info->slice->frame_num;
    return;
  }
  first = fields == GST_DAEDALUS_H264_BOTH ? MIN (counts[0], counts[1]) :
      fields == GST_DAEDALUS_H264_TOP ? counts[0] : counts[1];
  set_counts (fields, counts[0] - first, counts[1] - first, counts);
  poc->prev_pic_order_cnt_msb = 0;
  poc->prev_pic_order_cnt_lsb =
      fields == GST_DAEDALUS_H264_BOTTOM ? 0 : counts[0];
  poc->prev_frame_num_offset = 0;
  poc->prev_frame_num = 0;
}

/**
 * gst_daedalus_h264_poc_non_existing:
 * @poc: state
 * @sps: active sequence parameter set
 * @frame_num: of a frame that was left out (8.2.5.2)
 * @counts: its order counts; 0 with pic_order_cnt_type 0, which tells nothing of
 *   frames without slices
 *
 * Types 1 and 2 derive the next picture's counts from the frame_num of this one.
 */
void
gst_daedalus_h264_poc_non_existing (GstDaedalusH264Poc *poc,
    const GstH264SPS *sps, guint frame_num, gint32 counts[2])
{
  FrameNumPicture picture = {.frame_num = frame_num,.reference = TRUE };

  counts[0] = counts[1] = 0;
  if (sps->pic_order_cnt_type == 0)
    return;
  begin_type_1_or_2 (poc, sps, &picture, GST_DAEDALUS_H264_BOTH, counts);
  poc->prev_frame_num_offset = poc->frame_num_offset;
  poc->prev_frame_num = frame_num;
}
