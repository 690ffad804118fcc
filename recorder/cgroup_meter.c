/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See cgroup_meter.h.  A table says which file has which figure.  Where the memory controller is
 * one of version 1, its files have figures that those of version 2 lack, and the other way round;
 * CPU time is always known to the default hierarchy.
 */
#include "recorder/cgroup_meter.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/cleanup.h"

#define NOT_THERE  (-1)
#define TEXT_BYTES 2048 /* of a file, beyond which it is not read */
#define US_NS	   1000
#define IDLE_MAX   5 /* readings of the CPU time alone */

/* A figure in a file: alone there, behind a key at a line's beginning, or the sum of all numbers
 * that follow a word anywhere. */
enum figure_kind { FIGURE_ALONE, FIGURE_LINE, FIGURE_SUM };

struct figure {
	enum figure_kind kind;
	const char *key;
	size_t offset; /* in struct snapshot_sample */
	int64_t unit;
};

#define TO(member)  offsetof(struct snapshot_sample, member)
#define FIGURES_MAX 3

static const struct meter_file {
	enum cgroup_hierarchy hierarchy;
	const char *name;
	struct figure figure[FIGURES_MAX];
} files[] = {
	{CGROUP_UNIFIED,
	 "cpu.stat",
	 {{FIGURE_LINE, "usage_usec", TO(cpu_ns), US_NS},
	  {FIGURE_LINE, "nr_throttled", TO(throttled), 1},
	  {FIGURE_LINE, "throttled_usec", TO(throttled_ns), US_NS}}},
	{CGROUP_UNIFIED, "memory.current", {{FIGURE_ALONE, NULL, TO(memory_bytes), 1}}},
	{CGROUP_UNIFIED, "memory.events", {{FIGURE_LINE, "max", TO(limit_hits), 1}}},
	{CGROUP_UNIFIED, "pids.current", {{FIGURE_ALONE, NULL, TO(pids), 1}}},
	{CGROUP_UNIFIED,
	 "io.stat",
	 {{FIGURE_SUM, " rbytes=", TO(read_bytes), 1},
	  {FIGURE_SUM, " wbytes=", TO(written_bytes), 1}}},
	{CGROUP_MEMORY, "memory.usage_in_bytes", {{FIGURE_ALONE, NULL, TO(memory_bytes), 1}}},
	{CGROUP_MEMORY, "memory.failcnt", {{FIGURE_ALONE, NULL, TO(limit_hits), 1}}},
	{CGROUP_MEMORY, "memory.memsw.failcnt", {{FIGURE_ALONE, NULL, TO(limit_hits), 1}}},
	{CGROUP_PIDS, "pids.current", {{FIGURE_ALONE, NULL, TO(pids), 1}}},
	{CGROUP_CPU,
	 "cpu.stat",
	 {{FIGURE_LINE, "nr_throttled", TO(throttled), 1},
	  {FIGURE_LINE, "throttled_time", TO(throttled_ns), 1}}},
	{CGROUP_IO,
	 "blkio.throttle.io_service_bytes_recursive",
	 {{FIGURE_SUM, " Read ", TO(read_bytes), 1},
	  {FIGURE_SUM, " Write ", TO(written_bytes), 1}}},
};
_Static_assert(ARRAY_SIZE(files) == CGROUP_METER_FILES, "the header's count");

/* ---- files ------------------------------------------------------------------------------ */

static int open_file(const struct meter_file *file, const struct cgroup_place *place)
{
	const char *directory = place->directory[file->hierarchy];
	char path[PATH_MAX];
	int fd;

	if (!directory ||
	    snprintf(path, sizeof(path), "%s/%s", directory, file->name) >= (int)sizeof(path))
		return -ENOENT;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

/* Its text, NUL-terminated. 0 or -errno. */
static int read_file(int *slot, const struct meter_file *file, const struct cgroup_place *place,
		     bool keep, char text[TEXT_BYTES])
{
	int fd = *slot > 0 ? *slot : open_file(file, place);
	ssize_t got;

	if (fd < 0) {
		if (fd == -ENOENT)
			*slot = NOT_THERE;
		return fd;
	}
	got = pread(fd, text, TEXT_BYTES - 1, 0);
	if (got < 0)
		got = -errno;
	else
		text[got] = '\0';
	if (*slot <= 0 && keep)
		*slot = fd;
	else if (*slot <= 0)
		close(fd);
	return got < 0 ? (int)got : 0;
}

unsigned cgroup_meter_open_files(const struct cgroup_meter *meter)
{
	unsigned count = 0;

	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		count += meter->fd[i] > 0;
	return count;
}

void cgroup_meter_close(struct cgroup_meter *meter)
{
	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		if (meter->fd[i] > 0)
			close(meter->fd[i]);
	*meter = (struct cgroup_meter){0};
}

/* ---- figures ---------------------------------------------------------------------------- */

/* Behind "key " at the beginning of a line; NULL. */
static const char *behind_key(const char *text, const char *key)
{
	size_t bytes = strlen(key);

	while (text) {
		if (!strncmp(text, key, bytes) && text[bytes] == ' ')
			return text + bytes + 1;
		text = strchr(text, '\n');
		text = text ? text + 1 : NULL;
	}
	return NULL;
}

static int64_t number_at(const char *text)
{
	char *end;
	int64_t value = strtoll(text, &end, 10);

	return end == text ? -1 : value;
}

static int64_t sum_of(const char *text, const char *word)
{
	int64_t sum = 0;

	while ((text = strstr(text, word))) {
		text += strlen(word);
		sum += strtoll(text, NULL, 10);
	}
	return sum;
}

/* Of what two files count, the sum. */
static void take_figure(const char *text, const struct figure *figure, struct snapshot_sample *ret)
{
	int64_t *to = (int64_t *)((char *)ret + figure->offset);
	const char *at = text;
	int64_t value = -1;

	if (figure->kind == FIGURE_LINE)
		at = behind_key(text, figure->key);
	if (figure->kind != FIGURE_SUM)
		value = at ? number_at(at) : -1;
	else if (strlen(text) < TEXT_BYTES - 1) /* of a part there is no sum */
		value = sum_of(text, figure->key);
	if (value >= 0)
		*to = (*to < 0 ? 0 : *to) + value * figure->unit;
}

static bool read_one(struct cgroup_meter *meter, size_t index, const struct cgroup_place *place,
		     bool keep, struct snapshot_sample *ret)
{
	char text[TEXT_BYTES];

	if (meter->fd[index] == NOT_THERE ||
	    read_file(&meter->fd[index], &files[index], place, keep, text))
		return false;
	for (size_t i = 0; i < FIGURES_MAX && files[index].figure[i].unit; i++)
		take_figure(text, &files[index].figure[i], ret);
	return true;
}

int cgroup_meter_read(struct cgroup_meter *meter, const struct cgroup_place *place, bool keep,
		      uint64_t now_ns, struct snapshot_sample *ret)
{
	struct snapshot_sample sample = {now_ns, -1, -1, -1, -1, -1, -1, -1, -1};
	unsigned found = read_one(meter, 0, place, keep, &sample); /* the CPU time */

	if (found && keep && sample.cpu_ns == meter->last.cpu_ns && meter->idle < IDLE_MAX) {
		meter->idle++;
		*ret = meter->last;
		ret->time_ns = now_ns;
		return 0;
	}
	for (size_t i = 1; i < ARRAY_SIZE(files); i++)
		found += read_one(meter, i, place, keep, &sample);
	if (!found)
		return -ENOENT;
	meter->idle = 0;
	meter->last = *ret = sample;
	return 0;
}
