/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef GST_DAEDALUS_PICTURE_H
#define GST_DAEDALUS_PICTURE_H

#include "gstdaedalusdescription.h"
#include "gstdaedalusformat.h"

G_BEGIN_DECLS

/**
 * GstDaedalusPicture:
 * @timestamp: V4L2 timestamp of its buffers in microseconds, unique within a
 *   stream and never 0
 * @layout: where its samples are
 * @buffer: (nullable): the CAPTURE buffer
 * @capture_index: number of @buffer in the CAPTURE queue it was made for
 * @description: how it is to be shown
 * @flags: #GstVideoBufferFlags that it is shown with
 * @failed: the device flagged a part of it as broken; known once it left the
 *   device
 *
 * A decoded or yet to be decoded picture: shared by the queue of what is in
 * flight and by the reference slots of the codec. Reference counted; only the
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
