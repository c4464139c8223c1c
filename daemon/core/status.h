/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The status socket: who connects gets the daemon's state as text records and the end of
 * the file. Nothing is read from a client, so none can make the supervisor wait.
 */
#ifndef DAEDALUS_STATUS_H
#define DAEDALUS_STATUS_H

#include <stdbool.h>
#include <sys/types.h>

#include "records.h"

/* Where daedalusd listens and daedalusctl connects. */
#define STATUS_SOCKET	"/run/daedalus/status"

/**
 * struct status_reader - who asks
 * @uid:	effective user of the client
 * @all:	root, or the daemon's own user: may see the streams of everybody
 */
struct status_reader {
	uid_t uid;
	bool all;
};

/**
 * status_may_see() - may @reader see what belongs to user @uid?
 *
 * In a user namespace such as that of the hardened service, users have no number of their
 * own: then only root may.
 */
bool status_may_see(const struct status_reader *reader, uid_t uid);

/** status_fill_fn - adds the records for @reader */
typedef void (*status_fill_fn)(struct record_text *to, const struct status_reader *reader,
			       void *data);

/**
 * status_listen() - make the socket, for all users; replaces one that a dead daemon left
 *
 * Makes the folder of @path too if only that is missing.
 *
 * Return: a listening descriptor, or a negative errno.
 */
int status_listen(const char *path);

/** status_serve() - answer all clients that wait; @listener is readable */
void status_serve(int listener, status_fill_fn fill, void *data);

/**
 * status_add_fdinfo() - add what the kernel tells about a descriptor
 * @to:		a record that was begun; gets "key=value" for each line "daedalus-KEY: VALUE"
 * @fd:		session fd
 * @uid:	gets the value of the key "uid"; unchanged if there is none
 */
void status_add_fdinfo(struct record_text *to, int fd, uid_t *uid);

/**
 * status_fetch() - connect and read everything, as daedalusctl does
 * @path:	of the socket
 * @records:	records_free() it, also after a failure
 *
 * Waits 2 s at most. Return: 0 or a negative errno: -ENOENT and -ECONNREFUSED if no daemon
 * is there, -ETIMEDOUT, -EINVAL for malformed text.
 */
int status_fetch(const char *path, struct records *records);

#endif /* DAEDALUS_STATUS_H */
