/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Owns the control fd: says hello, hears of streams and starts a worker for each. */
#ifndef DAEDALUS_SUPERVISOR_H
#define DAEDALUS_SUPERVISOR_H

#include <stdbool.h>

#include "codec/engine.h"

/**
 * enum exit_status - of daedalusd, part of its --help
 * @EXIT_STOPPED:	ended by SIGTERM or SIGINT
 * @EXIT_FAILED:	a system call failed that must not
 * @EXIT_USAGE:		wrong command line
 * @EXIT_NO_CODEC:	no codec library works
 * @EXIT_NO_DEVICE:	the control device cannot be opened
 * @EXIT_PROTOCOL:	the module refuses our hello
 * @EXIT_GONE:		the module was unloaded or unbound
 */
enum exit_status {
	EXIT_STOPPED = 0,
	EXIT_FAILED = 1,
	EXIT_USAGE = 2,
	EXIT_NO_CODEC = 3,
	EXIT_NO_DEVICE = 4,
	EXIT_PROTOCOL = 5,
	EXIT_GONE = 6,
};

/**
 * struct supervisor_params - the command line
 * @device:	path of the control device
 * @in_process:	workers are threads
 * @config:	for every engine
 */
struct supervisor_params {
	const char *device;
	bool in_process;
	struct engine_config config;
};

/** supervisor_run() - serve until told to stop; returns enum exit_status */
int supervisor_run(const struct supervisor_params *params);

#endif /* DAEDALUS_SUPERVISOR_H */
