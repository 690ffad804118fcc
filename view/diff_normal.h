/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A call without what differs between any two runs of the same program: pids, addresses in memory,
 * times, inodes, how many bytes a peer sent at once, names that were surely made for this run.
 */
#ifndef VIEW_DIFF_NORMAL_H
#define VIEW_DIFF_NORMAL_H

#include "view/keys.h"
#include "view/walk.h"

/* What is known of one run. Zero-initialised before diff_normal_find(). */
struct diff_normal {
	struct keys temporary; /* paths below /tmp and its kin that the run made exclusively */
};

/* Walks a tape for its temporary names. 0 or -ENOMEM; diff_normal_done() is to follow. */
int diff_normal_find(struct diff_normal *normal, const struct view_query *query);
void diff_normal_done(struct diff_normal *normal);

/*
 * Appends the normal form of the event in hand. False, nothing appended, for what says nothing
 * about a run: calls that depend on the moment (futex, poll, clock), allocation, EAGAIN.
 */
bool diff_normal_event(const struct diff_normal *normal, const struct walk *walk, struct buf *out);
/* The same for a path, or whatever may begin with one. */
void diff_normal_path(const struct diff_normal *normal, const void *text, size_t bytes,
		      struct buf *out);

#endif
