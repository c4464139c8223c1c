/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Splits an AV1 stream with GStreamer's parser into the requests of a V4L2 client:
 * the controls as v4l2slav1dec fills them, and OBU payloads.
 */
#ifndef DAEDALUS_TESTS_AV1_STREAM_H
#define DAEDALUS_TESTS_AV1_STREAM_H

#include <linux/videodev2.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * struct av1_unit - a frame, or a frame header with show_existing_frame
 * @show_existing:	nothing is decoded: the frame in slot @shown_slot is output
 * @shown_slot:		frame_to_show_map_idx
 * @refresh:		slots that the frame is stored in; also for a key frame shown again
 * @timestamp:		of the request, nanoseconds
 * @sequence:		SEQUENCE control
 * @frame:		FRAME control, with the references' timestamps
 * @grain:		FILM_GRAIN control
 * @tiles:		TILE_GROUP_ENTRY control, owned
 * @num_tiles:		entries of @tiles
 * @payload:		content of the OUTPUT buffer, owned
 * @size:		bytes of @payload
 */
struct av1_unit {
	bool show_existing;
	unsigned int shown_slot;
	uint8_t refresh;
	uint64_t timestamp;
	struct v4l2_ctrl_av1_sequence sequence;
	struct v4l2_ctrl_av1_frame frame;
	struct v4l2_ctrl_av1_film_grain grain;
	struct v4l2_ctrl_av1_tile_group_entry *tiles;
	size_t num_tiles;
	uint8_t *payload;
	size_t size;
};

/** struct av1_stream - the units of a file */
struct av1_stream {
	struct av1_unit *units;
	size_t count;
};

/** av1_stream_load() - read an IVF file; false, with a line on stdout, on failure */
bool av1_stream_load(struct av1_stream *stream, const char *path);
void av1_stream_free(struct av1_stream *stream);

/**
 * av1_stream_parse() - read OBUs in memory, each with obu_size
 * @stream:	the units are appended; zero it before the first call
 */
bool av1_stream_parse(struct av1_stream *stream, const uint8_t *data, size_t size);

#endif /* DAEDALUS_TESTS_AV1_STREAM_H */
