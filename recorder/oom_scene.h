/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What stood in a container when the kernel's OOM killer chose a process there: the largest
 * processes, the victim's memory as the kernel saw it, and the cgroup's figures.
 */
#ifndef RECORDER_OOM_SCENE_H
#define RECORDER_OOM_SCENE_H

#include "recorder/cgroup_fs.h"

#define OOM_SCENE_TASKS 16

struct oom_scene {
	uint64_t time_ns; /* CLOCK_MONOTONIC, of the kill; 0: there was none */
	struct snapshot_task tasks[OOM_SCENE_TASKS];
	size_t n_tasks;
	struct snapshot_vital *vitals;
	size_t n_vitals;
};

/*
 * Takes the place of the scene before, unless that was in the same second: then only the victim is
 * added. What cannot be read is left out.
 */
void oom_scene_take(struct oom_scene *scene, const struct cgroup_fs *cgroups, const char *path,
		    const struct cgroup_place *place, const struct igrec_notice *notice);
void oom_scene_done(struct oom_scene *scene);

/* Moves it into a snapshot, figures before those that are there. 0, or -ENOMEM with nothing moved.
 */
int oom_scene_move(struct oom_scene *scene, struct snapshot *snapshot);

#endif
