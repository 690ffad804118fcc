/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Secrets in text: found by patterns and covered with MASK_CHAR, byte for byte, so that no length
 * changes and records stay what they are.  docs/privacy.md lists what is found.
 *
 * Total: the text is any bytes.  Time is linear in it, apart from patterns that the user added.
 */
#ifndef DUMPER_MASK_H
#define DUMPER_MASK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MASK_CHAR	  '*'
#define MASK_PATTERNS_MAX 64 /* of the user's own */

/* Not changed once it is made: any number of threads may use it. */
struct mask;

/* builtin: with the built-in patterns. NULL: out of memory. */
struct mask *mask_new(bool builtin);
void mask_free(struct mask *mask);

/* Adds a pattern of common/pattern.h. 0; -ENOSPC: there are too many; errors of
 * pattern_compile(). */
int mask_add(struct mask *mask, const char *pattern);
/* The same for a list separated by spaces. */
int mask_add_list(struct mask *mask, const char *patterns);

enum mask_form {
	MASK_TEXT, /* anything: what was written, paths */
	MASK_ARGV, /* strings, each with a NUL behind it: a command line */
	MASK_REST, /* what may end a secret that began before: all of it, uncounted */
};

/* Is told each secret before it is covered. NULL: nobody is. */
typedef void (*mask_found_fn)(void *context, const unsigned char *secret, size_t bytes);

/* Covers all secrets in the text. Returns how many: those covered before do not count. */
size_t mask_text(const struct mask *mask, enum mask_form form, unsigned char *text, size_t bytes,
		 mask_found_fn found, void *context);

#endif
