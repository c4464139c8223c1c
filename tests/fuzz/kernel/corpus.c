// SPDX-License-Identifier: LGPL-2.1-or-later
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "corpus.h"

struct corpus corpora[CORPUS_CLIPS];
unsigned int num_corpora;

static void refuse(const char *path, const char *why)
{
	fprintf(stderr, "%s: %s\n", path, why);
	exit(2);
}

static size_t padded(size_t size)
{
	return (size + DAEDALUS_CONTROL_ALIGN - 1) / DAEDALUS_CONTROL_ALIGN *
	       DAEDALUS_CONTROL_ALIGN;
}

/* Read a file of at most @max bytes. Return: its content, to be freed. */
static uint8_t *load(const char *path, size_t max, size_t *size)
{
	FILE *file = fopen(path, "rb");
	uint8_t *data = calloc(1, max + 1);

	if (!file || !data)
		refuse(path, "cannot be read");
	*size = fread(data, 1, max + 1, file);
	if (*size > max)
		refuse(path, "is too large");
	fclose(file);
	return data;
}

/* Split off the controls of a frame. */
static void split_controls(struct corpus_frame *frame, const char *path)
{
	const uint8_t *at = (const uint8_t *)(frame->job + 1);
	const uint8_t *end = (const uint8_t *)frame->job + frame->job->hdr.size;

	if (frame->job->num_controls > CORPUS_CONTROLS)
		refuse(path, "has too many controls");
	for (uint32_t i = 0; i < frame->job->num_controls; i++) {
		const struct daedalus_control *control = (const void *)at;

		if ((size_t)(end - at) < sizeof(*control) ||
		    (size_t)(end - at) - sizeof(*control) < control->size)
			refuse(path, "has a truncated control");
		frame->controls[frame->num_controls++] = control;
		at += sizeof(*control) + padded(control->size);
	}
}

static void load_clip(struct corpus *clip, const char *path)
{
	const char *name = strrchr(path, '/') + 1;
	char md5_path[512];
	size_t size, at = 0;
	uint8_t *md5;

	snprintf(clip->name, sizeof(clip->name), "%.*s", (int)strcspn(name, "."), name);
	snprintf(md5_path, sizeof(md5_path), "%.*s.md5", (int)(strlen(path) - strlen(".jobs")),
		 path);
	md5 = load(md5_path, 64, &size);
	snprintf(clip->md5, sizeof(clip->md5), "%.32s", (char *)md5);
	free(md5);

	clip->data = load(path, 1 << 20, &size);
	while (at < size) {
		struct corpus_frame *frame = &clip->frames[clip->num_frames];
		const struct daedalus_job *job = (const void *)(clip->data + at);

		if (clip->num_frames == CORPUS_FRAMES || size - at < sizeof(*job) ||
		    job->hdr.size > size - at || job->src.length > size - at - job->hdr.size)
			refuse(path, "has too many frames or a truncated one");
		frame->job = job;
		frame->payload = clip->data + at + job->hdr.size;
		frame->size = job->src.length;
		frame->time_us = job->timestamp / 1000;
		split_controls(frame, path);
		clip->pixelformat = job->pixelformat;
		clip->width = job->dst_width;
		clip->height = job->dst_height;
		clip->num_frames++;
		at += job->hdr.size + padded(job->src.length);
	}
	if (!clip->num_frames)
		refuse(path, "is empty");
}

void corpus_load(const char *folder)
{
	char pattern[512];
	glob_t found;

	snprintf(pattern, sizeof(pattern), "%s/*.jobs", folder);
	if (glob(pattern, 0, NULL, &found) || found.gl_pathc > CORPUS_CLIPS)
		refuse(pattern, "no clips, or too many");
	for (size_t i = 0; i < found.gl_pathc; i++)
		load_clip(&corpora[num_corpora++], found.gl_pathv[i]);
	globfree(&found);
}

const struct corpus *corpus_of(uint32_t pixelformat)
{
	for (unsigned int i = 0; i < num_corpora; i++)
		if (corpora[i].pixelformat == pixelformat)
			return &corpora[i];
	return NULL;
}
