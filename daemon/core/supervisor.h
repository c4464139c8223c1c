/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Owns the control fd: says hello, reads events and starts a worker for each stream. */
#ifndef DAEDALUS_SUPERVISOR_H
#define DAEDALUS_SUPERVISOR_H

#include <stdbool.h>
#include <stdint.h>

#include "codec/engine.h"
#include "sandbox.h"

/**
 * struct supervisor_params - the command line
 * @device:	path of the control device
 * @status:	path of the status socket; "": none
 * @in_process:	workers are threads instead of processes
 * @sandbox:	what workers must have, unless @in_process
 * @memory:	bytes of private memory that a worker may have; 0: no limit
 * @resume:	file of the program that executed this one (resume.h); -1: none
 * @argv:	arguments, for the next program
 * @config:	for every engine
 */
struct supervisor_params {
	const char *device;
	const char *status;
	bool in_process;
	enum sandbox_level sandbox;
	uint64_t memory;
	int resume;
	char *const *argv;
	struct engine_config config;
};

/** supervisor_run() - serve until told to stop; returns enum exit_status */
int supervisor_run(const struct supervisor_params *params);

#endif /* DAEDALUS_SUPERVISOR_H */
