/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Private structs and functions of the H.264 element. Each of its files calls
 * only functions of the files below it: gstdaedalush264dec.c      the element:
 * caps, input, states gstdaedalush264au.c       access units: from NAL units to
 * coded pictures gstdaedalush264submit.c   coded pictures: to the device and to
 * the output
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
 * @info: description of the picture for the DPB; points to @slice
 * @frame: (transfer full): frame of the DPB that the picture belongs to
 * @controls: controls of the request
 * @data: bitstream of the request: NAL units with start codes
 * @second_field: the picture is the second field of @frame
 * @first_mb: first_mb_in_slice of the first slice
 * @last_first_mb: first_mb_in_slice of the last slice so far
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
 * @decoder: the element, which owns @frame
 * @picture: (nullable): the picture that the device decodes into
 * @frame: (nullable): codec frame to output the picture with, %NULL after
 *   output
 * @pic_struct: pic_struct of its first picture timing SEI, -1 if it has none
 *
 * Data of the element for a frame in the DPB.
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
 * @recovery_point: start code and last NAL unit with a recovery point (D.2.8),
 *   or empty; the device can begin to decode there
 * @pic_struct: pic_struct of the picture timing (D.2.2), -1 if there is none
 * @hdr: mastering display colour volume (D.2.29) and content light level
 *   (D.2.31)
 *
 * Supplemental enhancement information for the next picture. Each part of @hdr
 * stays valid until the next SEI of that type.
 */
typedef struct
{
  GByteArray *recovery_point;
  gint pic_struct;
  GstDaedalusHdr hdr;
} GstDaedalusH264Sei;

struct _GstDaedalusH264Dec
{
  GstDaedalusDec parent;

  /* from the caps */
  guint length_size;            /* bytes of NAL unit lengths, 0: start codes */
  GstDaedalusH264AuScan scan;
  gboolean live;

  GstDaedalusH264Params params;
  GstDaedalusH264Dpb *dpb;
  GstDaedalusH264Sei sei;

  /* for the active SPS */
  gint sps_id;                  /* -1: none */
  guint sps_serial;
  GstDaedalusFrameFormat format;
  GstDaedalusDescription description;
  guint delay;                  /* frames, reported as minimum latency */

  /* for the buffer in decode() */
  GstVideoCodecFrame **codec_frame;     /* set to NULL when a picture takes it */

  GstDaedalusH264Coded *current;        /* picture whose slices come in */
  GstDaedalusH264Coded *first_field;    /* waits for its second field */
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
