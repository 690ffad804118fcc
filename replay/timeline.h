/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tape in the order of time: the records of all lanes of a snapshot, with who each task was,
 * what is missing where, and the failure as the last entry.
 */
#ifndef REPLAY_TIMELINE_H
#define REPLAY_TIMELINE_H

#include "decode/event.h"
#include "dumper/snapshot.h"

enum timeline_kind {
	TIMELINE_EVENT,
	TIMELINE_OVERWRITTEN, /* `count` records of the lane are no longer there */
	TIMELINE_TORN,	      /* `count` records were being written while they were copied */
	TIMELINE_DROPPED,     /* `count` records found no room; when is not known */
	TIMELINE_MISSING,     /* `count` records are missing from the dump: damaged parts */
	TIMELINE_DAMAGED,     /* `count` bytes of a block are no records */
	TIMELINE_FAILURE,
};

/* Who did it. Ids are 0 and comm "" where the tape does not tell. */
struct timeline_task {
	uint32_t tid, tgid;	  /* of the host */
	uint32_t ns_tid, ns_tgid; /* in the container's pid namespace */
	char comm[IGREC_COMM_BYTES + 1];
};

struct timeline_entry {
	uint64_t time_ns; /* CLOCK_MONOTONIC, the order's key unless in flight */
	uint64_t count;
	const unsigned char *record; /* event: within the snapshot */
	uint32_t record_bytes;
	uint32_t task;	     /* event: index for timeline_task_of() */
	uint32_t place;	     /* of the record in its lane */
	uint8_t kind;	     /* enum timeline_kind */
	uint8_t lane;	     /* enum igrec_lane */
	uint8_t rank;	     /* of the order: see timeline_build.h */
	bool in_flight;	     /* its thread died within this syscall */
	bool was_sent_death; /* in flight: of a signal that was sent to this very thread */
};

struct timeline;

/* Keeps pointers into the snapshot, which must outlive it. 0 or -ENOMEM. */
int timeline_new(const struct snapshot *snapshot, struct timeline **ret);
/*
 * The same, but of a snapshot with a source only what the first entries need is read. More is read
 * by timeline_reach(); the entries are the same in the end. What is said below of the whole tape
 * holds, but for damage that is not met yet.
 */
int timeline_open(const struct snapshot *snapshot, struct timeline **ret);
/* Until there is an entry `index`: 1, or 0 if the tape ends before, or -ENOMEM. Pointers to entries
 * and tasks are good up to the next call that reads. */
int timeline_reach(struct timeline *timeline, size_t index);

/* Of a timeline that was opened: reads what may hold records of a wanted kind. 0 or -ENOMEM. */
typedef bool (*timeline_wanted_fn)(void *user, uint16_t meta, uint16_t nr);
int timeline_read_kinds(struct timeline *timeline, timeline_wanted_fn wanted, void *user);
/* All entries that were read, in no order: their number and the first. */
size_t timeline_read_entries(const struct timeline *timeline, const struct timeline_entry **ret);

void timeline_free(struct timeline *timeline);

const struct snapshot *timeline_snapshot(const struct timeline *timeline);
/* Those in their order; for timeline_at(). */
size_t timeline_count(const struct timeline *timeline);
const struct timeline_entry *timeline_at(const struct timeline *timeline, size_t index);
/* The record of an event entry, parsed again; its pointers lead into the snapshot. */
void timeline_event(const struct timeline_entry *entry, struct event *ret);
/* Its header alone, which is quicker. time_ns there is when the record was made. */
struct igrec_record timeline_header(const struct timeline_entry *entry);
const struct timeline_task *timeline_task_of(const struct timeline *timeline,
					     const struct timeline_entry *entry);

/* When it failed (requests: when it was taken): zero of relative times. */
uint64_t timeline_zero_ns(const struct timeline *timeline);
/* The signal that killed the failed process, and the OOM killer's choice; false if not on tape. */
bool timeline_death_signal(const struct timeline *timeline, struct event *ret);
bool timeline_oom(const struct timeline *timeline, struct event *ret);

/*
 * Whether the entry is a deed of the runtime's init before the container's first exec, and
 * whether that exec is on the tape: if not, those deeds are all there is to show.
 */
bool timeline_is_setup(const struct timeline_entry *entry);
bool timeline_has_started(const struct timeline *timeline);

/*
 * The stretches of time of which no record is missing: those of the start lane, and from a moment
 * that lies behind whatever was overwritten to the end. Both are empty if records are missing at
 * an unknown time (timeline_is_incomplete()).
 */
struct timeline_whole {
	uint64_t start_from_ns, start_to_ns; /* by when records were made; from > to: empty */
	uint64_t since_ns;		     /* 0: nothing was overwritten */
	uint64_t vital_since_ns; /* the same of what that lane takes: forks, execs, ... */
};
struct timeline_whole timeline_whole(const struct timeline *timeline);

/* Bytes that are no records; 0 in a whole dump. */
uint64_t timeline_damaged_bytes(const struct timeline *timeline);
/* Whether anything is torn, dropped, missing or damaged. Overwriting is what rings do. */
bool timeline_is_incomplete(const struct timeline *timeline);

#endif
