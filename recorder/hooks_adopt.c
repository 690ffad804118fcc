/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Going on with what an earlier igrecd pinned.  Its programs have recorded all the while, into the
 * maps that are opened here; they are not loaded again.  A set is taken only as a whole, and only
 * if this igrecd would have made the same maps.
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "recorder/hooks_set.h"

static int open_pinned(const struct hooks *hooks, const char *name)
{
	char path[PATH_MAX + 64];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", hooks->bpffs, name);
	fd = bpf_obj_get(path);
	return fd < 0 ? -errno : fd;
}

static int read_set(const struct hooks *hooks, struct igrec_set *ret)
{
	AUTO_CLOSE int fd = open_pinned(hooks, "igrec_set");
	struct bpf_map_info info = {0};
	uint32_t bytes = sizeof(info), key = 0;

	if (fd < 0)
		return fd;
	if (bpf_obj_get_info_by_fd(fd, &info, &bytes) || info.value_size != sizeof(*ret) ||
	    bpf_map_lookup_elem(fd, &key, ret))
		return -ESTALE;
	ret->version[sizeof(ret->version) - 1] = 0;
	return 0;
}

static int check_set(const struct igrec_set *set, const struct hooks_settings *settings,
		     struct hooks_why *why)
{
	if (!set->abi)
		return hooks_explain(why, -ESTALE, "was not complete");
	if (set->abi != IGREC_ABI_VERSION)
		return hooks_explain(why, -ESTALE, "is of igrecd %s, whose layout differs",
				     set->version);
	if (set->slots != settings->slots || set->ring_blocks != settings->ring_blocks)
		return hooks_explain(why, -ESTALE,
				     "has %u rings of %u KiB at most, not the %u of %u KiB now "
				     "configured",
				     set->slots, set->ring_blocks * (IGREC_BLOCK_BYTES / 1024),
				     settings->slots,
				     settings->ring_blocks * (IGREC_BLOCK_BYTES / 1024));
	return 0;
}

static bool is_attached(const struct hooks *hooks, const struct bpf_program *program)
{
	char path[PATH_MAX + 64];

	snprintf(path, sizeof(path), "%s/" LINK_PREFIX "%s", hooks->bpffs,
		 bpf_program__name(program));
	return !access(path, F_OK);
}

static int reuse_maps(struct hooks *hooks, struct bpf_object *object)
{
	struct bpf_map *map;

	bpf_object__for_each_map(map, object)
	{
		AUTO_CLOSE int fd = -1;
		int err;

		if (bpf_map__is_internal(map) || !bpf_map__autocreate(map))
			continue;
		fd = open_pinned(hooks, bpf_map__name(map));
		err = fd < 0 ? fd : bpf_map__reuse_fd(map, fd);
		if (err)
			return err;
	}
	return 0;
}

static int adopt_all(struct hooks *hooks, struct igrec_bpf *skeleton, struct hooks_why *why)
{
	struct bpf_program *program;
	int err;

	hooks_configure(hooks, skeleton);
	bpf_object__for_each_program(program, skeleton->obj)
	{
		if (bpf_program__autoload(program) && program != skeleton->progs.igrec_walk &&
		    !is_attached(hooks, program))
			return hooks_explain(why, -ESTALE, "lacks %s", bpf_program__name(program));
	}
	err = reuse_maps(hooks, skeleton->obj);
	return err ? hooks_explain(why, -ESTALE, "lacks a map: %s", strerror(-err)) : 0;
}

int hooks_adopt(struct hooks *hooks, const struct hooks_settings *settings, struct hooks_why *why)
{
	struct igrec_bpf *skeleton;
	struct igrec_set set;
	int err = read_set(hooks, &set);

	if (err == -ENOENT)
		return err;
	if (err)
		return hooks_explain(why, -ESTALE, "cannot be read");
	err = check_set(&set, settings, why);
	if (err)
		return err;
	hooks->legacy = set.legacy;
	skeleton = hooks_skeleton(hooks);
	if (!skeleton)
		return hooks_explain(why, -errno, "out of memory");
	hooks->has_oom = set.oom;
	err = adopt_all(hooks, skeleton, why);
	if (err)
		igrec_bpf__destroy(skeleton);
	else
		hooks->skeleton = skeleton;
	return err;
}
