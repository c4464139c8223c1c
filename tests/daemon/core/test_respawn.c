// SPDX-License-Identifier: LGPL-2.1-or-later
/* Limits of respawn.h over time. */
#include "core/respawn.h"

#include "check.h"

int main(void)
{
	static struct respawn respawn;
	bool first;
	uint32_t pid;
	int i;

	/* Nobody is limited before workers crash, and not by the crashes of others. */
	CHECK(respawn_allowed(&respawn, 1, 0, &first));
	for (i = 0; i < RESPAWN_CRASHES; i++) {
		CHECK(respawn_allowed(&respawn, 1, i, &first));
		respawn_crashed(&respawn, 1, i);
	}
	CHECK(respawn_allowed(&respawn, 2, 10, &first));

	/* The first refusal is worth a line, others are not. */
	CHECK(!respawn_allowed(&respawn, 1, 10, &first) && first);
	CHECK(!respawn_allowed(&respawn, 1, 11, &first) && !first);
	CHECK(!respawn_allowed(&respawn, 1, RESPAWN_WINDOW_MS - 1, &first) && !first);

	/* The window starts with the first crash and ends for good. */
	CHECK(respawn_allowed(&respawn, 1, RESPAWN_WINDOW_MS, &first));
	respawn_crashed(&respawn, 1, RESPAWN_WINDOW_MS);
	CHECK(respawn_allowed(&respawn, 1, RESPAWN_WINDOW_MS + 1, &first));

	/* More clients than entries: the oldest is forgotten, the newest is limited. */
	for (pid = 100; pid < 100 + 2 * RESPAWN_CLIENTS; pid++)
		for (i = 0; i < RESPAWN_CRASHES; i++)
			respawn_crashed(&respawn, pid, RESPAWN_WINDOW_MS + pid);
	CHECK(respawn_allowed(&respawn, 100, RESPAWN_WINDOW_MS + 300, &first));
	CHECK(!respawn_allowed(&respawn, pid - 1, RESPAWN_WINDOW_MS + 300, &first) && first);

	/* Clients of other pid namespaces are one client. */
	for (i = 0; i < RESPAWN_CRASHES; i++)
		respawn_crashed(&respawn, 0, 5 * RESPAWN_WINDOW_MS);
	CHECK(!respawn_allowed(&respawn, 0, 5 * RESPAWN_WINDOW_MS, &first));
	return check_result();
}
