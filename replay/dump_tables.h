/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tables of an open dump file, read into a snapshot as far as they check out.
 */
#ifndef REPLAY_DUMP_TABLES_H
#define REPLAY_DUMP_TABLES_H

#include "common/db.h"
#include "dumper/row.h"
#include "replay/dump_chunks.h"

/* How much of a dump is read: see replay/dump.h. */
enum dump_extent { DUMP_WHOLE, DUMP_LAZY, DUMP_HEADER };

struct dump_tables {
	struct snapshot *snapshot; /* owned */
	struct row_dump head;	   /* owned */
	char *cause;		   /* owned, NULL if none */
	struct row_lane lanes[IGREC_LANES];
	bool whole_schema;	   /* the file holds exactly the tables of a dump */
	struct dump_chunks chunks; /* that wait to be unpacked */
};

/*
 * part: leaves out what dump_open_part() does, NULL: nothing. Damage goes to `faults`, which must
 * live as long as *ret, and *ret must stay where it is. 0, -EUCLEAN if the dump row cannot be read,
 * -EPROTONOSUPPORT if its records are of a newer layout, -ENOMEM; *ret is to be freed in any case.
 */
int dump_tables_read(struct db *db, enum dump_extent extent, const struct dump_part *part,
		     struct dump_faults *faults, struct dump_tables *ret);
void dump_tables_done(struct dump_tables *tables);

#endif
