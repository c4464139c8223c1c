// SPDX-License-Identifier: LGPL-2.1-or-later
#include "av1_stream.h"
#include "file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "av1_controls.h"

#define IVF_HEADER	32
#define IVF_FRAME	12

/* State while a stream is read. */
struct reader {
	GstAV1Parser *parser;
	struct av1_stream *stream;
	struct v4l2_ctrl_av1_sequence sequence;
	GstAV1SequenceHeaderOBU header_obu;		/* the source of @sequence */
	bool has_sequence;
	uint64_t slots[V4L2_AV1_TOTAL_REFS_PER_FRAME];	/* timestamps */
	struct av1_unit *unit;				/* frame that lacks tile groups, or NULL */
	GstAV1FrameHeaderOBU header;			/* of @unit */
	/* too large for the stack */
	GstAV1FrameOBU frame;
	GstAV1TileGroupOBU group;
};

static uint32_t le32(const uint8_t *data)
{
	return data[0] | data[1] << 8 | data[2] << 16 | (uint32_t)data[3] << 24;
}

static struct av1_unit *add_unit(struct reader *reader)
{
	struct av1_stream *stream = reader->stream;
	struct av1_unit *units;

	units = realloc(stream->units, (stream->count + 1) * sizeof(*units));
	if (!units)
		abort();
	stream->units = units;
	units += stream->count++;
	*units = (struct av1_unit){ .timestamp = stream->count * 1000 };
	return units;
}

static bool finish_unit(struct reader *reader, const struct av1_unit *unit)
{
	int i;

	for (i = 0; i < V4L2_AV1_TOTAL_REFS_PER_FRAME; i++)
		if (unit->refresh & 1U << i)
			reader->slots[i] = unit->timestamp;
	return gst_av1_parser_reference_frame_update(reader->parser, &reader->header) ==
	       GST_AV1_PARSER_OK;
}

static bool start_frame(struct reader *reader, const GstAV1FrameHeaderOBU *header)
{
	struct av1_unit *unit;

	if (!reader->has_sequence || reader->unit) {
		printf("a frame header without a sequence, or within a frame\n");
		return false;
	}
	unit = add_unit(reader);
	reader->header = *header;
	if (header->show_existing_frame) {
		unit->show_existing = true;
		unit->shown_slot = (unsigned int)header->frame_to_show_map_idx;
		unit->timestamp = reader->slots[unit->shown_slot];
		if (header->frame_type != GST_AV1_KEY_FRAME)
			return true;
		unit->refresh = 0xff;
		return finish_unit(reader, unit);
	}
	unit->refresh = header->refresh_frame_flags;
	unit->sequence = reader->sequence;
	av1_fill_frame(&unit->frame, header);
	av1_fill_grain(&unit->grain, &header->film_grain_params);
	memcpy(unit->frame.reference_frame_ts, reader->slots, sizeof(reader->slots));
	reader->unit = unit;
	return true;
}

static bool add_tiles(struct reader *reader, const GstAV1OBU *obu,
		      const GstAV1TileGroupOBU *group)
{
	struct av1_unit *unit = reader->unit;
	unsigned int i;

	if (!unit) {
		printf("a tile group outside of a frame\n");
		return false;
	}
	unit->tiles = realloc(unit->tiles, group->num_tiles * sizeof(*unit->tiles));
	unit->payload = realloc(unit->payload, unit->size + obu->obu_size);
	if (!unit->tiles || !unit->payload)
		abort();
	for (i = group->tg_start; i <= group->tg_end; i++)
		unit->tiles[unit->num_tiles++] = (struct v4l2_ctrl_av1_tile_group_entry){
			.tile_offset = group->entry[i].tile_offset + (uint32_t)unit->size,
			.tile_size = group->entry[i].tile_size,
			.tile_row = group->entry[i].tile_row,
			.tile_col = group->entry[i].tile_col,
		};
	memcpy(unit->payload + unit->size, obu->data, obu->obu_size);
	unit->size += obu->obu_size;
	if (group->tg_end + 1U < group->num_tiles)
		return true;
	reader->unit = NULL;
	return finish_unit(reader, unit);
}

/* Clear the fields that may change within a sequence (7.5) and do not affect decoding. */
static void drop_delays(GstAV1SequenceHeaderOBU *header)
{
	int i;

	for (i = 0; i < GST_AV1_MAX_OPERATING_POINTS; i++) {
		header->operating_points[i].decoder_buffer_delay = 0;
		header->operating_points[i].encoder_buffer_delay = 0;
		header->operating_points[i].low_delay_mode_flag = 0;
	}
}

/*
 * For GStreamer's parser each sequence header that differs starts a new sequence, and it
 * refuses inter frames after it. So it gets only those that start a new sequence.
 */
static bool read_sequence(struct reader *reader, GstAV1OBU *obu)
{
	GstAV1Parser *scratch = gst_av1_parser_new();
	GstAV1SequenceHeaderOBU header;
	bool ok;

	memset(&header, 0, sizeof(header));
	ok = gst_av1_parser_parse_sequence_header_obu(scratch, obu, &header) == GST_AV1_PARSER_OK;
	gst_av1_parser_free(scratch);
	drop_delays(&header);
	if (!ok || (reader->has_sequence &&
		    !memcmp(&header, &reader->header_obu, sizeof(header))))
		return ok;
	reader->header_obu = header;
	reader->has_sequence = true;
	av1_fill_sequence(&reader->sequence, &header);
	return gst_av1_parser_parse_sequence_header_obu(reader->parser, obu, &header) ==
	       GST_AV1_PARSER_OK;
}

static bool read_obu(struct reader *reader, GstAV1OBU *obu)
{
	GstAV1FrameHeaderOBU header;

	switch (obu->obu_type) {
	case GST_AV1_OBU_TEMPORAL_DELIMITER:
		return gst_av1_parser_parse_temporal_delimiter_obu(reader->parser, obu) ==
		       GST_AV1_PARSER_OK;
	case GST_AV1_OBU_SEQUENCE_HEADER:
		return read_sequence(reader, obu);
	case GST_AV1_OBU_FRAME_HEADER:
		return gst_av1_parser_parse_frame_header_obu(reader->parser, obu, &header) ==
		       GST_AV1_PARSER_OK && start_frame(reader, &header);
	case GST_AV1_OBU_FRAME:
		return gst_av1_parser_parse_frame_obu(reader->parser, obu, &reader->frame) ==
		       GST_AV1_PARSER_OK && start_frame(reader, &reader->frame.frame_header) &&
		       add_tiles(reader, obu, &reader->frame.tile_group);
	case GST_AV1_OBU_TILE_GROUP:
		return gst_av1_parser_parse_tile_group_obu(reader->parser, obu, &reader->group) ==
		       GST_AV1_PARSER_OK && add_tiles(reader, obu, &reader->group);
	default:
		return true;
	}
}

static bool read_obus(struct reader *reader, const uint8_t *data, size_t size)
{
	while (size) {
		GstAV1ParserResult result;
		guint32 consumed = 0;
		GstAV1OBU obu;

		result = gst_av1_parser_identify_one_obu(reader->parser, data, (guint32)size, &obu,
							 &consumed);
		if (result != GST_AV1_PARSER_OK && result != GST_AV1_PARSER_DROP) {
			printf("an OBU is not readable: %d\n", result);
			return false;
		}
		if (result == GST_AV1_PARSER_OK && !read_obu(reader, &obu)) {
			printf("an OBU of type %d is not right\n", obu.obu_type);
			return false;
		}
		data += consumed;
		size -= consumed;
	}
	return true;
}

static bool read_ivf(struct reader *reader, const uint8_t *data, size_t size)
{
	size_t position = IVF_HEADER;

	while (position + IVF_FRAME < size) {
		size_t bytes = le32(data + position);

		position += IVF_FRAME;
		if (bytes > size - position)
			break;
		if (!read_obus(reader, data + position, bytes))
			return false;
		position += bytes;
	}
	return true;
}

static bool parse(struct av1_stream *stream, const uint8_t *data, size_t size,
		  bool (*read)(struct reader *reader, const uint8_t *data, size_t size))
{
	struct reader *reader = calloc(1, sizeof(*reader));
	bool ok;

	if (!reader)
		abort();
	reader->stream = stream;
	reader->parser = gst_av1_parser_new();
	gst_av1_parser_reset(reader->parser, FALSE);
	ok = read(reader, data, size);
	if (ok && reader->unit)
		printf("the last frame has not all tiles\n");
	ok = ok && !reader->unit && stream->count;
	gst_av1_parser_free(reader->parser);
	free(reader);
	return ok;
}

bool av1_stream_parse(struct av1_stream *stream, const uint8_t *data, size_t size)
{
	return parse(stream, data, size, read_obus);
}

bool av1_stream_load(struct av1_stream *stream, const char *path)
{
	size_t size;
	uint8_t *data = file_read(path, IVF_HEADER + 1, &size);
	bool ok = data && !memcmp(data, "DKIF", 4);

	*stream = (struct av1_stream){ 0 };
	if (ok)
		ok = parse(stream, data, size, read_ivf);
	else
		printf("%s is not an IVF file\n", path);
	free(data);
	return ok;
}

void av1_stream_free(struct av1_stream *stream)
{
	size_t i;

	for (i = 0; i < stream->count; i++) {
		free(stream->units[i].tiles);
		free(stream->units[i].payload);
	}
	free(stream->units);
}
