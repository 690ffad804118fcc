/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Containers that ran before igrecd: found by walking the default hierarchy.  A cgroup with
 * processes is a container if a runtime knows it, or if they are apart from the node's own ones
 * (surroundings.h); what lies below it belongs to it.
 */
#include <errno.h>

#include "common/cleanup.h"
#include "recorder/containers.h"
#include "recorder/surroundings.h"

struct scan {
	struct containers *containers;
	uint64_t now_ns;
	unsigned left;
};

static int map_nested(void *context, const char *path, uint64_t id)
{
	struct containers_nested *nested = context;

	hooks_cgroup_set(nested->hooks, id, nested->slot);
	return 0;
}

/* The process that is 1 in its namespace, or the first there is. */
static uint32_t find_init(const struct containers *containers, const char *path)
{
	AUTO_FREE uint32_t *tgids = NULL;
	int count = cgroup_fs_processes(containers->cgroups, path, &tgids);
	uint32_t ns_tgid;

	for (int i = 0; i < count; i++)
		if (!surroundings_ns_tgid(tgids[i], &ns_tgid) && ns_tgid == 1)
			return tgids[i];
	return count > 0 ? tgids[0] : 0;
}

static int take_slot(struct containers *containers, uint32_t *ret_slot)
{
	int err = rings_take(containers->rings, ret_slot);

	if (err != -EAGAIN)
		return err;
	err = rings_refill(containers->rings);
	return err ? err : rings_take(containers->rings, ret_slot);
}

static int adopt(struct scan *scan, const char *path, uint64_t id)
{
	struct containers *containers = scan->containers;
	struct containers_nested nested = {.hooks = containers->hooks};
	struct container *container;
	struct igrec_slot *slot;
	int err = take_slot(containers, &nested.slot);

	if (err) { /* it goes unrecorded; the others need not */
		scan->left++;
		return 0;
	}
	container = containers_add(containers, nested.slot, id, path, scan->now_ns);
	if (!container)
		return -ENOMEM;
	containers_slot(containers, container)->cgroup_id = id;
	containers_confirm(containers, container);
	containers_look_up(containers, container);
	if (container->unwanted) {
		containers_drop(containers, container, scan->now_ns);
		return 0;
	}
	nested.slot = container->slot;
	slot = containers_slot(containers, container);
	slot->init_tgid = find_init(containers, path);
	slot->start_full = 1; /* its first syscalls are long past */
	slot->started = 1;
	containers_locate(containers, container, slot->init_tgid);
	err = hooks_cgroup_set(containers->hooks, id, nested.slot);
	return err ? err : cgroup_fs_walk(containers->cgroups, path, map_nested, &nested);
}

/* Whether a cgroup with processes is to be recorded. */
static bool is_wanted(struct containers *containers, const char *path, uint32_t tgid)
{
	struct container_identity identity;
	struct policy policy;
	int err = identity_find(containers->roots, path, &identity);

	if (err)
		return err == -EAGAIN || surroundings_is_contained(tgid);
	policy_for(containers->config, &identity, &policy);
	container_identity_done(&identity);
	return policy.record;
}

static int scan_one(void *context, const char *path, uint64_t id)
{
	struct scan *scan = context;
	uint32_t tgid;
	int err;

	if (containers_find(scan->containers, id))
		return CGROUP_FS_SKIP;
	if (cgroup_fs_first_process(scan->containers->cgroups, path, &tgid) ||
	    containers_is_foreign(scan->containers, path) ||
	    !is_wanted(scan->containers, path, tgid))
		return 0;
	err = adopt(scan, path, id);
	return err ? err : CGROUP_FS_SKIP;
}

int containers_scan(struct containers *containers, uint64_t now_ns, unsigned *ret_left)
{
	struct scan scan = {.containers = containers, .now_ns = now_ns};
	int err = cgroup_fs_walk(containers->cgroups, "", scan_one, &scan);

	*ret_left = scan.left;
	return err ? err : hooks_walk_tasks(containers->hooks);
}
