/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Default for the number of decoder threads per stream. */
#ifndef DAEDALUS_THREADS_H
#define DAEDALUS_THREADS_H

#define THREADS_MAX	64

/**
 * threads_automatic() - decoder threads per stream for this machine
 *
 * The number of CPUs online, 1..THREADS_MAX. But 1 where system calls are so
 * slow that waking threads takes more time than they save, as under User-mode
 * Linux (measured there: one thread is twice as fast as two). Takes less than
 * 5 ms. Logs its choice at debug level.
 */
unsigned int threads_automatic(void);

#endif /* DAEDALUS_THREADS_H */
