/* SPDX-License-Identifier: Apache-2.0 */
/* The rows of the table "events" of one dump: entries of its tape within bounds of time. */
#ifndef SQL_EVENTS_H
#define SQL_EVENTS_H

#include "export/event_columns.h"
#include "sql/dumps.h"
#include "sql/plan.h"

/* Zero-initialised: no rows. */
struct sql_events {
	const struct timeline *timeline; /* NULL: none */
	uint64_t until_ns;
	size_t next, sorted; /* entries from `sorted` on are not by time: they belong to the end */
	size_t set;	     /* the entry that `row` has, + 1 */
	struct objects *objects;
	struct event_row row;
	struct buf text; /* the last cell's */
};

/* 0 or -ENOMEM; to be given to sql_events_done() either way. */
int sql_events_init(struct sql_events *events, const struct sql_dump *dump,
		    const struct plan_bounds *bounds, bool needs_objects);
void sql_events_done(struct sql_events *events);

bool sql_events_has(const struct sql_events *events);
void sql_events_next(struct sql_events *events);
/* The number of the entry in hand, whatever part of the tape was read: SQLite knows rows by it. */
int64_t sql_events_id(const struct sql_events *events);
/* A cell of the row in hand, texts as valid UTF-8; valid until the next one. 0 or -ENOMEM. */
int sql_events_cell(struct sql_events *events, unsigned column, struct view_cell *ret);

#endif
