/* SPDX-License-Identifier: Apache-2.0 */
/* See surroundings.h. Formats: proc(5). */
#include "recorder/surroundings.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/cleanup.h"

#define ARGV_BYTES_MAX 4096

static int open_process(uint32_t tgid)
{
	char path[32];

	snprintf(path, sizeof(path), "/proc/%u", tgid);
	return open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

/* Reads at most `room - 1` bytes and puts a NUL behind. Returns how many, or -errno. */
static ssize_t read_file(int process, const char *name, char *buffer, size_t room)
{
	AUTO_CLOSE int fd = openat(process, name, O_RDONLY | O_CLOEXEC);
	ssize_t got;

	if (fd < 0)
		return -errno;
	got = read(fd, buffer, room - 1);
	if (got < 0)
		return -errno;
	buffer[got] = 0;
	return got;
}

static char *read_link(int dir, const char *name)
{
	char target[PATH_MAX];
	ssize_t got = readlinkat(dir, name, target, sizeof(target) - 1);

	if (got < 0)
		return NULL;
	target[got] = 0;
	return strdup(target);
}

/* The number behind "Key:\t", the last one of several; 0 if there is none. */
static uint32_t status_number(const char *status, const char *key, bool last)
{
	const char *line = strstr(status, key);
	const char *end;

	if (!line)
		return 0;
	line += strlen(key);
	end = line + strcspn(line, "\n");
	if (last)
		while (end > line && (end[-1] < '0' || end[-1] > '9'))
			end--;
	if (last)
		while (end > line && end[-1] >= '0' && end[-1] <= '9')
			end--;
	return strtoul(last ? end : line, NULL, 10);
}

/* Fields behind the comm, which ends with the last ')': state, ppid, ..., the 22nd starttime. */
static void parse_stat(const char *stat, struct snapshot_task *task)
{
	const char *open_paren = strchr(stat, '('), *close_paren = strrchr(stat, ')');
	unsigned long long start = 0;

	if (!open_paren || !close_paren || close_paren < open_paren)
		return;
	snprintf(task->comm, sizeof(task->comm), "%.*s", (int)(close_paren - open_paren - 1),
		 open_paren + 1);
	sscanf(close_paren + 1,
	       " %c %u %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d %*d %llu",
	       &task->state, &task->parent_tgid, &start);
	task->start_ns = start * (1000000000ULL / sysconf(_SC_CLK_TCK));
}

static void read_argv(int process, struct snapshot_task *task)
{
	char argv[ARGV_BYTES_MAX];
	ssize_t got = read_file(process, "cmdline", argv, sizeof(argv));

	if (got <= 0)
		return;
	task->argv = malloc(got);
	if (!task->argv)
		return;
	memcpy(task->argv, argv, got);
	task->argv_bytes = got;
}

static int read_task(int process, uint32_t tgid, struct snapshot_task *ret)
{
	char text[4096];

	*ret = (struct snapshot_task){.tgid = tgid, .rss_bytes = -1};
	if (read_file(process, "stat", text, sizeof(text)) < 0)
		return -ESRCH;
	parse_stat(text, ret);
	if (read_file(process, "status", text, sizeof(text)) > 0) {
		ret->ns_tgid = status_number(text, "\nNStgid:", true);
		ret->uid = status_number(text, "\nUid:", false);
		ret->threads = status_number(text, "\nThreads:", false);
		if (strstr(text, "\nVmRSS:"))
			ret->rss_bytes = 1024LL * status_number(text, "\nVmRSS:", false);
	}
	read_argv(process, ret);
	ret->exe = read_link(process, "exe");
	ret->cwd = read_link(process, "cwd");
	return 0;
}

/* 0: gone, or it has no memory of its own. */
static uint64_t resident_pages(uint32_t tgid)
{
	AUTO_CLOSE int process = open_process(tgid);
	unsigned long long pages = 0;
	char text[128];

	if (process < 0 || read_file(process, "statm", text, sizeof(text)) < 0 ||
	    sscanf(text, "%*u %llu", &pages) != 1)
		return 0;
	return pages;
}

struct sized_process {
	uint32_t tgid;
	uint64_t pages;
};

static int by_size(const void *a, const void *b)
{
	uint64_t left = ((const struct sized_process *)a)->pages;
	uint64_t right = ((const struct sized_process *)b)->pages;

	return left < right ? 1 : left > right ? -1 : 0;
}

size_t surroundings_largest(const uint32_t *tgids, size_t count, struct snapshot_task *ret,
			    size_t most)
{
	struct sized_process sized[SURROUNDINGS_TASKS_MAX];
	size_t made = 0;

	if (count > SURROUNDINGS_TASKS_MAX)
		count = SURROUNDINGS_TASKS_MAX;
	for (size_t i = 0; i < count; i++)
		sized[i] = (struct sized_process){tgids[i], resident_pages(tgids[i])};
	qsort(sized, count, sizeof(*sized), by_size);
	for (size_t i = 0; i < count && made < most; i++) {
		AUTO_CLOSE int process = open_process(sized[i].tgid);

		if (process >= 0 && !read_task(process, sized[i].tgid, &ret[made]))
			made++;
	}
	return made;
}

static int read_fds(int process, uint32_t tgid, struct snapshot *snapshot)
{
	AUTO_CLOSE int fd = openat(process, "fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	AUTO_CLOSEDIR DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;

	if (!dir)
		return 0;
	TAKE_FD(fd);
	while (snapshot->n_fds < SURROUNDINGS_FDS_MAX && (entry = readdir(dir))) {
		struct snapshot_fd *slot = &snapshot->fds[snapshot->n_fds];

		if (entry->d_name[0] == '.')
			continue;
		slot->target = read_link(dirfd(dir), entry->d_name);
		if (!slot->target)
			continue;
		slot->tgid = tgid;
		slot->fd = strtol(entry->d_name, NULL, 10);
		snapshot->n_fds++;
	}
	return 0;
}

int surroundings_read(const uint32_t *tgids, size_t count, struct snapshot *snapshot)
{
	if (count > SURROUNDINGS_TASKS_MAX)
		count = SURROUNDINGS_TASKS_MAX;
	if (!count)
		return 0;
	snapshot->tasks = calloc(count, sizeof(*snapshot->tasks));
	snapshot->fds = calloc(SURROUNDINGS_FDS_MAX, sizeof(*snapshot->fds));
	if (!snapshot->tasks || !snapshot->fds)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++) {
		AUTO_CLOSE int process = open_process(tgids[i]);

		if (process < 0 ||
		    read_task(process, tgids[i], &snapshot->tasks[snapshot->n_tasks]))
			continue;
		snapshot->n_tasks++;
		read_fds(process, tgids[i], snapshot);
	}
	return 0;
}

int surroundings_ns_tgid(uint32_t tgid, uint32_t *ret)
{
	AUTO_CLOSE int process = open_process(tgid);
	char text[4096];
	ssize_t got;

	if (process < 0)
		return -errno;
	got = read_file(process, "status", text, sizeof(text));
	if (got < 0)
		return got;
	*ret = status_number(text, "\nNStgid:", true);
	return *ret ? 0 : -EBADMSG;
}

static bool differs(int process, int init, const char *name)
{
	struct stat theirs, inits;

	return !fstatat(process, name, &theirs, 0) && !fstatat(init, name, &inits, 0) &&
	       (theirs.st_dev != inits.st_dev || theirs.st_ino != inits.st_ino);
}

bool surroundings_is_contained(uint32_t tgid)
{
	AUTO_CLOSE int process = open_process(tgid);
	AUTO_CLOSE int init = open_process(1);

	if (process < 0 || init < 0)
		return false;
	return differs(process, init, "ns/pid") ||
	       (differs(process, init, "ns/mnt") && differs(process, init, "root"));
}
