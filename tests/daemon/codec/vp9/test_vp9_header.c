// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * VP9 uncompressed headers: the first bytes of real frames, with the values that
 * FFmpeg's trace_headers filter prints for them; then invalid values, one at a time.
 */
#include "check.h"

#include <stdlib.h>
#include <string.h>

#include "codec/vp9/vp9_header.h"

#define HEADER_BYTES	20

struct known_header {
	const char *name;
	uint8_t data[HEADER_BYTES];
	size_t size;
	struct vp9_header header;
};

static const struct known_header known[] = {
	{
		.name = "key frame, 8x10",
		.data = { 0x82, 0x49, 0x83, 0x42, 0x00, 0x00, 0x70, 0x00, 0x94, 0x00,
			  0x38, 0x24, 0x1c, 0x18, 0x00, 0x00, 0x01, 0x00, 0x7a, 0x8f },
		.header = {
			.bit_depth = 8, .subsampling_x = true, .subsampling_y = true,
			.has_color_config = true, .key_frame = true, .show_frame = true,
			.refresh_frame_flags = 0xff, .size_from_ref = -1, .width = 8,
			.height = 10, .refresh_frame_context = true,
		},
	}, {
		.name = "hidden intra-only frame, 352x288",
		.data = { 0x84, 0xc9, 0x30, 0x68, 0x40, 0x20, 0x2b, 0xe0, 0x23, 0xe8,
			  0x18, 0x70, 0x48, 0x38, 0x30, 0xd4, 0x00, 0x04, 0xc0, 0x64 },
		.header = {
			.bit_depth = 8, .subsampling_x = true, .subsampling_y = true,
			.has_color_config = true, .intra_only = true, .reset_frame_context = 2,
			.refresh_frame_flags = 1, .size_from_ref = -1, .width = 352,
			.height = 288, .refresh_frame_context = true,
		},
	}, {
		.name = "inter frame, size of its first reference",
		.data = { 0x86, 0x02, 0x00, 0x92, 0xe0, 0x91, 0x21, 0x00, 0x00, 0xa0,
			  0x64, 0x03, 0xca, 0x7e, 0x6f, 0x52, 0x5b, 0xab, 0xdf, 0x0f },
		.header = {
			.bit_depth = 8, .show_frame = true, .refresh_frame_flags = 8,
			.ref_frame_idx = { 0, 1, 2 }, .refresh_frame_context = true,
		},
	}, {
		.name = "inter frame of a new size, 360x202",
		.data = { 0x86, 0x00, 0x40, 0x90, 0x00, 0xb3, 0x80, 0x64, 0xc0, 0x77,
			  0xc0, 0x43, 0x5c, 0xd8, 0x59, 0x00, 0x00, 0x1d, 0x7f, 0x90 },
		.header = {
			.bit_depth = 8, .show_frame = true, .refresh_frame_flags = 1,
			.ref_frame_idx = { 0, 1, 2 }, .size_from_ref = -1, .width = 360,
			.height = 202, .refresh_frame_context = true,
		},
	}, {
		.name = "hidden inter frame, second context",
		.data = { 0x84, 0x02, 0x00, 0x4f, 0x4e, 0x96, 0x26, 0xb0, 0x00, 0x0c,
			  0x00, 0x68, 0x07, 0xdd, 0xf8, 0x9f, 0xb7, 0xe4, 0x52, 0xe9 },
		.header = {
			.bit_depth = 8, .refresh_frame_flags = 16,
			.ref_frame_idx = { 0, 1, 3 }, .refresh_frame_context = true,
			.frame_context_idx = 1,
		},
	}, {
		.name = "key frame of profile 2, 10 bits, 160x90",
		.data = { 0x92, 0x49, 0x83, 0x42, 0x00, 0x04, 0xf8, 0x02, 0xca, 0x04,
			  0x1c, 0x12, 0x0e, 0x0c, 0x3d, 0x00, 0x00, 0xa8, 0x7c, 0x66 },
		.header = {
			.profile = 2, .bit_depth = 10, .subsampling_x = true,
			.subsampling_y = true, .has_color_config = true, .key_frame = true,
			.show_frame = true, .refresh_frame_flags = 0xff, .size_from_ref = -1,
			.width = 160, .height = 90, .refresh_frame_context = true,
		},
	}, {
		.name = "hidden inter frame of profile 2",
		.data = { 0x94, 0x00, 0x80, 0x49, 0x72, 0x38, 0x91, 0x40, 0x00, 0x28,
			  0x7c, 0x1b, 0x90, 0x31, 0x26, 0x6b, 0xfe, 0xc0, 0x44, 0x6f },
		.header = {
			.profile = 2, .refresh_frame_flags = 4, .ref_frame_idx = { 0, 1, 2 },
			.refresh_frame_context = true, .frame_context_idx = 1,
		},
	}, {
		.name = "key frame of profile 1, 4:4:4",
		.data = { 0xa2, 0x49, 0x83, 0x42, 0x00, 0x02, 0xbe, 0x02, 0x3e, 0x86,
			  0x07, 0x04, 0x83, 0x83, 0x1c, 0xc0, 0x00, 0xa4, 0x7f, 0xd1 },
		.header = {
			.profile = 1, .bit_depth = 8, .has_color_config = true,
			.key_frame = true, .show_frame = true, .refresh_frame_flags = 0xff,
			.size_from_ref = -1, .width = 352, .height = 288,
			.refresh_frame_context = true,
		},
	}, {
		.name = "key frame of profile 1, RGB",
		.data = { 0xa2, 0x49, 0x83, 0x42, 0xe0, 0x27, 0xf0, 0x16, 0x76, 0x06,
			  0x38, 0x24, 0x1c, 0x18, 0x4a, 0x10, 0x06, 0x50, 0x7f, 0xd5 },
		.header = {
			.profile = 1, .bit_depth = 8, .has_color_config = true,
			.key_frame = true, .show_frame = true, .refresh_frame_flags = 0xff,
			.size_from_ref = -1, .width = 640, .height = 360,
			.refresh_frame_context = true,
		},
	}, {
		.name = "key frame of profile 3, 12 bits, 4:2:2",
		.data = { 0xb1, 0x24, 0xc1, 0xa1, 0x42, 0x00, 0x4f, 0x80, 0x2c, 0xa0,
			  0x51, 0xc1, 0x20, 0xe0, 0xc3, 0xf0, 0x00, 0x09, 0x80, 0x7c },
		.header = {
			.profile = 3, .bit_depth = 12, .subsampling_x = true,
			.has_color_config = true, .key_frame = true, .show_frame = true,
			.refresh_frame_flags = 0xff, .size_from_ref = -1, .width = 160,
			.height = 90, .refresh_frame_context = true,
		},
	}, {
		.name = "error resilient inter frame",
		.data = { 0x87, 0x01, 0x02, 0x4b, 0x0a, 0x1c, 0x12, 0x0e, 0x0c, 0x4a,
			  0x00, 0x01, 0x70, 0x7f, 0x90, 0xd9, 0x0c, 0xf6, 0x81, 0xdb },
		.header = {
			.bit_depth = 8, .show_frame = true, .error_resilient_mode = true,
			.refresh_frame_flags = 1, .ref_frame_idx = { 0, 1, 2 },
		},
	}, {
		.name = "show_existing_frame",
		.data = { 0x8a },
		.size = 1,
		.header = {
			.show_existing_frame = true, .frame_to_show = 2, .size_from_ref = -1,
		},
	},
};

static void compare(const struct known_header *k, const struct vp9_header *got)
{
	const struct vp9_header *want = &k->header;
	int i;

#define FIELD(f) \
	CHECK_MSG(got->f == want->f, "%s: %s is %d, not %d", k->name, #f, \
		  (int)got->f, (int)want->f)
	FIELD(profile);
	FIELD(bit_depth);
	FIELD(subsampling_x);
	FIELD(subsampling_y);
	FIELD(has_color_config);
	FIELD(show_existing_frame);
	FIELD(frame_to_show);
	FIELD(key_frame);
	FIELD(show_frame);
	FIELD(error_resilient_mode);
	FIELD(intra_only);
	FIELD(reset_frame_context);
	FIELD(refresh_frame_flags);
	FIELD(size_from_ref);
	FIELD(width);
	FIELD(height);
	FIELD(refresh_frame_context);
	FIELD(frame_context_idx);
#undef FIELD
	for (i = 0; i < VP9_REFS_PER_FRAME; i++)
		CHECK_EQ(got->ref_frame_idx[i], want->ref_frame_idx[i]);
}

/* Parse a copy in memory of exactly @size bytes, for the sanitizer. */
static const char *parse(struct vp9_header *header, const uint8_t *data, size_t size)
{
	uint8_t *copy = malloc(size ? size : 1);
	const char *error;

	memcpy(copy, data, size);
	error = vp9_header_parse(header, copy, size);
	free(copy);
	return error;
}

static void test_known(void)
{
	size_t i;

	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		size_t size = known[i].size ? known[i].size : HEADER_BYTES;
		struct vp9_header header;
		const char *error = parse(&header, known[i].data, size);

		CHECK_MSG(!error, "%s: %s", known[i].name, error);
		if (!error)
			compare(&known[i], &header);
		/* A header that is cut within its first bytes must fail. */
		for (size = 0; size < (known[i].size ? 1 : 5); size++)
			CHECK_MSG(parse(&header, known[i].data, size), "%s cut to %zu bytes",
				  known[i].name, size);
	}
}

static void broken(const char *name, size_t index, size_t byte, uint8_t value)
{
	struct vp9_header header;
	uint8_t data[HEADER_BYTES];

	memcpy(data, known[index].data, sizeof(data));
	data[byte] = value;
	CHECK_MSG(parse(&header, data, sizeof(data)), "%s: parsed", name);
}

static void test_broken(void)
{
	broken("frame_marker 1", 0, 0, 0x42);
	broken("frame_marker 3", 0, 0, 0xc2);
	broken("frame_sync_code of a key frame", 0, 1, 0x48);
	broken("frame_sync_code of a key frame", 0, 3, 0x43);
	broken("frame_sync_code of an intra-only frame", 1, 2, 0x31);
	broken("RGB in profile 0", 0, 4, 0xe0);
	broken("reserved bit of profile 1, 4:4:4", 7, 4, 0x02);
	broken("reserved bit of profile 1, RGB", 8, 4, 0xf8);
	broken("reserved bit of profile 3", 9, 0, 0xb9);
}

int main(void)
{
	test_known();
	test_broken();
	return check_result();
}
