// SPDX-License-Identifier: LGPL-2.1-or-later
#include "worker.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "buffers.h"
#include "elapsed.h"
#include "log.h"
#include "message.h"
#include "output/output.h"

/* Jobs that an engine may hold at once; engine.depth is at most this. */
#define MAX_DEPTH	16

/**
 * struct pending - a submitted job
 * @id:		job id
 * @has_target:	the job has a CAPTURE buffer to write
 * @format:	CAPTURE format
 * @width:	width of the CAPTURE format, luma samples
 * @height:	height of the CAPTURE format, luma samples
 * @planes:	memory planes of the CAPTURE buffer
 * @components:	position of each colour plane in @planes
 */
struct pending {
	uint64_t id;
	bool has_target;
	const struct capture_format *format;
	uint32_t width;
	uint32_t height;
	struct daedalus_plane planes[DAEDALUS_MAX_PLANES];
	struct daedalus_component components[DAEDALUS_MAX_PLANES];
};

struct worker {
	const struct worker_params *params;
	int fd;
	struct engine *engine;
	struct buffers *buffers;
	const struct output_ops *output;
	struct pending pending[MAX_DEPTH];
	unsigned int first;		/* oldest entry of @pending */
	unsigned int count;		/* entries in use */
	unsigned int failures;		/* jobs in a row that were not OK */
	uint64_t jobs;			/* answered */
	uint64_t bad_jobs;		/* that failed, without those that were over before */
	uint32_t deadline_ms;		/* of the last job */
	bool told_late;			/* a job that took longer has been logged */
	uint64_t decode_us;		/* sum over @jobs */
	uint64_t output_us;		/* sum over @jobs */
	uint64_t *message;		/* DAEDALUS_MSG_MAX bytes, 8-aligned */
};

/* Worker threads share it; a signal handler may access it, because it is lock-free. */
static atomic_bool drain_requested;
_Static_assert(ATOMIC_BOOL_LOCK_FREE == 2, "atomic_bool takes a lock");

static void request_drain(int signal)
{
	(void)signal;
	atomic_store(&drain_requested, true);
}

void worker_install_drain_signal(void)
{
	/* Without SA_RESTART, so that read() returns. */
	struct sigaction action = { .sa_handler = request_drain };

	sigaction(WORKER_DRAIN_SIGNAL, &action, NULL);
}

/*
 * Number of a job in its stream, for the log. The upper half of an id is the session,
 * which log lines name anyway.
 */
static uint32_t job_number(uint64_t id)
{
	return (uint32_t)id;
}

/* Why a job that is over failed; it counts as no failure. */
static const char buffer_is_gone[] = "the client has taken the buffer back";

/* Warns of the first failure in a row; at the next good job, logs how many there were. */
static void log_outcome(struct worker *worker, uint64_t id, enum daedalus_status status,
			const char *why)
{
	static const char *const names[DAEDALUS_STATUS_COUNT] = {
		[DAEDALUS_STATUS_OK] = "ok",
		[DAEDALUS_STATUS_CORRUPT] = "corrupt bitstream",
		[DAEDALUS_STATUS_MISSING_REFERENCE] = "missing reference",
		[DAEDALUS_STATUS_UNSUPPORTED] = "unsupported",
		[DAEDALUS_STATUS_MISMATCH] = "mismatch",
		[DAEDALUS_STATUS_NO_MEMORY] = "no memory",
		[DAEDALUS_STATUS_INTERNAL] = "internal error",
	};

	if (status == DAEDALUS_STATUS_OK) {
		if (worker->failures)
			log_info("decoding again; %u frame%s had errors", worker->failures,
				 worker->failures > 1 ? "s" : "");
		worker->failures = 0;
		return;
	}
	if (why == buffer_is_gone) {
		log_debug("job %u: %s", job_number(id), why);
		return;
	}
	worker->bad_jobs++;
	log_line(worker->failures++ ? LOG_DEBUG : LOG_WARNING, "job %u: %s: %s", job_number(id),
		 names[status], why ? why : "no detail");
}

/*
 * The job had ended before the reply: by STREAMOFF, close or the deadline. Warns of
 * the first job that took longer than the deadline, because no client reports that.
 */
static void log_stale(struct worker *worker, const struct daedalus_reply *message)
{
	uint64_t taken_ms = ((uint64_t)message->decode_us + message->output_us) / 1000;

	if (!worker->deadline_ms || taken_ms < worker->deadline_ms) {
		log_debug("job %u was over before its reply", job_number(message->id));
		return;
	}
	log_line(worker->told_late ? LOG_DEBUG : LOG_WARNING,
		 "job %u took %llu ms, the driver gave up after %u ms and flagged the frame ERROR; its parameter deadline_ms gives more time",
		 job_number(message->id), (unsigned long long)taken_ms,
		 worker->deadline_ms);
	worker->told_late = true;
}

/* Return: false if the session is over. */
static bool reply(struct worker *worker, const struct daedalus_reply *message)
{
	ssize_t ret;

	worker->jobs++;
	worker->decode_us += message->decode_us;
	worker->output_us += message->output_us;
	do {
		ret = write(worker->fd, message, sizeof(*message));
	} while (ret < 0 && errno == EINTR);
	if (ret == (ssize_t)sizeof(*message))
		return true;

	switch (ret < 0 ? errno : EIO) {
	case ESTALE:
		log_stale(worker, message);
		return true;
	case EALREADY:
	case ENOENT:
		log_debug("job %u was over before its reply: %m", job_number(message->id));
		return true;
	default:
		log_error("the reply to job %u cannot be written: %m; this worker ends",
			  job_number(message->id));
		return false;
	}
}

static bool reply_failure(struct worker *worker, uint64_t id, enum daedalus_status status,
			  const char *why)
{
	const struct daedalus_reply message = {
		.size = sizeof(message), .status = status, .id = id,
	};

	log_outcome(worker, id, status, why);
	return reply(worker, &message);
}

/*
 * buffers_get() for a job. -ENOENT is no failure: the client has stopped a queue or
 * freed the buffer, and the driver has ended the job.
 */
static enum daedalus_status get_buffer(struct worker *worker, uint32_t number, uint32_t usage,
				       const struct buffer **buffer, const char **why)
{
	int ret = buffers_get(worker->buffers, number, usage, buffer);

	if (!ret)
		return DAEDALUS_STATUS_OK;
	log_debug("buffer %u: %s", number, strerror(-ret));
	if (ret == -ENOENT) {
		*why = buffer_is_gone;
		return DAEDALUS_STATUS_INTERNAL;
	}
	*why = usage == DAEDALUS_USAGE_PICTURE ? "the CAPTURE buffer cannot be fetched" :
						 "the bitstream's buffer cannot be fetched";
	return DAEDALUS_STATUS_NO_MEMORY;
}

/* Copy the OUTPUT payload to memory that the client cannot change during decoding. */
static enum daedalus_status copy_bitstream(struct worker *worker, const struct daedalus_job *job,
					   const char **why)
{
	const struct engine_ops *ops = worker->engine->ops;
	const struct buffer *buffer;
	enum daedalus_status status;
	const uint8_t *from;
	uint8_t *to;
	int ret;

	status = get_buffer(worker, job->src.buffer, DAEDALUS_USAGE_BITSTREAM, &buffer, why);
	if (status != DAEDALUS_STATUS_OK)
		return status;
	from = buffer_at(buffer, job->src.offset, job->src.length);
	if (!from) {
		*why = "the bitstream is beyond the end of its buffer";
		return DAEDALUS_STATUS_MISMATCH;
	}
	to = ops->reserve(worker->engine, (size_t)job->src.length);
	if (!to) {
		*why = "no memory for the bitstream";
		return DAEDALUS_STATUS_NO_MEMORY;
	}
	ret = buffer_begin(buffer);
	if (ret < 0) {
		*why = "DMA_BUF_IOCTL_SYNC fails on the bitstream's buffer";
		return DAEDALUS_STATUS_INTERNAL;
	}
	memcpy(to, from, (size_t)job->src.length);
	buffer_end(buffer);
	return DAEDALUS_STATUS_OK;
}

/* Addresses of the CAPTURE buffer's colour planes. */
static enum daedalus_status locate_target(struct worker *worker, const struct pending *pending,
					  struct output_target *target, const char **why)
{
	unsigned int i;

	*target = (struct output_target){
		.format = pending->format,
		.width = pending->width,
		.height = pending->height,
	};
	for (i = 0; i < pending->format->num_components; i++) {
		const struct daedalus_component *component = &pending->components[i];
		const struct daedalus_plane *plane = &pending->planes[component->plane];
		const struct buffer *buffer;
		enum daedalus_status status;
		uint8_t *data;

		status = get_buffer(worker, plane->buffer, DAEDALUS_USAGE_PICTURE, &buffer, why);
		if (status != DAEDALUS_STATUS_OK)
			return status;
		data = buffer_at(buffer, plane->offset, plane->length);
		if (!data) {
			*why = "a CAPTURE plane is beyond the end of its buffer";
			return DAEDALUS_STATUS_MISMATCH;
		}
		target->planes[i] = (struct output_plane){
			.data = data + component->offset,
			.size = (size_t)(plane->length - component->offset),
			.stride = component->bytesperline,
			.dmabuf = buffer->fd,
			.offset = plane->offset + component->offset,
		};
	}
	return DAEDALUS_STATUS_OK;
}

/* Call buffer_begin() or buffer_end() once for each dma-buf of a target. */
static int sync_target(struct worker *worker, const struct pending *pending,
		       int (*sync)(const struct buffer *buffer))
{
	uint32_t last = 0;
	int error = 0;
	unsigned int i;

	for (i = 0; i < pending->format->num_planes; i++) {
		const struct buffer *buffer;
		int ret;

		if (pending->planes[i].buffer == last)
			continue;
		last = pending->planes[i].buffer;
		ret = buffers_get(worker->buffers, last, DAEDALUS_USAGE_PICTURE, &buffer);
		if (!ret)
			ret = sync(buffer);
		if (ret < 0)
			error = ret;
	}
	return error;
}

static enum daedalus_status write_picture(struct worker *worker, const struct pending *pending,
					  const struct decoded_picture *picture, const char **why)
{
	struct output_target target;
	enum daedalus_status status;
	int ret;

	status = locate_target(worker, pending, &target, why);
	if (status != DAEDALUS_STATUS_OK)
		return status;
	*why = output_check(&target, picture);
	if (*why)
		return DAEDALUS_STATUS_MISMATCH;

	ret = sync_target(worker, pending, buffer_begin);
	if (!ret)
		ret = worker->output->write(&target, picture);
	if (sync_target(worker, pending, buffer_end) < 0 || ret < 0) {
		*why = "the picture cannot be written to the CAPTURE buffer";
		return DAEDALUS_STATUS_INTERNAL;
	}
	return DAEDALUS_STATUS_OK;
}

/* Output, log and answer a result of the engine. Return: false if the session is over. */
static bool finish_job(struct worker *worker, const struct engine_result *result)
{
	struct pending *pending = &worker->pending[worker->first];
	struct daedalus_reply message = {
		.size = sizeof(message),
		.status = result->status,
		.id = result->id,
		.decode_us = result->decode_us,
	};
	const char *why = result->why;
	const char *output_why = NULL;

	worker->first = (worker->first + 1) % MAX_DEPTH;
	worker->count--;

	/* A failed job may have a picture too; some clients show it despite the error. */
	if (result->has_picture && pending->has_target) {
		enum daedalus_status status;
		struct timespec start;
		uint32_t written_us;

		clock_gettime(CLOCK_MONOTONIC, &start);
		status = write_picture(worker, pending, &result->picture, &output_why);
		written_us = elapsed_us(&start);
		/* 0 would tell the client that there is no picture. */
		if (status == DAEDALUS_STATUS_OK)
			message.output_us = written_us ? written_us : 1;
		if (result->status == DAEDALUS_STATUS_OK) {
			message.status = status;
			why = output_why;
		}
	}
	log_outcome(worker, result->id, message.status, why);
	return reply(worker, &message);
}

static bool message_waiting(const struct worker *worker)
{
	struct pollfd pollfd = { .fd = worker->fd, .events = POLLIN };

	return poll(&pollfd, 1, 0) > 0 && pollfd.revents & POLLIN;
}

static bool do_job(struct worker *worker, const struct message *message)
{
	const struct daedalus_job *job = message->job;
	const struct engine_ops *ops = worker->engine->ops;
	struct engine_result result;
	enum daedalus_status status;
	const char *why = NULL;
	struct engine_job task;
	struct pending *pending;

	worker->deadline_ms = job->deadline_ms;
	if (job->pixelformat != ops->pixelformat)
		return reply_failure(worker, job->id, DAEDALUS_STATUS_MISMATCH,
				     "the job's coded format is not the session's");

	status = copy_bitstream(worker, job, &why);
	if (status != DAEDALUS_STATUS_OK) {
		/* A reference may be missing from now on; the engine must report that. */
		ops->skip(worker->engine);
		return reply_failure(worker, job->id, status, why);
	}

	pending = &worker->pending[(worker->first + worker->count++) % MAX_DEPTH];
	*pending = (struct pending){
		.id = job->id,
		.has_target = job->dst_num_planes > 0,
		.format = message->format,
		.width = job->dst_width,
		.height = job->dst_height,
	};
	memcpy(pending->planes, job->dst, sizeof(pending->planes));
	memcpy(pending->components, job->components, sizeof(pending->components));

	task = (struct engine_job){
		.id = job->id,
		.timestamp = job->timestamp,
		.size = (size_t)job->src.length,
		.controls = message->controls,
		.max_width = job->dst_width,
		.max_height = job->dst_height,
	};
	ops->submit(worker->engine, &task);

	while (worker->count) {
		bool more = worker->count < worker->engine->depth && message_waiting(worker);

		if (!ops->collect(worker->engine, more, &result))
			break;
		if (!finish_job(worker, &result))
			return false;
	}
	return true;
}

/* Return: false if the session is over. */
static bool handle(struct worker *worker, size_t size)
{
	struct message message;

	switch (message_parse(&message, worker->message, size)) {
	case MESSAGE_BROKEN:
		log_error("%s; this worker ends. Are module and daemon from one release?",
			  message.error);
		return false;
	case MESSAGE_BAD_JOB:
		worker->engine->ops->skip(worker->engine);
		return reply_failure(worker, message.job->id, DAEDALUS_STATUS_MISMATCH,
				     message.error);
	case MESSAGE_GOOD:
		break;
	}

	switch (message.type) {
	case DAEDALUS_MSG_FLUSH:
		log_debug("flush");
		worker->engine->ops->flush(worker->engine);
		worker->count = 0;
		worker->failures = 0;
		return true;
	case DAEDALUS_MSG_BUFFER_GONE:
		buffers_gone(worker->buffers, message.buffer);
		return true;
	default:
		return do_job(worker, &message);
	}
}

static int serve(struct worker *worker)
{
	for (;;) {
		ssize_t size;

		if (atomic_load(&drain_requested) && !message_waiting(worker)) {
			log_debug("drained");
			return 0;
		}
		size = read(worker->fd, worker->message, DAEDALUS_MSG_MAX);
		if (size == 0) {
			log_debug("the stream has ended");
			return 0;
		}
		if (size < 0) {
			if (errno == EINTR)
				continue;
			log_error("the session cannot be read: %m; this worker ends");
			return 1;
		}
		if (!handle(worker, (size_t)size))
			return 1;
	}
}

static void log_summary(const struct worker *worker)
{
	uint64_t jobs = worker->jobs ? worker->jobs : 1;

	log_info("%llu jobs, %llu with errors; on average %llu us decoding, %llu us output",
		 (unsigned long long)worker->jobs, (unsigned long long)worker->bad_jobs,
		 (unsigned long long)(worker->decode_us / jobs),
		 (unsigned long long)(worker->output_us / jobs));
}

int worker_run(const struct worker_params *params)
{
	struct worker worker = {
		.params = params,
		.fd = params->session_fd,
		.output = &output_cpu,
	};
	int ret = 1;

	log_set_session(params->session);
	worker.message = malloc(DAEDALUS_MSG_MAX);
	worker.buffers = buffers_new(worker.fd);
	worker.engine = params->ops->open(&params->config);
	if (worker.message && worker.buffers && worker.engine) {
		ret = serve(&worker);
		log_summary(&worker);
	} else {
		log_error("no memory for a worker");
	}

	if (worker.engine)
		params->ops->close(worker.engine);
	buffers_free(worker.buffers);
	free(worker.message);
	log_set_session(0);
	return ret;
}
