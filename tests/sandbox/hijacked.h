/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the tests of hijacked workers share: clients, the daemon, the tests themselves. */
#ifndef DAEDALUS_TESTS_HIJACKED_H
#define DAEDALUS_TESTS_HIJACKED_H

#include "attack.h"
#include "harness.h"
#include "supervised.h"

#define TIMEOUT_S	60	/* of a test */
#define OTHER_USER	12345	/* user of the second daemon */
#define DEADLINE_MS	5000	/* so that a slow machine spoils no picture */
#define SHORT_DEADLINE_MS 2000	/* for workers that never answer */
#define SLACK_MS	5000	/* for a slow machine */
#define LOG_MS		15000
#define END_MS		1000	/* WORKER_POOL_END_MS */

extern struct supervised supervised;	/* the daemon */
extern uid_t daemon_uid;		/* its user */

/** order() - queue request @index, whose worker shall attack */
void order(struct client *c, unsigned int index, enum attack number);

/**
 * finish() - dequeue both buffers of request @index within @ms, and make it new again
 *
 * Return: the ERROR flag of its CAPTURE buffer.
 */
bool finish(struct client *c, unsigned int index, int ms);

/** start_stream() - a client whose worker has made a picture; returns the worker */
pid_t start_stream(struct client *c);

/** worker_of_new_stream() - the worker of the stream that this process starts, from the log */
pid_t worker_of_new_stream(void);

/** in_background() - run a function in a process of its own, another client; returns it */
pid_t in_background(void (*function)(void));

/** expect_good_end() - wait for a process of in_background() */
void expect_good_end(pid_t pid);

/** as_other_client() - run a function in a process of its own, another client, and wait */
void as_other_client(void (*function)(void));

/** picture_of_other_client() - a stream with one picture */
void picture_of_other_client(void);

/** crash_of_other_client() - a stream whose worker crashes */
void crash_of_other_client(void);

/** print_layout() - print addresses of this program, as ATTACK_TELL_LAYOUT does */
void print_layout(void);

extern const struct test process_tests[];	/* what a worker is, and how it ends */
extern const struct test user_tests[];		/* those that differ for a daemon without privileges */
extern const struct test limit_tests[];		/* what a worker can use up */
extern const struct test session_tests[];	/* what it can do to streams */
extern const struct test last_tests[];		/* those that end the daemon */

#endif /* DAEDALUS_TESTS_HIJACKED_H */
