/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Plays the client of the VP9 engine: takes an IVF file apart into frames and
 * builds the controls that a V4L2 client would set.
 */
#ifndef DAEDALUS_TESTS_VP9_CLIENT_H
#define DAEDALUS_TESTS_VP9_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/videodev2.h>

#include "codec/engine.h"
#include "codec/vp9/vp9_header.h"

/** struct clip_frame - a frame within clip.data */
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

/** clip_load() - false, with a line on stdout, if the file is not good */
bool clip_load(struct clip *clip, const char *path);
void clip_free(struct clip *clip);

/** struct stored_picture - tightly packed planar samples */
struct stored_picture {
	uint8_t *data;
	size_t size;
	uint32_t width;
	uint32_t height;
};

/** struct client - decoded pictures by slot, as a client's DPB */
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
 * @data:	what is sent; may differ from what @header was read from
 * @picture:	the packed picture of the result, empty if there is none; caller frees data
 * @lose:	do everything but send: a frame which the engine never sees
 */
enum daedalus_status client_decode(struct client *client, const struct vp9_header *header,
				   const uint8_t *data, size_t size, bool lose,
				   struct stored_picture *picture);

/** client_free() - the slots; not the engine */
void client_free(struct client *client);

#endif /* DAEDALUS_TESTS_VP9_CLIENT_H */
