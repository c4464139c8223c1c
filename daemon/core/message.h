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
#include "controls.h"
#include "daedalus_v4l2_proto.h"

#define MESSAGE_ERROR_BYTES	160

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
