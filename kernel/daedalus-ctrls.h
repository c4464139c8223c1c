/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The stateless controls of a codec. Its folder has a table of them, which names
 * only what the daemon decodes.
 */
#ifndef DAEDALUS_CTRLS_H
#define DAEDALUS_CTRLS_H

#include <media/v4l2-ctrls.h>

#include "daedalus-formats.h"

struct device;

/**
 * struct daedalus_ctrl - a control of a codec
 * @cfg:	as v4l2_ctrl_new_custom() takes it, without the ops
 * @required:	each request must carry it, else VIDIOC/MEDIA_REQUEST_IOC_QUEUE
 *		fails with -ENOENT
 * @job:	its value goes to the daemon with each job
 * @supported:	does the daemon decode what @value asks for? Called when a client sets
 *		it; says on @dev what is wrong, if anything. NULL: always
 * @depth:	bits per sample that @value announces; NULL if it is not about them
 * @fits:	does @value, of @size bytes, agree with an OUTPUT payload of @payload
 *		bytes? Says on @dev what is wrong, if anything. NULL: always
 */
struct daedalus_ctrl {
	struct v4l2_ctrl_config cfg;
	bool required;
	bool job;
	bool (*supported)(struct device *dev, const struct daedalus_offer *offer,
			  const void *value);
	unsigned int (*depth)(const void *value);
	bool (*fits)(struct device *dev, const void *value, size_t size, u64 payload);
};

#endif /* DAEDALUS_CTRLS_H */
