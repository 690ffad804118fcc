/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One JSON object a line; the names are a promise to users, see docs and "schema".  Fields of the
 * later are only added.
 */
#include <fcntl.h>
#include <string.h>
#include <sys/wait.h>

#include "common/json.h"
#include "decode/changed.h"
#include "decode/names.h"
#include "decode/vectors.h"
#include "replay/call_text.h"
#include "replay/render.h"
#include "replay/value_text.h"
#include "replay/words.h"

static void add_comm(struct json *to, const char *key, const char *comm, size_t bytes)
{
	json_add_bytes(to, key, comm, strnlen(comm, bytes));
}

/* An id of 0 is one that is not known. */
static void add_id(struct json *to, const char *key, uint32_t id)
{
	if (id)
		json_add_uint(to, key, id);
	else
		json_add_null(to, key);
}

static void add_common(const struct render *render, const struct timeline_entry *entry,
		       const char *type, struct json *to)
{
	int64_t offset_ns = timeline_snapshot(render->timeline)->realtime_offset_ns;

	json_add_int(to, "schema", 1);
	json_add_text(to, "type", type);
	json_add_int(to, "time_ns", (int64_t)entry->time_ns + offset_ns);
	json_add_int(to, "rel_ns", (int64_t)(entry->time_ns - timeline_zero_ns(render->timeline)));
}

static void add_signal_name(struct json *to, const char *key, int signal)
{
	const char *name = signal_name(signal);

	if (name)
		json_add_text(to, key, name);
}

/* ---- syscalls ---------------------------------------------------------------------------- */

/* The bytes themselves, or the number in the register; NULL text where it would say the same. */
static bool add_value(struct json *to, const struct value *value)
{
	struct value payload;

	switch (value->type) {
	case VALUE_STRING:
	case VALUE_PATH:
	case VALUE_DATA:
	case VALUE_SOCKET_DATA:
		json_add_bytes(to, "value", value->data, value->data_bytes);
		if (value->truncated)
			json_add_bool(to, "truncated", true);
		if (value->tail_bytes)
			json_add_bytes(to, "tail", value->tail, value->tail_bytes);
		return false;
	case VALUE_IOVEC:
		if (!iovec_payload(value, &payload))
			json_add_uint(to, "value", value->number);
		else
			add_value(to, &payload);
		return true;
	case VALUE_UNREADABLE:
		json_add_null(to, "value");
		return true;
	case VALUE_NUMBER:
	case VALUE_FD:
	case VALUE_DIRFD:
		if (value->is_signed)
			json_add_int(to, "value", (int64_t)value->number);
		else
			json_add_uint(to, "value", value->number);
		return value->type == VALUE_DIRFD && (int64_t)value->number < 0;
	default:
		json_add_uint(to, "value", value->number);
		return true;
	}
}

static void add_object_text(struct render *render, const char *key, const struct object *object,
			    struct json *to)
{
	if (!object || render->options->fds == REPLAY_FDS_NUMBERS)
		return;
	buf_clear(&render->scratch);
	object_text(&render->scratch, object, objects_style(render->objects));
	json_add_bytes(to, key, render->scratch.data, render->scratch.bytes);
}

static bool is_descriptor(const struct value *value)
{
	return value->type == VALUE_FD || value->type == VALUE_DIRFD;
}

static void add_value_text(struct render *render, const char *key, const struct value *value,
			   struct json *to)
{
	buf_clear(&render->scratch);
	value_text(&render->scratch, value);
	json_add_bytes(to, key, render->scratch.data, render->scratch.bytes);
}

/* Of what the call changes in place: as it was, and as it is then. */
static void add_changed(struct render *render, const struct value *value, struct json *to)
{
	struct value was = *value, is;

	if (!value->after)
		return;
	is = value_after(value);
	was.after = NULL;
	add_value_text(render, "before", &was, to);
	add_value_text(render, "after", &is, to);
}

/* What a descriptor refers to, of arguments that are one; in others "text" has it. */
static void add_object(struct render *render, const struct value *value, struct json *to)
{
	if (!render->objects || !is_descriptor(value))
		return;
	if (value->type == VALUE_DIRFD && (int)value->number == AT_FDCWD)
		add_object_text(render, "object", objects_of_cwd(render->objects), to);
	else
		add_object_text(render, "object",
				objects_of_fd(render->objects, (int)value->number), to);
}

void arguments_json(struct render *render, const struct event *event, struct json *to)
{
	const struct layout *layout = event_layout(render->options->arch, event);

	for (unsigned i = 0; i < layout->count; i++) {
		struct value value = event_argument(event, layout, i);

		if (!event_has_argument(event, layout, i) || value.type == VALUE_HIDDEN)
			continue;
		json_open_object(to, NULL);
		json_add_text(to, "name", layout->fields[i].name);
		if (add_value(to, &value)) {
			value.objects = is_descriptor(&value) ? NULL : render->objects;
			add_value_text(render, "text", &value, to);
			add_changed(render, &value, to);
		}
		add_object(render, &value, to);
		json_close(to);
	}
}

static void add_errno(struct json *to, const struct result *result)
{
	const char *name = result->kind == RESULT_VALUE ? NULL : errno_name(result->error);

	json_add_text(to, "errno", name);
}

static void add_syscall_name(const struct render *render, const struct event *event,
			     struct json *to)
{
	char room[SYSCALL_NAME_BYTES];

	json_add_text(to, "syscall",
		      syscall_name(render->options->arch, event->nr, event->compat, room));
}

static void add_syscall(struct render *render, const struct timeline_entry *entry,
			const struct event *event, struct json *to)
{
	struct result result = event_result(render->options->arch, event);

	add_syscall_name(render, event, to);
	json_open_array(to, "args");
	arguments_json(render, event, to);
	json_close(to);
	json_add_int(to, "ret", event->result);
	add_object_text(render, "ret_object", result_object(&result, render->objects), to);
	add_errno(to, &result);
	json_add_bool(to, "entry_seen", event->entry_seen);
	if (entry->in_flight)
		json_add_bool(to, "in_flight", true);
}

/* ---- the rest ---------------------------------------------------------------------------- */

void argv_json(const struct value *argv, struct json *to)
{
	const unsigned char *at = argv->data, *end = at ? at + argv->data_bytes : NULL;

	while (at < end) {
		const unsigned char *nul = memchr(at, 0, (size_t)(end - at));

		json_add_bytes(to, NULL, at, (size_t)((nul ? nul : end) - at));
		at = nul ? nul + 1 : end;
	}
}

void exec_json(struct json *to, const struct event *event)
{
	struct value file = exec_file(event), argv = exec_argv(event);

	if (file.type == VALUE_UNREADABLE)
		json_add_null(to, "filename");
	else
		json_add_bytes(to, "filename", file.data, file.data_bytes);
	json_open_array(to, "argv");
	argv_json(&argv, to);
	json_close(to);
	json_add_bool(to, "argv_truncated", argv.truncated);
}

static void add_exec(const struct render *render, const struct event *event, struct json *to)
{
	add_syscall_name(render, event, to);
	exec_json(to, event);
	json_add_bool(to, "entry_seen", event->entry_seen);
}

static void add_status(struct json *to, int status)
{
	int signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;

	if (signal)
		json_add_null(to, "exit_code");
	else
		json_add_int(to, "exit_code", WEXITSTATUS(status));
	json_add_int(to, "signal", signal);
	add_signal_name(to, "signal_name", signal);
	json_add_bool(to, "core", signal && WCOREDUMP(status));
}

static void add_exit(const struct render *render, const struct event *event, struct json *to)
{
	if (event->nr != IGREC_NR_NONE)
		add_syscall_name(render, event, to);
	add_status(to, event->exit.code);
	json_add_bool(to, "last_thread", event->exit.last);
}

static void add_fork(const struct event *event, struct json *to)
{
	add_id(to, "child_pid", event->fork.child_ns_tgid);
	add_id(to, "child_tid", event->fork.child_ns_tid);
	add_id(to, "child_host_pid", event->fork.child_tgid);
	add_id(to, "child_host_tid", event->fork.child_tid);
}

static void add_signal(const struct event *event, struct json *to)
{
	const struct igrec_signal *signal = &event->signal;

	json_add_int(to, "signal", signal->signal);
	add_signal_name(to, "signal_name", signal->signal);
	json_add_int(to, "code", signal->code);
	json_add_text(to, "code_name", signal_code_name(signal->signal, signal->code));
	json_add_uint(to, "fault_address", signal->fault_address);
	json_add_bool(to, "to_process", signal->group);
	add_id(to, "sender_pid", signal->sender_ns_tgid);
	add_id(to, "sender_host_pid", signal->sender_tgid);
	add_comm(to, "sender_comm", signal->sender_comm, IGREC_COMM_BYTES);
	json_add_bool(to, "sender_outside", signal->sender_outside);
}

static void add_oom(const struct render *render, const struct event *event, struct json *to)
{
	add_id(to, "victim_pid", event->oom.victim_ns_tgid);
	add_id(to, "victim_host_pid", event->oom.victim_tgid);
	add_comm(to, "victim_comm", event->oom.victim_comm, IGREC_COMM_BYTES);
	add_id(to, "trigger_host_tid", event->oom.trigger_tid);
	add_comm(to, "trigger_comm", event->oom.trigger_comm, IGREC_COMM_BYTES);
	json_add_text(to, "cgroup", timeline_snapshot(render->timeline)->identity.cgroup_path);
}

static void add_body(struct render *render, const struct timeline_entry *entry,
		     const struct event *event, struct json *to)
{
	switch (event->type) {
	case IGREC_RECORD_SYSCALL:
		add_syscall(render, entry, event, to);
		return;
	case IGREC_RECORD_EXEC:
		add_exec(render, event, to);
		return;
	case IGREC_RECORD_EXIT:
		add_exit(render, event, to);
		return;
	case IGREC_RECORD_FORK:
		add_fork(event, to);
		return;
	case IGREC_RECORD_SIGNAL:
		add_signal(event, to);
		return;
	case IGREC_RECORD_OOM:
		add_oom(render, event, to);
		return;
	}
}

static void add_event(struct render *render, const struct timeline_entry *entry, struct json *to)
{
	const struct timeline_task *task = timeline_task_of(render->timeline, entry);
	struct event event;

	timeline_event(entry, &event);
	add_common(render, entry, entry_type_name(entry, &event), to);
	json_add_uint(to, "duration_ns", event.duration_ns);
	json_add_uint(to, "cpu", event.cpu);
	add_id(to, "pid", task->ns_tgid);
	add_id(to, "tid", task->ns_tid);
	add_id(to, "host_pid", task->tgid);
	add_id(to, "host_tid", event.tid);
	add_comm(to, "comm", task->comm, sizeof(task->comm));
	json_add_text(to, "lane", lane_name(entry->lane));
	if (event.compat)
		json_add_bool(to, "compat", true);
	if (event.setup)
		json_add_bool(to, "setup", true);
	add_body(render, entry, &event, to);
}

static void add_gap(const struct render *render, const struct timeline_entry *entry,
		    struct json *to)
{
	static const struct {
		enum timeline_kind kind;
		const char *key;
	} counts[] = {
		{TIMELINE_OVERWRITTEN, "overwritten"}, {TIMELINE_TORN, "torn"},
		{TIMELINE_DROPPED, "dropped"},	       {TIMELINE_MISSING, "missing"},
		{TIMELINE_DAMAGED, "damaged_bytes"},
	};

	add_common(render, entry, entry_type_name(entry, NULL), to);
	json_add_text(to, "lane", lane_name(entry->lane));
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
		json_add_uint(to, counts[i].key, counts[i].kind == entry->kind ? entry->count : 0);
}

static void add_failure(struct render *render, const struct timeline_entry *entry, struct json *to)
{
	const struct snapshot *snapshot = timeline_snapshot(render->timeline);
	const struct failure *failure = &snapshot->failure;
	bool has_code = !failure->signal && failure->kind != FAILURE_REQUESTED;
	struct event event;

	add_common(render, entry, entry_type_name(entry, NULL), to);
	add_id(to, "pid", failure->ns_tgid);
	add_id(to, "host_pid", failure->tgid);
	add_comm(to, "comm", failure->comm, sizeof(failure->comm));
	json_add_null(to, "lane");
	json_add_text(to, "kind", failure_kind_name(failure->kind));
	if (has_code)
		json_add_int(to, "exit_code", failure->exit_code);
	else
		json_add_null(to, "exit_code");
	json_add_int(to, "signal", failure->signal);
	add_signal_name(to, "signal_name", failure->signal);
	json_add_bool(to, "core", failure->core);
	json_add_bool(to, "late", failure->late);
	json_add_text(to, "cgroup", snapshot->identity.cgroup_path);
	if (timeline_death_signal(render->timeline, &event)) {
		json_add_text(to, "code_name",
			      signal_code_name(event.signal.signal, event.signal.code));
		add_id(to, "sender_pid", event.signal.sender_ns_tgid);
		add_id(to, "sender_host_pid", event.signal.sender_tgid);
		add_comm(to, "sender_comm", event.signal.sender_comm, IGREC_COMM_BYTES);
		json_add_bool(to, "sender_outside", event.signal.sender_outside);
	}
	buf_clear(&render->scratch);
	failure_words(&render->scratch, render->timeline);
	json_add_bytes(to, "text", render->scratch.data, render->scratch.bytes);
}

void render_json(struct render *render, const struct timeline_entry *entry, struct buf *out)
{
	struct json *line = render->line;

	if (!line)
		line = render->line = json_new_object();
	else
		json_clear(line);
	if (entry->kind == TIMELINE_EVENT)
		add_event(render, entry, line);
	else if (entry->kind == TIMELINE_FAILURE)
		add_failure(render, entry, line);
	else
		add_gap(render, entry, line);
	if (json_write(line, out))
		out->failed = true;
	buf_add_char(out, '\n');
}
