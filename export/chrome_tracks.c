/* SPDX-License-Identifier: Apache-2.0 */
/* Threads of a tape -> an array to search. */
#include "export/chrome_tracks.h"

#include <errno.h>
#include <stdlib.h>

static int by_tid(const void *a, const void *b)
{
	const struct chrome_track *left = a, *right = b;

	return (left->tid > right->tid) - (left->tid < right->tid);
}

/* Of equal ones one stays. */
static size_t unite(struct chrome_track *tracks, size_t count)
{
	size_t kept = 0;

	for (size_t i = 0; i < count; i++) {
		if (!kept || tracks[i].tid != tracks[kept - 1].tid)
			tracks[kept++] = tracks[i];
	}
	return kept;
}

/* The ids of the host where the tape does not tell the container's. */
static void name(const struct tape *tape, struct chrome_tracks *tracks)
{
	for (size_t i = 0; i < timeline_count(tape->timeline); i++) {
		const struct timeline_entry *entry = timeline_at(tape->timeline, i);
		const struct timeline_task *task = timeline_task_of(tape->timeline, entry);
		struct chrome_track *track;

		if (entry->kind != TIMELINE_EVENT)
			continue;
		track = chrome_track_of(tracks, timeline_header(entry).tid);
		if (!track)
			continue;
		if (task->ns_tid)
			track->shown_tid = task->ns_tid;
		if (task->ns_tgid || task->tgid)
			track->shown_pid = task->ns_tgid ? task->ns_tgid : task->tgid;
		if (task->comm[0])
			track->comm = task->comm;
	}
}

int chrome_tracks_init(const struct tape *tape, struct chrome_tracks *ret)
{
	size_t entries = timeline_count(tape->timeline);
	struct chrome_track *all = calloc(entries + 1, sizeof(*all));
	size_t count = 0;

	if (!all)
		return -ENOMEM;
	for (size_t i = 0; i < entries; i++) {
		const struct timeline_entry *entry = timeline_at(tape->timeline, i);
		uint32_t tid;

		if (entry->kind != TIMELINE_EVENT)
			continue;
		tid = timeline_header(entry).tid;
		if (count && all[count - 1].tid == tid)
			continue;
		all[count++] = (struct chrome_track){
			.tid = tid, .shown_tid = tid, .shown_pid = tid, .comm = ""};
	}
	qsort(all, count, sizeof(*all), by_tid);
	ret->all = all;
	ret->count = unite(all, count);
	name(tape, ret);
	return 0;
}

void chrome_tracks_done(struct chrome_tracks *tracks)
{
	free(tracks->all);
}

struct chrome_track *chrome_track_of(const struct chrome_tracks *tracks, uint32_t tid)
{
	const struct chrome_track wanted = {.tid = tid};

	return bsearch(&wanted, tracks->all, tracks->count, sizeof(wanted), by_tid);
}
