/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The dumps of a connection: opened when a query first needs them, kept for what it asks next.
 */
#ifndef SQL_DUMPS_H
#define SQL_DUMPS_H

#include "replay/dump.h"
#include "sql/rows.h"
#include "sql/tables.h"

struct sql_dump {
	char *path;
	struct dump *dump;
	enum arch arch;
	struct timeline *timeline;
	struct sql_rows *rows[SQL_TABLES_MAX]; /* by table, as far as they were asked for */
	bool is_part;			       /* not all of the tape: for events alone */
	unsigned users;
	struct sql_dump *next;
};

/* Called for each dump when it is opened, the first time as a whole or as a part. */
typedef void sql_dump_fn(void *user, const struct dump *dump);

struct sql_dumps {
	const char *const *paths; /* of queries that name none, borrowed; NULL: the main database */
	size_t count;
	sql_dump_fn *opened; /* NULL: nobody wants to know */
	void *user;
	struct sql_dump *all; /* newest first */
	unsigned part_opens;  /* in a row */
	unsigned users;	      /* modules that hold it */
};

/* With one user. NULL without memory. */
struct sql_dumps *sql_dumps_new(void);
void sql_dumps_ref(struct sql_dumps *dumps);
void sql_dumps_unref(struct sql_dumps *dumps);

/*
 * A dump, to be given back. part: what of its tape is needed; NULL: all. 0, or an errno of
 * dump_open() with *ret_why filled; -ENOTSUP: of an architecture that this igrec does not know.
 */
int sql_dump_take(struct sql_dumps *dumps, const char *path, const struct dump_part *part,
		  struct sql_dump **ret, struct dump_fault *ret_why);
void sql_dump_give(struct sql_dumps *dumps, struct sql_dump *dump);

/* All rows of a table that is a view; owned by the dump. 0 or -ENOMEM. */
int sql_dump_rows(struct sql_dump *dump, size_t table, const struct view *view,
		  const struct sql_rows **ret);

#endif
