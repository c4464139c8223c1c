/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A client of the VP9 engine: splits an IVF file into frames and sets the controls of a
 * V4L2 client.
 */
#ifndef DAEDALUS_TESTS_VP9_CLIENT_H
#define DAEDALUS_TESTS_VP9_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/videodev2.h>

#include "codec/engine.h"
#include "codec/vp9/vp9_header.h"

/** struct clip_frame - a frame in clip.data: offset and size in bytes */
struct clip_frame {
	size_t offset;
	size_t size;
	struct vp9_header header;
};

/** struct clip - an IVF file in memory, superframes split */
struct clip {
	uint8_t *data;
	struct clip_frame *frames;
	size_t num_frames;
};

/** clip_load() - read a file; false, with a line on stdout, on failure */
bool clip_load(struct clip *clip, const char *path);
void clip_free(struct clip *clip);

/** struct stored_picture - tightly packed planar samples */
struct stored_picture {
	uint8_t *data;
	size_t size;
	uint32_t width;
	uint32_t height;
};

/** struct client - the engine, not owned, and the decoded picture of each reference slot */
struct client {
	struct engine *engine;
	uint64_t next_timestamp;
	struct {
		uint64_t timestamp;
		uint32_t width;
		uint32_t height;
		struct stored_picture picture;
	} slots[VP9_NUM_SLOTS];
	uint8_t bit_depth;
};

/**
 * client_decode() - send one frame and update the slots as the header says
 * @data:	content of the OUTPUT buffer; may contradict @header
 * @size:	bytes of @data
 * @lose:	do not send the frame, but do everything else
 * @picture:	picture of the result, empty if there is none; the caller frees its data
 *
 * Return: status of the request.
 */
enum daedalus_status client_decode(struct client *client, const struct vp9_header *header,
				   const uint8_t *data, size_t size, bool lose,
				   struct stored_picture *picture);

/** client_free() - free the pictures in the slots, but not the engine */
void client_free(struct client *client);

#endif /* DAEDALUS_TESTS_VP9_CLIENT_H */
