/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which dumps go.  A pure plan over a list, so that it can be tested and shown (--dry-run).
 * The first and the newest dumps of a workload outlive the ones between.
 */
#ifndef STORAGE_RETENTION_H
#define STORAGE_RETENTION_H

#include "common/config.h"
#include "storage/dump_name.h"
#include "storage/store.h"

struct retention_limits {
	uint64_t total_bytes;  /* of all dumps; 0 no limit */
	uint64_t free_bytes;   /* to keep free on the filesystem; 0 no limit */
	uint64_t age_ns;       /* older ones go; 0 no limit */
	unsigned per_workload; /* dumps of one workload's container, see workload.h; 0 no limit */
};

struct retention_plan {
	size_t *remove;	     /* indexes into the list, in the order to remove */
	const char **reason; /* static text for each: "age", "workload", "size", "space", "room" */
	size_t count;
	uint64_t bytes; /* that would be freed */
};

/* The limits that the configuration sets for this store. 0, or -errno of looking at its filesystem.
 */
int retention_limits_of(const struct config *config, const struct store *store,
			struct retention_limits *ret);

/*
 * available_bytes, now_ns (CLOCK_REALTIME): facts given in, so that tests can choose them. 0 and a
 * plan for retention_plan_done(), or -ENOMEM with *ret untouched.
 */
int retention_plan(const struct store_list *list, const struct retention_limits *limits,
		   uint64_t available_bytes, int64_t now_ns, struct retention_plan *ret);
void retention_plan_done(struct retention_plan *plan);

/*
 * Room for a dump that is about to be written: at least `bytes` of others, which must matter less
 * than it. 0 and a plan; -ENOSPC if it would itself be the one to go; -ENOMEM.
 */
int retention_plan_room(const struct store_list *list, const struct dump_name *coming,
			uint64_t bytes, struct retention_plan *ret);

/* Lists, plans and removes. As retention_run(), and -ENOSPC as above with nothing removed. */
int retention_make_room(const struct store *store, const struct dump_name *coming, uint64_t bytes);

/* Lists, plans and removes. Returns how many were removed, or -errno of the first failure. */
int retention_run(const struct store *store, const struct retention_limits *limits);

#endif
