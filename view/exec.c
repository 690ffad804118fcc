/* SPDX-License-Identifier: Apache-2.0 */
/* view exec: programs run, or not, by whom, and how they ended. */
#include <sys/wait.h>

#include "decode/value.h"
#include "replay/call_object.h"
#include "replay/call_text.h"
#include "replay/process_spans.h"
#include "view/views.h"

enum {
	EXEC_PARENT_PID = TASK_COLUMNS,
	EXEC_PARENT,
	EXEC_PATH,
	EXEC_ARGV,
	EXEC_CWD,
	EXEC_ERROR,
	EXEC_ENDED,
	EXEC_EXIT_CODE,
	EXEC_SIGNAL,
	EXEC_END_TIME,
	EXEC_DURATION,
	EXEC_TRUNCATED,
	EXEC_COLUMNS,
};

static const struct view_column columns[EXEC_COLUMNS] = {
	TASK_COLUMN_ROWS,
	[EXEC_PARENT_PID] = VIEW_COLUMN("parent_pid", "PPID", VIEW_INT, .right = true),
	[EXEC_PARENT] = VIEW_COLUMN("parent_comm", "PARENT", VIEW_TEXT, .wide = true),
	[EXEC_PATH] = VIEW_COLUMN("path", "PATH", VIEW_TEXT),
	[EXEC_ARGV] = VIEW_COLUMN("argv", "ARGV", VIEW_LIST),
	[EXEC_CWD] = VIEW_COLUMN("cwd", "CWD", VIEW_TEXT),
	[EXEC_ERROR] = VIEW_COLUMN("error", "ERROR", VIEW_TEXT),
	[EXEC_ENDED] = VIEW_COLUMN("ended", "ENDED", VIEW_TEXT),
	[EXEC_EXIT_CODE] =
		VIEW_COLUMN("exit_code", "EXIT-CODE", VIEW_INT, .right = true, .wide = true),
	[EXEC_SIGNAL] =
		VIEW_COLUMN("exit_signal", "EXIT-SIGNAL", VIEW_INT, .right = true, .wide = true),
	[EXEC_END_TIME] =
		VIEW_COLUMN("end_time_ns", "END-TIME", VIEW_TIME_NS, .right = true, .wide = true),
	[EXEC_DURATION] = VIEW_COLUMN("duration_ns", "LATENCY", VIEW_DURATION_NS, .right = true,
				      .wide = true),
	[EXEC_TRUNCATED] = VIEW_COLUMN("argv_truncated", "CUT", VIEW_BOOL, .wide = true),
};

struct execs {
	struct walk walk;
	struct processes processes;
	struct process_spans spans;
};

static void set_argv(struct view_rows *rows, const struct value *argv)
{
	if (!argv->data)
		return;
	rows_set_text(rows, EXEC_ARGV, argv->data, argv->data_bytes);
	rows_set_bool(rows, EXEC_TRUNCATED, argv->truncated);
}

/* Of a call that failed; of one that did not, the new program's own. */
static void set_arguments(const struct walk *walk, struct view_rows *rows)
{
	const struct layout *layout;
	struct value argv;

	if (walk->event.type == IGREC_RECORD_EXEC) {
		argv = exec_argv(&walk->event);
		set_argv(rows, &argv);
		return;
	}
	layout = event_layout(walk->query->arch, &walk->event);
	for (unsigned i = 0; i < layout->count; i++) {
		argv = event_argument(&walk->event, layout, i);
		if (argv.type == VALUE_ARGV)
			set_argv(rows, &argv);
	}
}

static void set_directory(const struct walk *walk, struct view_rows *rows)
{
	const struct object *cwd = objects_of_cwd(walk->objects);

	if (object_is_path(cwd))
		rows_set_text(rows, EXEC_CWD, cwd->name.text, cwd->name.bytes);
}

/* Whether the process ran another program afterwards: how it ended is then that one's. */
static bool is_last_exec(const struct execs *execs, const struct process *process)
{
	size_t last = 0;

	for (uint32_t i = process->first_deed; i != PROCESS_NONE;
	     i = execs->processes.deeds[i].next) {
		if (execs->processes.deeds[i].is_exec)
			last = execs->processes.deeds[i].entry;
	}
	return last == execs->walk.index;
}

static void set_end(const struct execs *execs, const struct process *process,
		    struct view_rows *rows)
{
	if (execs->walk.event.type != IGREC_RECORD_EXEC || !process->end_ns ||
	    !is_last_exec(execs, process))
		return;
	rows_set_time(rows, EXEC_END_TIME, process->end_ns);
	status_text(rows_begin_text(rows, EXEC_ENDED), process->code);
	rows_end_text(rows, EXEC_ENDED);
	if (WIFSIGNALED(process->code))
		rows_set_int(rows, EXEC_SIGNAL, WTERMSIG(process->code));
	else
		rows_set_int(rows, EXEC_EXIT_CODE, WEXITSTATUS(process->code));
}

static void set_process(const struct execs *execs, struct view_rows *rows)
{
	const struct processes *all = &execs->processes;
	uint32_t index = process_spans_find(&execs->spans, execs->walk.task->tgid,
					    execs->walk.event.time_ns);
	const struct process *process, *parent;
	const char *comm;

	if (index == PROCESS_NONE)
		return;
	process = &all->all[index];
	set_end(execs, process, rows);
	if (process->parent == PROCESS_NONE)
		return;
	parent = &all->all[process->parent];
	/* The runtime's own processes have pids of another namespace. */
	if (!parent->is_setup)
		rows_set_id(rows, EXEC_PARENT_PID, parent->ns_tgid);
	comm = process_comm_at(all, parent, execs->walk.event.time_ns);
	if (comm[0])
		rows_set_string(rows, EXEC_PARENT, comm);
}

static void path_text(const struct walk *walk, struct buf *out)
{
	struct call_object call = {0};
	struct value file;

	if (walk->event.type == IGREC_RECORD_EXEC) {
		file = exec_file(&walk->event);
		buf_add(out, file.data, file.data ? file.data_bytes : 0);
		return;
	}
	call_object_find(walk->query->arch, &walk->event, walk->objects, &call);
	call_object_text(out, &call);
	call_object_done(&call);
}

static int make_row(const struct execs *execs, struct view_rows *rows)
{
	const struct walk *walk = &execs->walk;

	walk_set_task(walk, rows);
	path_text(walk, rows_begin_text(rows, EXEC_PATH));
	rows_end_text(rows, EXEC_PATH);
	set_arguments(walk, rows);
	set_directory(walk, rows);
	set_process(execs, rows);
	walk_set_outcome(walk, rows, EXEC_ERROR, EXEC_DURATION);
	return rows_put(rows);
}

static int make(const struct view_query *query, struct view_rows *rows)
{
	struct execs execs = {0};
	int err = processes_init(query->timeline, &execs.processes);

	if (!err)
		err = process_spans_init(&execs.processes, &execs.spans);
	if (!err)
		err = walk_init(&execs.walk, query);
	while (!err && walk_next(&execs.walk)) {
		if (execs.walk.act == ACT_EXEC && walk_wants(&execs.walk))
			err = make_row(&execs, rows);
	}
	walk_done(&execs.walk);
	process_spans_done(&execs.spans);
	processes_done(&execs.processes);
	return err;
}

const struct view view_exec = {
	.name = "exec",
	.table = "execs",
	.help = "programs run, or not: arguments, directory, parent, and how they ended",
	.columns = columns,
	.n_columns = EXEC_COLUMNS,
	.make = make,
};
