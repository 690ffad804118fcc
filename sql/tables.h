/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tables that SQL sees, one list: "events", the views of view/view.h, and what else a dump
 * holds, which is made as views are.  Each has the column "dump" before its own, the dump's id.
 */
#ifndef SQL_TABLES_H
#define SQL_TABLES_H

#include "replay/dump.h"
#include "view/view.h"

struct sql_table {
	const char *name;
	const char *help;
	const struct view *view; /* NULL: the entries of the tape, export/event_columns.h */
};

struct sql_column {
	const char *name;
	enum view_type type;
	bool needs_whole; /* of events: what other records tell, too */
};

#define SQL_TABLES_MAX 48

/* The table of this index; false behind the last. */
bool sql_table_at(size_t index, struct sql_table *ret);
/* The column of this index, without "dump"; false behind the last. */
bool sql_column_at(const struct sql_table *table, unsigned index, struct sql_column *ret);

/* What a table that is no view of the tape alone is made of. */
struct sql_query {
	struct view_query query; /* must stay first */
	const struct dump *dump;
};

/* The dump's own tables, for tables.c. */
extern const struct view *const own_tables[]; /* ends with NULL */

#endif
