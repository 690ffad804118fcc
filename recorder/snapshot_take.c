/* SPDX-License-Identifier: Apache-2.0 */
/* Between a judged failure and the dumper. Runs on the loop's thread: memory and /proc only. */
#include "recorder/snapshot_take.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/clock.h"
#include "recorder/ring_copy.h"
#include "recorder/surroundings.h"

DEFINE_CLEANUP(snapshot, struct snapshot *, snapshot_free)

void snapshot_take_vitals(struct containers *containers, struct container *container,
			  uint64_t now_ns)
{
	int count;

	if (container->vitals)
		return;
	containers_sample(containers, container, false, now_ns);
	count = cgroup_place_vitals(&container->place, now_ns, &container->vitals);
	container->n_vitals = count > 0 ? count : 0;
}

static int take_surroundings(struct containers *containers, struct container *container,
			     struct snapshot *snapshot)
{
	AUTO_FREE uint32_t *tgids = NULL;
	int count = cgroup_fs_processes(containers->cgroups, container->path, &tgids);

	snapshot_take_vitals(containers, container, clock_monotonic_ns());
	snapshot->vitals = TAKE_PTR(container->vitals);
	snapshot->n_vitals = container->n_vitals;
	container->n_vitals = 0;
	return count > 0 ? surroundings_read(tgids, count, snapshot) : 0;
}

static void take_settings(const struct rings *rings, uint32_t index, const struct igrec_slot *slot,
			  struct snapshot *snapshot)
{
	snapshot->started_ns = slot->taken_ns;
	snapshot->init_tgid = slot->init_tgid;
	snapshot->cpus = sysconf(_SC_NPROCESSORS_CONF);
	snapshot->payload = slot->payload;
	snapshot->payload_bytes = slot->payload_bytes;
	snapshot->ring_bytes = (uint64_t)rings_blocks_count(rings, index) * IGREC_BLOCK_BYTES;
	snapshot->truncated = slot->truncated;
	snapshot->unreadable = slot->unreadable;
}

static int copy_ring(const struct containers *containers, const struct container *container,
		     struct snapshot *snapshot)
{
	struct igrec_block *ring = rings_map(containers->rings, container->slot);
	int err = ring ? ring_copy(containers_slot(containers, container), ring, snapshot->lane)
		       : -ENOMEM;

	rings_unmap(containers->rings, container->slot, ring);
	return err;
}

int snapshot_take(struct containers *containers, struct container *container,
		  const struct failure *failure, struct snapshot **ret)
{
	CLEANUP(cleanup_snapshot) struct snapshot *snapshot = calloc(1, sizeof(*snapshot));
	const struct igrec_slot *slot = containers_slot(containers, container);
	int err;

	if (!snapshot)
		return -ENOMEM;
	containers_name_at_last(containers, container);
	err = copy_ring(containers, container, snapshot);
	if (!err)
		err = container_identity_copy(&container->identity, &snapshot->identity);
	if (!err)
		err = take_surroundings(containers, container, snapshot);
	if (!err)
		err = oom_scene_move(&container->oom, snapshot);
	if (!err)
		err = samples_copy(&container->samples, snapshot);
	if (err)
		return err;
	take_settings(containers->rings, container->slot, slot, snapshot);
	snapshot->slot = container->slot;
	snapshot->generation = container->generation;
	snapshot->failure = *failure;
	snapshot->taken_ns = clock_monotonic_ns();
	snapshot->realtime_offset_ns = clock_realtime_ns() - (int64_t)clock_monotonic_ns();
	*ret = TAKE_PTR(snapshot);
	return 0;
}
