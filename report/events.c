/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Timeline entries -> rows [entry, rel_ns, duration_ns, task, kind, flags, syscall, parameters,
 * ret].  The words are those of `igrec replay`: cells of its lines.
 */
#include "report/events.h"

#include <errno.h>
#include <stdlib.h>

#include "common/cleanup.h"
#include "decode/value.h"
#include "replay/render.h"

/* Bits of a row's flags; report/page/tape.js has the same. */
enum {
	ROW_FAILED = 1,
	ROW_IN_FLIGHT = 2,
	ROW_NO_ENTRY = 4,
	ROW_COMPAT = 8,
	ROW_SETUP = 16,
};

/* Of rows that are no record; records have the number of enum igrec_record_type. */
enum {
	ROW_GAP = 100,
	ROW_FAILURE = 101,
};

#define SHOWN_MAX ((size_t)(FINDINGS_MAX + 1) * FINDING_EVIDENCE_MAX)

struct events {
	const struct report *report;
	const struct timeline *timeline;
	struct render render;
	struct replay_options options;
	struct buf line;
	struct json *row;
	struct block *block;
	size_t evidence[SHOWN_MAX]; /* entries, rising */
	size_t n_evidence;
	const struct timeline_task **tasks; /* whose index is the row's number */
	uint32_t *number_of;		    /* by entry->task, plus 1; 0: it has none yet */
	size_t n_tasks, tasks_room, numbers_room;
	bool hide_setup;
};

/* ---- which entries ------------------------------------------------------------------------- */

static int by_index(const void *a, const void *b)
{
	size_t left = *(const size_t *)a, right = *(const size_t *)b;

	return (left > right) - (left < right);
}

static void note_evidence(struct events *events, const struct finding *finding)
{
	for (size_t i = 0; i < finding->n_evidence; i++)
		events->evidence[events->n_evidence++] = finding->evidence[i];
}

static void note_all_evidence(struct events *events, const struct explanation *explanation)
{
	for (size_t i = 0; i < explanation->findings.count; i++)
		note_evidence(events, &explanation->findings.all[i]);
	note_evidence(events, &explanation->last_acts);
	qsort(events->evidence, events->n_evidence, sizeof(events->evidence[0]), by_index);
}

static bool is_evidence(const struct events *events, size_t index)
{
	return bsearch(&index, events->evidence, events->n_evidence, sizeof(index), by_index);
}

static bool is_hidden(const struct events *events, const struct timeline_entry *entry)
{
	return events->hide_setup && timeline_is_setup(entry);
}

/* Of the entries that are not hidden, how many are too old. */
static size_t count_left_out(const struct events *events, size_t *ret_hidden)
{
	size_t count = timeline_count(events->timeline), hidden = 0;

	for (size_t i = 0; i < count; i++)
		hidden += is_hidden(events, timeline_at(events->timeline, i));
	*ret_hidden = hidden;
	count -= hidden;
	return events->report->events && count > events->report->events
		       ? count - events->report->events
		       : 0;
}

/* ---- one row ------------------------------------------------------------------------------- */

static int grow_numbers(struct events *events, uint32_t task)
{
	size_t room = events->numbers_room ? events->numbers_room : 64;
	uint32_t *grown;

	while (room <= task)
		room *= 2;
	grown = reallocarray(events->number_of, room, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	memset(grown + events->numbers_room, 0, (room - events->numbers_room) * sizeof(*grown));
	events->number_of = grown;
	events->numbers_room = room;
	return 0;
}

/* The number that rows give a task, -1 for none. */
static int task_number(struct events *events, const struct timeline_entry *entry, int64_t *ret)
{
	const struct timeline_task *task = timeline_task_of(events->timeline, entry);

	*ret = -1;
	if (entry->kind != TIMELINE_EVENT || (!task->tid && !task->comm[0]))
		return 0;
	if (entry->task >= events->numbers_room && grow_numbers(events, entry->task))
		return -ENOMEM;
	if (!events->number_of[entry->task]) {
		size_t room = events->tasks_room ? 2 * events->tasks_room : 64;
		const struct timeline_task **grown = events->tasks;

		if (events->n_tasks == events->tasks_room) {
			grown = reallocarray(events->tasks, room, sizeof(*grown));
			if (!grown)
				return -ENOMEM;
			events->tasks = grown;
			events->tasks_room = room;
		}
		events->tasks[events->n_tasks++] = task;
		events->number_of[entry->task] = (uint32_t)events->n_tasks;
	}
	*ret = (int64_t)events->number_of[entry->task] - 1;
	return 0;
}

static unsigned flags_of(const struct events *events, const struct timeline_entry *entry,
			 const struct event *event)
{
	bool is_call = event->type == IGREC_RECORD_SYSCALL || event->type == IGREC_RECORD_EXEC;
	unsigned flags = 0;

	if (event->type == IGREC_RECORD_SYSCALL && !entry->in_flight &&
	    event_result(events->report->arch, event).kind == RESULT_ERRNO)
		flags |= ROW_FAILED;
	if (entry->in_flight)
		flags |= ROW_IN_FLIGHT;
	if (is_call && !event->entry_seen)
		flags |= ROW_NO_ENTRY;
	if (event->compat)
		flags |= ROW_COMPAT;
	if (event->setup)
		flags |= ROW_SETUP;
	return flags;
}

static void add_cell(struct events *events, enum render_cell cell)
{
	struct render_span span = events->render.cells[cell];

	json_add_bytes(events->row, NULL, events->line.data + span.at, span.bytes);
}

static int put_row(struct events *events, size_t index)
{
	const struct timeline_entry *entry = timeline_at(events->timeline, index);
	bool is_event = entry->kind == TIMELINE_EVENT;
	uint64_t zero_ns = timeline_zero_ns(events->timeline);
	struct event event = {0};
	int64_t task;
	int err = task_number(events, entry, &task);

	if (err)
		return err;
	if (is_event)
		timeline_event(entry, &event);
	buf_clear(&events->line);
	events->render.index = index;
	objects_seek(events->render.objects, index);
	render_columns(&events->render, entry, &events->line);
	if (events->line.failed)
		return -ENOMEM;
	json_clear(events->row);
	json_add_uint(events->row, NULL, index);
	json_add_int(events->row, NULL, (int64_t)(entry->time_ns - zero_ns));
	json_add_uint(events->row, NULL, is_event ? event.duration_ns : 0);
	json_add_int(events->row, NULL, task);
	json_add_uint(events->row, NULL,
		      is_event				? event.type
		      : entry->kind == TIMELINE_FAILURE ? ROW_FAILURE
							: ROW_GAP);
	json_add_uint(events->row, NULL, is_event ? flags_of(events, entry, &event) : 0);
	add_cell(events, RENDER_SYSCALL);
	add_cell(events, RENDER_PARAMETERS);
	add_cell(events, RENDER_RET);
	block_json(events->block, events->row);
	return events->block->err;
}

/* ---- all of them --------------------------------------------------------------------------- */

static void put_tasks(struct events *events)
{
	block_text(events->block, "],\n\"tasks\":[");
	for (size_t i = 0; i < events->n_tasks; i++) {
		const struct timeline_task *task = events->tasks[i];

		json_clear(events->row);
		json_add_uint(events->row, NULL, task->ns_tgid);
		json_add_uint(events->row, NULL, task->ns_tid);
		json_add_uint(events->row, NULL, task->tgid);
		json_add_uint(events->row, NULL, task->tid);
		json_add_text(events->row, NULL, task->comm);
		block_text(events->block, i ? ",\n" : "\n");
		block_json(events->block, events->row);
	}
	block_text(events->block, "]");
}

static void put_counts(struct events *events, size_t left_out, size_t hidden)
{
	struct json *counts = json_new_object();

	json_add_uint(counts, "left_out", left_out);
	json_add_uint(counts, "setup_hidden", hidden);
	block_text(events->block, ",\n\"not_shown\":");
	block_json(events->block, counts);
	json_free(counts);
}

static int put_rows(struct events *events, struct report_counts *counts)
{
	size_t count = timeline_count(events->timeline), hidden, seen = 0;
	size_t left_out = count_left_out(events, &hidden);
	int err = 0;

	counts->left_out = left_out;
	block_text(events->block, ",\n\"events\":[");
	for (size_t i = 0; !err && i < count; i++) {
		bool shown =
			!is_hidden(events, timeline_at(events->timeline, i)) && seen++ >= left_out;

		if (!shown && !is_evidence(events, i))
			continue;
		block_text(events->block, counts->events++ ? ",\n" : "\n");
		err = put_row(events, i);
	}
	put_tasks(events);
	put_counts(events, left_out, hidden);
	return err ? err : events->block->err;
}

int events_put(const struct report *report, const struct explanation *explanation,
	       struct block *block, struct report_counts *counts)
{
	struct events events = {
		.report = report,
		.timeline = explanation->timeline,
		.options = {.arch = report->arch,
			    .format = REPLAY_COLUMNS,
			    .fds = REPLAY_FDS_ADDRESSES},
		.row = json_new_array(),
		.block = block,
		.hide_setup = !report->setup && timeline_has_started(explanation->timeline),
	};
	int err = objects_new(events.timeline, report->arch, OBJECT_STYLE_ADDRESS,
			      &events.render.objects);

	events.render.timeline = events.timeline;
	events.render.options = &events.options;
	note_all_evidence(&events, explanation);
	if (!err)
		err = put_rows(&events, counts);
	objects_free(events.render.objects);
	buf_done(&events.render.identity);
	buf_done(&events.render.scratch);
	buf_done(&events.line);
	json_free(events.row);
	free(events.tasks);
	free(events.number_of);
	return err;
}
