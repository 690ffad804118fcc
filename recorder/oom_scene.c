/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See oom_scene.h.  The victim may be gone before igrecd can look, so its memory comes with the
 * notice; the others still stand.
 */
#include "recorder/oom_scene.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/clock.h"
#include "recorder/surroundings.h"

#define SECOND_NS 1000000000ULL

void oom_scene_done(struct oom_scene *scene)
{
	for (size_t i = 0; i < scene->n_tasks; i++)
		snapshot_task_done(&scene->tasks[i]);
	for (size_t i = 0; i < scene->n_vitals; i++)
		free(scene->vitals[i].name);
	free(scene->vitals);
	*scene = (struct oom_scene){0};
}

/* Of the figures, those of memory; the others are read at the end. */
static void keep_memory(struct oom_scene *scene)
{
	size_t kept = 0;

	for (size_t i = 0; i < scene->n_vitals; i++) {
		if (!strncmp(scene->vitals[i].name, "memory.", strlen("memory.")))
			scene->vitals[kept++] = scene->vitals[i];
		else
			free(scene->vitals[i].name);
	}
	scene->n_vitals = kept;
}

static void look_around(struct oom_scene *scene, const struct cgroup_fs *cgroups, const char *path,
			const struct cgroup_place *place)
{
	AUTO_FREE uint32_t *tgids = NULL;
	int count = cgroup_fs_processes(cgroups, path, &tgids);
	int vitals = cgroup_place_vitals(place, clock_monotonic_ns(), &scene->vitals);

	scene->n_vitals = vitals > 0 ? (size_t)vitals : 0;
	keep_memory(scene);
	if (count > 0)
		scene->n_tasks =
			surroundings_largest(tgids, (size_t)count, scene->tasks, OOM_SCENE_TASKS);
}

/* The victim's place among the tasks; the smallest makes room for it. */
static struct snapshot_task *place_for(struct oom_scene *scene, uint32_t tgid)
{
	for (size_t i = 0; i < scene->n_tasks; i++)
		if (scene->tasks[i].tgid == tgid)
			return &scene->tasks[i];
	if (scene->n_tasks == OOM_SCENE_TASKS)
		snapshot_task_done(&scene->tasks[--scene->n_tasks]);
	scene->tasks[scene->n_tasks] = (struct snapshot_task){0};
	return &scene->tasks[scene->n_tasks++];
}

static int by_size(const void *a, const void *b)
{
	int64_t left = ((const struct snapshot_task *)a)->rss_bytes;
	int64_t right = ((const struct snapshot_task *)b)->rss_bytes;

	return left < right ? 1 : left > right ? -1 : 0;
}

static void add_victim(struct oom_scene *scene, const struct igrec_notice *notice)
{
	struct snapshot_task *victim = place_for(scene, notice->tgid);

	if (!victim->tgid) {
		*victim = (struct snapshot_task){
			.tgid = notice->tgid,
			.ns_tgid = notice->ns_tgid,
			.rss_bytes = -1,
		};
		memcpy(victim->comm, notice->comm, IGREC_COMM_BYTES);
	}
	if (notice->rss_pages)
		victim->rss_bytes = (int64_t)notice->rss_pages * sysconf(_SC_PAGESIZE);
	for (size_t i = 0; i < scene->n_tasks; i++)
		scene->tasks[i].at_oom = true;
	qsort(scene->tasks, scene->n_tasks, sizeof(*scene->tasks), by_size);
}

void oom_scene_take(struct oom_scene *scene, const struct cgroup_fs *cgroups, const char *path,
		    const struct cgroup_place *place, const struct igrec_notice *notice)
{
	bool is_new = !scene->time_ns || notice->time_ns - scene->time_ns >= SECOND_NS;

	if (is_new) {
		oom_scene_done(scene);
		/* A notice that waited for igrecd to start tells of what is long gone. */
		if (clock_monotonic_ns() - notice->time_ns < SECOND_NS)
			look_around(scene, cgroups, path, place);
		scene->time_ns = notice->time_ns;
	}
	add_victim(scene, notice);
}

static int put_before(struct snapshot_vital *vitals, size_t count, struct snapshot *snapshot)
{
	size_t all = count + snapshot->n_vitals;
	struct snapshot_vital *joined;

	if (!count)
		return 0;
	joined = reallocarray(snapshot->vitals, all, sizeof(*joined));
	if (!joined)
		return -ENOMEM;
	memmove(joined + count, joined, snapshot->n_vitals * sizeof(*joined));
	memcpy(joined, vitals, count * sizeof(*joined));
	snapshot->vitals = joined;
	snapshot->n_vitals = all;
	return 0;
}

int oom_scene_move(struct oom_scene *scene, struct snapshot *snapshot)
{
	struct snapshot_task *tasks;

	if (!scene->time_ns)
		return 0;
	tasks = calloc(scene->n_tasks, sizeof(*tasks));
	if (!tasks || put_before(scene->vitals, scene->n_vitals, snapshot)) {
		free(tasks);
		return -ENOMEM;
	}
	memcpy(tasks, scene->tasks, scene->n_tasks * sizeof(*tasks));
	snapshot->oom_tasks = tasks;
	snapshot->n_oom_tasks = scene->n_tasks;
	free(scene->vitals);
	*scene = (struct oom_scene){0};
	return 0;
}
