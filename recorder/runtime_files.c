/* SPDX-License-Identifier: Apache-2.0 */
/* See runtime_files.h. openat2(2) is in every kernel that igrecd runs on (5.6). */
#include "recorder/runtime_files.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "common/cleanup.h"

static int open_how(int dir, const char *path, int flags, uint64_t resolve)
{
	struct open_how how = {.flags = flags | O_CLOEXEC, .resolve = resolve};
	long fd = syscall(SYS_openat2, dir, path, &how, sizeof(how));

	return fd < 0 ? -errno : (int)fd;
}

int runtime_dir_open(const char *host_root, const char *path)
{
	AUTO_CLOSE int root = open(host_root, O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (root < 0)
		return -errno;
	return open_how(root, path, O_RDONLY | O_DIRECTORY,
			RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS);
}

int runtime_dir_open_below(int dir, const char *path)
{
	return open_how(dir, path, O_RDONLY | O_DIRECTORY, RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS);
}

int runtime_file_open(int dir, const char *path)
{
	AUTO_CLOSE int fd = open_how(dir, path, O_RDONLY | O_NOCTTY | O_NONBLOCK,
				     RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS);
	struct stat st;

	if (fd < 0)
		return fd;
	if (fstat(fd, &st))
		return -errno;
	return S_ISREG(st.st_mode) ? TAKE_FD(fd) : -EINVAL;
}

int runtime_json_read(int dir, const char *path, struct json **ret)
{
	AUTO_CLOSE int fd = runtime_file_open(dir, path);

	return fd < 0 ? fd : json_parse_fd(fd, RUNTIME_FILE_BYTES_MAX, ret);
}

bool runtime_next_path(const char **list, char ret[PATH_MAX])
{
	while (**list) {
		size_t bytes = strcspn(*list, " ");
		const char *path = *list;

		*list += bytes + strspn(*list + bytes, " ");
		if (!bytes || bytes >= PATH_MAX)
			continue;
		memcpy(ret, path, bytes);
		ret[bytes] = '\0';
		return true;
	}
	return false;
}
