/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Writes the descriptors of AV1 headers (AV1 specification, 4.10 and 5.9.26 to 5.9.29). */
#ifndef DAEDALUS_AV1_BITS_H
#define DAEDALUS_AV1_BITS_H

#include "codec/bit_writer.h"

/** av1_put_flag() - f(1) */
void av1_put_flag(struct bit_writer *writer, bool value);

/** av1_put_su() - su(@bits): two's complement, @value within -2^(@bits - 1)..2^(@bits - 1) - 1 */
void av1_put_su(struct bit_writer *writer, int32_t value, unsigned int bits);

/** av1_put_ns() - ns(@count): @value is 0..@count - 1 */
void av1_put_ns(struct bit_writer *writer, uint32_t value, uint32_t count);

/**
 * av1_put_signed_subexp() - the inverse of decode_signed_subexp_with_ref(-@limit, @limit + 1, @ref)
 *
 * @value and @ref are -@limit..@limit, @limit less than 2^16.
 */
void av1_put_signed_subexp(struct bit_writer *writer, int32_t value, int32_t ref, int32_t limit);

/** av1_put_leb128() - leb128() in the smallest number of bytes */
void av1_put_leb128(struct bit_writer *writer, uint32_t value);

/** av1_put_alignment() - byte_alignment(): zero bits up to the next byte boundary */
void av1_put_alignment(struct bit_writer *writer);

#endif /* DAEDALUS_AV1_BITS_H */
