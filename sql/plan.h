/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a query says of the table "events" that lets some of the tape be left out: bounds on times,
 * a lane.  From xBestIndex, where terms are known but not their values, to xFilter, as a number and
 * a text of a letter for each value.
 */
#ifndef SQL_PLAN_H
#define SQL_PLAN_H

#include "replay/dump.h"
#include "sql/sqlite.h"
#include "sql/tables.h"

/* Bits of idxNum. */
#define PLAN_WHOLE   1 /* a column is used that takes the whole tape */
#define PLAN_OBJECTS 2 /* a column is used that says what descriptors refer to */

/*
 * Chooses the terms of a query on a table whose columns are "dump", its own, and "file". SQLITE_OK,
 * SQLITE_NOMEM, or SQLITE_CONSTRAINT: the file is not known in this order of tables.
 */
int plan_make(const struct sql_table *table, sqlite3_index_info *info);

struct plan {
	const char *file; /* NULL: none is named; borrowed from the values */
	unsigned lanes;
	/* Of CLOCK_REALTIME and before the failure; the bounds of int64_t: none. */
	int64_t since_ns, until_ns;	    /* of the beginning */
	int64_t rel_since_ns, rel_until_ns; /* the same, relative */
	int64_t end_since_ns, end_until_ns; /* of the end */
	bool is_empty;			    /* no row can fit */
};

/* Reads the values. */
void plan_read(const char *letters, sqlite3_value **values, int count, struct plan *ret);

/* CLOCK_MONOTONIC of a dump: bounds on when an entry begins, and the part that has to be read. */
struct plan_bounds {
	uint64_t since_ns, until_ns;
	struct dump_part part;
};
struct plan_bounds plan_bounds(const struct plan *plan, const struct snapshot *snapshot);
/* Whether anything may be left out at all. */
bool plan_is_part(const struct plan *plan, int number);

#endif
