/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One run, as a diff sees it: its threads, each with a key that the same thread of another run has
 * too, and what each did, as numbers.
 */
#ifndef VIEW_DIFF_SIDE_H
#define VIEW_DIFF_SIDE_H

#include "replay/process_spans.h"
#include "view/diff_align.h"
#include "view/diff_normal.h"

/* Keys and normal forms that both sides share. */
struct diff_words {
	struct keys tokens;  /* normal forms of events */
	struct keys threads; /* where it stands in the tree, what it ran, the how-manieth */
};

struct diff_thread {
	uint32_t key;	  /* number in diff_words.threads */
	uint32_t process; /* index, PROCESS_NONE */
	struct align_event *events;
	size_t count, room;
};

struct diff_side {
	struct view_query query;
	struct diff_normal normal;
	struct processes processes;
	struct process_spans spans;
	struct diff_thread *threads;
	size_t n_threads, threads_room;
	struct keys by_key; /* of a thread's key: index in threads */
	bool is_whole;	    /* no record is missing from it */
};

/* Reads a run. 0 or -ENOMEM; diff_side_done() is to follow. Keeps a pointer into the timeline. */
int diff_side_read(struct diff_side *side, const struct view_query *query,
		   struct diff_words *words);
void diff_side_done(struct diff_side *side);

/* NULL if this side has no such thread. */
const struct diff_thread *diff_side_thread(const struct diff_side *side, uint32_t key);

#endif
