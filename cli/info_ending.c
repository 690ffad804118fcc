/* SPDX-License-Identifier: Apache-2.0 */
/* How it ended, for `igrec info`: who sent the signal, whom the OOM killer chose. */
#include <inttypes.h>

#include "cli/info_parts.h"
#include "cli/text.h"
#include "common/buf.h"
#include "common/escape.h"
#include "replay/call_text.h"
#include "replay/memory_figures.h"

/* ---- the signal ------------------------------------------------------------------------- */

static void add_sender(struct buf *out, const struct igrec_signal *signal)
{
	enum ending_sender sender = ending_sender_of(signal);
	char comm[IGREC_COMM_BYTES + 1] = "";

	memcpy(comm, signal->sender_comm, IGREC_COMM_BYTES);
	signal_text(out, signal->signal);
	switch (sender) {
	case ENDING_FAULT:
		buf_add_text(out, " from the kernel, for what it did itself");
		break;
	case ENDING_KERNEL:
		buf_add_text(out, " from the kernel");
		break;
	case ENDING_SELF:
		buf_add_text(out, " from itself");
		break;
	case ENDING_INSIDE:
		buf_printf(out, " from %s (pid %" PRIu32 ") in the container", comm,
			   signal->sender_ns_tgid);
		break;
	default:
		buf_printf(out, " from %s (host pid %" PRIu32 "), %s", comm, signal->sender_tgid,
			   sender == ENDING_RUNTIME ? "the container's runtime"
						    : "outside the container");
	}
}

void info_print_ending(const struct info *info, FILE *out)
{
	const struct ending *ending = &info->ending;
	uint64_t end_ns = dump_snapshot(info->dump)->failure.time_ns;
	struct buf text = {0};
	struct text before;

	if (ending->has_signal)
		add_sender(&text, &ending->signal.signal);
	if (ending->has_request) {
		buf_add_text(&text, ending->has_signal ? "; before that " : "");
		add_sender(&text, &ending->request.signal);
		buf_printf(&text, ", %s before the end",
			   text_duration(&before, end_ns - ending->request.time_ns));
	}
	info_line(out, "Signal", "%s", buf_text(&text) ? buf_text(&text) : "");
	buf_done(&text);
}

static void add_signal(struct json *object, const char *key, bool is_there,
		       const struct event *event, int64_t offset_ns)
{
	const struct igrec_signal *signal = &event->signal;

	if (!is_there) {
		json_add_null(object, key);
		return;
	}
	json_open_object(object, key);
	json_add_int(object, "signal", signal->signal);
	json_add_int(object, "time_ns", (int64_t)event->time_ns + offset_ns);
	json_add_text(object, "sender", ending_sender_name(ending_sender_of(signal)));
	if (signal->code <= 0) {
		json_add_uint(object, "host_pid", signal->sender_tgid);
		json_add_bytes(object, "comm", signal->sender_comm,
			       strnlen(signal->sender_comm, IGREC_COMM_BYTES));
	}
	json_close(object);
}

void info_add_ending(struct json *object, const struct info *info)
{
	int64_t offset_ns = dump_snapshot(info->dump)->realtime_offset_ns;

	add_signal(object, "ended_by", info->ending.has_signal, &info->ending.signal, offset_ns);
	add_signal(object, "told_to_end", info->ending.has_request, &info->ending.request,
		   offset_ns);
}

/* ---- out of memory ---------------------------------------------------------------------- */

static bool is_oom(const struct info *info)
{
	const struct snapshot *snapshot = dump_snapshot(info->dump);

	return info->has_oom || snapshot->n_oom_tasks || snapshot->failure.kind == FAILURE_OOM ||
	       snapshot->failure.kind == FAILURE_CHILD_OOM;
}

/* Of the process that was chosen; what is not known is 0, "" and -1. */
static struct snapshot_task victim_of(const struct info *info)
{
	const struct snapshot *snapshot = dump_snapshot(info->dump);
	const struct failure *failure = &snapshot->failure;
	struct snapshot_task victim = {.rss_bytes = -1};

	if (info->has_oom) {
		victim.tgid = info->oom.oom.victim_tgid;
		victim.ns_tgid = info->oom.oom.victim_ns_tgid;
		memcpy(victim.comm, info->oom.oom.victim_comm, IGREC_COMM_BYTES);
	} else if (failure->kind == FAILURE_OOM || failure->kind == FAILURE_CHILD_OOM) {
		victim.tgid = failure->tgid;
		victim.ns_tgid = failure->ns_tgid;
		memcpy(victim.comm, failure->comm, IGREC_COMM_BYTES);
	}
	for (size_t i = 0; i < snapshot->n_oom_tasks; i++)
		if (snapshot->oom_tasks[i].tgid == victim.tgid)
			victim.rss_bytes = snapshot->oom_tasks[i].rss_bytes;
	return victim;
}

static const char *size_or(struct text *to, int64_t bytes, const char *unknown)
{
	return bytes < 0 ? unknown : text_size(to, (uint64_t)bytes);
}

void info_print_oom(const struct info *info, FILE *out)
{
	const struct snapshot *snapshot = dump_snapshot(info->dump);
	struct snapshot_task victim = victim_of(info);
	struct memory_figures memory;
	struct text text[4];

	if (!is_oom(info))
		return;
	memory_figures_of(snapshot, &memory);
	info_line(out, "Memory", "limit %s, in use %s, most %s",
		  size_or(&text[0], memory.limit_bytes, "none"),
		  size_or(&text[1], memory.usage_bytes, "unknown"),
		  size_or(&text[2], memory.peak_bytes, "unknown"));
	if (!victim.tgid)
		return;
	info_line(out, "OOM victim", "%" PRIu32 " (host %" PRIu32 ") %s%s%s%s", victim.ns_tgid,
		  victim.tgid, victim.comm, victim.rss_bytes < 0 ? "" : ", ",
		  size_or(&text[3], victim.rss_bytes, ""),
		  victim.tgid == snapshot->init_tgid ? ", the container's first process" : "");
}

static void add_bytes(struct json *object, const char *key, int64_t bytes)
{
	if (bytes < 0)
		json_add_null(object, key);
	else
		json_add_int(object, key, bytes);
}

static void add_victim(struct json *object, const struct snapshot_task *victim, uint32_t init_tgid)
{
	if (!victim->tgid) {
		json_add_null(object, "victim");
		return;
	}
	json_open_object(object, "victim");
	json_add_uint(object, "pid", victim->ns_tgid);
	json_add_uint(object, "host_pid", victim->tgid);
	json_add_text(object, "comm", victim->comm);
	add_bytes(object, "rss_bytes", victim->rss_bytes);
	json_add_bool(object, "is_init", victim->tgid == init_tgid);
	json_close(object);
}

void info_add_oom(struct json *object, const struct info *info)
{
	const struct snapshot *snapshot = dump_snapshot(info->dump);
	struct snapshot_task victim = victim_of(info);
	struct memory_figures memory;

	if (!is_oom(info)) {
		json_add_null(object, "oom");
		return;
	}
	memory_figures_of(snapshot, &memory);
	json_open_object(object, "oom");
	add_bytes(object, "limit_bytes", memory.limit_bytes);
	add_bytes(object, "usage_bytes", memory.usage_bytes);
	add_bytes(object, "peak_bytes", memory.peak_bytes);
	add_bytes(object, "kills", memory.oom_kills);
	add_victim(object, &victim, snapshot->init_tgid);
	json_open_array(object, "processes");
	for (size_t i = 0; i < snapshot->n_oom_tasks; i++)
		json_add(object, NULL, info_task_json(&snapshot->oom_tasks[i]));
	json_close(object);
	json_close(object);
}
