/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Between the notice of a new cgroup and the table of containers.  A cgroup that the kernel side
 * gave a ring is recorded already; here it is decided who it is, or that it gives the ring back.
 */
#include "recorder/arrivals.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"

void arrivals_done(struct arrivals *arrivals)
{
	while (arrivals->n_waiting)
		free(arrivals->waiting[--arrivals->n_waiting].path);
}

static void give_back(struct containers *containers, uint32_t slot)
{
	rings_release(containers->rings, slot, clock_monotonic_ns());
}

/* Enters a cgroup with the slot that it has. */
static void enter(struct containers *containers, uint32_t slot, uint64_t cgroup_id,
		  const char *path, uint64_t seen_ns)
{
	struct container *around = containers_around(containers, path);
	struct container *container;

	container = containers_find(containers, cgroup_id);
	if (container) { /* the scan was faster, or an earlier igrecd */
		if (container->slot != slot)
			give_back(containers, slot);
		return;
	}
	if (around) { /* made before the one around it was confirmed */
		hooks_cgroup_set(containers->hooks, cgroup_id, around->slot);
		give_back(containers, slot);
		hooks_walk_tasks(containers->hooks); /* who is in it already */
		return;
	}
	if (containers_is_foreign(containers, path)) {
		hooks_cgroup_delete(containers->hooks, cgroup_id, slot);
		give_back(containers, slot);
		return;
	}
	container = containers_add(containers, slot, cgroup_id, path, seen_ns);
	if (!container)
		return;
	containers_look_up(containers, container);
	if (container->unwanted)
		containers_drop(containers, container, clock_monotonic_ns());
}

static void wait_for_ring(struct arrivals *arrivals, const struct igrec_notice *notice)
{
	char *path;

	if (arrivals->n_waiting == ARRIVALS_WAITING_MAX) {
		arrivals->counts.unrecorded++;
		return;
	}
	path = strdup(notice->path);
	if (!path)
		return;
	arrivals->waiting[arrivals->n_waiting].cgroup_id = notice->cgroup_id;
	arrivals->waiting[arrivals->n_waiting].seen_ns = notice->time_ns;
	arrivals->waiting[arrivals->n_waiting++].path = path;
}

void arrivals_notice(struct arrivals *arrivals, const struct igrec_notice *notice)
{
	struct containers *containers = arrivals->containers;

	if (notice->slot == IGREC_SLOT_NO_RING) {
		wait_for_ring(arrivals, notice);
		return;
	}
	rings_note_taken(containers->rings, notice->slot);
	enter(containers, notice->slot, notice->cgroup_id, notice->path, notice->time_ns);
}

static void count_late(struct arrivals_counts *counts, uint64_t waited_ns)
{
	counts->late++;
	if (waited_ns > counts->late_ns_most)
		counts->late_ns_most = waited_ns;
}

/* Gives a ring to a cgroup that waits. Its tasks are found by the walk that follows. */
static int arm(struct arrivals *arrivals, uint64_t cgroup_id, const char *path, uint64_t seen_ns)
{
	struct containers *containers = arrivals->containers;
	struct igrec_slot *state;
	uint32_t slot;
	uint64_t id;
	int err;

	if (cgroup_fs_id(containers->cgroups, path, &id) || id != cgroup_id) {
		arrivals->counts.missed++;
		return 0;
	}
	err = rings_take(containers->rings, &slot);
	if (err)
		return err;
	state = hooks_slot(containers->hooks, slot);
	state->cgroup_id = id;
	state->taken_ns = seen_ns;
	state->state = IGREC_SLOT_TENTATIVE;
	hooks_cgroup_set(containers->hooks, id, slot);
	count_late(&arrivals->counts, clock_monotonic_ns() - seen_ns);
	enter(containers, slot, id, path, seen_ns);
	return 0;
}

void arrivals_arm(struct arrivals *arrivals)
{
	unsigned served = 0;

	for (; served < arrivals->n_waiting; served++) {
		int err = arm(arrivals, arrivals->waiting[served].cgroup_id,
			      arrivals->waiting[served].path, arrivals->waiting[served].seen_ns);

		if (err == -EAGAIN)
			break;
		if (err)
			arrivals->counts.unrecorded++;
		free(arrivals->waiting[served].path);
	}
	if (!served)
		return;
	arrivals->n_waiting -= served;
	memmove(arrivals->waiting, arrivals->waiting + served,
		arrivals->n_waiting * sizeof(arrivals->waiting[0]));
	hooks_walk_tasks(arrivals->containers->hooks);
}
