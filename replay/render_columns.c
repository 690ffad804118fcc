/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The default view.  Lines stream out as they come, so widths are fixed; what is longer moves the
 * rest of its line, nothing is cut.
 */
#include <string.h>

#include "common/cleanup.h"
#include "common/escape.h"
#include "replay/call_text.h"
#include "replay/number.h"
#include "replay/render.h"
#include "replay/restart_text.h"
#include "replay/words.h"

#define COLOUR_FAILED  "\033[31m"
#define COLOUR_GAP     "\033[33m"
#define COLOUR_FAILURE "\033[1;31m"
#define COLOUR_END     "\033[0m"

struct column {
	const char *title;
	unsigned width;
	bool right;
	bool wide_only;
};

enum {
	COLUMN_NODE,
	COLUMN_NAMESPACE,
	COLUMN_POD,
	COLUMN_CONTAINER,
	COLUMN_TIME,
	COLUMN_CPU,
	COLUMN_PID,
	COLUMN_TID,
	COLUMN_COMM,
	COLUMN_LANE,
	COLUMN_SYSCALL,
	COLUMN_PARAMETERS,
	COLUMN_RET,
	COLUMN_DURATION,
	COLUMNS,
};

static const struct column columns[COLUMNS] = {
	[COLUMN_NODE] = {"K8S.NODE", 16, false, true},
	[COLUMN_NAMESPACE] = {"K8S.NAMESPACE", 14, false, true},
	[COLUMN_POD] = {"K8S.PODNAME", 24, false, true},
	[COLUMN_CONTAINER] = {"K8S.CONTAINERNAME", 17, false, true},
	[COLUMN_TIME] = {"TIME", 12, true, false},
	[COLUMN_CPU] = {"CPU", 3, true, true},
	[COLUMN_PID] = {"PID", 6, true, false},
	[COLUMN_TID] = {"TID", 7, true, true},
	[COLUMN_COMM] = {"COMM", 15, false, false},
	[COLUMN_LANE] = {"LANE", 5, false, true},
	[COLUMN_SYSCALL] = {"SYSCALL", 16, false, false},
	[COLUMN_PARAMETERS] = {"PARAMETERS", 56, false, false},
	[COLUMN_RET] = {"RET", 12, false, false},
	[COLUMN_DURATION] = {"DURATION", 0, false, false},
};

/* Ends a column that began at `start`, with two spaces behind it. */
static void end_column(struct buf *out, size_t start, unsigned column)
{
	if (columns[column].right)
		align_right(out, start, columns[column].width);
	else
		align_left(out, start, columns[column].width);
	buf_add(out, "  ", 2);
}

static bool is_shown(const struct render *render, unsigned column)
{
	return render->options->format == REPLAY_WIDE || !columns[column].wide_only;
}

/* No spaces at the end of a line. */
static void end_line(struct buf *out)
{
	while (out->bytes && out->data[out->bytes - 1] == ' ')
		out->bytes--;
	buf_add_char(out, '\n');
}

void render_columns_header(struct render *render, struct buf *out)
{
	for (unsigned i = 0; i < COLUMNS; i++) {
		size_t start = out->bytes;

		if (!is_shown(render, i))
			continue;
		buf_add_text(out, columns[i].title);
		end_column(out, start, i);
	}
	end_line(out);
}

static void text_column(struct buf *out, unsigned column, const char *text)
{
	size_t start = out->bytes;

	if (text && *text)
		escape_name_text(out, text);
	else
		buf_add_char(out, '-');
	end_column(out, start, column);
}

/* Zero stands for "not known". */
static void number_column(struct buf *out, unsigned column, uint64_t number)
{
	size_t start = out->bytes;

	if (number)
		number_unsigned(out, number);
	else
		buf_add_char(out, '-');
	end_column(out, start, column);
}

static void identity_columns(struct render *render, struct buf *out)
{
	const struct container_identity *identity = &timeline_snapshot(render->timeline)->identity;

	if (render->options->format != REPLAY_WIDE)
		return;
	if (!render->identity.bytes) {
		text_column(&render->identity, COLUMN_NODE, identity->node);
		text_column(&render->identity, COLUMN_NAMESPACE, identity->namespace);
		text_column(&render->identity, COLUMN_POD, identity->pod);
		text_column(&render->identity, COLUMN_CONTAINER, identity->container);
	}
	buf_add(out, render->identity.data, render->identity.bytes);
}

/* Everything left of SYSCALL. event: NULL where there is none. */
static void left_columns(struct render *render, const struct timeline_entry *entry,
			 const struct timeline_task *task, const struct event *event,
			 struct buf *out)
{
	bool wide = render->options->format == REPLAY_WIDE;
	bool has_lane = entry->kind != TIMELINE_FAILURE;
	size_t start;

	identity_columns(render, out);
	start = out->bytes;
	number_seconds(out, (int64_t)(entry->time_ns - timeline_zero_ns(render->timeline)));
	end_column(out, start, COLUMN_TIME);
	if (wide) {
		start = out->bytes;
		if (event)
			number_unsigned(out, event->cpu);
		else
			buf_add_char(out, '-');
		end_column(out, start, COLUMN_CPU);
	}
	number_column(out, COLUMN_PID, task->ns_tgid);
	if (wide)
		number_column(out, COLUMN_TID, task->tid);
	text_column(out, COLUMN_COMM, task->comm);
	if (wide)
		text_column(out, COLUMN_LANE, has_lane ? lane_name(entry->lane) : NULL);
}

/* What was appended since `start` is that cell of the line. */
static void note_cell(struct render *render, enum render_cell cell, size_t start,
		      const struct buf *out)
{
	render->cells[cell] = (struct render_span){start, out->bytes - start};
}

static void syscall_column(struct render *render, const char *name, struct buf *out)
{
	size_t start = out->bytes;

	escape_name_text(out, name);
	note_cell(render, RENDER_SYSCALL, start, out);
	end_column(out, start, COLUMN_SYSCALL);
}

static void short_result(struct buf *out, const struct result *result)
{
	if (result->kind == RESULT_VALUE) {
		result_text(out, result);
		return;
	}
	buf_add_text(out, result->kind == RESULT_ERRNO ? "-1 " : "? ");
	errno_text_short(out, result->error);
}

static void call_columns(struct render *render, const struct timeline_entry *entry,
			 const struct event *event, struct buf *out)
{
	enum arch arch = render->options->arch;
	struct result result = event_result(arch, event);
	char room[SYSCALL_NAME_BYTES];
	size_t start;

	syscall_column(render, syscall_name(arch, event->nr, event->compat, room), out);
	start = out->bytes;
	if (!restart_text(out, render, event))
		arguments_text(out, arch, event, render->objects);
	note_cell(render, RENDER_PARAMETERS, start, out);
	end_column(out, start, COLUMN_PARAMETERS);
	start = out->bytes;
	if (entry->in_flight) {
		buf_add_text(out, "(in flight)");
	} else {
		short_result(out, &result);
		result_object_text(out, &result, render->objects);
	}
	note_cell(render, RENDER_RET, start, out);
	end_column(out, start, COLUMN_RET);
	if (event->entry_seen)
		number_duration(out, event->duration_ns);
	else
		buf_add_text(out, "(entry not seen)");
	if (event->compat)
		buf_add_text(out, "  (32-bit)");
	if (event->setup)
		buf_add_text(out, "  (before the container's first exec)");
}

static void exit_columns(struct render *render, const struct event *event, struct buf *out)
{
	char room[SYSCALL_NAME_BYTES];
	size_t start;

	if (event->nr == IGREC_NR_NONE) {
		syscall_column(render, "<exit>", out);
		start = out->bytes;
		status_text(out, event->exit.code);
		note_cell(render, RENDER_PARAMETERS, start, out);
		return;
	}
	syscall_column(render, syscall_name(render->options->arch, event->nr, event->compat, room),
		       out);
	start = out->bytes;
	number_signed(out, exit_argument(event));
	note_cell(render, RENDER_PARAMETERS, start, out);
	end_column(out, start, COLUMN_PARAMETERS);
	start = out->bytes;
	buf_add_char(out, '?');
	note_cell(render, RENDER_RET, start, out);
	buf_add_text(out, event->compat ? "  (32-bit)" : "");
}

/* What is no call: its name, and words that take the rest of the line. */
static void words_columns(struct render *render, const struct timeline_entry *entry,
			  const struct timeline_task *task, const struct event *event,
			  struct buf *out)
{
	static const char *const names[] = {
		[IGREC_RECORD_FORK] = "<fork>",
		[IGREC_RECORD_SIGNAL] = "<signal>",
		[IGREC_RECORD_OOM] = "<oom>",
	};
	size_t start;

	if (event)
		syscall_column(render, names[event->type], out);
	else
		syscall_column(render, entry->kind == TIMELINE_FAILURE ? "<failure>" : "<gap>",
			       out);
	start = out->bytes;
	if (!event && entry->kind == TIMELINE_FAILURE)
		failure_words(out, render->timeline);
	else if (!event)
		gap_words(out, entry);
	else if (event->type == IGREC_RECORD_FORK)
		fork_words(out, task, event);
	else if (event->type == IGREC_RECORD_SIGNAL)
		signal_words(out, event);
	else
		oom_words(out, render->timeline, event);
	note_cell(render, RENDER_PARAMETERS, start, out);
}

/* From SYSCALL on. event: NULL where there is none. */
static void right_columns(struct render *render, const struct timeline_entry *entry,
			  const struct timeline_task *task, const struct event *event,
			  struct buf *out)
{
	if (event && (event->type == IGREC_RECORD_SYSCALL || event->type == IGREC_RECORD_EXEC))
		call_columns(render, entry, event, out);
	else if (event && event->type == IGREC_RECORD_EXIT)
		exit_columns(render, event, out);
	else
		words_columns(render, entry, task, event, out);
}

static const char *colour_of(const struct timeline_entry *entry, const struct event *event)
{
	if (entry->kind == TIMELINE_FAILURE)
		return COLOUR_FAILURE;
	if (entry->kind != TIMELINE_EVENT)
		return COLOUR_GAP;
	if (event->type == IGREC_RECORD_SYSCALL && event->result < 0 && event->result >= -4095)
		return COLOUR_FAILED;
	return NULL;
}

static void failed_task(const struct failure *failure, struct timeline_task *ret)
{
	*ret = (struct timeline_task){.tid = failure->tgid, .ns_tgid = failure->ns_tgid};
	memcpy(ret->comm, failure->comm, sizeof(ret->comm));
}

void render_columns(struct render *render, const struct timeline_entry *entry, struct buf *out)
{
	struct timeline_task task = *timeline_task_of(render->timeline, entry);
	bool is_event = entry->kind == TIMELINE_EVENT;
	const char *colour;
	struct event event;

	if (is_event)
		timeline_event(entry, &event);
	if (entry->kind == TIMELINE_FAILURE)
		failed_task(&timeline_snapshot(render->timeline)->failure, &task);
	colour = render->options->colour ? colour_of(entry, &event) : NULL;
	if (colour)
		buf_add_text(out, colour);
	memset(render->cells, 0, sizeof(render->cells));
	left_columns(render, entry, &task, is_event ? &event : NULL, out);
	right_columns(render, entry, &task, is_event ? &event : NULL, out);
	if (colour)
		buf_add_text(out, COLOUR_END);
	end_line(out);
}
