/* SPDX-License-Identifier: Apache-2.0 */
/* view process: the processes that were there when the container failed, and what each was at. */
#include <errno.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "replay/call_text.h"
#include "replay/number.h"
#include "replay/process_spans.h"
#include "view/views.h"

enum {
	PROCESS_PID,
	PROCESS_PARENT,
	PROCESS_HOST_PID,
	PROCESS_DEPTH,
	PROCESS_COMM,
	PROCESS_THREADS,
	PROCESS_START,
	PROCESS_UPTIME,
	PROCESS_STATE,
	PROCESS_ENDED,
	PROCESS_LAST_TIME,
	PROCESS_IN_FLIGHT,
	PROCESS_SYSCALL,
	PROCESS_CALL,
	PROCESS_ARGV,
	PROCESS_FAILED,
	PROCESS_COLUMNS,
};

static const struct view_column columns[PROCESS_COLUMNS] = {
	[PROCESS_PID] = VIEW_COLUMN("pid", "PID", VIEW_INT, .right = true),
	[PROCESS_PARENT] = VIEW_COLUMN("parent_pid", "PPID", VIEW_INT, .right = true),
	[PROCESS_HOST_PID] =
		VIEW_COLUMN("host_pid", "HOST-PID", VIEW_INT, .right = true, .wide = true),
	[PROCESS_DEPTH] = VIEW_COLUMN("depth", "DEPTH", VIEW_INT, .right = true, .wide = true),
	[PROCESS_COMM] = VIEW_COLUMN("comm", "COMM", VIEW_TEXT, .indented = true),
	[PROCESS_THREADS] = VIEW_COLUMN("threads", "THREADS", VIEW_INT, .right = true),
	[PROCESS_START] =
		VIEW_COLUMN("start_time_ns", "STARTED", VIEW_TIME_NS, .right = true, .wide = true),
	[PROCESS_UPTIME] = VIEW_COLUMN("uptime_ns", "UPTIME", VIEW_DURATION_NS, .right = true),
	[PROCESS_STATE] = VIEW_COLUMN("state", "STATE", VIEW_TEXT),
	[PROCESS_ENDED] = VIEW_COLUMN("ended", "ENDED", VIEW_TEXT),
	[PROCESS_LAST_TIME] = VIEW_COLUMN("last_time_ns", "LAST", VIEW_TIME_NS, .right = true),
	[PROCESS_IN_FLIGHT] = VIEW_COLUMN("in_flight", "IN-CALL", VIEW_BOOL),
	[PROCESS_SYSCALL] = VIEW_COLUMN("last_syscall", "SYSCALL", VIEW_TEXT, .wide = true),
	[PROCESS_CALL] = VIEW_COLUMN("last_call", "LAST-CALL", VIEW_TEXT, .escaped = true),
	[PROCESS_ARGV] = VIEW_COLUMN("argv", "ARGV", VIEW_LIST, .wide = true),
	[PROCESS_FAILED] = VIEW_COLUMN("failed", "FAILED", VIEW_BOOL, .wide = true),
};

#define NO_ENTRY SIZE_MAX

/* What its first thread did last, or else another one. */
struct last_call {
	size_t entry;
	bool is_leaders;
	char *text; /* owned: "read(3</x>, ...)", escaped */
};

struct living {
	const struct view_query *query;
	struct processes processes;
	struct process_spans spans;
	struct last_call *last; /* of each process */
	bool hide_setup;
};

static bool is_alive(const void *user, const struct process *process)
{
	const struct living *living = user;
	uint64_t zero_ns = timeline_zero_ns(living->query->timeline);

	if (living->hide_setup && process->is_setup && !process->failed)
		return false;
	return process->failed || !process->end_ns || process->end_ns >= zero_ns;
}

/* ---- last calls ------------------------------------------------------------------------------ */

static void note_last(struct living *living, const struct walk *walk)
{
	uint32_t process =
		process_spans_find(&living->spans, walk->task->tgid, walk->event.time_ns);
	bool is_leader = walk->task->tid == walk->task->tgid;
	struct last_call *last;

	if (process == PROCESS_NONE || !is_alive(living, &living->processes.all[process]))
		return;
	last = &living->last[process];
	if (last->entry != NO_ENTRY && last->is_leaders && !is_leader)
		return;
	last->entry = walk->index;
	last->is_leaders = is_leader;
}

/* An end within exit or exit_group is the record of that call. */
static bool is_call(const struct walk *walk)
{
	const struct event *event = &walk->event;
	char room[SYSCALL_NAME_BYTES];

	if (event->type != IGREC_RECORD_EXIT)
		return event->type == IGREC_RECORD_SYSCALL || event->type == IGREC_RECORD_EXEC;
	return event->nr != IGREC_NR_NONE && !strncmp(walk_syscall(walk, room), "exit", 4);
}

static void find_last(struct living *living)
{
	struct walk walk;

	walk_init_plain(&walk, living->query);
	while (walk_next(&walk)) {
		if (is_call(&walk))
			note_last(living, &walk);
	}
}

static int tell_call(const struct walk *walk, struct last_call *last)
{
	char room[SYSCALL_NAME_BYTES];
	struct buf text = {0};

	buf_add_text(&text, walk_syscall(walk, room));
	buf_add_char(&text, '(');
	if (walk->event.type == IGREC_RECORD_EXIT)
		number_unsigned(&text, (unsigned)WEXITSTATUS(walk->event.exit.code));
	else
		arguments_text(&text, walk->query->arch, &walk->event, walk->objects);
	buf_add_char(&text, ')');
	last->text = text.failed ? NULL : strndup(text.data, text.bytes);
	buf_done(&text);
	return last->text ? 0 : -ENOMEM;
}

/* Descriptors are told as they were at that moment, so in the order of time. */
static int tell_last(struct living *living)
{
	struct walk walk;
	int err = walk_init(&walk, living->query);

	while (!err && walk_next(&walk)) {
		uint32_t process =
			process_spans_find(&living->spans, walk.task->tgid, walk.event.time_ns);

		if (process != PROCESS_NONE && living->last[process].entry == walk.index)
			err = tell_call(&walk, &living->last[process]);
	}
	walk_done(&walk);
	return err;
}

/* ---- rows ------------------------------------------------------------------------------------ */

static void set_last(const struct living *living, const struct last_call *last,
		     struct view_rows *rows)
{
	char room[SYSCALL_NAME_BYTES];
	struct walk walk;

	if (last->entry == NO_ENTRY)
		return;
	walk_init_plain(&walk, living->query);
	walk_go(&walk, last->entry);
	rows_set_time(rows, PROCESS_LAST_TIME, walk.event.time_ns);
	rows_set_bool(rows, PROCESS_IN_FLIGHT, walk.entry->in_flight);
	rows_set_string(rows, PROCESS_SYSCALL, walk_syscall(&walk, room));
	rows_set_string(rows, PROCESS_CALL, last->text);
}

/* Its last exec's, or what /proc said of one that ran before. */
static void set_argv(const struct living *living, const struct process *process,
		     struct view_rows *rows)
{
	struct event event;
	struct value argv;

	for (uint32_t i = process->first_deed; i != PROCESS_NONE;
	     i = living->processes.deeds[i].next) {
		const struct process_deed *deed = &living->processes.deeds[i];

		if (!deed->is_exec)
			continue;
		timeline_event(timeline_at(living->query->timeline, deed->entry), &event);
		argv = exec_argv(&event);
		rows_set_text(rows, PROCESS_ARGV, argv.data, argv.data ? argv.data_bytes : 0);
	}
	if (!rows->cells[PROCESS_ARGV].known && process->listed && process->listed->argv)
		rows_set_text(rows, PROCESS_ARGV, process->listed->argv,
			      process->listed->argv_bytes);
}

/* With the first one. */
static unsigned threads_alive(const struct living *living, const struct process *process)
{
	uint64_t zero_ns = timeline_zero_ns(living->query->timeline);
	unsigned count = 1;

	for (uint32_t i = process->first_thread; i != PROCESS_NONE;
	     i = living->processes.threads[i].next) {
		const struct process_thread *thread = &living->processes.threads[i];

		count += (!thread->end_ns || thread->end_ns >= zero_ns) &&
			 !(living->hide_setup && thread->is_setup);
	}
	return count;
}

static int make_row(const struct living *living, uint32_t index, unsigned depth,
		    struct view_rows *rows)
{
	const struct process *process = &living->processes.all[index];
	const char *comm = process_comm(&living->processes, process);
	uint64_t zero_ns = timeline_zero_ns(living->query->timeline);

	rows_set_id(rows, PROCESS_PID, process->ns_tgid);
	rows_set_id(rows, PROCESS_HOST_PID, process->tgid);
	/* The runtime's own processes have pids of another namespace. */
	if (process->parent != PROCESS_NONE && !living->processes.all[process->parent].is_setup)
		rows_set_id(rows, PROCESS_PARENT, living->processes.all[process->parent].ns_tgid);
	rows_set_int(rows, PROCESS_DEPTH, depth);
	if (comm[0])
		rows_set_string(rows, PROCESS_COMM, comm);
	rows_set_int(rows, PROCESS_THREADS, threads_alive(living, process));
	rows_set_time(rows, PROCESS_START, process->start_ns);
	if (process->start_ns && process->start_ns <= zero_ns)
		rows_set_int(rows, PROCESS_UPTIME, (int64_t)(zero_ns - process->start_ns));
	if (process->listed && process->listed->state)
		rows_set_text(rows, PROCESS_STATE, &process->listed->state, 1);
	if (process->end_ns) {
		status_text(rows_begin_text(rows, PROCESS_ENDED), process->code);
		rows_end_text(rows, PROCESS_ENDED);
	}
	set_last(living, &living->last[index], rows);
	set_argv(living, process, rows);
	rows_set_bool(rows, PROCESS_FAILED, process->failed);
	return rows_put(rows);
}

static bool is_wanted(const struct living *living, uint32_t index)
{
	const struct view_query *query = living->query;
	size_t entry = living->last[index].entry;

	return !query->filter || filter_is_empty(query->filter) ||
	       (entry != NO_ENTRY && filter_matches(query->filter, query->timeline,
						    timeline_at(query->timeline, entry)));
}

/* Parents above their children; those of one that is gone stand where it would. */
static int make_rows(const struct living *living, struct view_rows *rows)
{
	const struct process *all = living->processes.all;
	int err = 0;

	for (uint32_t root = 0; !err && root < living->processes.count; root++) {
		unsigned depth = 0;

		if (all[root].parent != PROCESS_NONE)
			continue;
		for (uint32_t i = root; !err && i != PROCESS_NONE;
		     i = process_next(&living->processes, root, i, is_alive, living, &depth)) {
			if (is_alive(living, &all[i]) && is_wanted(living, i))
				err = make_row(living, i, depth, rows);
		}
	}
	return err;
}

static int make(const struct view_query *query, struct view_rows *rows)
{
	struct living living = {
		.query = query,
		.hide_setup = query->hide_setup && timeline_has_started(query->timeline),
	};
	size_t count;
	int err = processes_init(query->timeline, &living.processes);

	count = living.processes.count;
	if (!err)
		err = process_spans_init(&living.processes, &living.spans);
	living.last = err ? NULL : calloc(count + 1, sizeof(*living.last));
	if (!err && !living.last)
		err = -ENOMEM;
	for (size_t i = 0; !err && i < count; i++)
		living.last[i].entry = NO_ENTRY;
	if (!err) {
		find_last(&living);
		err = tell_last(&living);
	}
	if (!err)
		err = make_rows(&living, rows);
	for (size_t i = 0; living.last && i < count; i++)
		free(living.last[i].text);
	free(living.last);
	process_spans_done(&living.spans);
	processes_done(&living.processes);
	return err;
}

const struct view view_process = {
	.name = "process",
	.table = "processes",
	.help = "processes that were there at the end: parents, uptime, last call",
	.columns = columns,
	.n_columns = PROCESS_COLUMNS,
	.make = make,
};
