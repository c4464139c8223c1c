// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * AV1 on libdav1d.
 *
 * The OUTPUT buffer holds the payloads of frame and tile group OBUs. Sequence and frame
 * headers are in the controls. The engine turns each request into a sequence header OBU
 * and one frame OBU with all tiles. A table of the decoder's reference slots has the
 * values that frame headers are coded relative to. The table also finds references that
 * a lost or broken frame damaged, and key frames that the client has shown with
 * show_existing_frame, which the driver does not see.
 */
#include "engine_av1.h"

#include <linux/videodev2.h>
#include <stdlib.h>
#include <string.h>

#include "av1_check.h"
#include "av1_frame.h"
#include "av1_refs.h"
#include "av1_write.h"
#include "codec/engine_base.h"
#include "codec/library/libdav1d.h"

#define MAX_SIZE		8192U

struct av1_engine {
	struct engine base;
	struct libdav1d_decoder *decoder;	/* NULL until the first frame */
	uint8_t *payload;			/* returned by reserve(), owned */
	size_t room;				/* bytes of @payload */
	struct v4l2_ctrl_av1_sequence sequence;	/* of the last frame, if @has_sequence */
	bool has_sequence;
	struct av1_refs refs;
	uint16_t neutral[MAX_SIZE / 2];		/* a chroma row for monochrome */
};

static struct engine *av1_open(const struct engine_config *config)
{
	struct av1_engine *av1 = calloc(1, sizeof(*av1));

	if (!av1)
		return NULL;
	engine_init(&av1->base, &engine_av1, config);
	return &av1->base;
}

static void av1_close(struct engine *engine)
{
	struct av1_engine *av1 = (struct av1_engine *)engine;

	libdav1d_close(av1->decoder);
	free(av1->payload);
	free(av1);
}

static void av1_flush(struct engine *engine)
{
	struct av1_engine *av1 = (struct av1_engine *)engine;

	if (av1->decoder)
		libdav1d_flush(av1->decoder);
	av1_refs_reset(&av1->refs);
	av1->has_sequence = false;
	engine_forget(engine);
}

static void av1_skip(struct engine *engine)
{
	struct av1_engine *av1 = (struct av1_engine *)engine;

	av1_refs_lost(&av1->refs, 0xff);
}

static uint8_t *av1_reserve(struct engine *engine, size_t size)
{
	struct av1_engine *av1 = (struct av1_engine *)engine;
	uint8_t *payload;

	/* obu_size has 32 bits at most. */
	if (size > UINT32_MAX / 2)
		return NULL;
	if (!av1->payload || size > av1->room) {
		/* 50 % more than needed, so that slowly growing frames cause few reallocations. */
		size_t room = size + size / 2 + 1;

		payload = malloc(room);
		if (!payload)
			return NULL;
		free(av1->payload);
		av1->payload = payload;
		av1->room = room;
	}
	return av1->payload;
}

static bool find_controls(const struct engine_job *job, struct av1_frame *frame,
			  struct engine_result *result)
{
	const struct control_list *controls = &job->controls;
	enum daedalus_status status;
	const char *error;

	*frame = (struct av1_frame){
		/* All slots are lost if the request is refused before this is known. */
		.refresh_frame_flags = 0xff,
		.sequence = control_find(controls, V4L2_CID_STATELESS_AV1_SEQUENCE,
					 sizeof(*frame->sequence)),
		.control = control_find(controls, V4L2_CID_STATELESS_AV1_FRAME,
					sizeof(*frame->control)),
		.grain = control_find(controls, V4L2_CID_STATELESS_AV1_FILM_GRAIN,
				      sizeof(*frame->grain)),
	};
	frame->tiles = control_find_array(controls, V4L2_CID_STATELESS_AV1_TILE_GROUP_ENTRY,
					  sizeof(*frame->tiles), V4L2_AV1_MAX_TILE_COUNT,
					  &frame->num_tiles);
	if (!frame->sequence || !frame->control || !frame->tiles)
		return engine_refuse(result, DAEDALUS_STATUS_MISMATCH,
				     "the request has no AV1_SEQUENCE, AV1_FRAME or AV1_TILE_GROUP_ENTRY control");
	error = av1_sequence_check(frame->sequence, &status);
	if (!error)
		error = av1_frame_init(frame, job->size, &status);
	return error ? engine_refuse(result, status, error) : true;
}

static bool choose_decoder(struct av1_engine *av1, const struct av1_frame *frame)
{
	bool shown_key = frame->intra && frame->refresh_frame_flags == 0xff;

	if (!engine_restart(&av1->base, av1->decoder, shown_key, frame->upscaled_width,
			    frame->height))
		return true;
	libdav1d_close(av1->decoder);
	av1_refs_reset(&av1->refs);
	av1->decoder = libdav1d_open(av1->base.threads, MAX_SIZE * MAX_SIZE);
	return av1->decoder;
}

/* libdav1d drops all references when the sequence header changes. */
static void follow_sequence(struct av1_engine *av1, const struct av1_frame *frame)
{
	if (av1->has_sequence &&
	    memcmp(&av1->sequence, frame->sequence, sizeof(av1->sequence)))
		av1_refs_reset(&av1->refs);
	av1->sequence = *frame->sequence;
	av1->has_sequence = true;
}

/* Shows the key frame that the client has shown again since the last request, if any. */
static void replay_shown_key(struct av1_engine *av1, const struct av1_frame *frame)
{
	int slot = av1_refs_shown_key(&av1->refs, frame);
	uint8_t *packet;
	Dav1dData data;
	int error;

	if (slot < 0 || !av1->decoder)
		return;
	packet = libdav1d_reserve(&data, AV1_HEADER_BYTES);
	if (!packet)
		return;
	error = libdav1d_decode(av1->decoder, &data,
				av1_write_show_existing((unsigned int)slot, packet));
	if (error)
		av1_refs_broken(&av1->refs, 0xff);
	else
		av1_refs_show_key(&av1->refs, (unsigned int)slot);
}

static bool check_references(enum av1_refs_verdict verdict, struct engine_result *result)
{
	if (verdict == AV1_REFS_ABSENT)
		return engine_refuse(result, DAEDALUS_STATUS_MISSING_REFERENCE,
				     "it refers to a frame that was never decoded; waiting for a key frame");
	if (verdict == AV1_REFS_SIZE)
		return engine_refuse(result, DAEDALUS_STATUS_CORRUPT,
				     "a reference is more than 2 times larger or 16 times smaller than the frame");
	return true;
}

/* Decodes a sequence header OBU and a frame OBU. Return: 0 or a negative DAV1D_ERR(). */
static int decode_obus(struct av1_engine *av1, const struct av1_frame *frame)
{
	uint8_t *packet;
	Dav1dData data;
	size_t head, size;

	packet = libdav1d_reserve(&data, AV1_HEADER_BYTES + av1_frame_obu_bytes(frame));
	if (!packet)
		return DAV1D_ERR(ENOMEM);
	head = av1_write_sequence(frame->sequence, packet);
	size = av1_write_frame(frame, &av1->refs, av1->payload, packet + head);
	return libdav1d_decode(av1->decoder, &data, head + size);
}

/* libdav1d gives no chroma planes for monochrome, but every CAPTURE format has them. */
static void add_neutral_chroma(struct av1_engine *av1, struct decoded_picture *picture)
{
	size_t columns = (picture->width + 1U) / 2;
	size_t i;

	if (picture->bit_depth > 8)
		for (i = 0; i < columns; i++)
			av1->neutral[i] = (uint16_t)(1U << (picture->bit_depth - 1));
	else
		memset(av1->neutral, 128, columns);
	for (i = 1; i < 3; i++) {
		picture->data[i] = (const uint8_t *)av1->neutral;
		picture->stride[i] = 0;
	}
}

static bool describe_picture(struct av1_engine *av1, const struct av1_frame *frame,
			     struct engine_result *result)
{
	const Dav1dPicture *from = &av1->decoder->picture;
	struct decoded_picture *picture = &result->picture;
	int i;

	if (!from->data[0])
		return engine_refuse(result, DAEDALUS_STATUS_INTERNAL,
				     "libdav1d returned no picture");
	if (from->p.w != (int)frame->upscaled_width || from->p.h != (int)frame->height ||
	    from->p.bpc != frame->sequence->bit_depth)
		return engine_refuse(result, DAEDALUS_STATUS_INTERNAL,
				     "libdav1d decoded another size or depth than the frame has");
	picture->width = frame->upscaled_width;
	picture->height = frame->height;
	picture->bit_depth = frame->sequence->bit_depth;
	for (i = 0; i < 3; i++) {
		picture->data[i] = from->data[i];
		picture->stride[i] = from->stride[!!i];
	}
	if (from->p.layout == DAV1D_PIXEL_LAYOUT_I400)
		add_neutral_chroma(av1, picture);
	result->has_picture = true;
	return true;
}

static void decode_frame(struct av1_engine *av1, const struct engine_job *job,
			 const struct av1_frame *frame, struct engine_result *result)
{
	enum av1_refs_verdict verdict;
	int error;

	follow_sequence(av1, frame);
	replay_shown_key(av1, frame);
	verdict = av1_refs_check(&av1->refs, frame);
	if (!check_references(verdict, result)) {
		av1_refs_lost(&av1->refs, frame->refresh_frame_flags);
		return;
	}
	if (!choose_decoder(av1, frame)) {
		engine_refuse(result, DAEDALUS_STATUS_NO_MEMORY,
			      "libdav1d's decoder does not open");
		return;
	}
	error = decode_obus(av1, frame);
	if (error) {
		engine_refuse(result, libdav1d_status(error), "libdav1d could not decode it");
		av1_refs_broken(&av1->refs, frame->refresh_frame_flags);
		return;
	}
	if (!describe_picture(av1, frame, result)) {
		av1_refs_broken(&av1->refs, frame->refresh_frame_flags);
		return;
	}
	av1_refs_decoded(&av1->refs, frame, job->timestamp, verdict == AV1_REFS_GOOD);
	if (verdict == AV1_REFS_DAMAGED)
		engine_refuse(result, DAEDALUS_STATUS_MISSING_REFERENCE,
			      "it depends on a frame that was lost or broken");
}

static void av1_submit(struct engine *engine, const struct engine_job *job)
{
	struct av1_engine *av1 = (struct av1_engine *)engine;
	struct engine_result *result = engine_begin(engine, job);
	struct av1_frame frame;

	if (!find_controls(job, &frame, result)) {
		av1_refs_lost(&av1->refs, frame.refresh_frame_flags);
	} else if (frame.upscaled_width > MAX_SIZE || frame.height > MAX_SIZE) {
		engine_refuse(result, DAEDALUS_STATUS_UNSUPPORTED,
			      "the frame is larger than 8192x8192");
		av1_refs_lost(&av1->refs, frame.refresh_frame_flags);
	} else if (frame.upscaled_width > job->max_width || frame.height > job->max_height) {
		engine_refuse(result, DAEDALUS_STATUS_MISMATCH,
			      "the frame is larger than the CAPTURE format");
		av1_refs_lost(&av1->refs, frame.refresh_frame_flags);
	} else {
		decode_frame(av1, job, &frame, result);
	}
	engine_end(engine);
}

const struct engine_ops engine_av1 = {
	.name = "AV1",
	.pixelformat = V4L2_PIX_FMT_AV1_FRAME,
	.capture_formats = DAEDALUS_CAPTURE_ALL,
	.max_width = MAX_SIZE,
	.max_height = MAX_SIZE,
	.load = libdav1d_load,
	.open = av1_open,
	.reserve = av1_reserve,
	.submit = av1_submit,
	.collect = engine_collect,
	.skip = av1_skip,
	.flush = av1_flush,
	.close = av1_close,
};
