// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine_base.h"

#include "core/elapsed.h"
#include "core/log.h"

/* Luma samples; for smaller frames, more threads do not make decoding faster. */
#define MIN_THREAD_PIXELS	(640U * 360U)

void engine_init(struct engine *engine, const struct engine_ops *ops,
		 const struct engine_config *config)
{
	engine->ops = ops;
	engine->depth = 1;
	engine->max_threads = config->threads < ENGINE_MAX_THREADS ? config->threads :
								     ENGINE_MAX_THREADS;
}

struct engine_result *engine_begin(struct engine *engine, const struct engine_job *job)
{
	clock_gettime(CLOCK_MONOTONIC, &engine->begun);
	engine->result = (struct engine_result){ .id = job->id, .status = DAEDALUS_STATUS_OK };
	engine->has_result = false;
	return &engine->result;
}

void engine_end(struct engine *engine)
{
	engine->result.decode_us = elapsed_us(&engine->begun);
	engine->has_result = true;
}

bool engine_collect(struct engine *engine, bool more, struct engine_result *result)
{
	(void)more;
	if (!engine->has_result)
		return false;
	*result = engine->result;
	engine->has_result = false;
	return true;
}

void engine_forget(struct engine *engine)
{
	engine->has_result = false;
}

bool engine_refuse(struct engine_result *result, enum daedalus_status status, const char *why)
{
	result->status = status;
	result->why = why;
	return false;
}

bool engine_restart(struct engine *engine, bool has_decoder, bool independent, uint32_t width,
		    uint32_t height)
{
	unsigned int threads = 1;

	if (has_decoder && !independent)
		return false;
	if ((uint64_t)width * height >= MIN_THREAD_PIXELS)
		threads = engine->max_threads;
	if (has_decoder && engine->threads == threads)
		return false;
	engine->threads = threads;
	log_debug("%s %ux%u with %u thread%s", engine->ops->name, width, height, threads,
		  threads > 1 ? "s" : "");
	return true;
}
