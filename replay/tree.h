/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who started whom: the processes of a tape as a tree, with what each ran and how it ended.  What
 * `igrec replay --tree` prints.
 */
#ifndef REPLAY_TREE_H
#define REPLAY_TREE_H

#include <stdbool.h>
#include <stdio.h>

#include "dumper/snapshot.h"

struct tree_options {
	bool json;	 /* one object a line for each process */
	bool threads;	 /* each of them, not only how many */
	bool hide_setup; /* leave out processes that only set the container up */
	bool no_header;
};

struct tree_counts {
	size_t processes; /* that were shown */
	bool incomplete;  /* something is torn, dropped, missing or damaged */
};

/* Writes the tree to out. 0, -ENOMEM, or -errno of writing (-EPIPE when the reader has gone). */
int tree_render(const struct snapshot *snapshot, const struct tree_options *options, FILE *out,
		struct tree_counts *ret);

#endif
