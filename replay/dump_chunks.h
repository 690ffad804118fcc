/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The chunks of a dump, read and found to be right, but packed: all that is wanted of them goes to
 * a snapshot at once, or they wait until a timeline asks for them.
 */
#ifndef REPLAY_DUMP_CHUNKS_H
#define REPLAY_DUMP_CHUNKS_H

#include "dumper/chunk.h"
#include "dumper/row.h"
#include "replay/dump_faults.h"
#include "replay/snapshot_source.h"

struct dump_part;

struct dump_chunk_list {
	struct chunk *list; /* owned, with their data */
	size_t count;
};

/* Zero-initialised is empty. */
struct dump_chunks {
	struct dump_chunk_list lane[IGREC_LANES];
	struct snapshot_source source; /* of the snapshot, if they wait */
	struct dump_faults *faults;    /* borrowed, then */
};
void dump_chunks_done(struct dump_chunks *chunks);

/* What was left packed of a lane on purpose. */
struct dump_unread {
	uint64_t blocks, bytes;
};

/* Unpacks those that a part of the tape needs (NULL: all) and frees them. What is wrong with one
 * goes to `faults`. 0 or -ENOMEM. */
int dump_chunks_unpack(struct dump_chunks *chunks, const struct dump_part *part,
		       struct dump_faults *faults, struct snapshot *snapshot,
		       struct dump_unread ret[IGREC_LANES]);

/* Whether they are all that lanes have, in one row of blocks, of which few are missing. */
bool dump_chunks_are_whole(const struct dump_chunks *chunks,
			   const struct row_lane lanes[IGREC_LANES]);
/* Makes them the source of the snapshot's lanes. All four must stay where they are. 0 or -ENOMEM.
 */
int dump_chunks_wait(struct dump_chunks *chunks, const struct row_lane lanes[IGREC_LANES],
		     struct dump_faults *faults, struct snapshot *snapshot);

#endif
