/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Checks for unit tests: a program is a main() that calls test functions and ends with
 * `return test_end("name");`. A failed check prints where and what, and the program goes on.
 */
#ifndef TAPX_TEST_H
#define TAPX_TEST_H

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static int test_passed, test_failed;

#define CHECK(cond)                                                                                \
	do {                                                                                       \
		if (cond) {                                                                        \
			test_passed++;                                                             \
		} else {                                                                           \
			test_failed++;                                                             \
			printf("%s:%d: %s\n", __FILE__, __LINE__, #cond);                          \
		}                                                                                  \
	} while (0)

#define CHECK_STR(got, want) test_str(__FILE__, __LINE__, #got, (got), (want))
#define CHECK_INT(got, want) test_int(__FILE__, __LINE__, #got, (got), (want))

static inline void test_str(const char *file, int line, const char *what, const char *got,
			    const char *want)
{
	if (got && !strcmp(got, want)) {
		test_passed++;
		return;
	}
	test_failed++;
	printf("%s:%d: %s is \"%s\", not \"%s\"\n", file, line, what, got ? got : "(null)", want);
}

static inline void test_int(const char *file, int line, const char *what, long long got,
			    long long want)
{
	if (got == want) {
		test_passed++;
		return;
	}
	test_failed++;
	printf("%s:%d: %s is %lld, not %lld\n", file, line, what, got, want);
}

/** test_end - print the sums. Return: the exit status. */
static inline int test_end(const char *name)
{
	printf("%s: %d passed, %d failed\n", name, test_passed, test_failed);
	return test_failed != 0;
}

#endif
