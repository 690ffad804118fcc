/* SPDX-License-Identifier: Apache-2.0 */
/* The directory that programs, links and maps are pinned in: one igrecd's at a time. */
#ifndef RECORDER_BPFFS_H
#define RECORDER_BPFFS_H

/*
 * Makes the directory; one that is there is taken. 0; -ENOTDIR: it is on no bpffs; -EINVAL: it is
 * the root of one, where others pin too; -errno. A directory that this call made is removed again
 * on failure.
 */
int bpffs_make(const char *path);
/* Returns a descriptor that holds the lock; -EBUSY if a running igrecd has it; -errno. */
int bpffs_lock(const char *path);
/* Removes what is pinned under names that begin with `prefix`: tries all, 0 or the last -errno. */
int bpffs_clear(const char *path, const char *prefix);
/*
 * Removes all that is pinned there, if it is igrecd's: if names begin with BPFFS_OWN, or there are
 * none. Those names must be pinned first; they go last. -EEXIST: it is somebody else's, and stays.
 */
#define BPFFS_OWN "igrec_"
int bpffs_clear_all(const char *path);
/*
 * Removes all that is pinned there, and the directory. 0, also if it is not there; -EBUSY: in use;
 * -ENOTDIR, -EINVAL: as bpffs_make(); -EEXIST: as bpffs_clear_all(); -errno.
 */
int bpffs_remove(const char *path);

#endif
