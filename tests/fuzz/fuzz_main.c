// SPDX-License-Identifier: LGPL-2.1-or-later
/* Runs a fuzz target on the files and folders of the command line. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "fuzz.h"

#define MAX_FILE_BYTES	(1 << 20)

static unsigned int run_file(const char *path)
{
	uint8_t *data = malloc(MAX_FILE_BYTES);
	FILE *file = fopen(path, "rb");
	unsigned int runs = 0;
	size_t size, cut;

	if (file && data) {
		size = fread(data, 1, MAX_FILE_BYTES, file);
		/* The whole input and every truncation of it. */
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
