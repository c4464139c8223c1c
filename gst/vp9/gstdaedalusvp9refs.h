/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The eight reference slots of a VP9 stream, and the V4L2 control that tells a
 * device about a frame and the slots it uses.
 */
#ifndef GST_DAEDALUS_VP9_REFS_H
#define GST_DAEDALUS_VP9_REFS_H

#include "core/gstdaedaluspicture.h"
#include "gstdaedalusvp9header.h"

G_BEGIN_DECLS

/**
 * GstDaedalusVp9Refs:
 * @slots: pictures that later frames may refer to; %NULL for an empty slot
 */
typedef struct
{
  GstDaedalusPicture *slots[GST_VP9_REF_FRAMES];
} GstDaedalusVp9Refs;

gboolean gst_daedalus_vp9_refs_check (const GstDaedalusVp9Refs * refs,
    const GstVp9FrameHdr * hdr, GError ** error);
void gst_daedalus_vp9_refs_update (GstDaedalusVp9Refs * refs,
    const GstVp9FrameHdr * hdr, GstDaedalusPicture * picture);
void gst_daedalus_vp9_refs_clear (GstDaedalusVp9Refs * refs);

gboolean gst_daedalus_vp9_supported (guint profile,
    const GstDaedalusVp9Color * color, GError ** error);
void gst_daedalus_vp9_fill_frame (struct v4l2_ctrl_vp9_frame *ctrl,
    const GstVp9FrameHdr * hdr, const GstDaedalusVp9State * state,
    const GstDaedalusVp9Refs * refs);

G_END_DECLS
#endif
