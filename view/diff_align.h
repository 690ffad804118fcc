/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two sequences, aligned: Myers, "An O(ND) Difference Algorithm", 1986; with a bound on the number
 * of differences, which bounds time and memory.
 */
#ifndef VIEW_DIFF_ALIGN_H
#define VIEW_DIFF_ALIGN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ALIGN_DIFFERENCES_MAX 1000 /* calls; 4 MB, and so many passes over the longer side */

struct align_event {
	uint32_t token; /* the same for what is the same */
	uint32_t entry; /* the caller's */
};

/* A stretch that differs: [a_from, a_to) of one, [b_from, b_to) of the other. */
struct align_hunk {
	size_t a_from, a_to, b_from, b_to;
};

/* Zero-initialised; to be freed by the caller. */
struct align_hunks {
	struct align_hunk *all;
	size_t count, room;
	bool is_bounded; /* they differ more: one hunk from the first difference to the last */
};

/* 0 or -ENOMEM. */
int align(const struct align_event *a, size_t a_count, const struct align_event *b, size_t b_count,
	  struct align_hunks *ret);

#endif
