/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Docker: ROOT/containers/ID/config.v2.json (moby container/container.go) beside the bundle in
 * containerd's directory, which has told that the cgroup is this container's.  Labels come from
 * images too: Kubernetes' are believed in a pod's cgroup only (dockershim, cri-dockerd).
 */
#include <errno.h>
#include <limits.h>

#include "common/cleanup.h"
#include "common/json.h"
#include "recorder/runtime.h"
#include "recorder/runtime_files.h"

DEFINE_CLEANUP(json, struct json *, json_free)
#define AUTO_JSON CLEANUP(cleanup_json)

int runtime_add_docker(const struct runtime_lookup *lookup, struct container_identity *ret)
{
	AUTO_JSON struct json *file = NULL;
	AUTO_CLOSE int root = runtime_dir_open(lookup->roots->host, lookup->roots->docker);
	char path[NAME_MAX + 64];
	const struct json *config;
	const char *name;
	int64_t restart;
	int err;

	if (root < 0)
		return 0;
	snprintf(path, sizeof(path), "containers/%s/config.v2.json", lookup->id);
	err = runtime_json_read(root, path, &file);
	if (err)
		return err == -ENOMEM ? err : 0;
	config = json_get(file, "Config");
	err = lookup->in_pod ? runtime_add_pod_keys(json_get(config, "Labels"), ret) : 0;
	name = json_get_text(file, "Name");
	if (!err)
		err = runtime_set(&ret->container, name && *name == '/' ? name + 1 : name);
	if (!err)
		err = runtime_set(&ret->image, json_get_text(config, "Image"));
	if (!err)
		err = runtime_set(&ret->image_id, json_get_text(file, "Image"));
	if (ret->restart < 0 && !json_get_int(file, "RestartCount", &restart) && restart >= 0)
		ret->restart = restart;
	return err;
}
