/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The directory of dumps: listing, removing, and publishing what the dump's writer has written.
 * Invariant: a name that ends in .igrec and parses is a whole, synced dump; everything that is
 * not yet one has a temporary name.
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "common/buf.h"
#include "common/cleanup.h"
#include "storage/dump_name.h"
#include "storage/store.h"

#define DIRECTORY_MODE	0750
#define FILE_MODE	0640
#define TEMP_PREFIX	".tmp-"
#define TEMP_NAME_BYTES (sizeof(TEMP_PREFIX) + 2 * sizeof(uint64_t))

struct store {
	char *path;
	int dir_fd;
};

DEFINE_CLEANUP(store, struct store *, store_close)

/* Makes the directory; one that exists already keeps its mode. */
static int make_directory(const char *path)
{
	if (mkdir(path, DIRECTORY_MODE) == 0)
		/* mkdir() applies the umask; the mode is meant as it stands. */
		return chmod(path, DIRECTORY_MODE) == 0 ? 0 : -errno;
	return errno == EEXIST ? 0 : -errno;
}

/* Opens the directory to write there. Whoever else may write could put a link in the place of a
 * file that is being written. -EPERM then. */
static int open_own(const char *path, int *ret_fd)
{
	AUTO_CLOSE int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct stat info;

	if (fd < 0 || fstat(fd, &info) < 0)
		return -errno;
	if ((info.st_mode & S_IWOTH) && !(info.st_mode & S_ISVTX))
		return -EPERM;
	*ret_fd = TAKE_FD(fd);
	return 0;
}

/*
 * Lets the group STORE_GROUP, if there is one, read what will be written: files of a set-group-ID
 * directory get its group. A directory whose owner or group somebody has chosen keeps them.
 */
static void share(int dir_fd)
{
	const struct group *group = getgrnam(STORE_GROUP);
	struct stat info;

	if (!group || fstat(dir_fd, &info) < 0 || info.st_uid != geteuid() ||
	    info.st_gid != getegid() || fchown(dir_fd, (uid_t)-1, group->gr_gid) < 0)
		return;
	/* Where that is not permitted, the group sees the directory, and no dumps. */
	if (fchmod(dir_fd, DIRECTORY_MODE | S_ISGID) < 0)
		return;
}

int store_open(const char *path, bool create, struct store **ret)
{
	CLEANUP(cleanup_store) struct store *store = calloc(1, sizeof(*store));
	int err;

	if (!store)
		return -ENOMEM;
	store->dir_fd = -1;
	store->path = strdup(path);
	if (!store->path)
		return -ENOMEM;
	err = create ? make_directory(path) : 0;
	if (!err && create)
		err = open_own(path, &store->dir_fd);
	if (err)
		return err;
	if (create)
		share(store->dir_fd);
	else
		store->dir_fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (store->dir_fd < 0)
		return -errno;
	*ret = TAKE_PTR(store);
	return 0;
}

void store_close(struct store *store)
{
	if (!store)
		return;
	cleanup_close(&store->dir_fd);
	free(store->path);
	free(store);
}

const char *store_path(const struct store *store)
{
	return store->path;
}

/* ---- listing ---------------------------------------------------------------------------- */

/* A stream over the directory with its own position. */
static int open_entries(const struct store *store, DIR **ret)
{
	AUTO_CLOSE int fd = openat(store->dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir;

	if (fd < 0)
		return -errno;
	dir = fdopendir(fd);
	if (!dir)
		return -errno;
	fd = -1;
	*ret = dir;
	return 0;
}

static void entry_done(struct store_entry *entry)
{
	free(entry->file);
	free(entry->namespace);
	free(entry->pod);
	free(entry->container);
	free(entry->kind);
	free(entry->id);
	*entry = (struct store_entry){};
}

void store_list_done(struct store_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		entry_done(&list->entries[i]);
	free(list->entries);
	*list = (struct store_list){};
}

static int entry_fill(const char *file, const struct dump_name *name, const struct stat *info,
		      struct store_entry *ret)
{
	struct store_entry entry = {
		.file = strdup(file),
		.namespace = strdup(name->namespace),
		.pod = strdup(name->pod),
		.container = strdup(name->container),
		.kind = strdup(name->kind),
		.id = strdup(name->id),
		.time_ns = name->time_ns,
		.bytes = (uint64_t)info->st_size,
		.inode = info->st_ino,
		.changed_ns = info->st_ctim.tv_sec * 1000000000LL + info->st_ctim.tv_nsec,
	};

	if (!entry.file || !entry.namespace || !entry.pod || !entry.container || !entry.kind ||
	    !entry.id) {
		entry_done(&entry);
		return -ENOMEM;
	}
	*ret = entry;
	return 0;
}

static int list_grow(struct store_list *list, size_t *room)
{
	size_t more = *room ? 2 * *room : 64;
	struct store_entry *entries;

	if (list->count < *room)
		return 0;
	entries = reallocarray(list->entries, more, sizeof(*entries));
	if (!entries)
		return -ENOMEM;
	list->entries = entries;
	*room = more;
	return 0;
}

/* Adds the file if it is a dump; 0 also if it is not, or is gone meanwhile. */
static int list_add(const struct store *store, struct store_list *list, size_t *room,
		    const char *file)
{
	struct dump_name name;
	struct stat info;
	int err;

	if (dump_name_parse(file, &name))
		return 0;
	if (fstatat(store->dir_fd, file, &info, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : -errno;
	if (!S_ISREG(info.st_mode))
		return 0;
	err = list_grow(list, room);
	if (!err)
		err = entry_fill(file, &name, &info, &list->entries[list->count]);
	if (!err)
		list->count++;
	return err;
}

/* Newest first; the id decides between equal times, so that the order is always the same. */
static int compare_entries(const void *a, const void *b)
{
	const struct store_entry *x = a, *y = b;

	if (x->time_ns != y->time_ns)
		return x->time_ns > y->time_ns ? -1 : 1;
	return strcmp(x->id, y->id);
}

/* Calls `visit` for each name in the directory until it fails. */
static int for_each_name(const struct store *store, int (*visit)(void *context, const char *file),
			 void *context)
{
	AUTO_CLOSEDIR DIR *dir = NULL;
	struct dirent *entry;
	int err;

	err = open_entries(store, &dir);
	while (!err) {
		errno = 0;
		entry = readdir(dir);
		if (!entry)
			return -errno;
		err = visit(context, entry->d_name);
	}
	return err;
}

struct listing {
	const struct store *store;
	struct store_list list;
	size_t room;
};

static int visit_listing(void *context, const char *file)
{
	struct listing *listing = context;

	return list_add(listing->store, &listing->list, &listing->room, file);
}

int store_list(const struct store *store, struct store_list *ret)
{
	struct listing listing = {.store = store};
	int err;

	err = for_each_name(store, visit_listing, &listing);
	if (err) {
		store_list_done(&listing.list);
		return err;
	}
	if (listing.list.count > 0)
		qsort(listing.list.entries, listing.list.count, sizeof(*listing.list.entries),
		      compare_entries);
	*ret = listing.list;
	return 0;
}

/* ---- removing --------------------------------------------------------------------------- */

int store_remove(const struct store *store, const char *file)
{
	if (strchr(file, '/'))
		return -EINVAL;
	if (unlinkat(store->dir_fd, file, 0) < 0 && errno != ENOENT)
		return -errno;
	return 0;
}

struct cleaning {
	const struct store *store;
	int removed;
};

static int visit_cleaning(void *context, const char *file)
{
	struct cleaning *cleaning = context;
	int err;

	if (strncmp(file, TEMP_PREFIX, strlen(TEMP_PREFIX)) != 0)
		return 0;
	err = store_remove(cleaning->store, file);
	if (!err)
		cleaning->removed++;
	return err;
}

int store_clean(const struct store *store)
{
	struct cleaning cleaning = {.store = store};
	int err;

	err = for_each_name(store, visit_cleaning, &cleaning);
	return err ? err : cleaning.removed;
}

int store_available(const struct store *store, uint64_t *ret_bytes)
{
	struct statvfs info;

	if (fstatvfs(store->dir_fd, &info) < 0)
		return -errno;
	*ret_bytes = (uint64_t)info.f_bavail * info.f_frsize;
	return 0;
}

int store_filesystem(const struct store *store, uint64_t *ret_bytes)
{
	struct statvfs info;

	if (fstatvfs(store->dir_fd, &info) < 0)
		return -errno;
	*ret_bytes = (uint64_t)info.f_blocks * info.f_frsize;
	return 0;
}

/* ---- publishing ------------------------------------------------------------------------- */

/* Creates an empty file that only this call can have made. */
static int create_temp(const struct store *store, char *ret_name, size_t room)
{
	AUTO_CLOSE int fd = -1;
	uint64_t random;

	if (getrandom(&random, sizeof(random), 0) != sizeof(random))
		return -EIO;
	snprintf(ret_name, room, TEMP_PREFIX "%016llx", (unsigned long long)random);
	fd = openat(store->dir_fd, ret_name, O_CREAT | O_EXCL | O_RDWR | O_NOFOLLOW | O_CLOEXEC,
		    FILE_MODE);
	if (fd < 0)
		return -errno;
	if (fchmod(fd, FILE_MODE) < 0) {
		int err = -errno;

		unlinkat(store->dir_fd, ret_name, 0);
		return err;
	}
	return 0;
}

/*
 * Whether the path still leads to the directory that is open. It may have been removed, and a
 * filesystem may have been mounted there, or taken away, which leaves the descriptor usable.
 */
static bool is_current(const struct store *store)
{
	struct stat open_one, named;

	return fstat(store->dir_fd, &open_one) == 0 && stat(store->path, &named) == 0 &&
	       open_one.st_dev == named.st_dev && open_one.st_ino == named.st_ino;
}

/*
 * The descriptor is made to mean the directory that is there now, which is made if need be: in one
 * step, since worker threads share it.
 */
static int reopen(const struct store *store)
{
	AUTO_CLOSE int fd = -1;
	int err = make_directory(store->path);

	if (!err)
		err = open_own(store->path, &fd);
	if (err)
		return err;
	return dup3(fd, store->dir_fd, O_CLOEXEC) < 0 ? -errno : 0;
}

int store_temp_new(const struct store *store, char **ret_path)
{
	size_t room = strlen(store->path) + 1 + TEMP_NAME_BYTES;
	AUTO_FREE char *path = malloc(room);
	char name[TEMP_NAME_BYTES];
	int err;

	if (!path)
		return -ENOMEM;
	err = is_current(store) ? 0 : reopen(store);
	if (!err)
		err = create_temp(store, name, sizeof(name));
	if (err)
		return err;
	snprintf(path, room, "%s/%s", store->path, name);
	*ret_path = TAKE_PTR(path);
	return 0;
}

static const char *name_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static int sync_file(const struct store *store, const char *name)
{
	AUTO_CLOSE int fd = openat(store->dir_fd, name, O_RDWR | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0 || fsync(fd) < 0)
		return -errno;
	return 0;
}

static int rename_over(const struct store *store, const char *from, const char *to)
{
	return renameat(store->dir_fd, from, store->dir_fd, to) == 0 ? 0 : -errno;
}

static int rename_new(const struct store *store, const char *from, const char *to)
{
	if (renameat2(store->dir_fd, from, store->dir_fd, to, RENAME_NOREPLACE) == 0)
		return 0;
	if (errno != EINVAL && errno != ENOSYS)
		return -errno;
	/* Some network filesystems know no RENAME_NOREPLACE; there the random id must do. */
	if (faccessat(store->dir_fd, to, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
		return -EEXIST;
	return rename_over(store, from, to);
}

static int publish(const struct store *store, const char *temp, const char *file, bool replace)
{
	int err;

	err = sync_file(store, temp);
	if (!err)
		err = (replace ? rename_over : rename_new)(store, temp, file);
	if (err)
		return err;
	if (fsync(store->dir_fd) < 0) {
		err = -errno;
		unlinkat(store->dir_fd, file, 0);
	}
	return err;
}

int store_temp_commit(const struct store *store, const char *temp_path, const char *file)
{
	struct dump_name name;
	int err = dump_name_parse(file, &name);

	if (!err)
		return store_temp_commit_copy(store, temp_path, file, false);
	store_temp_discard(store, temp_path);
	return err;
}

int store_temp_commit_copy(const struct store *store, const char *temp_path, const char *file,
			   bool replace)
{
	int err = strchr(file, '/') ? -EINVAL : publish(store, name_of(temp_path), file, replace);

	if (err)
		store_temp_discard(store, temp_path);
	return err;
}

void store_temp_discard(const struct store *store, const char *temp_path)
{
	unlinkat(store->dir_fd, name_of(temp_path), 0);
}

/* ---- files aside ------------------------------------------------------------------------ */

int store_read_aside(const struct store *store, const char *file, size_t most, struct buf *ret)
{
	AUTO_CLOSE int fd =
		openat(store->dir_fd, file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	char part[65536];
	ssize_t got;

	if (fd < 0)
		return -errno;
	buf_clear(ret);
	while ((got = read(fd, part, sizeof(part))) > 0) {
		if ((size_t)got > most - ret->bytes)
			return -EFBIG;
		buf_add(ret, part, (size_t)got);
	}
	if (got < 0)
		return -errno;
	return ret->failed ? -ENOMEM : 0;
}

static int write_fully(const struct store *store, const char *file, const struct buf *data)
{
	AUTO_CLOSE int fd = openat(store->dir_fd, file, O_WRONLY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	for (size_t done = 0; done < data->bytes;) {
		ssize_t put = write(fd, data->data + done, data->bytes - done);

		if (put < 0)
			return -errno;
		done += (size_t)put;
	}
	return 0;
}

int store_write_aside(const struct store *store, const char *file, const struct buf *data)
{
	char temp[TEMP_NAME_BYTES];
	int err;

	err = create_temp(store, temp, sizeof(temp));
	if (err)
		return err;
	err = write_fully(store, temp, data);
	if (!err && renameat(store->dir_fd, temp, store->dir_fd, file) < 0)
		err = -errno;
	if (err)
		unlinkat(store->dir_fd, temp, 0);
	return err;
}
