/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Checks the messages read from a session fd before other code uses them.
 *
 * Pure functions over a byte buffer: no descriptor, no allocation, no state.
 */
#ifndef DAEDALUS_MESSAGE_H
#define DAEDALUS_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "capture_format.h"
#include "daedalus_v4l2_proto.h"

#define MESSAGE_ERROR_BYTES	160

/**
 * struct control_list - the control values of a job, not owned
 * @data:	for each control a struct daedalus_control, its payload and padding; 8-aligned
 * @size:	bytes of @data
 */
struct control_list {
	const uint8_t *data;
	size_t size;
};

/**
 * control_find() - the payload of a control
 * @list:	checked by message_parse()
 * @id:		V4L2_CID_*
 * @size:	bytes that the payload must have
 *
 * Return: the payload, 8-aligned; NULL if the control is missing or has another size.
 */
const void *control_find(const struct control_list *list, uint32_t id, size_t size);

/**
 * control_find_array() - the elements of a dynamic array control
 * @list:		checked by message_parse()
 * @id:			V4L2_CID_*, e.g. V4L2_CID_STATELESS_AV1_TILE_GROUP_ENTRY
 * @element_size:	bytes of an element, not 0
 * @max:		most elements that the control may have, e.g. V4L2_AV1_MAX_TILE_COUNT
 * @count:		set to the number of elements, 1..@max; to 0 if NULL is returned
 *
 * Return: the first element, 8-aligned, the others follow without gaps; NULL if
 * the control is missing, is empty, has more than @max elements, or its size is
 * not a multiple of @element_size.
 */
const void *control_find_array(const struct control_list *list, uint32_t id, size_t element_size,
			       size_t max, size_t *count);

/**
 * enum message_verdict - result of message_parse()
 * @MESSAGE_GOOD:	all fields are consistent
 * @MESSAGE_BAD_JOB:	a job that must be answered and not decoded: job->id is valid
 * @MESSAGE_BROKEN:	the message cannot be used
 */
enum message_verdict {
	MESSAGE_GOOD,
	MESSAGE_BAD_JOB,
	MESSAGE_BROKEN,
};

/**
 * struct message - a parsed message; pointers go into the parsed buffer
 * @type:	enum daedalus_msg_type
 * @job:	for DAEDALUS_MSG_JOB
 * @format:	CAPTURE format of @job
 * @controls:	control values of @job
 * @buffer:	number for DAEDALUS_MSG_BUFFER_GONE
 * @error:	what is wrong, unless the verdict is MESSAGE_GOOD
 */
struct message {
	uint32_t type;
	const struct daedalus_job *job;
	const struct capture_format *format;
	struct control_list controls;
	uint32_t buffer;
	char error[MESSAGE_ERROR_BYTES];
};

/**
 * message_parse() - check one message
 * @message:	filled
 * @data:	what read() returned, 8-aligned; must live as long as @message
 * @size:	bytes of @data
 *
 * A job may have no CAPTURE planes (dst_num_planes and num_components are 0):
 * the client took its buffer back, but later pictures may refer to this one.
 *
 * After MESSAGE_GOOD of a job: sizes and counts are in range, every component
 * of the CAPTURE format lies within its plane, no sum overflows, and each
 * control payload lies within the message. The caller must check that the
 * planes lie within their buffers.
 */
enum message_verdict message_parse(struct message *message, const void *data, size_t size);

#endif /* DAEDALUS_MESSAGE_H */
