/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Recorded requests: short clips as the daemon got them, with all controls. A file
 * CODEC.jobs is a series of struct daedalus_job, its controls, and the payload, which
 * is padded to DAEDALUS_CONTROL_ALIGN. CODEC.md5 has the MD5 of all pictures as I420,
 * from FFmpeg. README.md there tells how they were made.
 */
#ifndef DAEDALUS_FUZZ_CORPUS_H
#define DAEDALUS_FUZZ_CORPUS_H

#include <stddef.h>
#include <stdint.h>

#include "daedalus_v4l2_proto.h"

#define CORPUS_FRAMES	16
#define CORPUS_CLIPS	8
#define CORPUS_CONTROLS	8

/** struct corpus_frame - a request; the pointers are into struct corpus.data */
struct corpus_frame {
	const struct daedalus_job *job;
	const struct daedalus_control *controls[CORPUS_CONTROLS];
	unsigned int num_controls;
	const uint8_t *payload;
	size_t size;		/* bytes of @payload */
	uint64_t time_us;	/* timestamp of the OUTPUT buffer */
};

/** struct corpus - a clip */
struct corpus {
	char name[32];
	char md5[33];
	uint32_t pixelformat;
	uint32_t width;
	uint32_t height;
	struct corpus_frame frames[CORPUS_FRAMES];
	unsigned int num_frames;
	uint8_t *data;
};

extern struct corpus corpora[CORPUS_CLIPS];
extern unsigned int num_corpora;

/** corpus_load() - fill @corpora from the files of @folder; ends the program if there are none */
void corpus_load(const char *folder);

/** corpus_of() - a clip of this coded format, NULL if there is none */
const struct corpus *corpus_of(uint32_t pixelformat);

/** corpus_value() - the value of a control; it has control->size bytes */
static inline const void *corpus_value(const struct daedalus_control *control)
{
	return control + 1;
}

#endif /* DAEDALUS_FUZZ_CORPUS_H */
