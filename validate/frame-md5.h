/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* MD5s of decoded frames and of their fields. */
#ifndef FRAME_MD5_H
#define FRAME_MD5_H

#include <gst/gst.h>
#include <stdio.h>

/**
 * frame_md5_write - write the MD5s of a frame
 * @file: takes one line: the MD5 of the even rows of all planes, that of the odd rows,
 *	and that of the frame as planar samples without padding, in 16 bits little-endian
 *	where there are more than 8; or "unreadable" three times
 * @pad: its caps describe the frame
 * @buffer: the frame
 */
void frame_md5_write(FILE *file, GstPad *pad, GstBuffer *buffer);

#endif /* FRAME_MD5_H */
