/* SPDX-License-Identifier: Apache-2.0 */
/* Putting a snapshot together: ring, identity, surroundings and figures of one container. */
#ifndef RECORDER_SNAPSHOT_TAKE_H
#define RECORDER_SNAPSHOT_TAKE_H

#include "recorder/containers.h"

/* Reads the cgroup's figures into the container, if they are not there yet. */
void snapshot_take_vitals(struct containers *containers, struct container *container,
			  uint64_t now_ns);

/* *ret is the caller's. Figures move from the container into it. 0 or -ENOMEM. */
int snapshot_take(struct containers *containers, struct container *container,
		  const struct failure *failure, struct snapshot **ret);

#endif
