/* SPDX-License-Identifier: Apache-2.0 */
/* The table of event columns: one small function each. */
#include "export/event_columns.h"

#include <errno.h>
#include <string.h>
#include <sys/wait.h>

#include "decode/names.h"
#include "export/event_words.h"
#include "replay/call_object.h"
#include "replay/words.h"

/* ---- cells -------------------------------------------------------------------------------- */

static void set_int(struct view_cell *ret, int64_t value)
{
	*ret = (struct view_cell){.known = true, .number = value};
}

/* 0 is not known. */
static void set_id(struct view_cell *ret, uint32_t id)
{
	if (id)
		set_int(ret, id);
}

static void set_text(struct view_cell *ret, const char *text)
{
	if (text)
		*ret = (struct view_cell){.known = true, .text = text, .bytes = strlen(text)};
}

/* What was gathered in row->text. */
static void set_gathered(struct event_row *row, struct view_cell *ret)
{
	const char *text = row->text.bytes ? row->text.data : "";

	*ret = (struct view_cell){.known = true, .text = text, .bytes = row->text.bytes};
}

static void set_time(const struct event_row *row, uint64_t time_ns, struct view_cell *ret)
{
	int64_t offset_ns = timeline_snapshot(row->timeline)->realtime_offset_ns;
	int64_t real_ns;

	if (!__builtin_add_overflow((int64_t)time_ns, offset_ns, &real_ns))
		set_int(ret, real_ns);
}

static bool is_event(const struct event_row *row)
{
	return row->entry->kind == TIMELINE_EVENT;
}

static bool is_syscall(const struct event_row *row)
{
	return is_event(row) && row->event.type == IGREC_RECORD_SYSCALL;
}

static bool is_exec(const struct event_row *row)
{
	return is_event(row) && row->event.type == IGREC_RECORD_EXEC;
}

static const struct failure *failure_of(const struct event_row *row)
{
	return row->entry->kind == TIMELINE_FAILURE ? &timeline_snapshot(row->timeline)->failure
						    : NULL;
}

/* ---- of every entry ----------------------------------------------------------------------- */

static void get_type(struct event_row *row, struct view_cell *ret)
{
	set_text(ret, entry_type_name(row->entry, &row->event));
}

static void get_time(struct event_row *row, struct view_cell *ret)
{
	set_time(row, row->entry->time_ns, ret);
}

static void get_relative(struct event_row *row, struct view_cell *ret)
{
	set_int(ret, (int64_t)(row->entry->time_ns - timeline_zero_ns(row->timeline)));
}

static void get_end(struct event_row *row, struct view_cell *ret)
{
	set_time(row, is_event(row) ? row->event.end_ns : row->entry->time_ns, ret);
}

static void get_lane(struct event_row *row, struct view_cell *ret)
{
	if (row->entry->kind != TIMELINE_FAILURE)
		set_text(ret, lane_name(row->entry->lane));
}

static void get_pid(struct event_row *row, struct view_cell *ret)
{
	const struct failure *failure = failure_of(row);

	set_id(ret, failure ? failure->ns_tgid : row->task->ns_tgid);
}

static void get_tid(struct event_row *row, struct view_cell *ret)
{
	set_id(ret, row->task->ns_tid);
}

static void get_host_pid(struct event_row *row, struct view_cell *ret)
{
	const struct failure *failure = failure_of(row);

	set_id(ret, failure ? failure->tgid : row->task->tgid);
}

static void get_host_tid(struct event_row *row, struct view_cell *ret)
{
	if (is_event(row))
		set_id(ret, row->event.tid);
}

static void get_comm(struct event_row *row, struct view_cell *ret)
{
	const struct failure *failure = failure_of(row);

	if (failure || is_event(row))
		set_text(ret, failure ? failure->comm : row->task->comm);
}

static void get_text(struct event_row *row, struct view_cell *ret)
{
	entry_words(&row->text, row->arch, row->timeline, row->entry, &row->event, row->objects);
	set_gathered(row, ret);
}

static void get_json(struct event_row *row, struct view_cell *ret)
{
	render_json(&row->render, row->entry, &row->text);
	if (row->text.bytes)
		row->text.bytes--; /* the end of the line */
	set_gathered(row, ret);
}

/* ---- of events ---------------------------------------------------------------------------- */

static void get_duration(struct event_row *row, struct view_cell *ret)
{
	if (is_event(row))
		set_int(ret, (int64_t)row->event.duration_ns);
}

static void get_cpu(struct event_row *row, struct view_cell *ret)
{
	if (is_event(row))
		set_int(ret, row->event.cpu);
}

static void get_setup(struct event_row *row, struct view_cell *ret)
{
	if (is_event(row))
		set_int(ret, row->event.setup);
}

static void get_compat(struct event_row *row, struct view_cell *ret)
{
	if (is_event(row))
		set_int(ret, row->event.compat);
}

static void get_in_flight(struct event_row *row, struct view_cell *ret)
{
	if (is_event(row))
		set_int(ret, row->entry->in_flight);
}

/* As in JSON, of an exit only if a call asked for it. */
static void get_syscall(struct event_row *row, struct view_cell *ret)
{
	bool has_call = is_syscall(row) || is_exec(row) ||
			(is_event(row) && row->event.type == IGREC_RECORD_EXIT &&
			 row->event.nr != IGREC_NR_NONE);
	char room[SYSCALL_NAME_BYTES];

	if (!has_call)
		return;
	buf_add_text(&row->text, syscall_name(row->arch, row->event.nr, row->event.compat, room));
	set_gathered(row, ret);
}

static void get_entry_seen(struct event_row *row, struct view_cell *ret)
{
	if (is_syscall(row) || is_exec(row))
		set_int(ret, row->event.entry_seen);
}

static void get_args(struct event_row *row, struct view_cell *ret)
{
	struct json *array;

	if (!is_syscall(row) && !is_exec(row))
		return;
	array = json_new_array();
	if (is_exec(row)) {
		struct value argv = exec_argv(&row->event);

		argv_json(&argv, array);
	} else {
		arguments_json(&row->render, &row->event, array);
	}
	if (json_write(array, &row->text))
		row->text.failed = true;
	json_free(array);
	set_gathered(row, ret);
}

static void get_register(const struct event_row *row, unsigned index, struct view_cell *ret)
{
	if (is_syscall(row) && index < row->event.args)
		set_int(ret, (int64_t)row->event.arg[index]);
}

#define REGISTER_GETTER(index)                                                                     \
	static void get_arg##index(struct event_row *row, struct view_cell *ret)                   \
	{                                                                                          \
		get_register(row, index, ret);                                                     \
	}
REGISTER_GETTER(0)
REGISTER_GETTER(1)
REGISTER_GETTER(2)
REGISTER_GETTER(3)
REGISTER_GETTER(4)
REGISTER_GETTER(5)

static void get_path(struct event_row *row, struct view_cell *ret)
{
	struct call_object call = {0};

	if (is_exec(row)) {
		struct value file = exec_file(&row->event);

		if (file.type == VALUE_UNREADABLE)
			return;
		buf_add(&row->text, file.data, file.data_bytes);
		set_gathered(row, ret);
	}
	if (!is_syscall(row))
		return;
	call_object_find(row->arch, &row->event, row->objects, &call);
	if (call.has_path) {
		call_object_text(&row->text, &call);
		set_gathered(row, ret);
	}
	call_object_done(&call);
}

static void get_object(struct event_row *row, struct view_cell *ret)
{
	struct call_object call = {0};

	if (!is_syscall(row))
		return;
	call_object_find(row->arch, &row->event, row->objects, &call);
	if (!call.has_path)
		call_object_text(&row->text, &call);
	if (row->text.bytes)
		set_gathered(row, ret);
	call_object_done(&call);
}

static void get_ret(struct event_row *row, struct view_cell *ret)
{
	if (is_syscall(row))
		set_int(ret, row->event.result);
}

static void get_errno(struct event_row *row, struct view_cell *ret)
{
	struct result result;

	if (!is_syscall(row))
		return;
	result = event_result(row->arch, &row->event);
	if (result.kind != RESULT_VALUE)
		set_text(ret, errno_name(result.error));
}

/* ---- of what is no call ------------------------------------------------------------------- */

/* The signal that was sent, or that ended the thread or the container. */
static void get_signal(struct event_row *row, struct view_cell *ret)
{
	const struct failure *failure = failure_of(row);
	int signal = 0;

	if (failure)
		signal = failure->signal;
	else if (is_event(row) && row->event.type == IGREC_RECORD_SIGNAL)
		signal = (int)row->event.signal.signal;
	else if (is_event(row) && row->event.type == IGREC_RECORD_EXIT &&
		 WIFSIGNALED(row->event.exit.code))
		signal = WTERMSIG(row->event.exit.code);
	if (signal)
		set_text(ret, signal_name(signal));
}

static void get_exit_code(struct event_row *row, struct view_cell *ret)
{
	const struct failure *failure = failure_of(row);

	if (failure && !failure->signal && failure->kind != FAILURE_REQUESTED)
		set_int(ret, failure->exit_code);
	if (is_event(row) && row->event.type == IGREC_RECORD_EXIT &&
	    WIFEXITED(row->event.exit.code))
		set_int(ret, WEXITSTATUS(row->event.exit.code));
}

static void get_child_pid(struct event_row *row, struct view_cell *ret)
{
	if (is_event(row) && row->event.type == IGREC_RECORD_FORK)
		set_id(ret, row->event.fork.child_ns_tgid);
}

static void get_missing(struct event_row *row, struct view_cell *ret)
{
	if (!is_event(row) && row->entry->kind != TIMELINE_FAILURE)
		set_int(ret, (int64_t)row->entry->count);
}

const struct event_column event_columns[] = {
	{"type", VIEW_TEXT, .get = get_type},
	{"time_ns", VIEW_TIME_NS, .get = get_time},
	{"rel_ns", VIEW_DURATION_NS, .get = get_relative},
	{"end_ns", VIEW_TIME_NS, .get = get_end},
	{"duration_ns", VIEW_DURATION_NS, .get = get_duration},
	{"cpu", VIEW_INT, .get = get_cpu},
	{"lane", VIEW_TEXT, .get = get_lane},
	{"pid", VIEW_INT, .get = get_pid},
	{"tid", VIEW_INT, .get = get_tid},
	{"host_pid", VIEW_INT, .get = get_host_pid},
	{"host_tid", VIEW_INT, .get = get_host_tid},
	{"comm", VIEW_TEXT, .get = get_comm},
	{"syscall", VIEW_TEXT, .get = get_syscall},
	{"path", VIEW_TEXT, .needs_objects = true, .needs_whole = true, .get = get_path},
	{"object", VIEW_TEXT, .needs_objects = true, .needs_whole = true, .get = get_object},
	{"ret", VIEW_INT, .get = get_ret},
	{"errno", VIEW_TEXT, .get = get_errno},
	{"arg0", VIEW_INT, .get = get_arg0},
	{"arg1", VIEW_INT, .get = get_arg1},
	{"arg2", VIEW_INT, .get = get_arg2},
	{"arg3", VIEW_INT, .get = get_arg3},
	{"arg4", VIEW_INT, .get = get_arg4},
	{"arg5", VIEW_INT, .get = get_arg5},
	{"args", VIEW_TEXT, .needs_objects = true, .needs_whole = true, .get = get_args},
	{"entry_seen", VIEW_BOOL, .get = get_entry_seen},
	{"in_flight", VIEW_BOOL, .needs_whole = true, .get = get_in_flight},
	{"setup", VIEW_BOOL, .get = get_setup},
	{"compat", VIEW_BOOL, .get = get_compat},
	{"signal", VIEW_TEXT, .get = get_signal},
	{"exit_code", VIEW_INT, .get = get_exit_code},
	{"child_pid", VIEW_INT, .get = get_child_pid},
	{"missing", VIEW_INT, .get = get_missing},
	{"text", VIEW_TEXT, .needs_objects = true, .needs_whole = true, .get = get_text},
	{"json", VIEW_TEXT, .needs_objects = true, .needs_whole = true, .repeats = true,
	 .get = get_json},
	{0},
};

/* ---- rows --------------------------------------------------------------------------------- */

void event_row_init(struct event_row *row, const struct timeline *timeline, enum arch arch,
		    struct objects *objects)
{
	*row = (struct event_row){
		.timeline = timeline,
		.objects = objects,
		.arch = arch,
		.options = {.arch = arch, .format = REPLAY_JSON, .fds = REPLAY_FDS_ADDRESSES},
	};
	row->render =
		(struct render){.timeline = timeline, .options = &row->options, .objects = objects};
}

void event_row_done(struct event_row *row)
{
	buf_done(&row->text);
	buf_done(&row->render.scratch);
	json_free(row->render.line);
}

void event_row_set(struct event_row *row, size_t index)
{
	row->index = index;
	row->render.index = index;
	row->entry = timeline_at(row->timeline, index);
	row->task = timeline_task_of(row->timeline, row->entry);
	if (row->objects)
		objects_seek(row->objects, index);
	if (row->entry->kind == TIMELINE_EVENT)
		timeline_event(row->entry, &row->event);
}

int event_row_cell(struct event_row *row, const struct event_column *column, struct view_cell *ret)
{
	struct view_cell cell = {0};

	buf_clear(&row->text);
	column->get(row, &cell);
	if (row->text.failed)
		return -ENOMEM;
	*ret = cell;
	return 0;
}
