/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of runtimes, and what every container gets beside what its runtime tells.  Called when
 * a cgroup appears, and again while its names are not written.
 */
#include "recorder/identity.h"

#include <errno.h>
#include <fnmatch.h>
#include <limits.h>
#include <string.h>

#include "common/cleanup.h"
#include "recorder/cgroup_name.h"
#include "recorder/pod_logs.h"
#include "recorder/runtime.h"
#include "recorder/runtime_files.h"

struct runtime {
	const char *name;
	const char *prefixes; /* of the id in a cgroup's name, each before a "-" */
	bool prefixed;	      /* there always, else in systemd's scopes only */
	size_t root_offset;   /* of the list of its directories, in struct identity_roots */
	runtime_read_fn read;
};

#define ROOT(member) offsetof(struct identity_roots, member)

/* Engines come first: they run their containers by the last two. */
static const struct runtime runtimes[] = {
	{"containerd", "cri-containerd nerdctl docker", false, ROOT(containerd),
	 runtime_read_containerd},
	{"cri-o, podman", "crio libpod", true, ROOT(storage), runtime_read_storage},
	{"runc", "runc", false, ROOT(runc), runtime_read_runc},
	{"crun", "crun", false, ROOT(crun), runtime_read_crun},
};

void identity_roots_of(const struct config *config, struct identity_roots *ret)
{
	*ret = (struct identity_roots){
		.host = config->host_root,
		.containerd = config->containerd,
		.docker = config->docker,
		.storage = config->storage,
		.runc = config->runc,
		.crun = config->crun,
		.pod_logs = config->pod_logs,
		.units = config->record_units,
	};
}

/* ---- what every container gets ---------------------------------------------------------- */

static int add_pod(const struct cgroup_pod *pod, struct container_identity *identity)
{
	int err = runtime_set(&identity->qos, pod->qos);

	if (!err)
		err = runtime_set(&identity->pod_uid, pod->uid);
	if (err)
		return err;
	identity->static_pod = cgroup_name_is_static_uid(identity->pod_uid);
	return 0;
}

static int complete(const char *runtime, const struct runtime_lookup *lookup,
		    struct container_identity *identity)
{
	struct cgroup_pod pod;
	int err = runtime_set(&identity->runtime, runtime);

	if (!err)
		err = runtime_set(&identity->container_id, lookup->id);
	if (!err)
		err = runtime_set(&identity->cgroup_path, lookup->cgroup_path);
	if (!err && !cgroup_name_pod(lookup->cgroup_path, &pod))
		err = add_pod(&pod, identity);
	if (!err && identity->pod_uid && !identity->pod)
		err = pod_logs_name(lookup->roots->host, lookup->roots->pod_logs, identity);
	else if (!err && identity->restart < 0 && identity->pod)
		identity->restart =
			pod_logs_restart(lookup->roots->host, lookup->roots->pod_logs, identity);
	return err ? err : runtime_set(&identity->container, identity->container_id);
}

/* ---- looking up ------------------------------------------------------------------------- */

static int look_in(const struct runtime *runtime, const char *path, struct runtime_lookup *lookup,
		   struct container_identity *ret)
{
	struct container_identity identity = {.restart = -1};
	AUTO_CLOSE int root = runtime_dir_open(lookup->roots->host, path);
	int err = -ENOENT;

	if (root < 0)
		return -ENOENT;
	lookup->root = root;
	err = runtime->read(lookup, &identity);
	if (!err)
		err = complete(runtime->name, lookup, &identity);
	if (err)
		container_identity_done(&identity);
	else
		*ret = identity;
	return err;
}

/* Each directory of a list until one knows the container; the other may have its file. */
static int look_in_all(const struct runtime *runtime, const char *list,
		       struct runtime_lookup *lookup, struct container_identity *ret)
{
	char path[PATH_MAX];
	bool unwritten = false;

	while (runtime_next_path(&list, path)) {
		int err = look_in(runtime, path, lookup, ret);

		if (err != -ENOENT && err != -EAGAIN)
			return err;
		unwritten |= err == -EAGAIN;
	}
	return unwritten ? -EAGAIN : -ENOENT;
}

/* igrecd's own cgroup and those around it: what records itself has no rest. */
static bool holds_igrecd(const char *cgroup_path)
{
	AUTO_FCLOSE FILE *file = fopen("/proc/self/cgroup", "re");
	size_t bytes = strlen(cgroup_path);
	char line[PATH_MAX + 16];

	while (file && fgets(line, sizeof(line), file)) {
		const char *own = line + strlen("0::");

		if (!strncmp(line, "0::", strlen("0::")) && !strncmp(own, cgroup_path, bytes) &&
		    strchr("/\n", own[bytes]))
			return true;
	}
	return false;
}

static bool is_wanted_unit(const char *globs, const char *cgroup_path)
{
	char glob[CONFIG_LIST_BYTES];

	while (globs && *globs) {
		size_t bytes = strcspn(globs, " ");

		memcpy(glob, globs, bytes);
		glob[bytes] = '\0';
		if (!fnmatch(glob, *glob == '/' ? cgroup_path : cgroup_name_base(cgroup_path), 0))
			return true;
		globs += bytes;
		globs += strspn(globs, " ");
	}
	return false;
}

/* The identity that a cgroup gives by itself. */
static int name_by_path(const struct identity_roots *roots, const char *cgroup_path,
			const char *runtime, const char *type, struct container_identity *ret)
{
	const char *base = cgroup_name_base(cgroup_path);
	const struct runtime_lookup lookup = {
		.roots = roots,
		.id = *base ? base : cgroup_path,
		.cgroup_path = cgroup_path,
	};
	struct container_identity identity = {.restart = -1};
	int err = runtime_set(&identity.type, type);

	if (!err)
		err = complete(runtime, &lookup, &identity);
	if (err)
		container_identity_done(&identity);
	else
		*ret = identity;
	return err;
}

static bool is_systemd(const char *cgroup_path)
{
	size_t length = strlen(cgroup_path);

	return (length > 8 && !strcmp(cgroup_path + length - 8, ".service")) ||
	       (length > 6 && !strcmp(cgroup_path + length - 6, ".scope"));
}

int identity_find(const struct identity_roots *roots, const char *cgroup_path,
		  struct container_identity *ret)
{
	struct cgroup_pod pod;
	char id[NAME_MAX + 1];
	struct runtime_lookup lookup = {
		.roots = roots,
		.id = id,
		.cgroup_path = cgroup_path,
		.in_pod = !cgroup_name_pod(cgroup_path, &pod),
	};

	for (size_t i = 0; i < ARRAY_SIZE(runtimes); i++) {
		const struct runtime *runtime = &runtimes[i];
		const char *list =
			*(const char *const *)((const char *)roots + runtime->root_offset);
		int err;

		if (!list || cgroup_name_id(cgroup_path, runtime->prefixes, runtime->prefixed, id))
			continue;
		err = look_in_all(runtime, list, &lookup, ret);
		if (err != -ENOENT)
			return err;
	}
	if (!is_wanted_unit(roots->units, cgroup_path) || holds_igrecd(cgroup_path))
		return -ENOENT;
	return name_by_path(roots, cgroup_path, is_systemd(cgroup_path) ? "systemd" : "cgroup",
			    "unit", ret);
}

bool identity_is_sandbox(const struct container_identity *identity)
{
	return identity->type && !strcmp(identity->type, "sandbox");
}

bool identity_is_unit(const struct container_identity *identity)
{
	return identity->type && !strcmp(identity->type, "unit");
}

int identity_from_cgroup(const struct identity_roots *roots, const char *cgroup_path,
			 struct container_identity *ret)
{
	return name_by_path(roots, cgroup_path, "cgroup", NULL, ret);
}
