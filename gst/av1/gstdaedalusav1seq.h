/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The sequence header of AV1, parsed with GstAV1Parser. */
#ifndef GST_DAEDALUS_AV1_SEQ_H
#define GST_DAEDALUS_AV1_SEQ_H

#include <gst/codecparsers/gstav1parser.h>

G_BEGIN_DECLS

gboolean gst_daedalus_av1_sequence_parse (GstAV1SequenceHeaderOBU * seq,
    const guint8 * data, gsize size, GError ** error);
gboolean gst_daedalus_av1_sequence_equal (const GstAV1SequenceHeaderOBU * a,
    const GstAV1SequenceHeaderOBU * b);
gboolean gst_daedalus_av1_supported (guint profile, guint bit_depth,
    gboolean subsampling_x, gboolean subsampling_y, GError ** error);

G_END_DECLS
#endif
