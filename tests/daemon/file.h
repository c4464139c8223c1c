/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DAEDALUS_TEST_FILE_H
#define DAEDALUS_TEST_FILE_H

#include <stddef.h>
#include <stdint.h>

/*
 * Read a file of at least @min bytes, and at least one. Return: its content, which the
 * caller frees; NULL, with a message, if it is shorter or cannot be read.
 */
uint8_t *file_read(const char *path, size_t min, size_t *size);

#endif
