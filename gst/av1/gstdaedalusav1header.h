/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The uncompressed header of an AV1 frame. Names are those of section 5.9 of
 * "AV1 Bitstream & Decoding Process Specification".
 */
#ifndef GST_DAEDALUS_AV1_HEADER_H
#define GST_DAEDALUS_AV1_HEADER_H

#include "gstdaedalusav1obu.h"
#include "gstdaedalusav1seq.h"

#include <linux/v4l2-controls.h>

G_BEGIN_DECLS

#define GST_DAEDALUS_AV1_ALL_FRAMES 0xff

/**
 * GstDaedalusAv1Header:
 * @control: V4L2_CID_STATELESS_AV1_FRAME without reference_frame_ts. With
 *   show_existing_frame, only refresh_frame_flags and frame_type are valid.
 *   After a failure refresh_frame_flags has the slots that may be wrong from now
 *   on
 * @film_grain: V4L2_CID_STATELESS_AV1_FILM_GRAIN
 * @lost_slots: bit n: the frame that the encoder had in slot n never arrived
 * @ref_order_hint: RefOrderHint of each slot from this frame on
 * @size: bytes of this header in the payload of an OBU_FRAME, which are
 *   followed by the tile group
 * @parsed: the whole header, for gst_av1_parser_reference_frame_update()
 */
typedef struct
{
  struct v4l2_ctrl_av1_frame control;
  struct v4l2_ctrl_av1_film_grain film_grain;
  guint8 lost_slots;
  guint32 ref_order_hint[GST_AV1_NUM_REF_FRAMES];
  gsize size;
  GstAV1FrameHeaderOBU parsed;
} GstDaedalusAv1Header;

gboolean gst_daedalus_av1_header_parse (GstDaedalusAv1Header * header,
    const GstAV1SequenceHeaderOBU * seq, const GstAV1ReferenceFrameInfo * state,
    const GstDaedalusAv1Obu * obu, GError ** error);

G_END_DECLS
#endif
