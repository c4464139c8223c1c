// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Fuzz target for the daemon's input: messages of a session fd,
 * VP9 headers, H.264 controls and slice headers. The first byte chooses the parser.
 */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "codec/h264/h264_params.h"
#include "codec/h264/h264_refs.h"
#include "codec/h264/h264_rows.h"
#include "codec/h264/h264_slice.h"
#include "codec/h264/h264_wash.h"
#include "core/message.h"
#include "output/output.h"
#include "codec/vp9/vp9_header.h"
#include "codec/vp9/vp9_refs.h"

/* Reads all data of an accepted job, so that AddressSanitizer checks the bounds. */
static void use_job(const struct message *message)
{
	const struct daedalus_job *job = message->job;
	const struct control_list *list = &message->controls;
	unsigned int i;

	if (list->size >= sizeof(struct daedalus_control)) {
		const struct daedalus_control *first = (const void *)list->data;
		const uint8_t *value = control_find(list, first->id, first->size);

		size_t count;

		if (value && first->size && value + first->size > list->data + list->size)
			abort();
		value = control_find_array(list, first->id, 4, 512, &count);
		if (value && (!count || count > 512 ||
			      value + 4 * count > list->data + list->size))
			abort();
	}
	for (i = 0; i < job->num_components; i++) {
		const struct daedalus_component *component = &job->components[i];

		if (component->offset +
		    capture_component_bytes(&message->format->components[i], job->dst_width,
					    job->dst_height, component->bytesperline) >
		    job->dst[component->plane].length)
			abort();
	}
}

static void try_message(const uint8_t *data, size_t size)
{
	struct message message;
	void *copy = malloc(size ? size : 1);

	if (!copy)
		abort();
	memcpy(copy, data, size);
	/* Sets the size field, because nearly every input would be rejected for it. */
	if (size >= sizeof(struct daedalus_msg))
		((struct daedalus_msg *)copy)->size = (uint32_t)size;
	if (message_parse(&message, copy, size) == MESSAGE_GOOD &&
	    message.type == DAEDALUS_MSG_JOB)
		use_job(&message);
	free(copy);
}

/* Frames of (first byte) bytes each, decoded or lost by turns, through the reference table. */
static void try_frames(const uint8_t *data, size_t size)
{
	struct vp9_refs refs;
	uint64_t timestamps[VP9_REFS_PER_FRAME] = { 1, 2, 3 };
	uint64_t now = 0;

	vp9_refs_reset(&refs);
	while (size > 1) {
		size_t bytes = data[0] % 32;
		struct vp9_header header;
		uint32_t width, height;
		uint8_t *copy;

		if (bytes > size - 1)
			bytes = size - 1;
		copy = malloc(bytes ? bytes : 1);
		if (!copy)
			abort();
		memcpy(copy, data + 1, bytes);
		if (vp9_header_parse(&header, copy, bytes)) {
			vp9_refs_lost(&refs, NULL);
		} else {
			enum vp9_refs_verdict verdict =
				vp9_refs_check(&refs, &header, timestamps);

			vp9_refs_frame_size(&refs, &header, &width, &height);
			if (verdict == VP9_REFS_ABSENT)
				vp9_refs_lost(&refs, &header);
			else
				vp9_refs_decoded(&refs, &header, ++now, width, height,
						 verdict == VP9_REFS_GOOD);
		}
		free(copy);
		data += bytes + 1;
		size -= bytes + 1;
	}
}

/* The controls of a request for an H.264 picture. */
struct h264_controls {
	struct v4l2_ctrl_h264_sps sps;
	struct v4l2_ctrl_h264_pps pps;
	struct v4l2_ctrl_h264_scaling_matrix scaling;
};

/* Accepted parameter sets must fit into the engine's buffers. */
static bool try_parameter_sets(const struct h264_controls *controls)
{
	uint8_t *out = malloc(H264_PARAMS_BYTES);
	enum daedalus_status status;
	bool good;

	if (!out)
		abort();
	good = !h264_sps_check(&controls->sps, &status) &&
	       !h264_pps_check(&controls->pps, &controls->scaling, &status);
	if (good && (h264_write_sps(&controls->sps, out) > H264_PARAMS_BYTES ||
		     h264_write_pps(&controls->pps, &controls->scaling, out) > H264_PARAMS_BYTES))
		abort();
	free(out);
	return good;
}

static void try_slice(struct h264_refs *refs, const struct h264_controls *controls,
		      const uint8_t *data, size_t size, int64_t recovery)
{
	uint8_t *wash = malloc(H264_WASH_BYTES);
	struct h264_slice slice;

	if (!wash)
		abort();
	if (h264_slice_pps_id(data, size) < 0 ||
	    h264_slice_parse(&slice, data, size, &controls->sps, &controls->pps)) {
		h264_refs_lost(refs);
	} else {
		struct h264_rows rows;
		uint64_t damage;
		size_t i;

		h264_rows_begin(&rows, &controls->sps, &slice, slice.unfiltered);
		for (i = 0; i + 1 < size; i++)
			h264_rows_band(&rows, data[i] << 5, data[i + 1]);
		h264_rows_complete(&rows);
		h264_refs_begin(refs, &controls->sps, &slice, recovery,
				slice.slice_type == H264_SLICE_I);
		damage = h264_refs_check(refs, &controls->sps, &slice);
		h264_refs_end(refs, &controls->sps, &slice, damage, false);
		if (h264_write_wash(&controls->sps, slice.frame_num, slice.pic_order_cnt_lsb,
				    wash) > H264_WASH_BYTES)
			abort();
	}
	free(wash);
}

/* Input: controls, then NAL units. Each slice is treated as a picture. */
static void try_h264(const uint8_t *data, size_t size)
{
	struct h264_controls controls;
	size_t position = 0;
	struct h264_refs refs;
	struct h264_nal nal;
	int64_t recovery = -1;
	uint8_t *copy;

	if (size <= sizeof(controls))
		return;
	memcpy(&controls, data, sizeof(controls));
	if (!try_parameter_sets(&controls))
		return;
	data += sizeof(controls);
	size -= sizeof(controls);
	copy = malloc(size);
	if (!copy)
		abort();
	memcpy(copy, data, size);
	h264_refs_reset(&refs);
	while (h264_nal_next(copy, size, &position, &nal)) {
		const uint8_t *unit = copy + nal.offset;
		uint32_t frames;

		switch (nal.size ? unit[0] & 31 : 0) {
		case H264_NAL_SEI:
			if (h264_sei_recovery_point(unit, nal.size, &frames))
				recovery = frames;
			break;
		case H264_NAL_SLICE:
		case H264_NAL_IDR_SLICE:
			try_slice(&refs, &controls, unit, nal.size, recovery);
			recovery = -1;
			break;
		default:
			break;
		}
	}
	free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static void (*const parsers[])(const uint8_t *data, size_t size) = {
		try_message, try_frames, try_h264,
	};

	if (size)
		parsers[data[0] % (sizeof(parsers) / sizeof(parsers[0]))](data + 1, size - 1);
	return 0;
}
