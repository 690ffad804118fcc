/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the page shows of view/: a table of names.  Rows are arrays of cells, null where nothing is
 * known; a view with more rows than the page takes says how many there are.
 */
#include "report/tables.h"

#include <errno.h>

#include "common/cleanup.h"
#include "view/view.h"

#define TABLE_ROWS_MAX 500

/* In the order in which the page shows them. */
static const char *const shown[] = {"deps", "tcp", "dns", "bind", "file", "mount"};

static const char *const type_names[] = {
	[VIEW_TEXT] = "text",	 [VIEW_LIST] = "list",	 [VIEW_INT] = "int",
	[VIEW_BOOL] = "bool",	 [VIEW_BYTES] = "bytes", [VIEW_DURATION_NS] = "duration",
	[VIEW_TIME_NS] = "time",
};

struct table_rows {
	const struct view *view;
	struct block *block;
	struct json *row;
	size_t count;
};

/* Texts with a NUL behind each. */
static void add_list(struct json *to, const struct view_cell *cell)
{
	json_open_array(to, NULL);
	for (size_t at = 0; at < cell->bytes;) {
		size_t bytes = strnlen(cell->text + at, cell->bytes - at);

		json_add_bytes(to, NULL, cell->text + at, bytes);
		at += bytes + 1;
	}
	json_close(to);
}

static void add_cell(struct json *to, enum view_type type, const struct view_cell *cell)
{
	if (!cell->known)
		json_add_null(to, NULL);
	else if (type == VIEW_TEXT)
		json_add_bytes(to, NULL, cell->text, cell->bytes);
	else if (type == VIEW_LIST)
		add_list(to, cell);
	else if (type == VIEW_BOOL)
		json_add_bool(to, NULL, cell->number);
	else
		json_add_int(to, NULL, cell->number);
}

static int put_row(void *user, const struct view_cell *cells)
{
	struct table_rows *rows = user;

	if (rows->count++ >= TABLE_ROWS_MAX)
		return 0;
	json_clear(rows->row);
	for (unsigned i = 0; i < rows->view->n_columns; i++)
		add_cell(rows->row, rows->view->columns[i].type, &cells[i]);
	block_text(rows->block, rows->count > 1 ? ",\n" : "\n");
	block_json(rows->block, rows->row);
	return rows->block->err;
}

static void put_head(const struct view *view, struct block *block)
{
	struct json *head = json_new_object();

	json_add_text(head, "name", view->name);
	json_add_text(head, "help", view->help);
	json_open_array(head, "columns");
	for (unsigned i = 0; i < view->n_columns; i++) {
		const struct view_column *column = &view->columns[i];

		json_open_object(head, NULL);
		json_add_text(head, "name", column->name);
		json_add_text(head, "title", column->title);
		json_add_text(head, "type", type_names[column->type]);
		json_add_bool(head, "right", column->right);
		json_add_bool(head, "wide", column->wide);
		json_close(head);
	}
	json_close(head);
	block_json(block, head);
	json_free(head);
}

static int put_view(const struct view *view, const struct view_query *query, struct block *block)
{
	struct table_rows rows = {.view = view, .block = block, .row = json_new_array()};
	int err;

	block_text(block, "{\"head\":");
	put_head(view, block);
	block_text(block, ",\"rows\":[");
	err = view_each(view, query, put_row, &rows);
	buf_printf(&block->text, "],\"count\":%zu}", rows.count);
	json_free(rows.row);
	return err;
}

int tables_put(const struct report *report, const struct timeline *timeline, struct block *block)
{
	const struct view_query query = {
		.timeline = timeline,
		.arch = report->arch,
		.hide_setup = !report->setup,
	};
	const char *separator = "\n";
	int err = 0;

	block_text(block, ",\n\"views\":[");
	for (size_t i = 0; !err && i < ARRAY_SIZE(shown); i++) {
		const struct view *view = view_find(shown[i]);

		if (!view)
			continue;
		block_text(block, separator);
		err = put_view(view, &query, block);
		separator = ",\n";
	}
	block_text(block, "]");
	return err ? err : block->err;
}
