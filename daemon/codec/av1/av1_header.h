/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The frame header: uncompressed_header(), 5.9.2. */
#ifndef DAEDALUS_AV1_HEADER_H
#define DAEDALUS_AV1_HEADER_H

#include "av1_frame.h"
#include "av1_refs.h"
#include "codec/bit_writer.h"

/** av1_put_frame_header() - uncompressed_header() */
void av1_put_frame_header(struct bit_writer *writer, const struct av1_frame *frame,
			  const struct av1_refs *refs);

#endif /* DAEDALUS_AV1_HEADER_H */
