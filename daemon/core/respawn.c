// SPDX-License-Identifier: LGPL-2.1-or-later
#include "respawn.h"

#include <stddef.h>

static bool is_over(const struct respawn_client *client, int64_t now)
{
	return !client->crashes || now - client->since >= RESPAWN_WINDOW_MS;
}

static struct respawn_client *find(struct respawn *respawn, uint32_t pid, int64_t now)
{
	size_t i;

	for (i = 0; i < RESPAWN_CLIENTS; i++)
		if (respawn->clients[i].pid == pid && !is_over(&respawn->clients[i], now))
			return &respawn->clients[i];
	return NULL;
}

/* An entry that is not needed any more, else the oldest one. */
static struct respawn_client *choose(struct respawn *respawn, int64_t now)
{
	struct respawn_client *oldest = &respawn->clients[0];
	size_t i;

	for (i = 0; i < RESPAWN_CLIENTS; i++) {
		if (is_over(&respawn->clients[i], now))
			return &respawn->clients[i];
		if (respawn->clients[i].since < oldest->since)
			oldest = &respawn->clients[i];
	}
	return oldest;
}

void respawn_crashed(struct respawn *respawn, uint32_t pid, int64_t now)
{
	struct respawn_client *client = find(respawn, pid, now);

	if (!client) {
		client = choose(respawn, now);
		*client = (struct respawn_client){ .pid = pid, .since = now };
	}
	client->crashes++;
}

bool respawn_allowed(struct respawn *respawn, uint32_t pid, int64_t now, bool *first)
{
	struct respawn_client *client = find(respawn, pid, now);

	*first = false;
	if (!client || client->crashes < RESPAWN_CRASHES)
		return true;
	*first = !client->refused;
	client->refused++;
	return false;
}
