/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* GstVideoCodecStates that join what upstream and what the stream says. */
#ifndef GST_DAEDALUS_STATE_H
#define GST_DAEDALUS_STATE_H

#include <gst/video/video.h>
#include <gst/video/gstvideoutils.h>

G_BEGIN_DECLS

GstVideoCodecState *gst_daedalus_state_new (GstVideoCodecState * from);
void gst_daedalus_state_set_hdr (GstVideoCodecState * state,
    const GstVideoMasteringDisplayInfo * mastering,
    const GstVideoContentLightLevel * light);

G_END_DECLS
#endif
