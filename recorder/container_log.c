/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See container_log.h.  Of a log that was rotated a short while ago, the newest of the rotated
 * files is read, too: the kubelet compresses only older ones.
 */
#include "recorder/container_log.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "common/cleanup.h"
#include "common/clock.h"
#include "recorder/log_lines.h"
#include "recorder/pod_logs.h"
#include "recorder/runtime.h"
#include "recorder/runtime_files.h"

/* After a container's end its last words are still on their way through the runtime's pipes. */
#define LAG_NS 50000000ULL
/* A line's time, stream and quotes, beside its text. */
#define LINE_FRAME_BYTES 128

/* Where a log is. */
struct place {
	int dir;	     /* its directory */
	char name[NAME_MAX]; /* of the file */
	enum log_format format;
	char above[PATH_MAX], below[PATH_MAX]; /* the directory is ABOVE/BELOW on the node */
};

DEFINE_CLEANUP(log_lines, struct log_lines *, log_lines_free)

/* ---- where it is ------------------------------------------------------------------------ */

static int find_of_docker(const struct identity_roots *roots, const struct snapshot *snapshot,
			  struct place *ret)
{
	const char *id = snapshot->identity.container_id;
	AUTO_CLOSE int root = runtime_dir_open(roots->host, roots->docker);

	if (root < 0)
		return root;
	ret->format = LOG_JSON;
	snprintf(ret->above, sizeof(ret->above), "%s", roots->docker);
	snprintf(ret->below, sizeof(ret->below), "containers/%s", id);
	snprintf(ret->name, sizeof(ret->name), "%s-json.log", id);
	ret->dir = runtime_dir_open_below(root, ret->below);
	return ret->dir < 0 ? ret->dir : 0;
}

static int find_of_podman(const struct identity_roots *roots, const struct snapshot *snapshot,
			  struct place *ret)
{
	ret->format = LOG_CRI;
	snprintf(ret->name, sizeof(ret->name), "ctr.log");
	ret->dir = runtime_storage_open(roots, snapshot->identity.container_id, ret->name,
					ret->above, ret->below);
	return ret->dir < 0 ? ret->dir : 0;
}

static int find_of_pod(const struct identity_roots *roots, const struct snapshot *snapshot,
		       struct place *ret)
{
	const struct container_identity *identity = &snapshot->identity;
	int64_t restart = identity->restart;

	if (restart < 0)
		restart = pod_logs_restart(roots->host, roots->pod_logs, identity);
	if (restart < 0)
		return -ENOENT;
	ret->format = LOG_CRI;
	snprintf(ret->above, sizeof(ret->above), "%s", roots->pod_logs);
	snprintf(ret->name, sizeof(ret->name), "%lld.log", (long long)restart);
	ret->dir = pod_logs_open(roots->host, roots->pod_logs, identity, ret->below);
	return ret->dir < 0 ? ret->dir : 0;
}

static int find(const struct identity_roots *roots, const struct snapshot *snapshot,
		struct place *ret)
{
	const struct container_identity *identity = &snapshot->identity;

	*ret = (struct place){.dir = -1};
	if (!identity->runtime || !identity->container_id)
		return -ENOENT;
	if (!strcmp(identity->runtime, "docker"))
		return find_of_docker(roots, snapshot, ret);
	if (!strcmp(identity->runtime, "podman"))
		return find_of_podman(roots, snapshot, ret);
	return identity->pod ? find_of_pod(roots, snapshot, ret) : -ENOENT;
}

/* ---- what it says ----------------------------------------------------------------------- */

static bool is_compressed(const char *name)
{
	size_t length = strlen(name);

	return length > 3 &&
	       (!strcmp(name + length - 3, ".gz") || !strcmp(name + length - 4, ".tmp"));
}

/* The newest rotated file, NAME.TIMESTAMP or NAME.1, if it is one that can be read; else "". */
static void find_rotated(const struct place *place, char ret[NAME_MAX + 1])
{
	int again = runtime_dir_open_below(place->dir, ".");
	AUTO_CLOSEDIR DIR *dir = again < 0 ? NULL : fdopendir(again);
	size_t length = strlen(place->name);
	struct dirent *entry;

	ret[0] = '\0';
	if (again >= 0 && !dir)
		close(again);
	while (dir && (entry = readdir(dir))) {
		const char *name = entry->d_name;
		bool newer = !ret[0] || (place->format == LOG_CRI ? strcmp(name, ret) > 0
								  : strcmp(name, ret) < 0);

		if (!strncmp(name, place->name, length) && name[length] == '.' &&
		    !is_compressed(name) && newer)
			snprintf(ret, NAME_MAX + 1, "%s", name);
	}
}

static ssize_t read_at(int fd, char *data, size_t bytes, off_t offset)
{
	size_t done = 0;

	while (done < bytes) {
		ssize_t got = pread(fd, data + done, bytes - done, offset + (off_t)done);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -errno;
		if (!got)
			break;
		done += (size_t)got;
	}
	return (ssize_t)done;
}

/* The end of a file, at most so many bytes, from a line's beginning on. */
static void add_end(int fd, off_t size, size_t most, struct log_lines *lines, char *room)
{
	off_t from = size > (off_t)most ? size - (off_t)most : 0;
	ssize_t got = read_at(fd, room, (size_t)(size - from), from);
	const char *begin = room;

	if (got <= 0)
		return;
	if (from)
		begin = memchr(room, '\n', (size_t)got);
	if (begin && from)
		begin++;
	if (begin)
		log_lines_add(lines, begin, (size_t)(room + got - begin));
}

static off_t size_of(int fd)
{
	struct stat st;

	return fd < 0 || fstat(fd, &st) ? 0 : st.st_size;
}

static int read_lines(const struct place *place, size_t window, struct log_lines *lines)
{
	AUTO_CLOSE int fd = runtime_file_open(place->dir, place->name);
	off_t size = size_of(fd);
	AUTO_FREE char *room = NULL;

	if (fd < 0)
		return fd;
	room = malloc(window);
	if (!room)
		return -ENOMEM;
	if (size < (off_t)window) {
		char name[NAME_MAX + 1];
		AUTO_CLOSE int rotated = -1;

		find_rotated(place, name);
		rotated = name[0] ? runtime_file_open(place->dir, name) : -1;
		if (rotated >= 0)
			add_end(rotated, size_of(rotated), window - (size_t)size, lines, room);
	}
	add_end(fd, size, window, lines, room);
	return 0;
}

static void wait_for_last_words(const struct failure *failure)
{
	uint64_t now_ns = clock_monotonic_ns(), until_ns = failure->time_ns + LAG_NS;
	struct timespec wait = {0};

	if (failure->kind == FAILURE_REQUESTED || now_ns >= until_ns || until_ns - now_ns > LAG_NS)
		return;
	wait.tv_nsec = (long)(until_ns - now_ns);
	nanosleep(&wait, NULL);
}

/* What Docker and Podman add to the same file when they have started the container again is not of
 * this run. */
static int64_t end_of_run(const struct snapshot *snapshot)
{
	const struct failure *failure = &snapshot->failure;

	if (failure->kind == FAILURE_REQUESTED)
		return INT64_MAX;
	return (int64_t)(failure->time_ns + LAG_NS) + snapshot->realtime_offset_ns;
}

int container_log_read(const struct container_log_settings *settings, struct snapshot *snapshot)
{
	int64_t since_ns = snapshot->started_ns
				   ? (int64_t)snapshot->started_ns + snapshot->realtime_offset_ns
				   : 0;
	CLEANUP(cleanup_log_lines) struct log_lines *lines = NULL;
	AUTO_CLOSE int dir = -1;
	struct place place;
	int err;

	if (!settings->lines)
		return 0;
	err = find(&settings->roots, snapshot, &place);
	if (err)
		return 0;
	dir = place.dir;
	lines = log_lines_new(place.format, settings->lines, settings->bytes, since_ns,
			      end_of_run(snapshot));
	if (!lines)
		return -ENOMEM;
	wait_for_last_words(&snapshot->failure);
	err = read_lines(&place, 2 * settings->bytes + settings->lines * LINE_FRAME_BYTES, lines);
	if (err)
		return err == -ENOMEM ? err : 0;
	if (asprintf(&snapshot->log_file, "%s/%s/%s", place.above, place.below, place.name) < 0) {
		snapshot->log_file = NULL;
		return -ENOMEM;
	}
	return log_lines_move(lines, snapshot);
}
