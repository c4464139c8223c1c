// SPDX-License-Identifier: LGPL-2.1-or-later
#include "vp9_client.h"
#include "file.h"

#include <endian.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/vp9_superframe.h"

#define IVF_HEADER	32
#define IVF_FRAME	12

static uint32_t le32(const uint8_t *data)
{
	return data[0] | data[1] << 8 | data[2] << 16 | (uint32_t)data[3] << 24;
}

static bool add_frame(struct clip *clip, size_t offset, size_t size)
{
	struct clip_frame *frames;
	const char *error;

	frames = realloc(clip->frames, (clip->num_frames + 1) * sizeof(*frames));
	if (!frames)
		return false;
	clip->frames = frames;
	frames += clip->num_frames++;
	*frames = (struct clip_frame){ .offset = offset, .size = size };
	error = vp9_header_parse(&frames->header, clip->data + offset, size);
	if (error)
		printf("frame %zu: %s\n", clip->num_frames - 1, error);
	return !error;
}

static bool add_packet(struct clip *clip, size_t offset, size_t size)
{
	struct vp9_superframe superframe;
	unsigned int i;

	vp9_superframe_read(&superframe, clip->data + offset, size);
	for (i = 0; i < superframe.frames; i++) {
		if (superframe.sizes[i] && !add_frame(clip, offset, superframe.sizes[i]))
			return false;
		offset += superframe.sizes[i];
	}
	return true;
}

bool clip_load(struct clip *clip, const char *path)
{
	size_t position = IVF_HEADER, size;
	bool ok = true;

	*clip = (struct clip){ 0 };
	clip->data = file_read(path, IVF_HEADER, &size);
	if (!clip->data || memcmp(clip->data, "DKIF", 4)) {
		printf("%s is not an IVF file\n", path);
		return false;
	}
	while (ok && position + IVF_FRAME < size) {
		size_t bytes = le32(clip->data + position);

		position += IVF_FRAME;
		if (bytes > size - position)
			break;
		ok = !bytes || add_packet(clip, position, bytes);
		position += bytes;
	}
	return ok && clip->num_frames;
}

void clip_free(struct clip *clip)
{
	free(clip->data);
	free(clip->frames);
}

static struct stored_picture pack(const struct decoded_picture *picture)
{
	size_t sample = picture->bit_depth > 8 ? 2 : 1;
	struct stored_picture stored = { .width = picture->width, .height = picture->height };
	size_t columns = (picture->width + 1) / 2, rows = (picture->height + 1) / 2;
	uint8_t *to;
	size_t i, y;

	stored.size = sample * ((size_t)picture->width * picture->height + 2 * columns * rows);
	stored.data = to = malloc(stored.size);
	if (!to)
		abort();
	for (i = 0; i < 3; i++) {
		size_t bytes = sample * (i ? columns : picture->width);

		for (y = 0; y < (i ? rows : picture->height); y++, to += bytes)
			memcpy(to, picture->data[i] + (ptrdiff_t)y * picture->stride[i], bytes);
	}
	return stored;
}

static void copy_picture(struct stored_picture *to, const struct stored_picture *from)
{
	free(to->data);
	*to = *from;
	if (from->data) {
		to->data = malloc(from->size);
		if (!to->data)
			abort();
		memcpy(to->data, from->data, from->size);
	}
}

enum daedalus_status client_decode(struct client *client, const struct vp9_header *header,
				   const uint8_t *data, size_t size, bool lose,
				   struct stored_picture *picture)
{
	struct {
		struct daedalus_control header;
		struct v4l2_ctrl_vp9_frame frame;
	} control = {
		.header = { V4L2_CID_STATELESS_VP9_FRAME, sizeof(control.frame) },
	};
	struct engine_job job = {
		.id = client->next_timestamp ^ 0x5a5a,
		.timestamp = client->next_timestamp * 1000,
		.size = size,
		.controls = { (const uint8_t *)&control, sizeof(control) },
	};
	const struct engine_ops *ops = client->engine->ops;
	struct engine_result result = { .status = DAEDALUS_STATUS_INTERNAL };
	uint32_t width = header->width, height = header->height;
	uint8_t *to;
	int i;

	client->next_timestamp++;
	if (header->show_existing_frame) {
		width = client->slots[header->frame_to_show].width;
		height = client->slots[header->frame_to_show].height;
	} else if (header->size_from_ref >= 0) {
		width = client->slots[header->ref_frame_idx[header->size_from_ref]].width;
		height = client->slots[header->ref_frame_idx[header->size_from_ref]].height;
	}
	if (header->bit_depth)
		client->bit_depth = header->bit_depth;
	control.frame.profile = header->profile;
	control.frame.bit_depth = client->bit_depth;
	control.frame.frame_width_minus_1 = (uint16_t)(width - 1);
	control.frame.frame_height_minus_1 = (uint16_t)(height - 1);
	control.frame.last_frame_ts = client->slots[header->ref_frame_idx[0]].timestamp;
	control.frame.golden_frame_ts = client->slots[header->ref_frame_idx[1]].timestamp;
	control.frame.alt_frame_ts = client->slots[header->ref_frame_idx[2]].timestamp;
	job.max_width = width;
	job.max_height = height;

	*picture = (struct stored_picture){ 0 };
	if (!lose) {
		to = ops->reserve(client->engine, size);
		if (!to)
			return DAEDALUS_STATUS_NO_MEMORY;
		memcpy(to, data, size);
		ops->submit(client->engine, &job);
		if (!ops->collect(client->engine, false, &result) || result.id != job.id) {
			printf("the engine has no result for job %llu\n",
			       (unsigned long long)job.id);
			return DAEDALUS_STATUS_INTERNAL;
		}
		if (result.status && result.why)
			printf("job %llu: status %d: %s\n", (unsigned long long)job.id,
			       result.status, result.why);
		if (result.has_picture)
			*picture = pack(&result.picture);
	}
	if (header->show_existing_frame)
		return result.status;
	for (i = 0; i < VP9_NUM_SLOTS; i++) {
		if (!(header->refresh_frame_flags & 1U << i))
			continue;
		client->slots[i].timestamp = job.timestamp;
		client->slots[i].width = width;
		client->slots[i].height = height;
		copy_picture(&client->slots[i].picture, picture);
	}
	return result.status;
}

void client_free(struct client *client)
{
	int i;

	for (i = 0; i < VP9_NUM_SLOTS; i++)
		free(client->slots[i].picture.data);
}
