/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Readers of runtime state.  runc(8) keeps ROOT/ID/state.json (libcontainer's State), crun(1)
 * ROOT/ID/status; both name the OCI bundle, whose config.json has the annotations.
 */
#include "recorder/identity.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/json.h"

#define STATE_BYTES_MAX (4 << 20)

DEFINE_CLEANUP(json, struct json *, json_free)
#define AUTO_JSON CLEANUP(cleanup_json)

/* What a runtime's state file says. Strings are borrowed from the JSON. */
struct state {
	const char *cgroup_path; /* below the hierarchy's root */
	const char *bundle;
};

struct runtime {
	const char *name;
	size_t root_offset; /* in struct identity_roots */
	const char *file;   /* in ROOT/ID */
	void (*read)(const struct json *json, struct state *ret);
};

/* "cgroup_paths" maps controllers, "" being the default hierarchy, to absolute directories. */
static void read_runc(const struct json *json, struct state *ret)
{
	static const char label[] = "bundle=";
	const struct json *config = json_get(json, "config");
	const struct json *labels = json_get(config, "labels");
	const struct json *item;

	ret->cgroup_path = json_get_text(json_get(config, "cgroups"), "path");
	for (size_t i = 0; (item = json_at(labels, i)); i++) {
		const char *text = json_text(item);

		if (text && !strncmp(text, label, sizeof(label) - 1))
			ret->bundle = text + sizeof(label) - 1;
	}
}

static void read_crun(const struct json *json, struct state *ret)
{
	ret->cgroup_path = json_get_text(json, "cgroup-path");
	ret->bundle = json_get_text(json, "bundle");
}

static const struct runtime runtimes[] = {
	{"runc", offsetof(struct identity_roots, runc), "state.json", read_runc},
	{"crun", offsetof(struct identity_roots, crun), "status", read_crun},
};

void identity_roots_init(struct identity_roots *roots)
{
	roots->runc = "/run/runc";
	roots->crun = "/run/crun";
}

static int set(char **ret, const char *text)
{
	if (!text || !*text || *ret)
		return 0;
	*ret = strdup(text);
	return *ret ? 0 : -ENOMEM;
}

/* Annotations of the bundle: those that container engines write for Kubernetes' names. */
static int read_annotations(const char *bundle, struct container_identity *identity)
{
	static const struct {
		const char *key;
		size_t offset;
	} known[] = {
		{"io.kubernetes.cri.container-name",
		 offsetof(struct container_identity, container)},
		{"io.kubernetes.cri.image-name", offsetof(struct container_identity, image)},
		{"io.kubernetes.cri.sandbox-name", offsetof(struct container_identity, pod)},
		{"io.kubernetes.cri.sandbox-namespace",
		 offsetof(struct container_identity, namespace)},
		{"io.kubernetes.cri.sandbox-uid", offsetof(struct container_identity, pod_uid)},
		{"org.opencontainers.image.ref.name", offsetof(struct container_identity, image)},
	};
	AUTO_JSON struct json *config = NULL;
	const struct json *annotations;
	char path[PATH_MAX];
	int err = 0;

	if (snprintf(path, sizeof(path), "%s/config.json", bundle) >= (int)sizeof(path) ||
	    json_parse_file(AT_FDCWD, path, STATE_BYTES_MAX, &config))
		return 0; /* the names stay unknown */
	annotations = json_get(config, "annotations");
	for (size_t i = 0; i < ARRAY_SIZE(known) && !err; i++)
		err = set((char **)((char *)identity + known[i].offset),
			  json_get_text(annotations, known[i].key));
	return err;
}

static int fill(const struct runtime *runtime, const char *id, const char *cgroup_path,
		const struct state *state, struct container_identity *ret)
{
	struct container_identity identity = {.restart = -1};
	int err = set(&identity.runtime, runtime->name);

	if (!err)
		err = set(&identity.container_id, id);
	if (!err)
		err = set(&identity.cgroup_path, cgroup_path);
	if (!err && state->bundle)
		err = read_annotations(state->bundle, &identity);
	if (!err)
		err = set(&identity.container, id);
	if (err) {
		container_identity_done(&identity);
		return err;
	}
	*ret = identity;
	return 0;
}

/* A runtime may write the path without the leading slash, or nothing for its default "/ID". */
static bool is_path(const char *written, const char *id, const char *cgroup_path)
{
	if (!written || !*written)
		written = id;
	return !strcmp(written + (*written == '/'), cgroup_path + (*cgroup_path == '/'));
}

/* Reads ROOT/ID; -EAGAIN if the directory is there and its file is not (whole) yet. */
static int try_id(const struct runtime *runtime, int root, const char *id, const char *cgroup_path,
		  struct container_identity *ret)
{
	AUTO_JSON struct json *json = NULL;
	AUTO_CLOSE int dir = openat(root, id, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct state state = {0};
	int err;

	if (dir < 0)
		return -ENOENT;
	err = json_parse_file(dir, runtime->file, STATE_BYTES_MAX, &json);
	if (err)
		return err == -ENOMEM ? err : -EAGAIN;
	runtime->read(json, &state);
	if (!is_path(state.cgroup_path, id, cgroup_path))
		return -ENOENT;
	return fill(runtime, id, cgroup_path, &state, ret);
}

/* The container's id is mostly the cgroup's name; where it is not, all of them are looked at. */
static int find_in(const struct runtime *runtime, const char *root, const char *cgroup_path,
		   struct container_identity *ret)
{
	AUTO_CLOSEDIR DIR *dir = opendir(root);
	const char *base = strrchr(cgroup_path, '/');
	struct dirent *entry;
	int err;

	if (!dir)
		return -ENOENT;
	base = base ? base + 1 : cgroup_path;
	err = *base ? try_id(runtime, dirfd(dir), base, cgroup_path, ret) : -ENOENT;
	while (err == -ENOENT && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		err = try_id(runtime, dirfd(dir), entry->d_name, cgroup_path, ret);
		if (err == -EAGAIN)
			err = -ENOENT; /* some other container that is just being made */
	}
	return err;
}

int identity_find(const struct identity_roots *roots, const char *cgroup_path,
		  struct container_identity *ret)
{
	for (size_t i = 0; i < ARRAY_SIZE(runtimes); i++) {
		const char *root =
			*(const char *const *)((const char *)roots + runtimes[i].root_offset);
		int err = find_in(&runtimes[i], root, cgroup_path, ret);

		if (err != -ENOENT)
			return err;
	}
	return -ENOENT;
}

int identity_from_cgroup(const char *cgroup_path, struct container_identity *ret)
{
	static const struct runtime unknown = {.name = "cgroup"};
	const char *base = strrchr(cgroup_path, '/');

	return fill(&unknown, base && base[1] ? base + 1 : cgroup_path, cgroup_path,
		    &(struct state){0}, ret);
}
