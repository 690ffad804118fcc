/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a call, a fork, an exec does to what is known of its task's descriptors and directory, and
 * which tasks share them.
 *
 * Invariant: within stretches from which records may be missing, nothing is learned.
 */
#include <errno.h>
#include <linux/close_range.h>
#include <linux/fs.h>
#include <linux/sched.h>
#include <stdlib.h>
#include <string.h>

#include "replay/objects_build.h"

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

void objects_drop_task(struct objects *objects, uint32_t tid)
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
	objects_drop_task(objects, tid);
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
struct objects_task *objects_task_of(struct objects *objects, uint32_t tid, uint32_t tgid)
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

void objects_enter_epoch(struct objects *objects, uint64_t time_ns)
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

/*
 * chroot and its kin: names mean something else from here on, in other tasks too perhaps.  What the
 * runtime does before the first exec holds for all tasks of the container.
 */
static void forget_names(struct objects *objects, struct objects_task *task,
			 const struct event *event)
{
	const struct syscall_descriptor *call = syscall_of(objects->arch, event->nr, event->compat);

	objects_names_forget(objects, !event->setup);
	fd_table_forget_files(task->fds);
	fd_table_forget(task->cwd);
	if (!call || strcmp(call->name, "pivot_root") != 0)
		return;
	for (unsigned i = 0; i < OBJECTS_TASK_BUCKETS; i++) {
		for (task = objects->buckets[i]; task; task = task->next) {
			fd_table_forget_files(task->fds);
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

static void end_unshare(struct objects *objects, struct objects_task *task,
			const struct event *event)
{
	uint64_t flags = event->arg[0];

	if (flags & CLONE_NEWNS)
		objects_names_forget(objects, !event->setup);
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
	if (flags & CLONE_NEWNS)
		objects_names_forget(objects, !event->setup);
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
		objects_drop_task(objects, event->exec.old_tid);
	if (is_whole(objects))
		objects_take_captured(objects, task, event);
}

/* One that closes. If it unshares first, nobody looks so closely. */
static void close_range_begin(struct objects_task *task, const struct event *event,
			      struct objects_change *change)
{
	uint32_t first = (uint32_t)event->arg[0], last = (uint32_t)event->arg[1];
	uint32_t room = (uint32_t)fd_table_room(task->fds);

	change->n_made = 0;
	if (event->arg[2]) {
		if (event->arg[2] != CLOSE_RANGE_CLOEXEC)
			fd_table_forget(task->fds);
		return;
	}
	change->made[0].fd = (int)(first < room ? first : room);
	change->made[1].fd = (int)(last < room ? last + 1 : room);
	for (int fd = change->made[0].fd; fd < change->made[1].fd; fd++)
		fd_table_begin(task->fds, fd);
}

static void mark_range(struct fd_table *fds, uint32_t first, uint32_t last)
{
	uint32_t room = (uint32_t)fd_table_room(fds);

	for (uint32_t fd = first; fd < room && fd <= last; fd++)
		fd_table_set_cloexec(fds, (int)fd, CLOEXEC_ON);
}

static void close_range_end(struct objects_task *task, const struct event *event,
			    const struct objects_change *change)
{
	if (event->arg[2] == CLOSE_RANGE_CLOEXEC) {
		mark_range(task->fds, (uint32_t)event->arg[0], (uint32_t)event->arg[1]);
		return;
	}
	if (event->arg[2]) {
		fd_table_forget(task->fds);
		return;
	}
	for (int fd = change->made[0].fd; fd < change->made[1].fd; fd++)
		fd_table_end(task->fds, fd, NULL, CLOEXEC_UNKNOWN, event->end_ns);
}

bool objects_is_of_cwd(enum fd_call_kind kind)
{
	return kind == FD_CALL_CHDIR || kind == FD_CALL_FCHDIR || kind == FD_CALL_GETCWD;
}

void objects_begin(struct objects *objects, struct objects_task *task, const struct event *event,
		   struct objects_change *change)
{
	struct fd_table *table = objects_is_of_cwd(change->call.kind) ? task->cwd : task->fds;

	change->has_begun = true;
	if (change->call.kind == FD_CALL_CLONE) {
		task->clone_known = fd_call_clone_flags(event, objects->arch, &task->clone_flags);
		task->clone_from_ns = event->time_ns;
		task->clone_to_ns = event->end_ns;
	} else if (change->call.kind == FD_CALL_CLOSE_RANGE) {
		close_range_begin(task, event, change);
	} else if (change->call.kind == FD_CALL_IO_SUBMIT) {
		/* Its operations may close what is open now, not what a call opens afterwards. */
		fd_table_forget(task->fds);
	}
	for (unsigned i = 0; i < change->n_made; i++)
		fd_table_begin(table, change->made[i].fd);
}

/* Two names are exchanged by way of one that no file has. */
static void exchange(struct objects *objects, const struct object *a, const struct object *b)
{
	struct object *between = object_new_name("/\0", 2);

	objects_name_change(objects, a, between);
	objects_name_change(objects, b, a);
	objects_name_change(objects, between, b);
	object_unref(between);
}

static void end_names(struct objects *objects, const struct event *event,
		      const struct objects_change *change)
{
	const struct object *from = change->made[0].object, *to = change->made[1].object;

	if (change->call.kind == FD_CALL_UNLINK)
		objects_name_remove(objects, from);
	else if (event->args == 5 && event->arg[4] & RENAME_EXCHANGE)
		exchange(objects, from, to);
	else
		objects_name_change(objects, from, to);
}

/* The socket's addresses change. */
static void end_address(struct objects_task *task, const struct event *event,
			const struct objects_change *change)
{
	struct object *socket = fd_table_find(task->fds, (int)event->arg[0], event->end_ns);

	if (socket)
		objects_set_address(socket, &change->call, event);
}

static void end_made(struct objects *objects, struct objects_task *task, const struct event *event,
		     struct objects_change *change)
{
	struct fd_table *table = objects_is_of_cwd(change->call.kind) ? task->cwd : task->fds;

	for (unsigned i = 0; i < change->n_made; i++) {
		struct objects_made *made = &change->made[i];

		if (made->fd < 0)
			continue;
		fd_table_end(table, made->fd, is_whole(objects) ? made->object : NULL,
			     change->cloexec, event->end_ns);
		objects_name_add(objects, made->object);
	}
}

void objects_end(struct objects *objects, struct objects_task *task, uint32_t tgid,
		 const struct event *event, struct objects_change *change)
{
	end_made(objects, task, event, change);
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
		end_address(task, event, change);
		return;
	case FD_CALL_UNLINK:
	case FD_CALL_RENAME:
		end_names(objects, event, change);
		return;
	case FD_CALL_MOUNT:
		objects_names_forget(objects, false);
		return;
	case FD_CALL_ROOT:
		forget_names(objects, task, event);
		return;
	case FD_CALL_UNSHARE:
		end_unshare(objects, task, event);
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
