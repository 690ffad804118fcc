/* SPDX-License-Identifier: Apache-2.0 */
/* See cgroup_fs.h. Formats: cgroups(7), Documentation/admin-guide/cgroup-v{1,2} of the kernel. */
#include "recorder/cgroup_fs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <mntent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/cleanup.h"

static const char *const v1_option[CGROUP_HIERARCHIES] = {
	[CGROUP_MEMORY] = "memory",
	[CGROUP_PIDS] = "pids",
	[CGROUP_CPU] = "cpu",
	[CGROUP_IO] = "blkio",
};

struct cgroup_fs {
	char *root[CGROUP_HIERARCHIES]; /* mount points; NULL if there is none */
};

/* What is read at a failure. A file that is not there is passed over. */
static const struct vital_file {
	enum cgroup_hierarchy hierarchy;
	const char *name;
	const char *keys; /* the wanted ones, each between spaces; NULL: all */
} vital_files[] = {
	{CGROUP_UNIFIED, "memory.current", NULL},
	{CGROUP_UNIFIED, "memory.peak", NULL},
	{CGROUP_UNIFIED, "memory.max", NULL},
	{CGROUP_UNIFIED, "memory.events", NULL},
	{CGROUP_UNIFIED, "memory.stat", " anon file shmem kernel slab sock "},
	{CGROUP_UNIFIED, "pids.current", NULL},
	{CGROUP_UNIFIED, "pids.max", NULL},
	{CGROUP_UNIFIED, "cpu.stat", NULL},
	{CGROUP_MEMORY, "memory.usage_in_bytes", NULL},
	{CGROUP_MEMORY, "memory.max_usage_in_bytes", NULL},
	{CGROUP_MEMORY, "memory.limit_in_bytes", NULL},
	{CGROUP_MEMORY, "memory.failcnt", NULL},
	{CGROUP_MEMORY, "memory.oom_control", NULL},
	{CGROUP_MEMORY, "memory.stat", " total_rss total_cache total_shmem "},
	{CGROUP_PIDS, "pids.current", NULL},
	{CGROUP_PIDS, "pids.max", NULL},
	{CGROUP_CPU, "cpu.stat", NULL},
};

static int note_mount(struct cgroup_fs *fs, const struct mntent *mount)
{
	enum cgroup_hierarchy found = CGROUP_HIERARCHIES;

	if (!strcmp(mount->mnt_type, "cgroup2"))
		found = CGROUP_UNIFIED;
	for (int i = CGROUP_UNIFIED + 1; i < CGROUP_HIERARCHIES; i++)
		if (!strcmp(mount->mnt_type, "cgroup") && hasmntopt(mount, v1_option[i]))
			found = i;
	if (found == CGROUP_HIERARCHIES || fs->root[found])
		return 0;
	fs->root[found] = strdup(mount->mnt_dir);
	return fs->root[found] ? 0 : -ENOMEM;
}

DEFINE_CLEANUP(cgroup_fs, struct cgroup_fs *, cgroup_fs_close)

int cgroup_fs_open(struct cgroup_fs **ret)
{
	CLEANUP(cleanup_cgroup_fs) struct cgroup_fs *fs = calloc(1, sizeof(*fs));
	FILE *mounts = setmntent("/proc/self/mounts", "re");
	struct mntent mount;
	char line[4 * PATH_MAX];
	int err = 0;

	if (!mounts)
		return -errno;
	if (!fs)
		err = -ENOMEM;
	while (!err && getmntent_r(mounts, &mount, line, sizeof(line)))
		err = note_mount(fs, &mount);
	endmntent(mounts);
	if (err)
		return err;
	if (!fs->root[CGROUP_UNIFIED])
		return -ENOENT;
	*ret = TAKE_PTR(fs);
	return 0;
}

void cgroup_fs_close(struct cgroup_fs *fs)
{
	if (!fs)
		return;
	for (int i = 0; i < CGROUP_HIERARCHIES; i++)
		free(fs->root[i]);
	free(fs);
}

static int join(const struct cgroup_fs *fs, enum cgroup_hierarchy hierarchy, const char *path,
		const char *file, char ret[PATH_MAX])
{
	const char *root = fs->root[hierarchy];
	int bytes;

	if (!root)
		return -ENOENT;
	bytes = snprintf(ret, PATH_MAX, "%s%s%s%s", root, path, file ? "/" : "", file ? file : "");
	return bytes < PATH_MAX ? 0 : -ENAMETOOLONG;
}

int cgroup_fs_id(const struct cgroup_fs *fs, const char *path, uint64_t *ret)
{
	char full[PATH_MAX];
	struct stat st;
	int err = join(fs, CGROUP_UNIFIED, path, NULL, full);

	if (err)
		return err;
	if (stat(full, &st))
		return -errno;
	*ret = st.st_ino; /* kernfs: the inode number is the id on 64-bit kernels */
	return 0;
}

int cgroup_fs_processes(const struct cgroup_fs *fs, const char *path, uint32_t **ret)
{
	AUTO_FREE uint32_t *tgids = NULL;
	AUTO_FCLOSE FILE *file = NULL;
	char full[PATH_MAX];
	int count = 0, room = 0;
	uint32_t tgid;
	int err = join(fs, CGROUP_UNIFIED, path, "cgroup.procs", full);

	if (err)
		return err;
	file = fopen(full, "re");
	if (!file)
		return -errno;
	while (fscanf(file, "%u", &tgid) == 1) {
		if (count == room) {
			uint32_t *more = realloc(tgids, sizeof(*tgids) * (room = room * 2 + 16));

			if (!more)
				return -ENOMEM;
			tgids = more;
		}
		tgids[count++] = tgid;
	}
	*ret = TAKE_PTR(tgids);
	return count;
}

int cgroup_fs_first_process(const struct cgroup_fs *fs, const char *path, uint32_t *ret_tgid)
{
	AUTO_FREE uint32_t *tgids = NULL;
	int count = cgroup_fs_processes(fs, path, &tgids);

	if (count < 0)
		return count;
	if (count == 0)
		return -ESRCH;
	*ret_tgid = tgids[0];
	return 0;
}

static int walk(const struct cgroup_fs *fs, const char *path, int depth, cgroup_fs_fn fn,
		void *context)
{
	AUTO_CLOSEDIR DIR *dir = NULL;
	char full[PATH_MAX], child[PATH_MAX];
	struct dirent *entry;
	int err = join(fs, CGROUP_UNIFIED, path, NULL, full);

	if (err)
		return err;
	dir = opendir(full);
	if (!dir)
		return errno == ENOENT ? 0 : -errno;
	while ((entry = readdir(dir))) {
		if (entry->d_type != DT_DIR || entry->d_name[0] == '.')
			continue;
		if (snprintf(child, sizeof(child), "%s/%s", path, entry->d_name) >=
		    (int)sizeof(child))
			continue;
		err = fn(context, child, entry->d_ino);
		if (err == CGROUP_FS_SKIP)
			continue;
		if (!err && depth > 1)
			err = walk(fs, child, depth - 1, fn, context);
		if (err)
			return err;
	}
	return 0;
}

int cgroup_fs_walk(const struct cgroup_fs *fs, const char *path, cgroup_fs_fn fn, void *context)
{
	return walk(fs, path, CGROUP_FS_DEPTH_MAX, fn, context);
}

/* ---- places ---- */

static bool has_controller(const char *list, const char *name)
{
	size_t bytes = strlen(name);

	for (const char *at = list; at; at = strchr(at, ',')) {
		at += *at == ',';
		if (!strncmp(at, name, bytes) && (at[bytes] == ',' || !at[bytes]))
			return true;
	}
	return false;
}

/*
 * A line is "ID:CONTROLLERS:PATH"; the default hierarchy's is "0::PATH". In version 1 a process
 * that has just died is shown in the root, whose figures are the node's: no place. Nor is a path
 * that leads out of igrecd's own cgroup namespace, "/../ID", which a pod has on hosts with cgroup2
 * alone: it is relative to what the mount point is not.
 */
static int note_place(const struct cgroup_fs *fs, char *line, struct cgroup_place *place)
{
	char *controllers = strchr(line, ':');
	char *path = controllers ? strchr(controllers + 1, ':') : NULL;
	char full[PATH_MAX];

	if (!path)
		return 0;
	*path++ = 0;
	controllers++;
	path[strcspn(path, "\n")] = 0;
	for (int i = 0; i < CGROUP_HIERARCHIES; i++) {
		bool here = i == CGROUP_UNIFIED ? !*controllers
						: has_controller(controllers, v1_option[i]);

		if (!here || place->directory[i] || !path[1] || !strncmp(path, "/..", 3) ||
		    join(fs, i, path, NULL, full))
			continue;
		place->directory[i] = strdup(full);
		if (!place->directory[i])
			return -ENOMEM;
	}
	return 0;
}

int cgroup_fs_place_of(const struct cgroup_fs *fs, uint32_t tgid, struct cgroup_place *ret)
{
	struct cgroup_place place = {0};
	AUTO_FCLOSE FILE *file = NULL;
	char line[PATH_MAX + 256];
	int err = 0;

	snprintf(line, sizeof(line), "/proc/%u/cgroup", tgid);
	file = fopen(line, "re");
	if (!file)
		return -errno;
	while (!err && fgets(line, sizeof(line), file))
		err = note_place(fs, line, &place);
	if (err) {
		cgroup_place_done(&place);
		return err;
	}
	*ret = place;
	return 0;
}

int cgroup_fs_place_at(const struct cgroup_fs *fs, const char *path, struct cgroup_place *ret)
{
	char full[PATH_MAX];
	int err = join(fs, CGROUP_UNIFIED, path, NULL, full);

	if (err)
		return err;
	*ret = (struct cgroup_place){0};
	ret->directory[CGROUP_UNIFIED] = strdup(full);
	return ret->directory[CGROUP_UNIFIED] ? 0 : -ENOMEM;
}

void cgroup_place_done(struct cgroup_place *place)
{
	for (int i = 0; i < CGROUP_HIERARCHIES; i++)
		free(place->directory[i]);
	*place = (struct cgroup_place){0};
}

void cgroup_place_complete(struct cgroup_place *place, struct cgroup_place *other)
{
	for (int i = 0; i < CGROUP_HIERARCHIES; i++)
		if (!place->directory[i])
			place->directory[i] = TAKE_PTR(other->directory[i]);
	cgroup_place_done(other);
}

/* ---- figures ---- */

struct vitals {
	struct snapshot_vital *list;
	int count, room;
	uint64_t now_ns;
};

static int add_vital(struct vitals *vitals, const char *file, const char *key, int64_t value)
{
	struct snapshot_vital *vital;
	char *name;

	if (vitals->count == vitals->room) {
		int room = vitals->room * 2 + 32;
		void *more = realloc(vitals->list, sizeof(*vitals->list) * room);

		if (!more)
			return -ENOMEM;
		vitals->list = more;
		vitals->room = room;
	}
	if (asprintf(&name, "%s%s%s", file, key[0] ? ":" : "", key) < 0)
		return -ENOMEM;
	vital = &vitals->list[vitals->count++];
	*vital = (struct snapshot_vital){.name = name, .time_ns = vitals->now_ns, .value = value};
	return 0;
}

static bool is_wanted(const struct vital_file *file, const char *key)
{
	char between[NAME_MAX + 3];

	snprintf(between, sizeof(between), " %s ", key);
	return !file->keys || strstr(file->keys, between);
}

/* A file is one value, or lines of a key and a value. */
static int parse_vital(struct vitals *vitals, const struct vital_file *file, char *line)
{
	char *space = strchr(line, ' ');
	const char *text = space ? space + 1 : line;
	int64_t value;
	char *end;

	line[strcspn(line, "\n")] = 0;
	if (!strcmp(text, "max"))
		value = INT64_MAX;
	else {
		value = strtoll(text, &end, 10);
		if (end == text || *end)
			return 0;
	}
	if (space)
		*space = 0;
	if (!is_wanted(file, line))
		return 0;
	return add_vital(vitals, file->name, space ? line : "", value);
}

static int read_vitals(const char *directory, const struct vital_file *file, struct vitals *vitals)
{
	AUTO_FCLOSE FILE *stream = NULL;
	char full[PATH_MAX], line[256];
	int err = 0;

	if (!directory ||
	    snprintf(full, sizeof(full), "%s/%s", directory, file->name) >= (int)sizeof(full))
		return 0;
	stream = fopen(full, "re");
	if (!stream)
		return 0;
	while (!err && fgets(line, sizeof(line), stream))
		err = parse_vital(vitals, file, line);
	return err;
}

int cgroup_place_vitals(const struct cgroup_place *place, uint64_t now_ns,
			struct snapshot_vital **ret)
{
	struct vitals vitals = {.now_ns = now_ns};
	int err = 0;

	for (size_t i = 0; i < ARRAY_SIZE(vital_files) && !err; i++)
		err = read_vitals(place->directory[vital_files[i].hierarchy], &vital_files[i],
				  &vitals);
	if (err) {
		while (vitals.count)
			free(vitals.list[--vitals.count].name);
		free(vitals.list);
		return err;
	}
	*ret = vitals.list;
	return vitals.count;
}
