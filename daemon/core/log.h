/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Log lines on standard error: "daedalusd[pid]: level: session 5: message".
 *
 * Each line is one write(), so that lines of several workers never mix.
 */
#ifndef DAEDALUS_LOG_H
#define DAEDALUS_LOG_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** enum log_level - importance of a line, most important first */
enum log_level {
	LOG_ERROR,
	LOG_WARNING,
	LOG_INFO,
	LOG_DEBUG,
	LOG_LEVEL_COUNT
};

/**
 * log_set_level() - print lines up to this level; LOG_INFO at first
 * @level:	least important level that is printed
 *
 * Not to be called while other threads log.
 */
void log_set_level(enum log_level level);

/** log_level_from_name() - "error", "warning", "info", "debug"; -1 for any other name */
int log_level_from_name(const char *name);

/** log_enabled() - whether a line of this level would be printed */
bool log_enabled(enum log_level level);

/**
 * log_set_session() - name a session in all further lines of the calling thread
 * @session:	session number, 0 for none
 */
void log_set_session(uint32_t session);

/** log_line() - print one line, cut at 1024 bytes; @format has no newline */
void log_line(enum log_level level, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/**
 * log_library() - print a message of a library at LOG_DEBUG: "FFmpeg: message"
 * @library:	name of the library
 * @format:	printf() format, with or without a newline; the message is cut at 512 bytes
 * @args:	for @format
 */
void log_library(const char *library, const char *format, va_list args);

/**
 * log_foreign() - write a line of another process
 * @prefix:	written before it
 * @line:	without a newline, cut so that all has 1088 bytes
 * @length:	bytes of @line
 */
void log_foreign(const char *prefix, const char *line, size_t length);

#define log_error(...)		log_line(LOG_ERROR, __VA_ARGS__)
#define log_warning(...)	log_line(LOG_WARNING, __VA_ARGS__)
#define log_info(...)		log_line(LOG_INFO, __VA_ARGS__)
#define log_debug(...) \
	do { \
		if (log_enabled(LOG_DEBUG)) \
			log_line(LOG_DEBUG, __VA_ARGS__); \
	} while (0)

#endif /* DAEDALUS_LOG_H */
