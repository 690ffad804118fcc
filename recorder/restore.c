/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Containers of an igrecd that ended while its kernel side went on.  Whose a slot is stands in the
 * ledger; what happened since stands in the notices that wait.
 */
#include <errno.h>

#include "recorder/containers.h"
#include "recorder/ledger.h"

static int restore(struct containers *containers, uint32_t slot)
{
	const struct igrec_slot *state = hooks_slot(containers->hooks, slot);
	struct container *container;
	int err;

	if (state->state == IGREC_SLOT_FREE)
		return -ENOENT;
	err = ledger_load(hooks_ledger(containers->hooks, slot), slot, state->generation,
			  &container);
	if (err)
		return err;
	containers->by_slot[slot] = container;
	if (container->named)
		containers_set_policy(containers, container);
	else
		policy_before_names(containers->config, &container->policy);
	cgroup_fs_place_at(containers->cgroups, container->path, &container->place);
	return 0;
}

int containers_restore(struct containers *containers)
{
	int count = 0;

	if (!hooks_adopted(containers->hooks))
		return 0;
	for (uint32_t slot = 0; slot < containers->max; slot++) {
		int err = restore(containers, slot);

		if (err == -ENOMEM)
			return err;
		count += !err;
	}
	return count;
}

/* A slot that neither ledger nor notice knows: its cgroup is looked for anew by the scan. */
static void release_orphan(struct containers *containers, uint32_t slot, uint64_t now_ns)
{
	const struct igrec_slot *state = hooks_slot(containers->hooks, slot);

	if (state->state == IGREC_SLOT_FREE)
		return;
	hooks_cgroup_delete(containers->hooks, state->cgroup_id, slot);
	ledger_clear(hooks_ledger(containers->hooks, slot));
	rings_release(containers->rings, slot, now_ns);
}

void containers_check(struct containers *containers, uint64_t now_ns)
{
	if (!hooks_adopted(containers->hooks))
		return;
	for (uint32_t slot = 0; slot < containers->max; slot++) {
		struct container *container = containers->by_slot[slot];
		uint64_t id;

		if (!container)
			release_orphan(containers, slot, now_ns);
		else if (cgroup_fs_id(containers->cgroups, container->path, &id) ||
			 id != container->cgroup_id)
			container->gone = true;
	}
}
