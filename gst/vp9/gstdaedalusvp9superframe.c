/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/gstdaedaluserror.h"
#include "gstdaedalusvp9superframe.h"

/**
 * gst_daedalus_vp9_superframe_parse:
 * @superframe: (out): the frames
 * @data: a buffer with a superframe or with one frame
 * @size: bytes of @data
 * @error: set on failure
 *
 * Finds the frames of a superframe by its index. Frames of 0 bytes, which
 * encoders write for dropped frames, are left out. Bytes between the last frame
 * and the index are ignored.
 *
 * Returns: %FALSE with %GST_DAEDALUS_ERROR_FRAME if the sizes in the index
 *   exceed the buffer or are all 0
 */
gboolean
gst_daedalus_vp9_superframe_parse (GstDaedalusVp9Superframe *superframe,
    const guint8 *data, gsize size, GError **error)
{
  struct vp9_superframe index;
  gsize offset = 0, end;
  guint i;

  vp9_superframe_read (&index, data, size);
  end = size - index.index_size;
  superframe->n_frames = 0;
  if (!index.index_size) {
    superframe->n_frames = 1;
    superframe->offsets[0] = 0;
    superframe->sizes[0] = size;
    return TRUE;
  }
  for (i = 0; i < index.frames; i++) {
    const gsize frame_size = index.sizes[i];

    if (frame_size > end - offset)
      return gst_daedalus_failed (error, FRAME,
          "The index of a VP9 superframe gives frame %u %" G_GSIZE_FORMAT
          " bytes, where %" G_GSIZE_FORMAT " are left.", i, frame_size,
          end - offset);
    if (frame_size) {
      superframe->offsets[superframe->n_frames] = offset;
      superframe->sizes[superframe->n_frames++] = frame_size;
    }
    offset += frame_size;
  }
  if (superframe->n_frames)
    return TRUE;
  return gst_daedalus_failed (error, FRAME,
      "The index of a VP9 superframe has frames of 0 bytes only.");
}
