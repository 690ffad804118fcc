/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One module for all tables.  A cursor goes through the dumps that the query means, one after the
 * other; within a dump, through the entries of the tape or the rows of a view.
 */
#include "sql/module.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "sql/events.h"
#include "sql/plan.h"

struct table {
	size_t index; /* in the list of tables */
	struct sql_table what;
	unsigned n_columns; /* own ones */
	struct sql_dumps *dumps;
	sqlite3 *sqlite;
};

struct vtab {
	sqlite3_vtab base; /* must stay first */
	struct table *table;
};

struct cursor {
	sqlite3_vtab_cursor base; /* must stay first */
	struct plan plan;
	int number; /* of the plan */
	char *file; /* the one that is named; owned */
	size_t next_path;
	struct sql_dump *dump;	     /* NULL: behind the last */
	const struct sql_rows *rows; /* of a view */
	size_t row;		     /* of them, or of the tape */
	struct sql_events events;
};

static struct table *table_of(const struct cursor *cursor)
{
	return ((struct vtab *)cursor->base.pVtab)->table;
}

/* ---- tables ------------------------------------------------------------------------------- */

static void add_columns(sqlite3_str *sql, const struct sql_table *table)
{
	struct sql_column column;

	sqlite3_str_appendall(sql, "CREATE TABLE x(dump TEXT");
	for (unsigned i = 0; sql_column_at(table, i, &column); i++) {
		bool is_text = column.type == VIEW_TEXT || column.type == VIEW_LIST;

		sqlite3_str_appendf(sql, ", \"%w\" %s", column.name, is_text ? "TEXT" : "INTEGER");
	}
	sqlite3_str_appendall(sql, ", file HIDDEN)");
}

static int x_connect(sqlite3 *sqlite, void *context, int argc, const char *const *argv,
		     sqlite3_vtab **ret, char **ret_why)
{
	struct table *table = context;
	sqlite3_str *sql = sqlite3_str_new(sqlite);
	struct vtab *vtab;
	char *text;
	int code;

	add_columns(sql, &table->what);
	text = sqlite3_str_finish(sql);
	if (!text)
		return SQLITE_NOMEM;
	code = sqlite3_declare_vtab(sqlite, text);
	sqlite3_free(text);
	/* What a database file says must not make its reader open other files. */
	if (code == SQLITE_OK)
		code = sqlite3_vtab_config(sqlite, SQLITE_VTAB_DIRECTONLY);
	if (code != SQLITE_OK)
		return code;
	vtab = calloc(1, sizeof(*vtab));
	if (!vtab)
		return SQLITE_NOMEM;
	vtab->table = table;
	*ret = &vtab->base;
	return SQLITE_OK;
}

static int x_disconnect(sqlite3_vtab *base)
{
	free(base);
	return SQLITE_OK;
}

static int x_best_index(sqlite3_vtab *base, sqlite3_index_info *info)
{
	return plan_make(&((struct vtab *)base)->table->what, info);
}

/* ---- cursors ------------------------------------------------------------------------------ */

static int x_open(sqlite3_vtab *base, sqlite3_vtab_cursor **ret)
{
	struct cursor *cursor = calloc(1, sizeof(*cursor));

	if (!cursor)
		return SQLITE_NOMEM;
	*ret = &cursor->base;
	return SQLITE_OK;
}

static void leave_dump(struct cursor *cursor)
{
	sql_events_done(&cursor->events);
	sql_dump_give(table_of(cursor)->dumps, cursor->dump);
	cursor->dump = NULL;
	cursor->rows = NULL;
}

static int x_close(sqlite3_vtab_cursor *base)
{
	struct cursor *cursor = (struct cursor *)base;

	leave_dump(cursor);
	free(cursor->file);
	free(cursor);
	return SQLITE_OK;
}

static int fail(const struct cursor *cursor, int err, const char *path, const char *why)
{
	if (err == -ENOMEM)
		return SQLITE_NOMEM;
	sqlite3_free(cursor->base.pVtab->zErrMsg);
	cursor->base.pVtab->zErrMsg = sqlite3_mprintf("%s %s", path, why);
	return SQLITE_ERROR;
}

/* Of those that the query means; NULL behind the last. */
static const char *path_at(const struct cursor *cursor, size_t index)
{
	const struct table *table = table_of(cursor);
	const char *main_file;

	if (cursor->file)
		return index ? NULL : cursor->file;
	if (table->dumps->paths)
		return index < table->dumps->count ? table->dumps->paths[index] : NULL;
	main_file = sqlite3_db_filename(table->sqlite, "main");
	return index || !main_file || !main_file[0] ? NULL : main_file;
}

/* The header tells what times mean. 0, or -errno with *ret_why filled. */
static int read_bounds(const struct cursor *cursor, const char *path, struct plan_bounds *ret,
		       struct dump_fault *ret_why)
{
	struct dump *header = NULL;
	int err = dump_open_header(path, &header, ret_why);

	if (err)
		return err;
	*ret = plan_bounds(&cursor->plan, dump_snapshot(header));
	dump_free(header);
	return 0;
}

static int enter_events(struct cursor *cursor, const char *path, struct dump_fault *why)
{
	bool is_part = plan_is_part(&cursor->plan, cursor->number);
	struct sql_dumps *dumps = table_of(cursor)->dumps;
	struct plan_bounds bounds;
	int err = 0;

	if (is_part)
		err = read_bounds(cursor, path, &bounds, why);
	if (!err)
		err = sql_dump_take(dumps, path, is_part ? &bounds.part : NULL, &cursor->dump, why);
	if (err)
		return err;
	bounds = plan_bounds(&cursor->plan, dump_snapshot(cursor->dump->dump));
	return sql_events_init(&cursor->events, cursor->dump, &bounds,
			       cursor->number & PLAN_OBJECTS);
}

static int enter_rows(struct cursor *cursor, const char *path, struct dump_fault *why)
{
	const struct table *table = table_of(cursor);
	int err = sql_dump_take(table->dumps, path, NULL, &cursor->dump, why);

	if (err)
		return err;
	cursor->row = 0;
	return sql_dump_rows(cursor->dump, table->index, table->what.view, &cursor->rows);
}

static bool has_row(const struct cursor *cursor)
{
	return cursor->rows ? cursor->row < cursor->rows->count : sql_events_has(&cursor->events);
}

/* To the first row of the next dump that has one. */
static int enter_next(struct cursor *cursor)
{
	struct dump_fault why = {"out of memory"};
	const char *path;

	while ((path = path_at(cursor, cursor->next_path))) {
		int err;

		cursor->next_path++;
		leave_dump(cursor);
		err = table_of(cursor)->what.view ? enter_rows(cursor, path, &why)
						  : enter_events(cursor, path, &why);
		if (err)
			return fail(cursor, err, path, why.text);
		if (has_row(cursor))
			return SQLITE_OK;
	}
	leave_dump(cursor);
	return SQLITE_OK;
}

/* Which dumps the query means, or what is to be done. */
static int choose(struct cursor *cursor, const char *file)
{
	const struct table *table = table_of(cursor);

	free(cursor->file);
	cursor->file = NULL;
	if (file && table->dumps->paths)
		return fail(cursor, -EPERM, "a file",
			    "cannot be named here: the command line does");
	if (file) {
		cursor->file = strdup(file);
		return cursor->file ? SQLITE_OK : SQLITE_NOMEM;
	}
	if (path_at(cursor, 0) || table->dumps->paths)
		return SQLITE_OK;
	return fail(
		cursor, -ENOENT, table->what.name,
		"of which dump? Write it as a function of a file, or open the dump as database");
}

static int x_filter(sqlite3_vtab_cursor *base, int number, const char *letters, int count,
		    sqlite3_value **values)
{
	struct cursor *cursor = (struct cursor *)base;
	int code;

	leave_dump(cursor);
	cursor->number = number;
	cursor->next_path = 0;
	plan_read(letters, values, count, &cursor->plan);
	if (cursor->plan.is_empty)
		return SQLITE_OK;
	code = choose(cursor, cursor->plan.file);
	cursor->plan.file = NULL;
	return code == SQLITE_OK ? enter_next(cursor) : code;
}

static int x_next(sqlite3_vtab_cursor *base)
{
	struct cursor *cursor = (struct cursor *)base;

	if (cursor->rows)
		cursor->row++;
	else
		sql_events_next(&cursor->events);
	return has_row(cursor) ? SQLITE_OK : enter_next(cursor);
}

static int x_eof(sqlite3_vtab_cursor *base)
{
	return !((struct cursor *)base)->dump;
}

static int x_rowid(sqlite3_vtab_cursor *base, sqlite3_int64 *ret)
{
	struct cursor *cursor = (struct cursor *)base;
	int64_t row = cursor->rows ? (int64_t)cursor->row : sql_events_id(&cursor->events);

	*ret = (sqlite3_int64)((uint64_t)cursor->next_path << 48 & INT64_MAX) | row;
	return SQLITE_OK;
}

static void put_cell(sqlite3_context *context, const struct view_cell *cell)
{
	if (!cell->known)
		sqlite3_result_null(context);
	else if (cell->text)
		sqlite3_result_text64(context, cell->text, cell->bytes, SQLITE_TRANSIENT,
				      SQLITE_UTF8);
	else
		sqlite3_result_int64(context, cell->number);
}

static int x_column(sqlite3_vtab_cursor *base, sqlite3_context *context, int column)
{
	struct cursor *cursor = (struct cursor *)base;
	unsigned own = (unsigned)column - 1;
	struct view_cell cell;

	if (column == 0) {
		sqlite3_result_text(context, dump_id(cursor->dump->dump), -1, SQLITE_TRANSIENT);
		return SQLITE_OK;
	}
	if (own >= table_of(cursor)->n_columns) {
		sqlite3_result_text(context, cursor->dump->path, -1, SQLITE_TRANSIENT);
		return SQLITE_OK;
	}
	if (cursor->rows)
		cell = cursor->rows->cells[cursor->row * cursor->rows->n_columns + own];
	else if (sql_events_cell(&cursor->events, own, &cell))
		return SQLITE_NOMEM;
	put_cell(context, &cell);
	return SQLITE_OK;
}

static const sqlite3_module module = {
	.iVersion = 0,
	.xConnect = x_connect, /* without xCreate: the table is just there */
	.xBestIndex = x_best_index,
	.xDisconnect = x_disconnect,
	.xOpen = x_open,
	.xClose = x_close,
	.xFilter = x_filter,
	.xNext = x_next,
	.xEof = x_eof,
	.xColumn = x_column,
	.xRowid = x_rowid,
};

/* ---- all of them -------------------------------------------------------------------------- */

static void free_table(void *context)
{
	struct table *table = context;

	sql_dumps_unref(table->dumps);
	free(table);
}

int module_add_all(sqlite3 *sqlite, struct sql_dumps *dumps)
{
	int code = SQLITE_OK;
	struct sql_table what;

	for (size_t i = 0; code == SQLITE_OK && sql_table_at(i, &what); i++) {
		struct table *table = i < SQL_TABLES_MAX ? calloc(1, sizeof(*table)) : NULL;
		struct sql_column column;

		if (!table)
			return SQLITE_NOMEM;
		table->index = i;
		table->what = what;
		table->dumps = dumps;
		table->sqlite = sqlite;
		while (sql_column_at(&what, table->n_columns, &column))
			table->n_columns++;
		sql_dumps_ref(dumps);
		/* Frees the table also when it fails. */
		code = sqlite3_create_module_v2(sqlite, what.name, &module, table, free_table);
	}
	return code;
}
