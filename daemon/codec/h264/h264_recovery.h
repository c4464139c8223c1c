/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Recovery points of H.264: where damage ends without an IDR picture.
 *
 * A recovery point SEI message announces one, recovery_frame_cnt frames ahead (D.2.8):
 * from it on, in output order, pictures do not depend on pictures before the message.
 * An encoder that refreshes columns all the time sends the next message before the point
 * of the last one is reached, so several can be pending.
 *
 * In a stream with neither IDR pictures nor these messages, a reference picture of I
 * slices is taken for a recovery point. The standard does not promise that, but such a
 * stream has no other picture at which decoding could start.
 */
#ifndef DAEDALUS_H264_RECOVERY_H
#define DAEDALUS_H264_RECOVERY_H

#include <linux/videodev2.h>
#include <stdbool.h>
#include <stdint.h>

#include "h264_slice.h"

#define H264_MAX_PENDING	4

/*
 * So many pictures after an IDR picture or a recovery point SEI, a stream counts as one
 * that has none. Encoders also code a scene cut as I slices if the last IDR picture is
 * near, and later pictures may refer to pictures before such a scene cut.
 */
#define H264_MARKED_PICTURES	120

/**
 * struct h264_recovery - state between pictures
 * @pending:	recovery points that were announced and are not reached; each is later than
 *		the one before it
 * @pending.left: frames until it is reached
 * @pending.serial: from the point on, damage up to this one does not count
 * @num_pending: used entries of @pending
 * @frame_num:	frame_num of the last picture
 * @marked:	pictures for which the stream still counts as one with IDR pictures or
 *		recovery point SEI; 0 until there is one
 * @clean:	the last recovery points that were reached, the latest first
 * @clean.serial: damage up to this one does not count; 0: unused entry
 * @clean.count: for pictures from this picture order count on
 */
struct h264_recovery {
	struct {
		uint32_t left;
		uint64_t serial;
	} pending[H264_MAX_PENDING];
	unsigned int num_pending;
	uint32_t frame_num;
	unsigned int marked;
	struct {
		uint64_t serial;
		int32_t count;
	} clean[2];
};

/** h264_recovery_reset() - at the start of a stream */
void h264_recovery_reset(struct h264_recovery *recovery);

/** h264_recovery_forget() - no later picture refers to pictures before the current one */
void h264_recovery_forget(struct h264_recovery *recovery);

/**
 * h264_recovery_begin() - a frame or first field starts
 * @slice:	its first slice
 * @frames:	recovery_frame_cnt of its recovery point SEI, -1: it has none
 * @intra:	all its slices are I slices
 * @serial:	damage up to this one is older than the picture
 */
void h264_recovery_begin(struct h264_recovery *recovery, const struct v4l2_ctrl_h264_sps *sps,
			 const struct h264_slice *slice, int64_t frames, bool intra,
			 uint64_t serial);

/**
 * h264_recovery_reach() - is the frame or first field that started a recovery point?
 * @count:	its picture order count
 */
void h264_recovery_reach(struct h264_recovery *recovery, const struct h264_slice *slice,
			 int32_t count);

/** h264_recovery_covers() - does this damage not count for a picture with these order counts? */
bool h264_recovery_covers(const struct h264_recovery *recovery, uint64_t damage,
			  const int32_t counts[2]);

#endif /* DAEDALUS_H264_RECOVERY_H */
