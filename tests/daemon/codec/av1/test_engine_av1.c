// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Compares the pictures of the AV1 engine, request by request, with those of another
 * decoder.
 *
 *   test_engine_av1 CLIP.ivf REFERENCE.yuv
 *   test_engine_av1 --dump CLIP.ivf OUTPUT.yuv
 *
 * Both .yuv files hold the frames in output order, planar 4:2:0, with
 * little-endian words for more than 8 bits.
 */
#include "check.h"
#include "file.h"

#include <stdlib.h>
#include <string.h>

#include "av1_client.h"
#include "av1_stream.h"
#include "codec/av1/engine_av1.h"
#include "core/log.h"

static struct engine *new_engine(unsigned int threads)
{
	struct engine_config config = { .threads = threads };
	struct engine *engine = engine_av1.open(&config);

	if (!engine)
		abort();
	return engine;
}

/* Frames of the reference decoder in output order; an exact run finds their offsets. */
struct reference {
	uint8_t *data;
	size_t size;
	size_t *offsets;	/* bytes from @data to the frame of each unit */
};

static bool matches(const struct reference *reference, size_t unit,
		    const struct av1_picture *picture)
{
	size_t offset = reference->offsets[unit];

	return picture->data && offset <= reference->size &&
	       picture->size <= reference->size - offset &&
	       !memcmp(reference->data + offset, picture->data, picture->size);
}

static int dump(const struct av1_stream *stream, const char *path)
{
	struct av1_client client = { .engine = new_engine(2) };
	FILE *file = fopen(path, "wb");
	size_t frames = 0, bad = 0, i;

	if (!file)
		return 1;
	for (i = 0; i < stream->count; i++) {
		struct av1_picture output;

		if (!av1_client_send(&client, &stream->units[i], AV1_SEND, &output))
			continue;
		frames++;
		bad += output.status != DAEDALUS_STATUS_OK;
		if (output.data)
			fwrite(output.data, 1, output.size, file);
		free(output.data);
	}
	fclose(file);
	printf("%zu frames, %zu with errors\n", frames, bad);
	engine_av1.close(client.engine);
	av1_client_free(&client);
	return 0;
}

static bool frame_flag(const struct av1_unit *unit, uint32_t flag)
{
	return !unit->show_existing && unit->frame.flags & flag;
}

/* Print which features the stream uses; engine_av1.sh checks that. */
static void describe(const struct av1_stream *stream)
{
	unsigned int hidden = 0, shown = 0, keys = 0, superres = 0, sizes = 0, tiles = 0;
	unsigned int grain = 0, intrabc = 0, switches = 0, motion = 0, segments = 0, resilient = 0;
	size_t i, j;

	for (i = 0; i < stream->count; i++) {
		const struct av1_unit *unit = &stream->units[i];
		const struct v4l2_ctrl_av1_frame *frame = &unit->frame;

		shown += unit->show_existing;
		keys += unit->show_existing && unit->refresh;
		if (unit->show_existing)
			continue;
		hidden += !frame_flag(unit, V4L2_AV1_FRAME_FLAG_SHOW_FRAME);
		superres += frame_flag(unit, V4L2_AV1_FRAME_FLAG_USE_SUPERRES);
		intrabc += frame_flag(unit, V4L2_AV1_FRAME_FLAG_ALLOW_INTRABC);
		resilient += frame_flag(unit, V4L2_AV1_FRAME_FLAG_ERROR_RESILIENT_MODE) &&
			     frame->frame_type == V4L2_AV1_INTER_FRAME;
		switches += frame->frame_type == V4L2_AV1_SWITCH_FRAME;
		sizes += frame->frame_type != V4L2_AV1_KEY_FRAME &&
			 frame->frame_height_minus_1 != unit->sequence.max_frame_height_minus_1;
		grain += unit->grain.flags & V4L2_AV1_FILM_GRAIN_FLAG_APPLY_GRAIN;
		segments += frame->segmentation.flags & V4L2_AV1_SEGMENTATION_FLAG_ENABLED;
		tiles = unit->num_tiles > tiles ? (unsigned int)unit->num_tiles : tiles;
		for (j = 1; j < V4L2_AV1_TOTAL_REFS_PER_FRAME; j++)
			motion += frame->global_motion.type[j] != V4L2_AV1_WARP_MODEL_IDENTITY;
	}
	printf("exact: %zu units, %u hidden, %u shown again, %u keys shown again, %u superres, %u sizes, %u tiles, %u grain, %u intrabc, %u switch, %u motion, %u segments, %u resilient\n",
	       stream->count, hidden, shown, keys, superres, sizes, tiles, grain, intrabc,
	       switches, motion, segments, resilient);
}

static void test_exact(const struct av1_stream *stream, struct reference *reference,
		       unsigned int threads)
{
	struct av1_client client = { .engine = new_engine(threads) };
	size_t offset = 0, i;

	for (i = 0; i < stream->count; i++) {
		struct av1_picture output;

		reference->offsets[i] = offset;
		if (!av1_client_send(&client, &stream->units[i], AV1_SEND, &output))
			continue;
		CHECK_MSG(output.status == DAEDALUS_STATUS_OK, "unit %zu has status %d", i,
			  output.status);
		CHECK_MSG(matches(reference, i, &output), "unit %zu differs", i);
		offset += output.size;
		free(output.data);
	}
	CHECK_EQ(reference->size, offset);
	engine_av1.close(client.engine);
	av1_client_free(&client);
}

/* A key frame that fills all slots: after it, earlier damage does not matter. */
static bool restarts(const struct av1_unit *unit)
{
	return !unit->show_existing && unit->refresh == 0xff &&
	       unit->frame.frame_type == V4L2_AV1_KEY_FRAME;
}

/*
 * Damage or lose one frame. No frame that is not exact may have status OK, and from the
 * next key frame on all must be exact. Return: number of outputs with status OK.
 */
static size_t run_accident(const struct av1_stream *stream, const struct reference *reference,
			   struct engine *engine, size_t victim, enum av1_send how)
{
	struct av1_client client = { .engine = engine };
	bool suffering = false;
	size_t good = 0, i;

	for (i = 0; i < stream->count; i++) {
		const struct av1_unit *unit = &stream->units[i];
		struct av1_picture output;

		if (i == victim)
			suffering = true;
		else if (restarts(unit))
			suffering = false;
		if (!av1_client_send(&client, unit, i == victim ? how : AV1_SEND, &output))
			continue;
		if (output.status == DAEDALUS_STATUS_OK) {
			good++;
			CHECK_MSG(matches(reference, i, &output),
				  "accident %d at %zu: unit %zu is called exact and is not", how,
				  victim, i);
		}
		if (!suffering)
			CHECK_MSG(output.status == DAEDALUS_STATUS_OK,
				  "accident %d at %zu: unit %zu has status %d", how, victim, i,
				  output.status);
		free(output.data);
	}
	av1_client_free(&client);
	return good;
}

static void test_accidents(const struct av1_stream *stream, const struct reference *reference)
{
	static const char *const names[AV1_NUM_SENDS] = {
		[AV1_LOSE] = "lost", [AV1_SKIP] = "unreadable", [AV1_HALF] = "cut in half",
		[AV1_NO_TILE] = "a tile less", [AV1_LATE_TILE] = "a tile beyond the end",
		[AV1_BAD_CONTROL] = "a bad control",
	};
	size_t step = 1 + stream->count / 12, victim;
	int how;

	for (how = AV1_LOSE; how < AV1_NUM_SENDS; how++) {
		struct engine *engine = new_engine(2);
		size_t good = 0, runs = 0;

		for (victim = 0; victim < stream->count; victim += step) {
			if (stream->units[victim].show_existing)
				continue;
			good += run_accident(stream, reference, engine, victim,
					     (enum av1_send)how);
			runs++;
			engine_av1.flush(engine);
		}
		printf("%s: %zu outputs exact in %zu runs\n", names[how], good, runs);
		engine_av1.close(engine);
	}
}

/* Start at an inter frame: frames without their references must not have status OK. */
static void test_join(const struct av1_stream *stream, const struct reference *reference)
{
	struct av1_client client = { .engine = new_engine(2) };
	size_t first = 1, i;

	while (first < stream->count && (stream->units[first].show_existing ||
					 stream->units[first].frame.frame_type !=
					 V4L2_AV1_INTER_FRAME))
		first++;
	for (i = first; i < stream->count; i++) {
		struct av1_picture output;

		if (!av1_client_send(&client, &stream->units[i], AV1_SEND, &output))
			continue;
		CHECK_MSG(output.status != DAEDALUS_STATUS_OK || matches(reference, i, &output),
			  "join: unit %zu is called exact and is not", i);
		CHECK_MSG(i > first || output.status == DAEDALUS_STATUS_MISSING_REFERENCE,
			  "join: unit %zu has status %d", i, output.status);
		free(output.data);
	}
	engine_av1.close(client.engine);
	av1_client_free(&client);
}

/*
 * Replace every shown key frame by a hidden one, stored in one slot, that is shown by
 * show_existing_frame. The output stays the same, but the engine gets no request when
 * the frame is shown.
 */
static struct av1_stream hide_keys(const struct av1_stream *from)
{
	struct av1_stream to = { .units = calloc(2 * from->count, sizeof(*to.units)) };
	unsigned int slot = 3;
	size_t i;

	if (!to.units)
		abort();
	for (i = 0; i < from->count; i++) {
		struct av1_unit *unit = &to.units[to.count++];

		*unit = from->units[i];
		if (!restarts(unit) || !frame_flag(unit, V4L2_AV1_FRAME_FLAG_SHOW_FRAME))
			continue;
		unit->frame.flags &= ~V4L2_AV1_FRAME_FLAG_SHOW_FRAME;
		unit->frame.flags |= V4L2_AV1_FRAME_FLAG_SHOWABLE_FRAME;
		unit->frame.refresh_frame_flags = (uint8_t)(1U << slot);
		unit->refresh = unit->frame.refresh_frame_flags;
		to.units[to.count++] = (struct av1_unit){
			.show_existing = true,
			.shown_slot = slot,
			.refresh = 0xff,
			.timestamp = unit->timestamp,
		};
		slot = (slot + 3) % V4L2_AV1_TOTAL_REFS_PER_FRAME;
	}
	return to;
}

static void test_hidden_keys(const struct av1_stream *stream, const struct reference *reference)
{
	struct av1_stream hidden = hide_keys(stream);
	struct reference copy = {
		.data = reference->data,
		.size = reference->size,
		.offsets = calloc(hidden.count, sizeof(*copy.offsets)),
	};

	if (!copy.offsets)
		abort();
	CHECK(hidden.count > stream->count);
	test_exact(&hidden, &copy, 1);
	printf("%zu key frames hidden and shown later\n", hidden.count - stream->count);
	/* Tiles and payloads belong to @stream. */
	free(hidden.units);
	free(copy.offsets);
}

/* Random bit errors: no crash, no hang, and the engine works after a flush. */
static void test_noise(const struct av1_stream *stream, struct reference *reference)
{
	struct engine *engine = new_engine(2);
	uint32_t random = 1;
	size_t i, j, round;

	for (round = 0; round < 8; round++) {
		for (i = 0; i < stream->count && i < 60; i++) {
			const struct av1_unit *unit = &stream->units[i];
			struct av1_unit noisy = *unit;
			struct av1_picture picture;
			struct {
				uint8_t *data;
				size_t size;
			} parts[] = {
				{ (uint8_t *)&noisy.frame, sizeof(noisy.frame) },
				{ (uint8_t *)&noisy.grain, sizeof(noisy.grain) },
				{ (uint8_t *)&noisy.sequence, sizeof(noisy.sequence) },
				{ NULL, unit->num_tiles * sizeof(*unit->tiles) },
				{ NULL, unit->size },
			};

			if (unit->show_existing)
				continue;
			noisy.tiles = malloc(parts[3].size);
			noisy.payload = malloc(unit->size);
			if (!noisy.tiles || !noisy.payload)
				abort();
			memcpy(noisy.tiles, unit->tiles, parts[3].size);
			memcpy(noisy.payload, unit->payload, unit->size);
			parts[3].data = (uint8_t *)noisy.tiles;
			parts[4].data = noisy.payload;
			/* Mostly in the payload: bad controls do not reach the decoder. */
			for (j = 0; j < 1 + unit->size / 300; j++) {
				size_t part;

				random = random * 1664525 + 1013904223;
				part = j || round < 2 ? 4 : (random >> 12) % 5;
				parts[part].data[(random >> 3) % parts[part].size] ^=
					(uint8_t)(1U << (random >> 29));
			}
			av1_client_request(engine, &noisy, AV1_SEND, &picture);
			free(picture.data);
			free(noisy.tiles);
			free(noisy.payload);
		}
		engine_av1.flush(engine);
	}
	CHECK(run_accident(stream, reference, engine, stream->count, AV1_SEND) > 0);
	engine_av1.close(engine);
}

/* Controls that contradict each other or use features that are not supported. */
static void test_refusals(const struct av1_stream *stream)
{
	const struct av1_unit *good = &stream->units[0];
	struct engine *engine = new_engine(1);
	struct v4l2_ctrl_av1_tile_group_entry *tiles = calloc(good->num_tiles, sizeof(*tiles));
	struct av1_picture picture;
	struct av1_unit unit;

	if (!tiles)
		abort();

#define REFUSED(expected, change) \
	do { \
		unit = *good; \
		memcpy(tiles, good->tiles, good->num_tiles * sizeof(*tiles)); \
		unit.tiles = tiles; \
		change; \
		av1_client_request(engine, &unit, AV1_SEND, &picture); \
		CHECK_MSG(picture.status == (expected), #change " has status %d", picture.status); \
		free(picture.data); \
	} while (0)
#define MISMATCH(change)	REFUSED(DAEDALUS_STATUS_MISMATCH, change)

	REFUSED(DAEDALUS_STATUS_UNSUPPORTED, unit.sequence.seq_profile = 1);
	REFUSED(DAEDALUS_STATUS_UNSUPPORTED, unit.sequence.bit_depth = 12);
	MISMATCH(unit.sequence.order_hint_bits = 9);
	MISMATCH(unit.sequence.flags &= ~V4L2_AV1_SEQUENCE_FLAG_SUBSAMPLING_X;
		 unit.sequence.flags &= ~V4L2_AV1_SEQUENCE_FLAG_MONO_CHROME);
	MISMATCH(unit.sequence.max_frame_width_minus_1 = 7);
	MISMATCH(unit.frame.frame_type = 4);
	MISMATCH(unit.frame.upscaled_width = 0);
	MISMATCH(unit.frame.frame_height_minus_1 = 0x10000);
	MISMATCH(unit.frame.frame_width_minus_1 ^= 1);
	MISMATCH(unit.frame.flags |= V4L2_AV1_FRAME_FLAG_USE_SUPERRES;
		 unit.frame.superres_denom = 17);
	MISMATCH(unit.frame.order_hint = 1U << unit.sequence.order_hint_bits);
	MISMATCH(unit.frame.primary_ref_frame = 8);
	MISMATCH(unit.frame.interpolation_filter = 5);
	MISMATCH(unit.frame.tx_mode = 3);
	MISMATCH(unit.frame.quantization.delta_q_y_dc = 64);
	MISMATCH(unit.frame.quantization.qm_y = 16);
	MISMATCH(unit.frame.quantization.delta_q_res = 4);
	MISMATCH(unit.frame.segmentation.feature_enabled[7] |= 1;
		 unit.frame.segmentation.feature_data[7][0] = 256);
	MISMATCH(unit.frame.loop_filter.level[0] = 64);
	MISMATCH(unit.frame.loop_filter.ref_deltas[1] = -65);
	MISMATCH(unit.frame.loop_filter.sharpness = 8);
	MISMATCH(unit.frame.cdef.bits = 4);
	MISMATCH(unit.frame.cdef.y_sec_strength[0] = 5);
	MISMATCH(unit.frame.loop_restoration.frame_restoration_type[0] = 4);
	MISMATCH(unit.frame.tile_info.tile_cols = 0);
	MISMATCH(unit.frame.tile_info.tile_rows = 65);
	MISMATCH(unit.frame.tile_info.context_update_tile_id = 255);
	MISMATCH(unit.frame.tile_info.flags = 0;
		 unit.frame.tile_info.width_in_sbs_minus_1[0] = 200);
	MISMATCH(unit.frame.frame_type = V4L2_AV1_INTER_FRAME; unit.frame.ref_frame_idx[3] = 8);
	MISMATCH(unit.frame.frame_type = V4L2_AV1_INTER_FRAME;
		 unit.frame.global_motion.type[1] = 4);
	MISMATCH(unit.frame.frame_type = V4L2_AV1_INTER_FRAME;
		 unit.frame.global_motion.type[1] = V4L2_AV1_WARP_MODEL_AFFINE;
		 unit.frame.global_motion.params[1][5] = 1 << 20);
	MISMATCH(unit.sequence.flags |= V4L2_AV1_SEQUENCE_FLAG_FILM_GRAIN_PARAMS_PRESENT;
		 unit.grain.flags = V4L2_AV1_FILM_GRAIN_FLAG_APPLY_GRAIN;
		 unit.grain.num_y_points = 15);
	REFUSED(DAEDALUS_STATUS_CORRUPT, tiles->tile_size = 0);
	REFUSED(DAEDALUS_STATUS_CORRUPT, tiles->tile_size = UINT32_MAX);
	REFUSED(DAEDALUS_STATUS_CORRUPT, tiles->tile_offset = UINT32_MAX);
	REFUSED(DAEDALUS_STATUS_CORRUPT, tiles->tile_row = 64);
	REFUSED(DAEDALUS_STATUS_MISSING_REFERENCE,
		unit.frame.frame_type = V4L2_AV1_SWITCH_FRAME;
		memset(unit.frame.ref_frame_idx, 0, sizeof(unit.frame.ref_frame_idx)));
	REFUSED(DAEDALUS_STATUS_OK, (void)0);
	/* An inter frame of a new sequence has no references. */
	REFUSED(DAEDALUS_STATUS_MISSING_REFERENCE,
		unit.frame.frame_type = V4L2_AV1_INTER_FRAME;
		memset(unit.frame.ref_frame_idx, 0, sizeof(unit.frame.ref_frame_idx));
		unit.sequence.flags ^= V4L2_AV1_SEQUENCE_FLAG_ENABLE_CDEF);
	REFUSED(DAEDALUS_STATUS_OK, (void)0);
#undef MISMATCH
#undef REFUSED
	free(tiles);
	engine_av1.close(engine);
}

static bool load_reference(struct reference *reference, const struct av1_stream *stream,
			   const char *path)
{
	*reference = (struct reference){ 0 };
	reference->data = file_read(path, 1, &reference->size);
	reference->offsets = calloc(stream->count, sizeof(*reference->offsets));
	return reference->data && reference->offsets;
}

int main(int argc, char **argv)
{
	bool dumping = argc > 3 && !strcmp(argv[1], "--dump");
	struct reference reference;
	struct av1_stream stream;
	int status = 1;
	char text[256];

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc != 3 + dumping) {
		printf("usage: test_engine_av1 CLIP.ivf REFERENCE.yuv\n"
		       "       test_engine_av1 --dump CLIP.ivf OUTPUT.yuv\n");
		return 1;
	}
	if (getenv("DAEDALUS_TEST_DEBUG"))
		log_set_level(LOG_DEBUG);
	if (engine_av1.load(text, sizeof(text))) {
		printf("%s\n", text);
		return EXIT_SKIP;
	}
	if (!av1_stream_load(&stream, argv[1 + dumping])) {
		av1_stream_free(&stream);
		return 1;
	}
	if (dumping) {
		status = dump(&stream, argv[3]);
	} else if (load_reference(&reference, &stream, argv[2])) {
		test_exact(&stream, &reference, 1);
		test_exact(&stream, &reference, 2);
		describe(&stream);
		test_hidden_keys(&stream, &reference);
		test_accidents(&stream, &reference);
		test_join(&stream, &reference);
		test_noise(&stream, &reference);
		test_refusals(&stream);
		free(reference.data);
		free(reference.offsets);
		status = check_result();
	}
	av1_stream_free(&stream);
	return status;
}
