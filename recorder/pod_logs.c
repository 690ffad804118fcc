/* SPDX-License-Identifier: Apache-2.0 */
/* See pod_logs.h; kubelet pkg/kubelet/kuberuntime/helpers.go has the form. */
#include "recorder/pod_logs.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <string.h>

#include "common/cleanup.h"
#include "recorder/runtime.h"
#include "recorder/runtime_files.h"

/* "12.log" is 12; rotated ones have more behind it. Others are -1. */
static int64_t number_of(const char *name)
{
	char *end;
	long number;

	if (!isdigit((unsigned char)name[0]))
		return -1;
	errno = 0;
	number = strtol(name, &end, 10);
	return errno || number > INT32_MAX || strcmp(end, ".log") != 0 ? -1 : number;
}

int pod_logs_open(const char *host_root, const char *logs,
		  const struct container_identity *identity, char ret_path[PATH_MAX])
{
	AUTO_CLOSE int root = -1;

	if (!identity->namespace || !identity->pod || !identity->pod_uid || !identity->container)
		return -ENOENT;
	root = runtime_dir_open(host_root, logs);
	if (root < 0)
		return root;
	if (snprintf(ret_path, PATH_MAX, "%s_%s_%s/%s", identity->namespace, identity->pod,
		     identity->pod_uid, identity->container) >= PATH_MAX)
		return -ENAMETOOLONG;
	return runtime_dir_open_below(root, ret_path);
}

int64_t pod_logs_restart(const char *host_root, const char *logs,
			 const struct container_identity *identity)
{
	AUTO_CLOSEDIR DIR *dir = NULL;
	struct dirent *entry;
	int64_t newest = -1;
	char path[PATH_MAX];
	int fd = pod_logs_open(host_root, logs, identity, path);

	dir = fd < 0 ? NULL : fdopendir(fd);
	if (fd >= 0 && !dir)
		close(fd);
	while (dir && (entry = readdir(dir))) {
		int64_t number = number_of(entry->d_name);

		newest = number > newest ? number : newest;
	}
	return newest;
}

/* "NAMESPACE_POD_UID", as cri-o, containerd and the kubelet have it; names have no underscore. */
static int take_names(char *directory, const char *pod_uid, struct container_identity *identity)
{
	char *pod = strchr(directory, '_');
	char *uid = pod ? strchr(pod + 1, '_') : NULL;
	int err;

	if (!uid || strcmp(uid + 1, pod_uid) != 0)
		return -ENOENT;
	*pod++ = *uid = '\0';
	err = runtime_set(&identity->namespace, directory);
	return err ? err : runtime_set(&identity->pod, pod);
}

int pod_logs_name(const char *host_root, const char *logs, struct container_identity *identity)
{
	int root = runtime_dir_open(host_root, logs);
	AUTO_CLOSEDIR DIR *dir = root < 0 ? NULL : fdopendir(root);
	struct dirent *entry;
	int err = -ENOENT;

	if (root >= 0 && !dir)
		close(root);
	while (dir && err == -ENOENT && (entry = readdir(dir)))
		err = take_names(entry->d_name, identity->pod_uid, identity);
	return err == -ENOMEM ? err : 0;
}
