/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The interface of a codec to a worker: one table of functions per coded format.
 *
 * A worker calls reserve(), copies the OUTPUT payload to the returned memory, calls
 * submit(), then collect() as long as it returns true. An engine may hold up to @depth
 * jobs before it must return the first result. It returns results in the order of
 * submission. One thread at a time uses an engine; different engines are independent of
 * each other.
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
 * @id:		number of the job; the result has the same
 * @timestamp:	timestamp of the OUTPUT buffer, nanoseconds
 * @size:	bytes of bitstream in the memory that reserve() returned
 * @controls:	control values; must stay valid until submit() returns
 * @max_width:	width of the CAPTURE format, luma samples; a larger picture is refused
 * @max_height:	height of the CAPTURE format, luma samples; a larger picture is refused
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
 * struct engine_result - result of a job
 * @id:		number of the job
 * @status:	DAEDALUS_STATUS_OK: @picture is exact, as the specification demands
 * @why:	one phrase for the log if @status is not OK, static text
 * @has_picture:	@picture is valid; can also be set after an error, when @picture is
 *			possibly wrong
 * @picture:	valid until the next call with this engine
 * @decode_us:	decoding time, microseconds
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
 * struct engine_config - parameters of open()
 * @threads:	maximum number of decoder threads, >= 1
 */
struct engine_config {
	unsigned int threads;
};

struct engine_ops;

/**
 * struct engine - first member of every engine's own structure; engine_init() sets it up
 * @ops:	functions of the codec
 * @depth:	jobs that the engine holds at once; 1: each submit() completes its job
 * @max_threads: maximum number of decoder threads of the stream, 1..ENGINE_MAX_THREADS
 * @threads:	number of threads to open the decoder with, set by engine_restart(); 0 before
 * @begun:	time when the job of @result was submitted, CLOCK_MONOTONIC
 * @result:	result of the job that was submitted last
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
 * @capture_formats:	DAEDALUS_CAPTURE_* bits
 * @max_width:		largest width that the codec decodes, luma samples
 * @max_height:		largest height that the codec decodes, luma samples
 * @load:		loads the codec's library, once per process and before any fork.
 *			@text: on success name and version of the library, otherwise one line
 *			that tells what is missing and what to install. Returns 0 or a negative
 *			errno.
 * @open:		creates an engine for one stream; NULL: no memory
 * @reserve:		returns memory for @size bytes of bitstream with the padding that the
 *			library requires, owned by the engine and valid until submit(). NULL: no
 *			memory, or @size is too large.
 * @submit:		decodes the reserved bitstream
 * @collect:		takes the oldest result. With @more, another job is submitted at once:
 *			then the engine may return false to keep its pipeline filled. Without
 *			@more it returns true as long as a job is left.
 * @skip:		reports a job that was lost before its bitstream could be read; the
 *			references that it would have changed are unknown
 * @flush:		drops all references and all jobs that were not collected
 * @close:		frees the engine
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
