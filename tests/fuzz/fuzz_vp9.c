// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Fuzz target for the input of the VP9 element: superframes and the uncompressed headers of
 * their frames, up to the control for the device.
 *
 * The input is a list of buffers. Each has two bytes, least significant first, for its size,
 * one for how many of its bytes follow, and those; the rest of the buffer is zeros. So a header
 * needs no frame behind it.
 */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "vp9/gstdaedalusvp9refs.h"
#include "vp9/gstdaedalusvp9superframe.h"

#define MAX_HEADER_BYTES	63
#define MAX_READ_BYTES		256	/* of a frame, and more than that */

struct decoder {
	GstDaedalusVp9State state;
	GstDaedalusVp9Refs refs;
	guint64 timestamp;
};

static void expect(gboolean condition)
{
	if (!condition)
		abort();
}

/* Checks values that must be valid for any stream, because the driver relies on them. */
static void check_control(const struct v4l2_ctrl_vp9_frame *frame)
{
	guint i;

	expect(frame->profile <= V4L2_VP9_PROFILE_MAX);
	expect(frame->bit_depth == 8 || frame->bit_depth == 10 || frame->bit_depth == 12);
	expect(frame->interpolation_filter <= V4L2_VP9_INTERP_FILTER_SWITCHABLE);
	expect(frame->reset_frame_context <= V4L2_VP9_RESET_FRAME_CTX_ALL);
	expect(frame->frame_context_idx < V4L2_VP9_NUM_FRAME_CTX);
	expect(frame->tile_cols_log2 <= 6 && frame->tile_rows_log2 <= 2);
	expect(frame->lf.level <= 63 && frame->lf.sharpness <= 7);
	for (i = 0; i < G_N_ELEMENTS(frame->lf.ref_deltas); i++)
		expect(ABS(frame->lf.ref_deltas[i]) <= 63);
	for (i = 0; i < G_N_ELEMENTS(frame->lf.mode_deltas); i++)
		expect(ABS(frame->lf.mode_deltas[i]) <= 63);
	for (i = 0; i < G_N_ELEMENTS(frame->seg.feature_data); i++) {
		const gint16 *data = frame->seg.feature_data[i];

		expect(frame->seg.feature_enabled[i] <= V4L2_VP9_SEGMENT_FEATURE_ENABLED_MASK);
		expect(ABS(data[V4L2_VP9_SEG_LVL_ALT_Q]) <= 255);
		expect(ABS(data[V4L2_VP9_SEG_LVL_ALT_L]) <= 63);
		expect(data[V4L2_VP9_SEG_LVL_REF_FRAME] >= 0);
		expect(data[V4L2_VP9_SEG_LVL_REF_FRAME] <= 3);
		expect(!data[V4L2_VP9_SEG_LVL_SKIP]);
	}
}

/* The bytes after the header must not change the result of the parser. */
static void check_end(const struct decoder *dec, const GstVp9FrameHdr *hdr, const uint8_t *data,
		      size_t size)
{
	GstDaedalusVp9State state = dec->state;
	uint8_t *copy = g_memdup2(data, size);
	GstVp9FrameHdr other;
	size_t i;

	for (i = hdr->frame_header_length_in_bytes; i < MIN(size, MAX_READ_BYTES); i++)
		copy[i] ^= 0xff;
	expect(gst_daedalus_vp9_header_parse(&other, &state, copy, size, NULL));
	expect(!memcmp(hdr, &other, sizeof(other)));
	g_free(copy);
}

static void decode_frame(struct decoder *dec, const uint8_t *data, size_t size)
{
	static const GstDaedalusLayout layout;
	const struct decoder before = *dec;
	struct v4l2_ctrl_vp9_frame frame;
	GstDaedalusPicture *picture;
	GError *error = NULL;
	GstVp9FrameHdr hdr;

	if (!gst_daedalus_vp9_header_parse(&hdr, &dec->state, data, size, &error)) {
		expect(error && !memcmp(&before, dec, sizeof(before)));
		g_error_free(error);
		return;
	}
	expect(!error);
	if (hdr.show_existing_frame) {
		expect(!memcmp(&before, dec, sizeof(before)));
		gst_daedalus_vp9_refs_check(&dec->refs, &hdr, NULL);
		return;
	}
	expect(hdr.frame_header_length_in_bytes <= MAX_HEADER_BYTES && hdr.first_partition_size);
	expect(hdr.frame_header_length_in_bytes + hdr.first_partition_size <= size);
	expect(hdr.width >= 1 && hdr.width <= 65536 && hdr.height >= 1 && hdr.height <= 65536);
	check_end(&before, &hdr, data, size);

	gst_daedalus_vp9_fill_frame(&frame, &hdr, &dec->state, &dec->refs);
	check_control(&frame);
	picture = gst_daedalus_vp9_refs_check(&dec->refs, &hdr, NULL) ?
		gst_daedalus_picture_new(++dec->timestamp, &layout, NULL, NULL) : NULL;
	gst_daedalus_vp9_refs_update(&dec->refs, &hdr, picture);
	if (picture)
		gst_daedalus_picture_unref(picture);
}

static void decode(struct decoder *dec, const uint8_t *data, size_t size)
{
	GstDaedalusVp9Superframe superframe;
	guint i;

	if (!gst_daedalus_vp9_superframe_parse(&superframe, data, size, NULL))
		return;
	expect(superframe.n_frames <= VP9_MAX_FRAMES_IN_SUPERFRAME);
	for (i = 0; i < superframe.n_frames; i++) {
		expect(superframe.offsets[i] <= size);
		expect(superframe.sizes[i] <= size - superframe.offsets[i]);
		decode_frame(dec, data + superframe.offsets[i], superframe.sizes[i]);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct decoder dec = { 0 };

	gst_init(NULL, NULL);
	while (size >= 3) {
		const size_t buffer_size = data[0] | data[1] << 8;
		const size_t n = MIN(data[2], size - 3);
		uint8_t *buffer = g_malloc0(buffer_size + !buffer_size);

		memcpy(buffer, data + 3, MIN(n, buffer_size));
		decode(&dec, buffer, buffer_size);
		g_free(buffer);
		data += 3 + n;
		size -= 3 + n;
	}
	gst_daedalus_vp9_refs_clear(&dec.refs);
	return 0;
}
