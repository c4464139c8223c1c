/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the files of the H.264 element share:
 *  gstdaedalush264dec.c      the element: caps, input, states
 *  gstdaedalush264au.c       access units: from NAL units to coded pictures
 *  gstdaedalush264submit.c   coded pictures: to the device and to the output
 */
#ifndef GST_DAEDALUS_H264_DEC_PRIVATE_H
#define GST_DAEDALUS_H264_DEC_PRIVATE_H

#include "gstdaedalush264controls.h"
#include "gstdaedalush264dec.h"
#include "gstdaedalush264nal.h"
#include "gstdaedalush264params.h"

G_BEGIN_DECLS

GST_DEBUG_CATEGORY_EXTERN (gst_daedalus_h264_dec_debug);
#define GST_CAT_DEFAULT gst_daedalus_h264_dec_debug

/**
 * GstDaedalusH264Coded:
 * @slice: header of the first slice
 * @info: what the DPB is told; points to @slice
 * @frame: (transfer full): what it is decoded to
 * @controls: of the request
 * @data: the request's bitstream, NAL units with start codes
 * @second_field: completes the frame that the coded picture before began
 * @first_mb: first_mb_in_slice of the first slice
 * @last_first_mb: ditto, of the last slice so far
 *
 * A coded picture, a frame or a field, while its slices are collected.
 */
typedef struct
{
  GstH264SliceHdr slice;
  GstDaedalusH264PicInfo info;
  GstDaedalusH264Frame *frame;
  GstDaedalusH264Controls controls;
  GByteArray *data;
  gboolean second_field;
  guint first_mb;
  guint last_first_mb;
} GstDaedalusH264Coded;

/**
 * GstDaedalusH264Shown:
 * @decoder: who to give @frame back to
 * @picture: (nullable): where it is decoded to
 * @frame: (nullable): what upstream wants back when it is output
 * @pic_struct: of its first picture timing, -1 if there is none
 *
 * What the element knows of a frame in the DPB.
 */
typedef struct
{
  GstVideoDecoder *decoder;
  GstDaedalusPicture *picture;
  GstVideoCodecFrame *frame;
  gint pic_struct;
} GstDaedalusH264Shown;

/**
 * GstDaedalusH264Sei:
 * @recovery_point: the last NAL unit with a recovery point (D.2.8), with its start
 *   code, or nothing; the device can begin to decode there
 * @pic_struct: of the picture timing (D.2.2), -1 if there is none
 * @mdcv: mastering display colour volume (D.2.29)
 * @has_mdcv: @mdcv is there
 * @cll: content light level (D.2.31)
 * @has_cll: @cll is there
 * @changed: @mdcv or @cll is not what it was
 *
 * Supplemental enhancement information that the next picture needs; @mdcv and
 * @cll hold until the next of them.
 */
typedef struct
{
  GByteArray *recovery_point;
  gint pic_struct;
  GstH264MasteringDisplayColourVolume mdcv;
  gboolean has_mdcv;
  GstH264ContentLightLevel cll;
  gboolean has_cll;
  gboolean changed;
} GstDaedalusH264Sei;

struct _GstDaedalusH264Dec
{
  GstDaedalusDec parent;

  /* of the caps */
  guint length_size;            /* of NAL units, 0 for start codes */
  GstDaedalusH264AuScan scan;
  gboolean live;

  GstDaedalusH264Params params;
  GstDaedalusH264Dpb *dpb;
  GstDaedalusH264Sei sei;

  /* of the active SPS */
  gint sps_id;                  /* -1: none */
  guint sps_serial;
  GstDaedalusFrameFormat format;
  GstVideoCodecState *upstream; /* what the caps say */
  GstVideoCodecState *described;        /* with what the stream says */
  guint delay;                  /* frames, reported as least latency */

  /* of the access unit in decode() */
  GstVideoCodecFrame **codec_frame;     /* NULL inside: belongs to a picture */

  GstDaedalusH264Coded *current;        /* its slices are collected */
  GstDaedalusH264Coded *first_field;    /* waits for the second */
};

/* gstdaedalush264au.c */
gboolean gst_daedalus_h264_dec_add_codec_data (GstDaedalusH264Dec * self,
    const guint8 * data, gsize size, GError ** error);
gboolean gst_daedalus_h264_dec_decode_au (GstDaedalusH264Dec * self,
    const guint8 * data, gsize size, GError ** error);

/* gstdaedalush264submit.c */
void gst_daedalus_h264_shown_free (gpointer shown);
void gst_daedalus_h264_coded_free (GstDaedalusH264Coded * coded);
gboolean gst_daedalus_h264_dec_begin_picture (GstDaedalusH264Dec * self,
    const GstH264NalUnit * nalu, const GstH264SliceHdr * slice,
    GError ** error);
gboolean gst_daedalus_h264_dec_end_picture (GstDaedalusH264Dec * self,
    GError ** error);
gboolean gst_daedalus_h264_dec_output_all (GstDaedalusH264Dec * self,
    GError ** error);

G_END_DECLS
#endif
