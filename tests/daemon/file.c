/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "file.h"

#include <stdio.h>
#include <stdlib.h>

uint8_t *file_read(const char *path, size_t min, size_t *size)
{
	FILE *file = fopen(path, "rb");
	uint8_t *data = NULL;
	long bytes;

	if (!file) {
		printf("%s cannot be opened\n", path);
		return NULL;
	}
	fseek(file, 0, SEEK_END);
	bytes = ftell(file);
	rewind(file);
	if (bytes > 0 && (size_t)bytes >= min)
		data = malloc((size_t)bytes);
	if (data && fread(data, 1, (size_t)bytes, file) != (size_t)bytes) {
		free(data);
		data = NULL;
	}
	if (!data)
		printf("%s is too short or cannot be read\n", path);
	fclose(file);
	*size = bytes > 0 ? (size_t)bytes : 0;
	return data;
}
