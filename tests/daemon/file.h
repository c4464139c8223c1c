/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DAEDALUS_TEST_FILE_H
#define DAEDALUS_TEST_FILE_H

#include <stddef.h>
#include <stdint.h>

/*
 * The content of a file, at least one byte and at least @min of them, to be freed
 * by the caller; NULL, after saying so, if it is shorter or cannot be read.
 */
uint8_t *file_read(const char *path, size_t min, size_t *size);

#endif
