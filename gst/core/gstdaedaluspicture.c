/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "gstdaedalusallocator.h"
#include "gstdaedaluspicture.h"

/**
 * gst_daedalus_picture_new:
 * @timestamp: V4L2 timestamp in microseconds, not 0
 * @layout: copied
 * @buffer: (transfer full) (nullable): the samples, from
 *   gst_daedalus_allocator_acquire()
 * @description: (nullable): copied
 *
 * Returns: (transfer full): a picture
 */
GstDaedalusPicture *
gst_daedalus_picture_new (guint64 timestamp, const GstDaedalusLayout *layout,
    GstBuffer *buffer, const GstDaedalusDescription *description)
{
  GstDaedalusPicture *picture = g_atomic_rc_box_new0 (GstDaedalusPicture);

  picture->timestamp = timestamp;
  picture->layout = *layout;
  picture->buffer = buffer;
  if (description)
    picture->description = *description;
  return picture;
}

static void
picture_clear (gpointer data)
{
  GstDaedalusPicture *picture = data;

  g_clear_pointer (&picture->buffer, gst_daedalus_allocator_release);
}

/**
 * gst_daedalus_picture_ref:
 * @picture: a picture
 *
 * Returns: (transfer full): @picture
 */
GstDaedalusPicture *
gst_daedalus_picture_ref (GstDaedalusPicture *picture)
{
  return g_atomic_rc_box_acquire (picture);
}

/**
 * gst_daedalus_picture_unref:
 * @picture: (transfer full): a picture
 *
 * After the last reference is dropped, the picture's buffer can be queued again
 * unless downstream still has it.
 */
void
gst_daedalus_picture_unref (GstDaedalusPicture *picture)
{
  g_atomic_rc_box_release_full (picture, picture_clear);
}

/**
 * gst_daedalus_picture_replace:
 * @slot: (inout): variable that holds a reference or %NULL
 * @picture: (transfer none) (nullable): the new value; a reference is added
 */
void
gst_daedalus_picture_replace (GstDaedalusPicture **slot,
    GstDaedalusPicture *picture)
{
  GstDaedalusPicture *old = *slot;

  *slot = picture ? gst_daedalus_picture_ref (picture) : NULL;
  if (old)
    gst_daedalus_picture_unref (old);
}
