/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A record is parsed when a cell of it is asked for, so that entries that only bounds look at cost
 * next to nothing.
 */
#include "sql/events.h"

#include <errno.h>

#include "common/escape.h"
#include "replay/timeline_build.h"

static bool is_by_time(const struct timeline *timeline, size_t index)
{
	return timeline_at(timeline, index)->rank == TIMELINE_RANK_TIME;
}

/* The first of the sorted entries that begins at that time or later. */
static size_t first_since(const struct sql_events *events, uint64_t since_ns)
{
	size_t low = 0, high = events->sorted;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (timeline_at(events->timeline, middle)->time_ns < since_ns)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void skip_late(struct sql_events *events)
{
	if (events->next < events->sorted &&
	    timeline_at(events->timeline, events->next)->time_ns > events->until_ns)
		events->next = events->sorted;
}

int sql_events_init(struct sql_events *events, const struct sql_dump *dump,
		    const struct plan_bounds *bounds, bool needs_objects)
{
	*events = (struct sql_events){
		.timeline = dump->timeline,
		.until_ns = bounds->until_ns,
		.sorted = timeline_count(dump->timeline),
	};
	while (events->sorted && !is_by_time(dump->timeline, events->sorted - 1))
		events->sorted--;
	events->next = first_since(events, bounds->since_ns);
	skip_late(events);
	if (needs_objects &&
	    objects_new(dump->timeline, dump->arch, OBJECT_STYLE_ADDRESS, &events->objects))
		return -ENOMEM;
	event_row_init(&events->row, dump->timeline, dump->arch, events->objects);
	return 0;
}

void sql_events_done(struct sql_events *events)
{
	event_row_done(&events->row);
	objects_free(events->objects);
	buf_done(&events->text);
	*events = (struct sql_events){0};
}

bool sql_events_has(const struct sql_events *events)
{
	return events->timeline && events->next < timeline_count(events->timeline);
}

void sql_events_next(struct sql_events *events)
{
	events->next++;
	skip_late(events);
}

/* The block that holds a record of the lane. */
static const struct snapshot_block *block_of(const struct snapshot_lane *lane, size_t offset)
{
	size_t low = 0, high = lane->n_blocks;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (lane->blocks[middle].offset <= offset)
			low = middle + 1;
		else
			high = middle;
	}
	return low ? &lane->blocks[low - 1] : NULL;
}

/* Block, place within it, lane; what is no record counts as in block 0, which does not exist. */
int64_t sql_events_id(const struct sql_events *events)
{
	const struct timeline_entry *entry = timeline_at(events->timeline, events->next);
	const struct snapshot_lane *lane = &timeline_snapshot(events->timeline)->lane[entry->lane];
	const struct snapshot_block *block = NULL;
	uint64_t sequence = 0, place = entry->kind;

	if (entry->kind == TIMELINE_EVENT) {
		size_t offset = (size_t)(entry->record - lane->data);

		block = block_of(lane, offset);
		sequence = block ? block->sequence : 0;
		place = block ? offset - block->offset : 0;
	}
	return (int64_t)(((sequence << 12 | (place & 0xfff)) << 2 | entry->lane) &
			 (UINT64_MAX >> 16));
}

int sql_events_cell(struct sql_events *events, unsigned column, struct view_cell *ret)
{
	if (events->set != events->next + 1) {
		event_row_set(&events->row, events->next);
		events->set = events->next + 1;
	}
	if (event_row_cell(&events->row, &event_columns[column], ret))
		return -ENOMEM;
	if (!ret->known || !ret->text)
		return 0;
	buf_clear(&events->text);
	escape_utf8(&events->text, ret->text, ret->bytes);
	if (events->text.failed)
		return -ENOMEM;
	ret->text = events->text.bytes ? events->text.data : "";
	ret->bytes = events->text.bytes;
	return 0;
}
