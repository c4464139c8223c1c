/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Tells the service manager the daemon's state: sd_notify(3) without libsystemd. */
#ifndef DAEDALUS_NOTIFY_H
#define DAEDALUS_NOTIFY_H

/**
 * notify_manager() - send a state such as "READY=1" to $NOTIFY_SOCKET
 *
 * Does nothing without that variable. Return: 0 or a negative errno.
 */
int notify_manager(const char *state);

#endif /* DAEDALUS_NOTIFY_H */
