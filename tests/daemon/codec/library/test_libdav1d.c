// SPDX-License-Identifier: LGPL-2.1-or-later
/* Loading libdav1d: no library, another one or another major version gives one clear line. */
#include "check.h"

#include <string.h>

#include "codec/library/libdav1d.h"
#include "codec/library/library.h"

#define NAME		LIBRARY_NAME("libdav1d", DAV1D_API_VERSION_MAJOR)

static void refused(const char *name, unsigned int major, const char *phrase)
{
	char text[256] = "";

	CHECK(libdav1d_load_from(name, major, text, sizeof(text)) < 0);
	CHECK_MSG(strstr(text, phrase), "\"%s\" does not say \"%s\"", text, phrase);
	CHECK_MSG(!strchr(text, '\n'), "\"%s\" is more than a line", text);
}

int main(void)
{
	char text[256];

	refused("libdav1d.so.1", 1, "libdav1d.so.1: ");
	refused("libm.so.6", DAV1D_API_VERSION_MAJOR, "has no function");
	/* Before 1.3 the library has no dav1d_version_api(). */
	if (DAV1D_API_VERSION_MAJOR >= 7)
		refused(NAME, DAV1D_API_VERSION_MAJOR + 1, "was built for major version");
	if (libdav1d_load(text, sizeof(text)) < 0) {
		printf("%s\n", text);
		return checks_failed ? 1 : EXIT_SKIP;
	}
	CHECK_MSG(!strncmp(text, "libdav1d ", 9), "\"%s\"", text);
	CHECK_EQ(libdav1d_status(DAV1D_ERR(ENOMEM)), DAEDALUS_STATUS_NO_MEMORY);
	CHECK_EQ(libdav1d_status(DAV1D_ERR(EINVAL)), DAEDALUS_STATUS_CORRUPT);
	CHECK_EQ(libdav1d_status(DAV1D_ERR(EAGAIN)), DAEDALUS_STATUS_INTERNAL);
	return check_result();
}
