/* SPDX-License-Identifier: Apache-2.0 */
/* The kubelet's log directories, LOGS/NAMESPACE_POD_UID/CONTAINER/N.log: N counts restarts. */
#ifndef RECORDER_POD_LOGS_H
#define RECORDER_POD_LOGS_H

#include <limits.h>
#include <stdint.h>

#include "dumper/snapshot.h"

/*
 * The highest N for a container of a pod: that of its newest run, for which the CRI engine has made
 * the file before it made the cgroup. -1 unknown.
 */
int64_t pod_logs_restart(const char *host_root, const char *logs,
			 const struct container_identity *identity);

/*
 * The directory of a container's logs; its path below LOGS goes to ret_path. A descriptor, or
 * -errno; -ENOENT also if its names are not known.
 */
int pod_logs_open(const char *host_root, const char *logs,
		  const struct container_identity *identity, char ret_path[PATH_MAX]);

/*
 * Namespace and pod by the pod's uid: of a container that came and went while no igrecd ran, whose
 * bundle went with it. They are set if they are found. 0 or -ENOMEM.
 */
int pod_logs_name(const char *host_root, const char *logs, struct container_identity *identity);

#endif
