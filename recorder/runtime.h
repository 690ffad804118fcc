/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Readers of runtimes' files, one a family: private to recorder/identity.c, whose table calls
 * them.  A reader looks for one container in one directory of its runtime.
 */
#ifndef RECORDER_RUNTIME_H
#define RECORDER_RUNTIME_H

#include "common/json.h"
#include "recorder/identity.h"

struct runtime_lookup {
	const struct identity_roots *roots;
	int root;	/* descriptor of a directory of the runtime */
	const char *id; /* as the cgroup's name tells; a single file name */
	const char *cgroup_path;
	bool in_pod; /* the path leads through the kubelet's cgroup of a pod */
};

/*
 * 0: it is this container, by the cgroup path that the runtime's own files give for it, and *ret
 * (empty before) has what they tell. -ENOENT: not known here; -EAGAIN: known, but not written yet;
 * -ENOMEM. After a failure the caller empties *ret.
 */
typedef int (*runtime_read_fn)(const struct runtime_lookup *lookup, struct container_identity *ret);

int runtime_read_containerd(const struct runtime_lookup *lookup, struct container_identity *ret);
int runtime_read_storage(const struct runtime_lookup *lookup, struct container_identity *ret);
int runtime_read_runc(const struct runtime_lookup *lookup, struct container_identity *ret);
int runtime_read_crun(const struct runtime_lookup *lookup, struct container_identity *ret);

/*
 * Adds what Docker's own file tells of a container that its containerd runs. 0 or -ENOMEM; a file
 * that cannot be read adds nothing.
 */
int runtime_add_docker(const struct runtime_lookup *lookup, struct container_identity *ret);

/*
 * The directory ABOVE/BELOW of a container of Podman's that holds this file: a descriptor, or
 * -ENOENT. ABOVE is one of the list roots->storage.
 */
int runtime_storage_open(const struct identity_roots *roots, const char *id, const char *file,
			 char ret_above[PATH_MAX], char ret_below[PATH_MAX]);

/* Copies a text to a field that has none yet; NULL and "" are no text. 0 or -ENOMEM. */
int runtime_set(char **field, const char *text);
/* A decimal number of a text for the restart count, if that is not known yet. */
void runtime_set_restart(struct container_identity *identity, const char *text);

/*
 * Annotations of an OCI bundle, and labels, by which container engines tell Kubernetes' names.
 * Images bring labels and annotations of their own, so these are to be believed only of a
 * container that a CRI engine has made.
 */
int runtime_add_pod_keys(const struct json *annotations, struct container_identity *identity);

#endif
