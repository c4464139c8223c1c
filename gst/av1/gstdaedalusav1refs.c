/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "gstdaedalusav1refs.h"

#include <string.h>

/**
 * gst_daedalus_av1_refs_fill:
 * @refs: slots before the frame is decoded
 * @control: of the frame; gets its reference_frame_ts
 */
void
gst_daedalus_av1_refs_fill (const GstDaedalusAv1Refs *refs,
    struct v4l2_ctrl_av1_frame *control)
{
  guint i;

  /* V4L2 compares in nanoseconds what struct timeval carries in microseconds */
  for (i = 0; i < GST_DAEDALUS_AV1_NUM_REF_FRAMES; i++)
    control->reference_frame_ts[i] =
        refs->pictures[i] ? refs->pictures[i]->timestamp * 1000 : 0;
}

static void
save_slot (GstDaedalusAv1Slot *slot, const GstDaedalusAv1Header *header)
{
  const struct v4l2_ctrl_av1_frame *c = &header->control;

  G_STATIC_ASSERT (sizeof (slot->gm_params) ==
      sizeof (c->global_motion.params));

  slot->valid = TRUE;
  slot->frame_type = c->frame_type;
  slot->frame_id = c->current_frame_id;
  slot->order_hint = c->order_hint;
  slot->upscaled_width = c->upscaled_width;
  slot->frame_height = c->frame_height_minus_1 + 1;
  slot->render_width = c->render_width_minus_1 + 1;
  slot->render_height = c->render_height_minus_1 + 1;
  memcpy (slot->ref_deltas, c->loop_filter.ref_deltas,
      sizeof (slot->ref_deltas));
  memcpy (slot->mode_deltas, c->loop_filter.mode_deltas,
      sizeof (slot->mode_deltas));
  memcpy (slot->feature_enabled, c->segmentation.feature_enabled,
      sizeof (slot->feature_enabled));
  memcpy (slot->feature_data, c->segmentation.feature_data,
      sizeof (slot->feature_data));
  memcpy (slot->gm_params, c->global_motion.params, sizeof (slot->gm_params));
  slot->film_grain = header->film_grain;
}

/**
 * gst_daedalus_av1_refs_update:
 * @refs: changed
 * @header: of a frame that was submitted or shown
 * @picture: (transfer none): its picture
 *
 * The reference frame update process of section 7.20. A key frame that is shown
 * later than decoded goes to all slots (7.21).
 */
void
gst_daedalus_av1_refs_update (GstDaedalusAv1Refs *refs,
    const GstDaedalusAv1Header *header, GstDaedalusPicture *picture)
{
  const GstDaedalusAv1Slot shown =
      refs->state.slots[header->frame_to_show_map_idx];
  guint i;

  for (i = 0; i < GST_DAEDALUS_AV1_NUM_REF_FRAMES; i++) {
    GstDaedalusAv1Slot *slot = &refs->state.slots[i];

    if (header->lost_slots & (1 << i)) {
      gst_daedalus_av1_refs_drop (refs, 1 << i);
      slot->order_hint = header->ref_order_hint[i];
    }
    if (!(header->control.refresh_frame_flags & (1 << i)))
      continue;
    gst_daedalus_picture_replace (&refs->pictures[i], picture);
    if (header->show_existing_frame)
      *slot = shown;
    else
      save_slot (slot, header);
  }
}

/**
 * gst_daedalus_av1_refs_drop:
 * @refs: changed
 * @slots: bit n: empty slot n, as what belongs there could not be decoded. The
 *   device still has what was there, which later frames must not get instead
 */
void
gst_daedalus_av1_refs_drop (GstDaedalusAv1Refs *refs, guint8 slots)
{
  guint i;

  for (i = 0; i < GST_DAEDALUS_AV1_NUM_REF_FRAMES; i++) {
    if (!(slots & (1 << i)))
      continue;
    gst_daedalus_picture_replace (&refs->pictures[i], NULL);
    memset (&refs->state.slots[i], 0, sizeof (refs->state.slots[i]));
  }
}
