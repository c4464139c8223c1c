// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Compares the pictures of the VP9 engine, frame by frame, with those of another decoder.
 *
 *   test_engine_vp9 CLIP.ivf REFERENCE.yuv [THREADS]
 *   test_engine_vp9 --dump CLIP.ivf OUTPUT.yuv [THREADS]
 *
 * REFERENCE.yuv holds the shown frames as planar 4:2:0, little-endian words for
 * more than 8 bits, each in its own size. The tests beyond the plain decode want
 * a clip with a second key frame.
 */
#include "check.h"

#include <stdlib.h>
#include <string.h>

#include "codec/vp9/engine_vp9.h"
#include "core/log.h"
#include "vp9_client.h"

static unsigned int threads = 2;

/* Shown frames of the reference decoder, and the offset of each frame of the clip in @file. */
struct reference {
	FILE *file;
	long *offsets;
	uint8_t *buffer;
	size_t room;
};

static struct client new_client(void)
{
	struct engine_config config = { .threads = threads };
	struct client client = { .engine = engine_vp9.open(&config), .next_timestamp = 1 };

	if (!client.engine)
		abort();
	return client;
}

static void end_client(struct client *client)
{
	client_free(client);
	engine_vp9.close(client->engine);
}

/* Are the next bytes of the reference this picture? */
static bool next_is(struct reference *reference, const struct stored_picture *picture)
{
	if (picture->size > reference->room) {
		reference->buffer = realloc(reference->buffer, picture->size);
		reference->room = picture->size;
	}
	return picture->size &&
	       fread(reference->buffer, 1, picture->size, reference->file) == picture->size &&
	       !memcmp(reference->buffer, picture->data, picture->size);
}

/* The picture that the client shows for a frame, NULL for a hidden one. */
static const struct stored_picture *shown(const struct client *client,
					  const struct vp9_header *header,
					  const struct stored_picture *picture)
{
	if (header->show_existing_frame)
		return &client->slots[header->frame_to_show].picture;
	return header->show_frame ? picture : NULL;
}

static int dump(const struct clip *clip, const char *path)
{
	struct client client = new_client();
	FILE *file = fopen(path, "wb");
	size_t bad = 0, i;

	if (!file)
		return 1;
	for (i = 0; i < clip->num_frames; i++) {
		const struct clip_frame *frame = &clip->frames[i];
		struct stored_picture picture = { 0 };
		const struct stored_picture *show;

		if (!frame->header.show_existing_frame &&
		    client_decode(&client, &frame->header, clip->data + frame->offset,
				  frame->size, false, &picture))
			bad++;
		show = shown(&client, &frame->header, &picture);
		if (show)
			fwrite(show->data, 1, show->size, file);
		free(picture.data);
	}
	fclose(file);
	end_client(&client);
	printf("%zu frames, %zu with errors\n", clip->num_frames, bad);
	return bad != 0;
}

/* Every frame must be exact; show_existing_frame in the client and through the engine. */
static void test_exact(const struct clip *clip, struct reference *reference)
{
	struct client client = new_client();
	unsigned int hidden = 0, repeated = 0, sizes = 0;
	size_t i;

	rewind(reference->file);
	for (i = 0; i < clip->num_frames; i++) {
		const struct clip_frame *frame = &clip->frames[i];
		const struct vp9_header *header = &frame->header;
		struct stored_picture picture;
		const struct stored_picture *show;
		enum daedalus_status status;

		status = client_decode(&client, header, clip->data + frame->offset, frame->size,
				       false, &picture);
		CHECK_MSG(status == DAEDALUS_STATUS_OK, "frame %zu has status %d", i, status);
		CHECK_MSG(picture.size, "frame %zu has no picture", i);
		show = shown(&client, header, &picture);
		reference->offsets[i] = ftell(reference->file);
		if (show)
			CHECK_MSG(next_is(reference, show), "frame %zu differs", i);
		if (header->show_existing_frame)
			CHECK_MSG(show->size == picture.size &&
				  !memcmp(show->data, picture.data, show->size),
				  "frame %zu: the engine shows another picture", i);
		hidden += !show;
		repeated += header->show_existing_frame;
		sizes += i && !header->key_frame && !header->show_existing_frame &&
			 header->size_from_ref < 0;
		free(picture.data);
	}
	CHECK_MSG(fgetc(reference->file) == EOF, "the reference has more frames");
	printf("exact: %zu frames, %u hidden, %u repeated, %u sizes on inter frames\n",
	       clip->num_frames, hidden, repeated, sizes);
	end_client(&client);
}

/**
 * struct accident - damage to one frame
 * @name:	for messages
 * @lose:	the frame is not sent
 * @flush:	the engine is flushed before the frame
 * @keep:	bytes of the frame that are sent, 0 for all
 * @garble:	bytes that are overwritten at the start of the frame
 * @status:	status that the frame itself must have, -1 for any
 */
struct accident {
	const char *name;
	bool lose;
	bool flush;
	size_t keep;
	size_t garble;
	int status;
};

static const struct accident accidents[] = {
	{ .name = "flush", .flush = true, .status = DAEDALUS_STATUS_MISSING_REFERENCE },
	{ .name = "lost frame", .lose = true, .status = -1 },
	{ .name = "one byte left", .keep = 1, .status = DAEDALUS_STATUS_CORRUPT },
	{ .name = "cut in the header", .keep = 12, .status = DAEDALUS_STATUS_CORRUPT },
	{ .name = "garbage", .garble = 400, .status = DAEDALUS_STATUS_CORRUPT },
};

/*
 * After the damage, no frame that is not exact may have status OK. From the next key
 * frame on, all must be exact.
 */
static void test_accident(const struct clip *clip, struct reference *reference,
			  const struct accident *accident, size_t victim)
{
	struct client client = new_client();
	unsigned int flagged = 0;
	bool healed = false;
	size_t i;

	for (i = 0; i < clip->num_frames; i++) {
		const struct clip_frame *frame = &clip->frames[i];
		const struct vp9_header *header = &frame->header;
		size_t size = i == victim && accident->keep ? accident->keep : frame->size;
		uint8_t *data = malloc(size);
		struct stored_picture picture;
		const struct stored_picture *show;
		enum daedalus_status status;

		if (size > frame->size)
			size = frame->size;
		memcpy(data, clip->data + frame->offset, size);
		if (i == victim)
			memset(data, 0xff, accident->garble < size ? accident->garble : size);
		if (i == victim && accident->flush)
			engine_vp9.flush(client.engine);
		if (i > victim && header->key_frame)
			healed = true;
		status = client_decode(&client, header, data, size,
				       i == victim && accident->lose, &picture);
		show = shown(&client, header, &picture);

		if (i == victim && accident->status >= 0)
			CHECK_MSG((int)status == accident->status, "%s: frame %zu has status %d",
				  accident->name, i, status);
		flagged += i > victim && status != DAEDALUS_STATUS_OK;
		if (healed || i < victim)
			CHECK_MSG(status == DAEDALUS_STATUS_OK, "%s: frame %zu has status %d",
				  accident->name, i, status);
		if (show && status == DAEDALUS_STATUS_OK) {
			fseek(reference->file, reference->offsets[i], SEEK_SET);
			CHECK_MSG(next_is(reference, show), "%s: frame %zu is called OK and differs",
				  accident->name, i);
		}
		free(data);
		free(picture.data);
	}
	CHECK_MSG(healed, "the clip has no second key frame");
	CHECK_MSG(flagged, "%s: no later frame was flagged", accident->name);
	printf("%s at frame %zu: %u later frames flagged\n", accident->name, victim, flagged);
	end_client(&client);
}

/* Requests that contradict the bitstream are refused; the engine goes on. */
static void test_mismatch(const struct clip *clip)
{
	struct client client = new_client();
	const struct clip_frame *frame = &clip->frames[0];
	struct vp9_header header = frame->header;
	struct stored_picture picture;

	header.width += 8;
	CHECK_EQ(client_decode(&client, &header, clip->data + frame->offset, frame->size, false,
			       &picture), DAEDALUS_STATUS_MISMATCH);
	CHECK(!picture.data);
	header = frame->header;
	header.bit_depth = header.bit_depth == 8 ? 10 : 8;
	CHECK_EQ(client_decode(&client, &header, clip->data + frame->offset, frame->size, false,
			       &picture), DAEDALUS_STATUS_MISMATCH);
	CHECK(!picture.data);
	header = frame->header;
	header.profile ^= 2;
	CHECK_EQ(client_decode(&client, &header, clip->data + frame->offset, frame->size, false,
			       &picture), DAEDALUS_STATUS_MISMATCH);
	CHECK(!picture.data);
	CHECK_EQ(client_decode(&client, &frame->header, clip->data + frame->offset, 0, false,
			       &picture), DAEDALUS_STATUS_CORRUPT);
	CHECK(!picture.data);
	CHECK_EQ(client_decode(&client, &frame->header, clip->data + frame->offset, frame->size,
			       false, &picture), DAEDALUS_STATUS_OK);
	CHECK(picture.data);
	free(picture.data);
	end_client(&client);
}

/* Two frames in one OUTPUT buffer, from a client that does not split superframes. */
static void test_superframe(const struct clip *clip)
{
	const struct clip_frame *frame = &clip->frames[0];
	struct client client = new_client();
	struct stored_picture picture;
	size_t size = 2 * frame->size + 10;
	uint8_t *data = malloc(size);
	uint8_t *index = data + 2 * frame->size;
	int i;

	memcpy(data, clip->data + frame->offset, frame->size);
	memcpy(data + frame->size, data, frame->size);
	index[0] = index[9] = 0xc0 | 3 << 3 | 1;	/* two frames, four bytes for each size */
	for (i = 0; i < 4; i++)
		index[1 + i] = index[5 + i] = (uint8_t)(frame->size >> (8 * i));
	CHECK_EQ(client_decode(&client, &frame->header, data, size, false, &picture),
		 DAEDALUS_STATUS_MISMATCH);
	CHECK(!picture.data);
	CHECK_EQ(client_decode(&client, &frame->header, data, frame->size, false, &picture),
		 DAEDALUS_STATUS_OK);
	free(picture.data);
	free(data);
	end_client(&client);
}

/* Bit errors in the tile data: each job ends, and frames are exact from the next key frame on. */
static void test_noise(const struct clip *clip)
{
	struct client client = new_client();
	uint32_t random = 12345;
	size_t i, j;

	for (i = 0; i < clip->num_frames; i++) {
		const struct clip_frame *frame = &clip->frames[i];
		uint8_t *data = malloc(frame->size);
		struct stored_picture picture;
		enum daedalus_status status;

		memcpy(data, clip->data + frame->offset, frame->size);
		if (!frame->header.key_frame)
			for (j = 24; j < frame->size; j++) {
				random = random * 1664525 + 1013904223;
				if (random >> 24 < 8)
					data[j] ^= (uint8_t)(random >> 16);
			}
		status = client_decode(&client, &frame->header, data, frame->size, false,
				       &picture);
		if (frame->header.key_frame)
			CHECK_MSG(status == DAEDALUS_STATUS_OK, "key frame %zu has status %d", i,
				  status);
		free(picture.data);
		free(data);
	}
	end_client(&client);
}

int main(int argc, char **argv)
{
	bool dumping = argc > 1 && !strcmp(argv[1], "--dump");
	struct reference reference = { 0 };
	size_t second_key = 0, i;
	struct clip clip;
	char text[256];
	int shift = dumping;

	if (argc < 3 + shift) {
		printf("usage: %s [--dump] CLIP.ivf FILE.yuv [THREADS]\n", argv[0]);
		return 1;
	}
	if (argc > 3 + shift)
		threads = (unsigned int)atoi(argv[3 + shift]);
	if (engine_vp9.load(text, sizeof(text)) < 0) {
		printf("%s\n", text);
		return EXIT_SKIP;
	}
	printf("%s, %u threads\n", text, threads);
	if (!clip_load(&clip, argv[1 + shift]))
		return 1;
	if (dumping) {
		int ret = dump(&clip, argv[3]);

		clip_free(&clip);
		return ret;
	}

	reference.file = fopen(argv[2], "rb");
	if (!reference.file) {
		printf("%s cannot be opened\n", argv[2]);
		return 1;
	}
	reference.offsets = calloc(clip.num_frames, sizeof(*reference.offsets));
	if (!reference.offsets)
		return 1;
	test_exact(&clip, &reference);
	test_mismatch(&clip);
	test_superframe(&clip);
	test_noise(&clip);
	for (i = 1; i < clip.num_frames && !second_key; i++)
		if (clip.frames[i].header.key_frame)
			second_key = i;
	for (i = 0; second_key > 3 && i < sizeof(accidents) / sizeof(accidents[0]); i++)
		test_accident(&clip, &reference, &accidents[i], second_key / 3);

	fclose(reference.file);
	free(reference.offsets);
	free(reference.buffer);
	clip_free(&clip);
	return check_result();
}
