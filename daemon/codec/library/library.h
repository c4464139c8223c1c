/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Loads libraries at run time, so that daedalusd can start without them and say what is missing. */
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
 * @function:	function pointer, set by library_bind()
 * @name:	name of the function in the library
 */
struct library_symbol {
	void **function;
	const char *name;
};

/** LIBRARY_SYMBOL() - entry for a function; @pointers has a member of the same name */
#define LIBRARY_SYMBOL(pointers, symbol)	{ (void **)&(pointers).symbol, #symbol }

/**
 * library_open() - load a library, which stays loaded until the process ends
 * @file:	file name
 * @text:	on failure, one line that says why and what to do
 * @size:	bytes of @text
 *
 * Return: a handle of dlopen(), or NULL.
 */
void *library_open(const char *file, char *text, size_t size);

/**
 * library_bind() - find functions of a library
 * @handle:	of library_open()
 * @file:	file name of the library, for @text
 * @symbols:	the functions
 * @count:	entries of @symbols
 * @text:	on failure, one line that names the first function that is missing
 * @size:	bytes of @text
 *
 * Return: true if the library has all of them.
 */
bool library_bind(void *handle, const char *file, const struct library_symbol *symbols,
		  size_t count, char *text, size_t size);

#endif /* DAEDALUS_LIBRARY_H */
