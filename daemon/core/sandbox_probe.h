/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Finds out whether this machine lets workers have their sandbox. */
#ifndef DAEDALUS_SANDBOX_PROBE_H
#define DAEDALUS_SANDBOX_PROBE_H

#include <stddef.h>

#include "sandbox.h"

/**
 * sandbox_probe() - try the sandbox in a child process
 * @level:	as of struct sandbox_params
 * @memory:	as of struct sandbox_params
 * @text:	set on failure to one line that tells what failed and what to do
 * @size:	bytes of @text
 *
 * The child also checks that it cannot open a file. Takes at most 10 seconds.
 *
 * Return: 0 or a negative errno.
 */
int sandbox_probe(enum sandbox_level level, uint64_t memory, char *text, size_t size);

#endif /* DAEDALUS_SANDBOX_PROBE_H */
