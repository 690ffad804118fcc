/* SPDX-License-Identifier: Apache-2.0 */
/*
 * View -> lines.  A table is printed in parts of so many rows, so that memory stays bounded; each
 * part finds its own widths.
 */
#include "cli/view_print.h"

#include <errno.h>
#include <string.h>

#include "cli/table.h"
#include "cli/text.h"
#include "common/buf.h"
#include "common/cleanup.h"
#include "common/escape.h"
#include "common/json.h"
#include "replay/number.h"
#include "replay/replay.h"
#include "view/row_json.h"

struct printer {
	const struct view *view;
	const struct view_print_options *options;
	FILE *out;
	int64_t zero_ns;
	int flags_column, depth_column; /* -1: the view has none */
	struct view_print_counts counts;
	/* Table: the columns that are shown, and the part in the making. */
	struct table_column columns[VIEW_COLUMNS_MAX];
	unsigned shown[VIEW_COLUMNS_MAX];
	unsigned n_shown;
	struct table *table;
	size_t table_rows;
	struct buf text; /* of the row's cells, one behind the other, each with its NUL */
	struct json *line;
};

/* ---- cells as people read them --------------------------------------------------------------- */

/* Apart by spaces; one that has some within, or is empty, in quotes. */
static void list_text(struct buf *out, const struct view_cell *cell)
{
	const char *at = cell->text, *end = at + cell->bytes;

	while (at < end) {
		size_t bytes = strnlen(at, (size_t)(end - at));
		bool quoted = !bytes || memchr(at, ' ', bytes);

		if (at > cell->text)
			buf_add_char(out, ' ');
		if (quoted)
			buf_add_char(out, '"');
		buf_add(out, at, bytes);
		if (quoted)
			buf_add_char(out, '"');
		at += bytes + 1;
	}
}

static void cell_text(const struct printer *printer, const struct view_column *column,
		      const struct view_cell *cell, struct buf *out)
{
	struct text size;

	switch (column->type) {
	case VIEW_TEXT:
		buf_add(out, cell->text, cell->bytes);
		return;
	case VIEW_LIST:
		list_text(out, cell);
		return;
	case VIEW_INT:
		number_signed(out, cell->number);
		return;
	case VIEW_BOOL:
		buf_add_text(out, cell->number ? "yes" : "no");
		return;
	case VIEW_BYTES:
		buf_add_text(out, text_size(&size, (uint64_t)cell->number));
		return;
	case VIEW_DURATION_NS:
		number_duration(out, (uint64_t)cell->number);
		return;
	case VIEW_TIME_NS:
		number_seconds(out, (int64_t)((uint64_t)cell->number - (uint64_t)printer->zero_ns));
		return;
	}
}

static void indent(const struct printer *printer, const struct view_cell *cells, struct buf *out)
{
	const struct view_cell *depth =
		printer->depth_column < 0 ? NULL : &cells[printer->depth_column];

	for (int64_t i = 0; depth && depth->known && i < depth->number && i < 40; i++)
		buf_add(out, "  ", 2);
}

/* ---- a table --------------------------------------------------------------------------------- */

static void choose_columns(struct printer *printer)
{
	bool wide = printer->options->format == VIEW_FORMAT_WIDE;

	for (unsigned i = 0; i < printer->view->n_columns; i++) {
		const struct view_column *column = &printer->view->columns[i];

		if (column->wide && !wide)
			continue;
		printer->columns[printer->n_shown] = (struct table_column){
			.name = column->title, .right = column->right, .escaped = column->escaped};
		printer->shown[printer->n_shown++] = i;
	}
}

static int print_part(struct printer *printer)
{
	int err = 0;

	if (printer->table)
		err = table_print(printer->table, printer->out);
	table_free(printer->table);
	printer->table = NULL;
	printer->table_rows = 0;
	return err;
}

static int add_to_table(struct printer *printer, const struct view_cell *cells)
{
	const char *texts[VIEW_COLUMNS_MAX] = {0};
	size_t offsets[VIEW_COLUMNS_MAX];
	struct buf *text = &printer->text;

	if (!printer->table && table_new(printer->columns, printer->n_shown, &printer->table))
		return -ENOMEM;
	buf_clear(text);
	for (unsigned i = 0; i < printer->n_shown; i++) {
		const struct view_column *column = &printer->view->columns[printer->shown[i]];
		const struct view_cell *cell = &cells[printer->shown[i]];
		size_t start = text->bytes;

		offsets[i] = start;
		if (column->indented)
			indent(printer, cells, text);
		if (cell->known)
			cell_text(printer, column, cell, text);
		else
			buf_add_char(text, '-');
		buf_add_char(text, '\0');
	}
	if (text->failed)
		return -ENOMEM;
	for (unsigned i = 0; i < printer->n_shown; i++)
		texts[i] = text->data + offsets[i];
	table_add(printer->table, texts);
	return ++printer->table_rows < TABLE_PART_ROWS ? 0 : print_part(printer);
}

/* ---- JSON and DOT ---------------------------------------------------------------------------- */

static int add_json(struct printer *printer, const struct view_cell *cells)
{
	struct json *line = printer->line;

	if (!line)
		line = printer->line = json_new_object();
	else
		json_clear(line);
	json_add_int(line, "schema", 1);
	json_add_text(line, "id", printer->options->dump_id);
	json_add_text(line, "view", printer->view->name);
	row_json(line, printer->view, cells, printer->zero_ns);
	if (json_write(line, &printer->text))
		return -ENOMEM;
	buf_add_char(&printer->text, '\n');
	return printer->text.bytes >= REPLAY_FLUSH_BYTES
		       ? replay_write(&printer->text, printer->out)
		       : 0;
}

static void dot_string(const struct printer *printer, unsigned column,
		       const struct view_cell *cells, struct buf *out)
{
	struct buf text = {0};

	if (cells[column].known)
		cell_text(printer, &printer->view->columns[column], &cells[column], &text);
	else
		buf_add_char(&text, '?');
	buf_add_char(out, '"');
	escape_quoted(out, text.data, text.bytes);
	buf_add_char(out, '"');
	out->failed |= text.failed;
	buf_done(&text);
}

static int add_edge(struct printer *printer, const struct view_cell *cells)
{
	struct buf *text = &printer->text;

	buf_add_char(text, '\t');
	dot_string(printer, printer->view->from, cells, text);
	buf_add_text(text, " -> ");
	dot_string(printer, printer->view->to, cells, text);
	buf_add_text(text, " [label=");
	dot_string(printer, printer->view->label, cells, text);
	buf_add_text(text, "];\n");
	return text->failed ? -ENOMEM : 0;
}

/* ---- all rows -------------------------------------------------------------------------------- */

/* "a|b" has a name out of "b,c". */
static bool has_flag(const struct view_cell *cell, const char *wanted)
{
	const char *end = cell->text + cell->bytes;

	if (!cell->known)
		return false;
	for (const char *name = wanted; *name; name += strspn(name, ",")) {
		size_t bytes = strcspn(name, ",");

		for (const char *at = cell->text; at && at < end;) {
			const char *bar = memchr(at, '|', (size_t)(end - at));
			size_t here = (size_t)((bar ? bar : end) - at);

			if (bytes && here == bytes && !memcmp(at, name, bytes))
				return true;
			at = bar ? bar + 1 : NULL;
		}
		name += bytes;
	}
	return false;
}

static int take_row(void *user, const struct view_cell *cells)
{
	struct printer *printer = user;
	const struct view_print_options *options = printer->options;

	if (options->flags && !has_flag(&cells[printer->flags_column], options->flags))
		return 0;
	printer->counts.rows++;
	if (options->rows_max && printer->counts.shown == options->rows_max)
		return 0;
	printer->counts.shown++;
	if (options->format == VIEW_FORMAT_JSON)
		return add_json(printer, cells);
	if (options->format == VIEW_FORMAT_DOT)
		return add_edge(printer, cells);
	return add_to_table(printer, cells);
}

static int print_all(struct printer *printer, const struct view_query *query)
{
	bool is_dot = printer->options->format == VIEW_FORMAT_DOT;
	int err;

	if (is_dot)
		buf_add_text(&printer->text, "digraph igrec {\n\trankdir=LR;\n");
	err = view_each(printer->view, query, take_row, printer);
	if (is_dot)
		buf_add_text(&printer->text, "}\n");
	if (!err && printer->table)
		err = print_part(printer);
	else if (!err && (is_dot || printer->options->format == VIEW_FORMAT_JSON))
		err = replay_write(&printer->text, printer->out);
	errno = 0;
	if (!err && fflush(printer->out))
		err = errno ? -errno : -EIO;
	return err;
}

int view_print(const struct view *view, const struct view_query *query,
	       const struct view_print_options *options, FILE *out, struct view_print_counts *ret)
{
	struct printer printer = {
		.view = view,
		.options = options,
		.out = out,
		.zero_ns = view_zero_ns(query->timeline),
		.flags_column = view_column_find(view, "flags"),
		.depth_column = view_column_find(view, "depth"),
	};
	int err;

	choose_columns(&printer);
	err = print_all(&printer, query);
	*ret = printer.counts;
	table_free(printer.table);
	buf_done(&printer.text);
	json_free(printer.line);
	return err;
}
