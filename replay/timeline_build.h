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

struct timeline {
	const struct snapshot *snapshot;
	struct timeline_entry *entries;
	size_t count, room;
	struct timeline_task *tasks;
	size_t n_tasks, tasks_room;
	struct timeline_sighting *sightings;
	size_t n_sightings, sightings_room;
	const unsigned char *death_signal; /* records; NULL if not on the tape */
	const unsigned char *oom;
	uint64_t zero_ns;
	uint64_t damaged_bytes;
	struct timeline_whole whole;
	bool incomplete;
};

/* Makes room for one more element of an array that grows by doubling. 0 or -ENOMEM. */
int timeline_grow(void **array, size_t count, size_t *room, size_t element_bytes);

/* Appends an entry, zeroed but for kind, lane and task (none); NULL without memory. */
struct timeline_entry *timeline_add(struct timeline *timeline, enum timeline_kind kind,
				    enum igrec_lane lane);

/* Reads a lane's blocks: events, damage, and gaps where the counters say so. 0 or -ENOMEM. */
int timeline_add_lane(struct timeline *timeline, enum igrec_lane lane);

/* A moment behind which no record of the lane is overwritten; 0 if none is. */
uint64_t timeline_lane_whole_since(const struct snapshot_lane *lane, uint32_t cpus);

/* Remembers who a tid was at a moment. 0 and the task's index, or -ENOMEM. */
int timeline_see(struct timeline *timeline, uint64_t time_ns, const struct timeline_task *task,
		 uint32_t *ret_index);
/* Gives a task to every event that has none, from the sighting nearest in time. 0 or -ENOMEM. */
int timeline_resolve_tasks(struct timeline *timeline);

/* Marks the syscalls within which threads died, and puts those of the end to the end. */
int timeline_mark_in_flight(struct timeline *timeline);

#endif
