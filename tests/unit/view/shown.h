/* SPDX-License-Identifier: Apache-2.0 */
/* The rows of a view of a story, as text that tests compare. */
#ifndef TESTS_UNIT_VIEW_SHOWN_H
#define TESTS_UNIT_VIEW_SHOWN_H

#include <inttypes.h>
#include <signal.h>

#include "common/buf.h"
#include "tests/unit/replay/objects_story.h"
#include "view/view.h"

struct shown {
	const struct view *view;
	const char *columns; /* "path error", apart by spaces */
	struct buf text;
};

static inline void add_cell(struct shown *shown, const struct view_column *column,
			    const struct view_cell *cell)
{
	if (!cell->known) {
		buf_add_char(&shown->text, '-');
		return;
	}
	if (column->type != VIEW_TEXT && column->type != VIEW_LIST) {
		buf_printf(&shown->text, "%" PRIi64, cell->number);
		return;
	}
	for (size_t i = 0; i < cell->bytes; i++)
		buf_add_char(&shown->text, cell->text[i] ? cell->text[i] : ',');
}

static inline int show_row(void *user, const struct view_cell *cells)
{
	struct shown *shown = user;
	const char *at = shown->columns;

	while (*at) {
		char name[64] = "";
		size_t bytes = strcspn(at, " ");
		int column;

		memcpy(name, at, bytes);
		column = view_column_find(shown->view, name);
		must(column >= 0);
		if (at != shown->columns)
			buf_add_char(&shown->text, '|');
		add_cell(shown, &shown->view->columns[column], &cells[column]);
		at += bytes + strspn(at + bytes, " ");
	}
	buf_add_char(&shown->text, '\n');
	return 0;
}

/* filter: NULL, or is freed. The snapshot stays. */
static inline void assert_rows_of(const struct snapshot *snapshot, const char *view,
				  const char *columns, struct filter *filter, const char *wanted)
{
	struct shown shown = {.view = view_find(view), .columns = columns};
	struct view_query query = {.arch = ARCH_X86_64, .filter = filter, .hide_setup = true};
	struct timeline *timeline = NULL;

	must(shown.view && !timeline_new(snapshot, &timeline));
	query.timeline = timeline;
	must(!view_each(shown.view, &query, show_row, &shown));
	assert_string_equal(buf_text(&shown.text), wanted);
	buf_done(&shown.text);
	timeline_free(timeline);
	filter_free(filter);
}

/* And the story is over. */
static inline void assert_rows(struct story *story, const char *view, const char *columns,
			       const char *wanted)
{
	assert_rows_of(story->tape.snapshot, view, columns, NULL, wanted);
	snapshot_free(story->tape.snapshot);
}

static inline struct filter *filter_with(enum filter_key key, const char *value)
{
	struct filter_error error;
	struct filter *filter = NULL;

	must(!filter_new(ARCH_X86_64, &filter) && !filter_add(filter, key, value, &error));
	return filter;
}

/* The first record of a container's program: what comes before it may be set-up. */
static inline void tell_program(struct story *story, const struct sample_task *task,
				const char *file, const char *argv, size_t argv_bytes)
{
	const struct igrec_exec body = {.old_tid = task->tid};
	struct sample_record record = {
		.type = IGREC_RECORD_EXEC,
		.lane = IGREC_LANE_VITAL,
		.task = task,
		.time_ns = TAPE_ZERO - story->before_ns,
		.duration_ns = 1000,
		.nr = nr_of("execve"),
		.body = &body,
		.body_bytes = sizeof(body),
		.captures = 2,
		.capture = {{0, 0, file, (uint16_t)strlen(file)},
			    {1, 0, argv, (uint16_t)argv_bytes}},
	};

	sample_add(&story->tape, &record);
	story->before_ns -= MS;
}

static inline void tell_end(struct story *story, const struct sample_task *task, int code)
{
	const struct igrec_exit body = {.code = code, .group_code = code, .last = 1};

	put_event(&story->tape, IGREC_RECORD_EXIT, task, story->before_ns, nr_of("exit_group"),
		  &body, sizeof(body));
	story->before_ns -= MS;
}

#endif
