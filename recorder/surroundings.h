/* SPDX-License-Identifier: Apache-2.0 */
/* Processes and descriptors of a container that still stand, read from /proc into a snapshot. */
#ifndef RECORDER_SURROUNDINGS_H
#define RECORDER_SURROUNDINGS_H

#include "dumper/snapshot.h"

#define SURROUNDINGS_TASKS_MAX 256
#define SURROUNDINGS_FDS_MAX   1024 /* of all processes together */

/*
 * Adds tasks and fds of the given processes. What has gone meanwhile is left out. 0 or -ENOMEM
 * (what was added stays).
 */
int surroundings_read(const uint32_t *tgids, size_t count, struct snapshot *snapshot);

/*
 * The largest of these processes by resident memory, into an array of the caller's that has room
 * for `most`. Returns how many.
 */
size_t surroundings_largest(const uint32_t *tgids, size_t count, struct snapshot_task *ret,
			    size_t most);

/* The process' id in its own pid namespace, from /proc/PID/status. 0 or -errno. */
int surroundings_ns_tgid(uint32_t tgid, uint32_t *ret);
/*
 * True if the process lives in another pid namespace than the node's init, or in another mount
 * namespace and root directory. A service of systemd that has a mount namespace for its own /tmp
 * keeps the root.
 */
bool surroundings_is_contained(uint32_t tgid);

#endif
