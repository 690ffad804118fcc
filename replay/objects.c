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
#include <linux/sched.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "replay/objects_build.h"
#include "replay/timeline_build.h"

/* Descriptors that all tables together track. */
#define OBJECTS_BUDGET (1 << 19)

DEFINE_CLEANUP(objects, struct objects *, objects_free)

/* ---- tasks --------------------------------------------------------------------------------- */

static struct objects_task **bucket_of(struct objects *objects, uint32_t tid)
{
	return &objects->buckets[tid % OBJECTS_TASK_BUCKETS];
}

static struct objects_task *find_task(struct objects *objects, uint32_t tid)
{
	struct objects_task *task = *bucket_of(objects, tid);

	while (task && task->tid != tid)
		task = task->next;
	return task;
}

static void task_free(struct objects_task *task)
{
	fd_table_unref(task->fds);
	fd_table_unref(task->cwd);
	free(task);
}

static void drop_task(struct objects *objects, uint32_t tid)
{
	struct objects_task **at = bucket_of(objects, tid);
	struct objects_task *task;

	while (*at && (*at)->tid != tid)
		at = &(*at)->next;
	task = *at;
	if (!task)
		return;
	*at = task->next;
	if (objects->task == task)
		objects->task = NULL;
	task_free(task);
}

/* Takes the tables over, also on failure. */
static struct objects_task *add_task(struct objects *objects, uint32_t tid, struct fd_table *fds,
				     struct fd_table *cwd)
{
	struct objects_task **bucket = bucket_of(objects, tid);
	struct objects_task *task = calloc(1, sizeof(*task));

	if (!task || !fds || !cwd) {
		fd_table_unref(fds);
		fd_table_unref(cwd);
		free(task);
		return NULL;
	}
	drop_task(objects, tid);
	*task = (struct objects_task){.next = *bucket, .tid = tid, .fds = fds, .cwd = cwd};
	*bucket = task;
	return task;
}

static struct objects_task *add_unknown(struct objects *objects, uint32_t tid)
{
	return add_task(objects, tid, fd_table_new(&objects->budget),
			fd_table_new(&objects->budget));
}

/* The task of a tid; one that is seen for the first time shares with its process. */
static struct objects_task *task_of(struct objects *objects, uint32_t tid, uint32_t tgid)
{
	struct objects_task *task = find_task(objects, tid), *leader;

	if (task)
		return task;
	if (!tgid) {
		task = add_unknown(objects, tid);
		if (task) {
			fd_table_blind(task->fds);
			fd_table_blind(task->cwd);
		}
		return task;
	}
	leader = find_task(objects, tgid);
	if (!leader)
		leader = add_unknown(objects, tgid);
	if (!leader || tid == tgid)
		return leader;
	return add_task(objects, tid, fd_table_ref(leader->fds), fd_table_ref(leader->cwd));
}

/* ---- what a change does --------------------------------------------------------------------- */

/*
 * Stretches of time that differ in what is on the tape. 1 and 3: all records. In the others some
 * may be missing.
 */
static unsigned epoch_of(const struct objects *objects, uint64_t time_ns)
{
	struct timeline_whole whole = timeline_whole(objects->timeline);

	if (time_ns >= whole.since_ns && !(whole.start_from_ns <= whole.since_ns &&
					   whole.since_ns <= whole.start_to_ns && whole.since_ns))
		return 3;
	if (time_ns < whole.start_from_ns)
		return time_ns >= whole.since_ns ? 3 : 0;
	if (time_ns <= whole.start_to_ns || time_ns >= whole.since_ns)
		return 1;
	return 2;
}

static bool is_whole(const struct objects *objects)
{
	return objects->epoch & 1;
}

static void enter_epoch(struct objects *objects, uint64_t time_ns)
{
	unsigned epoch = epoch_of(objects, time_ns);

	if (epoch <= objects->epoch)
		return;
	objects->epoch = epoch;
	for (unsigned i = 0; i < OBJECTS_TASK_BUCKETS; i++) {
		for (struct objects_task *task = objects->buckets[i]; task; task = task->next) {
			fd_table_forget(task->fds);
			fd_table_forget(task->cwd);
		}
	}
}

/* chroot and its kin: names mean something else from here on, in other tasks too perhaps. */
static void forget_names(struct objects *objects, struct objects_task *task,
			 const struct event *event)
{
	const struct syscall_descriptor *call = syscall_by_number(objects->arch, event->nr);

	fd_table_forget(task->fds);
	fd_table_forget(task->cwd);
	if (!call || strcmp(call->name, "pivot_root") != 0)
		return;
	for (unsigned i = 0; i < OBJECTS_TASK_BUCKETS; i++) {
		for (task = objects->buckets[i]; task; task = task->next) {
			fd_table_forget(task->fds);
			fd_table_forget(task->cwd);
		}
	}
}

static void replace(struct fd_table **table, struct fd_table *with)
{
	if (!with) {
		fd_table_blind(*table);
		return;
	}
	fd_table_unref(*table);
	*table = with;
}

static void leave_shared(struct objects_task *task, bool fds, bool cwd, uint64_t since_ns)
{
	if (fds)
		replace(&task->fds, fd_table_copy(task->fds, since_ns));
	if (cwd)
		replace(&task->cwd, fd_table_copy(task->cwd, since_ns));
}

static void end_unshare(struct objects_task *task, const struct event *event)
{
	uint64_t flags = event->arg[0];

	leave_shared(task, flags & CLONE_FILES, flags & (CLONE_FS | CLONE_NEWNS | CLONE_NEWUSER),
		     event->time_ns);
}

/*
 * Without the flags of its clone a thread is taken to share, as all threads of libraries do, and
 * of a process nothing is known.
 */
static void born(struct objects *objects, struct objects_task *parent, uint32_t parent_tgid,
		 const struct event *event)
{
	uint64_t time_ns = event->end_ns, flags = parent->clone_flags;
	bool is_thread = event->fork.child_tgid == parent_tgid;
	struct fd_table *fds, *cwd;

	if (!parent->clone_known || time_ns < parent->clone_from_ns ||
	    time_ns > parent->clone_to_ns) {
		if (!is_thread) {
			add_unknown(objects, event->fork.child_tid);
			return;
		}
		flags = CLONE_FILES | CLONE_FS;
	}
	fds = flags & CLONE_FILES ? fd_table_ref(parent->fds)
				  : fd_table_copy(parent->fds, parent->clone_from_ns);
	cwd = flags & CLONE_FS ? fd_table_ref(parent->cwd)
			       : fd_table_copy(parent->cwd, parent->clone_from_ns);
	add_task(objects, event->fork.child_tid, fds, cwd);
}

static void executed(struct objects *objects, struct objects_task *task, const struct event *event)
{
	leave_shared(task, true, true, event->time_ns);
	fd_table_exec(task->fds);
	if (event->exec.old_tid != task->tid)
		drop_task(objects, event->exec.old_tid);
}

static void close_range_begin(struct objects_task *task, const struct event *event,
			      struct objects_change *change)
{
	uint32_t first = (uint32_t)event->arg[0], last = (uint32_t)event->arg[1];
	uint32_t room = (uint32_t)fd_table_room(task->fds);

	change->n_made = 0;
	/* Sets the flag only, or unshares first: nobody looks so closely. */
	if (event->arg[2]) {
		fd_table_forget(task->fds);
		return;
	}
	change->made[0].fd = (int)(first < room ? first : room);
	change->made[1].fd = (int)(last < room ? last + 1 : room);
	for (int fd = change->made[0].fd; fd < change->made[1].fd; fd++)
		fd_table_begin(task->fds, fd);
}

static void close_range_end(struct objects_task *task, const struct event *event,
			    const struct objects_change *change)
{
	if (event->arg[2]) {
		fd_table_forget(task->fds);
		return;
	}
	for (int fd = change->made[0].fd; fd < change->made[1].fd; fd++)
		fd_table_end(task->fds, fd, NULL, CLOEXEC_UNKNOWN, event->end_ns);
}

static bool is_of_cwd(enum fd_call_kind kind)
{
	return kind == FD_CALL_CHDIR || kind == FD_CALL_FCHDIR || kind == FD_CALL_GETCWD;
}

static void begin(struct objects *objects, struct objects_task *task, const struct event *event,
		  struct objects_change *change)
{
	struct fd_table *table = is_of_cwd(change->call.kind) ? task->cwd : task->fds;

	change->has_begun = true;
	if (change->call.kind == FD_CALL_CLONE) {
		task->clone_known = fd_call_clone_flags(event, objects->arch, &task->clone_flags);
		task->clone_from_ns = event->time_ns;
		task->clone_to_ns = event->end_ns;
	} else if (change->call.kind == FD_CALL_CLOSE_RANGE) {
		close_range_begin(task, event, change);
	}
	for (unsigned i = 0; i < change->n_made; i++)
		fd_table_begin(table, change->made[i].fd);
}

static void end(struct objects *objects, struct objects_task *task, uint32_t tgid,
		const struct event *event, struct objects_change *change)
{
	struct fd_table *table = is_of_cwd(change->call.kind) ? task->cwd : task->fds;
	struct object *socket;

	for (unsigned i = 0; i < change->n_made; i++) {
		struct objects_made *made = &change->made[i];

		fd_table_end(table, made->fd, is_whole(objects) ? made->object : NULL,
			     change->cloexec, event->end_ns);
	}
	switch (change->call.kind) {
	case FD_CALL_SET_CLOEXEC:
		fd_table_set_cloexec(task->fds, (int)event->arg[0], change->call.cloexec);
		return;
	case FD_CALL_CLOSE_RANGE:
		close_range_end(task, event, change);
		return;
	case FD_CALL_IO_URING:
		fd_table_blind(task->fds);
		return;
	case FD_CALL_LOCAL:
	case FD_CALL_PEER:
		socket = fd_table_find(task->fds, (int)event->arg[0], event->end_ns);
		if (socket)
			objects_set_address(socket, &change->call, event);
		return;
	case FD_CALL_ROOT:
		forget_names(objects, task, event);
		return;
	case FD_CALL_UNSHARE:
		end_unshare(task, event);
		return;
	case FD_CALL_FORKED:
		born(objects, task, tgid, event);
		return;
	case FD_CALL_EXEC:
		executed(objects, task, event);
		return;
	default:
		return;
	}
}

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

	enter_epoch(objects, step->time_ns);
	read_event(entry, &event);
	task = task_of(objects, event.tid, tgid);
	if (!task)
		return;
	prepare(task, &event, change);
	if (!change->has_begun)
		begin(objects, task, &event, change);
	if (step->phase == OBJECTS_BEGIN)
		return;
	/* What ended with the failure is asked for after its end. */
	if (change->call.kind == FD_CALL_EXIT && entry->rank == TIMELINE_RANK_TIME)
		drop_task(objects, event.tid);
	else
		end(objects, task, tgid, &event, change);
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
	enter_epoch(objects, entry->time_ns);
	header = timeline_header(entry);
	objects->now_ns = entry->time_ns;
	objects->tgid = timeline_task_of(objects->timeline, entry)->tgid;
	if (!objects->task || objects->task->tid != header.tid)
		objects->task = task_of(objects, header.tid, objects->tgid);
	if (!objects->task || !fd_calls_has(&objects->calls, header.nr))
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

const struct object *objects_of_result(const struct objects *objects)
{
	const struct objects_change *change = objects->change;

	if (!change || is_of_cwd(change->call.kind) || change->call.kind == FD_CALL_PAIR ||
	    !change->n_made)
		return NULL;
	return change->made[0].object;
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
		    !fd_calls_has(&objects->calls, header.nr))
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

int objects_new(const struct timeline *timeline, enum arch arch, struct objects **ret)
{
	CLEANUP(cleanup_objects) struct objects *objects = calloc(1, sizeof(*objects));

	if (!objects)
		return -ENOMEM;
	objects->timeline = timeline;
	objects->arch = arch;
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
		while (objects->buckets[i]) {
			struct objects_task *task = objects->buckets[i];

			objects->buckets[i] = task->next;
			task_free(task);
		}
	}
	for (size_t i = 0; i < objects->n_changes; i++) {
		object_unref(objects->changes[i].made[0].object);
		if (objects->changes[i].n_made > 1)
			object_unref(objects->changes[i].made[1].object);
	}
	for (size_t i = 0; i < objects->n_last; i++)
		object_unref(objects->last[i].object);
	free(objects->changes);
	free(objects->steps);
	free(objects->last);
	free(objects);
}
