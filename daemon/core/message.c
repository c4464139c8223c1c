// SPDX-License-Identifier: LGPL-2.1-or-later
#include "message.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#define MAX_DIMENSION	16384

/* Writes message->error. Returns false, so that callers can "return fail(...)". */
static bool fail(struct message *message, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static bool fail(struct message *message, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(message->error, sizeof(message->error), format, args);
	va_end(args);
	return false;
}

static bool check_controls(struct message *message)
{
	const struct control_list *list = &message->controls;
	size_t offset = 0;
	uint32_t i;

	for (i = 0; i < message->job->num_controls; i++) {
		const struct daedalus_control *control =
			(const struct daedalus_control *)(list->data + offset);

		if (list->size - offset < sizeof(*control))
			return fail(message, "control %u of %u is beyond the message's end", i,
				    message->job->num_controls);
		offset += sizeof(*control);
		if (control->size > list->size - offset)
			return fail(message, "control 0x%x has %u bytes, the message %zu more",
				    control->id, control->size, list->size - offset);
		/* Padding after the last value may be left out. */
		if (control_bytes(control->size) > list->size - offset)
			offset = list->size;
		else
			offset += control_bytes(control->size);
	}
	if (offset != list->size)
		return fail(message, "%zu bytes follow the last of %u controls",
			    list->size - offset, message->job->num_controls);
	return true;
}

static bool check_plane(struct message *message, const char *name,
			const struct daedalus_plane *plane)
{
	uint64_t end;

	if (!plane->buffer)
		return fail(message, "%s is in buffer 0", name);
	if (plane->reserved)
		return fail(message, "%s: reserved is 0x%x, not zero", name, plane->reserved);
	if (__builtin_add_overflow(plane->offset, plane->length, &end))
		return fail(message, "%s: offset %" PRIu64 " + length %" PRIu64 " overflows",
			    name, (uint64_t)plane->offset, (uint64_t)plane->length);
	return true;
}

static bool check_component(struct message *message, unsigned int index)
{
	const struct daedalus_job *job = message->job;
	const struct daedalus_component *component = &job->components[index];
	const struct capture_component *shape = &message->format->components[index];
	uint64_t alignment = message->format->alignment;
	uint64_t bytes;

	if (component->plane >= job->dst_num_planes)
		return fail(message, "component %u is in plane %u of %u", index,
			    component->plane, job->dst_num_planes);
	if (component->bytesperline < capture_row_bytes(shape, job->dst_width))
		return fail(message, "component %u: bytesperline %u is less than a row of %" PRIu64,
			    index, component->bytesperline,
			    capture_row_bytes(shape, job->dst_width));
	if (component->bytesperline % alignment || component->offset % alignment ||
	    job->dst[component->plane].offset % alignment)
		return fail(message, "component %u is not aligned to %" PRIu64 " bytes", index,
			    alignment);

	bytes = capture_component_bytes(shape, job->dst_width, job->dst_height,
					component->bytesperline);
	if (component->offset > job->dst[component->plane].length ||
	    bytes > job->dst[component->plane].length - component->offset)
		return fail(message, "component %u needs %" PRIu64 " bytes at offset %" PRIu64
			    ", plane %u has %" PRIu64, index, bytes, (uint64_t)component->offset,
			    component->plane, (uint64_t)job->dst[component->plane].length);
	return true;
}

static bool check_picture(struct message *message)
{
	const struct daedalus_job *job = message->job;
	const struct capture_format *format;
	char text[FOURCC_TEXT_BYTES];
	unsigned int i;

	format = capture_format_find(job->dst_format);
	if (!format)
		return fail(message, "CAPTURE format %s (0x%x) is not one that we write",
			    fourcc_text(job->dst_format, text), job->dst_format);
	message->format = format;
	if (!job->dst_width || job->dst_width > MAX_DIMENSION ||
	    !job->dst_height || job->dst_height > MAX_DIMENSION)
		return fail(message, "CAPTURE size %ux%u is not within 1x1..%ux%u",
			    job->dst_width, job->dst_height, MAX_DIMENSION, MAX_DIMENSION);
	/* The client took the CAPTURE buffer back; later frames may refer to this picture. */
	if (!job->dst_num_planes && !job->num_components)
		return true;
	if (job->dst_num_planes != format->num_planes)
		return fail(message, "%u CAPTURE planes, %s has %u", job->dst_num_planes,
			    format->name, format->num_planes);
	if (job->num_components != format->num_components)
		return fail(message, "%u components, %s has %u", job->num_components,
			    format->name, format->num_components);
	for (i = 0; i < job->dst_num_planes; i++)
		if (!check_plane(message, "a CAPTURE plane", &job->dst[i]))
			return false;
	for (i = 0; i < job->num_components; i++)
		if (!check_component(message, i))
			return false;
	return true;
}

static bool check_job(struct message *message, const uint8_t *data, size_t size)
{
	const struct daedalus_job *job = message->job;

	message->controls.data = data + sizeof(*job);
	message->controls.size = size - sizeof(*job);

	if (job->flags || job->reserved)
		return fail(message, "flags 0x%x and reserved 0x%x must be zero", job->flags,
			    job->reserved);
	return check_plane(message, "the bitstream", &job->src) && check_picture(message) &&
	       check_controls(message);
}

enum message_verdict message_parse(struct message *message, const void *data, size_t size)
{
	const struct daedalus_msg *header = data;
	const struct daedalus_buffer_gone *gone = data;

	*message = (struct message){ 0 };

	if ((uintptr_t)data % DAEDALUS_CONTROL_ALIGN) {
		fail(message, "the read buffer is not aligned to %d bytes",
		     DAEDALUS_CONTROL_ALIGN);
		return MESSAGE_BROKEN;
	}
	if (size < sizeof(*header)) {
		fail(message, "%zu bytes are no message", size);
		return MESSAGE_BROKEN;
	}
	if (header->size != size) {
		fail(message, "message of type %u says it has %u bytes, it has %zu", header->type,
		     header->size, size);
		return MESSAGE_BROKEN;
	}

	message->type = header->type;
	switch (header->type) {
	case DAEDALUS_MSG_JOB:
		if (size < sizeof(*message->job)) {
			fail(message, "a job of %zu bytes is shorter than %zu", size,
			     sizeof(*message->job));
			return MESSAGE_BROKEN;
		}
		message->job = data;
		return check_job(message, data, size) ? MESSAGE_GOOD : MESSAGE_BAD_JOB;
	case DAEDALUS_MSG_FLUSH:
		if (size == sizeof(*header))
			return MESSAGE_GOOD;
		fail(message, "a flush has %zu bytes, not %zu", size, sizeof(*header));
		return MESSAGE_BROKEN;
	case DAEDALUS_MSG_BUFFER_GONE:
		if (size != sizeof(*gone)) {
			fail(message, "a buffer-gone has %zu bytes, not %zu", size, sizeof(*gone));
			return MESSAGE_BROKEN;
		}
		if (!gone->buffer || gone->reserved) {
			fail(message, "a buffer-gone names buffer %u, reserved 0x%x", gone->buffer,
			     gone->reserved);
			return MESSAGE_BROKEN;
		}
		message->buffer = gone->buffer;
		return MESSAGE_GOOD;
	default:
		fail(message, "message type %u is unknown", header->type);
		return MESSAGE_BROKEN;
	}
}
