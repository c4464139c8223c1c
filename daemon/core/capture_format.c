// SPDX-License-Identifier: LGPL-2.1-or-later
#include "capture_format.h"

#include <linux/videodev2.h>

static const struct capture_format formats[] = {
	{
		.fourcc = V4L2_PIX_FMT_NV12, .name = "NV12", .bit_depth = 8, .alignment = 1,
		.num_planes = 1, .num_components = 2,
		.components = { { false, 1 }, { true, 2 } },
	}, {
		.fourcc = V4L2_PIX_FMT_NV12M, .name = "NV12M", .bit_depth = 8, .alignment = 1,
		.num_planes = 2, .num_components = 2,
		.components = { { false, 1 }, { true, 2 } },
	}, {
		.fourcc = V4L2_PIX_FMT_YUV420, .name = "YUV420", .bit_depth = 8, .alignment = 1,
		.num_planes = 1, .num_components = 3,
		.components = { { false, 1 }, { true, 1 }, { true, 1 } },
	}, {
		.fourcc = V4L2_PIX_FMT_P010, .name = "P010", .bit_depth = 10, .alignment = 2,
		.num_planes = 1, .num_components = 2,
		.components = { { false, 2 }, { true, 4 } },
	},
};

const struct capture_format *capture_format_find(uint32_t fourcc)
{
	size_t i;

	for (i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
		if (formats[i].fourcc == fourcc)
			return &formats[i];
	return NULL;
}

uint64_t capture_component_bytes(const struct capture_component *component, uint32_t width,
				 uint32_t height, uint32_t bytesperline)
{
	if (!width || !height)
		return 0;
	return (capture_rows(component, height) - 1) * bytesperline +
	       capture_row_bytes(component, width);
}

const char *fourcc_text(uint32_t fourcc, char text[FOURCC_TEXT_BYTES])
{
	int i;

	for (i = 0; i < 4; i++) {
		char c = (char)(fourcc >> (8 * i) & 0x7f);

		text[i] = c < ' ' || c > '~' ? '?' : c;
	}
	text[4] = '\0';
	return text;
}
