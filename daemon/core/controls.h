/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The control values that come with a job. */
#ifndef DAEDALUS_CONTROLS_H
#define DAEDALUS_CONTROLS_H

#include <stddef.h>
#include <stdint.h>

#include "daedalus_v4l2_proto.h"

/**
 * struct control_list - the control values of a job, not owned
 * @data:	for each control a struct daedalus_control, its payload and padding; 8-aligned
 * @size:	bytes of @data
 */
struct control_list {
	const uint8_t *data;
	size_t size;
};

/** control_bytes() - room that a payload of @size bytes takes in a list */
static inline size_t control_bytes(size_t size)
{
	return (size + DAEDALUS_CONTROL_ALIGN - 1) & ~(size_t)(DAEDALUS_CONTROL_ALIGN - 1);
}

/**
 * control_find() - the payload of a control
 * @list:	checked by message_parse()
 * @id:		V4L2_CID_*
 * @size:	bytes that the payload must have
 *
 * Return: the payload, 8-aligned; NULL if the control is missing or has another size.
 */
const void *control_find(const struct control_list *list, uint32_t id, size_t size);

/**
 * control_find_array() - the elements of a dynamic array control
 * @list:		checked by message_parse()
 * @id:			V4L2_CID_*, e.g. V4L2_CID_STATELESS_AV1_TILE_GROUP_ENTRY
 * @element_size:	bytes of an element, not 0
 * @max:		most elements that the control may have, e.g. V4L2_AV1_MAX_TILE_COUNT
 * @count:		set to the number of elements, 1..@max; to 0 if NULL is returned
 *
 * Return: the first element, 8-aligned, the others follow without gaps; NULL if
 * the control is missing, is empty, has more than @max elements, or its size is
 * not a multiple of @element_size.
 */
const void *control_find_array(const struct control_list *list, uint32_t id, size_t element_size,
			       size_t max, size_t *count);

#endif /* DAEDALUS_CONTROLS_H */
