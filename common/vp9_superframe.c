// SPDX-License-Identifier: LGPL-2.1-or-later
#include "vp9_superframe.h"

#define SUPERFRAME_MARKER	0xc0
#define SUPERFRAME_MARKER_MASK	0xe0

void vp9_superframe_read(struct vp9_superframe *superframe, const uint8_t *data, size_t size)
{
	const uint8_t header = size ? data[size - 1] : 0;
	const unsigned int frames = (header & 7) + 1U;
	const unsigned int bytes_per_size = (header >> 3 & 3) + 1U;
	const size_t index_size = 2 + (size_t)bytes_per_size * frames;
	const uint8_t *field;
	unsigned int i, k;

	*superframe = (struct vp9_superframe){ .frames = 1, .sizes = { size } };
	/* The index begins and ends with superframe_header(). */
	if ((header & SUPERFRAME_MARKER_MASK) != SUPERFRAME_MARKER ||
	    index_size > size || data[size - index_size] != header)
		return;
	superframe->frames = frames;
	superframe->index_size = index_size;
	field = data + size - index_size + 1;
	for (i = 0; i < frames; i++) {
		superframe->sizes[i] = 0;
		for (k = 0; k < bytes_per_size; k++)
			superframe->sizes[i] |= (size_t)*field++ << 8 * k;
	}
}

unsigned int vp9_superframe_frames(const uint8_t *data, size_t size)
{
	struct vp9_superframe superframe;

	vp9_superframe_read(&superframe, data, size);
	return superframe.frames;
}
