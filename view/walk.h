/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A view's way through a timeline: its events one by one, with who did it, what descriptors refer
 * to at that moment, and whether it was asked for.
 */
#ifndef VIEW_WALK_H
#define VIEW_WALK_H

#include "decode/event.h"
#include "replay/act.h"
#include "replay/objects.h"
#include "view/view.h"

struct walk {
	const struct view_query *query;
	struct act_table acts;
	struct objects *objects; /* as the event in hand began */
	bool hide_setup;
	size_t next;
	/* The event in hand: */
	size_t index;
	const struct timeline_entry *entry;
	const struct timeline_task *task;
	struct event event; /* arguments that its record lacks are 0 */
	enum act_kind act;  /* of a syscall or exec */
	int error;	    /* positive errno, 0: it did not fail, or is in flight */
};

/* 0 or -ENOMEM; to be given to walk_done() either way. */
int walk_init(struct walk *walk, const struct view_query *query);
/* One that knows no descriptors: `objects` is NULL. Owns nothing. */
void walk_init_plain(struct walk *walk, const struct view_query *query);
void walk_done(struct walk *walk);

/* Moves on to the next event; false behind the last. Set-up that is hidden is passed over. */
bool walk_next(struct walk *walk);
/* To an event by its index in the timeline; a plain walk in any order. */
void walk_go(struct walk *walk, size_t index);

/* Whether the event was asked for; without the conditions of filter_matches_except(). */
bool walk_wants(const struct walk *walk);
bool walk_wants_except(const struct walk *walk, unsigned except);

/* The syscall's name, valid until the next call. */
const char *walk_syscall(const struct walk *walk, char room[SYSCALL_NAME_BYTES]);

/* Of a call that moves bytes: whether its result is a number of messages instead. */
bool walk_counts_messages(const struct walk *walk);

/* The columns that begin each view of calls. */
enum {
	TASK_TIME,
	TASK_PID,
	TASK_TID,
	TASK_HOST_PID,
	TASK_COMM,
	TASK_COLUMNS,
};
#define TASK_COLUMN_ROWS                                                                           \
	[TASK_TIME] = VIEW_COLUMN("time_ns", "TIME", VIEW_TIME_NS, .right = true),                 \
	[TASK_PID] = VIEW_COLUMN("pid", "PID", VIEW_INT, .right = true),                           \
	[TASK_TID] = VIEW_COLUMN("tid", "TID", VIEW_INT, .right = true, .wide = true),             \
	[TASK_HOST_PID] =                                                                          \
		VIEW_COLUMN("host_pid", "HOST-PID", VIEW_INT, .right = true, .wide = true),        \
	[TASK_COMM] = VIEW_COLUMN("comm", "COMM", VIEW_TEXT)

struct view_rows;
/* Fills them from the event in hand. */
void walk_set_task(const struct walk *walk, struct view_rows *rows);
/* Fills two other columns with how it went; none of a call that is in flight. */
void walk_set_outcome(const struct walk *walk, struct view_rows *rows, unsigned error,
		      unsigned duration);

#endif
