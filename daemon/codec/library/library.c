// SPDX-License-Identifier: LGPL-2.1-or-later
#include "library.h"

#include <dlfcn.h>
#include <stdio.h>

void *library_open(const char *file, char *text, size_t size)
{
	void *handle = dlopen(file, RTLD_NOW | RTLD_LOCAL);

	if (!handle)
		snprintf(text, size, "%s; install the libraries that this daedalusd was built for, or build it again",
			 dlerror());
	return handle;
}

bool library_bind(void *handle, const char *file, const struct library_symbol *symbols,
		  size_t count, char *text, size_t size)
{
	size_t i;

	for (i = 0; i < count; i++) {
		*symbols[i].function = dlsym(handle, symbols[i].name);
		if (!*symbols[i].function) {
			snprintf(text, size, "%s has no function %s: it is not the library of that name",
				 file, symbols[i].name);
			return false;
		}
	}
	return true;
}
