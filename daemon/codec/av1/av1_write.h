/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * AV1 headers rebuilt from the controls of a request.
 *
 * The rebuilt headers need not be those of the encoder. The controls lack frame ids,
 * timing information, operating points and the color description, so these are left
 * out. Parameters that a stream may copy from an earlier frame are coded explicitly.
 * The decoded samples are the same.
 */
#ifndef DAEDALUS_AV1_WRITE_H
#define DAEDALUS_AV1_WRITE_H

#include <stddef.h>
#include <stdint.h>

#include "av1_frame.h"
#include "av1_refs.h"

/* Bytes that are enough for any sequence header or frame header with OBU header and size. */
#define AV1_HEADER_BYTES	2048

/**
 * av1_write_sequence() - write a sequence header OBU
 * @data:	destination, AV1_HEADER_BYTES
 *
 * Return: number of bytes written.
 */
size_t av1_write_sequence(const struct v4l2_ctrl_av1_sequence *sequence, uint8_t *data);

/**
 * av1_write_show_existing() - write a frame header OBU with show_existing_frame
 * @data:	destination, AV1_HEADER_BYTES
 *
 * Return: number of bytes written.
 */
size_t av1_write_show_existing(unsigned int slot, uint8_t *data);

/**
 * av1_frame_obu_bytes() - bytes that av1_write_frame() writes at most
 */
size_t av1_frame_obu_bytes(const struct av1_frame *frame);

/**
 * av1_write_frame() - write a frame OBU with all tiles
 * @frame:	filled by av1_frame_init()
 * @refs:	reference slots before the frame is decoded
 * @payload:	the OUTPUT payload, which has the tiles
 * @data:	destination, av1_frame_obu_bytes()
 *
 * Return: number of bytes written, 0 if the header exceeds AV1_HEADER_BYTES or the OBU
 * exceeds 2^32 - 1 bytes.
 */
size_t av1_write_frame(const struct av1_frame *frame, const struct av1_refs *refs,
		       const uint8_t *payload, uint8_t *data);

#endif /* DAEDALUS_AV1_WRITE_H */
