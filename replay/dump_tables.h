/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tables of an open dump file, read into a snapshot as far as they check out.
 */
#ifndef REPLAY_DUMP_TABLES_H
#define REPLAY_DUMP_TABLES_H

#include "common/db.h"
#include "dumper/row.h"
#include "replay/dump_faults.h"

struct dump_tables {
	struct snapshot *snapshot; /* owned */
	struct row_dump head;	   /* owned */
	char *cause;		   /* owned, NULL if none */
	struct row_lane lanes[IGREC_LANES];
	bool whole_schema; /* the file holds exactly the tables of a dump */
};

/*
 * header_only: leaves out what dump_open_header() leaves out; part: what dump_open_part() does,
 * NULL: nothing. Damage goes to `faults`. 0, -EUCLEAN if the dump row cannot be read,
 * -EPROTONOSUPPORT if its records are of a newer layout, -ENOMEM; *ret is to be freed in any case.
 */
int dump_tables_read(struct db *db, bool header_only, const struct dump_part *part,
		     struct dump_faults *faults, struct dump_tables *ret);
void dump_tables_done(struct dump_tables *tables);

#endif
