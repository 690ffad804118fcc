/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The processes of a timeline: parents, threads, programs run, names, ends.  What the tape does not
 * tell of those that still ran, the snapshot's list does.
 */
#ifndef REPLAY_PROCESSES_H
#define REPLAY_PROCESSES_H

#include "replay/timeline.h"

#define PROCESS_NONE UINT32_MAX

struct process_deed {
	uint64_t time_ns;
	size_t entry; /* of an exec; a name otherwise */
	bool is_exec;
	uint32_t next;			 /* index, PROCESS_NONE: the last */
	char comm[IGREC_COMM_BYTES + 1]; /* from here on */
};

struct process_thread {
	uint32_t tid, ns_tid;
	uint32_t process;	   /* index */
	uint64_t start_ns, end_ns; /* 0: not on the tape */
	int32_t code;		   /* wait status, if end_ns */
	bool is_setup;		   /* it did nothing behind the container's first exec */
	uint32_t next;
	char comm[IGREC_COMM_BYTES + 1];
};

struct process {
	uint32_t tgid, ns_tgid;		    /* 0: not known */
	uint64_t start_ns, end_ns;	    /* 0: not on the tape */
	int32_t code;			    /* wait status, if end_ns */
	bool is_setup;			    /* it did nothing behind the container's first exec */
	bool failed;			    /* it is the one that the dump is about */
	char comm[IGREC_COMM_BYTES + 1];    /* the first that is known */
	const struct snapshot_task *listed; /* in the snapshot; NULL */
	uint32_t n_threads;		    /* that are known, besides the first one */
	uint32_t n_setup_threads;	    /* of them */
	/* Indices; PROCESS_NONE: none. */
	uint32_t parent, first_child, last_child, sibling;
	uint32_t first_deed, last_deed, first_thread, last_thread;
};

struct processes {
	const struct timeline *timeline;
	struct process *all; /* a parent stands before its children */
	size_t count, room;
	struct process_deed *deeds;
	size_t n_deeds, deeds_room;
	struct process_thread *threads;
	size_t n_threads, threads_room;
	struct process_index *by_tgid, *by_tid;
};

/* What it was called last; "" if that is not known. */
const char *process_comm(const struct processes *processes, const struct process *process);

/* What it was called at a moment. */
const char *process_comm_at(const struct processes *processes, const struct process *process,
			    uint64_t time_ns);

/*
 * The process behind this one, children first, among those that come from `root`; PROCESS_NONE
 * behind the last. *depth counts the ancestors that are shown.
 */
uint32_t process_next(const struct processes *processes, uint32_t root, uint32_t index,
		      bool (*is_shown)(const void *user, const struct process *process),
		      const void *user, unsigned *depth);

/* 0, or -ENOMEM with *ret empty. Keeps pointers into the timeline and its snapshot. */
int processes_init(const struct timeline *timeline, struct processes *ret);
void processes_done(struct processes *processes);

#endif
