/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DAEDALUS_EXIT_STATUS_H
#define DAEDALUS_EXIT_STATUS_H

/**
 * enum exit_status - exit status of daedalusd, listed in its --help
 * @EXIT_STOPPED:	ended by SIGTERM or SIGINT
 * @EXIT_FAILED:	a system call failed unexpectedly
 * @EXIT_USAGE:		wrong command line
 * @EXIT_NO_CODEC:	no codec library can be loaded
 * @EXIT_NO_DEVICE:	the control device cannot be opened
 * @EXIT_PROTOCOL:	the module refused the hello, or sent an unknown event
 * @EXIT_GONE:		the module was unloaded or unbound
 * @EXIT_NO_SANDBOX:	this machine does not let workers have the sandbox that was asked for
 */
enum exit_status {
	EXIT_STOPPED = 0,
	EXIT_FAILED = 1,
	EXIT_USAGE = 2,
	EXIT_NO_CODEC = 3,
	EXIT_NO_DEVICE = 4,
	EXIT_PROTOCOL = 5,
	EXIT_GONE = 6,
	EXIT_NO_SANDBOX = 7,
};

#endif /* DAEDALUS_EXIT_STATUS_H */
