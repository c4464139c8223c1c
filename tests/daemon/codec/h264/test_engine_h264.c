// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Compares the pictures of the H.264 engine, one by one, with those of another decoder.
 *
 *   test_engine_h264 CLIP.264 REFERENCE.yuv
 *   test_engine_h264 --dump CLIP.264 OUTPUT.yuv [WIDTHxHEIGHT]
 *
 * Both .yuv files hold the frames in output order, cropped, planar 4:2:0, with
 * little-endian words for more than 8 bits. WIDTHxHEIGHT is for streams whose
 * container crops; it counts only if it is smaller than what the SPS says.
 */
#include "check.h"

#include <stdlib.h>
#include <string.h>

#include "codec/h264/engine_h264.h"
#include "common/h264_sps.h"
#include "h264_client.h"
#include "h264_stream.h"
#include "core/log.h"

static struct engine *new_engine(void)
{
	struct engine_config config = { .threads = 2 };
	struct engine *engine = engine_h264.open(&config);

	if (!engine)
		abort();
	return engine;
}

/* Frames of the reference decoder; arrays are indexed by the first picture of a frame. */
struct reference {
	FILE *file;
	long *offsets;		/* offset of the frame in @file, -1 for second fields */
	size_t *positions;	/* index of the frame in output order */
	uint8_t *buffer;
};

static bool matches(struct reference *reference, const struct h264_frame *frame)
{
	bool same;

	reference->buffer = realloc(reference->buffer, frame->size + 1);
	if (!reference->buffer)
		abort();
	fseek(reference->file, reference->offsets[frame->picture], SEEK_SET);
	same = frame->data &&
	       fread(reference->buffer, 1, frame->size, reference->file) == frame->size &&
	       !memcmp(reference->buffer, frame->data, frame->size);
	return same;
}

/*
 * Write the frames with status OK. Leading pictures of an open GOP at the start of a
 * stream do not have it; other decoders do not output them either.
 */
static int dump(const struct h264_stream *stream, const char *path, unsigned int width,
		unsigned int height)
{
	struct engine *engine = new_engine();
	struct h264_frames frames = { 0 };
	FILE *file = fopen(path, "wb");
	size_t bad = 0, i;

	if (!file)
		return 1;
	for (i = 0; i < stream->num_pictures; i++) {
		h264_crop_to(&stream->pictures[i].sps, width, height);
		h264_client_send(engine, stream, i, H264_SEND, NULL, 0, &frames);
	}
	h264_frames_sort(&frames);
	for (i = 0; i < frames.count; i++) {
		if (frames.frames[i].status == DAEDALUS_STATUS_OK)
			fwrite(frames.frames[i].data, 1, frames.frames[i].size, file);
		else
			bad++;
	}
	fclose(file);
	printf("%zu frames, %zu with errors\n", frames.count, bad);
	h264_frames_free(&frames);
	engine_h264.close(engine);
	return 0;
}

/* Every frame must be exact. Prints which features the stream uses. */
static void test_exact(const struct h264_stream *stream, struct reference *reference)
{
	unsigned int b = 0, fields = 0, slices = 0, refs = 0, idr = 0, sizes = 0;
	struct engine *engine = new_engine();
	struct h264_frames frames = { 0 };
	long offset = 0;
	size_t i;

	for (i = 0; i < stream->num_pictures; i++) {
		const struct h264_picture *picture = &stream->pictures[i];
		enum daedalus_status status;

		status = h264_client_send(engine, stream, i, H264_SEND, NULL, 0, &frames);
		CHECK_MSG(status == DAEDALUS_STATUS_OK, "picture %zu has status %d", i, status);
		b += picture->first.slice_type == H264_SLICE_B;
		idr += picture->first.idr;
		fields += picture->first.field_pic;
		slices = picture->slices > slices ? picture->slices : slices;
		refs = picture->sps.control.max_num_ref_frames > refs ?
		       picture->sps.control.max_num_ref_frames : refs;
		sizes += i && memcmp(&picture->sps.control, &picture[-1].sps.control,
				     sizeof(picture->sps.control));
		reference->offsets[i] = -1;
	}
	h264_frames_sort(&frames);
	for (i = 0; i < frames.count; i++) {
		const struct h264_frame *frame = &frames.frames[i];

		reference->offsets[frame->picture] = offset;
		reference->positions[frame->picture] = i;
		CHECK_MSG(matches(reference, frame), "frame %zu differs", i);
		offset += (long)frame->size;
	}
	fseek(reference->file, 0, SEEK_END);
	CHECK_EQ(ftell(reference->file), offset);
	printf("exact: %zu pictures, %u idr, %u b, %u fields, %u slices, %u refs, %u sps changes\n",
	       stream->num_pictures, idr, b, fields, slices, refs, sizes);
	h264_frames_free(&frames);
	engine_h264.close(engine);
}

/* Every frame with status OK must be exact. Return: number of frames with status OK. */
static size_t check_honest(struct reference *reference, const struct h264_frames *frames,
			   const char *what)
{
	size_t good = 0, i;

	for (i = 0; i < frames->count; i++) {
		const struct h264_frame *frame = &frames->frames[i];

		if (frame->status != DAEDALUS_STATUS_OK)
			continue;
		good++;
		CHECK_MSG(matches(reference, frame), "%s: picture %zu is called exact and is not",
			  what, frame->picture);
	}
	return good;
}

/* Can decoding start at this picture? It is IDR, or intra with a recovery point. */
static bool is_entry(const struct h264_picture *picture)
{
	uint32_t frames;

	if (picture->first.idr)
		return true;
	return picture->sei_size && picture->first.slice_type == H264_SLICE_I &&
	       h264_sei_recovery_point(picture->data + 4, picture->sei_size - 4, &frames) &&
	       !frames;
}

/*
 * Start at each picture where decoding can start, as after a seek: this picture and all
 * later ones in output order must be exact.
 */
static void test_seek(const struct h264_stream *stream, struct reference *reference,
		      enum h264_send how)
{
	struct engine *engine = new_engine();
	size_t from, i;

	for (from = 0; from < stream->num_pictures; from++) {
		struct h264_frames frames = { 0 };

		if (!is_entry(&stream->pictures[from]))
			continue;
		for (i = from; i < stream->num_pictures && i < from + 24; i++)
			h264_client_send(engine, stream, i, how, NULL, 0, &frames);
		check_honest(reference, &frames, "seek");
		for (i = 0; i < frames.count; i++) {
			const struct h264_frame *frame = &frames.frames[i];

			if (reference->positions[frame->picture] >= reference->positions[from])
				CHECK_MSG(frame->status == DAEDALUS_STATUS_OK,
					  "after a seek to %zu picture %zu has status %d", from,
					  frame->picture, frame->status);
		}
		h264_frames_free(&frames);
		engine_h264.flush(engine);
	}
	engine_h264.close(engine);
}

/*
 * The first recovery point of a stream that is read from picture @from on, D.2.8.
 * Return: index of the picture; num_pictures if there is none.
 */
static size_t first_recovery(const struct h264_stream *stream, size_t from)
{
	size_t first = stream->num_pictures, i, j;

	for (i = from; i < stream->num_pictures; i++) {
		const struct h264_picture *start = &stream->pictures[i];
		uint32_t mask = h264_max_frame_num(&start->sps.control) - 1, frames;

		if (!start->sei_size || start->second_field ||
		    !h264_sei_recovery_point(start->data + 4, start->sei_size - 4, &frames))
			continue;
		for (j = i; j < first; j++) {
			const struct h264_slice *slice = &stream->pictures[j].first;

			if (slice->nal_ref_idc && !stream->pictures[j].second_field &&
			    ((slice->frame_num - start->first.frame_num) & mask) == frames)
				first = j;
		}
	}
	return first;
}

/*
 * Start at an inter picture: no frame has status OK before a recovery point or IDR picture.
 * From the first recovery point on, in output order, all frames have.
 */
static void test_join(const struct h264_stream *stream, struct reference *reference,
		      enum h264_send how)
{
	struct engine *engine = new_engine();
	struct h264_frames frames = { 0 };
	size_t from = 1, i, good, recovery;

	while (from < stream->num_pictures && (stream->pictures[from].second_field ||
					       !stream->pictures[from].first.num_ref_idx_active[0]))
		from++;
	if (from == stream->num_pictures)
		return;
	for (i = from; i < stream->num_pictures; i++)
		h264_client_send(engine, stream, i, how, NULL, 0, &frames);
	good = check_honest(reference, &frames, "join");
	recovery = how == H264_SEND_SEI ? first_recovery(stream, from) : stream->num_pictures;
	for (i = 0; recovery < stream->num_pictures && i < frames.count; i++)
		if (reference->positions[frames.frames[i].picture] >=
		    reference->positions[recovery])
			CHECK_MSG(frames.frames[i].status == DAEDALUS_STATUS_OK,
				  "joined at %zu, recovery point %zu: picture %zu has status %d",
				  from, recovery, frames.frames[i].picture,
				  frames.frames[i].status);
	CHECK_MSG(frames.count && frames.frames[0].status == DAEDALUS_STATUS_MISSING_REFERENCE,
		  "the first picture has status %d", frames.frames[0].status);
	printf("join at %zu: %zu of %zu frames exact\n", from, good, frames.count);
	h264_frames_free(&frames);
	engine_h264.close(engine);
}

enum accident {
	LOST, UNREADABLE, HALF, LAST_QUARTER, NOISE, NO_START_CODE, FIRST_SLICES, LATER_SLICES,
	NUM_ACCIDENTS
};

static const char *const accident_names[NUM_ACCIDENTS] = {
	"lost", "unreadable", "cut in half", "last quarter cut", "noise", "no start code",
	"last slices lost", "first slice lost",
};

/* Damage a copy of a picture. Return: how to send it. */
static enum h264_send spoil(const struct h264_picture *picture, enum accident accident,
			    uint8_t *data, size_t *size)
{
	const uint8_t *from = picture->data + picture->sei_size;
	unsigned int slice = 0;
	size_t position = 0, i;
	struct h264_nal nal;

	*size = picture->size - picture->sei_size;
	memcpy(data, from, *size);
	switch (accident) {
	case LOST:
		return H264_LOSE;
	case UNREADABLE:
		return H264_SKIP;
	case HALF:
		*size /= 2;
		break;
	case LAST_QUARTER:	/* a CABAC decoder may not notice that the last bytes are missing */
		*size -= *size / 4;
		break;
	case NOISE:
		for (i = 16; i < *size; i++)
			data[i] = (uint8_t)(i * 73 ^ i >> 3);
		break;
	case NO_START_CODE:
		memset(data, 0x55, *size);
		break;
	case FIRST_SLICES:
	case LATER_SLICES:
		while (slice < (picture->slices + 1) / 2 &&
		       h264_nal_next(data, *size, &position, &nal))
			slice++;
		if (accident == LATER_SLICES) {
			memmove(data, data + position, *size - position);
			position = *size - position;
		}
		*size = position;
		break;
	default:
		break;
	}
	return H264_SEND;
}

/* Damage or lose one picture: frames that are not exact must not have status OK. */
static void test_accident(const struct h264_stream *stream, struct reference *reference,
			  size_t victim, enum accident accident)
{
	const struct h264_picture *picture = &stream->pictures[victim];
	struct engine *engine = new_engine();
	struct h264_frames frames = { 0 };
	uint8_t *data = malloc(picture->size);
	size_t size, good, i;

	if (!data)
		abort();
	for (i = 0; i < stream->num_pictures; i++) {
		enum daedalus_status status;
		enum h264_send how;

		if (i != victim) {
			h264_client_send(engine, stream, i, H264_SEND_SEI, NULL, 0, &frames);
			continue;
		}
		how = spoil(picture, accident, data, &size);
		status = h264_client_send(engine, stream, i, how, data, size, &frames);
		CHECK_MSG(status != DAEDALUS_STATUS_OK, "%s: picture %zu is called exact",
			  accident_names[accident], victim);
	}
	good = check_honest(reference, &frames, accident_names[accident]);
	/* Frames before the damage, and those from the next IDR picture on, are exact. */
	for (i = 0; i < frames.count; i++) {
		const struct h264_frame *frame = &frames.frames[i];

		if (frame->picture + picture->second_field < victim ||
		    frame->epoch > picture->epoch)
			CHECK_MSG(frame->status == DAEDALUS_STATUS_OK,
				  "%s: picture %zu has status %d", accident_names[accident],
				  frame->picture, frame->status);
	}
	printf("%s at %zu: %zu of %zu frames exact\n", accident_names[accident], victim, good,
	       frames.count);
	h264_frames_free(&frames);
	free(data);
	engine_h264.close(engine);
}

/* Lose one picture: each in turn, or at most 50 pictures of a long stream. */
static void test_losses(const struct h264_stream *stream, struct reference *reference)
{
	struct engine *engine = new_engine();
	size_t step = 1 + stream->num_pictures / 50;
	size_t good = 0, all = 0, victim, i;

	for (victim = 0; victim < stream->num_pictures; victim += step) {
		struct h264_frames frames = { 0 };

		for (i = 0; i < stream->num_pictures; i++)
			h264_client_send(engine, stream, i, i == victim ? H264_LOSE : H264_SEND,
					 NULL, 0, &frames);
		good += check_honest(reference, &frames, "loss");
		all += frames.count;
		h264_frames_free(&frames);
		engine_h264.flush(engine);
	}
	printf("one picture lost: %zu of %zu frames exact\n", good, all);
	engine_h264.close(engine);
}

/* Random bit errors: no crash and no hang. */
static void test_noise(const struct h264_stream *stream)
{
	struct engine *engine = new_engine();
	struct h264_frames frames = { 0 };
	uint32_t random = 1;
	size_t i, j;

	for (i = 0; i < stream->num_pictures; i++) {
		const struct h264_picture *picture = &stream->pictures[i];
		uint8_t *data = malloc(picture->size);

		if (!data)
			abort();
		memcpy(data, picture->data, picture->size);
		for (j = 0; j < 1 + picture->size / 200; j++) {
			random = random * 1664525 + 1013904223;
			data[random % picture->size] ^= (uint8_t)(1U << (random >> 29));
		}
		h264_client_send(engine, stream, i, H264_SEND, data, picture->size, &frames);
		free(data);
	}
	CHECK(frames.count > 0);
	h264_frames_free(&frames);
	engine_h264.close(engine);
}

/* Controls that contradict the slices or use features that are not supported. */
static void test_refusals(struct h264_stream *stream)
{
	struct h264_picture good = stream->pictures[0];
	struct h264_picture *picture = &stream->pictures[0];
	struct h264_frames frames = { 0 };
	struct engine *engine = new_engine();

#define REFUSED(expected, change) \
	do { \
		*picture = good; \
		change; \
		CHECK_EQ(h264_client_send(engine, stream, 0, H264_SEND, NULL, 0, &frames), \
			 expected); \
	} while (0)

	REFUSED(DAEDALUS_STATUS_MISMATCH, picture->params.frame_num++);
	REFUSED(DAEDALUS_STATUS_MISMATCH, picture->params.nal_ref_idc = 0);
	REFUSED(DAEDALUS_STATUS_MISMATCH, picture->params.flags ^=
		V4L2_H264_DECODE_PARAM_FLAG_IDR_PIC);
	REFUSED(DAEDALUS_STATUS_MISMATCH, picture->params.flags ^=
		V4L2_H264_DECODE_PARAM_FLAG_FIELD_PIC);
	REFUSED(DAEDALUS_STATUS_MISMATCH, picture->pps.control.pic_parameter_set_id ^= 1);
	REFUSED(DAEDALUS_STATUS_MISMATCH, picture->pps.control.seq_parameter_set_id ^= 1);
	REFUSED(DAEDALUS_STATUS_MISMATCH, picture->sps.control.seq_parameter_set_id = 32);
	REFUSED(DAEDALUS_STATUS_MISMATCH, picture->sps.control.max_num_ref_frames = 17);
	REFUSED(DAEDALUS_STATUS_MISMATCH, picture->sps.control.pic_order_cnt_type = 3);
	REFUSED(DAEDALUS_STATUS_UNSUPPORTED, picture->pps.control.num_slice_groups_minus1 = 1);
	REFUSED(DAEDALUS_STATUS_UNSUPPORTED, picture->sps.control.chroma_format_idc = 2);
	REFUSED(DAEDALUS_STATUS_UNSUPPORTED, picture->sps.control.bit_depth_luma_minus8 = 1);
	if (good.sps.control.chroma_format_idc)
		REFUSED(DAEDALUS_STATUS_UNSUPPORTED,
			picture->sps.control.bit_depth_luma_minus8 ^= 2);
	REFUSED(DAEDALUS_STATUS_OK, (void)0);
#undef REFUSED
	h264_frames_free(&frames);
	engine_h264.close(engine);
}

static void test_all(struct h264_stream *stream, struct reference *reference)
{
	size_t victim = stream->num_pictures / 4;
	int accident;

	reference->offsets = calloc(stream->num_pictures, sizeof(*reference->offsets));
	reference->positions = calloc(stream->num_pictures, sizeof(*reference->positions));
	if (!reference->offsets || !reference->positions)
		abort();
	test_exact(stream, reference);
	test_seek(stream, reference, H264_SEND);
	test_seek(stream, reference, H264_SEND_SEI);
	test_join(stream, reference, H264_SEND);
	test_join(stream, reference, H264_SEND_SEI);
	while (victim + 1 < stream->num_pictures && !stream->pictures[victim].first.nal_ref_idc)
		victim++;
	for (accident = 0; accident < NUM_ACCIDENTS; accident++)
		if (accident != FIRST_SLICES || stream->pictures[victim].slices > 1)
			test_accident(stream, reference, victim, (enum accident)accident);
	test_losses(stream, reference);
	test_noise(stream);
	test_refusals(stream);
	free(reference->offsets);
	free(reference->positions);
	free(reference->buffer);
}

int main(int argc, char **argv)
{
	bool dumping = argc > 3 && !strcmp(argv[1], "--dump");
	unsigned int width = 0, height = 0;
	struct reference reference = { 0 };
	struct h264_stream stream;
	int status = 0;
	char text[256];

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc < 3 + dumping ||
	    (argc > 3 + dumping && sscanf(argv[4], "%ux%u", &width, &height) != 2)) {
		printf("usage: test_engine_h264 CLIP.264 REFERENCE.yuv\n"
		       "       test_engine_h264 --dump CLIP.264 OUTPUT.yuv [WIDTHxHEIGHT]\n");
		return 1;
	}
	if (getenv("DAEDALUS_TEST_DEBUG"))
		log_set_level(LOG_DEBUG);
	if (engine_h264.load(text, sizeof(text))) {
		printf("%s\n", text);
		return EXIT_SKIP;
	}
	if (!h264_stream_load(&stream, argv[1 + dumping])) {
		h264_stream_free(&stream);
		return 1;
	}
	if (dumping) {
		status = dump(&stream, argv[3], width, height);
		h264_stream_free(&stream);
		return status;
	}
	reference.file = fopen(argv[2], "rb");
	if (!reference.file) {
		printf("%s cannot be opened\n", argv[2]);
		return 1;
	}
	test_all(&stream, &reference);
	fclose(reference.file);
	h264_stream_free(&stream);
	return check_result();
}
