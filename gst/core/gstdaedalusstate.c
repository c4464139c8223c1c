/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "gstdaedalusstate.h"

#include <string.h>

/* What gst_video_codec_state_unref() frees, which is with the slice allocator up
 * to 1.23.0. */
static gpointer
copy_for_state (gconstpointer from, gsize size)
{
  guint major, minor, micro, nano;
  gpointer to;

  gst_version (&major, &minor, &micro, &nano);
  if (major == 1 && (minor < 23 || (minor == 23 && micro == 0)))
    to = g_slice_alloc (size);
  else
    to = g_malloc (size);
  memcpy (to, from, size);
  return to;
}

/**
 * gst_daedalus_state_new:
 * @from: (transfer none) (nullable): what upstream says of a stream
 *
 * Returns: (transfer full): a state of its own that says the same
 */
GstVideoCodecState *
gst_daedalus_state_new (GstVideoCodecState *from)
{
  GstVideoCodecState blank, *state;

  memset (&blank, 0, sizeof (blank));
  state = copy_for_state (&blank, sizeof (blank));
  state->ref_count = 1;
  gst_video_info_init (&state->info);
  if (from) {
    state->info = from->info;
    gst_caps_replace (&state->caps, from->caps);
    gst_buffer_replace (&state->codec_data, from->codec_data);
  }
  return state;
}

/**
 * gst_daedalus_state_set_hdr:
 * @state: of gst_daedalus_state_new(), once
 * @mastering: (nullable): what the stream says
 * @light: (nullable): what the stream says
 *
 * Sets the HDR information: that of the caps of @state, or else these.
 */
void
gst_daedalus_state_set_hdr (GstVideoCodecState *state,
    const GstVideoMasteringDisplayInfo *mastering,
    const GstVideoContentLightLevel *light)
{
  GstVideoMasteringDisplayInfo caps_mastering;
  GstVideoContentLightLevel caps_light;

  gst_video_mastering_display_info_init (&caps_mastering);
  gst_video_content_light_level_init (&caps_light);
  if (state->caps
      && gst_video_mastering_display_info_from_caps (&caps_mastering,
          state->caps))
    mastering = &caps_mastering;
  if (state->caps
      && gst_video_content_light_level_from_caps (&caps_light, state->caps))
    light = &caps_light;
  if (mastering)
    state->mastering_display_info =
        copy_for_state (mastering, sizeof (*mastering));
  if (light)
    state->content_light_level = copy_for_state (light, sizeof (*light));
}
