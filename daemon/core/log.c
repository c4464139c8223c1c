// SPDX-License-Identifier: LGPL-2.1-or-later
#include "log.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define LINE_MAX_BYTES	1024

static const char *const level_names[LOG_LEVEL_COUNT] = {
	[LOG_ERROR] = "error",
	[LOG_WARNING] = "warning",
	[LOG_INFO] = "info",
	[LOG_DEBUG] = "debug",
};

static enum log_level max_level = LOG_INFO;
static _Thread_local uint32_t thread_session;

void log_set_level(enum log_level level)
{
	max_level = level;
}

int log_level_from_name(const char *name)
{
	int i;

	for (i = 0; i < LOG_LEVEL_COUNT; i++)
		if (!strcmp(name, level_names[i]))
			return i;
	return -1;
}

bool log_enabled(enum log_level level)
{
	return level <= max_level;
}

void log_set_session(uint32_t session)
{
	thread_session = session;
}

/* If a worker's pipe is full, the line is lost. */
static void write_line(const char *line, size_t size)
{
	ssize_t ret;

	do {
		ret = write(STDERR_FILENO, line, size);
	} while (ret < 0 && errno == EINTR);
}

void log_line(enum log_level level, const char *format, ...)
{
	int saved_errno = errno;
	char line[LINE_MAX_BYTES];
	size_t used;
	va_list args;
	ssize_t ret;

	if (!log_enabled(level))
		return;

	used = (size_t)snprintf(line, sizeof(line), "daedalusd[%d]: %s: ", (int)getpid(),
				level_names[level]);
	if (thread_session)
		used += (size_t)snprintf(line + used, sizeof(line) - used, "session %u: ",
					 thread_session);
	/* The caller's %m must see the caller's errno. */
	errno = saved_errno;
	va_start(args, format);
	ret = vsnprintf(line + used, sizeof(line) - used, format, args);
	va_end(args);
	if (ret > 0)
		used += (size_t)ret;
	if (used > sizeof(line) - 1)
		used = sizeof(line) - 1;
	line[used++] = '\n';
	write_line(line, used);
	errno = saved_errno;
}

void log_foreign(const char *prefix, const char *line, size_t length)
{
	char all[LINE_MAX_BYTES + 64];
	int used = snprintf(all, sizeof(all) - 1, "%s%.*s", prefix, (int)length, line);

	if (used < 0)
		return;
	if ((size_t)used > sizeof(all) - 2)
		used = sizeof(all) - 2;
	all[used++] = '\n';
	write_line(all, (size_t)used);
}

void log_library(const char *library, const char *format, va_list args)
{
	char line[512];
	size_t length;

	if (!log_enabled(LOG_DEBUG))
		return;
	vsnprintf(line, sizeof(line), format, args);
	length = strlen(line);
	while (length && line[length - 1] == '\n')
		line[--length] = '\0';
	if (length)
		log_line(LOG_DEBUG, "%s: %s", library, line);
}
