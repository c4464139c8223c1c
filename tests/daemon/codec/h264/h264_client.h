/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Plays the client of the H.264 engine: controls and slices in, frames in output order out. */
#ifndef DAEDALUS_TESTS_H264_CLIENT_H
#define DAEDALUS_TESTS_H264_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "codec/engine.h"
#include "h264_stream.h"

/**
 * struct h264_frame - a decoded frame, cropped and tightly packed; both fields of a pair
 * @picture:	index of its first coded picture
 * @epoch:	of struct h264_picture
 * @count:	picture order count
 * @status:	of its last request
 */
struct h264_frame {
	size_t picture;
	unsigned int epoch;
	int32_t count;
	enum daedalus_status status;
	uint8_t *data;
	size_t size;
};

struct h264_frames {
	struct h264_frame *frames;
	size_t count;
};

/** enum h264_send - what becomes of a picture on its way to the engine */
enum h264_send {
	H264_SEND = 0,
	H264_SEND_SEI = 1,	/* with its recovery point SEI */
	H264_LOSE = 2,		/* not sent at all */
	H264_SKIP = 3,		/* its OUTPUT buffer could not be read */
};

/**
 * h264_client_send() - one request
 * @data:	what is in the OUTPUT buffer; NULL: the picture's own slices
 * @frames:	the frame is added, or completed by a second field
 */
enum daedalus_status h264_client_send(struct engine *engine, const struct h264_stream *stream,
				      size_t picture, enum h264_send how, const uint8_t *data,
				      size_t size, struct h264_frames *frames);

/** h264_frames_sort() - into output order */
void h264_frames_sort(struct h264_frames *frames);
void h264_frames_free(struct h264_frames *frames);

#endif /* DAEDALUS_TESTS_H264_CLIENT_H */
