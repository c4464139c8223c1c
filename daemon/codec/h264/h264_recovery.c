// SPDX-License-Identifier: LGPL-2.1-or-later
#include "h264_recovery.h"

#include "common/h264_sps.h"

void h264_recovery_reset(struct h264_recovery *recovery)
{
	*recovery = (struct h264_recovery){ 0 };
}

void h264_recovery_forget(struct h264_recovery *recovery)
{
	recovery->num_pending = 0;
	recovery->clean[0].serial = 0;
	recovery->clean[1].serial = 0;
}

/* A point that comes later although it was announced earlier is of no use. */
static void announce(struct h264_recovery *recovery, uint32_t left, uint64_t serial)
{
	unsigned int count = recovery->num_pending;

	while (count && recovery->pending[count - 1].left >= left)
		count--;
	if (count < H264_MAX_PENDING) {
		recovery->pending[count].left = left;
		recovery->pending[count].serial = serial;
		count++;
	}
	recovery->num_pending = count;
}

void h264_recovery_begin(struct h264_recovery *recovery, const struct v4l2_ctrl_h264_sps *sps,
			 const struct h264_slice *slice, int64_t frames, bool intra,
			 uint64_t serial)
{
	uint32_t step = (slice->frame_num - recovery->frame_num) & (h264_max_frame_num(sps) - 1);
	unsigned int i;

	for (i = 0; i < recovery->num_pending; i++)
		recovery->pending[i].left -= step < recovery->pending[i].left ?
					     step : recovery->pending[i].left;
	recovery->frame_num = slice->frame_num;

	if (slice->idr || frames >= 0)
		recovery->marked = H264_MARKED_PICTURES;
	else if (recovery->marked)
		recovery->marked--;
	if (frames >= 0)
		announce(recovery, (uint32_t)frames, serial);
	else if (intra && slice->nal_ref_idc && !recovery->marked)
		announce(recovery, 0, serial);
}

void h264_recovery_reach(struct h264_recovery *recovery, const struct h264_slice *slice,
			 int32_t count)
{
	unsigned int reached = 0, i;

	/* A picture that is no reference can precede the recovery point with its frame_num. */
	if (!slice->nal_ref_idc)
		return;
	while (reached < recovery->num_pending && !recovery->pending[reached].left)
		reached++;
	if (!reached)
		return;
	recovery->clean[1] = recovery->clean[0];
	recovery->clean[0].serial = recovery->pending[reached - 1].serial;
	recovery->clean[0].count = count;
	recovery->num_pending -= reached;
	for (i = 0; i < recovery->num_pending; i++)
		recovery->pending[i] = recovery->pending[i + reached];
}

bool h264_recovery_covers(const struct h264_recovery *recovery, uint64_t damage,
			  const int32_t counts[2])
{
	unsigned int i;

	for (i = 0; i < 2; i++)
		if (damage <= recovery->clean[i].serial && counts[0] >= recovery->clean[i].count &&
		    counts[1] >= recovery->clean[i].count)
			return true;
	return false;
}
