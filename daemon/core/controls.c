// SPDX-License-Identifier: LGPL-2.1-or-later
#include "controls.h"

/* The payload of control @id and its @size in bytes, or NULL. */
static const void *find_payload(const struct control_list *list, uint32_t id, size_t *size)
{
	size_t offset = 0;

	while (list->size - offset >= sizeof(struct daedalus_control)) {
		const struct daedalus_control *control =
			(const struct daedalus_control *)(list->data + offset);

		offset += sizeof(*control);
		if (control->size > list->size - offset)
			return NULL;
		if (control->id == id) {
			*size = control->size;
			return list->data + offset;
		}
		if (control_bytes(control->size) > list->size - offset)
			return NULL;
		offset += control_bytes(control->size);
	}
	return NULL;
}

const void *control_find(const struct control_list *list, uint32_t id, size_t size)
{
	size_t bytes = 0;
	const void *payload = find_payload(list, id, &bytes);

	return bytes == size ? payload : NULL;
}

const void *control_find_array(const struct control_list *list, uint32_t id, size_t element_size,
			       size_t max, size_t *count)
{
	size_t bytes = 0;
	const void *payload = find_payload(list, id, &bytes);

	*count = 0;
	if (!payload || !bytes || bytes % element_size || bytes / element_size > max)
		return NULL;
	*count = bytes / element_size;
	return payload;
}
