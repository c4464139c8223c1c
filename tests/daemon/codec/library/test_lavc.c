// SPDX-License-Identifier: LGPL-2.1-or-later
/* Loading libavcodec: no library, another one or another major version gives one clear line. */
#include "check.h"

#include <errno.h>
#include <string.h>

#include <libavutil/avutil.h>

#include "codec/library/lavc.h"
#include "codec/library/library.h"

#define CODEC		LIBRARY_NAME("libavcodec", LIBAVCODEC_VERSION_MAJOR)
#define UTIL		LIBRARY_NAME("libavutil", LIBAVUTIL_VERSION_MAJOR)

static void refused(const char *codec, const char *util, unsigned int codec_major,
		    unsigned int util_major, const char *phrase)
{
	const struct lavc_names names = { codec, util, codec_major, util_major };
	char text[256] = "";

	CHECK(lavc_load_from(&names, text, sizeof(text)) < 0);
	CHECK_MSG(strstr(text, phrase), "\"%s\" does not say \"%s\"", text, phrase);
	CHECK_MSG(!strchr(text, '\n'), "\"%s\" is more than a line", text);
}

int main(void)
{
	char text[256];

	refused("libavcodec.so.1", UTIL, 1, LIBAVUTIL_VERSION_MAJOR, "libavcodec.so.1: ");
	refused(CODEC, "libavutil.so.1", LIBAVCODEC_VERSION_MAJOR, 1, "libavutil.so.1: ");
	refused(CODEC, UTIL, LIBAVCODEC_VERSION_MAJOR + 1, LIBAVUTIL_VERSION_MAJOR,
		"was built for major version");
	refused(CODEC, UTIL, LIBAVCODEC_VERSION_MAJOR, LIBAVUTIL_VERSION_MAJOR - 1,
		"was built for major version");
	refused("libm.so.6", UTIL, LIBAVCODEC_VERSION_MAJOR, LIBAVUTIL_VERSION_MAJOR,
		"has no function");
	if (lavc_load(text, sizeof(text)) < 0) {
		printf("%s\n", text);
		return checks_failed ? 1 : EXIT_SKIP;
	}
	CHECK_EQ(lavc_load_decoder("vp9", text, sizeof(text)), 0);
	CHECK_MSG(!strncmp(text, "libavcodec ", 11), "%s", text);
	CHECK_EQ(lavc_load_decoder("vp10", text, sizeof(text)), -ENOENT);
	CHECK_MSG(!strcmp(text, "this libavcodec was built without its vp10 decoder"), "%s", text);
	return check_result();
}
