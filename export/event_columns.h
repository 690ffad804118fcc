/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The entries of a tape as rows of typed columns, in one table: those of CSV, and of the table
 * "events" in SQL. Names and meanings are those of `igrec replay --json` where that has them. Each
 * cell is made when it is asked for.
 */
#ifndef EXPORT_EVENT_COLUMNS_H
#define EXPORT_EVENT_COLUMNS_H

#include "common/buf.h"
#include "replay/render.h"
#include "replay/timeline.h"
#include "view/view.h"

struct event_row {
	const struct timeline *timeline;
	struct objects *objects; /* NULL: for columns that need none */
	enum arch arch;
	/* The entry in hand, from event_row_set(): */
	size_t index;
	const struct timeline_entry *entry;
	const struct timeline_task *task;
	struct event event; /* if entry->kind is TIMELINE_EVENT */
	/* Memory that is used again from row to row: */
	struct replay_options options;
	struct render render;
	struct buf text; /* of the last cell */
};

struct event_column {
	const char *name;
	enum view_type type;
	bool needs_objects; /* what descriptors refer to, which takes the tape from its begin on */
	bool needs_whole;   /* what other records tell: objects, or how its thread ended */
	bool repeats;	    /* what others say, in one: not in CSV */
	/* Sets *ret if it is known; a text is in row->text or outlives the row. */
	void (*get)(struct event_row *row, struct view_cell *ret);
};

extern const struct event_column event_columns[]; /* ends with a row without name */

/* Everything given is borrowed until event_row_done(). */
void event_row_init(struct event_row *row, const struct timeline *timeline, enum arch arch,
		    struct objects *objects);
void event_row_done(struct event_row *row);

/* Moves on to an entry; row->objects is moved too, so indices must not fall then. */
void event_row_set(struct event_row *row, size_t index);

/* One cell, valid until the next one or the next entry. 0 or -ENOMEM. */
int event_row_cell(struct event_row *row, const struct event_column *column, struct view_cell *ret);

#endif
