/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One table of a dump file, row by row, past what is damaged, checked against its checksum.
 */
#ifndef REPLAY_TABLE_WALK_H
#define REPLAY_TABLE_WALK_H

#include "common/db.h"
#include "dumper/row.h"
#include "replay/dump_faults.h"

struct table_walk {
	struct db *db;
	enum schema_table table;
	unsigned version;		     /* of the schema, for this table */
	uint64_t rows_max;		     /* more are refused */
	const struct row_checksum *expected; /* NULL if not known */
	size_t *budget;			     /* of row_read() */
	void *row;			     /* room for one */

	/* Called for each sound row; takes what the row owns or leaves it. 0, -EUCLEAN for a row
	 * that cannot be true, -ENOMEM. NULL: the table is only checked. */
	int (*visit)(void *context, void *row);
	void *context;
};

/* All damage goes to `faults`. 0 or -ENOMEM. */
int table_walk(const struct table_walk *walk, struct dump_faults *faults);

#endif
