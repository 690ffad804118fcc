/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The changes of a timeline, as beginnings and ends in the order of time, are played up to the
 * entry that is asked for.  A call's effect lies somewhere between its beginning and its end; what
 * it makes is worked out as it begins (objects_make.c) and holds from its end on.
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

static void read_event(const struct timeline_entry *entry, struct event *ret)
{
	/* Arguments that a damaged record lacks read as 0. */
	memset(ret->arg, 0, sizeof(ret->arg));
	timeline_event(entry, ret);
}

/* ---- taking -------------------------------------------------------------------------------- */

static bool is_earlier(const struct objects *objects, const struct objects_step *left,
		       const struct objects_step *right)
{
	if (left->time_ns != right->time_ns)
		return left->time_ns < right->time_ns;
	if (left->phase != right->phase)
		return left->phase < right->phase;
	return objects->changes[left->change].order < objects->changes[right->change].order;
}

static int add_step(struct objects *objects, struct objects_step step)
{
	size_t at = objects->n_steps;

	if (timeline_grow((void **)&objects->steps, at, &objects->steps_room,
			  sizeof(*objects->steps)))
		return -ENOMEM;
	objects->n_steps++;
	for (; at && is_earlier(objects, &step, &objects->steps[(at - 1) / 2]); at = (at - 1) / 2)
		objects->steps[at] = objects->steps[(at - 1) / 2];
	objects->steps[at] = step;
	return 0;
}

/* The earliest one. */
static void drop_step(struct objects *objects)
{
	struct objects_step *steps = objects->steps, last = steps[--objects->n_steps];
	size_t at = 0, child;

	while ((child = 2 * at + 1) < objects->n_steps) {
		if (child + 1 < objects->n_steps &&
		    is_earlier(objects, &steps[child + 1], &steps[child]))
			child++;
		if (!is_earlier(objects, &steps[child], &last))
			break;
		steps[at] = steps[child];
		at = child;
	}
	steps[at] = last;
}

struct fd_call objects_call_of(const struct objects *objects, const struct timeline_entry *entry,
			       struct event *ret)
{
	struct igrec_record header;

	if (entry->kind != TIMELINE_EVENT)
		return (struct fd_call){.kind = FD_CALL_NONE};
	header = timeline_header(entry);
	if (IGREC_META_TYPE(header.meta) == IGREC_RECORD_SYSCALL &&
	    !fd_calls_has(&objects->calls, header.nr, header.meta & IGREC_META_COMPAT))
		return (struct fd_call){.kind = FD_CALL_NONE};
	read_event(entry, ret);
	return fd_call_of(&objects->calls, ret);
}

static int take_entry(struct objects *objects, const struct timeline_entry *entry, size_t order)
{
	struct event event;
	struct fd_call call = objects_call_of(objects, entry, &event);
	uint32_t number = (uint32_t)objects->n_changes;
	bool lasts;
	int err;

	if (call.kind == FD_CALL_NONE)
		return 0;
	if (timeline_grow((void **)&objects->changes, objects->n_changes, &objects->changes_room,
			  sizeof(*objects->changes)))
		return -ENOMEM;
	objects->changes[objects->n_changes++] =
		(struct objects_change){.entry = *entry, .order = order, .call = call};
	lasts = event.end_ns > entry->time_ns;
	err = lasts ? add_step(objects,
			       (struct objects_step){entry->time_ns, number, OBJECTS_BEGIN})
		    : 0;
	return err ? err
		   : add_step(objects,
			      (struct objects_step){event.end_ns, number,
						    lasts ? OBJECTS_END : OBJECTS_END_AT_ONCE});
}

/* What comes last on the tape began long before, and is known from the beginning on. */
static int take_last(struct objects *objects)
{
	const struct timeline_entry *entries;
	size_t count = timeline_read_entries(objects->timeline, &entries);
	int err = 0;

	for (size_t i = 0; i < count && !err; i++) {
		if (entries[i].rank != TIMELINE_RANK_TIME)
			err = take_entry(objects, &entries[i], SIZE_MAX / 2 + i);
	}
	objects->n_last_changes = objects->n_changes;
	return err;
}

/* Up to an entry. Without memory, changes are missed and names may be stale, so none is told. */
static void take_entries(struct objects *objects, size_t last)
{
	for (; objects->next_entry <= last; objects->next_entry++) {
		const struct timeline_entry *entry =
			timeline_at(objects->timeline, objects->next_entry);

		if (entry->rank == TIMELINE_RANK_TIME &&
		    take_entry(objects, entry, objects->next_entry))
			objects->failed = true;
	}
}

/* ---- playing ------------------------------------------------------------------------------- */

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
	const struct timeline_entry *entry = &change->entry;
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
		      uint64_t time_ns, size_t order)
{
	if (step->time_ns != time_ns || step->phase == OBJECTS_END)
		return step->time_ns <= time_ns;
	return objects->changes[step->change].order < order;
}

/* The change that an entry is; those up to it have been taken. */
static struct objects_change *find_change(struct objects *objects,
					  const struct timeline_entry *entry, size_t index)
{
	struct objects_change *last =
		objects->n_changes ? &objects->changes[objects->n_changes - 1] : NULL;

	if (entry->rank == TIMELINE_RANK_TIME)
		return last && last->order == index ? last : NULL;
	for (size_t i = 0; i < objects->n_last_changes; i++) {
		if (objects->changes[i].entry.record == entry->record)
			return &objects->changes[i];
	}
	return NULL;
}

static void play_up_to(struct objects *objects, uint64_t time_ns, size_t order)
{
	while (objects->n_steps && is_before(objects, &objects->steps[0], time_ns, order)) {
		struct objects_step step = objects->steps[0];

		drop_step(objects);
		play(objects, &step);
	}
}

void objects_seek(struct objects *objects, size_t index)
{
	const struct timeline_entry *entry = timeline_at(objects->timeline, index);
	struct objects_change *change;
	struct igrec_record header;
	struct event event;

	take_entries(objects, index);
	change = find_change(objects, entry, index);
	play_up_to(objects, entry->time_ns, change ? change->order : index);
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
	if (!objects->task || !change ||
	    !fd_calls_has(&objects->calls, header.nr, header.meta & IGREC_META_COMPAT))
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

	if (!objects->task || objects->failed)
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

/* ---- making and freeing -------------------------------------------------------------------- */

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
	if (objects_read_last(objects) || take_last(objects))
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
