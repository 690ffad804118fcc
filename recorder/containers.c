/* SPDX-License-Identifier: Apache-2.0 */
/* The table of recorded cgroups; recorder.c decides, this file carries out. */
#include "recorder/containers.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "common/cleanup.h"
#include "common/clock.h"
#include "recorder/cgroup_name.h"
#include "recorder/ledger.h"
#include "recorder/policy.h"

#define FILES_WANTED 65536

/* Half of the descriptors that igrecd may have; the soft limit is made for select(2). */
static unsigned files_for_meters(void)
{
	struct rlimit limit;
	rlim_t wanted;

	if (getrlimit(RLIMIT_NOFILE, &limit))
		return 0;
	wanted = limit.rlim_max < FILES_WANTED ? limit.rlim_max : FILES_WANTED;
	if (limit.rlim_cur < wanted) {
		limit.rlim_cur = wanted;
		if (setrlimit(RLIMIT_NOFILE, &limit) && getrlimit(RLIMIT_NOFILE, &limit))
			return 0;
	}
	return (limit.rlim_cur < wanted ? limit.rlim_cur : wanted) / 2;
}

int containers_init(struct containers *containers)
{
	containers->meter_files_max = files_for_meters();
	containers->max = hooks_slots_max(containers->hooks);
	containers->by_slot = calloc(containers->max, sizeof(*containers->by_slot));
	return containers->by_slot ? 0 : -ENOMEM;
}

void containers_done(struct containers *containers)
{
	for (uint32_t slot = 0; containers->by_slot && slot < containers->max; slot++)
		container_free(containers->by_slot[slot]);
	free(containers->by_slot);
	containers->by_slot = NULL;
}

struct igrec_slot *containers_slot(const struct containers *containers,
				   const struct container *container)
{
	return hooks_slot(containers->hooks, container->slot);
}

struct container *containers_add(struct containers *containers, uint32_t slot, uint64_t cgroup_id,
				 const char *path, uint64_t seen_ns)
{
	struct container *container = container_new(slot, cgroup_id, path, seen_ns);

	if (!container) {
		rings_release(containers->rings, slot, clock_monotonic_ns());
		return NULL;
	}
	container->generation = hooks_slot(containers->hooks, slot)->generation;
	policy_before_names(containers->config, &container->policy);
	/* Till one of its processes can be asked; an entrypoint that cannot run leaves none. */
	cgroup_fs_place_at(containers->cgroups, path, &container->place);
	containers->by_slot[slot] = container;
	containers_save(containers, container);
	return container;
}

/* What lies below may be another's: containers come below a cgroup that turns out to be none. */
static int forget_nested(void *context, const char *path, uint64_t id)
{
	const struct containers_nested *nested = context;

	hooks_cgroup_delete(nested->hooks, id, nested->slot);
	return 0;
}

void containers_save(const struct containers *containers, const struct container *container)
{
	ledger_save(hooks_ledger(containers->hooks, container->slot), container);
}

static void close_meter(struct containers *containers, struct container *container)
{
	containers->meter_files -= cgroup_meter_open_files(&container->meter);
	cgroup_meter_close(&container->meter);
}

void containers_drop(struct containers *containers, struct container *container, uint64_t now_ns)
{
	struct containers_nested nested = {.hooks = containers->hooks, .slot = container->slot};

	hooks_cgroup_delete(containers->hooks, container->cgroup_id, container->slot);
	if (!container->gone)
		cgroup_fs_walk(containers->cgroups, container->path, forget_nested, &nested);
	ledger_clear(hooks_ledger(containers->hooks, container->slot));
	rings_release(containers->rings, container->slot, now_ns);
	containers->by_slot[container->slot] = NULL;
	close_meter(containers, container);
	container_free(container);
}

struct container *containers_find(const struct containers *containers, uint64_t cgroup_id)
{
	for (uint32_t slot = 0; slot < containers->max; slot++) {
		struct container *container = containers->by_slot[slot];

		if (container && container->cgroup_id == cgroup_id)
			return container;
	}
	return NULL;
}

struct container *containers_around(const struct containers *containers, const char *path)
{
	for (uint32_t slot = 0; slot < containers->max; slot++) {
		struct container *container = containers->by_slot[slot];
		size_t bytes = container ? strlen(container->path) : 0;

		if (container && container->confirmed && !strncmp(container->path, path, bytes) &&
		    path[bytes] == '/')
			return container;
	}
	return NULL;
}

void containers_confirm(struct containers *containers, struct container *container)
{
	container->confirmed = true;
	containers_slot(containers, container)->state = IGREC_SLOT_CONFIRMED;
	containers_save(containers, container);
}

static bool is_known(const struct containers *containers, const char *path)
{
	struct container_identity identity;
	int err = identity_find(containers->roots, path, &identity);

	if (!err)
		container_identity_done(&identity);
	return !err;
}

bool containers_is_foreign(const struct containers *containers, const char *path)
{
	char above[PATH_MAX];
	struct cgroup_pod pod;
	char *slash;

	if (snprintf(above, sizeof(above), "%s", path) >= (int)sizeof(above))
		return false;
	if (!cgroup_name_pod(path, &pod) && pod.is_whole && !is_known(containers, path))
		return true;
	while ((slash = strrchr(above, '/')) && slash > above) {
		*slash = '\0';
		if (is_known(containers, above))
			return true;
	}
	return false;
}

void containers_set_policy(struct containers *containers, struct container *container)
{
	struct igrec_slot *slot = containers_slot(containers, container);

	if (container->named)
		policy_for(containers->config, &container->identity, &container->policy);
	else
		policy_before_names(containers->config, &container->policy);
	container->unwanted = !container->policy.record;
	slot->payload = container->policy.payload;
	slot->payload_bytes = container->policy.payload_bytes;
}

/*
 * Gives it a ring of the size that its policy says, if no program runs there yet and such a ring is
 * ready.  What the runtime's set-up has written so far is let go.
 */
static void exchange_ring(struct containers *containers, struct container *container)
{
	const struct igrec_slot *old = containers_slot(containers, container);
	uint32_t from = container->slot, to;
	struct igrec_slot *slot;

	if (container->policy.ring_bytes / IGREC_BLOCK_BYTES ==
		    rings_blocks_count(containers->rings, from) ||
	    old->started || rings_take_sized(containers->rings, container->policy.ring_bytes, &to))
		return;
	slot = hooks_slot(containers->hooks, to);
	slot->cgroup_id = container->cgroup_id;
	slot->taken_ns = old->taken_ns;
	slot->payload = old->payload;
	slot->payload_bytes = old->payload_bytes;
	slot->state = old->state;
	container->slot = to;
	container->generation = slot->generation;
	containers->by_slot[from] = NULL;
	containers->by_slot[to] = container;
	hooks_cgroup_set(containers->hooks, container->cgroup_id, to);
	hooks_walk_tasks(containers->hooks);
	if (old->started && !slot->started) { /* in between */
		slot->init_tgid = old->init_tgid;
		slot->started = 1;
	}
	rings_release(containers->rings, from, clock_monotonic_ns());
}

/* Completes an identity with what every container has. */
static void name(struct containers *containers, struct container *container,
		 const struct container_identity *identity)
{
	container->identity = *identity;
	container->identity.cgroup_id = container->cgroup_id;
	container->identity.node = strdup(containers->config->node);
	container->named = true;
	containers_set_policy(containers, container);
	containers_save(containers, container);
	if (!container->unwanted)
		exchange_ring(containers, container);
}

void containers_name_by_cgroup(struct containers *containers, struct container *container)
{
	struct container_identity identity;

	if (!container->named &&
	    !identity_from_cgroup(containers->roots, container->path, &identity))
		name(containers, container, &identity);
}

void containers_look_up(struct containers *containers, struct container *container)
{
	struct container_identity identity;
	int err = identity_find(containers->roots, container->path, &identity);

	if (err == 0)
		name(containers, container, &identity);
	if ((err == 0 && !container->unwanted) || err == -EAGAIN)
		containers_confirm(containers, container);
}

void containers_name_at_last(struct containers *containers, struct container *container)
{
	if (!container->named)
		containers_look_up(containers, container);
	containers_name_by_cgroup(containers, container);
}

void containers_locate(struct containers *containers, struct container *container, uint32_t tgid)
{
	struct cgroup_place place;

	if (cgroup_fs_place_of(containers->cgroups, tgid, &place))
		return;
	close_meter(containers, container);
	cgroup_place_complete(&place, &container->place);
	container->place = place;
}

void containers_sample(struct containers *containers, struct container *container, bool keep,
		       uint64_t now_ns)
{
	unsigned open_before = cgroup_meter_open_files(&container->meter);
	struct snapshot_sample sample;
	int err;

	if (!containers->config->samples)
		return;
	if (!container->samples.ring &&
	    samples_init(&container->samples, containers->config->samples))
		return;
	keep = keep && containers->meter_files + CGROUP_METER_FILES <= containers->meter_files_max;
	err = cgroup_meter_read(&container->meter, &container->place, keep, now_ns, &sample);
	containers->meter_files += cgroup_meter_open_files(&container->meter) - open_before;
	if (!err)
		samples_add(&container->samples, &sample);
}
