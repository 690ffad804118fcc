/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Between a view and who takes its rows.  Texts of a row lie in one buffer, which may move while it
 * grows: until the row is handed over, cells hold offsets.
 */
#include "view/rows.h"

#include <assert.h>
#include <errno.h>

void rows_init(struct view_rows *rows, const struct view *view, const struct view_query *query,
	       view_row_fn row, void *user)
{
	assert(view->n_columns <= VIEW_COLUMNS_MAX);
	*rows = (struct view_rows){.view = view, .query = query, .row = row, .user = user};
}

void rows_done(struct view_rows *rows)
{
	buf_done(&rows->texts);
}

void rows_drop(struct view_rows *rows)
{
	memset(rows->cells, 0, rows->view->n_columns * sizeof(rows->cells[0]));
	rows->is_text = 0;
	buf_clear(&rows->texts);
}

void rows_set_int(struct view_rows *rows, unsigned column, int64_t value)
{
	assert(column < rows->view->n_columns);
	rows->cells[column] = (struct view_cell){.known = true, .number = value};
}

void rows_set_id(struct view_rows *rows, unsigned column, uint32_t id)
{
	if (id)
		rows_set_int(rows, column, id);
}

void rows_set_bool(struct view_rows *rows, unsigned column, bool value)
{
	rows_set_int(rows, column, value);
}

void rows_set_time(struct view_rows *rows, unsigned column, uint64_t time_ns)
{
	const struct snapshot *snapshot = timeline_snapshot(rows->query->timeline);
	int64_t real_ns;

	if (time_ns &&
	    !__builtin_add_overflow((int64_t)time_ns, snapshot->realtime_offset_ns, &real_ns))
		rows_set_int(rows, column, real_ns);
}

void rows_set_text(struct view_rows *rows, unsigned column, const void *text, size_t bytes)
{
	if (!text)
		return;
	rows_set_int(rows, column, (int64_t)rows->texts.bytes);
	rows->cells[column].bytes = bytes;
	rows->is_text |= 1U << column;
	buf_add(&rows->texts, text, bytes);
}

void rows_set_string(struct view_rows *rows, unsigned column, const char *text)
{
	rows_set_text(rows, column, text, text ? strlen(text) : 0);
}

struct buf *rows_begin_text(struct view_rows *rows, unsigned column)
{
	rows_set_text(rows, column, "", 0);
	return &rows->texts;
}

void rows_end_text(struct view_rows *rows, unsigned column)
{
	struct view_cell *cell = &rows->cells[column];

	cell->bytes = rows->texts.bytes - (size_t)cell->number;
	cell->known = cell->bytes;
}

int rows_put(struct view_rows *rows)
{
	int err = rows->texts.failed ? -ENOMEM : 0;

	for (unsigned i = 0; !err && i < rows->view->n_columns; i++) {
		struct view_cell *cell = &rows->cells[i];

		if (!(rows->is_text & 1U << i))
			continue;
		cell->text = cell->bytes ? rows->texts.data + cell->number : "";
		cell->number = 0;
	}
	if (!err)
		err = rows->row(rows->user, rows->cells);
	rows_drop(rows);
	return err;
}
