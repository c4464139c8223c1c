/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A table of file descriptors and the functions that handle their events.
 *
 * Whoever has a descriptor to wait for adds it to the supervisor's table. Not
 * thread-safe.
 */
#ifndef DAEDALUS_EVENT_LOOP_H
#define DAEDALUS_EVENT_LOOP_H

#include <stdint.h>

/* A point in time that never comes, for functions that return the next one. */
#define NEVER	INT64_MAX

struct event_loop;

/**
 * typedef event_handler - handle the events of a descriptor
 * @data:	from event_loop_add()
 * @events:	POLL* bits as of poll()
 *
 * May add descriptors and remove any, also its own.
 */
typedef void (*event_handler)(void *data, short events);

/** event_loop_new() - an empty table, for event_loop_free(); NULL: no memory */
struct event_loop *event_loop_new(void);

/** event_loop_free() - free the table; NULL is fine; the descriptors stay open */
void event_loop_free(struct event_loop *loop);

/**
 * event_loop_add() - wait for a descriptor from now on
 * @fd:		>= 0, not in the table; the caller owns it and removes it before close()
 * @events:	POLLIN or 0; POLLHUP and POLLERR are always reported
 * @handler:	called for each event
 * @data:	for @handler
 *
 * Return: 0 or -ENOMEM.
 */
int event_loop_add(struct event_loop *loop, int fd, short events, event_handler handler,
		   void *data);

/** event_loop_remove() - do not wait for a descriptor any more; fine if it is not in the table */
void event_loop_remove(struct event_loop *loop, int fd);

/**
 * event_loop_wait() - wait for events and call their handlers
 * @until:	when to return without an event, as of now_ms(); NEVER
 *
 * Return: 0 after events, at @until or after a signal; a negative errno of poll().
 */
int event_loop_wait(struct event_loop *loop, int64_t until);

/** now_ms() - milliseconds of CLOCK_MONOTONIC */
int64_t now_ms(void);

#endif /* DAEDALUS_EVENT_LOOP_H */
