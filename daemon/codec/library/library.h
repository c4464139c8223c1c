/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Libraries that are loaded at run time: daedalusd starts without them and says what is missing. */
#ifndef DAEDALUS_LIBRARY_H
#define DAEDALUS_LIBRARY_H

#include <stdbool.h>
#include <stddef.h>

/**
 * LIBRARY_NAME() - file name of a shared library, "libdav1d.so.7"
 * @base:	"libdav1d"
 * @major:	macro of the major version
 */
#define LIBRARY_NAME(base, major)	base ".so." LIBRARY_TEXT(major)
#define LIBRARY_TEXT(x)			LIBRARY_TEXT_OF(x)
#define LIBRARY_TEXT_OF(x)		#x

/**
 * struct library_symbol - a function of a library
 * @function:	pointer to it, filled in by library_bind()
 * @name:	its name in the library
 */
struct library_symbol {
	void **function;
	const char *name;
};

/** LIBRARY_SYMBOL() - entry for a function whose pointer in a structure has its name */
#define LIBRARY_SYMBOL(pointers, symbol)	{ (void **)&(pointers).symbol, #symbol }

/**
 * library_open() - load a library, for as long as the process lives
 * @file:	file name
 * @text:	one line saying why not, and what to do
 * @size:	bytes of @text
 *
 * Return: a handle of dlopen(), or NULL.
 */
void *library_open(const char *file, char *text, size_t size);

/**
 * library_bind() - find functions of a library
 * @handle:	of library_open()
 * @file:	its file name, for @text
 * @symbols:	which functions
 * @count:	how many
 * @text:	one line that names the first one that is missing
 * @size:	bytes of @text
 *
 * Return: whether all are there.
 */
bool library_bind(void *handle, const char *file, const struct library_symbol *symbols,
		  size_t count, char *text, size_t size);

#endif /* DAEDALUS_LIBRARY_H */
