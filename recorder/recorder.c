/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Life of a container here: its cgroup appears (tentative), a runtime's files or its namespaces
 * show that it is one (confirmed), its names are read (named), its init exits (ended), its cgroup
 * goes (gone).  A failure waits until the last thread is off the tape, or for SETTLE_NS.
 */
#include "recorder/recorder.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "recorder/ring_copy.h"
#include "recorder/surroundings.h"

#define MS_NS	  1000000ULL
#define SECOND_NS (1000 * MS_NS)
#define POLL_NS	  (2 * MS_NS)
#define SETTLE_NS (100 * MS_NS) /* a failure's snapshot is taken at the latest after this */
#define TENTATIVE_NS                                                                               \
	(10 * SECOND_NS)	    /* a cgroup that shows no sign of a container loses its ring */
#define NAME_NS	    (2 * SECOND_NS) /* a container without names is then called by its cgroup */
#define COMPLAIN_NS (60 * SECOND_NS)

struct recorder {
	struct recorder_settings set;
	struct failure_policy policy;
	struct failure_limit node_limit;
	struct recorder_counts counts;
	uint64_t complained_ns;
	uint32_t max;
	struct container *container[]; /* by slot */
};

static uint64_t now_monotonic(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * SECOND_NS + now.tv_nsec;
}

struct recorder *recorder_new(const struct recorder_settings *settings)
{
	uint32_t max = hooks_slots_max(settings->hooks);
	struct recorder *recorder =
		calloc(1, sizeof(*recorder) + max * sizeof(recorder->container[0]));
	const struct config *config = settings->config;

	if (!recorder)
		return NULL;
	recorder->set = *settings;
	recorder->max = max;
	recorder->policy = (struct failure_policy){
		.kinds = config->failure_kinds,
		.stop_signals = config->stop_signals,
		.child_signals = config->child_signals,
		.per_container_per_hour = config->per_container_per_hour,
	};
	recorder->node_limit = (struct failure_limit){
		.window_ns = 60 * SECOND_NS,
		.limit = config->per_node_per_minute,
	};
	return recorder;
}

void recorder_free(struct recorder *recorder)
{
	if (!recorder)
		return;
	for (uint32_t slot = 0; slot < recorder->max; slot++)
		container_free(recorder->container[slot]);
	free(recorder);
}

const struct container *recorder_container(const struct recorder *recorder, uint32_t slot)
{
	return slot < recorder->max ? recorder->container[slot] : NULL;
}

struct recorder_counts recorder_counts(const struct recorder *recorder)
{
	return recorder->counts;
}

static struct igrec_slot *slot_of(const struct recorder *recorder,
				  const struct container *container)
{
	return hooks_slot(recorder->set.hooks, container->slot);
}

/* ---- coming and going ---- */

static struct container *add(struct recorder *recorder, uint32_t slot, uint64_t cgroup_id,
			     const char *path, uint64_t seen_ns)
{
	struct container *container = container_new(slot, cgroup_id, path, seen_ns);

	if (!container)
		return NULL;
	container->generation = hooks_slot(recorder->set.hooks, slot)->generation;
	container->limit = (struct failure_limit){
		.window_ns = 3600 * SECOND_NS,
		.limit = recorder->policy.per_container_per_hour,
	};
	recorder->container[slot] = container;
	return container;
}

static int forget_nested(void *context, const char *path, uint64_t id)
{
	hooks_cgroup_delete(context, id);
	return 0;
}

/* The slot goes back; tasks still marked with it are let go by its new generation. */
static void drop(struct recorder *recorder, struct container *container)
{
	struct hooks *hooks = recorder->set.hooks;

	hooks_cgroup_delete(hooks, container->cgroup_id);
	if (!container->gone)
		cgroup_fs_walk(recorder->set.cgroups, container->path, forget_nested, hooks);
	rings_release(recorder->set.rings, container->slot);
	recorder->container[container->slot] = NULL;
	container_free(container);
}

static struct container *find_by_cgroup(const struct recorder *recorder, uint64_t cgroup_id)
{
	for (uint32_t slot = 0; slot < recorder->max; slot++) {
		struct container *container = recorder->container[slot];

		if (container && container->cgroup_id == cgroup_id)
			return container;
	}
	return NULL;
}

/* The confirmed container that a cgroup path lies in, or NULL. */
static struct container *find_around(const struct recorder *recorder, const char *path)
{
	for (uint32_t slot = 0; slot < recorder->max; slot++) {
		struct container *container = recorder->container[slot];
		size_t bytes = container ? strlen(container->path) : 0;

		if (container && container->confirmed && !strncmp(container->path, path, bytes) &&
		    path[bytes] == '/')
			return container;
	}
	return NULL;
}

static void confirm(struct recorder *recorder, struct container *container)
{
	container->confirmed = true;
	slot_of(recorder, container)->state = IGREC_SLOT_CONFIRMED;
}

/* Completes an identity with what every container has. */
static void name(struct recorder *recorder, struct container *container,
		 const struct container_identity *identity)
{
	container->identity = *identity;
	container->identity.cgroup_id = container->cgroup_id;
	container->identity.node = strdup(recorder->set.config->node);
	container->named = true;
}

static void name_by_cgroup(struct recorder *recorder, struct container *container)
{
	struct container_identity identity;

	if (!container->named && !identity_from_cgroup(container->path, &identity))
		name(recorder, container, &identity);
}

/* Asks the runtimes; confirms and names what they know. */
static void look_up(struct recorder *recorder, struct container *container)
{
	struct container_identity identity;
	int err = identity_find(recorder->set.roots, container->path, &identity);

	if (err == 0)
		name(recorder, container, &identity);
	if (err == 0 || err == -EAGAIN)
		confirm(recorder, container);
}

/* ---- containers that ran before ---- */

struct scan {
	struct recorder *recorder;
	uint32_t slot; /* of the container whose nested cgroups are being mapped */
};

static int map_nested(void *context, const char *path, uint64_t id)
{
	struct scan *scan = context;

	hooks_cgroup_set(scan->recorder->set.hooks, id, scan->slot);
	return 0;
}

static uint32_t find_init(const struct recorder *recorder, const char *path)
{
	AUTO_FREE uint32_t *tgids = NULL;
	int count = cgroup_fs_processes(recorder->set.cgroups, path, &tgids);
	uint32_t ns_tgid;

	for (int i = 0; i < count; i++)
		if (!surroundings_ns_tgid(tgids[i], &ns_tgid) && ns_tgid == 1)
			return tgids[i];
	return count > 0 ? tgids[0] : 0;
}

static void complain_unrecorded(struct recorder *recorder)
{
	recorder->counts.unrecorded++;
}

static int adopt(struct recorder *recorder, const char *path, uint64_t id)
{
	struct hooks *hooks = recorder->set.hooks;
	struct scan nested = {.recorder = recorder};
	struct container *container;
	struct igrec_slot *slot;
	int err = rings_take(recorder->set.rings, &nested.slot);

	if (err == -ENOSPC) {
		complain_unrecorded(recorder);
		return 0;
	}
	if (err)
		return err;
	container = add(recorder, nested.slot, id, path, now_monotonic());
	if (!container)
		return -ENOMEM;
	slot = slot_of(recorder, container);
	slot->cgroup_id = id;
	slot->init_tgid = find_init(recorder, path);
	slot->start_full = 1; /* its first syscalls are long past */
	slot->started = 1;
	confirm(recorder, container);
	look_up(recorder, container);
	err = hooks_cgroup_set(hooks, id, nested.slot);
	if (!err)
		err = cgroup_fs_walk(recorder->set.cgroups, path, map_nested, &nested);
	return err;
}

static int scan_one(void *context, const char *path, uint64_t id)
{
	struct scan *scan = context;
	struct recorder *recorder = scan->recorder;
	struct container_identity identity;
	uint32_t tgid;
	int err;

	if (find_by_cgroup(recorder, id))
		return CGROUP_FS_SKIP;
	if (cgroup_fs_first_process(recorder->set.cgroups, path, &tgid))
		return 0;
	err = identity_find(recorder->set.roots, path, &identity);
	if (err == 0)
		container_identity_done(&identity);
	if (err == -ENOENT && !surroundings_is_namespaced(tgid))
		return 0;
	err = adopt(recorder, path, id);
	return err ? err : CGROUP_FS_SKIP;
}

int recorder_scan(struct recorder *recorder)
{
	struct scan scan = {.recorder = recorder};
	int err = cgroup_fs_walk(recorder->set.cgroups, "", scan_one, &scan);

	return err ? err : hooks_walk_tasks(recorder->set.hooks);
}

/* ---- snapshots ---- */

static int64_t realtime_offset(void)
{
	struct timespec real;
	uint64_t monotonic = now_monotonic();

	clock_gettime(CLOCK_REALTIME, &real);
	return (int64_t)(real.tv_sec * SECOND_NS + real.tv_nsec) - (int64_t)monotonic;
}

DEFINE_CLEANUP(snapshot, struct snapshot *, snapshot_free)

static int take_surroundings(struct recorder *recorder, struct container *container,
			     struct snapshot *snapshot)
{
	AUTO_FREE uint32_t *tgids = NULL;
	int count = cgroup_fs_processes(recorder->set.cgroups, container->path, &tgids);

	if (!container->vitals) {
		int vitals = cgroup_fs_vitals(recorder->set.cgroups, container->path,
					      now_monotonic(), &container->vitals);

		container->n_vitals = vitals > 0 ? vitals : 0;
	}
	snapshot->vitals = TAKE_PTR(container->vitals);
	snapshot->n_vitals = container->n_vitals;
	container->n_vitals = 0;
	return count > 0 ? surroundings_read(tgids, count, snapshot) : 0;
}

static int take_snapshot(struct recorder *recorder, struct container *container,
			 const struct failure *failure, struct snapshot **ret)
{
	CLEANUP(cleanup_snapshot) struct snapshot *snapshot = calloc(1, sizeof(*snapshot));
	const struct igrec_slot *slot = slot_of(recorder, container);
	int err;

	if (!snapshot)
		return -ENOMEM;
	if (!container->named)
		look_up(recorder, container);
	name_by_cgroup(recorder, container);
	err = ring_copy(slot, rings_blocks(recorder->set.rings, container->slot), snapshot->lane);
	if (!err)
		err = container_identity_copy(&container->identity, &snapshot->identity);
	if (!err)
		err = take_surroundings(recorder, container, snapshot);
	if (err)
		return err;
	snapshot->failure = *failure;
	snapshot->taken_ns = now_monotonic();
	snapshot->realtime_offset_ns = realtime_offset();
	snapshot->started_ns = slot->taken_ns;
	snapshot->init_tgid = slot->init_tgid;
	snapshot->cpus = sysconf(_SC_NPROCESSORS_CONF);
	snapshot->payload = slot->payload;
	snapshot->payload_bytes = slot->payload_bytes;
	snapshot->ring_bytes = (uint64_t)rings_blocks_each(recorder->set.rings) * IGREC_BLOCK_BYTES;
	snapshot->truncated = slot->truncated;
	snapshot->unreadable = slot->unreadable;
	*ret = TAKE_PTR(snapshot);
	return 0;
}

/* Takes the snapshot of a judged failure and hands it on, unless it was a mere stop. */
static void dump(struct recorder *recorder, struct container *container,
		 const struct failure *failure)
{
	struct snapshot *snapshot;

	if (take_snapshot(recorder, container, failure, &snapshot)) {
		recorder->counts.refused++;
		return;
	}
	if (failure_is_stop(&recorder->policy, snapshot)) {
		recorder->counts.stops++;
		snapshot_free(snapshot);
		return;
	}
	recorder->set.submit(recorder->set.context, snapshot);
}

int recorder_request(struct recorder *recorder, const char *wanted, struct snapshot **ret)
{
	for (uint32_t slot = 0; slot < recorder->max; slot++) {
		struct container *container = recorder->container[slot];
		struct failure request = {.kind = FAILURE_REQUESTED};

		if (!container || !container->confirmed || !container_matches(container, wanted))
			continue;
		request.time_ns = now_monotonic();
		return take_snapshot(recorder, container, &request, ret);
	}
	return -ENOENT;
}

/* ---- notices ---- */

static void release_stranger(struct recorder *recorder, uint32_t slot)
{
	rings_release(recorder->set.rings, slot);
}

/* Made below a container before that was confirmed: its slot is the container's. */
static bool join_around(struct recorder *recorder, uint32_t slot, uint64_t cgroup_id,
			const char *path)
{
	struct container *around = find_around(recorder, path);

	if (!around)
		return false;
	hooks_cgroup_set(recorder->set.hooks, cgroup_id, around->slot);
	release_stranger(recorder, slot);
	return true;
}

/* A ring for a cgroup that found the pool empty, if the memory limit allows. */
static int arm_late(struct recorder *recorder, uint64_t cgroup_id, uint32_t *ret_slot)
{
	struct igrec_slot *slot;
	int err = rings_take(recorder->set.rings, ret_slot);

	if (err)
		return err;
	slot = hooks_slot(recorder->set.hooks, *ret_slot);
	slot->cgroup_id = cgroup_id;
	slot->taken_ns = now_monotonic();
	slot->state = IGREC_SLOT_TENTATIVE;
	err = hooks_cgroup_set(recorder->set.hooks, cgroup_id, *ret_slot);
	return err ? err : hooks_walk_tasks(recorder->set.hooks);
}

static void on_cgroup_new(struct recorder *recorder, const struct igrec_notice *notice)
{
	uint32_t slot = notice->slot;
	struct container *container;

	if (slot == IGREC_SLOT_NO_RING) {
		if (arm_late(recorder, notice->cgroup_id, &slot)) {
			complain_unrecorded(recorder);
			return;
		}
	} else {
		rings_note_taken(recorder->set.rings, slot);
	}
	if (find_by_cgroup(recorder, notice->cgroup_id)) { /* the scan was faster */
		release_stranger(recorder, slot);
		return;
	}
	if (join_around(recorder, slot, notice->cgroup_id, notice->path))
		return;
	container = add(recorder, slot, notice->cgroup_id, notice->path, notice->time_ns);
	if (container)
		look_up(recorder, container);
	else
		release_stranger(recorder, slot);
}

static void on_started(struct recorder *recorder, struct container *container,
		       const struct igrec_notice *notice)
{
	if (!container->named)
		look_up(recorder, container);
	if (container->confirmed)
		return;
	if (notice->ns_level > 0 || surroundings_is_namespaced(notice->tgid))
		confirm(recorder, container);
	else
		drop(recorder, container); /* a service or session of the host */
}

static void on_init_exit(struct recorder *recorder, struct container *container,
			 const struct failure *failure, bool failed)
{
	container->ended = true;
	if (!failed)
		return;
	container->failure = *failure;
	container->pending = true;
	container->deadline_ns = failure->time_ns + SETTLE_NS;
	container_drop_vitals(container);
	container->n_vitals = 0;
	int count = cgroup_fs_vitals(recorder->set.cgroups, container->path, failure->time_ns,
				     &container->vitals);
	if (count > 0)
		container->n_vitals = count;
}

static bool within_limits(struct recorder *recorder, struct container *container, uint64_t now_ns)
{
	if (failure_limit_take(&container->limit, now_ns) &&
	    failure_limit_take(&recorder->node_limit, now_ns))
		return true;
	recorder->counts.refused++;
	return false;
}

static void on_exit_of(struct recorder *recorder, struct container *container,
		       const struct igrec_notice *notice)
{
	struct failure_end end = {
		.wait_status = notice->code,
		.is_init = notice->init,
		.oom_victim = container->oom_tgid == notice->tgid,
	};
	struct failure failure;
	bool failed;

	if (!container->confirmed && notice->ns_level > 0)
		confirm(recorder, container); /* its entrypoint never ran */
	if (!container->confirmed)
		return;
	failed = failure_judge(&recorder->policy, &end, &failure);
	if (failed) {
		recorder->counts.failures++;
		failure.time_ns = notice->time_ns;
		failure.tgid = notice->tgid;
		failure.ns_tgid = notice->ns_tgid;
		memcpy(failure.comm, notice->comm, IGREC_COMM_BYTES);
		failed = within_limits(recorder, container, notice->time_ns);
	}
	if (notice->init)
		on_init_exit(recorder, container, &failure, failed);
	else if (failed)
		dump(recorder, container, &failure);
}

static void on_known(struct recorder *recorder, struct container *container,
		     const struct igrec_notice *notice)
{
	switch (notice->type) {
	case IGREC_NOTICE_CGROUP_GONE:
		container->gone = true;
		break;
	case IGREC_NOTICE_STARTED:
		on_started(recorder, container, notice);
		break;
	case IGREC_NOTICE_OOM:
		container->oom_tgid = notice->tgid;
		break;
	case IGREC_NOTICE_EXIT:
		on_exit_of(recorder, container, notice);
		break;
	}
}

void recorder_notice(struct recorder *recorder, const struct igrec_notice *notice)
{
	struct container *container;

	if (notice->type == IGREC_NOTICE_CGROUP_NEW) {
		on_cgroup_new(recorder, notice);
		return;
	}
	if (notice->type == IGREC_NOTICE_MOVED) {
		hooks_walk_tasks(recorder->set.hooks);
		return;
	}
	container = notice->slot < recorder->max ? recorder->container[notice->slot] : NULL;
	if (container && container->generation == notice->generation)
		on_known(recorder, container, notice);
}

/* ---- what time brings ---- */

static void settle(struct recorder *recorder, struct container *container, uint64_t now_ns)
{
	if (!container->pending)
		return;
	if (slot_of(recorder, container)->tasks && now_ns < container->deadline_ns)
		return;
	container->pending = false;
	dump(recorder, container, &container->failure);
}

static void settle_name(struct recorder *recorder, struct container *container, uint64_t now_ns)
{
	if (!container->confirmed || container->named)
		return;
	look_up(recorder, container);
	if (now_ns - container->seen_ns >= NAME_NS)
		name_by_cgroup(recorder, container);
}

/* True when nothing more can come from it. */
static bool is_over(const struct recorder *recorder, const struct container *container,
		    uint64_t now_ns)
{
	if (container->pending)
		return false;
	if (container->gone)
		return true;
	if (!container->confirmed)
		return now_ns - container->seen_ns >= TENTATIVE_NS;
	return container->ended && !slot_of(recorder, container)->tasks;
}

/* When this container wants the next look. */
static uint64_t next_look(const struct container *container, uint64_t now_ns)
{
	if (container->pending)
		return POLL_NS;
	if (container->confirmed && !container->named)
		return 10 * POLL_NS;
	if (container->ended)
		return SETTLE_NS;
	if (!container->confirmed)
		return container->seen_ns + TENTATIVE_NS > now_ns
			       ? container->seen_ns + TENTATIVE_NS - now_ns
			       : POLL_NS;
	return UINT64_MAX;
}

uint64_t recorder_tick(struct recorder *recorder, uint64_t now_ns)
{
	uint64_t next = UINT64_MAX;

	for (uint32_t slot = 0; slot < recorder->max; slot++) {
		struct container *container = recorder->container[slot];
		uint64_t look;

		if (!container)
			continue;
		settle(recorder, container, now_ns);
		settle_name(recorder, container, now_ns);
		if (is_over(recorder, container, now_ns)) {
			drop(recorder, container);
			continue;
		}
		look = next_look(container, now_ns);
		next = look < next ? look : next;
	}
	rings_refill(recorder->set.rings);
	return next;
}

void recorder_flush(struct recorder *recorder)
{
	for (uint32_t slot = 0; slot < recorder->max; slot++)
		if (recorder->container[slot])
			settle(recorder, recorder->container[slot], UINT64_MAX);
}
