/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the files of the base class share. From the top, each calls only those that
 * are below it:
 *  gstdaedalusdec.c         the element: properties, states, events
 *  gstdaedalusdecsubmit.c   what a codec does: to decode and to show pictures
 *  gstdaedalusdecoutput.c   towards downstream: the task, caps, errors
 *  gstdaedalusdecdevice.c   towards the device: formats, buffers, flush
 *  gstdaedalusdecqueue.c    what is in flight: waiting for it, dropping it
 * and at the bottom the structs in here.
 */
#ifndef GST_DAEDALUS_DEC_PRIVATE_H
#define GST_DAEDALUS_DEC_PRIVATE_H

#include "gstdaedalusallocator.h"
#include "gstdaedalusdec.h"
#include "gstdaedalusrequest.h"
#include "gstdaedalusv4l2.h"

G_BEGIN_DECLS

GST_DEBUG_CATEGORY_EXTERN (gst_daedalus_debug);
#define GST_CAT_DEFAULT gst_daedalus_debug

/**
 * GstDaedalusEntry:
 * @frame: (transfer full) (nullable): what @picture goes downstream as
 * @picture: (transfer full): where it is decoded to
 * @request: (nullable): a picture or a part of one that is being decoded
 *
 * Something on its way, in the order of decoding and showing: either a request or
 * a frame.
 */
typedef struct
{
  GstVideoCodecFrame *frame;
  GstDaedalusPicture *picture;
  GstDaedalusRequest *request;
} GstDaedalusEntry;

/**
 * GstDaedalusFlush:
 * @GST_DAEDALUS_FLUSH_SEEK: between FLUSH_START and FLUSH_STOP
 * @GST_DAEDALUS_FLUSH_RESET: while the base class has the decoder flushed, which
 *   it also does on its own when it plays backwards
 * @GST_DAEDALUS_FLUSH_STOP: from PAUSED to READY, until the next start
 *
 * Why nothing may wait. These overlap, as they come from different threads.
 */
typedef enum
{
  GST_DAEDALUS_FLUSH_SEEK = 1 << 0,
  GST_DAEDALUS_FLUSH_RESET = 1 << 1,
  GST_DAEDALUS_FLUSH_STOP = 1 << 2,
} GstDaedalusFlush;

/**
 * GstDaedalusDecPrivate:
 *
 * Locks, in the order in which they nest: the decoder's stream lock, then
 * @lock. Neither is held while waiting for the device or for downstream.
 */
struct _GstDaedalusDecPrivate
{
  /* from open to close */
  GstDaedalusV4l2 *v4l2;

  /* from start to stop, stream lock */
  GstDaedalusRequestPool *pool;
  GstDaedalusAllocator *allocator;
  GstDaedalusLayout layout;     /* of the CAPTURE queue */
  GstDaedalusFrameFormat format;        /* ditto, bit_depth 0: not set up */
  gboolean streaming[2];        /* index: OUTPUT 0, CAPTURE 1 */
  guint64 last_timestamp;
  GstVideoCodecState *input_state;
  GstDaedalusDescription description;   /* by the caps of input_state */

  /* what downstream has negotiated, stream lock */
  GstDaedalusLayout output_layout;      /* format NULL before the first */
  GstDaedalusDescription output_description;
  gboolean dmabuf;
  gboolean dmabuf_needs_meta;   /* while negotiating */
  gboolean has_video_meta;
  gboolean had_output;
  guint failed_in_row;

  /* what is in flight, lock */
  GMutex lock;
  GCond cond;                   /* anything below changed */
  guint n_waiting;              /* threads that wait for it */
  GQueue queue;                 /* of GstDaedalusEntry, oldest first */
  guint n_requests;             /* in it */
  gboolean busy;                /* the task works on the oldest */
  guint flushing;               /* GstDaedalusFlush, 0 to run */
  GstFlowReturn flow;           /* of the task */
};

/* gstdaedalusdecqueue.c */
void gst_daedalus_dec_wait (GstDaedalusDecPrivate * priv);
void gst_daedalus_dec_wake (GstDaedalusDecPrivate * priv);
GstFlowReturn gst_daedalus_dec_get_flow (GstDaedalusDec * self);
gboolean gst_daedalus_dec_wait_for_room (GstDaedalusDec * self, guint n,
    GError ** error);
void gst_daedalus_dec_set_flushing (GstDaedalusDec * self, guint reasons,
    gboolean flushing);
void gst_daedalus_dec_wait_idle (GstDaedalusDec * self);
void gst_daedalus_dec_drop_queue (GstDaedalusDec * self);

/* gstdaedalusdecdevice.c */
void gst_daedalus_dec_flush_device (GstDaedalusDec * self);
void gst_daedalus_dec_release_device (GstDaedalusDec * self);

/* gstdaedalusdecoutput.c */
GstFlowReturn gst_daedalus_dec_fail (GstDaedalusDec * self,
    GstVideoCodecFrame * frame, GError * error);
void gst_daedalus_dec_output_loop (gpointer data);
gboolean gst_daedalus_dec_negotiate (GstVideoDecoder * decoder);
gboolean gst_daedalus_dec_decide_allocation (GstVideoDecoder * decoder,
    GstQuery * query);
void gst_daedalus_dec_reset_output (GstDaedalusDec * self);

G_END_DECLS
#endif
