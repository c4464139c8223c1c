/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Kinds of invalid VP9 requests, and the result of each by the V4L2 API and by the
 * driver's documentation (docs/architecture.md).
 */
#ifndef DAEDALUS_TESTS_V4L2_GARBAGE_VP9_H
#define DAEDALUS_TESTS_V4L2_GARBAGE_VP9_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <glib.h>
#include <linux/v4l2-controls.h>

/** enum garbage_end - how a request can end */
enum garbage_end {
	GARBAGE_REFUSED,	/* an ioctl says no */
	GARBAGE_FLAGGED,	/* the picture has V4L2_BUF_FLAG_ERROR */
	GARBAGE_EXACT,		/* the picture is the clip's first, without the flag */
	GARBAGE_SAME,		/* flagged or not, but always alike: no syntax is broken */
};

/** struct garbage_outcome - actual or expected result of a request */
struct garbage_outcome {
	enum garbage_end end;
	int error;	/* of GARBAGE_REFUSED: the errno, negative */
};

/** struct garbage_request - data and controls of a request; a kind changes a good one */
struct garbage_request {
	struct v4l2_ctrl_vp9_frame frame;
	uint8_t *data;		/* belongs to the caller */
	size_t size;
	bool no_control;
	bool no_buffer;
};

/** struct garbage_inputs - other data that a kind may put into the request */
struct garbage_inputs {
	const uint8_t *inter;	/* the clip's second frame, with the same size as the first */
	size_t inter_size;
	uint32_t max_width;	/* of the device */
	uint32_t max_height;
};

/**
 * struct garbage_kind - a kind of invalid request
 * @name:	for reports
 * @spoil:	changes a good request; request->data has room for @inter too
 * @expected:	expected result, if it does not depend on random numbers
 * @judge:	computes the expected result of the spoiled request; NULL: @expected
 */
struct garbage_kind {
	const char *name;
	void (*spoil)(struct garbage_request *request, const struct garbage_inputs *inputs,
		      GRand *rand);
	struct garbage_outcome expected;
	struct garbage_outcome (*judge)(const struct garbage_request *request,
					const struct garbage_request *good);
};

extern const struct garbage_kind garbage_kinds[];
extern const size_t garbage_num_kinds;

/** garbage_outcome_text() - for messages; to be freed */
char *garbage_outcome_text(struct garbage_outcome outcome);

/** garbage_outcome_is() - is @got what was expected? GARBAGE_SAME takes any picture */
bool garbage_outcome_is(struct garbage_outcome got, struct garbage_outcome expected);

/** garbage_outcome_wrong() - another outcome than @expected, for a test of the test */
struct garbage_outcome garbage_outcome_wrong(struct garbage_outcome expected);

#endif /* DAEDALUS_TESTS_V4L2_GARBAGE_VP9_H */
