/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who a cgroup is: names from the runtime's own files, read while the container lives.  One table
 * of runtimes; a new runtime is a row and a small reader.
 */
#ifndef RECORDER_IDENTITY_H
#define RECORDER_IDENTITY_H

#include "dumper/snapshot.h"

/* Directories that the runtimes keep their state in; tests and odd hosts set others. */
struct identity_roots {
	const char *runc; /* default /run/runc */
	const char *crun; /* default /run/crun */
};
void identity_roots_init(struct identity_roots *roots);

/*
 * Looks a cgroup path up in the table. 0 with a filled identity (node and cgroup id are the
 * caller's to add); -EAGAIN: a container of a known runtime whose names are not written yet;
 * -ENOENT: no runtime here knows it; -ENOMEM.
 */
int identity_find(const struct identity_roots *roots, const char *cgroup_path,
		  struct container_identity *ret);

/* The identity of a container that no runtime in the table knows: its cgroup's name. */
int identity_from_cgroup(const char *cgroup_path, struct container_identity *ret);

#endif
