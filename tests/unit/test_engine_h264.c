// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The H.264 engine picture by picture, against what another decoder made of the stream.
 *
 *   test_engine_h264 CLIP.264 REFERENCE.yuv
 *   test_engine_h264 --dump CLIP.264 OUTPUT.yuv
 *
 * Both .yuv files hold the frames in output order, cropped, planar 4:2:0, with
 * little-endian words for more than 8 bits.
 */
#include "check.h"

#include <stdlib.h>
#include <string.h>

#include "engine.h"
#include "h264_client.h"
#include "h264_stream.h"
#include "log.h"

static struct engine *new_engine(void)
{
	struct engine_config config = { .threads = 2 };
	struct engine *engine = engine_h264.open(&config);

	if (!engine)
		abort();
	return engine;
}

static void send_all(struct engine *engine, const struct h264_stream *stream,
		     struct h264_frames *frames)
{
	size_t i;

	for (i = 0; i < stream->num_pictures; i++)
		h264_client_send(engine, stream, i, H264_SEND, NULL, 0, frames);
}

static int dump(const struct h264_stream *stream, const char *path)
{
	struct engine *engine = new_engine();
	struct h264_frames frames = { 0 };
	FILE *file = fopen(path, "wb");
	size_t bad = 0, i;

	if (!file)
		return 1;
	send_all(engine, stream, &frames);
	h264_frames_sort(&frames);
	for (i = 0; i < frames.count; i++) {
		bad += frames.frames[i].status != DAEDALUS_STATUS_OK;
		fwrite(frames.frames[i].data, 1, frames.frames[i].size, file);
	}
	fclose(file);
	printf("%zu frames, %zu with errors\n", frames.count, bad);
	h264_frames_free(&frames);
	engine_h264.close(engine);
	return bad != 0;
}

int main(int argc, char **argv)
{
	bool dumping = argc == 4 && !strcmp(argv[1], "--dump");
	struct h264_stream stream;
	char text[256];
	int status;

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc != 3 + dumping) {
		printf("usage: test_engine_h264 [--dump] CLIP.264 FILE.yuv\n");
		return 1;
	}
	if (getenv("DAEDALUS_TEST_DEBUG"))
		log_set_level(LOG_DEBUG);
	if (engine_h264.load(text, sizeof(text))) {
		printf("%s\n", text);
		return EXIT_SKIP;
	}
	if (!h264_stream_load(&stream, argv[1 + dumping]))
		return 1;
	status = dump(&stream, argv[2 + dumping]);
	h264_stream_free(&stream);
	return status;
}
