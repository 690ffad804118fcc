/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Copying, freeing and naming what a snapshot holds.  The recorder fills snapshots, the dump's
 * writer and reader pass them on; all three free them here.
 */
#include <errno.h>

#include "common/cleanup.h"
#include "dumper/snapshot.h"

static const char *const kind_names[FAILURE_KINDS] = {
	[FAILURE_EXIT] = "exit",
	[FAILURE_SIGNAL] = "signal",
	[FAILURE_OOM] = "oom",
	[FAILURE_CHILD_SIGNAL] = "child-signal",
	[FAILURE_CHILD_OOM] = "child-oom",
	[FAILURE_CRASH_LOOP] = "crash-loop",
	[FAILURE_REQUESTED] = "requested",
};

static int copy_text(const char *from, char **ret)
{
	*ret = from ? strdup(from) : NULL;
	return from && !*ret ? -ENOMEM : 0;
}

int container_identity_copy(const struct container_identity *from, struct container_identity *ret)
{
	const struct {
		const char *from;
		char **to;
	} texts[] = {
		{from->runtime, &ret->runtime},
		{from->container_id, &ret->container_id},
		{from->container, &ret->container},
		{from->image, &ret->image},
		{from->image_id, &ret->image_id},
		{from->type, &ret->type},
		{from->pod, &ret->pod},
		{from->namespace, &ret->namespace},
		{from->pod_uid, &ret->pod_uid},
		{from->sandbox_id, &ret->sandbox_id},
		{from->qos, &ret->qos},
		{from->node, &ret->node},
		{from->cgroup_path, &ret->cgroup_path},
	};
	int err = 0;

	*ret = (struct container_identity){
		.cgroup_id = from->cgroup_id,
		.restart = from->restart,
		.static_pod = from->static_pod,
	};
	for (size_t i = 0; i < ARRAY_SIZE(texts) && !err; i++)
		err = copy_text(texts[i].from, texts[i].to);
	if (err)
		container_identity_done(ret);
	return err;
}

void container_identity_done(struct container_identity *identity)
{
	free(identity->runtime);
	free(identity->container_id);
	free(identity->container);
	free(identity->image);
	free(identity->image_id);
	free(identity->type);
	free(identity->pod);
	free(identity->namespace);
	free(identity->pod_uid);
	free(identity->sandbox_id);
	free(identity->qos);
	free(identity->node);
	free(identity->cgroup_path);
	*identity = (struct container_identity){.restart = -1};
}

const char *failure_kind_name(enum failure_kind kind)
{
	return (unsigned)kind < FAILURE_KINDS ? kind_names[kind] : "unknown";
}

int failure_kind_parse(const char *name, enum failure_kind *ret)
{
	for (int kind = 0; kind < FAILURE_KINDS; kind++) {
		if (strcmp(name, kind_names[kind]) == 0) {
			*ret = (enum failure_kind)kind;
			return 0;
		}
	}
	return -EINVAL;
}

void snapshot_task_done(struct snapshot_task *task)
{
	free(task->argv);
	free(task->exe);
	free(task->cwd);
	*task = (struct snapshot_task){};
}

static void free_tasks(struct snapshot_task *tasks, size_t count)
{
	for (size_t i = 0; i < count; i++)
		snapshot_task_done(&tasks[i]);
	free(tasks);
}

static void free_log(struct snapshot_log *log, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		free(log[i].stream);
		free(log[i].text);
	}
	free(log);
}

void snapshot_free(struct snapshot *snapshot)
{
	if (!snapshot)
		return;
	container_identity_done(&snapshot->identity);
	for (int lane = 0; lane < IGREC_LANES; lane++) {
		free(snapshot->lane[lane].data);
		free(snapshot->lane[lane].blocks);
	}
	free_tasks(snapshot->tasks, snapshot->n_tasks);
	free_tasks(snapshot->oom_tasks, snapshot->n_oom_tasks);
	free_log(snapshot->log, snapshot->n_log);
	for (size_t i = 0; i < snapshot->n_fds; i++)
		free(snapshot->fds[i].target);
	for (size_t i = 0; i < snapshot->n_vitals; i++)
		free(snapshot->vitals[i].name);
	free(snapshot->fds);
	free(snapshot->vitals);
	free(snapshot->samples);
	free(snapshot->log_file);
	free(snapshot);
}

size_t snapshot_tape_bytes(const struct snapshot *snapshot)
{
	size_t bytes = 0;

	for (int lane = 0; lane < IGREC_LANES; lane++)
		bytes += snapshot->lane[lane].bytes;
	return bytes;
}
