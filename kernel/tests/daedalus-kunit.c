// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests of the parts of daedalus_v4l2 that have no state outside their
 * arguments: format arithmetic, the daemon's hello, the job list and the checks
 * of replies. They include the sources, so the module need not export symbols.
 */
#include <kunit/test.h>
#include <linux/module.h>
#include <linux/sizes.h>
#include <linux/time64.h>

#include "../av1/daedalus-ctrls-av1.c"
#include "../h264/daedalus-ctrls-h264.c"
#include "../vp9/daedalus-ctrls-vp9.c"
#include "../daedalus-formats.c"
#include "../daedalus-joblist.c"
#include "../daedalus-latency.c"

static const struct daedalus_picture_format *format(u32 pixelformat)
{
	return daedalus_picture_format_find(pixelformat);
}

/* Formats as the V4L2 documentation describes them, calculated by hand. */
struct picture_case {
	u32 pixelformat;
	u32 width, height;
	u32 out_width, out_height;
	u32 stride[2];
	u32 size[2];
	u32 planes;
};

static const struct picture_case picture_cases[] = {
	{ V4L2_PIX_FMT_NV12, 1, 1, 2, 2, { 64 }, { 64 * 3 }, 1 },
	{ V4L2_PIX_FMT_NV12, 1920, 1080, 1920, 1080, { 1920 }, { 1920 * 1080 * 3 / 2 }, 1 },
	{ V4L2_PIX_FMT_NV12, 65, 33, 66, 34, { 128 }, { 128 * 51 }, 1 },
	{ V4L2_PIX_FMT_NV12, 0, 0, 2, 2, { 64 }, { 64 * 3 }, 1 },
	{ V4L2_PIX_FMT_NV12, 99999, 99999, 8192, 4096, { 8192 }, { 8192 * 6144 }, 1 },
	{ V4L2_PIX_FMT_NV12M, 65, 33, 66, 34, { 128, 128 }, { 128 * 34, 128 * 17 }, 2 },
	{ V4L2_PIX_FMT_YUV420, 65, 33, 66, 34, { 128 }, { 128 * 34 + 2 * 64 * 17 }, 1 },
	{ V4L2_PIX_FMT_YUV420, 640, 480, 640, 480, { 640 }, { 640 * 480 * 3 / 2 }, 1 },
	{ V4L2_PIX_FMT_P010, 65, 33, 66, 34, { 192 }, { 192 * 51 }, 1 },
	{ V4L2_PIX_FMT_P010, 8192, 4096, 8192, 4096, { 16384 }, { 16384 * 6144 }, 1 },
};

static void test_picture_fill(struct kunit *test)
{
	unsigned int i, p;

	for (i = 0; i < ARRAY_SIZE(picture_cases); i++) {
		const struct picture_case *c = &picture_cases[i];
		struct v4l2_pix_format_mplane pix;

		memset(&pix, 0xff, sizeof(pix));
		daedalus_picture_fill(&pix, format(c->pixelformat), c->width, c->height,
				      8192, 4096);
		KUNIT_EXPECT_EQ_MSG(test, pix.width, c->out_width, "case %u", i);
		KUNIT_EXPECT_EQ_MSG(test, pix.height, c->out_height, "case %u", i);
		KUNIT_EXPECT_EQ_MSG(test, pix.num_planes, c->planes, "case %u", i);
		KUNIT_EXPECT_EQ(test, pix.field, V4L2_FIELD_NONE);
		KUNIT_EXPECT_EQ(test, pix.flags, 0);
		for (p = 0; p < 2; p++) {
			KUNIT_EXPECT_EQ_MSG(test, pix.plane_fmt[p].bytesperline, c->stride[p],
					    "case %u plane %u", i, p);
			KUNIT_EXPECT_EQ_MSG(test, pix.plane_fmt[p].sizeimage, c->size[p],
					    "case %u plane %u", i, p);
		}
	}
}

/* Colour planes must follow one another without overlap and end within the buffer. */
static void test_picture_components(struct kunit *test)
{
	unsigned int i, c;

	for (i = 0; i < ARRAY_SIZE(picture_formats); i++) {
		const struct daedalus_picture_format *fmt = &picture_formats[i];
		u32 sizes[] = { 1, 2, 15, 63, 64, 65, 1919, 8191 };
		unsigned int s;

		for (s = 0; s < ARRAY_SIZE(sizes); s++) {
			struct daedalus_component components[DAEDALUS_MAX_PLANES];
			struct v4l2_pix_format_mplane pix;
			u64 end[VIDEO_MAX_PLANES] = { 0 };

			daedalus_picture_fill(&pix, fmt, sizes[s], sizes[s], 8192, 8192);
			KUNIT_ASSERT_EQ(test, daedalus_picture_components(&pix, components),
					fmt->num_components);
			for (c = 0; c < fmt->num_components; c++) {
				const struct daedalus_component *comp = &components[c];
				u32 rows = pix.height / fmt->components[c].vdiv;
				u32 row = pix.width / fmt->components[c].hdiv *
					  fmt->components[c].bytes;

				KUNIT_ASSERT_LT(test, comp->plane, pix.num_planes);
				KUNIT_EXPECT_EQ(test, comp->offset, end[comp->plane]);
				KUNIT_EXPECT_GE(test, comp->bytesperline, row);
				KUNIT_EXPECT_EQ(test,
						comp->bytesperline % DAEDALUS_STRIDE_ALIGN, 0);
				end[comp->plane] += (u64)comp->bytesperline * rows;
			}
			for (c = 0; c < pix.num_planes; c++)
				KUNIT_EXPECT_EQ(test, end[c], pix.plane_fmt[c].sizeimage);
		}
	}
}

static void test_picture_enumeration(struct kunit *test)
{
	static const u32 eight[] = { V4L2_PIX_FMT_NV12, V4L2_PIX_FMT_NV12M, V4L2_PIX_FMT_YUV420 };
	const struct daedalus_picture_format *fmt;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(eight); i++) {
		fmt = daedalus_picture_format_nth(DAEDALUS_CAPTURE_ALL, 8, i);
		KUNIT_ASSERT_NOT_NULL(test, fmt);
		KUNIT_EXPECT_EQ(test, fmt->pixelformat, eight[i]);
	}
	KUNIT_EXPECT_NULL(test, daedalus_picture_format_nth(DAEDALUS_CAPTURE_ALL, 8, i));

	fmt = daedalus_picture_format_nth(DAEDALUS_CAPTURE_ALL, 10, 0);
	KUNIT_ASSERT_NOT_NULL(test, fmt);
	KUNIT_EXPECT_EQ(test, fmt->pixelformat, V4L2_PIX_FMT_P010);
	KUNIT_EXPECT_NULL(test, daedalus_picture_format_nth(DAEDALUS_CAPTURE_ALL, 10, 1));
	KUNIT_EXPECT_NULL(test, daedalus_picture_format_nth(DAEDALUS_CAPTURE_NV12, 10, 0));
	KUNIT_EXPECT_NULL(test, daedalus_picture_format_nth(DAEDALUS_CAPTURE_ALL, 12, 0));
	KUNIT_EXPECT_NOT_NULL(test, daedalus_picture_format_nth(DAEDALUS_CAPTURE_ALL, 0, 3));
	KUNIT_EXPECT_NULL(test, daedalus_picture_format_find(V4L2_PIX_FMT_VP9_FRAME));
}

static void test_picture_max_size(struct kunit *test)
{
	static const struct {
		u32 pixelformat;
		u32 size[2];
	} cases[] = {
		{ V4L2_PIX_FMT_NV12, { 8192 * 6144 } },
		{ V4L2_PIX_FMT_NV12M, { 8192 * 4096, 8192 * 2048 } },
		{ V4L2_PIX_FMT_YUV420, { 8192 * 6144 } },
		{ V4L2_PIX_FMT_P010, { 16384 * 6144 } },
	};
	unsigned int i, p;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct v4l2_pix_format_mplane pix;

		daedalus_picture_fill(&pix, format(cases[i].pixelformat), 16, 16, 8192, 4096);
		for (p = 0; p < pix.num_planes; p++)
			KUNIT_EXPECT_EQ_MSG(test, daedalus_picture_max_size(&pix, p, 8192, 4096),
					    cases[i].size[p], "case %u plane %u", i, p);
	}
	/* the largest limits that a hello may have do not overflow */
	for (i = 0; i < ARRAY_SIZE(picture_formats); i++) {
		const struct daedalus_picture_format *fmt = &picture_formats[i];
		struct v4l2_pix_format_mplane pix;
		u64 all = 0;

		daedalus_picture_fill(&pix, fmt, 16, 16, 16384, 16384);
		for (p = 0; p < pix.num_planes; p++)
			all += daedalus_picture_max_size(&pix, p, 16384, 16384);
		KUNIT_EXPECT_EQ(test, all, 16384ULL * 16384 * fmt->components[0].bytes / 2 * 3);
	}
}

static void test_bitstream_fill(struct kunit *test)
{
	const struct daedalus_offer offer = {
		.coded = &daedalus_vp9, .max_width = 8192, .max_height = 8192,
	};
	static const struct {
		u32 width, height, size, out;
	} cases[] = {
		{ 16, 16, 0, SZ_256K },
		{ 1920, 1080, 0, PAGE_ALIGN(1920 * 1080 / 2 * 3) },
		{ 8192, 8192, 0, 8192 * 8192 / 2 * 3 },
		{ 16, 16, 1, DAEDALUS_MIN_BITSTREAM },
		{ 16, 16, SZ_1M, SZ_1M },
		{ 16, 16, U32_MAX, DAEDALUS_MAX_BITSTREAM },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct v4l2_pix_format_mplane pix;

		memset(&pix, 0xff, sizeof(pix));
		pix.width = cases[i].width;
		pix.height = cases[i].height;
		pix.plane_fmt[0].sizeimage = cases[i].size;
		daedalus_bitstream_fill(&pix, &offer);
		KUNIT_EXPECT_EQ_MSG(test, pix.plane_fmt[0].sizeimage, cases[i].out, "case %u", i);
		KUNIT_EXPECT_EQ(test, pix.pixelformat, V4L2_PIX_FMT_VP9_FRAME);
		KUNIT_EXPECT_EQ(test, pix.num_planes, 1);
		KUNIT_EXPECT_EQ(test, pix.plane_fmt[0].bytesperline, 0);
	}
}

static void good_hello(struct daedalus_hello *hello)
{
	memset(hello, 0, sizeof(*hello));
	hello->version = DAEDALUS_PROTO_VERSION;
	hello->size = sizeof(*hello);
	hello->num_codecs = 2;
	hello->codecs[0].pixelformat = v4l2_fourcc('x', 'x', 'x', 'x');
	hello->codecs[0].capture_formats = DAEDALUS_CAPTURE_NV12;
	hello->codecs[0].max_width = 64;
	hello->codecs[0].max_height = 64;
	hello->codecs[1].pixelformat = V4L2_PIX_FMT_VP9_FRAME;
	hello->codecs[1].capture_formats = DAEDALUS_CAPTURE_ALL;
	hello->codecs[1].max_width = 4097;
	hello->codecs[1].max_height = 16384;
}

static void test_hello(struct kunit *test)
{
	struct daedalus_hello *hello = kunit_kzalloc(test, sizeof(*hello), GFP_KERNEL);
	struct daedalus_offer offers[DAEDALUS_MAX_CODECS];

	KUNIT_ASSERT_NOT_NULL(test, hello);
	good_hello(hello);
	KUNIT_EXPECT_EQ(test, daedalus_hello_check(hello), 0);
	/* a codec that the kernel does not know is left out */
	KUNIT_ASSERT_EQ(test, daedalus_hello_offers(hello, offers), 1);
	KUNIT_EXPECT_EQ(test, offers[0].coded->pixelformat, V4L2_PIX_FMT_VP9_FRAME);
	KUNIT_EXPECT_EQ(test, offers[0].max_width, 4096);
	KUNIT_EXPECT_EQ(test, offers[0].max_height, 16384);

	hello->version++;
	KUNIT_EXPECT_EQ(test, daedalus_hello_check(hello), -EPROTO);

#define EXPECT_REFUSED(change) do {					\
	good_hello(hello);						\
	change;								\
	KUNIT_EXPECT_EQ_MSG(test, daedalus_hello_check(hello), -EINVAL, #change); \
} while (0)
	EXPECT_REFUSED(hello->size--);
	EXPECT_REFUSED(hello->num_codecs = 0);
	EXPECT_REFUSED(hello->num_codecs = DAEDALUS_MAX_CODECS + 1);
	EXPECT_REFUSED(hello->num_codecs = 3);
	EXPECT_REFUSED(hello->reserved[3] = 1);
	EXPECT_REFUSED(memset(hello->engine, 'a', sizeof(hello->engine)));
	EXPECT_REFUSED(hello->codecs[1].pixelformat = hello->codecs[0].pixelformat);
	/* what a codec has whose controls this kernel lacks */
	EXPECT_REFUSED(hello->codecs[1].pixelformat = 0);
	EXPECT_REFUSED(hello->codecs[1].capture_formats = 0);
	EXPECT_REFUSED(hello->codecs[1].capture_formats = DAEDALUS_CAPTURE_P010);
	EXPECT_REFUSED(hello->codecs[1].capture_formats = DAEDALUS_CAPTURE_ALL + 1);
	EXPECT_REFUSED(hello->codecs[1].max_width = 15);
	EXPECT_REFUSED(hello->codecs[1].max_height = 16385);
	EXPECT_REFUSED(hello->codecs[0].reserved[0] = 1);
#undef EXPECT_REFUSED
}

#define SESSION	7

static struct daedalus_reply make_reply(u64 id)
{
	return (struct daedalus_reply) {
		.size = sizeof(struct daedalus_reply), .status = DAEDALUS_STATUS_OK, .id = id,
	};
}

static int reply_to(struct daedalus_joblist *list, u64 id)
{
	struct daedalus_reply reply = make_reply(id);
	struct daedalus_jobentry *job;

	return daedalus_joblist_reply(list, SESSION, &reply, sizeof(reply), &job);
}

static void test_joblist_order(struct kunit *test)
{
	struct daedalus_jobentry jobs[3] = { };
	struct daedalus_joblist list;
	unsigned int i;

	daedalus_joblist_init(&list);
	KUNIT_EXPECT_NULL(test, daedalus_joblist_oldest(&list));
	KUNIT_EXPECT_NULL(test, daedalus_joblist_unread(&list));
	KUNIT_EXPECT_NULL(test, daedalus_joblist_pop_done(&list));

	for (i = 0; i < 3; i++) {
		daedalus_joblist_add(&list, &jobs[i], SESSION);
		KUNIT_EXPECT_EQ(test, jobs[i].id, (u64)SESSION << 32 | (i + 1));
	}
	KUNIT_EXPECT_EQ(test, daedalus_joblist_count(&list), 3);
	for (i = 0; i < 3; i++) {
		KUNIT_EXPECT_PTR_EQ(test, daedalus_joblist_unread(&list), &jobs[i]);
		jobs[i].state = DAEDALUS_JOB_SENT;
	}
	KUNIT_EXPECT_NULL(test, daedalus_joblist_unread(&list));

	/* jobs are answered out of order and complete in order */
	KUNIT_EXPECT_EQ(test, reply_to(&list, jobs[2].id), 0);
	KUNIT_EXPECT_NULL(test, daedalus_joblist_pop_done(&list));
	KUNIT_EXPECT_EQ(test, reply_to(&list, jobs[0].id), 0);
	KUNIT_EXPECT_PTR_EQ(test, daedalus_joblist_pop_done(&list), &jobs[0]);
	KUNIT_EXPECT_NULL(test, daedalus_joblist_pop_done(&list));
	KUNIT_EXPECT_EQ(test, reply_to(&list, jobs[1].id), 0);
	KUNIT_EXPECT_PTR_EQ(test, daedalus_joblist_pop_done(&list), &jobs[1]);
	KUNIT_EXPECT_PTR_EQ(test, daedalus_joblist_pop_done(&list), &jobs[2]);
	KUNIT_EXPECT_NULL(test, daedalus_joblist_oldest(&list));
}

static void test_reply_checks(struct kunit *test)
{
	struct daedalus_jobentry jobs[2] = { }, *job = NULL;
	struct daedalus_joblist list;
	struct daedalus_reply reply;

	daedalus_joblist_init(&list);
	daedalus_joblist_add(&list, &jobs[0], SESSION);
	daedalus_joblist_add(&list, &jobs[1], SESSION);

	reply = make_reply(jobs[0].id);
	KUNIT_EXPECT_EQ(test, daedalus_joblist_reply(&list, SESSION, &reply, sizeof(reply) - 1,
						     &job), -EMSGSIZE);
	KUNIT_EXPECT_EQ(test, daedalus_joblist_reply(&list, SESSION, &reply, sizeof(reply) + 1,
						     &job), -EMSGSIZE);
	reply.size++;
	KUNIT_EXPECT_EQ(test, daedalus_joblist_reply(&list, SESSION, &reply, sizeof(reply), &job),
			-EINVAL);
	reply = make_reply(jobs[0].id);
	reply.status = DAEDALUS_STATUS_COUNT;
	KUNIT_EXPECT_EQ(test, daedalus_joblist_reply(&list, SESSION, &reply, sizeof(reply), &job),
			-EINVAL);

	/* forged: not read yet, never issued, of no session */
	KUNIT_EXPECT_EQ(test, reply_to(&list, jobs[0].id), -ENOENT);
	KUNIT_EXPECT_EQ(test, reply_to(&list, (u64)SESSION << 32 | 3), -ENOENT);
	KUNIT_EXPECT_EQ(test, reply_to(&list, (u64)SESSION << 32), -ENOENT);
	KUNIT_EXPECT_EQ(test, reply_to(&list, (u64)(SESSION + 1) << 32 | 1), -ENOENT);
	KUNIT_EXPECT_EQ(test, reply_to(&list, U64_MAX), -ENOENT);
	/* a job of an earlier session */
	KUNIT_EXPECT_EQ(test, reply_to(&list, (u64)(SESSION - 1) << 32 | 1), -ESTALE);
	KUNIT_EXPECT_EQ(test, jobs[0].state, DAEDALUS_JOB_QUEUED);
	KUNIT_EXPECT_NULL(test, job);

	jobs[0].state = DAEDALUS_JOB_SENT;
	jobs[1].state = DAEDALUS_JOB_SENT;
	reply = make_reply(jobs[1].id);
	reply.status = DAEDALUS_STATUS_CORRUPT;
	KUNIT_EXPECT_EQ(test, daedalus_joblist_reply(&list, SESSION, &reply, sizeof(reply), &job),
			0);
	KUNIT_EXPECT_PTR_EQ(test, job, &jobs[1]);
	KUNIT_EXPECT_EQ(test, jobs[1].status, DAEDALUS_STATUS_CORRUPT);
	/* a duplicate while the job waits for an older one, late once it has completed */
	KUNIT_EXPECT_EQ(test, reply_to(&list, jobs[1].id), -EALREADY);
	KUNIT_EXPECT_EQ(test, reply_to(&list, jobs[0].id), 0);
	KUNIT_EXPECT_NOT_NULL(test, daedalus_joblist_pop_done(&list));
	KUNIT_EXPECT_NOT_NULL(test, daedalus_joblist_pop_done(&list));
	KUNIT_EXPECT_EQ(test, reply_to(&list, jobs[0].id), -ESTALE);

	KUNIT_EXPECT_EQ(test, daedalus_refusal_of(-EMSGSIZE), DAEDALUS_REFUSED_SIZE);
	KUNIT_EXPECT_EQ(test, daedalus_refusal_of(-EINVAL), DAEDALUS_REFUSED_INVALID);
	KUNIT_EXPECT_EQ(test, daedalus_refusal_of(-ENOENT), DAEDALUS_REFUSED_UNREAD);
	KUNIT_EXPECT_EQ(test, daedalus_refusal_of(-EALREADY), DAEDALUS_REFUSED_ANSWERED);
	KUNIT_EXPECT_EQ(test, daedalus_refusal_of(-ESTALE), DAEDALUS_REFUSED_STALE);
}

/* Job numbers wrap after 2^32 frames of one stream, which takes years; the checks must not. */
static void test_job_number_wrap(struct kunit *test)
{
	struct daedalus_jobentry jobs[2] = { };
	struct daedalus_joblist list;

	daedalus_joblist_init(&list);
	list.last = U32_MAX - 1;
	daedalus_joblist_add(&list, &jobs[0], SESSION);
	daedalus_joblist_add(&list, &jobs[1], SESSION);
	KUNIT_EXPECT_EQ(test, reply_to(&list, (u64)SESSION << 32 | (U32_MAX - 5)), -ESTALE);
	KUNIT_EXPECT_EQ(test, reply_to(&list, (u64)SESSION << 32 | 5), -ENOENT);
	jobs[1].state = DAEDALUS_JOB_SENT;
	KUNIT_EXPECT_EQ(test, reply_to(&list, jobs[1].id), 0);
}

static void test_control_tables(struct kunit *test)
{
	unsigned int i, j;

	for (i = 0; i < daedalus_num_coded_formats; i++) {
		const struct daedalus_coded_format *coded = daedalus_coded_formats[i];
		unsigned int required = 0, id = 0;

		if (!coded->pixelformat)
			continue;
		for (j = 0; j < coded->num_ctrls; j++) {
			const struct daedalus_ctrl *ctrl = &coded->ctrls[j];

			required += ctrl->required;
			KUNIT_EXPECT_NE(test, ctrl->cfg.id, id);
			id = ctrl->cfg.id;
			/* a control that a request must have goes to the daemon */
			if (ctrl->required)
				KUNIT_EXPECT_TRUE(test, ctrl->job);
		}
		KUNIT_EXPECT_GE(test, required, 1);
	}
}

static void test_control_lookup(struct kunit *test)
{
	static const struct daedalus_coded_format empty;
	unsigned int i, j;

	for (i = 0; i < daedalus_num_coded_formats; i++) {
		const struct daedalus_coded_format *coded = daedalus_coded_formats[i];

		for (j = 0; j < coded->num_ctrls; j++)
			KUNIT_EXPECT_PTR_EQ(test,
					    daedalus_ctrl_find(coded, coded->ctrls[j].cfg.id),
					    &coded->ctrls[j]);
		KUNIT_EXPECT_NULL(test, daedalus_ctrl_find(coded, 0));
		KUNIT_EXPECT_NULL(test, daedalus_ctrl_find(coded, U32_MAX));
		KUNIT_EXPECT_NULL(test, daedalus_ctrl_find(coded, V4L2_CID_BRIGHTNESS));
	}
	KUNIT_EXPECT_NULL(test, daedalus_ctrl_find(&empty, V4L2_CID_STATELESS_VP9_FRAME));
	/* a control of another codec */
	KUNIT_EXPECT_NULL(test, daedalus_ctrl_find(&daedalus_h264, V4L2_CID_STATELESS_VP9_FRAME));
}

#ifdef V4L2_CID_STATELESS_AV1_FRAME
static void test_av1_tiles(struct kunit *test)
{
	static const struct {
		u32 offset, size;
		u64 payload;
		bool fits;
	} cases[] = {
		{ 0, 0, 0, true }, { 0, 1, 0, false }, { 1, 0, 0, false },
		{ 0, 100, 100, true }, { 0, 101, 100, false }, { 100, 0, 100, true },
		{ 99, 1, 100, true }, { 99, 2, 100, false }, { 101, 0, 100, false },
		/* the sum must not wrap */
		{ U32_MAX, 1, 100, false }, { 1, U32_MAX, 100, false },
		{ U32_MAX, U32_MAX, U32_MAX, false },
		{ U32_MAX, U32_MAX, 2ULL * U32_MAX, true },
		{ U32_MAX, U32_MAX, 2ULL * U32_MAX - 1, false },
	};
	struct v4l2_ctrl_av1_tile_group_entry tiles[3] = { };
	unsigned int i, at;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		/* the position of the entry does not matter */
		for (at = 0; at < ARRAY_SIZE(tiles); at++) {
			memset(tiles, 0, sizeof(tiles));
			tiles[at].tile_offset = cases[i].offset;
			tiles[at].tile_size = cases[i].size;
			KUNIT_EXPECT_EQ_MSG(test, av1_tiles_fit(NULL, tiles, sizeof(tiles),
								cases[i].payload),
					    cases[i].fits, "case %u tile %u", i, at);
		}
		/* the bad entry is the last one here; entries beyond @size are not checked */
		KUNIT_EXPECT_TRUE(test, av1_tiles_fit(NULL, tiles, 2 * sizeof(tiles[0]),
						      cases[i].payload));
	}
}

static void test_av1_values(struct kunit *test)
{
	struct daedalus_offer offer = {
		.capture_formats = DAEDALUS_CAPTURE_NV12, .max_width = 64, .max_height = 32,
	};
	struct v4l2_ctrl_av1_sequence sequence = av1_default_sequence;
	struct v4l2_ctrl_av1_frame *frame = kunit_kzalloc(test, sizeof(*frame), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, frame);
	KUNIT_EXPECT_TRUE(test, av1_sequence_supported(NULL, &offer, &sequence));
	KUNIT_EXPECT_EQ(test, av1_sequence_depth(&sequence), 8);
	/* 10 bits need a CAPTURE format of 10 bits */
	sequence.bit_depth = 10;
	KUNIT_EXPECT_FALSE(test, av1_sequence_supported(NULL, &offer, &sequence));
	offer.capture_formats |= DAEDALUS_CAPTURE_P010;
	KUNIT_EXPECT_TRUE(test, av1_sequence_supported(NULL, &offer, &sequence));
	sequence.flags = V4L2_AV1_SEQUENCE_FLAG_MONO_CHROME;
	KUNIT_EXPECT_TRUE(test, av1_sequence_supported(NULL, &offer, &sequence));
	sequence.flags = V4L2_AV1_SEQUENCE_FLAG_SUBSAMPLING_X;
	KUNIT_EXPECT_FALSE(test, av1_sequence_supported(NULL, &offer, &sequence));
	sequence = av1_default_sequence;
	sequence.seq_profile = 1;
	KUNIT_EXPECT_FALSE(test, av1_sequence_supported(NULL, &offer, &sequence));

	/* the default of the control is all zeros */
	KUNIT_EXPECT_TRUE(test, av1_frame_supported(NULL, &offer, frame));
	frame->upscaled_width = 64;
	frame->frame_width_minus_1 = 63;
	frame->frame_height_minus_1 = 31;
	KUNIT_EXPECT_TRUE(test, av1_frame_supported(NULL, &offer, frame));
	frame->upscaled_width = 65;
	KUNIT_EXPECT_FALSE(test, av1_frame_supported(NULL, &offer, frame));
	frame->upscaled_width = 64;
	frame->frame_height_minus_1 = 32;
	KUNIT_EXPECT_FALSE(test, av1_frame_supported(NULL, &offer, frame));
	frame->frame_height_minus_1 = U32_MAX;
	KUNIT_EXPECT_FALSE(test, av1_frame_supported(NULL, &offer, frame));
	frame->frame_height_minus_1 = 31;
	frame->tile_info.tile_cols = 32;
	frame->tile_info.tile_rows = 16;
	KUNIT_EXPECT_TRUE(test, av1_frame_supported(NULL, &offer, frame));
	frame->tile_info.tile_rows = 17;
	KUNIT_EXPECT_FALSE(test, av1_frame_supported(NULL, &offer, frame));
}

/* The largest job, see docs/protocol.md. */
static void test_av1_job_size(struct kunit *test)
{
	const size_t sizes[] = {
		sizeof(struct v4l2_ctrl_av1_sequence), sizeof(struct v4l2_ctrl_av1_frame),
		sizeof(struct v4l2_ctrl_av1_film_grain),
		V4L2_AV1_MAX_TILE_COUNT * sizeof(struct v4l2_ctrl_av1_tile_group_entry),
	};
	size_t i, total = sizeof(struct daedalus_job);

	for (i = 0; i < ARRAY_SIZE(sizes); i++)
		total += sizeof(struct daedalus_control) + ALIGN(sizes[i], DAEDALUS_CONTROL_ALIGN);
	KUNIT_EXPECT_LT(test, total, 12 * SZ_1K);
	KUNIT_EXPECT_LE(test, total, DAEDALUS_MSG_MAX);
}
#endif

/* Each time is in a bucket that is at most an eighth too long, and they are in order. */
static void test_latency_buckets(struct kunit *test)
{
	u64 us;

	for (us = 0; us < 16 * USEC_PER_SEC; us = us < 5000 ? us + 1 : us + us / 7) {
		unsigned int bucket = bucket_of(us);

		KUNIT_ASSERT_LT(test, bucket, DAEDALUS_LATENCY_BUCKETS);
		KUNIT_EXPECT_GE(test, longest_of(bucket), us);
		KUNIT_EXPECT_LE(test, longest_of(bucket), us + us / 8);
		if (bucket)
			KUNIT_EXPECT_LT(test, longest_of(bucket - 1), us);
	}
	KUNIT_EXPECT_EQ(test, bucket_of(U64_MAX), DAEDALUS_LATENCY_BUCKETS - 1);
}

static void test_latency_percentiles(struct kunit *test)
{
	struct daedalus_latency *latency = kunit_kzalloc(test, sizeof(*latency), GFP_KERNEL);
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, latency);
	KUNIT_EXPECT_EQ(test, daedalus_latency_percentile(latency, 50), 0);
	for (i = 0; i < 99; i++)
		daedalus_latency_add(latency, 5);
	daedalus_latency_add(latency, 30 * USEC_PER_SEC);
	KUNIT_EXPECT_EQ(test, latency->count, 100);
	KUNIT_EXPECT_EQ(test, daedalus_latency_percentile(latency, 1), 5);
	KUNIT_EXPECT_EQ(test, daedalus_latency_percentile(latency, 50), 5);
	KUNIT_EXPECT_EQ(test, daedalus_latency_percentile(latency, 99), 5);
	/* Longer than the last bucket tells: no more than the bucket. */
	KUNIT_EXPECT_EQ(test, daedalus_latency_percentile(latency, 100),
			longest_of(DAEDALUS_LATENCY_BUCKETS - 1));
	KUNIT_EXPECT_EQ(test, latency->max, 30 * USEC_PER_SEC);
}

static struct kunit_case daedalus_cases[] = {
	KUNIT_CASE(test_picture_fill),
	KUNIT_CASE(test_picture_components),
	KUNIT_CASE(test_picture_enumeration),
	KUNIT_CASE(test_picture_max_size),
	KUNIT_CASE(test_bitstream_fill),
	KUNIT_CASE(test_hello),
	KUNIT_CASE(test_joblist_order),
	KUNIT_CASE(test_reply_checks),
	KUNIT_CASE(test_job_number_wrap),
	KUNIT_CASE(test_control_tables),
	KUNIT_CASE(test_control_lookup),
	KUNIT_CASE(test_latency_buckets),
	KUNIT_CASE(test_latency_percentiles),
#ifdef V4L2_CID_STATELESS_AV1_FRAME
	KUNIT_CASE(test_av1_tiles),
	KUNIT_CASE(test_av1_values),
	KUNIT_CASE(test_av1_job_size),
#endif
	{ }
};

static struct kunit_suite daedalus_suite = {
	.name = "daedalus_v4l2",
	.test_cases = daedalus_cases,
};

kunit_test_suite(daedalus_suite);

MODULE_DESCRIPTION("KUnit tests of daedalus_v4l2");
MODULE_LICENSE("GPL");
