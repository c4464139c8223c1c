/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Reads the descriptors of section 4.10 of "AV1 Bitstream & Decoding Process
 * Specification". A read past the end gives 0 and is remembered, so a header is
 * parsed straight through and checked once.
 */
#ifndef GST_DAEDALUS_AV1_BITS_H
#define GST_DAEDALUS_AV1_BITS_H

#include <gst/base/gstbitreader.h>

G_BEGIN_DECLS

/**
 * GstDaedalusAv1Bits:
 * @reader: where it is
 * @overrun: something past the end was asked for
 */
typedef struct
{
  GstBitReader reader;
  gboolean overrun;
} GstDaedalusAv1Bits;

void gst_daedalus_av1_bits_init (GstDaedalusAv1Bits * b, const guint8 * data,
    gsize size);
guint32 gst_daedalus_av1_bits_f (GstDaedalusAv1Bits * b, guint n);
gint32 gst_daedalus_av1_bits_su (GstDaedalusAv1Bits * b, guint n);
guint32 gst_daedalus_av1_bits_ns (GstDaedalusAv1Bits * b, guint32 n);
guint32 gst_daedalus_av1_bits_le (GstDaedalusAv1Bits * b, guint n);
guint32 gst_daedalus_av1_bits_uvlc (GstDaedalusAv1Bits * b);
guint64 gst_daedalus_av1_bits_leb128 (GstDaedalusAv1Bits * b);
void gst_daedalus_av1_bits_align (GstDaedalusAv1Bits * b);
gsize gst_daedalus_av1_bits_bytes (const GstDaedalusAv1Bits * b);

G_END_DECLS
#endif
