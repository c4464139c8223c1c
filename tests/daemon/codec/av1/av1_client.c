// SPDX-License-Identifier: LGPL-2.1-or-later
#include "av1_client.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The controls of a request in the layout of a job. */
struct controls {
	_Alignas(DAEDALUS_CONTROL_ALIGN) uint8_t data[DAEDALUS_MSG_MAX];
	size_t size;
};

static void add_control(struct controls *controls, uint32_t id, const void *payload, size_t size)
{
	struct daedalus_control header = { .id = id, .size = (uint32_t)size };

	memcpy(controls->data + controls->size, &header, sizeof(header));
	controls->size += sizeof(header);
	if (size)
		memcpy(controls->data + controls->size, payload, size);
	controls->size += (size + DAEDALUS_CONTROL_ALIGN - 1) / DAEDALUS_CONTROL_ALIGN *
			  DAEDALUS_CONTROL_ALIGN;
}

static void pack(struct av1_picture *to, const struct decoded_picture *picture)
{
	size_t sample = picture->bit_depth > 8 ? 2 : 1;
	size_t columns = (picture->width + 1) / 2, rows = (picture->height + 1) / 2;
	uint8_t *data;
	size_t i, y;

	to->size = sample * ((size_t)picture->width * picture->height + 2 * columns * rows);
	to->data = data = malloc(to->size);
	if (!data)
		abort();
	for (i = 0; i < 3; i++) {
		size_t bytes = sample * (i ? columns : picture->width);

		for (y = 0; y < (i ? rows : picture->height); y++, data += bytes)
			memcpy(data, picture->data[i] + (ptrdiff_t)y * picture->stride[i], bytes);
	}
}

/* Damage a unit as @how says. Return: bytes of its OUTPUT payload. */
static size_t spoil(struct controls *controls, struct av1_unit *unit, enum av1_send how)
{
	size_t size = unit->size;

	if (how == AV1_HALF)
		size /= 2;
	if (how == AV1_BAD_CONTROL)
		unit->frame.quantization.qm_u = 99;
	if (how == AV1_NO_TILE)
		unit->num_tiles--;
	add_control(controls, V4L2_CID_STATELESS_AV1_TILE_GROUP_ENTRY, unit->tiles,
		    unit->num_tiles * sizeof(*unit->tiles));
	if (how == AV1_LATE_TILE) {
		struct v4l2_ctrl_av1_tile_group_entry *last =
			(struct v4l2_ctrl_av1_tile_group_entry *)(controls->data + controls->size);

		last[-1].tile_offset = (uint32_t)size - last[-1].tile_size + 1;
	}
	return size;
}

void av1_client_request(struct engine *engine, const struct av1_unit *original,
			enum av1_send how, struct av1_picture *picture)
{
	static struct controls controls;
	struct av1_unit copy = *original, *unit = &copy;
	struct engine_job job = {
		.id = unit->timestamp ^ 0x5a5a,
		.timestamp = unit->timestamp,
		.max_width = unit->sequence.max_frame_width_minus_1 + 1U,
		.max_height = unit->sequence.max_frame_height_minus_1 + 1U,
	};
	struct engine_result result = { .status = DAEDALUS_STATUS_INTERNAL };
	uint8_t *to;

	*picture = (struct av1_picture){ .status = DAEDALUS_STATUS_INTERNAL };
	if (how == AV1_SKIP)
		engine->ops->skip(engine);
	if (how == AV1_SKIP || how == AV1_LOSE)
		return;
	controls.size = 0;
	job.size = spoil(&controls, unit, how);
	add_control(&controls, V4L2_CID_STATELESS_AV1_SEQUENCE, &unit->sequence,
		    sizeof(unit->sequence));
	add_control(&controls, V4L2_CID_STATELESS_AV1_FRAME, &unit->frame, sizeof(unit->frame));
	add_control(&controls, V4L2_CID_STATELESS_AV1_FILM_GRAIN, &unit->grain,
		    sizeof(unit->grain));
	job.controls = (struct control_list){ controls.data, controls.size };
	to = engine->ops->reserve(engine, job.size);
	if (!to)
		return;
	memcpy(to, unit->payload, job.size);
	engine->ops->submit(engine, &job);
	if (!engine->ops->collect(engine, false, &result) || result.id != job.id) {
		printf("the engine has no result for the request of %llu ns\n",
		       (unsigned long long)unit->timestamp);
		return;
	}
	if (result.status)
		printf("%llu ns: status %d: %s\n", (unsigned long long)unit->timestamp,
		       result.status, result.why ? result.why : "no reason");
	picture->status = result.status;
	if (result.has_picture)
		pack(picture, &result.picture);
}

static struct av1_picture duplicate(const struct av1_picture *from)
{
	struct av1_picture to = *from;

	if (from->data) {
		to.data = malloc(from->size);
		if (!to.data)
			abort();
		memcpy(to.data, from->data, from->size);
	}
	return to;
}

bool av1_client_send(struct av1_client *client, const struct av1_unit *unit, enum av1_send how,
		     struct av1_picture *output)
{
	struct av1_picture picture = { .status = DAEDALUS_STATUS_INTERNAL };
	int i;

	if (unit->show_existing && client->slots[unit->shown_slot].data)
		picture = duplicate(&client->slots[unit->shown_slot]);
	else if (!unit->show_existing)
		av1_client_request(client->engine, unit, how, &picture);
	for (i = 0; i < V4L2_AV1_TOTAL_REFS_PER_FRAME; i++) {
		if (!(unit->refresh & 1U << i))
			continue;
		free(client->slots[i].data);
		client->slots[i] = duplicate(&picture);
	}
	if (unit->show_existing || unit->frame.flags & V4L2_AV1_FRAME_FLAG_SHOW_FRAME) {
		*output = picture;
		return true;
	}
	free(picture.data);
	return false;
}

void av1_client_free(struct av1_client *client)
{
	int i;

	for (i = 0; i < V4L2_AV1_TOTAL_REFS_PER_FRAME; i++)
		free(client->slots[i].data);
	*client = (struct av1_client){ 0 };
}
