/* SPDX-License-Identifier: Apache-2.0 */
/* Timeline -> the events that views are made of, in order, with all that they need to know. */
#include "view/walk.h"

#include <string.h>

#include "decode/names.h"
#include "view/rows.h"

void walk_init_plain(struct walk *walk, const struct view_query *query)
{
	*walk = (struct walk){
		.query = query,
		.hide_setup = query->hide_setup && timeline_has_started(query->timeline),
	};
	act_table_init(&walk->acts, query->arch);
}

int walk_init(struct walk *walk, const struct view_query *query)
{
	walk_init_plain(walk, query);
	return objects_new(query->timeline, query->arch, OBJECT_STYLE_ADDRESS, &walk->objects);
}

void walk_done(struct walk *walk)
{
	objects_free(walk->objects);
}

static bool is_call(const struct event *event)
{
	return event->type == IGREC_RECORD_SYSCALL || event->type == IGREC_RECORD_EXEC;
}

void walk_go(struct walk *walk, size_t index)
{
	const struct timeline *timeline = walk->query->timeline;

	walk->index = index;
	walk->entry = timeline_at(timeline, index);
	walk->task = timeline_task_of(timeline, walk->entry);
	memset(walk->event.arg, 0, sizeof(walk->event.arg));
	timeline_event(walk->entry, &walk->event);
	walk->act = is_call(&walk->event)
			    ? act_kind_of_any(&walk->acts, walk->query->arch, &walk->event)
			    : ACT_OTHER;
	walk->error = walk->entry->in_flight ? 0 : act_error(&walk->event);
	if (walk->objects)
		objects_seek(walk->objects, index);
}

bool walk_next(struct walk *walk)
{
	const struct timeline *timeline = walk->query->timeline;

	while (walk->next < timeline_count(timeline)) {
		const struct timeline_entry *entry = timeline_at(timeline, walk->next++);

		if (entry->kind != TIMELINE_EVENT || (walk->hide_setup && timeline_is_setup(entry)))
			continue;
		walk_go(walk, walk->next - 1);
		return true;
	}
	return false;
}

bool walk_wants(const struct walk *walk)
{
	return walk_wants_except(walk, 0);
}

bool walk_wants_except(const struct walk *walk, unsigned except)
{
	const struct view_query *query = walk->query;

	return !query->filter ||
	       filter_matches_except(query->filter, query->timeline, walk->entry, except);
}

const char *walk_syscall(const struct walk *walk, char room[SYSCALL_NAME_BYTES])
{
	return syscall_name(walk->query->arch, walk->event.nr, walk->event.compat, room);
}

void walk_set_task(const struct walk *walk, struct view_rows *rows)
{
	const struct timeline_task *task = walk->task;

	rows_set_time(rows, TASK_TIME, walk->event.time_ns);
	rows_set_id(rows, TASK_PID, task->ns_tgid);
	rows_set_id(rows, TASK_TID, task->ns_tid);
	rows_set_id(rows, TASK_HOST_PID, task->tgid);
	if (task->comm[0])
		rows_set_string(rows, TASK_COMM, task->comm);
}

void walk_set_outcome(const struct walk *walk, struct view_rows *rows, unsigned error,
		      unsigned duration)
{
	if (walk->error && errno_name(walk->error))
		rows_set_string(rows, error, errno_name(walk->error));
	if (walk->event.entry_seen && !walk->entry->in_flight)
		rows_set_int(rows, duration, (int64_t)walk->event.duration_ns);
}

bool walk_counts_messages(const struct walk *walk)
{
	char room[SYSCALL_NAME_BYTES];
	const char *name = walk_syscall(walk, room);

	return !strcmp(name, "sendmmsg") || !strncmp(name, "recvmmsg", strlen("recvmmsg"));
}
