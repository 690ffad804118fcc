/* SPDX-License-Identifier: Apache-2.0 */
/* What only one of two runs has: syscalls, files, peers, errors. */
#ifndef VIEW_DIFF_ONLY_H
#define VIEW_DIFF_ONLY_H

#include "view/diff_side.h"

enum diff_fact {
	DIFF_SYSCALL,
	DIFF_FILE, /* that was opened or run */
	DIFF_PEER,
	DIFF_ERROR,
	DIFF_FACTS,
};
/* "syscall", "file", "peer", "error". */
const char *diff_fact_name(enum diff_fact fact);

struct diff_facts {
	struct keys keys; /* one byte enum diff_fact, then the text, unescaped */
	struct diff_count {
		uint64_t of[2];	 /* how often on each side */
		size_t entry[2]; /* the first */
	} * counts;
	size_t room;
};

/* Adds the facts of a side (0 or 1). 0 or -ENOMEM; diff_facts_done() is to follow. */
int diff_facts_add(struct diff_facts *facts, const struct diff_side *side, unsigned which);
void diff_facts_done(struct diff_facts *facts);

#endif
