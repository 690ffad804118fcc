/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The changes of a timeline, sorted into beginnings and ends, are played up to the entry that is
 * asked for.  A call's effect lies somewhere between its beginning and its end; what it makes is
 * worked out as it begins (objects_make.c) and holds from its end on.
 *
 * Invariant: without memory less is known, never something else.
 */
#include "replay/objects.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "replay/objects_build.h"
#include "replay/timeline_build.h"

/* Descriptors that all tables together track. */
#define OBJECTS_BUDGET (1 << 19)

DEFINE_CLEANUP(objects, struct objects *, objects_free)

/* ---- playing ------------------------------------------------------------------------------- */

static void read_event(const struct timeline_entry *entry, struct event *ret)
{
	/* Arguments that a damaged record lacks read as 0. */
	memset(ret->arg, 0, sizeof(ret->arg));
	timeline_event(entry, ret);
}

/* What the change makes is worked out once, when it is first come across. */
static void prepare(struct objects_task *task, const struct event *event,
		    struct objects_change *change)
{
	if (!change->has_begun && !change->n_made)
		objects_make(task, event, event->time_ns, change);
}

static void play(struct objects *objects, const struct objects_step *step)
{
	struct objects_change *change = &objects->changes[step->change];
	const struct timeline_entry *entry = timeline_at(objects->timeline, change->entry);
	uint32_t tgid = timeline_task_of(objects->timeline, entry)->tgid;
	struct objects_task *task;
	struct event event;

	objects_enter_epoch(objects, step->time_ns);
	read_event(entry, &event);
	task = objects_task_of(objects, event.tid, tgid);
	if (!task)
		return;
	prepare(task, &event, change);
	if (!change->has_begun)
		objects_begin(objects, task, &event, change);
	if (step->phase == OBJECTS_BEGIN)
		return;
	/* What ended with the failure is asked for after its end. */
	if (change->call.kind == FD_CALL_EXIT && entry->rank == TIMELINE_RANK_TIME)
		objects_drop_task(objects, event.tid);
	else
		objects_end(objects, task, tgid, &event, change);
	for (unsigned i = 0; i < change->n_made; i++) {
		object_unref(change->made[i].object);
		change->made[i].object = NULL;
	}
}

static bool is_before(const struct objects *objects, const struct objects_step *step,
		      uint64_t time_ns, size_t index)
{
	if (step->time_ns != time_ns || step->phase == OBJECTS_END)
		return step->time_ns <= time_ns;
	return objects->changes[step->change].entry < index;
}

static struct objects_change *find_change(struct objects *objects, size_t index)
{
	size_t low = 0, high = objects->n_changes;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (objects->changes[middle].entry < index)
			low = middle + 1;
		else
			high = middle;
	}
	return low < objects->n_changes && objects->changes[low].entry == index
		       ? &objects->changes[low]
		       : NULL;
}

void objects_seek(struct objects *objects, size_t index)
{
	const struct timeline_entry *entry = timeline_at(objects->timeline, index);
	struct objects_change *change;
	struct igrec_record header;
	struct event event;

	while (objects->next_step < objects->n_steps &&
	       is_before(objects, &objects->steps[objects->next_step], entry->time_ns, index))
		play(objects, &objects->steps[objects->next_step++]);
	objects->change = NULL;
	if (entry->kind != TIMELINE_EVENT) {
		objects->task = NULL;
		return;
	}
	objects_enter_epoch(objects, entry->time_ns);
	header = timeline_header(entry);
	objects->now_ns = entry->time_ns;
	objects->tgid = timeline_task_of(objects->timeline, entry)->tgid;
	if (!objects->task || objects->task->tid != header.tid)
		objects->task = objects_task_of(objects, header.tid, objects->tgid);
	if (!objects->task ||
	    !fd_calls_has(&objects->calls, header.nr, header.meta & IGREC_META_COMPAT))
		return;
	change = find_change(objects, index);
	if (!change)
		return;
	read_event(entry, &event);
	prepare(objects->task, &event, change);
	objects->change = change;
}

/* ---- looking ------------------------------------------------------------------------------- */

/* The pair that the call in hand makes stands in its arguments. */
static const struct object *made_by_pair(const struct objects *objects, int fd)
{
	const struct objects_change *change = objects->change;

	if (!change || change->call.kind != FD_CALL_PAIR)
		return NULL;
	for (unsigned i = 0; i < change->n_made; i++) {
		if (change->made[i].fd == fd)
			return change->made[i].object;
	}
	return NULL;
}

const struct object *objects_of_fd(const struct objects *objects, int fd)
{
	const struct objects_last *last;
	const struct object *object;

	if (!objects->task)
		return NULL;
	object = made_by_pair(objects, fd);
	if (!object)
		object = fd_table_find(objects->task->fds, fd, objects->now_ns);
	if (!object && objects->n_last) {
		last = objects_find_last(objects, objects->tgid, fd);
		object = last && last->since_ns <= objects->now_ns ? last->object : NULL;
	}
	return object && object->changed_ns <= objects->now_ns ? object : NULL;
}

const struct object *objects_of_cwd(const struct objects *objects)
{
	return objects->task ? fd_table_find(objects->task->cwd, OBJECTS_CWD, objects->now_ns)
			     : NULL;
}

const struct object *objects_of_result(const struct objects *objects, int fd)
{
	const struct objects_change *change = objects->change;

	/* It was there before, as that of dup2(3, 3). */
	if (!change)
		return objects_of_fd(objects, fd);
	return change->n_made == 1 && change->made[0].fd == fd ? change->made[0].object : NULL;
}

enum object_style objects_style(const struct objects *objects)
{
	return objects->style;
}

/* ---- making -------------------------------------------------------------------------------- */

static int add_change(struct objects *objects, size_t index, const struct fd_call *call)
{
	struct objects_change *change;

	if (timeline_grow((void **)&objects->changes, objects->n_changes, &objects->changes_room,
			  sizeof(*objects->changes)))
		return -ENOMEM;
	change = &objects->changes[objects->n_changes++];
	*change = (struct objects_change){.entry = index, .call = *call};
	return 0;
}

static int find_changes(struct objects *objects)
{
	size_t count = timeline_count(objects->timeline);

	for (size_t i = 0; i < count; i++) {
		const struct timeline_entry *entry = timeline_at(objects->timeline, i);
		struct igrec_record header;
		struct fd_call call;
		struct event event;

		if (entry->kind != TIMELINE_EVENT)
			continue;
		header = timeline_header(entry);
		if (IGREC_META_TYPE(header.meta) == IGREC_RECORD_SYSCALL &&
		    !fd_calls_has(&objects->calls, header.nr, header.meta & IGREC_META_COMPAT))
			continue;
		read_event(entry, &event);
		call = fd_call_of(&objects->calls, &event);
		if (call.kind != FD_CALL_NONE && add_change(objects, i, &call))
			return -ENOMEM;
	}
	return 0;
}

static int by_time(const void *a, const void *b)
{
	const struct objects_step *left = a, *right = b;

	if (left->time_ns != right->time_ns)
		return left->time_ns < right->time_ns ? -1 : 1;
	if (left->phase != right->phase)
		return left->phase < right->phase ? -1 : 1;
	return (left->change > right->change) - (left->change < right->change);
}

static int sort_steps(struct objects *objects)
{
	if (!objects->n_changes)
		return 0;
	objects->steps = calloc(objects->n_changes, 2 * sizeof(*objects->steps));
	if (!objects->steps)
		return -ENOMEM;
	for (size_t i = 0; i < objects->n_changes; i++) {
		const struct timeline_entry *entry =
			timeline_at(objects->timeline, objects->changes[i].entry);
		uint64_t end_ns = timeline_header(entry).time_ns;
		bool lasts = end_ns > entry->time_ns;

		if (lasts)
			objects->steps[objects->n_steps++] =
				(struct objects_step){entry->time_ns, (uint32_t)i, OBJECTS_BEGIN};
		objects->steps[objects->n_steps++] = (struct objects_step){
			end_ns, (uint32_t)i, lasts ? OBJECTS_END : OBJECTS_END_AT_ONCE};
	}
	qsort(objects->steps, objects->n_steps, sizeof(*objects->steps), by_time);
	return 0;
}

int objects_new(const struct timeline *timeline, enum arch arch, enum object_style style,
		struct objects **ret)
{
	CLEANUP(cleanup_objects) struct objects *objects = calloc(1, sizeof(*objects));

	if (!objects)
		return -ENOMEM;
	objects->timeline = timeline;
	objects->arch = arch;
	objects->style = style;
	objects->budget = OBJECTS_BUDGET;
	fd_calls_init(&objects->calls, arch);
	if (find_changes(objects) || sort_steps(objects) || objects_read_last(objects))
		return -ENOMEM;
	*ret = TAKE_PTR(objects);
	return 0;
}

void objects_free(struct objects *objects)
{
	if (!objects)
		return;
	for (unsigned i = 0; i < OBJECTS_TASK_BUCKETS; i++) {
		while (objects->buckets[i])
			objects_drop_task(objects, objects->buckets[i]->tid);
	}
	for (size_t i = 0; i < objects->n_changes; i++) {
		object_unref(objects->changes[i].made[0].object);
		if (objects->changes[i].n_made > 1)
			object_unref(objects->changes[i].made[1].object);
	}
	for (size_t i = 0; i < objects->n_last; i++)
		object_unref(objects->last[i].object);
	objects_names_forget(objects, false);
	free(objects->changes);
	free(objects->steps);
	free(objects->last);
	free(objects);
}
