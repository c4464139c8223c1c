/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What follows from the order in which frames are to be shown. */
#include "gstdaedalusav1parser.h"

#define NONE -1

/**
 * gst_daedalus_av1_relative_dist:
 * @seq: the sequence header
 * @a: an order hint
 * @b: another
 *
 * Returns: get_relative_dist() of section 5.9.3: positive if @a is shown later
 */
gint
gst_daedalus_av1_relative_dist (const GstDaedalusAv1Sequence *seq, guint32 a,
    guint32 b)
{
  gint diff, m;

  if (!seq->control.order_hint_bits)
    return 0;
  m = 1 << (seq->control.order_hint_bits - 1);
  diff = (gint) a - (gint) b;
  return (diff & (m - 1)) - (diff & m);
}

/* Distances of the slots from the current frame, and which are taken */
typedef struct
{
  gint dist[GST_DAEDALUS_AV1_NUM_REF_FRAMES];
  gboolean used[GST_DAEDALUS_AV1_NUM_REF_FRAMES];
} Candidates;

typedef enum
{
  LATEST_BACKWARD,
  EARLIEST_BACKWARD,
  LATEST_FORWARD,
  EARLIEST,
} Wanted;

/* find_latest_backward(), find_earliest_backward(), find_latest_forward() and
 * the choice at the end of section 7.8. */
static gint
find (Candidates *c, Wanted wanted)
{
  gint best = NONE, i;

  for (i = 0; i < GST_DAEDALUS_AV1_NUM_REF_FRAMES; i++) {
    const gint dist = c->dist[i];

    if (wanted != EARLIEST && (c->used[i]
            || (dist >= 0) == (wanted == LATEST_FORWARD)))
      continue;
    if (best != NONE && (wanted == LATEST_BACKWARD || wanted == LATEST_FORWARD ?
            dist < c->dist[best] : dist >= c->dist[best]))
      continue;
    best = i;
  }
  if (best != NONE)
    c->used[best] = TRUE;
  return best;
}

/**
 * gst_daedalus_av1_set_frame_refs:
 * @p: the parser
 * @last_frame_idx: slot of LAST_FRAME
 * @gold_frame_idx: slot of GOLDEN_FRAME
 *
 * The set frame refs process of section 7.8.
 */
void
gst_daedalus_av1_set_frame_refs (GstDaedalusAv1Parser *p, guint last_frame_idx,
    guint gold_frame_idx)
{
  static const struct
  {
    enum v4l2_av1_reference_frame ref;
    Wanted wanted;
  } steps[] = {
    {V4L2_AV1_REF_ALTREF_FRAME, LATEST_BACKWARD},
    {V4L2_AV1_REF_BWDREF_FRAME, EARLIEST_BACKWARD},
    {V4L2_AV1_REF_ALTREF2_FRAME, EARLIEST_BACKWARD},
    {V4L2_AV1_REF_LAST2_FRAME, LATEST_FORWARD},
    {V4L2_AV1_REF_LAST3_FRAME, LATEST_FORWARD},
    {V4L2_AV1_REF_BWDREF_FRAME, LATEST_FORWARD},
    {V4L2_AV1_REF_ALTREF2_FRAME, LATEST_FORWARD},
    {V4L2_AV1_REF_ALTREF_FRAME, LATEST_FORWARD},
  };
  GstDaedalusAv1Header *h = p->header;
  gint8 *idx = h->control.ref_frame_idx;
  Candidates c = { 0 };
  gint earliest;
  guint i;

  for (i = 0; i < GST_DAEDALUS_AV1_NUM_REF_FRAMES; i++)
    c.dist[i] = gst_daedalus_av1_relative_dist (p->seq, h->ref_order_hint[i],
        h->control.order_hint);
  for (i = 0; i < V4L2_AV1_REFS_PER_FRAME; i++)
    idx[i] = NONE;
  idx[0] = last_frame_idx;
  idx[V4L2_AV1_REF_GOLDEN_FRAME - V4L2_AV1_REF_LAST_FRAME] = gold_frame_idx;
  c.used[last_frame_idx] = TRUE;
  c.used[gold_frame_idx] = TRUE;

  for (i = 0; i < G_N_ELEMENTS (steps); i++) {
    gint8 *ref = &idx[steps[i].ref - V4L2_AV1_REF_LAST_FRAME];

    if (*ref == NONE)
      *ref = find (&c, steps[i].wanted);
  }
  earliest = find (&c, EARLIEST);
  for (i = 0; i < V4L2_AV1_REFS_PER_FRAME; i++) {
    if (idx[i] == NONE)
      idx[i] = earliest;
  }
}

/* The reference with the latest order hint before @limit, or the earliest after
 * it. NONE if there is none. */
static gint
nearest_ref (GstDaedalusAv1Parser *p, guint32 limit, gboolean before)
{
  const guint32 *hints =
      p->header->control.order_hints + V4L2_AV1_REF_LAST_FRAME;
  gint best = NONE, i;

  for (i = 0; i < V4L2_AV1_REFS_PER_FRAME; i++) {
    gint dist = gst_daedalus_av1_relative_dist (p->seq, hints[i], limit);
    gint gain;

    if (before ? dist >= 0 : dist <= 0)
      continue;
    if (best != NONE) {
      gain = gst_daedalus_av1_relative_dist (p->seq, hints[i], hints[best]);
      if (before ? gain <= 0 : gain >= 0)
        continue;
    }
    best = i;
  }
  return best;
}

/**
 * gst_daedalus_av1_parse_skip_mode:
 * @p: the parser, with an inter frame
 *
 * skip_mode_params() of section 5.9.22.
 */
void
gst_daedalus_av1_parse_skip_mode (GstDaedalusAv1Parser *p)
{
  struct v4l2_ctrl_av1_frame *c = &p->header->control;
  gint forward, second;

  if (!(c->flags & V4L2_AV1_FRAME_FLAG_REFERENCE_SELECT)
      || !p->seq->control.order_hint_bits)
    return;
  forward = nearest_ref (p, c->order_hint, TRUE);
  if (forward == NONE)
    return;
  second = nearest_ref (p, c->order_hint, FALSE);
  if (second == NONE)
    second = nearest_ref (p, c->order_hints[V4L2_AV1_REF_LAST_FRAME + forward],
        TRUE);
  if (second == NONE)
    return;
  c->flags |= V4L2_AV1_FRAME_FLAG_SKIP_MODE_ALLOWED;
  c->skip_mode_frame[0] = V4L2_AV1_REF_LAST_FRAME + MIN (forward, second);
  c->skip_mode_frame[1] = V4L2_AV1_REF_LAST_FRAME + MAX (forward, second);
  gst_daedalus_av1_parser_flag (p, V4L2_AV1_FRAME_FLAG_SKIP_MODE_PRESENT);
}
