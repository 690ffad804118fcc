/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Snapshots on their way to the disk: a few are written at a time, the others wait, and all
 * together keep within a budget of memory.  What became of each is told to whoever asked for it,
 * in the log, and in counters.
 */
#ifndef RECORDER_DUMP_QUEUE_H
#define RECORDER_DUMP_QUEUE_H

#include "recorder/control.h"
#include "recorder/dump_job.h"

struct dump_queue;

struct dump_queue_settings {
	struct dump_job_settings job;
	uint64_t budget_bytes; /* of snapshots; one is taken even if it is larger */
	/* The dump of a snapshot is on disk, or lost. */
	void (*on_done)(void *context, const struct snapshot *snapshot);
	void (*on_room)(void *context); /* after that, when there is room for another */
	void *context;
};

/* NULL: out of memory. */
struct dump_queue *dump_queue_new(const struct dump_queue_settings *settings);
/* To be called when it is idle. Takes NULL. */
void dump_queue_free(struct dump_queue *queue);

/* Whether a snapshot of a ring of that size keeps within the budget. To be asked before it is
 * taken: a failure can wait in its ring. */
bool dump_queue_has_room(const struct dump_queue *queue, uint64_t ring_bytes);

/*
 * Takes the snapshot over, also on failure (-ENOMEM, counted). The client, if not NULL, is
 * answered when the dump is on disk, or could not be written.
 */
int dump_queue_add(struct dump_queue *queue, struct snapshot *snapshot,
		   struct control_client *client);

/* Snapshots in it, those being written too. */
unsigned dump_queue_length(const struct dump_queue *queue);

struct dump_counts {
	uint64_t written;
	uint64_t failed;     /* could not be written; their snapshots are lost */
	uint64_t smaller;    /* of those written: they lack records for want of space */
	uint64_t left_out;   /* records that those lack */
	uint64_t made_room;  /* dumps removed at once for a new one that found the disk full */
	uint64_t bytes;	     /* of rings whose snapshots are in memory now */
	uint64_t bytes_most; /* the budget */
};
struct dump_counts dump_queue_counts(const struct dump_queue *queue);

#endif
