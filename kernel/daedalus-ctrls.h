/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tables of the stateless controls, one per codec.
 */
#ifndef DAEDALUS_CTRLS_H
#define DAEDALUS_CTRLS_H

#include <media/v4l2-ctrls.h>

/**
 * struct daedalus_ctrl - a control of a codec
 * @cfg:	as v4l2_ctrl_new_custom() takes it, without the ops
 * @required:	each request must carry it, else VIDIOC/MEDIA_REQUEST_IOC_QUEUE
 *		fails with -ENOENT
 * @job:	its value goes to the daemon with each job
 */
struct daedalus_ctrl {
	struct v4l2_ctrl_config cfg;
	bool required;
	bool job;
};

#define DAEDALUS_NUM_H264_CTRLS	8
extern const struct daedalus_ctrl daedalus_h264_ctrls[DAEDALUS_NUM_H264_CTRLS];

#define DAEDALUS_NUM_VP9_CTRLS	3
extern const struct daedalus_ctrl daedalus_vp9_ctrls[DAEDALUS_NUM_VP9_CTRLS];

#endif /* DAEDALUS_CTRLS_H */
