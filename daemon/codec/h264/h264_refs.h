/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Damage of H.264 reference pictures after lost and broken frames.
 *
 * After an error, a decoder predicts from the pictures that it has and reports
 * nothing. This is a model of its decoded picture buffer. It reads only slice
 * headers: frame_num gaps (8.2.5.2), marking (8.2.5) and the reference picture
 * lists (8.2.4). For each slice it tells whether one of its reference pictures
 * may be damaged, that is, differ from the picture that the bitstream codes.
 *
 * Damage is a serial number that grows with time; 0 is no damage. After a recovery
 * point, in output order, pictures do not depend on pictures before it. So for
 * them damage that is older than the recovery point does not count.
 */
#ifndef DAEDALUS_H264_REFS_H
#define DAEDALUS_H264_REFS_H

#include <linux/videodev2.h>
#include <stdbool.h>
#include <stdint.h>

#include "h264_ref.h"
#include "h264_slice.h"

/** h264_refs_reset() - the decoder has no pictures and the stream is unknown: at the start */
void h264_refs_reset(struct h264_refs *refs);

/** h264_refs_flush() - the decoder has no pictures, but the stream is the same */
void h264_refs_flush(struct h264_refs *refs);

/** h264_refs_completes() - is the slice of the second field of @current? */
bool h264_refs_completes(const struct h264_refs *refs, const struct h264_slice *slice);

/**
 * h264_refs_begin() - start a picture
 * @slice:		first slice of the picture
 * @recovery_frames:	recovery_frame_cnt of its recovery point SEI, -1: it has none
 * @intra:		all its slices are I slices
 *
 * Return: true if it is the second field of a frame.
 */
bool h264_refs_begin(struct h264_refs *refs, const struct v4l2_ctrl_h264_sps *sps,
		     const struct h264_slice *slice, int64_t recovery_frames, bool intra);

/**
 * h264_refs_check() - damage that a slice of the current picture inherits
 *
 * Return: 0 if all pictures in its reference picture lists are exact, else the latest damage.
 */
uint64_t h264_refs_check(struct h264_refs *refs, const struct v4l2_ctrl_h264_sps *sps,
			 const struct h264_slice *slice);

/**
 * h264_refs_end() - end the current picture: it has been decoded
 * @slice:	its first slice, for the marking
 * @inherited:	maximum of h264_refs_check() over its slices
 * @broken:	the picture itself was not decoded exactly
 *
 * Return: true if all fields of the frame that were decoded so far are exact.
 */
bool h264_refs_end(struct h264_refs *refs, const struct v4l2_ctrl_h264_sps *sps,
		   const struct h264_slice *slice, uint64_t inherited, bool broken);

/** h264_refs_lost() - a picture was lost and its slice headers are unknown: all are damaged */
void h264_refs_lost(struct h264_refs *refs);

#endif /* DAEDALUS_H264_REFS_H */
