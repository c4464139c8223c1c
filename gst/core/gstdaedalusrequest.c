/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * One thread submits requests, another waits for them and finishes them. OUTPUT
 * buffers are created one by one, each as large as the frames need by then. The
 * queue is not stopped to allocate larger ones, because that would reset the
 * decoder.
 */
#include "gstdaedaluserror.h"
#include "gstdaedalusrequest.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/media.h>
#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

GST_DEBUG_CATEGORY_EXTERN (gst_daedalus_debug);
#define GST_CAT_DEFAULT gst_daedalus_debug

/*
 * Timeout for drivers that do not complete a request. daedalus_v4l2 completes
 * each one within its deadline, which is below a second by default.
 */
#define WAIT_MS 5000

typedef struct
{
  guint index;
  gsize length;
  guint8 *data;
} Bitstream;

struct _GstDaedalusRequest
{
  gint fd;
  Bitstream *bitstream;
  guint capture_index;
  guint64 timestamp;
  guint flags;                  /* GstDaedalusJobFlags */
};

struct _GstDaedalusRequestPool
{
  GstDaedalusV4l2 *v4l2;
  struct v4l2_pix_format_mplane pix;    /* the size grows with the frames */
  gint wake_fd;                 /* readable while flushing */
  GMutex lock;                  /* protects the fields below */
  GQueue free_requests;         /* of GstDaedalusRequest without bitstream */
  GQueue free_bitstreams;       /* of Bitstream */
  guint n_bitstreams;
};

static void
bitstream_free (Bitstream *bitstream)
{
  munmap (bitstream->data, bitstream->length);
  g_free (bitstream);
}

static void
request_free (GstDaedalusRequest *request)
{
  if (request->fd >= 0)
    close (request->fd);
  g_free (request);
}

/* Creates an OUTPUT buffer of at least @size bytes. Lock held. */
static Bitstream *
bitstream_new (GstDaedalusRequestPool *self, gsize size, GError **error)
{
  struct v4l2_pix_format_mplane pix = self->pix;
  GstDaedalusV4l2Buffer buffer;
  Bitstream *bitstream;
  gpointer data;

  while (pix.plane_fmt[0].sizeimage < size) {
    if (pix.plane_fmt[0].sizeimage > G_MAXUINT32 / 2) {
      g_set_error (error, GST_DAEDALUS_ERROR, GST_DAEDALUS_ERROR_FRAME,
          "A frame of %" G_GSIZE_FORMAT " bytes is larger than a buffer of %s "
          "can be.", size, self->v4l2->path);
      return NULL;
    }
    pix.plane_fmt[0].sizeimage *= 2;
  }
  if (!gst_daedalus_v4l2_create_buffer (self->v4l2, GST_DAEDALUS_OUTPUT, &pix,
          &buffer, error))
    return NULL;
  self->pix.plane_fmt[0].sizeimage = pix.plane_fmt[0].sizeimage;

  if (buffer.n_planes != 1 || buffer.length[0] < size) {
    g_set_error (error, GST_DAEDALUS_ERROR, GST_DAEDALUS_ERROR_DEVICE,
        "A frame of %" G_GSIZE_FORMAT " bytes does not fit into the buffers "
        "of %u bytes of %s.", size, buffer.length[0], self->v4l2->path);
    return NULL;
  }
  data = mmap (NULL, buffer.length[0], PROT_READ | PROT_WRITE, MAP_SHARED,
      self->v4l2->video_fd, buffer.mem_offset[0]);
  if (data == MAP_FAILED) {
    gst_daedalus_v4l2_failed (self->v4l2, "map a bitstream buffer", error);
    return NULL;
  }

  bitstream = g_new0 (Bitstream, 1);
  bitstream->index = buffer.index;
  bitstream->length = buffer.length[0];
  bitstream->data = data;
  self->n_bitstreams++;
  GST_DEBUG ("OUTPUT buffer %u of %" G_GSIZE_FORMAT " bytes, %u in all",
      bitstream->index, bitstream->length, self->n_bitstreams);
  return bitstream;
}

/* A free OUTPUT buffer of at least @size bytes. Lock held. */
static Bitstream *
bitstream_acquire (GstDaedalusRequestPool *self, gsize size, GError **error)
{
  Bitstream *bitstream;
  GList *l;

  for (l = self->free_bitstreams.head; l; l = l->next) {
    bitstream = l->data;
    if (bitstream->length >= size) {
      g_queue_delete_link (&self->free_bitstreams, l);
      return bitstream;
    }
  }

  /* The free buffers are too small: remove them to make room for larger
   * ones. */
  while ((bitstream = g_queue_peek_head (&self->free_bitstreams))) {
    if (!gst_daedalus_v4l2_remove_buffer (self->v4l2, GST_DAEDALUS_OUTPUT,
            bitstream->index))
      break;
    g_queue_pop_head (&self->free_bitstreams);
    bitstream_free (bitstream);
    self->n_bitstreams--;
  }
  return bitstream_new (self, size, error);
}

/**
 * gst_daedalus_request_pool_new:
 * @v4l2: (transfer none): the device; must be open as long as the pool exists
 * @pix: format of the OUTPUT queue
 * @error: set on failure
 *
 * Creates a pool with one OUTPUT buffer, so that the queue can be started.
 *
 * Returns: (transfer full) (nullable): for gst_daedalus_request_pool_free()
 */
GstDaedalusRequestPool *
gst_daedalus_request_pool_new (GstDaedalusV4l2 *v4l2,
    const struct v4l2_pix_format_mplane *pix, GError **error)
{
  GstDaedalusRequestPool *self = g_new0 (GstDaedalusRequestPool, 1);
  Bitstream *bitstream;

  self->v4l2 = v4l2;
  self->pix = *pix;
  g_mutex_init (&self->lock);
  g_queue_init (&self->free_requests);
  g_queue_init (&self->free_bitstreams);
  self->wake_fd = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (self->wake_fd < 0) {
    g_set_error (error, GST_DAEDALUS_ERROR, GST_DAEDALUS_ERROR_DEVICE,
        "No event file descriptor for %s: %s.", v4l2->path, g_strerror (errno));
  } else {
    g_mutex_lock (&self->lock);
    bitstream = bitstream_new (self, 1, error);
    g_mutex_unlock (&self->lock);
    if (bitstream) {
      g_queue_push_tail (&self->free_bitstreams, bitstream);
      return self;
    }
  }
  gst_daedalus_request_pool_free (self);
  return NULL;
}

/**
 * gst_daedalus_request_pool_free:
 * @pool: (transfer full): a pool without submitted requests
 *
 * Frees the requests and unmaps the OUTPUT buffers, which stay on their queue.
 */
void
gst_daedalus_request_pool_free (GstDaedalusRequestPool *pool)
{
  g_queue_clear_full (&pool->free_requests, (GDestroyNotify) request_free);
  g_queue_clear_full (&pool->free_bitstreams, (GDestroyNotify) bitstream_free);
  if (pool->wake_fd >= 0)
    close (pool->wake_fd);
  g_mutex_clear (&pool->lock);
  g_free (pool);
}

/**
 * gst_daedalus_request_pool_set_flushing:
 * @pool: a pool
 * @flushing: %TRUE to let gst_daedalus_request_wait() return at once
 */
void
gst_daedalus_request_pool_set_flushing (GstDaedalusRequestPool *pool,
    gboolean flushing)
{
  eventfd_t value;

  /* If one fails, the eventfd is in that state already. */
  if (flushing)
    (void) !eventfd_write (pool->wake_fd, 1);
  else
    (void) !eventfd_read (pool->wake_fd, &value);
}

static GstDaedalusRequest *
request_acquire (GstDaedalusRequestPool *self, GError **error)
{
  GstDaedalusRequest *request = g_queue_pop_head (&self->free_requests);

  if (request)
    return request;
  request = g_new0 (GstDaedalusRequest, 1);
  if (ioctl (self->v4l2->media_fd, MEDIA_IOC_REQUEST_ALLOC, &request->fd) < 0) {
    request->fd = -1;
    gst_daedalus_v4l2_failed (self->v4l2, "allocate a request", error);
    request_free (request);
    return NULL;
  }
  return request;
}

/* Takes back @request and its OUTPUT buffer. The kernel must not process it. */
static void
request_recycle (GstDaedalusRequestPool *self, GstDaedalusRequest *request,
    gboolean reuse)
{
  /* Frees the objects of the request in the kernel, such as the controls. */
  reuse = reuse && ioctl (request->fd, MEDIA_REQUEST_IOC_REINIT, NULL) == 0;

  g_mutex_lock (&self->lock);
  if (request->bitstream)
    g_queue_push_tail (&self->free_bitstreams, request->bitstream);
  request->bitstream = NULL;
  if (reuse)
    g_queue_push_tail (&self->free_requests, request);
  else
    request_free (request);
  g_mutex_unlock (&self->lock);
}

/**
 * gst_daedalus_request_submit:
 * @pool: a pool; both queues stream
 * @job: the frame to decode
 * @error: set on failure: after %GST_DAEDALUS_ERROR_FRAME nothing was queued
 *   and the next frame may be submitted; after any other error the stream
 *   cannot go on
 *
 * Copies the bitstream into an OUTPUT buffer and queues a request with it and
 * its controls.
 *
 * Returns: (transfer full) (nullable): for gst_daedalus_request_finish() or
 *   gst_daedalus_request_discard()
 */
GstDaedalusRequest *
gst_daedalus_request_submit (GstDaedalusRequestPool *pool,
    const GstDaedalusJob *job, GError **error)
{
  GstDaedalusV4l2 *v4l2 = pool->v4l2;
  GstDaedalusRequest *request;

  g_mutex_lock (&pool->lock);
  request = request_acquire (pool, error);
  if (request)
    request->bitstream = bitstream_acquire (pool, job->size, error);
  g_mutex_unlock (&pool->lock);
  if (!request)
    return NULL;
  if (!request->bitstream)
    goto failed;

  memcpy (request->bitstream->data, job->data, job->size);
  request->capture_index = job->capture_index;
  request->timestamp = job->timestamp;
  request->flags = job->flags;

  if (!gst_daedalus_v4l2_set_controls (v4l2, request->fd, job->controls,
          job->n_controls, error)
      || !gst_daedalus_v4l2_queue (v4l2, GST_DAEDALUS_OUTPUT,
          request->bitstream->index, 1, job->size, job->timestamp,
          job->flags & GST_DAEDALUS_JOB_HOLD ?
          V4L2_BUF_FLAG_M2M_HOLD_CAPTURE_BUF : 0, request->fd, error))
    goto failed;
  if (!(job->flags & GST_DAEDALUS_JOB_HELD)
      && !gst_daedalus_v4l2_queue (v4l2, GST_DAEDALUS_CAPTURE,
          job->capture_index, job->capture_planes, 0, 0, 0, -1, error))
    goto failed;
  if (ioctl (request->fd, MEDIA_REQUEST_IOC_QUEUE, NULL) < 0) {
    gst_daedalus_v4l2_failed (v4l2, "take a request", error);
    goto failed;
  }
  return request;

failed:
  request_recycle (pool, request, TRUE);
  return NULL;
}

/**
 * gst_daedalus_request_wait:
 * @pool: a pool
 * @request: a submitted request
 * @error: set on failure
 *
 * Returns: %TRUE if @request is complete; %FALSE with
 *   %GST_DAEDALUS_ERROR_FLUSHING when flushing, with another error if the
 *   device does not answer
 */
gboolean
gst_daedalus_request_wait (GstDaedalusRequestPool *pool,
    const GstDaedalusRequest *request, GError **error)
{
  struct pollfd fds[] = {
    {.fd = request->fd,.events = POLLPRI},
    {.fd = pool->wake_fd,.events = POLLIN},
  };
  gint ret;

  do {
    ret = poll (fds, G_N_ELEMENTS (fds), WAIT_MS);
  } while (ret < 0 && errno == EINTR);

  if (ret > 0 && fds[0].revents & POLLPRI)
    return TRUE;
  if (ret < 0)
    return gst_daedalus_v4l2_failed (pool->v4l2, "be waited for", error);
  if (ret > 0 && fds[1].revents)
    return gst_daedalus_failed (error, FLUSHING, "flushing");
  if (ret > 0)
    return gst_daedalus_failed (error, DEVICE,
        "The decoder %s lost a request (poll says 0x%x).", pool->v4l2->path,
        (guint) fds[0].revents);
  return gst_daedalus_failed (error, TIMEOUT,
      "The decoder %s did not answer for %u seconds: restart daedalusd.",
      pool->v4l2->path, WAIT_MS / 1000);
}

/**
 * gst_daedalus_request_finish:
 * @pool: a pool
 * @request: (transfer full): the oldest submitted request, which is complete
 * @failed: (inout): set to %TRUE if the device could not decode the frame
 *   (V4L2_BUF_FLAG_ERROR), else unchanged
 * @empty: (inout): set to %TRUE if it also wrote nothing to the CAPTURE buffer,
 *   else unchanged
 * @error: set on failure
 *
 * Dequeues the buffers of a request.
 *
 * Returns: %FALSE if the device returned other buffers than those of @request
 */
gboolean
gst_daedalus_request_finish (GstDaedalusRequestPool *pool,
    GstDaedalusRequest *request, gboolean *failed, gboolean *empty,
    GError **error)
{
  GstDaedalusV4l2 *v4l2 = pool->v4l2;
  guint capture = request->capture_index, output;
  guint64 timestamp = request->timestamp, ignored;
  gboolean capture_failed = FALSE, output_failed, ok;
  gsize written = 1, read;

  ok = (request->flags & GST_DAEDALUS_JOB_HOLD
      || gst_daedalus_v4l2_dequeue (v4l2, GST_DAEDALUS_CAPTURE, &capture,
          &timestamp, &written, &capture_failed, error))
      && gst_daedalus_v4l2_dequeue (v4l2, GST_DAEDALUS_OUTPUT, &output,
      &ignored, &read, &output_failed, error);
  if (ok && (capture_failed || output_failed))
    *failed = TRUE;
  if (ok && capture_failed && !written)
    *empty = TRUE;
  /* A buffer with an error may lack the timestamp. */
  if (ok && (capture != request->capture_index
          || output != request->bitstream->index
          || (!*failed && timestamp != request->timestamp)))
    ok = gst_daedalus_failed (error, DEVICE,
        "The decoder %s returned buffers %u and %u (time %" G_GUINT64_FORMAT
        ") instead of %u and %u (time %" G_GUINT64_FORMAT ").", v4l2->path,
        output, capture, timestamp, request->bitstream->index,
        request->capture_index, request->timestamp);
  request_recycle (pool, request, ok);
  return ok;
}

/**
 * gst_daedalus_request_discard:
 * @pool: a pool
 * @request: (transfer full): a submitted request; the queues have been stopped
 *
 * Takes back a request that is not to be finished.
 */
void
gst_daedalus_request_discard (GstDaedalusRequestPool *pool,
    GstDaedalusRequest *request)
{
  request_recycle (pool, request, FALSE);
}
