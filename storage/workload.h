/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The workload that a pod belongs to, by its name alone: no other file of the node tells.  Dumps
 * of one workload are kept and counted together, although each crash may be of another pod.
 */
#ifndef STORAGE_WORKLOAD_H
#define STORAGE_WORKLOAD_H

#include <stddef.h>

/*
 * The pod's name without what Kubernetes' controllers generate:
 *   Deployment   NAME-7d4b9c5f66-x2v4k   NAME
 *   ReplicaSet, DaemonSet, Job   NAME-x2v4k   NAME
 *   CronJob      NAME-28512345-x2v4k     NAME
 *   StatefulSet  NAME-0                  stays: each has a place of its own
 * Cut to `room`, with its NUL.
 */
void workload_of_pod(const char *pod, char *ret, size_t room);

#endif
