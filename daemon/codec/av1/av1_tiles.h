/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Tile layout of a frame: tile_info(), 5.9.15. */
#ifndef DAEDALUS_AV1_TILES_H
#define DAEDALUS_AV1_TILES_H

#include "av1_frame.h"
#include "codec/bit_writer.h"

/* TileSizeBytes of the frames that are written. */
#define AV1_TILE_SIZE_BYTES	4

/**
 * av1_layout_init() - fill frame->layout from control->tile_info
 * @frame:	frame size, @sb_cols and @sb_rows are set
 *
 * Return: NULL, or a phrase on what is wrong (static text).
 */
const char *av1_layout_init(struct av1_frame *frame);

/** av1_tile() - find the entry of a tile; @row and @col are in the layout; NULL if it is missing */
const struct v4l2_ctrl_av1_tile_group_entry *av1_tile(const struct av1_frame *frame,
						      unsigned int row, unsigned int col);

/** av1_put_tile_info() - tile_info() */
void av1_put_tile_info(struct bit_writer *writer, const struct av1_frame *frame);

#endif /* DAEDALUS_AV1_TILES_H */
