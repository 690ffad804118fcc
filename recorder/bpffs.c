/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where the kernel side outlives igrecd.  The directory belongs to igrecd alone: everything in it
 * is removed by the next one, so the root of a bpffs is refused, and what others pinned.
 */
#include "recorder/bpffs.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdbool.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "common/cleanup.h"

#define ROOT_INODE 1 /* simple_fill_super(), fs/libfs.c of the kernel */

static int check(const char *path)
{
	struct statfs fs;
	struct stat st;

	if (statfs(path, &fs) || stat(path, &st))
		return -errno;
	if ((unsigned long)fs.f_type != BPF_FS_MAGIC)
		return -ENOTDIR;
	return st.st_ino == ROOT_INODE ? -EINVAL : 0;
}

int bpffs_make(const char *path)
{
	bool made = !mkdir(path, 0700);
	int err;

	if (!made && errno != EEXIST)
		return -errno;
	err = check(path);
	if (err && made)
		rmdir(path);
	return err;
}

int bpffs_lock(const char *path)
{
	AUTO_CLOSE int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	if (flock(fd, LOCK_EX | LOCK_NB))
		return errno == EWOULDBLOCK ? -EBUSY : -errno;
	return TAKE_FD(fd);
}

static bool begins(const char *name, const char *prefix)
{
	return !strncmp(name, prefix, strlen(prefix));
}

/* Removes names that begin with `prefix`, but not those that begin with `except`. */
static int clear(const char *path, const char *prefix, const char *except)
{
	AUTO_CLOSEDIR DIR *dir = opendir(path);
	struct dirent *entry;
	int err = 0;

	if (!dir)
		return -errno;
	while ((entry = readdir(dir)))
		if (entry->d_name[0] != '.' && begins(entry->d_name, prefix) &&
		    !(except && begins(entry->d_name, except)) &&
		    unlinkat(dirfd(dir), entry->d_name, 0))
			err = -errno;
	return err;
}

int bpffs_clear(const char *path, const char *prefix)
{
	return clear(path, prefix, NULL);
}

static int check_own(const char *path)
{
	AUTO_CLOSEDIR DIR *dir = opendir(path);
	struct dirent *entry;
	int err = 0;

	if (!dir)
		return -errno;
	while ((entry = readdir(dir))) {
		if (begins(entry->d_name, BPFFS_OWN))
			return 0;
		if (entry->d_name[0] != '.')
			err = -EEXIST;
	}
	return err;
}

int bpffs_clear_all(const char *path)
{
	int err = check_own(path);

	if (!err)
		err = clear(path, "", BPFFS_OWN);
	return err ? err : clear(path, BPFFS_OWN, NULL);
}

int bpffs_remove(const char *path)
{
	AUTO_CLOSE int lock = bpffs_lock(path);
	int err;

	if (lock < 0)
		return lock == -ENOENT ? 0 : lock;
	err = check(path);
	if (!err)
		err = bpffs_clear_all(path);
	if (!err && rmdir(path))
		err = -errno;
	return err;
}
