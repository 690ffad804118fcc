/* SPDX-License-Identifier: Apache-2.0 */
/* While rows come in, cells of texts hold offsets: the buffer moves as it grows. */
#include "sql/rows.h"

#include <errno.h>
#include <stdlib.h>

#include "common/cleanup.h"
#include "common/escape.h"
#include "common/json.h"

DEFINE_CLEANUP(rows, struct sql_rows *, sql_rows_free)

struct taker {
	const struct view *view;
	struct sql_rows *rows;
	size_t room;
};

static int make_room(struct taker *taker)
{
	struct sql_rows *rows = taker->rows;
	size_t wanted = taker->room ? 2 * taker->room : 64;
	void *grown;

	if (rows->count < taker->room)
		return 0;
	grown = reallocarray(rows->cells, wanted * rows->n_columns, sizeof(*rows->cells));
	if (!grown)
		return -ENOMEM;
	rows->cells = grown;
	taker->room = wanted;
	return 0;
}

static void add_list(struct buf *out, const struct view_cell *cell)
{
	const char *at = cell->text, *end = at + cell->bytes;
	struct json *list = json_new_array();

	while (at < end) {
		const char *nul = memchr(at, 0, (size_t)(end - at));

		json_add_bytes(list, NULL, at, (size_t)((nul ? nul : end) - at));
		at = nul ? nul + 1 : end;
	}
	if (json_write(list, out))
		out->failed = true;
	json_free(list);
}

static int take(void *user, const struct view_cell *cells)
{
	struct taker *taker = user;
	struct sql_rows *rows = taker->rows;
	struct view_cell *row;

	if (make_room(taker))
		return -ENOMEM;
	row = &rows->cells[rows->count * rows->n_columns];
	for (unsigned i = 0; i < rows->n_columns; i++) {
		enum view_type type = taker->view->columns[i].type;

		row[i] = cells[i];
		if (!cells[i].known || (type != VIEW_TEXT && type != VIEW_LIST))
			continue;
		row[i].number = (int64_t)rows->texts.bytes;
		if (type == VIEW_LIST)
			add_list(&rows->texts, &cells[i]);
		else
			escape_utf8(&rows->texts, cells[i].text, cells[i].bytes);
		row[i].bytes = rows->texts.bytes - (size_t)row[i].number;
	}
	rows->count++;
	return rows->texts.failed ? -ENOMEM : 0;
}

static void settle(struct sql_rows *rows, const struct view *view)
{
	for (size_t i = 0; i < rows->count * rows->n_columns; i++) {
		struct view_cell *cell = &rows->cells[i];
		enum view_type type = view->columns[i % rows->n_columns].type;

		if (cell->known && (type == VIEW_TEXT || type == VIEW_LIST))
			cell->text = cell->bytes ? rows->texts.data + cell->number : "";
	}
}

int sql_rows_new(const struct view *view, const struct view_query *query, struct sql_rows **ret)
{
	CLEANUP(cleanup_rows) struct sql_rows *rows = calloc(1, sizeof(*rows));
	struct taker taker = {.view = view, .rows = rows};
	int err;

	if (!rows)
		return -ENOMEM;
	rows->n_columns = view->n_columns;
	err = view_each(view, query, take, &taker);
	if (err)
		return err;
	settle(rows, view);
	*ret = TAKE_PTR(rows);
	return 0;
}

void sql_rows_free(struct sql_rows *rows)
{
	if (!rows)
		return;
	free(rows->cells);
	buf_done(&rows->texts);
	free(rows);
}
