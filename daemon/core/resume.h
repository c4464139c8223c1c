/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Lets the supervisor execute its own program again and go on where it was.
 *
 * All workers are forks of the supervisor, so all have its address space layout. A
 * worker that crashes may have told an attacker something about it. A new program
 * has a new layout. What the program must know is in an anonymous file, whose
 * descriptor is an argument.
 */
#ifndef DAEDALUS_RESUME_H
#define DAEDALUS_RESUME_H

#include <stddef.h>

#define RESUME_OPTION	"--resume"

/** resume_create() - an empty file, close-on-exec; a negative errno */
int resume_create(void);

/** resume_put() - append @size bytes; returns 0 or a negative errno */
int resume_put(int file, const void *data, size_t size);

/** resume_get() - read @size bytes; returns 0, or a negative errno: -EPROTO if there are fewer */
int resume_get(int file, void *data, size_t size);

/** resume_keep() - let a descriptor stay open across exec(); returns 0 or a negative errno */
int resume_keep(int fd);

/** resume_own() - close a descriptor on exec() again; a negative errno: it is not open */
int resume_own(int fd);

/**
 * resume_exec() - execute this program again, with the option RESUME_OPTION
 * @file:	from resume_create(); is read from its start
 * @argv:	the program's arguments; an old RESUME_OPTION is left out
 *
 * Return: a negative errno; not at all on success.
 */
int resume_exec(int file, char *const *argv);

#endif /* DAEDALUS_RESUME_H */
