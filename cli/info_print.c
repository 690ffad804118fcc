/* SPDX-License-Identifier: Apache-2.0 */
/* `igrec info` for people. */
#include <inttypes.h>
#include <stdarg.h>

#include "cli/dumps.h"
#include "cli/info_parts.h"
#include "cli/table.h"
#include "cli/text.h"
#include "common/buf.h"
#include "common/cleanup.h"
#include "common/clock.h"
#include "common/escape.h"
#include "common/log.h"
#include "dumper/row.h"
#include "replay/memory_figures.h"

#define LOG_LINES 10 /* that are shown unasked */

void info_line(FILE *out, const char *name, const char *format, ...)
{
	AUTO_FREE char *text = NULL;
	struct buf escaped = {0};
	va_list args;

	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		text = NULL;
	va_end(args);
	if (!text || !text[0])
		return;
	escape_name_text(&escaped, text);
	fprintf(out, "%-12s %s\n", name, buf_text(&escaped) ? buf_text(&escaped) : "");
	buf_done(&escaped);
}

static const char *or_empty(const char *text)
{
	return text ? text : "";
}

static void print_end(const struct info *info, FILE *out)
{
	const struct dump *dump = info->dump;
	const struct snapshot *snapshot = dump_snapshot(dump);
	const struct failure *failure = &snapshot->failure;
	struct text when, ago, how, lived;

	info_line(out, failure->kind == FAILURE_REQUESTED ? "Taken" : "Failed", "%s (%s): %s",
		  text_time(&when, dumps_time_ns(dump)),
		  text_ago(&ago, dumps_time_ns(dump), clock_realtime_ns()),
		  text_failure(&how, failure));
	info_line(out, "Kind", "%s%s", failure_kind_name(failure->kind),
		  failure->late ? ", noticed only when igrecd was started again" : "");
	if (failure->tgid)
		info_line(out, "Process", "%" PRIu32 " (host %" PRIu32 ") %s", failure->ns_tgid,
			  failure->tgid, failure->comm);
	info_print_ending(info, out);
	info_print_oom(info, out);
	info_line(out, "Cause", "%s", dump_cause(dump));
	if (snapshot->started_ns && snapshot->started_ns <= failure->time_ns)
		info_line(out, "Lived", "%s",
			  text_duration(&lived, failure->time_ns - snapshot->started_ns));
	else
		info_line(out, "Lived", "not known: it ran before igrecd was started");
}

static void print_who(const struct dump *dump, FILE *out)
{
	const struct container_identity *who = &dump_snapshot(dump)->identity;
	struct text workload;

	info_line(out, "Container", "%s",
		  text_workload(&workload, who->namespace, who->pod, who->container));
	info_line(out, "Id", "%s", or_empty(who->container_id));
	info_line(out, "Runtime", "%s", or_empty(who->runtime));
	info_line(out, "Image", "%s", or_empty(who->image));
	info_line(out, "Pod uid", "%s%s", or_empty(who->pod_uid),
		  who->static_pod ? " (static pod)" : "");
	if (who->qos)
		info_line(out, "QoS class", "%s", who->qos);
	if (who->restart >= 0)
		info_line(out, "Restart", "%" PRId64, who->restart);
	info_line(out, "Node", "%s", or_empty(who->node));
	info_line(out, "Cgroup", "%s", or_empty(who->cgroup_path));
}

static void print_file(const struct info *info, uint64_t bytes, FILE *out)
{
	const struct snapshot *snapshot = dump_snapshot(info->dump);
	struct text size, ring;

	info_line(out, "Dump", "%s, %s, %s", dump_id(info->dump), text_size(&size, bytes),
		  dumps_complete(info->dump) ? "complete" : "incomplete");
	info_line(out, "Ring", "%s; %" PRIu64 " captures truncated, %" PRIu64 " unreadable",
		  text_size(&ring, snapshot->ring_bytes), snapshot->truncated,
		  snapshot->unreadable);
	if (snapshot->masked)
		info_line(out, "Masked", "%" PRIu64 " secrets, each byte shown as *",
			  snapshot->masked);
}

static enum cli_status print_table(const char *title, struct table *table, FILE *out)
{
	int err;

	fprintf(out, "\n%s\n", title);
	err = table_print(table, out);
	table_free(table);
	if (!err)
		return CLI_DONE;
	log_error("cannot print %s: %s", title, strerror(-err));
	return CLI_FAILED;
}

static enum cli_status no_memory(void)
{
	log_error("out of memory");
	return CLI_FAILED;
}

static enum cli_status print_lanes(const struct info *info, FILE *out)
{
	static const struct table_column columns[] = {
		{.name = "LANE"},	    {"WRITTEN", .right = true},
		{"KEPT", .right = true},    {"OVERWRITTEN", .right = true},
		{"DROPPED", .right = true}, {"TORN", .right = true},
		{"DAMAGED", .right = true}, {.name = "COVERS"},
	};
	const struct snapshot *snapshot = dump_snapshot(info->dump);
	struct table *table;

	if (table_new(columns, ARRAY_SIZE(columns), &table))
		return no_memory();
	for (int i = 0; i < IGREC_LANES; i++) {
		const struct snapshot_lane *lane = &snapshot->lane[i];
		const struct info_lane *counted = &info->lane[i];
		struct text t[7];

		table_add(table,
			  (const char *[]){
				  row_lane_name(i),
				  text_uint(&t[0], lane->written),
				  text_uint(&t[1], counted->records),
				  text_uint(&t[2], lane->overwritten),
				  text_uint(&t[3], lane->dropped),
				  text_uint(&t[4], lane->torn_records),
				  text_uint(&t[5], counted->missing),
				  counted->records ? text_duration(&t[6], counted->last_ns -
										  counted->first_ns)
						   : NULL,
			  });
	}
	return print_table("Tape, in records:", table, out);
}

/* The process's number in the container, "" if it is not in the table. */
static const char *inner_pid(const struct snapshot *snapshot, uint32_t tgid, struct text *to)
{
	for (size_t i = 0; i < snapshot->n_tasks; i++) {
		if (snapshot->tasks[i].tgid == tgid)
			return text_uint(to, snapshot->tasks[i].ns_tgid);
	}
	return NULL;
}

static const char *command_line(const struct snapshot_task *task, struct buf *room)
{
	buf_clear(room);
	buf_add(room, task->argv, task->argv_bytes ? task->argv_bytes - 1 : 0);
	for (size_t i = 0; i < room->bytes; i++) {
		if (!room->data[i])
			room->data[i] = ' ';
	}
	return room->bytes && buf_text(room) ? buf_text(room) : task->comm;
}

static enum cli_status print_tasks(const char *title, const struct snapshot_task *tasks,
				   size_t count, const struct snapshot *snapshot, FILE *out)
{
	static const struct table_column columns[] = {
		{"PID", .right = true}, {"PARENT", .right = true},   {"UID", .right = true},
		{.name = "STATE"},	{"THREADS", .right = true},  {"MEMORY", .right = true},
		{.name = "COMM"},	{"COMMAND", .shrink = true},
	};
	struct buf command = {0};
	struct table *table;

	if (!count)
		return CLI_DONE;
	if (table_new(columns, ARRAY_SIZE(columns), &table))
		return no_memory();
	for (size_t i = 0; i < count; i++) {
		const struct snapshot_task *task = &tasks[i];
		char state[] = {task->state ? task->state : '?', '\0'};
		struct text t[5];

		table_add(table,
			  (const char *[]){text_uint(&t[0], task->ns_tgid),
					   inner_pid(snapshot, task->parent_tgid, &t[1]),
					   text_uint(&t[2], task->uid), state,
					   task->threads ? text_uint(&t[3], task->threads) : NULL,
					   task->rss_bytes < 0
						   ? NULL
						   : text_size(&t[4], (uint64_t)task->rss_bytes),
					   task->comm, command_line(task, &command)});
	}
	buf_done(&command);
	return print_table(title, table, out);
}

static enum cli_status print_fds(const struct snapshot *snapshot, FILE *out)
{
	static const struct table_column columns[] = {
		{"PID", .right = true}, {"FD", .right = true}, {"TARGET", .shrink = true}};
	struct table *table;

	if (!snapshot->n_fds)
		return CLI_DONE;
	if (table_new(columns, ARRAY_SIZE(columns), &table))
		return no_memory();
	for (size_t i = 0; i < snapshot->n_fds; i++) {
		const struct snapshot_fd *fd = &snapshot->fds[i];
		struct text t[2];

		table_add(table, (const char *[]){inner_pid(snapshot, fd->tgid, &t[0]),
						  text_uint(&t[1], (uint64_t)(unsigned)fd->fd),
						  fd->target});
	}
	return print_table("Open files when it was taken:", table, out);
}

static enum cli_status print_vitals(const struct snapshot *snapshot, FILE *out)
{
	static const struct table_column columns[] = {
		{"BEFORE", .right = true}, {"VALUE", .right = true}, {"FIGURE", .shrink = true}};
	struct table *table;

	if (!snapshot->n_vitals)
		return CLI_DONE;
	if (table_new(columns, ARRAY_SIZE(columns), &table))
		return no_memory();
	for (size_t i = 0; i < snapshot->n_vitals; i++) {
		const struct snapshot_vital *vital = &snapshot->vitals[i];
		uint64_t end = snapshot->failure.time_ns;
		struct text before, value;

		snprintf(value.text, sizeof(value.text), "%" PRId64, vital->value);
		table_add(table,
			  (const char *[]){vital->time_ns < end
						   ? text_duration(&before, end - vital->time_ns)
						   : "at the end",
					   vital->value >= MEMORY_NO_LIMIT ? "max" : value.text,
					   vital->name});
	}
	return print_table("Cgroup:", table, out);
}

static void print_faults(const struct dump *dump, FILE *out)
{
	const struct dump_fault *faults;
	size_t count = dump_faults(dump, &faults);

	if (count)
		fputs("\nDamage:\n", out);
	for (size_t i = 0; i < count; i++)
		info_line(out, "", "%s", faults[i].text);
}

enum cli_status info_print(const struct info *info, uint64_t file_bytes, bool whole_log, FILE *out)
{
	const struct snapshot *snapshot = dump_snapshot(info->dump);
	enum cli_status status;

	print_who(info->dump, out);
	print_end(info, out);
	print_file(info, file_bytes, out);
	status = print_lanes(info, out);
	info_print_samples(snapshot, out);
	info_print_log(snapshot, whole_log ? SIZE_MAX : LOG_LINES, out);
	if (!status)
		status = print_tasks("Processes when it was taken:", snapshot->tasks,
				     snapshot->n_tasks, snapshot, out);
	if (!status)
		status = print_tasks("Largest processes at the OOM kill:", snapshot->oom_tasks,
				     snapshot->n_oom_tasks, snapshot, out);
	if (!status)
		status = print_fds(snapshot, out);
	if (!status)
		status = print_vitals(snapshot, out);
	print_faults(info->dump, out);
	return status;
}
