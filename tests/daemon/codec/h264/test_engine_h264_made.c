// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The H.264 engine with hand-made pictures whose samples are known: exact pictures that
 * look broken to libavcodec must have status OK, and broken ones must not.
 */
#include "check.h"

#include <stdlib.h>
#include <string.h>

#include "codec/bit_writer.h"
#include "codec/h264/engine_h264.h"
#include "h264_client.h"
#include "h264_made.h"
#include "h264_stream.h"
#include "core/log.h"

#define WIDTH_MBS	4
#define HEIGHT_MBS	6
#define NONE		SIZE_MAX

#define SEI_FILM_GRAIN	19

static struct engine *new_engine(void)
{
	struct engine_config config = { .threads = 1 };
	struct engine *engine = engine_h264.open(&config);

	if (!engine)
		abort();
	return engine;
}

/* Decode from picture @from on, without picture @lost. Frames are in decoding order. */
static struct h264_frames decode(const struct h264_made *made, size_t from, size_t lost)
{
	struct engine *engine = new_engine();
	struct h264_frames frames = { 0 };
	struct h264_stream stream;
	size_t i;

	if (!h264_stream_parse(&stream, "the made stream", made->data, made->size))
		abort();
	for (i = from; i < stream.num_pictures; i++)
		h264_client_send(engine, &stream, i, i == lost ? H264_LOSE : H264_SEND_SEI, NULL,
				 0, &frames);
	h264_stream_free(&stream);
	engine_h264.close(engine);
	return frames;
}

/* Are the samples of the first macroblock @first, and all others @rest? */
static bool has_samples(const struct h264_frame *frame, uint8_t first, uint8_t rest)
{
	size_t width = 16 * WIDTH_MBS, height = 16 * HEIGHT_MBS, block = 16, plane, x, y;
	const uint8_t *data = frame->data;

	if (!data || frame->size != width * height * 3 / 2)
		return false;
	for (plane = 0; plane < 3; plane++) {
		for (y = 0; y < height; y++)
			for (x = 0; x < width; x++)
				if (*data++ != (x < block && y < block ? first : rest))
					return false;
		if (!plane) {
			width /= 2;
			height /= 2;
			block /= 2;
		}
	}
	return true;
}

/* I pictures are all @value; P pictures have it in the first macroblock. */
static struct h264_made_picture intra(uint32_t frame_num, uint8_t value)
{
	return (struct h264_made_picture){
		.type = H264_SLICE_I, .frame_num = frame_num, .lsb = 2 * frame_num,
		.value = value,
	};
}

static struct h264_made_picture idr(uint8_t value)
{
	struct h264_made_picture picture = intra(0, value);

	picture.idr = true;
	return picture;
}

static struct h264_made_picture inter(uint32_t frame_num, uint8_t value, unsigned int active)
{
	struct h264_made_picture picture = intra(frame_num, value);

	picture.type = H264_SLICE_P;
	picture.active = active;
	return picture;
}

static void add(struct h264_made *made, struct h264_made_picture picture)
{
	h264_made_add(made, &picture);
}

#define CHECK_EXACT(index, first, rest) \
	do { \
		const struct h264_frame *exact_is = &frames.frames[index]; \
		CHECK_EQ(exact_is->status, DAEDALUS_STATUS_OK); \
		CHECK_MSG(has_samples(exact_is, first, rest), "frame %d has other samples", \
			  (int)(index)); \
	} while (0)

/* Lists may have more entries than there are pictures, 8.2.4.2. */
static void test_missing_entries(void)
{
	struct h264_made_picture missing = inter(2, 30, 2);
	struct h264_frames frames;
	struct h264_made made;

	h264_made_begin(&made, WIDTH_MBS, HEIGHT_MBS);
	add(&made, idr(10));
	add(&made, inter(1, 20, 4));
	add(&made, inter(2, 30, 4));
	frames = decode(&made, 0, NONE);
	CHECK_EXACT(0, 10, 10);
	CHECK_EXACT(1, 20, 10);
	CHECK_EXACT(2, 30, 10);
	h264_frames_free(&frames);

	/* Where a picture was lost, the list has a real hole. */
	frames = decode(&made, 0, 1);
	CHECK_EQ(frames.frames[2].status, DAEDALUS_STATUS_MISSING_REFERENCE);
	h264_frames_free(&frames);
	h264_made_free(&made);

	/* A modification that names a picture which does not exist is no such entry. */
	h264_made_begin(&made, WIDTH_MBS, HEIGHT_MBS);
	add(&made, idr(10));
	add(&made, inter(1, 20, 2));
	missing.missing = true;
	add(&made, missing);
	frames = decode(&made, 0, NONE);
	CHECK_EXACT(1, 20, 10);
	CHECK_EQ(frames.frames[2].status, DAEDALUS_STATUS_MISSING_REFERENCE);
	h264_frames_free(&frames);
	h264_made_free(&made);

	/* The same after a recovery point at which decoding starts. */
	h264_made_begin(&made, WIDTH_MBS, HEIGHT_MBS);
	add(&made, idr(10));
	h264_made_recovery(&made, 0);
	add(&made, intra(1, 40));
	add(&made, inter(2, 50, 4));
	frames = decode(&made, 1, NONE);
	CHECK_EXACT(0, 40, 40);
	CHECK_EXACT(1, 50, 40);
	h264_frames_free(&frames);
	h264_made_free(&made);
}

/* Without IDR pictures and recovery points, damage ends with the next picture of I slices. */
static void test_unmarked(void)
{
	struct h264_frames frames;
	struct h264_made made;

	h264_made_begin(&made, WIDTH_MBS, HEIGHT_MBS);
	add(&made, inter(3, 5, 4));
	add(&made, intra(4, 10));
	add(&made, inter(5, 20, 4));
	add(&made, inter(6, 30, 4));
	add(&made, inter(7, 40, 4));
	add(&made, intra(8, 50));
	add(&made, inter(9, 60, 4));
	add(&made, inter(10, 70, 4));
	frames = decode(&made, 0, 3);
	CHECK_EQ(frames.frames[0].status, DAEDALUS_STATUS_MISSING_REFERENCE);
	CHECK_EXACT(1, 10, 10);
	CHECK_EXACT(2, 20, 10);
	CHECK_EQ(frames.frames[4].status, DAEDALUS_STATUS_MISSING_REFERENCE);
	CHECK_EXACT(5, 50, 50);
	CHECK_EXACT(6, 60, 50);
	CHECK_EXACT(7, 70, 50);
	h264_frames_free(&frames);
	h264_made_free(&made);
}

enum kind { FRAMES, MBAFF, FIELDS, NUM_KINDS };

static const char *const kind_names[] = { "frames", "macroblock pairs", "fields" };

/* Two IDR pictures (or field pairs) of four slices; bit i of @unfiltered belongs to slice i. */
static void make_slices(struct h264_made *made, enum kind kind, unsigned int unfiltered,
			const unsigned int *first_mb)
{
	struct h264_made_picture picture = {
		.type = H264_SLICE_I, .idr = true, .value = 90, .slices = H264_MADE_SLICES,
		.unfiltered = unfiltered, .field = kind == FIELDS,
	};
	unsigned int i;

	h264_made_begin(made, WIDTH_MBS, kind == FRAMES ? HEIGHT_MBS : 2 * HEIGHT_MBS);
	if (kind != FRAMES)
		h264_made_interlace(made, kind == MBAFF);
	memcpy(picture.first_mb, first_mb, sizeof(picture.first_mb));
	h264_made_add(made, &picture);
	picture.bottom = kind == FIELDS;
	if (kind == FIELDS)
		picture.idr = false;
	for (i = 0; i < (kind == FIELDS); i++)
		h264_made_add(made, &picture);
}

static bool is_filled(const struct h264_frame *frame, uint8_t value)
{
	size_t i;

	for (i = 0; i < frame->size; i++)
		if (frame->data[i] != value)
			return false;
	return frame->size;
}

/* The deblocking filter is on in some slices and off in others. */
static void test_deblocking(void)
{
	static const unsigned int layouts[][H264_MADE_SLICES] = {
		{ 0, 4, 8, 16 }, { 0, 2, 9, 15 }, { 0, 8, 9, 10 }, { 0, 1, 2, 3 },
	};
	unsigned int kind, layout, unfiltered, lost;

	for (kind = 0; kind < NUM_KINDS; kind++)
		for (layout = 0; layout < 4; layout++)
			for (unfiltered = 0; unfiltered < 16; unfiltered++) {
				struct h264_frames frames;
				struct h264_made made;

				make_slices(&made, (enum kind)kind, unfiltered, layouts[layout]);
				frames = decode(&made, 0, NONE);
				CHECK_EQ(frames.count, 1);
				CHECK_MSG(frames.frames[0].status == DAEDALUS_STATUS_OK &&
					  is_filled(&frames.frames[0], 90),
					  "%s, layout %u, no filter in %#x: status %d",
					  kind_names[kind], layout, unfiltered,
					  frames.frames[0].status);
				h264_frames_free(&frames);
				h264_made_free(&made);
			}
	/* Without one of its slices that ends a row, a picture is never exact. */
	for (kind = 0; kind < NUM_KINDS; kind++)
		for (unfiltered = 0; unfiltered < 16; unfiltered++)
			for (lost = 0; lost < H264_MADE_SLICES; lost++) {
				struct engine *engine = new_engine();
				struct h264_frames frames = { 0 };
				size_t position = 0, from = 0, i;
				struct h264_stream stream;
				struct h264_picture *picture;
				struct h264_made made;
				struct h264_nal nal;

				make_slices(&made, (enum kind)kind, unfiltered, layouts[0]);
				if (!h264_stream_parse(&stream, "slices", made.data, made.size))
					abort();
				picture = &stream.pictures[stream.num_pictures - 1];
				for (i = 0; i <= lost; i++) {
					from = position;
					h264_nal_next(picture->data, picture->size, &position,
						      &nal);
				}
				memmove(picture->data + from, picture->data + position,
					picture->size - position);
				picture->size -= position - from;
				for (i = 0; i < stream.num_pictures; i++)
					h264_client_send(engine, &stream, i, H264_SEND, NULL, 0,
							 &frames);
				CHECK_MSG(frames.frames[0].status != DAEDALUS_STATUS_OK,
					  "%s, no filter in %#x, without slice %u",
					  kind_names[kind], unfiltered, lost);
				h264_frames_free(&frames);
				h264_stream_free(&stream);
				h264_made_free(&made);
				engine_h264.close(engine);
			}
}

/* film_grain_characteristics() with grain in luma, D.1.20 */
static size_t film_grain(uint8_t payload[16])
{
	struct bit_writer writer;

	bit_writer_init(&writer, payload, 16);
	bit_writer_put(&writer, 0, 1);		/* film_grain_characteristics_cancel_flag */
	bit_writer_put(&writer, 0, 2);		/* film_grain_model_id */
	bit_writer_put(&writer, 0, 1);		/* separate_colour_description_present_flag */
	bit_writer_put(&writer, 0, 2);		/* blending_mode_id */
	bit_writer_put(&writer, 2, 4);		/* log2_scale_factor */
	bit_writer_put(&writer, 4, 3);		/* comp_model_present_flag: luma */
	bit_writer_put(&writer, 0, 8);		/* num_intensity_intervals_minus1 */
	bit_writer_put(&writer, 2, 3);		/* num_model_values_minus1 */
	bit_writer_put(&writer, 0, 8);		/* intensity_interval_lower_bound */
	bit_writer_put(&writer, 255, 8);	/* intensity_interval_upper_bound */
	bit_writer_se(&writer, 100);		/* comp_model_value */
	bit_writer_se(&writer, 8);
	bit_writer_se(&writer, 8);
	bit_writer_ue(&writer, 1);		/* film_grain_characteristics_repetition_period */
	bit_writer_trailing(&writer);
	return bit_writer_bytes(&writer);
}

/* One picture after the bytes of @before. Return: its status; CHECKs its samples. */
static enum daedalus_status decode_after(const struct h264_made *before)
{
	struct engine *engine = new_engine();
	struct h264_frames frames = { 0 };
	enum daedalus_status status;
	struct h264_stream stream;
	struct h264_made made;
	uint8_t *data;

	h264_made_begin(&made, WIDTH_MBS, HEIGHT_MBS);
	add(&made, idr(70));
	if (!h264_stream_parse(&stream, "idr", made.data, made.size))
		abort();
	data = malloc(before->size + stream.pictures[0].size);
	if (!data)
		abort();
	memcpy(data, before->data, before->size);
	memcpy(data + before->size, stream.pictures[0].data, stream.pictures[0].size);
	status = h264_client_send(engine, &stream, 0, H264_SEND, data,
				  before->size + stream.pictures[0].size, &frames);
	CHECK(has_samples(&frames.frames[0], 70, 70));
	free(data);
	h264_frames_free(&frames);
	h264_stream_free(&stream);
	h264_made_free(&made);
	engine_h264.close(engine);
	return status;
}

/* SEI messages change no sample and make no picture broken. */
static void test_sei(void)
{
	struct h264_made made;
	uint8_t payload[16];
	size_t size = film_grain(payload);
	unsigned int type;

	h264_made_begin(&made, WIDTH_MBS, HEIGHT_MBS);
	h264_made_sei(&made, SEI_FILM_GRAIN, payload, size);
	CHECK_EQ(decode_after(&made), DAEDALUS_STATUS_OK);
	h264_made_free(&made);

	for (type = 0; type < 60; type++) {
		static const uint8_t noise[16] = {
			0xff, 0x13, 0x84, 0xff, 0xff, 0x7e, 0x21, 0x99,
			0x42, 0xff, 0xe0, 0x10, 0x07, 0xaa, 0x55, 0x80,
		};

		/* The message is cut short, but there is a picture after it. */
		h264_made_begin(&made, WIDTH_MBS, HEIGHT_MBS);
		h264_made_sei(&made, type, noise, sizeof(noise));
		made.size -= 8;
		CHECK_MSG(decode_after(&made) == DAEDALUS_STATUS_OK, "SEI of type %u", type);
		h264_made_free(&made);
		h264_made_begin(&made, WIDTH_MBS, HEIGHT_MBS);
		h264_made_sei(&made, type, noise, 1 + type % 16);
		CHECK_MSG(decode_after(&made) == DAEDALUS_STATUS_OK, "short SEI of type %u",
			  type);
		h264_made_free(&made);
	}
}

int main(void)
{
	char text[256];

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (getenv("DAEDALUS_TEST_DEBUG"))
		log_set_level(LOG_DEBUG);
	if (engine_h264.load(text, sizeof(text))) {
		printf("%s\n", text);
		return EXIT_SKIP;
	}
	test_missing_entries();
	test_unmarked();
	test_deblocking();
	test_sei();
	return check_result();
}
