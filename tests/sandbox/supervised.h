/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A daedalusd that the test starts, and what it logs. */
#ifndef DAEDALUS_TESTS_SUPERVISED_H
#define DAEDALUS_TESTS_SUPERVISED_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/**
 * struct supervised - a daemon; one at a time
 * @pid:	its process id
 * @log:	its standard error, non-blocking
 * @text:	what was read from @log
 * @used:	bytes of @text
 * @seen:	bytes of @text that log_wait() has passed
 */
struct supervised {
	pid_t pid;
	int log;
	char text[1 << 20];
	size_t used;
	size_t seen;
};

/** supervised_start() - start it as user @uid and wait for its nodes; @option may be NULL */
void supervised_start(struct supervised *daemon, const char *path, uid_t uid, const char *option);

/** supervised_run() - run it until it ends, within 10 s; returns its exit status */
int supervised_run(struct supervised *daemon, const char *path, uid_t uid, const char *option);

/** supervised_wait() - wait for its end, at most @ms; returns its exit status, -1 for any other end */
int supervised_wait(struct supervised *daemon, int ms);

/**
 * log_wait() - wait until the log has a text that log_wait() has not passed yet
 *
 * Return: what follows the text, up to the end of the line, valid until the next call;
 * NULL after @ms.
 */
const char *log_wait(struct supervised *daemon, const char *text, int ms);

/** log_skip() - read and pass all that was logged */
void log_skip(struct supervised *daemon);

/** log_count() - how often the log has a text since @from, a value of @seen */
unsigned int log_count(struct supervised *daemon, const char *text, size_t from);

/** process_gone() - does the process end within @ms? A zombie counts as ended */
bool process_gone(pid_t pid, int ms);

#endif /* DAEDALUS_TESTS_SUPERVISED_H */
