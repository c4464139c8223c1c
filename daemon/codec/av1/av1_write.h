/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * AV1 headers rebuilt from the controls of a request.
 *
 * What a decoder reads need not be what the encoder wrote: the controls lack
 * ids, timing, operating points and colours, which are left out, and parts that
 * a stream may take from an earlier frame are all written out. What is decoded
 * from it is the same.
 */
#ifndef DAEDALUS_AV1_WRITE_H
#define DAEDALUS_AV1_WRITE_H

#include <stddef.h>
#include <stdint.h>

#include "av1_frame.h"
#include "av1_refs.h"

/* Room for the longest sequence header or frame header, OBU header and size included. */
#define AV1_HEADER_BYTES	2048

/**
 * av1_write_sequence() - a sequence header OBU
 * @data:	AV1_HEADER_BYTES of room
 *
 * Return: its bytes.
 */
size_t av1_write_sequence(const struct v4l2_ctrl_av1_sequence *sequence, uint8_t *data);

/**
 * av1_write_show_existing() - a frame header OBU that shows a slot again
 * @data:	AV1_HEADER_BYTES of room
 *
 * Return: its bytes.
 */
size_t av1_write_show_existing(unsigned int slot, uint8_t *data);

/**
 * av1_frame_obu_bytes() - room that av1_write_frame() may need
 */
size_t av1_frame_obu_bytes(const struct av1_frame *frame);

/**
 * av1_write_frame() - a frame OBU with all tiles
 * @frame:	from av1_frame_init()
 * @refs:	the slots before the frame
 * @payload:	the OUTPUT payload, in which the tiles are
 * @data:	av1_frame_obu_bytes() of room
 *
 * Return: its bytes, 0 if the values of the controls do not fit.
 */
size_t av1_write_frame(const struct av1_frame *frame, const struct av1_refs *refs,
		       const uint8_t *payload, uint8_t *data);

#endif /* DAEDALUS_AV1_WRITE_H */
