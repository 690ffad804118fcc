/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who a tid was when: the marks, forks and signals of all lanes, sorted by tid and time, answer
 * for the events whose own block does not say (its beginning was damaged, or the block has more
 * tids than are kept).  Then the threads' ends: which syscall each died in.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>

#include "common/cleanup.h"
#include "replay/timeline_build.h"

/* A thread that was killed within a syscall exits right behind it; see DESIGN "sys_exit". */
#define DEATH_FOLLOWS_NS 100000000

#define EINTR_RESULT	      (-4)
#define ERESTARTSYS_RESULT    (-512)
#define ERESTARTNOHAND_RESULT (-514)
#define ERESTARTBLOCK_RESULT  (-516)

int timeline_see(struct timeline *timeline, uint64_t time_ns, const struct timeline_task *task,
		 uint32_t *ret_index)
{
	if (timeline_grow((void **)&timeline->tasks, timeline->n_tasks, &timeline->tasks_room,
			  sizeof(*timeline->tasks)) ||
	    timeline_grow((void **)&timeline->sightings, timeline->n_sightings,
			  &timeline->sightings_room, sizeof(*timeline->sightings)))
		return -ENOMEM;
	*ret_index = (uint32_t)timeline->n_tasks;
	timeline->sightings[timeline->n_sightings++] = (struct timeline_sighting){
		.time_ns = time_ns,
		.tid = task->tid,
		.task = *ret_index,
	};
	timeline->tasks[timeline->n_tasks++] = *task;
	return 0;
}

static int by_tid_and_time(const void *a, const void *b)
{
	const struct timeline_sighting *left = a, *right = b;

	if (left->tid != right->tid)
		return left->tid < right->tid ? -1 : 1;
	return (left->time_ns > right->time_ns) - (left->time_ns < right->time_ns);
}

/* The last sighting of the tid up to a moment, else the first one after it, else NULL. */
static const struct timeline_sighting *find_sighting(const struct timeline *timeline, uint32_t tid,
						     uint64_t time_ns)
{
	const struct timeline_sighting *all = timeline->sightings;
	size_t low = 0, high = timeline->n_sightings;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (all[middle].tid < tid ||
		    (all[middle].tid == tid && all[middle].time_ns <= time_ns))
			low = middle + 1;
		else
			high = middle;
	}
	if (low > 0 && all[low - 1].tid == tid)
		return &all[low - 1];
	if (low < timeline->n_sightings && all[low].tid == tid)
		return &all[low];
	return NULL;
}

static bool lacks_task(const struct timeline_entry *entry)
{
	return entry->kind == TIMELINE_EVENT && entry->task == TIMELINE_NO_TASK;
}

static int resolve(struct timeline *timeline, struct timeline_entry *entry)
{
	struct igrec_record header = timeline_header(entry);
	const struct timeline_sighting *sighting =
		find_sighting(timeline, header.tid, header.time_ns);

	if (sighting) {
		entry->task = sighting->task;
		return 0;
	}
	/* Not a sighting: the list stays sorted, and nothing more is known of the tid. */
	if (timeline_grow((void **)&timeline->tasks, timeline->n_tasks, &timeline->tasks_room,
			  sizeof(*timeline->tasks)))
		return -ENOMEM;
	entry->task = (uint32_t)timeline->n_tasks;
	timeline->tasks[timeline->n_tasks++] = (struct timeline_task){.tid = header.tid};
	return 0;
}

int timeline_resolve_tasks(struct timeline *timeline)
{
	size_t i = timeline->ready;
	int err = 0;

	while (i < timeline->count && !lacks_task(&timeline->entries[i]))
		i++;
	if (i == timeline->count)
		return 0;
	err = timeline_read_all(timeline);
	if (!err && timeline->n_sorted != timeline->n_sightings) {
		qsort(timeline->sightings, timeline->n_sightings, sizeof(*timeline->sightings),
		      by_tid_and_time);
		timeline->n_sorted = timeline->n_sightings;
	}
	for (; i < timeline->count && !err; i++) {
		if (lacks_task(&timeline->entries[i]))
			err = resolve(timeline, &timeline->entries[i]);
	}
	return err;
}

/* ---- in flight --------------------------------------------------------------------------- */

/* The end of a thread, and the last syscall before it. */
struct thread_end {
	uint64_t time_ns;
	uint32_t tid;
	size_t exit; /* entries */
	size_t call;
	uint64_t call_end_ns; /* 0: none */
	int signal;	      /* that killed its process; 0: none did */
	bool was_sent;	      /* to it */
};

static int by_end(const void *a, const void *b)
{
	const struct thread_end *left = a, *right = b;

	if (left->tid != right->tid)
		return left->tid < right->tid ? -1 : 1;
	return (left->time_ns > right->time_ns) - (left->time_ns < right->time_ns);
}

/* The first end of the tid at or after a moment; NULL if it lives on. */
static struct thread_end *find_end(struct thread_end *ends, size_t count, uint32_t tid,
				   uint64_t time_ns)
{
	size_t low = 0, high = count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (ends[middle].tid < tid ||
		    (ends[middle].tid == tid && ends[middle].time_ns < time_ns))
			low = middle + 1;
		else
			high = middle;
	}
	return low < count && ends[low].tid == tid ? &ends[low] : NULL;
}

static bool is_interruption(int64_t result)
{
	return (result <= ERESTARTSYS_RESULT && result >= ERESTARTNOHAND_RESULT) ||
	       result == ERESTARTBLOCK_RESULT || result == EINTR_RESULT;
}

static bool was_interrupted(const struct timeline_entry *entry)
{
	struct event event;

	timeline_event(entry, &event);
	return event.type == IGREC_RECORD_SYSCALL && is_interruption(event.result);
}

static int signal_of_exit(const struct timeline_entry *entry)
{
	struct event event;

	timeline_event(entry, &event);
	return event.exit.code & 0x7f;
}

/* Threads that ended on their way out of a syscall, not by calling exit. */
static int collect_ends(const struct timeline *timeline, struct thread_end **ret, size_t *ret_count)
{
	struct thread_end *ends = NULL;
	size_t count = 0, room = 0;

	*ret = NULL;
	*ret_count = 0;

	for (size_t i = 0; i < timeline->count; i++) {
		struct igrec_record header;

		if (timeline->entries[i].kind != TIMELINE_EVENT)
			continue;
		header = timeline_header(&timeline->entries[i]);
		if (IGREC_META_TYPE(header.meta) != IGREC_RECORD_EXIT || header.nr != IGREC_NR_NONE)
			continue;
		if (timeline_grow((void **)&ends, count, &room, sizeof(*ends))) {
			free(ends);
			return -ENOMEM;
		}
		ends[count++] = (struct thread_end){
			.time_ns = header.time_ns,
			.tid = header.tid,
			.exit = i,
			.signal = signal_of_exit(&timeline->entries[i]),
		};
	}
	if (count)
		qsort(ends, count, sizeof(*ends), by_end);
	*ret = ends;
	*ret_count = count;
	return 0;
}

int timeline_read_ends(struct timeline *timeline)
{
	AUTO_FREE struct thread_end *ends = NULL;
	size_t count;
	int err;

	err = collect_ends(timeline, &ends, &count);
	for (size_t i = 0; i < count && !err; i++)
		err = timeline_read_window(
			timeline,
			ends[i].time_ns > DEATH_FOLLOWS_NS ? ends[i].time_ns - DEATH_FOLLOWS_NS : 0,
			ends[i].time_ns);
	return err;
}

/* A tracer is told of a thread's own signals, other than SIGKILL, and before of the call's end. */
static void note_signal(const struct timeline_entry *entry, struct thread_end *ends, size_t count)
{
	struct thread_end *end;
	struct event event;

	timeline_event(entry, &event);
	end = find_end(ends, count, event.tid, event.time_ns);
	if (end && event.signal.signal != SIGKILL && event.signal.signal == end->signal &&
	    end->time_ns - event.time_ns <= DEATH_FOLLOWS_NS)
		end->was_sent = true;
}

static void find_last_calls(const struct timeline *timeline, struct thread_end *ends, size_t count)
{
	for (size_t i = 0; i < timeline->count; i++) {
		struct igrec_record header;
		struct thread_end *end;

		if (timeline->entries[i].kind != TIMELINE_EVENT)
			continue;
		header = timeline_header(&timeline->entries[i]);
		if (IGREC_META_TYPE(header.meta) == IGREC_RECORD_SIGNAL)
			note_signal(&timeline->entries[i], ends, count);
		if (IGREC_META_TYPE(header.meta) != IGREC_RECORD_SYSCALL &&
		    IGREC_META_TYPE(header.meta) != IGREC_RECORD_EXEC)
			continue;
		end = find_end(ends, count, header.tid, header.time_ns);
		if (!end || header.time_ns < end->call_end_ns)
			continue;
		end->call = i;
		end->call_end_ns = header.time_ns;
	}
}

/* When the failed process last ran another program: its other threads ended with that. */
static uint64_t last_exec_ns(const struct timeline *timeline)
{
	uint32_t tgid = timeline->snapshot->failure.tgid;
	uint64_t last_ns = 0;

	for (size_t i = 0; i < timeline->count; i++) {
		const struct timeline_entry *entry = &timeline->entries[i];
		struct igrec_record header;

		if (entry->kind != TIMELINE_EVENT || timeline->tasks[entry->task].tgid != tgid)
			continue;
		header = timeline_header(entry);
		if (IGREC_META_TYPE(header.meta) == IGREC_RECORD_EXEC && header.time_ns > last_ns)
			last_ns = header.time_ns;
	}
	return last_ns;
}

/* Whether it died with the failed process or, that being the container's init, right after. */
static bool ends_with_failure(const struct timeline *timeline, const struct thread_end *end,
			      uint64_t exec_ns)
{
	const struct failure *failure = &timeline->snapshot->failure;

	if (end->time_ns >= failure->time_ns)
		return true;
	return timeline->tasks[timeline->entries[end->exit].task].tgid == failure->tgid &&
	       end->time_ns > exec_ns;
}

int timeline_mark_in_flight(struct timeline *timeline)
{
	AUTO_FREE struct thread_end *ends = NULL;
	uint64_t exec_ns;
	size_t count;

	if (collect_ends(timeline, &ends, &count))
		return -ENOMEM;
	if (!count)
		return 0;
	find_last_calls(timeline, ends, count);
	exec_ns = last_exec_ns(timeline);
	for (size_t i = 0; i < count; i++) {
		struct thread_end *end = &ends[i];

		if (!end->call_end_ns || end->time_ns - end->call_end_ns > DEATH_FOLLOWS_NS ||
		    !was_interrupted(&timeline->entries[end->call]))
			continue;
		timeline->entries[end->call].in_flight = true;
		timeline->entries[end->call].was_sent_death = end->was_sent;
		if (!ends_with_failure(timeline, end, exec_ns))
			continue;
		timeline->entries[end->call].rank = TIMELINE_RANK_IN_FLIGHT;
		timeline->entries[end->exit].rank = TIMELINE_RANK_LAST_EXITS;
	}
	return 0;
}
