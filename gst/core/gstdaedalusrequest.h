/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Media requests: send a frame's bitstream and controls to the device and get
 * its picture back.
 */
#ifndef GST_DAEDALUS_REQUEST_H
#define GST_DAEDALUS_REQUEST_H

#include "gstdaedalusv4l2.h"

#include <gst/gst.h>

G_BEGIN_DECLS

typedef struct _GstDaedalusRequest GstDaedalusRequest;
typedef struct _GstDaedalusRequestPool GstDaedalusRequestPool;

/**
 * GstDaedalusJobFlags:
 * @GST_DAEDALUS_JOB_HOLD: the next job, with the same timestamp and CAPTURE
 *   buffer, completes the picture: V4L2_BUF_FLAG_M2M_HOLD_CAPTURE_BUF
 * @GST_DAEDALUS_JOB_HELD: the job completes the picture of the last job, which
 *   had %GST_DAEDALUS_JOB_HOLD
 *
 * Flags of jobs that decode parts of one picture, such as the fields of a
 * frame.
 */
typedef enum
{
  GST_DAEDALUS_JOB_HOLD = 1 << 0,
  GST_DAEDALUS_JOB_HELD = 1 << 1,
} GstDaedalusJobFlags;

/**
 * GstDaedalusJob:
 * @data: the coded frame
 * @size: bytes of @data
 * @controls: the codec's controls for this frame
 * @n_controls: number of @controls
 * @capture_index: CAPTURE buffer for the picture
 * @capture_planes: memory planes of that buffer
 * @timestamp: V4L2 timestamp in microseconds; unique within the stream, except
 *   that jobs of one picture have the same
 * @flags: #GstDaedalusJobFlags
 *
 * Parameters of gst_daedalus_request_submit(), which copies what it needs.
 */
typedef struct
{
  const guint8 *data;
  gsize size;
  struct v4l2_ext_control *controls;
  guint n_controls;
  guint capture_index;
  guint capture_planes;
  guint64 timestamp;
  guint flags;
} GstDaedalusJob;

GstDaedalusRequestPool *gst_daedalus_request_pool_new (GstDaedalusV4l2 * v4l2,
    const struct v4l2_pix_format_mplane *pix, GError ** error);
void gst_daedalus_request_pool_free (GstDaedalusRequestPool * pool);
void gst_daedalus_request_pool_set_flushing (GstDaedalusRequestPool * pool,
    gboolean flushing);

GstDaedalusRequest *gst_daedalus_request_submit (GstDaedalusRequestPool * pool,
    const GstDaedalusJob * job, GError ** error);
gboolean gst_daedalus_request_wait (GstDaedalusRequestPool * pool,
    const GstDaedalusRequest * request, GError ** error);
gboolean gst_daedalus_request_finish (GstDaedalusRequestPool * pool,
    GstDaedalusRequest * request, gboolean * failed, gboolean * empty,
    GError ** error);
void gst_daedalus_request_discard (GstDaedalusRequestPool * pool,
    GstDaedalusRequest * request);

G_END_DECLS
#endif
