/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "gstdaedalush264frame.h"

static void
frame_clear (gpointer data)
{
  GstDaedalusH264Frame *f = data;

  if (f->data && f->free_data)
    f->free_data (f->data);
}

/**
 * gst_daedalus_h264_frame_ref:
 * @f: a frame
 *
 * May be called from any thread.
 *
 * Returns: (transfer full): @f
 */
GstDaedalusH264Frame *
gst_daedalus_h264_frame_ref (GstDaedalusH264Frame *f)
{
  return g_atomic_rc_box_acquire (f);
}

/**
 * gst_daedalus_h264_frame_unref:
 * @f: (transfer full): a frame; the last reference frees its data
 *
 * May be called from any thread; the #GDestroyNotify runs in the same thread.
 */
void
gst_daedalus_h264_frame_unref (GstDaedalusH264Frame *f)
{
  g_atomic_rc_box_release_full (f, frame_clear);
}
