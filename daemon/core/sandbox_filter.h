/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The system calls that a worker may make. */
#ifndef DAEDALUS_SANDBOX_FILTER_H
#define DAEDALUS_SANDBOX_FILTER_H

/**
 * sandbox_filter() - allow only the system calls of the table from now on
 * @session_fd:	the descriptor on which DAEDALUS_IOC_GET_BUFFER is allowed
 *
 * Another call kills the process with SIGSYS. The process must have set no_new_privs.
 *
 * Return: 0 or a negative errno.
 */
int sandbox_filter(int session_fd);

#endif /* DAEDALUS_SANDBOX_FILTER_H */
