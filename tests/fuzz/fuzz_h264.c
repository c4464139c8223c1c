// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Fuzz target for the input of the H.264 element: streams, split into access units
 * and NAL units. Each picture is processed up to the controls for the device.
 *
 * The first byte is the number of bytes that arrive at a time. Its lowest bit tells
 * whether NAL units have a length field or a start code.
 */
#include <stdlib.h>

#include "fuzz.h"
#include "h264/gstdaedalush264check.h"
#include "h264/gstdaedalush264controls.h"
#include "h264/gstdaedalush264dpb.h"
#include "h264/gstdaedalush264info.h"
#include "h264/gstdaedalush264nal.h"
#include "h264/gstdaedalush264params.h"

struct decoder {
	GstDaedalusH264Params params;
	GstDaedalusH264Dpb *dpb;
	gint sps_id;		/* of the active SPS, -1: none */
	guint sps_serial;
};

static void free_data(gpointer data)
{
	(void)data;
}

static void output(struct decoder *dec)
{
	GstDaedalusH264Frame *frame;

	while ((frame = gst_daedalus_h264_dpb_pop(dec->dpb)))
		gst_daedalus_h264_frame_unref(frame);
}

static gboolean activate(struct decoder *dec, const GstH264SPS *sps)
{
	GstVideoRectangle visible;

	if (dec->sps_id == sps->id && dec->sps_serial == dec->params.sps_serial[sps->id])
		return TRUE;
	if (!gst_daedalus_h264_check_sps(sps, NULL))
		return FALSE;
	gst_daedalus_h264_dpb_set_sps(dec->dpb, sps, FALSE);
	output(dec);
	dec->sps_id = sps->id;
	dec->sps_serial = dec->params.sps_serial[sps->id];
	gst_daedalus_h264_size(sps, NULL, &visible);
	if (visible.x < 0 || visible.y < 0 || visible.w < 1 || visible.h < 1)
		abort();
	return TRUE;
}

/* Treats each slice as a picture; another test checks the order and number of slices. */
static void try_slice(struct decoder *dec, GstH264NalUnit *nalu)
{
	const GstDaedalusH264Frame *refs[GST_DAEDALUS_H264_MAX_DPB_FRAMES];
	GstDaedalusH264PicInfo info = { .idr = nalu->idr_pic_flag, .nal_ref_idc = nalu->ref_idc };
	GstDaedalusH264Controls controls;
	GstDaedalusH264Frame *frame;
	GstH264SliceHdr slice;
	guint n;

	if (!gst_daedalus_h264_params_parse_slice(&dec->params, nalu, &slice, NULL))
		return;
	info.sps = slice.pps->sequence;
	info.slice = &slice;
	if (!gst_daedalus_h264_check_slice(&slice, info.sps, -1, NULL) ||
	    (!gst_daedalus_h264_dpb_is_second_field(dec->dpb, &info) &&
	     !activate(dec, info.sps)) ||
	    !gst_daedalus_h264_check_pps(slice.pps, NULL))
		return;
	frame = gst_daedalus_h264_dpb_start_picture(dec->dpb, &info);
	n = gst_daedalus_h264_dpb_get_references(dec->dpb, refs);
	if (n > G_N_ELEMENTS(refs))
		abort();
	gst_daedalus_h264_fill_controls(&controls, &info, frame, refs, n);
	gst_daedalus_h264_dpb_end_picture(dec->dpb, &info, TRUE);
	gst_daedalus_h264_frame_unref(frame);
	output(dec);
}

static void try_access_unit(struct decoder *dec, guint length_size, GBytes *bytes)
{
	GstDaedalusH264NalIter iter = { .parser = dec->params.parser, .length_size = length_size };
	GstH264NalUnit nalu;
	GError *error = NULL;

	iter.data = g_bytes_get_data(bytes, &iter.size);
	while (gst_daedalus_h264_nal_next(&iter, &nalu, &error)) {
		if (nalu.offset + nalu.size > iter.size)
			abort();
		switch (nalu.type) {
		case GST_H264_NAL_SLICE:
		case GST_H264_NAL_SLICE_IDR:
			try_slice(dec, &nalu);
			break;
		case GST_H264_NAL_SPS:
			gst_daedalus_h264_params_add_sps(&dec->params, &nalu, NULL);
			break;
		case GST_H264_NAL_PPS:
			gst_daedalus_h264_params_add_pps(&dec->params, &nalu, NULL);
			break;
		default:
			break;
		}
	}
	g_clear_error(&error);
}

/* Scans the data of the adapter, up to its end at the end of the stream. */
static void scan(struct decoder *dec, GstDaedalusH264AuScan *state, GstAdapter *adapter,
		 GByteArray *unit, gboolean at_eos)
{
	GstDaedalusH264AuStep step;
	gsize size, left;

	do {
		left = gst_adapter_available(adapter);
		step = left ? gst_daedalus_h264_au_scan(state, adapter, at_eos, &size) :
			GST_DAEDALUS_H264_AU_NEED_DATA;
		if (step == GST_DAEDALUS_H264_AU_ADD) {
			guint8 *data;

			if (!size || size > left)
				abort();
			data = gst_adapter_take(adapter, size);
			g_byte_array_append(unit, data, size);
			g_free(data);
		}
		if (unit->len && (step == GST_DAEDALUS_H264_AU_END || (at_eos && size == left))) {
			GBytes *bytes = g_bytes_new(unit->data, unit->len);

			try_access_unit(dec, state->length_size, bytes);
			g_bytes_unref(bytes);
			g_byte_array_set_size(unit, 0);
		}
	} while (step != GST_DAEDALUS_H264_AU_NEED_DATA);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct decoder dec = { .sps_id = -1 };
	GstDaedalusH264AuScan state = { 0 };
	GstAdapter *adapter;
	GByteArray *unit;
	size_t step, at;

	gst_init(NULL, NULL);
	if (size < 2)
		return 0;
	step = 1 + data[0] / 2 * 8;
	state.length_size = data[0] & 1 ? 4 : 0;
	adapter = gst_adapter_new();
	unit = g_byte_array_new();
	gst_daedalus_h264_params_init(&dec.params);
	dec.dpb = gst_daedalus_h264_dpb_new(free_data);
	for (at = 1; at < size; at += step) {
		gpointer copy = g_memdup2(data + at, MIN(step, size - at));

		gst_adapter_push(adapter, gst_buffer_new_wrapped(copy, MIN(step, size - at)));
		scan(&dec, &state, adapter, unit, FALSE);
	}
	scan(&dec, &state, adapter, unit, TRUE);
	gst_daedalus_h264_dpb_drain(dec.dpb);
	output(&dec);
	gst_daedalus_h264_dpb_free(dec.dpb);
	gst_daedalus_h264_params_clear(&dec.params);
	g_byte_array_unref(unit);
	g_object_unref(adapter);
	return 0;
}
