/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Opens the control device and introduces the daemon to the module. */
#ifndef DAEDALUS_CONTROL_H
#define DAEDALUS_CONTROL_H

#include <stdint.h>

#include "daedalus_v4l2_proto.h"

/**
 * control_open() - open the control device
 * @device:	its path
 *
 * Waits up to two seconds for a daemon that has it open and is about to end.
 *
 * Return: the control fd, close-on-exec and non-blocking; -1 after an error, which has
 * been logged.
 */
int control_open(const char *device);

/**
 * control_hello() - say hello; the video and media nodes appear
 * @fd:		control fd
 * @device:	its path, for the log
 * @hello:	codecs and engine are set; gets version and deadline
 *
 * Return: EXIT_STOPPED, or the exit status after an error, which has been logged.
 */
int control_hello(int fd, const char *device, struct daedalus_hello *hello);

/**
 * control_open_session() - open the session fd of a stream
 * @fd:		control fd
 * @session:	session number
 *
 * Return: the session fd, close-on-exec; or a negative errno: -ENOENT: the stream has ended.
 */
int control_open_session(int fd, uint32_t session);

#endif /* DAEDALUS_CONTROL_H */
