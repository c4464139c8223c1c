/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/gstdaedaluserror.h"
#include "gstdaedalusvp9superframe.h"

#define SUPERFRAME_MARKER 0xc0
#define SUPERFRAME_MARKER_MASK 0xe0

/* Bytes of the superframe_index() at the end of @data, 0 if there is none: its
 * first byte is the same as its last. */
static gsize
index_size (const guint8 *data, gsize size, guint *bytes_per_size,
    guint *n_frames)
{
  const guint8 header = size ? data[size - 1] : 0;
  gsize length;

  if ((header & SUPERFRAME_MARKER_MASK) != SUPERFRAME_MARKER)
    return 0;
  *bytes_per_size = (header >> 3 & 3) + 1;
  *n_frames = (header & 7) + 1;
  length = 2 + *bytes_per_size * *n_frames;
  return length <= size && data[size - length] == header ? length : 0;
}

/**
 * gst_daedalus_vp9_superframe_parse:
 * @superframe: filled in
 * @data: a buffer with a superframe or with one frame
 * @size: bytes of @data
 * @error: set on failure
 *
 * Finds the frames of a superframe by its index. Frames without a byte, which
 * encoders write for what they dropped, are left out; so is what the index
 * leaves over.
 *
 * Returns: %FALSE with %GST_DAEDALUS_ERROR_FRAME if the index tells of more than
 *   there is, or of nothing
 */
gboolean
gst_daedalus_vp9_superframe_parse (GstDaedalusVp9Superframe *superframe,
    const guint8 *data, gsize size, GError **error)
{
  guint bytes_per_size, n_frames, i, k;
  const gsize length = index_size (data, size, &bytes_per_size, &n_frames);
  const guint8 *field = data + size - length + 1;
  const gsize end = size - length;
  gsize offset = 0;

  superframe->n_frames = 0;
  if (!length) {
    superframe->n_frames = 1;
    superframe->offsets[0] = 0;
    superframe->sizes[0] = size;
    return TRUE;
  }
  for (i = 0; i < n_frames; i++) {
    gsize frame_size = 0;

    for (k = 0; k < bytes_per_size; k++)
      frame_size |= (gsize) * field++ << 8 * k;
    if (frame_size > end - offset) {
      g_set_error (error, GST_DAEDALUS_ERROR, GST_DAEDALUS_ERROR_FRAME,
          "The index of a VP9 superframe gives frame %u %" G_GSIZE_FORMAT
          " bytes, where %" G_GSIZE_FORMAT " are left.", i, frame_size,
          end - offset);
      return FALSE;
    }
    if (frame_size) {
      superframe->offsets[superframe->n_frames] = offset;
      superframe->sizes[superframe->n_frames++] = frame_size;
    }
    offset += frame_size;
  }
  if (superframe->n_frames)
    return TRUE;
  g_set_error_literal (error, GST_DAEDALUS_ERROR, GST_DAEDALUS_ERROR_FRAME,
      "The index of a VP9 superframe has frames of 0 bytes only.");
  return FALSE;
}
