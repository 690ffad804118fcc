/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two runs of the same container, compared: where they part first, and what only one of them has.
 * Threads are matched by their place in the tree of processes and what they ran; what each did is
 * aligned, without what differs between any two runs (view/diff_normal.h).
 */
#ifndef VIEW_DIFF_H
#define VIEW_DIFF_H

#include <stdio.h>

#include "view/diff_only.h"

/* A stretch of one thread that differs; of a thread that only one side has, all of it. */
struct divergence {
	uint32_t key;			     /* of the thread */
	const struct diff_thread *thread[2]; /* NULL: that side has none */
	size_t from[2], to[2];		     /* events of each; from == to: nothing */
	uint64_t time_ns[2];		     /* when it begins on each side */
	bool is_bounded; /* more than ALIGN_DIFFERENCES_MAX differ: not looked at in detail */
};

struct diff {
	struct diff_words words;
	struct diff_side side[2];
	struct diff_facts facts;
	struct divergence *divergences; /* the first first */
	size_t n_divergences, divergences_room;
	size_t matched; /* threads that both have */
};

/* Compares. 0 or -ENOMEM; diff_done() is to follow. Keeps pointers into the timelines. */
int diff_make(struct diff *diff, const struct view_query *a, const struct view_query *b);
void diff_done(struct diff *diff);

struct diff_print_options {
	const char *name[2];	/* how the sides are called: ids of the dumps */
	size_t divergences_max; /* shown in detail; 0: all */
	size_t context;		/* lines in front */
	size_t rows_max;	/* of each list; 0: all */
};

/* 0, -ENOMEM, or -errno of writing (-EPIPE when the reader has gone). */
int diff_print(struct diff *diff, const struct diff_print_options *options, FILE *out);
int diff_print_json(struct diff *diff, const struct diff_print_options *options, FILE *out);

#endif
