// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The AV1 engine request by request, against what another decoder made of the stream.
 *
 *   test_engine_av1 CLIP.ivf REFERENCE.yuv [THREADS]
 *   test_engine_av1 --dump CLIP.ivf OUTPUT.yuv [THREADS]
 *
 * Both .yuv files hold the frames in output order, planar 4:2:0, with
 * little-endian words for more than 8 bits.
 */
#include "check.h"

#include <stdlib.h>
#include <string.h>

#include "av1_client.h"
#include "av1_stream.h"
#include "engine.h"
#include "log.h"

static unsigned int threads = 2;

static struct engine *new_engine(void)
{
	struct engine_config config = { .threads = threads };
	struct engine *engine = engine_av1.open(&config);

	if (!engine)
		abort();
	return engine;
}

static int dump(const struct av1_stream *stream, const char *path)
{
	struct av1_client client = { .engine = new_engine() };
	FILE *file = fopen(path, "wb");
	size_t frames = 0, bad = 0, i;

	if (!file)
		return 1;
	for (i = 0; i < stream->count; i++) {
		struct av1_picture output;

		if (!av1_client_send(&client, &stream->units[i], false, &output))
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

int main(int argc, char **argv)
{
	struct av1_stream stream;
	char text[256];
	int ret = 1;

	if (argc < 4)
		return 2;
	log_set_level(LOG_DEBUG);
	if (engine_av1.load(text, sizeof(text))) {
		printf("%s\n", text);
		return EXIT_SKIP;
	}
	if (argc > 4)
		threads = (unsigned int)atoi(argv[4]);
	if (!strcmp(argv[1], "--dump")) {
		if (av1_stream_load(&stream, argv[2]))
			ret = dump(&stream, argv[3]);
		av1_stream_free(&stream);
		return ret;
	}
	return check_result();
}
