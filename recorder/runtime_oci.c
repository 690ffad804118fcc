/* SPDX-License-Identifier: Apache-2.0 */
/*
 * OCI runtimes that are used without an engine: runc keeps ROOT/ID/state.json (libcontainer's
 * State), crun ROOT/ID/status; both name the bundle, whose config.json has annotations.
 *
 * A container's id is mostly the cgroup's name; where it is not, all of them are looked at.
 */
#include <dirent.h>
#include <errno.h>

#include "common/cleanup.h"
#include "common/json.h"
#include "recorder/cgroup_name.h"
#include "recorder/runtime.h"
#include "recorder/runtime_files.h"

DEFINE_CLEANUP(json, struct json *, json_free)
#define AUTO_JSON CLEANUP(cleanup_json)

/* What a state file says. Strings are borrowed from the JSON. */
struct state {
	const char *cgroup_path; /* as cgroup_name_is() takes it */
	const char *slice;	 /* with the systemd driver: its three parts instead */
	const char *scope_prefix, *scope_name;
	const char *bundle;
};

struct oci_runtime {
	const char *file; /* in ROOT/ID */
	void (*read)(const struct json *json, struct state *ret);
};

static void read_runc_state(const struct json *json, struct state *ret)
{
	static const char label[] = "bundle=";
	const struct json *config = json_get(json, "config");
	const struct json *cgroups = json_get(config, "cgroups");
	const struct json *labels = json_get(config, "labels");
	const struct json *item;

	ret->cgroup_path = json_get_text(cgroups, "path");
	if (json_get_bool(cgroups, "systemd")) {
		ret->slice = json_get_text(cgroups, "parent");
		ret->scope_prefix = json_get_text(cgroups, "scope_prefix");
		ret->scope_name = json_get_text(cgroups, "name");
	}
	for (size_t i = 0; (item = json_at(labels, i)); i++) {
		const char *text = json_text(item);

		if (text && !strncmp(text, label, sizeof(label) - 1))
			ret->bundle = text + sizeof(label) - 1;
	}
}

static void read_crun_status(const struct json *json, struct state *ret)
{
	ret->cgroup_path = json_get_text(json, "cgroup-path");
	ret->bundle = json_get_text(json, "bundle");
}

static const struct oci_runtime runc = {"state.json", read_runc_state};
static const struct oci_runtime crun = {"status", read_crun_status};

static bool is_here(const struct state *state, const char *id, const char *cgroup_path)
{
	char path[PATH_MAX];

	if (!state->scope_name)
		return cgroup_name_is(state->cgroup_path, id, cgroup_path);
	snprintf(path, sizeof(path), "%s:%s:%s", state->slice ? state->slice : "",
		 state->scope_prefix ? state->scope_prefix : "", state->scope_name);
	return cgroup_name_is(path, id, cgroup_path);
}

static int add_bundle(const struct runtime_lookup *lookup, const char *path,
		      struct container_identity *ret)
{
	AUTO_JSON struct json *config = NULL;
	AUTO_CLOSE int bundle = runtime_dir_open(lookup->roots->host, path);
	const struct json *annotations;
	int err;

	if (bundle < 0)
		return 0;
	err = runtime_json_read(bundle, "config.json", &config);
	if (err)
		return err == -ENOMEM ? err : 0; /* the names stay unknown */
	annotations = json_get(config, "annotations");
	err = runtime_add_pod_keys(annotations, ret);
	return err ? err
		   : runtime_set(&ret->image,
				 json_get_text(annotations, "org.opencontainers.image.ref.name"));
}

/* Reads ROOT/ID; -EAGAIN if the directory is there and its file is not (whole) yet. */
static int try_id(const struct oci_runtime *runtime, const struct runtime_lookup *lookup,
		  const char *id, struct container_identity *ret)
{
	AUTO_JSON struct json *json = NULL;
	AUTO_CLOSE int dir = runtime_dir_open_below(lookup->root, id);
	struct state state = {0};
	int err;

	if (dir < 0)
		return -ENOENT;
	err = runtime_json_read(dir, runtime->file, &json);
	if (err)
		return err == -ENOMEM ? err : -EAGAIN;
	runtime->read(json, &state);
	if (!is_here(&state, id, lookup->cgroup_path))
		return -ENOENT;
	err = runtime_set(&ret->container_id, id);
	return err || !state.bundle ? err : add_bundle(lookup, state.bundle, ret);
}

static int read_oci(const struct oci_runtime *runtime, const struct runtime_lookup *lookup,
		    struct container_identity *ret)
{
	int again = runtime_dir_open_below(lookup->root, ".");
	AUTO_CLOSEDIR DIR *dir = again < 0 ? NULL : fdopendir(again);
	int err = try_id(runtime, lookup, lookup->id, ret);
	struct dirent *entry;

	if (again >= 0 && !dir)
		close(again);
	while (dir && err == -ENOENT && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		err = try_id(runtime, lookup, entry->d_name, ret);
		if (err == -EAGAIN)
			err = -ENOENT; /* some other container that is just being made */
	}
	return err;
}

int runtime_read_runc(const struct runtime_lookup *lookup, struct container_identity *ret)
{
	return read_oci(&runc, lookup, ret);
}

int runtime_read_crun(const struct runtime_lookup *lookup, struct container_identity *ret)
{
	return read_oci(&crun, lookup, ret);
}
