/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The recorder's decisions, without a loop around them: which cgroups are containers, when one
 * has failed, what its snapshot holds.  Notices and the clock go in, snapshots come out.
 */
#ifndef RECORDER_RECORDER_H
#define RECORDER_RECORDER_H

#include "common/config.h"
#include "recorder/arrivals.h"
#include "recorder/cgroup_fs.h"
#include "recorder/container.h"
#include "recorder/hooks.h"
#include "recorder/rings.h"

struct recorder;

/* Whether there is memory for the snapshot of a ring of this size. */
typedef bool (*recorder_has_room_fn)(void *context, uint64_t ring_bytes);
/* Takes ownership of the snapshot. */
typedef void (*recorder_submit_fn)(void *context, struct snapshot *snapshot);

struct recorder_settings {
	struct config *config; /* borrowed, as all below; recorder_reload() changes it */
	struct hooks *hooks;
	struct rings *rings;
	struct cgroup_fs *cgroups;
	recorder_has_room_fn has_room; /* until it says so, a failure waits in its ring */
	recorder_submit_fn submit;
	void *context;
};

struct recorder *recorder_new(const struct recorder_settings *settings);
void recorder_free(struct recorder *recorder);

/*
 * Goes on with what an earlier igrecd left, if anything: the first before the notices that wait are
 * handled, the second after. *ret_containers is how many there are. 0 or -ENOMEM.
 */
int recorder_restore(struct recorder *recorder, unsigned *ret_containers);
void recorder_restored(struct recorder *recorder);
/* Finds the containers that run already. 0 or -errno. */
int recorder_scan(struct recorder *recorder);
/*
 * Puts newly read settings in force: policy_reload(), also for the containers there are. 0 or
 * -errno of looking for those that are wanted now.
 */
int recorder_reload(struct recorder *recorder, const struct config *fresh);
void recorder_notice(struct recorder *recorder, const struct igrec_notice *notice);
/*
 * Does what is due. Returns after how many ns to call again, UINT64_MAX if only a notice can
 * bring something new.
 */
uint64_t recorder_tick(struct recorder *recorder, uint64_t now_ns);
/* Notes the figures of all containers: every [surroundings] sample-every. */
void recorder_sample(struct recorder *recorder, uint64_t now_ns);
/* The cgroups that wait for a ring: for whoever makes rings. */
struct arrivals *recorder_arrivals(struct recorder *recorder);
struct arrivals_counts recorder_arrival_counts(const struct recorder *recorder);
/* Takes the snapshots that still wait, at once, as far as there is memory for them. */
void recorder_flush(struct recorder *recorder);
/* Containers with a failure whose snapshot is still to be taken. */
unsigned recorder_pending(const struct recorder *recorder);

/* A snapshot of a running container by name or id; *ret is the caller's. -ENOENT, -ENOMEM;
 * -EAGAIN: no room for it now. */
int recorder_request(struct recorder *recorder, const char *wanted, struct snapshot **ret);

/* The dump of a snapshot that was submitted is on disk, or lost. */
void recorder_dumped(struct recorder *recorder, const struct snapshot *snapshot);

/* The container in a slot, or NULL. */
const struct container *recorder_container(const struct recorder *recorder, uint32_t slot);

struct recorder_counts {
	uint64_t failures; /* judged so, stops left out */
	uint64_t refused;  /* not dumped: over a rate limit */
	uint64_t skipped;  /* not dumped: no memory, or a later one came while it waited for that */
	uint64_t stops;	   /* ended by a stop signal from outside */
};
struct recorder_counts recorder_counts(const struct recorder *recorder);

#endif
