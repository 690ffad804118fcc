/* SPDX-License-Identifier: Apache-2.0 */
/* One recorded cgroup: which slot it has, who it is, and where its life stands. */
#ifndef RECORDER_CONTAINER_H
#define RECORDER_CONTAINER_H

#include "dumper/snapshot.h"
#include "recorder/cgroup_fs.h"
#include "recorder/cgroup_meter.h"
#include "recorder/failure.h"
#include "recorder/oom_scene.h"
#include "recorder/policy.h"
#include "recorder/samples.h"

struct container {
	uint32_t slot;
	uint32_t generation; /* of the slot while this container has it */
	uint64_t cgroup_id;
	uint64_t seen_ns;		    /* when its cgroup was noticed, CLOCK_MONOTONIC */
	char *path;			    /* cgroup, below the hierarchy's root */
	struct container_identity identity; /* valid if named */
	struct policy policy;		    /* by its names, once it has them */
	bool confirmed;			    /* it is a container */
	bool named;			    /* identity is final */
	bool unwanted; /* its policy says not to record it: to be dropped at once */
	bool ended;    /* its init has exited */
	bool gone;     /* its cgroup is removed */
	bool pending;  /* `failure` waits for its snapshot */
	struct failure failure;
	uint64_t deadline_ns;	   /* when the snapshot is taken at the latest */
	unsigned writing;	   /* dumps of it that are not on disk yet */
	struct failure unwritten;  /* the last of those, if any */
	struct cgroup_place place; /* where its figures are */
	struct cgroup_meter meter; /* of that place */
	struct samples samples;
	struct snapshot_vital *vitals; /* read at the failure, owned */
	size_t n_vitals;
	struct oom_scene oom; /* the last one */
	bool oom_init; /* the OOM killer chose its init, perhaps among others (memory.oom.group) */
	uint32_t oom_tgid; /* the OOM killer's last other victim in it; 0 none */
};

struct container *container_new(uint32_t slot, uint64_t cgroup_id, const char *path,
				uint64_t seen_ns);
void container_free(struct container *container);

/* How logs call it: namespace/pod/container, the container's name, or the cgroup path. */
const char *container_label(const struct container *container, char *buffer, size_t room);

/* It has this name, or this id or a prefix of it (at least 4 characters). */
bool container_matches(const struct container *container, const char *wanted);

#endif
