// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Fuzz target for the input of the AV1 element: a stream of OBUs. Each frame is
 * processed up to the controls for the device.
 *
 * The lower bits of the first byte are the operating point. Its highest bit is set if
 * the stream has the format of Annex B.
 */
#include <stdlib.h>

#include "fuzz.h"
#include "av1/gstdaedalusav1info.h"
#include "av1/gstdaedalusav1refs.h"
#include "av1/gstdaedalusav1tiles.h"

struct decoder {
	GstAV1SequenceHeaderOBU seq;
	gboolean has_seq;
	guint idc;			/* OperatingPointIdc */
	GstDaedalusHdr hdr;
	GstDaedalusDescription description;
	GstDaedalusAv1Refs refs;
	GstDaedalusAv1Header header;
	gboolean has_header;
	GstDaedalusAv1Tiles tiles;
	guint64 timestamp;
};

static void expect(gboolean condition)
{
	if (!condition)
		abort();
}

static void abandon(struct decoder *dec)
{
	gst_daedalus_av1_refs_drop(&dec->refs, dec->header.control.refresh_frame_flags);
	gst_daedalus_av1_tiles_clear(&dec->tiles);
	dec->has_header = FALSE;
}

/* Checks values that must be valid for any stream, because the driver relies on them. */
static void check_frame(const struct decoder *dec)
{
	const struct v4l2_ctrl_av1_frame *frame = &dec->header.control;
	guint i;

	expect(frame->upscaled_width >= 1 && frame->upscaled_width <= 65536);
	expect(frame->frame_width_minus_1 < frame->upscaled_width);
	expect(frame->tile_info.tile_cols <= V4L2_AV1_MAX_TILE_COLS);
	expect(frame->tile_info.tile_rows <= V4L2_AV1_MAX_TILE_ROWS);
	for (i = 0; i < V4L2_AV1_REFS_PER_FRAME; i++)
		expect(dec->header.parsed.frame_is_intra ||
		       (frame->ref_frame_idx[i] >= 0 &&
			frame->ref_frame_idx[i] < GST_AV1_NUM_REF_FRAMES));
	expect(dec->tiles.n_entries <= V4L2_AV1_MAX_TILE_COUNT);
	for (i = 0; i < dec->tiles.n_entries; i++) {
		const struct v4l2_ctrl_av1_tile_group_entry *entry = &dec->tiles.entries[i];

		expect((guint64)entry->tile_offset + entry->tile_size <= dec->tiles.size);
		expect(entry->tile_row < frame->tile_info.tile_rows);
		expect(entry->tile_col < frame->tile_info.tile_cols);
	}
}

static void decode(struct decoder *dec)
{
	static const GstDaedalusLayout layout;
	GstDaedalusPicture *picture;

	check_frame(dec);
	gst_daedalus_av1_refs_fill(&dec->refs, &dec->header.control);
	picture = gst_daedalus_picture_new(++dec->timestamp, &layout, NULL, NULL);
	gst_daedalus_av1_refs_update(&dec->refs, &dec->seq, &dec->header, picture);
	gst_daedalus_picture_unref(picture);
	gst_daedalus_av1_tiles_clear(&dec->tiles);
	dec->has_header = FALSE;
}

static void add_tiles(struct decoder *dec, const GstDaedalusAv1Obu *obu, gsize start)
{
	if (!dec->has_header)
		return;
	if (!gst_daedalus_av1_tiles_add(&dec->tiles, &dec->header, obu->data, obu->size, start,
					NULL))
		abandon(dec);
	else if (gst_daedalus_av1_tiles_complete(&dec->tiles, &dec->header))
		decode(dec);
}

static void show_existing(struct decoder *dec)
{
	GstDaedalusPicture *picture = dec->refs.pictures[dec->header.parsed.frame_to_show_map_idx];

	expect(picture != NULL);
	gst_daedalus_picture_ref(picture);
	gst_daedalus_av1_refs_update(&dec->refs, &dec->seq, &dec->header, picture);
	gst_daedalus_picture_unref(picture);
}

static void try_header(struct decoder *dec, const GstDaedalusAv1Obu *obu)
{
	if (!dec->has_seq || (dec->has_header && obu->type != GST_AV1_OBU_FRAME))
		return;
	if (dec->has_header)
		abandon(dec);
	if (!gst_daedalus_av1_header_parse(&dec->header, &dec->seq, &dec->refs.state, obu, NULL)) {
		abandon(dec);
		return;
	}
	expect(dec->header.size <= obu->size);
	if (dec->header.parsed.show_existing_frame) {
		show_existing(dec);
		return;
	}
	dec->has_header = TRUE;
	if (obu->type == GST_AV1_OBU_FRAME)
		add_tiles(dec, obu, dec->header.size);
}

static void try_sequence(struct decoder *dec, const GstDaedalusAv1Obu *obu, guint operating_point)
{
	GstAV1SequenceHeaderOBU seq;

	if (!gst_daedalus_av1_sequence_parse(&seq, obu->data, obu->size, NULL))
		return;
	expect(seq.operating_points_cnt_minus_1 < GST_AV1_MAX_OPERATING_POINTS);
	gst_daedalus_av1_refs_drop(&dec->refs, GST_DAEDALUS_AV1_ALL_FRAMES);
	dec->seq = seq;
	dec->has_seq = TRUE;
	dec->idc = seq.operating_points[operating_point % (seq.operating_points_cnt_minus_1 + 1)].idc;
	gst_daedalus_av1_describe(&dec->description, &seq, &dec->hdr);
}

static void try_obu(struct decoder *dec, const GstDaedalusAv1Obu *obu, guint operating_point)
{
	switch (obu->type) {
	case GST_AV1_OBU_SEQUENCE_HEADER:
		try_sequence(dec, obu, operating_point);
		break;
	case GST_AV1_OBU_FRAME_HEADER:
	case GST_AV1_OBU_FRAME:
		try_header(dec, obu);
		break;
	case GST_AV1_OBU_TILE_GROUP:
		add_tiles(dec, obu, 0);
		break;
	case GST_AV1_OBU_METADATA:
		gst_daedalus_av1_hdr_parse(&dec->hdr, obu);
		break;
	default:
		break;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct decoder *dec;
	GstDaedalusAv1ObuReader reader;
	GstDaedalusAv1Obu obu;
	guint i;

	gst_init(NULL, NULL);
	if (size < 2)
		return 0;
	dec = g_new0(struct decoder, 1);
	gst_daedalus_av1_obu_reader_init(&reader, data + 1, size - 1, data[0] >> 7);
	while (gst_daedalus_av1_obu_next(&reader, &obu, NULL)) {
		expect(obu.data >= data && obu.data + obu.size <= data + size);
		if (gst_daedalus_av1_obu_in_operating_point(&obu, dec->idc))
			try_obu(dec, &obu, data[0] & 0x7f);
		for (i = 0; i < GST_AV1_NUM_REF_FRAMES; i++)
			expect(dec->refs.state.entry[i].ref_valid == (dec->refs.pictures[i] != NULL));
	}
	abandon(dec);
	gst_daedalus_av1_refs_drop(&dec->refs, GST_DAEDALUS_AV1_ALL_FRAMES);
	g_free(dec);
	return 0;
}
