/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* VP9 superframes: Annex B of the VP9 specification. */
#ifndef GST_DAEDALUS_VP9_SUPERFRAME_H
#define GST_DAEDALUS_VP9_SUPERFRAME_H

#include <glib.h>

#include "common/vp9_superframe.h"

G_BEGIN_DECLS

/**
 * GstDaedalusVp9Superframe:
 * @n_frames: 1..8
 * @offsets: offset of each frame, bytes
 * @sizes: bytes of each frame; 0 only if the buffer is empty
 *
 * The frames of a buffer.
 */
typedef struct
{
  guint n_frames;
  gsize offsets[VP9_MAX_FRAMES_IN_SUPERFRAME];
  gsize sizes[VP9_MAX_FRAMES_IN_SUPERFRAME];
} GstDaedalusVp9Superframe;

gboolean gst_daedalus_vp9_superframe_parse (GstDaedalusVp9Superframe *
    superframe, const guint8 * data, gsize size, GError ** error);

G_END_DECLS
#endif
