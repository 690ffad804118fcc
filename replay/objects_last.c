/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The descriptors that the snapshot lists: each is what it is since the last call on the tape that
 * could have changed it, or since the tape is whole.
 */
#include <errno.h>
#include <linux/sched.h>
#include <stdlib.h>
#include <string.h>

#include "replay/objects_build.h"

#define DELETED " (deleted)"

static int by_process(const void *a, const void *b)
{
	const struct objects_last *left = a, *right = b;

	if (left->tgid != right->tgid)
		return left->tgid < right->tgid ? -1 : 1;
	return (left->fd > right->fd) - (left->fd < right->fd);
}

/* The first that is not before (tgid, fd). */
static size_t lower_bound(const struct objects *objects, uint32_t tgid, int fd)
{
	const struct objects_last key = {.tgid = tgid, .fd = fd};
	size_t low = 0, high = objects->n_last;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (by_process(&objects->last[middle], &key) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

const struct objects_last *objects_find_last(const struct objects *objects, uint32_t tgid, int fd)
{
	size_t at = lower_bound(objects, tgid, fd);
	const struct objects_last *last = &objects->last[at];

	return at < objects->n_last && last->tgid == tgid && last->fd == fd ? last : NULL;
}

/* Descriptors first to last of a process changed at a moment. */
static void bound(struct objects *objects, uint32_t tgid, int first, int last, uint64_t time_ns)
{
	for (size_t i = lower_bound(objects, tgid, first); i < objects->n_last; i++) {
		struct objects_last *at = &objects->last[i];

		if (at->tgid != tgid || at->fd > last)
			return;
		if (at->since_ns < time_ns)
			at->since_ns = time_ns;
	}
}

static void bound_all(struct objects *objects, uint32_t tgid, uint64_t time_ns)
{
	bound(objects, tgid, 0, INT32_MAX, time_ns);
}

static void bound_by_clone(struct objects *objects, uint32_t tgid, const struct event *event)
{
	uint64_t flags;

	if (!fd_call_clone_flags(event, objects->arch, &flags) ||
	    ((flags & CLONE_FILES) && !(flags & CLONE_THREAD)) ||
	    ((flags & CLONE_THREAD) && !(flags & CLONE_FILES)))
		bound_all(objects, tgid, UINT64_MAX);
}

static void bound_by(struct objects *objects, const struct timeline_entry *entry)
{
	struct event event;
	const struct fd_call call = objects_call_of(objects, entry, &event);
	uint32_t tgid;
	unsigned count;
	int fds[2];

	if (call.kind == FD_CALL_NONE)
		return;
	tgid = timeline_task_of(objects->timeline, entry)->tgid;
	switch (call.kind) {
	case FD_CALL_FORKED:
		if (event.fork.child_tid == event.fork.child_tgid)
			bound_all(objects, event.fork.child_tgid, event.end_ns);
		return;
	case FD_CALL_CLONE:
		bound_by_clone(objects, tgid, &event);
		return;
	case FD_CALL_CLOSE_RANGE:
	case FD_CALL_RECEIVE:
		bound_all(objects, tgid, event.end_ns);
		return;
	case FD_CALL_UNSHARE:
	case FD_CALL_IO_URING:
	case FD_CALL_IO_SUBMIT:
		bound_all(objects, tgid, UINT64_MAX);
		return;
	case FD_CALL_PAIR:
	default:
		break;
	}
	count = fd_call_changes(&call, &event, fds);
	if (!count && call.kind == FD_CALL_PAIR)
		bound_all(objects, tgid, event.end_ns);
	for (unsigned i = 0; i < count; i++)
		bound(objects, tgid, fds[i], fds[i], event.end_ns);
}

/*
 * /proc marks files that have no name any longer; what they had is theirs up to the unlink on the
 * tape.
 */
static struct object *object_of(struct objects *objects, const char *target)
{
	size_t bytes = strlen(target), mark = strlen(DELETED);
	bool deleted = bytes > mark && target[0] == '/' && !strcmp(target + bytes - mark, DELETED);
	struct object *object = object_new_name(target, deleted ? bytes - mark : bytes);

	if (!object || !deleted)
		return object;
	if (strncmp(target, "/memfd:", 7) != 0)
		objects_name_add(objects, object);
	else
		object->name.deleted = true;
	return object;
}

static bool may_change(void *user, uint16_t meta, uint16_t nr)
{
	const struct fd_calls *calls = user;

	return IGREC_META_TYPE(meta) != IGREC_RECORD_SYSCALL ||
	       fd_calls_has(calls, nr, meta & IGREC_META_COMPAT);
}

/* The list tells nothing as long as a call behind may have changed it. */
int objects_read(struct timeline *timeline, enum arch arch)
{
	struct fd_calls calls;

	if (!timeline_snapshot(timeline)->n_fds)
		return 0;
	fd_calls_init(&calls, arch);
	return timeline_read_kinds(timeline, may_change, &calls);
}

int objects_read_last(struct objects *objects)
{
	const struct snapshot *snapshot = timeline_snapshot(objects->timeline);
	uint64_t since_ns = timeline_whole(objects->timeline).since_ns;
	const struct timeline_entry *entries;
	size_t count;

	if (!snapshot->n_fds)
		return 0;
	objects->last = calloc(snapshot->n_fds, sizeof(*objects->last));
	if (!objects->last)
		return -ENOMEM;
	for (size_t i = 0; i < snapshot->n_fds; i++) {
		const struct snapshot_fd *fd = &snapshot->fds[i];

		if (!fd->target)
			continue;
		objects->last[objects->n_last++] = (struct objects_last){
			.tgid = fd->tgid,
			.fd = fd->fd,
			.since_ns = since_ns,
			.object = object_of(objects, fd->target),
		};
	}
	qsort(objects->last, objects->n_last, sizeof(*objects->last), by_process);
	count = timeline_read_entries(objects->timeline, &entries);
	for (size_t i = 0; i < count; i++)
		bound_by(objects, &entries[i]);
	return 0;
}
