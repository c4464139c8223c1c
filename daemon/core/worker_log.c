// SPDX-License-Identifier: LGPL-2.1-or-later
#include "worker_log.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "log.h"

#define CHUNK		4096
#define MAX_CHUNKS	4	/* of one call; then it is another descriptor's turn */

void worker_log_init(struct worker_log *log, pid_t pid)
{
	memset(log, 0, sizeof(*log));
	log->pid = pid;
	log->share = WORKER_LOG_BURST;
}

/* Takes one line of the share. Debugging needs all lines. */
static bool may_pass(struct worker_log *log, int64_t now)
{
	if (log_enabled(LOG_DEBUG))
		return true;
	if (!log->filled)
		log->filled = now;
	if (now - log->filled >= 1000) {
		int64_t fresh = (now - log->filled) / 1000 * WORKER_LOG_PER_SECOND;

		log->share = fresh + log->share > WORKER_LOG_BURST ?
			     WORKER_LOG_BURST : (unsigned int)(fresh + log->share);
		log->filled = now;
	}
	if (!log->share)
		return false;
	log->share--;
	return true;
}

static void tell_dropped(struct worker_log *log)
{
	if (log->dropped)
		log_warning("worker %d wrote too many lines; %llu were dropped", (int)log->pid,
			    log->dropped);
	log->dropped = 0;
}

static void pass_line(struct worker_log *log, int64_t now)
{
	char prefix[32];
	size_t length;

	if (!log->used)
		return;
	if (may_pass(log, now)) {
		tell_dropped(log);
		length = (size_t)snprintf(prefix, sizeof(prefix), "daedalusd[%d]: ", (int)log->pid);
		if (log->used > length && !memcmp(log->line, prefix, length))
			log_foreign("", log->line, log->used);
		else
			log_foreign(prefix, log->line, log->used);
	} else {
		log->dropped++;
	}
	log->used = 0;
}

void worker_log_add(struct worker_log *log, const char *bytes, size_t count, int64_t now)
{
	size_t i;

	for (i = 0; i < count; i++) {
		unsigned char byte = (unsigned char)bytes[i];

		if (byte == '\n' || log->used == sizeof(log->line))
			pass_line(log, now);
		if (byte == '\n')
			continue;
		/* UTF-8 passes, control characters that a terminal acts on do not. */
		if ((byte < ' ' && byte != '\t') || byte == 0x7f)
			byte = '?';
		log->line[log->used++] = (char)byte;
	}
}

void worker_log_end(struct worker_log *log, int64_t now)
{
	pass_line(log, now);
	tell_dropped(log);
}

bool worker_log_read(struct worker_log *log, int fd, int64_t now)
{
	char chunk[CHUNK];
	int i;

	for (i = 0; i < MAX_CHUNKS; i++) {
		ssize_t got = read(fd, chunk, sizeof(chunk));

		if (got > 0)
			worker_log_add(log, chunk, (size_t)got, now);
		else if (got < 0 && errno == EINTR)
			continue;
		else
			return got < 0 && errno == EAGAIN;
	}
	return true;
}
