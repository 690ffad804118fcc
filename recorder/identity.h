/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who a cgroup is: names from the runtime's own files, read while the container lives.  One table
 * of runtimes; a new runtime is a row and a small reader (runtime.h).
 *
 * A cgroup's name claims nothing by itself: a container is known only if its runtime's files give
 * the whole path of its cgroup.
 */
#ifndef RECORDER_IDENTITY_H
#define RECORDER_IDENTITY_H

#include "common/config.h"
#include "dumper/snapshot.h"

/*
 * Where things lie on the node. Paths are as on the node; lists are separated by spaces. Borrowed
 * from the configuration, which says what each is.
 */
struct identity_roots {
	const char *host; /* where the node's root directory is here */
	const char *containerd;
	const char *docker;
	const char *storage;
	const char *runc;
	const char *crun;
	const char *pod_logs;
	const char *units; /* globs of units to record; NULL: none */
};
void identity_roots_of(const struct config *config, struct identity_roots *ret);

/*
 * Looks a cgroup up in the table. 0 with a filled identity (node and cgroup id are the caller's to
 * add); -EAGAIN: a container of a known runtime whose names are not written yet; -ENOENT: no
 * runtime here knows it; -ENOMEM.
 */
int identity_find(const struct identity_roots *roots, const char *cgroup_path,
		  struct container_identity *ret);

/* A pause container: it holds a pod's namespaces and only sleeps. */
bool identity_is_sandbox(const struct container_identity *identity);
/* A unit of systemd or a plain cgroup: no container, it may start programs one after the other. */
bool identity_is_unit(const struct container_identity *identity);

/* The identity of a container that no runtime in the table knows: its cgroup's name; of a pod's
 * container namespace and pod as well, as long as the pod has its log directory. */
int identity_from_cgroup(const struct identity_roots *roots, const char *cgroup_path,
			 struct container_identity *ret);

#endif
