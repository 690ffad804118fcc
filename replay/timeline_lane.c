/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One lane of a snapshot -> entries: block by block, with a gap where records are gone.  A record
 * that cannot be parsed ends its block: where the next one begins is then not known.
 */
#include <errno.h>
#include <string.h>

#include "replay/timeline_build.h"

/* More tids than this in one block: the marks of the others are found by time. */
#define BLOCK_TIDS 32

/* CPUs told apart when asking from when on a lane is whole; a node with more needs half a lane. */
#define CPUS_MAX 4096

/* Who the tids of the block in hand are, as its marks say. */
struct block_tids {
	unsigned count;
	struct {
		uint32_t tid;
		uint32_t task;
	} known[BLOCK_TIDS];
};

/* The oldest record behind the loss, and where the loss lies. */
struct lane_reader {
	struct timeline *timeline;
	enum igrec_lane lane;
	const struct snapshot_lane *from;
	uint64_t present;	/* records that the blocks here should have */
	uint64_t behind_gap_ns; /* when the oldest record behind the overwritten ones began */
	uint64_t behind_gap_end_ns;
	size_t gap_block; /* index of the first block behind them */
	uint64_t last_ns; /* end of the last whole record: when damage behind it was */
};

static uint32_t block_task(const struct block_tids *tids, uint32_t tid)
{
	for (unsigned i = tids->count; i > 0; i--) {
		if (tids->known[i - 1].tid == tid)
			return tids->known[i - 1].task;
	}
	return TIMELINE_NO_TASK;
}

static void copy_comm(char to[IGREC_COMM_BYTES + 1], const char from[IGREC_COMM_BYTES])
{
	for (unsigned i = 0; i < IGREC_COMM_BYTES; i++)
		to[i] = from[i];
	to[IGREC_COMM_BYTES] = '\0';
}

static int see_mark(struct timeline *timeline, const struct event *event, struct block_tids *tids)
{
	struct timeline_task task = {
		.tid = event->tid,
		.tgid = event->mark.tgid,
		.ns_tid = event->mark.ns_tid,
		.ns_tgid = event->mark.ns_tgid,
	};
	uint32_t index;

	copy_comm(task.comm, event->mark.comm);
	if (timeline_see(timeline, event->end_ns, &task, &index))
		return -ENOMEM;
	if (tids->count == BLOCK_TIDS)
		tids->count = 0;
	tids->known[tids->count].tid = event->tid;
	tids->known[tids->count++].task = index;
	return 0;
}

/* A child has its parent's name until it execs. */
static int see_child(struct timeline *timeline, const struct event *event, uint32_t parent)
{
	struct timeline_task task = {
		.tid = event->fork.child_tid,
		.tgid = event->fork.child_tgid,
		.ns_tid = event->fork.child_ns_tid,
		.ns_tgid = event->fork.child_ns_tgid,
	};
	uint32_t index;

	if (parent != TIMELINE_NO_TASK)
		copy_comm(task.comm, timeline->tasks[parent].comm);
	return timeline_see(timeline, event->end_ns, &task, &index);
}

/* Signals and OOM records are about their target and say who that is. */
static int see_target(struct timeline *timeline, const struct event *event)
{
	struct timeline_task task = {.tid = event->tid};
	uint32_t index;

	if (event->type == IGREC_RECORD_OOM) {
		task.tgid = event->oom.victim_tgid;
		task.ns_tgid = event->oom.victim_ns_tgid;
		if (task.tid == task.tgid)
			task.ns_tid = task.ns_tgid;
		copy_comm(task.comm, event->oom.victim_comm);
	} else {
		task.tgid = event->signal.target_tgid;
		task.ns_tid = event->signal.target_ns_tid;
		if (task.tid == task.tgid)
			task.ns_tgid = task.ns_tid;
		copy_comm(task.comm, event->signal.target_comm);
	}
	if (!task.ns_tgid || !task.ns_tid)
		return 0;
	return timeline_see(timeline, event->end_ns, &task, &index);
}

static void note_failure_cause(struct timeline *timeline, const struct event *event,
			       const unsigned char *record)
{
	const struct failure *failure = &timeline->snapshot->failure;

	if (event->type == IGREC_RECORD_SIGNAL && failure->signal &&
	    event->signal.signal == failure->signal && event->signal.target_tgid == failure->tgid)
		timeline->death_signal = record;
	if (event->type == IGREC_RECORD_OOM && event->oom.victim_tgid == failure->tgid)
		timeline->oom = record;
}

static int add_event(struct lane_reader *reader, const struct event *event,
		     const unsigned char *record, size_t bytes, struct block_tids *tids)
{
	struct timeline *timeline = reader->timeline;
	struct timeline_entry *entry = timeline_add(timeline, TIMELINE_EVENT, reader->lane);
	int err = 0;

	if (!entry)
		return -ENOMEM;
	if (event->has_mark)
		err = see_mark(timeline, event, tids);
	entry->time_ns = event->time_ns;
	entry->record = record;
	entry->record_bytes = bytes;
	entry->task = block_task(tids, event->tid);
	if (!err && event->type == IGREC_RECORD_FORK)
		err = see_child(timeline, event, entry->task);
	if (!err && (event->type == IGREC_RECORD_SIGNAL || event->type == IGREC_RECORD_OOM))
		err = see_target(timeline, event);
	note_failure_cause(timeline, event, record);
	return err;
}

static int add_damage(struct lane_reader *reader, size_t bytes)
{
	struct timeline_entry *entry;

	entry = timeline_add(reader->timeline, TIMELINE_DAMAGED, reader->lane);

	if (!entry)
		return -ENOMEM;
	entry->time_ns = reader->last_ns;
	entry->count = bytes;
	reader->timeline->damaged_bytes += bytes;
	reader->timeline->incomplete = true;
	return 0;
}

static void note_behind_gap(struct lane_reader *reader, const struct event *event)
{
	if (event->end_ns >= reader->behind_gap_end_ns)
		return;
	reader->behind_gap_end_ns = event->end_ns;
	reader->behind_gap_ns = event->time_ns;
}

static int add_block(struct lane_reader *reader, size_t index)
{
	const struct snapshot_block *block = &reader->from->blocks[index];
	struct block_tids tids = {0};
	const unsigned char *at;
	size_t left = block->bytes;

	reader->present += block->records;
	if (block->offset > reader->from->bytes || left > reader->from->bytes - block->offset)
		return add_damage(reader, left);
	at = reader->from->data + block->offset;
	while (left) {
		struct event event;
		int bytes = event_parse(at, left, reader->lane, &event);

		if (bytes < 0)
			return add_damage(reader, left);
		if (add_event(reader, &event, at, (size_t)bytes, &tids))
			return -ENOMEM;
		if (index >= reader->gap_block)
			note_behind_gap(reader, &event);
		reader->last_ns = event.end_ns;
		at += bytes;
		left -= (size_t)bytes;
	}
	return 0;
}

/*
 * The ring keeps the newest blocks. One whose writer was interrupted for long may outlive its
 * neighbours; then what is gone lies behind it, where more sequences are missing than are here.
 */
static size_t find_gap(const struct snapshot_lane *lane)
{
	size_t gap = 0;

	for (size_t i = 1; i < lane->n_blocks; i++) {
		if (lane->blocks[i].sequence - lane->blocks[i - 1].sequence > lane->n_blocks)
			gap = i;
	}
	return gap;
}

static bool first_record(const struct snapshot_lane *lane, size_t index, struct igrec_record *ret)
{
	const struct snapshot_block *block = &lane->blocks[index];

	if (block->offset > lane->bytes || lane->bytes - block->offset < sizeof(*ret) ||
	    block->bytes < sizeof(*ret))
		return false;
	memcpy(ret, lane->data + block->offset, sizeof(*ret));
	return true;
}

/*
 * When the last CPU began its first block that is still here, if each has one: a CPU goes from
 * block to block, so what it wrote to overwritten ones is older. UINT64_MAX if one has none.
 */
static uint64_t every_cpu_since(const struct snapshot_lane *lane, size_t first, uint32_t cpus)
{
	uint64_t seen[CPUS_MAX / 64] = {0};
	uint64_t since_ns = 0;
	struct igrec_record record;
	uint32_t count = 0;

	for (size_t i = first; i < lane->n_blocks; i++) {
		if (!first_record(lane, i, &record) || record.cpu >= CPUS_MAX ||
		    seen[record.cpu / 64] & 1ULL << record.cpu % 64)
			continue;
		seen[record.cpu / 64] |= 1ULL << record.cpu % 64;
		count++;
		if (record.time_ns > since_ns)
			since_ns = record.time_ns;
	}
	return count && count >= cpus ? since_ns : UINT64_MAX;
}

/*
 * A CPU leaves a block when half the lane was given out behind it (bpf/ring.bpf.h), so no record
 * of an overwritten block is younger than the middle of those that are here.
 */
uint64_t timeline_lane_whole_since(const struct snapshot_lane *lane, uint32_t cpus)
{
	uint64_t last, middle_ns = UINT64_MAX, cpus_ns;
	struct igrec_record record;
	size_t first = 0, middle;

	if (!lane->overwritten)
		return 0;
	if (!lane->n_blocks)
		return UINT64_MAX;
	last = lane->blocks[lane->n_blocks - 1].sequence;
	while (first < lane->n_blocks && lane->blocks[first].sequence + lane->n_blocks <= last)
		first++;
	middle = first;
	while (middle < lane->n_blocks &&
	       lane->blocks[middle].sequence + lane->n_blocks / 2 <= last + 1)
		middle++;
	if (middle < lane->n_blocks && first_record(lane, middle, &record))
		middle_ns = record.time_ns;
	cpus_ns = every_cpu_since(lane, first, cpus);
	return cpus_ns < middle_ns ? cpus_ns : middle_ns;
}

static int add_gap(struct lane_reader *reader, enum timeline_kind kind, uint64_t count)
{
	struct timeline_entry *entry;

	if (!count)
		return 0;
	entry = timeline_add(reader->timeline, kind, reader->lane);
	if (!entry)
		return -ENOMEM;
	entry->count = count;
	entry->time_ns = reader->behind_gap_end_ns == UINT64_MAX ? reader->timeline->zero_ns
								 : reader->behind_gap_ns;
	if (kind != TIMELINE_OVERWRITTEN)
		reader->timeline->incomplete = true;
	return 0;
}

/* Records that the counters know and that neither are here nor were lost while recording. */
static uint64_t missing_records(const struct lane_reader *reader)
{
	const struct snapshot_lane *lane = reader->from;
	uint64_t known = lane->overwritten + lane->torn_records + lane->unread + reader->present;

	return lane->written > known ? lane->written - known : 0;
}

int timeline_add_lane(struct timeline *timeline, enum igrec_lane lane)
{
	struct lane_reader reader = {
		.timeline = timeline,
		.lane = lane,
		.from = &timeline->snapshot->lane[lane],
		.behind_gap_end_ns = UINT64_MAX,
	};

	reader.gap_block = find_gap(reader.from);
	for (size_t i = 0; i < reader.from->n_blocks; i++) {
		if (add_block(&reader, i))
			return -ENOMEM;
	}
	if (add_gap(&reader, TIMELINE_OVERWRITTEN, reader.from->overwritten) ||
	    add_gap(&reader, TIMELINE_MISSING, missing_records(&reader)) ||
	    add_gap(&reader, TIMELINE_TORN, reader.from->torn_records) ||
	    add_gap(&reader, TIMELINE_DROPPED, reader.from->dropped))
		return -ENOMEM;
	return 0;
}
