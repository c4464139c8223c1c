/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What all engines do alike: the life of a job's result, refusals, and how
 * many threads a stream gets.
 *
 * submit() of a codec calls engine_begin(), fills the result and calls
 * engine_end(); engine_collect() is its collect().
 */
#ifndef DAEDALUS_ENGINE_BASE_H
#define DAEDALUS_ENGINE_BASE_H

#include "engine.h"

/* Decoder threads of one stream at most. */
#define ENGINE_MAX_THREADS	8U

/**
 * engine_init() - the common part of a new engine, one that completes each job in submit()
 * @engine:	zeroed
 * @ops:	of the codec
 * @config:	that open() was called with
 */
void engine_init(struct engine *engine, const struct engine_ops *ops,
		 const struct engine_config *config);

/**
 * engine_begin() - a job was submitted: start its clock
 *
 * Return: its result, DAEDALUS_STATUS_OK without a picture until more is known;
 * owned by @engine, to be changed until engine_end().
 */
struct engine_result *engine_begin(struct engine *engine, const struct engine_job *job);

/** engine_end() - the result of the job that has begun is complete: stop its clock */
void engine_end(struct engine *engine);

/**
 * engine_collect() - take the result of a job that has ended
 * @more:	another job will be submitted at once
 * @result:	set if there is one
 *
 * Return: whether there was one.
 */
bool engine_collect(struct engine *engine, bool more, struct engine_result *result);

/** engine_forget() - drop what has not been collected, for flush() */
void engine_forget(struct engine *engine);

/**
 * engine_refuse() - a job was not done as the bitstream means
 * @why:	one phrase for the log, static text
 *
 * Return: false, for "return engine_refuse(...)".
 */
bool engine_refuse(struct engine_result *result, enum daedalus_status status, const char *why);

/**
 * engine_restart() - is a decoder to be opened for this frame?
 * @has_decoder:	there is one already
 * @independent:	the frame depends on nothing before it, so a new decoder can begin with it
 * @width:		of the frame, luma samples
 * @height:		of the frame, luma samples
 *
 * Return: true if the decoder, if there is one, is to be closed and one with
 * @engine->threads threads to be opened; those are set only then.
 */
bool engine_restart(struct engine *engine, bool has_decoder, bool independent, uint32_t width,
		    uint32_t height);

#endif /* DAEDALUS_ENGINE_BASE_H */
