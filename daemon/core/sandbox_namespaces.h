/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The worker's own mount, network and IPC namespaces. */
#ifndef DAEDALUS_SANDBOX_NAMESPACES_H
#define DAEDALUS_SANDBOX_NAMESPACES_H

/**
 * sandbox_unshare() - leave the namespaces of the supervisor
 *
 * Root needs no user namespace for it, any other user gets one. Nobody can map
 * its user ids later on, so the process is nobody in it.
 *
 * Return: 0 or a negative errno.
 */
int sandbox_unshare(void);

/** sandbox_empty_root() - make an empty, read-only folder the root; returns 0 or a negative errno */
int sandbox_empty_root(void);

#endif /* DAEDALUS_SANDBOX_NAMESPACES_H */
