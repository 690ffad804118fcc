/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lanes of a snapshot -> entries: part by part where the snapshot has a source, block by block,
 * with a gap where records are gone.  A record that cannot be parsed ends its block: where the next
 * one begins is then not known.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "dumper/lane_whole.h"
#include "replay/snapshot_source.h"
#include "replay/timeline_build.h"

/* No block has more records. */
#define BLOCK_TIDS (IGREC_BLOCK_BYTES / sizeof(struct igrec_record))

/* Who the tids of the block in hand are, as its marks say. */
struct block_tids {
	unsigned count;
	struct {
		uint32_t tid;
		uint32_t task;
	} known[BLOCK_TIDS];
};

struct lane_reader {
	struct timeline *timeline;
	struct timeline_lane *state;
	enum igrec_lane lane;
	const struct snapshot_lane *from;
	uint32_t place; /* of the next record in its lane */
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
	entry->place = reader->place++;
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
	entry->time_ns = reader->state->last_ns;
	entry->place = reader->place;
	entry->count = bytes;
	reader->timeline->damaged_bytes += bytes;
	reader->timeline->incomplete = true;
	return 0;
}

static void note_behind_gap(struct timeline_lane *lane, const struct event *event)
{
	if (event->end_ns >= lane->behind_gap_end_ns)
		return;
	lane->behind_gap_end_ns = event->end_ns;
	lane->behind_gap_ns = event->time_ns;
}

static int add_block(struct lane_reader *reader, size_t index)
{
	const struct snapshot_block *block = &reader->from->blocks[index];
	struct block_tids tids = {0};
	const unsigned char *at;
	size_t left = block->bytes;

	reader->state->present += block->records;
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
		if (index >= reader->state->gap_block)
			note_behind_gap(reader->state, &event);
		reader->state->last_ns = event.end_ns;
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

static int add_blocks(struct timeline *timeline, enum igrec_lane lane,
		      const struct snapshot_lane *from, uint64_t place)
{
	struct lane_reader reader = {
		.timeline = timeline,
		.state = &timeline->lanes[lane],
		.lane = lane,
		.from = from,
		.place = (uint32_t)place,
	};

	for (size_t i = 0; i < from->n_blocks; i++) {
		if (add_block(&reader, i))
			return -ENOMEM;
	}
	return 0;
}

/* ---- parts ------------------------------------------------------------------------------- */

static size_t parts_of(const struct timeline *timeline, enum igrec_lane lane,
		       const struct snapshot_part **ret)
{
	const struct snapshot_source *source = timeline->snapshot->source;

	*ret = source ? source->parts[lane] : NULL;
	return source ? source->n_parts[lane] : 0;
}

/* A part that cannot be read, although its dump looked sound. */
static int miss_part(struct timeline *timeline, enum igrec_lane lane,
		     const struct snapshot_part *part, uint64_t place)
{
	struct timeline_entry *entry = timeline_add(timeline, TIMELINE_MISSING, lane);

	if (!entry)
		return -ENOMEM;
	entry->time_ns = part->begin_ns;
	entry->count = part->records;
	entry->place = (uint32_t)place;
	timeline->incomplete = true;
	return 0;
}

static int read_part(struct timeline *timeline, enum igrec_lane lane, size_t index)
{
	const struct snapshot_source *source = timeline->snapshot->source;
	struct timeline_lane *state = &timeline->lanes[lane];
	uint64_t place = 0;
	int err;

	if (state->is_loaded[index])
		return 0;
	state->is_loaded[index] = true;
	for (size_t i = 0; i < index; i++)
		place += source->parts[lane][i].records;
	state->last_ns = source->parts[lane][index].begin_ns;
	err = source->load(source->context, lane, index, &state->loaded[index]);
	if (err == -EUCLEAN)
		return miss_part(timeline, lane, &source->parts[lane][index], place);
	return err ? err : add_blocks(timeline, lane, &state->loaded[index], place);
}

int timeline_read_lane(struct timeline *timeline, enum igrec_lane lane)
{
	const struct snapshot_part *parts;
	size_t count = parts_of(timeline, lane, &parts);
	int err = 0;

	for (size_t i = 0; i < count && !err; i++)
		err = read_part(timeline, lane, i);
	return err;
}

int timeline_read_all(struct timeline *timeline)
{
	int err = 0;

	for (int lane = 0; lane < IGREC_LANES && !err; lane++)
		err = timeline_read_lane(timeline, lane);
	return err;
}

int timeline_read_window(struct timeline *timeline, uint64_t from_ns, uint64_t to_ns)
{
	const struct snapshot_part *parts;
	int err = 0;

	for (int lane = 0; lane < IGREC_LANES; lane++) {
		size_t count = parts_of(timeline, lane, &parts);

		for (size_t i = 0; i < count && !err; i++) {
			if (parts[i].first_ns <= to_ns && parts[i].last_ns >= from_ns)
				err = read_part(timeline, lane, i);
		}
	}
	return err;
}

/* The unread part whose records began earliest; NULL if all are read. */
static const struct snapshot_part *next_part(const struct timeline *timeline, enum igrec_lane *ret,
					     size_t *ret_index)
{
	const struct snapshot_part *parts, *next = NULL;

	for (int lane = 0; lane < IGREC_LANES; lane++) {
		size_t count = parts_of(timeline, lane, &parts);

		for (size_t i = 0; i < count; i++) {
			if (timeline->lanes[lane].is_loaded[i] ||
			    (next && parts[i].begin_ns >= next->begin_ns))
				continue;
			next = &parts[i];
			*ret = lane;
			*ret_index = i;
		}
	}
	return next;
}

int timeline_read_next(struct timeline *timeline)
{
	enum igrec_lane lane;
	size_t index;

	return next_part(timeline, &lane, &index) ? read_part(timeline, lane, index) : 0;
}

uint64_t timeline_unread_ns(const struct timeline *timeline)
{
	enum igrec_lane lane;
	size_t index;
	const struct snapshot_part *next = next_part(timeline, &lane, &index);

	return next ? next->begin_ns : UINT64_MAX;
}

int timeline_read_kinds(struct timeline *timeline, timeline_wanted_fn wanted, void *user)
{
	const struct snapshot_source *source = timeline->snapshot->source;
	const struct snapshot_part *parts;
	int err = 0;

	for (int lane = 0; lane < IGREC_LANES; lane++) {
		size_t count = parts_of(timeline, lane, &parts);

		for (size_t i = 0; i < count && !err; i++) {
			if (!timeline->lanes[lane].is_loaded[i] &&
			    source->may_hold(source->context, lane, i, wanted, user))
				err = read_part(timeline, lane, i);
		}
	}
	return err;
}

/* Without a source, the lanes themselves are read. */
int timeline_lanes_init(struct timeline *timeline)
{
	const struct snapshot *snapshot = timeline->snapshot;
	const struct snapshot_part *parts;
	int err = 0;

	for (int lane = 0; lane < IGREC_LANES && !err; lane++) {
		struct timeline_lane *state = &timeline->lanes[lane];
		size_t count = parts_of(timeline, lane, &parts);

		state->behind_gap_end_ns = UINT64_MAX;
		state->loaded = calloc(count + 1, sizeof(*state->loaded));
		state->is_loaded = calloc(count + 1, sizeof(*state->is_loaded));
		if (!state->loaded || !state->is_loaded)
			return -ENOMEM;
		if (snapshot->source)
			continue;
		state->gap_block = find_gap(&snapshot->lane[lane]);
		err = add_blocks(timeline, lane, &snapshot->lane[lane], 0);
	}
	return err;
}

void timeline_lanes_done(struct timeline *timeline)
{
	const struct snapshot_part *parts;

	for (int lane = 0; lane < IGREC_LANES; lane++) {
		struct timeline_lane *state = &timeline->lanes[lane];
		size_t count = parts_of(timeline, lane, &parts);

		for (size_t i = 0; state->loaded && i < count; i++) {
			free(state->loaded[i].data);
			free(state->loaded[i].blocks);
		}
		free(state->loaded);
		free(state->is_loaded);
	}
}

/* ---- gaps -------------------------------------------------------------------------------- */

static int add_gap(struct timeline *timeline, enum igrec_lane lane, enum timeline_kind kind,
		   uint64_t count)
{
	const struct timeline_lane *state = &timeline->lanes[lane];
	struct timeline_entry *entry;

	if (!count)
		return 0;
	entry = timeline_add(timeline, kind, lane);
	if (!entry)
		return -ENOMEM;
	entry->count = count;
	entry->time_ns =
		state->behind_gap_end_ns == UINT64_MAX ? timeline->zero_ns : state->behind_gap_ns;
	if (kind != TIMELINE_OVERWRITTEN)
		timeline->incomplete = true;
	return 0;
}

/* What lies behind the loss is in the part whose records are oldest: the blocks of a source stand
 * in one row. */
static int read_behind_gap(struct timeline *timeline, enum igrec_lane lane)
{
	const struct snapshot_part *parts;
	size_t count = parts_of(timeline, lane, &parts), oldest = 0;

	for (size_t i = 1; i < count; i++) {
		if (parts[i].first_ns < parts[oldest].first_ns)
			oldest = i;
	}
	return count ? read_part(timeline, lane, oldest) : 0;
}

/* Records that the counters know and that neither are here nor were lost while recording. */
static uint64_t missing_records(const struct timeline *timeline, enum igrec_lane number)
{
	const struct snapshot_lane *lane = &timeline->snapshot->lane[number];
	const struct snapshot_part *parts;
	size_t count = parts_of(timeline, number, &parts);
	uint64_t known = lane->overwritten + lane->torn_records + lane->unread;

	for (size_t i = 0; i < count; i++)
		known += parts[i].records;
	if (!timeline->snapshot->source)
		known += timeline->lanes[number].present;
	return lane->written > known ? lane->written - known : 0;
}

static int add_gaps_of(struct timeline *timeline, enum igrec_lane lane)
{
	const struct snapshot_lane *from = &timeline->snapshot->lane[lane];
	uint64_t missing = missing_records(timeline, lane);
	int err = 0;

	if (from->overwritten || missing || from->torn_records || from->dropped)
		err = read_behind_gap(timeline, lane);
	if (err)
		return err;
	if (add_gap(timeline, lane, TIMELINE_OVERWRITTEN, from->overwritten) ||
	    add_gap(timeline, lane, TIMELINE_MISSING, missing) ||
	    add_gap(timeline, lane, TIMELINE_TORN, from->torn_records) ||
	    add_gap(timeline, lane, TIMELINE_DROPPED, from->dropped))
		return -ENOMEM;
	return 0;
}

int timeline_add_gaps(struct timeline *timeline)
{
	int err = 0;

	for (int lane = 0; lane < IGREC_LANES && !err; lane++)
		err = add_gaps_of(timeline, lane);
	return err;
}

uint64_t timeline_lane_whole_since(const struct timeline *timeline, enum igrec_lane lane)
{
	const struct snapshot *snapshot = timeline->snapshot;

	return snapshot->source ? snapshot->source->whole_ns[lane]
				: lane_whole_since(&snapshot->lane[lane], snapshot->cpus);
}
