/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A client of the AV1 engine: sends requests, keeps pictures by slot and outputs frames. */
#ifndef DAEDALUS_TESTS_AV1_CLIENT_H
#define DAEDALUS_TESTS_AV1_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "av1_stream.h"
#include "codec/engine.h"

/**
 * struct av1_picture - tightly packed planar samples and the status of their request
 * @data:	owned, NULL if there is no picture
 * @size:	bytes of @data
 * @status:	of the request
 */
struct av1_picture {
	uint8_t *data;
	size_t size;
	enum daedalus_status status;
};

/** enum av1_send - how a frame is sent to the engine */
enum av1_send {
	AV1_SEND,
	AV1_LOSE,		/* not sent at all */
	AV1_SKIP,		/* its OUTPUT buffer could not be read */
	AV1_HALF,		/* only half of the OUTPUT buffer arrives */
	AV1_NO_TILE,		/* TILE_GROUP_ENTRY lacks the last entry */
	AV1_LATE_TILE,		/* the last tile ends a byte beyond the OUTPUT buffer */
	AV1_BAD_CONTROL,	/* the FRAME control has an invalid value */
	AV1_NUM_SENDS
};

/** struct av1_client - the engine, not owned, and the picture in each slot */
struct av1_client {
	struct engine *engine;
	struct av1_picture slots[V4L2_AV1_TOTAL_REFS_PER_FRAME];
};

/**
 * av1_client_send() - send one request, or show the frame in a slot
 * @output:	set if the unit is output; the caller frees its data
 *
 * Return: true if the unit is output, even if it has no data.
 */
bool av1_client_send(struct av1_client *client, const struct av1_unit *unit, enum av1_send how,
		     struct av1_picture *output);

/**
 * av1_client_request() - send one request
 * @picture:	filled; the caller frees its data
 */
void av1_client_request(struct engine *engine, const struct av1_unit *unit,
			enum av1_send how, struct av1_picture *picture);

/** av1_client_free() - free the pictures in the slots, but not the engine */
void av1_client_free(struct av1_client *client);

#endif /* DAEDALUS_TESTS_AV1_CLIENT_H */
