/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The private structs and functions of the base class. The base class has seven
 * files; each calls only functions of the files below it:
 *  gstdaedalusdec.c         the element: properties, states, events
 *  gstdaedalusdecsubmit.c   the codec's calls: decode and show pictures
 *  gstdaedalusdecoutput.c   downstream: the output task, caps
 *  gstdaedalusdecfail.c     errors: messages, lost and damaged frames
 *  gstdaedalusdeclend.c     CAPTURE buffers: who has them, copies
 *  gstdaedalusdecdevice.c   the device: formats, buffers, flush
 *  gstdaedalusdecqueue.c    the queue of pictures in flight: wait, drop
 * All of them use the structs of this header.
 */
#ifndef GST_DAEDALUS_DEC_PRIVATE_H
#define GST_DAEDALUS_DEC_PRIVATE_H

#include "gstdaedalusallocator.h"
#include "gstdaedalusdec.h"
#include "gstdaedalusrequest.h"
#include "gstdaedalusv4l2.h"

G_BEGIN_DECLS

GST_DEBUG_CATEGORY_EXTERN (gst_daedalus_debug);
GST_DEBUG_CATEGORY_EXTERN (gst_daedalus_performance_debug);
#define GST_CAT_DEFAULT gst_daedalus_debug

/**
 * GstDaedalusEntry:
 * @frame: (transfer full) (nullable): the frame that outputs @picture or is
 *   lost
 * @picture: (transfer full) (nullable): the picture that is decoded or output
 * @request: (nullable): the request that decodes @picture or a part of it
 * @lost: (transfer full) (nullable): why @frame has no picture
 *
 * An entry of the queue of pictures in flight, which is in the order of
 * decoding and output. It has either a request and its picture, or a frame; a
 * frame has either a picture or @lost.
 */
typedef struct
{
  GstVideoCodecFrame *frame;
  GstDaedalusPicture *picture;
  GstDaedalusRequest *request;
  GError *lost;
} GstDaedalusEntry;

/**
 * GstDaedalusFlush:
 * @GST_DAEDALUS_FLUSH_SEEK: between FLUSH_START and FLUSH_STOP
 * @GST_DAEDALUS_FLUSH_RESET: while #GstVideoDecoder flushes the decoder, which
 *   it also does without a seek when it plays backwards
 * @GST_DAEDALUS_FLUSH_STOP: from PAUSED to READY, until the next start
 *
 * Reasons for which no thread may wait. Several can be set at once, because
 * different threads set them.
 */
typedef enum
{
  GST_DAEDALUS_FLUSH_SEEK = 1 << 0,
  GST_DAEDALUS_FLUSH_RESET = 1 << 1,
  GST_DAEDALUS_FLUSH_STOP = 1 << 2,
} GstDaedalusFlush;

/**
 * GstDaedalusWarning:
 * @GST_DAEDALUS_WARNING_LAYOUT: copies, because of the memory layout
 * @GST_DAEDALUS_WARNING_LENT: copies, because downstream keeps many pictures
 * @GST_DAEDALUS_WARNING_RENEWED: new DMA-BUFs, for the same reason
 *
 * Performance warnings; each is logged once.
 */
typedef enum
{
  GST_DAEDALUS_WARNING_LAYOUT = 1 << 0,
  GST_DAEDALUS_WARNING_LENT = 1 << 1,
  GST_DAEDALUS_WARNING_RENEWED = 1 << 2,
} GstDaedalusWarning;

/**
 * GstDaedalusDecPrivate:
 *
 * Locks, in the order in which they nest: the decoder's stream lock, then
 * @lock. No thread holds either of them while it waits for the device or for
 * downstream.
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

  /* negotiated with downstream, stream lock */
  GstDaedalusLayout output_layout;      /* format NULL until negotiated */
  GstDaedalusDescription output_description;
  gboolean dmabuf;
  gboolean dmabuf_optional;     /* downstream takes system memory too */
  gboolean dmabuf_refused;      /* and should get that */
  gboolean has_video_meta;
  gboolean backwards;           /* by the rate of the segment */
  gboolean had_output;          /* a good picture, since the stream started */
  guint warned;                 /* GstDaedalusWarning */
  guint failed_in_row;
  gint64 asked_for_key;         /* monotonic time in microseconds, 0: never */

  /* pictures in flight, lock */
  GMutex lock;
  GCond cond;                   /* anything below changed */
  guint n_waiting;              /* threads that wait for @cond */
  GQueue queue;                 /* of GstDaedalusEntry, oldest first */
  guint n_requests;             /* in @queue */
  gboolean busy;                /* the task handles the oldest */
  guint flushing;               /* GstDaedalusFlush, 0 to run */
  GstFlowReturn flow;           /* of the task's last push, or its failure */
};

/* gstdaedalusdecqueue.c */
gboolean gst_daedalus_flow_goes_on (GstFlowReturn flow);
void gst_daedalus_dec_wait (GstDaedalusDecPrivate * priv);
void gst_daedalus_dec_wake (GstDaedalusDecPrivate * priv);
GstFlowReturn gst_daedalus_dec_get_flow (GstDaedalusDec * self);
gboolean gst_daedalus_dec_wait_for_room (GstDaedalusDec * self, guint n,
    GError ** error);
void gst_daedalus_dec_set_flushing (GstDaedalusDec * self, guint reasons,
    gboolean flushing);
void gst_daedalus_dec_wait_idle (GstDaedalusDec * self);
void gst_daedalus_entry_free (GstDaedalusEntry * entry);
void gst_daedalus_dec_drop_queue (GstDaedalusDec * self);

/* gstdaedalusdeclend.c */
guint gst_daedalus_dec_get_max_in_flight (GstDaedalusDec * self);
guint gst_daedalus_dec_get_lend_limit (GstDaedalusDec * self);
GstFlowReturn gst_daedalus_dec_lend (GstDaedalusDec * self,
    GstVideoCodecFrame * frame, GstDaedalusPicture * picture);
GstBuffer *gst_daedalus_dec_acquire_buffer (GstDaedalusDec * self,
    guint * index, GError ** error);

/* gstdaedalusdecdevice.c */
gboolean gst_daedalus_dec_renew_capture (GstDaedalusDec * self,
    GError ** error);
void gst_daedalus_dec_flush_device (GstDaedalusDec * self);
void gst_daedalus_dec_release_device (GstDaedalusDec * self);

/* gstdaedalusdecfail.c */
GstFlowReturn gst_daedalus_dec_fail (GstDaedalusDec * self,
    GstVideoCodecFrame * frame, GError * error);
GstFlowReturn gst_daedalus_dec_report_damage (GstDaedalusDec * self,
    const GstVideoCodecFrame * frame, const gchar * text);
void gst_daedalus_dec_drop_frame (GstDaedalusDec * self,
    GstVideoCodecFrame * frame, gboolean in_order);
gboolean gst_daedalus_dec_needs_key_frame (GstDaedalusDec * self);

/* gstdaedalusdecsubmit.c */
GstFlowReturn gst_daedalus_dec_lose_frame (GstDaedalusDec * self,
    GstVideoCodecFrame * frame, GError * lost);

/* gstdaedalusdecoutput.c */
void gst_daedalus_dec_output_loop (gpointer data);
gboolean gst_daedalus_dec_negotiate (GstVideoDecoder * decoder);
gboolean gst_daedalus_dec_decide_allocation (GstVideoDecoder * decoder,
    GstQuery * query);
void gst_daedalus_dec_reset_output (GstDaedalusDec * self);

G_END_DECLS
#endif
