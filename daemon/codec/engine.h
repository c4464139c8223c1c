/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a codec looks like to a worker: one table of functions per coded format.
 *
 * A worker calls reserve() and fills the returned memory with the OUTPUT
 * payload, calls submit(), then collect() for as long as it returns true. An
 * engine may keep up to @depth jobs before it must give the first result, and
 * gives results in the order of submission. An engine is used by one thread at
 * a time; different engines are independent of each other.
 */
#ifndef DAEDALUS_ENGINE_H
#define DAEDALUS_ENGINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "core/controls.h"
#include "daedalus_v4l2_proto.h"
#include "picture.h"

/**
 * struct engine_job - one request
 * @id:		given back in the result
 * @timestamp:	of the OUTPUT buffer, nanoseconds
 * @size:	bytes of bitstream in the memory that reserve() returned
 * @controls:	control values; must stay until submit() returns
 * @max_width:	of the CAPTURE format: a larger picture is not decoded
 * @max_height:	of the CAPTURE format
 */
struct engine_job {
	uint64_t id;
	uint64_t timestamp;
	size_t size;
	struct control_list controls;
	uint32_t max_width;
	uint32_t max_height;
};

/**
 * struct engine_result - how a job went
 * @id:		of the job
 * @status:	DAEDALUS_STATUS_OK: @picture is exactly what the bitstream means
 * @why:	one phrase for the log if @status is not OK, static text
 * @has_picture:	@picture is there; also after an error, as the best there is
 * @picture:	valid until the next call with this engine
 * @decode_us:	time spent, microseconds
 */
struct engine_result {
	uint64_t id;
	enum daedalus_status status;
	const char *why;
	bool has_picture;
	struct decoded_picture picture;
	uint32_t decode_us;
};

/**
 * struct engine_config - what an engine is opened with
 * @threads:	decoder threads at most, >= 1
 */
struct engine_config {
	unsigned int threads;
};

struct engine_ops;

/**
 * struct engine - first member of every engine's own structure; engine_init() sets it up
 * @ops:	its functions
 * @depth:	jobs that it likes to hold at once; 1: each submit() completes
 * @max_threads: decoder threads that the stream may have, 1..ENGINE_MAX_THREADS
 * @threads:	that the decoder is to be opened with, set by engine_restart(); 0 before
 * @begun:	when the job of @result was submitted, CLOCK_MONOTONIC
 * @result:	of the job that was submitted last
 * @has_result:	@result is complete and has not been collected
 */
struct engine {
	const struct engine_ops *ops;
	unsigned int depth;
	unsigned int max_threads;
	unsigned int threads;
	struct timespec begun;
	struct engine_result result;
	bool has_result;
};

/**
 * struct engine_ops - a codec
 * @name:		for log lines, e.g. "VP9"
 * @pixelformat:	V4L2_PIX_FMT_* of the OUTPUT queue
 * @capture_formats:	DAEDALUS_CAPTURE_*
 * @max_width:		luma samples
 * @max_height:		luma samples
 * @load:		load the codec's library, once per process and before any fork.
 *			@text: on success name and version of the library, else one line
 *			saying what is missing and what to install. Returns 0 or a negative errno.
 * @open:		a decoder for one stream; NULL: no memory
 * @reserve:		memory for @size bytes of bitstream, padded as the library wants it;
 *			valid until submit(). NULL: no memory, or too large.
 * @submit:		decode the reserved bitstream
 * @collect:		take the oldest result. @more: another job will be submitted at once, so
 *			the engine may answer false and keep its pipeline filled; otherwise it
 *			returns true as long as a job is left.
 * @skip:		a job was lost before its bitstream could be read: whatever it would
 *			have changed is unknown
 * @flush:		forget all references and all jobs not collected
 * @close:		free everything
 */
struct engine_ops {
	const char *name;
	uint32_t pixelformat;
	uint32_t capture_formats;
	uint32_t max_width;
	uint32_t max_height;
	int (*load)(char *text, size_t size);
	struct engine *(*open)(const struct engine_config *config);
	uint8_t *(*reserve)(struct engine *engine, size_t size);
	void (*submit)(struct engine *engine, const struct engine_job *job);
	bool (*collect)(struct engine *engine, bool more, struct engine_result *result);
	void (*skip)(struct engine *engine);
	void (*flush)(struct engine *engine);
	void (*close)(struct engine *engine);
};

#endif /* DAEDALUS_ENGINE_H */
