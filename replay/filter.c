/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Matching entries of a timeline against what was asked for.  Between timeline and renderers.
 * Cheap conditions come first; a record is parsed once at most.
 */
#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "decode/value.h"
#include "replay/filter_build.h"
#include "replay/timeline.h"

int filter_new(enum arch arch, struct filter **ret)
{
	struct filter *filter = calloc(1, sizeof(*filter));

	if (!filter)
		return -ENOMEM;
	filter->arch = arch;
	*ret = filter;
	return 0;
}

void filter_free(struct filter *filter)
{
	if (!filter)
		return;
	for (size_t i = 0; i < filter->n_paths; i++)
		free(filter->paths[i]);
	for (size_t i = 0; i < filter->n_comms; i++)
		free(filter->comms[i]);
	free(filter->paths);
	free(filter->comms);
	free(filter->pids);
	free(filter);
}

bool filter_is_empty(const struct filter *filter)
{
	return !filter->conditions;
}

static bool has(uint32_t conditions, enum filter_key key)
{
	return conditions & (1U << key);
}

bool filter_asks(const struct filter *filter, enum filter_key key)
{
	return has(filter->conditions, key);
}

/* A bound as CLOCK_MONOTONIC; clipped to what the clock can be. */
static uint64_t bound_ns(const struct filter_time *time, const struct timeline *timeline)
{
	int64_t ns;

	if (time->is_absolute)
		ns = time->ns - timeline_snapshot(timeline)->realtime_offset_ns;
	else
		ns = (int64_t)timeline_zero_ns(timeline) + time->ns;
	return ns < 0 ? 0 : (uint64_t)ns;
}

static bool time_matches(const struct filter *filter, uint32_t conditions,
			 const struct timeline *timeline, const struct timeline_entry *entry)
{
	/* What was in flight at the end belongs to the end, however early it began. */
	if (entry->rank == TIMELINE_RANK_TIME && has(conditions, FILTER_SINCE) &&
	    entry->time_ns < bound_ns(&filter->since, timeline))
		return false;
	return !has(conditions, FILTER_UNTIL) ||
	       entry->time_ns <= bound_ns(&filter->until, timeline);
}

static bool pid_matches(const struct filter *filter, const struct timeline_task *task)
{
	for (size_t i = 0; i < filter->n_pids; i++) {
		if (filter->pids[i] == task->ns_tgid || filter->pids[i] == task->ns_tid)
			return true;
	}
	return false;
}

static bool comm_matches(const struct filter *filter, const struct timeline_task *task)
{
	for (size_t i = 0; i < filter->n_comms; i++) {
		if (!strcmp(filter->comms[i], task->comm))
			return true;
	}
	return false;
}

/* The syscall that an event is about; -1 if none. */
static int event_nr(const struct event *event)
{
	switch (event->type) {
	case IGREC_RECORD_SYSCALL:
	case IGREC_RECORD_EXEC:
		return event->nr;
	case IGREC_RECORD_EXIT:
		return event->nr == IGREC_NR_NONE ? -1 : event->nr;
	default:
		return -1;
	}
}

static bool syscall_matches(const struct filter *filter, const struct event *event)
{
	const struct syscall_descriptor *call;
	int nr = event_nr(event);

	if (nr < 0 || nr >= IGREC_SYSCALLS_MAX)
		return false;
	if (filter->syscalls[event->compat][nr / 64] & (1ULL << (nr % 64)))
		return true;
	call = syscall_of(filter->arch, (unsigned)nr, event->compat);
	return call && call->classes & filter->classes;
}

static int error_of(const struct event *event)
{
	bool failed = event->type == IGREC_RECORD_SYSCALL && event->result < 0 &&
		      event->result >= -FILTER_ERRNO_MAX;

	return failed ? (int)-event->result : 0;
}

static bool error_fits(const struct filter *filter, uint32_t conditions, int error)
{
	if (error < 0 || error > FILTER_ERRNO_MAX)
		error = 0;
	if (has(conditions, FILTER_FAILED) && !error)
		return false;
	return !has(conditions, FILTER_ERRNO) ||
	       (error && filter->errnos[error / 64] & (1ULL << (error % 64)));
}

bool filter_fits_error(const struct filter *filter, int error)
{
	return error_fits(filter, filter->conditions, error);
}

bool filter_fits_duration(const struct filter *filter, bool known, uint64_t duration_ns)
{
	return !has(filter->conditions, FILTER_SLOW) || (known && duration_ns >= filter->slow_ns);
}

static bool path_fits(const struct filter *filter, const void *data, size_t bytes)
{
	char path[IGREC_CAPTURE_ARGV_BYTES + 1];

	if (bytes > sizeof(path) - 1)
		bytes = sizeof(path) - 1;
	memcpy(path, data, bytes);
	path[bytes] = '\0';
	for (size_t i = 0; i < filter->n_paths; i++) {
		const char *wanted = filter->paths[i];

		if (strpbrk(wanted, "*?[") ? !fnmatch(wanted, path, 0) : !!strstr(path, wanted))
			return true;
	}
	return false;
}

bool filter_fits_path(const struct filter *filter, const void *path, size_t bytes)
{
	return !has(filter->conditions, FILTER_PATH) || path_fits(filter, path, bytes);
}

static bool socket_path_fits(const struct filter *filter, const struct value *address)
{
	struct value path;

	for (unsigned i = 0; i < address->layout->count; i++) {
		size_t skip;

		if (address->layout->fields[i].type != VALUE_SOCKET_PATH ||
		    !layout_member(address->layout, i, address->data, address->data_bytes, &path))
			continue;
		skip = path.data[0] ? 0 : 1; /* an abstract name begins with NUL */
		if (path_fits(filter, path.data + skip, path.data_bytes - skip))
			return true;
	}
	return false;
}

static bool value_fits(const struct filter *filter, const struct value *value)
{
	if (value->type == VALUE_PATH || value->type == VALUE_STRING)
		return path_fits(filter, value->data, value->data_bytes);
	return value->type == VALUE_STRUCT && socket_path_fits(filter, value);
}

static bool path_matches(const struct filter *filter, const struct event *event)
{
	const struct layout *layout;

	if (event->type == IGREC_RECORD_EXEC) {
		struct value file = exec_file(event);

		return value_fits(filter, &file);
	}
	if (event->type != IGREC_RECORD_SYSCALL)
		return false;
	layout = event_layout(filter->arch, event);
	for (unsigned i = 0; i < layout->count; i++) {
		struct value value = event_argument(event, layout, i);

		if (value_fits(filter, &value))
			return true;
	}
	return false;
}

static bool event_matches(const struct filter *filter, uint32_t conditions,
			  const struct event *event)
{
	if (has(conditions, FILTER_SYSCALL) && !syscall_matches(filter, event))
		return false;
	if (!error_fits(filter, conditions, error_of(event)))
		return false;
	if (has(conditions, FILTER_SLOW) &&
	    !filter_fits_duration(filter, event->entry_seen, event->duration_ns))
		return false;
	return !has(conditions, FILTER_PATH) || path_matches(filter, event);
}

static bool matches(const struct filter *filter, uint32_t conditions,
		    const struct timeline *timeline, const struct timeline_entry *entry)
{
	const struct timeline_task *task;
	struct event event;

	if (!conditions || entry->kind == TIMELINE_FAILURE)
		return true;
	if (has(conditions, FILTER_LANE) && !(filter->lanes & (1U << entry->lane)))
		return false;
	if (!time_matches(filter, conditions, timeline, entry))
		return false;
	if (entry->kind != TIMELINE_EVENT)
		return true;
	task = timeline_task_of(timeline, entry);
	if ((has(conditions, FILTER_PID) && !pid_matches(filter, task)) ||
	    (has(conditions, FILTER_COMM) && !comm_matches(filter, task)))
		return false;
	if (!(conditions & FILTER_NEEDS_EVENT))
		return true;
	timeline_event(entry, &event);
	return event_matches(filter, conditions, &event);
}

bool filter_matches(const struct filter *filter, const struct timeline *timeline,
		    const struct timeline_entry *entry)
{
	return matches(filter, filter->conditions, timeline, entry);
}

bool filter_matches_except(const struct filter *filter, const struct timeline *timeline,
			   const struct timeline_entry *entry, unsigned except)
{
	return matches(filter, filter->conditions & ~except, timeline, entry);
}
