/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Plays the client of the AV1 engine: requests in, pictures by slot and in output order out. */
#ifndef DAEDALUS_TESTS_AV1_CLIENT_H
#define DAEDALUS_TESTS_AV1_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "av1_stream.h"
#include "codec/engine.h"

/**
 * struct av1_picture - tightly packed planar samples, and how exact they are said to be
 * @data:	owned, NULL if there is no picture
 */
struct av1_picture {
	uint8_t *data;
	size_t size;
	enum daedalus_status status;
};

/** enum av1_send - what becomes of a frame on its way to the engine */
enum av1_send {
	AV1_SEND,
	AV1_LOSE,		/* not sent at all */
	AV1_SKIP,		/* its OUTPUT buffer could not be read */
	AV1_HALF,		/* only half of the OUTPUT buffer arrives */
	AV1_NO_TILE,		/* TILE_GROUP_ENTRY has an entry less */
	AV1_LATE_TILE,		/* the last tile ends a byte beyond the OUTPUT buffer */
	AV1_BAD_CONTROL,	/* a value of the FRAME control is impossible */
	AV1_NUM_SENDS
};

/** struct av1_client - the pictures that a client holds by slot */
struct av1_client {
	struct engine *engine;
	struct av1_picture slots[V4L2_AV1_TOTAL_REFS_PER_FRAME];
};

/**
 * av1_client_send() - one request, or the showing of a slot
 * @output:	what is output, if the unit is output; data is the caller's
 *
 * Return: whether there is an output, with data or not.
 */
bool av1_client_send(struct av1_client *client, const struct av1_unit *unit, enum av1_send how,
		     struct av1_picture *output);

/**
 * av1_client_request() - send one request
 * @picture:	filled
 */
void av1_client_request(struct engine *engine, const struct av1_unit *unit,
			enum av1_send how, struct av1_picture *picture);

/** av1_client_free() - the slots; not the engine */
void av1_client_free(struct av1_client *client);

#endif /* DAEDALUS_TESTS_AV1_CLIENT_H */
