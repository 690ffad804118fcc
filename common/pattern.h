/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Regular expressions that people write, over bytes that may be anything: POSIX extended, each byte
 * a character whatever the locale, '.' and sets without newline.  The one place that compiles them.
 */
#ifndef COMMON_PATTERN_H
#define COMMON_PATTERN_H

#include <regex.h>
#include <stdbool.h>
#include <stddef.h>

#define PATTERN_BYTES_MAX 512
/* The N of all {M,N}, and 2 for each + of a group, multiplied: memory grows with it. */
#define PATTERN_REPETITIONS_MAX 1000
#define PATTERN_WANTED                                                                             \
	"a POSIX extended regular expression without back-references, repeating 1000 times at "    \
	"most"

/* 0, to be freed with regfree(); -EINVAL for what is no pattern, has back-references, whose time
 * has no bound, or repeats too often; -E2BIG for a longer one; -ENOMEM. */
int pattern_compile(const char *text, regex_t *ret);

/* The first match in data[from..bytes), behind which a NUL stands (the sanitizer's regexec() looks
 * for one): of group 1 if the pattern has one that took part, else the
 * whole. False if there is none, or if memory was short. */
bool pattern_find(const regex_t *pattern, const char *data, size_t bytes, size_t from,
		  size_t *ret_begin, size_t *ret_end);

#endif
