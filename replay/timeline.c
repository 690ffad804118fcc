/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Snapshot -> timeline.  Lanes are read (timeline_lane.c) as far as they are needed, tasks are
 * found (timeline_tasks.c), and what nothing unread can precede is sorted by time; in the end the
 * failure is put behind it.
 *
 * Invariant: every event entry's record was parsed once without fault, so parsing it again for a
 * reader cannot fail.
 */
#include "replay/timeline.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/grow.h"
#include "replay/timeline_build.h"

DEFINE_CLEANUP(timeline, struct timeline *, timeline_free)

int timeline_grow(void **array, size_t count, size_t *room, size_t element_bytes)
{
	return grow_array(array, count, room, element_bytes);
}

struct timeline_entry *timeline_add(struct timeline *timeline, enum timeline_kind kind,
				    enum igrec_lane lane)
{
	struct timeline_entry *entry;

	if (timeline_grow((void **)&timeline->entries, timeline->count, &timeline->room,
			  sizeof(*timeline->entries)))
		return NULL;
	entry = &timeline->entries[timeline->count++];
	*entry = (struct timeline_entry){.kind = kind, .lane = lane, .task = TIMELINE_NO_TASK};
	return entry;
}

struct igrec_record timeline_header(const struct timeline_entry *entry)
{
	struct igrec_record header;

	memcpy(&header, entry->record, sizeof(header));
	return header;
}

static uint32_t thread_of(const struct timeline_entry *entry)
{
	return timeline_header(entry).tid;
}

static int compare(uint64_t left, uint64_t right)
{
	return (left > right) - (left < right);
}

/* Gaps stand before what follows them; records of one lane that tie, in the order of the ring. */
static int by_order(const void *a, const void *b)
{
	const struct timeline_entry *left = a, *right = b;
	int order = compare(left->rank, right->rank);

	if (!order && left->rank != TIMELINE_RANK_TIME)
		order = compare(thread_of(left), thread_of(right));
	if (!order)
		order = compare(left->time_ns, right->time_ns);
	if (!order)
		order = compare(left->kind == TIMELINE_EVENT, right->kind == TIMELINE_EVENT);
	if (!order)
		order = compare(left->lane, right->lane);
	if (!order)
		order = compare(left->place, right->place);
	return order ? order : compare(left->kind, right->kind);
}

static int add_failure(struct timeline *timeline)
{
	struct timeline_entry *entry = timeline_add(timeline, TIMELINE_FAILURE, 0);

	if (!entry)
		return -ENOMEM;
	entry->time_ns = timeline->zero_ns;
	entry->rank = TIMELINE_RANK_FAILURE;
	return 0;
}

/* The start lane takes every record from the first exec until it is full. */
static void note_whole(struct timeline *timeline)
{
	struct timeline_whole whole = {.start_from_ns = UINT64_MAX};

	for (int lane = 0; lane < IGREC_LANES; lane++) {
		uint64_t since_ns = timeline_lane_whole_since(timeline, lane);

		if (since_ns > whole.since_ns)
			whole.since_ns = since_ns;
		if (lane == IGREC_LANE_VITAL)
			whole.vital_since_ns = since_ns;
	}
	for (size_t i = 0; i < timeline->count; i++) {
		const struct timeline_entry *entry = &timeline->entries[i];
		uint64_t end_ns;

		if (entry->kind != TIMELINE_EVENT || entry->lane != IGREC_LANE_START)
			continue;
		end_ns = timeline_header(entry).time_ns;
		if (end_ns < whole.start_from_ns)
			whole.start_from_ns = end_ns;
		if (end_ns > whole.start_to_ns)
			whole.start_to_ns = end_ns;
	}
	timeline->whole = whole;
}

/* What the first entry may depend on, wherever on the tape it is. Processes begin and end in these
 * two lanes alone (docs/ARCHITECTURE.md, "Lanes"). */
static int read_first(struct timeline *timeline)
{
	int err;

	err = timeline_lanes_init(timeline);
	if (!err)
		err = timeline_read_lane(timeline, IGREC_LANE_START);
	if (!err)
		err = timeline_read_lane(timeline, IGREC_LANE_VITAL);
	if (!err)
		err = timeline_read_ends(timeline);
	if (!err)
		err = timeline_add_gaps(timeline);
	if (!err)
		err = timeline_resolve_tasks(timeline);
	if (!err)
		err = timeline_mark_in_flight(timeline);
	if (!err)
		note_whole(timeline);
	return err;
}

/*
 * Makes ready what cannot be preceded by anything unread. Of that, first as much is read as waits
 * already, so that what waits for long is not sorted again and again.
 */
static int go_on(struct timeline *timeline)
{
	size_t enough = timeline->count + timeline->n_waiting;
	uint64_t unread_ns;
	int err = 0;

	if (timeline->count == timeline->ready)
		enough = timeline->count + 1;
	while (!err && timeline->count < enough && timeline_unread_ns(timeline) != UINT64_MAX)
		err = timeline_read_next(timeline);
	if (!err)
		err = timeline_resolve_tasks(timeline);
	if (err)
		return err;
	unread_ns = timeline_unread_ns(timeline);
	if (timeline->count > timeline->ready)
		qsort(timeline->entries + timeline->ready, timeline->count - timeline->ready,
		      sizeof(*timeline->entries), by_order);
	if (unread_ns == UINT64_MAX) {
		err = add_failure(timeline);
		timeline->ready = timeline->count;
		timeline->is_whole = true;
		return err;
	}
	while (timeline->ready < timeline->count &&
	       timeline->entries[timeline->ready].rank == TIMELINE_RANK_TIME &&
	       timeline->entries[timeline->ready].time_ns < unread_ns)
		timeline->ready++;
	timeline->n_waiting = timeline->count - timeline->ready;
	return 0;
}

int timeline_reach(struct timeline *timeline, size_t index)
{
	int err = 0;

	while (!err && index >= timeline->ready && !timeline->is_whole)
		err = go_on(timeline);
	return err ? err : index < timeline->ready;
}

int timeline_open(const struct snapshot *snapshot, struct timeline **ret)
{
	CLEANUP(cleanup_timeline) struct timeline *timeline = calloc(1, sizeof(*timeline));
	int err;

	if (!timeline)
		return -ENOMEM;
	timeline->snapshot = snapshot;
	timeline->zero_ns =
		snapshot->failure.time_ns ? snapshot->failure.time_ns : snapshot->taken_ns;
	err = read_first(timeline);
	if (err)
		return err;
	*ret = TAKE_PTR(timeline);
	return 0;
}

int timeline_new(const struct snapshot *snapshot, struct timeline **ret)
{
	CLEANUP(cleanup_timeline) struct timeline *timeline = NULL;
	int err;

	err = timeline_open(snapshot, &timeline);
	if (!err)
		err = timeline_read_all(timeline);
	if (!err)
		err = timeline_reach(timeline, SIZE_MAX);
	if (err < 0)
		return err;
	*ret = TAKE_PTR(timeline);
	return 0;
}

void timeline_free(struct timeline *timeline)
{
	if (!timeline)
		return;
	timeline_lanes_done(timeline);
	free(timeline->entries);
	free(timeline->tasks);
	free(timeline->sightings);
	free(timeline);
}

const struct snapshot *timeline_snapshot(const struct timeline *timeline)
{
	return timeline->snapshot;
}

size_t timeline_count(const struct timeline *timeline)
{
	return timeline->ready;
}

size_t timeline_read_entries(const struct timeline *timeline, const struct timeline_entry **ret)
{
	*ret = timeline->entries;
	return timeline->count;
}

const struct timeline_entry *timeline_at(const struct timeline *timeline, size_t index)
{
	return &timeline->entries[index];
}

void timeline_event(const struct timeline_entry *entry, struct event *ret)
{
	int bytes = event_parse(entry->record, entry->record_bytes, entry->lane, ret);

	assert(bytes > 0);
	(void)bytes;
}

const struct timeline_task *timeline_task_of(const struct timeline *timeline,
					     const struct timeline_entry *entry)
{
	static const struct timeline_task nobody;

	return entry->task == TIMELINE_NO_TASK ? &nobody : &timeline->tasks[entry->task];
}

uint64_t timeline_zero_ns(const struct timeline *timeline)
{
	return timeline->zero_ns;
}

static bool parse_kept(const unsigned char *record, struct event *ret)
{
	struct igrec_record header;

	if (!record)
		return false;
	__builtin_memcpy(&header, record, sizeof(header));
	return event_parse(record, header.bytes, IGREC_LANE_VITAL, ret) > 0;
}

bool timeline_death_signal(const struct timeline *timeline, struct event *ret)
{
	return parse_kept(timeline->death_signal, ret);
}

bool timeline_oom(const struct timeline *timeline, struct event *ret)
{
	return parse_kept(timeline->oom, ret);
}

struct timeline_whole timeline_whole(const struct timeline *timeline)
{
	static const struct timeline_whole nothing = {
		.start_from_ns = UINT64_MAX, .since_ns = UINT64_MAX, .vital_since_ns = UINT64_MAX};

	return timeline->incomplete ? nothing : timeline->whole;
}

uint64_t timeline_damaged_bytes(const struct timeline *timeline)
{
	return timeline->damaged_bytes;
}

bool timeline_is_incomplete(const struct timeline *timeline)
{
	return timeline->incomplete;
}

bool timeline_is_setup(const struct timeline_entry *entry)
{
	return entry->kind == TIMELINE_EVENT && (timeline_header(entry).meta & IGREC_META_SETUP);
}

bool timeline_has_started(const struct timeline *timeline)
{
	for (size_t i = 0; i < timeline->count; i++) {
		const struct timeline_entry *entry = &timeline->entries[i];

		if (entry->kind == TIMELINE_EVENT && !timeline_is_setup(entry) &&
		    IGREC_META_TYPE(timeline_header(entry).meta) == IGREC_RECORD_EXEC)
			return true;
	}
	return false;
}
