/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Processes -> lines.  Parents stand above their children; a process that is left out leaves its
 * children to the nearest ancestor that is shown.
 */
#include "replay/tree.h"

#include <errno.h>
#include <string.h>
#include <sys/wait.h>

#include "common/buf.h"
#include "common/escape.h"
#include "common/json.h"
#include "decode/names.h"
#include "replay/call_text.h"
#include "replay/number.h"
#include "replay/processes.h"
#include "replay/render.h"
#include "replay/replay.h"
#include "replay/value_text.h"
#include "replay/words.h"

#define TIME_WIDTH   12
#define PID_WIDTH    6
#define INDENT	     2
#define INDENT_DEPTH 40 /* deeper ones stand below each other */

struct tree {
	const struct timeline *timeline;
	const struct tree_options *options;
	struct processes processes;
	bool hide_setup;
};

/* ---- text ----------------------------------------------------------------------------------- */

/* Relative to the failure; "-" where the tape does not tell. */
static void time_column(const struct tree *tree, uint64_t time_ns, struct buf *out)
{
	size_t start = out->bytes;

	if (time_ns)
		number_seconds(out, (int64_t)(time_ns - timeline_zero_ns(tree->timeline)));
	else
		buf_add_char(out, '-');
	align_right(out, start, TIME_WIDTH);
	buf_add(out, "  ", 2);
}

/* An id of 0 is one that is not known; none: no column of this line. */
static void pid_column(uint32_t pid, bool none, struct buf *out)
{
	size_t start = out->bytes;

	if (pid)
		number_unsigned(out, pid);
	else if (!none)
		buf_add_char(out, '-');
	align_right(out, start, PID_WIDTH);
	buf_add(out, "  ", 2);
}

static void indent(unsigned depth, struct buf *out)
{
	size_t start = out->bytes;

	align_left(out, start, INDENT * (depth < INDENT_DEPTH ? depth : INDENT_DEPTH));
}

static void comm_text(struct buf *out, const char *comm)
{
	if (comm[0])
		escape_name_text(out, comm);
	else
		buf_add_char(out, '?');
}

static void left_columns(const struct tree *tree, uint64_t from_ns, uint64_t to_ns, uint32_t pid,
			 unsigned depth, struct buf *out)
{
	time_column(tree, from_ns, out);
	time_column(tree, to_ns, out);
	pid_column(pid, false, out);
	indent(depth, out);
}

static void deed_line(const struct tree *tree, const struct process_deed *deed, unsigned depth,
		      struct buf *out)
{
	size_t start;
	struct event event;

	time_column(tree, deed->time_ns, out);
	start = out->bytes;
	align_left(out, start, TIME_WIDTH + 2);
	pid_column(0, true, out);
	indent(depth + 1, out);
	if (deed->is_exec) {
		timeline_event(timeline_at(tree->timeline, deed->entry), &event);
		buf_add_text(out, "exec ");
		arguments_text(out, ARCH_HOST, &event, NULL);
	} else {
		buf_add_text(out, "called ");
		comm_text(out, deed->comm);
	}
	buf_add_char(out, '\n');
}

static void thread_line(const struct tree *tree, const struct process_thread *thread,
			unsigned depth, struct buf *out)
{
	left_columns(tree, thread->start_ns, thread->end_ns, thread->ns_tid, depth + 1, out);
	buf_add_text(out, "thread ");
	comm_text(out, thread->comm);
	if (thread->end_ns) {
		buf_add_text(out, ", ");
		status_text(out, thread->code);
	}
	buf_add_char(out, '\n');
}

static void process_line(const struct tree *tree, const struct process *process, unsigned depth,
			 struct buf *out)
{
	uint32_t threads = process->n_threads;

	threads -= tree->hide_setup ? process->n_setup_threads : 0;
	left_columns(tree, process->start_ns, process->end_ns, process->ns_tgid, depth, out);
	comm_text(out, process_comm(&tree->processes, process));
	if (threads)
		buf_printf(out, ", %u more thread%s", threads, threads == 1 ? "" : "s");
	if (process->end_ns) {
		buf_add_text(out, ", ");
		status_text(out, process->code);
	} else if (process->listed) {
		buf_add_text(out, ", still there when the dump was made");
	}
	if (process->failed)
		buf_add_text(out, "  <failure>");
	buf_add_char(out, '\n');
}

/* One that ran before the tape began: /proc says what. */
static void listed_line(const struct process *process, unsigned depth, struct buf *out)
{
	struct value argv = {.type = VALUE_ARGV};
	size_t start = out->bytes;

	if (!process->listed || !process->listed->argv || process->first_deed != PROCESS_NONE)
		return;
	argv.data = (const unsigned char *)process->listed->argv;
	argv.data_bytes = process->listed->argv_bytes;
	align_left(out, start, 2 * (TIME_WIDTH + 2));
	pid_column(0, true, out);
	indent(depth + 1, out);
	buf_add_text(out, "runs ");
	value_text(out, &argv);
	buf_add_char(out, '\n');
}

static void process_text(const struct tree *tree, const struct process *process, unsigned depth,
			 struct buf *out)
{
	const struct processes *all = &tree->processes;

	process_line(tree, process, depth, out);
	listed_line(process, depth, out);
	for (uint32_t i = process->first_deed; i != PROCESS_NONE; i = all->deeds[i].next)
		deed_line(tree, &all->deeds[i], depth, out);
	if (!tree->options->threads)
		return;
	for (uint32_t i = process->first_thread; i != PROCESS_NONE; i = all->threads[i].next) {
		if (!tree->hide_setup || !all->threads[i].is_setup)
			thread_line(tree, &all->threads[i], depth, out);
	}
}

static void header_text(struct buf *out)
{
	static const struct {
		const char *title;
		unsigned width;
	} columns[] = {{"STARTED", TIME_WIDTH}, {"ENDED", TIME_WIDTH}, {"PID", PID_WIDTH}};

	for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++) {
		size_t start = out->bytes;

		buf_add_text(out, columns[i].title);
		align_right(out, start, columns[i].width);
		buf_add(out, "  ", 2);
	}
	buf_add_text(out, "PROCESS\n");
}

/* ---- JSON ------------------------------------------------------------------------------------ */

static void add_id(struct json *to, const char *key, uint32_t id)
{
	if (id)
		json_add_uint(to, key, id);
	else
		json_add_null(to, key);
}

static void add_time(const struct tree *tree, struct json *to, const char *key,
		     const char *relative_key, uint64_t time_ns)
{
	int64_t offset_ns = timeline_snapshot(tree->timeline)->realtime_offset_ns;

	if (!time_ns) {
		json_add_null(to, key);
		json_add_null(to, relative_key);
		return;
	}
	json_add_int(to, key, (int64_t)time_ns + offset_ns);
	json_add_int(to, relative_key, (int64_t)(time_ns - timeline_zero_ns(tree->timeline)));
}

static void add_status(struct json *to, bool ended, int32_t code)
{
	int signal = ended && WIFSIGNALED(code) ? WTERMSIG(code) : 0;

	if (ended && !signal)
		json_add_int(to, "exit_code", WEXITSTATUS(code));
	else
		json_add_null(to, "exit_code");
	if (!ended)
		json_add_null(to, "signal");
	else
		json_add_int(to, "signal", signal);
	if (signal)
		json_add_text(to, "signal_name", signal_name(signal));
	json_add_bool(to, "core", signal && WCOREDUMP(code));
}

static void add_deeds(const struct tree *tree, const struct process *process, struct json *to)
{
	const struct processes *all = &tree->processes;

	json_open_array(to, "changes");
	for (uint32_t i = process->first_deed; i != PROCESS_NONE; i = all->deeds[i].next) {
		const struct process_deed *deed = &all->deeds[i];
		struct event event;

		json_open_object(to, NULL);
		json_add_text(to, "type", deed->is_exec ? "exec" : "comm");
		add_time(tree, to, "time_ns", "rel_ns", deed->time_ns);
		json_add_text(to, "comm", deed->comm);
		if (deed->is_exec) {
			timeline_event(timeline_at(tree->timeline, deed->entry), &event);
			exec_json(to, &event);
		}
		json_close(to);
	}
	json_close(to);
}

static void add_threads(const struct tree *tree, const struct process *process, struct json *to)
{
	const struct processes *all = &tree->processes;

	json_add_uint(to, "more_threads",
		      process->n_threads - (tree->hide_setup ? process->n_setup_threads : 0));
	if (!tree->options->threads)
		return;
	json_open_array(to, "threads");
	for (uint32_t i = process->first_thread; i != PROCESS_NONE; i = all->threads[i].next) {
		const struct process_thread *thread = &all->threads[i];

		if (tree->hide_setup && thread->is_setup)
			continue;
		json_open_object(to, NULL);
		add_id(to, "tid", thread->ns_tid);
		add_id(to, "host_tid", thread->tid);
		json_add_text(to, "comm", thread->comm);
		add_time(tree, to, "start_time_ns", "start_rel_ns", thread->start_ns);
		add_time(tree, to, "end_time_ns", "end_rel_ns", thread->end_ns);
		add_status(to, thread->end_ns, thread->code);
		json_close(to);
	}
	json_close(to);
}

static void process_json(const struct tree *tree, const struct process *process, unsigned depth,
			 struct buf *out)
{
	const struct process *parent =
		process->parent == PROCESS_NONE ? NULL : &tree->processes.all[process->parent];
	struct json *line = json_new_object();

	json_add_int(line, "schema", 1);
	json_add_text(line, "type", "process");
	add_id(line, "pid", process->ns_tgid);
	add_id(line, "host_pid", process->tgid);
	add_id(line, "parent_pid", parent ? parent->ns_tgid : 0);
	add_id(line, "parent_host_pid", parent ? parent->tgid : 0);
	json_add_uint(line, "depth", depth);
	json_add_text(line, "comm", process_comm(&tree->processes, process));
	json_add_text(line, "first_comm", process->comm);
	add_time(tree, line, "start_time_ns", "start_rel_ns", process->start_ns);
	add_time(tree, line, "end_time_ns", "end_rel_ns", process->end_ns);
	add_status(line, process->end_ns, process->code);
	json_add_bool(line, "failed", process->failed);
	json_add_bool(line, "setup", process->is_setup);
	json_add_bool(line, "listed", process->listed);
	add_deeds(tree, process, line);
	add_threads(tree, process, line);
	if (json_write(line, out))
		out->failed = true;
	buf_add_char(out, '\n');
	json_free(line);
}

/* ---- the walk ---------------------------------------------------------------------------------
 */

static bool is_shown(const void *user, const struct process *process)
{
	const struct tree *tree = user;

	return !tree->hide_setup || !process->is_setup || process->failed;
}

static int render_root(const struct tree *tree, uint32_t root, struct buf *text, FILE *out,
		       struct tree_counts *counts)
{
	unsigned depth = 0;
	int err = 0;

	for (uint32_t i = root; !err && i != PROCESS_NONE;
	     i = process_next(&tree->processes, root, i, is_shown, tree, &depth)) {
		const struct process *process = &tree->processes.all[i];

		if (!is_shown(tree, process))
			continue;
		counts->processes++;
		if (tree->options->json)
			process_json(tree, process, depth, text);
		else
			process_text(tree, process, depth, text);
		if (text->bytes >= REPLAY_FLUSH_BYTES || text->failed)
			err = replay_write(text, out);
	}
	return err;
}

static int render_all(const struct tree *tree, struct buf *text, FILE *out,
		      struct tree_counts *counts)
{
	int err = 0;

	if (!tree->options->json && !tree->options->no_header)
		header_text(text);
	for (uint32_t i = 0; !err && i < tree->processes.count; i++) {
		if (tree->processes.all[i].parent == PROCESS_NONE)
			err = render_root(tree, i, text, out, counts);
	}
	if (!err && !tree->options->json) {
		time_column(tree, timeline_zero_ns(tree->timeline), text);
		buf_add_text(text, "<failure> ");
		failure_words(text, tree->timeline);
		buf_add_char(text, '\n');
	}
	if (!err)
		err = replay_write(text, out);
	errno = 0;
	if (!err && fflush(out))
		err = errno ? -errno : -EIO;
	return err;
}

int tree_render(const struct snapshot *snapshot, const struct tree_options *options, FILE *out,
		struct tree_counts *ret)
{
	struct tree tree = {.options = options};
	struct timeline *timeline = NULL;
	struct buf text = {0};
	int err;

	*ret = (struct tree_counts){0};
	err = timeline_new(snapshot, &timeline);
	if (err)
		return err;
	tree.timeline = timeline;
	tree.hide_setup = options->hide_setup && timeline_has_started(timeline);
	ret->incomplete = timeline_is_incomplete(timeline);
	err = processes_init(timeline, &tree.processes);
	if (!err)
		err = render_all(&tree, &text, out, ret);
	processes_done(&tree.processes);
	buf_done(&text);
	timeline_free(timeline);
	return err;
}
