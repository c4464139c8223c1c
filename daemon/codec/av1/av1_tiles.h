/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How a frame is split into tiles: tile_info(), 5.9.15. */
#ifndef DAEDALUS_AV1_TILES_H
#define DAEDALUS_AV1_TILES_H

#include "av1_frame.h"
#include "codec/bit_writer.h"

/* All tile sizes are written with as many bytes. */
#define AV1_TILE_SIZE_BYTES	4

/**
 * av1_layout_init() - fill frame->layout from control->tile_info
 * @frame:	sizes and superblocks are set
 *
 * Return: NULL, or a phrase on what is wrong.
 */
const char *av1_layout_init(struct av1_frame *frame);

/** av1_tile() - the entry of a tile, @row and @col within the layout; NULL if it is missing */
const struct v4l2_ctrl_av1_tile_group_entry *av1_tile(const struct av1_frame *frame,
						      unsigned int row, unsigned int col);

/** av1_put_tile_info() - tile_info() */
void av1_put_tile_info(struct bit_writer *writer, const struct av1_frame *frame);

#endif /* DAEDALUS_AV1_TILES_H */
