/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* VP9 superframes: Annex B of the VP9 specification. */
#ifndef DAEDALUS_VP9_SUPERFRAME_H
#define DAEDALUS_VP9_SUPERFRAME_H

#include <stddef.h>
#include <stdint.h>

#define VP9_MAX_FRAMES_IN_SUPERFRAME	8

/**
 * struct vp9_superframe - superframe_index()
 * @frames:	frames_in_superframe_minus_1 + 1
 * @index_size:	bytes of the index at the end of the chunk; 0: there is no index, and the
 *		chunk is one frame
 * @sizes:	frame_sizes[]: bytes of each frame, not checked: they can be 0 or exceed the
 *		chunk
 */
struct vp9_superframe {
	unsigned int frames;
	size_t index_size;
	size_t sizes[VP9_MAX_FRAMES_IN_SUPERFRAME];
};

/**
 * vp9_superframe_read() - find the index at the end of a chunk
 * @superframe:	filled; if there is no index, with one frame of @size bytes
 * @data:	a chunk: a superframe or one frame, as containers store them
 * @size:	bytes of @data
 */
void vp9_superframe_read(struct vp9_superframe *superframe, const uint8_t *data, size_t size);

/** vp9_superframe_frames() - number of frames in the index of a chunk, 1..8; 1 without an index */
unsigned int vp9_superframe_frames(const uint8_t *data, size_t size);

#endif /* DAEDALUS_VP9_SUPERFRAME_H */
