/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "gstdaedalusav1refs.h"

#include <string.h>

/**
 * gst_daedalus_av1_refs_fill:
 * @refs: slots before the frame is decoded
 * @control: (inout): control of the frame; reference_frame_ts is set
 */
void
gst_daedalus_av1_refs_fill (const GstDaedalusAv1Refs *refs,
    struct v4l2_ctrl_av1_frame *control)
{
  guint i;

  /* The control has nanoseconds, struct timeval of the buffer microseconds. */
  for (i = 0; i < GST_AV1_NUM_REF_FRAMES; i++)
    control->reference_frame_ts[i] =
        refs->pictures[i] ? refs->pictures[i]->timestamp * 1000 : 0;
}

/**
 * gst_daedalus_av1_refs_update:
 * @refs: (inout): the slots
 * @seq: the sequence header of the frame
 * @header: header of a frame that was submitted or shown
 * @picture: (transfer none): the frame's picture
 *
 * The reference frame update process of section 7.20. A key frame that
 * show_existing_frame shows goes to all slots (7.21).
 */
void
gst_daedalus_av1_refs_update (GstDaedalusAv1Refs *refs,
    const GstAV1SequenceHeaderOBU *seq, GstDaedalusAv1Header *header,
    GstDaedalusPicture *picture)
{
  GstAV1Parser *parser = g_new0 (GstAV1Parser, 1);
  guint i;

  gst_daedalus_av1_refs_drop (refs, header->lost_slots);
  for (i = 0; i < GST_AV1_NUM_REF_FRAMES; i++) {
    if (header->lost_slots & (1 << i))
      refs->state.entry[i].ref_order_hint = header->ref_order_hint[i];
    if (header->control.refresh_frame_flags & (1 << i))
      gst_daedalus_picture_replace (&refs->pictures[i], picture);
  }
  /* The update uses only these two fields of the parser. */
  parser->seq_header = (GstAV1SequenceHeaderOBU *) seq;
  parser->state.ref_info = refs->state;
  gst_av1_parser_reference_frame_update (parser, &header->parsed);
  refs->state = parser->state.ref_info;
  g_free (parser);
}

/**
 * gst_daedalus_av1_refs_drop:
 * @refs: (inout): the slots
 * @slots: bit n: empty slot n, because its new frame could not be decoded. The
 *   device still has the old frame, which later frames must not refer to
 */
void
gst_daedalus_av1_refs_drop (GstDaedalusAv1Refs *refs, guint8 slots)
{
  guint i;

  for (i = 0; i < GST_AV1_NUM_REF_FRAMES; i++) {
    if (!(slots & (1 << i)))
      continue;
    gst_daedalus_picture_replace (&refs->pictures[i], NULL);
    memset (&refs->state.entry[i], 0, sizeof (refs->state.entry[i]));
  }
}
