/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The eight reference slots of an AV1 stream: their pictures, and the values
 * that the headers of later frames depend on.
 */
#ifndef GST_DAEDALUS_AV1_REFS_H
#define GST_DAEDALUS_AV1_REFS_H

#include "gstdaedalusav1header.h"
#include "core/gstdaedaluspicture.h"

G_BEGIN_DECLS

/**
 * GstDaedalusAv1Refs:
 * @state: for gst_daedalus_av1_header_parse(); all zero at the start of a
 *   stream
 * @pictures: pictures of the slots; %NULL if the slot is not valid
 */
typedef struct
{
  GstAV1ReferenceFrameInfo state;
  GstDaedalusPicture *pictures[GST_AV1_NUM_REF_FRAMES];
} GstDaedalusAv1Refs;

void gst_daedalus_av1_refs_fill (const GstDaedalusAv1Refs * refs,
    struct v4l2_ctrl_av1_frame *control);
void gst_daedalus_av1_refs_update (GstDaedalusAv1Refs * refs,
    const GstAV1SequenceHeaderOBU * seq, GstDaedalusAv1Header * header,
    GstDaedalusPicture * picture);
void gst_daedalus_av1_refs_drop (GstDaedalusAv1Refs * refs, guint8 slots);

G_END_DECLS
#endif
