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

static bool asked(const struct filter *filter, enum filter_key key)
{
	return filter->conditions & (1U << key);
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

static bool time_matches(const struct filter *filter, const struct timeline *timeline,
			 const struct timeline_entry *entry)
{
	/* What was in flight at the end belongs to the end, however early it began. */
	if (entry->rank == TIMELINE_RANK_TIME && asked(filter, FILTER_SINCE) &&
	    entry->time_ns < bound_ns(&filter->since, timeline))
		return false;
	return !asked(filter, FILTER_UNTIL) || entry->time_ns <= bound_ns(&filter->until, timeline);
}

static bool pid_matches(const struct filter *filter, const struct timeline_task *task)
{
	for (size_t i = 0; i < filter->n_pids; i++) {
		if (filter->pids[i] == task->ns_tgid || filter->pids[i] == task->ns_tid)
			return true;
	}
	return !filter->n_pids;
}

static bool comm_matches(const struct filter *filter, const struct timeline_task *task)
{
	for (size_t i = 0; i < filter->n_comms; i++) {
		if (!strcmp(filter->comms[i], task->comm))
			return true;
	}
	return !filter->n_comms;
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

static bool errno_matches(const struct filter *filter, const struct event *event)
{
	int64_t error = -event->result;

	return event->type == IGREC_RECORD_SYSCALL && error > 0 && error <= FILTER_ERRNO_MAX &&
	       filter->errnos[error / 64] & (1ULL << (error % 64));
}

static bool is_failure(const struct event *event)
{
	return event->type == IGREC_RECORD_SYSCALL && event->result < 0 &&
	       event->result >= -FILTER_ERRNO_MAX;
}

static bool path_fits(const struct filter *filter, const unsigned char *data, size_t bytes)
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

static bool event_matches(const struct filter *filter, const struct event *event)
{
	if (asked(filter, FILTER_SYSCALL) && !syscall_matches(filter, event))
		return false;
	if (asked(filter, FILTER_FAILED) && !is_failure(event))
		return false;
	if (asked(filter, FILTER_ERRNO) && !errno_matches(filter, event))
		return false;
	if (asked(filter, FILTER_SLOW) &&
	    (!event->entry_seen || event->duration_ns < filter->slow_ns))
		return false;
	return !asked(filter, FILTER_PATH) || path_matches(filter, event);
}

bool filter_matches(const struct filter *filter, const struct timeline *timeline,
		    const struct timeline_entry *entry)
{
	const struct timeline_task *task;
	struct event event;

	if (!filter->conditions || entry->kind == TIMELINE_FAILURE)
		return true;
	if (asked(filter, FILTER_LANE) && !(filter->lanes & (1U << entry->lane)))
		return false;
	if (!time_matches(filter, timeline, entry))
		return false;
	if (entry->kind != TIMELINE_EVENT)
		return true;
	task = timeline_task_of(timeline, entry);
	if (!pid_matches(filter, task) || !comm_matches(filter, task))
		return false;
	if (!(filter->conditions & FILTER_NEEDS_EVENT))
		return true;
	timeline_event(entry, &event);
	return event_matches(filter, &event);
}
