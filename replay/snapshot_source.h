/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where the blocks of a snapshot come from if they are read as they are needed: the chunks of a
 * dump, of which the figures are known and the rest is not unpacked yet.
 */
#ifndef REPLAY_SNAPSHOT_SOURCE_H
#define REPLAY_SNAPSHOT_SOURCE_H

#include "dumper/snapshot.h"

/* Some consecutive blocks of a lane. Of their records: */
struct snapshot_part {
	uint64_t begin_ns;	    /* none began before */
	uint64_t first_ns, last_ns; /* lowest and highest time at which one was made */
	uint64_t records;
};

/* What a part may hold, apart from all that tells one record from another like it. */
typedef bool (*snapshot_wanted_fn)(void *user, uint16_t meta, uint16_t nr);

struct snapshot_source {
	/* In the order of their blocks, of which fewer are missing than there are. */
	struct snapshot_part *parts[IGREC_LANES];
	size_t n_parts[IGREC_LANES];
	uint64_t whole_ns[IGREC_LANES]; /* lane_whole_since() */

	/* Adds the part's blocks to a lane that is empty. 0, -ENOMEM, -EUCLEAN if it cannot be. */
	int (*load)(void *context, enum igrec_lane lane, size_t part, struct snapshot_lane *ret);
	/* Whether it may hold a record of a wanted kind. */
	bool (*may_hold)(void *context, enum igrec_lane lane, size_t part,
			 snapshot_wanted_fn wanted, void *user);
	void *context;
};

#endif
