/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * CAPTURE buffers are recycled when the last reference to their GstMemory is
 * dropped. A GstBufferPool would recycle the GstBuffer, but downstream and the
 * base class may make shallow copies of it. Mappings are kept, because mapping
 * a large buffer for each frame is expensive.
 *
 * Two sides use a buffer: the codec, from gst_daedalus_allocator_acquire() to
 * gst_daedalus_allocator_release(), and downstream, as long as it has a
 * reference to one of the memories. The number of buffers is limited, so the
 * element must know how many of them downstream keeps.
 */
#include "gstdaedalusallocator.h"
#include "gstdaedaluserror.h"

#include <gst/allocators/allocators.h>

GST_DEBUG_CATEGORY_EXTERN (gst_daedalus_debug);
#define GST_CAT_DEFAULT gst_daedalus_debug

typedef struct
{
  GstDaedalusAllocator *allocator;
  guint index;
  guint n_mems;
  guint out;                    /* bit i is set while mems[i] is in use */
  gboolean acquired;            /* by the codec; it has a reference to mems */
  GstMemory *mems[VIDEO_MAX_PLANES];
} Slot;

struct _GstDaedalusAllocator
{
  GMutex lock;
  GCond cond;
  GstDaedalusV4l2 *v4l2;        /* NULL after gst_daedalus_allocator_free() */
  struct v4l2_pix_format_mplane pix;
  GstDaedalusLayout layout;
  GstAllocator *dmabuf;
  Slot *slots[VIDEO_MAX_FRAME];
  guint n_slots;
  guint max_slots;
  GQueue free;                  /* of Slot */
  gboolean flushing;
};

static G_DEFINE_QUARK (GstDaedalusAllocatorSlot, slot);

static void
allocator_clear (gpointer data)
{
  GstDaedalusAllocator *self = data;
  guint i;

  for (i = 0; i < self->n_slots; i++)
    g_free (self->slots[i]);
  g_queue_clear (&self->free);
  gst_object_unref (self->dmabuf);
  g_mutex_clear (&self->lock);
  g_cond_clear (&self->cond);
}

static void
allocator_unref (GstDaedalusAllocator *self)
{
  g_atomic_rc_box_release_full (self, allocator_clear);
}

/* A memory is freed: drops its reference to the allocator. */
static void
slot_unref (gpointer data)
{
  allocator_unref (((Slot *) data)->allocator);
}

/*
 * The last reference to a memory was dropped. Returns %TRUE to free it, %FALSE
 * if it was recycled.
 */
static gboolean
memory_dispose (GstMiniObject *object)
{
  GstMemory *mem = GST_MEMORY_CAST (object);
  Slot *slot = gst_mini_object_get_qdata (object, slot_quark ());
  GstDaedalusAllocator *self = slot->allocator;
  gboolean die;
  guint i;

  g_mutex_lock (&self->lock);
  die = self->v4l2 == NULL;
  for (i = 0; i < slot->n_mems; i++) {
    if (slot->mems[i] == mem)
      slot->out &= ~(1u << i);
  }
  if (!die) {
    gst_memory_ref (mem);
    if (!slot->out) {
      g_queue_push_tail (&self->free, slot);
      g_cond_broadcast (&self->cond);
    }
  }
  g_mutex_unlock (&self->lock);
  return die;
}

/* Creates a CAPTURE buffer. Lock held. */
static Slot *
add_slot (GstDaedalusAllocator *self, GError **error)
{
  GstDaedalusV4l2Buffer buffer;
  Slot *slot;
  guint i;

  if (!gst_daedalus_v4l2_create_buffer (self->v4l2, GST_DAEDALUS_CAPTURE,
          &self->pix, &buffer, error))
    return NULL;

  slot = g_new0 (Slot, 1);
  slot->allocator = self;
  slot->index = buffer.index;
  self->slots[self->n_slots++] = slot;

  for (i = 0; i < self->layout.format->n_mems; i++) {
    gsize size = self->layout.mem_size[i];
    GstMemory *mem;
    gint fd;

    if (i >= buffer.n_planes || buffer.length[i] < size) {
      g_set_error (error, GST_DAEDALUS_ERROR, GST_DAEDALUS_ERROR_DEVICE,
          "The decoder %s made a buffer of %u bytes instead of %"
          G_GSIZE_FORMAT ".", self->v4l2->path, buffer.length[i], size);
      return NULL;
    }
    fd = gst_daedalus_v4l2_export (self->v4l2, GST_DAEDALUS_CAPTURE,
        buffer.index, i, error);
    if (fd < 0)
      return NULL;
    mem = gst_dmabuf_allocator_alloc_with_flags (self->dmabuf, fd, size,
        GST_FD_MEMORY_FLAG_KEEP_MAPPED);
    g_atomic_rc_box_acquire (self);
    gst_mini_object_set_qdata (GST_MINI_OBJECT_CAST (mem), slot_quark (), slot,
        slot_unref);
    GST_MINI_OBJECT_CAST (mem)->dispose = memory_dispose;
    slot->mems[slot->n_mems++] = mem;
  }
  return slot;
}

/**
 * gst_daedalus_allocator_new:
 * @v4l2: (transfer none): the device; must be open until
 *   gst_daedalus_allocator_free()
 * @pix: format of the CAPTURE queue
 * @layout: layout of pictures in that format
 * @n_buffers: number of buffers to start with
 * @error: set on failure
 *
 * Creates the first CAPTURE buffers; more are added when they are needed.
 *
 * Returns: (transfer full) (nullable): for gst_daedalus_allocator_free()
 */
GstDaedalusAllocator *
gst_daedalus_allocator_new (GstDaedalusV4l2 *v4l2,
    const struct v4l2_pix_format_mplane *pix, const GstDaedalusLayout *layout,
    guint n_buffers, GError **error)
{
  GstDaedalusAllocator *self = g_atomic_rc_box_new0 (GstDaedalusAllocator);
  gboolean ok = TRUE;
  guint i;

  g_mutex_init (&self->lock);
  g_cond_init (&self->cond);
  g_queue_init (&self->free);
  self->v4l2 = v4l2;
  self->pix = *pix;
  self->layout = *layout;
  self->dmabuf = gst_dmabuf_allocator_new ();
  self->max_slots = VIDEO_MAX_FRAME;

  g_mutex_lock (&self->lock);
  for (i = 0; ok && i < MIN (n_buffers, self->max_slots); i++) {
    Slot *slot = add_slot (self, error);

    ok = slot != NULL;
    if (slot)
      g_queue_push_tail (&self->free, slot);
  }
  g_mutex_unlock (&self->lock);

  if (!ok) {
    gst_daedalus_allocator_free (self);
    return NULL;
  }
  return self;
}

/**
 * gst_daedalus_allocator_acquire:
 * @allocator: an allocator
 * @index: (out): index of the V4L2 buffer
 * @error: set if the device fails; not set if all buffers are in use
 *
 * The codec passes shallow copies of the buffer to downstream, but not the
 * buffer itself.
 *
 * Returns: (transfer full) (nullable): a buffer with #GstVideoMeta, for
 *   gst_daedalus_allocator_release(); %NULL on failure or if all are in use
 */
GstBuffer *
gst_daedalus_allocator_acquire (GstDaedalusAllocator *allocator,
    guint *index, GError **error)
{
  const GstVideoInfo *info = &allocator->layout.info;
  GstBuffer *buffer;
  Slot *slot;
  guint i;

  g_mutex_lock (&allocator->lock);
  slot = g_queue_pop_head (&allocator->free);
  if (!slot && allocator->n_slots < allocator->max_slots) {
    GError *local = NULL;

    slot = add_slot (allocator, &local);
    if (!slot && g_error_matches (local, GST_DAEDALUS_ERROR,
            GST_DAEDALUS_ERROR_DEVICE)) {
      /* Most likely out of memory: go on with the buffers that exist. */
      GST_WARNING ("staying with %u CAPTURE buffers: %s", allocator->n_slots,
          local->message);
      allocator->max_slots = allocator->n_slots;
      g_clear_error (&local);
    } else if (!slot) {
      g_propagate_error (error, local);
    }
  }
  if (slot) {
    slot->out = (1u << slot->n_mems) - 1;
    slot->acquired = TRUE;
    *index = slot->index;
  }
  g_mutex_unlock (&allocator->lock);
  if (!slot)
    return NULL;

  buffer = gst_buffer_new ();
  for (i = 0; i < slot->n_mems; i++)
    gst_buffer_append_memory (buffer, slot->mems[i]);
  gst_buffer_add_video_meta_full (buffer, GST_VIDEO_FRAME_FLAG_NONE,
      GST_VIDEO_INFO_FORMAT (info), GST_VIDEO_INFO_WIDTH (info),
      GST_VIDEO_INFO_HEIGHT (info), GST_VIDEO_INFO_N_PLANES (info),
      allocator->layout.offset, allocator->layout.stride);
  return buffer;
}

/* NULL if @buffer is not one of an allocator. */
static Slot *
slot_of_buffer (GstBuffer *buffer)
{
  if (gst_buffer_n_memory (buffer) == 0)
    return NULL;
  return gst_mini_object_get_qdata (GST_MINI_OBJECT_CAST
      (gst_buffer_peek_memory (buffer, 0)), slot_quark ());
}

/**
 * gst_daedalus_allocator_release:
 * @buffer: (transfer full): a buffer of gst_daedalus_allocator_acquire(), or any
 *   other
 *
 * Drops the codec's reference. From now on, only downstream uses the buffer.
 */
void
gst_daedalus_allocator_release (GstBuffer *buffer)
{
  Slot *slot = slot_of_buffer (buffer);

  if (slot) {
    /* The memory has a reference to the allocator. */
    g_mutex_lock (&slot->allocator->lock);
    slot->acquired = FALSE;
    g_mutex_unlock (&slot->allocator->lock);
  }
  gst_buffer_unref (buffer);
}

/* Whether downstream has a reference to a memory of @slot. The codec has one
 * itself while the slot is acquired. Lock held. */
static gboolean
is_lent (const Slot *slot)
{
  guint i;

  if (!slot->acquired)
    return slot->out != 0;
  for (i = 0; i < slot->n_mems; i++) {
    if (GST_MINI_OBJECT_REFCOUNT_VALUE (slot->mems[i]) > 1)
      return TRUE;
  }
  return FALSE;
}

/**
 * gst_daedalus_allocator_count_lent:
 * @allocator: an allocator
 * @buffer: (nullable): a buffer that is not counted
 *
 * Other threads may return buffers at any time; only the caller can lend more.
 *
 * Returns: the number of buffers that downstream keeps
 */
guint
gst_daedalus_allocator_count_lent (GstDaedalusAllocator *allocator,
    GstBuffer *buffer)
{
  const Slot *ignored = buffer ? slot_of_buffer (buffer) : NULL;
  guint i, n = 0;

  g_mutex_lock (&allocator->lock);
  for (i = 0; i < allocator->n_slots; i++)
    n += allocator->slots[i] != ignored && is_lent (allocator->slots[i]);
  g_mutex_unlock (&allocator->lock);
  return n;
}

/**
 * gst_daedalus_allocator_get_size:
 * @allocator: an allocator
 *
 * Returns: the number of buffers that there can be
 */
guint
gst_daedalus_allocator_get_size (GstDaedalusAllocator *allocator)
{
  guint n;

  g_mutex_lock (&allocator->lock);
  n = allocator->max_slots;
  g_mutex_unlock (&allocator->lock);
  return n;
}

/**
 * gst_daedalus_allocator_wait:
 * @allocator: an allocator
 * @until: monotonic time in microseconds
 *
 * Waits until a buffer is free, @until or flushing.
 *
 * Returns: %TRUE if a buffer is free
 */
gboolean
gst_daedalus_allocator_wait (GstDaedalusAllocator *allocator, gint64 until)
{
  gboolean ok;

  g_mutex_lock (&allocator->lock);
  while (!allocator->flushing && g_queue_is_empty (&allocator->free)) {
    if (!g_cond_wait_until (&allocator->cond, &allocator->lock, until))
      break;
  }
  ok = !g_queue_is_empty (&allocator->free);
  g_mutex_unlock (&allocator->lock);
  return ok;
}

/**
 * gst_daedalus_allocator_set_flushing:
 * @allocator: an allocator
 * @flushing: %TRUE to let gst_daedalus_allocator_wait() return at once
 */
void
gst_daedalus_allocator_set_flushing (GstDaedalusAllocator *allocator,
    gboolean flushing)
{
  g_mutex_lock (&allocator->lock);
  allocator->flushing = flushing;
  g_cond_broadcast (&allocator->cond);
  g_mutex_unlock (&allocator->lock);
}

/**
 * gst_daedalus_allocator_free:
 * @allocator: (transfer full): an allocator
 *
 * Frees the buffers that are not in use; the others are freed with their last
 * reference. After this call, the device is not used any more.
 */
void
gst_daedalus_allocator_free (GstDaedalusAllocator *allocator)
{
  GstMemory *mems[VIDEO_MAX_FRAME * VIDEO_MAX_PLANES];
  guint i, j, n = 0;

  g_mutex_lock (&allocator->lock);
  allocator->v4l2 = NULL;
  for (i = 0; i < allocator->n_slots; i++) {
    Slot *slot = allocator->slots[i];

    for (j = 0; j < slot->n_mems; j++) {
      if (!(slot->out & (1u << j)))
        mems[n++] = slot->mems[j];
    }
  }
  g_mutex_unlock (&allocator->lock);

  for (i = 0; i < n; i++)
    gst_memory_unref (mems[i]);
  allocator_unref (allocator);
}
