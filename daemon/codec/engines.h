/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The table of all codecs. Finds the codecs that work on this machine. */
#ifndef DAEDALUS_ENGINES_H
#define DAEDALUS_ENGINES_H

#include "core/records.h"
#include "daedalus_v4l2_proto.h"
#include "engine.h"

/**
 * engines_load() - load every codec's library and fill in the hello
 * @hello:	num_codecs, codecs and engine are set
 *
 * Logs a line for each codec that has no library.
 *
 * Return: number of codecs that work, 0..DAEDALUS_MAX_CODECS.
 */
unsigned int engines_load(struct daedalus_hello *hello);

/**
 * engines_describe() - add a record "codec" for each codec of this build
 * @to:	gets name, fourcc and state: "ok" with library, or "missing" with reason
 *
 * Call it after engines_load().
 */
void engines_describe(struct record_text *to);

/** engines_find() - find the engine of a coded format; NULL if its library was not loaded */
const struct engine_ops *engines_find(uint32_t pixelformat);

#endif /* DAEDALUS_ENGINES_H */
