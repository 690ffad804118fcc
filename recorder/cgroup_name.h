/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a cgroup's path says about a container, as the cgroupfs and the systemd driver of runtimes
 * and kubelet write it.  Pure; paths are below the hierarchy's root, with a leading slash.
 *
 *   cgroupfs  /kubepods/burstable/podUID/ID
 *   systemd   /kubepods.slice/kubepods-burstable.slice/kubepods-burstable-podUID.slice/
 *             cri-containerd-ID.scope, where the UID has "_" for "-"
 */
#ifndef RECORDER_CGROUP_NAME_H
#define RECORDER_CGROUP_NAME_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

/* The last component. */
const char *cgroup_name_base(const char *path);

/*
 * The container id in a cgroup's name. Of a scope it stands behind one of `prefixes` ("docker
 * nerdctl") and a "-"; `required`: so it does in any name, others hold no id. 0 and a single file
 * name, or -EINVAL.
 */
int cgroup_name_id(const char *path, const char *prefixes, bool required, char ret[NAME_MAX + 1]);

/*
 * Whether linux.cgroupsPath of an OCI bundle, "/some/path" or "SLICE:PREFIX:NAME", means this
 * cgroup. NULL or empty: the runtime's default, its id below the root.
 */
bool cgroup_name_is(const char *oci_path, const char *id, const char *path);

/* What the kubelet's part of a path tells. */
struct cgroup_pod {
	const char *qos; /* "guaranteed", "burstable", "besteffort", static */
	char uid[64];	 /* with "-"; of a static pod a hash without */
	bool is_whole;	 /* the path ends there: the pod's own cgroup */
};
/* 0, or -ENOENT if the path leads through no pod. */
int cgroup_name_pod(const char *path, struct cgroup_pod *ret);

/* A static pod's uid is a hash of its manifest: 32 hex digits, no dashes. */
bool cgroup_name_is_static_uid(const char *uid);

#endif
