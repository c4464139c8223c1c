/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A client of the H.264 engine: sends controls and slices, sorts frames into output order. */
#ifndef DAEDALUS_TESTS_H264_CLIENT_H
#define DAEDALUS_TESTS_H264_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "codec/engine.h"
#include "h264_stream.h"

/**
 * struct h264_frame - a decoded frame or field pair, cropped and tightly packed
 * @picture:	index of its first coded picture
 * @epoch:	as in struct h264_picture
 * @count:	picture order count
 * @status:	of its request, or the worse of its two fields
 * @data:	planar samples, owned; NULL if there is no picture
 * @size:	bytes of @data
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

/** enum h264_send - how a picture is sent to the engine */
enum h264_send {
	H264_SEND = 0,
	H264_SEND_SEI = 1,	/* with its recovery point SEI */
	H264_LOSE = 2,		/* not sent at all */
	H264_SKIP = 3,		/* its OUTPUT buffer could not be read */
};

/**
 * h264_client_send() - send one request
 * @data:	content of the OUTPUT buffer; NULL: the slices of the picture
 * @size:	bytes of @data
 * @frames:	the frame is appended; a second field completes the last one
 *
 * Return: status of the request.
 */
enum daedalus_status h264_client_send(struct engine *engine, const struct h264_stream *stream,
				      size_t picture, enum h264_send how, const uint8_t *data,
				      size_t size, struct h264_frames *frames);

/** h264_frames_sort() - sort into output order */
void h264_frames_sort(struct h264_frames *frames);
void h264_frames_free(struct h264_frames *frames);

#endif /* DAEDALUS_TESTS_H264_CLIENT_H */
