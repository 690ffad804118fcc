/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Values as text. Names of columns come from whoever wrote the query: in JSON they are escaped, and
 * a name that is used again gets a number.
 */
#include "cli/sql_print.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <unistd.h>

#include "cli/table.h"
#include "common/cleanup.h"
#include "common/escape.h"
#include "common/json.h"
#include "replay/replay.h"

struct sql_print {
	enum sql_format format;
	FILE *out;
	bool to_terminal;
	struct table *table; /* the part that is being filled; NULL between two */
	size_t table_rows;
	struct table_column *columns; /* owned, as their names */
	size_t n_columns;
	struct json *line;
	struct buf text;    /* to be written */
	struct buf scratch; /* a cell */
};

int sql_print_new(enum sql_format format, FILE *out, struct sql_print **ret)
{
	struct sql_print *print = calloc(1, sizeof(*print));

	if (!print)
		return -ENOMEM;
	print->format = format;
	print->out = out;
	print->to_terminal = isatty(fileno(out));
	*ret = print;
	return 0;
}

void sql_print_free(struct sql_print *print)
{
	if (!print)
		return;
	table_free(print->table);
	for (size_t i = 0; i < print->n_columns; i++)
		free((char *)print->columns[i].name);
	free(print->columns);
	json_free(print->line);
	buf_done(&print->text);
	buf_done(&print->scratch);
	free(print);
}

/* ---- values ------------------------------------------------------------------------------- */

/* So that it is a REAL again where it is read: with a point. */
static void add_real(struct buf *out, double real)
{
	char text[40];

	snprintf(text, sizeof(text), "%.15g", real);
	if (strtod(text, NULL) != real)
		snprintf(text, sizeof(text), "%.17g", real);
	buf_add_text(out, text);
	if (!strpbrk(text, ".einE"))
		buf_add_text(out, ".0");
}

/* Numbers, and blobs in digits; a text is given as it is. */
static void add_value(struct buf *out, const struct sql_value *value)
{
	const unsigned char *bytes = value->data;

	if (value->kind == SQL_INT)
		buf_printf(out, "%" PRId64, value->number);
	else if (value->kind == SQL_REAL)
		add_real(out, value->real);
	for (size_t i = 0; value->kind == SQL_BLOB && i < value->bytes; i++)
		buf_printf(out, "%02x", bytes[i]);
}

static struct buf *scratch(struct sql_print *print)
{
	buf_clear(&print->scratch);
	return &print->scratch;
}

/* ---- JSON --------------------------------------------------------------------------------- */

/* The name between the quotes of JSON; the caller's. */
static char *json_name(struct sql_print *print, const char *name)
{
	struct json *array = json_new_array();
	struct buf *text = scratch(print);
	int err;

	json_add_text(array, NULL, name);
	err = json_write(array, text);
	json_free(array);
	return err ? NULL : strndup(text->data + 2, text->bytes - 4);
}

static bool is_taken(const struct sql_print *print, const char *name)
{
	if (!strcmp(name, "schema"))
		return true;
	for (size_t i = 0; i < print->n_columns; i++) {
		if (!strcmp(print->columns[i].name, name))
			return true;
	}
	return false;
}

static char *unique_name(struct sql_print *print, const char *given)
{
	AUTO_FREE char *name = json_name(print, given);
	char *numbered = NULL;

	if (!name || !is_taken(print, name))
		return TAKE_PTR(name);
	for (unsigned number = 2;; number++) {
		free(numbered);
		if (asprintf(&numbered, "%s_%u", name, number) < 0)
			return NULL;
		if (!is_taken(print, numbered))
			return numbered;
	}
}

static void add_json_real(struct sql_print *print, const char *name, double real)
{
	struct json *number = NULL;
	struct buf *text = scratch(print);

	add_real(text, real);
	/* There are no infinities in JSON. */
	if (!isfinite(real) || json_parse(text->data, text->bytes, &number))
		json_add_null(print->line, name);
	else
		json_add(print->line, name, number);
}

static void add_json(struct sql_print *print, const char *name, const struct sql_value *value)
{
	struct buf *text;

	switch (value->kind) {
	case SQL_NULL:
		json_add_null(print->line, name);
		return;
	case SQL_INT:
		json_add_int(print->line, name, value->number);
		return;
	case SQL_REAL:
		add_json_real(print, name, value->real);
		return;
	case SQL_TEXT:
		json_add_bytes(print->line, name, value->data, value->bytes);
		return;
	case SQL_BLOB:
		text = scratch(print);
		add_value(text, value);
		json_add_bytes(print->line, name, text->data, text->bytes);
		return;
	}
}

static void put_json(struct sql_print *print, const struct sql_value *values)
{
	json_clear(print->line);
	json_add_int(print->line, "schema", 1);
	for (size_t i = 0; i < print->n_columns; i++)
		add_json(print, print->columns[i].name, &values[i]);
	if (json_write(print->line, &print->text))
		print->text.failed = true;
	buf_add_char(&print->text, '\n');
}

/* ---- CSV and tables ----------------------------------------------------------------------- */

static void put_csv(struct sql_print *print, const struct sql_value *values)
{
	for (size_t i = 0; i < print->n_columns; i++) {
		if (i)
			buf_add_char(&print->text, ',');
		if (values[i].kind == SQL_TEXT)
			escape_csv(&print->text, values[i].data, values[i].bytes,
				   print->to_terminal);
		else
			add_value(&print->text, &values[i]);
	}
	/* A terminal would act upon a CR. */
	buf_add_text(&print->text, print->to_terminal ? "\n" : "\r\n");
}

static void put_csv_names(struct sql_print *print)
{
	for (size_t i = 0; i < print->n_columns; i++) {
		const char *name = print->columns[i].name;

		if (i)
			buf_add_char(&print->text, ',');
		escape_csv(&print->text, name, strlen(name), print->to_terminal);
	}
	/* A terminal would act upon a CR. */
	buf_add_text(&print->text, print->to_terminal ? "\n" : "\r\n");
}

/* Prints the part of the table that is there. */
static int put_table(struct sql_print *print)
{
	int err = print->table ? table_print(print->table, print->out) : 0;

	table_free(print->table);
	print->table = NULL;
	print->table_rows = 0;
	return err;
}

/* Cells lie one after the other, each with its NUL, so they are found again when all are there. */
static int put_cells(struct sql_print *print, const struct sql_value *values)
{
	AUTO_FREE const char **cells = calloc(print->n_columns + 1, sizeof(*cells));
	AUTO_FREE size_t *at = calloc(print->n_columns + 1, sizeof(*at));
	struct buf *text = scratch(print);

	if (!cells || !at)
		return -ENOMEM;
	if (!print->table && table_new(print->columns, print->n_columns, &print->table))
		return -ENOMEM;
	for (size_t i = 0; i < print->n_columns; i++) {
		at[i] = text->bytes;
		if (values[i].kind == SQL_TEXT)
			escape_utf8(text, values[i].data, values[i].bytes);
		else
			add_value(text, &values[i]);
		buf_add_char(text, '\0');
	}
	if (text->failed)
		return -ENOMEM;
	for (size_t i = 0; i < print->n_columns; i++)
		cells[i] = values[i].kind == SQL_NULL ? NULL : text->data + at[i];
	table_add(print->table, cells);
	return ++print->table_rows < TABLE_PART_ROWS ? 0 : put_table(print);
}

/* A head of the table, which takes it as it is. */
static char *head_name(struct sql_print *print, const char *name)
{
	struct buf *text = scratch(print);

	escape_name_text(text, name);
	return buf_text(text) ? strdup(buf_text(text)) : NULL;
}

static char *column_name(struct sql_print *print, const char *given)
{
	switch (print->format) {
	case SQL_FORMAT_JSON:
		return unique_name(print, given);
	case SQL_FORMAT_TABLE:
		return head_name(print, given);
	default:
		return strdup(given);
	}
}

/* ---- the whole ---------------------------------------------------------------------------- */

int sql_print_begin(struct sql_print *print, size_t columns, const char *const *names)
{
	print->columns = calloc(columns + 1, sizeof(*print->columns));
	if (!print->columns)
		return -ENOMEM;
	for (size_t i = 0; i < columns; i++) {
		char *name = column_name(print, names[i]);

		if (!name)
			return -ENOMEM;
		print->columns[print->n_columns++].name = name;
	}
	if (print->format == SQL_FORMAT_CSV)
		put_csv_names(print);
	if (print->format == SQL_FORMAT_JSON)
		print->line = json_new_object();
	return print->format == SQL_FORMAT_TABLE ? table_new(print->columns, columns, &print->table)
						 : 0;
}

int sql_print_row(struct sql_print *print, size_t columns, const struct sql_value *values)
{
	if (print->format == SQL_FORMAT_TABLE)
		return put_cells(print, values);
	if (print->format == SQL_FORMAT_CSV)
		put_csv(print, values);
	else
		put_json(print, values);
	return print->text.bytes < REPLAY_FLUSH_BYTES ? 0 : replay_write(&print->text, print->out);
}

int sql_print_end(struct sql_print *print)
{
	int err = print->format == SQL_FORMAT_TABLE ? put_table(print)
						    : replay_write(&print->text, print->out);

	errno = 0;
	if (!err && fflush(print->out))
		err = errno ? -errno : -EIO;
	return err;
}
