/* SPDX-License-Identifier: Apache-2.0 */
/* Counts what is on a tape, and tells it as JSON. */
#include "cli/info.h"

#include <inttypes.h>

#include "cli/dumps.h"
#include "cli/info_parts.h"
#include "common/json.h"
#include "dumper/row.h"
#include "replay/timeline.h"

int info_init(struct info *info, const struct dump *dump)
{
	struct timeline *timeline = NULL;
	int err = timeline_new(dump_snapshot(dump), &timeline);

	if (err)
		return err;
	*info = (struct info){.dump = dump};
	for (size_t i = 0; i < timeline_count(timeline); i++) {
		const struct timeline_entry *entry = timeline_at(timeline, i);
		struct info_lane *lane = &info->lane[entry->lane];

		if (entry->kind == TIMELINE_MISSING)
			lane->missing += entry->count;
		if (entry->kind != TIMELINE_EVENT)
			continue;
		if (!lane->records++ || entry->time_ns < lane->first_ns)
			lane->first_ns = entry->time_ns;
		if (entry->time_ns > lane->last_ns)
			lane->last_ns = entry->time_ns;
	}
	ending_of(timeline, &dump_snapshot(dump)->failure, &info->ending);
	info->has_oom = timeline_oom(timeline, &info->oom);
	timeline_free(timeline);
	return 0;
}

static void add_lanes(struct json *object, const struct info *info)
{
	const struct snapshot *snapshot = dump_snapshot(info->dump);
	struct json *lanes = json_new_object();

	for (int i = 0; i < IGREC_LANES; i++) {
		const struct snapshot_lane *from = &snapshot->lane[i];
		const struct info_lane *counted = &info->lane[i];
		struct json *lane = json_new_object();

		json_add_uint(lane, "written", from->written);
		json_add_uint(lane, "kept", counted->records);
		json_add_uint(lane, "overwritten", from->overwritten);
		json_add_uint(lane, "overwritten_bytes", from->overwritten_bytes);
		json_add_uint(lane, "dropped", from->dropped);
		json_add_uint(lane, "torn_blocks", from->torn_blocks);
		json_add_uint(lane, "torn_records", from->torn_records);
		json_add_uint(lane, "missing", counted->missing);
		json_add_uint(lane, "window_ns", counted->last_ns - counted->first_ns);
		json_add(lanes, row_lane_name(i), lane);
	}
	json_add(object, "lanes", lanes);
}

/* NUL-separated strings as an array. */
static struct json *argv_json(const struct snapshot_task *task)
{
	struct json *array = json_new_array();

	for (size_t at = 0; at < task->argv_bytes;) {
		size_t bytes = strnlen(task->argv + at, task->argv_bytes - at);

		json_add_bytes(array, NULL, task->argv + at, bytes);
		at += bytes + 1;
	}
	return array;
}

struct json *info_task_json(const struct snapshot_task *from)
{
	struct json *task = json_new_object();

	json_add_uint(task, "pid", from->ns_tgid);
	json_add_uint(task, "host_pid", from->tgid);
	json_add_uint(task, "host_parent_pid", from->parent_tgid);
	json_add_uint(task, "uid", from->uid);
	json_add_bytes(task, "state", &from->state, from->state ? 1 : 0);
	json_add_text(task, "comm", from->comm);
	json_add(task, "argv", argv_json(from));
	json_add_text(task, "exe", from->exe);
	json_add_text(task, "cwd", from->cwd);
	json_add_uint(task, "threads", from->threads);
	if (from->rss_bytes < 0)
		json_add_null(task, "rss_bytes");
	else
		json_add_int(task, "rss_bytes", from->rss_bytes);
	return task;
}

static void add_tasks(struct json *object, const struct snapshot *snapshot)
{
	struct json *tasks = json_new_array();

	for (size_t i = 0; i < snapshot->n_tasks; i++)
		json_add(tasks, NULL, info_task_json(&snapshot->tasks[i]));
	json_add(object, "tasks", tasks);
}

static void add_fds(struct json *object, const struct snapshot *snapshot)
{
	struct json *fds = json_new_array();

	for (size_t i = 0; i < snapshot->n_fds; i++) {
		struct json *fd = json_new_object();

		json_add_uint(fd, "host_pid", snapshot->fds[i].tgid);
		json_add_int(fd, "fd", snapshot->fds[i].fd);
		json_add_text(fd, "target", snapshot->fds[i].target);
		json_add(fds, NULL, fd);
	}
	json_add(object, "fds", fds);
}

static void add_vitals(struct json *object, const struct snapshot *snapshot)
{
	struct json *vitals = json_new_array();

	for (size_t i = 0; i < snapshot->n_vitals; i++) {
		const struct snapshot_vital *from = &snapshot->vitals[i];
		struct json *vital = json_new_object();

		json_add_text(vital, "name", from->name);
		json_add_int(vital, "time_ns",
			     (int64_t)from->time_ns + snapshot->realtime_offset_ns);
		json_add_int(vital, "value", from->value);
		json_add(vitals, NULL, vital);
	}
	json_add(object, "vitals", vitals);
}

static void add_faults(struct json *object, const struct dump *dump)
{
	const struct dump_fault *faults;
	size_t count = dump_faults(dump, &faults);
	struct json *array = json_new_array();

	for (size_t i = 0; i < count; i++)
		json_add_text(array, NULL, faults[i].text);
	json_add(object, "faults", array);
}

static void add_failed_process(struct json *object, const struct failure *failure)
{
	struct json *process;

	if (!failure->tgid) {
		json_add_null(object, "process");
		return;
	}
	process = json_new_object();
	json_add_uint(process, "pid", failure->ns_tgid);
	json_add_uint(process, "host_pid", failure->tgid);
	json_add_text(process, "comm", failure->comm);
	json_add_bool(process, "core", failure->core);
	json_add(object, "process", process);
}

struct json *info_json(const struct info *info, uint64_t file_bytes)
{
	const struct snapshot *snapshot = dump_snapshot(info->dump);
	const struct container_identity *who = &snapshot->identity;
	struct json *object = dumps_json(info->dump, file_bytes);

	json_add_text(object, "image_id", who->image_id);
	json_add_text(object, "container_type", who->type);
	json_add_text(object, "sandbox_id", who->sandbox_id);
	json_add_text(object, "qos", who->qos);
	json_add_bool(object, "static_pod", who->static_pod);
	json_add_text(object, "cgroup", who->cgroup_path);
	json_add_uint(object, "cgroup_id", who->cgroup_id);
	json_add_text(object, "arch", dump_arch(info->dump));
	json_add_int(object, "taken_ns",
		     (int64_t)snapshot->taken_ns + snapshot->realtime_offset_ns);
	if (snapshot->started_ns)
		json_add_int(object, "started_ns",
			     (int64_t)snapshot->started_ns + snapshot->realtime_offset_ns);
	else
		json_add_null(object, "started_ns");
	json_add_bool(object, "late", snapshot->failure.late);
	add_failed_process(object, &snapshot->failure);
	info_add_ending(object, info);
	info_add_oom(object, info);
	json_add_uint(object, "ring_bytes", snapshot->ring_bytes);
	json_add_text(object, "payload", row_policy_name(snapshot->payload));
	json_add_uint(object, "payload_bytes", snapshot->payload_bytes);
	json_add_uint(object, "truncated", snapshot->truncated);
	json_add_uint(object, "unreadable", snapshot->unreadable);
	json_add_uint(object, "masked", snapshot->masked);
	add_lanes(object, info);
	add_tasks(object, snapshot);
	add_fds(object, snapshot);
	add_vitals(object, snapshot);
	info_add_samples(object, snapshot);
	info_add_log(object, snapshot);
	add_faults(object, info->dump);
	return object;
}
