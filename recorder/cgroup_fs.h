/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The cgroup file systems of this node: where they are mounted, ids of cgroups, processes in
 * them, and the figures that the kernel keeps for each.
 */
#ifndef RECORDER_CGROUP_FS_H
#define RECORDER_CGROUP_FS_H

#include <limits.h>
#include <stddef.h>
#include <stdint.h>

#include "dumper/snapshot.h"

struct cgroup_fs;

/* Reads /proc/self/mountinfo. -ENOENT if the default hierarchy (cgroup2) is mounted nowhere. */
int cgroup_fs_open(struct cgroup_fs **ret);
void cgroup_fs_close(struct cgroup_fs *fs);

/* Id of a cgroup of the default hierarchy by its path below the root. 0 or -errno. */
int cgroup_fs_id(const struct cgroup_fs *fs, const char *path, uint64_t *ret);
/* Its first process as cgroup.procs lists them. 0, -ESRCH if it is empty, -errno. */
int cgroup_fs_first_process(const struct cgroup_fs *fs, const char *path, uint32_t *ret_tgid);
/* All its processes; *ret is to be freed. Returns how many, or -errno. */
int cgroup_fs_processes(const struct cgroup_fs *fs, const char *path, uint32_t **ret);

/*
 * Calls back for each cgroup below `path` (not for itself), parents first. A non-zero return
 * other than CGROUP_FS_SKIP ends the walk and is returned; CGROUP_FS_SKIP passes over what lies
 * below. A container may nest its own cgroups without end: what is deeper than
 * CGROUP_FS_DEPTH_MAX is passed over.
 */
#define CGROUP_FS_DEPTH_MAX 48
#define CGROUP_FS_SKIP	    1
typedef int (*cgroup_fs_fn)(void *context, const char *path, uint64_t id);
int cgroup_fs_walk(const struct cgroup_fs *fs, const char *path, cgroup_fs_fn fn, void *context);

enum cgroup_hierarchy {
	CGROUP_UNIFIED,
	CGROUP_MEMORY, /* these exist where version 1 has the controller */
	CGROUP_PIDS,
	CGROUP_CPU,
	CGROUP_IO,
	CGROUP_HIERARCHIES,
};
/* Directories of one cgroup in each hierarchy: version 1 lets them have different paths. */
struct cgroup_place {
	char *directory[CGROUP_HIERARCHIES]; /* absolute, owned; NULL: not there */
};
/* Where a process is, from /proc/PID/cgroup. 0, -errno, -ENOMEM; then ret is empty. */
int cgroup_fs_place_of(const struct cgroup_fs *fs, uint32_t tgid, struct cgroup_place *ret);
/* The place in the default hierarchy alone, for when no process can be asked. */
int cgroup_fs_place_at(const struct cgroup_fs *fs, const char *path, struct cgroup_place *ret);
/* Gives `place` the directories that it lacks and `other` has; ends `other`. */
void cgroup_place_complete(struct cgroup_place *place, struct cgroup_place *other);
void cgroup_place_done(struct cgroup_place *place);

/*
 * Reads memory, pids and cpu figures of the cgroup, from whatever hierarchy has them. Returns
 * how many were found; *ret is an array to be freed with the snapshot it goes into. -ENOMEM.
 */
int cgroup_place_vitals(const struct cgroup_place *place, uint64_t now_ns,
			struct snapshot_vital **ret);

#endif
