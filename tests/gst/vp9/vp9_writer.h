/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A writer of VP9 headers that no encoder makes. */
#ifndef VP9_WRITER_H
#define VP9_WRITER_H

#include <glib.h>
#include <string.h>

#include "vp9/gstdaedalusvp9header.h"

typedef struct
{
  guint8 data[256];
  guint bits;
} Writer;

static inline void
put (Writer *w, guint value, guint n)
{
  while (n--) {
    if (value >> n & 1)
      w->data[w->bits / 8] |= 0x80 >> w->bits % 8;
    w->bits++;
  }
}

/* Up to error_resilient_mode; show_existing_frame is 0. */
static inline void
put_start (Writer *w, guint profile, guint frame_type, guint show_frame,
    guint error_resilient_mode)
{
  memset (w, 0, sizeof (*w));
  put (w, 2, 2);                /* frame_marker */
  put (w, profile & 1, 1);
  put (w, profile >> 1 & 1, 1);
  if (profile >= 3)
    put (w, profile > 3, 1);    /* reserved_zero */
  put (w, 0, 1);                /* show_existing_frame */
  put (w, frame_type, 1);
  put (w, show_frame, 1);
  put (w, error_resilient_mode, 1);
}

/* A key frame up to and without color_config() */
static inline void
put_key_frame (Writer *w, guint profile)
{
  put_start (w, profile, GST_VP9_KEY_FRAME, 1, 0);
  put (w, GST_VP9_SYNC_CODE, 24);
}

/* From refresh_frame_context to the end, all else zero */
static inline void
put_trailer (Writer *w, guint max_tile_bits)
{
  put (w, 0, 1);                /* refresh_frame_context */
  put (w, 1, 1);                /* frame_parallel_decoding_mode */
  put (w, 3, 2);                /* frame_context_idx */
  put (w, 0, 6 + 3);            /* loop_filter_level, _sharpness */
  put (w, 0, 1);                /* loop_filter_delta_enabled */
  put (w, 255, 8);              /* base_q_idx */
  put (w, 1, 1);                /* delta_q_y_dc: -15 */
  put (w, 15 << 1 | 1, 5);
  put (w, 0, 2);                /* the other two: 0 */
  put (w, 0, 1);                /* segmentation_enabled */
  put (w, 0, MIN (max_tile_bits, 1));   /* increment_tile_cols_log2 */
  put (w, 3, 2);                /* tile_rows_log2: 2 */
  put (w, 7, 16);               /* header_size_in_bytes */
}

/* From the frame size to the end, all else zero */
static inline void
put_rest (Writer *w, guint width, guint height, guint max_tile_bits)
{
  put (w, width - 1, 16);
  put (w, height - 1, 16);
  put (w, 0, 1);                /* render_and_frame_size_different */
  put_trailer (w, max_tile_bits);
}

/* A shown inter frame of profile 0 that refers to slots 2, 5 and 7 and refreshes
 * slot 1, up to and without found_ref */
static inline void
put_inter_frame (Writer *w)
{
  put_start (w, 0, GST_VP9_INTER_FRAME, 1, 0);
  put (w, 0, 2);                /* reset_frame_context */
  put (w, 0x02, 8);             /* refresh_frame_flags */
  put (w, 2 << 1, 4);
  put (w, 5 << 1, 4);
  put (w, 7 << 1 | 1, 4);       /* the only sign bias */
}

/* The rest of it: the size of reference @found, by a whole header at the end */
static inline void
put_inter_rest (Writer *w, guint found, guint max_tile_bits)
{
  put (w, 1, found + 1);        /* found_ref */
  put (w, 0, 1);                /* render_and_frame_size_different */
  put (w, 0, 1);                /* allow_high_precision_mv */
  put (w, 1, 1);                /* is_filter_switchable */
  put_trailer (w, max_tile_bits);
}

/* Parses what was written, with the zeros after it: a frame of 256 bytes. */
static inline gboolean
written (const Writer *w, GstVp9FrameHdr *hdr, GstDaedalusVp9State *state,
    GError **error)
{
  return gst_daedalus_vp9_header_parse (hdr, state, w->data, sizeof (w->data),
      error);
}

#endif
