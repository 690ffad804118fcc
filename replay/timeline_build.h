/* SPDX-License-Identifier: Apache-2.0 */
/* The inside of a timeline: shared by the files that build it, for them alone. */
#ifndef REPLAY_TIMELINE_BUILD_H
#define REPLAY_TIMELINE_BUILD_H

#include "replay/timeline.h"

#define TIMELINE_NO_TASK UINT32_MAX

/* What comes behind all that is sorted by time alone. */
enum timeline_rank {
	TIMELINE_RANK_TIME,
	TIMELINE_RANK_IN_FLIGHT,  /* what threads were in when the failure ended them, by thread */
	TIMELINE_RANK_LAST_EXITS, /* the ends of those threads, in the same order */
	TIMELINE_RANK_FAILURE,
};

/* A moment at which a record said who a tid was. */
struct timeline_sighting {
	uint64_t time_ns;
	uint32_t tid;
	uint32_t task; /* index */
};

/* How far a lane has been read: timeline_lane.c. */
struct timeline_lane {
	uint64_t present;	/* records that its blocks should have */
	uint64_t behind_gap_ns; /* when the oldest record behind the overwritten ones began */
	uint64_t behind_gap_end_ns;
	size_t gap_block;	      /* index of the first block behind them */
	uint64_t last_ns;	      /* end of the last whole record: when damage behind it was */
	struct snapshot_lane *loaded; /* blocks of the snapshot's parts; NULL for one that is not */
	bool *is_loaded;
};

struct timeline {
	const struct snapshot *snapshot;
	/* Up to `ready` in their order for good, behind that whatever was read. */
	struct timeline_entry *entries;
	size_t ready, count, room;
	size_t n_waiting; /* behind it, when they were last sorted */
	struct timeline_lane lanes[IGREC_LANES];
	struct timeline_task *tasks;
	size_t n_tasks, tasks_room;
	struct timeline_sighting *sightings;
	size_t n_sightings, sightings_room;
	size_t n_sorted;		   /* sightings, when they were last sorted */
	const unsigned char *death_signal; /* records; NULL if not on the tape */
	const unsigned char *oom;
	uint64_t zero_ns;
	uint64_t damaged_bytes;
	struct timeline_whole whole;
	bool incomplete;
	bool is_whole; /* all is read, and ready up to the failure */
};

/* Makes room for one more element of an array that grows by doubling. 0 or -ENOMEM. */
int timeline_grow(void **array, size_t count, size_t *room, size_t element_bytes);

/* Appends an entry, zeroed but for kind, lane and task (none); NULL without memory. */
struct timeline_entry *timeline_add(struct timeline *timeline, enum timeline_kind kind,
				    enum igrec_lane lane);

/* Makes ready to read the lanes. 0 or -ENOMEM. */
int timeline_lanes_init(struct timeline *timeline);
void timeline_lanes_done(struct timeline *timeline);
/* Reads all of a lane; parts that have records made in a stretch of time. 0 or -ENOMEM. */
int timeline_read_lane(struct timeline *timeline, enum igrec_lane lane);
int timeline_read_all(struct timeline *timeline);
int timeline_read_window(struct timeline *timeline, uint64_t from_ns, uint64_t to_ns);
/* Reads the part whose records began earliest. 0 or -ENOMEM. */
int timeline_read_next(struct timeline *timeline);
/* No record that is still to be read began before; UINT64_MAX: all are read. */
uint64_t timeline_unread_ns(const struct timeline *timeline);
/* Adds the gaps that the counters tell of, having read what lies behind them. 0 or -ENOMEM. */
int timeline_add_gaps(struct timeline *timeline);
/* lane_whole_since(), of the snapshot's or of what its source says. */
uint64_t timeline_lane_whole_since(const struct timeline *timeline, enum igrec_lane lane);

/* Remembers who a tid was at a moment. 0 and the task's index, or -ENOMEM. */
int timeline_see(struct timeline *timeline, uint64_t time_ns, const struct timeline_task *task,
		 uint32_t *ret_index);
/* Gives a task to every event behind `ready` that has none, from the sighting nearest in time, for
 * which all is read. 0 or -ENOMEM. */
int timeline_resolve_tasks(struct timeline *timeline);
/* Reads the parts in which threads may have died within a syscall. 0 or -ENOMEM. */
int timeline_read_ends(struct timeline *timeline);

/* Marks the syscalls within which threads died, and puts those of the end to the end. */
int timeline_mark_in_flight(struct timeline *timeline);

#endif
