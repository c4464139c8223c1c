// SPDX-License-Identifier: LGPL-2.1-or-later
/* What all engines do alike: results of jobs, and the number of threads. */
#include "codec/engine_base.h"

#include <string.h>
#include <time.h>

#include "check.h"

static const struct engine_ops ops = { .name = "test" };

static struct engine new_engine(unsigned int threads)
{
	const struct engine_config config = { .threads = threads };
	struct engine engine = { 0 };

	engine_init(&engine, &ops, &config);
	return engine;
}

static void test_init(void)
{
	struct engine engine = new_engine(3);

	CHECK(engine.ops == &ops);
	CHECK_EQ(engine.depth, 1);
	CHECK_EQ(engine.max_threads, 3);
	engine = new_engine(ENGINE_MAX_THREADS + 1);
	CHECK_EQ(engine.max_threads, ENGINE_MAX_THREADS);
}

/* A result is there when its job has ended, and once. */
static void test_collect(void)
{
	struct engine engine = new_engine(1);
	struct engine_result *working, result = { .id = 99 };
	const struct engine_job job = { .id = 7 };

	CHECK(!engine_collect(&engine, false, &result));
	CHECK_EQ(result.id, 99);
	working = engine_begin(&engine, &job);
	CHECK_EQ(working->id, 7);
	CHECK_EQ(working->status, DAEDALUS_STATUS_OK);
	CHECK(!working->why && !working->has_picture);
	CHECK(!engine_collect(&engine, false, &result));
	working->has_picture = true;
	working->picture.width = 640;
	engine_end(&engine);
	CHECK(engine_collect(&engine, true, &result));
	CHECK_EQ(result.id, 7);
	CHECK_EQ(result.status, DAEDALUS_STATUS_OK);
	CHECK(result.has_picture);
	CHECK_EQ(result.picture.width, 640);
	CHECK(!engine_collect(&engine, true, &result));
}

/* Nothing of a job is left in the result of the next one. */
static void test_refuse(void)
{
	struct engine engine = new_engine(1);
	struct engine_result *working, result;
	struct engine_job job = { .id = 1 };

	working = engine_begin(&engine, &job);
	CHECK(!engine_refuse(working, DAEDALUS_STATUS_CORRUPT, "first"));
	working->has_picture = true;
	/* A later reason replaces an earlier one and leaves the picture. */
	CHECK(!engine_refuse(working, DAEDALUS_STATUS_MISSING_REFERENCE, "second"));
	engine_end(&engine);
	CHECK(engine_collect(&engine, false, &result));
	CHECK_EQ(result.status, DAEDALUS_STATUS_MISSING_REFERENCE);
	CHECK(result.why && !strcmp(result.why, "second"));
	CHECK(result.has_picture);

	job.id = 2;
	engine_begin(&engine, &job);
	engine_end(&engine);
	CHECK(engine_collect(&engine, false, &result));
	CHECK_EQ(result.id, 2);
	CHECK_EQ(result.status, DAEDALUS_STATUS_OK);
	CHECK(!result.why && !result.has_picture);
}

static void test_forget(void)
{
	struct engine engine = new_engine(1);
	const struct engine_job job = { .id = 1 };
	struct engine_result result;

	engine_begin(&engine, &job);
	engine_end(&engine);
	engine_forget(&engine);
	CHECK(!engine_collect(&engine, false, &result));
}

static void test_clock(void)
{
	const struct timespec pause = { .tv_nsec = 2 * 1000 * 1000 };
	struct engine engine = new_engine(1);
	const struct engine_job job = { .id = 1 };
	struct engine_result result = { 0 };

	engine_begin(&engine, &job);
	nanosleep(&pause, NULL);
	engine_end(&engine);
	nanosleep(&pause, NULL);
	CHECK(engine_collect(&engine, false, &result));
	/* Two milliseconds, and a slow machine may take its time, but not a minute. */
	CHECK_MSG(result.decode_us >= 2000 && result.decode_us < 60 * 1000 * 1000, "%u us",
		  result.decode_us);

	/* Each job has a time of its own. */
	engine_begin(&engine, &job);
	engine.begun.tv_sec -= 5;
	engine_end(&engine);
	CHECK(engine_collect(&engine, false, &result));
	CHECK_MSG(result.decode_us >= 5 * 1000 * 1000, "%u us", result.decode_us);
	engine_begin(&engine, &job);
	engine_end(&engine);
	CHECK(engine_collect(&engine, false, &result));
	CHECK_MSG(result.decode_us < 5 * 1000 * 1000, "%u us", result.decode_us);
}

static void test_restart(void)
{
	static const struct {
		bool has_decoder;
		bool independent;
		uint32_t width;
		uint32_t height;
		bool restarts;
		unsigned int threads;
	} steps[] = {
		/* The first frame opens a decoder, whatever it is. */
		{ false, false, 320, 240, true, 1 },
		{ true, false, 320, 240, false, 1 },
		{ true, true, 320, 240, false, 1 },
		/* A larger size waits for a frame that depends on nothing. */
		{ true, false, 640, 360, false, 1 },
		{ true, true, 640, 359, false, 1 },
		{ true, true, 640, 360, true, 4 },
		{ true, false, 16, 16, false, 4 },
		{ true, true, 8192, 8192, false, 4 },
		/* A decoder that did not open is asked for again. */
		{ false, false, 1280, 720, true, 4 },
		{ true, true, 16, 16, true, 1 },
		/* Sizes beyond 32 bits of pixels. */
		{ true, true, 65536, 65536, true, 4 },
	};
	struct engine engine = new_engine(4);
	size_t i;

	for (i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		bool restarts = engine_restart(&engine, steps[i].has_decoder,
					       steps[i].independent, steps[i].width,
					       steps[i].height);

		CHECK_MSG(restarts == steps[i].restarts, "step %zu", i);
		CHECK_MSG(engine.threads == steps[i].threads, "step %zu: %u threads", i,
			  engine.threads);
	}

	engine = new_engine(1);
	CHECK(engine_restart(&engine, false, true, 1920, 1080));
	CHECK_EQ(engine.threads, 1);
	CHECK(!engine_restart(&engine, true, true, 16, 16));
}

int main(void)
{
	test_init();
	test_collect();
	test_refuse();
	test_forget();
	test_clock();
	test_restart();
	return check_result();
}
