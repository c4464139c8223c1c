// SPDX-License-Identifier: LGPL-2.1-or-later
#include "h264_client.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "codec/h264/h264_params.h"

/* The controls of a request in the layout of a job. */
struct controls {
	_Alignas(DAEDALUS_CONTROL_ALIGN) uint8_t data[8192];
	size_t size;
};

static void add_control(struct controls *controls, uint32_t id, const void *payload, size_t size)
{
	struct daedalus_control header = { .id = id, .size = (uint32_t)size };

	memcpy(controls->data + controls->size, &header, sizeof(header));
	controls->size += sizeof(header);
	memcpy(controls->data + controls->size, payload, size);
	controls->size += (size + DAEDALUS_CONTROL_ALIGN - 1) / DAEDALUS_CONTROL_ALIGN *
			  DAEDALUS_CONTROL_ALIGN;
}

static void crop_picture(struct h264_frame *frame, const struct decoded_picture *picture,
			 const struct h264_sps_info *sps)
{
	size_t sample = picture->bit_depth > 8 ? 2 : 1;
	size_t width = picture->width - sps->crop[0] - sps->crop[1];
	size_t height = picture->height - sps->crop[2] - sps->crop[3];
	size_t columns = (width + 1) / 2, rows = (height + 1) / 2;
	uint8_t *to;
	size_t i, y;

	free(frame->data);
	frame->size = sample * (width * height + 2 * columns * rows);
	frame->data = to = malloc(frame->size);
	if (!to)
		abort();
	for (i = 0; i < 3; i++) {
		size_t shift = i ? 1 : 0, bytes = sample * (i ? columns : width);

		for (y = 0; y < (i ? rows : height); y++, to += bytes)
			memcpy(to, picture->data[i] + sample * (sps->crop[0] >> shift) +
			       (ptrdiff_t)(y + (sps->crop[2] >> shift)) * picture->stride[i],
			       bytes);
	}
}

static struct h264_frame *frame_of(struct h264_frames *frames, const struct h264_stream *stream,
				   size_t index)
{
	const struct h264_picture *picture = &stream->pictures[index];
	struct h264_frame *frame = frames->count ? &frames->frames[frames->count - 1] : NULL;

	if (picture->second_field && frame && frame->picture + 1 == index) {
		if (picture->count < frame->count)
			frame->count = picture->count;
		return frame;
	}
	frames->frames = realloc(frames->frames, (frames->count + 1) * sizeof(*frame));
	if (!frames->frames)
		abort();
	frame = &frames->frames[frames->count++];
	*frame = (struct h264_frame){
		.picture = index, .epoch = picture->epoch, .count = picture->count,
	};
	return frame;
}

enum daedalus_status h264_client_send(struct engine *engine, const struct h264_stream *stream,
				      size_t index, enum h264_send how, const uint8_t *data,
				      size_t size, struct h264_frames *frames)
{
	const struct h264_picture *picture = &stream->pictures[index];
	struct controls controls = { .size = 0 };
	struct engine_job job = {
		.id = index ^ 0x5a5a,
		.timestamp = (index - picture->second_field) * 1000,
		.max_width = h264_sps_width(&picture->sps.control),
		.max_height = h264_sps_height(&picture->sps.control),
	};
	struct engine_result result = { .status = DAEDALUS_STATUS_INTERNAL };
	struct h264_frame *frame = frame_of(frames, stream, index);
	/* Both fields share a CAPTURE buffer: an error of the first one stays. */
	enum daedalus_status first = frame->status;
	uint8_t *to;

	frame->status = DAEDALUS_STATUS_INTERNAL;
	if (how == H264_SKIP)
		engine->ops->skip(engine);
	if (how == H264_SKIP || how == H264_LOSE)
		return frame->status;

	add_control(&controls, V4L2_CID_STATELESS_H264_SPS, &picture->sps.control,
		    sizeof(picture->sps.control));
	add_control(&controls, V4L2_CID_STATELESS_H264_PPS, &picture->pps.control,
		    sizeof(picture->pps.control));
	if (picture->pps.control.flags & V4L2_H264_PPS_FLAG_SCALING_MATRIX_PRESENT)
		add_control(&controls, V4L2_CID_STATELESS_H264_SCALING_MATRIX,
			    &picture->pps.matrix, sizeof(picture->pps.matrix));
	add_control(&controls, V4L2_CID_STATELESS_H264_DECODE_PARAMS, &picture->params,
		    sizeof(picture->params));
	job.controls = (struct control_list){ controls.data, controls.size };
	if (!data) {
		size_t start = how == H264_SEND_SEI ? 0 : picture->sei_size;

		data = picture->data + start;
		size = picture->size - start;
	}
	job.size = size;
	to = engine->ops->reserve(engine, size);
	if (!to)
		return frame->status;
	memcpy(to, data, size);
	engine->ops->submit(engine, &job);
	if (!engine->ops->collect(engine, false, &result) || result.id != job.id) {
		printf("the engine has no result for picture %zu\n", index);
		return frame->status;
	}
	if (result.status)
		printf("picture %zu: status %d: %s\n", index, result.status, result.why);
	frame->status = first ? first : result.status;
	if (result.has_picture)
		crop_picture(frame, &result.picture, &picture->sps);
	return result.status;
}

static int compare(const void *a, const void *b)
{
	const struct h264_frame *x = a, *y = b;

	if (x->epoch != y->epoch)
		return x->epoch < y->epoch ? -1 : 1;
	if (x->count != y->count)
		return x->count < y->count ? -1 : 1;
	return x->picture < y->picture ? -1 : 1;
}

void h264_frames_sort(struct h264_frames *frames)
{
	qsort(frames->frames, frames->count, sizeof(*frames->frames), compare);
}

void h264_frames_free(struct h264_frames *frames)
{
	size_t i;

	for (i = 0; i < frames->count; i++)
		free(frames->frames[i].data);
	free(frames->frames);
	*frames = (struct h264_frames){ 0 };
}
