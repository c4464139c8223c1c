/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Uncompressed headers of streams of the libvpx test vectors, each with the
 * size of its frame. Facts about them were read with FFmpeg's trace_headers.
 */
#ifndef VP9_HEADERS_H
#define VP9_HEADERS_H

#include <glib.h>

typedef struct
{
  gsize frame_size;
  const gchar *hex;
} Vp9Frame;

/* vp90-2-trac4359: key frame with segment features, hidden frame, two frames
 * that predict from it and keep the segmentation */
static const Vp9Frame segmented[] = {
  {152692, "82498342004ff02cf60038241c18283bd6a5c89c300a2110d884c04280003007c0"},
  {37212, "840080497a588d07faadaeb45603ccb245691c47622701140000c02600"},
  {1844, "86004096f0814209800740"},
  {1857, "86004096f1514209800400"},
};

/* vp90-2-trac3849: error resilient, temporal update of the segmentation map */
static const Vp9Frame error_resilient[] = {
  {6818, "834983420027f01670c0e090706500000980"},
  {178, "870102493c1c120e0cce198080e030180fe60301824d0000000000f0"},
};

/* vp90-2-16-intra-only, the third of its frames, and an inter frame after it */
static const Vp9Frame intra_only[] = {
  {117959, "84c9306840202be023e81870483830d40004c0"},
  {25801, "86040092e08121000058"},
};

/* vp92-2-20-10bit-yuv420 */
static const Vp9Frame ten_bits[] = {
  {3697, "924983420004f802ca041c120e0c3d0000a8"},
  {3640, "94008049723891400028"},
  {771, "96004096e09136000014"},
};

/* vp90-2-tiling-pedestrian */
static const Vp9Frame tiles[] = {
  {41489, "824983420077f043741c38241c18ce140258"},
};

/* vp90-2-10-show-existing-frame2: shows slot 6 */
static const Vp9Frame show_existing[] = {
  {1, "8e"},
};

/* The frame as it lies in a file, but zeros after the header. Free with g_free(). */
static inline guint8 *
vp9_frame_data (const Vp9Frame * frame)
{
  guint8 *data = g_malloc0 (frame->frame_size);
  gsize i;

  for (i = 0; frame->hex[2 * i]; i++)
    data[i] = g_ascii_xdigit_value (frame->hex[2 * i]) << 4 |
        g_ascii_xdigit_value (frame->hex[2 * i + 1]);
  return data;
}

#endif
