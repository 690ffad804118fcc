/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The store: a directory of dump files.  The files are the truth; everything a list needs is in
 * the file's name or in its dump row.
 */
#ifndef STORAGE_STORE_H
#define STORAGE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define STORE_DUMP_SUFFIX ".igrec"
struct buf;

/* One dump as its file name tells it: TIME_NAMESPACE_POD_CONTAINER_KIND_ID.igrec,
 * docs/dump-format.md. */
struct store_entry {
	char *file;				       /* name within the store, owned */
	char *namespace, *pod, *container, *kind, *id; /* owned; "" where the name has "-" */
	int64_t time_ns; /* CLOCK_REALTIME of the failure, to the ms as in the name */
	uint64_t bytes;
	uint64_t inode;
	int64_t changed_ns; /* the file's ctime: rises whenever it is written or renamed */
};

struct store_list {
	struct store_entry *entries; /* newest first */
	size_t count;
};

struct store;

/* Opens (create: makes, mode 0750, for the group STORE_GROUP to read if there is one) the
 * directory. 0 or -errno; create: -EPERM if all may write there, without the sticky bit. */
#define STORE_GROUP "igrec"
int store_open(const char *path, bool create, struct store **ret);
void store_close(struct store *store);
const char *store_path(const struct store *store);

/* Reads the directory. Foreign files are passed over. 0, -errno, -ENOMEM. */
int store_list(const struct store *store, struct store_list *ret);
void store_list_done(struct store_list *list);

/*
 * A file of the store that is no dump, by a name that begins with a dot: read whole into `ret`, or
 * put in place of an earlier one in one step, without a sync. 0 or -errno; -EFBIG: more than `most`
 * bytes.
 */
int store_read_aside(const struct store *store, const char *file, size_t most, struct buf *ret);
int store_write_aside(const struct store *store, const char *file, const struct buf *data);

/* Removes what an earlier, killed writer left (temporary files); not to be called while another
 * writer may be at work. Returns how many, or -errno. */
int store_clean(const struct store *store);

/* Removes a dump by its name within the store. 0 (also if it was gone already) or -errno. */
int store_remove(const struct store *store, const char *file);

/* Bytes that the filesystem still has for its unprivileged users. 0 or -errno. */
int store_available(const struct store *store, uint64_t *ret_bytes);
/* Its size. 0 or -errno. */
int store_filesystem(const struct store *store, uint64_t *ret_bytes);

/*
 * Publishing, used by dumper/: a temporary name in the store for the writer, then the final name
 * appears atomically with the file synced, and the directory is synced. An existing dump is
 * never replaced: -EEXIST. On failure of commit the temporary file is gone and the store
 * unchanged. These may be called by several threads at once. A directory that was removed since
 * store_open() is made anew; where another one stands in its place now, that is used.
 */
int store_temp_new(const struct store *store, char **ret_path);
int store_temp_commit(const struct store *store, const char *temp_path, const char *file);
/* The same for a copy that somebody asked for: any name, and a file that is there may go. */
int store_temp_commit_copy(const struct store *store, const char *temp_path, const char *file,
			   bool replace);
void store_temp_discard(const struct store *store, const char *temp_path);

#endif
