/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Tells the service manager the daemon's state: sd_notify(3) without libsystemd. */
#ifndef DAEDALUS_NOTIFY_H
#define DAEDALUS_NOTIFY_H

#include <stdint.h>

/**
 * notify_manager() - send a state such as "READY=1" to $NOTIFY_SOCKET
 *
 * Does nothing without that variable. Return: 0 or a negative errno.
 */
int notify_manager(const char *state);

/**
 * notify_watchdog_ms() - how often the service manager wants to read "WATCHDOG=1"
 *
 * Return: half of its limit ($WATCHDOG_USEC), in milliseconds; 0: it does not want any.
 */
int64_t notify_watchdog_ms(void);

#endif /* DAEDALUS_NOTIFY_H */
