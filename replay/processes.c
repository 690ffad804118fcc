/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Timeline -> processes, in one pass in the order of time.  Ids are used again: the tables by id
 * lead to the latest process or thread that had it.
 */
#include "replay/processes.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "replay/timeline_build.h"

#define BUCKETS 4096

/* From an id of the host to an index: chains of the newest first. */
struct process_index {
	uint32_t heads[BUCKETS]; /* position in links + 1 */
	struct {
		uint32_t id, index, next;
	} * links;
	size_t count, room;
};

static uint32_t index_find(const struct process_index *index, uint32_t id)
{
	uint32_t at = index->heads[id % BUCKETS];

	while (at && index->links[at - 1].id != id)
		at = index->links[at - 1].next;
	return at ? index->links[at - 1].index : PROCESS_NONE;
}

static int index_put(struct process_index *index, uint32_t id, uint32_t position)
{
	if (timeline_grow((void **)&index->links, index->count, &index->room,
			  sizeof(*index->links)))
		return -ENOMEM;
	index->links[index->count].id = id;
	index->links[index->count].index = position;
	index->links[index->count].next = index->heads[id % BUCKETS];
	index->heads[id % BUCKETS] = (uint32_t)++index->count;
	return 0;
}

static void index_free(struct process_index *index)
{
	if (index)
		free(index->links);
	free(index);
}

/* ---- adding -------------------------------------------------------------------------------- */

static int add_process(struct processes *processes, uint32_t tgid, uint32_t parent, uint32_t *ret)
{
	struct process *process;

	*ret = (uint32_t)processes->count;
	if (timeline_grow((void **)&processes->all, processes->count, &processes->room,
			  sizeof(*processes->all)) ||
	    index_put(processes->by_tgid, tgid, *ret))
		return -ENOMEM;
	process = &processes->all[processes->count++];
	*process = (struct process){
		.tgid = tgid,
		.is_setup = true,
		.parent = parent,
		.first_child = PROCESS_NONE,
		.sibling = PROCESS_NONE,
		.first_deed = PROCESS_NONE,
		.first_thread = PROCESS_NONE,
	};
	return 0;
}

static int find_process(struct processes *processes, uint32_t tgid, uint32_t *ret)
{
	*ret = index_find(processes->by_tgid, tgid);
	return *ret == PROCESS_NONE ? add_process(processes, tgid, PROCESS_NONE, ret) : 0;
}

static int add_thread(struct processes *processes, uint32_t owner, uint32_t tid, uint32_t *ret)
{
	struct process *process = &processes->all[owner];

	*ret = (uint32_t)processes->n_threads;
	if (timeline_grow((void **)&processes->threads, processes->n_threads,
			  &processes->threads_room, sizeof(*processes->threads)) ||
	    index_put(processes->by_tid, tid, *ret))
		return -ENOMEM;
	processes->threads[processes->n_threads++] = (struct process_thread){
		.tid = tid, .process = owner, .is_setup = true, .next = PROCESS_NONE};
	if (process->first_thread == PROCESS_NONE)
		process->first_thread = *ret;
	else
		processes->threads[process->last_thread].next = *ret;
	process->last_thread = *ret;
	process->n_threads++;
	process->n_setup_threads++;
	return 0;
}

static int find_thread(struct processes *processes, uint32_t owner, uint32_t tid, uint32_t *ret)
{
	*ret = index_find(processes->by_tid, tid);
	if (*ret != PROCESS_NONE && processes->threads[*ret].process == owner)
		return 0;
	return add_thread(processes, owner, tid, ret);
}

static int add_deed(struct processes *processes, uint32_t owner, const struct process_deed *deed)
{
	struct process *process = &processes->all[owner];
	uint32_t index = (uint32_t)processes->n_deeds;

	if (timeline_grow((void **)&processes->deeds, processes->n_deeds, &processes->deeds_room,
			  sizeof(*processes->deeds)))
		return -ENOMEM;
	processes->deeds[processes->n_deeds++] = *deed;
	if (process->first_deed == PROCESS_NONE)
		process->first_deed = index;
	else
		processes->deeds[process->last_deed].next = index;
	process->last_deed = index;
	return 0;
}

const char *process_comm(const struct processes *processes, const struct process *process)
{
	return process->first_deed == PROCESS_NONE ? process->comm
						   : processes->deeds[process->last_deed].comm;
}

const char *process_comm_at(const struct processes *processes, const struct process *process,
			    uint64_t time_ns)
{
	const char *comm = process->comm;

	for (uint32_t i = process->first_deed; i != PROCESS_NONE; i = processes->deeds[i].next) {
		if (processes->deeds[i].time_ns > time_ns)
			break;
		comm = processes->deeds[i].comm;
	}
	return comm;
}

uint32_t process_next(const struct processes *processes, uint32_t root, uint32_t index,
		      bool (*is_shown)(const void *user, const struct process *process),
		      const void *user, unsigned *depth)
{
	const struct process *all = processes->all;

	if (all[index].first_child != PROCESS_NONE) {
		*depth += is_shown(user, &all[index]);
		return all[index].first_child;
	}
	while (index != root && all[index].sibling == PROCESS_NONE) {
		index = all[index].parent;
		*depth -= is_shown(user, &all[index]);
	}
	return index == root ? PROCESS_NONE : all[index].sibling;
}

/* ---- what records tell --------------------------------------------------------------------- */

static void note_thread_setup(struct processes *processes, uint32_t index, bool setup)
{
	struct process_thread *thread = &processes->threads[index];

	if (!thread->is_setup || setup)
		return;
	thread->is_setup = false;
	processes->all[thread->process].n_setup_threads--;
}

static int note_fork(struct processes *processes, uint32_t parent, const struct event *event)
{
	const struct igrec_fork *fork = &event->fork;
	struct process *process;
	uint32_t index;

	if (fork->child_tid != fork->child_tgid) {
		if (find_process(processes, fork->child_tgid, &index) ||
		    add_thread(processes, index, fork->child_tid, &index))
			return -ENOMEM;
		processes->threads[index].ns_tid = fork->child_ns_tid;
		processes->threads[index].start_ns = event->end_ns;
		note_thread_setup(processes, index, event->setup);
		return 0;
	}
	if (add_process(processes, fork->child_tgid, parent, &index))
		return -ENOMEM;
	process = &processes->all[index];
	process->ns_tgid = fork->child_ns_tgid;
	process->start_ns = event->end_ns;
	process->is_setup = event->setup;
	if (parent != PROCESS_NONE)
		memcpy(process->comm, process_comm(processes, &processes->all[parent]),
		       sizeof(process->comm));
	return 0;
}

static void note_exit(struct processes *processes, uint32_t owner, uint32_t thread,
		      const struct event *event)
{
	struct process *process = &processes->all[owner];

	if (thread != PROCESS_NONE) {
		processes->threads[thread].end_ns = event->end_ns;
		processes->threads[thread].code = event->exit.code;
	}
	if (!event->exit.last)
		return;
	process->end_ns = event->end_ns;
	process->code = event->exit.group_code;
}

/*
 * A name that changed other than by exec: prctl, or a write to /proc/self/comm. Only a record with
 * a mark of its own tells what the name was at its time.
 */
static int note_comm(struct processes *processes, uint32_t owner, const struct event *event,
		     const struct timeline_task *task)
{
	struct process *process = &processes->all[owner];
	struct process_deed deed = {.time_ns = event->time_ns, .next = PROCESS_NONE};

	if (!task->comm[0] || !strcmp(process_comm(processes, process), task->comm))
		return 0;
	if (!process->comm[0] || (event->setup && process->first_deed == PROCESS_NONE)) {
		memcpy(process->comm, task->comm, sizeof(process->comm));
		return 0;
	}
	memcpy(deed.comm, task->comm, sizeof(deed.comm));
	return add_deed(processes, owner, &deed);
}

static int note_exec(struct processes *processes, uint32_t owner, size_t entry,
		     const struct event *event, const struct timeline_task *task)
{
	struct process_deed deed = {
		.time_ns = event->time_ns, .entry = entry, .is_exec = true, .next = PROCESS_NONE};

	memcpy(deed.comm, task->comm, sizeof(deed.comm));
	return add_deed(processes, owner, &deed);
}

static int note_thread(struct processes *processes, uint32_t owner, const struct event *event,
		       const struct timeline_task *task, uint32_t *ret)
{
	struct process_thread *thread;

	if (find_thread(processes, owner, event->tid, ret))
		return -ENOMEM;
	thread = &processes->threads[*ret];
	thread->ns_tid = task->ns_tid;
	/* The runtime's threads end with the exec. */
	if (event->type != IGREC_RECORD_EXIT)
		note_thread_setup(processes, *ret, event->setup);
	memcpy(thread->comm, task->comm, sizeof(thread->comm));
	return 0;
}

/* Signals and OOM records are about a task, not by it. */
static bool is_own_deed(const struct event *event)
{
	return event->type != IGREC_RECORD_SIGNAL && event->type != IGREC_RECORD_OOM;
}

static int note(struct processes *processes, size_t index)
{
	const struct timeline_entry *entry = timeline_at(processes->timeline, index);
	const struct timeline_task *task = timeline_task_of(processes->timeline, entry);
	uint32_t owner, thread = PROCESS_NONE;
	struct event event;
	int err = 0;

	if (entry->kind != TIMELINE_EVENT || !task->tgid)
		return 0;
	timeline_event(entry, &event);
	if (find_process(processes, task->tgid, &owner))
		return -ENOMEM;
	if (task->ns_tgid)
		processes->all[owner].ns_tgid = task->ns_tgid;
	if (!is_own_deed(&event))
		return 0;
	processes->all[owner].is_setup &= event.setup;
	if (event.tid != task->tgid)
		err = note_thread(processes, owner, &event, task, &thread);
	else if (event.type == IGREC_RECORD_EXEC && !event.setup)
		err = note_exec(processes, owner, index, &event, task);
	else if (event.has_mark)
		err = note_comm(processes, owner, &event, task);
	if (!err && event.type == IGREC_RECORD_FORK)
		err = note_fork(processes, owner, &event);
	else if (!err && event.type == IGREC_RECORD_EXIT)
		note_exit(processes, owner, thread, &event);
	return err;
}

/* ---- what the snapshot lists ---------------------------------------------------------------- */

static int note_listed(struct processes *processes, const struct snapshot_task *task)
{
	uint32_t index = index_find(processes->by_tgid, task->tgid);
	struct process *process;

	if (index == PROCESS_NONE && add_process(processes, task->tgid, PROCESS_NONE, &index))
		return -ENOMEM;
	process = &processes->all[index];
	process->listed = task;
	process->is_setup &= process->end_ns != 0;
	if (!process->ns_tgid)
		process->ns_tgid = task->ns_tgid;
	if (!process->comm[0])
		memcpy(process->comm, task->comm, sizeof(process->comm));
	return 0;
}

/* A parent that the tape does not tell; only one that stands before, so that there is no circle. */
static void find_listed_parent(struct processes *processes, uint32_t index)
{
	struct process *process = &processes->all[index];
	uint32_t parent;

	if (process->parent != PROCESS_NONE || !process->listed)
		return;
	parent = index_find(processes->by_tgid, process->listed->parent_tgid);
	if (parent != PROCESS_NONE && parent < index)
		process->parent = parent;
}

static void link_children(struct processes *processes)
{
	for (uint32_t i = 0; i < processes->count; i++) {
		struct process *process = &processes->all[i], *parent;

		if (process->parent == PROCESS_NONE)
			continue;
		parent = &processes->all[process->parent];
		if (parent->first_child == PROCESS_NONE)
			parent->first_child = i;
		else
			processes->all[parent->last_child].sibling = i;
		parent->last_child = i;
	}
}

static int note_all(struct processes *processes)
{
	const struct snapshot *snapshot = timeline_snapshot(processes->timeline);
	uint32_t failed;

	for (size_t i = 0; i < timeline_count(processes->timeline); i++) {
		if (note(processes, i))
			return -ENOMEM;
	}
	failed = index_find(processes->by_tgid, snapshot->failure.tgid);
	if (failed != PROCESS_NONE && snapshot->failure.tgid)
		processes->all[failed].failed = true;
	for (size_t i = 0; i < snapshot->n_tasks; i++) {
		if (note_listed(processes, &snapshot->tasks[i]))
			return -ENOMEM;
	}
	for (uint32_t i = 0; i < processes->count; i++)
		find_listed_parent(processes, i);
	link_children(processes);
	return 0;
}

int processes_init(const struct timeline *timeline, struct processes *ret)
{
	struct processes processes = {
		.timeline = timeline,
		.by_tgid = calloc(1, sizeof(struct process_index)),
		.by_tid = calloc(1, sizeof(struct process_index)),
	};

	if (!processes.by_tgid || !processes.by_tid || note_all(&processes)) {
		processes_done(&processes);
		*ret = (struct processes){0};
		return -ENOMEM;
	}
	*ret = processes;
	return 0;
}

void processes_done(struct processes *processes)
{
	free(processes->all);
	free(processes->deeds);
	free(processes->threads);
	index_free(processes->by_tgid);
	index_free(processes->by_tid);
}
