/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The stateless controls of a codec. Each codec's folder has a table of its controls.
 * Their ranges and menus have only what the daemon decodes.
 */
#ifndef DAEDALUS_CTRLS_H
#define DAEDALUS_CTRLS_H

#include <media/v4l2-ctrls.h>

#include "daedalus-formats.h"

struct device;

/**
 * struct daedalus_ctrl - a control of a codec
 * @cfg:	configuration for v4l2_ctrl_new_custom(), without the ops
 * @items_10bit: BIT() of the items of a menu that need a CAPTURE format of 10 bits per
 *		sample; the menu has them only if the daemon offers one
 * @required:	each request must have the control, else MEDIA_REQUEST_IOC_QUEUE fails
 *		with -ENOENT
 * @job:	each job carries the control's value to the daemon
 * @supported:	can the daemon decode a stream with this @value? Called when a client
 *		sets the control. On false it logs the reason for @dev. NULL: always true
 * @depth:	returns the bits per sample that @value has; NULL if the control has no
 *		bit depth. At most one control of a codec has one
 * @fits:	does @value, of @size bytes, agree with an OUTPUT payload of @payload
 *		bytes? On false it logs the reason for @dev. NULL: always true
 */
struct daedalus_ctrl {
	struct v4l2_ctrl_config cfg;
	u64 items_10bit;
	bool required;
	bool job;
	bool (*supported)(struct device *dev, const struct daedalus_offer *offer,
			  const void *value);
	unsigned int (*depth)(const void *value);
	bool (*fits)(struct device *dev, const void *value, size_t size, u64 payload);
};

#endif /* DAEDALUS_CTRLS_H */
