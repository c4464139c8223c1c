/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Owns the control fd: says hello, reads events and starts a worker for each stream. */
#ifndef DAEDALUS_SUPERVISOR_H
#define DAEDALUS_SUPERVISOR_H

#include <stdbool.h>

#include "codec/engine.h"

/**
 * enum exit_status - exit status of daedalusd, listed in its --help
 * @EXIT_STOPPED:	ended by SIGTERM or SIGINT
 * @EXIT_FAILED:	a system call failed unexpectedly
 * @EXIT_USAGE:		wrong command line
 * @EXIT_NO_CODEC:	no codec library can be loaded
 * @EXIT_NO_DEVICE:	the control device cannot be opened
 * @EXIT_PROTOCOL:	the module refused the hello, or sent an unknown event
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
 * @in_process:	workers are threads instead of processes
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
