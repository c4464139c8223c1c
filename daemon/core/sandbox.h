/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The sandbox of a worker process. docs/security.md explains each step.
 *
 * The process must have one thread, and the codec libraries must be loaded: it cannot
 * open a file afterwards. There is no way back.
 */
#ifndef DAEDALUS_SANDBOX_H
#define DAEDALUS_SANDBOX_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Descriptors that are open in the sandbox; all others are closed. */
#define SANDBOX_SESSION_FD	3

/**
 * enum sandbox_level - how much of the sandbox a worker must have
 * @SANDBOX_STRICT:		all of it
 * @SANDBOX_NO_NAMESPACES:	all but the namespaces, for machines without user namespaces
 * @SANDBOX_OFF:		only its own descriptors and the death of its supervisor, for
 *				sanitizers and debuggers
 * @SANDBOX_LEVEL_COUNT:	number of levels
 *
 * A level is never lowered by itself: a step that fails ends the worker.
 */
enum sandbox_level {
	SANDBOX_STRICT,
	SANDBOX_NO_NAMESPACES,
	SANDBOX_OFF,
	SANDBOX_LEVEL_COUNT
};

/**
 * struct sandbox_params - parameters of sandbox_enter()
 * @level:	how much of it
 * @supervisor:	process id of the parent; the worker dies with it
 * @null_fd:	becomes standard input
 * @log_fd:	becomes standard output and standard error
 * @session_fd:	becomes SANDBOX_SESSION_FD
 * @number:	workers that live at the same time have different ones; chooses the user id
 * @memory:	bytes of private memory that the worker may have; 0: no limit
 */
struct sandbox_params {
	enum sandbox_level level;
	pid_t supervisor;
	int null_fd;
	int log_fd;
	int session_fd;
	uint32_t number;
	uint64_t memory;
};

/** sandbox_level_from_name() - "strict", "no-namespaces", "off"; -1 for any other name */
int sandbox_level_from_name(const char *name);

/** sandbox_level_name() - the name that sandbox_level_from_name() takes */
const char *sandbox_level_name(enum sandbox_level level);

/** sandbox_memory_default() - half of the machine's memory and at least 1 GiB, in bytes */
uint64_t sandbox_memory_default(void);

/**
 * struct sandbox_failure - why a process cannot enter the sandbox; static texts
 * @step:	what failed, for "cannot %s"
 * @advice:	what to do about it
 */
struct sandbox_failure {
	const char *step;
	const char *advice;
};

/**
 * sandbox_enter() - put the calling process into the sandbox
 * @params:	parameters
 * @failure:	set on failure
 *
 * Return: 0; or a negative errno, and the caller must end the process.
 */
int sandbox_enter(const struct sandbox_params *params, struct sandbox_failure *failure);

/**
 * sandbox_confine() - all steps of sandbox_enter() but the filter of system calls
 *
 * For tests of what each layer stops by itself; parameters as of sandbox_enter().
 */
int sandbox_confine(const struct sandbox_params *params, struct sandbox_failure *failure);

#endif /* DAEDALUS_SANDBOX_H */
