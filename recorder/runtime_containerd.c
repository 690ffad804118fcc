/* SPDX-License-Identifier: Apache-2.0 */
/*
 * containerd: STATE/io.containerd.runtime.v2.task/NAMESPACE/ID/config.json is the OCI bundle.
 * Whoever runs containers by it keeps to a namespace: the CRI plugin to "k8s.io", dockerd to
 * "moby"; the others' are told as the container's namespace.  nerdctl makes annotations of its
 * labels, of which those with "nerdctl/" are its own.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>

#include "common/cleanup.h"
#include "common/json.h"
#include "recorder/cgroup_name.h"
#include "recorder/runtime.h"
#include "recorder/runtime_files.h"

#define TASKS	      "io.containerd.runtime.v2.task"
#define CRI_NAMESPACE "k8s.io"
#define DOCKER	      "moby"

DEFINE_CLEANUP(json, struct json *, json_free)
#define AUTO_JSON CLEANUP(cleanup_json)

static int add_names(const struct runtime_lookup *lookup, const char *namespace,
		     const struct json *annotations, struct container_identity *ret)
{
	const char *nerdctl = json_get_text(annotations, "nerdctl/name");
	int err;

	if (!strcmp(namespace, DOCKER)) {
		err = runtime_set(&ret->runtime, "docker");
		return err ? err : runtime_add_docker(lookup, ret);
	}
	if (lookup->in_pod || (!nerdctl && !strcmp(namespace, CRI_NAMESPACE)))
		return runtime_add_pod_keys(annotations, ret);
	err = runtime_set(&ret->container, nerdctl);
	return err ? err : runtime_set(&ret->namespace, namespace);
}

static int read_bundle(const struct runtime_lookup *lookup, int namespaces, const char *namespace,
		       struct container_identity *ret)
{
	AUTO_JSON struct json *config = NULL;
	AUTO_CLOSE int in = runtime_dir_open_below(namespaces, namespace);
	AUTO_CLOSE int bundle = in < 0 ? in : runtime_dir_open_below(in, lookup->id);
	const char *path;
	int err;

	if (bundle < 0)
		return -ENOENT;
	err = runtime_json_read(bundle, "config.json", &config);
	if (err)
		return err == -ENOMEM ? err : -EAGAIN;
	path = json_get_text(json_get(config, "linux"), "cgroupsPath");
	if (!cgroup_name_is(path, lookup->id, lookup->cgroup_path))
		return -ENOENT;
	return add_names(lookup, namespace, json_get(config, "annotations"), ret);
}

int runtime_read_containerd(const struct runtime_lookup *lookup, struct container_identity *ret)
{
	int tasks = runtime_dir_open_below(lookup->root, TASKS);
	AUTO_CLOSEDIR DIR *dir = tasks < 0 ? NULL : fdopendir(tasks);
	struct dirent *entry;
	int err = -ENOENT;

	if (tasks >= 0 && !dir)
		close(tasks);
	while (dir && err == -ENOENT && (entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			err = read_bundle(lookup, dirfd(dir), entry->d_name, ret);
	return err;
}
