/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "gstdaedalusav1bits.h"

/**
 * gst_daedalus_av1_bits_init:
 * @b: to initialise
 * @data: (transfer none): what is read; must outlive @b
 * @size: bytes of @data; more than 256 MiB of them are not looked at
 */
void
gst_daedalus_av1_bits_init (GstDaedalusAv1Bits *b, const guint8 *data,
    gsize size)
{
  /* GstBitReader counts bits in 32-bit integers. */
  gst_bit_reader_init (&b->reader, data, MIN (size, G_MAXUINT32 / 16));
  b->overrun = FALSE;
}

/**
 * gst_daedalus_av1_bits_f:
 * @b: the reader
 * @n: number of bits, 0..32
 *
 * Returns: f(n) of section 4.10.2, 0 past the end
 */
guint32
gst_daedalus_av1_bits_f (GstDaedalusAv1Bits *b, guint n)
{
  guint32 value = 0;

  if (n == 0)
    return 0;
  if (b->overrun || !gst_bit_reader_get_bits_uint32 (&b->reader, &value, n)) {
    b->overrun = TRUE;
    return 0;
  }
  return value;
}

/**
 * gst_daedalus_av1_bits_su:
 * @b: the reader
 * @n: number of bits with the sign, 2..32
 *
 * Returns: su(n) of section 4.10.6
 */
gint32
gst_daedalus_av1_bits_su (GstDaedalusAv1Bits *b, guint n)
{
  gint64 value = gst_daedalus_av1_bits_f (b, n);

  return value >> (n - 1) ? value - (G_GINT64_CONSTANT (1) << n) : value;
}

/**
 * gst_daedalus_av1_bits_ns:
 * @b: the reader
 * @n: number of values, 1..2^30
 *
 * Returns: ns(n) of section 4.10.7, below @n
 */
guint32
gst_daedalus_av1_bits_ns (GstDaedalusAv1Bits *b, guint32 n)
{
  guint w = g_bit_storage (n);
  guint32 m = (1u << w) - n;
  guint32 v = gst_daedalus_av1_bits_f (b, w - 1);

  if (v < m)
    return v;
  return (v << 1) - m + gst_daedalus_av1_bits_f (b, 1);
}

/**
 * gst_daedalus_av1_bits_le:
 * @b: the reader
 * @n: number of bytes, 0..4
 *
 * Returns: le(n) of section 4.10.4
 */
guint32
gst_daedalus_av1_bits_le (GstDaedalusAv1Bits *b, guint n)
{
  guint32 value = 0;
  guint i;

  for (i = 0; i < n; i++)
    value |= gst_daedalus_av1_bits_f (b, 8) << (8 * i);
  return value;
}

/**
 * gst_daedalus_av1_bits_uvlc:
 * @b: the reader
 *
 * Returns: uvlc() of section 4.10.3
 */
guint32
gst_daedalus_av1_bits_uvlc (GstDaedalusAv1Bits *b)
{
  guint zeros = 0;

  while (!b->overrun && !gst_daedalus_av1_bits_f (b, 1))
    zeros++;
  if (zeros >= 32)
    return G_MAXUINT32;
  return gst_daedalus_av1_bits_f (b, zeros) + (1u << zeros) - 1;
}

/**
 * gst_daedalus_av1_bits_leb128:
 * @b: the reader
 *
 * Returns: leb128() of section 4.10.5. What does not fit into 32 bits, which the
 *   specification forbids, counts as an overrun
 */
guint64
gst_daedalus_av1_bits_leb128 (GstDaedalusAv1Bits *b)
{
  guint64 value = 0;
  guint32 byte;
  guint i;

  for (i = 0; i < 8; i++) {
    byte = gst_daedalus_av1_bits_f (b, 8);
    value |= (guint64) (byte & 0x7f) << (7 * i);
    if (!(byte & 0x80))
      break;
  }
  if (i == 8 || value > G_MAXUINT32)
    b->overrun = TRUE;
  return value;
}

/**
 * gst_daedalus_av1_bits_align:
 * @b: the reader, which goes on with the next whole byte
 */
void
gst_daedalus_av1_bits_align (GstDaedalusAv1Bits *b)
{
  gst_bit_reader_skip_to_byte (&b->reader);
}

/**
 * gst_daedalus_av1_bits_bytes:
 * @b: the reader
 *
 * Returns: bytes that were read, the last of which maybe not to the end
 */
gsize
gst_daedalus_av1_bits_bytes (const GstDaedalusAv1Bits *b)
{
  return (gst_bit_reader_get_pos (&b->reader) + 7) / 8;
}
