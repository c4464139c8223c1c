/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the files of the frame header parser share:
 *  gstdaedalusav1header.c   section 5.9.2 and sizes
 *  gstdaedalusav1order.c    what follows from order hints: 7.8, 5.9.22
 *  gstdaedalusav1params.c   tiles, quantizer, segments, filters
 *  gstdaedalusav1motion.c   global motion
 *  gstdaedalusav1grain.c    film grain
 *
 * Each function reads the part of the header it is named for into the control;
 * those that return a gboolean return %FALSE with an error if it is impossible.
 */
#ifndef GST_DAEDALUS_AV1_PARSER_H
#define GST_DAEDALUS_AV1_PARSER_H

#include "gstdaedalusav1bits.h"
#include "gstdaedalusav1header.h"

G_BEGIN_DECLS

/**
 * GstDaedalusAv1Parser:
 * @bits: where it is in the payload
 * @seq: (transfer none): the sequence header in force
 * @state: (transfer none): left by earlier frames
 * @header: (transfer none): being filled
 * @error: (nullable): where failures go
 *
 * A frame header while it is parsed.
 */
typedef struct
{
  GstDaedalusAv1Bits bits;
  const GstDaedalusAv1Sequence *seq;
  const GstDaedalusAv1State *state;
  GstDaedalusAv1Header *header;
  GError **error;
} GstDaedalusAv1Parser;

gboolean gst_daedalus_av1_parser_fail (GstDaedalusAv1Parser * p,
    const gchar * format, ...) G_GNUC_PRINTF (2, 3);
gboolean gst_daedalus_av1_parser_flag (GstDaedalusAv1Parser * p, guint32 flag);
const GstDaedalusAv1Slot *gst_daedalus_av1_parser_need_slot
    (GstDaedalusAv1Parser * p, guint slot);

gint gst_daedalus_av1_relative_dist (const GstDaedalusAv1Sequence * seq,
    guint32 a, guint32 b);
void gst_daedalus_av1_set_frame_refs (GstDaedalusAv1Parser * p,
    guint last_frame_idx, guint gold_frame_idx);
void gst_daedalus_av1_parse_skip_mode (GstDaedalusAv1Parser * p);

gboolean gst_daedalus_av1_parse_tile_info (GstDaedalusAv1Parser * p);
void gst_daedalus_av1_parse_quantization (GstDaedalusAv1Parser * p);
void gst_daedalus_av1_parse_segmentation (GstDaedalusAv1Parser * p);
void gst_daedalus_av1_parse_delta_q_lf (GstDaedalusAv1Parser * p);
gboolean gst_daedalus_av1_coded_lossless (const GstDaedalusAv1Header * header);
void gst_daedalus_av1_default_deltas (struct v4l2_av1_loop_filter *lf);
void gst_daedalus_av1_parse_loop_filter (GstDaedalusAv1Parser * p,
    gboolean coded_lossless);
void gst_daedalus_av1_parse_cdef (GstDaedalusAv1Parser * p,
    gboolean coded_lossless);
void gst_daedalus_av1_parse_loop_restoration (GstDaedalusAv1Parser * p,
    gboolean all_lossless);

void gst_daedalus_av1_parse_global_motion (GstDaedalusAv1Parser * p);
gboolean gst_daedalus_av1_parse_film_grain (GstDaedalusAv1Parser * p);

G_END_DECLS
#endif
