/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Compares snapshots part by part, without caring how their memory is laid out.
 */
#include "tests/support/snapshot_equal.h"
#include "common/cleanup.h"

static bool same_text(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

static bool same_identity(const struct container_identity *a, const struct container_identity *b)
{
	return same_text(a->runtime, b->runtime) && same_text(a->container_id, b->container_id) &&
	       same_text(a->container, b->container) && same_text(a->image, b->image) &&
	       same_text(a->pod, b->pod) && same_text(a->namespace, b->namespace) &&
	       same_text(a->pod_uid, b->pod_uid) && same_text(a->node, b->node) &&
	       same_text(a->cgroup_path, b->cgroup_path) && a->cgroup_id == b->cgroup_id &&
	       a->restart == b->restart;
}

static bool same_failure(const struct failure *a, const struct failure *b)
{
	return a->kind == b->kind && a->exit_code == b->exit_code && a->signal == b->signal &&
	       a->core == b->core && a->time_ns == b->time_ns && a->tgid == b->tgid &&
	       a->ns_tgid == b->ns_tgid && same_text(a->comm, b->comm) && a->late == b->late;
}

static bool same_facts(const struct snapshot *a, const struct snapshot *b)
{
	return a->taken_ns == b->taken_ns && a->realtime_offset_ns == b->realtime_offset_ns &&
	       a->started_ns == b->started_ns && a->init_tgid == b->init_tgid &&
	       a->cpus == b->cpus && a->payload == b->payload &&
	       a->payload_bytes == b->payload_bytes && a->ring_bytes == b->ring_bytes &&
	       a->truncated == b->truncated && a->unreadable == b->unreadable &&
	       a->masked == b->masked && same_text(a->log_file, b->log_file);
}

static bool same_counters(const struct snapshot_lane *a, const struct snapshot_lane *b)
{
	return a->written == b->written && a->overwritten == b->overwritten &&
	       a->overwritten_bytes == b->overwritten_bytes && a->dropped == b->dropped &&
	       a->torn_blocks == b->torn_blocks && a->torn_records == b->torn_records;
}

static bool same_lane(const struct snapshot_lane *a, const struct snapshot_lane *b)
{
	if (!same_counters(a, b) || a->n_blocks != b->n_blocks)
		return false;
	for (size_t i = 0; i < a->n_blocks; i++) {
		const struct snapshot_block *x = &a->blocks[i], *y = &b->blocks[i];

		if (x->sequence != y->sequence || x->records != y->records ||
		    x->bytes != y->bytes ||
		    memcmp(a->data + x->offset, b->data + y->offset, x->bytes) != 0)
			return false;
	}
	return true;
}

static bool same_task(const struct snapshot_task *a, const struct snapshot_task *b)
{
	return a->tgid == b->tgid && a->ns_tgid == b->ns_tgid && a->parent_tgid == b->parent_tgid &&
	       a->uid == b->uid && a->start_ns == b->start_ns && a->state == b->state &&
	       same_text(a->comm, b->comm) && a->argv_bytes == b->argv_bytes &&
	       (a->argv_bytes == 0 || memcmp(a->argv, b->argv, a->argv_bytes) == 0) &&
	       same_text(a->exe, b->exe) && same_text(a->cwd, b->cwd) && a->threads == b->threads &&
	       a->rss_bytes == b->rss_bytes && a->at_oom == b->at_oom;
}

static bool same_tasks(const struct snapshot *a, const struct snapshot *b)
{
	bool same = a->n_tasks == b->n_tasks && a->n_oom_tasks == b->n_oom_tasks;

	for (size_t i = 0; same && i < a->n_tasks; i++)
		same = same_task(&a->tasks[i], &b->tasks[i]);
	for (size_t i = 0; same && i < a->n_oom_tasks; i++)
		same = same_task(&a->oom_tasks[i], &b->oom_tasks[i]);
	return same;
}

static bool same_samples(const struct snapshot *a, const struct snapshot *b)
{
	return a->n_samples == b->n_samples &&
	       (!a->n_samples ||
		memcmp(a->samples, b->samples, a->n_samples * sizeof(*a->samples)) == 0);
}

static bool same_log(const struct snapshot *a, const struct snapshot *b)
{
	bool same = a->n_log == b->n_log;

	for (size_t i = 0; same && i < a->n_log; i++) {
		const struct snapshot_log *x = &a->log[i], *y = &b->log[i];

		same = x->time_ns == y->time_ns && same_text(x->stream, y->stream) &&
		       x->text_bytes == y->text_bytes && x->truncated == y->truncated &&
		       memcmp(x->text, y->text, x->text_bytes) == 0;
	}
	return same;
}

static bool same_fds(const struct snapshot *a, const struct snapshot *b)
{
	bool same = a->n_fds == b->n_fds;

	for (size_t i = 0; same && i < a->n_fds; i++)
		same = a->fds[i].tgid == b->fds[i].tgid && a->fds[i].fd == b->fds[i].fd &&
		       same_text(a->fds[i].target, b->fds[i].target);
	return same;
}

static bool same_vitals(const struct snapshot *a, const struct snapshot *b)
{
	bool same = a->n_vitals == b->n_vitals;

	for (size_t i = 0; same && i < a->n_vitals; i++)
		same = same_text(a->vitals[i].name, b->vitals[i].name) &&
		       a->vitals[i].time_ns == b->vitals[i].time_ns &&
		       a->vitals[i].value == b->vitals[i].value;
	return same;
}

const char *snapshot_difference(const struct snapshot *a, const struct snapshot *b)
{
	static const char *const lanes[] = {"start lane", "vital lane", "flow lane"};

	if (!same_identity(&a->identity, &b->identity))
		return "identity";
	if (!same_failure(&a->failure, &b->failure))
		return "failure";
	if (!same_facts(a, b))
		return "facts";
	for (int i = 0; i < IGREC_LANES; i++) {
		if (!same_lane(&a->lane[i], &b->lane[i]))
			return lanes[i];
	}
	if (!same_tasks(a, b))
		return "tasks";
	if (!same_fds(a, b))
		return "fds";
	if (!same_samples(a, b))
		return "samples";
	if (!same_log(a, b))
		return "log";
	return same_vitals(a, b) ? NULL : "vitals";
}
