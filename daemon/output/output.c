// SPDX-License-Identifier: LGPL-2.1-or-later
#include "output.h"

const char *output_check(const struct output_target *target,
			 const struct decoded_picture *picture)
{
	const struct capture_format *format = target->format;
	unsigned int i;

	if (picture->bit_depth != format->bit_depth)
		return "the picture's bit depth is not that of the CAPTURE format";
	if (!picture->width || !picture->height)
		return "the picture is empty";
	if (picture->width > target->width || picture->height > target->height)
		return "the picture is larger than the CAPTURE format";

	for (i = 0; i < format->num_components; i++) {
		const struct capture_component *shape = &format->components[i];
		const struct output_plane *plane = &target->planes[i];

		if (plane->stride < capture_row_bytes(shape, picture->width) ||
		    plane->stride % format->alignment ||
		    (uintptr_t)plane->data % format->alignment)
			return "bytesperline or alignment of a CAPTURE plane does not fit";
		if (capture_component_bytes(shape, picture->width, picture->height,
					    plane->stride) > plane->size)
			return "a CAPTURE plane is too small for the picture";
	}
	return NULL;
}
