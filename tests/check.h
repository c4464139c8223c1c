/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A minimal test harness. CHECK() counts checks and prints those that fail. A test ends
 * with "return check_result();": 0 if it passed, 1 if it failed. It returns EXIT_SKIP
 * if it cannot run here.
 */
#ifndef DAEDALUS_TESTS_CHECK_H
#define DAEDALUS_TESTS_CHECK_H

#include <stdio.h>

#define EXIT_SKIP	77

static int checks_done;
static int checks_failed;

#define CHECK_MSG(condition, ...) \
	do { \
		checks_done++; \
		if (!(condition)) { \
			checks_failed++; \
			printf("%s:%d: %s: ", __FILE__, __LINE__, #condition); \
			printf(__VA_ARGS__); \
			putchar('\n'); \
		} \
	} while (0)

#define CHECK(condition)	CHECK_MSG(condition, "is false")

#define CHECK_EQ(a, b) \
	do { \
		long long check_a = (long long)(a); \
		long long check_b = (long long)(b); \
		CHECK_MSG(check_a == check_b, "%s is %lld, not %lld", #a, check_a, check_b); \
	} while (0)

static inline int check_result(void)
{
	printf("%d checks, %d failed\n", checks_done, checks_failed);
	return checks_failed || !checks_done;
}

#endif /* DAEDALUS_TESTS_CHECK_H */
