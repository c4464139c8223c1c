// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Fuzz target for the controls of AV1 requests: what the daemon accepts, it must be able
 * to write as OBUs, within the room that it reserves, and to follow in its table of
 * reference slots.
 *
 * Input: a sequence control, then requests, see struct request_head.
 */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "codec/av1/av1_check.h"
#include "codec/av1/av1_refs.h"
#include "codec/av1/av1_write.h"

#define MAX_PAYLOAD	4096

/**
 * struct request_head - start of a request
 * @flags:	bit 0: it has a film grain control, after the frame control; bits 1..2: the
 *		request is decoded, decoded (also), lost or breaks the decoder
 * @payload:	bytes of the OUTPUT payload, at most MAX_PAYLOAD count
 * @num_tiles:	tile entries, after the other controls
 */
struct request_head {
	uint8_t flags;
	uint8_t num_tiles;
	uint16_t payload;
};

/* The rest of the input. */
struct input {
	const uint8_t *data;
	size_t size;
};

/* A copy of the next @size bytes, owned by the caller; NULL if there are fewer. */
static void *take(struct input *input, size_t size)
{
	void *copy;

	if (input->size < size)
		return NULL;
	copy = malloc(size ? size : 1);
	if (!copy)
		abort();
	memcpy(copy, input->data, size);
	input->data += size;
	input->size -= size;
	return copy;
}

static void write_headers(const struct av1_frame *frame, const struct av1_refs *refs,
			  size_t payload_size)
{
	size_t room = av1_frame_obu_bytes(frame);
	uint8_t *payload = calloc(1, payload_size ? payload_size : 1);
	uint8_t *header = malloc(AV1_HEADER_BYTES);
	uint8_t *data = malloc(room);

	if (!payload || !header || !data)
		abort();
	if (av1_write_sequence(frame->sequence, header) > AV1_HEADER_BYTES ||
	    av1_write_show_existing(payload_size % AV1_NUM_SLOTS, header) > AV1_HEADER_BYTES ||
	    av1_write_frame(frame, refs, payload, data) > room)
		abort();
	free(payload);
	free(header);
	free(data);
}

static void try_frame(struct av1_frame *frame, struct av1_refs *refs, unsigned int fate,
		      uint64_t timestamp, size_t payload)
{
	enum av1_refs_verdict verdict;
	enum daedalus_status status;
	int slot;

	if (av1_frame_init(frame, payload, &status)) {
		av1_refs_lost(refs, 0xff);
		return;
	}
	slot = av1_refs_shown_key(refs, frame);
	if (slot >= 0)
		av1_refs_show_key(refs, (unsigned int)slot);
	verdict = av1_refs_check(refs, frame);
	if (verdict == AV1_REFS_ABSENT || verdict == AV1_REFS_SIZE || fate == 2) {
		av1_refs_lost(refs, frame->refresh_frame_flags);
		return;
	}
	write_headers(frame, refs, payload);
	if (fate == 3)
		av1_refs_broken(refs, frame->refresh_frame_flags);
	else
		av1_refs_decoded(refs, frame, timestamp, verdict == AV1_REFS_GOOD);
}

static bool try_request(struct input *input, const struct v4l2_ctrl_av1_sequence *sequence,
			struct av1_refs *refs, uint64_t timestamp)
{
	struct request_head *head = take(input, sizeof(*head));
	struct v4l2_ctrl_av1_frame *control = take(input, sizeof(*control));
	struct v4l2_ctrl_av1_film_grain *grain = NULL;
	struct v4l2_ctrl_av1_tile_group_entry *tiles = NULL;
	bool good = head && control;

	if (good && head->flags & 1) {
		grain = take(input, sizeof(*grain));
		good = grain;
	}
	if (good) {
		tiles = take(input, head->num_tiles * sizeof(*tiles));
		good = tiles;
	}
	/* Without tiles the control would be missing. */
	if (good && head->num_tiles) {
		struct av1_frame frame = {
			.refresh_frame_flags = 0xff, .sequence = sequence, .control = control,
			.grain = grain, .tiles = tiles, .num_tiles = head->num_tiles,
		};

		try_frame(&frame, refs, head->flags >> 1 & 3, timestamp,
			  head->payload % (MAX_PAYLOAD + 1));
	}
	free(head);
	free(control);
	free(grain);
	free(tiles);
	return good;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = { .data = data, .size = size };
	struct v4l2_ctrl_av1_sequence *sequence = take(&input, sizeof(*sequence));
	enum daedalus_status status;
	struct av1_refs refs;
	uint64_t timestamp = 0;

	if (!sequence)
		return 0;
	if (!av1_sequence_check(sequence, &status)) {
		av1_refs_reset(&refs);
		while (try_request(&input, sequence, &refs, timestamp))
			timestamp += 1000;
	}
	free(sequence);
	return 0;
}
