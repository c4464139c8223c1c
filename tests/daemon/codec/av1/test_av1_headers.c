// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Writes AV1 headers from the controls of a clip and reads them back with GStreamer's
 * parser.
 *
 *   test_av1_headers CLIP.ivf OUTPUT.obu
 *
 * OUTPUT.obu gets the rewritten clip, for another decoder.
 */
#include "check.h"

#include <stdlib.h>
#include <string.h>

#include "codec/av1/av1_check.h"
#include "codec/av1/av1_frame.h"
#include "codec/av1/av1_refs.h"
#include "av1_stream.h"
#include "codec/av1/av1_write.h"

/* The OBUs that were written. */
struct output {
	uint8_t *data;
	size_t size;
};

static uint8_t *grow(struct output *output, size_t room)
{
	output->data = realloc(output->data, output->size + room);
	if (!output->data)
		abort();
	return output->data + output->size;
}

static void write_delimiter(struct output *output)
{
	static const uint8_t delimiter[] = { 2 << 3 | 2, 0 };

	memcpy(grow(output, sizeof(delimiter)), delimiter, sizeof(delimiter));
	output->size += sizeof(delimiter);
}

static void write_frame(struct output *output, const struct av1_unit *unit, struct av1_refs *refs)
{
	struct av1_frame frame = {
		.sequence = &unit->sequence, .control = &unit->frame, .grain = &unit->grain,
		.tiles = unit->tiles, .num_tiles = unit->num_tiles,
	};
	enum daedalus_status status;
	const char *error = av1_sequence_check(&unit->sequence, &status);
	size_t size;

	if (!error)
		error = av1_frame_init(&frame, unit->size, &status);
	CHECK_MSG(!error, "%s", error);
	if (error)
		return;
	output->size += av1_write_sequence(&unit->sequence, grow(output, AV1_HEADER_BYTES));
	size = av1_write_frame(&frame, refs, unit->payload,
			       grow(output, av1_frame_obu_bytes(&frame)));
	CHECK(size > 0 && size <= av1_frame_obu_bytes(&frame));
	output->size += size;
	av1_refs_decoded(refs, &frame, unit->timestamp, true);
}

static void write_stream(struct output *output, const struct av1_stream *stream)
{
	struct av1_refs refs;
	bool shown = true;
	size_t i;

	av1_refs_reset(&refs);
	for (i = 0; i < stream->count; i++) {
		const struct av1_unit *unit = &stream->units[i];

		/* A temporal unit ends with a shown frame. */
		if (shown)
			write_delimiter(output);
		shown = unit->show_existing || unit->frame.flags & V4L2_AV1_FRAME_FLAG_SHOW_FRAME;
		if (!unit->show_existing) {
			write_frame(output, unit, &refs);
			continue;
		}
		output->size += av1_write_show_existing(unit->shown_slot,
							grow(output, AV1_HEADER_BYTES));
		if (unit->refresh)
			av1_refs_show_key(&refs, unit->shown_slot);
	}
}

/* Clear fields that are rewritten differently on purpose and do not affect decoding. */
static void normalize(struct av1_unit *unit)
{
	struct v4l2_ctrl_av1_frame *frame = &unit->frame;

	frame->flags &= ~(V4L2_AV1_FRAME_FLAG_BUFFER_REMOVAL_TIME_PRESENT |
			  V4L2_AV1_FRAME_FLAG_FRAME_SIZE_OVERRIDE |
			  V4L2_AV1_FRAME_FLAG_FRAME_REFS_SHORT_SIGNALING);
	/* The parser does not infer it for reduced_still_picture_header. */
	if (frame->frame_type == V4L2_AV1_KEY_FRAME &&
	    frame->flags & V4L2_AV1_FRAME_FLAG_SHOW_FRAME)
		frame->flags |= V4L2_AV1_FRAME_FLAG_ERROR_RESILIENT_MODE;
	frame->current_frame_id = 0;
	memset(frame->buffer_removal_time, 0, sizeof(frame->buffer_removal_time));
	frame->tile_info.tile_size_bytes = 0;
	frame->quantization.flags &= (uint8_t)~V4L2_AV1_QUANTIZATION_FLAG_DIFF_UV_DELTA;
	frame->segmentation.flags &= (uint8_t)~V4L2_AV1_SEGMENTATION_FLAG_UPDATE_DATA;
	frame->loop_filter.flags &= (uint8_t)~V4L2_AV1_LOOP_FILTER_FLAG_DELTA_UPDATE;
	unit->grain.flags &= (uint8_t)~V4L2_AV1_FILM_GRAIN_FLAG_UPDATE_GRAIN;
	unit->grain.film_grain_params_ref_idx = 0;
}

static void compare_tiles(const struct av1_unit *a, const struct av1_unit *b, size_t index)
{
	size_t i;

	CHECK_EQ(a->num_tiles, b->num_tiles);
	for (i = 0; i < a->num_tiles && i < b->num_tiles; i++) {
		const struct v4l2_ctrl_av1_tile_group_entry *x = &a->tiles[i], *y = &b->tiles[i];

		CHECK_MSG(x->tile_row == y->tile_row && x->tile_col == y->tile_col &&
			  x->tile_size == y->tile_size &&
			  !memcmp(a->payload + x->tile_offset, b->payload + y->tile_offset,
				  x->tile_size), "tile %zu of unit %zu", i, index);
	}
}

static void compare(struct av1_unit *a, struct av1_unit *b, size_t index)
{
	const uint8_t *x = (const uint8_t *)&a->frame, *y = (const uint8_t *)&b->frame;
	size_t i;

	normalize(a);
	normalize(b);
	CHECK_EQ(a->show_existing, b->show_existing);
	CHECK_EQ(a->shown_slot, b->shown_slot);
	CHECK_EQ(a->refresh, b->refresh);
	for (i = 0; i < sizeof(a->frame) && x[i] == y[i]; i++)
		;
	CHECK_MSG(i == sizeof(a->frame), "unit %zu, FRAME control at byte %zu", index, i);
	CHECK_MSG(!memcmp(&a->sequence, &b->sequence, sizeof(a->sequence)), "unit %zu", index);
	CHECK_MSG(!memcmp(&a->grain, &b->grain, sizeof(a->grain)), "unit %zu", index);
	compare_tiles(a, b, index);
}

int main(int argc, char **argv)
{
	struct av1_stream stream, copy = { 0 };
	struct output output = { 0 };
	FILE *file;
	size_t i;

	if (argc != 3) {
		printf("usage: test_av1_headers CLIP.ivf OUTPUT.obu\n");
		return 1;
	}
	if (!av1_stream_load(&stream, argv[1]))
		return 1;
	write_stream(&output, &stream);
	file = fopen(argv[2], "wb");
	if (!file || fwrite(output.data, 1, output.size, file) != output.size || fclose(file)) {
		printf("%s cannot be written\n", argv[2]);
		return 1;
	}
	CHECK(av1_stream_parse(&copy, output.data, output.size));
	CHECK_EQ(copy.count, stream.count);
	for (i = 0; i < copy.count && i < stream.count; i++)
		compare(&stream.units[i], &copy.units[i], i);
	av1_stream_free(&stream);
	av1_stream_free(&copy);
	free(output.data);
	return check_result();
}
