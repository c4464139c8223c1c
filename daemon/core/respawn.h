/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Limits how often a client's workers are started again after they crashed.
 *
 * Pure functions over a table: no descriptor, no allocation.
 */
#ifndef DAEDALUS_RESPAWN_H
#define DAEDALUS_RESPAWN_H

#include <stdbool.h>
#include <stdint.h>

/* Workers of one client that may crash within the window. */
#define RESPAWN_CRASHES		5
#define RESPAWN_WINDOW_MS	10000
/* Clients whose crashes are remembered; more share the oldest entry. */
#define RESPAWN_CLIENTS		64

/**
 * struct respawn - the clients whose workers crashed; all zero at first
 * @clients:	.pid: process id, 0 for one of another pid namespace
 *		.crashes: number of them since .since
 *		.since: time of the first, as of now_ms()
 *		.refused: starts that were refused since .since
 */
struct respawn {
	struct respawn_client {
		uint32_t pid;
		uint32_t crashes;
		int64_t since;
		uint32_t refused;
	} clients[RESPAWN_CLIENTS];
};

/** respawn_crashed() - a worker of client @pid has crashed at time @now */
void respawn_crashed(struct respawn *respawn, uint32_t pid, int64_t now);

/**
 * respawn_allowed() - may a worker of client @pid be started at time @now?
 * @first:	set: this is the first refusal since the client's last crash-free window,
 *		and worth a line of the log
 */
bool respawn_allowed(struct respawn *respawn, uint32_t pid, int64_t now, bool *first);

#endif /* DAEDALUS_RESPAWN_H */
