/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Views: what a live tool would have shown, as rows of typed cells made of a tape.  Each view is
 * one file and one row of the table in view.c; who shows rows (a table, JSON, SQL, a page) knows
 * the columns only.  A cell holds what the tape proves, else it is unknown.
 */
#ifndef VIEW_VIEW_H
#define VIEW_VIEW_H

#include "decode/syscall_table.h"
#include "replay/filter.h"
#include "replay/timeline.h"

enum view_type {
	VIEW_TEXT, /* as it came from the container, unescaped */
	VIEW_LIST, /* texts, each with its NUL */
	VIEW_INT,
	VIEW_BOOL,
	VIEW_BYTES,	  /* a size */
	VIEW_DURATION_NS, /* column names end in _ns */
	VIEW_TIME_NS,	  /* CLOCK_REALTIME; column names end in time_ns */
};

struct view_column {
	const char *name;  /* of the JSON member and of the SQL column; no SQL keyword */
	const char *title; /* for people */
	enum view_type type;
	bool right;    /* aligned to the right */
	bool wide;     /* shown to people who ask for a wide table only */
	bool escaped;  /* text in the notation of strace, harmless to terminals */
	bool indented; /* for people: two spaces for each unit of the column "depth" */
};

/* VIEW_COLUMN("fd", "FD", VIEW_INT, .right = true) */
#define VIEW_COLUMN(column, heading, kind, ...)                                                    \
	{                                                                                          \
		.name = (column), .title = (heading), .type = (kind), ##__VA_ARGS__                \
	}

struct view_cell {
	bool known;
	int64_t number;	  /* all types but text and list; bool: 0 or 1 */
	const char *text; /* not NUL-terminated */
	size_t bytes;
};

/* What is asked of a tape. */
struct view_query {
	const struct timeline *timeline;
	enum arch arch;		     /* of the tape, from dump_arch() and arch_parse() */
	const struct filter *filter; /* which calls count; NULL: all */
	bool hide_setup; /* leave out what timeline_is_setup() tells, if there is more */
};

/*
 * Takes a row: one cell for each column of the view, valid during the call. Another result than 0
 * ends the view.
 */
typedef int (*view_row_fn)(void *user, const struct view_cell *cells);

struct view_rows;

struct view {
	const char *name;  /* "open": of the verb */
	const char *table; /* "opens": of SQL */
	const char *help;  /* one line */
	const struct view_column *columns;
	unsigned n_columns;
	/* Of columns, if rows are edges between things: a graph can be drawn. from == to: none */
	uint8_t from, to, label;
	/* How many rows are shown to people who do not say how many; 0: all. */
	unsigned rows_shown;
	/* The implementation: calls rows_put() of view/rows.h for each row. */
	int (*make)(const struct view_query *query, struct view_rows *rows);
};

#define VIEW_COLUMNS_MAX 32

extern const struct view *const views[]; /* ends with NULL */

/* NULL if there is none of this name. */
const struct view *view_find(const char *name);
/* Index of a column; -1 if it has none of this name. */
int view_column_find(const struct view *view, const char *name);

/* All rows of a view, in its order. 0, -ENOMEM, or what `row` returned. */
int view_each(const struct view *view, const struct view_query *query, view_row_fn row, void *user);

#endif
