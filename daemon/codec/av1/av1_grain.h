/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Film grain parameters of a frame header: film_grain_params(), 5.9.30. */
#ifndef DAEDALUS_AV1_GRAIN_H
#define DAEDALUS_AV1_GRAIN_H

#include "av1_frame.h"
#include "codec/bit_writer.h"

/**
 * av1_grain_check() - is frame->grain legal?
 *
 * Return: NULL, or a phrase on what is wrong (static text).
 */
const char *av1_grain_check(const struct av1_frame *frame);

/** av1_put_film_grain() - film_grain_params(); film_grain_params_present must be 1 */
void av1_put_film_grain(struct bit_writer *writer, const struct av1_frame *frame);

#endif /* DAEDALUS_AV1_GRAIN_H */
