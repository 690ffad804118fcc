/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Snapshot -> timeline.  Lanes are read one by one (timeline_lane.c), tasks are found
 * (timeline_tasks.c), then all is sorted by time and the failure put behind it.
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
		order = compare((uintptr_t)left->record, (uintptr_t)right->record);
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
	const struct snapshot *snapshot = timeline->snapshot;
	struct timeline_whole whole = {.start_from_ns = UINT64_MAX};

	for (int lane = 0; lane < IGREC_LANES; lane++) {
		uint64_t since_ns =
			timeline_lane_whole_since(&snapshot->lane[lane], snapshot->cpus);

		if (since_ns > whole.since_ns)
			whole.since_ns = since_ns;
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
	if (timeline->incomplete)
		whole = (struct timeline_whole){.start_from_ns = UINT64_MAX,
						.since_ns = UINT64_MAX};
	timeline->whole = whole;
}

int timeline_new(const struct snapshot *snapshot, struct timeline **ret)
{
	CLEANUP(cleanup_timeline) struct timeline *timeline = calloc(1, sizeof(*timeline));
	int err = 0;

	if (!timeline)
		return -ENOMEM;
	timeline->snapshot = snapshot;
	timeline->zero_ns =
		snapshot->failure.time_ns ? snapshot->failure.time_ns : snapshot->taken_ns;
	for (int lane = 0; !err && lane < IGREC_LANES; lane++)
		err = timeline_add_lane(timeline, lane);
	if (!err)
		err = timeline_resolve_tasks(timeline);
	if (!err)
		err = timeline_mark_in_flight(timeline);
	if (err)
		return err;
	note_whole(timeline);
	if (timeline->count)
		qsort(timeline->entries, timeline->count, sizeof(*timeline->entries), by_order);
	err = add_failure(timeline);
	if (err)
		return err;
	*ret = TAKE_PTR(timeline);
	return 0;
}

void timeline_free(struct timeline *timeline)
{
	if (!timeline)
		return;
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
	return timeline->whole;
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
	for (size_t i = 0; i < timeline_count(timeline); i++) {
		const struct timeline_entry *entry = timeline_at(timeline, i);

		if (entry->kind == TIMELINE_EVENT && !timeline_is_setup(entry) &&
		    IGREC_META_TYPE(timeline_header(entry).meta) == IGREC_RECORD_EXEC)
			return true;
	}
	return false;
}
