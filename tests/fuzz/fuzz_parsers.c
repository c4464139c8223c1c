// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Fuzz target for what the daemon reads from others: messages of a session fd
 * and VP9 headers. With clang's libFuzzer it searches by itself; else main()
 * runs the files and folders that it is given.
 *
 * The first byte chooses the parser.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "message.h"
#include "output.h"
#include "vp9_header.h"
#include "vp9_refs.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Whatever was accepted must really be inside: touch it. */
static void use_job(const struct message *message)
{
	const struct daedalus_job *job = message->job;
	const struct control_list *list = &message->controls;
	unsigned int i;

	if (list->size >= sizeof(struct daedalus_control)) {
		const struct daedalus_control *first = (const void *)list->data;
		const uint8_t *value = control_find(list, first->id, first->size);

		size_t count;

		if (value && first->size && value + first->size > list->data + list->size)
			abort();
		value = control_find_array(list, first->id, 4, 512, &count);
		if (value && (!count || count > 512 ||
			      value + 4 * count > list->data + list->size))
			abort();
	}
	for (i = 0; i < job->num_components; i++) {
		const struct daedalus_component *component = &job->components[i];

		if (component->offset +
		    capture_component_bytes(&message->format->components[i], job->dst_width,
					    job->dst_height, component->bytesperline) >
		    job->dst[component->plane].length)
			abort();
	}
}

static void try_message(const uint8_t *data, size_t size)
{
	struct message message;
	void *copy = malloc(size ? size : 1);

	if (!copy)
		abort();
	memcpy(copy, data, size);
	/* The size field alone would reject nearly everything. */
	if (size >= sizeof(struct daedalus_msg))
		((struct daedalus_msg *)copy)->size = (uint32_t)size;
	if (message_parse(&message, copy, size) == MESSAGE_GOOD &&
	    message.type == DAEDALUS_MSG_JOB)
		use_job(&message);
	free(copy);
}

/* Frames of (first byte) bytes each, decoded or lost by turns, through the reference table. */
static void try_frames(const uint8_t *data, size_t size)
{
	struct vp9_refs refs;
	uint64_t timestamps[VP9_REFS_PER_FRAME] = { 1, 2, 3 };
	uint64_t now = 0;

	vp9_refs_reset(&refs);
	while (size > 1) {
		size_t bytes = data[0] % 32;
		struct vp9_header header;
		uint32_t width, height;
		uint8_t *copy;

		if (bytes > size - 1)
			bytes = size - 1;
		copy = malloc(bytes ? bytes : 1);
		if (!copy)
			abort();
		memcpy(copy, data + 1, bytes);
		vp9_superframe_frames(copy, bytes);
		if (vp9_header_parse(&header, copy, bytes)) {
			vp9_refs_lost(&refs, NULL);
		} else {
			enum vp9_refs_verdict verdict =
				vp9_refs_check(&refs, &header, timestamps);

			vp9_refs_frame_size(&refs, &header, &width, &height);
			if (verdict == VP9_REFS_ABSENT)
				vp9_refs_lost(&refs, &header);
			else
				vp9_refs_decoded(&refs, &header, ++now, width, height,
						 verdict == VP9_REFS_GOOD);
		}
		free(copy);
		data += bytes + 1;
		size -= bytes + 1;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (!size)
		return 0;
	if (data[0] & 1)
		try_frames(data + 1, size - 1);
	else
		try_message(data + 1, size - 1);
	return 0;
}

#ifndef DAEDALUS_LIBFUZZER
#define MAX_FILE_BYTES	(1 << 20)

static unsigned int run_file(const char *path)
{
	uint8_t *data = malloc(MAX_FILE_BYTES);
	FILE *file = fopen(path, "rb");
	unsigned int runs = 0;
	size_t size, cut;

	if (file && data) {
		size = fread(data, 1, MAX_FILE_BYTES, file);
		/* Every truncation of it as well. */
		for (cut = 0; cut <= size; cut++, runs++)
			LLVMFuzzerTestOneInput(data, cut);
	}
	if (file)
		fclose(file);
	free(data);
	return runs;
}

int main(int argc, char **argv)
{
	unsigned int runs = 0;
	int i;

	for (i = 1; i < argc; i++) {
		DIR *dir = opendir(argv[i]);
		struct dirent *entry;

		if (!dir) {
			runs += run_file(argv[i]);
			continue;
		}
		while ((entry = readdir(dir))) {
			char path[4096];

			if (entry->d_name[0] == '.')
				continue;
			snprintf(path, sizeof(path), "%s/%s", argv[i], entry->d_name);
			runs += run_file(path);
		}
		closedir(dir);
	}
	printf("%u inputs\n", runs);
	return runs == 0;
}
#endif
