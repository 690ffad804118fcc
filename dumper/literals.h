/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A set of byte strings, and the places where a text holds any of them: secrets that were found
 * once are covered wherever else they stand.
 */
#ifndef DUMPER_LITERALS_H
#define DUMPER_LITERALS_H

#include <stdbool.h>
#include <stddef.h>

#define LITERALS_BYTES_MIN 6	/* shorter ones are not taken: they may be anything */
#define LITERALS_MAX	   1024 /* nor are more than these */

/* Zero-initialised is empty. */
struct literals {
	struct literal {
		unsigned char *data; /* owned */
		size_t bytes;
		int parent; /* the longest other one that it begins with, or -1 */
	} list[LITERALS_MAX];
	size_t count;
	size_t refused; /* for want of room */
	bool sorted;
	bool failed; /* memory was short */
};
void literals_done(struct literals *literals);

void literals_add(struct literals *literals, const unsigned char *data, size_t bytes);

/*
 * Covers all of them in the text with MASK_CHAR; `cut`: also one whose rest is not there any more,
 * if LITERALS_BYTES_MIN of its bytes are the text's last. Returns how many.
 */
size_t literals_cover(struct literals *literals, unsigned char *text, size_t bytes, bool cut);

#endif
