/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef GST_DAEDALUS_PICTURE_H
#define GST_DAEDALUS_PICTURE_H

#include "gstdaedalusdescription.h"
#include "gstdaedalusformat.h"

G_BEGIN_DECLS

/**
 * GstDaedalusPicture:
 * @timestamp: V4L2 timestamp of the picture's buffers in microseconds, unique
 *   within a stream and never 0
 * @layout: memory layout of the samples
 * @buffer: (nullable): the CAPTURE buffer
 * @capture_index: index of @buffer in its CAPTURE queue
 * @description: how the picture is shown
 * @flags: #GstVideoBufferFlags of the output buffer
 * @failed: the device flagged a part of the picture with V4L2_BUF_FLAG_ERROR;
 *   valid after the device has returned the picture
 * @empty: @failed, and the device wrote no sample; @buffer has anything
 *
 * A picture before or after decoding. The queue of pictures in flight and the
 * reference slots of the codec share it. It is reference counted; only the
 * thread that holds the decoder's stream lock changes it.
 */
typedef struct
{
  guint64 timestamp;
  GstDaedalusLayout layout;
  GstBuffer *buffer;
  guint capture_index;
  GstDaedalusDescription description;
  guint flags;
  gboolean failed;
  gboolean empty;
} GstDaedalusPicture;

GstDaedalusPicture *gst_daedalus_picture_new (guint64 timestamp,
    const GstDaedalusLayout * layout, GstBuffer * buffer,
    const GstDaedalusDescription * description);
GstDaedalusPicture *gst_daedalus_picture_ref (GstDaedalusPicture * picture);
void gst_daedalus_picture_unref (GstDaedalusPicture * picture);
void gst_daedalus_picture_replace (GstDaedalusPicture ** slot,
    GstDaedalusPicture * picture);

G_END_DECLS
#endif
