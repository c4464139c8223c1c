/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Functions that all engines share: they manage a job's result, record refusals and
 * choose the number of decoder threads.
 *
 * A codec's submit() calls engine_begin(), fills the result and calls engine_end(). Its
 * collect() is engine_collect().
 */
#ifndef DAEDALUS_ENGINE_BASE_H
#define DAEDALUS_ENGINE_BASE_H

#include "engine.h"

/* Maximum number of decoder threads of one stream. */
#define ENGINE_MAX_THREADS	8U

/**
 * engine_init() - initialize the common part of an engine that completes each job in submit()
 * @engine:	all zero
 * @ops:	functions of the codec
 * @config:	parameter of open()
 */
void engine_init(struct engine *engine, const struct engine_ops *ops,
		 const struct engine_config *config);

/**
 * engine_begin() - start a job that was submitted, and measure its time from now on
 *
 * Return: the job's result, initially DAEDALUS_STATUS_OK without a picture. @engine owns
 * it; the caller may change it until engine_end().
 */
struct engine_result *engine_begin(struct engine *engine, const struct engine_job *job);

/** engine_end() - complete the result of the job that engine_begin() started, with its time */
void engine_end(struct engine *engine);

/**
 * engine_collect() - take the result of a job that has ended
 * @more:	ignored, as every job is complete after submit()
 * @result:	set if a result was left
 *
 * Return: true if a result was left.
 */
bool engine_collect(struct engine *engine, bool more, struct engine_result *result);

/** engine_forget() - drop a result that was not collected, for flush() */
void engine_forget(struct engine *engine);

/**
 * engine_refuse() - record in @result that the picture is missing or may be wrong
 * @why:	one phrase for the log, static text
 *
 * Return: false, for "return engine_refuse(...)".
 */
bool engine_refuse(struct engine_result *result, enum daedalus_status status, const char *why);

/**
 * engine_restart() - must a decoder be opened for this frame?
 * @has_decoder:	a decoder is open
 * @independent:	the frame refers to no earlier frame, so a new decoder can start with it
 * @width:		width of the frame, luma samples
 * @height:		height of the frame, luma samples
 *
 * Return: true if the caller must close the decoder, if one is open, and open another
 * one with @engine->threads threads. @engine->threads is set only then.
 */
bool engine_restart(struct engine *engine, bool has_decoder, bool independent, uint32_t width,
		    uint32_t height);

#endif /* DAEDALUS_ENGINE_BASE_H */
