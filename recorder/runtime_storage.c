/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Podman and CRI-O keep containers with the containers/storage library: STORAGE/overlay-containers
 * has ID/userdata/config.json, the OCI bundle, and containers.json with names and images.  The
 * library's other drivers have a directory of their own name in place of "overlay".
 *
 * Podman takes over annotations of images, so only CRI-O's are believed.
 */
#include <errno.h>
#include <limits.h>

#include "common/cleanup.h"
#include "common/json.h"
#include "recorder/cgroup_name.h"
#include "recorder/runtime.h"
#include "recorder/runtime_files.h"

DEFINE_CLEANUP(json, struct json *, json_free)
#define AUTO_JSON CLEANUP(cleanup_json)

static const char *const drivers[] = {"overlay", "vfs", "btrfs", "zfs"};
/* Where the library lists them; the second since 1.44, for those that need not last. */
static const char *const lists[] = {"containers.json", "volatile-containers.json"};

/* A pod of Podman's has an infra container that only sleeps; its image cannot claim to be one. */
static bool is_infra(const struct json *annotations, const char *name)
{
	const char *type = json_get_text(annotations, "io.kubernetes.cri-o.ContainerType");
	size_t length = name ? strlen(name) : 0;

	return type && !strcmp(type, "sandbox") && length > strlen("-infra") &&
	       !strcmp(name + length - strlen("-infra"), "-infra");
}

/* "metadata" is JSON in a text: Podman's storageService, with the image's name. */
static int add_image(const struct json *entry, struct container_identity *ret)
{
	AUTO_JSON struct json *metadata = NULL;
	const char *text = json_get_text(entry, "metadata");
	int err = text ? json_parse(text, strlen(text), &metadata) : 0;

	if (err == -ENOMEM)
		return err;
	err = runtime_set(&ret->image, json_get_text(metadata, "image-name"));
	return err ? err : runtime_set(&ret->image_id, json_get_text(entry, "image"));
}

static int add_listed(int storage, const char *file, const char *id, struct container_identity *ret)
{
	AUTO_JSON struct json *list = NULL;
	const struct json *entry;
	int err = runtime_json_read(storage, file, &list);

	if (err)
		return err == -ENOMEM ? err : 0;
	for (size_t i = 0; (entry = json_at(list, i)); i++) {
		const char *of = json_get_text(entry, "id");

		if (!of || strcmp(of, id) != 0)
			continue;
		err = runtime_set(&ret->container, json_text(json_at(json_get(entry, "names"), 0)));
		return err ? err : add_image(entry, ret);
	}
	return 0;
}

static int add_names(const struct runtime_lookup *lookup, int storage, bool crio,
		     const struct json *annotations, struct container_identity *ret)
{
	int err;

	if (crio) {
		err = runtime_set(&ret->runtime, "cri-o");
		return err ? err : runtime_add_pod_keys(annotations, ret);
	}
	err = runtime_set(&ret->runtime, "podman");
	for (size_t i = 0; i < ARRAY_SIZE(lists) && !err; i++)
		err = add_listed(storage, lists[i], lookup->id, ret);
	if (!err && is_infra(annotations, ret->container))
		err = runtime_set(&ret->type, "sandbox");
	return err;
}

static int read_driver(const struct runtime_lookup *lookup, const char *driver,
		       struct container_identity *ret)
{
	AUTO_JSON struct json *config = NULL;
	AUTO_CLOSE int storage = -1, container = -1;
	char name[32];
	const char *path;
	int err;

	snprintf(name, sizeof(name), "%s-containers", driver);
	storage = runtime_dir_open_below(lookup->root, name);
	container = storage < 0 ? storage : runtime_dir_open_below(storage, lookup->id);
	if (container < 0)
		return -ENOENT;
	err = runtime_json_read(container, "userdata/config.json", &config);
	if (err)
		return err == -ENOMEM ? err : -EAGAIN;
	path = json_get_text(json_get(config, "linux"), "cgroupsPath");
	if (!cgroup_name_is(path, lookup->id, lookup->cgroup_path))
		return -ENOENT;
	return add_names(lookup, storage,
			 !strncmp(cgroup_name_base(lookup->cgroup_path), "crio-", 5),
			 json_get(config, "annotations"), ret);
}

int runtime_read_storage(const struct runtime_lookup *lookup, struct container_identity *ret)
{
	int err = -ENOENT;
	bool unwritten = false;

	for (size_t i = 0; i < ARRAY_SIZE(drivers) && (err == -ENOENT || err == -EAGAIN); i++) {
		err = read_driver(lookup, drivers[i], ret);
		unwritten |= err == -EAGAIN;
	}
	return err == -ENOENT && unwritten ? -EAGAIN : err;
}

/* In one directory of the library. */
static int open_in(int root, const char *id, const char *file, char ret_below[PATH_MAX])
{
	for (size_t i = 0; i < ARRAY_SIZE(drivers); i++) {
		AUTO_CLOSE int dir = -1, fd = -1;

		snprintf(ret_below, PATH_MAX, "%s-containers/%s/userdata", drivers[i], id);
		dir = runtime_dir_open_below(root, ret_below);
		fd = dir < 0 ? -ENOENT : runtime_file_open(dir, file);
		if (fd >= 0)
			return TAKE_FD(dir);
	}
	return -ENOENT;
}

int runtime_storage_open(const struct identity_roots *roots, const char *id, const char *file,
			 char ret_above[PATH_MAX], char ret_below[PATH_MAX])
{
	const char *list = roots->storage;

	while (runtime_next_path(&list, ret_above)) {
		AUTO_CLOSE int root = runtime_dir_open(roots->host, ret_above);
		int dir = root < 0 ? -ENOENT : open_in(root, id, file, ret_below);

		if (dir >= 0)
			return dir;
	}
	return -ENOENT;
}
