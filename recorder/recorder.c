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

#include "common/checksum.h"
#include "common/cleanup.h"
#include "common/clock.h"
#include "common/log.h"
#include "recorder/arrivals.h"
#include "recorder/containers.h"
#include "recorder/crash_loop.h"
#include "recorder/policy.h"
#include "recorder/snapshot_take.h"
#include "recorder/surroundings.h"

#define MS_NS	  1000000ULL
#define SECOND_NS (1000 * MS_NS)
#define POLL_NS	  (2 * MS_NS)
#define SETTLE_NS (100 * MS_NS) /* a failure's snapshot is taken at the latest after this */
#define TENTATIVE_NS                                                                               \
	(10 * SECOND_NS)	     /* a cgroup that shows no sign of a container loses its ring */
#define RINGS_SCARCE 4		     /* with fewer ready ones, rings of the dead are not kept */
#define NAME_NS	     (2 * SECOND_NS) /* a container without names is then called by its cgroup */

DEFINE_CLEANUP(snapshot, struct snapshot *, snapshot_free)

struct recorder {
	struct containers containers;
	struct config *config;
	struct identity_roots roots;
	struct failure_limit node_limit;
	struct failure_limits container_limits;
	struct crash_loops crash_loops;
	struct recorder_counts counts;
	uint64_t skip_told_ns; /* in the log */
	recorder_has_room_fn has_room;
	recorder_submit_fn submit;
	void *context;
	struct arrivals arrivals;
	uint64_t began_ns; /* this igrecd */
};

static void set_limits(struct recorder *recorder)
{
	const struct config *config = recorder->config;
	uint64_t sizes[CONFIG_POLICIES_MAX];
	struct policy nameless;

	recorder->node_limit.limit = config->per_node_per_minute;
	recorder->container_limits.limit = config->per_container_per_hour;
	recorder->crash_loops.limit = config->crash_loop;
	recorder->crash_loops.window_ns = config->crash_loop_ns;
	policy_before_names(config, &nameless);
	rings_set_sizes(recorder->containers.rings, sizes, policy_ring_sizes(config, sizes));
	rings_set_payload(recorder->containers.rings, nameless.payload, nameless.payload_bytes);
}

struct recorder *recorder_new(const struct recorder_settings *settings)
{
	struct recorder *recorder = calloc(1, sizeof(*recorder));

	if (!recorder)
		return NULL;
	recorder->began_ns = clock_monotonic_ns();
	recorder->has_room = settings->has_room;
	recorder->submit = settings->submit;
	recorder->context = settings->context;
	recorder->config = settings->config;
	identity_roots_of(settings->config, &recorder->roots);
	recorder->node_limit.window_ns = 60 * SECOND_NS;
	recorder->container_limits.window_ns = 3600 * SECOND_NS;
	recorder->containers = (struct containers){
		.hooks = settings->hooks,
		.rings = settings->rings,
		.cgroups = settings->cgroups,
		.roots = &recorder->roots,
		.config = settings->config,
	};
	recorder->arrivals.containers = &recorder->containers;
	set_limits(recorder);
	if (!containers_init(&recorder->containers))
		return recorder;
	free(recorder);
	return NULL;
}

void recorder_free(struct recorder *recorder)
{
	if (!recorder)
		return;
	arrivals_done(&recorder->arrivals);
	containers_done(&recorder->containers);
	free(recorder);
}

const struct container *recorder_container(const struct recorder *recorder, uint32_t slot)
{
	return slot < recorder->containers.max ? recorder->containers.by_slot[slot] : NULL;
}

struct recorder_counts recorder_counts(const struct recorder *recorder)
{
	return recorder->counts;
}

struct arrivals_counts recorder_arrival_counts(const struct recorder *recorder)
{
	return recorder->arrivals.counts;
}

struct arrivals *recorder_arrivals(struct recorder *recorder)
{
	return &recorder->arrivals;
}

int recorder_restore(struct recorder *recorder, unsigned *ret_containers)
{
	int count = containers_restore(&recorder->containers);

	*ret_containers = count < 0 ? 0 : (unsigned)count;
	return count < 0 ? count : 0;
}

void recorder_restored(struct recorder *recorder)
{
	containers_check(&recorder->containers, clock_monotonic_ns());
}

int recorder_scan(struct recorder *recorder)
{
	unsigned left = 0;
	int err = containers_scan(&recorder->containers, clock_monotonic_ns(), &left);

	recorder->arrivals.counts.unrecorded += left;
	return err;
}

int recorder_reload(struct recorder *recorder, const struct config *fresh)
{
	struct containers *containers = &recorder->containers;

	policy_reload(recorder->config, fresh);
	set_limits(recorder);
	for (size_t i = 0; i < recorder->container_limits.count; i++)
		recorder->container_limits.of[i].limit.limit = recorder->container_limits.limit;
	for (uint32_t slot = 0; slot < containers->max; slot++) {
		struct container *container = containers->by_slot[slot];

		if (container)
			containers_set_policy(containers, container);
	}
	return recorder_scan(recorder); /* some may be wanted now */
}

/* ---- dumps ---- */

static bool take_one(struct recorder *recorder, const char *label, struct failure_limit *limit,
		     uint64_t now_ns, const char *key)
{
	if (failure_limit_take(limit, now_ns))
		return true;
	recorder->counts.refused++;
	if (limit->refused == 1)
		log_warning("%s failed once more and is not dumped: [failure] %s is %llu; further "
			    "ones are only counted, see \"igrec ps --json\"",
			    label, key, (unsigned long long)limit->limit);
	return false;
}

/*
 * The limit goes by name, so that it holds for a container that is restarted again and again.  The
 * node's limit is for repeats: the first failure of each name tells most, however many fail at
 * once.
 */
static bool within_limits(struct recorder *recorder, const struct container *container,
			  uint64_t now_ns)
{
	char label[1024];
	struct failure_limit *of_container;
	bool first;

	container_label(container, label, sizeof(label));
	of_container =
		failure_limits_of(&recorder->container_limits, checksum_of(label, strlen(label)));
	first = failure_limit_is_new(of_container, now_ns);
	if (!take_one(recorder, label, of_container, now_ns, "per-container-per-hour"))
		return false;
	if (!first)
		return take_one(recorder, label, &recorder->node_limit, now_ns,
				"per-node-per-minute");
	failure_limit_note(&recorder->node_limit, now_ns);
	return true;
}

/* A snapshot of the failure, unless there were too many. */
static int take(struct recorder *recorder, struct container *container,
		const struct failure *failure, struct snapshot **ret)
{
	char label[1024];
	int err = snapshot_take(&recorder->containers, container, failure, ret);

	if (err) {
		recorder->counts.skipped++;
		log_error("%s failed and is not dumped: %s",
			  container_label(container, label, sizeof(label)), strerror(-err));
	}
	return err;
}

static bool has_room(const struct recorder *recorder, const struct container *container)
{
	uint64_t ring_bytes =
		(uint64_t)rings_blocks_count(recorder->containers.rings, container->slot) *
		IGREC_BLOCK_BYTES;

	return recorder->has_room(recorder->context, ring_bytes);
}

/* The failure that waits gives way to a later one of the same container. */
static void skip_earlier(struct recorder *recorder, const struct container *container,
			 uint64_t now_ns)
{
	char label[1024];

	recorder->counts.skipped++;
	if (recorder->skip_told_ns && now_ns - recorder->skip_told_ns < 60 * SECOND_NS)
		return;
	recorder->skip_told_ns = now_ns;
	log_warning("%s failed once more while a failure of it waited for its snapshot: only the "
		    "later one is dumped; raise [failure] snapshot-memory; further ones are "
		    "only counted for a minute",
		    container_label(container, label, sizeof(label)));
}

/* Lets a failure wait in the container's ring. There is a place for one. */
static void wait_with(struct recorder *recorder, struct container *container,
		      const struct failure *failure, uint64_t deadline_ns)
{
	if (container->pending)
		skip_earlier(recorder, container, failure->time_ns);
	container->pending = true;
	container->failure = *failure;
	container->deadline_ns = deadline_ns;
	containers_save(&recorder->containers, container);
}

/* An end that is no failure by itself, but is one when it comes again and again. */
static bool is_loop(struct recorder *recorder, struct container *container, uint64_t ended_ns,
		    enum crash_loop_how how)
{
	char label[1024];
	struct crash_loop_end end = {
		.how = how,
		.started_ns = container->seen_ns,
		.ended_ns = ended_ns,
	};

	containers_name_at_last(&recorder->containers, container);
	if (!(container->policy.failure.kinds >> FAILURE_CRASH_LOOP & 1) ||
	    identity_is_unit(&container->identity))
		return false;
	container_label(container, label, sizeof(label));
	end.key = checksum_of(label, strlen(label));
	end.restart = container->identity.restart;
	return crash_loop_note(&recorder->crash_loops, &end);
}

/* Whether the snapshot shows a mere stop; one of many is a loop, and the snapshot's failure then.
 */
static bool is_stop(struct recorder *recorder, struct container *container,
		    struct snapshot *snapshot)
{
	if (!failure_is_stop(&container->policy.failure, snapshot))
		return false;
	if (is_loop(recorder, container, snapshot->failure.time_ns, CRASH_LOOP_STOPPED)) {
		snapshot->failure.kind = FAILURE_CRASH_LOOP;
		return false;
	}
	recorder->counts.stops++;
	return true;
}

/*
 * Takes the snapshot of a judged failure and hands it on, unless there were too many, or it was a
 * mere stop.  Only the snapshot tells a stop, which does not count towards the limits.
 */
static void dump(struct recorder *recorder, struct container *container,
		 const struct failure *failure)
{
	CLEANUP(cleanup_snapshot) struct snapshot *snapshot = NULL;

	containers_name_at_last(&recorder->containers, container);
	if (container->unwanted)
		return;
	if (!has_room(recorder, container)) {
		wait_with(recorder, container, failure, 0);
		return;
	}
	if (failure_may_be_stop(&container->policy.failure, failure) &&
	    (take(recorder, container, failure, &snapshot) ||
	     is_stop(recorder, container, snapshot)))
		return;
	recorder->counts.failures++;
	if (!within_limits(recorder, container, failure->time_ns) ||
	    (!snapshot && take(recorder, container, failure, &snapshot)))
		return;
	container->writing++;
	container->unwritten = snapshot->failure;
	recorder->submit(recorder->context, TAKE_PTR(snapshot));
}

void recorder_dumped(struct recorder *recorder, const struct snapshot *snapshot)
{
	struct container *container = recorder->containers.by_slot[snapshot->slot];

	if (!container || container->generation != snapshot->generation || !container->writing ||
	    snapshot->failure.kind == FAILURE_REQUESTED)
		return;
	container->writing--;
	containers_save(&recorder->containers, container);
}

int recorder_request(struct recorder *recorder, const char *wanted, struct snapshot **ret)
{
	struct failure request = {.kind = FAILURE_REQUESTED, .time_ns = clock_monotonic_ns()};

	for (uint32_t slot = 0; slot < recorder->containers.max; slot++) {
		struct container *container = recorder->containers.by_slot[slot];

		if (!container || !container->confirmed || !container_matches(container, wanted))
			continue;
		if (!has_room(recorder, container))
			return -EAGAIN;
		return snapshot_take(&recorder->containers, container, &request, ret);
	}
	return -ENOENT;
}

/* ---- life and death ---- */

static void on_started(struct recorder *recorder, struct container *container,
		       const struct igrec_notice *notice)
{
	struct containers *containers = &recorder->containers;

	if (!container->named)
		containers_look_up(containers, container);
	if (!container->confirmed && !container->unwanted &&
	    (notice->ns_level > 0 || surroundings_is_contained(notice->tgid)))
		containers_confirm(containers, container);
	if (container->confirmed && !container->unwanted)
		containers_locate(containers, container, notice->tgid);
	else
		containers_drop(containers, container, clock_monotonic_ns()); /* the host's own */
}

/* The failure that a notice tells of, if it is one. */
static bool judge(struct recorder *recorder, struct container *container,
		  const struct igrec_notice *notice, struct failure *ret)
{
	struct failure_end end = {
		.wait_status = notice->code,
		.is_init = notice->init,
		.oom_victim = container->oom_tgid == notice->tgid ||
			      (container->oom_init && notice->init),
	};

	if (!failure_judge(&container->policy.failure, &end, ret)) {
		if (!notice->init || notice->code ||
		    !is_loop(recorder, container, notice->time_ns, CRASH_LOOP_DONE))
			return false;
		*ret = (struct failure){.kind = FAILURE_CRASH_LOOP};
	}
	ret->time_ns = notice->time_ns;
	ret->late = notice->time_ns < recorder->began_ns;
	ret->tgid = notice->tgid;
	ret->ns_tgid = notice->ns_tgid;
	memcpy(ret->comm, notice->comm, IGREC_COMM_BYTES);
	return true;
}

/* A unit may start one program after the other: the next one is its init. */
static void begin_anew(struct recorder *recorder, struct container *container)
{
	struct igrec_slot *slot = containers_slot(&recorder->containers, container);

	if (container->ended || !identity_is_unit(&container->identity))
		return;
	slot->init_tgid = 0;
	slot->started = 0;
}

static void on_exit_of(struct recorder *recorder, struct container *container,
		       const struct igrec_notice *notice)
{
	struct failure failure;
	bool failed;

	if (!container->confirmed && notice->ns_level > 0)
		containers_confirm(&recorder->containers, container); /* its program never ran */
	if (!container->confirmed || container->unwanted)
		return;
	failed = judge(recorder, container, notice, &failure);
	if (failed && !notice->init)
		dump(recorder, container, &failure);
	if (!notice->init)
		return;
	container->ended = !identity_is_unit(&container->identity);
	if (!failed) {
		begin_anew(recorder, container);
		return;
	}
	wait_with(recorder, container, &failure, failure.time_ns + SETTLE_NS);
	/* The cgroup goes soon. */
	snapshot_take_vitals(&recorder->containers, container, failure.time_ns);
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
		if (notice->init)
			container->oom_init = true;
		else
			container->oom_tgid = notice->tgid;
		oom_scene_take(&container->oom, recorder->containers.cgroups, container->path,
			       &container->place, notice);
		break;
	case IGREC_NOTICE_EXIT:
		on_exit_of(recorder, container, notice);
		break;
	}
}

void recorder_notice(struct recorder *recorder, const struct igrec_notice *notice)
{
	struct containers *containers = &recorder->containers;
	struct container *container;

	if (notice->type == IGREC_NOTICE_CGROUP_NEW) {
		arrivals_notice(&recorder->arrivals, notice);
		return;
	}
	if (notice->type == IGREC_NOTICE_MOVED) {
		hooks_walk_tasks(containers->hooks);
		return;
	}
	container = notice->slot < containers->max ? containers->by_slot[notice->slot] : NULL;
	if (!container || container->generation != notice->generation)
		return;
	on_known(recorder, container, notice);
	if (containers->by_slot[notice->slot] == container)
		containers_save(containers, container);
}

/* ---- what time brings ---- */

static unsigned tasks_of(const struct recorder *recorder, const struct container *container)
{
	return containers_slot(&recorder->containers, container)->tasks;
}

static void settle(struct recorder *recorder, struct container *container, uint64_t now_ns)
{
	if (!container->pending)
		return;
	if (tasks_of(recorder, container) && now_ns < container->deadline_ns)
		return;
	container->pending = false;
	dump(recorder, container, &container->failure);
	containers_save(&recorder->containers, container);
	if (!container->pending)
		begin_anew(recorder, container);
}

static void settle_name(struct recorder *recorder, struct container *container, uint64_t now_ns)
{
	if (!container->confirmed || container->named)
		return;
	containers_look_up(&recorder->containers, container);
	if (now_ns - container->seen_ns >= NAME_NS)
		containers_name_by_cgroup(&recorder->containers, container);
}

/* True when nothing more can come from it. */
static bool is_over(const struct recorder *recorder, const struct container *container,
		    uint64_t now_ns)
{
	if (container->unwanted)
		return true;
	if (container->pending)
		return false;
	/* Until its dump is on disk, the next igrecd could still write it from the ring. */
	if (container->writing && rings_ready(recorder->containers.rings) >= RINGS_SCARCE)
		return false;
	if (container->gone)
		return true;
	if (!container->confirmed)
		return now_ns - container->seen_ns >= TENTATIVE_NS;
	return container->ended && !tasks_of(recorder, container);
}

/* When this container wants the next look. */
static uint64_t next_look(const struct container *container, uint64_t now_ns)
{
	uint64_t tentative_end = container->seen_ns + TENTATIVE_NS;

	if (container->pending)
		return POLL_NS;
	/* An OCI runtime writes its file soon after the cgroup, and before the program runs. */
	if (container->confirmed && !container->named)
		return now_ns - container->seen_ns < SETTLE_NS ? POLL_NS : 10 * POLL_NS;
	if (container->ended)
		return SETTLE_NS;
	if (!container->confirmed)
		return tentative_end > now_ns ? tentative_end - now_ns : POLL_NS;
	return UINT64_MAX;
}

uint64_t recorder_tick(struct recorder *recorder, uint64_t now_ns)
{
	struct containers *containers = &recorder->containers;
	uint64_t next = rings_wipe(containers->rings, now_ns) ? SETTLE_NS : UINT64_MAX;

	for (uint32_t slot = 0; slot < containers->max; slot++) {
		struct container *container = containers->by_slot[slot];
		uint64_t look;

		if (!container)
			continue;
		settle(recorder, container, now_ns);
		settle_name(recorder, container, now_ns);
		if (is_over(recorder, container, now_ns)) {
			containers_drop(containers, container, now_ns);
			next = next < SETTLE_NS ? next : SETTLE_NS;
			continue;
		}
		look = next_look(container, now_ns);
		next = look < next ? look : next;
	}
	return next;
}

void recorder_sample(struct recorder *recorder, uint64_t now_ns)
{
	for (uint32_t slot = 0; slot < recorder->containers.max; slot++) {
		struct container *container = recorder->containers.by_slot[slot];

		if (container && container->confirmed && !container->unwanted && !container->ended)
			containers_sample(&recorder->containers, container, true, now_ns);
	}
}

void recorder_flush(struct recorder *recorder)
{
	for (uint32_t slot = 0; slot < recorder->containers.max; slot++)
		if (recorder->containers.by_slot[slot])
			settle(recorder, recorder->containers.by_slot[slot], UINT64_MAX);
}

unsigned recorder_pending(const struct recorder *recorder)
{
	unsigned pending = 0;

	for (uint32_t slot = 0; slot < recorder->containers.max; slot++)
		if (recorder->containers.by_slot[slot])
			pending += recorder->containers.by_slot[slot]->pending;
	return pending;
}
