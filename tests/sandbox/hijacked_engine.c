// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The table of codecs of a daedalusd whose only codec attacks the machine. All else in that
 * program is the real daemon, and the real one has nothing of this.
 */
#include <stdlib.h>
#include <string.h>

#include <linux/videodev2.h>

#include "attack.h"
#include "codec/engine_base.h"
#include "codec/engines.h"

#define WIDTH	64
#define HEIGHT	64

/**
 * struct hijacked - a stream
 * @engine:	common part
 * @bits:	bitstream of the next job
 * @gray:	samples of the picture
 */
struct hijacked {
	struct engine engine;
	uint8_t *bits;
	uint8_t gray[WIDTH * HEIGHT];
};

static int load(char *text, size_t size)
{
	strncpy(text, "hijacked", size);
	return 0;
}

static const struct engine_ops hijacked_ops;

static struct engine *open_stream(const struct engine_config *config)
{
	struct hijacked *hijacked = calloc(1, sizeof(*hijacked));

	if (!hijacked)
		return NULL;
	engine_init(&hijacked->engine, &hijacked_ops, config);
	memset(hijacked->gray, 0x80, sizeof(hijacked->gray));
	return &hijacked->engine;
}

static uint8_t *reserve(struct engine *engine, size_t size)
{
	struct hijacked *hijacked = (struct hijacked *)engine;

	free(hijacked->bits);
	hijacked->bits = malloc(size + 1);
	return hijacked->bits;
}

static void submit(struct engine *engine, const struct engine_job *job)
{
	struct hijacked *hijacked = (struct hijacked *)engine;
	struct engine_result *result = engine_begin(engine, job);
	int i;

	attack(hijacked->bits[0]);
	if (hijacked->bits[0] == ATTACK_FAIL) {
		engine_refuse(result, DAEDALUS_STATUS_CORRUPT, "it was told to fail");
	} else {
		result->has_picture = true;
		result->picture.width = WIDTH;
		result->picture.height = HEIGHT;
		result->picture.bit_depth = 8;
		for (i = 0; i < 3; i++) {
			result->picture.data[i] = hijacked->gray;
			result->picture.stride[i] = WIDTH;
		}
	}
	engine_end(engine);
}

static void nothing(struct engine *engine)
{
}

static void close_stream(struct engine *engine)
{
	free(((struct hijacked *)engine)->bits);
	free(engine);
}

static const struct engine_ops hijacked_ops = {
	.name = "hijacked",
	.pixelformat = V4L2_PIX_FMT_VP9_FRAME,
	.capture_formats = DAEDALUS_CAPTURE_ALL,
	.max_width = 4096,
	.max_height = 4096,
	.load = load,
	.open = open_stream,
	.reserve = reserve,
	.submit = submit,
	.collect = engine_collect,
	.skip = nothing,
	.flush = engine_forget,
	.close = close_stream,
};

unsigned int engines_load(struct daedalus_hello *hello)
{
	load((char *)hello->engine, sizeof(hello->engine));
	hello->num_codecs = 1;
	hello->codecs[0] = (struct daedalus_codec){
		.pixelformat = hijacked_ops.pixelformat,
		.capture_formats = hijacked_ops.capture_formats,
		.max_width = hijacked_ops.max_width,
		.max_height = hijacked_ops.max_height,
	};
	return 1;
}

const struct engine_ops *engines_find(uint32_t pixelformat)
{
	return pixelformat == hijacked_ops.pixelformat ? &hijacked_ops : NULL;
}

void engines_describe(struct record_text *to)
{
	record_begin(to, "codec");
	record_add(to, "name", "%s", hijacked_ops.name);
	record_end(to);
}
