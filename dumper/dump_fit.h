/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writing a dump where the disk is full: others make room for it as far as they matter less
 * (storage/retention.h), or less of it is written.
 */
#ifndef DUMPER_DUMP_FIT_H
#define DUMPER_DUMP_FIT_H

#include "dumper/dump_writer.h"

/* How a dump came into the store. */
struct dump_fit {
	char *file;	   /* its name within the store, owned; NULL: it did not */
	unsigned removed;  /* dumps that made room */
	uint64_t left_out; /* records that found no room */
};
void dump_fit_done(struct dump_fit *fit);

/*
 * As dump_write(); with -ENOSPC and -EDQUOT room is made and it is tried again, then with ever
 * fewer records: those of the vital lane, the newest first, are kept longest, then those of the
 * start lane, then those of the flow lane.  What was left out is what the lane's `written` counts
 * beyond the rest.  0 or the errors of dump_write(); *ret is filled in any case. The snapshot's
 * lanes then hold what was last tried.
 */
int dump_fit_write(struct snapshot *snapshot, const struct dump_cause *cause, struct store *store,
		   struct dump_fit *ret);

#endif
