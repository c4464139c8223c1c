// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engines.h"

#include <stdio.h>
#include <string.h>

#include "av1/engine_av1.h"
#include "core/capture_format.h"
#include "core/log.h"
#include "h264/engine_h264.h"
#include "vp9/engine_vp9.h"

static const struct engine_ops *const all_engines[] = {
	&engine_h264,
	&engine_vp9,
#ifdef DAEDALUS_HAVE_AV1
	&engine_av1,
#endif
};

#define NUM_ENGINES	(sizeof(all_engines) / sizeof(all_engines[0]))

_Static_assert(NUM_ENGINES <= DAEDALUS_MAX_CODECS, "more engines than a hello can name");

static bool loaded[NUM_ENGINES];
static char load_texts[NUM_ENGINES][256];	/* as engine_ops.load() left them */

/* Adds the name of a library, unless an earlier codec uses the same library. */
static void add_library(struct daedalus_hello *hello, const char *library)
{
	char *text = (char *)hello->engine;
	size_t used = strlen(text);

	if (strstr(text, library))
		return;
	snprintf(text + used, sizeof(hello->engine) - used, "%s%s", used ? ", " : "", library);
}

unsigned int engines_load(struct daedalus_hello *hello)
{
	size_t i;

	hello->num_codecs = 0;
	memset(hello->engine, 0, sizeof(hello->engine));
	for (i = 0; i < NUM_ENGINES; i++) {
		const struct engine_ops *ops = all_engines[i];
		char *text = load_texts[i];

		loaded[i] = ops->load(text, sizeof(load_texts[i])) == 0;
		if (!loaded[i]) {
			log_error("no %s: %s", ops->name, text);
			continue;
		}
		add_library(hello, text);
		hello->codecs[hello->num_codecs++] = (struct daedalus_codec){
			.pixelformat = ops->pixelformat,
			.capture_formats = ops->capture_formats,
			.max_width = ops->max_width,
			.max_height = ops->max_height,
		};
	}
	return hello->num_codecs;
}

void engines_describe(struct record_text *to)
{
	char fourcc[FOURCC_TEXT_BYTES];
	size_t i;

	for (i = 0; i < NUM_ENGINES; i++) {
		record_begin(to, "codec");
		record_add(to, "name", "%s", all_engines[i]->name);
		record_add(to, "fourcc", "%s", fourcc_text(all_engines[i]->pixelformat, fourcc));
		record_add(to, "state", "%s", loaded[i] ? "ok" : "missing");
		record_add(to, loaded[i] ? "library" : "reason", "%s", load_texts[i]);
		record_end(to);
	}
}

const struct engine_ops *engines_find(uint32_t pixelformat)
{
	size_t i;

	for (i = 0; i < NUM_ENGINES; i++)
		if (loaded[i] && all_engines[i]->pixelformat == pixelformat)
			return all_engines[i];
	return NULL;
}
